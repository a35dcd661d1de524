//! Which members a variable has that is given an object literal: those of its declared type, else those of the literal, as
//! long as nothing else is assigned to it. And what a member leads on to that is another name of a function.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod small_tree;

use codestrata::StorageManager;
use codestrata::query::Traversal;
use small_tree::{REPOSITORY, callers, edges_to, indexed};

const SHAPES: &str = "
export interface Shape { area(): number; size?: { deep(): void } }
export class Square implements Shape { area() { return 1 } }
export declare function pick(): Shape
";

/// The calls out of `app.ts` that lead to a node, each with how sure it is.
async fn calls(storage: &StorageManager, target: &str) -> Vec<String> {
    let found = edges_to(storage, "calls", target).await;
    let from_app = found.into_iter().filter(|(source, _)| source.starts_with("app.ts"));
    from_app.map(|(_, label)| label).collect()
}

#[tokio::test]
async fn a_variable_with_a_declared_type_has_the_members_of_that_type() {
    for value in ["o: Shape = { area() { return 1 } }", "o: Shape = { area }", "o: Shape = { area: area }"] {
        for keyword in ["let", "var", "const"] {
            let own = format!("{SHAPES}function area() {{ return 1 }}\nexport {keyword} {value}\no.area()\n");
            let app = "import { o } from './own'\nexport function main() { o.area() }\n";
            let storage = indexed(&[("own.ts", &own), ("app.ts", app)]).await;
            let found = edges_to(&storage, "calls", "own.ts::Shape.area").await;
            let labels: Vec<_> = found.iter().map(|(_, label)| label.as_str()).collect();
            assert_eq!(labels, ["import", "exact"], "{keyword} {value}: {found:?}");
            assert!(callers(&storage, "own.ts::o.area").await.is_empty(), "{keyword} {value}");
        }
    }
}

#[tokio::test]
async fn so_has_one_whose_literal_is_said_to_be_of_a_type() {
    for value in [
        "{ area() { return 1 } } as Shape",
        "<Shape>{ area() { return 1 } }",
        "({ area() { return 1 } } as unknown as Shape)",
        "Object.freeze({ area() { return 1 } } as Shape)",
    ] {
        let own = format!("{SHAPES}export const o = {value}\n");
        let app = "import { o } from './own'\no.area()\n";
        let storage = indexed(&[("own.ts", &own), ("app.ts", app)]).await;
        assert_eq!(calls(&storage, "own.ts::Shape.area").await, ["import"], "{value}");
    }
}

#[tokio::test]
async fn members_of_members_and_of_the_object_itself_are_those_of_the_declared_type() {
    let own = format!(
        "{SHAPES}export const o: Shape = {{ area() {{ return this.size.deep() }}, size: {{ deep() {{}} }} }}\n"
    );
    let app = "import { o } from './own'\no.size!.deep()\n";
    let storage = indexed(&[("own.ts", &own), ("app.ts", app)]).await;
    for target in ["own.ts::o.size.deep", "own.ts::o.size"] {
        assert!(edges_to(&storage, "calls", target).await.is_empty(), "{target}");
    }
}

#[tokio::test]
async fn a_declared_type_of_the_outside_has_its_members_outside() {
    let app = "import { Shape } from 'shapes'\nconst o: Shape = { area() {} }\no.area()\n";
    let storage = indexed(&[("app.ts", app)]).await;
    assert!(calls(&storage, "app.ts::o.area").await.is_empty());
}

#[tokio::test]
async fn the_members_of_a_literal_are_meant_where_no_type_is_declared() {
    for value in [
        "const o = { area() {} }",
        "let o = { area() {} }",
        "const o = { area() {} } as const",
        "const o = { area() {} } satisfies object",
        "const o = Object.freeze({ area() {} })",
    ] {
        let own = format!("export {value}\n");
        let app = "import { o } from './own'\no.area()\n";
        let storage = indexed(&[("own.ts", &own), ("app.ts", app)]).await;
        assert_eq!(calls(&storage, "own.ts::o.area").await, ["import"], "{value}");
    }
}

#[tokio::test]
async fn those_of_a_variable_that_is_assigned_anew_are_not_certain() {
    for anew in ["o = pick()", "[o] = picks()", "({ o } = pick())", "for (o of picks()) {}", "o ||= pick()"] {
        let own = format!(
            "export let o = {{ area() {{}}, inner: {{ deep() {{}} }} }}\nexport function set() {{ {anew} }}\n\
             export function own() {{ o.area(); o.inner.deep() }}\n"
        );
        let app = "import { o } from './own'\nexport function main() { o.area(); o.inner.deep() }\n";
        let storage = indexed(&[("own.ts", &own), ("app.ts", app)]).await;
        for target in ["own.ts::o.area", "own.ts::o.inner.deep"] {
            let found = edges_to(&storage, "calls", target).await;
            assert!(found.iter().all(|(_, label)| label == "ambiguous"), "{anew}: {target} {found:?}");
        }
    }
}

#[tokio::test]
async fn a_member_that_names_a_function_leads_on_to_it() {
    let own = "
import { far } from './far'
export function area() {}
export class Square {}
export const o = { area, named: area, far, Square, size: 1, made: area() }
export function make() { return { late: area } }
";
    let far = "export function far() {}\n";
    let app = "import { o } from './own'\nexport function main() { o.area(); o.named() }\n";
    let storage = indexed(&[("own.ts", own), ("far.ts", far), ("app.ts", app)]).await;
    assert_eq!(calls(&storage, "own.ts::o.area").await, ["import"]);
    assert_eq!(
        callers(&storage, "own.ts::area").await,
        ["own.ts::o.area", "own.ts::o.named", "own.ts::o.made", "own.ts::make.late"]
    );
    assert_eq!(edges_to(&storage, "calls", "far.ts::far").await, [("own.ts::o.far".into(), "import".into())]);
    // What names a class makes no object of it.
    assert!(edges_to(&storage, "instantiates", "own.ts::Square").await.is_empty());
    assert_eq!(edges_to(&storage, "accesses", "own.ts::Square").await.len(), 1);
    let path = storage.query(REPOSITORY).path("app.ts::main", "own.ts::area", &Traversal::default()).await;
    assert!(format!("{path:?}").contains("own.ts::o.area"), "{path:?}");
}

#[tokio::test]
async fn a_member_that_is_made_by_a_function_does_not_lead_on_to_it() {
    let own =
        "export function area() {}\nfunction wrap(f) { return 1 }\nexport const o = { area: wrap(area) }\n";
    let storage = indexed(&[("own.ts", own)]).await;
    assert!(callers(&storage, "own.ts::area").await.is_empty());
}
