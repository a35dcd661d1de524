//! Updates whose files come in portions: what is more than may be held is written ahead of the commit.
//!
//! Segments are named by their content, so they can be stored before anybody refers to them. The marker of a generation of
//! their own keeps sweeps from removing them; whoever takes that away has made them wholly gone, so that each batch and the
//! commit require it. What is left of a file in memory is its path, its hash and the name of its segment.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use codestrata_core::{Bytes, Error, ErrorKind, Result, ScanRequest};

use super::bulk::{BatchWriter, BulkFile, Incoming, Packing, StoredSegments, store_generation};
use super::engine::{Attempts, Engine, decode_ordinal};
use super::generation::{Begun, begin};
use super::storage::{FileChanges, FileUpdate, UpdateSummary};
use super::store::{Change, GraphStore};
use super::sweep;
use super::update::{Outcome, commit_files};
use super::view::View;
use crate::blocking::{Waiting, begin_waiting};
use crate::codec::ContentName;
use crate::keyspace;
use crate::limits::{MAX_FILES_PER_BATCH, MAX_HELD_BYTES};
use crate::segment::PreparedFile;

/// An update that is being fed.
pub(super) struct Portions<'e> {
    store: &'e GraphStore,
    repo_id: String,
    held: Vec<PreparedFile>,
    held_bytes: usize,
    ahead: Option<Ahead<'e>>,
    /// What is being written ahead.
    writing: Option<Waiting<Result<()>>>,
    /// Whether something of it could not be written, and is lost.
    is_broken: bool,
}

/// Files that were written ahead.
pub(super) struct Ahead<'e> {
    begun: Begun<'e>,
    /// The head of the repository before that.
    head: Option<Bytes>,
    /// As they come.
    added: Vec<BulkFile>,
    /// All of them, sorted by path.
    files: Arc<[BulkFile]>,
}

impl<'e> Portions<'e> {
    pub(super) fn new(store: &'e GraphStore, repo_id: &str) -> Self {
        Self {
            store,
            repo_id: repo_id.to_owned(),
            held: Vec::new(),
            held_bytes: 0,
            ahead: None,
            writing: None,
            is_broken: false,
        }
    }

    fn hold(&mut self, files: Vec<PreparedFile>) {
        self.held_bytes += files.iter().map(PreparedFile::weight).sum::<usize>();
        self.held.extend(files);
    }

    /// Begins to write what is held, after what was begun before.
    async fn write_ahead(&mut self) -> Result<()> {
        self.written().await?;
        let engine = self.store.engine();
        let ahead = match &mut self.ahead {
            Some(ahead) => ahead,
            none => none.insert(Ahead::begin(engine, &self.repo_id).await?),
        };
        let mut files = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        ahead.added.extend(files.iter().map(BulkFile::from));
        files.sort_by_key(PreparedFile::name);
        let mut writer = BatchWriter::new(&engine.backend, Some(ahead.begun.condition()?));
        let packing = Packing { compression: engine.compression, is_compared: false };
        let repo = ahead.begun.repo;
        self.writing = Some(begin_waiting(async move { writer.segments(repo, files, packing).await }));
        Ok(())
    }

    /// Waits for what is being written.
    async fn written(&mut self) -> Result<()> {
        if self.is_broken {
            let message = "an update cannot go on after a part of it could not be written";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let Some(writing) = self.writing.take() else { return Ok(()) };
        let outcome = writing.outcome().await.and_then(|written| written);
        self.is_broken = outcome.is_err();
        outcome
    }
}

#[async_trait]
impl FileUpdate for Portions<'_> {
    async fn add(&mut self, files: Vec<PreparedFile>) -> Result<()> {
        self.hold(files);
        if self.held_bytes > MAX_HELD_BYTES { self.write_ahead().await } else { Ok(()) }
    }

    async fn commit(mut self: Box<Self>, mut changes: FileChanges) -> Result<UpdateSummary> {
        self.written().await?;
        self.hold(std::mem::take(&mut changes.replaced));
        if self.ahead.is_some() && !self.held.is_empty() {
            self.write_ahead().await?;
        }
        self.written().await?;
        match &mut self.ahead {
            None => {
                changes.replaced = std::mem::take(&mut self.held);
                self.store.change(&self.repo_id, Change::Files(&changes)).await
            }
            Some(ahead) => {
                ahead.settle()?;
                self.store.change(&self.repo_id, Change::Ahead(&changes, ahead)).await
            }
        }
    }

    async fn abandon(mut self: Box<Self>) -> Result<()> {
        // Whatever came of it: it is removed.
        let _ = self.written().await;
        if self.ahead.take().is_none() {
            return Ok(());
        }
        let engine = self.store.engine();
        let _turn = engine.writing.lock().await;
        sweep::sweep_if_needed(engine).await
    }
}

impl<'e> Ahead<'e> {
    async fn begin(engine: &'e Engine, repo_id: &str) -> Result<Self> {
        let _turn = engine.writing.lock().await;
        let mut attempts = Attempts::default();
        loop {
            match Self::try_begin(engine, repo_id).await {
                Err(error) if attempts.may_go_on(&error) => {}
                other => return attempts.answer(repo_id, other),
            }
        }
    }

