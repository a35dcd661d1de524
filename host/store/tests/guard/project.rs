//! A project of generated sources, as the indexer understands it.

#[path = "sources.rs"]
pub(crate) mod sources;

use codestrata::PreparedFile;
use codestrata_index::{Language, extract};

use sources::{FILES, State, path, source};

/// All files of a project of so many parts.
pub(crate) fn project(parts: usize) -> Vec<PreparedFile> {
    (0..parts).flat_map(|part| (0..FILES).map(move |number| file(part, number, State::Before))).collect()
}

/// One file.
pub(crate) fn file(part: usize, number: usize, state: State) -> PreparedFile {
    let source = source(part, number, state);
    let extraction = extract(&path(part, number), source.as_bytes(), Language::Python).unwrap();
    PreparedFile::new(&extraction.facts).unwrap()
}
