//! Stores of this backend for tests that need another process of their test program, or none.

#![allow(clippy::unwrap_used, reason = "it fails the test that called it, which is what is wanted")]
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

pub(crate) use codestrata_conformance::child::own::{lines, say, store_of_child};
use codestrata_core::{Backend, OpenMode, OpenRequest, Options, Result};

pub(crate) fn command(test: &str, store: &Path) -> Command {
    codestrata_conformance::child::own::command(test, store).unwrap()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

pub(crate) async fn open(path: &Path, mode: OpenMode) -> Result<Arc<dyn Backend>> {
    let options = Options::new().with("path", path.display().to_string());
    codestrata_backend_sled::DESCRIPTOR.open(OpenRequest::new(options).mode(mode)).await
}
