//! The order in which a class of Python asks its bases for a member is the one that Python itself computes.
//!
//! What is expected was printed by Python 3.11: `[base.__name__ for base in C.__mro__]` without `object`, and a dash where
//! it raised `TypeError`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of a test")]

mod small_tree;

use codestrata::StorageManager;
use codestrata::query::{MemberOrder, OrderEnd, OrderRule};
use small_tree::{REPOSITORY, indexed};

/// Random classes, their bases and their order. Those without an order are nobody's base.
const ORDERS: &str = "\
G0_0(): G0_0
G0_1(G0_0): G0_1 G0_0
G0_2(G0_0, G0_1): -
G0_3(G0_0): G0_3 G0_0
G0_4(): G0_4
G0_5(G0_3, G0_4): G0_5 G0_3 G0_0 G0_4
G0_6(G0_0, G0_3, G0_1): -
G0_7(G0_0): G0_7 G0_0
G1_0(): G1_0
G1_1(G1_0): G1_1 G1_0
G1_2(G1_1, G1_0): G1_2 G1_1 G1_0
G1_3(G1_1): G1_3 G1_1 G1_0
G1_4(G1_3): G1_4 G1_3 G1_1 G1_0
G1_5(): G1_5
G2_0(): G2_0
G2_1(object, G2_0): -
G2_2(G2_0): G2_2 G2_0
G2_3(G2_2, G2_0): G2_3 G2_2 G2_0
G2_4(G2_3, G2_2): G2_4 G2_3 G2_2 G2_0
G2_5(G2_4): G2_5 G2_4 G2_3 G2_2 G2_0
G2_6(G2_2, G2_4): -
G2_7(): G2_7
G3_0(): G3_0
G3_1(G3_0): G3_1 G3_0
G3_2(G3_0): G3_2 G3_0
G3_3(G3_1, G3_2): G3_3 G3_1 G3_2 G3_0
G3_4(G3_2, G3_1): G3_4 G3_2 G3_1 G3_0
G3_5(G3_3, G3_2): G3_5 G3_3 G3_1 G3_2 G3_0
G4_0(): G4_0
G4_1(G4_0): G4_1 G4_0
G4_2(G4_0, G4_1): -
G4_3(G4_0): G4_3 G4_0
G4_4(G4_0): G4_4 G4_0
G4_5(G4_1, G4_4): G4_5 G4_1 G4_4 G4_0
G4_6(G4_5, G4_3, G4_1, object): G4_6 G4_5 G4_3 G4_1 G4_4 G4_0
G4_7(G4_3, G4_1, G4_6): -
G5_0(): G5_0
G5_1(G5_0): G5_1 G5_0
G5_2(G5_0, G5_1): -
G5_3(G5_0, G5_1): -
G5_4(G5_0): G5_4 G5_0
G5_5(G5_4, G5_1): G5_5 G5_4 G5_1 G5_0
G5_6(): G5_6
G5_7(G5_0, G5_1): -
G6_0(): G6_0
G6_1(G6_0): G6_1 G6_0
G6_2(G6_1): G6_2 G6_1 G6_0
G6_3(G6_2, G6_0, G6_1): -
G6_4(G6_1, G6_0, G6_2, object): -
G6_5(G6_2, G6_0): G6_5 G6_2 G6_1 G6_0
G6_6(G6_2, G6_0): G6_6 G6_2 G6_1 G6_0
G6_7(G6_6, G6_1): G6_7 G6_6 G6_2 G6_1 G6_0
G7_0(): G7_0
G7_1(G7_0): G7_1 G7_0
G7_2(G7_0): G7_2 G7_0
G7_3(G7_2, G7_1): G7_3 G7_2 G7_1 G7_0
G7_4(G7_0): G7_4 G7_0
G7_5(G7_4, G7_0): G7_5 G7_4 G7_0
G8_0(): G8_0
G8_1(G8_0): G8_1 G8_0
G8_2(G8_0, G8_1): -
G8_3(G8_0, G8_1): -
G8_4(G8_1, G8_0): G8_4 G8_1 G8_0
G9_0(): G9_0
G9_1(G9_0): G9_1 G9_0
G9_2(G9_1, G9_0, object): G9_2 G9_1 G9_0
G9_3(G9_1): G9_3 G9_1 G9_0
G10_0(): G10_0
G10_1(G10_0): G10_1 G10_0
G10_2(G10_1): G10_2 G10_1 G10_0
G10_3(): G10_3
G10_4(G10_0, G10_1, G10_3): -
G10_5(G10_3, G10_2): G10_5 G10_3 G10_2 G10_1 G10_0
G10_6(G10_5): G10_6 G10_5 G10_3 G10_2 G10_1 G10_0
G11_0(): G11_0
G11_1(G11_0): G11_1 G11_0
G11_2(G11_1): G11_2 G11_1 G11_0
G11_3(G11_1, G11_0, G11_2, object): -
G11_4(G11_1): G11_4 G11_1 G11_0
G11_5(): G11_5
G11_6(G11_5, G11_4): G11_6 G11_5 G11_4 G11_1 G11_0
G11_7(): G11_7
G12_0(): G12_0
G12_1(G12_0): G12_1 G12_0
G12_2(G12_1): G12_2 G12_1 G12_0
G12_3(G12_1, G12_0): G12_3 G12_1 G12_0
G12_4(G12_2, G12_0, G12_1): -
G12_5(G12_0, G12_2): -
G12_6(G12_1, G12_2): -
G13_0(): G13_0
G13_1(G13_0): G13_1 G13_0
G13_2(G13_0, G13_1): -
G13_3(G13_0, G13_1, object): -
G13_4(G13_1, G13_0): G13_4 G13_1 G13_0
G13_5(): G13_5
G14_0(): G14_0
G14_1(): G14_1
G14_2(G14_0): G14_2 G14_0
G14_3(G14_1, G14_2): G14_3 G14_1 G14_2 G14_0
G15_0(): G15_0
G15_1(G15_0): G15_1 G15_0
G15_2(G15_0): G15_2 G15_0
G15_3(G15_0, G15_2): -
G15_4(G15_2, G15_1): G15_4 G15_2 G15_1 G15_0
G15_5(G15_2, G15_4, G15_0): -
G16_0(): G16_0
G16_1(): G16_1
G16_2(G16_0): G16_2 G16_0
G16_3(G16_2, G16_1): G16_3 G16_2 G16_0 G16_1
G17_0(): G17_0
G17_1(G17_0): G17_1 G17_0
G17_2(G17_0, G17_1): -
G17_3(G17_0): G17_3 G17_0
G17_4(G17_1, G17_0): G17_4 G17_1 G17_0
G17_5(G17_4): G17_5 G17_4 G17_1 G17_0
G18_0(): G18_0
G18_1(G18_0): G18_1 G18_0
G18_2(G18_0, G18_1): -
G18_3(): G18_3
G18_4(G18_1, G18_0): G18_4 G18_1 G18_0
G18_5(): G18_5
G18_6(G18_5, G18_1): G18_6 G18_5 G18_1 G18_0
G19_0(): G19_0
G19_1(G19_0): G19_1 G19_0
G19_2(G19_0, G19_1, object): -
G19_3(G19_1): G19_3 G19_1 G19_0
G19_4(): G19_4
G20_0(): G20_0
G20_1(object, G20_0): -
G20_2(G20_0): G20_2 G20_0
G20_3(G20_2): G20_3 G20_2 G20_0
G20_4(G20_0, G20_3): -
G20_5(object, G20_3, G20_0): -
G20_6(G20_2, G20_3): -
G20_7(G20_3, G20_2): G20_7 G20_3 G20_2 G20_0
G21_0(): G21_0
G21_1(G21_0): G21_1 G21_0
G21_2(object, G21_1): -
G21_3(G21_1, G21_0): G21_3 G21_1 G21_0
G21_4(G21_3): G21_4 G21_3 G21_1 G21_0
G21_5(G21_1, G21_0): G21_5 G21_1 G21_0
G21_6(G21_5, G21_3): G21_6 G21_5 G21_3 G21_1 G21_0
G22_0(): G22_0
G22_1(G22_0): G22_1 G22_0
G22_2(object, G22_0, G22_1): -
G22_3(G22_0, G22_1): -
G23_0(): G23_0
G23_1(G23_0): G23_1 G23_0
G23_2(): G23_2
G23_3(G23_1, G23_2): G23_3 G23_1 G23_0 G23_2
G23_4(G23_2, G23_1): G23_4 G23_2 G23_1 G23_0
";

