//! Commits of single results: each one batch, under the preconditions that what it was made from still stands.

use codestrata_core::{Batch, Error, ErrorKind, Op, Precondition, Result, ScanRequest};

use super::prepared::PreparedResult;
use super::records::{AnalysisHead, ResultRecord};
use super::repository::forget_in_turn;
use super::result::{AnalysisSummary, Retention};
use super::retention::{cutoff, result_keys};
use super::tables::visible_head;
use crate::graph::{Engine, decode_ordinal, is_being_deleted, no_repository, unsettled};
use crate::keyspace::analysis::{self as keys, Index};
use crate::keyspace::{self, RepoOrd};
use crate::limits::{ANALYSES_REMOVED_PER_STORE, MAX_COUNTED_PER_STORE};
use crate::records::random_id;

/// Stores a result once. The caller has its turn among the writers of this process.
pub(super) async fn store(
    engine: &Engine,
    prepared: &PreparedResult,
    now_ms: u64,
    retention: Retention,
) -> Result<AnalysisSummary> {
    let repo_id = prepared.repository.as_str();
    let mut batch = Batch::new();
    let repo = require_repository(engine, &mut batch, repo_id).await?;
    let mut head = claim(engine, &mut batch, repo, repo_id).await?;
    let at_ms = match prepared.at_ms {
        Some(at_ms) => at_ms,
        None => {
            head.last_ms = now_ms.max(head.last_ms.saturating_add(1));
            head.last_ms
        }
    };
    replace_former(engine, &mut batch, &head, &prepared.id).await?;
    let record = ResultRecord {
        id: prepared.id.clone(),
        repo_id: repo_id.to_owned(),
        scope: head.scope,
        analysis_type: prepared.analysis_type.clone(),
        at_ms,
        data: random_id()?,
        parts: u32::try_from(prepared.parts.len()).unwrap_or(u32::MAX),
        data_bytes: prepared.data_bytes,
        data_name: prepared.data_name,
        metadata: prepared.metadata.clone(),
    };
    remove_old(engine, &mut batch, &record, retention, now_ms).await?;
    for (number, part) in (0..).zip(&prepared.parts) {
        batch.add(Op::Put(keys::part(record.data, number)?, part.clone()));
    }
    batch.add(Op::Put(keys::result(&record.id)?, record.encode()?.into()));
    batch.add(Op::Put(record.by_time()?, Vec::new().into()));
    batch.add(Op::Put(record.by_type()?, Vec::new().into()));
    batch.add(Op::Put(keys::head(repo_id)?, head.encode()?.into()));
    commit(engine, batch, &record).await?;
    record.summary()
}

/// Deletes a result once, and says whether it was there.
pub(super) async fn delete(engine: &Engine, id: &str) -> Result<bool> {
    let tables = &engine.analyses;
    let reader = engine.analysis_reader().await?;
    let Some((record, bytes)) = tables.record(reader.as_ref(), id).await? else { return Ok(false) };
    let head = visible_head(engine, reader.as_ref(), &record.repo_id).await?;
    let Some((head, head_bytes)) = head.filter(|(head, _)| head.scope == record.scope) else {
        // Nobody sees it, unless it was stored again between the two reads.
        if tables.backend.get(&keys::result(id)?).await? == Some(bytes) {
            return Ok(false);
        }
        return Err(Error::new(ErrorKind::Conflict, "the result was stored again while it was looked for"));
    };
    let mut batch = Batch::new()
        .require_equals(keys::head(&head.repo_id)?, head_bytes)
        .require_equals(keys::result(id)?, bytes)
        .put(keys::head(&head.repo_id)?, head.next()?.encode()?);
    record.remove(&mut batch)?;
    tables.apply(batch).await?;
    Ok(true)
}

/// The ordinal of a repository whose graph is stored.
pub(super) async fn ordinal_of(engine: &Engine, repo_id: &str) -> Result<Option<RepoOrd>> {
    let reader = engine.reader().await?;
    Ok(engine.head(reader.as_ref(), repo_id).await?.map(|(repo, ..)| repo))
}

/// The next head of a repository's results, with what it stands for as preconditions of the batch.
async fn claim(engine: &Engine, batch: &mut Batch, repo: RepoOrd, repo_id: &str) -> Result<AnalysisHead> {
    let tables = &engine.analyses;
    let key = keys::head(repo_id)?;
    let (stands, first) = match tables.stored_head(tables.backend.as_ref(), repo_id).await? {
        Some((stored, bytes)) if stored.repo == repo => {
            batch.add_precondition(Precondition::Equals(key, bytes));
            return stored.next();
        }
        Some((stored, _)) if is_being_deleted(engine, stored.repo, repo_id).await? => {
            forget_in_turn(engine, stored.repo, repo_id).await?;
            return Err(Error::new(ErrorKind::Conflict, format!("`{repo_id}` was deleted and stored anew")));
        }
        // The graphs were thrown away and made again beside a store of results: the results stay.
        Some((stored, bytes)) => {
            (Precondition::Equals(key.clone(), bytes), AnalysisHead { repo, ..stored.next()? })
        }
        None => (Precondition::Absent(key.clone()), AnalysisHead::first(repo_id, repo)?),
    };
    if tables.is_shared {
        batch.add_precondition(stands);
        return Ok(first);
    }
    // Another store has no part in the commit that deletes a graph. Who deletes it from now on finds this head, and
    // with it whatever is stored under it; who has deleted it by now is seen here.
    let bytes = first.encode()?;
    let mut claim = Batch::new().put(key.clone(), bytes.clone());
    claim.add_precondition(stands);
    tables.apply(claim).await?;
    if ordinal_of(engine, repo_id).await? != Some(repo) {
        forget_in_turn(engine, repo, repo_id).await?;
        return Err(no_repository(repo_id));
    }
    batch.add_precondition(Precondition::Equals(key, bytes.into()));
    first.next()
}

