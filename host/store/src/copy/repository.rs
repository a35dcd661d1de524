//! One repository from its source to its commit.

use codestrata_core::{Batch, Bytes, Durability, Error, ErrorKind, Op, Precondition, Result};

use super::digest::Figure;
use super::figure::{Written, figure_of};
use super::record::{CopyRecord, Done, Progress, Stage, discard, is_committed, stored};
use super::source::{Source, changed};
use super::{CopiedRepository, CopyStep, CopyWatch, transfer};
use crate::analysis::{self, TargetResults};
use crate::codec::{RecordKind, encode};
use crate::graph::{Engine, View, encode_ordinal, finish_deletions, sweep_if_needed};
use crate::keyspace;
use crate::limits::MAX_READ_ATTEMPTS;
use crate::records::{Head, Marker, now_ms, random_id};

/// How an attempt ended.
enum Outcome {
    Done(CopiedRepository),
    Stopped,
    /// The source is another by now, or what an interrupted copy had left was not whole.
    Again,
}

/// Copies a repository; none if the watch stopped it.
pub(super) async fn copy(
    source: &Engine,
    target: &Engine,
    repo_id: &str,
    replace: bool,
    watch: &dyn CopyWatch,
) -> Result<Option<CopiedRepository>> {
    {
        let _turn = target.writing.lock().await;
        sweep_if_needed(target).await?;
    }
    for _ in 0..MAX_READ_ATTEMPTS {
        match attempt(source, target, repo_id, replace, watch).await? {
            Outcome::Done(copied) => return Ok(Some(copied)),
            Outcome::Stopped => return Ok(None),
            Outcome::Again => {
                if let Some((record, bytes)) = stored(target, repo_id).await? {
                    discard(target, &record, bytes).await?;
                }
            }
        }
    }
    Err(changed(repo_id))
}

async fn attempt(
    source: &Engine,
    target: &Engine,
    repo_id: &str,
    replace: bool,
    watch: &dyn CopyWatch,
) -> Result<Outcome> {
    let mut source = Source::open(source, repo_id).await?;
    let (record, stored, resumed) = match stored(target, repo_id).await? {
        Some((record, _)) if record.stage == Stage::Finishing && !is_committed(target, &record).await? => {
            return Ok(Outcome::Again);
        }
        Some((record, stored)) if record.stage == Stage::Finishing => {
            let mut progress = Progress { target, record, stored };
            return finish_results(&mut progress, true).await.map(Outcome::Done);
        }
        Some((record, stored)) if is_of(&record, &source) => (record, stored, true),
        Some(_) => return Ok(Outcome::Again),
        None => {
            let (record, stored) = begin(target, &source).await?;
            (record, stored, false)
        }
    };
    let mut progress = Progress { target, record, stored };
    if resumed {
        tracing::info!(repo_id, records = progress.record.records, "going on with an interrupted copy");
    }
    watch.began(repo_id, CopyStep::Copying);
    let copied = transfer::tables(&mut source, &mut progress, watch).await;
    let copied = match copied {
        Ok(true) => results(&mut source, &mut progress, watch).await,
        other => other,
    };
    match copied {
        Ok(true) => {}
        Ok(false) => return Ok(Outcome::Stopped),
        Err(error) if error.kind() == ErrorKind::Conflict && !source.is_unchanged().await? => {
            return Ok(Outcome::Again);
        }
        Err(error) => return Err(error),
    }
    watch.began(repo_id, CopyStep::Comparing);
    let Some(figure) = figure_of(&mut source, watch).await? else { return Ok(Outcome::Stopped) };
    let mut written = Written { progress: &progress, results: target_results(&progress) };
    let Some(written) = figure_of(&mut written, watch).await? else { return Ok(Outcome::Stopped) };
    if !source.is_unchanged().await? {
        return Ok(Outcome::Again);
    }
    if figure != written {
        if resumed {
            return Ok(Outcome::Again);
        }
        return Err(Error::new(
            ErrorKind::Corruption,
            "what was written to the target does not read the same",
        )
        .with_help("see whether its medium is sound, and copy again; nothing of it can be seen"));
    }
    commit(&source, &mut progress, figure, replace, resumed).await.map(Outcome::Done)
}

