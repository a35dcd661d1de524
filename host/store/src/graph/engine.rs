//! A backend with the cache in front of it, and how records are read through both.

use std::sync::Arc;

use codestrata_config::{Compression, StorageConfig};
use codestrata_core::{
    Backend, Batch, Bytes, Durability, Error, ErrorKind, Key, KeyRange, Op, ReadView, Result, ScanRequest,
};

use super::current::{CurrentGraphs, Seen};
use super::sweep::Sweeping;
use super::view::{StoredFile, View};
use crate::adjacency::{GraphKey, LinkChange};
use crate::analysis::AnalysisTables;
use crate::cache::{Answered, SharedCache};
use crate::codec::{RecordKind, decode, encode};
use crate::keyspace::{self, RepoOrd};
use crate::limits::{MAX_COMMIT_ATTEMPTS, MAX_REPOSITORY_ID_BYTES};
use crate::link::LinkRecord;
use crate::records::{Head, StoreRecord, random_id};

/// One open store.
pub(crate) struct Engine {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) cache: Arc<SharedCache>,
    pub(crate) durability: Durability,
    /// Names this opening of the store, so that what it has begun is told from what a crash left.
    pub(crate) session: u128,
    /// Writers of this process take turns: losing against oneself would only waste work.
    pub(crate) writing: tokio::sync::Mutex<()>,
    /// The graphs as they were seen last.
    pub(crate) current: CurrentGraphs,
    /// What stands for the links of a file where nobody asks for them.
    pub(crate) no_links: Arc<LinkRecord>,
    /// What is known of generations that were left unfinished.
    pub(crate) sweeping: Sweeping,
    /// Where the results of analyses are.
    pub(crate) analyses: AnalysisTables,
    /// How many versions of each graph the history of changes keeps.
    pub(crate) history: u32,
    /// How whole generations are compressed where they are made, on all cores. The layer below would do the same, and
    /// leaves alone what is compressed.
    pub(crate) compression: Compression,
}

