//! Reading a log file from its head to its end, and telling a torn end from damage.
//!
//! The end of the last file may be torn: a process was killed while it wrote, or power failed before a sync. It is
//! cut there, and nothing that was acknowledged as synced is lost. Damage looks the same where it stands, so what
//! comes after decides: each frame says up to where the file was on the medium when it was written. If a later
//! frame says so of the place that cannot be read, then it was whole once, and this is `Corruption`. Frames after
//! the place that do not say so were waiting for the same sync, and go with it.

use std::path::{Path, PathBuf};

use codestrata_core::{Error, Result};

use crate::error;
use crate::format::HEAD_BYTES;
use crate::frame::{HEAD, Head, MAGIC, Operations, Recorded, Salt};
use crate::log::Log;
use crate::medium::{MediumFile, read_all};

/// What a log file is to its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// There are later ones, so every byte of it was synced.
    Sealed,
    /// The last one, whose end may be torn.
    Last,
    /// The last one, up to where this process has written it.
    WrittenTo(u64),
}

/// How a log file was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where its last frame ends, and the next one goes.
    pub(crate) end: u64,
    /// How long the file is.
    pub(crate) length: u64,
    /// The sequence number of the next frame.
    pub(crate) sequence: u64,
    /// Up to where the file is known to be on the medium.
    pub(crate) synced: u64,
    /// Whether a mark says so of all of it.
    pub(crate) marked: bool,
}

impl Found {
    /// Whether there is anything after the last frame, but for a mark.
    pub(crate) const fn is_torn(&self) -> bool {
        self.length > if self.marked { self.end + HEAD as u64 } else { self.end }
    }
}

/// Reads all frames of a log file, and gives every operation to `each` with the offset of its value in the file.
///
/// `sequence` is the number that the first frame must have.
pub(crate) fn replay(
    log: &Log,
    path: &Path,
    sequence: u64,
    part: Part,
    mut each: impl FnMut(&Recorded<'_>, u64),
) -> Result<Found> {
    let whole = log.file.length().map_err(|e| error::of_io(path, "reading", e))?;
    let length = match part {
        Part::WrittenTo(end) => end,
        Part::Sealed | Part::Last => whole,
    };
    let mut window = Window::new(&*log.file, path.to_owned(), length);
    let mut found = Found { end: HEAD_BYTES, length, sequence, synced: HEAD_BYTES, marked: false };
    while found.end < length {
        let at = found.end;
        let Some(head) = read_frame(&mut window, log.salt, at, found.sequence)? else {
            judge(&mut window, log.salt, &found, part)?;
            return Ok(found);
        };
        found.synced = found.synced.max(head.synced.min(at));
        if head.is_mark() {
            found.marked = head.synced == at;
            if found.is_torn() {
                judge(&mut window, log.salt, &found, part)?;
            }
            return Ok(found);
        }
        let body_at = at + HEAD as u64;
        let body = window.read(body_at, head.body as usize)?.unwrap_or_default();
        give_operations(body, body_at, path, &mut each)?;
        found.end = body_at + u64::from(head.body);
        found.sequence += 1;
    }
    Ok(found)
}

/// The frame at this place, its body checked; nothing if there is no whole one.
fn read_frame(window: &mut Window<'_>, salt: Salt, at: u64, sequence: u64) -> Result<Option<Head>> {
    let Some(bytes) = window.read(at, HEAD)? else { return Ok(None) };
    let Some(head) = Head::decode(bytes, salt, at).filter(|head| head.sequence == sequence) else {
        return Ok(None);
    };
    let body = window.read(at + HEAD as u64, head.body as usize)?;
    Ok(body.filter(|body| head.fits(body, salt, at)).map(|_| head))
}

fn give_operations(
    body: &[u8],
    body_at: u64,
    path: &Path,
    each: &mut impl FnMut(&Recorded<'_>, u64),
) -> Result<()> {
    let mut operations = Operations::new(body);
    loop {
        match operations.next() {
            None => return Ok(()),
            Some(Some(operation)) => {
                let place = if let Recorded::Put(_, _, place) = operation { place } else { 0 };
                each(&operation, body_at + place as u64);
            }
            // Its checksum is right, so whoever wrote it wrote it wrongly.
            Some(None) => {
                let at = body_at + operations.position() as u64;
                return Err(error::damaged(path, at, "there is no operation"));
            }
        }
    }
}

/// Whether what stands at the end of `found` may be a torn end; the error if it cannot.
fn judge(window: &mut Window<'_>, salt: Salt, found: &Found, part: Part) -> Result<()> {
    let what = "there is no whole frame";
    if part != Part::Last {
        return Err(window.damaged(found.end, what));
    }
    if let Some(at) = later_frame(window, salt, found)? {
        let what = format!("{what}, and the one at byte {at} was written after it was synced");
        return Err(window.damaged(found.end, &what));
    }
    Ok(())
}

/// Where a later frame stands that was written when everything up to beyond `found.end` was on the medium.
fn later_frame(window: &mut Window<'_>, salt: Salt, found: &Found) -> Result<Option<u64>> {
    // Far more than a head, so that looking for one goes on inside of a buffer.
    const STEP: usize = 64 * 1024;
    let mut at = found.end + 1;
    while at < found.length {
        let left = usize::try_from(found.length - at).unwrap_or(usize::MAX);
        let step = STEP.min(left);
        let bytes = window.read(at, (step + HEAD).min(left))?.unwrap_or_default();
        for (place, four) in (at..).zip(bytes.windows(4)).take(step) {
            if four == MAGIC
                && let Some(rest) = usize::try_from(place - at).ok().and_then(|from| bytes.get(from..))
                && let Some(head) = Head::decode(rest, salt, place)
                && head.sequence >= found.sequence
                && head.synced > found.end
            {
                return Ok(Some(place));
            }
        }
        at += step as u64;
    }
    Ok(None)
}

/// A file, read through a buffer.
struct Window<'a> {
    file: &'a dyn MediumFile,
    path: PathBuf,
    length: u64,
    buffer: Vec<u8>,
    from: u64,
}

// So much is read at once, or a whole body where that is more.
const BUFFER: u64 = 1024 * 1024;

impl<'a> Window<'a> {
    const fn new(file: &'a dyn MediumFile, path: PathBuf, length: u64) -> Self {
        Self { file, path, length, buffer: Vec::new(), from: 0 }
    }

    /// So many bytes from this place, or nothing if the file ends before.
    fn read(&mut self, at: u64, length: usize) -> Result<Option<&[u8]>> {
        let wanted = length as u64;
        if at.checked_add(wanted).is_none_or(|end| end > self.length) {
            return Ok(None);
        }
        let inside = at >= self.from && at + wanted <= self.from + self.buffer.len() as u64;
        if !inside {
            let size = wanted.max(BUFFER).min(self.length - at);
            self.buffer.resize(usize::try_from(size).unwrap_or(usize::MAX), 0);
            self.from = at;
            read_all(self.file, &mut self.buffer, at).map_err(|e| error::of_io(&self.path, "reading", e))?;
        }
        let start = usize::try_from(at - self.from).unwrap_or(usize::MAX);
        Ok(self.buffer.get(start..start.saturating_add(length)))
    }

    fn damaged(&self, at: u64, what: &str) -> Error {
        error::damaged(&self.path, at, what)
    }
}
