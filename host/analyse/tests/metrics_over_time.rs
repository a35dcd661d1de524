//! Runs of metrics are kept with the version that they are of, and compared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use codestrata::{AnalysisStorage, ErrorKind};
use codestrata_analyse::metrics::{Metrics, history};
use codestrata_analyse::runs::{NewRun, Run, as_of, keep, latest, list, load};
use codestrata_analyse::{Finding, Reason, Since};
use support::{Project, REPOSITORY};

const BEFORE: &str = "\
def simpler(a):
    if a and a.b:
        return 1

def harder(a):
    return a

def longer(a):
    return a

def gone(a):
    return a

def same(a):
    return a if a else 1
";

const AFTER: &str = "\
def same(a):
    return a if a else 1

def simpler(a):
    return a

def harder(a):
    for b in a:
        if b:
            return a

def longer(a):

    return a

def new(a):
    return a or 1
";

async fn run(project: &Project) -> (Run<Metrics>, bool) {
    let measurements = project.measurements().await;
    let run = NewRun {
        repository: REPOSITORY.to_owned(),
        graph_version: measurements.graph_version,
        parameters: serde_json::Value::Null,
        finding: Metrics::of(&measurements),
    };
    keep(project.storage.analysis(), run).await.unwrap()
}

fn names<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    ids.map(|id| id.rsplit("::").next().unwrap()).collect()
}

#[tokio::test]
async fn two_runs_say_what_became_more_and_less_complex_and_what_is_new_and_gone() {
    let project = Project::of(&[("a.py", BEFORE), ("b.py", "def other(): pass\n")]).await;
    let (before, _) = run(&project).await;
    project.write("a.py", AFTER);
    project.index().await;
    let (after, _) = run(&project).await;
    let difference = before.finding.difference(&after.finding);
    assert_eq!(names(difference.more_complex.iter().map(|changed| &changed.id)), ["harder"]);
    assert_eq!(names(difference.less_complex.iter().map(|changed| &changed.id)), ["simpler"]);
    assert_eq!(names(difference.resized.iter().map(|changed| &changed.id)), ["longer"]);
    assert_eq!(names(difference.added.iter().map(|function| &function.id)), ["new"]);
    assert_eq!(names(difference.removed.iter().map(|function| &function.id)), ["gone"]);
    let harder = &difference.more_complex[0];
    assert_eq!((harder.before.cyclomatic, harder.now.cyclomatic, harder.line), (1, 3, 7));
    assert_eq!((before.graph_version, after.graph_version), (1, 2));
}

#[tokio::test]
async fn a_run_that_finds_the_same_in_the_same_version_is_not_stored_again() {
    let project = Project::of(&[("a.py", BEFORE)]).await;
    let (first, stored) = run(&project).await;
    assert!(stored);
    let (second, stored) = run(&project).await;
    assert!(!stored);
    assert_eq!(second, first);
    project.write("b.py", "x = 1\n");
    project.index().await;
    let (third, stored) = run(&project).await;
    assert!(stored, "the version is another");
    assert_ne!(third.id, first.id);
    let newest = latest::<Metrics>(project.storage.analysis(), REPOSITORY).await.unwrap().unwrap();
    assert_eq!(newest, third);
}

