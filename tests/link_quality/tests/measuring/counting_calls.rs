//! Each rule of counting calls, on trees in which the right figures are known.

use crate::small_project::SmallProject;
use codestrata_link_quality::{Found, LabelFigures};

const fn label(right: u64, wrong: u64, unverifiable: u64, contradicted: u64) -> LabelFigures {
    LabelFigures { right, wrong, unverifiable, contradicted }
}

const fn found(places: u64, bound: u64, among_candidates: u64) -> Found {
    Found { places, bound, among_candidates }
}

#[test]
fn a_link_to_what_the_truth_names_is_right_and_found() {
    let figures = SmallProject::new()
        .file("shop.py", "def «scip-python python shop 1 shop/order().»order(): ...\n")
        .file("app.py", "from shop import order\n\n‹scip-python python shop 1 shop/order().›order()\n")
        .measure();
    assert_eq!(figures.calls.labels["import"], label(1, 0, 0, 0));
    assert_eq!(figures.calls.definitions, found(1, 1, 0));
    assert_eq!(figures.files, 2);
}

#[test]
fn a_link_into_the_tree_is_wrong_where_the_truth_leads_out_of_it() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "class User:\n    def «scip-python python shop 1 shop/User#attend().»attend(self): ...\n",
        )
        .file("app.py", "def f(a):\n    a.‹scip-python python stdlib 3 thread/Thread#attend().›attend()\n")
        .measure();
    assert_eq!(figures.calls.labels["unique-name"], label(0, 1, 0, 0));
    assert_eq!(figures.calls.all(), found(0, 0, 0));
    assert_eq!(figures.calls.elsewhere, 1);
}

#[test]
fn a_link_to_another_definition_is_wrong_and_the_call_is_missed() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "class User:\n    def «scip-python python shop 1 shop/User#attend().»attend(self): ...\n",
        )
        .file("team.py", "class Team:\n    «scip-python python shop 1 team/Team#attend.»attend = max\n")
        .file("app.py", "def f(a):\n    a.‹scip-python python shop 1 team/Team#attend.›attend()\n")
        .measure();
    assert_eq!(figures.calls.labels["unique-name"], label(0, 1, 0, 0));
    assert_eq!(figures.calls.definitions, found(0, 0, 0));
    assert_eq!(figures.calls.values, found(1, 0, 0));
}

#[test]
fn a_link_where_the_truth_is_silent_is_unverifiable() {
    let figures = SmallProject::new()
        .file("shop.py", "def «scip-python python shop 1 shop/order().»order(): ...\n\norder()\n")
        .measure();
    assert_eq!(figures.calls.labels["exact"], label(0, 0, 1, 0));
    assert_eq!(figures.calls.definitions, found(0, 0, 0));
    assert_eq!(figures.calls.silent, 1);
}

#[test]
fn a_call_without_a_link_is_missed() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "class User:\n    def «scip-python python shop 1 shop/User#join().»join(self): ...\n",
        )
        .file(
            "team.py",
            "class Team:\n    def «scip-python python shop 1 team/Team#join().»join(self): ...\n",
        )
        .file("app.py", "def f(a):\n    a.‹scip-python python shop 1 team/Team#join().›join()\n")
        .measure();
    assert_eq!(figures.calls.definitions, found(1, 0, 1), "an ambiguous answer is counted apart");
}

#[test]
fn a_class_and_what_is_run_to_make_an_object_of_it_are_one_target() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "class Shop:\n    def «scip-python python shop 1 shop/Shop#__init__().»__init__(self): ...\n\n\
             ‹scip-python python shop 1 shop/Shop#__init__().›Shop()\n",
        )
        .file(
            "user.ts",
            "class User {\n  «scip-typescript npm shop 1 `user.ts`/User#`<constructor>`().»constructor() {}\n}\n\
             new ‹scip-typescript npm shop 1 `user.ts`/User#`<constructor>`().›User()\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["exact"], label(2, 0, 0, 0));
    assert_eq!(figures.calls.definitions, found(2, 2, 0));
}

#[test]
fn definitions_of_one_name_in_one_file_are_one_target() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "def «scip-python python shop 1 shop/order().»order(): ...\n\ndef order(): ...\n\n\
             ‹scip-python python shop 1 shop/order().›order()\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0));
}

