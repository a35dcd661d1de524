//! Removing what no head refers to: former generations, what crashes leave of new ones, and the results of analyses of
//! deleted repositories.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use codestrata_core::{Batch, Durability, Error, ErrorKind, Key, Op, Precondition, Result, ScanRequest};

use super::engine::{Engine, decode_ordinal};
use super::view::View;
use crate::analysis;
use crate::codec::ContentName;
use crate::copy;
use crate::keyspace::{self, RepoOrd, Space};
use crate::limits::ABANDONED_AFTER;
use crate::records::{Head, Marker, now_ms};

/// Keys deleted in one batch.
const KEYS_PER_BATCH: usize = 4_096;

/// What is known in this process of generations that are being written.
#[derive(Debug)]
pub(crate) struct Sweeping {
    live: Mutex<HashSet<Space>>,
    is_needed: AtomicBool,
}

impl Default for Sweeping {
    fn default() -> Self {
        // What crashes of earlier processes left has not been looked for yet.
        Self { live: Mutex::default(), is_needed: AtomicBool::new(true) }
    }
}

/// A generation that this process is writing, for as long as it is. One that is given up, because its future was
/// dropped or failed, is left for the next sweep.
pub(super) struct LiveSpace<'e> {
    sweeping: &'e Sweeping,
    space: Space,
}

impl<'e> LiveSpace<'e> {
    pub(super) fn new(engine: &'e Engine, space: Space) -> Self {
        let sweeping = &engine.sweeping;
        sweeping.live.lock().unwrap_or_else(PoisonError::into_inner).insert(space);
        Self { sweeping, space }
    }
}

impl Drop for LiveSpace<'_> {
    fn drop(&mut self) {
        self.sweeping.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.space);
        self.sweeping.is_needed.store(true, Ordering::SeqCst);
    }
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Swept {
    pub(crate) generations: u64,
    pub(crate) segments: u64,
    /// Results of analyses of repositories that were deleted.
    pub(crate) analyses: u64,
}

/// Sweeps if something may have been left since the last time; every writer asks this first.
pub(crate) async fn sweep_if_needed(engine: &Engine) -> Result<()> {
    if engine.sweeping.is_needed.swap(false, Ordering::SeqCst)
        && let Err(error) = sweep(engine).await
    {
        engine.sweeping.is_needed.store(true, Ordering::SeqCst);
        return Err(error);
    }
    Ok(())
}

/// Removes former generations and abandoned ones.
pub(crate) async fn sweep(engine: &Engine) -> Result<Swept> {
    let mut swept = finish_deletions(engine).await?;
    for (repo, space, marker) in markers(engine, keyspace::all_writing()).await? {
        if is_live(engine, space, &marker) {
            continue;
        }
        engine.discard(Some(keyspace::whole_space(space)), Vec::new()).await?;
        match drop_unused_segments(engine, repo, &marker.repo_id, None).await? {
            Some(count) => swept.segments += count,
            None => continue,
        }
        engine.discard(None, vec![keyspace::writing(repo, space)?]).await?;
        swept.generations += 1;
    }
    swept.generations += copy::sweep_abandoned(engine).await?;
    swept.analyses += collect_analyses(engine).await?;
    Ok(swept)
}

/// Sweeps, and looks for unused segments in every repository too, marked or not. Cost: the keys of all segments, and
/// every file entry.
pub(crate) async fn sweep_everything(engine: &Engine) -> Result<Swept> {
    let mut swept = {
        let _turn = engine.writing.lock().await;
        sweep(engine).await?
    };
    let mut repositories = Vec::new();
    let request = ScanRequest::new(keyspace::repository_ids());
    engine
        .for_each(engine.backend.as_ref(), request, |_, ordinal| {
            repositories.push(decode_ordinal(ordinal)?);
            Ok(())
        })
        .await?;
    for repo in repositories {
        // Other writers of this process get their turn between two repositories.
        let _turn = engine.writing.lock().await;
        let Some(head) = engine.backend.get(&keyspace::head(repo)?).await? else { continue };
        let repo_id = Head::decode(&head)?.repo_id;
        swept.segments += drop_unused_segments(engine, repo, &repo_id, None).await?.unwrap_or(0);
    }
    Ok(swept)
}

/// Whether a repository was deleted, and what belongs to it is still to be removed.
pub(crate) async fn is_being_deleted(engine: &Engine, repo: RepoOrd, repo_id: &str) -> Result<bool> {
    let deletions = markers(engine, keyspace::deletions_of(repo)).await?;
    Ok(deletions.iter().any(|(_, _, marker)| marker.whole_repository && marker.repo_id == repo_id))
}

/// Removes the results of analyses of deleted repositories.
async fn collect_analyses(engine: &Engine) -> Result<u64> {
    let collected = analysis::collect(engine).await;
    may_wait(engine, collected).map(Option::unwrap_or_default)
}

