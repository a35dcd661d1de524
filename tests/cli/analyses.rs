//! Results of analyses, which programs have stored beside the graph, are listed, shown and cleaned up.

use std::time::{Duration, SystemTime};

use codestrata::{AnalysisResult, AnalysisStorage, StorageConfig, StorageManager};
use codestrata_backend_redb as _;
use predicates::str::contains;
use serde_json::json;

use crate::sandbox::{Sandbox, ids};

/// A moment in the past.
fn days_ago(days: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60)
}

/// A project with five results: four of one type, made 1, 2, 3 and 40 days ago, and one of another.
fn with_results() -> Sandbox {
    let sandbox = Sandbox::indexed();
    let path = sandbox.root().join(".codestrata/graph.redb").display().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let storage = StorageManager::open(StorageConfig::new("redb").option("path", path)).await.unwrap();
        for days in [1, 2, 3, 40] {
            let result = AnalysisResult::new("shop", "complexity", json!({ "app/user.py::User.save": days }))
                .with_id(format!("c{days}"))
                .with_timestamp(days_ago(days))
                .with_metadata("tool", "measure 1.2");
            storage.analysis().store_analysis(result).await.unwrap();
        }
        let dead = AnalysisResult::new("shop", "dead code", json!(["app/user.py::Group"])).with_id("dead");
        storage.analysis().store_analysis(dead.with_timestamp(days_ago(5))).await.unwrap();
        storage.close().await.unwrap();
    });
    sandbox
}

/// Gives the project a configuration with this retention.
fn configure(sandbox: &Sandbox, retention: &str) {
    let store = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \".codestrata/graph.redb\"\n";
    sandbox.write("codestrata.toml", format!("{store}[analysis]\n{retention}\n"));
}

#[test]
fn they_are_listed_newest_first_by_type_and_time() {
    let sandbox = with_results();
    let list = |arguments: &[&str]| sandbox.json(&[&["analysis", "list"], arguments].concat());
    assert_eq!(ids(&list(&[])), ["c1", "c2", "c3", "dead", "c40"]);
    assert_eq!(ids(&list(&["--type", "dead code"])), ["dead"]);
    assert_eq!(ids(&list(&["--since", "60h"])), ["c1", "c2"]);
    assert_eq!(ids(&list(&["--since", "1971-01-01", "--type", "complexity"])).len(), 4);
    assert_eq!(ids(&list(&["--since", "4d", "--type", "dead code"])), Vec::<&str>::new());
    let cut = list(&["--limit", "2"]);
    assert_eq!((ids(&cut), &cut["truncated"]), (vec!["c1", "c2"], &true.into()));
    let first = &list(&[])["results"][0];
    assert_eq!((&first["type"], &first["metadata"]["tool"]), (&"complexity".into(), &"measure 1.2".into()));
    assert!(first["time"].as_str().unwrap().ends_with('Z') && first["data_bytes"].as_u64() > Some(0));
    sandbox
        .run(&["analysis", "list", "--limit", "1"])
        .success()
        .stdout(contains("c1  complexity"))
        .stdout(contains("tool measure 1.2"))
        .stdout(contains("raise --limit (now 1)"));
    sandbox.run(&["analysis", "list", "--type", "x"]).success().stdout(contains("no such result of shop"));
    sandbox.run(&["analysis", "list", "--since", "soon"]).code(2).stderr(contains("give an age such as 7d"));
    sandbox.run(&["analysis", "list", "--repo", "nope"]).code(1);
}

#[test]
fn one_is_shown_with_its_data() {
    let sandbox = with_results();
    sandbox
        .run(&["analysis", "show", "c2"])
        .success()
        .stdout(contains("type complexity"))
        .stdout(contains("tool measure 1.2"))
        .stdout(contains("{\n  \"app/user.py::User.save\": 2\n}\n"));
    let shown = sandbox.json(&["analysis", "show", "dead"]);
    assert_eq!(shown["data"], json!(["app/user.py::Group"]));
    assert_eq!((&shown["repository"], &shown["type"]), (&"shop".into(), &"dead code".into()));
    sandbox
        .run(&["analysis", "show", "nope"])
        .code(1)
        .stdout("")
        .stderr(contains("there is no result `nope`"));
}

#[test]
fn what_would_be_removed_is_what_is_removed() {
    for (retention, by_age, by_count) in [
        ("retention = \"30d\"", 1, 0),
        ("max_results = 2", 0, 2),
        ("retention = \"60h\"\nmax_results = 1", 3, 1),
    ] {
        let sandbox = with_results();
        configure(&sandbox, retention);
        let figures = |answer: &serde_json::Value| (answer["by_age"].as_u64(), answer["by_count"].as_u64());
        let expected = (Some(by_age), Some(by_count));
        let dry = sandbox.json(&["analysis", "gc", "--dry-run"]);
        assert_eq!((figures(&dry), &dry["dry_run"]), (expected, &true.into()), "{retention}");
        assert_eq!(
            ids(&sandbox.json(&["analysis", "list"])).len(),
            5,
            "{retention}: a dry run removes nothing"
        );
        assert_eq!(figures(&sandbox.json(&["analysis", "gc"])), expected, "{retention}");
        let left = 5 - usize::try_from(by_age + by_count).unwrap();
        assert_eq!(ids(&sandbox.json(&["analysis", "list"])).len(), left, "{retention}");
        sandbox.run(&["analysis", "gc"]).success().stdout(contains("removed 0 results"));
    }
}

