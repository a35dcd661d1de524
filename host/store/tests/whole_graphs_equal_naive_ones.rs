//! Cycles, hotspots and what roots reach are those that a naive look at all edges finds.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use codestrata::query::{CycleFilter, DeadFilter, Direction, EdgeKinds, HotspotFilter, Verdict};
use codestrata::{Edge, ErrorKind, Graph, GraphStorage, Resolution, StorageManager};
use proptest::prelude::*;
use support::{function, graph, line, stores};

const NODES: u8 = 14;
const FILES: u8 = 7;

fn file(number: u8) -> String {
    format!("f{}.py", number % FILES)
}

fn id(number: u8) -> String {
    format!("{}::n{number:02}", file(number))
}

/// Source, target, and whether the edge is certain.
type Arrow = (u8, u8, bool);

fn stored(arrows: &[Arrow]) -> Graph {
    let mut stored = Graph::new("r");
    stored.nodes = (0..NODES).map(|number| function(&file(number), &format!("n{number:02}"))).collect();
    stored.edges = (1..)
        .zip(arrows)
        .map(|(at, (from, to, sure))| {
            let how = if *sure { Resolution::Import } else { Resolution::UniqueName };
            let edge = Edge::new(id(*from), id(*to), "calls").with_span(line(at));
            edge.with_attribute(Edge::RESOLUTION, how.as_str())
        })
        .collect();
    stored
}

async fn storage(arrows: &[Arrow]) -> StorageManager {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&stored(arrows)).await.unwrap();
    storage
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// From each of some things the others that can be reached, by trying all pairs until nothing is new.
fn closure<T: Ord + Clone>(edges: &BTreeSet<(T, T)>) -> BTreeSet<(T, T)> {
    let mut all = edges.clone();
    loop {
        let longer = all.iter().flat_map(|(a, b)| {
            edges.iter().filter(move |(c, _)| c == b).map(move |(_, d)| (a.clone(), d.clone()))
        });
        let more: BTreeSet<(T, T)> = all.iter().cloned().chain(longer).collect();
        if more.len() == all.len() {
            return all;
        }
        all = more;
    }
}