    async fn try_begin(engine: &'e Engine, repo_id: &str) -> Result<Self> {
        sweep::sweep_if_needed(engine).await?;
        let view = View::open(engine, repo_id).await?;
        let begun = begin(engine, repo_id, view.as_ref()).await?;
        Ok(Self {
            begun,
            head: view.map(|view| view.head_bytes.clone()),
            added: Vec::new(),
            files: Arc::default(),
        })
    }

    /// Sorts the files by path.
    ///
    /// # Errors
    /// `InvalidArgument` if a path stands twice.
    fn settle(&mut self) -> Result<()> {
        let mut files = std::mem::take(&mut self.added);
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.files = files.into();
        let twice = self.files.windows(2).find_map(|pair| match pair {
            [one, other] if one.path == other.path => Some(one),
            _ => None,
        });
        match twice {
            None => Ok(()),
            Some(file) => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the file `{}` stands twice in one update", file.path),
            )),
        }
    }

    /// Makes the change.
    ///
    /// # Errors
    /// `PreconditionFailed` when the repository is another by now, so that the caller reads again.
    pub(super) async fn store(
        &self,
        engine: &Engine,
        repo_id: &str,
        base: Option<&View<'_>>,
        changes: &FileChanges,
    ) -> Result<UpdateSummary> {
        self.check(engine, repo_id, base).await?;
        if let Some(view) = base.filter(|_| !changes.rewrite)
            && let Some((few, unchanged)) = self.few(engine, view, changes).await?
            && let Outcome::Committed(mut summary) = commit_files(engine, view, &few).await?
        {
            summary.unchanged += unchanged;
            // What was written ahead is what is referred to now.
            let key = keyspace::writing(self.begun.repo, self.begun.space)?;
            if let Err(error) = engine.discard(None, vec![key]).await {
                tracing::warn!(%error, "the marker of an update is left for the next writer");
            }
            return Ok(summary);
        }
        let incoming = Incoming { changes, ahead: Some((&self.files, &self.begun)) };
        store_generation(engine, repo_id, base, incoming).await
    }

    /// Whether what was written ahead is still there, and where the repository is.
    async fn check(&self, engine: &Engine, repo_id: &str, base: Option<&View<'_>>) -> Result<()> {
        let lost = || {
            Error::new(
                ErrorKind::Conflict,
                format!("`{repo_id}` was changed so while its files came that some are gone again"),
            )
            .with_help("index it again")
        };
        let repo = self.begun.repo;
        let known = engine.backend.get(&keyspace::repository_id(repo_id)?).await?;
        if known.map(|ordinal| decode_ordinal(&ordinal)).transpose()? != Some(repo) {
            return Err(lost());
        }
        if base.map(|view| &view.head_bytes) == self.head.as_ref() {
            return Ok(());
        }
        // Who replaced a file meanwhile has deleted its former segment, which may be the one that was written ahead.
        let mut missing: HashSet<ContentName> = self.files.iter().map(|file| file.name).collect();
        let request = ScanRequest::new(keyspace::segments(repo)).keys_only();
        engine
            .for_each(engine.backend.as_ref(), request, |key, _| {
                if let Some(name) = keyspace::segment_name_of(key) {
                    missing.remove(&name);
                }
                Ok(())
            })
            .await?;
        if missing.is_empty() { Ok(()) } else { Err(lost()) }
    }

    /// The change as one of those files alone that differ from what is stored, if they are few, and how many do not.
    async fn few(
        &self,
        engine: &Engine,
        view: &View<'_>,
        changes: &FileChanges,
    ) -> Result<Option<(FileChanges, u64)>> {
        let place = |path: &str| self.files.binary_search_by(|file| file.path.as_ref().cmp(path)).ok();
        let mut is_same = vec![false; self.files.len()];
        let mut removed = changes.removed.clone();
        for (_, entry) in view.all_entries().await? {
            let found =
                place(&entry.path).and_then(|place| Some((self.files.get(place)?, is_same.get_mut(place)?)));
            match found {
                Some((file, is_same)) => {
                    *is_same = file.name == entry.segment && *file.hash == *entry.hash;
                }
                None if changes.replace_all => removed.push(entry.path.to_string()),
                None => {}
            }
        }
        let differing: Vec<&BulkFile> =
            self.files.iter().zip(&is_same).filter(|(_, is_same)| !**is_same).map(|(file, _)| file).collect();
        if differing.len() > MAX_FILES_PER_BATCH {
            return Ok(None);
        }
        let names: Vec<ContentName> = differing.iter().map(|file| file.name).collect();
        let repo_id = view.head.repo_id.as_str().into();
        let segments = StoredSegments { backend: engine.backend.clone(), repo: self.begun.repo, repo_id };
        let mut replaced = Vec::with_capacity(names.len());
        for (file, record) in differing.iter().zip(segments.records(&names).await?) {
            replaced.push(PreparedFile::stored(&file.path, &file.hash, file.name, &record)?);
        }
        // Those that are given are not removed, and count as given.
        removed.retain(|path| place(path).is_none());
        let unchanged = u64::try_from(self.files.len() - differing.len()).unwrap_or(u64::MAX);
        let metadata = changes.metadata.clone();
        Ok(Some((FileChanges { replaced, removed, metadata, ..FileChanges::default() }, unchanged)))
    }
}
