//! A path has the fewest edges, is the same every time, and "there is none" is told from "a limit was hit".

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use codestrata::query::{Direction, EdgeKinds, PathEnd, Traversal};
use codestrata::{Edge, Graph, GraphStorage, StorageManager};
use proptest::prelude::*;
use support::{file, function, graph, line, stores};

const FILES: u8 = 3;

/// Nodes are numbers; three files share them, and their ids are not in the order of the numbers.
fn id(number: u8) -> String {
    format!("f{}.py::n{}", number % FILES, number.wrapping_mul(37) % 64)
}

fn stored(nodes: u8, edges: &[(u8, u8, bool)]) -> Graph {
    let mut stored = Graph::new("r");
    stored.nodes = (0..nodes)
        .map(|number| {
            let (file, name) =
                id(number).split_once("::").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            function(&file, &name)
        })
        .collect();
    stored.edges = edges
        .iter()
        .zip(1..)
        .map(|((from, to, is_call), at)| {
            let kind = if *is_call { "calls" } else { "accesses" };
            Edge::new(id(*from), id(*to), kind).with_span(line(at))
        })
        .collect();
    stored
}

/// Every shortest path there is, by trying all of them; none if there is no path of at most `depth` edges.
fn brute_force(edges: &[(u8, u8)], from: u8, to: u8, depth: usize) -> Option<Vec<String>> {
    let mut paths: BTreeSet<Vec<u8>> = BTreeSet::from([vec![from]]);
    for _ in 0..=depth {
        let found = paths.iter().filter(|path| path.last() == Some(&to));
        let ids = found.map(|path| path.iter().map(|number| id(*number)).collect::<Vec<_>>());
        if let Some(first) = ids.min() {
            return Some(first);
        }
        paths = paths
            .iter()
            .flat_map(|path| {
                let next = edges.iter().filter(|(source, _)| path.last() == Some(source));
                next.filter(|(_, target)| !path.contains(target)).map(|(_, target)| {
                    let mut longer = path.clone();
                    longer.push(*target);
                    longer
                })
            })
            .collect();
    }
    None
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn ids(storage: &StorageManager, from: &str, to: &str, options: &Traversal) -> (Vec<String>, PathEnd) {
    let (answer, end) = storage.query("r").path(from, to, options).await.unwrap();
    assert_eq!(answer.truncated, matches!(end, PathEnd::DepthLimit | PathEnd::NodeLimit));
    (answer.results.into_iter().map(|step| step.node.id().to_string()).collect(), end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_is_the_first_of_the_shortest_in_any_graph(
        edges in prop::collection::vec((0_u8..8, 0_u8..8, any::<bool>()), 0..24),
        from in 0_u8..8, to in 0_u8..8, depth in 0_u32..6, all in any::<bool>(),
        direction in prop_oneof![Just(Direction::Outgoing), Just(Direction::Incoming), Just(Direction::Both)],
    ) {
        let along: Vec<(u8, u8)> =
            edges.iter().filter(|(_, _, is_call)| all || *is_call).map(|(from, to, _)| (*from, *to)).collect();
        let against = along.iter().map(|(from, to)| (*to, *from));
        let followed: Vec<(u8, u8)> = match direction {
            Direction::Outgoing => along.clone(),
            Direction::Incoming => against.collect(),
            Direction::Both => along.iter().copied().chain(against).collect(),
        };
        let kinds = if all { EdgeKinds::dependencies() } else { EdgeKinds::calls() };
        let options = Traversal::along(kinds).depth(depth).direction(direction);
        let (found, end, answer) = block_on(async {
            let storage = StorageManager::in_memory().unwrap();
            storage.graph().store_graph(&stored(8, &edges)).await.unwrap();
            let (found, end) = ids(&storage, &id(from), &id(to), &options).await;
            (found, end, storage.query("r").path(&id(from), &id(to), &options).await.unwrap().0)
        });
        let expected = brute_force(&followed, from, to, depth as usize);
        let is_reachable = brute_force(&followed, from, to, 8).is_some();
        match expected {
            Some(path) => prop_assert_eq!((found, end), (path, PathEnd::Found)),
            None => {
                prop_assert!(found.is_empty());
                // Where everything in reach was looked at within the depth it is `None`, though a limit was given.
                prop_assert!(end == PathEnd::DepthLimit || (end == PathEnd::None && !is_reachable));
            }
        }
        // Each step has exactly the edges between it and the one before, those along the way where there are any.
        let mut between: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (from, to) in &along {
            *between.entry((id(*from), id(*to))).or_default() += 1;
        }
        for pair in answer.results.windows(2) {
            let (before, step) = (pair[0].node.id().to_string(), pair[1].node.id().to_string());
            let forwards = between.get(&(before.clone(), step.clone())).filter(|_| direction != Direction::Incoming);
            prop_assert_eq!(pair[1].is_backwards, forwards.is_none());
            let expected = forwards.or_else(|| between.get(&(step, before)));
            prop_assert_eq!(Some(&pair[1].sites.len()), expected);
        }
    }
}

#[tokio::test]
async fn a_node_leads_to_itself_in_no_step() {
    for store in stores().await {
        let loops = graph("r", &[("a.py", "f")], &[("a.py::f", "a.py::f")]);
        store.storage.graph().store_graph(&loops).await.unwrap();
        let options = Traversal::default().depth(0);
        let found = ids(&store.storage, "a.py::f", "a.py::f", &options).await;
        assert_eq!(found, (vec!["a.py::f".to_owned()], PathEnd::Found), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_limit_is_told_from_there_being_none() {
    let functions: Vec<(&str, &str)> =
        ["a", "b", "c", "d", "alone"].iter().map(|name| ("x.py", *name)).collect();
    let calls = [("x.py::a", "x.py::b"), ("x.py::b", "x.py::c"), ("x.py::c", "x.py::d")];
    for store in stores().await {
        store.storage.graph().store_graph(&graph("r", &functions, &calls)).await.unwrap();
        let ask = async |to: &str, depth, visited| {
            let options = Traversal::default().depth(depth).visited(visited);
            ids(&store.storage, "x.py::a", to, &options).await.1
        };
        assert_eq!(ask("x.py::d", 3, 100).await, PathEnd::Found);
        assert_eq!(ask("x.py::d", 2, 100).await, PathEnd::DepthLimit);
        assert_eq!(ask("x.py::d", 9, 1).await, PathEnd::NodeLimit);
        assert_eq!(ask("x.py::alone", 9, 100).await, PathEnd::None);
        // The nodes at the depth that was asked for lead nowhere, but nobody looked.
        assert_eq!(ask("x.py::alone", 3, 100).await, PathEnd::DepthLimit);
        assert_eq!(ask("x.py::a", 0, 0).await, PathEnd::Found);
    }
}

#[tokio::test]
async fn the_path_does_not_depend_on_how_the_graph_came_about() {
    // Two ways of equal length over other files. The edited store gives its nodes other numbers than a new one.
    let tree = |storage: StorageManager, first: &'static [&'static str], second: &'static [&'static str]| async move {
        for names in [first, second] {
            for name in names {
                let calls: &[&str] = match *name {
                    "start" => &["right.f", "left.f"],
                    "goal" => &[],
                    _ => &["goal.f"],
                };
                storage
                    .graph()
                    .replace_file("r", file(&format!("{name}.py"), &[("f", calls)]))
                    .await
                    .unwrap();
            }
        }
        ids(&storage, "start.py::f", "goal.py::f", &Traversal::default()).await.0
    };
    let forwards = tree(StorageManager::in_memory().unwrap(), &["goal", "right"], &["left", "start"]).await;
    let backwards = tree(StorageManager::in_memory().unwrap(), &["start", "left"], &["right", "goal"]).await;
    assert_eq!(forwards, ["start.py::f", "left.py::f", "goal.py::f"]);
    assert_eq!(forwards, backwards);
}

#[tokio::test]
async fn references_that_could_not_be_followed_are_counted() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().replace_file("r", file("a.py", &[("f", &["nowhere.g"]), ("h", &[])])).await.unwrap();
    let (answer, end) = storage.query("r").path("a.py::f", "a.py::h", &Traversal::default()).await.unwrap();
    assert_eq!((end, answer.ambiguous, answer.unresolved), (PathEnd::None, 0, 1));
    let error = storage.query("r").path("a.py::f", "a.py::x", &Traversal::default()).await.unwrap_err();
    assert!(error.to_string().contains("no node `a.py::x`"), "{error}");
}
