//! Questions about bases and subclasses end, and are right, whatever the hierarchy is like.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::collections::{BTreeMap, BTreeSet};

use codestrata::query::{OrderEnd, OrderRule};
use codestrata::{Edge, Graph, GraphStorage, Node, StorageManager};
use proptest::prelude::*;

mod support;

use support::line;

/// A graph of classes, each with the numbers of its bases, spread over files.
fn classes(bases: &[Vec<usize>], files: usize, ending: &str) -> Graph {
    let mut graph = Graph::new("r");
    for (number, bases) in bases.iter().enumerate() {
        let file = format!("f{}.{ending}", number % files);
        graph.nodes.push(Node::new(id(number), format!("C{number}"), "class", file, line(1)));
        for (place, base) in (1..).zip(bases) {
            graph.edges.push(Edge::new(id(number), id(*base), "inherits").with_span(line(place)));
        }
    }
    graph
}

fn id(number: usize) -> String {
    format!("C{number}")
}

async fn stored(graph: &Graph) -> StorageManager {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(graph).await.unwrap();
    storage
}

#[tokio::test]
async fn a_chain_of_ten_thousand_classes_is_followed_to_its_end() {
    let chain: Vec<Vec<usize>> = (0..10_000).map(|class| (class + 1..10_000).take(1).collect()).collect();
    for files in [1, 7] {
        let storage = stored(&classes(&chain, files, "py")).await;
        let queries = storage.query("r");
        let found = queries.bases("C0", 20_000).await.unwrap();
        assert_eq!((found.bases.results.len(), found.bases.truncated), (9_999, false));
        assert_eq!((found.order.end, found.order.classes.len()), (OrderEnd::Complete, 10_000));
        assert_eq!(found.bases.results[9_998].depth, 9_999);
        let below = queries.subclasses("C9999", u32::MAX, 20_000).await.unwrap();
        assert_eq!((below.results.len(), below.truncated), (9_999, false));
        assert_eq!(below.results[9_998].node.id(), "C0");
    }
}

#[tokio::test]
async fn a_class_with_ten_thousand_subclasses_and_one_with_as_many_bases_are_answered_for() {
    let star: Vec<Vec<usize>> =
        (0..10_000).map(|class| if class == 0 { Vec::new() } else { vec![0] }).collect();
    let storage = stored(&classes(&star, 11, "py")).await;
    let below = storage.query("r").subclasses("C0", 1, 20_000).await.unwrap();
    assert_eq!((below.results.len(), below.truncated), (9_999, false));
    let cut = storage.query("r").subclasses("C0", 1, 9_998).await.unwrap();
    assert_eq!((cut.results.len(), cut.truncated), (9_998, true));

    let mut fan: Vec<Vec<usize>> = vec![Vec::new(); 3_000];
    fan[0] = (1..3_000).collect();
    let storage = stored(&classes(&fan, 11, "py")).await;
    let found = storage.query("r").bases("C0", 20_000).await.unwrap();
    assert_eq!(found.bases.results.len(), 2_999);
    let names: Vec<String> =
        found.order.classes.into_iter().map(|class| class.node.unwrap().id().to_string()).collect();
    assert_eq!(names, (0..3_000).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_order_that_takes_too_long_is_not_found_and_says_so() {
    // Every class has the next two as bases, so that the orders of all of them have to be merged.
    let ladder: Vec<Vec<usize>> = (0..6_000).map(|class| (class + 1..6_000).take(2).collect()).collect();
    let storage = stored(&classes(&ladder, 3, "py")).await;
    let found = storage.query("r").bases("C0", 10).await.unwrap();
    assert_eq!((found.order.end, found.order.classes.len()), (OrderEnd::Limit, 0));
    assert_eq!((found.bases.results.len(), found.bases.truncated), (10, true));
    let found = storage.query("r").bases("C5000", 2_000).await.unwrap();
    assert_eq!((found.order.end, found.order.classes.len()), (OrderEnd::Complete, 1_000));
}

#[tokio::test]
async fn an_unknown_class_is_named() {
    let storage = stored(&classes(&[Vec::new()], 1, "py")).await;
    let error = storage.query("r").bases("C7", 10).await.unwrap_err();
    assert!(error.message().contains("`C7`"), "{error}");
    assert!(storage.query("r").subclasses("C7", 1, 10).await.is_err());
}

/// The fewest steps to everything that can be reached, without the start.
fn distances(edges: &BTreeMap<usize, Vec<usize>>, start: usize) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::from([(start, 0)]);
    let mut frontier = vec![start];
    for depth in 1.. {
        let next: BTreeSet<usize> =
            frontier.iter().flat_map(|class| edges.get(class).into_iter().flatten()).copied().collect();
        frontier = next.into_iter().filter(|class| !found.contains_key(class)).collect();
        if frontier.is_empty() {
            break;
        }
        found.extend(frontier.iter().map(|class| (*class, depth)));
    }
    found.remove(&start);
    found.into_iter().map(|(class, depth)| (id(class), depth)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bases_and_subclasses_are_those_of_a_plain_walk(
        bases in prop::collection::vec(prop::collection::btree_set(0_usize..9, 0..4), 9),
        files in 1_usize..4, python in any::<bool>(),
    ) {
        let bases: Vec<Vec<usize>> = bases.into_iter().map(|set| set.into_iter().collect()).collect();
        let up: BTreeMap<usize, Vec<usize>> = bases.iter().cloned().enumerate().collect();
        let mut down: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (class, bases) in &up {
            for base in bases {
                down.entry(*base).or_default().push(*class);
            }
        }
        let graph = classes(&bases, files, if python { "py" } else { "x" });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let storage = stored(&graph).await;
            let queries = storage.query("r");
            for class in 0..bases.len() {
                let found = queries.bases(&id(class), 100).await.unwrap();
                let hits = found.bases.results.iter();
                let above: BTreeMap<String, u32> = hits.map(|hit| (hit.node.id().to_string(), hit.depth)).collect();
                assert_eq!(above, distances(&up, class));
                assert!(found.bases.results.is_sorted_by_key(|hit| hit.depth));
                let rule = if python { OrderRule::C3 } else { OrderRule::AsNamed };
                assert_eq!(found.order.rule, rule);
                let ordered: BTreeSet<String> =
                    found.order.classes.iter().map(|class| class.node.as_ref().unwrap().id().to_string()).collect();
                if found.order.end == OrderEnd::Complete {
                    let all: BTreeSet<String> = above.into_keys().chain([id(class)]).collect();
                    assert_eq!(ordered, all);
                    assert_eq!(found.order.classes.len(), ordered.len());
                } else {
                    assert!(python && ordered.is_empty() && found.order.reason.is_some());
                }
                let below = queries.subclasses(&id(class), u32::MAX, 100).await.unwrap();
                let reached: BTreeMap<String, u32> =
                    below.results.iter().map(|hit| (hit.node.id().to_string(), hit.depth)).collect();
                assert_eq!(&reached, &distances(&down, class));
                let near = queries.subclasses(&id(class), 1, 100).await.unwrap();
                let near: BTreeSet<String> = near.results.into_iter().map(|hit| hit.node.id().to_string()).collect();
                let direct: BTreeSet<String> =
                    down.get(&class).into_iter().flatten().filter(|below| **below != class).map(|below| id(*below)).collect();
                assert_eq!(near, direct);
            }
        });
    }
}
