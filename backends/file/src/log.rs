//! The end of the log: where frames are appended, new files begun and old ones given up.
//!
//! Only the last log file is written to, and only at its end. It is synced before the next one is begun, so all
//! others are on the medium to their last byte. Which files make up the log is said by the manifest, which is
//! replaced as a whole: a new one is written under another name, synced, and renamed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind};

use crate::error;
use crate::format::{FileKind, HEAD_BYTES, Head, MANIFEST, NEW_MANIFEST, log_name, path_of};
use crate::frame::{self, Draft, Salt};
use crate::medium::{Medium, MediumFile, write_all};
use crate::replay::Found;

/// One log file. It can be read for as long as this is kept, even when it was removed.
pub(crate) struct Log {
    pub(crate) number: u32,
    pub(crate) file: Arc<dyn MediumFile>,
    pub(crate) salt: Salt,
    /// The sequence number of its first frame.
    pub(crate) sequence: u64,
}

/// The log files by their numbers.
pub(crate) type Logs = BTreeMap<u32, Arc<Log>>;

/// Why something was not done.
pub(crate) enum Failure {
    /// Nothing has changed, and the store goes on.
    Refused(Error),
    /// Nobody knows what the medium has.
    Lost(Error),
}

type Outcome<T = ()> = Result<T, Failure>;

/// Where the log is appended to.
pub(crate) struct Appender {
    medium: Arc<dyn Medium>,
    folder: Arc<Path>,
    store: u128,
    /// At what size a new file is begun.
    most_bytes: u64,
    logs: Arc<Logs>,
    /// How long the files before the last one are.
    sealed: BTreeMap<u32, u64>,
    last: Arc<Log>,
    end: u64,
    synced: u64,
    sequence: u64,
    /// How many frames were appended since the last sync.
    frames: u32,
    /// Whether anything was written since, a mark included.
    dirty: bool,
    /// Whether there is a mark behind the last frame, or no frame at all.
    marked: bool,
}

impl Appender {
    /// Goes on after what was found. The files are in `logs`, the lengths of all but the last in `sealed`.
    pub(crate) fn new(
        medium: Arc<dyn Medium>,
        folder: Arc<Path>,
        store: u128,
        most_bytes: u64,
        logs: Logs,
        sealed: BTreeMap<u32, u64>,
        found: &Found,
    ) -> Option<Self> {
        let last = Arc::clone(logs.last_key_value()?.1);
        Some(Self {
            medium,
            folder,
            store,
            most_bytes,
            logs: Arc::new(logs),
            sealed,
            last,
            end: found.end,
            synced: found.end,
            sequence: found.sequence,
            frames: 0,
            dirty: false,
            marked: found.marked || found.end == HEAD_BYTES,
        })
    }

    pub(crate) fn logs(&self) -> &Arc<Logs> {
        &self.logs
    }

    /// The number of the file that is written to, and where its next frame goes.
    pub(crate) fn end(&self) -> (u32, u64) {
        (self.last.number, self.end)
    }

    /// The bytes of all log files.
    pub(crate) fn bytes(&self) -> u64 {
        self.sealed.values().sum::<u64>() + self.end
    }

    pub(crate) const fn has_unsynced(&self) -> bool {
        self.frames > 0
    }

    /// Begins a new file if the last one has its size. The next frame goes to [`end`](Self::end) then.
    pub(crate) fn reserve(&mut self) -> Outcome {
        if self.end >= self.most_bytes { self.begin_file() } else { Ok(()) }
    }

    /// Appends a frame.
    pub(crate) fn append(&mut self, draft: &mut Draft) -> Outcome {
        if draft.body().len() > frame::MAX_BODY {
            let message = format!("a frame of {} bytes is over the limit", draft.len());
            return Err(Failure::Refused(Error::new(ErrorKind::TooLarge, message)));
        }
        let bytes = draft.finish(self.sequence, self.synced, self.last.salt, self.end);
        self.marked = false;
        self.dirty = true;
        if let Err(failed) = write_all(&*self.last.file, bytes, self.end) {
            return Err(self.take_back(failed));
        }
        self.end += bytes.len() as u64;
        self.sequence += 1;
        self.frames += 1;
        Ok(())
    }

