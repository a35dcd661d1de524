//! What the store asks for beside redb: a file that is there, or a new one that gets its name when it is whole.
//!
//! Everything that is done to the file goes through redb's own [`StorageBackend`] and through [`Storage`], which adds to it;
//! everything that this backend does beside that goes through [`Medium`] and [`Draft`]. So a test can fail each step, or
//! stop after it and look at what a crash would leave. The real medium is in `file`.
//!
//! What redb asks of a [`StorageBackend`] holds here too: new bytes are zero, reading past the end is an error, and
//! `close` gives every lock back. Byte-range locks must work, because other processes may read the file.

use std::io;

use codestrata_core::Result;
use redb::StorageBackend;
use redb::backends::FileBackend;

/// A file as redb asks for it, and as the journal does.
pub trait Storage: StorageBackend {
    /// Writes, and waits until what was written is on the medium; other writes need not be. The file is long enough.
    ///
    /// # Errors
    /// What the system says. It is unknown then what the medium has of it.
    fn write_synced(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(offset, data)?;
        self.sync_data()
    }
}

impl Storage for FileBackend {}

/// The place of one store.
pub trait Medium: Send + Sync {
    /// Opens the file of the store. It is not looked at; that is done through what is answered.
    ///
    /// # Errors
    /// `NotFound` if there is none, `InvalidConfig` if what is there is no file, and what the system says.
    fn open(&self, writable: bool) -> Result<Box<dyn Storage>>;

    /// Makes an empty file that only its owner may read, and that does not have the name of the store yet.
    ///
    /// # Errors
    /// `InvalidConfig` if there can be no file of that name, and what the system says.
    fn create(&self) -> Result<Box<dyn Draft>>;

    /// Waits until the name that a draft was given survives a loss of power.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&self) -> Result<()>;

    /// The length of the file in bytes.
    ///
    /// # Errors
    /// `NotFound`, and what the system says.
    fn length(&self) -> Result<u64>;

    /// The processes that have the file open, as far as that can be known.
    fn holders(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A file that is to become a store. Dropped before it was published, it is removed; until then it is kept from
/// whoever removes files that were left behind.
pub trait Draft: Send {
    /// Opens the file for writing.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self) -> Result<Box<dyn Storage>>;

    /// Waits until the content of the file, its length included, survives a loss of power.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&self) -> Result<()>;

    /// Gives the file the name of the store, in one step; false if something has that name already.
    ///
    /// # Errors
    /// What the system says.
    fn publish(&mut self) -> Result<bool>;
}
