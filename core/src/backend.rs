//! The seam: what a storage engine does for codestrata, and nothing else.
//!
//! An ordered key-value store with atomic conditional batches. It is the smallest thing from which graphs,
//! analyses, caches and migrations follow, and that a map in memory, an embedded B-tree, an append-only file and
//! a database server can all do correctly.
//!
//! # The contract, version 1
//!
//! **Keys** are 1 to 1,024 bytes and compare as unsigned bytes. An empty value is a value, not an absence.
//! Ranges are half-open, and an inverted one is empty. ([`Key`] and [`KeyRange`](crate::KeyRange) see to it.)
//!
//! **Pages.** A scan returns a page and where it goes on. The next page starts strictly after the last key, which
//! is that key with a zero byte appended. Only `next() == None` means the end; `next()` may be `Some` although nothing
//! is left, from an engine that does not look ahead. A page holds at least one item if
//! there is one, even when the item alone is over the byte limit. Between two pages the store may change: a key
//! that is there all the time is seen exactly once, one that comes or goes may be seen or not.
//!
//! **`apply` is one serialisable step.** Every precondition holds and every operation takes effect, in order, or
//! nothing does. A batch of preconditions alone is legal. Two batches that each read what the other writes, and
//! say so in their preconditions, cannot both succeed.
//!
//! **`Ok` is visible**: to every later call on every handle. What is durable is said by the batch:
//! [`Synced`](crate::Durability::Synced) survives `kill -9` and a loss of power,
//! [`Buffered`](crate::Durability::Buffered) may lose a suffix of whole batches, never a part of one and never
//! one from the middle. `flush` makes all that was acknowledged before it as durable as the engine can.
//!
//! **A dropped future** leaves the batch applied wholly or not at all. Code after an `await` in a dropped future
//! never runs, so a commit and what must follow it belong in one owned task, or on a thread.
//!
//! **Errors** have a [kind](crate::ErrorKind). `Conflict` and `Unavailable` promise that nothing was applied. Any
//! batch with preconditions may answer `Conflict`, also when nobody touched its keys: some engines lock more than was
//! named.
//! If that is not known, because a connection was lost inside a commit, the kind is `CommitUnknown`, and the
//! caller settles it by reading something that the batch would have written. A full medium found before anything
//! was synced is `Full`, and the store goes on. A write or sync that failed after that is `Poisoned`, and so is
//! every call from then on, until the store is opened anew. Damage that is found is `Corruption` with its place.
//!
//! **Capabilities** are constant. One that is not claimed answers `Unsupported` and has no effect.
//!
//! **Opening.** `Create` makes what is not there, missing folders included; `Existing` and `ReadOnly` answer `NotFound`
//! and make nothing. Where [`several_writers`](Capabilities::several_writers) is not claimed, a second opening
//! to write, in this process or another, is `Locked`. The lock goes with `close`, with the last handle, and with the
//! process, however that ends. What is not a store of this backend is `Corruption`, one of a later version of it is
//! `InvalidConfig`, and neither loses anything by it. `ReadOnly` changes nothing that is stored, and where
//! [`read_only_media`](Capabilities::read_only_media) is claimed not a byte of any file. An error of opening names the store; no error and no `Debug` text shows the value of a secret option.
//!
//! A second handle of this process is as another process: it reads or writes where that is claimed. Files can be read by
//! their owner only. A making that was killed leaves nothing once the store has been opened.
//!
//! **Damage.** [`damage_detection`](Capabilities::damage_detection) says whether opening or reading finds a
//! byte that has changed on the medium, or a file that is gone or in another's place, or `verify` does. Where nothing does,
//! other data may be answered; a panic, a hang or an end of the process may not, whatever the files hold.
//!
//! **Closing** waits for the calls that are under way, may be repeated, and makes every later call `Closed`.
//! Views that were taken before it may answer or say `Closed`. Dropping a store without closing it loses nothing
//! that was acknowledged as synced.
//!
//! **Executors.** Calls come from any executor, of one thread or many, and from several at once. None may block
//! its thread for longer than a point read of the engine takes (some microseconds when cached); longer work goes
//! to threads of the backend's own or to `spawn_blocking`.
//!
//! # What unlike engines taught
//!
//! The contract was tried against an embedded B-tree (redb) and a database server (PostgreSQL 15) before it was
//! called version 1. See `ARCHITECTURE.md` for what each of them needed.

use async_trait::async_trait;
use bytes::Bytes;

use crate::batch::Batch;
use crate::capabilities::Capabilities;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::limits::{MAX_GET_KEYS, MAX_SCAN_REQUESTS};
use crate::page::{Page, ScanRequest};

/// Something that can be read: a store as it is now, or a snapshot of it as it was.
#[async_trait]
pub trait ReadView: Send + Sync {
    /// The values of the keys, in the order of the keys; `None` where there is none. A key may be named twice.
    ///
    /// Cost: one search of the engine a key, and one round trip in all.
    ///
    /// # Errors
    /// `TooLarge` for more than [`MAX_GET_KEYS`] keys or
    /// [`MAX_GET_BYTES`](crate::limits::MAX_GET_BYTES) of values.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>>;

    /// One page of a range.
    ///
    /// Cost: one search of the engine, then one step an item.
    async fn scan(&self, request: &ScanRequest) -> Result<Page>;

