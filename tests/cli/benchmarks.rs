//! `codestrata bench` compares engines on a project, and leaves nothing behind. How fast anything is has no part in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::{Sandbox, stderr};

/// Writes a configuration beside the project, and gives its path.
fn configuration(sandbox: &Sandbox, name: &str, text: &str) -> String {
    let path = sandbox.outside().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn engine(sandbox: &Sandbox, engine: &str) -> String {
    let text =
        format!("[storage]\nbackend = \"{engine}\"\n[storage.options]\npath = \"the_store.{engine}\"\n");
    configuration(sandbox, &format!("{engine}.toml"), &text)
}

/// An empty folder for what the command makes while it runs.
fn scratch(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.outside().join("scratch");
    fs::create_dir(&folder).unwrap();
    folder
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn measure<'a>(document: &'a Value, name: &str) -> &'a Value {
    let measures = document["measures"].as_array().unwrap();
    measures.iter().find(|one| one["measure"] == name).unwrap_or_else(|| panic!("no {name}: {measures:?}"))
}

#[test]
fn every_engine_of_the_program_is_measured_where_none_is_named() {
    let sandbox = Sandbox::new();
    // What other commands would take does not count.
    sandbox.write("codestrata.toml", "[storage]\nbackend = \"file\"\n[storage.options]\npath = \"here\"\n");
    let document = sandbox.json(&["bench", "--repetitions", "2"]);
    let names: Vec<&str> = document["configurations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["redb", "file", "memory", "sled"]);
    assert_eq!((&document["totals"]["files"], &document["totals"]["nodes"]), (&2.into(), &11.into()));
    for name in [
        "store everything, links included",
        "node by id",
        "callers",
        "callees",
        "callers over 3 calls",
        "find by name",
        "replace one file",
    ] {
        let measure = measure(&document, name);
        assert_eq!(measure["unit"], "seconds", "{name}");
        let figures = measure["figures"].as_array().unwrap();
        assert_eq!(figures.len(), 4, "{name}");
        assert_eq!(figures[0]["ratio"], 1.0, "{name}");
        for figure in figures {
            let part = |key: &str| figure[key].as_f64().unwrap();
            assert!(
                0.0 < part("min") && part("min") <= part("value") && part("value") <= part("max"),
                "{name}"
            );
        }
    }
    let callers = measure(&document, "callers");
    assert!(callers["questions"].as_u64() <= callers["rows"].as_u64(), "each of them has some: {callers}");
    for name in ["open in a new process, first answer", "disk"] {
        let figures = &measure(&document, name)["figures"];
        assert!(figures[0]["value"].is_number() && figures[2].is_null(), "memory has no {name}: {figures}");
    }
    assert!(!sandbox.root().join("here").exists() && !sandbox.root().join(".codestrata").exists());
}

#[test]
fn configured_stores_are_left_alone_and_nothing_stays_in_the_scratch_folder() {
    let sandbox = Sandbox::new();
    let (redb, file) = (engine(&sandbox, "redb"), engine(&sandbox, "file"));
    sandbox.run(&["--config", &redb, "index", "."]).success();
    let store = sandbox.outside().join("the_store.redb");
    let before = fs::read(&store).unwrap();
    let scratch = scratch(&sandbox);
    let document = sandbox.json(&[
        "bench",
        "--config",
        &redb,
        "--config",
        &file,
        "--config",
        &redb,
        "--repetitions",
        "1",
        "--scratch",
        scratch.to_str().unwrap(),
    ]);
    let configurations = document["configurations"].as_array().unwrap();
    let names: Vec<&str> = configurations.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, [redb.as_str(), file.as_str(), &format!("{redb} (2)")]);
    assert_eq!(configurations[1]["backend"], "file");
    assert_eq!(fs::read(&store).unwrap(), before);
    assert!(!sandbox.outside().join("the_store.file").exists());
    assert_eq!(files_in(&scratch), Vec::<PathBuf>::new());
}

#[test]
fn what_a_configuration_says_beside_the_place_of_its_store_counts() {
    let sandbox = Sandbox::empty();
    let function = |n: usize| format!("def function_{n}(x):\n    return function_{}(x)\n\n\n", n / 2);
    let functions = (0..400).map(function).collect::<Vec<_>>().concat();
    sandbox.write("many.py", functions);
    let text = |more: &str| format!("[storage]\nbackend = \"file\"\n{more}[storage.options]\npath = \"f\"\n");
    let plain = configuration(&sandbox, "plain.toml", &text("compression = \"none\"\n"));
    let packed = configuration(&sandbox, "packed.toml", &text("compression = \"zstd\"\n"));
    let document = sandbox.json(&["bench", "--config", &plain, "--config", &packed, "--repetitions", "1"]);
    let disk = measure(&document, "disk");
    assert!(disk["figures"][1]["ratio"].as_f64().unwrap() < 0.8, "{disk}");
    // Results of analyses in a store of their own are made beside it.
    let own = "[analysis]\nbackend = \"redb\"\n[analysis.options]\npath = \"results.redb\"\n";
    let own = configuration(&sandbox, "own.toml", &format!("{}{own}", text("")));
    sandbox.json(&["bench", "--config", &own, "--repetitions", "1"]);
    assert!(!sandbox.outside().join("results.redb").exists());
}

