//! The results of a repository from one store to another.
//!
//! In the target they have a scope of their own, which no head names, so nobody sees them. Records and names of data are
//! changed by a salt, because the target may have an earlier copy of the same. What has an id that another result has
//! in the target is held back, as the value of its entry in the list, until the commit.

use codestrata_core::{
    Batch, Bytes, Durability, Error, ErrorKind, Op, Precondition, ReadView, Result, ScanRequest,
};

use super::records::{AnalysisHead, ResultRecord};
use super::repository::collect_scope;
use super::retention::result_key;
use super::tables::{AnalysisTables, visible_head};
use crate::copy::Digest;
use crate::graph::Engine;
use crate::keyspace::RepoOrd;
use crate::keyspace::analysis::{self as keys, Index, Scope};
use crate::limits::{BULK_BATCH_BYTES, COPY_BATCH_BYTES};
use crate::records::random_id;

/// Results that are read and written together.
const RESULTS_PER_PAGE: usize = 256;

/// One result of a list.
pub(crate) struct Entry {
    /// What comes after the scope in the key of the list.
    pub(crate) rest: Vec<u8>,
    record: ResultRecord,
    is_held_back: bool,
}

/// A page of a list. An entry with a value is held back.
async fn entries(
    tables: &AnalysisTables,
    reader: &dyn ReadView,
    scope: Scope,
    after: &[u8],
) -> Result<Vec<Entry>> {
    let index = Index::Time(scope);
    let range = if after.is_empty() { index.all() } else { index.after(after) };
    let page = reader.scan(&ScanRequest::new(range).max_items(RESULTS_PER_PAGE)).await?;
    let mut wanted = Vec::new();
    for (key, _) in page.iter().filter(|(_, value)| value.is_empty()) {
        wanted.push(result_key(index, key)?);
    }
    let mut found = tables.records(reader, &wanted).await?.into_iter();
    let mut entries = Vec::with_capacity(page.len());
    for (key, value) in page.iter() {
        let is_held_back = !value.is_empty();
        let record = if is_held_back {
            ResultRecord::decode(value)?
        } else {
            let record = found.next().flatten().map(|(record, _)| record);
            record.filter(|record| record.scope == scope).ok_or_else(|| {
                Error::new(ErrorKind::Conflict, "the results of analyses were changed while they were copied")
                    .with_help("copy them when their writers are done")
            })?
        };
        let rest = index.rest_of(key).unwrap_or_default().to_vec();
        entries.push(Entry { rest, record, is_held_back });
    }
    Ok(entries)
}

async fn part(reader: &dyn ReadView, data: u128, number: u32) -> Result<Bytes> {
    reader
        .get(&keys::part(data, number)?)
        .await?
        .ok_or_else(|| super::records::damaged("a part of its data is missing"))
}

/// The results of a repository, as they are copied.
pub(crate) struct CopiedResults<'s> {
    engine: &'s Engine,
    reader: Box<dyn ReadView>,
    head: AnalysisHead,
    head_bytes: Bytes,
}

/// The results of a repository; none if it has none.
pub(crate) async fn results_of<'s>(engine: &'s Engine, repo_id: &str) -> Result<Option<CopiedResults<'s>>> {
    let reader = engine.analysis_reader().await?;
    let head = visible_head(engine, reader.as_ref(), repo_id).await?;
    Ok(head.map(|(head, head_bytes)| CopiedResults { engine, reader, head, head_bytes }))
}

impl CopiedResults<'_> {
    /// The commit that is copied.
    pub(crate) fn commit(&self) -> u128 {
        self.head.commit
    }

    /// The last time that the store itself gave one of them.
    pub(crate) fn last_ms(&self) -> u64 {
        self.head.last_ms
    }

    /// Whether what was read is of one commit.
    pub(crate) async fn is_unchanged(&self, engine: &Engine) -> Result<bool> {
        let backend = &engine.analyses.backend;
        let key = keys::head(&self.head.repo_id)?;
        Ok(backend.capabilities().snapshots() || backend.get(&key).await?.as_ref() == Some(&self.head_bytes))
    }

    /// The results after one.
    pub(crate) async fn page(&mut self, after: &[u8]) -> Result<Vec<Entry>> {
        let tables = &self.engine.analyses;
        match entries(tables, self.reader.as_ref(), self.head.scope, after).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                // A snapshot that is too old is replaced, if the results are still the same.
                self.reader = self.engine.analysis_reader().await?;
                let now = self.reader.get(&keys::head(&self.head.repo_id)?).await?;
                if now.as_ref() != Some(&self.head_bytes) {
                    return Err(error);
                }
                entries(tables, self.reader.as_ref(), self.head.scope, after).await
            }
            page => page,
        }
    }

    /// Adds them to a digest.
    pub(crate) async fn add_to(&self, digest: &mut Digest, entries: &[Entry]) -> Result<()> {
        add(self.reader.as_ref(), digest, entries).await
    }
}

/// Adds results without what is another in each store.
async fn add(reader: &dyn ReadView, digest: &mut Digest, entries: &[Entry]) -> Result<()> {
    for entry in entries {
        let record = ResultRecord { scope: 0, data: 0, ..entry.record.clone() };
        digest.add(keys::RESULT, &entry.rest, &record.encode()?);
        for number in 0..entry.record.parts {
            let part = part(reader, entry.record.data, number).await?;
            digest.add(keys::DATA, &number.to_be_bytes(), &part);
        }
    }
    Ok(())
}

