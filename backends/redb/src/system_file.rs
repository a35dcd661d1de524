//! A file of the system.

use std::fs::File;
use std::io;

use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::medium::Storage;

/// redb's own way to a file, and another one to write to it.
///
/// redb gives its locks back when it is closed, and not by closing the file: a child process that was forked meanwhile
/// has a copy of the descriptor, and would keep them. So do the two descriptors here, which are of one opening.
#[derive(Debug)]
pub(crate) struct SystemFile {
    pub(crate) file: FileBackend,
    pub(crate) synced: File,
}

impl Storage for SystemFile {
    #[cfg(target_os = "linux")]
    fn write_synced(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        use rustix::io::{Errno, ReadWriteFlags, pwritev2};
        let (mut at, mut rest) = (offset, data);
        while !rest.is_empty() {
            match pwritev2(&self.synced, &[io::IoSlice::new(rest)], at, ReadWriteFlags::DSYNC) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    at += written as u64;
                }
                Err(Errno::INTR) => {}
                // Not known to this system, or not done by its file system.
                Err(Errno::NOSYS | Errno::OPNOTSUPP) => {
                    self.file.write(at, rest)?;
                    return self.file.sync_data();
                }
                Err(failed) => return Err(failed.into()),
            }
        }
        Ok(())
    }
}

impl StorageBackend for SystemFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    crate::locks::locks_of!(self => self.file);
}
