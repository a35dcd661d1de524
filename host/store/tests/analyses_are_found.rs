//! Results are found by repository, type and time, newest first.

mod support;

use std::time::SystemTime;

use codestrata::{AnalysisQuery, AnalysisResult, AnalysisStorage, ErrorKind, Graph, GraphStorage, limits};
use serde_json::json;
use support::{analysis_stores, day, ids, store_results};

#[tokio::test]
async fn results_are_listed_newest_first_and_by_id_within_a_moment() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        store_results(storage, "r", "x", &[("old", 10), ("b", 20), ("a", 20), ("new", 30)]).await;
        store_results(storage, "r", "y", &[("other", 25), ("ab", 20)]).await;
        store_results(storage, "r2", "x", &[("elsewhere", 20)]).await;
        let all = AnalysisQuery::of("r");
        assert_eq!(
            ids(storage, all.clone()).await,
            ["new", "other", "a", "ab", "b", "old"],
            "{}",
            store.engine
        );
        assert_eq!(ids(storage, all.clone().of_type("x")).await, ["new", "a", "b", "old"]);
        assert_eq!(ids(storage, all.clone().of_type("y")).await, ["other", "ab"]);
        assert!(ids(storage, all.of_type("z")).await.is_empty());
    }
}

#[tokio::test]
async fn since_is_a_moment_that_counts_itself() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        store_results(storage, "r", "x", &[("a", 10), ("b", 20), ("c", 30)]).await;
        let since = |at| ids(storage, AnalysisQuery::of("r").since(at));
        assert_eq!(since(day(20)).await, ["c", "b"], "{}", store.engine);
        assert_eq!(since(day(21)).await, ["c"]);
        assert_eq!(since(day(30)).await, ["c"]);
        assert!(since(day(31)).await.is_empty());
        assert_eq!(since(SystemTime::UNIX_EPOCH).await, ["c", "b", "a"]);
        let earlier = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
        assert_eq!(since(earlier).await, ["c", "b", "a"]);
        assert_eq!(ids(storage, AnalysisQuery::of("r").of_type("x").since(day(20))).await, ["c", "b"]);
    }
}

#[tokio::test]
async fn the_first_and_the_last_moment_are_kept_and_found() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let last = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(u64::MAX);
        for (id, at) in [("first", SystemTime::UNIX_EPOCH), ("last", last)] {
            let result = AnalysisResult::new("r", "x", json!(1)).with_id(id).with_timestamp(at);
            assert_eq!(storage.analysis().store_analysis(result).await.unwrap().timestamp, at);
        }
        assert_eq!(ids(storage, AnalysisQuery::of("r")).await, ["last", "first"]);
        assert_eq!(ids(storage, AnalysisQuery::of("r").since(last)).await, ["last"]);
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_says_how_to_go_on() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        // Seven in one moment: the answer goes on in the middle of it.
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let results: Vec<(&str, u64)> = names.iter().map(|name| (*name, 5)).collect();
        store_results(storage, "r", "x", &results).await;
        for query in [AnalysisQuery::of("r"), AnalysisQuery::of("r").of_type("x").since(day(5))] {
            let mut query = query.limit(3);
            let mut found = Vec::new();
            loop {
                let page = storage.analysis().find_analysis(&query).await.unwrap();
                found.extend(page.results.into_iter().map(|result| result.id));
                match page.next {
                    None => break,
                    Some(rest) => {
                        assert_eq!(found.len() % 3, 0, "a cut answer is a full one");
                        query = rest;
                    }
                }
            }
            assert_eq!(found, names, "{}", store.engine);
            // An answer that is just full is all there is.
            let whole = storage.analysis().list_analysis(&AnalysisQuery::of("r").limit(7)).await.unwrap();
            assert_eq!((whole.results.len(), whole.next), (7, None));
        }
    }
}

#[tokio::test]
async fn an_answer_has_at_most_a_thousand_results() {
    let store = analysis_stores(|config| config).await.swap_remove(0);
    let names: Vec<String> = (0..=limits::MAX_FOUND_ANALYSES).map(|number| format!("{number:05}")).collect();
    let results: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 0)).collect();
    store_results(&store.storage, "r", "x", &results).await;
    let query = AnalysisQuery::of("r").limit(usize::MAX);
    let found = store.storage.analysis().list_analysis(&query).await.unwrap();
    assert_eq!(found.results.len(), limits::MAX_FOUND_ANALYSES);
    let rest = store.storage.analysis().list_analysis(&found.next.unwrap()).await.unwrap();
    assert_eq!((rest.results.len(), rest.next), (1, None));
}

