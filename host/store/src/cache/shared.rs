//! The cache itself: one map for the store's records and the users' entries.

use std::any::type_name;
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, Result};
use foldhash::fast::RandomState;
use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::{Clock, SystemClock};
use super::expiry::ExpiryQueue;
use super::stats::{CacheStats, Counters, bump};
use crate::adjacency::{Adjacency, GraphKey, Resident};
use crate::codec::{ContentName, MAX_DECODED_BYTES};
use crate::graph::EpochNumber;
use crate::keyspace::FileOrd;
use crate::limits::{CACHE_ENTRY_OVERHEAD_BYTES, MAX_TEXT_BYTES};
use crate::link::term::Term;
use crate::link::{LinkRecord, LooseCounts};
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// A part of the cache never gets smaller than this, because no entry can be larger than a part.
const MIN_SHARD_BYTES: u64 = 16 * 1024 * 1024;

/// The most parts, each with a lock of its own.
const MAX_SHARDS: u64 = 16;

/// What the average entry is guessed to take: it sizes the bookkeeping, not the budget.
const TYPICAL_ENTRY_BYTES: u64 = 2_048;

/// How much of the budget the neighbour lists of graphs may take, in per cent.
const RESIDENT_PERCENT: u64 = 75;

/// How many entries past their time one insertion removes at most, so that none of them stalls.
const EXPIRED_PER_INSERT: usize = 64;

/// A decoded record of the store.
#[derive(Clone, Debug)]
pub(crate) enum CachedRecord {
    Segment(Arc<Segment>),
    Links(Arc<LinkRecord>),
    Entry(Arc<FileEntry>),
    Files(Arc<[FileOrd]>),
    Listing(Arc<Listing>),
    /// The counts, and whether there are more files than were counted.
    Loose(LooseCounts, bool),
}

/// What was asked of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answered {
    /// The entry of a file.
    Entry(FileOrd),
    /// What lists show of the nodes of a file.
    Listing(FileOrd),
    /// The files that a term leads to.
    Files(Term),
    /// How many references that end in the name of a term are unbound.
    Loose(Term),
}

