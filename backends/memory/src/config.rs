//! What the memory backend takes: no options, and only the mode that makes a store.

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionSpec, Result};

/// There are none.
pub const OPTIONS: &[OptionSpec] = &[];

/// The configuration of a memory store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryConfig {}

impl MemoryConfig {
    /// Reads a request.
    ///
    /// # Errors
    /// `NotFound` for the modes that want a store that is there already: in memory there never is one.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        match request.open_mode() {
            OpenMode::Create => Ok(Self {}),
            OpenMode::Existing | OpenMode::ReadOnly => Err(Error::new(
                ErrorKind::NotFound,
                "a store in memory is always new, so there is none to open",
            )
            .with_help("open it in the mode that creates, or choose a backend that keeps its data")),
        }
    }
}
