//! Every bound of an import, in one place.

use codestrata::{Error, ErrorKind, Result};

/// How much of an index is taken. The defaults are far above what real indexes have.
///
/// Beside one document, an import keeps the path and place of each document, a hash of each symbol that is defined, and
/// the encoded facts of the documents that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScipLimits {
    /// The largest document, in bytes of the index.
    pub document_bytes: u64,
    /// The largest occurrence or description of a symbol, in bytes of the index.
    pub message_bytes: usize,
    /// The longest symbol or path, in bytes.
    pub symbol_bytes: usize,
    /// The most documents.
    pub documents: usize,
    /// The most symbols that are defined.
    pub symbols: usize,
    /// The most memory that the nodes and edges of one document may take, in bytes.
    pub facts_bytes: usize,
    /// The most memory that the encoded facts of all documents that changed may take, in bytes.
    pub stored_bytes: u64,
}

impl Default for ScipLimits {
    fn default() -> Self {
        Self {
            document_bytes: 64 << 20,
            message_bytes: 4 << 20,
            symbol_bytes: 16 << 10,
            documents: 1_000_000,
            symbols: 20_000_000,
            facts_bytes: 1 << 30,
            stored_bytes: 4 << 30,
        }
    }
}

/// The memory that one document may still take.
pub(super) struct Budget {
    left: usize,
    limit: usize,
}

impl Budget {
    pub(super) fn new(limits: &ScipLimits) -> Self {
        Self { left: limits.facts_bytes, limit: limits.facts_bytes }
    }

    /// Takes so much of it.
    ///
    /// # Errors
    /// `TooLarge` when there is not as much left.
    pub(super) fn take(&mut self, bytes: usize, path: &str) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the symbols of the document `{path}` would take more than {} bytes of memory",
                    self.limit
                ),
            )
            .with_help("nothing of the index was stored; leave the document out of the index")
        })?;
        Ok(())
    }
}
