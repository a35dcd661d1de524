//! Records of patterns are checked against the graph, kept, and compared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata::{Error, ErrorKind};
use codestrata_analyse::limits::MAX_TEXT_BYTES;
use codestrata_analyse::patterns::{Pattern, Patterns};
use codestrata_analyse::runs::{NewRun, keep, latest};
use codestrata_analyse::{Finding, Score};
use support::{Project, REPOSITORY};

const SOURCE: &str = "class A:\n    def get(self):\n        return self\n\n\ndef other():\n    pass\n";

const BY_NODE: &str =
    r#"{"pattern": "singleton", "node": "a.py::A", "confidence": 0.9, "found_by": "tool 1"}"#;
const BY_LINES: &str =
    r#"{"pattern": "retry", "file": "a.py", "line": 6, "end_line": 7, "confidence": 1, "found_by": "me"}"#;

async fn project() -> Project {
    Project::of(&[("a.py", SOURCE)]).await
}

async fn with(project: &Project, known: &Patterns, text: &str, replace: bool) -> Result<Patterns, Error> {
    known.clone().with(text, replace, &project.storage, REPOSITORY).await
}

fn names(patterns: &[Pattern]) -> Vec<(&str, u16)> {
    patterns.iter().map(|record| (record.pattern.as_str(), record.confidence.as_thousandths())).collect()
}

