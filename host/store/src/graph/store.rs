//! The one implementation of [`GraphStorage`], above the seam and so for every engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use codestrata_core::{Batch, Error, ErrorKind, Op, Precondition, Result, ScanRequest};

use super::bulk::{Incoming, store_generation};
use super::edit::{Edit, file_changes};
use super::engine::{Attempts, Engine, no_repository};
use super::history::{self, Changes, Compared, Difference, Since, VersionDifference};
use super::portions::{Ahead, Portions};
use super::split::files_of_graph;
use super::storage::{FileChanges, FileUpdate, GraphStorage, ImportedModule, UpdateSummary};
use super::update::{Outcome, apply_metadata, commit_files};
use super::verify::{FileState, Findings, Verification, VerifyWatch};
use super::view::View;
use super::{load, notes, sweep, verify, whole};
use crate::adjacency::LinkChange;
use crate::analysis;
use crate::keyspace;
use crate::limits::{MAX_READ_ATTEMPTS, MAX_REPOSITORIES};
use crate::model::{Attributes, Edge, EdgeSelector, FileInfo, Graph, GraphMetadata, MetadataUpdate, Node};
use crate::records::{Head, Marker, now_ms};
use crate::segment::PreparedFile;

/// Runs a read over a view, and again if a store without snapshots moved under it.
macro_rules! read {
    ($engine:expr, $repo_id:expr, |$view:ident| $body:expr) => {{
        let mut attempt = 0;
        loop {
            attempt += 1;
            // What is at hand is fast; who could not use it reads.
            let opened = match attempt {
                1 => View::open_at_hand($engine, $repo_id).await?,
                _ => View::open_apart($engine, $repo_id).await?,
            };
            let Some($view) = opened else { break Ok(None) };
            let result: Result<_> = $body;
            // What a moving store showed may look like damage, so errors are doubted too.
            if $view.is_consistent().await? {
                break result.map(Some);
            }
            if attempt >= MAX_READ_ATTEMPTS {
                break Err($crate::graph::moving($repo_id));
            }
        }
    }};
}
pub(crate) use read;

/// The error of a read that others never let finish.
pub(crate) fn moving(repo_id: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("`{repo_id}` was changed {MAX_READ_ATTEMPTS} times while it was read"),
    )
    .with_help("try again when the writers are done, or use a backend with snapshots")
}

/// Graphs in a store.
#[derive(Clone)]
pub struct GraphStore {
    engine: Arc<Engine>,
}

impl std::fmt::Debug for GraphStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphStore").finish_non_exhaustive()
    }
}