impl Engine {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        cache: Arc<SharedCache>,
        durability: Durability,
    ) -> Result<Self> {
        let analyses = AnalysisTables::new(Arc::clone(&backend), durability, true);
        Ok(Self {
            backend,
            cache,
            durability,
            session: random_id()?,
            writing: tokio::sync::Mutex::new(()),
            current: CurrentGraphs::default(),
            no_links: Arc::default(),
            sweeping: Sweeping::default(),
            analyses,
            history: StorageConfig::DEFAULT_HISTORY,
            compression: Compression::None,
        })
    }

    /// The same store, whose backend compresses so.
    pub(crate) fn with_compression(self, compression: Compression) -> Self {
        Self { compression, ..self }
    }

    /// The same store, with a history of so many versions.
    pub(crate) fn with_history(self, versions: u32) -> Self {
        Self { history: versions, ..self }
    }

    /// The same store, with the results of analyses in one of their own.
    pub(crate) fn with_analyses(self, backend: Arc<dyn Backend>, durability: Durability) -> Self {
        Self { analyses: AnalysisTables::new(backend, durability, false), ..self }
    }

    /// Something to read several records from: a snapshot where the engine has them.
    pub(crate) async fn reader(&self) -> Result<Box<dyn ReadView>> {
        reader_of(&self.backend).await
    }

    /// The same for the results of analyses.
    pub(crate) async fn analysis_reader(&self) -> Result<Box<dyn ReadView>> {
        reader_of(&self.analyses.backend).await
    }

    /// The state of a repository as a reader shows it, with the revision that the engine told before the reader was made.
    ///
    /// Cost: one read where nothing has changed since it was seen last.
    pub(crate) async fn state(
        &self,
        reader: &dyn ReadView,
        repo_id: &str,
        revision: Option<u64>,
    ) -> Result<Option<Arc<Seen>>> {
        if let Some(seen) = self.current.seen(repo_id)
            && reader.get(&keyspace::head(seen.repo)?).await?.as_ref() == Some(&seen.head_bytes)
        {
            let is_noted = revision.is_none() || seen.is_of(revision);
            return Ok(Some(if is_noted {
                seen
            } else {
                self.current.see(seen.repo, &seen.head, &seen.head_bytes, revision)
            }));
        }
        let Some((repo, head, head_bytes)) = self.head(reader, repo_id).await? else { return Ok(None) };
        Ok(Some(self.current.see(repo, &Arc::new(head), &head_bytes, revision)))
    }

    /// The ordinal and head of a repository, and the head's bytes for a precondition.
    pub(crate) async fn head(
        &self,
        reader: &dyn ReadView,
        repo_id: &str,
    ) -> Result<Option<(RepoOrd, Head, Bytes)>> {
        check_repository_id(repo_id)?;
        let Some(ordinal) = reader.get(&keyspace::repository_id(repo_id)?).await? else { return Ok(None) };
        let ordinal = decode_ordinal(&ordinal)?;
        let Some(bytes) = reader.get(&keyspace::head(ordinal)?).await? else { return Ok(None) };
        let head = Head::decode(&bytes).map_err(|error| error.context(format!("repository `{repo_id}`")))?;
        if head.repo_id != repo_id {
            let message = format!("the record of `{repo_id}` leads to the head of `{}`", head.repo_id);
            return Err(Error::new(ErrorKind::Corruption, message));
        }
        Ok(Some((ordinal, head, bytes)))
    }

    /// The store's own record and its bytes.
    pub(crate) async fn store_record(&self) -> Result<(StoreRecord, Option<Bytes>)> {
        let bytes = self.backend.get(&keyspace::store()?).await?;
        let record = match &bytes {
            None => StoreRecord::default(),
            Some(bytes) => decode(RecordKind::Store, bytes)?,
        };
        Ok((record, bytes))
    }

    /// Commits a batch that puts the new head of a repository, and settles a commit of unknown outcome.
    pub(crate) async fn commit(&self, batch: Batch, repo: RepoOrd, head: &Head) -> Result<()> {
        let batch = batch.durability(self.durability);
        let applied = self.backend.apply(batch).await;
        if applied.is_ok() {
            tracing::info!(repository = head.repo_id, version = head.version, "committed");
        }
        match applied {
            Err(error) if error.kind() == ErrorKind::CommitUnknown => {
                let stored = self.backend.get(&keyspace::head(repo)?).await;
                match stored.and_then(|bytes| bytes.map(|bytes| Head::decode(&bytes)).transpose()) {
                    Ok(Some(stored)) if stored.commit == head.commit => Ok(()),
                    Err(unread) => Err(unsettled(unread)),
                    // Whoever came after us began from our commit or from the one before it; only the version
                    // tells, and only that it may be. The caller reads again and tries again.
                    Ok(_) => Err(Error::new(ErrorKind::Conflict, "a commit was lost with its connection")
                        .with_source(error)),
                }
            }
            other => other,
        }
    }

    /// Brings what is at hand of a graph from the commit of a view to the next one, which this process has made.
    pub(crate) fn committed(
        &self,
        view: &View<'_>,
        head: Head,
        links: LinkChange,
        answers: Vec<Answered>,
        stored: Vec<StoredFile>,
    ) -> Result<()> {
        let (before, bytes) = (view.head.commit, Bytes::from(head.encode()?));
        self.cache.resident().note(GraphKey::of(view), before, head.commit, links);
        self.current.committed(&self.cache, before, (head, bytes), answers, stored);
        Ok(())
    }

    /// Deletes a range and some keys without anyone waiting for it to be durable: what is deleted is not
    /// referred to any more.
    pub(crate) async fn discard(&self, range: Option<KeyRange>, keys: Vec<Key>) -> Result<()> {
        let mut batch = Batch::new().durability(Durability::Buffered);
        if let Some(range) = range {
            batch.add(Op::DeleteRange(range));
        }
        for key in keys {
            batch.add(Op::Delete(key));
        }
        self.backend.apply(batch).await
    }

    /// Every item of a range, page by page, given to a function.
    pub(crate) async fn for_each(
        &self,
        reader: &dyn ReadView,
        request: ScanRequest,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<()> + Send,
    ) -> Result<()> {
        let mut request = request;
        loop {
            let page = reader.scan(&request).await?;
            for (key, value) in page.iter() {
                visit(key, value)?;
            }
            match page.next() {
                Some(range) => request = request.over(range.clone()),
                None => return Ok(()),
            }
        }
    }
}

