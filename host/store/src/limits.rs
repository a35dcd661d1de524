//! Every bound of the store, in one place. Those of the seam are in [`codestrata_core::limits`].

use std::time::Duration;

/// The longest id, name, kind, path, attribute name or attribute value (as JSON), in bytes.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The longest repository id, in bytes.
pub const MAX_REPOSITORY_ID_BYTES: usize = 64 * 1024;

/// The most repositories that one store lists.
pub const MAX_REPOSITORIES: usize = 1_000_000;

/// How often a commit that lost against another writer is tried again before it answers `Conflict`.
pub const MAX_COMMIT_ATTEMPTS: u32 = 10;

/// How often a reader without snapshots starts again because the graph moved under it.
pub const MAX_READ_ATTEMPTS: u32 = 10;

/// Updates of more files than this are stored as a new generation instead of one batch.
pub const MAX_FILES_PER_BATCH: usize = 512;

/// The largest batch of an update, in bytes; larger ones are stored as a new generation.
pub const MAX_UPDATE_BYTES: usize = 32 * 1024 * 1024;

/// How many steps of files, of 512 each, are linked before they are written, while a new generation is stored.
pub const MAX_LINKED_STEPS: usize = 32;

/// What an update whose files come in portions holds of them in memory, in bytes. When it is more, they are written ahead
/// of the commit.
pub const MAX_HELD_BYTES: usize = 16 * 1024 * 1024;

/// The stored segments that linking a new generation keeps in memory from one step to the next, in bytes.
pub const MAX_LINKING_BYTES: usize = 16 * 1024 * 1024;

/// How many postings of the index of a new generation are sorted together.
pub const MAX_SORTED_POSTINGS: usize = 1024 * 1024;

/// The batches in which a new generation is written and an old one deleted, in bytes.
pub const BULK_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// The pages and batches in which a repository is copied to another store, in bytes. Some engines take twenty times as much
/// memory for a batch as it has bytes.
pub const COPY_BATCH_BYTES: usize = 1024 * 1024;

/// How many modules, exports or bases are followed for one reference.
pub const MAX_LINK_DEPTH: usize = 32;

/// How many declarations of one name in one file are looked through, where they may be one thing: the interface, the
/// namespace and the constant of one name.
pub const MAX_LINK_MERGED: usize = 8;

/// How many variables and results of calls are followed into each other for one reference: `a = b.c; c = d()`.
pub const MAX_LINK_VALUES: usize = 16;

/// The most files over which the parts of one class are looked for.
pub const MAX_LINK_PARTS: usize = 64;

/// The most bases that one member look-up visits.
pub const MAX_LINK_BASES: usize = 256;

/// Files whose link records are read for one count of ambiguous and unresolved references, at most.
pub const MAX_LOOSE_FILES: usize = 20_000;

/// The most nodes that a traversal visits step by step before the neighbour lists of the whole graph are made for it.
pub const MAX_STEPWISE_NODES: usize = 512;

/// The most files whose links it reads meanwhile.
pub const MAX_STEPWISE_FILES: usize = 1_024;

/// The deepest traversal.
pub const MAX_DEPTH: u32 = 1_000;

/// The most nodes that one traversal visits.
pub const MAX_VISITED: usize = 1_000_000;

/// The most classes that one question about bases or subclasses looks at.
pub const MAX_HIERARCHY: usize = 100_000;

/// How many places in lists of classes may be looked at to find the order in which members are looked for.
pub const MAX_ORDER_STEPS: usize = 20_000_000;

/// The most results of one query.
pub const MAX_RESULTS: usize = 1_000_000;

/// The most nodes and edges that the history lists of one version, parallel edges as one; of a larger change it keeps the
/// figures.
pub const MAX_LISTED_CHANGES: usize = 10_000;

/// The most bytes that a list of the history takes; a larger one is not kept.
pub const MAX_LISTED_BYTES: usize = 4 * 1024 * 1024;

/// The most files of which the history keeps figures in one version.
pub const MAX_CHANGED_FILES: usize = 1_000;

/// The most kinds of nodes and edges of which the history keeps figures in one version.
pub const MAX_CHANGED_KINDS: usize = 200;

/// The most findings that one verification lists; the others are counted.
pub const MAX_FINDINGS: usize = 1_000;

/// How often a range that cannot be read is halved to find what of it can be: so that what is left lies within eight
/// bytes of its keys.
pub const MAX_HALVINGS: u32 = 64;

/// After so many reads that failed, what else a verification cannot read is given up whole.
pub const MAX_UNREADABLE: u32 = 2_000;

/// The most files of one cycle that are named; it is said how many there are.
pub const MAX_CYCLE_FILES: usize = 1_000;

/// The most patterns for roots of one question for dead code.
pub const MAX_ROOT_PATTERNS: usize = 1_000;

/// The longest line of a JSON Lines file, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// The longest id or type of an analysis result, in bytes.
pub const MAX_ANALYSIS_TEXT_BYTES: usize = 64 * 1024;

/// The largest data of an analysis result, in bytes of JSON text.
pub const MAX_ANALYSIS_DATA_BYTES: usize = 64 * 1024 * 1024;

/// The largest metadata of an analysis result, in bytes of JSON text. They come with every list of results.
pub const MAX_ANALYSIS_METADATA_BYTES: usize = 64 * 1024;

/// How deep arrays and objects of an analysis result may be nested. `serde_json` writes any depth and reads this one.
pub const MAX_ANALYSIS_DEPTH: usize = 127;

/// The parts in which the data of a result are kept, in bytes: less where the engine's values are smaller. A power of
/// two would take twice its size in redb.
pub const ANALYSIS_PART_BYTES: usize = 1_000_000;

/// The most results that one look-up returns.
pub const MAX_FOUND_ANALYSES: usize = 1_000;

/// A look-up that loads data stops after so many bytes of them, but has at least one result.
pub const MAX_FOUND_ANALYSIS_BYTES: u64 = 64 * 1024 * 1024;

/// The most results that are deleted in one batch.
pub const ANALYSES_PER_CLEANUP: usize = 256;

/// The most results that storing one deletes, because they are too old or too many.
pub const ANALYSES_REMOVED_PER_STORE: usize = 8;

/// Storing a result looks for those that are too many where no more than this may be kept; above it, counting them
/// would cost more than storing does, and only a clean-up counts.
pub const MAX_COUNTED_PER_STORE: u64 = 1_000;

/// What the cache takes beside a value for each entry, in bytes.
///
/// A key of 16 bytes, whatever its text is, an entry of 16 and 21 of the map's own, and room for half as many again that were evicted; and what an
/// allocation takes.
pub const CACHE_ENTRY_OVERHEAD_BYTES: u64 = 112;

/// The types whose values the cache keeps for users, at most.
pub const MAX_CACHED_TYPES: usize = 256;

/// How old an unfinished generation must be before another process of a store with several writers may take it
/// for abandoned.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

pub use codestrata_config::MAX_RETRIES;

/// The pause before a call of a backend is made again for the first time. It doubles each time, and up to as much again is
/// added by chance.
pub const MIN_RETRY_DELAY: Duration = Duration::from_millis(10);

/// The pause stops to double here.
pub const MAX_RETRY_DELAY: Duration = Duration::from_secs(2);

/// A call is not made again after so long, counted from its first attempt.
pub const MAX_RETRY_TIME: Duration = Duration::from_secs(60);

/// How long `compact`, `verify` and `close` of a backend may take where a time limit is set: by their nature they read or
/// write a whole store, or wait for others.
pub const MAINTENANCE_TIMEOUT: Duration = Duration::from_secs(60 * 60);
