//! The engine is a word in the configuration: the same tree gives the same graph on every one of them, and a graph
//! moves from any one to any other unchanged.

use std::fs;
use std::path::Path;

use codestrata::StorageManager;
use codestrata::jsonl::export_graph;
use codestrata_index::{IndexOptions, Unobserved, index_repository};

use crate::sandbox::Sandbox;

/// The engines that keep what is stored.
const ENGINES: [&str; 3] = ["file", "redb", "sled"];

fn configure(sandbox: &Sandbox, engine: &str, store: &str) {
    let text = format!("[storage]\nbackend = \"{engine}\"\n\n[storage.options]\npath = \"{store}\"\n");
    fs::write(sandbox.outside().join("codestrata.toml"), text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// The shop of the examples, indexed into a store on each engine; the graph of each.
fn indexed() -> (Sandbox, Vec<(&'static str, String)>) {
    let sandbox = Sandbox::empty();
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop")), &sandbox.root());
    let graphs = ENGINES.map(|engine| {
        configure(&sandbox, engine, &format!("indexed.{engine}"));
        sandbox.run(&["index", "."]).success();
        (engine, sandbox.export())
    });
    (sandbox, graphs.to_vec())
}

#[test]
fn every_engine_that_keeps_a_graph_is_tried() {
    let answer = Sandbox::empty().json(&["backends"]);
    let mut keeping: Vec<_> = answer["backends"].as_array().unwrap().iter().collect();
    keeping.retain(|backend| backend["capabilities"]["persistent"] == true);
    let names: Vec<_> = keeping.iter().map(|backend| backend["name"].as_str().unwrap()).collect();
    assert_eq!(names, ENGINES);
}

#[test]
fn one_tree_is_one_graph_on_every_engine() {
    let (sandbox, graphs) = indexed();
    let (first, graph) = &graphs[0];
    assert!(graph.lines().count() > 50, "the shop has more than that: {graph}");
    for (engine, other) in &graphs[1..] {
        assert!(other == graph, "{engine} and {first} disagree");
    }
    let answers = ENGINES.map(|engine| {
        configure(&sandbox, engine, &format!("indexed.{engine}"));
        let asked = [&["callers", "main"][..], &["find", "a"], &["callees", "main"]];
        asked.map(|question| sandbox.json(question)["results"].clone())
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

/// `memory` keeps nothing from one command to the next, so only a program of one's own can compare it.
#[test]
fn the_library_in_memory_has_the_graph_of_the_program() {
    let (sandbox, graphs) = indexed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let exported = runtime.block_on(async {
        let storage = StorageManager::in_memory().unwrap();
        let options = IndexOptions::new("shop", sandbox.root());
        index_repository(storage.graph(), &options, &Unobserved).await.unwrap().unwrap();
        let mut bytes = Vec::new();
        export_graph(storage.graph(), "shop", &mut bytes).await.unwrap();
        storage.close().await.unwrap();
        String::from_utf8(bytes).unwrap()
    });
    for (engine, graph) in graphs {
        assert!(graph == exported, "{engine} and memory disagree");
    }
}

#[test]
fn a_graph_moves_between_any_two_engines_unchanged() {
    let (sandbox, graphs) = indexed();
    for (from, graph) in &graphs {
        for to in ENGINES.into_iter().filter(|to| to != from) {
            configure(&sandbox, from, &format!("indexed.{from}"));
            sandbox.run(&["export", "--output", "../moving.jsonl"]).success();
            configure(&sandbox, to, &format!("{from}-to.{to}"));
            sandbox.run(&["import", "../moving.jsonl"]).success();
            assert!(sandbox.export() == *graph, "{from} to {to} has changed the graph");
        }
    }
}

#[test]
fn a_question_to_a_store_that_is_not_there_makes_nothing() {
    let sandbox = Sandbox::new();
    for engine in ENGINES {
        configure(&sandbox, engine, &format!("missing.{engine}"));
        let error = sandbox.json_error(&["callers", "save"], 1);
        assert_eq!(error["kind"], "not-found", "{engine}: {error}");
        assert!(!sandbox.outside().join(format!("missing.{engine}")).exists(), "{engine}");
    }
}
