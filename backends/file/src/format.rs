//! The files of a store and the 64 bytes that each begins with. `docs/format.md` has them byte by byte.
//!
//! A store is a folder with a `MANIFEST`, which says which log files make it up, and these log files. The first 24
//! bytes of every file are the same in every version of the format, and have a checksum of their own, so that a
//! file of another version is told from a damaged one.

use std::io;
use std::path::{Path, PathBuf};

use codestrata_core::{Error, ErrorKind, Result};
use xxhash_rust::xxh3::xxh3_64;

use crate::error;
use crate::medium::{MediumFile, read_all};

/// The bytes in front of the first frame of a log file; the whole of a manifest.
pub(crate) const HEAD_BYTES: u64 = 64;

pub(crate) const MANIFEST: &str = "MANIFEST";
pub(crate) const NEW_MANIFEST: &str = "MANIFEST.new";

// The line ends and the control character show a transfer as text, as in PNG.
const MAGIC: [u8; 8] = *b"cslog\r\n\x1a";
const FORMAT: u32 = 1;
const PREFIX_BYTES: usize = 24;

/// What a file of a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Log = 1,
    Manifest = 2,
}

/// What a file says of itself at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Which store it belongs to: a random number for each.
    pub(crate) store: u128,
    /// Of a log file, its number; of a manifest, the number of the first log file.
    pub(crate) first: u64,
    /// Of a log file, the sequence number of its first frame; of a manifest, the number of the last log file.
    pub(crate) second: u64,
}

impl Head {
    pub(crate) fn encode(&self, kind: FileKind) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&(kind as u32).to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        bytes.extend_from_slice(&self.store.to_le_bytes());
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.second.to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the beginning of a file; `path` is for the messages.
    pub(crate) fn read(file: &dyn MediumFile, kind: FileKind, path: &Path) -> Result<Self> {
        let mut bytes = [0; 64];
        match read_all(file, &mut bytes, 0) {
            Ok(()) => Self::decode(&bytes, kind, path),
            Err(short) if short.kind() == io::ErrorKind::UnexpectedEof => {
                Err(error::damaged(path, 0, "it is too short to have a head"))
            }
            Err(other) => Err(error::of_io(path, "reading", other)),
        }
    }

    fn decode(bytes: &[u8; 64], kind: FileKind, path: &Path) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (magic, format, found) = (fields.take::<8>(), fields.number::<4>(), fields.number::<4>());
        let prefix = fields.number::<8>();
        if magic != MAGIC {
            return Err(error::foreign(path, "not a file of a store"));
        }
        if prefix != u128::from(xxh3_64(bytes.get(..PREFIX_BYTES - 8).unwrap_or_default())) {
            return Err(error::damaged(path, 0, "its first 24 bytes do not have their checksum"));
        }
        if format != u128::from(FORMAT) {
            let help = if format > u128::from(FORMAT) {
                "use a newer version of this program"
            } else {
                "convert it with the program that made it"
            };
            let message =
                format!("{} has format {format}, and this program knows format {FORMAT}", path.display());
            return Err(Error::new(ErrorKind::InvalidConfig, message).with_option("path").with_help(help));
        }
        if found != kind as u128 {
            return Err(error::damaged(path, 12, "another kind of file has its name"));
        }
        let (store, first, second) = (fields.number::<16>(), fields.number::<8>(), fields.number::<8>());
        if fields.number::<8>() != u128::from(xxh3_64(bytes.get(..56).unwrap_or_default())) {
            return Err(error::damaged(path, 0, "its head does not have its checksum"));
        }
        let narrow = |number| u64::try_from(number).unwrap_or(u64::MAX);
        Ok(Self { store, first: narrow(first), second: narrow(second) })
    }
}

/// Little-endian numbers one after the other; zeros after the end.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.0 = rest;
                *taken
            }
            None => [0; N],
        }
    }

    fn number<const N: usize>(&mut self) -> u128 {
        self.take::<N>().iter().rev().fold(0, |number, &byte| number << 8 | u128::from(byte))
    }
}

/// The name of the log file of this number.
pub(crate) fn log_name(number: u32) -> String {
    format!("{number:010}.log")
}

/// The number of the log file of this name, if it is one's.
pub(crate) fn log_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".log")?.parse().ok()?;
    (log_name(number) == name).then_some(number)
}

/// Where a file is, for messages.
pub(crate) fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}
