//! Neighbour lists stay in a cache that is hardly larger than they are, take their part of its budget, and give way.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::limits::MAX_STEPWISE_NODES;
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
        let ids: Vec<String> = answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect();
        let next = |step| match direction {
            Direction::Incoming => (NODES + 100 - step) % NODES,
            _ => 100 + step,
        };
        assert_eq!(ids, (1..=500).map(|step| id(next(step))).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn without_room_for_them_they_are_not_made_and_the_answers_are_the_same() {
    let how = Traversal::default().direction(Direction::Both).depth(40);
    let wide = rings(ByteSize::mebibytes(8), &["r"]).await;
    wide.query("r").warm().await.unwrap();
    let expected = wide.query("r").impact(&id(7), &how, 1_000).await.unwrap();
    assert_eq!(expected.results.len(), 80);
    for cache in [0, 200_000] {
        let storage = rings(ByteSize::bytes(cache), &["r"]).await;
        assert_eq!(storage.query("r").impact(&id(7), &how, 1_000).await.unwrap(), expected, "{cache}");
        assert!(storage.cache().stats().bytes <= cache);
    }
}

#[tokio::test]
async fn a_walk_of_more_than_a_few_hundred_nodes_makes_them_and_a_short_one_does_not() {
    let storage = rings(ByteSize::mebibytes(8), &["r"]).await;
    let reach = async |depth| {
        let how = Traversal::default().depth(depth);
        storage.query("r").impact(&id(7), &how, 100_000).await.unwrap().results.len()
    };
    let most = u32::try_from(MAX_STEPWISE_NODES).unwrap();
    // Whether there is more beyond the depth is looked at too.
    assert_eq!(reach(most - 1).await, MAX_STEPWISE_NODES - 1);
    let short = storage.cache().stats();
    assert_eq!(reach(most).await, MAX_STEPWISE_NODES);
    let long = storage.cache().stats();
    assert_eq!((short.refused, long.refused), (0, 0));
    assert!(long.bytes > short.bytes + 200_000, "{short:?} {long:?}");
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
