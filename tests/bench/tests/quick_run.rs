//! The program measures everything on a small tree. How fast anything is has no part in it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that fails is a test that fails"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const ENGINES: [&str; 4] = ["redb", "file", "sled", "memory"];

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_codestrata-bench")).args(arguments).output().unwrap()
}

fn shop() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop").display().to_string()
}

/// The lines of a quick run.
fn lines(arguments: &[&str]) -> Vec<Value> {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().display().to_string();
    let output = run(&[&["--quick", "--out", &folder], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures = std::fs::read_to_string(out.path().join("figures.json")).unwrap();
    let figures: Value = serde_json::from_str(&figures).unwrap();
    figures["lines"].as_array().unwrap().clone()
}

fn assert_whole(lines: &[Value]) {
    for line in lines {
        let has_figures =
            |samples: &Value| samples["values"].as_array().is_some_and(|values| !values.is_empty());
        let is_whole =
            has_figures(&line["ours"]) && (line["beside"].is_null() || has_figures(&line["beside"][1]));
        assert!(is_whole, "a line without figures: {line}");
    }
}

fn has(lines: &[Value], measure: &str, subject: &str) -> bool {
    lines.iter().any(|line| {
        line["subject"] == subject && line["measure"].as_str().is_some_and(|name| name.starts_with(measure))
    })
}

#[test]
fn every_measure_of_a_graph_has_a_figure_on_every_engine() {
    let lines = lines(&["--tree", &shop(), "--replicas", "1,2"]);
    assert_whole(&lines);
    for engine in ENGINES {
        for measure in [
            "full durable store",
            "get node by id",
            "callers",
            "callees",
            "3-hop callers of the 20 hottest",
            "3-hop all kinds from 20 hubs",
            "by name",
            "replace one file, durable",
            "callers, after 5 replacements",
            "replace one file, x2 beside x1",
        ] {
            assert!(has(&lines, measure, engine), "{measure} of {engine}");
        }
        if engine == "memory" {
            continue;
        }
        for measure in [
            "open until ready",
            "load everything",
            "resident set when ready",
            "bytes on disk per node or edge",
            "index with nothing changed",
            "analysis from source",
            "start-up with",
            "peak memory of indexing, x2",
        ] {
            assert!(has(&lines, measure, engine), "{measure} of {engine}");
        }
    }
}

#[test]
fn the_seam_and_the_cache_are_measured_without_a_graph() {
    let lines = lines(&["--only", "seam,cache"]);
    assert_whole(&lines);
    for measure in ["scan of", "sorted bulk load", "64 random gets", "durable commit"] {
        assert!(has(&lines, measure, "redb"), "{measure}");
    }
    for measure in [
        "hit among 1000 entries",
        "hit ratio, Zipf(0.99)",
        "hit ratio, Zipf(0.99) and scans",
        "memory beside",
    ] {
        assert!(has(&lines, measure, "host"), "{measure}");
    }
}

#[test]
fn a_graph_as_json_lines_is_measured_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("graph.jsonl");
    let span = json!({
        "start_byte": 0, "end_byte": 9, "start_line": 1, "end_line": 2, "start_column": 0, "end_column": 4,
    });
    let mut text = vec![json!({ "metadata": { "repo_id": "small" } }).to_string()];
    for name in ["main", "read", "write"] {
        let id = format!("a.py::{name}");
        let node = json!({ "id": id, "name": name, "kind": "function", "file": "a.py", "span": span });
        text.push(json!({ "node": node }).to_string());
    }
    for target in ["a.py::read", "a.py::write", "elsewhere"] {
        let edge = json!({ "source": "a.py::main", "target": target, "kind": "calls" });
        text.push(json!({ "edge": edge }).to_string());
    }
    std::fs::write(&file, text.join("\n")).unwrap();
    let graph = file.display().to_string();
    let lines = lines(&["--graph", &graph, "--engines", "redb", "--only", "storing,queries,updates"]);
    assert_whole(&lines);
    assert!(has(&lines, "callers", "redb"));
}

#[test]
fn a_tree_without_sources_is_refused_in_words() {
    let empty = tempfile::tempdir().unwrap();
    let output = run(&["--tree", &empty.path().display().to_string()]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && message.contains("has no sources"), "{message}");
}
