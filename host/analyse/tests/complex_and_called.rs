//! What is both complex and called a lot comes first; and runs of what is dead are compared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata_analyse::Finding;
use codestrata_analyse::dead::{DeadCode, DeadDefinition, Verdict};
use codestrata_analyse::hot::Hot;
use support::{Project, REPOSITORY};

const SOURCE: &str = "\
def busy(a):
    if a and a.b:
        return busy(a.b)

def plain(a):
    return a

def complicated(a):
    return [b for b in a if b and b.c or b.d]

def one(a):
    busy(a)
    busy(a)
    plain(a)

def two(a):
    busy(a)
    plain(a)
";

async fn hot(project: &Project) -> Hot {
    let calls = project.storage.query(REPOSITORY).call_counts().await.unwrap().results;
    Hot::of(&project.metrics().await, &calls)
}

#[tokio::test]
async fn the_weight_is_complexity_times_one_more_than_callers() {
    let project = Project::of(&[("a.py", SOURCE), ("b.py", "from a import busy\n\nbusy(1)\n")]).await;
    let hot = hot(&project).await;
    let of: Vec<(&str, u32, u64, u64, u64)> =
        hot.functions.iter().map(|f| (f.id.as_str(), f.cyclomatic, f.callers, f.calls, f.weight)).collect();
    assert_eq!(
        of,
        [
            // Two functions and a module call it, one of them twice; that it calls itself makes it no caller.
            ("a.py::busy", 3, 3, 5, 12),
            ("a.py::complicated", 5, 0, 0, 5),
            ("a.py::plain", 1, 2, 2, 3),
            ("a.py::one", 1, 0, 0, 1),
            ("a.py::two", 1, 0, 0, 1),
        ]
    );
}

#[tokio::test]
async fn calls_that_were_bound_by_their_name_alone_give_no_weight() {
    let source = "class A:\n    def gather(self):\n        return self\n\n\ndef f(x, y):\n    x.gather()\n    y.gather()\n";
    let hot = hot(&Project::of(&[("a.py", source)]).await).await;
    let gather = hot.functions.iter().find(|function| function.id == "a.py::A.gather").unwrap();
    assert_eq!((gather.callers, gather.calls, gather.guessed, gather.weight), (0, 0, 2, 1));
}

#[tokio::test]
async fn two_runs_say_what_is_heavier_and_lighter() {
    let project = Project::of(&[("a.py", SOURCE)]).await;
    let before = hot(&project).await;
    project.write("a.py", &SOURCE.replace("    busy(a)\n    plain(a)", "    complicated(a)\n    plain(a)"));
    project.index().await;
    let difference = before.difference(&hot(&project).await);
    let names = |changed: &[codestrata_analyse::hot::Reweighed]| -> Vec<(String, u64, u64)> {
        changed
            .iter()
            .map(|change| (change.now.id.clone(), change.before.weight, change.now.weight))
            .collect()
    };
    assert_eq!(names(&difference.heavier), [("a.py::complicated".to_owned(), 5, 15)]);
    assert_eq!(names(&difference.lighter), [("a.py::busy".to_owned(), 9, 6)]);
    assert!(difference.added.is_empty() && difference.removed.is_empty());
}

#[test]
fn two_runs_say_what_became_unused_and_what_is_used_again() {
    let definition = |id: &str, verdict: Verdict| DeadDefinition {
        id: id.to_owned(),
        kind: "function".to_owned(),
        file: "a.py".to_owned(),
        line: 1,
        verdict,
    };
    let before = DeadCode::new(vec![
        definition("b", Verdict::Dead),
        definition("a", Verdict::Unknown),
        definition("same", Verdict::ExportedUnused),
    ]);
    let after = DeadCode::new(vec![
        definition("same", Verdict::ExportedUnused),
        definition("a", Verdict::Dead),
        definition("c", Verdict::Dead),
    ]);
    let difference = before.difference(&after);
    assert_eq!(difference.added.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(difference.removed.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(
        (difference.changed[0].before, difference.changed[0].now.verdict),
        (Verdict::Unknown, Verdict::Dead)
    );
    assert_eq!(before.counts()["exported-unused"], 1);
}
