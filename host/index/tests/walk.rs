//! Which files of a folder are listed.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use codestrata_index::{Language, MAX_SOURCE_BYTES, sources};

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

fn paths(root: &Path) -> Vec<String> {
    sources(root).files.into_iter().map(|file| file.path).collect()
}

#[test]
fn sources_are_sorted_and_everything_else_is_left_out() {
    let root = tempfile::tempdir().expect("a folder");
    let listed = ["b/c.ts", "a.py", "b/a.tsx", "vendor/own.py", "z.jsx"];
    let left_out = [
        ".hidden.py",
        ".git/x.py",
        ".venv/x.py",
        ".codestrata/x.py",
        "venv/x.py",
        "node_modules/m/x.js",
        "b/target/x.js",
        "b/__pycache__/x.py",
        "lib/site-packages/x.py",
        "p.dist-info/x.py",
        "go/vendor/modules.txt",
        "go/vendor/m/x.js",
        "ignored/x.py",
        "readme.md",
        ".py",
    ];
    for path in listed.iter().chain(&left_out) {
        write(root.path(), path, "x = 1\n");
    }
    write(root.path(), ".gitignore", "ignored/\n");
    assert_eq!(paths(root.path()), ["a.py", "b/a.tsx", "b/c.ts", "vendor/own.py", "z.jsx"]);
    let file = &sources(root.path()).files[0];
    assert_eq!((file.language, file.bytes), (Language::Python, 6));
}

#[test]
fn files_that_are_too_large_are_named_with_the_reason() {
    let root = tempfile::tempdir().expect("a folder");
    let file = fs::File::create(root.path().join("big.py")).expect("made");
    file.set_len(MAX_SOURCE_BYTES + 1).expect("grown");
    let found = sources(root.path());
    assert!(found.files.is_empty());
    assert_eq!(found.skipped[0].path, "big.py");
    assert!(found.skipped[0].reason.contains("bytes"));
}

#[test]
fn a_root_that_is_missing_is_skipped_and_not_silently_empty() {
    let found = sources(Path::new("/nowhere/at/all"));
    assert!(found.files.is_empty());
    assert_eq!(found.skipped.len(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "a/x.py", "");
    std::os::unix::fs::symlink(root.path().join("a"), root.path().join("b")).expect("linked");
    assert_eq!(paths(root.path()), ["a/x.py"]);
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_not_utf8_are_named_as_well_as_can_be() {
    use std::os::unix::ffi::OsStrExt as _;
    let root = tempfile::tempdir().expect("a folder");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.py");
    fs::write(root.path().join(name), "").expect("written");
    let found = sources(root.path());
    assert!(found.files.is_empty());
    assert_eq!(found.skipped[0].path, "caf\u{fffd}.py");
    assert!(found.skipped[0].reason.contains("UTF-8"));
}
