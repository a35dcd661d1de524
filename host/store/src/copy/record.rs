//! How far a copy is.

use bincode::{Decode, Encode};
use codestrata_core::{Batch, Bytes, Durability, Op, Precondition, Result, ScanRequest};

use crate::analysis;
use crate::codec::{RecordKind, decode, encode};
use crate::graph::Engine;
use crate::keyspace::{self, RepoOrd, Space};
use crate::limits::ABANDONED_AFTER;
use crate::records::now_ms;

/// What a copy does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) enum Stage {
    /// Copies a table of the graph; they are numbered.
    Table(u8),
    /// Copies the results of analyses.
    Analyses,
    /// Compares, and commits.
    Comparing,
    /// The graph is committed. The results, which are in another store, are not.
    Finishing,
}

/// A copy that is under way, as the target keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct CopyRecord {
    pub(super) repo_id: String,
    /// The commits of the source that are copied: of the graph, and of the results of analyses if it has any.
    pub(super) graph_commit: u128,
    pub(super) analysis_commit: Option<u128>,
    /// Where the copy goes.
    pub(super) repo: RepoOrd,
    pub(super) space: Space,
    /// What the random names of results are changed by, so that they are new in the target.
    pub(super) salt: u128,
    /// The scope of the results in the target; none if there are none.
    pub(super) scope: Option<u128>,
    pub(super) stage: Stage,
    /// How far the stage is: the end of the last key that was copied.
    pub(super) last: Vec<u8>,
    /// What a committed copy has to say of itself once its results are there.
    pub(super) done: Option<Done>,
    /// What was copied so far.
    pub(super) records: u64,
    pub(super) bytes: u64,
    /// When it was last worked on.
    pub(super) at_ms: u64,
}

/// A copy whose graph is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Done {
    pub(super) version: u64,
    pub(super) digest: u128,
    pub(super) analyses: u64,
    /// The last time that the source itself gave a result.
    pub(super) last_ms: u64,
    pub(super) replaced: bool,
}

impl CopyRecord {
    pub(super) fn encode(&self) -> Result<Bytes> {
        Ok(encode(RecordKind::Copy, self)?.into())
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::Copy, bytes)
    }
}

/// The copy to a repository that is under way in a store, if there is one, with its bytes.
pub(super) async fn stored(target: &Engine, repo_id: &str) -> Result<Option<(CopyRecord, Bytes)>> {
    let Some(bytes) = target.backend.get(&keyspace::copying(repo_id)?).await? else { return Ok(None) };
    Ok(Some((CopyRecord::decode(&bytes)?, bytes)))
}

/// Whether only the results of analyses are missing of a copy, and the graph is still there.
pub(super) async fn is_finishing(target: &Engine, repo_id: &str) -> Result<bool> {
    match stored(target, repo_id).await? {
        Some((record, _)) if record.stage == Stage::Finishing => is_committed(target, &record).await,
        _ => Ok(false),
    }
}

/// Whether the graph of a copy is that of its repository.
pub(super) async fn is_committed(target: &Engine, record: &CopyRecord) -> Result<bool> {
    let head = target.head(target.backend.as_ref(), &record.repo_id).await?;
    Ok(head.is_some_and(|(repo, ..)| repo == record.repo))
}

/// Whether nothing is left to be done but to forget the copy: its results are there, or its graph was deleted again.
async fn is_settled(target: &Engine, record: &CopyRecord) -> Result<bool> {
    let Some(scope) = record.scope.filter(|_| record.stage == Stage::Finishing) else { return Ok(false) };
    Ok(analysis::has_scope(target, &record.repo_id, scope).await? || !is_committed(target, record).await?)
}

/// A copy with its record as stored: whoever moves it requires that nobody else has.
pub(super) struct Progress<'t> {
    pub(super) target: &'t Engine,
    pub(super) record: CopyRecord,
    pub(super) stored: Bytes,
}

impl Progress<'_> {
    /// Adds to a batch that the record is moved to what it says now; [`moved`](Self::moved) when the batch is applied.
    pub(super) fn move_in(&mut self, batch: &mut Batch) -> Result<Bytes> {
        self.record.at_ms = now_ms();
        let key = keyspace::copying(&self.record.repo_id)?;
        let bytes = self.record.encode()?;
        batch.add_precondition(Precondition::Equals(key.clone(), self.stored.clone()));
        batch.add(Op::Put(key, bytes.clone()));
        Ok(bytes)
    }

    /// Remembers what is stored now.
    pub(super) fn moved(&mut self, bytes: Bytes) {
        self.stored = bytes;
    }

    /// Moves the record alone.
    pub(super) async fn save(&mut self) -> Result<()> {
        let mut batch = Batch::new().durability(Durability::Buffered);
        let bytes = self.move_in(&mut batch)?;
        self.target.backend.apply(batch).await?;
        self.moved(bytes);
        Ok(())
    }
}