#[test]
fn what_is_said_of_builtins_tells_nothing() {
    let figures = SmallProject::new()
        .file("shop.py", "def «scip-python python shop 1 shop/order().»order(): ...\n")
        .file(
            "app.py",
            "from shop import order\n\n‹scip-python python python-stdlib 3.11 builtins/order().›order()\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["import"], label(0, 0, 1, 0));
    assert_eq!((figures.calls.silent, figures.calls.elsewhere), (1, 0));
}

#[test]
fn a_symbol_of_the_tree_that_is_nowhere_in_it_is_a_contradiction() {
    let figures = SmallProject::new()
        .file(
            "shop.py",
            "def «scip-python python shop 1 shop/order().»order(): ...\ndef filter(): ...\n\n\
             ‹scip-python python shop 1 shop/filter().›filter()\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["exact"], label(0, 0, 0, 1));
    assert_eq!(figures.calls.contradictions, 1);
}

#[test]
fn a_symbol_of_another_name_is_a_contradiction_unless_the_tree_renames() {
    let shop = "def «scip-python python shop 1 shop/order().»order(): ...\ndef buy(): ...\n";
    let call = "‹scip-python python shop 1 shop/order().›buy()\n";
    let figures = SmallProject::new()
        .file("shop.py", shop)
        .file("app.py", &format!("from shop import buy\n\n{call}"))
        .measure();
    assert_eq!(figures.calls.labels["import"], label(0, 0, 0, 1));
    assert_eq!(figures.calls.definitions, found(0, 0, 0));

    let figures = SmallProject::new()
        .file("shop.py", shop)
        .file("app.py", &format!("from shop import order as buy\n\n{call}"))
        .measure();
    assert_eq!(figures.calls.labels["import"], label(1, 0, 0, 0));
}

#[test]
fn functions_inside_of_functions_count_and_parameters_do_not() {
    let figures = SmallProject::new()
        .file(
            "app.ts",
            "function outer(«local 1»done: () => void) {\n  function «local 2»inner() {}\n  ‹local 2›inner()\n  \
             ‹local 1›done()\n}\n",
        )
        .measure();
    assert_eq!(figures.calls.definitions, found(1, 1, 0));
    assert_eq!(figures.calls.elsewhere, 1);
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0));
}

#[test]
fn a_local_variable_is_not_taken_for_the_function_around_it() {
    let figures = SmallProject::new()
        .file(
            "app.ts",
            "function «scip-typescript npm app 1 `app.ts`/run().»run(f: any) {\n  let «local 1»run = f\n  ‹local 1›run()\n}\n",
        )
        .measure();
    assert_eq!(figures.calls.definitions, found(0, 0, 0));
    assert_eq!(figures.calls.elsewhere, 1);
}

#[test]
fn the_name_of_an_export_without_a_definition_tells_nothing() {
    let figures = SmallProject::new()
        .file(
            "effect.ts",
            "function «scip-typescript npm app 1 `effect.ts`/catch_().»catch_() {}\nexport { catch_ as catch }\n",
        )
        .file("app.ts", "import * as Effect from './effect'\nEffect.‹local 7›catch()\n")
        .measure();
    assert_eq!(figures.calls.labels["import"], label(0, 0, 1, 0));
}

#[test]
fn what_declare_global_adds_to_is_not_of_the_tree() {
    let figures = SmallProject::new()
        .file(
            "errors.ts",
            "declare global {\n  interface «scip-typescript npm app 1 `errors.ts`/global/Error#»Error { code: number }\n}\n\
             export const e = new ‹scip-typescript npm app 1 `errors.ts`/global/Error#›Error('x')\n",
        )
        .measure();
    assert_eq!(figures.calls.all(), found(0, 0, 0));
    assert_eq!(figures.calls.elsewhere, 1);
}

#[test]
fn columns_are_counted_in_utf_16_unless_the_index_says_otherwise() {
    let figures = SmallProject::new()
        .file(
            "app.py",
            "def «scip-python python app 1 app/f().»f(x): ...\n\nx = '\u{1f980}é'; ‹scip-python python app 1 app/f().›f(1)\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0));
}

#[test]
fn what_is_known_to_its_function_only_is_right_where_the_graph_has_its_node_and_is_not_found() {
    let text = "def main():\n    class Local:\n        «local 1»run = max\n        def go(self):\n            self.‹local 1›run()\n";
    let figures = SmallProject::new().file("shop.py", text).measure();
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0));
    assert_eq!(figures.calls.all(), found(0, 0, 0));
}

#[test]
fn a_link_to_another_thing_than_the_local_one_is_wrong() {
    let text = "run = lambda «local 1»run: run\n\n‹local 1›run()\n";
    let figures = SmallProject::new().file("shop.py", text).measure();
    assert_eq!(figures.calls.labels["exact"], label(0, 1, 0, 0));
}

#[test]
fn the_parameter_of_a_class_method_is_the_class() {
    let text = |decorator: &str, body: &str| {
        format!(
            "class Shop:\n    {decorator}\n    def make(«scip-python python shop 1 shop/Shop#make().(cls)»cls):\n        {body}\n"
        )
    };
    let call = "‹scip-python python shop 1 shop/Shop#make().(cls)›cls()";
    let figures = SmallProject::new().file("shop.py", &text("@classmethod", call)).measure();
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0));
    assert_eq!(figures.calls.all(), found(0, 0, 0));
    // Elsewhere it may be an object of the class.
    let figures = SmallProject::new().file("shop.py", &text("@other", call)).measure();
    assert_eq!(figures.calls.labels["exact"], label(0, 1, 0, 0));
}

