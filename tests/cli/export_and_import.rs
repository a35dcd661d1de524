//! Graphs go out and in again unchanged.

use std::fs;

use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn a_graph_comes_back_byte_for_byte() {
    let first = Sandbox::indexed();
    let graph = first.export();
    let second = Sandbox::empty();
    second.write("graph.jsonl", &graph);
    second.run(&["import", "graph.jsonl"]).success().stdout(contains("stored shop (version 1): 2 files"));
    assert_eq!(second.export(), graph);
    assert_eq!(second.text(&["callers", "validate"]), first.text(&["callers", "validate"]));
}

#[test]
fn it_can_come_from_stdin_and_get_another_id() {
    let first = Sandbox::indexed();
    let second = Sandbox::empty();
    second.program().args(["import", "-", "--repo", "copy"]).write_stdin(first.export()).assert().success();
    assert_eq!(second.export().replacen("\"copy\"", "\"shop\"", 1), first.export());
}

#[test]
fn a_compressed_file_is_smaller_and_comes_back_byte_for_byte() {
    let first = Sandbox::indexed();
    let graph = first.export();
    for (level, name) in [(None, "graph.jsonl.zst"), (Some("19"), "small.ZST")] {
        let level = level.map(|level| ["--level", level]);
        let arguments = ["export", "--output", name].into_iter().chain(level.into_iter().flatten());
        first.run(&arguments.collect::<Vec<_>>()).success().stdout(contains("wrote version 1 of shop"));
        let packed = fs::read(first.root().join(name)).unwrap();
        assert!(packed.len() * 4 < graph.len(), "{} of {} bytes", packed.len(), graph.len());
        let second = Sandbox::empty();
        fs::write(second.root().join(name), &packed).unwrap();
        second.run(&["import", name]).success().stdout(contains("stored shop (version 1): 2 files"));
        assert_eq!(second.export(), graph);
        second.program().args(["import", "-", "--repo", "copy"]).write_stdin(packed).assert().success();
    }
}

#[test]
fn a_compressed_file_that_was_cut_or_damaged_or_is_a_bomb_is_refused() {
    let first = Sandbox::indexed();
    first.run(&["export", "--output", "graph.zst"]).success();
    let packed = fs::read(first.root().join("graph.zst")).unwrap();
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x40;
    let bomb = zstd::encode_all(&[&b"{"[..], &vec![b' '; 200 << 20]].concat()[..], 1).unwrap();
    assert!(bomb.len() < 1 << 20);
    let cases = [("cut", packed[..packed.len() - 9].to_vec()), ("damaged", damaged), ("bomb", bomb)];
    for (name, bytes) in cases {
        let second = Sandbox::empty();
        fs::write(second.root().join("graph.zst"), bytes).unwrap();
        let refused = second.run(&["import", "graph.zst"]).code(5);
        let error = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
        assert!(error.contains("graph.zst"), "{name}: {error}");
        second.run(&["repos"]).code(1);
    }
}

#[test]
fn a_level_without_anything_to_compress_is_a_mistake() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "a.jsonl", "--level", "3"]).code(2).stderr(contains("ends in .zst"));
    sandbox.run(&["export", "--output", "a.zst", "--level", "20"]).code(2).stderr(contains("from 1 to 19"));
}

#[test]
fn importing_replaces_what_was_there_and_says_so() {
    let sandbox = Sandbox::indexed();
    sandbox.write("small.jsonl", "{\"metadata\":{\"repo_id\":\"shop\"}}\n{\"file\":{\"path\":\"a.py\"}}\n");
    sandbox.run(&["import", "small.jsonl"]).success().stdout(contains("replaced all of shop (version 2)"));
    assert_eq!(sandbox.json(&["status"])["repositories"][0]["totals"]["nodes"], 0);
}

#[test]
fn an_index_after_an_import_reads_the_sources_again() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    // The same files and hashes, other facts.
    sandbox.write("other.jsonl", graph.replace("\"name\":\"handle\"", "\"name\":\"other\""));
    sandbox.run(&["import", "other.jsonl"]).success();
    sandbox.run(&["index", "."]).success();
    assert!(sandbox.export() == graph, "the imported facts are still there");
}

#[test]
fn a_file_is_replaced_only_by_a_whole_one() {
    let sandbox = Sandbox::indexed();
    sandbox.write("out.jsonl", "old");
    sandbox.run(&["export", "--repo", "nope", "--output", "out.jsonl"]).code(1);
    assert_eq!(fs::read_to_string(sandbox.root().join("out.jsonl")).unwrap(), "old");
    sandbox.run(&["export", "--output", "out.jsonl"]).success().stdout(contains("wrote version 1 of shop"));
    assert_eq!(fs::read_to_string(sandbox.root().join("out.jsonl")).unwrap(), sandbox.export());
    let names: Vec<_> =
        fs::read_dir(sandbox.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".new")), "{names:?}");
}

#[test]
fn a_pipe_or_device_is_written_to_and_not_replaced() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "/dev/null"]).success();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    sandbox
        .run(&["export", "--output", "no/such/folder.jsonl"])
        .code(4)
        .stderr(contains("cannot be written"));
    sandbox.run(&["export", "--output", "app"]).code(4).stderr(contains("cannot be written"));
}
