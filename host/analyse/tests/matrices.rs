//! Compatibility matrices are read, asked by row and column, and compared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata_analyse::Finding;
use codestrata_analyse::compatibility::{CompatibilityMatrix, Support, Wanted};
use codestrata_analyse::limits::MAX_MATRIX_ENTRIES;
use codestrata_analyse::runs::{NewRun, keep, latest};
use support::{Project, REPOSITORY};

fn entry(component: &str, protocol: &str, support: &str) -> String {
    let (component, component_version) = component.rsplit_once('@').unwrap();
    let (protocol, protocol_version) = protocol.rsplit_once('@').unwrap();
    format!(
        "[[entries]]\ncomponent = \"{component}\"\ncomponent_version = \"{component_version}\"\n\
         protocol = \"{protocol}\"\nprotocol_version = \"{protocol_version}\"\nsupport = \"{support}\"\n"
    )
}

fn matrix() -> String {
    [
        entry("client@1.10", "http@2", "supported"),
        entry("client@1.9", "http@2", "partial") + "note = \"no push\"\n",
        entry("client@1.9", "http@1.1", "supported"),
        entry("@scope/server@1.9", "http@2", "unsupported"),
    ]
    .concat()
}

fn asked(matrix: &CompatibilityMatrix, component: Option<&str>, protocol: Option<&str>) -> Vec<String> {
    let component = component.map(|text| Wanted::parse(text).unwrap());
    let protocol = protocol.map(|text| Wanted::parse(text).unwrap());
    matrix
        .query(component.as_ref(), protocol.as_ref())
        .map(|entry| format!("{} {}", entry.row(), entry.column()))
        .collect()
}

#[test]
fn rows_and_columns_are_asked_by_name_or_by_name_and_version() {
    let matrix = CompatibilityMatrix::from_toml(&matrix()).unwrap();
    let server = "@scope/server@1.9 http@2";
    let (old_1, old_2, new) = ("client@1.9 http@1.1", "client@1.9 http@2", "client@1.10 http@2");
    assert_eq!(asked(&matrix, None, None), [server, old_1, old_2, new], "1.9 is before 1.10");
    assert_eq!(asked(&matrix, Some("client"), None), [old_1, old_2, new]);
    assert_eq!(asked(&matrix, Some("client@1.9"), None), [old_1, old_2]);
    assert_eq!(asked(&matrix, None, Some("http@2")), [server, old_2, new]);
    assert_eq!(asked(&matrix, Some("@scope/server"), Some("http")), [server]);
    assert_eq!(asked(&matrix, Some("client@2"), None), Vec::<String>::new());
    assert_eq!(matrix.entries[2].note.as_deref(), Some("no push"));
}

#[test]
fn a_name_is_not_empty_and_neither_is_a_version_behind_an_at_sign() {
    for wrong in ["", " ", "client@"] {
        assert_eq!(Wanted::parse(wrong), None, "{wrong}");
    }
    assert_eq!(Wanted::parse("@scope").unwrap().version, None);
}

#[test]
fn json_says_the_same_as_toml() {
    let from_toml = CompatibilityMatrix::from_toml(&matrix()).unwrap();
    let json = serde_json::to_string(&from_toml).unwrap();
    assert_eq!(CompatibilityMatrix::from_json(&json).unwrap(), from_toml);
}

#[test]
fn a_mistake_is_named_by_its_line() {
    let broken =
        |from: &str, to: &str| CompatibilityMatrix::from_toml(&matrix().replacen(from, to, 1)).unwrap_err();
    let cases = [
        (broken("partial", "maybe"), "line 12: unknown variant `maybe`"),
        (broken("note", "remark"), "line 13: unknown field `remark`"),
        (broken("protocol_version = \"1.1\"\n", ""), "line 14: missing field `protocol_version`"),
        (broken("component = \"client\"", "component = \"\""), "line 1: `component` is empty"),
        (broken("\"1.1\"", "\"2\""), "line 14: client@1.9 with http@2 stands on line 7 already"),
        (broken("[[entries]]", "[[entry]]"), "line 1: unknown field `entry`"),
    ];
    for (error, message) in cases {
        assert!(error.message().starts_with(message), "{message}: {}", error.message());
    }
    let json = |text: &str| CompatibilityMatrix::from_json(text).unwrap_err();
    assert!(json("{\n  \"entries\": [1]\n}").message().starts_with("line 2, column 15: invalid type"));
    let same = serde_json::to_value(CompatibilityMatrix::from_toml(&matrix()).unwrap()).unwrap();
    let twice = serde_json::json!({ "entries": [same["entries"][0], same["entries"][0]] }).to_string();
    let message = "entry 2: @scope/server@1.9 with http@2 stands on entry 1 already";
    assert_eq!(json(&twice).message(), message);
}

#[test]
fn a_matrix_over_the_limit_is_refused_and_one_at_it_is_not() {
    let matrix = CompatibilityMatrix::from_toml(&matrix()).unwrap();
    let with = |count: usize| {
        let entries = (0..count).map(|version| {
            let mut entry = matrix.entries[0].clone();
            entry.component_version = version.to_string();
            entry
        });
        serde_json::to_string(&CompatibilityMatrix { entries: entries.collect() }).unwrap()
    };
    assert!(CompatibilityMatrix::from_json(&with(MAX_MATRIX_ENTRIES)).is_ok());
    let error = CompatibilityMatrix::from_json(&with(MAX_MATRIX_ENTRIES + 1)).unwrap_err();
    assert_eq!(error.message(), "the file: it has 20001 entries; at most 20000 are kept");
}

#[test]
fn two_matrices_say_what_is_new_gone_and_changed() {
    let before = CompatibilityMatrix::from_toml(&matrix()).unwrap();
    let after = [
        entry("client@1.10", "http@2", "supported"),
        entry("client@1.9", "http@2", "unsupported"),
        entry("client@1.9", "http@1.1", "supported"),
        entry("client@1.10", "http@3", "partial"),
    ];
    let after = CompatibilityMatrix::from_toml(&after.concat()).unwrap();
    let difference = before.difference(&after);
    assert_eq!(
        difference.added.iter().map(|entry| entry.column().to_string()).collect::<Vec<_>>(),
        ["http@3"]
    );
    assert_eq!(difference.removed[0].row().to_string(), "@scope/server@1.9");
    let changed = &difference.changed;
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].before.support, changed[0].now.support), (Support::Partial, Support::Unsupported));
    assert_eq!(
        before.difference(&before),
        CompatibilityMatrix::default().difference(&CompatibilityMatrix::default())
    );
}

#[tokio::test]
async fn they_come_back_from_the_store_as_they_were() {
    let project = Project::of(&[("a.py", "x = 1\n")]).await;
    let finding = CompatibilityMatrix::from_toml(&matrix()).unwrap();
    let run = NewRun {
        repository: REPOSITORY.to_owned(),
        graph_version: 1,
        parameters: serde_json::Value::Null,
        finding,
    };
    let (kept, _) = keep(project.storage.analysis(), run).await.unwrap();
    let back = latest::<CompatibilityMatrix>(project.storage.analysis(), REPOSITORY).await.unwrap();
    assert_eq!(back, Some(kept));
}