#[test]
fn people_get_a_table_and_a_chart_and_a_pipe_nothing_else() {
    let sandbox = Sandbox::new();
    let file = engine(&sandbox, "file");
    let output = sandbox
        .run(&["bench", "--config", &file, "--config", &file, "--repetitions", "1", "--chart", "chart.svg"])
        .success()
        .stdout(contains("2 files, 11 nodes and 26 edges"))
        .stdout(contains("medians of 1 repetition in turns"))
        .stdout(contains("callers: "))
        .stdout(contains("file.toml (2)"))
        .get_output()
        .clone();
    assert_eq!(stderr(&output), "");
    let chart = fs::read_to_string(sandbox.root().join("chart.svg")).unwrap();
    assert!(
        chart.starts_with("<svg") && chart.contains("replace one file") && chart.contains("file.toml (2)")
    );
}

#[test]
fn what_cannot_be_measured_is_said_before_anything_is_made() {
    let sandbox = Sandbox::new();
    let scratch = scratch(&sandbox);
    let scratch_name = scratch.to_str().unwrap();
    let bench = |arguments: &[&str], code: i32| {
        let arguments = [&["bench", "--scratch", scratch_name], arguments].concat();
        sandbox.json_error(&arguments, code)
    };
    let file = engine(&sandbox, "file");
    let unknown = configuration(&sandbox, "unknown.toml", "[storage]\nbackend = \"lmdb\"\n");
    let mistaken = configuration(
        &sandbox,
        "mistaken.toml",
        "[storage]\nbackend = \"redb\"\n[storage.options]\nnope = 1\n",
    );
    let absent = bench(&["--config", &file, "--config", "absent.toml"], 3);
    assert_eq!((&absent["kind"], &absent["file"]), (&"not-found".into(), &"absent.toml".into()), "{absent}");
    let error = bench(&["--config", &unknown], 3);
    assert!(error["message"].as_str().unwrap().contains("`lmdb`"), "{error}");
    assert!(error["help"].as_str().unwrap().contains("codestrata build --with"), "{error}");
    let error = bench(&["--config", &mistaken], 3);
    assert_eq!((&error["line"], &error["file"]), (&4.into(), &mistaken.as_str().into()), "{error}");
    let error = bench(&["nowhere"], 5);
    assert!(error["message"].as_str().unwrap().contains("no folder nowhere"), "{error}");
    assert_eq!(bench(&["--chart", "chart.png"], 2)["kind"], "usage");
    assert_eq!(bench(&["--repetitions", "0"], 2)["kind"], "usage");
    let empty = sandbox.outside().join("empty");
    fs::create_dir(&empty).unwrap();
    let error = bench(&[empty.to_str().unwrap()], 5);
    assert!(error["message"].as_str().unwrap().contains("has no sources"), "{error}");
    assert_eq!(files_in(&scratch), Vec::<PathBuf>::new());
    let error = sandbox.json_error(&["bench", "--scratch", "no/such/folder"], 4);
    assert!(error["message"].as_str().unwrap().contains("no/such/folder"), "{error}");
}

/// Starts a run that would take long, and waits until it has begun.
fn long_run(sandbox: &Sandbox, scratch: &Path) -> std::process::Child {
    let child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
        .args(["bench", "--repetitions", "1000", "--scratch", scratch.to_str().unwrap()])
        .current_dir(sandbox.root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while files_in(scratch).is_empty() {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is made");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn interrupt(child: &std::process::Child) {
    // It may have ended already.
    Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
}

#[test]
fn nothing_stays_after_ctrl_c() {
    let sandbox = Sandbox::new();
    let scratch = scratch(&sandbox);
    for presses in [1, 2] {
        let child = long_run(&sandbox, &scratch);
        for _ in 0..presses {
            interrupt(&child);
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(files_in(&scratch), Vec::<PathBuf>::new(), "after {presses}");
    }
}

#[test]
fn the_process_that_it_starts_is_no_command_of_the_help() {
    let sandbox = Sandbox::new();
    assert!(!sandbox.text(&["--help"]).contains("bench-process"));
    sandbox
        .program()
        .arg("bench-process")
        .write_stdin("nonsense")
        .assert()
        .code(2)
        .stderr(contains("has no task"));
}
