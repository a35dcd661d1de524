//! What an engine can do beyond what every engine must, as data.

use std::time::Duration;

use crate::limits::{MAX_BATCH_BYTES, MAX_VALUE_BYTES};

/// How far an engine notices that what it stored was damaged on the medium.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DamageDetection {
    /// Not surely: a damaged byte may be answered as if it had been stored. Nothing panics or hangs for it.
    #[default]
    None,
    /// [`Backend::verify`](crate::Backend::verify) finds every damaged byte of what can be read; reading may not.
    OnVerify,
    /// Opening or reading finds it: what is answered is what was stored, or `Corruption`.
    OnRead,
}

impl DamageDetection {
    /// As people read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OnVerify => "on verify",
            Self::OnRead => "on read",
        }
    }
}

/// What a store can do. Constant from its opening to its closing.
///
/// Ordered keys, atomic `apply` and preconditions are not here: every backend has them. A capability that is not
/// claimed answers `Unsupported` and does nothing; one that is claimed is exercised by the conformance suite.
///
/// ```
/// use codestrata_core::Capabilities;
///
/// const DISK: Capabilities = Capabilities::minimal().with_persistent().with_synced().with_snapshots(None);
/// assert!(DISK.synced() && DISK.snapshots() && !DISK.several_writers());
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent yes or no, and none is a state")]
pub struct Capabilities {
    snapshots: bool,
    snapshot_max_age: Option<Duration>,
    consistent_pages: bool,
    persistent: bool,
    synced: bool,
    readers_beside_writer: bool,
    several_writers: bool,
    read_only_media: bool,
    damage_detection: DamageDetection,
    max_value_bytes: usize,
    max_batch_bytes: usize,
}

impl Capabilities {
    /// What every backend has, and the seam's own size limits.
    #[must_use]
    pub const fn minimal() -> Self {
        Self {
            snapshots: false,
            snapshot_max_age: None,
            consistent_pages: false,
            persistent: false,
            synced: false,
            readers_beside_writer: false,
            several_writers: false,
            read_only_media: false,
            damage_detection: DamageDetection::None,
            max_value_bytes: MAX_VALUE_BYTES,
            max_batch_bytes: MAX_BATCH_BYTES,
        }
    }

    /// Snapshots, for as long as the given age; no age means that they do not expire.
    #[must_use]
    pub const fn with_snapshots(mut self, max_age: Option<Duration>) -> Self {
        self.snapshots = true;
        self.snapshot_max_age = max_age;
        self.consistent_pages = true;
        self
    }

    /// One page, or one `get_many`, shows one state: never half of a batch.
    #[must_use]
    pub const fn with_consistent_pages(mut self) -> Self {
        self.consistent_pages = true;
        self
    }

    /// What is stored is there when the store is opened again.
    #[must_use]
    pub const fn with_persistent(mut self) -> Self {
        self.persistent = true;
        self
    }

    /// [`Durability::Synced`](crate::Durability::Synced) is honoured.
    #[must_use]
    pub const fn with_synced(mut self) -> Self {
        self.synced = true;
        self
    }

    /// Other processes may read while one writes.
    #[must_use]
    pub const fn with_readers_beside_writer(mut self) -> Self {
        self.readers_beside_writer = true;
        self
    }

    /// Several processes may write at once, their batches ordered by the engine.
    #[must_use]
    pub const fn with_several_writers(mut self) -> Self {
        self.several_writers = true;
        self
    }

    /// A store that is opened to read only leaves its files as they are, so that it may lie on a medium, or in a folder,
    /// that this process cannot write to.
    #[must_use]
    pub const fn with_read_only_media(mut self) -> Self {
        self.read_only_media = true;
        self
    }

    /// Damage of the medium is noticed.
    #[must_use]
    pub const fn with_damage_detection(mut self, detection: DamageDetection) -> Self {
        self.damage_detection = detection;
        self
    }

    /// A value limit below the seam's own, in bytes; a larger figure is brought down to it.
    #[must_use]
    pub const fn with_max_value_bytes(mut self, bytes: usize) -> Self {
        self.max_value_bytes = if bytes < MAX_VALUE_BYTES { bytes } else { MAX_VALUE_BYTES };
        self
    }

    /// A batch limit below the seam's own, in bytes; a larger figure is brought down to it.
    #[must_use]
    pub const fn with_max_batch_bytes(mut self, bytes: usize) -> Self {
        self.max_batch_bytes = if bytes < MAX_BATCH_BYTES { bytes } else { MAX_BATCH_BYTES };
        self
    }

    /// Whether [`Backend::snapshot`](crate::Backend::snapshot) works.
    #[must_use]
    pub const fn snapshots(&self) -> bool {
        self.snapshots
    }

    /// How long a snapshot may be read; none means for as long as it is kept.
    #[must_use]
    pub const fn snapshot_max_age(&self) -> Option<Duration> {
        self.snapshot_max_age
    }

    /// Whether one page or one `get_many` shows one state.
    #[must_use]
    pub const fn consistent_pages(&self) -> bool {
        self.consistent_pages
    }

    /// Whether what is stored is there when the store is opened again.
    #[must_use]
    pub const fn persistent(&self) -> bool {
        self.persistent
    }

    /// Whether a batch can be synced before it is acknowledged.
    #[must_use]
    pub const fn synced(&self) -> bool {
        self.synced
    }

    /// Whether other processes may read while one writes.
    #[must_use]
    pub const fn readers_beside_writer(&self) -> bool {
        self.readers_beside_writer
    }

    /// Whether several processes may write at once.
    #[must_use]
    pub const fn several_writers(&self) -> bool {
        self.several_writers
    }

    /// Whether a store that is opened to read only leaves its files as they are.
    #[must_use]
    pub const fn read_only_media(&self) -> bool {
        self.read_only_media
    }

    /// How far damage of the medium is noticed.
    #[must_use]
    pub const fn damage_detection(&self) -> DamageDetection {
        self.damage_detection
    }

    /// The largest value, in bytes.
    #[must_use]
    pub const fn max_value_bytes(&self) -> usize {
        self.max_value_bytes
    }

    /// The largest batch, in bytes of keys and values.
    #[must_use]
    pub const fn max_batch_bytes(&self) -> usize {
        self.max_batch_bytes
    }
}