/// What a change starts from.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Files(&'a FileChanges),
    /// With files that were written ahead.
    Ahead(&'a FileChanges, &'a Ahead<'a>),
    Edit(Edit<'a>),
}

/// A change that touches no file.
#[derive(Clone, Copy)]
enum HeadEdit<'a> {
    Metadata(&'a MetadataUpdate),
    Note { node_id: &'a str, analyser: &'a str, attributes: &'a Attributes },
}

impl GraphStore {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Reads a repository whole, and says what is wrong with it: every checksum and name, every way that leads to a file,
    /// every posting that must be in the index, the counts, and every link, derived anew from what the files say. None
    /// if the watcher stopped it. [`compare_files`](Self::compare_files) goes on from the files themselves.
    ///
    /// Cost: every record of the repository is read and held in memory, and everything is linked anew on all cores:
    /// as storing it from nothing, without the writing.
    ///
    /// # Errors
    /// `NotFound` if the repository is not stored, `Conflict` if a store without snapshots is changed over and over
    /// meanwhile, and what the engine answers. What is wrong with what is stored is no error but the answer.
    pub async fn verify(&self, repo_id: &str, watch: &Arc<dyn VerifyWatch>) -> Result<Option<Verification>> {
        verify::verify(self.engine(), repo_id, watch).await
    }

    /// What of the store cannot be read, because its engine finds its own files damaged: for a store of which not even
    /// the repositories can be listed. [`verify`](Self::verify) says it too, beside what it finds in its repository.
    ///
    /// Cost: the store is read whole.
    ///
    /// # Errors
    /// What the engine answers but for damage.
    pub async fn unreadable(&self) -> Result<Findings> {
        verify::unreadable(self.engine()).await
    }

    /// Compares what is stored of files with what they say now, by path. The files given are taken for the whole
    /// repository: a stored one that is not among them is gone.
    ///
    /// Cost: the entry of every file, and the facts of those that differ.
    ///
    /// # Errors
    /// `NotFound` if the repository is not stored, `InvalidArgument` for a path that stands twice.
    pub async fn compare_files(
        &self,
        repo_id: &str,
        now: &[PreparedFile],
    ) -> Result<BTreeMap<String, FileState>> {
        let compared = read!(self.engine(), repo_id, |view| verify::compare(&view, now).await)?;
        compared.ok_or_else(|| no_repository(repo_id))
    }

    /// What versions changed, the newest first, at most so many, as far as the history goes back.
    ///
    /// Cost: one record for each.
    ///
    /// # Errors
    /// `NotFound` if the repository is not stored.
    pub async fn changes(&self, repo_id: &str, since: Since, limit: usize) -> Result<Changes> {
        let found = read!(self.engine(), repo_id, |view| history::changes(&view, since, limit).await)?;
        found.ok_or_else(|| no_repository(repo_id))
    }

    /// What one version added and removed; nothing if that is not kept, which [`changes`](Self::changes) tells.
    ///
    /// # Errors
    /// `NotFound` if the repository is not stored.
    pub async fn changes_of(&self, repo_id: &str, version: u64) -> Result<Difference> {
        let found = read!(self.engine(), repo_id, |view| history::of_version(&view, version).await)?;
        found.ok_or_else(|| no_repository(repo_id))
    }

    /// What came and went from one version to another, or to the newest. What came and went again in between is
    /// neither.
    ///
    /// Cost: the records of the versions in between.
    ///
    /// # Errors
    /// `NotFound` if the repository is not stored or has no such version, if the history does not go back so far, and
    /// if a version in between changed too much to be listed.
    pub async fn difference(&self, repo_id: &str, from: u64, to: Option<u64>) -> Result<VersionDifference> {
        let found = read!(self.engine(), repo_id, |view| history::difference(&view, from, to).await)?;
        found.ok_or_else(|| no_repository(repo_id))
    }

    /// Makes a change, from what is stored anew each time another writer was first.
    pub(super) async fn change(&self, repo_id: &str, change: Change<'_>) -> Result<UpdateSummary> {
        let engine = self.engine.as_ref();
        let _turn = engine.writing.lock().await;
        let mut attempts = Attempts::default();
        loop {
            match self.try_change(repo_id, change).await {
                Err(error) if attempts.may_go_on(&error) => {
                    tracing::debug!(repo_id, attempt = attempts.failed(), %error, "another writer was first");
                }
                other => return attempts.answer(repo_id, other),
            }
        }
    }

    async fn try_change(&self, repo_id: &str, change: Change<'_>) -> Result<UpdateSummary> {
        let engine = self.engine.as_ref();
        sweep::sweep_if_needed(engine).await?;
        let view = View::open(engine, repo_id).await?;
        let edited;
        let changes = match (change, &view) {
            (Change::Files(changes), _) => changes,
            (Change::Ahead(changes, ahead), view) => {
                return ahead.store(engine, repo_id, view.as_ref(), changes).await;
            }
            (Change::Edit(_), None) => return Err(no_repository(repo_id)),
            (Change::Edit(edit), Some(view)) => {
                edited = file_changes(view, edit).await?;
                &edited
            }
        };
        if let Some(view) = view.as_ref().filter(|_| !changes.rewrite) {
            match commit_files(engine, view, changes).await? {
                Outcome::Committed(summary) => return Ok(summary),
                Outcome::TooLarge => {}
            }
        }
        store_generation(engine, repo_id, view.as_ref(), Incoming { changes, ahead: None }).await
    }

    /// Commits a change of the head and a few keys.
    async fn change_head(&self, repo_id: &str, edit: HeadEdit<'_>) -> Result<()> {
        let engine = self.engine.as_ref();
        let _turn = engine.writing.lock().await;
        let mut attempts = Attempts::default();
        loop {
            match try_edit_head(engine, repo_id, edit).await {
                Err(error) if attempts.may_go_on(&error) => {}
                other => return attempts.answer(repo_id, other),
            }
        }
    }
}

async fn try_edit_head(engine: &Engine, repo_id: &str, edit: HeadEdit<'_>) -> Result<()> {
    let view = View::existing(engine, repo_id).await?;
    let mut head = view.head.next()?;
    let mut batch = Batch::new();
    batch.add_precondition(Precondition::Equals(keyspace::head(view.repo)?, view.head_bytes.clone()));
    match edit {
        HeadEdit::Metadata(update) => {
            apply_metadata(&mut head, update);
        }
        HeadEdit::Note { node_id, analyser, attributes } => {
            let place = view.node(node_id).await?.ok_or_else(|| {
                let message = format!("repository `{repo_id}` has no node `{node_id}`");
                Error::new(ErrorKind::NotFound, message)
            })?;
            let at = (place.file.ordinal, place.slot());
            notes::put(&view, &mut head, &mut batch, at, analyser, attributes).await?;
        }
    }
    batch.add(Op::Put(keyspace::head(view.repo)?, head.encode()?.into()));
    let nothing = Compared::default();
    history::put(&mut batch, view.repo, &head, &UpdateSummary::default(), engine.history, nothing)?;
    engine.commit(batch, view.repo, &head).await?;
    // No link is another one, and no file.
    engine.committed(&view, head, LinkChange::default(), Vec::new(), Vec::new())
}

/// Deletes a repository, and says whether there was one.
async fn try_delete(engine: &Engine, repo_id: &str) -> Result<bool> {
    let Some(view) = View::open(engine, repo_id).await? else { return Ok(false) };
    analysis::hold(engine, view.repo, repo_id).await?;
    let marker = Marker {
        repo_id: repo_id.to_owned(),
        session: engine.session,
        at_ms: now_ms(),
        segments: Vec::new(),
        whole_repository: true,
    };
    let batch = Batch::new()
        .require_equals(keyspace::head(view.repo)?, view.head_bytes.clone())
        .delete(keyspace::head(view.repo)?)
        .delete(keyspace::repository_id(repo_id)?)
        .put(keyspace::deleting(view.repo, view.head.space)?, marker.encode()?)
        .durability(engine.durability);
    engine.backend.apply(batch).await?;
    tracing::info!(repository = repo_id, "deleted");
    if let Err(error) = sweep::finish_deletions(engine).await {
        tracing::warn!(%error, "what the repository had could not be removed yet");
    }
    Ok(true)
}

/// What a stored graph says it was made by. Its links have become stated edges, so an indexer must not take its files
/// for those that it made itself.
fn extractor_of(graph: &Graph) -> String {
    const STATED: &str = "graph";
    match &graph.metadata.extractor {
        None => STATED.to_owned(),
        Some(extractor) if extractor.starts_with(STATED) => extractor.clone(),
        Some(extractor) => format!("{STATED} of {extractor}"),
    }
}

#[async_trait]
impl GraphStorage for GraphStore {
    async fn store_graph(&self, graph: &Graph) -> Result<UpdateSummary> {
        let replaced = files_of_graph(graph).await?;
        let metadata = MetadataUpdate {
            root: graph.metadata.root.clone(),
            extractor: Some(extractor_of(graph)),
            attributes: graph.metadata.attributes.clone(),
            replace_attributes: true,
        };
        let changes = FileChanges { replaced, metadata, replace_all: true, ..FileChanges::default() };
        self.change(&graph.metadata.repo_id, Change::Files(&changes)).await
    }

    async fn load_graph(&self, repo_id: &str) -> Result<Option<Graph>> {
        read!(self.engine(), repo_id, |view| whole::graph(&view).await)
    }

    async fn update_nodes(&self, repo_id: &str, nodes: &[Node]) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Edit(Edit::UpdateNodes(nodes))).await
    }

    async fn update_edges(&self, repo_id: &str, edges: &[Edge]) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Edit(Edit::UpdateEdges(edges))).await
    }

    async fn delete_nodes(&self, repo_id: &str, ids: &[String]) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Edit(Edit::DeleteNodes(ids))).await
    }

    async fn delete_edges(&self, repo_id: &str, edges: &[EdgeSelector]) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Edit(Edit::DeleteEdges(edges))).await
    }

    async fn update_files(&self, repo_id: &str, changes: FileChanges) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Files(&changes)).await
    }

    async fn begin_update(&self, repo_id: &str) -> Result<Box<dyn FileUpdate + '_>> {
        Ok(Box::new(Portions::new(self, repo_id)))
    }

    async fn remove_file(&self, repo_id: &str, path: &str) -> Result<UpdateSummary> {
        self.change(repo_id, Change::Edit(Edit::RemoveFile(path))).await
    }

    async fn annotate(
        &self,
        repo_id: &str,
        node_id: &str,
        analyser: &str,
        attributes: &Attributes,
    ) -> Result<()> {
        if analyser.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "an analyser needs a name"));
        }
        self.change_head(repo_id, HeadEdit::Note { node_id, analyser, attributes }).await
    }

    async fn graph_metadata(&self, repo_id: &str) -> Result<Option<GraphMetadata>> {
        read!(self.engine(), repo_id, |view| load::metadata(&view).await)
    }

    async fn update_graph_metadata(&self, repo_id: &str, update: &MetadataUpdate) -> Result<()> {
        self.change_head(repo_id, HeadEdit::Metadata(update)).await
    }

    async fn list_files(&self, repo_id: &str) -> Result<Vec<FileInfo>> {
        let entries = read!(self.engine(), repo_id, |view| view.all_entries().await)?;
        let entries = entries.ok_or_else(|| no_repository(repo_id))?;
        let mut files: Vec<FileInfo> = entries.iter().map(|(_, entry)| load::file_info(entry)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    async fn imported_modules(
        &self,
        repo_id: &str,
        paths: &[String],
    ) -> Result<BTreeMap<String, Vec<ImportedModule>>> {
        let found = read!(self.engine(), repo_id, |view| load::imported_modules(&view, paths).await)?;
        found.ok_or_else(|| no_repository(repo_id))
    }

    async fn list_repositories(&self) -> Result<Vec<String>> {
        let engine = self.engine.as_ref();
        let reader = engine.reader().await?;
        let mut keys = Vec::new();
        engine
            .for_each(reader.as_ref(), ScanRequest::new(keyspace::repository_ids()), |_, value| {
                if keys.len() >= MAX_REPOSITORIES {
                    return Err(Error::new(
                        ErrorKind::TooLarge,
                        format!("the store has more than {MAX_REPOSITORIES} repositories"),
                    ));
                }
                keys.push(keyspace::head(super::engine::decode_ordinal(value)?)?);
                Ok(())
            })
            .await?;
        let mut ids = Vec::with_capacity(keys.len());
        for keys in keys.chunks(1_024) {
            // One without a head is being stored for the first time.
            for head in reader.get_many(keys).await?.into_iter().flatten() {
                ids.push(Head::decode(&head)?.repo_id);
            }
        }
        ids.sort();
        Ok(ids)
    }

    async fn delete_graph(&self, repo_id: &str) -> Result<bool> {
        let engine = self.engine.as_ref();
        let _turn = engine.writing.lock().await;
        sweep::sweep_if_needed(engine).await?;
        let mut attempts = Attempts::default();
        loop {
            match try_delete(engine, repo_id).await {
                // Of a batch of unknown outcome the next attempt sees whether the repository is gone.
                Err(error) if attempts.may_go_on(&error) => {}
                Ok(false) => return Ok(attempts.failed() > 0),
                other => return attempts.answer(repo_id, other),
            }
        }
    }

    async fn graph_exists(&self, repo_id: &str) -> Result<bool> {
        Ok(View::open(self.engine(), repo_id).await?.is_some())
    }
}
