//! In TypeScript one name can be a value, a type and a namespace at once. A call means the value. A class and the interfaces
//! of its name are one thing.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod small_tree;

use codestrata::model::{ExportTarget, Root, Target, edge_kind};
use codestrata_index::{Language, extract};
use small_tree::{callers, edges_to, indexed};

#[test]
fn a_call_means_the_value_and_never_the_type_or_the_namespace() {
    let source = b"\
export const gen: any = 1;
export declare namespace gen { type T = string }
export function fn() {}
export namespace fn { export const x = 1 }
export type Error = string;
export interface Class {}
export const Class: any = 1;
gen(); fn(); new Error(); new Class();
";
    let facts = extract("a.ts", source, Language::TypeScript).expect("it is TypeScript").facts;
    let id = |position: u32| facts.nodes[position as usize].id.as_str();
    let targets: Vec<String> = facts
        .references
        .iter()
        .filter(|reference| edge_kind::is_call(&reference.kind))
        .map(|reference| match &reference.target {
            Target::Node(node) | Target::Path(Root::Node(node), _) => id(*node).to_owned(),
            Target::Path(Root::Free(name), _) => format!("free {name}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(targets, ["a.ts::gen", "a.ts::fn", "free Error", "a.ts::Class#2"]);
    let exported = |name: &str| {
        let export = facts.exports.iter().find(|export| export.name == name).expect("it is exported");
        match export.target {
            ExportTarget::Node(node) => id(node).to_owned(),
            ExportTarget::Import(import) => format!("import {import}"),
        }
    };
    assert_eq!(["gen", "fn", "Class"].map(exported), ["a.ts::gen", "a.ts::fn", "a.ts::Class#2"]);
}

/// Each order and place in which a class and interfaces of one name may stand.
const TOGETHER: [&str; 5] = [
    "export interface T<E> extends Far { on(): void }\nexport class T<E> { mine() {} }",
    "export class T<E> { mine() {} }\nexport interface T<E> extends Far { on(): void }",
    "export interface T<E> extends Far { on(): void }\nconst between = 1\nexport declare class T<E> { mine(): void }",
    "export interface T<E> { on(): void }\nexport interface T<E> extends Far { mine(): void }",
    "export interface T<E> { on(): void }\nexport class T<E> extends Far {}\nexport interface T<E> { mine(): void }",
];

#[tokio::test]
async fn a_class_and_the_interfaces_of_its_name_are_one_thing() {
    let app = "
import { T } from './t'
export class Sub extends T<number> { run() { this.on(); this.mine(); this.far() } }
export class Own implements T<number> {}
export function use(t: T<any>, s: Sub) { t.on(); t.mine(); t.far(); s.on(); s.mine(); s.far() }
";
    for together in TOGETHER {
        let models = format!(
            "export class Far {{ far() {{}} }}\n{together}\nexport function own(t: T<any>) {{ t.on(); t.mine(); t.far() }}\n"
        );
        let storage = indexed(&[("t.ts", &models), ("app.ts", app)]).await;
        for member in ["T.on", "T.mine", "Far.far"] {
            let mut found = callers(&storage, &format!("t.ts::{member}")).await;
            found.sort();
            assert_eq!(found, ["app.ts::Sub.run", "app.ts::use", "t.ts::own"], "{together}: {member}");
        }
        let derived = edges_to(&storage, "inherits", "t.ts::T").await;
        let derived: Vec<_> = derived.iter().map(|(source, _)| source.as_str()).collect();
        assert_eq!(derived, ["app.ts::Own", "app.ts::Sub"], "{together}");
        assert_eq!(edges_to(&storage, "inherits", "t.ts::Far").await, [("t.ts::T".into(), "exact".into())]);
        assert_eq!(edges_to(&storage, "uses_type", "t.ts::T").await.len(), 2, "{together}");
    }
}

#[test]
fn what_is_one_thing_is_one_node_a_class_if_one_of_its_parts_is() {
    for (together, kind) in TOGETHER.iter().zip(["class", "class", "class", "interface", "class"]) {
        let facts = extract("t.ts", together.as_bytes(), Language::TypeScript).expect("sound").facts;
        let of_t: Vec<_> = facts.nodes.iter().filter(|node| node.name == "T").collect();
        assert_eq!(of_t.len(), 1, "{together}");
        assert_eq!(of_t[0].kind, kind, "{together}");
        let is_within = |line: u32| (of_t[0].span.start_line..=of_t[0].span.end_line).contains(&line);
        // Parts with nothing between them are spanned together.
        assert_eq!(is_within(1), !together.contains("between"), "{together}");
    }
}

#[test]
fn declarations_of_one_name_in_different_places_stay_apart() {
    for (source, expected) in [
        ("interface T {}\nfunction f() { class T {} }", ["a.ts::T", "a.ts::f.T"]),
        (
            "namespace A { export interface T {} }\nnamespace A { export class T {} }",
            ["a.ts::A.T", "a.ts::A#2.T"],
        ),
        ("class T {}\ndeclare module 'other' { interface T {} }", ["a.ts::T", "a.ts::T#2"]),
        ("class T {}\ndeclare global { interface T {} }", ["a.ts::T", "a.ts::T#2"]),
        ("class T {}\nclass T {}", ["a.ts::T", "a.ts::T#2"]),
    ] {
        let facts = extract("a.ts", source.as_bytes(), Language::TypeScript).expect("sound").facts;
        let of_t = facts.nodes.iter().filter(|node| node.name == "T");
        let ids: Vec<_> = of_t.map(|node| node.id.as_str()).collect();
        assert_eq!(ids, expected, "{source}");
    }
}