    /// Cuts off what a failed write has left, if it failed for want of room.
    fn take_back(&mut self, failed: io::Error) -> Failure {
        let path = self.path_of(self.last.number);
        if !error::is_full(&failed) {
            return lost(&path, "writing", failed);
        }
        // Synced, so that what is written there next cannot be mixed up with it.
        match self.last.file.cut(self.end).and_then(|()| self.last.file.sync()) {
            Ok(()) => {
                self.is_synced();
                Failure::Refused(error::of_io(&path, "writing", failed))
            }
            Err(worse) => lost(&path, "cutting", worse),
        }
    }

    /// Waits until everything that was appended is on the medium.
    pub(crate) fn sync(&mut self) -> Outcome {
        let frames = self.frames;
        if frames > 0 {
            self.sync_file()?;
        }
        // Each frame says that those before it were synced; of several that were synced together, only a mark does.
        if frames > 1 { self.mark() } else { Ok(()) }
    }

    fn sync_file(&mut self) -> Outcome {
        if self.dirty {
            let path = || self.path_of(self.last.number);
            self.last.file.sync().map_err(|e| lost(&path(), "syncing", e))?;
            self.is_synced();
        }
        Ok(())
    }

    const fn is_synced(&mut self) {
        self.synced = self.end;
        self.frames = 0;
        self.dirty = false;
    }

    /// Writes behind the last frame that it is on the medium. The next frame is written over it.
    fn mark(&mut self) -> Outcome {
        let bytes = frame::Head::of(&[], self.sequence, self.synced, self.last.salt, self.end)
            .encode(self.last.salt, self.end);
        self.dirty = true;
        match write_all(&*self.last.file, &bytes, self.end) {
            Ok(()) => {
                self.marked = true;
                Ok(())
            }
            Err(failed) => match self.take_back(failed) {
                // It was a courtesy.
                Failure::Refused(_) => Ok(()),
                lost @ Failure::Lost(_) => Err(lost),
            },
        }
    }

    /// Syncs everything, and says so in the file, so that from now on any damage to it is noticed.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.sync()?;
        if !self.marked {
            self.mark()?;
        }
        self.sync_file()
    }

    /// Begins a new file, unless the last one is empty; everything before the answer is then in older files.
    pub(crate) fn seal(&mut self) -> Outcome<u32> {
        if self.end > HEAD_BYTES {
            self.begin_file()?;
        }
        Ok(self.last.number)
    }

    fn begin_file(&mut self) -> Outcome {
        // The mark too: a file that is not the last must be whole to its last byte.
        self.sync_file()?;
        let number = self.last.number.checked_add(1).ok_or_else(|| {
            let message = format!("{} has had 4 billion log files", self.folder.display());
            Failure::Refused(Error::new(ErrorKind::Full, message).with_help("copy it into a new store"))
        })?;
        let name = log_name(number);
        let log = make_log(&*self.medium, &self.folder, self.store, number, self.sequence)?;
        // The manifest must not be kept when the name of the log file is lost.
        self.sync_folder()?;
        self.write_manifest(self.first(), number).inspect_err(|failed| {
            // After any other failure the manifest may have got its name, and names the file.
            if matches!(failed, Failure::Refused(_)) {
                let _ = self.medium.remove(&name);
            }
        })?;
        self.sync_folder()?;
        let log = Arc::new(log);
        self.sealed.insert(self.last.number, self.end);
        Arc::make_mut(&mut self.logs).insert(number, Arc::clone(&log));
        self.last = log;
        (self.end, self.synced) = (HEAD_BYTES, HEAD_BYTES);
        self.marked = true;
        Ok(())
    }

    /// Gives up the files before this one, which nothing refers to any more.
    pub(crate) fn give_up_before(&mut self, number: u32) -> Outcome {
        self.sync()?;
        self.write_manifest(number, self.last.number)?;
        self.sync_folder()?;
        let kept = Arc::make_mut(&mut self.logs).split_off(&number);
        let gone = std::mem::replace(Arc::make_mut(&mut self.logs), kept);
        self.sealed = self.sealed.split_off(&number);
        for old in gone.keys() {
            // One that stays is removed when the store is opened.
            let _ = self.medium.remove(&log_name(*old));
        }
        Ok(())
    }

    fn first(&self) -> u32 {
        self.logs.first_key_value().map_or(self.last.number, |(first, _)| *first)
    }

    fn write_manifest(&self, first: u32, last: u32) -> Outcome {
        write_manifest(&*self.medium, &self.folder, self.store, first, last)
    }

    fn sync_folder(&self) -> Outcome {
        self.medium.sync().map_err(|e| lost(&self.folder, "syncing", e))
    }

    fn path_of(&self, number: u32) -> PathBuf {
        path_of(&self.folder, &log_name(number))
    }

    /// Checks that the manifest says what it should.
    pub(crate) fn check_manifest(&self) -> codestrata_core::Result<()> {
        let path = path_of(&self.folder, MANIFEST);
        let file = self.medium.open(MANIFEST, false).map_err(|e| error::of_io(&path, "opening", e))?;
        let head = Head::read(&*file, FileKind::Manifest, &path)?;
        if head == manifest(self.store, self.first(), self.last.number) {
            return Ok(());
        }
        Err(error::damaged(&path, 24, "it is that of another state of the store"))
    }
}