#[test]
fn without_a_retention_nothing_is_removed_and_it_says_why() {
    let sandbox = with_results();
    for command in [&["analysis", "gc"][..], &["analysis", "gc", "--dry-run"]] {
        sandbox.run(command).success().stdout(contains("no retention is configured"));
    }
    assert_eq!(ids(&sandbox.json(&["analysis", "list"])).len(), 5);
}

#[test]
fn they_go_with_their_repository() {
    let sandbox = with_results();
    sandbox.run(&["remove", "shop", "--yes"]).success();
    sandbox.run(&["analysis", "show", "c1"]).code(1);
}

#[test]
fn a_store_of_their_own_may_be_configured_later() {
    let sandbox = Sandbox::indexed();
    let own =
        "backend = \"redb\"\nretention = \"30d\"\n[analysis.options]\npath = \".codestrata/analysis.redb\"";
    configure(&sandbox, own);
    assert_eq!(ids(&sandbox.json(&["analysis", "list"])), Vec::<&str>::new());
    assert!(!sandbox.root().join(".codestrata/analysis.redb").exists(), "a question makes nothing");
    sandbox.run(&["analysis", "gc"]).success().stdout(contains("removed 0 results; 0 older than 30days"));
}

/// A project with results of these ids.
fn with_ids(ids: &[&str]) -> Sandbox {
    let sandbox = Sandbox::indexed();
    let path = sandbox.root().join(".codestrata/graph.redb").display().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let storage = StorageManager::open(StorageConfig::new("redb").option("path", path)).await.unwrap();
        for id in ids {
            let result = AnalysisResult::new("shop", "complexity", json!(id)).with_id(*id);
            storage.analysis().store_analysis(result).await.unwrap();
        }
        storage.close().await.unwrap();
    });
    sandbox
}

#[test]
fn the_first_characters_of_an_id_are_enough_where_no_other_begins_so() {
    let named = "measurements-2013-06-01";
    let sandbox = with_ids(&["3f2a91c0", "3f2b0000", "77b0", "77b01234", named, "measurements-2014"]);
    for (written, meant) in [
        ("3f2a", "3f2a91c0"),
        ("3f2a91c0", "3f2a91c0"),
        ("77b0", "77b0"),
        ("77b01", "77b01234"),
        ("measurements-2013", named),
    ] {
        assert_eq!(sandbox.json(&["analysis", "show", written])["id"], meant);
    }
    sandbox.run(&["analysis", "show", "measurements"]).code(2).stderr(contains("measurements-2014"));
    let error = sandbox.json_error(&["analysis", "show", "3f2a92"], 1);
    assert_eq!(error["message"], "there is no result `3f2a92`");
    for written in ["3f2", "mea", "4444"] {
        sandbox.run(&["analysis", "show", written]).code(1).stderr(contains("`codestrata analysis list`"));
    }
}

#[test]
fn digits_with_which_several_ids_begin_are_refused_with_these() {
    let sandbox = with_ids(&["3f2a91c0", "3f2a91c1", "3f2a0000"]);
    let error = sandbox.json_error(&["analysis", "show", "3f2a91"], 2);
    assert_eq!(error["similar"], json!(["3f2a91c0", "3f2a91c1"]));
    assert!(error["help"].as_str().unwrap().contains("`3f2a91c0` (complexity of "), "{error}");
    let many: Vec<String> = (10..30).map(|number| format!("abcd{number}")).collect();
    let sandbox = with_ids(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let error = sandbox.json_error(&["analysis", "show", "abcd"], 2);
    assert_eq!(error["similar"].as_array().unwrap().len(), 10);
    assert!(error["help"].as_str().unwrap().ends_with(" and more"), "{error}");
}

#[test]
fn results_are_compared_by_the_first_digits_of_their_ids() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/more.py", "def more():\n    pass\n");
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["metrics"]).success();
    let listed = sandbox.json(&["analysis", "list", "--type", "metrics"]);
    let [later, earlier] = ids(&listed)[..] else { panic!("{listed}") };
    let difference = sandbox.json(&["analysis", "diff", &earlier[..10], &later[..10]]);
    assert_eq!((&difference["from"]["id"], &difference["to"]["id"]), (&earlier.into(), &later.into()));
}

#[test]
fn an_unknown_type_is_answered_with_the_types_that_there_are() {
    let sandbox = with_results();
    sandbox
        .run(&["analysis", "list", "--type", "dead"])
        .success()
        .stdout(contains("the types that there are: `complexity`, `dead code`"));
    assert_eq!(
        sandbox.json(&["analysis", "list", "--type", "dead"])["types"],
        json!(["complexity", "dead code"])
    );
    let known = sandbox.json(&["analysis", "list", "--type", "dead code", "--since", "1h"]);
    assert_eq!((&known["results"], known.get("types")), (&json!([]), None));
}
