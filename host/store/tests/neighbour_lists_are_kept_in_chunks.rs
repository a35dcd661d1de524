//! Neighbour lists of a graph that is larger than one chunk stay in a cache that is hardly larger than they are.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::query::{Direction, Traversal};
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

#[tokio::test]
async fn they_are_read_once_and_answer_across_chunks() {
    let config = StorageConfig::in_memory().cache_capacity(ByteSize::mebibytes(1));
    let storage = StorageManager::open(config).await.unwrap();
    storage.graph().store_graph(&ring()).await.unwrap();
    let queries = storage.query("r");
    queries.warm().await.unwrap();
    let warm = storage.cache().stats();
    assert_eq!(
        (warm.refused, warm.keys),
        (0, 7),
        "a numbering and three chunks for each direction: {warm:?}"
    );
    assert!(warm.bytes < 600_000, "{warm:?}");
    queries.warm().await.unwrap();
    assert_eq!(storage.cache().stats().misses, warm.misses, "nothing was read again");

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
async fn without_a_cache_they_are_read_for_each_question() {
    let config = StorageConfig::in_memory().cache_capacity(ByteSize::mebibytes(0));
    let storage = StorageManager::open(config).await.unwrap();
    storage.graph().store_graph(&ring()).await.unwrap();
    for _ in 0..2 {
        let answer = storage.query("r").impact(&id(7), &Traversal::default().depth(2), 9).await.unwrap();
        assert_eq!(answer.results.len(), 2);
    }
    assert_eq!(storage.cache().stats().bytes, 0);
}
