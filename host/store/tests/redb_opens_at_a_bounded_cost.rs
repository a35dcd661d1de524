//! What a process reads to open a redb store, and to answer first, does not grow with the store.
//!
//! It is a program of its own with one test, because the system counts bytes for the whole process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of a test")]

#[path = "guard/bounds.rs"]
#[expect(dead_code, reason = "the other bounds are of other programs")]
mod bounds;
#[path = "guard/project.rs"]
#[expect(dead_code, reason = "edits are of another program")]
mod project;

use codestrata::{FileChanges, GraphStorage, OpenMode, StorageConfig, StorageManager};
use codestrata_backend_redb as _;

use bounds::{OPENING_REDB_BYTES, at_most};

/// How many bytes this process has asked the system for, from whichever file.
fn bytes_read() -> u64 {
    let counts = std::fs::read_to_string("/proc/self/io").unwrap();
    counts.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn opening_a_redb_store_reads_no_more_of_a_larger_one() {
    for times in [1, 3, 9] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph.redb");
        let config = StorageConfig::new("redb").option("path", path.to_str().unwrap());
        let storage = StorageManager::open_with(config.clone(), OpenMode::Create).await.unwrap();
        let changes = FileChanges { replaced: project::project(times), ..FileChanges::default() };
        storage.graph().update_files("r", changes).await.unwrap();
        storage.close().await.unwrap();
        drop(storage);
        let before = bytes_read();
        let storage = StorageManager::open_with(config, OpenMode::ReadOnly).await.unwrap();
        let node = storage.query("r").node("part0/m30.py::function_0_30_2").await.unwrap();
        let read = bytes_read() - before;
        assert!(node.is_some());
        at_most(&format!("bytes read to open a redb store, x{times}"), read, OPENING_REDB_BYTES);
    }
}
