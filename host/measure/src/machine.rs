//! What the machine says: load, memory, bytes on disk.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The memory of this process, in bytes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// What is resident now.
    pub resident: u64,
    /// The most that was resident at once.
    pub peak: u64,
}

impl Memory {
    /// As the kernel counts it (`VmRSS`, `VmHWM`): mapped files that are resident count too.
    ///
    /// # Errors
    /// Where there is no `/proc`, as outside of Linux.
    pub fn now() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let bytes = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field));
            let figure = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
            let bytes = figure.map(|kilobytes| kilobytes * 1024);
            bytes.ok_or_else(|| io::Error::other(format!("/proc/self/status has no {field}")))
        };
        Ok(Self { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
    }
}

/// The load averages of the last 1, 5 and 15 minutes; empty where there is no `/proc`.
#[must_use]
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The processor and the number of threads, for the head of a table.
#[must_use]
pub fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|rest| rest.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{model}, {threads} threads")
}

/// What a file, or the files of a folder, take on the medium, in bytes. Nothing for what is not there.
///
/// # Errors
/// What the medium answers.
pub fn disk_bytes(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;

    let mut bytes = 0;
    each_file(path, &mut |file| {
        bytes += fs::metadata(file)?.blocks() * 512;
        Ok(())
    })?;
    Ok(bytes)
}

/// Visits a file, or the files of a folder and of those in it. Nothing for what is not there.
///
/// # Errors
/// What the medium answers, and the visit.
pub fn each_file(path: &Path, visit: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    if !path.is_dir() {
        return if path.exists() { visit(path) } else { Ok(()) };
    }
    for entry in fs::read_dir(path)? {
        each_file(&entry?.path(), visit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Memory, disk_bytes};

    #[test]
    fn the_files_of_a_folder_and_of_those_in_it_are_added_up() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(disk_bytes(&folder.path().join("absent")).unwrap(), 0);
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        for name in ["a", "inner/b"] {
            std::fs::write(folder.path().join(name), vec![1; 10_000]).unwrap();
        }
        let (both, one) = (disk_bytes(folder.path()), disk_bytes(&folder.path().join("inner/b")));
        assert_eq!(both.unwrap(), 2 * one.unwrap());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_most_that_was_resident_is_no_less_than_what_is() {
        let memory = Memory::now().unwrap();
        assert!(0 < memory.resident && memory.resident <= memory.peak, "{memory:?}");
    }
}
