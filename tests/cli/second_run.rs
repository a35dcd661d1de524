//! A second run over the same sources changes nothing, and says so.

use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn nothing_changed_is_said_plainly() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["index", "."]).success().stdout(contains("nothing changed in 2 files"));
}

#[test]
fn the_version_and_the_graph_stay() {
    let sandbox = Sandbox::indexed();
    let before = sandbox.export();
    let report = sandbox.json(&["index", "."]);
    assert_eq!(
        (&report["version"], &report["parsed"], &report["unchanged"]),
        (&1.into(), &0.into(), &2.into())
    );
    assert_eq!(sandbox.export(), before);
}

#[test]
fn rebuild_reads_every_file_and_finds_the_same() {
    let sandbox = Sandbox::indexed();
    let before = sandbox.export();
    let report = sandbox.json(&["index", ".", "--rebuild"]);
    assert_eq!((&report["parsed"], &report["unchanged"]), (&2.into(), &2.into()));
    assert_eq!(sandbox.export(), before);
    let again = sandbox.run(&["index", ".", "--rebuild"]).success();
    again.stdout(contains("nothing changed in 2 files, 2 read again"));
}
