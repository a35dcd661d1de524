//! Walks answer what a naive walk over the exported graph answers: nodes, distances, the surest of the shortest ways, and
//! the edges between; whatever history the graph has.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use codestrata::query::{
    CallHit, Cut, Direction, EdgeKinds, ImpactHit, SubgraphEdge, SubgraphNode, Traversal,
};
use codestrata::{Answer, Edge, Graph, GraphStorage, Resolution, StorageConfig, StorageManager};
use codestrata_config::ByteSize;
use proptest::prelude::*;
use support::{file, function, graph, line, stores};

const KINDS: [&str; 4] = ["calls", "accesses", "contains", "a kind of its own"];
const LABELS: [Option<Resolution>; 4] =
    [None, Some(Resolution::Exact), Some(Resolution::UniqueName), Some(Resolution::Ambiguous)];

/// A node, by its file and id: the order of answers.
type Name = (String, String);

fn name(number: u8) -> Name {
    let file = format!("f{}.py", number % 3);
    let id = format!("{file}::n{}", number.wrapping_mul(37) % 64);
    (file, id)
}

#[derive(Clone, Debug)]
struct Arrow {
    from: u8,
    to: u8,
    kind: usize,
    label: usize,
}

fn arrows() -> impl Strategy<Value = Vec<Arrow>> {
    let arrow = (0_u8..12, 0_u8..12, 0_usize..4, 0_usize..4);
    // Impact begins at what is in a node too, so in one file nothing contains another here.
    let arrow = arrow.prop_map(|(from, to, kind, label)| {
        let kind = if KINDS[kind] == "contains" && from % 3 == to % 3 { 0 } else { kind };
        Arrow { from, to, kind, label }
    });
    prop::collection::vec(arrow, 0..30)
}

fn stored(arrows: &[Arrow]) -> Graph {
    let mut stored = Graph::new("r");
    for number in 0..12 {
        let (file, id) = name(number);
        stored.nodes.push(function(&file, id.split_once("::").unwrap().1));
    }
    for (at, Arrow { from, to, kind, label }) in (1..).zip(arrows) {
        let edge = Edge::new(name(*from).1, name(*to).1, KINDS[*kind]).with_span(line(at));
        stored.edges.push(match LABELS[*label] {
            Some(how) => edge.with_attribute(Edge::RESOLUTION, how.as_str()),
            None => edge,
        });
    }
    stored
}

/// What is reached, by node: its depth, how sure the surest of the shortest ways is, and the first node before it on one.
type Found = BTreeMap<Name, (u32, Option<Resolution>, Name)>;

fn naive(arrows: &[Arrow], start: u8, direction: Direction, depth: u32) -> Found {
    let mut steps: Vec<(Name, Name, Option<Resolution>)> = Vec::new();
    for Arrow { from, to, label, .. } in arrows {
        if direction != Direction::Incoming {
            steps.push((name(*from), name(*to), LABELS[*label]));
        }
        if direction != Direction::Outgoing {
            steps.push((name(*to), name(*from), LABELS[*label]));
        }
    }
    let mut found: Found = BTreeMap::from([(name(start), (0, None, name(start)))]);
    for distance in 1..=depth {
        let mut next: Found = BTreeMap::new();
        for (from, to, label) in &steps {
            let Some((before, weakest, _)) = found.get(from) else { continue };
            if found.contains_key(to) || *before != distance - 1 {
                continue;
            }
            let way = (distance, (*weakest).max(*label), from.clone());
            let best = next.entry(to.clone()).or_insert_with(|| way.clone());
            *best = way.min(best.clone());
        }
        found.extend(next);
    }
    found.remove(&name(start));
    found
}

