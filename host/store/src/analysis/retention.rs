//! Removing results that are too old or too many.
//!
//! Each batch is made from what is stored then, and requires that the repository's analysis head has not changed since:
//! what others store or delete meanwhile can never make it remove one that is to be kept.

use codestrata_core::{Batch, Bytes, Error, ErrorKind, Key, ReadView, Result, ScanRequest};

use super::records::{AnalysisHead, ResultRecord, damaged};
use super::result::{AnalysisCleanup, Retention};
use super::store::ms;
use crate::codec::ContentName;
use crate::graph::{Engine, lost, may_retry};
use crate::keyspace::analysis::{self as keys, Index};
use crate::limits::{ANALYSES_PER_CLEANUP, BULK_BATCH_BYTES};

/// Heads that are read in one page.
const HEADS_PER_PAGE: usize = 256;

/// Results made before this time, in milliseconds, are too old.
pub(super) fn cutoff(retention: Retention, now_ms: u64) -> Option<u64> {
    Some(now_ms.saturating_sub(ms(retention.max_age?)))
}

/// Removes what a retention does not keep.
pub(super) async fn clean_up(engine: &Engine, retention: &Retention, now_ms: u64) -> Result<AnalysisCleanup> {
    let mut cleanup = AnalysisCleanup::default();
    let cutoff = cutoff(*retention, now_ms);
    if cutoff.is_none() && retention.max_results.is_none() {
        return Ok(cleanup);
    }
    let mut request = ScanRequest::new(keys::heads()).max_items(HEADS_PER_PAGE);
    loop {
        let page = engine.analyses.backend.scan(&request).await?;
        for (_, head) in page.iter() {
            let repo_id = AnalysisHead::decode(head)?.repo_id;
            if let Some(cutoff) = cutoff {
                cleanup.by_age += remove_all(engine, &repo_id, Rule::Older(cutoff)).await?;
            }
            if let Some(most) = retention.max_results {
                cleanup.by_count += remove_all(engine, &repo_id, Rule::Beyond(most)).await?;
            }
        }
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return Ok(cleanup),
        }
    }
}

/// What is removed from a repository.
#[derive(Clone, Copy)]
enum Rule {
    /// What was made before this time.
    Older(u64),
    /// What is left of each type after the newest so many.
    Beyond(u64),
}

/// Removes everything from a repository that a rule says, batch by batch, and says how much it was.
async fn remove_all(engine: &Engine, repo_id: &str, rule: Rule) -> Result<u64> {
    let (mut removed, mut attempt, mut first_type) = (0, 0, Some(0));
    loop {
        attempt += 1;
        // Other writers of this process get their turn between two batches.
        let _turn = engine.analyses.writing.lock().await;
        match remove_some(engine, repo_id, rule, &mut first_type).await {
            Ok(0) => return Ok(removed),
            Ok(count) => {
                removed += count;
                attempt = 0;
            }
            Err(error) if may_retry(&error, attempt) => {}
            Err(error) => return Err(lost(repo_id, error)),
        }
    }
}

/// Removes one batch. With each call, types before `first_type` need not be looked at any more.
async fn remove_some(
    engine: &Engine,
    repo_id: &str,
    rule: Rule,
    first_type: &mut Option<ContentName>,
) -> Result<u64> {
    let tables = &engine.analyses;
    let reader = engine.analysis_reader().await?;
    let Some((head, head_bytes)) = tables.stored_head(reader.as_ref(), repo_id).await? else {
        return Ok(0);
    };
    let unwanted = match rule {
        Rule::Older(cutoff) => older(reader.as_ref(), &head, cutoff).await?,
        Rule::Beyond(most) => beyond(reader.as_ref(), &head, most, first_type).await?,
    };
    if unwanted.is_empty() {
        return Ok(0);
    }
    let next = head.next()?;
    let mut batch = Batch::new()
        .require_equals(keys::head(repo_id)?, head_bytes.clone())
        .put(keys::head(repo_id)?, next.encode()?);
    let mut count = 0;
    let records = tables.records(reader.as_ref(), &unwanted).await;
    for record in listed(engine, &head, &head_bytes, records).await? {
        record.remove(&mut batch)?;
        count += 1;
        if batch.byte_size() > BULK_BATCH_BYTES {
            break;
        }
    }
    match tables.apply(batch).await {
        Err(error) if error.kind() == ErrorKind::CommitUnknown => {
            match tables.stored_head(tables.backend.as_ref(), repo_id).await? {
                Some((stored, _)) if stored.commit == next.commit => Ok(count),
                _ => Err(error),
            }
        }
        other => other.map(|()| count),
    }
}

