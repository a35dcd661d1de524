//! What the store asks of a file system, and no more: one folder of files.
//!
//! Everything that the store does to its files goes through these two traits, so that a test can fail each step,
//! or stop after it and look at what a crash would leave. The real one is in `folder`.

use std::io;
use std::sync::Arc;

/// A folder that this process has locked for as long as the value is kept.
///
/// Names are those of files in the folder, without any path. No method follows a symbolic link.
pub trait Medium: Send + Sync {
    /// The names of all that is in the folder, in any order.
    ///
    /// # Errors
    /// What the file system says.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// `NotFound`, and what the file system says.
    fn open(&self, name: &str, writable: bool) -> io::Result<Arc<dyn MediumFile>>;

    /// Makes an empty file that only its owner may read, and opens it for writing.
    ///
    /// # Errors
    /// `AlreadyExists`, and what the file system says.
    fn create(&self, name: &str) -> io::Result<Arc<dyn MediumFile>>;

    /// Gives a file another name, in one step, replacing what has that name.
    ///
    /// # Errors
    /// What the file system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Whoever has it open can still read it.
    ///
    /// # Errors
    /// What the file system says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Waits until what was created, renamed and removed survives a loss of power.
    ///
    /// # Errors
    /// What the file system says.
    fn sync(&self) -> io::Result<()>;
}

/// An open file of a [`Medium`].
pub trait MediumFile: Send + Sync {
    /// Its length in bytes.
    ///
    /// # Errors
    /// What the file system says.
    fn length(&self) -> io::Result<u64>;

    /// Reads from an offset into the buffer, and says how many bytes there were; 0 at the end of the file.
    ///
    /// # Errors
    /// What the file system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes at an offset, and says how many of the bytes.
    ///
    /// # Errors
    /// What the file system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Cuts the file to a length.
    ///
    /// # Errors
    /// What the file system says.
    fn cut(&self, length: u64) -> io::Result<()>;

    /// Waits until what was written and cut survives a loss of power.
    ///
    /// # Errors
    /// What the file system says.
    fn sync(&self) -> io::Result<()>;
}

/// Fills the buffer, in as many reads as it takes.
pub(crate) fn read_all(file: &dyn MediumFile, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.read_at(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                offset = offset.saturating_add(read as u64);
            }
            Err(again) if again.kind() == io::ErrorKind::Interrupted => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Writes all of the bytes, in as many writes as it takes.
pub(crate) fn write_all(file: &dyn MediumFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset = offset.saturating_add(written as u64);
            }
            Err(again) if again.kind() == io::ErrorKind::Interrupted => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}
