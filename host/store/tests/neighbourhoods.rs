//! Of what is around a node, the nearest and most connected is chosen, and what everybody uses is not followed.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::query::{Direction, EdgeKinds, Neighbourhood, Traversal};
use codestrata::{Edge, Graph, GraphStorage, StorageManager};
use support::{function, line};

const FILE: &str = "a.py";

fn id(name: &str) -> String {
    format!("{FILE}::{name}")
}

/// Calls between functions of one file.
async fn stored(calls: &[(String, String)]) -> StorageManager {
    let mut graph = Graph::new("r");
    let mut names: Vec<&String> = calls.iter().flat_map(|(from, to)| [from, to]).collect();
    names.sort_unstable();
    names.dedup();
    graph.nodes = names.into_iter().map(|name| function(FILE, name)).collect();
    for (number, (from, to)) in (1..).zip(calls) {
        graph.edges.push(Edge::new(id(from), id(to), "calls").with_span(line(number)));
    }
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&graph).await.unwrap();
    storage
}

fn call(from: impl Into<String>, to: impl Into<String>) -> (String, String) {
    (from.into(), to.into())
}

async fn around(storage: &StorageManager, start: &str, depth: u32, most: usize, hub: usize) -> Neighbourhood {
    let how =
        Traversal::along(EdgeKinds::dependencies()).direction(Direction::Both).depth(depth).visited(most);
    storage.query("r").neighbourhood(&[id(start)], &how, hub).await.unwrap()
}

fn names(found: &Neighbourhood) -> Vec<&str> {
    let mut names: Vec<&str> = found.nodes.results.iter().map(|node| node.node.name()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn the_nearest_are_chosen_and_of_those_the_ones_with_most_edges_to_what_was_chosen() {
    // `a` to `f` call `start`, `z` is called by it too; `far` is two calls away.
    let mut calls: Vec<_> = ["a", "b", "c", "d", "e", "f", "z"].map(|name| call(name, "start")).into();
    calls.extend([call("y", "start"), call("start", "y"), call("far", "a"), call("far", "b")]);
    // `f` has more to do with the rest of the program than `a` to `e`.
    calls.extend([call("f", "other"), call("f", "another")]);
    let storage = stored(&calls).await;
    let found = around(&storage, "start", 2, 4, 100).await;
    assert_eq!(names(&found).len(), 4);
    assert!(names(&found).contains(&"f"), "{:?}", names(&found));
    assert!(!names(&found).contains(&"far"), "{:?}", names(&found));
    assert_eq!((found.starts_left_out, found.left_out, found.nodes.truncated), (0, 5, true));
    let start = found.nodes.results.first().unwrap();
    assert_eq!((start.node.name(), start.hidden, start.is_hub), ("start", 5, false));
}

#[tokio::test]
async fn at_the_second_step_those_come_first_that_reach_more_of_the_first() {
    let mut calls = vec![call("start", "one"), call("start", "two"), call("start", "three")];
    calls.extend(["one", "two", "three"].map(|name| call(name, "zz_shared")));
    calls.extend((0..9).map(|number| call("one", format!("aa_{number}"))));
    let storage = stored(&calls).await;
    let found = around(&storage, "start", 2, 5, 100).await;
    assert_eq!(names(&found), ["one", "start", "three", "two", "zz_shared"]);
    assert_eq!((found.left_out, found.left_out_depth), (9, 2));
}

#[tokio::test]
async fn what_everybody_uses_is_shown_with_a_count_and_not_followed() {
    let mut calls = vec![call("start", "log"), call("start", "helper"), call("helper", "deep")];
    calls.extend((0..30).map(|number| call(format!("user_{number:02}"), "log")));
    let storage = stored(&calls).await;
    let found = around(&storage, "start", 2, 100, 20).await;
    assert_eq!(names(&found), ["deep", "helper", "log", "start"]);
    let log = found.nodes.results.iter().find(|node| node.node.name() == "log").unwrap();
    assert_eq!((log.hidden, log.is_hub), (30, true));
    assert!(!found.nodes.truncated && found.left_out == 0, "nothing had too little room");
    // With a larger bound it is one node among others; and what was asked for is always followed.
    assert_eq!(names(&around(&storage, "start", 2, 100, 30).await).len(), 34);
    assert_eq!(names(&around(&storage, "log", 1, 100, 20).await).len(), 32);
}

#[tokio::test]
async fn of_more_starts_than_fit_those_stay_that_have_most_to_do_with_each_other() {
    let calls = [call("a", "zz"), call("b", "zz"), call("c", "zz"), call("zz", "zy"), call("x", "elsewhere")];
    let storage = stored(&calls).await;
    let starts: Vec<String> = ["a", "b", "c", "x", "zy", "zz"].map(id).into();
    let how = Traversal::along(EdgeKinds::dependencies()).depth(0).visited(2);
    let found = storage.query("r").neighbourhood(&starts, &how, 20).await.unwrap();
    assert!(names(&found).contains(&"zz"), "{:?}", names(&found));
    assert_eq!((found.nodes.results.len(), found.starts_left_out, found.edges.len()), (2, 4, 1));
}