/// Where results are copied to.
pub(crate) struct TargetResults<'t> {
    pub(crate) engine: &'t Engine,
    pub(crate) repo_id: &'t str,
    pub(crate) scope: Scope,
    pub(crate) salt: u128,
}

impl TargetResults<'_> {
    /// Writes a page of results. May be repeated.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that another repository has.
    pub(crate) async fn write(&self, source: &CopiedResults<'_>, entries: &[Entry]) -> Result<()> {
        let tables = &self.engine.analyses;
        let limit = COPY_BATCH_BYTES.min(tables.backend.capabilities().max_batch_bytes() / 4);
        let mut batch = Batch::new().durability(Durability::Buffered);
        for entry in entries {
            let record = ResultRecord {
                scope: self.scope,
                data: entry.record.data ^ self.salt,
                ..entry.record.clone()
            };
            let is_held_back = self.taken(&record.id).await?.is_some();
            for number in 0..record.parts {
                let part = part(source.reader.as_ref(), entry.record.data, number).await?;
                batch.add(Op::Put(keys::part(record.data, number)?, part));
                if batch.byte_size() >= limit {
                    let full = std::mem::replace(&mut batch, Batch::new().durability(Durability::Buffered));
                    tables.backend.apply(full).await?;
                }
            }
            let bytes = Bytes::from(record.encode()?);
            let held_back = if is_held_back {
                bytes
            } else {
                batch.add(Op::Put(keys::result(&record.id)?, bytes));
                Bytes::new()
            };
            batch.add(Op::Put(record.by_time()?, held_back));
            batch.add(Op::Put(record.by_type()?, Bytes::new()));
        }
        if batch.is_empty() { Ok(()) } else { tables.backend.apply(batch).await }
    }

    /// The other result that has an id, and goes with the repository that is replaced.
    async fn taken(&self, id: &str) -> Result<Option<ResultRecord>> {
        let tables = &self.engine.analyses;
        let reader = tables.backend.as_ref();
        let other = tables.record(reader, id).await?.map(|(other, _)| other);
        let Some(other) = other.filter(|other| other.scope != self.scope) else { return Ok(None) };
        let head = visible_head(self.engine, reader, &other.repo_id).await?;
        if other.repo_id != self.repo_id && head.is_some_and(|(head, _)| head.scope == other.scope) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the target has an analysis result `{id}` of `{}` already", other.repo_id),
            )
            .with_help("delete one of the two; an id is one result's in a store"));
        }
        Ok(Some(other))
    }

    /// The results after one, as they were written.
    pub(crate) async fn page(&self, after: &[u8]) -> Result<Vec<Entry>> {
        let tables = &self.engine.analyses;
        entries(tables, tables.backend.as_ref(), self.scope, after).await
    }

    /// Adds them to a digest.
    pub(crate) async fn add_to(&self, digest: &mut Digest, entries: &[Entry]) -> Result<()> {
        add(self.engine.analyses.backend.as_ref(), digest, entries).await
    }

    /// Adds to a batch what makes the results those of the repository, in place of those that it had; nothing if they
    /// are that already.
    ///
    /// # Errors
    /// `TooLarge` if too many were held back for one batch.
    pub(crate) async fn commit_in(&self, batch: &mut Batch, repo: RepoOrd, last_ms: u64) -> Result<()> {
        let tables = &self.engine.analyses;
        let key = keys::head(self.repo_id)?;
        match tables.stored_head(tables.backend.as_ref(), self.repo_id).await? {
            None => batch.add_precondition(Precondition::Absent(key.clone())),
            Some((former, _)) if former.scope == self.scope => return Ok(()),
            Some((former, bytes)) => {
                batch.add_precondition(Precondition::Equals(key.clone(), bytes.clone()));
                batch.add(Op::Put(keys::abandoned(former.scope)?, bytes));
            }
        }
        let head = AnalysisHead {
            repo_id: self.repo_id.to_owned(),
            scope: self.scope,
            repo,
            commit: random_id()?,
            last_ms,
        };
        batch.add(Op::Put(key, head.encode()?.into()));
        let mut after = Vec::new();
        loop {
            let page = self.page(&after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.rest);
            for entry in page.into_iter().filter(|entry| entry.is_held_back) {
                if let Some(other) = self.taken(&entry.record.id).await? {
                    other.remove(batch)?;
                }
                batch.add(Op::Put(keys::result(&entry.record.id)?, entry.record.encode()?.into()));
                batch.add(Op::Put(entry.record.by_time()?, Bytes::new()));
            }
            if batch.byte_size() > BULK_BATCH_BYTES {
                return Err(Error::new(
                    ErrorKind::TooLarge,
                    "too many results of analyses of the target have the ids of those that are copied",
                )
                .with_help("remove the repository in the target first"));
            }
        }
    }
}

/// Whether the results of a repository are those of a scope.
pub(crate) async fn has_scope(engine: &Engine, repo_id: &str, scope: Scope) -> Result<bool> {
    let tables = &engine.analyses;
    let head = tables.stored_head(tables.backend.as_ref(), repo_id).await?;
    Ok(head.is_some_and(|(head, _)| head.scope == scope))
}

/// Removes results that were copied and never seen; those that are seen stay. May be repeated.
pub(crate) async fn abandon(engine: &Engine, repo_id: &str, scope: Scope) -> Result<()> {
    if has_scope(engine, repo_id, scope).await? {
        return Ok(());
    }
    let head = AnalysisHead { scope, ..AnalysisHead::first(repo_id, RepoOrd::MAX)? };
    engine.analyses.discard(Batch::new().put(keys::abandoned(scope)?, head.encode()?)).await?;
    collect_scope(engine, scope).await.map(|_| ())
}
