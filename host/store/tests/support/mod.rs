//! What the tests of the store share: a store on every engine, small graphs, and a backend that fails on demand.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata::{
    Edge, Error, ErrorKind, FileFacts, Graph, GraphStorage, Node, PreparedFile, Reference, Root, Span,
    StorageConfig, StorageManager, Target, jsonl,
};
use codestrata_backend_redb as _;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, Page, ReadView, Result, ScanRequest, async_trait,
};

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

/// An empty store on each engine.
pub(crate) async fn stores() -> Vec<TestStore> {
    let folder = tempfile::tempdir().unwrap();
    let redb = StorageManager::open(redb_config(folder.path())).await.unwrap();
    let memory = StorageManager::in_memory().unwrap();
    vec![
        TestStore { engine: "memory", storage: memory, folder: tempfile::tempdir().unwrap() },
        TestStore { engine: "redb", storage: redb, folder },
    ]
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
                kind: "calls".to_owned(),
                span: line(10 * (position + 1) + place),
                target: Target::Path(Root::Import(import), Vec::new()),
                attributes: codestrata::Attributes::new(),
            });
        }
    }
    PreparedFile::new(&facts).unwrap()
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
            capabilities,
        }
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