    /// One page for each request, in their order. One round trip where the engine can.
    ///
    /// # Errors
    /// `TooLarge` for more than [`MAX_SCAN_REQUESTS`] requests.
    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        check_scan_count(requests.len())?;
        let mut pages = Vec::with_capacity(requests.len());
        for request in requests {
            pages.push(self.scan(request).await?);
        }
        Ok(pages)
    }

    /// The value of one key.
    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let values = self.get_many(std::slice::from_ref(key)).await?;
        Ok(values.into_iter().next().flatten())
    }
}

/// A storage engine. The [module](self) has the contract, which the conformance suite checks.
///
/// ```
/// use codestrata_core::{Backend, Batch, Error, Key, KeyRange, ReadView, Result, ScanRequest};
///
/// /// Adds one to a counter, whichever engine it is kept in, losing no increment to others.
/// async fn increment(store: &dyn Backend, counter: &Key) -> Result<u64> {
///     loop {
///         let old = store.get(counter).await?;
///         let count = old.as_deref().and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes) + 1;
///         let batch = match old {
///             None => Batch::new().require_absent(counter.clone()),
///             Some(old) => Batch::new().require_equals(counter.clone(), old),
///         };
///         match store.apply(batch.put(counter.clone(), count.to_be_bytes().to_vec())).await {
///             Err(error) if error.kind() == codestrata_core::ErrorKind::PreconditionFailed => continue,
///             Err(error) => return Err(error),
///             Ok(()) => return Ok(count),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Backend: ReadView {
    /// What this store can do. Constant while it is open, and cheap: a reference to data.
    fn capabilities(&self) -> &Capabilities;

    /// A number for the state that reads of this handle show now, where the engine knows one at once. Two equal answers
    /// say that no batch of any handle or process took effect between them: what was read after the first of them is
    /// what would be read after the second. So it moves in the very step in which a batch comes to be seen; where that is
    /// not to be had, no number is told from before that step until after it. It may move for other reasons too.
    ///
    /// `None`, the default, where the engine cannot tell, and of a store that is closed or poisoned: whoever asks reads
    /// then, and hears of it.
    ///
    /// Cost: far below that of a read. It never waits.
    fn revision(&self) -> Option<u64> {
        None
    }

    /// Applies a batch as one step. Start with [`Batch::check`].
    ///
    /// Cost: one commit; with a synced durability one flush of the medium.
    ///
    /// # Errors
    /// `PreconditionFailed`, `Conflict`, `TooLarge`, `Unsupported`, `ReadOnly` and `Full` leave the store as it
    /// was. See the [module](self) for the others.
    async fn apply(&self, batch: Batch) -> Result<()>;

    /// The store as it is now, for as long as the view is kept or the capability allows.
    ///
    /// # Errors
    /// `Unsupported` where [`Capabilities::snapshots`] is false; a view that is read past
    /// [`Capabilities::snapshot_max_age`], or whose connection or medium was lost, answers `Unavailable`.
    async fn snapshot(&self) -> Result<Box<dyn ReadView>>;

    /// Makes everything acknowledged so far as durable as the engine can.
    async fn flush(&self) -> Result<()>;

    /// Waits for the calls under way, then releases files, locks and connections. May be repeated.
    async fn close(&self) -> Result<()>;

    /// Figures about the store, as far as the engine has them. The default knows none, of a closed store either:
    /// it is the one call that may answer after [`close`](Self::close).
    async fn stats(&self) -> Result<Stats> {
        Ok(Stats::default())
    }

    /// Gives space back to the medium. Readers and writers may go on or wait, and lose nothing.
    ///
    /// # Errors
    /// `Unsupported` by default.
    async fn compact(&self) -> Result<()> {
        Err(unsupported("compaction on demand"))
    }

    /// Reads everything that the engine can check itself: checksums, the structure of its trees.
    ///
    /// # Errors
    /// `Corruption` with its place; `Unsupported` by default.
    async fn verify(&self) -> Result<()> {
        Err(unsupported("a check of its own files"))
    }
}

/// Figures about a store; `None` where the engine does not know without reading everything.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Keys stored.
    pub keys: Option<u64>,
    /// Bytes of keys and values stored.
    pub stored_bytes: Option<u64>,
    /// Bytes taken on the medium.
    pub disk_bytes: Option<u64>,
    /// Bytes of memory that grow with what is stored, such as an index; an estimate.
    pub memory_bytes: Option<u64>,
}

/// The error of a capability that the engine lacks.
#[must_use]
pub fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("this backend does not offer {what}"))
}

/// Refuses a `get_many` of too many keys; every backend asks it first.
///
/// # Errors
/// `TooLarge` over [`MAX_GET_KEYS`].
pub fn check_key_count(count: usize) -> Result<()> {
    check_count("keys in one get_many", count, MAX_GET_KEYS)
}

/// Refuses a `scan_many` of too many requests; every backend that writes its own asks it first.
///
/// # Errors
/// `TooLarge` over [`MAX_SCAN_REQUESTS`].
pub fn check_scan_count(count: usize) -> Result<()> {
    check_count("requests in one scan_many", count, MAX_SCAN_REQUESTS)
}

fn check_count(what: &str, count: usize, most: usize) -> Result<()> {
    if count > most {
        return Err(Error::new(ErrorKind::TooLarge, format!("{count} {what} are over the limit of {most}"))
            .with_help("split the call into several"));
    }
    Ok(())
}
