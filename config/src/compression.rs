//! How stored values are made smaller.

/// How the larger values of a store are made smaller before an engine sees them.
///
/// Where nothing is said, the store decides by the engine: see
/// [`BackendConfig::with_compression`](crate::BackendConfig::with_compression).
///
/// It may change from one opening to the next: what is stored says itself how it was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// By LZ4: quick both ways.
    Lz4,
    /// By Zstandard, level 1: smaller, and slower both ways.
    Zstd,
}

impl Compression {
    /// Its name in a configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::Lz4, Self::Zstd].into_iter().find(|compression| compression.as_str() == name)
    }
}
