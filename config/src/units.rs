//! Sizes and durations, as people write them and exactly as they were meant.

use std::fmt;
use std::time::Duration;

use codestrata_core::OptionValue;
use codestrata_core::options::parse_byte_size;

/// A number of bytes.
///
/// ```
/// use codestrata_config::ByteSize;
///
/// assert_eq!(ByteSize::mebibytes(64).to_string(), "64MiB");
/// assert_eq!(ByteSize::from(1_500).to_string(), "1500B");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// None at all.
    pub const ZERO: Self = Self(0);
    /// The most that a file can ask for: 2^63 - 1.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// This many bytes.
    #[must_use]
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// This many times 1,048,576 bytes, at most [`u64::MAX`].
    #[must_use]
    pub const fn mebibytes(mebibytes: u64) -> Self {
        Self(mebibytes.saturating_mul(1 << 20))
    }

    /// The number of bytes.
    #[must_use]
    pub const fn as_bytes(self) -> u64 {
        self.0
    }

    pub(crate) fn parse(value: &OptionValue) -> Result<Self, String> {
        let size = Self(parse_byte_size(value)?);
        if size > Self::MAX { Err("it is larger than any memory".to_owned()) } else { Ok(size) }
    }
}

impl From<u64> for ByteSize {
    fn from(bytes: u64) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ByteSize {
    /// In the largest unit that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let exact = UNITS.iter().find(|(_, bits)| self.0 != 0 && self.0.trailing_zeros() >= *bits);
        match exact {
            Some((unit, bits)) => write!(f, "{}{unit}", self.0 >> bits),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// Writes a span of time so that [`parse_duration`](codestrata_core::options::parse_duration) reads the same one.
pub(crate) fn format_time(time: Duration) -> String {
    let (seconds, nanoseconds) = (time.as_secs(), u64::from(time.subsec_nanos()));
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (nanoseconds / 1_000_000, "ms"),
        (nanoseconds / 1_000 % 1_000, "us"),
        (nanoseconds % 1_000, "ns"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}