#[test]
fn the_parameter_of_a_class_method_is_the_class_in_functions_inside_of_it_that_bind_no_such_name() {
    let text = |inside: &str| {
        let call = "‹scip-python python shop 1 shop/Shop#make().(cls)›cls()";
        format!(
            "class Shop:\n    @classmethod\n    def make(«scip-python python shop 1 shop/Shop#make().(cls)»cls):\n        {}\n",
            inside.replace("CALL", call)
        )
    };
    for (inside, right, wrong) in [
        ("def inner(x):\n            return CALL", 1, 0),
        ("return lambda: CALL", 1, 0),
        ("return [CALL for _ in 'x']", 1, 0),
        ("def inner():\n            def deeper(): CALL", 1, 0),
        ("def inner():\n            CALL\n            cls = max", 0, 0),
        ("def inner(cls): CALL", 0, 0),
        ("return lambda cls: CALL", 0, 0),
    ] {
        let figures = SmallProject::new().file("shop.py", &text(inside)).measure();
        let exact = figures.calls.labels.get("exact").copied().unwrap_or_default();
        assert_eq!(exact, label(right, wrong, 0, 0), "{inside}");
        assert_eq!(figures.calls.all(), found(0, 0, 0), "{inside}");
    }
}

#[test]
fn a_parameter_that_is_a_property_is_one_where_it_is_read_as_a_member() {
    let text = |modifier: &str, call: &str| {
        format!(
            "export class Shop {{\n  constructor({modifier}«scip-typescript npm shop 1 `shop.ts`/Shop#`<constructor>`().(run)»run: () => void) {{ {} }}\n  go() {{ {} }}\n}}\n",
            if call.starts_with("this") { "" } else { call },
            if call.starts_with("this") { call } else { "" },
        )
    };
    let name = "‹scip-typescript npm shop 1 `shop.ts`/Shop#`<constructor>`().(run)›run()";
    for modifier in ["private ", "public readonly ", "readonly ", "override "] {
        let figures = SmallProject::new().file("shop.ts", &text(modifier, &format!("this.{name}"))).measure();
        assert_eq!(figures.calls.labels["exact"], label(1, 0, 0, 0), "{modifier}");
        assert_eq!(figures.calls.values, found(1, 1, 0), "{modifier}");
        // As a parameter it is known to the constructor only.
        let figures = SmallProject::new().file("shop.ts", &text(modifier, name)).measure();
        assert_eq!((figures.calls.all(), figures.calls.elsewhere), (found(0, 0, 0), 1), "{modifier}");
    }
    let figures = SmallProject::new().file("shop.ts", &text("", &format!("this.{name}"))).measure();
    assert_eq!((figures.calls.all(), figures.calls.elsewhere), (found(0, 0, 0), 1));
}

#[test]
fn what_the_truth_says_of_a_property_tells_nothing_of_the_value_that_stands_at_the_same_name() {
    let symbol = "scip-typescript npm shop 1 `shop.ts`/";
    let text = |value: &str| {
        format!(
            "function «{symbol}area().»area() {{}}\nexport const shop = {{ {value} }}\nshop.‹{symbol}area0:›area()\n"
        )
    };
    let figures = SmallProject::new().file("shop.ts", &text(&format!("«{symbol}area0:»area"))).measure();
    assert_eq!(figures.calls.labels["exact"], label(1, 0, 1, 0));
    let pair = format!("«{symbol}area0:»area: ‹{symbol}area().›area");
    let figures = SmallProject::new().file("shop.ts", &text(&pair)).measure();
    assert_eq!(figures.calls.labels["exact"], label(2, 0, 0, 0));
    assert_eq!(figures.calls.all(), found(1, 1, 0), "what names a function is no call of it");
}

#[test]
fn a_class_that_is_named_at_a_member_of_self_is_a_contradiction() {
    let text = "class «scip-python python shop 1 shop/Shop#»Shop:\n    def __init__(self, run):\n        self.run = run\n    \
        def go(self):\n        self.‹scip-python python shop 1 shop/Shop#›run()\n";
    let figures = SmallProject::new().file("shop.py", text).measure();
    assert_eq!(figures.calls.labels["exact"], label(0, 0, 0, 1));
    assert_eq!(figures.calls.contradictions, 1);
}

#[test]
fn a_source_and_its_stub_are_one_target() {
    let figures = SmallProject::new()
        .file("shop.py", "def order(): ...\n")
        .file("shop.pyi", "def «scip-python python shop 1 shop/order().»order(): ...\n")
        .file("other.pyi", "def «scip-python python shop 1 other/order().»order(): ...\n")
        .file(
            "app.py",
            "from shop import order\n\n‹scip-python python shop 1 shop/order().›order()\n‹scip-python python shop 1 other/order().›order()\n",
        )
        .measure();
    assert_eq!(figures.calls.labels["import"], label(1, 1, 0, 0));
}

#[test]
fn the_package_of_the_tree_in_another_version_is_a_contradiction() {
    let figures = SmallProject::new()
        .file("shop.py", "def «scip-python python shop 1 shop/order().»order(): ...\n")
        .file("app.py", "from shop import order\n\n‹scip-python python shop 2.1 shop/order().›order()\n")
        .measure();
    assert_eq!(figures.calls.labels["import"], label(0, 0, 0, 1));
}
