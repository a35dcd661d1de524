//! A folder of sources, indexed into a store in memory, and what is measured of it.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use codestrata::StorageManager;
use codestrata_analyse::measurements::Measurements;
use codestrata_analyse::metrics::Metrics;
use codestrata_index::{IndexOptions, Unobserved, index_repository};
use tempfile::TempDir;

/// The repository of every project.
pub(crate) const REPOSITORY: &str = "project";

/// A folder and its store.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) storage: StorageManager,
}

impl Project {
    /// A folder of some files, indexed.
    pub(crate) async fn of(files: &[(&str, &str)]) -> Self {
        let storage = StorageManager::in_memory().unwrap();
        let project = Self { folder: tempfile::tempdir().unwrap(), storage };
        for (path, text) in files {
            project.write(path, text);
        }
        project.index().await;
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.root().join(path)).unwrap();
    }

    pub(crate) async fn index(&self) {
        let options = IndexOptions::new(REPOSITORY, self.root());
        index_repository(self.storage.graph(), &options, &Unobserved).await.unwrap();
    }

    pub(crate) async fn measurements(&self) -> Measurements {
        Measurements::bring_up_to_date(&self.storage, REPOSITORY, &Unobserved).await.unwrap().unwrap()
    }

    pub(crate) async fn metrics(&self) -> Metrics {
        Metrics::of(&self.measurements().await)
    }
}
