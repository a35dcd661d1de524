//! In TypeScript a class has members of its own, `static`, beside those of its objects: a receiver has the ones or the others.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod small_tree;

use codestrata::StorageManager;
use codestrata_index::{IndexOptions, Unobserved, index_repository};
use small_tree::{REPOSITORY, edges_to, indexed};

const MODELS: &str = "
import { Response } from 'outside'
export class Reply extends Response { static text(s) {} static made = Reply.text('') }
export class P { static ok(m) {} ok() {} both() { this.ok() } static all() { this.ok(1) } static made = this.ok(2) }
export class Base { text() {} static make() {} }
export class Derived extends Base { static text() {} make() {} up() { super.text() } static up2() { super.make() } }
export const reply: Reply = null as any
export function give(): P { return new P() }
export type Other = P
";

/// Uses of the models: what stands in the body of a function, and the member that it calls, or none.
const USES: [(&str, &str, &str); 13] = [
    ("r: Reply", "r.text()", ""),
    ("", "new Reply().text()", ""),
    ("", "reply.text()", ""),
    ("", "Reply.text()", "Reply.text"),
    ("p: P", "p.ok()", "P.ok#2"),
    ("p: Other", "p.ok()", "P.ok#2"),
    ("", "const p = new P(); p.ok()", "P.ok#2"),
    ("", "new P().ok()", "P.ok#2"),
    ("", "give().ok()", "P.ok#2"),
    ("", "P.ok()", "P.ok"),
    ("d: Derived", "d.text()", "Base.text"),
    ("d: Derived", "d.make()", "Derived.make"),
    ("", "Derived.make()", "Base.make"),
];

const MEMBERS: [&str; 7] =
    ["Reply.text", "P.ok", "P.ok#2", "Base.text", "Base.make", "Derived.text", "Derived.make"];

async fn assert_called(files: &[(&str, &str)], caller: &str, member: &str, what: &str) {
    let storage = indexed(files).await;
    for known in MEMBERS {
        let found = edges_to(&storage, "calls", &format!("models.ts::{known}")).await;
        let found: Vec<_> = found.iter().filter(|(source, _)| source == caller).collect();
        match found.as_slice() {
            [(_, label)] if known == member => {
                assert!(label == "exact" || label == "import", "{what}: {label}");
            }
            [] if known != member => {}
            _ => panic!("{what}: {known} is called by {found:?}, but {member:?} is meant"),
        }
    }
}

#[tokio::test]
async fn a_receiver_in_another_file_has_the_members_of_its_side() {
    for (parameters, body, member) in USES {
        let app = format!(
            "import {{ Reply, P, Other, Derived, reply, give }} from './models'\nexport function f({parameters}) {{ {body} }}\n"
        );
        assert_called(&[("models.ts", MODELS), ("app.ts", &app)], "app.ts::f", member, body).await;
    }
}

#[tokio::test]
async fn a_receiver_in_the_same_file_has_the_members_of_its_side() {
    for (parameters, body, member) in USES {
        let models = format!("{MODELS}\nexport function f({parameters}) {{ {body} }}\n");
        assert_called(&[("models.ts", &models)], "models.ts::f", member, body).await;
    }
}

#[tokio::test]
async fn this_and_super_are_the_class_in_its_static_members_and_an_object_elsewhere() {
    for (caller, member) in [
        ("P.both", "P.ok#2"),
        ("P.all", "P.ok"),
        ("P.made", "P.ok"),
        ("Reply.made", "Reply.text"),
        ("Derived.up", "Base.text"),
        ("Derived.up2", "Base.make"),
    ] {
        assert_called(&[("models.ts", MODELS)], &format!("models.ts::{caller}"), member, caller).await;
    }
}

#[tokio::test]
async fn a_member_that_becomes_static_or_none_is_linked_again_from_other_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = "import { P } from './p'\nexport function f(p: P) { p.ok() }\nexport function g() { P.ok() }\n";
    std::fs::write(folder.path().join("app.ts"), app).expect("a file");
    let storage = StorageManager::in_memory().expect("a store");
    let options = IndexOptions::new(REPOSITORY, folder.path());
    let link = |caller: &str| vec![(format!("app.ts::{caller}"), "import".to_owned())];
    let both = [link("f"), link("g")].concat();
    for (members, first, second) in [
        ("ok() {}", both.clone(), vec![]),
        ("static ok() {}", link("g"), vec![]),
        ("static ok() {} ok() {}", link("g"), link("f")),
        ("ok() {} static ok() {}", link("f"), link("g")),
        ("ok() {}", both, vec![]),
    ] {
        std::fs::write(folder.path().join("p.ts"), format!("export class P {{ {members} }}\n"))
            .expect("a file");
        index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
        assert_eq!(edges_to(&storage, "calls", "p.ts::P.ok").await, first, "{members}");
        assert_eq!(edges_to(&storage, "calls", "p.ts::P.ok#2").await, second, "{members}");
    }
}