/// The repository as it was copied, if the target has the very same; none if it has not, or if the watch stopped it.
///
/// Cost: one record of each where they differ in version or time; else one pass over both.
pub(super) async fn compare(
    source: &Engine,
    target: &Engine,
    repo_id: &str,
    watch: &dyn CopyWatch,
) -> Result<Option<CopiedRepository>> {
    let mut source = Source::open(source, repo_id).await?;
    let mut target = Source::open(target, repo_id).await?;
    // The numbers and the commit are each store's own.
    let own = Head { space: source.head.space, commit: source.head.commit, ..target.head.clone() };
    if own != source.head || source.results.is_some() != target.results.is_some() {
        return Ok(None);
    }
    watch.began(repo_id, CopyStep::Comparing);
    let Some((figure, analyses)) = figure_of(&mut source, watch).await? else { return Ok(None) };
    let Some((other, _)) = figure_of(&mut target, watch).await? else { return Ok(None) };
    if figure != other || !source.is_unchanged().await? || !target.is_unchanged().await? {
        return Ok(None);
    }
    Ok(Some(CopiedRepository {
        repository: repo_id.to_owned(),
        version: source.head.version,
        records: figure.records,
        bytes: figure.bytes,
        analyses,
        digest: format!("{:032x}", figure.digest),
        was_there: true,
        ..CopiedRepository::default()
    }))
}

/// Whether an interrupted copy is of what the source has now.
fn is_of(record: &CopyRecord, source: &Source<'_>) -> bool {
    record.graph_commit == source.head.commit
        && record.analysis_commit == source.results.as_ref().map(analysis::CopiedResults::commit)
}

/// Takes an ordinal and a space that nobody knows of, and notes what they are for.
async fn begin(target: &Engine, source: &Source<'_>) -> Result<(CopyRecord, Bytes)> {
    let _turn = target.writing.lock().await;
    let (mut store, stored) = target.store_record().await?;
    let (repo, space) = (store.next_repo, store.next_space);
    store.next_repo += 1;
    store.next_space += 1;
    let record = CopyRecord {
        repo_id: source.head.repo_id.clone(),
        graph_commit: source.head.commit,
        analysis_commit: source.results.as_ref().map(analysis::CopiedResults::commit),
        repo,
        space,
        salt: random_id()?,
        scope: source.results.as_ref().map(|_| random_id()).transpose()?,
        stage: Stage::Table(0),
        last: Vec::new(),
        done: None,
        records: 0,
        bytes: 0,
        at_ms: now_ms(),
    };
    let bytes = record.encode()?;
    let mut batch = Batch::new()
        .require_absent(keyspace::copying(&record.repo_id)?)
        .put(keyspace::store()?, encode(RecordKind::Store, &store)?)
        .put(keyspace::copying(&record.repo_id)?, bytes.clone())
        .durability(Durability::Buffered);
    batch.add_precondition(match stored {
        None => Precondition::Absent(keyspace::store()?),
        Some(bytes) => Precondition::Equals(keyspace::store()?, bytes),
    });
    target.backend.apply(batch).await.map_err(|error| transfer::explained(target, error))?;
    Ok((record, bytes))
}

fn target_results<'p>(progress: &'p Progress<'_>) -> Option<TargetResults<'p>> {
    let record = &progress.record;
    let scope = record.scope?;
    Some(TargetResults { engine: progress.target, repo_id: &record.repo_id, scope, salt: record.salt })
}