#[tokio::test]
async fn the_run_of_a_version_or_time_is_the_newest_until_then() {
    let project = Project::of(&[("a.py", BEFORE)]).await;
    let storage = project.storage.analysis();
    for extra in ["b.py", "c.py"] {
        project.write(extra, "x = 1\n");
        project.index().await;
    }
    let (at_three, _) = run(&project).await;
    for extra in ["d.py", "e.py"] {
        project.write(extra, "x = 1\n");
        project.index().await;
    }
    let (at_five, _) = run(&project).await;
    for (version, expected) in [(3, &at_three), (4, &at_three), (5, &at_five), (9, &at_five)] {
        let found = as_of::<Metrics>(storage, REPOSITORY, Since::Version(version)).await.unwrap();
        assert_eq!(&found, expected, "{version}");
    }
    let then = Since::Time(at_three.time);
    assert_eq!(as_of::<Metrics>(storage, REPOSITORY, then).await.unwrap(), at_three);
    let error = as_of::<Metrics>(storage, REPOSITORY, Since::Version(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.help(), Some("the oldest one is of version 3"));
    let long_ago = Since::Time(SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    assert_eq!(
        as_of::<Metrics>(storage, REPOSITORY, long_ago).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn the_history_of_a_function_has_an_entry_for_each_change() {
    let project = Project::of(&[("a.py", BEFORE)]).await;
    let figures = |cyclomatic: Option<u32>| cyclomatic;
    run(&project).await;
    project.write("b.py", "x = 1\n");
    project.index().await;
    run(&project).await;
    project.write("a.py", AFTER);
    project.index().await;
    run(&project).await;
    let ids: BTreeSet<String> = ["a.py::harder", "a.py::gone", "a.py::new"].map(str::to_owned).into();
    let histories = history(project.storage.analysis(), REPOSITORY, &ids, 10).await.unwrap();
    let of = |id: &str| -> Vec<(u64, Option<u32>)> {
        let entries = histories[id].iter();
        entries.map(|entry| (entry.graph_version, figures(entry.figures.map(|f| f.cyclomatic)))).collect()
    };
    assert_eq!(of("a.py::harder"), [(1, Some(1)), (3, Some(3))]);
    assert_eq!(of("a.py::gone"), [(1, Some(1)), (3, None)]);
    assert_eq!(of("a.py::new"), [(3, Some(2))]);
    let newest = history(project.storage.analysis(), REPOSITORY, &ids, 1).await.unwrap();
    assert_eq!(newest["a.py::harder"].len(), 1, "only as many runs as are asked for");
}

#[tokio::test]
async fn a_file_that_has_changed_on_disk_is_left_out_and_nothing_is_said_of_its_functions() {
    let project = Project::of(&[("a.py", BEFORE), ("b.py", "def other(): pass\n")]).await;
    let (before, _) = run(&project).await;
    project.write("b.py", "def other(): return 1\n");
    project.index().await;
    // It is measured no more as it was indexed, so the figures of its functions are not known.
    project.write("b.py", "def another(): return 2\n");
    let (after, _) = run(&project).await;
    assert_eq!(after.finding.left_out[0].path, "b.py");
    assert_eq!(after.finding.left_out[0].reason, Reason::Changed);
    assert!(after.finding.functions.iter().all(|function| function.file != "b.py"));
    let difference = before.finding.difference(&after.finding);
    assert_eq!(difference.not_compared, ["b.py"]);
    assert!(difference.removed.is_empty() && difference.added.is_empty());
}

#[tokio::test]
async fn a_known_file_is_not_read_again_and_a_missing_one_is_left_out() {
    let project = Project::of(&[("a.py", BEFORE), ("b.py", "def other(): pass\n")]).await;
    let all = project.measurements().await;
    assert_eq!(all.parsed, 2);
    let again = project.measurements().await;
    assert_eq!((again.parsed, again.left_out.len()), (0, 0), "what it said is known");
    assert_eq!(Metrics::of(&again), Metrics::of(&all));
    project.remove("a.py");
    let gone = project.measurements().await;
    assert_eq!(
        (gone.parsed, gone.left_out.len()),
        (0, 1),
        "what it said is known, and that it says so no more"
    );
    assert_eq!((gone.left_out[0].path.as_str(), gone.left_out[0].reason), ("a.py", Reason::Unreadable));
    let id = list::<Metrics>(project.storage.analysis(), REPOSITORY, 1).await.unwrap();
    assert!(id.is_empty(), "measurements are no run of metrics");
    let kept = project.storage.analysis();
    let query = codestrata::AnalysisQuery::of(REPOSITORY).of_type("measurements");
    let kept_id = kept.list_analysis(&query).await.unwrap().results[0].id.clone();
    kept.delete_analysis(&kept_id).await.unwrap();
    let lost = project.measurements().await;
    assert_eq!((lost.parsed, lost.left_out[0].reason), (1, Reason::Unreadable));
}

#[tokio::test]
async fn a_graph_cannot_lead_the_reader_out_of_its_folder() {
    let outside = tempfile::tempdir().unwrap();
    let secret = "def secret():\n    return 1 if x else 2\n";
    std::fs::write(outside.path().join("secret.py"), secret).unwrap();
    let project = Project::of(&[("a.py", "x = 1\n")]).await;
    std::os::unix::fs::symlink(outside.path(), project.root().join("link")).unwrap();
    let absolute = outside.path().join("secret.py").display().to_string();
    let folder = outside.path().file_name().unwrap().to_str().unwrap();
    for path in [absolute.as_str(), &format!("../{folder}/secret.py"), "link/secret.py"] {
        let mut facts =
            codestrata_index::extract(path, secret.as_bytes(), codestrata_index::Language::Python)
                .unwrap()
                .facts;
        facts.path = path.to_owned();
        let prepared = codestrata::PreparedFile::new(&facts).unwrap();
        codestrata::GraphStorage::replace_file(project.storage.graph(), REPOSITORY, prepared).await.unwrap();
    }
    let measured = project.measurements().await;
    let reasons: Vec<Reason> = measured.left_out.iter().map(|file| file.reason).collect();
    assert_eq!(reasons, [Reason::Unreadable; 3]);
}

#[tokio::test]
async fn results_of_other_programs_with_the_same_type_are_passed_over() {
    let project = Project::of(&[("a.py", BEFORE)]).await;
    let (ours, _) = run(&project).await;
    let theirs = codestrata::AnalysisResult::new(REPOSITORY, "metrics", serde_json::json!([1])).with_id("x");
    project.storage.analysis().store_analysis(theirs).await.unwrap();
    assert_eq!(latest::<Metrics>(project.storage.analysis(), REPOSITORY).await.unwrap(), Some(ours));
    let error = load::<Metrics>(project.storage.analysis(), "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.message().contains("another program"), "{}", error.message());
}

#[tokio::test]
async fn a_result_that_only_claims_to_be_a_run_does_not_stop_the_next_one() {
    let project = Project::of(&[("a.py", BEFORE)]).await;
    let broken = codestrata::AnalysisResult::new(REPOSITORY, Metrics::TYPE, serde_json::json!([1]))
        .with_metadata("algorithm", Metrics::ALGORITHM);
    project.storage.analysis().store_analysis(broken).await.unwrap();
    let (kept, stored) = run(&project).await;
    assert!(stored);
    assert_eq!(latest::<Metrics>(project.storage.analysis(), REPOSITORY).await.unwrap(), Some(kept));
}
