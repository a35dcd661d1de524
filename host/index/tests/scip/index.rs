//! Indexes made by hand, and what becomes of them.

use std::fs;
use std::path::{Path, PathBuf};

use codestrata::jsonl::export_graph;
use codestrata::{Error, StorageManager};
use codestrata_index::Unobserved;
use codestrata_index::scip::{ScipIndex, ScipLimits, ScipOptions, ScipReport};
use protobuf::{EnumOrUnknown, Message};
use scip::types::symbol_information::Kind;
use scip::types::{Document, Index, Metadata, Occurrence, Relationship, SymbolInformation, ToolInfo};
use tempfile::TempDir;

pub(crate) const DEFINITION: i32 = 1;
pub(crate) const IMPORT: i32 = 2;
pub(crate) const WRITE: i32 = 4;
pub(crate) const READ: i32 = 8;
pub(crate) const TEST: i32 = 32;
pub(crate) const FORWARD: i32 = 64;

/// `User#save().` as a symbol of the package `shop`.
pub(crate) fn symbol(descriptors: &str) -> String {
    if descriptors.starts_with("local ") || descriptors.contains(' ') {
        return descriptors.to_owned();
    }
    format!("hand python shop 1 {descriptors}")
}

/// A symbol at a place: `[line, start, end]` or four numbers.
pub(crate) fn seen(descriptors: &str, range: &[i32], roles: i32) -> Occurrence {
    Occurrence {
        symbol: symbol(descriptors),
        range: range.to_vec(),
        symbol_roles: roles,
        ..Occurrence::default()
    }
}

/// A definition with what it covers.
pub(crate) fn defined(descriptors: &str, range: &[i32], enclosing: &[i32]) -> Occurrence {
    Occurrence { enclosing_range: enclosing.to_vec(), ..seen(descriptors, range, DEFINITION) }
}

pub(crate) fn described(descriptors: &str, kind: Kind, implements: &[&str]) -> SymbolInformation {
    let relationships = implements.iter().map(|other| Relationship {
        symbol: symbol(other),
        is_implementation: true,
        ..Relationship::default()
    });
    SymbolInformation {
        symbol: symbol(descriptors),
        kind: EnumOrUnknown::new(kind),
        relationships: relationships.collect(),
        ..SymbolInformation::default()
    }
}

pub(crate) fn document(
    path: &str,
    occurrences: Vec<Occurrence>,
    symbols: Vec<SymbolInformation>,
) -> Document {
    Document {
        relative_path: path.to_owned(),
        language: "python".to_owned(),
        occurrences,
        symbols,
        ..Document::default()
    }
}

pub(crate) fn index(documents: Vec<Document>) -> Index {
    let tool = ToolInfo { name: "hand".to_owned(), version: "1".to_owned(), ..ToolInfo::default() };
    let metadata = Metadata {
        tool_info: Some(tool).into(),
        project_root: "file:///src/shop%20two/".to_owned(),
        ..Metadata::default()
    };
    Index { metadata: Some(metadata).into(), documents, ..Index::default() }
}

/// `user.py` with a class that a function of `views.py` uses.
pub(crate) fn shop() -> Index {
    index(vec![user(), views()])
}

pub(crate) fn user() -> Document {
    document(
        "user.py",
        vec![
            seen("user/__init__:", &[0, 0, 0], DEFINITION),
            defined("user/Base#", &[0, 6, 10], &[0, 0, 1, 8]),
            defined("user/User#", &[3, 6, 10], &[3, 0, 6, 20]),
            seen("user/Base#", &[3, 11, 15], READ),
            defined("user/User#save().", &[4, 8, 12], &[4, 4, 6, 20]),
            seen("user/User#save().(self)", &[4, 13, 17], DEFINITION),
            seen("user/check().", &[5, 8, 13], READ),
            seen("user/User#save().(self)", &[5, 14, 18], READ),
            defined("user/check().", &[8, 4, 9], &[8, 0, 9, 10]),
        ],
        vec![
            described("user/Base#", Kind::Class, &[]),
            described("user/User#", Kind::Class, &["user/Base#"]),
            described("user/User#save().", Kind::UnspecifiedKind, &["user/Base#save()."]),
        ],
    )
}

pub(crate) fn views() -> Document {
    document(
        "views.py",
        vec![
            seen("views/__init__:", &[0, 0, 0], DEFINITION),
            seen("user/__init__:", &[0, 5, 9], READ),
            seen("user/User#", &[0, 17, 21], IMPORT),
            defined("views/update().", &[2, 4, 10], &[2, 0, 5, 20]),
            seen("local 0", &[3, 4, 8], DEFINITION),
            seen("user/User#", &[3, 11, 15], READ),
            seen("local 0", &[4, 4, 8], READ),
            seen("user/User#save().", &[4, 9, 13], READ),
            seen("python python stdlib 3 json/dumps().", &[5, 4, 9], READ),
        ],
        vec![],
    )
}

/// A folder with an index in it, and a store.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) storage: StorageManager,
    pub(crate) sources: Option<PathBuf>,
    pub(crate) limits: ScipLimits,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            storage: StorageManager::in_memory().unwrap(),
            sources: None,
            limits: ScipLimits::default(),
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("index.scip")
    }

    pub(crate) async fn import(&self, index: &Index) -> ScipReport {
        self.import_bytes(&index.write_to_bytes().unwrap()).await.unwrap()
    }

    pub(crate) async fn import_bytes(&self, bytes: &[u8]) -> Result<ScipReport, Error> {
        fs::write(self.file(), bytes).unwrap();
        self.import_file(&self.file()).await
    }

    pub(crate) async fn import_file(&self, path: &Path) -> Result<ScipReport, Error> {
        let index = ScipIndex::open(path, self.limits, &Unobserved)?.unwrap();
        let options = ScipOptions { sources: self.sources.clone(), ..ScipOptions::new("shop") };
        Ok(index.import(self.storage.graph(), &options, &Unobserved).await?.unwrap())
    }

    /// The whole graph as text.
    pub(crate) async fn export(&self) -> String {
        let mut text = Vec::new();
        export_graph(self.storage.graph(), "shop", &mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    /// `kind source -> target` of every edge but those of containment, without what all symbols begin with.
    pub(crate) async fn edges(&self) -> Vec<String> {
        let graph =
            codestrata::GraphStorage::load_graph(self.storage.graph(), "shop").await.unwrap().unwrap();
        let short = |id: &str| id.replace("hand python shop 1 ", "");
        let edges = graph.edges.iter().filter(|edge| edge.kind != "contains");
        edges
            .map(|edge| format!("{} {} -> {}", edge.kind, short(&edge.source), short(&edge.target)))
            .collect()
    }
}
