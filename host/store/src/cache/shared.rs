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
use super::user::TypeNames;
use crate::adjacency::{Adjacency, GraphKey, Resident};
use crate::codec::{ContentName, MAX_DECODED_BYTES};
use crate::graph::EpochNumber;
use crate::limits::{MAX_CACHED_TYPES, MAX_TEXT_BYTES};

/// How much of the budget the neighbour lists of graphs may take, in per cent.
const RESIDENT_PERCENT: u64 = 75;

/// How many entries past their time one insertion removes at most, so that none of them stalls.
const EXPIRED_PER_INSERT: usize = 64;

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
    /// The value is kept encoded, so that what it takes is known. The text of the key is not kept: two texts have the same
    /// key inside with a chance of 2^-107, if they have up to a kilobyte, whoever chose them. The value must have a fixed shape: types that decode
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
        let bytes = bincode::serde::encode_to_vec(value, encoding()).map_err(|error| {
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
        let end = ttl.or(self.default_ttl).map(|ttl| self.clock.now().saturating_add(ttl));
        let deadline = end.map(|end| self.expiry.push(end, place));
        self.insert(place, Entry::of_value(type_number, &bytes, deadline));
        Ok(())
    }

    /// The value under a key, unless its time is over.
    ///
    /// # Errors
    /// `InvalidArgument` if the value was kept as another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let mut is_over = false;
        let value = self.find(key, &mut is_over);
        match &value {
            Ok(Some(_)) => self.counters.hit(),
            Ok(None) => self.missed(is_over),
            Err(_) => {}
        }
        value
    }

    #[cold]
    fn missed(&self, is_over: bool) {
        self.counters.miss();
        if is_over {
            self.remove_expired();
        }
    }

    /// The value under a key, or that there is one whose time is over.
    #[inline]
    fn find<T: DeserializeOwned>(&self, key: &str, is_over: &mut bool) -> Result<Option<T>> {
        let place = self.keys.user(key);
        let Some(part) = self.parts.part(place) else { return Ok(None) };
        // The value is returned from here, and not from a function that is given to `look`: results of this size are
        // handed on through memory, and each time costs a tenth of a hit.
        let part = part.reading();
        match part.get(&place) {
            None => Ok(None),
            Some(entry) if entry.is_quick_to_decode() => self.value_of(entry, key, is_over),
            Some(entry) => {
                // Held meanwhile, so that writers do not wait.
                let entry = entry.clone();
                drop(part);
                self.value_of(&entry, key, is_over)
            }
        }
    }

    /// The value of an entry, if it is a user's and its time is not over.
    #[inline]
    fn value_of<T: DeserializeOwned>(
        &self,
        entry: &Entry,
        key: &str,
        is_over: &mut bool,
    ) -> Result<Option<T>> {
        let (type_number, value) = match entry {
            Entry::Short(type_number, value) => (*type_number, value.value()),
            Entry::Lasting(type_number, value) => (*type_number, &value.slice),
            Entry::Ending(_, value) if value.header.header.is_over(self.clock.now()) => {
                *is_over = true;
                return Ok(None);
            }
            Entry::Ending(type_number, value) => (*type_number, &value.slice),
            _ => return Ok(None),
        };
        if !self.types.has(type_number, type_name::<T>()) {
            return Err(self.of_another_type(type_number, type_name::<T>(), key));
        }
        match bincode::serde::decode_from_slice(value, encoding()) {
            Ok((value, _)) => Ok(Some(value)),
            Err(error) => Err(undecodable(type_name::<T>(), key, error)),
        }
    }

    #[cold]
    fn of_another_type(&self, type_number: u8, asked: &str, key: &str) -> Error {
        let kept = self.types.name(type_number).unwrap_or_default();
        let message = format!("the cache has `{key}` as {kept}, not as {asked}");
        Error::new(ErrorKind::InvalidArgument, message)
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
        self.expiry.clear();
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
        self.get_record(self.keys.content(name))
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
        self.insert(self.keys.content(name), Entry::of(record));
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
            let Some((key, deadline)) = self.expiry.pop_due(now) else { return };
            let is_same = |entry: &Entry| entry.deadline() == Some(deadline);
            if self.parts.remove_if(key, is_same).is_some() {
                bump(&self.counters.expired);
            }
        }
    }
}

/// How values are encoded. Numbers take all their bytes: those of variable length took a quarter of a hit to decode.
fn encoding() -> impl bincode::config::Config {
    bincode::config::standard().with_fixed_int_encoding().with_limit::<MAX_DECODED_BYTES>()
}

#[cold]
fn undecodable(name: &str, key: &str, error: bincode::error::DecodeError) -> Error {
    let message = format!("`{key}` of type {name} cannot be decoded again");
    Error::new(ErrorKind::InvalidArgument, message)
        .with_help("keep a type of fixed shape, or its text")
        .with_source(error)
}
