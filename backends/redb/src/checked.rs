//! A checksum for each block of the file, beneath redb.
//!
//! redb keeps a checksum of every page, and compares it only when it repairs or verifies: a bit that flips in a file
//! that was closed cleanly is read as if it had been written. So the file is not redb's alone. In front of each 512
//! blocks of redb's lies one with their checksums, and a block that does not match its own is an error wherever it is
//! read. That finds what a checksum kept with each value would not: a damaged key, which is a missing entry; and it
//! finds it before redb believes a length or the number of a page.
//!
//! ```text
//! | magic, checksums of blocks 1 to 511 | block 0 | ... | block 511 | checksums of 512 to 1023 | block 512 | ...
//! ```
//!
//! The first block is redb's header. It is written in place, so that a loss of power may tear it from a checksum that
//! lies elsewhere; redb sees to it itself, with a checksum for each of its two commits. Every other block is written
//! where nothing refers to it, and synced with its checksum before something does.
//!
//! The cost: 0.2 % of the size, and one small write for each group of blocks that a commit touches. Checksums are held
//! in memory (`sums`), so that a page that is not in redb's cache is read with one read.
//!
//! A commit whose flushes were joined to one (`watch`) may have blocks on the medium without their checksums, or the
//! other way round, if power is lost within it. redb then goes through everything that the commit reaches, compares
//! it with checksums of its own, and goes back to the commit before if something is missing. While it does so, blocks
//! are not judged here but given the checksum of what is there ([`Checked::mend`]).

