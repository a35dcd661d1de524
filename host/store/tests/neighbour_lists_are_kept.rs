//! Neighbour lists stay in a cache that is hardly larger than they are, take their part of its budget, and give way.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::query::{Direction, FindFilter, Traversal};
use codestrata::{Edge, Graph, GraphStorage, StorageConfig, StorageManager};
use codestrata_config::ByteSize;
use support::function;

const NODES: u32 = 20_000;

fn id(number: u32) -> String {
    format!("f{:02}.py::n{number:05}", number % 20)
}

/// A ring over all nodes, whose neighbours are in different files.
fn ring() -> Graph {
    let mut ring = Graph::new("r");
    for number in 0..NODES {
        let id = id(number);
        let (file, name) = id.split_once("::").unwrap();
        ring.nodes.push(function(file, name));
    }
    ring.edges = (0..NODES).map(|number| Edge::new(id(number), id((number + 1) % NODES), "calls")).collect();
    ring
}

/// A store of some rings, behind a cache of so many bytes.
async fn rings(cache: ByteSize, repositories: &[&str]) -> StorageManager {
    let config = StorageConfig::in_memory().cache_capacity(cache);
    let storage = StorageManager::open(config).await.unwrap();
    for repository in repositories {
        let mut ring = ring();
        ring.metadata.repo_id = (*repository).to_owned();
        storage.graph().store_graph(&ring).await.unwrap();
    }
    storage
}

#[tokio::test]
async fn they_are_read_once_and_answer_in_both_directions() {
    let storage = rings(ByteSize::mebibytes(1), &["r"]).await;
    let queries = storage.query("r");
    queries.warm().await.unwrap();
    let warm = storage.cache().stats();
    assert_eq!((warm.refused, warm.keys), (0, 1), "{warm:?}");
    assert!(warm.bytes > 0 && warm.bytes < 600_000, "{warm:?}");
    queries.warm().await.unwrap();
    assert_eq!(storage.cache().stats(), warm, "nothing was read again");

    for direction in [Direction::Outgoing, Direction::Incoming] {
        let how = Traversal::default().direction(direction).depth(500);
        let answer = queries.impact(&id(100), &how, 1_000).await.unwrap();
        let ids: Vec<String> = answer.results.into_iter().map(|hit| hit.node.id).collect();
        let next = |step| match direction {
            Direction::Incoming => (NODES + 100 - step) % NODES,
            _ => 100 + step,
        };
        assert_eq!(ids, (1..=500).map(|step| id(next(step))).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn without_room_for_them_they_are_read_for_each_question() {
    for cache in [0, 300_000] {
        let storage = rings(ByteSize::bytes(cache), &["r"]).await;
        for asked in 1..=2 {
            let answer = storage.query("r").impact(&id(7), &Traversal::default().depth(2), 9).await.unwrap();
            assert_eq!(answer.results.len(), 2);
            assert!(storage.cache().stats().refused >= asked, "{:?}", storage.cache().stats());
        }
        assert!(storage.cache().stats().bytes <= cache);
    }
}

#[tokio::test]
async fn those_that_were_not_asked_for_longest_give_way_and_everything_stays_within_the_budget() {
    let limit = 2 << 20;
    let names = ["a", "b", "c", "d", "e", "f"];
    let storage = rings(ByteSize::bytes(limit), &names).await;
    for name in names {
        storage.query(name).warm().await.unwrap();
        // The rest of the cache fills up with what is read.
        storage.query(name).find("n", &FindFilter::default(), 100).await.unwrap();
        let stats = storage.cache().stats();
        assert!(stats.bytes <= limit, "{name}: {stats:?}");
    }
    let before = storage.cache().stats();
    storage.query("f").warm().await.unwrap();
    assert_eq!(storage.cache().stats().bytes, before.bytes, "the last one is at hand");
    storage.cache().clear();
    assert_eq!((storage.cache().stats().bytes, storage.cache().stats().keys), (0, 0));
}