async fn reader_of(backend: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
    if backend.capabilities().snapshots() {
        return backend.snapshot().await;
    }
    Ok(Box::new(Live(Arc::clone(backend))))
}

/// Whether a commit that failed so may be tried again from what is stored now.
pub(crate) fn may_retry(error: &Error, attempt: u32) -> bool {
    attempt < MAX_COMMIT_ATTEMPTS
        && matches!(
            error.kind(),
            // A commit of unknown outcome is settled by what is read before the next attempt. Batches that prepare a
            // generation need not be: nothing of them can be seen.
            ErrorKind::PreconditionFailed | ErrorKind::Conflict | ErrorKind::CommitUnknown
        )
}

/// The error of a commit of unknown outcome, where the read that would have settled it failed.
pub(crate) fn unsettled(error: Error) -> Error {
    Error::new(
        ErrorKind::CommitUnknown,
        "the outcome of a commit is unknown, and the store cannot be asked for it",
    )
    .with_help("look whether the change is stored before you make it again")
    .with_source(error)
}

/// The attempts at one change, and whether it is known what became of all of them.
#[derive(Default)]
pub(crate) struct Attempts {
    failed: u32,
    has_unknown: bool,
}

impl Attempts {
    /// Whether there may be another one after this error.
    pub(crate) fn may_go_on(&mut self, error: &Error) -> bool {
        self.failed += 1;
        self.has_unknown |= error.kind() == ErrorKind::CommitUnknown;
        may_retry(error, self.failed)
    }

    /// How many have failed.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }

    /// Whether of one it is not known what became of it.
    pub(crate) fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// The answer of the last one. An error does not promise that nothing was applied where an earlier attempt may have
    /// been.
    pub(crate) fn answer<T>(&self, repo_id: &str, answer: Result<T>) -> Result<T> {
        answer.map_err(|error| {
            let error = lost(repo_id, error);
            let says_too_much = self.has_unknown && error.kind().is_certainly_not_applied();
            if says_too_much { unsettled(error) } else { error }
        })
    }
}

/// The error of a commit that lost against others too often.
pub(crate) fn lost(repo_id: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::PreconditionFailed => Error::new(
            ErrorKind::Conflict,
            format!("other writers changed `{repo_id}` {MAX_COMMIT_ATTEMPTS} times before this change could be made"),
        )
        .with_help("try again when they are done")
        .with_source(error),
        _ => error,
    }
}

/// The error of a repository that is not stored.
pub(crate) fn no_repository(repo_id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no repository `{repo_id}` in this store"))
        .with_help("index it first")
}

fn check_repository_id(repo_id: &str) -> Result<()> {
    if repo_id.is_empty() || repo_id.len() > MAX_REPOSITORY_ID_BYTES {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("a repository id has 1 to {MAX_REPOSITORY_ID_BYTES} bytes, not {}", repo_id.len()),
        ));
    }
    Ok(())
}

pub(crate) fn decode_ordinal(bytes: &[u8]) -> Result<u32> {
    decode(RecordKind::Ordinal, bytes)
}

pub(crate) fn encode_ordinal(ordinal: u32) -> Result<Vec<u8>> {
    encode(RecordKind::Ordinal, &ordinal)
}

/// A store without snapshots, read as it is at each moment.
struct Live(Arc<dyn Backend>);

#[async_trait::async_trait]
impl ReadView for Live {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.0.get_many(keys).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.0.get(key).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<codestrata_core::Page> {
        self.0.scan(request).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<codestrata_core::Page>> {
        self.0.scan_many(requests).await
    }
}
