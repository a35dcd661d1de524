//! What is known of the graphs as they are now, so that a question reads one record to see that nothing has changed.
//!
//! Entries of files and answers of the index are kept in the shared cache under an *epoch*: a number that a graph has
//! from the first view of a commit on. A commit of this process takes what it changed out of the cache and moves the
//! epoch to its own commit; after a commit of another process there is a new epoch, and what was kept before it is not
//! found any more. So a view may use what was kept when, and only when, its commit is that of the epoch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use codestrata_core::Bytes;

use crate::cache::{Answered, CachedRecord, SharedCache};
use crate::keyspace::RepoOrd;
use crate::records::Head;

/// Of so many graphs it is known; beyond it all are forgotten, which costs each of them a few reads.
const MAX_GRAPHS: usize = 1_024;

/// Epochs are told apart in the whole process, because stores may share a cache.
static NEXT_EPOCH: AtomicU64 = AtomicU64::new(1);

/// Under which number answers of a graph are kept.
pub(crate) type Epoch = u64;

/// A graph as it was seen last.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) repo: RepoOrd,
    pub(crate) head: Arc<Head>,
    pub(crate) head_bytes: Bytes,
    pub(crate) epoch: Epoch,
}

/// The graphs of a store as they were seen last, by repository.
#[derive(Debug, Default)]
pub(crate) struct CurrentGraphs {
    seen: RwLock<HashMap<String, Seen>>,
}

impl CurrentGraphs {
    /// A graph as it was seen last.
    pub(crate) fn seen(&self, repo_id: &str) -> Option<Seen> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).get(repo_id).cloned()
    }

    /// Notes a state that was read, and says which epoch it has: none if a later one was seen already.
    pub(crate) fn see(&self, repo: RepoOrd, head: &Arc<Head>, head_bytes: &Bytes) -> Option<Epoch> {
        let mut graphs = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = graphs.get(&head.repo_id).filter(|seen| seen.repo == repo) {
            if seen.head.commit == head.commit {
                return Some(seen.epoch);
            }
            if seen.head.version >= head.version {
                return None;
            }
        } else if graphs.len() >= MAX_GRAPHS {
            graphs.clear();
        }
        let epoch = NEXT_EPOCH.fetch_add(1, Ordering::Relaxed);
        let seen = Seen { repo, head: Arc::clone(head), head_bytes: head_bytes.clone(), epoch };
        graphs.insert(head.repo_id.clone(), seen);
        Some(epoch)
    }

    /// Goes on from one commit of this process to the next, and takes what it changed out of the cache.
    pub(crate) fn committed(
        &self,
        cache: &SharedCache,
        before: u128,
        after: (Head, Bytes),
        changed: impl IntoIterator<Item = Answered>,
    ) {
        let mut graphs = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = graphs.get_mut(&after.0.repo_id).filter(|seen| seen.head.commit == before) else {
            return;
        };
        for answered in changed {
            cache.forget(seen.epoch, answered);
        }
        (seen.head, seen.head_bytes) = (Arc::new(after.0), after.1);
    }

    /// Keeps an answer that was read at a commit, unless the graph has gone on since.
    pub(crate) fn keep(
        &self,
        cache: &SharedCache,
        head: &Head,
        answers: impl IntoIterator<Item = (Answered, CachedRecord)>,
    ) {
        // Held meanwhile, so that a commit cannot forget an answer before it is kept.
        let graphs = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = graphs.get(&head.repo_id).filter(|seen| seen.head.commit == head.commit) else {
            return;
        };
        for (answered, record) in answers {
            cache.keep_answer(seen.epoch, answered, record);
        }
    }
}
