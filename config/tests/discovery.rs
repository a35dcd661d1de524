//! The nearest `codestrata.toml` is found, in a folder or above it.

use std::fs;

use codestrata_config::{FILE_NAME, find};

#[test]
fn the_nearest_one_upwards_is_found() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path().canonicalize().unwrap();
    let deep = root.join("a/b/c");
    fs::create_dir_all(&deep).unwrap();

    fs::write(root.join(FILE_NAME), "").unwrap();
    assert_eq!(find(&deep), Some(root.join(FILE_NAME)));
    fs::write(root.join("a/b").join(FILE_NAME), "").unwrap();
    assert_eq!(find(&deep), Some(root.join("a/b").join(FILE_NAME)));
    assert_eq!(find(root.join("a")), Some(root.join(FILE_NAME)));
    assert_eq!(find(deep.join("../..")), Some(root.join(FILE_NAME)), "`..` is followed, not cut off");
}

#[test]
fn a_folder_of_the_name_is_passed_over() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("a").join(FILE_NAME)).unwrap();
    fs::write(root.join(FILE_NAME), "").unwrap();
    assert_eq!(find(root.join("a")), Some(root.join(FILE_NAME)));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_passed_over() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path().canonicalize().unwrap();
    fs::create_dir(root.join("a")).unwrap();
    fs::write(root.join(FILE_NAME), "").unwrap();
    fs::write(root.join("private"), "token").unwrap();
    std::os::unix::fs::symlink(root.join("private"), root.join("a").join(FILE_NAME)).unwrap();
    assert_eq!(find(root.join("a")), Some(root.join(FILE_NAME)));
}

#[test]
fn the_search_ends_at_the_root() {
    let tree = tempfile::tempdir().unwrap();
    let found = find(tree.path());
    assert!(found.is_none_or(|found| !found.starts_with(tree.path())), "nothing lies in an empty folder");
    assert_eq!(find(tree.path().join("not there")), None);
    assert_eq!(find(""), find("."));
}