fn arrows() -> impl Strategy<Value = Vec<Arrow>> {
    prop::collection::vec((0..NODES, 0..NODES, any::<bool>()), 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_in_a_circle_are_those_that_reach_each_other(arrows in arrows(), unsure in any::<bool>()) {
        let edges: BTreeSet<(String, String)> = arrows
            .iter()
            .filter(|(from, to, sure)| (*sure || unsure) && file(*from) != file(*to))
            .map(|(from, to, _)| (file(*from), file(*to)))
            .collect();
        let reach = closure(&edges);
        let mut expected: BTreeSet<Vec<String>> = BTreeSet::new();
        for start in (0..FILES).map(file) {
            let circle: BTreeSet<String> = (0..FILES).map(file).filter(|other| {
                reach.contains(&(start.clone(), other.clone())) && reach.contains(&(other.clone(), start.clone()))
            }).collect();
            if circle.len() > 1 {
                expected.insert(circle.into_iter().collect());
            }
        }
        let filter = CycleFilter { unsure, ..CycleFilter::default() };
        let answer = block_on(async { storage(&arrows).await.query("r").cycles(&filter, 100).await.unwrap().0 });
        let sizes: Vec<u64> = answer.results.iter().map(|cycle| cycle.size).collect();
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
        for cycle in &answer.results {
            let inside: BTreeSet<&String> = cycle.files.iter().collect();
            let direct = edges.iter().filter(|(from, to)| inside.contains(from) && inside.contains(to)).count();
            prop_assert_eq!(cycle.dependencies, direct as u64);
            prop_assert_eq!(&cycle.witness[0].file, &cycle.files[0]);
            // Every step leads on to the next file, and the last one back to the first.
            let mut next = cycle.witness.iter().skip(1).chain(cycle.witness.first());
            for step in &cycle.witness {
                prop_assert_eq!(step.source.file(), &step.file);
                prop_assert_eq!(step.target.file(), &next.next().unwrap().file);
                let is_edge = arrows.iter().any(|(from, to, sure)| {
                    (*sure || unsure) && id(*from) == step.source.id() && id(*to) == step.target.id()
                });
                prop_assert!(is_edge);
            }
            // No circle through the first file is shorter.
            let mut reached = BTreeSet::from([cycle.files[0].clone()]);
            for _ in 1..cycle.witness.len() {
                reached = edges.iter().filter(|(from, _)| reached.contains(from)).map(|(_, to)| to.clone()).collect();
                prop_assert!(!reached.contains(&cycle.files[0]));
            }
        }
        let found: BTreeSet<Vec<String>> = answer.results.into_iter().map(|cycle| cycle.files).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn hotspots_count_every_edge(arrows in arrows(), direction in prop_oneof![
        Just(Direction::Incoming), Just(Direction::Outgoing), Just(Direction::Both)
    ]) {
        let mut nodes: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        let mut files: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for (from, to, sure) in &arrows {
            for (here, there, side) in [(from, to, Direction::Outgoing), (to, from, Direction::Incoming)] {
                if direction != Direction::Both && direction != side {
                    continue;
                }
                if here != there {
                    nodes.entry(id(*here)).or_default().push((id(*there), *sure));
                }
                if file(*here) != file(*there) {
                    files.entry(file(*here)).or_default().push((file(*there), *sure));
                }
            }
        }
        let count = |counted: BTreeMap<String, Vec<(String, bool)>>| {
            let mut counted: Vec<_> = counted.into_iter().map(|(name, edges)| {
                let others: BTreeSet<_> = edges.iter().map(|(other, _)| other).collect();
                let unsure = edges.iter().filter(|(_, sure)| !sure).count();
                (name, edges.len() as u64, others.len() as u64, unsure as u64)
            }).collect();
            counted.sort_by_key(|(name, edges, others, _)| (std::cmp::Reverse((*edges, *others)), name.clone()));
            counted
        };
        let filter = HotspotFilter { kinds: EdgeKinds::calls(), direction };
        let (by_node, by_file) = block_on(async {
            let storage = storage(&arrows).await;
            let queries = storage.query("r");
            (queries.hotspots(&filter, 100).await.unwrap(), queries.file_hotspots(&filter, 100).await.unwrap())
        });
        let found: Vec<_> = by_node.results.into_iter().map(|hit| (hit.node.id().to_string(), hit.edges, hit.nodes, hit.unsure)).collect();
        prop_assert_eq!(found, count(nodes));
        let found: Vec<_> = by_file.results.into_iter().map(|hit| (hit.file, hit.edges, hit.files, hit.unsure)).collect();
        prop_assert_eq!(found, count(files));
    }

    #[test]
    fn what_only_roots_do_not_reach_is_unused(arrows in arrows(), root in 0..NODES, other in 0..NODES) {
        let edges: BTreeSet<(u8, u8)> = arrows.iter().map(|(from, to, _)| (*from, *to)).collect();
        let reach = closure(&edges);
        let is_reached = |node| [root, other].iter().any(|root| *root == node || reach.contains(&(*root, node)));
        let expected: BTreeSet<String> = (0..NODES).filter(|node| !is_reached(*node)).map(id).collect();
        let filter = DeadFilter {
            roots: vec![id(root), format!("n{other:02}")],
            only_roots: true,
            verdicts: [Verdict::Dead, Verdict::ExportedUnused, Verdict::Unknown].into(),
            ..DeadFilter::default()
        };
        let (answer, totals) = block_on(async { storage(&arrows).await.query("r").dead(&filter, 100).await.unwrap() });
        prop_assert!(answer.results.iter().all(|hit| hit.verdict == Verdict::ExportedUnused && hit.doubt.is_none()));
        prop_assert_eq!((totals.definitions, totals.exported_unused), (u64::from(NODES), expected.len() as u64));
        prop_assert_eq!(answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect::<BTreeSet<_>>(), expected);
    }
}

#[tokio::test]
async fn every_engine_cuts_at_the_limit_and_says_so() {
    let functions = [("a.py", "f"), ("b.py", "f"), ("c.py", "f"), ("d.py", "f")];
    let calls =
        [("a.py::f", "b.py::f"), ("b.py::f", "a.py::f"), ("c.py::f", "d.py::f"), ("d.py::f", "c.py::f")];
    for store in stores().await {
        store.storage.graph().store_graph(&graph("r", &functions, &calls)).await.unwrap();
        let queries = store.storage.query("r");
        let all = queries.cycles(&CycleFilter::default(), 2).await.unwrap().0;
        let one = queries.cycles(&CycleFilter::default(), 1).await.unwrap().0;
        assert_eq!((all.results.len(), all.truncated), (2, false), "{}", store.engine);
        assert_eq!((one.results.as_slice(), one.truncated), (&all.results[..1], true), "{}", store.engine);
        let all = queries.hotspots(&HotspotFilter::default(), 4).await.unwrap();
        let one = queries.hotspots(&HotspotFilter::default(), 3).await.unwrap();
        assert_eq!((all.results.len(), all.truncated), (4, false), "{}", store.engine);
        assert_eq!((one.results.as_slice(), one.truncated), (&all.results[..3], true), "{}", store.engine);
        let filter = DeadFilter {
            only_roots: true,
            verdicts: [Verdict::ExportedUnused].into(),
            ..DeadFilter::default()
        };
        assert!(!queries.dead(&filter, 4).await.unwrap().0.truncated);
        let (cut, totals) = queries.dead(&filter, 3).await.unwrap();
        assert_eq!(
            (cut.results.len(), cut.truncated, totals.exported_unused),
            (3, true, 4),
            "{}",
            store.engine
        );
    }
}

#[tokio::test]
async fn patterns_for_roots_are_bounded() {
    let storage = storage(&[]).await;
    let most = codestrata::limits::MAX_ROOT_PATTERNS;
    for (roots, is_right) in [
        (vec!["x".to_owned(); most], true),
        (vec!["x".to_owned(); most + 1], false),
        (vec![String::new()], false),
    ] {
        let filter = DeadFilter { roots, ..DeadFilter::default() };
        let kind = storage.query("r").dead(&filter, 1).await.map_err(|error| error.kind());
        assert_eq!(kind.is_ok(), is_right);
        assert!(is_right || kind.is_err_and(|kind| kind == ErrorKind::InvalidArgument));
    }
}
