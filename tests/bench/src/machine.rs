//! What the machine says: load, memory, bytes on disk; and dropping files from its page cache.

use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{Advice, fadvise};
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// The memory of this process, in bytes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What is resident now.
    pub(crate) resident: u64,
    /// The most that was resident at once.
    pub(crate) peak: u64,
}

impl Memory {
    /// As the kernel counts it (`VmRSS`, `VmHWM`): mapped files that are resident count too.
    pub(crate) fn now() -> Outcome<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let bytes = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field));
            let figure = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
            figure.map(|kilobytes| kilobytes * 1024).ok_or(format!("/proc/self/status has no {field}"))
        };
        Ok(Self { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
    }
}

/// The load averages of the last 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The processor and the number of threads, for the head of a table.
pub(crate) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|rest| rest.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{model}, {threads} threads")
}

/// What a file, or the files of a folder, take on the medium.
pub(crate) fn disk_bytes(path: &Path) -> Outcome<u64> {
    use std::os::unix::fs::MetadataExt;

    let mut bytes = 0;
    each_file(path, &mut |file| {
        bytes += fs::metadata(file)?.blocks() * 512;
        Ok(())
    })?;
    Ok(bytes)
}

/// Syncs a file, or the files of a folder, and asks the kernel to forget its pages of them.
pub(crate) fn drop_page_cache(path: &Path) -> Outcome<()> {
    each_file(path, &mut |file| {
        let file = File::open(file)?;
        file.sync_all()?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        Ok(())
    })
}

fn each_file(path: &Path, visit: &mut dyn FnMut(&Path) -> Outcome<()>) -> Outcome<()> {
    if !path.is_dir() {
        return if path.exists() { visit(path) } else { Ok(()) };
    }
    for entry in fs::read_dir(path)? {
        each_file(&entry?.path(), visit)?;
    }
    Ok(())
}

/// A runtime as programs of one thread have it: work is done where it is awaited.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
