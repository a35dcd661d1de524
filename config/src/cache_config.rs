//! The memory that every store shares.

use std::time::Duration;

use crate::units::ByteSize;

/// The memory that every store shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheConfig {
    pub(crate) capacity: ByteSize,
    pub(crate) default_ttl: Option<Duration>,
}

impl CacheConfig {
    /// What it holds unless told otherwise.
    pub const DEFAULT_CAPACITY: ByteSize = ByteSize::mebibytes(128);

    /// What it may hold, overhead included; nothing turns it off.
    #[must_use]
    pub fn capacity(&self) -> ByteSize {
        self.capacity
    }

    /// How long an entry without a lifetime of its own lives; `None` means until it is evicted.
    #[must_use]
    pub fn default_ttl(&self) -> Option<Duration> {
        self.default_ttl
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { capacity: Self::DEFAULT_CAPACITY, default_ttl: None }
    }
}
