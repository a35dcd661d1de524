//! What these tests share.

#![allow(clippy::unwrap_used, reason = "it fails the test that called it, which is what is wanted")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;

use codestrata_backend_sqlite::DESCRIPTOR;
use codestrata_core::{Backend, OpenMode, OpenRequest, Options, Result};

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

pub(crate) fn options(path: &Path) -> Options {
    Options::new().with("path", path.display().to_string())
}

pub(crate) async fn open_with(options: Options, mode: OpenMode) -> Result<Arc<dyn Backend>> {
    DESCRIPTOR.open(OpenRequest::new(options).mode(mode)).await
}

pub(crate) async fn open(path: &Path, mode: OpenMode) -> Result<Arc<dyn Backend>> {
    open_with(options(path), mode).await
}

/// The names of the files in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
