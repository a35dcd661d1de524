//! Nothing is written but in the folder of the store, and that is private and ignored by git.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::sandbox::Sandbox;

/// Every file and folder, with its time and length.
fn listing(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, u64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            if entry.file_name() == ".codestrata" {
                continue;
            }
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), (about.modified().unwrap(), about.len()));
            }
        }
    }
    found
}

#[test]
fn commands_leave_everything_else_alone() {
    let sandbox = Sandbox::new();
    let home = sandbox.outside().join("home");
    fs::create_dir(&home).unwrap();
    let before = listing(sandbox.outside());
    for command in [
        &["index", "."][..],
        &["index", ".", "--rebuild"],
        &["callers", "save"],
        &["status"],
        &["export"],
        &["config", "show"],
        &["callers", "nope"],
    ] {
        let mut program = sandbox.program();
        program.args(command).env("HOME", &home).env("TMPDIR", &home).env("XDG_CACHE_HOME", &home);
        program.output().unwrap();
        assert_eq!(listing(sandbox.outside()), before, "{command:?}");
    }
}

#[test]
fn the_folder_is_private_and_ignored() {
    let sandbox = Sandbox::indexed();
    let folder = sandbox.root().join(".codestrata");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("graph.redb")), 0o600);
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn a_link_named_as_the_folder_is_not_followed() {
    let sandbox = Sandbox::new();
    let elsewhere = sandbox.outside().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.root().join(".codestrata")).unwrap();
    sandbox.run(&["index", "."]).code(4);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}