fn wanted_kinds(all: bool) -> EdgeKinds {
    if all { EdgeKinds::dependencies() } else { [KINDS[1], KINDS[2], KINDS[3]].into_iter().collect() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn ask(
    arrows: &[Arrow],
    start: u8,
    how: &Traversal,
) -> (Answer<ImpactHit>, Answer<SubgraphNode>, Vec<SubgraphEdge>) {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&stored(arrows)).await.unwrap();
    let (queries, id) = (storage.query("r"), name(start).1);
    // Step by step, over the lists, and where the lists have no room.
    let impact = queries.impact(&id, how, 100).await.unwrap();
    let reached = queries.reachable(std::slice::from_ref(&id), how, 100).await.unwrap();
    queries.warm().await.unwrap();
    assert_eq!(queries.impact(&id, how, 100).await.unwrap(), impact);
    assert_eq!(queries.reachable(std::slice::from_ref(&id), how, 100).await.unwrap(), reached);
    let narrow = StorageConfig::in_memory().cache_capacity(ByteSize::bytes(0));
    let narrow = StorageManager::open(narrow).await.unwrap();
    narrow.graph().store_graph(&stored(arrows)).await.unwrap();
    assert_eq!(narrow.query("r").impact(&id, how, 100).await.unwrap(), impact);
    let (nodes, edges) = queries.subgraph(&id, how).await.unwrap();
    (impact, nodes, edges)
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Outgoing), Just(Direction::Incoming), Just(Direction::Both)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_ways_and_edges_are_those_of_a_naive_walk(
        arrows in arrows(), start in 0_u8..12, direction in directions(), depth in 0_u32..5, all in any::<bool>(),
        visited in prop_oneof![Just(100_usize), 0_usize..8],
    ) {
        let kinds = wanted_kinds(all);
        let followed: Vec<Arrow> = arrows.iter().filter(|arrow| kinds.contains(KINDS[arrow.kind])).cloned().collect();
        let how = Traversal::along(kinds).direction(direction).depth(depth).visited(visited);
        let (impact, nodes, edges) = block_on(ask(&arrows, start, &how));

        let mut expected: Vec<_> = naive(&followed, start, direction, depth).into_iter().collect();
        expected.sort_by_key(|(name, (depth, ..))| (*depth, name.clone()));
        let beyond = naive(&followed, start, direction, depth + 1).len() > expected.len();
        let is_cut = expected.len() > visited;
        let mut cut = Vec::new();
        cut.extend((beyond && !is_cut).then_some(Cut::Depth));
        cut.extend(is_cut.then_some(Cut::Nodes));
        prop_assert_eq!(&impact.cut, &cut);
        prop_assert_eq!(impact.truncated, is_cut);
        let hits: Vec<_> = impact.results.iter().map(|hit| (hit.node.id().to_string(), hit.depth, hit.weakest, hit.via.to_string())).collect();
        let ways = expected.iter().map(|((_, id), (depth, weakest, via))| (id.clone(), *depth, *weakest, via.1.clone()));
        prop_assert_eq!(hits, ways.take(visited).collect::<Vec<_>>());

        // The start is one of the nodes of a subgraph.
        let shown = std::iter::once((name(start).1, 0)).chain(expected.iter().map(|((_, id), (depth, ..))| (id.clone(), *depth)));
        let shown: Vec<_> = shown.take(visited.max(1)).collect();
        let reached: Vec<_> = nodes.results.iter().map(|node| (node.node.id().to_string(), node.depth)).collect();
        prop_assert_eq!(&reached, &shown);
        let inside: BTreeSet<&String> = shown.iter().map(|(id, _)| id).collect();
        let mut between: BTreeMap<(Name, Name, &str, Option<Resolution>), u64> = BTreeMap::new();
        for Arrow { from, to, kind, label } in &followed {
            if inside.contains(&name(*from).1) && inside.contains(&name(*to).1) {
                *between.entry((name(*from), name(*to), KINDS[*kind], LABELS[*label])).or_default() += 1;
            }
        }
        let between: BTreeSet<_> = between.into_iter().map(|((from, to, kind, how), count)| (from.1, to.1, kind.to_owned(), how, count)).collect();
        let found: BTreeSet<_> = edges.iter().map(|edge| (edge.source.to_string(), edge.target.to_string(), edge.kind.clone(), edge.resolution, edge.count)).collect();
        prop_assert_eq!(found.len(), edges.len());
        prop_assert_eq!(found, between);
    }

    #[test]
    fn references_are_the_edges_that_lead_to_a_node(arrows in arrows(), start in 0_u8..12, all in any::<bool>()) {
        let kinds = wanted_kinds(all);
        let mut expected: BTreeMap<Name, Vec<(u32, &str)>> = BTreeMap::new();
        for (at, arrow) in (1..).zip(&arrows) {
            if arrow.to == start && kinds.contains(KINDS[arrow.kind]) {
                expected.entry(name(arrow.from)).or_default().push((at, KINDS[arrow.kind]));
            }
        }
        let found = block_on(async {
            let storage = StorageManager::in_memory().unwrap();
            storage.graph().store_graph(&stored(&arrows)).await.unwrap();
            storage.query("r").references(&name(start).1, &kinds, 100).await.unwrap()
        });
        let found = found.results.into_iter().map(|CallHit { node, sites }| {
            let mut sites: Vec<_> = sites.into_iter().map(|site| (site.line, site.kind)).collect();
            sites.sort();
            ((node.file().to_string(), node.id().to_string()), sites)
        });
        let expected = expected.into_iter().map(|(name, sites)| (name, sites.into_iter().map(|(at, kind)| (at, kind.into())).collect::<Vec<_>>()));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected.collect::<BTreeMap<_, _>>());
    }
}