/// The records of results that a list names. Without a snapshot the store may have moved under the list; otherwise one
/// that is not there is damage.
async fn listed(
    engine: &Engine,
    head: &AnalysisHead,
    head_bytes: &Bytes,
    records: Result<Vec<Option<(ResultRecord, Bytes)>>>,
) -> Result<Vec<ResultRecord>> {
    let checked = records.and_then(|records| {
        let records = records.into_iter().map(|record| match record {
            Some((record, _)) if record.scope == head.scope => Ok(record),
            _ => Err(damaged("a list names one that is not there")),
        });
        records.collect()
    });
    if checked.is_err() {
        let now = engine.analyses.backend.get(&keys::head(&head.repo_id)?).await?;
        if now.as_ref() != Some(head_bytes) {
            return Err(Error::new(ErrorKind::Conflict, "the results were changed while they were listed"));
        }
    }
    checked
}

/// Some results made before a time, the oldest first.
async fn older(reader: &dyn ReadView, head: &AnalysisHead, cutoff: u64) -> Result<Vec<Key>> {
    let index = Index::Time(head.scope);
    let Some(range) = index.older(cutoff) else { return Ok(Vec::new()) };
    let request = ScanRequest::new(range).reverse().max_items(ANALYSES_PER_CLEANUP);
    result_keys(reader, index, &request).await
}

/// Some results of the first type that has more than are kept.
async fn beyond(
    reader: &dyn ReadView,
    head: &AnalysisHead,
    most: u64,
    first_type: &mut Option<ContentName>,
) -> Result<Vec<Key>> {
    while let Some(first) = *first_type {
        let request = ScanRequest::new(keys::types_from(head.scope, first)).keys_only().max_items(1);
        let page = reader.scan(&request).await?;
        let Some(name) = page.iter().next().and_then(|(key, _)| keys::type_name_of(key)) else {
            *first_type = None;
            break;
        };
        let unwanted = after_the_first(reader, Index::Type(head.scope, name), most).await?;
        if !unwanted.is_empty() {
            *first_type = Some(name);
            return Ok(unwanted);
        }
        *first_type = name.checked_add(1);
    }
    Ok(Vec::new())
}

async fn after_the_first(reader: &dyn ReadView, index: Index, most: u64) -> Result<Vec<Key>> {
    let mut request = ScanRequest::new(index.all()).keys_only();
    let (mut seen, mut unwanted) = (0, Vec::new());
    loop {
        let page = reader.scan(&request).await?;
        for (key, _) in page.iter() {
            seen += 1;
            if seen > most {
                unwanted.push(result_key(index, key)?);
            }
            if unwanted.len() >= ANALYSES_PER_CLEANUP {
                return Ok(unwanted);
            }
        }
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return Ok(unwanted),
        }
    }
}

/// The keys of the results in one page of a list.
pub(super) async fn result_keys(
    reader: &dyn ReadView,
    index: Index,
    request: &ScanRequest,
) -> Result<Vec<Key>> {
    let page = reader.scan(&request.clone().keys_only()).await?;
    page.iter().map(|(key, _)| result_key(index, key)).collect()
}

/// The key of the result that an entry of a list leads to.
pub(super) fn result_key(index: Index, key: &[u8]) -> Result<Key> {
    index.result_of(key).unwrap_or_else(|| Err(damaged("the key of a list is too short")))
}