/// Requires, where graphs are in the same store, that the repository is not deleted before the batch is applied.
async fn require_repository(engine: &Engine, batch: &mut Batch, repo_id: &str) -> Result<RepoOrd> {
    let repo = ordinal_of(engine, repo_id).await?.ok_or_else(|| no_repository(repo_id))?;
    if engine.analyses.is_shared {
        let key = keyspace::repository_id(repo_id)?;
        match engine.backend.get(&key).await? {
            Some(ordinal) if decode_ordinal(&ordinal)? == repo => {
                batch.add_precondition(Precondition::Equals(key, ordinal));
            }
            _ => return Err(Error::new(ErrorKind::Conflict, format!("`{repo_id}` was deleted meanwhile"))),
        }
    }
    Ok(repo)
}

/// Removes the result that has had the id so far, of whichever repository.
async fn replace_former(engine: &Engine, batch: &mut Batch, head: &AnalysisHead, id: &str) -> Result<()> {
    let tables = &engine.analyses;
    let Some((former, bytes)) = tables.record(tables.backend.as_ref(), id).await? else {
        batch.add_precondition(Precondition::Absent(keys::result(id)?));
        return Ok(());
    };
    batch.add_precondition(Precondition::Equals(keys::result(id)?, bytes));
    former.remove(batch)?;
    if former.scope == head.scope {
        return Ok(());
    }
    match tables.stored_head(tables.backend.as_ref(), &former.repo_id).await? {
        Some((other, bytes)) if other.scope == former.scope => {
            let key = keys::head(&former.repo_id)?;
            batch.add_precondition(Precondition::Equals(key.clone(), bytes));
            batch.add(Op::Put(key, other.next()?.encode()?.into()));
        }
        // Its repository was deleted: nobody sees it.
        _ => {}
    }
    Ok(())
}

/// Removes a few results that are too old, or too many with the one that is stored now, which itself stays.
async fn remove_old(
    engine: &Engine,
    batch: &mut Batch,
    stored: &ResultRecord,
    retention: Retention,
    now_ms: u64,
) -> Result<()> {
    let reader = engine.analyses.backend.as_ref();
    let own = keys::result(&stored.id)?;
    let mut unwanted = Vec::new();
    let by_time = Index::Time(stored.scope);
    if let Some(range) = cutoff(retention, now_ms).and_then(|cutoff| by_time.older(cutoff)) {
        let request = ScanRequest::new(range).reverse().max_items(ANALYSES_REMOVED_PER_STORE);
        unwanted.extend(result_keys(reader, by_time, &request).await?);
    }
    if let Some(most) = retention.max_results.filter(|most| *most <= MAX_COUNTED_PER_STORE) {
        let by_type = Index::Type(stored.scope, keys::type_name(&stored.analysis_type));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let request = ScanRequest::new(by_type.all()).max_items(most + ANALYSES_REMOVED_PER_STORE);
        let mut kept = result_keys(reader, by_type, &request).await?;
        // The one that is stored now counts, wherever its time puts it.
        kept.retain(|key| *key != own);
        unwanted.extend(kept.into_iter().skip(most.saturating_sub(1)));
    }
    unwanted.retain(|key| *key != own);
    unwanted.sort();
    unwanted.dedup();
    match engine.analyses.records(reader, &unwanted).await {
        // Another result that is damaged must not keep this one from being stored. A clean-up will say it.
        Err(error) if error.kind() == ErrorKind::Corruption => {
            tracing::warn!(%error, "an old result could not be removed");
        }
        found => {
            // One that is not there was removed meanwhile, and the head is another then: the batch will not be applied.
            let found = found?.into_iter().flatten().map(|(record, _)| record);
            for record in found.filter(|record| record.scope == stored.scope) {
                record.remove(batch)?;
            }
        }
    }
    Ok(())
}

/// Commits a result, and settles a commit of unknown outcome.
async fn commit(engine: &Engine, batch: Batch, record: &ResultRecord) -> Result<()> {
    let tables = &engine.analyses;
    match tables.apply(batch).await {
        Err(error) if error.kind() == ErrorKind::CommitUnknown => {
            match tables.record(tables.backend.as_ref(), &record.id).await {
                Ok(Some((stored, _))) if stored.data == record.data => Ok(()),
                Err(unread) => Err(unsettled(unread)),
                Ok(_) => Err(Error::new(ErrorKind::Conflict, "a commit was lost with its connection")
                    .with_source(error)),
            }
        }
        Err(error) if error.kind() == ErrorKind::TooLarge => Err(error
            .context(format!("analysis `{}`", record.id))
            .with_help("store it as several results, or choose a backend that takes more at once")),
        other => other,
    }
}
