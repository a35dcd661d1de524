//! Every bound of the seam, in one place.
//!
//! These hold for every engine. An engine may be tighter where its [`Capabilities`](crate::Capabilities) say
//! so (values and batches), and never looser: code above the seam is written against this page.

/// The longest key, in bytes. PostgreSQL's B-tree refuses entries over a third of a page (2.7 kB), which
/// leaves this much once an engine has added what it needs of its own. Longer names are cut and completed
/// with their hash above the seam.
pub const MAX_KEY_BYTES: usize = 1_024;

/// The largest value, in bytes.
pub const MAX_VALUE_BYTES: usize = 64 * 1024 * 1024;

/// The largest batch: the sum of the keys and values of its operations and preconditions, in bytes.
pub const MAX_BATCH_BYTES: usize = 256 * 1024 * 1024;

/// The most operations and preconditions in one batch, together.
pub const MAX_BATCH_OPS: usize = 4_000_000;

/// The most keys in one `get_many`.
pub const MAX_GET_KEYS: usize = 65_536;

/// The most bytes of values that one `get_many` returns; beyond it the call is refused as `TooLarge`.
pub const MAX_GET_BYTES: usize = 256 * 1024 * 1024;

/// The most items in one page of a scan. A request for more is served with this many.
pub const MAX_PAGE_ITEMS: usize = 65_536;

/// The most bytes in one page of a scan, one item excepted: a page always holds at least one item, however
/// large, so that a scan makes progress.
pub const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// The most bytes in one page of a scan that says nothing else, one item excepted. A page of this size is read while it is
/// still in the cache of the processor, and the next one takes its memory; more of them cost a call for each mebibyte.
pub const DEFAULT_PAGE_BYTES: usize = 1024 * 1024;

/// The most requests in one `scan_many`.
pub const MAX_SCAN_REQUESTS: usize = 1_024;

/// The longest name of a backend, in bytes.
pub const MAX_BACKEND_NAME_BYTES: usize = 64;
