//! The seal over the files of a store that was closed: their lengths and hashes.
//!
//! sled trusts its files in ways that damage can abuse: it drops parts of its log in silence, and can panic. So it only gets
//! to see files of a closed store that are exactly as they were when it was closed. The seal is broken, durably, before sled
//! opens the files, because opening changes them.
//!
//! Checking costs one read of all files, at the speed of the page cache when they are in it.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use codestrata_core::Result;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::error;
use crate::folder::{Folder, files};

const NAME: &str = "seal";
const TEMPORARY: &str = "seal.new";
const FIRST_LINE: &str = "codestrata seal 1";
// A line for each file. sled has a file for each value over some 128 KiB, so there may be many.
const MAX_SEAL_BYTES: u64 = 64 * 1024 * 1024;
const CHUNK_BYTES: usize = 1024 * 1024;

/// Syncs all files and seals them.
pub(crate) fn put(folder: &Folder) -> Result<()> {
    let text = describe(folder.path(), true)?;
    folder.sync()?;
    let (path, temporary) = (place(folder, NAME), place(folder, TEMPORARY));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, &path))
        .map_err(|e| error::of_io(&path, "writing", e))?;
    folder.sync()
}

/// Whether there is a seal; an error if the files are not as they were when it was put on.
pub(crate) fn check(folder: &Folder) -> Result<bool> {
    let path = place(folder, NAME);
    let failed = |e| error::of_io(&path, "reading", e);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(other) => return Err(failed(other)),
    };
    let mut sealed = Vec::new();
    file.take(MAX_SEAL_BYTES).read_to_end(&mut sealed).map_err(failed)?;
    let found = describe(folder.path(), false)?;
    if sealed == found.as_bytes() {
        return Ok(true);
    }
    let sealed = String::from_utf8_lossy(&sealed);
    let differs = found.lines().find(|line| !sealed.lines().any(|one| one == *line));
    let file = differs.and_then(|line| line.splitn(3, ' ').nth(2)).unwrap_or("a file that is missing");
    Err(error::corrupt(folder.path(), &format!("it is not as it was when it was closed: see {file}")))
}

/// Takes the seal off, before the files are changed.
pub(crate) fn take_off(folder: &Folder) -> Result<()> {
    let path = place(folder, NAME);
    fs::remove_file(&path).map_err(|e| error::of_io(&path, "removing", e))?;
    folder.sync()
}

fn place(folder: &Folder, name: &str) -> PathBuf {
    folder.path().join(name)
}

/// A line for each file, and one for all of these lines.
fn describe(folder: &Path, sync: bool) -> Result<String> {
    let mut text = format!("{FIRST_LINE}\n");
    for (name, path) in files(folder)? {
        if name == NAME || name == TEMPORARY {
            continue;
        }
        let (length, hash) = hash(&path, sync).map_err(|e| error::of_io(&path, "reading", e))?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{length} {hash:016x} {name}");
    }
    let hash = xxh3_64(text.as_bytes());
    let _ = writeln!(text, "end {hash:016x} the seal itself");
    Ok(text)
}

fn hash(path: &Path, sync: bool) -> io::Result<(u64, u64)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut length) = (Xxh3::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match file.read(&mut chunk) {
            Err(again) if again.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        hasher.update(chunk.get(..read).unwrap_or_default());
        length += u64::try_from(read).unwrap_or_default();
    }
    if sync {
        file.sync_all()?;
    }
    Ok((length, hasher.digest()))
}