const fn manifest(store: u128, first: u32, last: u32) -> Head {
    Head { store, first: first as u64, second: last as u64 }
}

/// Makes a log file with its head, and sees it onto the medium. Its name is not synced.
pub(crate) fn make_log(
    medium: &dyn Medium,
    folder: &Path,
    store: u128,
    number: u32,
    sequence: u64,
) -> Outcome<Log> {
    let (name, head) = (log_name(number), Head { store, first: u64::from(number), second: sequence });
    let file = make_file(medium, folder, &name, &head.encode(FileKind::Log))?;
    Ok(Log { number, file, salt: Salt::of(store, number), sequence })
}

/// Replaces the manifest. Its name is not synced.
pub(crate) fn write_manifest(
    medium: &dyn Medium,
    folder: &Path,
    store: u128,
    first: u32,
    last: u32,
) -> Outcome {
    let bytes = manifest(store, first, last).encode(FileKind::Manifest);
    make_file(medium, folder, NEW_MANIFEST, &bytes)?;
    medium
        .rename(NEW_MANIFEST, MANIFEST)
        .map_err(|e| refused_or_lost(&path_of(folder, NEW_MANIFEST), "renaming", e))
}

fn make_file(medium: &dyn Medium, folder: &Path, name: &str, bytes: &[u8]) -> Outcome<Arc<dyn MediumFile>> {
    let made = match medium.create(name) {
        // Left by a crash, or by a failure before this one.
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => {
            medium.remove(name).and_then(|()| medium.create(name))
        }
        made => made,
    };
    let path = path_of(folder, name);
    let file = made.map_err(|e| refused_or_lost(&path, "making", e))?;
    match write_all(&*file, bytes, 0).and_then(|()| file.sync()) {
        Ok(()) => Ok(file),
        Err(failed) => {
            // Nothing refers to it.
            let _ = medium.remove(name);
            Err(refused_or_lost(&path, "making", failed))
        }
    }
}

fn refused_or_lost(path: &Path, doing: &str, failed: io::Error) -> Failure {
    if error::is_full(&failed) || error::is_out_of_files(&failed) {
        Failure::Refused(error::of_io(path, doing, failed))
    } else {
        lost(path, doing, failed)
    }
}

fn lost(path: &Path, doing: &str, failed: io::Error) -> Failure {
    let message = format!("{doing} {} failed: {failed}", path.display());
    Failure::Lost(Error::new(ErrorKind::Poisoned, message).with_source(failed))
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) | Failure::Lost(error) => error,
        }
    }
}
