//! In TypeScript one name can be a value, a type and a namespace at once. A call means the value.

use codestrata::model::{ExportTarget, Root, Target, edge_kind};
use codestrata_index::{Language, extract};

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
