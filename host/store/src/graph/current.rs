//! What is known of the graphs as they are now, so that a question reads at most one record to see that nothing has changed.
//!
//! Entries of files and answers of the index are kept in the shared cache under an *epoch*: a number that a graph has
//! from the first view of a commit on. A commit of this process takes what it changed out of the cache and moves the
//! epoch to its own commit; after a commit of another process there is a new epoch, and what was kept before it is not
//! found any more. So a view may use what was kept when, and only when, its commit is that of the epoch; whether it
//! still was at the end of a question, [`Seen::is_of_its_epoch`] says.
//!
//! Where the engine tells a [revision](codestrata_core::Backend::revision), a graph is noted with the one at which it was
//! seen, and while it stands the question need not read anything.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use codestrata_core::Bytes;
use foldhash::fast::RandomState;

use super::view::StoredFile;
use crate::cache::{Answered, CachedRecord, SharedCache};
use crate::keyspace::RepoOrd;
use crate::records::Head;

/// Of so many graphs it is known; beyond it all are forgotten, which costs each of them a few reads.
const MAX_GRAPHS: usize = 1_024;

/// Of one commit so many files are kept.
const MAX_KEPT_FILES: usize = 1_024;

/// Epochs are told apart in the whole process, because stores may share a cache.
static NEXT_EPOCH: AtomicU64 = AtomicU64::new(1);

/// Under which number answers of a graph are kept, and how often the graph has gone on since.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    pub(crate) number: EpochNumber,
    commits: Arc<AtomicU64>,
}

/// The number of an epoch.
pub(crate) type EpochNumber = u64;

impl Epoch {
    fn new() -> Self {
        let number = NEXT_EPOCH.fetch_add(1, Ordering::Relaxed);
        Self { number, commits: Arc::default() }
    }

    /// How many commits of this process the epoch has seen.
    fn at(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }
}

/// A graph as it was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) repo: RepoOrd,
    pub(crate) head: Arc<Head>,
    pub(crate) head_bytes: Bytes,
    /// Under which number its answers are kept; none if a later state had been seen before.
    epoch: Option<(Epoch, u64)>,
    /// The revision of the engine that it was seen at.
    revision: Option<u64>,
}

impl Seen {
    /// Under which number its answers are kept.
    pub(crate) fn epoch(&self) -> Option<EpochNumber> {
        self.epoch.as_ref().map(|(epoch, _)| epoch.number)
    }

    /// Whether what is kept under its number is still of it.
    pub(crate) fn is_of_its_epoch(&self) -> bool {
        self.epoch.as_ref().is_none_or(|(epoch, at)| epoch.at() == *at)
    }

    /// Whether it was seen at this revision of the engine.
    pub(crate) fn is_of(&self, revision: Option<u64>) -> bool {
        revision.is_some() && self.revision == revision
    }

    /// The same, of no epoch: whoever has it reads everything.
    pub(crate) fn apart(&self) -> Self {
        Self { head: Arc::clone(&self.head), head_bytes: self.head_bytes.clone(), epoch: None, ..*self }
    }
}

/// The graphs of a store as they were seen last, by repository.
#[derive(Debug, Default)]
pub(crate) struct CurrentGraphs {
    seen: RwLock<HashMap<String, Arc<Seen>, RandomState>>,
}

impl CurrentGraphs {
    /// A graph as it was seen last.
    pub(crate) fn seen(&self, repo_id: &str) -> Option<Arc<Seen>> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).get(repo_id).map(Arc::clone)
    }

    /// Notes a state that was read, and the revision before it was.
    pub(crate) fn see(
        &self,
        repo: RepoOrd,
        head: &Arc<Head>,
        head_bytes: &Bytes,
        revision: Option<u64>,
    ) -> Arc<Seen> {
        let of = |epoch| {
            let (head, head_bytes) = (Arc::clone(head), head_bytes.clone());
            Arc::new(Seen { repo, head, head_bytes, epoch, revision })
        };
        let mut graphs = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let mut epoch = None;
        if let Some(seen) = graphs.get(&head.repo_id).filter(|seen| seen.repo == repo) {
            if seen.head.commit == head.commit {
                epoch.clone_from(&seen.epoch);
            } else if seen.head.version >= head.version {
                return of(None);
            }
        } else if graphs.len() >= MAX_GRAPHS {
            graphs.clear();
        }
        let seen = of(epoch.or_else(|| Some((Epoch::new(), 0))));
        graphs.insert(head.repo_id.clone(), Arc::clone(&seen));
        seen
    }

    /// Goes on from one commit of this process to the next, takes what it changed out of the cache, and keeps the files that
    /// it stored, unless they are so many that they would only push out what is asked for.
    pub(crate) fn committed(
        &self,
        cache: &SharedCache,
        before: u128,
        after: (Head, Bytes),
        changed: impl IntoIterator<Item = Answered>,
        stored: Vec<StoredFile>,
    ) {
        let mut graphs = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = graphs.get_mut(&after.0.repo_id).filter(|seen| seen.head.commit == before) else {
            return;
        };
        let Some((epoch, _)) = &seen.epoch else { return };
        // Said before anything is kept of the new commit, so that who finds that under the old one learns of it.
        let at = epoch.commits.fetch_add(1, Ordering::SeqCst) + 1;
        for answered in changed {
            cache.forget(epoch.number, answered);
            if let Answered::Entry(file) = answered {
                cache.forget(epoch.number, Answered::File(file));
                cache.forget(epoch.number, Answered::Listing(file));
            }
        }
        if stored.len() <= MAX_KEPT_FILES {
            for file in stored {
                cache.keep_answer(epoch.number, Answered::File(file.ordinal), CachedRecord::File(file));
            }
        }
        let (head, head_bytes) = (Arc::new(after.0), after.1);
        *seen = Arc::new(Seen {
            repo: seen.repo,
            head,
            head_bytes,
            epoch: Some((epoch.clone(), at)),
            revision: None,
        });
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
        let Some(epoch) = seen.epoch() else { return };
        for (answered, record) in answers {
            cache.keep_answer(epoch, answered, record);
        }
    }
}
