//! What the tests of the store share: a store on every engine, small graphs, and a backend that fails on demand.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod counting;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, Edge, Error, ErrorKind, FileFacts, Graph, GraphStorage,
    Node, PreparedFile, Reference, Root, Span, StorageConfig, StorageManager, Target, jsonl,
};
use codestrata_backend_file as _;
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_backend_redb as _;
use codestrata_backend_sled as _;
use codestrata_config::BackendConfig;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Durability, Key, Page, ReadView, Result, ScanRequest, async_trait,
};
use serde_json::json;

/// A store, its engine's name, and the folder that it lies in.
pub(crate) struct TestStore {
    pub(crate) engine: &'static str,
    pub(crate) storage: StorageManager,
    pub(crate) folder: tempfile::TempDir,
}

/// The configuration of a redb store in a folder.
pub(crate) fn redb_config(folder: &std::path::Path) -> StorageConfig {
    StorageConfig::new("redb").option("path", folder.join("graph.redb").to_str().unwrap())
}

/// The configuration of a file store in a folder, with log files so small that there are several.
pub(crate) fn file_config(folder: &std::path::Path) -> StorageConfig {
    let config = StorageConfig::new("file").option("path", folder.join("graph").to_str().unwrap());
    config.option("log_file_size", "16KiB")
}

/// The configuration of a sled store in a folder.
pub(crate) fn sled_config(folder: &std::path::Path) -> StorageConfig {
    StorageConfig::new("sled").option("path", folder.join("graph.sled").to_str().unwrap())
}

/// An empty store on each engine.
pub(crate) async fn stores() -> Vec<TestStore> {
    let folder = tempfile::tempdir().unwrap();
    let redb = StorageManager::open(redb_config(folder.path())).await.unwrap();
    let files = tempfile::tempdir().unwrap();
    let file = StorageManager::open(file_config(files.path())).await.unwrap();
    let sled_folder = tempfile::tempdir().unwrap();
    let sled = StorageManager::open(sled_config(sled_folder.path())).await.unwrap();
    let memory = StorageManager::in_memory().unwrap();
    vec![
        TestStore { engine: "file", storage: file, folder: files },
        TestStore { engine: "memory", storage: memory, folder: tempfile::tempdir().unwrap() },
        TestStore { engine: "redb", storage: redb, folder },
        TestStore { engine: "sled", storage: sled, folder: sled_folder },
    ]
}

/// An empty store for each way to keep results of analyses: on each engine, in the store of the graphs or in another
/// one, with snapshots and without.
pub(crate) async fn analysis_stores(configure: fn(StorageConfig) -> StorageConfig) -> Vec<TestStore> {
    let redb = |folder: &tempfile::TempDir| configure(redb_config(folder.path()));
    let memory = || -> Arc<dyn Backend> { Arc::new(MemoryBackend::new()) };
    let live = || -> Arc<dyn Backend> {
        Arc::new(Faulty::new(memory(), usize::MAX, Fault::LoseCommit).without_snapshots())
    };
    let (shared, separate) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let in_memory = configure(StorageConfig::in_memory());
    let one = |backend| StorageManager::from_backends(in_memory.clone(), backend).unwrap();
    let two = |a, b| StorageManager::from_separate_backends(in_memory.clone(), a, b).unwrap();
    let on_redb = StorageManager::open(redb(&shared)).await.unwrap();
    let on_two = StorageManager::open(with_own_analyses(redb(&separate), separate.path())).await.unwrap();
    let folder = || tempfile::tempdir().unwrap();
    vec![
        TestStore { engine: "memory", storage: one(memory()), folder: folder() },
        TestStore { engine: "redb", storage: on_redb, folder: shared },
        TestStore { engine: "no snapshots", storage: one(live()), folder: folder() },
        TestStore { engine: "memory, two stores", storage: two(memory(), memory()), folder: folder() },
        TestStore { engine: "redb, two stores", storage: on_two, folder: separate },
        TestStore { engine: "no snapshots, two stores", storage: two(live(), live()), folder: folder() },
    ]
}

/// The same configuration with a redb store for the results of analyses.
pub(crate) fn with_own_analyses(config: StorageConfig, folder: &std::path::Path) -> StorageConfig {
    let path = folder.join("analysis.redb");
    config.analysis_store(BackendConfig::new("redb").option("path", path.to_str().unwrap()))
}