/// A class of `ORDERS`: name, bases, order.
fn classes() -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
    let parse = |line: &'static str| {
        let (class, order) = line.split_once("): ").unwrap();
        let (name, bases) = class.split_once('(').unwrap();
        (name, bases.split(", ").filter(|base| !base.is_empty()).collect(), order)
    };
    ORDERS.lines().map(parse).collect()
}

async fn order(storage: &StorageManager, id: &str) -> MemberOrder {
    storage.query(REPOSITORY).bases(id, 100).await.unwrap().order
}

/// The names in an order, with a dash where there is none.
fn names(order: &MemberOrder) -> String {
    if order.end == OrderEnd::Inconsistent {
        assert!(order.classes.is_empty() && order.reason.is_some(), "{order:?}");
        return "-".to_owned();
    }
    let name = |class: &codestrata::query::OrderedClass| match (&class.node, &class.outside) {
        (Some(node), None) => node.name().to_string(),
        (None, Some(text)) => text.rsplit(['.', ':']).next().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    order.classes.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn classes_of_one_module_have_the_order_of_python() {
    let text = classes()
        .iter()
        .map(|(name, bases, _)| format!("class {name}({}): ...", bases.join(", ")))
        .collect::<Vec<_>>()
        .join("\n");
    let storage = indexed(&[("classes.py", &text)]).await;
    for (name, _, expected) in classes() {
        let order = order(&storage, &format!("classes.py::{name}")).await;
        assert_eq!(order.rule, OrderRule::C3);
        assert_eq!(names(&order), expected, "{name}");
        assert_eq!(order.end == OrderEnd::Complete, expected != "-", "{name}: {order:?}");
    }
}

#[tokio::test]
async fn classes_of_many_modules_have_it_too() {
    let files: Vec<(String, String)> = classes()
        .iter()
        .map(|(name, bases, _)| {
            let imported = bases.iter().filter(|base| **base != "object");
            let imports: Vec<String> =
                imported.map(|base| format!("from all.{base} import {base}")).collect();
            (
                format!("all/{name}.py"),
                format!("{}\nclass {name}({}): ...\n", imports.join("\n"), bases.join(", ")),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let storage = indexed(&files).await;
    for (name, _, expected) in classes() {
        assert_eq!(names(&order(&storage, &format!("all/{name}.py::{name}")).await), expected, "{name}");
    }
}

#[tokio::test]
async fn generic_gives_way_as_in_python() {
    let source = "\
from abc import ABC
from typing import Generic, Protocol, TypeVar
T = TypeVar(\"T\")
S = TypeVar(\"S\")
class Box(Generic[T]): ...
class Lid(Generic[S]): ...
class Chest(Box[T], Generic[T]): ...
class Trunk(Generic[T], Box[T]): ...
class Both(Box[T], Lid[S]): ...
class Sized(Protocol): ...
class SizedOf(Protocol[T]): ...
class Fits(Sized, Protocol): ...
class Holds(Sized, Box[int]): ...
class Abstract(ABC): ...
class Concrete(Abstract, Box[str]): ...
";
    let storage = indexed(&[("boxes.py", source)]).await;
    for (class, expected) in [
        ("Box", "Box Generic"),
        ("Chest", "Chest Box Generic"),
        ("Trunk", "Trunk Box Generic"),
        ("Both", "Both Box Lid Generic"),
        ("Sized", "Sized Protocol Generic"),
        ("SizedOf", "SizedOf Protocol Generic"),
        ("Fits", "Fits Sized Protocol Generic"),
        ("Holds", "Holds Sized Protocol Box Generic"),
        ("Concrete", "Concrete Abstract ABC Box Generic"),
    ] {
        let order = order(&storage, &format!("boxes.py::{class}")).await;
        assert_eq!((names(&order).as_str(), order.end), (expected, OrderEnd::Complete), "{class}");
    }
}

#[tokio::test]
async fn a_base_outside_of_the_repository_makes_the_order_unsure() {
    let source = "import enum\nclass A(enum.Enum): ...\nclass B(A): ...\nMade = make()\nclass C(Made): ...\n";
    let storage = indexed(&[("a.py", source)]).await;
    let found = storage.query(REPOSITORY).bases("a.py::B", 10).await.unwrap();
    assert_eq!(names(&found.order), "B A Enum");
    assert_eq!(found.order.end, OrderEnd::Incomplete);
    assert!(found.order.reason.unwrap().contains("`enum.Enum` is not in the repository"));
    assert_eq!((found.bases.results[0].node.id(), found.bases.unresolved), ("a.py::A", 1));
    let outside = &found.outside[0];
    assert_eq!(
        (outside.target.as_str(), outside.via.as_str(), outside.depth),
        ("unresolved:enum.Enum", "a.py::A", 2)
    );
    let order = order(&storage, "a.py::C").await;
    assert_eq!((names(&order).as_str(), order.end), ("C Made", OrderEnd::Incomplete));
    assert!(order.reason.unwrap().contains("is a variable"));
}

#[tokio::test]
async fn a_class_that_inherits_from_itself_has_no_order() {
    let storage = indexed(&[
        ("a.py", "from b import B\nclass A(B): ...\n"),
        ("b.py", "from a import A\nclass B(A): ...\n"),
    ])
    .await;
    let found = storage.query(REPOSITORY).bases("a.py::A", 10).await.unwrap();
    assert_eq!(found.order.end, OrderEnd::Cyclic);
    assert_eq!(found.bases.results.len(), 1, "the class is no base of itself: {found:?}");
    let below = storage.query(REPOSITORY).subclasses("a.py::A", 10, 10).await.unwrap();
    assert_eq!(below.results.len(), 1);
}

#[tokio::test]
async fn other_languages_have_orders_of_their_own() {
    let storage = indexed(&[
        ("A.java", "package p;\nclass A extends B implements I {}\n"),
        (
            "B.java",
            "package p;\nclass B extends C implements J {}\nclass C {}\ninterface I {}\ninterface J {}\n",
        ),
        ("a.rb", "module M; end\nmodule N; end\nclass B; end\nclass A < B\n  include M\nend\n"),
        ("more.rb", "class A\n  include N\nend\n"),
        (
            "a.go",
            "package a\ntype A struct { B; C }\ntype B struct { D }\ntype C struct {}\ntype D struct {}\n",
        ),
    ])
    .await;
    for (id, rule, expected) in [
        ("A.java::A", OrderRule::ClassesFirst, "A B C I J"),
        ("a.rb::A", OrderRule::ModulesFirst, "A N M B"),
        ("a.go::A", OrderRule::NearestFirst, "A B C D"),
    ] {
        let order = order(&storage, id).await;
        assert_eq!(
            (names(&order).as_str(), order.rule, order.end),
            (expected, rule, OrderEnd::Complete),
            "{id}"
        );
    }
}

#[tokio::test]
async fn whoever_names_one_part_of_a_class_inherits_from_all() {
    let storage = indexed(&[
        ("One.cs", "namespace N;\npartial class A : B {}\nclass B {}\n"),
        ("Two.cs", "namespace N;\npartial class A : I {}\ninterface I {}\n"),
        ("Three.cs", "namespace N;\nclass D : A {}\n"),
    ])
    .await;
    for part in ["One.cs::A", "Two.cs::A"] {
        let below = storage.query(REPOSITORY).subclasses(part, 10, 10).await.unwrap();
        let below: Vec<&str> = below.results.iter().map(|hit| hit.node.id()).collect();
        assert_eq!(below, ["Three.cs::D"], "{part}");
    }
    let above = storage.query(REPOSITORY).bases("Three.cs::D", 10).await.unwrap();
    let above: Vec<&str> = above.bases.results.iter().map(|hit| hit.node.name()).collect();
    assert_eq!(above, ["A", "B", "I"]);
}