#[tokio::test]
async fn a_record_has_a_place_by_its_node_or_by_lines_of_a_file() {
    let project = project().await;
    let text = format!("{BY_NODE}\n\n{BY_LINES}\n");
    let known = with(&project, &Patterns::default(), &text, false).await.unwrap();
    assert_eq!(names(&known.patterns), [("retry", 1_000), ("singleton", 900)]);
    let by_node = &known.patterns[1].place;
    assert_eq!((by_node.file.as_str(), by_node.line, by_node.end_line), ("a.py", Some(1), Some(3)));
    let whole = r#"{"pattern": "script", "file": "a.py", "confidence": 0, "found_by": "me"}"#;
    let known = with(&project, &known, whole, false).await.unwrap();
    assert_eq!((known.patterns.len(), known.patterns[1].place.line), (3, None));
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_line_and_nothing_is_taken() {
    let project = project().await;
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    let fits = "x".repeat(MAX_TEXT_BYTES);
    let record = |change: (&str, &str)| BY_NODE.replace(change.0, change.1);
    let place = |place: &str| record((r#""node": "a.py::A""#, place));
    let cases = [
        ("{".to_owned(), "line 2, column 1: EOF"),
        (record(("0.9", "1.1")), "line 2: `confidence` is 1.1, and has to be from 0 to 1"),
        (record(("0.9", "-0.1")), "line 2: `confidence` is -0.1, and has to be from 0 to 1"),
        (record(("0.9", "\"high\"")), "line 2, column"),
        (record(("found_by", "finder")), "line 2, column"),
        (record(("a.py::A", "a.py::B")), "line 2: the graph has no node with the id `a.py::B`"),
        (record(("a.py::A", "A")), "line 2: the graph has no node with the id `A`"),
        (record(("singleton", " ")), "line 2: `pattern` is empty"),
        (record(("tool 1", "")), "line 2: `found_by` is empty"),
        (record(("singleton", &long)), "line 2: `pattern` has 4097 bytes; at most 4096 are kept"),
        (place(r#""file": "b.py""#), "line 2: the graph has no file `b.py`"),
        (place(r#""file": "a.py", "line": 0"#), "line 2: `line` is 0, and lines count from 1"),
        (
            place(r#""file": "a.py", "line": 3, "end_line": 2"#),
            "line 2: `end_line` is 2, before `line`, which is 3",
        ),
        (place(r#""file": "a.py", "line": 8"#), "line 2: line 8 is not in `a.py`, which has 7 in the graph"),
        (place(r#""file": "a.py", "line": 7, "end_line": 4294967295"#), "line 2: line 4294967295 is not in"),
        (
            place(r#""file": "a.py", "end_line": 2"#),
            "line 2: there is an `end_line`, and no `line` before it",
        ),
        (place(r#""line": 1"#), "line 2: say either `node`"),
        (place(r#""file": "a.py", "node": "a.py::A""#), "line 2: say either `node`"),
        (place(r#""node": "a.py::A", "line": 1"#), "line 2: lines go with `file`"),
    ];
    for (wrong, message) in cases {
        let error =
            with(&project, &Patterns::default(), &format!("{BY_LINES}\n{wrong}"), false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().starts_with(message), "{wrong}: {}", error.message());
    }
    let twice =
        with(&project, &Patterns::default(), &format!("{BY_LINES}\n{BY_NODE}\n{BY_NODE}"), false).await;
    assert_eq!(twice.unwrap_err().message(), "line 3: the same pattern, place and finder as on line 2");
    assert!(with(&project, &Patterns::default(), &record(("singleton", &fits)), false).await.is_ok());
}

#[tokio::test]
async fn a_later_record_of_the_same_takes_the_place_of_the_earlier_one() {
    let project = project().await;
    let before =
        with(&project, &Patterns::default(), &format!("{BY_NODE}\n{BY_LINES}"), false).await.unwrap();
    let surer = BY_NODE.replace("0.9", "0.95");
    let after = with(&project, &before, &surer, false).await.unwrap();
    assert_eq!(names(&after.patterns), [("retry", 1_000), ("singleton", 950)]);
    let difference = before.difference(&after);
    assert_eq!((difference.added.len(), difference.removed.len()), (0, 0));
    assert_eq!(difference.changed[0].before.confidence, Score::thousandths(900));
}

#[tokio::test]
async fn replacing_forgets_what_the_same_finder_has_found_and_nobody_elses() {
    let project = project().await;
    let before =
        with(&project, &Patterns::default(), &format!("{BY_NODE}\n{BY_LINES}"), false).await.unwrap();
    let other = BY_NODE.replace("singleton", "factory");
    let added = with(&project, &before, &other, false).await.unwrap();
    assert_eq!(added.patterns.len(), 3);
    let replaced = with(&project, &before, &other, true).await.unwrap();
    assert_eq!(names(&replaced.patterns), [("factory", 900), ("retry", 1_000)]);
    let difference = before.difference(&replaced);
    assert_eq!(names(&difference.added), [("factory", 900)]);
    assert_eq!(names(&difference.removed), [("singleton", 900)]);
}

#[tokio::test]
async fn a_record_is_the_same_when_an_edit_has_moved_its_node() {
    let project = project().await;
    let before = with(&project, &Patterns::default(), BY_NODE, false).await.unwrap();
    project.write("a.py", &format!("import os\n\n{SOURCE}"));
    project.index().await;
    let after = with(&project, &before, BY_NODE, false).await.unwrap();
    assert_eq!(after.patterns[0].place.line, Some(3));
    assert_eq!(before.difference(&after), Patterns::default().difference(&Patterns::default()));
}

#[tokio::test]
async fn they_come_back_from_the_store_as_they_were() {
    let project = project().await;
    let text = format!("{}\n{BY_LINES}", BY_NODE.replace("\"found_by\"", "\"note\": \"n\", \"found_by\""));
    let finding = with(&project, &Patterns::default(), &text, false).await.unwrap();
    let run = NewRun {
        repository: REPOSITORY.to_owned(),
        graph_version: 1,
        parameters: serde_json::Value::Null,
        finding: finding.clone(),
    };
    let (kept, _) = keep(project.storage.analysis(), run).await.unwrap();
    let back = latest::<Patterns>(project.storage.analysis(), REPOSITORY).await.unwrap().unwrap();
    assert_eq!((&back, &back.finding), (&kept, &finding));
}