/// A time so many milliseconds after a day in 2025.
pub(crate) fn day(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(DAY_MS + ms)
}

/// What a clock shows on that day.
pub(crate) const DAY_MS: u64 = 1_750_000_000_000;

/// Stores results of one type in a repository, by id and time, and the graph of the repository if there is none.
pub(crate) async fn store_results(
    storage: &StorageManager,
    repo_id: &str,
    analysis_type: &str,
    results: &[(&str, u64)],
) {
    if !storage.graph().graph_exists(repo_id).await.unwrap() {
        storage.graph().store_graph(&graph(repo_id, &[("a.py", "f")], &[])).await.unwrap();
    }
    for (id, ms) in results {
        let result = AnalysisResult::new(repo_id, analysis_type, json!({ "of": id }))
            .with_id(*id)
            .with_timestamp(day(*ms));
        storage.analysis().store_analysis(result).await.unwrap();
    }
}

/// The ids of the results of a repository, newest first.
pub(crate) async fn ids(storage: &StorageManager, query: AnalysisQuery) -> Vec<String> {
    let found = storage.analysis().list_analysis(&query.limit(1_000)).await.unwrap();
    assert!(found.next.is_none());
    found.results.into_iter().map(|summary| summary.id).collect()
}

/// A span on one line.
pub(crate) fn line(number: u32) -> Span {
    Span {
        start_byte: number * 10,
        end_byte: number * 10 + 5,
        start_line: number,
        end_line: number,
        start_column: 0,
        end_column: 5,
    }
}

/// A function `name` in `file`.
pub(crate) fn function(file: &str, name: &str) -> Node {
    Node::new(format!("{file}::{name}"), name, "function", file, line(1))
}

/// A graph of functions, given as `(file, name)`, and calls, given as pairs of ids.
pub(crate) fn graph(repo_id: &str, functions: &[(&str, &str)], calls: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::new(repo_id);
    graph.nodes = functions.iter().map(|(file, name)| function(file, name)).collect();
    graph.edges = calls.iter().map(|(from, to)| Edge::new(*from, *to, "calls").with_span(line(2))).collect();
    graph
}

/// A Python-like file with functions, each of which calls names that it imports from other modules, written
/// `module.name`.
pub(crate) fn file(path: &str, functions: &[(&str, &[&str])]) -> PreparedFile {
    PreparedFile::new(&facts(path, functions)).unwrap()
}

/// What such a file says.
pub(crate) fn facts(path: &str, functions: &[(&str, &[&str])]) -> FileFacts {
    let stem = path.trim_end_matches(".py");
    let mut facts = FileFacts {
        path: path.to_owned(),
        hash: format!("{functions:?}"),
        module: Some(codestrata::ModuleFacts {
            stem: stem.to_owned(),
            rank: 0,
            is_package: false,
            is_shared: false,
        }),
        ..FileFacts::default()
    };
    for (position, (name, calls)) in (0..).zip(functions) {
        facts.nodes.push(function(path, name));
        facts.exports.push(codestrata::Export {
            name: (*name).to_owned(),
            target: codestrata::ExportTarget::Node(position),
        });
        for (place, call) in (0..).zip(*calls) {
            let (module, name) = call.rsplit_once('.').unwrap();
            facts.imports.push(codestrata::Import {
                candidates: vec![module.to_owned()],
                module: module.to_owned(),
                name: codestrata::ImportedName::Name(name.to_owned()),
            });
            let import = u32::try_from(facts.imports.len() - 1).unwrap();
            facts.references.push(Reference {
                source: position,
                kind: "calls".into(),
                span: line(10 * (position + 1) + place),
                target: Target::Path(Root::Import(import), Vec::new()),
                attributes: codestrata::Attributes::new(),
            });
        }
    }
    facts
}

