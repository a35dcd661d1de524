//! Lists of results, newest first.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use codestrata_core::{Key, ReadView, Result, ScanRequest};

use super::change::ordinal_of;
use super::records::{AnalysisHead, ResultRecord, damaged};
use super::result::{AnalysisQuery, AnalysisResult, AnalysisSummary, FoundAnalyses};
use super::retention::result_key;
use super::store::ms;
use super::tables::{AnalysisTables, visible_head};
use crate::graph::{Engine, moving, no_repository};
use crate::keyspace::analysis::{self as keys, Index, Scope};
use crate::limits::{MAX_FOUND_ANALYSIS_BYTES, MAX_READ_ATTEMPTS};
use crate::records::time_of;

/// The results that are looked for.
pub(super) async fn results(engine: &Engine, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisResult>> {
    let found = find(engine, query, Load::Data).await?;
    Ok(FoundAnalyses {
        results: found.entries.into_iter().filter_map(|entry| entry.1).collect(),
        next: found.next,
    })
}

/// Their summaries.
pub(super) async fn summaries(
    engine: &Engine,
    query: &AnalysisQuery,
) -> Result<FoundAnalyses<AnalysisSummary>> {
    let found = find(engine, query, Load::Records).await?;
    let results: Result<_> = found.entries.iter().map(|(record, _)| record.summary()).collect();
    Ok(FoundAnalyses { results: results?, next: found.next })
}

/// Records that are read in one page where those of an id are looked for.
const RECORDS_PER_PAGE: usize = 256;

/// The results whose ids begin with a text, by id, up to a number.
pub(super) async fn beginning_with(
    engine: &Engine,
    prefix: &str,
    limit: usize,
) -> Result<Vec<AnalysisSummary>> {
    let reader = engine.analysis_reader().await?;
    let mut scopes: HashMap<String, Option<Scope>> = HashMap::new();
    let mut found = Vec::new();
    let mut request = ScanRequest::new(keys::results_beginning_with(prefix)).max_items(RECORDS_PER_PAGE);
    while found.len() < limit {
        let page = reader.scan(&request).await?;
        for (_, value) in page.iter() {
            let record = ResultRecord::decode(value)?;
            if !record.id.starts_with(prefix) {
                continue;
            }
            let scope = match scopes.get(&record.repo_id) {
                Some(scope) => *scope,
                None => {
                    let head = visible_head(engine, reader.as_ref(), &record.repo_id).await?;
                    let scope = head.map(|(head, _)| head.scope);
                    scopes.insert(record.repo_id.clone(), scope);
                    scope
                }
            };
            // Those of a repository that is being deleted are nobody's any more.
            if scope == Some(record.scope) {
                found.push(record.summary()?);
            }
        }
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => break,
        }
    }
    found.truncate(limit);
    Ok(found)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Records,
    Data,
}

#[derive(Default)]
struct Found {
    entries: Vec<(ResultRecord, Option<AnalysisResult>)>,
    next: Option<AnalysisQuery>,
}

/// Reads from one state of the store, and again if a store without snapshots moved under it.
async fn find(engine: &Engine, query: &AnalysisQuery, load: Load) -> Result<Found> {
    let tables = &engine.analyses;
    for _ in 0..MAX_READ_ATTEMPTS {
        let reader = engine.analysis_reader().await?;
        let Some((head, bytes)) = visible_head(engine, reader.as_ref(), &query.repository).await? else {
            // A repository that was stored and not analysed yet is one without results.
            ordinal_of(engine, &query.repository).await?.ok_or_else(|| no_repository(&query.repository))?;
            return Ok(Found::default());
        };
        let found = read(tables, reader.as_ref(), &head, query, load).await;
        if tables.backend.capabilities().snapshots()
            || tables.backend.get(&keys::head(&query.repository)?).await?.as_ref() == Some(&bytes)
        {
            return found;
        }
    }
    Err(moving(&query.repository))
}

async fn read(
    tables: &AnalysisTables,
    reader: &dyn ReadView,
    head: &AnalysisHead,
    query: &AnalysisQuery,
    load: Load,
) -> Result<Found> {
    let (wanted, mut is_cut) = places(reader, head, query).await?;
    let mut found = Found::default();
    let mut bytes = 0;
    for record in tables.records(reader, &wanted).await? {
        let record = match record {
            Some((record, _)) if record.scope == head.scope => record,
            _ => return Err(damaged("a list names one that is not there")),
        };
        bytes += record.data_bytes;
        if load == Load::Data && bytes > MAX_FOUND_ANALYSIS_BYTES && !found.entries.is_empty() {
            is_cut = true;
            break;
        }
        let result = match load {
            Load::Records => None,
            Load::Data => Some(tables.result(reader, record.clone()).await?),
        };
        found.entries.push((record, result));
    }
    if is_cut && let Some((last, _)) = found.entries.last() {
        found.next =
            Some(AnalysisQuery { after: Some((time_of(last.at_ms), last.id.clone())), ..query.clone() });
    }
    // Two types of one name in keys are not impossible.
    if let Some(wanted) = &query.analysis_type {
        found.entries.retain(|(record, _)| record.analysis_type == *wanted);
    }
    Ok(found)
}

/// The keys of the results that are looked for, and whether there are more of them.
async fn places(
    reader: &dyn ReadView,
    head: &AnalysisHead,
    query: &AnalysisQuery,
) -> Result<(Vec<Key>, bool)> {
    let index = match &query.analysis_type {
        None => Index::Time(head.scope),
        Some(analysis_type) => Index::Type(head.scope, keys::type_name(analysis_type)),
    };
    // What is before 1970 is before every result.
    let ms_of = |at: SystemTime| at.duration_since(UNIX_EPOCH).map_or(0, ms);
    let since = query.since.map_or(0, ms_of);
    let after = query.after.as_ref().map(|(at, id)| (ms_of(*at), id.as_str()));
    let limit = query.bounded_limit();
    let mut request = ScanRequest::new(index.page(since, after)).keys_only().max_items(limit + 1);
    let mut places = Vec::new();
    loop {
        let page = reader.scan(&request).await?;
        for (key, _) in page.iter() {
            if places.len() >= limit {
                return Ok((places, true));
            }
            places.push(result_key(index, key)?);
        }
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return Ok((places, false)),
        }
    }
}
