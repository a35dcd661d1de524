//! The records of analysis results.

use bincode::{Decode, Encode};
use codestrata_core::{Batch, Error, ErrorKind, Key, Op, Result};

use super::json::metadata_of;
use super::result::AnalysisSummary;
use crate::codec::{ContentName, RecordKind, decode, encode};
use crate::keyspace::RepoOrd;
use crate::keyspace::analysis::{self as keys, Scope};
use crate::records::{random_id, time_of};

/// What is known of the results of a repository as a whole. Its old bytes are a precondition of every change of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct AnalysisHead {
    pub(super) repo_id: String,
    /// Names the results that are the repository's; those of another scope are seen by nobody.
    pub(super) scope: Scope,
    /// The repository in the store of the graphs as it was last seen: a deletion of an earlier one of the same id,
    /// which another process completes late, must not take these results with it.
    pub(super) repo: RepoOrd,
    /// Random, new with every commit.
    pub(super) commit: u128,
    /// The last time that the store itself gave a result.
    pub(super) last_ms: u64,
}

impl AnalysisHead {
    pub(super) fn first(repo_id: &str, repo: RepoOrd) -> Result<Self> {
        let (scope, commit) = (random_id()?, random_id()?);
        Ok(Self { repo_id: repo_id.to_owned(), scope, repo, commit, last_ms: 0 })
    }

    /// The head of the next commit.
    pub(super) fn next(&self) -> Result<Self> {
        Ok(Self { commit: random_id()?, ..self.clone() })
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        encode(RecordKind::AnalysisHead, self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::AnalysisHead, bytes).map_err(mendable)
    }
}

/// A result without its data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct ResultRecord {
    pub(super) id: String,
    pub(super) repo_id: String,
    pub(super) scope: Scope,
    pub(super) analysis_type: String,
    pub(super) at_ms: u64,
    /// Random, new each time the result is stored: where its data are, and how a commit whose acknowledgement was
    /// lost is recognised.
    pub(super) data: u128,
    pub(super) parts: u32,
    pub(super) data_bytes: u64,
    /// The content name of the data as one text.
    pub(super) data_name: ContentName,
    /// JSON text.
    pub(super) metadata: String,
}

impl ResultRecord {
    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        encode(RecordKind::AnalysisResult, self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::AnalysisResult, bytes).map_err(mendable)
    }

    pub(super) fn by_time(&self) -> Result<Key> {
        keys::by_time(self.scope, self.at_ms, &self.id)
    }

    pub(super) fn by_type(&self) -> Result<Key> {
        keys::by_type(self.scope, keys::type_name(&self.analysis_type), self.at_ms, &self.id)
    }

    /// Removes all of the result.
    pub(super) fn remove(&self, batch: &mut Batch) -> Result<()> {
        batch.add(Op::Delete(keys::result(&self.id)?));
        batch.add(Op::Delete(self.by_time()?));
        batch.add(Op::Delete(self.by_type()?));
        batch.add(Op::DeleteRange(keys::parts(self.data)));
        Ok(())
    }

    pub(super) fn summary(&self) -> Result<AnalysisSummary> {
        Ok(AnalysisSummary {
            id: self.id.clone(),
            repository: self.repo_id.clone(),
            analysis_type: self.analysis_type.clone(),
            timestamp: time_of(self.at_ms),
            data_bytes: self.data_bytes,
            metadata: metadata_of(&self.metadata)?,
        })
    }
}

const HELP: &str = "delete the repository's graph and analyse it anew, or restore the store from a copy";

/// An error of the codec with advice that mends analysis results.
pub(super) fn mendable(error: Error) -> Error {
    if error.kind() == ErrorKind::Corruption { error.with_help(HELP) } else { error }
}

/// The error of a result that contradicts itself.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("the result of an analysis is damaged: {what}")).with_help(HELP)
}