/// Copies the results of analyses, from where the record says. Whether it came to the end.
async fn results(
    source: &mut Source<'_>,
    progress: &mut Progress<'_>,
    watch: &dyn CopyWatch,
) -> Result<bool> {
    while progress.record.stage == Stage::Analyses {
        let page = match (&mut source.results, target_results(progress)) {
            (Some(results), Some(target)) => {
                let page = results.page(&progress.record.last).await?;
                let written = target.write(results, &page).await;
                written.map_err(|error| transfer::explained(progress.target, error))?;
                page
            }
            _ => Vec::new(),
        };
        match page.last() {
            None => {
                progress.record.stage = Stage::Comparing;
                progress.record.last.clear();
            }
            Some(last) => {
                progress.record.last.clone_from(&last.rest);
                progress.record.records += u64::try_from(page.len()).unwrap_or(u64::MAX);
            }
        }
        progress.save().await?;
        watch.copied(progress.record.records, progress.record.bytes);
        if watch.is_stopped() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the copy the repository.
async fn commit(
    source: &Source<'_>,
    progress: &mut Progress<'_>,
    (figure, analyses): (Figure, u64),
    replace: bool,
    resumed: bool,
) -> Result<CopiedRepository> {
    let target = progress.target;
    let turn = target.writing.lock().await;
    let repo_id = progress.record.repo_id.clone();
    let former = View::open(target, &repo_id).await?;
    if former.is_some() && !replace {
        return Err(Error::new(ErrorKind::InvalidArgument, "the target has it by now")
            .with_help("what was copied is kept for a day; say that it is to be replaced (--force)"));
    }
    let last_ms = source.results.as_ref().map_or(0, analysis::CopiedResults::last_ms);
    progress.record.records = figure.records;
    progress.record.bytes = figure.bytes;
    progress.record.done = Some(Done {
        version: source.head.version,
        digest: figure.digest,
        analyses,
        last_ms,
        replaced: former.is_some(),
    });
    let head = Head { space: progress.record.space, commit: random_id()?, ..source.head.clone() };
    let mut batch = Batch::new();
    put_head(target, &mut batch, &head, progress.record.repo).await?;
    if let Some(former) = &former {
        analysis::hold(target, former.repo, &repo_id).await?;
        remove_former(target, &mut batch, former)?;
    }
    let is_shared = target.analyses.is_shared;
    let stored = if progress.record.scope.is_some() && !is_shared {
        progress.record.stage = Stage::Finishing;
        Some(progress.move_in(&mut batch)?)
    } else {
        if let Some(results) = target_results(progress) {
            results.commit_in(&mut batch, progress.record.repo, last_ms).await?;
        }
        let key = keyspace::copying(&repo_id)?;
        batch.add_precondition(Precondition::Equals(key.clone(), progress.stored.clone()));
        batch.add(Op::Delete(key));
        None
    };
    let committed = target.commit(batch, progress.record.repo, &head).await;
    committed.map_err(|error| transfer::explained(target, error))?;
    drop(former);
    let copied = match stored {
        Some(stored) => {
            progress.moved(stored);
            finish_results(progress, resumed).await?
        }
        None => copied(&progress.record, resumed),
    };
    if copied.replaced
        && let Err(error) = finish_deletions(target).await
    {
        tracing::warn!(%error, "what was replaced could not be removed yet");
    }
    if let Err(error) = analysis::collect(target).await {
        tracing::warn!(%error, "results that were replaced could not be removed yet");
    }
    drop(turn);
    Ok(copied)
}

/// Points the id at the new head.
async fn put_head(target: &Engine, batch: &mut Batch, head: &Head, repo: keyspace::RepoOrd) -> Result<()> {
    let key = keyspace::repository_id(&head.repo_id)?;
    batch.add_precondition(match target.backend.get(&key).await? {
        None => Precondition::Absent(key.clone()),
        Some(bytes) => Precondition::Equals(key.clone(), bytes),
    });
    batch.add(Op::Put(key, encode_ordinal(repo)?.into()));
    batch.add(Op::Put(keyspace::head(repo)?, head.encode()?.into()));
    Ok(())
}

/// Marks the repository that is replaced for deletion, as when it is deleted.
fn remove_former(target: &Engine, batch: &mut Batch, former: &View<'_>) -> Result<()> {
    let key = keyspace::head(former.repo)?;
    let marker = Marker {
        repo_id: former.head.repo_id.clone(),
        session: target.session,
        at_ms: now_ms(),
        segments: Vec::new(),
        whole_repository: true,
    };
    batch.add_precondition(Precondition::Equals(key.clone(), former.head_bytes.clone()));
    batch.add(Op::Delete(key));
    batch.add(Op::Put(keyspace::deleting(former.repo, former.head.space)?, marker.encode()?.into()));
    Ok(())
}

/// Makes the results, which are in another store, those of the graph that was committed.
async fn finish_results(progress: &mut Progress<'_>, resumed: bool) -> Result<CopiedRepository> {
    let target = progress.target;
    let last_ms = progress.record.done.map_or(0, |done| done.last_ms);
    if let Some(results) = target_results(progress) {
        let _turn = target.analyses.writing().await;
        let mut batch = Batch::new().durability(target.analyses.durability);
        results.commit_in(&mut batch, progress.record.repo, last_ms).await?;
        let applied = target.analyses.backend.apply(batch).await;
        applied.map_err(|error| transfer::explained(target, error))?;
    }
    let key = keyspace::copying(&progress.record.repo_id)?;
    target.discard(None, vec![key]).await?;
    Ok(copied(&progress.record, resumed))
}

fn copied(record: &CopyRecord, resumed: bool) -> CopiedRepository {
    let done = record.done;
    CopiedRepository {
        repository: record.repo_id.clone(),
        version: done.map_or(0, |done| done.version),
        records: record.records,
        bytes: record.bytes,
        analyses: done.map_or(0, |done| done.analyses),
        digest: done.map_or_else(String::new, |done| format!("{:032x}", done.digest)),
        resumed,
        replaced: done.is_some_and(|done| done.replaced),
        was_there: false,
    }
}