/// The canonical export of a repository.
pub(crate) async fn export(storage: &StorageManager, repo_id: &str) -> String {
    let mut bytes = Vec::new();
    jsonl::export_graph(storage.graph(), repo_id, &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Every key that a backend holds.
pub(crate) async fn all_keys(backend: &dyn Backend) -> Vec<Vec<u8>> {
    let mut request = ScanRequest::new(codestrata_core::KeyRange::all()).keys_only();
    let mut keys = Vec::new();
    loop {
        let page = backend.scan(&request).await.unwrap();
        keys.extend(page.iter().map(|(key, _)| key.to_vec()));
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return keys,
        }
    }
}

/// What a [`Faulty`] backend does at the commit of the given number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Refuses it, with nothing applied.
    Refuse(ErrorKind),
    /// Applies it and loses the acknowledgement.
    LoseAcknowledgement,
    /// Loses it before it is applied.
    LoseCommit,
    /// Applies it after the given store has made a change of its own.
    ChangeFirst,
    /// Applies it after the given store has deleted the repository `r`.
    DeleteFirst,
    /// Applies it after the given store has deleted this result.
    DeleteResultFirst(&'static str),
    /// Applies it after the given store has stored a result of this id in this repository.
    StoreResultFirst(&'static str, &'static str),
}

/// A backend over another one that counts commits and fails at one of them.
pub(crate) struct Faulty {
    pub(crate) below: Arc<dyn Backend>,
    pub(crate) commits: AtomicUsize,
    pub(crate) reads: AtomicUsize,
    pub(crate) fail_at: usize,
    pub(crate) fault: Fault,
    /// Who changes something first, where that is the fault.
    pub(crate) other: Option<StorageManager>,
    /// What was asked for, commit by commit.
    pub(crate) durabilities: Mutex<Vec<Durability>>,
    /// The bytes of the largest batch.
    pub(crate) largest: AtomicUsize,
    capabilities: Capabilities,
}

impl Faulty {
    /// Fails at the commit of this number, from 0, and at every later one if it refuses.
    pub(crate) fn new(below: Arc<dyn Backend>, fail_at: usize, fault: Fault) -> Self {
        let capabilities = *below.capabilities();
        Self {
            below,
            commits: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            fail_at,
            fault,
            other: None,
            durabilities: Mutex::default(),
            largest: AtomicUsize::new(0),
            capabilities,
        }
    }

    /// Claims other capabilities than the backend below.
    pub(crate) fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Hides the snapshots of the backend below.
    pub(crate) fn without_snapshots(mut self) -> Self {
        self.capabilities = Capabilities::minimal();
        self
    }
}

#[async_trait]
impl ReadView for Faulty {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.below.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.below.scan(request).await
    }
}

#[async_trait]
impl Backend for Faulty {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        batch.check(&self.capabilities)?;
        self.durabilities.lock().unwrap().push(batch.requested_durability());
        self.largest.fetch_max(batch.byte_size(), Ordering::SeqCst);
        let number = self.commits.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::Refuse(kind) if number >= self.fail_at => Err(Error::new(kind, "refused by the test")),
            Fault::LoseAcknowledgement if number == self.fail_at => {
                self.below.apply(batch).await?;
                Err(Error::new(ErrorKind::CommitUnknown, "lost by the test"))
            }
            Fault::ChangeFirst if number == self.fail_at => {
                if let Some(other) = &self.other {
                    let change = file("x.py", &[("f", &[])]);
                    other.graph().replace_file("elsewhere", change).await?;
                }
                self.below.apply(batch).await
            }
            Fault::DeleteFirst if number == self.fail_at => {
                self.other.as_ref().unwrap().graph().delete_graph("r").await?;
                self.below.apply(batch).await
            }
            Fault::DeleteResultFirst(id) if number == self.fail_at => {
                assert!(self.other.as_ref().unwrap().analysis().delete_analysis(id).await?);
                self.below.apply(batch).await
            }
            Fault::StoreResultFirst(id, repo_id) if number == self.fail_at => {
                store_results(self.other.as_ref().unwrap(), repo_id, "x", &[(id, 9)]).await;
                self.below.apply(batch).await
            }
            Fault::LoseCommit if number == self.fail_at => {
                Err(Error::new(ErrorKind::CommitUnknown, "lost by the test"))
            }
            _ => self.below.apply(batch).await,
        }
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        self.below.snapshot().await
    }

    async fn flush(&self) -> Result<()> {
        self.below.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.below.close().await
    }
}