/// What a store of analysis results of its own cannot do now is left for a later sweep: graphs are stored meanwhile.
fn may_wait<T>(engine: &Engine, outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if !engine.analyses.is_shared => {
            tracing::warn!(%error, "results of deleted repositories could not be removed yet");
            engine.sweeping.is_needed.store(true, Ordering::SeqCst);
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// Removes the generations that are marked for it.
pub(crate) async fn finish_deletions(engine: &Engine) -> Result<Swept> {
    let mut swept = Swept::default();
    for (repo, space, marker) in markers(engine, keyspace::all_deleting()).await? {
        if marker.whole_repository {
            let forgotten = analysis::forget(engine, repo, &marker.repo_id).await;
            if may_wait(engine, forgotten)?.is_none() {
                continue;
            }
            swept.analyses += collect_analyses(engine).await?;
        }
        engine.discard(Some(keyspace::whole_space(space)), Vec::new()).await?;
        if marker.whole_repository {
            engine.discard(Some(keyspace::segments(repo)), Vec::new()).await?;
            for range in keyspace::history(repo, 0..=u64::MAX) {
                engine.discard(Some(range), Vec::new()).await?;
            }
        } else if !marker.segments.is_empty() {
            match drop_unused_segments(engine, repo, &marker.repo_id, Some(&marker.segments)).await? {
                Some(count) => swept.segments += count,
                None => continue,
            }
        }
        engine.discard(None, vec![keyspace::deleting(repo, space)?]).await?;
        swept.generations += 1;
    }
    Ok(swept)
}

async fn markers(engine: &Engine, range: codestrata_core::KeyRange) -> Result<Vec<(RepoOrd, Space, Marker)>> {
    let mut markers = Vec::new();
    engine
        .for_each(engine.backend.as_ref(), ScanRequest::new(range), |key, value| {
            let (repo, space) = keyspace::marker_of(key)
                .ok_or_else(|| Error::new(ErrorKind::Corruption, "the key of a marker is too short"))?;
            markers.push((repo, space, Marker::decode(value)?));
            Ok(())
        })
        .await?;
    Ok(markers)
}

/// Whether someone may still be writing the generation.
fn is_live(engine: &Engine, space: Space, marker: &Marker) -> bool {
    if marker.session == engine.session {
        return engine.sweeping.live.lock().unwrap_or_else(PoisonError::into_inner).contains(&space);
    }
    // Where one process at a time writes, every other one is gone. Else only time tells.
    let age = now_ms().saturating_sub(marker.at_ms);
    engine.backend.capabilities().several_writers() && u128::from(age) < ABANDONED_AFTER.as_millis()
}

/// Removes segments that no file of a repository refers to, of those named or of all, and says how many; none if
/// others are writing the repository, so that the next sweep has to do it.
///
/// A writer on another machine may be about to refer to one of them again. It has then changed the head, or has
/// begun a generation, which changes the store's record: both are preconditions.
async fn drop_unused_segments(
    engine: &Engine,
    repo: RepoOrd,
    repo_id: &str,
    named: Option<&[ContentName]>,
) -> Result<Option<u64>> {
    let (_, store) = engine.store_record().await?;
    for (other, space, marker) in markers(engine, keyspace::all_writing()).await? {
        if other == repo && is_live(engine, space, &marker) {
            return Ok(None);
        }
    }
    let view = View::open(engine, repo_id).await?.filter(|view| view.repo == repo);
    let mut conditions = vec![match store {
        None => Precondition::Absent(keyspace::store()?),
        Some(bytes) => Precondition::Equals(keyspace::store()?, bytes),
    }];
    let mut used = HashSet::new();
    match &view {
        None => conditions.push(Precondition::Absent(keyspace::head(repo)?)),
        Some(view) => {
            conditions.push(Precondition::Equals(keyspace::head(repo)?, view.head_bytes.clone()));
            used.extend(view.all_entries().await?.into_iter().map(|(_, entry)| entry.segment));
        }
    }
    let unused = unused_segments(engine, repo, named, &used).await?;
    for keys in unused.chunks(KEYS_PER_BATCH) {
        let mut batch = Batch::new().durability(Durability::Buffered);
        for condition in &conditions {
            batch.add_precondition(condition.clone());
        }
        for key in keys {
            batch.add(Op::Delete(key.clone()));
        }
        match engine.backend.apply(batch).await {
            Err(error) if error.kind() == ErrorKind::PreconditionFailed => return Ok(None),
            other => other?,
        }
    }
    Ok(Some(u64::try_from(unused.len()).unwrap_or(u64::MAX)))
}

async fn unused_segments(
    engine: &Engine,
    repo: RepoOrd,
    named: Option<&[ContentName]>,
    used: &HashSet<ContentName>,
) -> Result<Vec<Key>> {
    if let Some(named) = named {
        return named
            .iter()
            .filter(|name| !used.contains(name))
            .map(|name| keyspace::segment(repo, *name))
            .collect();
    }
    let mut unused = Vec::new();
    let request = ScanRequest::new(keyspace::segments(repo)).keys_only();
    engine
        .for_each(engine.backend.as_ref(), request, |key, _| {
            if keyspace::segment_name_of(key).is_none_or(|name| !used.contains(&name)) {
                unused.push(Key::new(key.to_vec())?);
            }
            Ok(())
        })
        .await?;
    Ok(unused)
}
