//! Inheritance is counted where a class or interface names what it extends.

use crate::small_project::SmallProject;
use codestrata_link_quality::{Found, LabelFigures};

#[test]
fn bases_are_counted_and_what_else_stands_beside_them_is_not() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "class «scip-python python shop 1 shop/Meta#»Meta: ...\n\
             class «scip-python python shop 1 shop/Base#»Base: ...\n\
             class User(‹scip-python python shop 1 shop/Base#›Base, metaclass=‹scip-python python shop 1 shop/Meta#›Meta): ...\n",
        )
        .measure();
    assert_eq!(figures.inheritance.definitions, Found { places: 1, bound: 1, among_candidates: 0 });
    let exact = LabelFigures { right: 1, ..LabelFigures::default() };
    assert_eq!(figures.inheritance.labels["exact"], exact);
}

#[test]
fn classes_and_interfaces_of_typescript_have_bases_of_three_kinds() {
    let base = |name: &str| format!("scip-typescript npm shop 1 `shop.ts`/{name}#");
    let figures = SmallProject::new()
        .file(
            "shop.ts",
            &format!(
                "class «{0}»A<T> {{}}\ninterface «{1}»I {{}}\ninterface «{2}»J extends ‹{1}›I {{}}\n\
                 class C extends ‹{0}›A<number> implements ‹{1}›I, ‹{2}›J {{}}\n",
                base("A"),
                base("I"),
                base("J"),
            ),
        )
        .measure();
    assert_eq!(figures.inheritance.definitions, Found { places: 4, bound: 4, among_candidates: 0 });
}
