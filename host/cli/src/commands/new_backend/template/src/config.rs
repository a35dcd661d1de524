//! What a configuration says of a store: its options, and how it is to be opened.

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionSpec, Result};

/// The options that the backend takes. The host checks a configuration against them, and lists them
/// for people.
///
/// A store with files takes at least a path:
/// `OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required()`.
pub const OPTIONS: &[OptionSpec] = &[];

/// What a store is opened with.
pub struct Config {}

impl Config {
    /// Reads a request. Its options fit `OPTIONS`: that was checked before.
    ///
    /// A path comes from `request.options().path("path")?`, and through `request.resolve(path)`: a
    /// relative one is relative to the configuration file. A value that is wrong is an
    /// `InvalidConfig` that names its option with `Error::with_option`, so that the host can show
    /// its line.
    ///
    /// The mode says what may be made: `Create` makes a store that is not there, the other two
    /// answer `NotFound`, and `ReadOnly` makes and changes nothing at all. For a map in memory
    /// there is never a store already.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        match request.open_mode() {
            OpenMode::Create => Ok(Self {}),
            OpenMode::Existing | OpenMode::ReadOnly => Err(Error::new(
                ErrorKind::NotFound,
                "a store in memory is always new, so there is none to open",
            )
            .with_help(
                "open it in the mode that creates, or choose a backend that keeps its data",
            )),
        }
    }
}
