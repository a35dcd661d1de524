//! The cache itself: one map for the store's records and the users' entries.

use std::any::type_name;
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::{Clock, SystemClock};
use super::entry::{CachedRecord, Entry};
use super::expiry::ExpiryQueue;
use super::key::{Answered, CacheKey, Keys};
use super::parts::{OnEvict, Parts};
use super::stats::{CacheStats, Counters, bump, read};
use super::user::{TypeNames, UserEntry};
use crate::adjacency::{Adjacency, GraphKey, Resident};
use crate::codec::{ContentName, MAX_DECODED_BYTES};
use crate::graph::EpochNumber;
use crate::limits::{MAX_CACHED_TYPES, MAX_TEXT_BYTES};

/// How much of the budget the neighbour lists of graphs may take, in per cent.
const RESIDENT_PERCENT: u64 = 75;

/// How many entries past their time one insertion removes at most, so that none of them stalls.
const EXPIRED_PER_INSERT: usize = 64;

/// Values up to so many bytes are decoded where they lie; of larger ones the entry is held meanwhile, so that writers do
/// not wait.
const DECODED_IN_PLACE_BYTES: usize = 1_024;

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
    parts: Parts,
    keys: Keys,
    types: TypeNames,
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
        let on_evict = OnEvict { counters: Arc::clone(&counters), expiry: Arc::clone(&expiry) };
        Self {
            parts: Parts::new(limit_bytes, &on_evict),
            keys: Keys::default(),
            types: TypeNames::default(),
            expiry,
            counters,
            clock: Box::new(clock),
            default_ttl,
            limit: limit_bytes,
            resident: Resident::default(),
        }
    }

    /// Keeps a value under a key, in place of what was there, for the given time or else the default one.
    ///
    /// The value is kept encoded, so that what it takes is known. It must have a fixed shape: types that decode
    /// according to what they find, like `serde_json::Value`, can be kept as text.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that cannot be encoded, `TooLarge` for a key over [`MAX_TEXT_BYTES`] and for a type
    /// beyond the first [`MAX_CACHED_TYPES`]. A value larger than the cache can hold is not kept, and counted.
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
        let Some(type_number) = self.types.number_of(type_name::<T>()) else {
            let message = format!("the cache keeps values of {MAX_CACHED_TYPES} types, and this is one more");
            return Err(Error::new(ErrorKind::TooLarge, message)
                .with_help("put values of several types into one enum, or keep them encoded"));
        };
        self.remove_expired();
        let place = self.keys.user(key);
        self.remove_at(place);
        let deadline = ttl.or(self.default_ttl).map(|ttl| self.clock.now().saturating_add(ttl));
        let deadline = deadline.map(|deadline| (deadline, self.expiry.push(deadline, place)));
        if let Some(entry) = UserEntry::new(type_number, key, &bytes, deadline) {
            self.insert(place, Entry::User(entry));
        }
        Ok(())
    }

    /// The value under a key, unless its time is over.
    ///
    /// # Errors
    /// `InvalidArgument` if the value was kept as another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let found = self.parts.look(self.keys.user(key), |entry| match entry {
            Entry::User(user) if user.len() <= DECODED_IN_PLACE_BYTES => Look::Done(self.value_of(user, key)),
            Entry::User(user) => Look::Later(user.clone()),
            _ => Look::Done(Ok(None)),
        });
        let Some(found) = found else {
            self.counters.miss();
            return Ok(None);
        };
        let value = match found {
            Look::Done(value) => value,
            Look::Later(user) => self.value_of(&user, key),
        };
        match &value {
            Ok(Some(_)) => self.counters.hit(),
            Ok(None) => {
                self.counters.miss();
                self.remove_expired();
            }
            Err(_) => {}
        }
        value
    }

    /// The value of an entry, if it is that of the key and its time is not over.
    fn value_of<T: DeserializeOwned>(&self, entry: &UserEntry, key: &str) -> Result<Option<T>> {
        let Some(entry) = entry.parts().filter(|entry| entry.key == key.as_bytes()) else { return Ok(None) };
        if entry.deadline.is_some_and(|(deadline, _)| deadline <= self.clock.now()) {
            return Ok(None);
        }
        if !self.types.has(entry.type_number, type_name::<T>()) {
            let kept = self.types.name(entry.type_number).unwrap_or_default();
            let message = format!("the cache has `{key}` as {kept}, not as {}", type_name::<T>());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let config = bincode::config::standard().with_limit::<MAX_DECODED_BYTES>();
        let decoded = bincode::serde::decode_from_slice(entry.value, config);
        decoded.map(|(value, _)| Some(value)).map_err(|error| {
            let message = format!("`{key}` of type {} cannot be decoded again", type_name::<T>());
            Error::new(ErrorKind::InvalidArgument, message)
                .with_help("keep a type of fixed shape, or its text")
                .with_source(error)
        })
    }

    /// Removes the value under a key, and says whether there was one.
    pub fn remove(&self, key: &str) -> bool {
        self.remove_at(self.keys.user(key))
    }

    fn remove_at(&self, place: CacheKey) -> bool {
        let removed = self.parts.remove(place);
        if let Some(entry) = &removed {
            self.expiry.forget(entry);
        }
        removed.is_some()
    }

    /// Removes everything, the store's own records too.
    pub fn clear(&self) {
        self.parts.clear();
        self.resident.clear();
        self.parts.set_capacity(self.limit);
        while self.expiry.pop_due(Duration::MAX).is_some() {}
    }

    /// What the cache holds and has done.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let (graphs, taken) = self.resident.taken();
        let (hits, misses) = self.counters.hits_and_misses();
        CacheStats {
            keys: u64::try_from(self.parts.len() + graphs).unwrap_or(u64::MAX),
            bytes: self.parts.weight().saturating_add(u64::try_from(taken).unwrap_or(u64::MAX)),
            limit_bytes: self.limit,
            hits,
            misses,
            evicted_for_room: read(&self.counters.evicted),
            expired: read(&self.counters.expired),
            refused: read(&self.counters.refused),
        }
    }

    pub(crate) fn record(&self, name: ContentName) -> Option<CachedRecord> {
        self.get_record(CacheKey::content(name))
    }

    /// The answer to a question to a graph. Whoever asks has a view whose commit is that of the epoch.
    pub(crate) fn answer(&self, epoch: EpochNumber, answered: Answered) -> Option<CachedRecord> {
        self.get_record(self.keys.answer(epoch, answered))
    }

    pub(crate) fn keep_answer(&self, epoch: EpochNumber, answered: Answered, record: CachedRecord) {
        self.insert(self.keys.answer(epoch, answered), Entry::of(record));
    }

    pub(crate) fn forget(&self, epoch: EpochNumber, answered: Answered) {
        self.parts.remove(self.keys.answer(epoch, answered));
    }

    fn get_record(&self, key: CacheKey) -> Option<CachedRecord> {
        let record = self.parts.look(key, Entry::record).flatten();
        if record.is_some() {
            self.counters.hit();
        } else {
            self.counters.miss();
        }
        record
    }

    pub(crate) fn keep(&self, name: ContentName, record: CachedRecord) {
        self.insert(CacheKey::content(name), Entry::of(record));
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
        self.parts.set_capacity(rest);
    }

    /// How many bytes the neighbour lists of graphs may take.
    pub(crate) fn room_for_graphs(&self) -> u64 {
        self.limit / 100 * RESIDENT_PERCENT
    }

    fn insert(&self, key: CacheKey, entry: Entry) {
        if let Err(refused) = self.parts.insert(key, entry) {
            bump(&self.counters.refused);
            self.expiry.forget(&refused);
        }
    }

    /// Removes entries whose time is over, a bounded number a call: they go before anything else has to.
    fn remove_expired(&self) {
        let now = self.clock.now();
        for _ in 0..EXPIRED_PER_INSERT {
            let Some((key, number)) = self.expiry.pop_due(now) else { return };
            let is_same = |entry: &Entry| match entry {
                Entry::User(user) => user.deadline().is_some_and(|(_, other)| other == number),
                _ => false,
            };
            if self.parts.remove_if(key, is_same).is_some() {
                bump(&self.counters.expired);
            }
        }
    }
}

/// What a look at an entry gave.
enum Look<T> {
    Done(T),
    Later(UserEntry),
}
