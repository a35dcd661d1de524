//! Opening a store: which files make it up, what is in them, and what a crash has left.
//!
//! The order is that of caution. Everything is read and understood before anything is changed: a store that is
//! damaged stays as it was found. Then the torn end is cut, what may not have reached the medium is written there
//! once more, and files that belong to nothing are removed. Each of these can be repeated, so a recovery that is
//! killed is simply begun again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, OpenMode, Result};

use crate::config::FileConfig;
use crate::format::{FileKind, HEAD_BYTES, Head, MANIFEST, NEW_MANIFEST, log_name, log_number, path_of};
use crate::frame::{Recorded, Salt};
use crate::index::{Index, Place};
use crate::log::{Appender, Log, Logs, make_log, write_manifest};
use crate::medium::{Medium, MediumFile, read_all, write_all};
use crate::replay::{Found, Part, replay};
use crate::view::View;
use crate::{error, frame};

/// What the files of a store say.
struct Contents {
    store: u128,
    logs: Logs,
    /// How long all log files but the last are.
    sealed: BTreeMap<u32, u64>,
    index: Index,
    /// How the last log file was found.
    found: Found,
    /// Files that belong to nothing.
    leftovers: Vec<String>,
}

/// Opens a store to read it. Nothing is changed: a torn end is passed over.
pub(crate) fn open_reader(medium: &dyn Medium, folder: &Arc<Path>) -> Result<View> {
    let manifest = read_manifest(medium, folder)?.ok_or_else(|| not_found(folder))?;
    let contents = read(medium, folder, &manifest, false)?;
    let bytes = contents.sealed.values().sum::<u64>() + contents.found.end;
    Ok(View::new(contents.index, Arc::new(contents.logs), contents.found.end, bytes, Arc::clone(folder)))
}

/// Opens a store to write to it, making it first if the mode says so.
pub(crate) fn open_writer(
    medium: Arc<dyn Medium>,
    folder: &Arc<Path>,
    config: &FileConfig,
) -> Result<(Appender, Index)> {
    let manifest = match read_manifest(&*medium, folder)? {
        Some(manifest) => manifest,
        None if config.mode == OpenMode::Create => {
            create(&*medium, folder)?;
            read_manifest(&*medium, folder)?.ok_or_else(|| not_found(folder))?
        }
        None => return Err(not_found(folder)),
    };
    let contents = read(&*medium, folder, &manifest, true)?;
    let (number, _) = contents.logs.last_key_value().ok_or_else(|| not_found(folder))?;
    let last = path_of(folder, &log_name(*number));
    if let Some(log) = contents.logs.get(number) {
        mend(&*log.file, &contents.found).map_err(|e| error::of_io(&last, "recovering", e))?;
    }
    for name in &contents.leftovers {
        let removed = medium.remove(name);
        removed.map_err(|e| error::of_io(&path_of(folder, name), "removing", e))?;
    }
    if !contents.leftovers.is_empty() {
        medium.sync().map_err(|e| error::of_io(folder, "syncing", e))?;
    }
    let Contents { store, logs, sealed, index, found, .. } = contents;
    let appender =
        Appender::new(medium, Arc::clone(folder), store, config.log_file_bytes, logs, sealed, &found)
            .ok_or_else(|| not_found(folder))?;
    Ok((appender, index))
}

fn not_found(folder: &Path) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no store in {}", folder.display()))
        .with_help("name the folder of a store, or open it in the mode that creates")
}

/// The manifest, or nothing if there is no store yet; an error if there is something else.
fn read_manifest(medium: &dyn Medium, folder: &Path) -> Result<Option<Head>> {
    let path = path_of(folder, MANIFEST);
    match medium.open(MANIFEST, false) {
        Ok(file) => return Head::read(&*file, FileKind::Manifest, &path).map(Some),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
        Err(other) => return Err(of_file(&path, other)),
    }
    // What a store has that was killed while it was made: the first log file without any frame, and a manifest that
    // has not got its name yet. With anything else this was a store, or is none of ours.
    for name in medium.names().map_err(|e| error::of_io(folder, "reading", e))? {
        match log_number(&name) {
            Some(1) => {
                let file = medium.open(&name, false).map_err(|e| of_file(&path_of(folder, &name), e))?;
                if length_of(&*file, &path_of(folder, &name))? > HEAD_BYTES {
                    return Err(error::missing(&path));
                }
            }
            Some(_) => return Err(error::missing(&path)),
            None if name == NEW_MANIFEST => {}
            None => return Err(error::foreign(folder, "a folder of other things")),
        }
    }
    Ok(None)
}

/// Makes an empty store in an empty folder. The manifest comes last: with it there is a store.
fn create(medium: &dyn Medium, folder: &Path) -> Result<()> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|failed| {
        let message = "the system has no random numbers to name the store with";
        Error::new(ErrorKind::Unavailable, message).with_source(io::Error::other(failed.to_string()))
    })?;
    let store = u128::from_le_bytes(random);
    make_log(medium, folder, store, 1, 1)?;
    // The name of the log file must not be lost when that of the manifest is kept.
    medium.sync().map_err(|e| error::of_io(folder, "syncing", e))?;
    write_manifest(medium, folder, store, 1, 1)?;
    medium.sync().map_err(|e| error::of_io(folder, "syncing", e))
}

