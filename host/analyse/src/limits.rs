//! Every bound of the analyses, in one place. Those of the store are in [`codestrata::limits`].

/// How many tokens of a function make one hash: what two functions share is at least so long.
pub const TOKENS_PER_HASH: usize = 12;

/// Of so many hashes in a row one is kept. What two functions share is certainly noticed from
/// `TOKENS_PER_HASH + HASHES_PER_WINDOW - 1` tokens on.
pub const HASHES_PER_WINDOW: usize = 8;

/// Functions of fewer tokens are compared with nothing: short ones are alike without being copies.
pub const MIN_DUPLICATE_TOKENS: u32 = 50;

/// Functions with fewer fingerprints than this are compared with nothing: they repeat one thing, such as the rows of a
/// table, and all tables are alike.
pub const MIN_FINGERPRINTS: usize = 4;

/// A fingerprint that more bodies than this have in common leads to no pair: it is how everybody writes such code. It
/// still counts in the scores of pairs that others lead to.
pub const MAX_BODIES_PER_FINGERPRINT: usize = 100;

/// The most pairs that one result keeps: the surest, then the longest.
pub const MAX_DUPLICATE_PAIRS: usize = 50_000;

/// How much of what was measured is kept from one run to the next, in bytes of JSON. Files beyond it are measured again
/// each time. Less than the largest data of a result, because it is estimated.
pub const MAX_KEPT_BYTES: usize = 48 * 1024 * 1024;

/// The most functions that a run keeps of those that are both complex and called a lot.
pub const MAX_HOT_FUNCTIONS: usize = 5_000;

/// The most results that are looked through for one of a certain version or time, or for a history.
pub const MAX_RUNS: usize = 10_000;

/// The longest file of records or matrices that is read, in bytes.
pub const MAX_INPUT_BYTES: u64 = 32 * 1024 * 1024;

/// The most records of patterns in one result.
pub const MAX_PATTERNS: usize = 200_000;

/// The most entries of one matrix.
pub const MAX_MATRIX_ENTRIES: usize = 20_000;

/// The longest name, version or note of a pattern or a matrix, in bytes.
pub const MAX_TEXT_BYTES: usize = 4_096;
