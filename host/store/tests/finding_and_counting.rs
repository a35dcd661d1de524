//! What is found, listed and counted is what a plain look at the exported graph finds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};

use codestrata::query::{
    AttributeFilter, FindFilter, FolderOptions, SourcePlace, UnboundGrouping, UnboundLabel, UnboundOptions,
};
use codestrata::{Attributes, Edge, Graph, GraphStorage, Node, Queries, Resolution, Span};
use proptest::prelude::*;
use serde_json::{Value, json};

mod support;

use support::{line, stores};

const NAMES: [&str; 6] = ["save", "Save", "save_all", "unsaved", "load", "Ünder"];
const KINDS: [&str; 3] = ["class", "method", "odd kind"];
const FILES: [&str; 4] = ["app/a.py", "app/b.py", "web/a.ts", "c.py"];
const NOTE: &str = "tool.score";

/// The values that an attribute of the random nodes has.
fn values() -> Vec<Value> {
    vec![json!("true"), json!(true), json!(3), json!(["x", "true"]), json!(null), json!({ "a": [1] })]
}

/// What filters ask for, of which every value is one.
const WANTED: [&str; 8] = ["true", "3", "x", "null", "{\"a\": [1]}", "[\"x\",\"true\"]", "", "3.5"];

/// One node by its name, kind, file, attribute, and note.
type Drawn = (usize, usize, usize, Option<usize>, Option<usize>);

fn graph(drawn: &[Drawn]) -> Graph {
    let mut graph = Graph::new("r");
    for (number, (name, kind, file, value, _)) in drawn.iter().enumerate() {
        let file = FILES[*file];
        let mut node = Node::new(format!("{file}::{number}"), NAMES[*name], KINDS[*kind], file, line(1));
        if let Some(value) = value {
            node = node.with_attribute("mark", values()[*value].clone());
        }
        graph.nodes.push(node);
    }
    graph
}

fn is_value(value: &Value, wanted: &str) -> bool {
    value.as_str() == Some(wanted)
        || (!value.is_string() && serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *value))
        || value.as_array().is_some_and(|items| items.iter().any(|item| is_value(item, wanted)))
}