/// Reads all log files.
fn read(medium: &dyn Medium, folder: &Path, manifest: &Head, writable: bool) -> Result<Contents> {
    let (first, last) = numbers(manifest, &path_of(folder, MANIFEST))?;
    let mut contents = Contents {
        store: manifest.store,
        logs: Logs::new(),
        sealed: BTreeMap::new(),
        index: Index::default(),
        found: Found { end: HEAD_BYTES, length: 0, sequence: 0, synced: 0, marked: false },
        leftovers: leftovers(medium, folder, first, last)?,
    };
    for number in first..=last {
        let path = path_of(folder, &log_name(number));
        let log = open_log(medium, folder, manifest.store, number, writable && number == last)?;
        if number > first && log.sequence != contents.found.sequence {
            return Err(error::damaged(
                &path_of(folder, &log_name(number - 1)),
                contents.found.end,
                "its last frames are missing",
            ));
        }
        let part = if number == last { Part::Last } else { Part::Sealed };
        let index = &mut contents.index;
        contents.found = replay(&log, &path, log.sequence, part, |operation, offset| {
            enter(index, operation, number, offset);
        })?;
        if part == Part::Sealed {
            contents.sealed.insert(number, contents.found.end);
        }
        contents.logs.insert(number, Arc::new(log));
    }
    Ok(contents)
}

fn numbers(manifest: &Head, path: &Path) -> Result<(u32, u32)> {
    match (u32::try_from(manifest.first), u32::try_from(manifest.second)) {
        (Ok(first), Ok(last)) if 1 <= first && first <= last => Ok((first, last)),
        _ => Err(error::damaged(path, 40, "it names no log files")),
    }
}

/// Files of ours that the manifest does not name: given up by a compaction, or begun and not taken into use.
fn leftovers(medium: &dyn Medium, folder: &Path, first: u32, last: u32) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in medium.names().map_err(|e| error::of_io(folder, "reading", e))? {
        let number = log_number(&name);
        if number.is_some_and(|number| number > last) {
            let path = path_of(folder, &name);
            let file = medium.open(&name, false).map_err(|e| of_file(&path, e))?;
            if length_of(&*file, &path)? > HEAD_BYTES {
                let what = format!("it does not name {name}, which has something in it");
                return Err(error::damaged(&path_of(folder, MANIFEST), 48, &what));
            }
        }
        if name == NEW_MANIFEST || number.is_some_and(|number| number < first || number > last) {
            found.push(name);
        }
    }
    Ok(found)
}

fn open_log(medium: &dyn Medium, folder: &Path, store: u128, number: u32, writable: bool) -> Result<Log> {
    let name = log_name(number);
    let path = path_of(folder, &name);
    let file = match medium.open(&name, writable) {
        Ok(file) => file,
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => {
            return Err(error::missing(&path).with_source(gone));
        }
        Err(other) => return Err(of_file(&path, other)),
    };
    let head = Head::read(&*file, FileKind::Log, &path)?;
    if head.store != store {
        return Err(error::damaged(&path, 24, "it belongs to another store"));
    }
    if head.first != u64::from(number) {
        return Err(error::damaged(&path, 40, "another log file has its name"));
    }
    Ok(Log { number, file, salt: Salt::of(store, number), sequence: head.second })
}

/// Takes an operation of the log into the index.
fn enter(index: &mut Index, operation: &Recorded<'_>, log: u32, offset: u64) {
    match operation {
        Recorded::Put(key, value, _) => {
            // Files are far smaller than 4 GiB, and so are values.
            let place = Place {
                log,
                offset: u32::try_from(offset).unwrap_or(u32::MAX),
                length: u32::try_from(value.len()).unwrap_or(u32::MAX),
                check: frame::check_of(value),
            };
            index.insert(key, place);
        }
        Recorded::Delete(key) => drop(index.remove(key)),
        Recorded::DeleteRange(start, end) => {
            let owned = codestrata_core::Bytes::copy_from_slice;
            let range = codestrata_core::KeyRange::new(owned(start), end.map(owned));
            index.remove_range(&range);
        }
    }
}

/// Cuts a torn end, and brings what the last process wrote onto the medium.
///
/// What is read from a file need not be on the medium: it may have been written and never synced, or its sync may
/// have failed, after which a system calls the pages clean. So it is written once more, and then synced.
fn mend(file: &dyn MediumFile, found: &Found) -> io::Result<()> {
    const STEP: u64 = 1024 * 1024;
    if found.is_torn() {
        file.cut(found.end)?;
    }
    if found.marked && !found.is_torn() {
        return Ok(());
    }
    let mut at = found.synced;
    while at < found.end {
        let size = STEP.min(found.end - at);
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        read_all(file, &mut bytes, at)?;
        write_all(file, &bytes, at)?;
        at += size;
    }
    file.sync()
}

fn length_of(file: &dyn MediumFile, path: &Path) -> Result<u64> {
    file.length().map_err(|e| error::of_io(path, "reading", e))
}

/// A file that should be ours and cannot be opened.
fn of_file(path: &Path, failed: io::Error) -> Error {
    if failed.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return error::unfit(path, "a symbolic link").with_source(failed);
    }
    error::of_io(path, "opening", failed)
}
