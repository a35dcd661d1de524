//! The lists that are at hand: a few repositories', within a share of the cache's budget.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Adjacency, LinkChange};
use crate::graph::View;
use crate::keyspace::RepoOrd;

/// The most repositories whose lists are kept.
const MAX_GRAPHS: usize = 64;

/// Changes are put aside up to one link for so many of the graph; what is more is read anew when it is next needed.
const LINKS_PER_WAITING: usize = 16;

/// A repository of one opening of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GraphKey(u128, RepoOrd);

impl GraphKey {
    pub(crate) fn of(view: &View<'_>) -> Self {
        Self(view.engine.session, view.repo)
    }
}

/// What is at hand of a graph.
pub(super) enum Known {
    /// The lists of this commit.
    Current(Arc<Adjacency>),
    /// The lists of an earlier commit, and what was changed since.
    Behind(Arc<Adjacency>, LinkChange),
    Nothing,
}

#[derive(Debug)]
struct Entry {
    key: GraphKey,
    /// The commit of the lists.
    commit: u128,
    lists: Arc<Adjacency>,
    /// The last commit that was put aside, and what all of them changed.
    waiting: Option<(u128, LinkChange)>,
}

/// The lists of some repositories, the last asked for first.
#[derive(Debug, Default)]
pub(crate) struct Resident {
    entries: Mutex<Vec<Entry>>,
}

impl Resident {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is at hand of a graph at a commit.
    pub(super) fn known(&self, key: GraphKey, commit: u128) -> Known {
        let mut entries = self.entries();
        let Some(place) = entries.iter().position(|entry| entry.key == key) else { return Known::Nothing };
        if let Some(front) = entries.get_mut(..=place) {
            front.rotate_right(1);
        }
        match entries.first() {
            Some(entry) if entry.commit == commit => Known::Current(Arc::clone(&entry.lists)),
            Some(Entry { lists, waiting: Some((last, change)), .. }) if *last == commit => {
                Known::Behind(Arc::clone(lists), change.clone())
            }
            _ => Known::Nothing,
        }
    }

    /// Whether a change from this commit on is worth being noted.
    pub(crate) fn follows(&self, key: GraphKey, commit: u128) -> bool {
        let entries = self.entries();
        entries.iter().any(|entry| entry.key == key && entry.last() == commit)
    }

    /// Puts aside what a commit changed, if the lists of the one before it are at hand.
    pub(crate) fn note(&self, key: GraphKey, before: u128, after: u128, change: LinkChange) {
        let mut entries = self.entries();
        let Some(place) = entries.iter().position(|entry| entry.key == key && entry.last() == before) else {
            return;
        };
        let Some(entry) = entries.get_mut(place) else { return };
        let (last, waiting) = entry.waiting.get_or_insert_default();
        *last = after;
        waiting.then(change);
        if waiting.len() > entry.lists.edge_count() / LINKS_PER_WAITING + LINKS_PER_WAITING {
            entries.remove(place);
        }
    }

    /// Keeps lists, in no more than so many bytes together with those that were asked for last. Says how many bytes are
    /// taken, and whether the lists are among them.
    pub(crate) fn keep(
        &self,
        key: GraphKey,
        commit: u128,
        lists: &Arc<Adjacency>,
        most: usize,
    ) -> (usize, bool) {
        let mut entries = self.entries();
        entries.retain(|entry| entry.key != key);
        let fits = lists.weight() <= most;
        if fits {
            entries.insert(0, Entry { key, commit, lists: Arc::clone(lists), waiting: None });
        }
        let mut taken = 0;
        let mut kept = 0;
        for entry in entries.iter() {
            if kept == MAX_GRAPHS || taken + entry.lists.weight() > most {
                break;
            }
            taken += entry.lists.weight();
            kept += 1;
        }
        entries.truncate(kept);
        (taken, fits)
    }

    /// How many graphs there are, and the bytes that they take.
    pub(crate) fn taken(&self) -> (usize, usize) {
        let entries = self.entries();
        (entries.len(), entries.iter().map(|entry| entry.lists.weight()).sum())
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.entries().clear();
    }
}

impl Entry {
    /// The last commit of which everything is known.
    fn last(&self) -> u128 {
        self.waiting.as_ref().map_or(self.commit, |(last, _)| *last)
    }
}
