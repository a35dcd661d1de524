//! The shared cache: one byte budget for everything decoded, in front of every backend.
//!
//! What the store itself caches is named by its content, so an entry can be dropped but never be wrong. Beside it,
//! users keep typed entries of their own with a time to live, under the same budget.
//!
//! Eviction is `quick_cache`'s S3-FIFO: an entry has to be asked for again before it may push out others, so a scan
//! does not flush the hot set. Entries past their time go first. Expiry and the statistics are ours.

mod clock;
mod entry;
mod expiry;
mod key;
mod parts;
mod shared;
mod stats;
mod text;
mod user;

pub use clock::{Clock, ManualClock, SystemClock, WallClock};
pub use shared::SharedCache;
pub use stats::CacheStats;

pub(crate) use entry::{CachedRecord, FileList};
pub(crate) use key::Answered;