/// The ids of the nodes that meet a filter, by their fit, name and id.
fn plain(graph: &Graph, text: &str, filter: &FindFilter) -> Vec<String> {
    let has_capital = text.chars().any(char::is_uppercase);
    let mut found = Vec::new();
    for node in &graph.nodes {
        let name = if has_capital { node.name.to_string() } else { node.name.to_lowercase() };
        let fit = if name == text {
            0
        } else if name.starts_with(text) {
            1
        } else {
            2
        };
        let is_met = name.contains(text)
            && (fit < 2 || !filter.prefix)
            && filter.kind.as_ref().is_none_or(|kind| *kind == node.kind)
            && filter.file.as_ref().is_none_or(|part| node.file.contains(part.as_str()))
            && filter.attributes.iter().all(|wanted| {
                match (node.attributes.get(&wanted.name), &wanted.value) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(value), Some(wanted)) => is_value(value, wanted),
                }
            });
        if is_met {
            found.push((fit, node.name.clone(), node.id.clone()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, _, id)| id.into()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn find_finds_what_a_plain_look_finds(
        drawn in prop::collection::vec(
            (0..NAMES.len(), 0..KINDS.len(), 0..FILES.len(), prop::option::of(0_usize..6), prop::option::of(0_usize..6)), 1..20),
        text in prop::sample::select(vec!["", "s", "save", "Save", "sav", "ü", "zzz"]),
        kind in prop::option::of(0..KINDS.len()),
        file in prop::option::of(prop::sample::select(vec!["app/", "a.", ".py", "nowhere"])),
        prefix in any::<bool>(),
        attribute in prop::option::of((any::<bool>(), prop::option::of(0..WANTED.len()))),
    ) {
        let filter = FindFilter {
            kind: kind.map(|kind| KINDS[kind].to_owned()),
            file: file.map(str::to_owned),
            prefix,
            attributes: attribute.into_iter().map(|(is_note, wanted)| AttributeFilter {
                name: if is_note { NOTE } else { "mark" }.to_owned(),
                value: wanted.map(|wanted| WANTED[wanted].to_owned()),
            }).collect(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let storage = codestrata::StorageManager::in_memory().unwrap();
            storage.graph().store_graph(&graph(&drawn)).await.unwrap();
            for (number, (_, _, file, _, note)) in drawn.iter().enumerate() {
                let Some(note) = note else { continue };
                let (id, score) = (format!("{}::{number}", FILES[*file]), values()[*note].clone());
                let noted = Attributes::from([("score", score)]);
                storage.graph().annotate("r", &id, "tool", &noted).await.unwrap();
            }
            let loaded = storage.graph().load_graph("r").await.unwrap().unwrap();
            let expected = plain(&loaded, text, &filter);
            let found = storage.query("r").find(text, &filter, 100).await.unwrap();
            let ids: Vec<String> = found.results.into_iter().map(|hit| hit.id().to_string()).collect();
            assert_eq!(ids, expected, "{text:?} {filter:?}");
            assert!(!found.truncated);
            if expected.len() > 1 {
                let cut = storage.query("r").find(text, &filter, expected.len() - 1).await.unwrap();
                assert!(cut.truncated);
                let ids: Vec<String> = cut.results.into_iter().map(|hit| hit.id().to_string()).collect();
                assert_eq!(ids, &expected[..expected.len() - 1]);
            }
        });
    }
}

/// Two files with edges of every label.
fn labelled() -> Graph {
    let mut graph = Graph::new("r");
    for file in ["a.py", "b/c.py"] {
        graph.nodes.push(Node::new(format!("{file}::f"), "f", "function", file, line(1)));
    }
    let mut add = |from: &str, to: &str, kind: &str, at: u32, label: Option<Resolution>| {
        let mut edge = Edge::new(format!("{from}::f"), to, kind).with_span(line(at));
        if let Some(label) = label {
            edge = edge.with_attribute(Edge::RESOLUTION, label.as_str());
        }
        graph.edges.push(edge);
    };
    add("a.py", "unresolved:os.path", "calls", 3, Some(Resolution::Unresolved));
    add("a.py", "unresolved:os.path", "accesses", 2, Some(Resolution::Unresolved));
    add("b/c.py", "unresolved:os.path", "calls", 9, Some(Resolution::Unresolved));
    add("b/c.py", "ambiguous:save", "calls", 4, Some(Resolution::Ambiguous));
    add("b/c.py", "gone.py::g", "calls", 5, None);
    add("a.py", "b/c.py::f", "calls", 6, None);
    add("b/c.py", "a.py::f", "calls", 7, Some(Resolution::UniqueName));
    graph
}

async fn groups(queries: &Queries, options: &UnboundOptions) -> (Vec<(String, u64, u64)>, u64) {
    let (answer, all) = queries.unbound(options, 100).await.unwrap();
    let groups = answer.results.into_iter();
    (groups.map(|group| (group.group, group.references, group.files)).collect(), all)
}

#[tokio::test]
async fn what_leads_nowhere_is_listed_the_most_frequent_first() {
    for store in stores().await {
        store.storage.graph().store_graph(&labelled()).await.unwrap();
        let queries = store.storage.query("r");
        let group = |name: &str, references, files| (name.to_owned(), references, files);
        let default = UnboundOptions::default();
        let (found, all) = groups(&queries, &default).await;
        assert_eq!(found, [group("unresolved:os.path", 3, 2), group("gone.py::g", 1, 1)], "{}", store.engine);
        assert_eq!(all, 4);
        let ambiguous =
            UnboundOptions { labels: BTreeSet::from([UnboundLabel::Ambiguous]), ..default.clone() };
        assert_eq!(groups(&queries, &ambiguous).await.0, [group("ambiguous:save", 1, 1)]);
        let by_file = UnboundOptions { by: UnboundGrouping::File, ..default.clone() };
        assert_eq!(groups(&queries, &by_file).await.0, [group("a.py", 2, 1), group("b/c.py", 2, 1)]);
        let by_kind =
            UnboundOptions { by: UnboundGrouping::Kind, text: Some("os".into()), ..default.clone() };
        assert_eq!(groups(&queries, &by_kind).await.0, [group("calls", 2, 2), group("accesses", 1, 1)]);
        let narrow =
            UnboundOptions { file: Some("b/".into()), kind: Some("calls".into()), ..default.clone() };
        assert_eq!(groups(&queries, &narrow).await.1, 2);

        let (cut, all) = queries.unbound(&default, 1).await.unwrap();
        assert_eq!((cut.results.len(), cut.truncated, all, cut.unresolved), (1, true, 4, 4));
        let sites: Vec<(String, u32)> =
            cut.results[0].sites.iter().map(|site| (site.site.file.to_string(), site.site.line)).collect();
        assert_eq!(sites, [("a.py".to_owned(), 2), ("a.py".to_owned(), 3), ("b/c.py".to_owned(), 9)]);
        let few = UnboundOptions { sites: 1, ..default };
        assert_eq!(queries.unbound(&few, 1).await.unwrap().0.results[0].sites.len(), 1);
    }
}

#[tokio::test]
async fn statistics_count_every_node_and_edge_once() {
    for store in stores().await {
        store.storage.graph().store_graph(&labelled()).await.unwrap();
        let ending = |path: &str| path.rsplit('.').next().unwrap().to_owned();
        let counts = store.storage.query("r").statistics(FolderOptions::default(), ending).await.unwrap();
        assert_eq!(counts.nodes_by_kind, BTreeMap::from([("function".to_owned(), 2)]), "{}", store.engine);
        let calls = counts.edges_by_kind["calls"];
        assert_eq!((calls.edges, calls.unresolved, calls.ambiguous, calls.dangling), (6, 2, 1, 1));
        assert_eq!((calls.stated, calls.unique_name, calls.exact, calls.import), (1, 1, 0, 0));
        assert_eq!(counts.edges_by_kind["accesses"].edges, 1);
        let python = &counts.languages["py"];
        assert_eq!((python.files, python.nodes, python.edges.edges), (2, 2, counts.totals.edges));
        let folders: Vec<_> =
            counts.folders.iter().map(|one| (one.folder.as_str(), one.nodes, one.edges)).collect();
        assert_eq!(folders, [("./", 1, 3), ("b/", 1, 4)]);
        let one = FolderOptions { depth: 1, limit: 1 };
        let cut = store.storage.query("r").statistics(one, ending).await.unwrap();
        assert_eq!((cut.folders.len(), cut.truncated), (1, true));
    }
}

/// From a line and column to another.
fn span(start: (u32, u32), end: (u32, u32)) -> Span {
    Span { start_line: start.0, start_column: start.1, end_line: end.0, end_column: end.1, ..Span::default() }
}

#[tokio::test]
async fn a_place_means_the_innermost_definition_there() {
    let mut graph = Graph::new("r");
    for (id, kind, start, end) in [
        ("module", "module", (1, 0), (20, 0)),
        ("Class", "class", (2, 0), (9, 0)),
        ("method", "method", (3, 4), (5, 9)),
        ("method.attribute", "variable", (4, 8), (4, 20)),
        ("constant", "variable", (11, 0), (11, 9)),
        ("other", "variable", (11, 11), (11, 20)),
    ] {
        graph.nodes.push(Node::new(id, id, kind, "app/a.py", span(start, end)));
    }
    graph.nodes.push(Node::new("elsewhere", "elsewhere", "module", "web/app/a.py", span((1, 0), (9, 0))));
    let store = codestrata::StorageManager::in_memory().unwrap();
    store.graph().store_graph(&graph).await.unwrap();
    let queries = store.query("r");
    for (place, expected) in [
        ("app/a.py:1", &["module"][..]),
        ("app/a.py:2", &["Class"]),
        ("app/a.py:5", &["method"]),
        ("app/a.py:4", &["method"]),
        ("app/a.py:4:9", &["method.attribute"]),
        ("app/a.py:4:8", &["method"]),
        ("app/a.py:4:21", &["method"]),
        ("./app/a.py:8", &["Class"]),
        ("app/a.py:11", &["constant", "other"]),
        ("app/a.py:11:12", &["other"]),
        ("app/a.py:11:10", &["module"]),
        ("app/a.py:21", &[]),
        ("a.py:1", &["elsewhere", "module"]),
        ("pp/a.py:1", &[]),
        ("b.py:1", &[]),
    ] {
        let answer = queries.resolve(place).await.unwrap();
        let ids: Vec<&str> = answer.results.iter().map(|found| found.node.id()).collect();
        assert_eq!(ids, expected, "{place}");
        let place = SourcePlace::parse(place).unwrap();
        assert_eq!(queries.definitions_at(&place).await.unwrap().results.len(), expected.len());
    }
}

#[tokio::test]
async fn an_id_that_looks_like_a_place_is_an_id() {
    let mut graph = Graph::new("r");
    graph.nodes.push(Node::new("a.py:3", "a.py:3", "mark", "b.py", line(1)));
    graph.nodes.push(Node::new("module", "module", "module", "a.py", span((1, 0), (9, 0))));
    let store = codestrata::StorageManager::in_memory().unwrap();
    store.graph().store_graph(&graph).await.unwrap();
    assert_eq!(store.query("r").resolve("a.py:3").await.unwrap().results[0].node.id(), "a.py:3");
    assert_eq!(store.query("r").resolve("a.py:4").await.unwrap().results[0].node.id(), "module");
}