#[tokio::test]
async fn an_answer_with_data_is_cut_before_it_is_too_large() {
    let store = analysis_stores(|config| config).await.swap_remove(0);
    let analyses = store.storage.analysis();
    store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    let third = usize::try_from(limits::MAX_FOUND_ANALYSIS_BYTES).unwrap() / 3 + 1;
    for id in ["a", "b", "c"] {
        let data = json!("x".repeat(third));
        let result = AnalysisResult::new("r", "x", data).with_id(id).with_timestamp(day(0));
        analyses.store_analysis(result).await.unwrap();
    }
    let found = analyses.find_analysis(&AnalysisQuery::of("r")).await.unwrap();
    assert_eq!(found.results.iter().map(|result| result.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let rest = analyses.find_analysis(&found.next.unwrap()).await.unwrap();
    assert_eq!((rest.results.len(), rest.next), (1, None));
    // Without the data nothing is large.
    assert_eq!(ids(&store.storage, AnalysisQuery::of("r")).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_result_that_is_stored_again_moves_in_time_type_and_repository() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        store_results(storage, "r", "x", &[("it", 10), ("fixed", 20)]).await;
        store_results(storage, "r", "x", &[("it", 30)]).await;
        assert_eq!(ids(storage, AnalysisQuery::of("r")).await, ["it", "fixed"], "{}", store.engine);
        store_results(storage, "r", "y", &[("it", 30)]).await;
        assert_eq!(ids(storage, AnalysisQuery::of("r").of_type("x")).await, ["fixed"]);
        assert_eq!(ids(storage, AnalysisQuery::of("r").of_type("y")).await, ["it"]);
        store_results(storage, "r2", "y", &[("it", 5)]).await;
        assert_eq!(ids(storage, AnalysisQuery::of("r")).await, ["fixed"]);
        assert_eq!(ids(storage, AnalysisQuery::of("r2")).await, ["it"]);
        assert_eq!(storage.analysis().load_analysis("it").await.unwrap().unwrap().repository, "r2");
        assert!(storage.analysis().delete_analysis("it").await.unwrap());
        assert!(!storage.analysis().delete_analysis("it").await.unwrap());
        assert!(ids(storage, AnalysisQuery::of("r2")).await.is_empty());
    }
}

#[tokio::test]
async fn a_repository_that_is_unknown_is_told_from_one_without_results() {
    for store in analysis_stores(|config| config).await {
        let (storage, analyses) = (&store.storage, store.storage.analysis());
        let query = AnalysisQuery::of("r");
        assert_eq!(analyses.list_analysis(&query).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(analyses.find_analysis(&query).await.unwrap_err().kind(), ErrorKind::NotFound);
        let stored = analyses.store_analysis(AnalysisResult::new("r", "x", json!(1))).await;
        assert_eq!(stored.unwrap_err().kind(), ErrorKind::NotFound, "{}", store.engine);
        storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        assert!(ids(storage, query).await.is_empty());
    }
}

#[tokio::test]
async fn results_are_found_by_the_beginning_of_their_ids_in_every_repository() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        store_results(storage, "r", "x", &[("ab", 10), ("abc", 20), ("b", 20)]).await;
        store_results(storage, "r2", "y", &[("abd", 25)]).await;
        let long = "ab".repeat(1_000);
        store_results(storage, "r2", "y", &[(&long, 25), (&format!("{long}c"), 25)]).await;
        let found = async |prefix: &str, limit: usize| {
            let found = storage.analysis().beginning_with(prefix, limit).await.unwrap();
            found.into_iter().map(|summary| summary.id).collect::<Vec<_>>()
        };
        assert_eq!(found("abc", 10).await, ["abc"], "{}", store.engine);
        assert_eq!(found("ab", 2).await, ["ab".to_owned(), long.clone()], "{}", store.engine);
        assert_eq!(found("ab", 10).await.len(), 5);
        assert_eq!(found("z", 10).await, Vec::<String>::new());
        assert_eq!(found(&long, 10).await.len(), 2);
        assert_eq!(found(&format!("{long}c"), 10).await, [format!("{long}c")]);
        storage.graph().delete_graph("r").await.unwrap();
        assert_eq!(found("abc", 10).await, Vec::<String>::new(), "a repository that is gone has none");
        let error = storage.analysis().beginning_with("", 10).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