/// Removes what a copy has written, and its record. May be repeated.
pub(super) async fn discard(target: &Engine, record: &CopyRecord, stored: Bytes) -> Result<()> {
    // Whoever still works on it is told by its next batch.
    let gone = Batch::new()
        .require_equals(keyspace::copying(&record.repo_id)?, stored)
        .put(keyspace::copying(&record.repo_id)?, CopyRecord { at_ms: 0, ..record.clone() }.encode()?)
        .durability(Durability::Buffered);
    target.backend.apply(gone).await?;
    if record.stage != Stage::Finishing {
        for range in keyspace::tables_of_graph(record.repo, record.space) {
            target.discard(Some(range), Vec::new()).await?;
        }
    }
    if let Some(scope) = record.scope {
        analysis::abandon(target, &record.repo_id, scope).await?;
    }
    target.discard(None, vec![keyspace::copying(&record.repo_id)?]).await
}

/// Removes copies that were interrupted and that nobody has gone on with for long, and says how many. Others are kept,
/// whoever began them: they are to be gone on with.
pub(crate) async fn sweep_abandoned(target: &Engine) -> Result<u64> {
    let mut found = Vec::new();
    target
        .for_each(target.backend.as_ref(), ScanRequest::new(keyspace::all_copying()), |_, value| {
            found.push((CopyRecord::decode(value)?, Bytes::copy_from_slice(value)));
            Ok(())
        })
        .await?;
    let mut count = 0;
    let now = now_ms();
    for (record, stored) in found {
        let is_abandoned = u128::from(now.saturating_sub(record.at_ms)) >= ABANDONED_AFTER.as_millis();
        if is_abandoned || is_settled(target, &record).await? {
            discard(target, &record, stored).await?;
            count += 1;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StorageManager;

    async fn begun(storage: &StorageManager, at_ms: u64) -> CopyRecord {
        let record = CopyRecord {
            repo_id: "shop".to_owned(),
            graph_commit: 1,
            analysis_commit: None,
            repo: 7,
            space: 9,
            salt: 3,
            scope: None,
            stage: Stage::Table(1),
            last: vec![1, 2],
            done: None,
            records: 2,
            bytes: 20,
            at_ms,
        };
        let batch = Batch::new()
            .put(keyspace::copying("shop").unwrap(), record.encode().unwrap())
            .put(keyspace::segment(7, 1).unwrap(), b"segment".as_slice())
            .put(keyspace::links(9, 1).unwrap(), b"links".as_slice());
        storage.backend().apply(batch).await.unwrap();
        record
    }

    async fn keys(storage: &StorageManager) -> usize {
        let all = codestrata_core::KeyRange::prefix(Vec::new());
        storage.backend().scan(&ScanRequest::new(all)).await.unwrap().len()
    }

    #[tokio::test]
    async fn an_interrupted_copy_stays_until_it_is_abandoned() {
        let storage = StorageManager::in_memory().unwrap();
        let day = u64::try_from(ABANDONED_AFTER.as_millis()).unwrap();
        // An hour short of it: maintenance leaves it alone.
        begun(&storage, now_ms() - day + 3_600_000).await;
        assert_eq!(storage.maintenance().await.unwrap().generations, 0);
        assert_eq!(keys(&storage).await, 3);
        begun(&storage, now_ms() - day).await;
        assert_eq!(storage.maintenance().await.unwrap().generations, 1);
        assert_eq!(keys(&storage).await, 0);
    }

    #[tokio::test]
    async fn of_a_committed_copy_nothing_but_the_record_is_swept() {
        let storage = StorageManager::in_memory().unwrap();
        let record = CopyRecord { stage: Stage::Finishing, ..begun(&storage, 0).await };
        let key = keyspace::copying("shop").unwrap();
        storage.backend().apply(Batch::new().put(key, record.encode().unwrap())).await.unwrap();
        assert_eq!(storage.maintenance().await.unwrap().generations, 1);
        assert_eq!(keys(&storage).await, 2);
    }
}