impl CachedRecord {
    fn weight(&self) -> usize {
        match self {
            Self::Segment(segment) => segment.weight(),
            Self::Links(links) => links.weight(),
            Self::Entry(entry) => size_of::<FileEntry>() + entry.path.len() + entry.hash.len(),
            Self::Listing(listing) => listing.weight(),
            Self::Loose(counts, _) => size_of_val(counts),
            Self::Files(files) => size_of_val::<[FileOrd]>(files),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum CacheKey {
    /// A record, by the name of its content: never stale.
    Content(ContentName),
    /// What a question to a graph was answered, by its epoch.
    Answer(EpochNumber, Answered),
    /// A user's entry.
    User(String),
}

#[derive(Clone, Debug)]
enum Entry {
    Record(CachedRecord),
    // Boxed, because quick_cache keeps room for more entries than there are.
    User(Arc<UserEntry>),
}

#[derive(Debug)]
struct UserEntry {
    bytes: Arc<[u8]>,
    type_name: &'static str,
    /// When it ends, and the number of that deadline in the queue.
    deadline: Option<(Duration, u64)>,
}

#[derive(Clone)]
struct Weigh;

impl Weighter<CacheKey, Entry> for Weigh {
    fn weight(&self, key: &CacheKey, entry: &Entry) -> u64 {
        let key = match key {
            CacheKey::Content(_) | CacheKey::Answer(..) => 0,
            // Once in the map, once in the queue of deadlines.
            CacheKey::User(text) => text.len() * 2,
        };
        let value = match entry {
            Entry::Record(record) => record.weight(),
            Entry::User(user) => user.bytes.len(),
        };
        u64::try_from(key + value).unwrap_or(u64::MAX / 4).saturating_add(CACHE_ENTRY_OVERHEAD_BYTES)
    }
}

#[derive(Clone)]
struct OnEvict {
    counters: Arc<Counters>,
    expiry: Arc<ExpiryQueue>,
}

impl Lifecycle<CacheKey, Entry> for OnEvict {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _key: CacheKey, entry: Entry) {
        bump(&self.counters.evicted);
        forget_deadline(&self.expiry, &entry);
    }
}

/// Takes the deadline of an entry that is gone out of the queue.
fn forget_deadline(expiry: &ExpiryQueue, entry: &Entry) {
    if let Entry::User(user) = entry
        && let Some((deadline, number)) = user.deadline
    {
        expiry.remove(deadline, number);
    }
}

/// One byte budget for everything decoded, and for the entries of users.
///
/// ```
/// use std::time::Duration;
///
/// let cache = codestrata::SharedCache::new(16 << 20, None);
/// cache.set("hot", &vec![1_u32, 2, 3], Some(Duration::from_secs(60)))?;
/// assert_eq!(cache.get::<Vec<u32>>("hot")?, Some(vec![1, 2, 3]));
/// // The wrong type is an error, not garbage.
/// assert!(cache.get::<String>("hot").is_err());
/// # Ok::<(), codestrata::Error>(())
/// ```
pub struct SharedCache {
    cache: Cache<CacheKey, Entry, Weigh, RandomState, OnEvict>,
    expiry: Arc<ExpiryQueue>,
    counters: Arc<Counters>,
    clock: Box<dyn Clock>,
    default_ttl: Option<Duration>,
    limit: u64,
    /// The neighbour lists of graphs. They are one thing of some megabytes each, larger than an entry of the map may be, so
    /// they stand beside it and take their part of its budget.
    resident: Resident,
}

impl std::fmt::Debug for SharedCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedCache").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl SharedCache {
    /// A cache of so many bytes, 0 for none; users' entries live for the default time unless they say otherwise.
    #[must_use]
    pub fn new(limit_bytes: u64, default_ttl: Option<Duration>) -> Self {
        Self::with_clock(limit_bytes, default_ttl, SystemClock::default())
    }

    /// The same, with time told by another clock.
    #[must_use]
    pub fn with_clock(limit_bytes: u64, default_ttl: Option<Duration>, clock: impl Clock) -> Self {
        let counters = Arc::new(Counters::default());
        let expiry = Arc::new(ExpiryQueue::default());
        let lifecycle = OnEvict { counters: Arc::clone(&counters), expiry: Arc::clone(&expiry) };
        let shards = (limit_bytes / MIN_SHARD_BYTES).clamp(1, MAX_SHARDS);
        // Rounded down to a power of two, and the budget to a multiple of it: parts are of one size, and quick_cache
        // would round both up.
        let shards = 1 << shards.ilog2();
        let capacity = limit_bytes / shards * shards;
        let items = usize::try_from(capacity / TYPICAL_ENTRY_BYTES).unwrap_or(usize::MAX).max(64);
        let mut options = OptionsBuilder::new();
        options
            .shards(usize::try_from(shards).unwrap_or(1))
            .estimated_items_capacity(items)
            .weight_capacity(capacity);
        let cache = match options.build() {
            Ok(options) => Cache::with_options(options, Weigh, RandomState::default(), lifecycle),
            Err(_) => Cache::with(items, capacity, Weigh, RandomState::default(), lifecycle),
        };
        let resident = Resident::default();
        Self { cache, expiry, counters, clock: Box::new(clock), default_ttl, limit: limit_bytes, resident }
    }

    /// Keeps a value under a key, in place of what was there, for the given time or else the default one.
    ///
    /// The value is kept encoded, so that what it takes is known. It must have a fixed shape: types that decode
    /// according to what they find, like `serde_json::Value`, can be kept as text.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that cannot be encoded, `TooLarge` for a key over
    /// [`MAX_TEXT_BYTES`]. A value larger than the cache can hold is not kept, and counted.
    pub fn set<T: Serialize>(&self, key: &str, value: &T, ttl: Option<Duration>) -> Result<()> {
        if key.len() > MAX_TEXT_BYTES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("a cache key of {} bytes is too long", key.len()),
            ));
        }
        let bytes = bincode::serde::encode_to_vec(value, bincode::config::standard()).map_err(|error| {
            let message = format!("a value of type {} cannot be cached", type_name::<T>());
            Error::new(ErrorKind::InvalidArgument, message).with_source(error)
        })?;
        self.remove_expired();
        self.remove(key);
        let deadline = ttl.or(self.default_ttl).map(|ttl| self.clock.now().saturating_add(ttl));
        let deadline = deadline.map(|deadline| (deadline, self.expiry.push(deadline, key)));
        let entry = UserEntry { bytes: bytes.into(), type_name: type_name::<T>(), deadline };
        self.insert(CacheKey::User(key.to_owned()), Entry::User(Arc::new(entry)));
        Ok(())
    }

    /// The value under a key, unless its time is over.
    ///
    /// # Errors
    /// `InvalidArgument` if the value was kept as another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let Some(Entry::User(entry)) = self.cache.get(&CacheKey::User(key.to_owned())) else {
            bump(&self.counters.misses);
            return Ok(None);
        };
        if entry.deadline.is_some_and(|(deadline, _)| deadline <= self.clock.now()) {
            self.remove_expired();
            bump(&self.counters.misses);
            return Ok(None);
        }
        if entry.type_name != type_name::<T>() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the cache has `{key}` as {}, not as {}", entry.type_name, type_name::<T>()),
            ));
        }
        let config = bincode::config::standard().with_limit::<MAX_DECODED_BYTES>();
        let (value, _) = bincode::serde::decode_from_slice(&entry.bytes, config).map_err(|error| {
            let message = format!("`{key}` of type {} cannot be decoded again", type_name::<T>());
            Error::new(ErrorKind::InvalidArgument, message)
                .with_help("keep a type of fixed shape, or its text")
                .with_source(error)
        })?;
        bump(&self.counters.hits);
        Ok(Some(value))
    }

    /// Removes the value under a key, and says whether there was one.
    pub fn remove(&self, key: &str) -> bool {
        let removed = self.cache.remove(&CacheKey::User(key.to_owned()));
        if let Some((_, entry)) = &removed {
            forget_deadline(&self.expiry, entry);
        }
        removed.is_some()
    }

    /// Removes everything, the store's own records too.
    pub fn clear(&self) {
        self.cache.clear();
        self.resident.clear();
        self.set_capacity(self.limit);
        while self.expiry.pop_due(Duration::MAX).is_some() {}
    }

    /// What the cache holds and has done.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let read =
            |counter: &std::sync::atomic::AtomicU64| counter.load(std::sync::atomic::Ordering::Relaxed);
        let (graphs, taken) = self.resident.taken();
        CacheStats {
            keys: u64::try_from(self.cache.len() + graphs).unwrap_or(u64::MAX),
            bytes: self.cache.weight().saturating_add(u64::try_from(taken).unwrap_or(u64::MAX)),
            limit_bytes: self.limit,
            hits: read(&self.counters.hits),
            misses: read(&self.counters.misses),
            evicted_for_room: read(&self.counters.evicted),
            expired: read(&self.counters.expired),
            refused: read(&self.counters.refused),
        }
    }

    pub(crate) fn record(&self, name: ContentName) -> Option<CachedRecord> {
        self.get_record(&CacheKey::Content(name))
    }

    /// The answer to a question to a graph. Whoever asks has a view whose commit is that of the epoch.
    pub(crate) fn answer(&self, epoch: EpochNumber, answered: Answered) -> Option<CachedRecord> {
        self.get_record(&CacheKey::Answer(epoch, answered))
    }

    pub(crate) fn keep_answer(&self, epoch: EpochNumber, answered: Answered, record: CachedRecord) {
        self.insert(CacheKey::Answer(epoch, answered), Entry::Record(record));
    }

    pub(crate) fn forget(&self, epoch: EpochNumber, answered: Answered) {
        self.cache.remove(&CacheKey::Answer(epoch, answered));
    }

    fn get_record(&self, key: &CacheKey) -> Option<CachedRecord> {
        match self.cache.get(key) {
            Some(Entry::Record(record)) => {
                bump(&self.counters.hits);
                Some(record)
            }
            _ => {
                bump(&self.counters.misses);
                None
            }
        }
    }

    pub(crate) fn keep(&self, name: ContentName, record: CachedRecord) {
        self.insert(CacheKey::Content(name), Entry::Record(record));
    }

    /// The neighbour lists that are kept.
    pub(crate) fn resident(&self) -> &Resident {
        &self.resident
    }

    /// Keeps the neighbour lists of a graph at a commit, unless they take too much of the budget. Everything else has what
    /// they leave.
    pub(crate) fn keep_graph(&self, key: GraphKey, commit: u128, lists: &Arc<Adjacency>) {
        let most = usize::try_from(self.room_for_graphs()).unwrap_or(usize::MAX);
        let (taken, is_kept) = self.resident.keep(key, commit, lists, most);
        if !is_kept {
            bump(&self.counters.refused);
        }
        let rest = self.limit.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
        self.set_capacity(rest);
    }

    /// How many bytes the neighbour lists of graphs may take.
    pub(crate) fn room_for_graphs(&self) -> u64 {
        self.limit / 100 * RESIDENT_PERCENT
    }

    /// What the map may hold. `quick_cache` would round up to what its parts can share.
    fn set_capacity(&self, bytes: u64) {
        let shards = u64::try_from(self.cache.num_shards()).unwrap_or(1).max(1);
        let bytes = bytes / shards * shards;
        if bytes != self.cache.capacity() {
            self.cache.set_capacity(bytes);
        }
    }

    fn insert(&self, key: CacheKey, entry: Entry) {
        // Checked here because quick_cache would report it as an eviction.
        if Weigh.weight(&key, &entry) > self.cache.shard_capacity() {
            bump(&self.counters.refused);
            forget_deadline(&self.expiry, &entry);
            return;
        }
        self.cache.insert(key, entry);
    }

    /// Removes entries whose time is over, a bounded number a call: they go before anything else has to.
    fn remove_expired(&self) {
        let now = self.clock.now();
        for _ in 0..EXPIRED_PER_INSERT {
            let Some((key, number)) = self.expiry.pop_due(now) else { return };
            let is_same = |entry: &Entry| matches!(entry, Entry::User(user) if user.deadline.is_some_and(|(_, other)| other == number));
            if self.cache.remove_if(&CacheKey::User(key), is_same).is_some() {
                bump(&self.counters.expired);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CACHE_ENTRY_OVERHEAD_BYTES, CacheKey, Entry};

    #[test]
    fn the_overhead_of_an_entry_is_counted_whole() {
        // quick_cache's own figure: 21 bytes an entry, and room for half as many keys again that were evicted.
        let taken = (size_of::<CacheKey>() + size_of::<Entry>() + 21) * 3 / 2;
        assert!(taken as u64 <= CACHE_ENTRY_OVERHEAD_BYTES, "{taken}");
    }
}
