//! A generation from the marker that says that it is being written to the commit that makes it the graph.

use codestrata_core::{Batch, Bytes, Durability, Op, Precondition, Result};

use super::engine::{Engine, decode_ordinal, encode_ordinal};
use super::sweep::{self, LiveSpace};
use super::view::View;
use crate::codec::{ContentName, RecordKind, encode};
use crate::keyspace::{self, RepoOrd, Space};
use crate::records::{Head, Marker, now_ms};

/// A generation that has been begun.
pub(super) struct Begun<'e> {
    pub(super) repo: RepoOrd,
    pub(super) space: Space,
    /// The marker, as stored: while it is there, nobody has taken the generation for abandoned.
    marker: Bytes,
    _live: LiveSpace<'e>,
}

impl Begun<'_> {
    /// What holds while nobody has taken the generation for abandoned.
    pub(super) fn condition(&self) -> Result<Precondition> {
        Ok(Precondition::Equals(keyspace::writing(self.repo, self.space)?, self.marker.clone()))
    }

    /// Lets a batch take the marker away, under the precondition that it is there.
    pub(super) fn end_with(&self, batch: &mut Batch) -> Result<()> {
        // Without it a sweep may have deleted a part of the generation.
        batch.add_precondition(self.condition()?);
        batch.add(Op::Delete(keyspace::writing(self.repo, self.space)?));
        Ok(())
    }
}

/// Takes an ordinal for the repository, if it is new, and one for the generation, and marks that it is being
/// written.
pub(super) async fn begin<'e>(
    engine: &'e Engine,
    repo_id: &str,
    base: Option<&View<'_>>,
) -> Result<Begun<'e>> {
    let (mut record, stored) = engine.store_record().await?;
    let mut batch = Batch::new().durability(Durability::Buffered);
    batch.add_precondition(match stored {
        None => Precondition::Absent(keyspace::store()?),
        Some(bytes) => Precondition::Equals(keyspace::store()?, bytes),
    });
    let space = record.next_space;
    record.next_space += 1;
    let repo = match base {
        Some(base) => base.repo,
        None => {
            let key = keyspace::repository_id(repo_id)?;
            match engine.backend.get(&key).await? {
                // A first store that a crash cut short has left its ordinal.
                Some(bytes) => decode_ordinal(&bytes)?,
                None => {
                    let repo = record.next_repo;
                    record.next_repo += 1;
                    batch.add_precondition(Precondition::Absent(key.clone()));
                    batch.add(Op::Put(key, encode_ordinal(repo)?.into()));
                    repo
                }
            }
        }
    };
    batch.add(Op::Put(keyspace::store()?, encode(RecordKind::Store, &record)?.into()));
    let marker = Marker {
        repo_id: repo_id.to_owned(),
        session: engine.session,
        at_ms: now_ms(),
        segments: Vec::new(),
        whole_repository: false,
    };
    let marker = Bytes::from(marker.encode()?);
    batch.add(Op::Put(keyspace::writing(repo, space)?, marker.clone()));
    let live = LiveSpace::new(engine, space);
    engine.backend.apply(batch).await?;
    Ok(Begun { repo, space, marker, _live: live })
}

/// The commit: from here on the new generation is the graph.
pub(super) async fn finish(
    engine: &Engine,
    mut batch: Batch,
    begun: &Begun<'_>,
    base: Option<&View<'_>>,
    head: &Head,
    dropped: Vec<ContentName>,
) -> Result<()> {
    let repo = begun.repo;
    begun.end_with(&mut batch)?;
    batch.add_precondition(match base {
        None => Precondition::Absent(keyspace::head(repo)?),
        Some(base) => Precondition::Equals(keyspace::head(repo)?, base.head_bytes.clone()),
    });
    batch.add(Op::Put(keyspace::head(repo)?, head.encode()?.into()));
    if let Some(base) = base {
        let marker = Marker {
            repo_id: head.repo_id.clone(),
            session: engine.session,
            at_ms: now_ms(),
            segments: dropped,
            whole_repository: false,
        };
        batch.add(Op::Put(keyspace::deleting(repo, base.head.space)?, marker.encode()?.into()));
    }
    engine.commit(batch, repo, head).await?;
    // The graph is stored; what is left of the old one costs space alone, and the next writer would remove it.
    if base.is_some()
        && let Err(error) = sweep::finish_deletions(engine).await
    {
        tracing::warn!(%error, "the former generation could not be removed yet");
    }
    Ok(())
}