#[tokio::test]
async fn every_engine_cuts_at_the_same_nodes_and_says_why() {
    let names = ["a", "b", "c", "d", "e"].map(|name| ("x.py", name));
    let calls =
        [("x.py::a", "x.py::b"), ("x.py::a", "x.py::c"), ("x.py::b", "x.py::d"), ("x.py::d", "x.py::e")];
    for store in stores().await {
        store.storage.graph().store_graph(&graph("r", &names, &calls)).await.unwrap();
        let ask = async |how: Traversal, limit| {
            let answer = store.storage.query("r").impact("x.py::a", &how, limit).await.unwrap();
            let names: String = answer.results.iter().map(|hit| hit.node.name()).collect();
            (names, answer.cut, answer.truncated)
        };
        let all = Traversal::default();
        assert_eq!(ask(all.clone(), 4).await, ("bcde".to_owned(), vec![], false), "{}", store.engine);
        assert_eq!(ask(all.clone(), 3).await, ("bcd".to_owned(), vec![Cut::Results], true));
        assert_eq!(ask(all.clone().visited(4), 9).await, ("bcde".to_owned(), vec![], false));
        assert_eq!(ask(all.clone().visited(3), 9).await, ("bcd".to_owned(), vec![Cut::Nodes], true));
        assert_eq!(ask(all.clone().depth(3), 9).await, ("bcde".to_owned(), vec![], false));
        assert_eq!(ask(all.clone().depth(2), 9).await, ("bcd".to_owned(), vec![Cut::Depth], false));
        assert_eq!(ask(all.depth(2), 1).await, ("b".to_owned(), vec![Cut::Depth, Cut::Results], true));
    }
}

#[tokio::test]
async fn an_edited_graph_answers_as_one_that_is_stored_anew() {
    let last = [
        file("a.py", &[("f", &["c.g", "b.z"]), ("m", &[])]),
        file("b.py", &[("z", &["c.g"]), ("a", &["a.m", "nowhere.x"])]),
        file("c.py", &[("g", &["a.m"]), ("h", &[])]),
    ];
    let edited = StorageManager::in_memory().unwrap();
    for first in [
        file("c.py", &[("old", &[]), ("g", &[])]),
        file("b.py", &[("a", &[]), ("q", &["c.old"])]),
        file("a.py", &[("z", &[]), ("m", &[]), ("x", &["c.old"])]),
    ] {
        edited.graph().replace_file("r", first).await.unwrap();
    }
    let fresh = StorageManager::in_memory().unwrap();
    for file in last {
        edited.graph().replace_file("r", file.clone()).await.unwrap();
        fresh.graph().replace_file("r", file).await.unwrap();
    }
    for direction in [Direction::Outgoing, Direction::Incoming, Direction::Both] {
        let how = Traversal::default().direction(direction);
        for id in ["a.py::f", "a.py::m", "b.py::z", "c.py::g", "c.py::h"] {
            let (one, other) = (edited.query("r"), fresh.query("r"));
            let (a, b) = (one.impact(id, &how, 9).await.unwrap(), other.impact(id, &how, 9).await.unwrap());
            assert_eq!((a.results, a.cut), (b.results, b.cut), "{id} {direction:?}");
            let (a, b) = (one.subgraph(id, &how).await.unwrap(), other.subgraph(id, &how).await.unwrap());
            assert_eq!((a.0.results, a.0.unresolved, a.1), (b.0.results, b.0.unresolved, b.1), "{id}");
            let (a, b) = (
                one.path("a.py::f", id, &how).await.unwrap(),
                other.path("a.py::f", id, &how).await.unwrap(),
            );
            assert_eq!((a.0.results, a.1), (b.0.results, b.1), "{id} {direction:?}");
        }
    }
}

#[tokio::test]
async fn references_of_what_was_followed_that_lead_nowhere_are_counted() {
    let storage = StorageManager::in_memory().unwrap();
    storage
        .graph()
        .replace_file("r", file("a.py", &[("f", &["b.g", "nowhere.x"]), ("h", &[])]))
        .await
        .unwrap();
    storage.graph().replace_file("r", file("b.py", &[("g", &["nowhere.y"])])).await.unwrap();
    let count = async |depth| {
        let how = Traversal::default().depth(depth);
        storage.query("r").subgraph("a.py::f", &how).await.unwrap().0.unresolved
    };
    assert_eq!((count(0).await, count(1).await, count(2).await), (0, 1, 2));
}

#[tokio::test]
async fn a_question_that_is_dropped_leaves_the_next_one_whole() {
    for store in stores().await {
        let calls = [("x.py::a", "x.py::b")];
        let functions = [("x.py", "a"), ("x.py", "b")];
        store.storage.graph().store_graph(&graph("r", &functions, &calls)).await.unwrap();
        let queries = store.storage.query("r");
        let how = Traversal::default();
        for polls in 0..6 {
            let mut question = Box::pin(queries.impact("x.py::a", &how, 9));
            for _ in 0..polls {
                tokio::select! { biased; _ = &mut question => break, () = std::future::ready(()) => {} }
            }
            drop(question);
            let answer = queries.impact("x.py::a", &how, 9).await.unwrap();
            assert_eq!(answer.results[0].node.id(), "x.py::b", "{}", store.engine);
        }
    }
}