use std::io::{Error as IoError, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use redb::StorageBackend;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::sums::{Group, Sums};

type Io<T> = Result<T, IoError>;

pub(crate) const BLOCK_BYTES: usize = 4096;
const BLOCK: u64 = BLOCK_BYTES as u64;
/// Blocks that have their checksums in one block.
pub(crate) const GROUP: u64 = 512;

/// The first bytes of a file, where the checksum of the first block would be.
pub const MAGIC: [u8; 8] = *b"CDSTREDB";

/// A file of blocks with checksums, as redb sees it: without them.
#[derive(Debug)]
pub struct Checked {
    file: Box<dyn StorageBackend>,
    sums: RwLock<Sums>,
    mends: AtomicBool,
    /// Whether checksums were given to blocks that had others, since the last sync for their sake.
    mended: AtomicBool,
}

impl Checked {
    /// A file that begins with [`MAGIC`], or an empty one.
    #[must_use]
    pub fn new(file: Box<dyn StorageBackend>) -> Self {
        Self { file, sums: RwLock::default(), mends: AtomicBool::new(false), mended: AtomicBool::new(false) }
    }

    /// Whether a block that does not match its checksum gets another checksum instead of being an error. That is right
    /// only while redb compares all it reads with checksums of its own.
    pub fn mend(&self, mends: bool) {
        self.mends.store(mends, Ordering::SeqCst);
    }

    /// Waits until the checksums that were given to blocks while they were not judged are on the medium.
    ///
    /// # Errors
    /// What the file answers.
    pub fn sync_mended(&self) -> Io<()> {
        if self.mended.swap(false, Ordering::SeqCst) { self.sync_data() } else { Ok(()) }
    }

    /// Writes the checksums that the file does not have yet. A sync does the same first.
    ///
    /// # Errors
    /// What the file answers.
    pub fn write_sums(&self) -> Io<()> {
        if self.read_sums(Sums::are_written) {
            Ok(())
        } else {
            self.change_sums(|sums| sums.write(self.file()))
        }
    }

    /// Gives up the checksums that are held, so that they are read again.
    pub fn forget_sums(&self) {
        self.change_sums(Sums::forget);
    }

    fn file(&self) -> &dyn StorageBackend {
        &*self.file
    }

    // A lock that a panic left behind guards checksums that are whole: each change of them is.
    fn read_sums<T>(&self, look: impl FnOnce(&Sums) -> T) -> T {
        look(&self.sums.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_sums<T>(&self, change: impl FnOnce(&mut Sums) -> T) -> T {
        change(&mut self.sums.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Compares blocks of one group with their checksums.
    fn compare(&self, first: u64, content: &[u8]) -> Io<()> {
        let (group, at) = place_in_group(first)?;
        let differing = |held: &Group| first_differing(held, at, first, content);
        if self.read_sums(|sums| sums.at_hand(group).is_some_and(|held| differing(held).is_none())) {
            return Ok(());
        }
        // Not at hand; or of an earlier time, where another process writes.
        self.change_sums(|sums| {
            let Some(block) = sums.with_read(group, self.file(), differing)? else { return Ok(()) };
            if self.mends.load(Ordering::SeqCst) {
                self.mended.store(true, Ordering::SeqCst);
                return self.note(sums, first, content);
            }
            let message = format!("the block at byte {} does not match its checksum", place_of(block));
            Err(IoError::new(ErrorKind::InvalidData, message))
        })
    }

    /// Gives blocks of one group the checksums of their content.
    fn note(&self, sums: &mut Sums, first: u64, content: &[u8]) -> Io<()> {
        let (group, at) = place_in_group(first)?;
        // The magic is in the place of the first one.
        let skipped = usize::from(first == 0);
        let new: Vec<u64> = (first..)
            .zip(content.chunks(BLOCK_BYTES))
            .skip(skipped)
            .map(|(block, content)| sum_of(block, content))
            .collect();
        if new.is_empty() { Ok(()) } else { sums.set(group, at + skipped, &new, self.file()) }
    }
}

/// The group of a block, and which of its blocks it is.
fn place_in_group(block: u64) -> Io<(u64, usize)> {
    Ok((block / GROUP, usize::try_from(block % GROUP).map_err(IoError::other)?))
}

/// The first block that does not match its checksum. That of redb's header has none.
fn first_differing(held: &Group, at: usize, first: u64, content: &[u8]) -> Option<u64> {
    let blocks = content.chunks(BLOCK_BYTES);
    let sums = held.of(at..at + blocks.len());
    let matches = |block: u64, content: &[u8], sum: u64| match sum {
        _ if block == 0 => true,
        // Never written.
        0 => content.iter().all(|byte| *byte == 0),
        sum => sum == sum_of(block, content),
    };
    if sums.len() != blocks.len() {
        return Some(first);
    }
    let mut all = (first..).zip(blocks).zip(sums);
    all.find(|((block, content), sum)| !matches(*block, content, **sum)).map(|((block, _), _)| block)
}

/// A checksum that depends on the place, so that a block in the place of another is noticed.
fn sum_of(block: u64, content: &[u8]) -> u64 {
    // Zero says that a block was never written.
    xxh3_64_with_seed(content, block).max(1)
}

/// Where a block lies.
fn place_of(block: u64) -> u64 {
    (block / GROUP * (GROUP + 1) + 1 + block % GROUP) * BLOCK
}

/// Where the checksums of a group lie.
pub(crate) fn place_of_group(group: u64) -> u64 {
    group * (GROUP + 1) * BLOCK
}

/// The length of a file with so many blocks.
fn length_with(blocks: u64) -> u64 {
    (blocks + blocks.div_ceil(GROUP)) * BLOCK
}

/// The blocks of a range, cut where their group ends: the first of each part, and how many bytes it has. Nothing for
/// bytes that are not whole blocks.
fn parts(offset: u64, length: usize) -> Option<impl Iterator<Item = (u64, usize)>> {
    let blocks = length as u64 / BLOCK;
    let whole = offset.is_multiple_of(BLOCK) && (length as u64).is_multiple_of(BLOCK);
    let mut next = offset / BLOCK;
    let end = next.checked_add(blocks)?;
    let parts = std::iter::from_fn(move || {
        let first = next;
        next = (first / GROUP + 1).saturating_mul(GROUP).min(end);
        let bytes = usize::try_from(next.checked_sub(first)? * BLOCK).ok()?;
        (bytes > 0).then_some((first, bytes))
    });
    whole.then_some(parts)
}

/// Whether these bytes are in the first block, which has no checksum.
fn in_header(offset: u64, length: usize) -> bool {
    offset.checked_add(length as u64).is_some_and(|end| end <= BLOCK)
}

fn unaligned() -> IoError {
    IoError::new(ErrorKind::InvalidInput, "redb reads and writes whole blocks")
}

fn cut() -> IoError {
    ErrorKind::UnexpectedEof.into()
}

impl StorageBackend for Checked {
    fn len(&self) -> Io<u64> {
        let blocks = self.file().len()? / BLOCK;
        let (groups, rest) = (blocks / (GROUP + 1), blocks % (GROUP + 1));
        Ok((groups * GROUP + rest.saturating_sub(1)) * BLOCK)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Io<()> {
        if in_header(offset, out.len()) {
            return self.file().read(place_of(0) + offset, out);
        }
        let mut rest = out;
        for (first, bytes) in parts(offset, rest.len()).ok_or_else(unaligned)? {
            let (part, after) = rest.split_at_mut_checked(bytes).ok_or_else(cut)?;
            rest = after;
            self.file().read(place_of(first), part)?;
            self.compare(first, part)?;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> Io<()> {
        let is_new = self.file().len()? == 0;
        let blocks = len.div_ceil(BLOCK);
        self.file().set_len(length_with(blocks))?;
        self.change_sums(|sums| sums.cut(blocks.div_ceil(GROUP)));
        if is_new && len > 0 {
            self.file().write(0, &MAGIC)?;
        }
        Ok(())
    }

    fn sync_data(&self) -> Io<()> {
        self.write_sums()?;
        self.file().sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Io<()> {
        if in_header(offset, data.len()) {
            return self.file().write(place_of(0) + offset, data);
        }
        let mut rest = data;
        for (first, bytes) in parts(offset, data.len()).ok_or_else(unaligned)? {
            let (part, after) = rest.split_at_checked(bytes).ok_or_else(cut)?;
            rest = after;
            self.file().write(place_of(first), part)?;
            self.change_sums(|sums| self.note(sums, first, part))?;
        }
        Ok(())
    }

    fn close(&self) -> Io<()> {
        self.file().close()
    }

    crate::locks::locks_of!(self => self.file());
}
