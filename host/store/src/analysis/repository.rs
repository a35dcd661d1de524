//! What becomes of the results of a repository that is deleted.
//!
//! The deletion of a graph leaves a marker in the store of the graphs. While it stands, nobody sees the results, which
//! may lie in another store; and it goes only when they have been forgotten: their head is removed, in one batch that
//! also notes their scope as abandoned, and from there they are collected in batches of a bounded size. Each step may
//! be repeated, so a crash between any two of them is completed by whoever sweeps next.

use codestrata_core::{Batch, Durability, Key, Op, Precondition, Result, ScanRequest};

use super::records::{AnalysisHead, ResultRecord};
use super::retention::result_key;
use crate::graph::{Engine, lost, may_retry};
use crate::keyspace::RepoOrd;
use crate::keyspace::analysis::{self as keys, Index, Scope};
use crate::limits::{ANALYSES_PER_CLEANUP, BULK_BATCH_BYTES};

/// Makes the results those of the repository that is about to be deleted, so that they are forgotten with it. They may
/// still be known as those of an earlier one, of graphs that were thrown away.
pub(crate) async fn hold(engine: &Engine, repo: RepoOrd, repo_id: &str) -> Result<()> {
    let tables = &engine.analyses;
    let _turn = tables.writing.lock().await;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let stored = tables.stored_head(tables.backend.as_ref(), repo_id).await?;
        let Some((head, bytes)) = stored.filter(|(head, _)| head.repo != repo) else { return Ok(()) };
        let taken = AnalysisHead { repo, ..head.next()? };
        let batch = Batch::new()
            .require_equals(keys::head(repo_id)?, bytes)
            .put(keys::head(repo_id)?, taken.encode()?)
            .durability(Durability::Strongest);
        match tables.backend.apply(batch).await {
            Err(error) if may_retry(&error, attempt) => {}
            other => return other.map_err(|error| lost(repo_id, error)),
        }
    }
}

/// Makes the results of a deleted repository unseen for good; those of a later one of the same id stay.
pub(crate) async fn forget(engine: &Engine, repo: RepoOrd, repo_id: &str) -> Result<()> {
    let _turn = engine.analyses.writing.lock().await;
    forget_in_turn(engine, repo, repo_id).await
}

/// As [`forget`], by someone who has the turn already.
pub(super) async fn forget_in_turn(engine: &Engine, repo: RepoOrd, repo_id: &str) -> Result<()> {
    let tables = &engine.analyses;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let stored = tables.stored_head(tables.backend.as_ref(), repo_id).await?;
        let Some((head, bytes)) = stored.filter(|(head, _)| head.repo == repo) else { return Ok(()) };
        // As durable as can be, whatever is configured: the marker that asks for it is removed in another store.
        let batch = Batch::new()
            .require_equals(keys::head(repo_id)?, bytes.clone())
            .delete(keys::head(repo_id)?)
            .put(keys::abandoned(head.scope)?, bytes)
            .durability(Durability::Strongest);
        match tables.backend.apply(batch).await {
            Err(error) if may_retry(&error, attempt) => {}
            other => return other.map_err(|error| lost(repo_id, error)),
        }
    }
}

/// Removes the results that were forgotten, and says how many there were.
pub(crate) async fn collect(engine: &Engine) -> Result<u64> {
    let tables = &engine.analyses;
    let mut removed = 0;
    loop {
        let request = ScanRequest::new(keys::all_abandoned()).max_items(1);
        let page = tables.backend.scan(&request).await?;
        let Some((_, head)) = page.iter().next() else { return Ok(removed) };
        removed += collect_scope(engine, AnalysisHead::decode(head)?.scope).await?;
    }
}

pub(super) async fn collect_scope(engine: &Engine, scope: Scope) -> Result<u64> {
    let tables = &engine.analyses;
    let (mut removed, mut attempt) = (0, 0);
    loop {
        attempt += 1;
        let page = forgotten(engine, scope).await?;
        if page.is_empty() {
            let batch = Batch::new()
                .delete_range(Index::Time(scope).all())
                .delete_range(keys::types_from(scope, 0))
                .delete(keys::abandoned(scope)?);
            tables.discard(batch).await?;
            return Ok(removed);
        }
        let (batch, count) = removal(engine, scope, page).await?;
        match tables.discard(batch).await {
            Ok(()) => {
                removed += count;
                attempt = 0;
            }
            // An id of a deleted repository was given to a new result, which is not ours to remove.
            Err(error) if may_retry(&error, attempt) => {}
            Err(error) => return Err(error),
        }
    }
}

/// An entry of a forgotten list.
struct Forgotten {
    entry: Key,
    /// Of its result.
    result: Key,
    /// The result itself, if its id was another one's while it was copied. Only such an entry has a value.
    held_back: Option<ResultRecord>,
}

/// Some entries of a forgotten list.
async fn forgotten(engine: &Engine, scope: Scope) -> Result<Vec<Forgotten>> {
    let index = Index::Time(scope);
    let request = ScanRequest::new(index.all()).max_items(ANALYSES_PER_CLEANUP);
    let page = engine.analyses.backend.scan(&request).await?;
    let entries = page.iter().map(|(key, value)| {
        Ok(Forgotten {
            entry: Key::new(key.to_vec())?,
            result: result_key(index, key)?,
            held_back: ResultRecord::decode(value).ok(),
        })
    });
    entries.collect()
}

/// A batch that removes some of the entries with their results.
async fn removal(engine: &Engine, scope: Scope, entries: Vec<Forgotten>) -> Result<(Batch, u64)> {
    let (mut batch, mut count) = (Batch::new(), 0);
    let wanted: Vec<Key> = entries.iter().map(|forgotten| forgotten.result.clone()).collect();
    let found = engine.analyses.backend.get_many(&wanted).await?;
    for (Forgotten { entry, result: key, held_back }, bytes) in entries.into_iter().zip(found) {
        batch.add(Op::Delete(entry));
        if let Some(record) = held_back {
            batch.add(Op::DeleteRange(keys::parts(record.data)));
        }
        if let Some(bytes) = bytes {
            match ResultRecord::decode(&bytes) {
                Ok(record) if record.scope == scope => {
                    batch.add_precondition(Precondition::Equals(key, bytes));
                    record.remove(&mut batch)?;
                    count += 1;
                }
                Ok(_) => {}
                // Its id goes, so that it can be used again; where its data are is not known.
                Err(error) => {
                    tracing::warn!(%error, "a result of a deleted repository was damaged");
                    batch.add_precondition(Precondition::Equals(key.clone(), bytes));
                    batch.add(Op::Delete(key));
                }
            }
        }
        if batch.byte_size() > BULK_BATCH_BYTES {
            break;
        }
    }
    Ok((batch, count))
}
