//! What a file is to others by its path, and which files an `#include` may mean.

use codestrata::model::ModuleFacts;

/// The most files that one `#include` may mean.
const MOST_CANDIDATES: usize = 24;

/// Folders in which projects keep the headers that others include, seen from any folder above the file.
const HEADER_FOLDERS: [&str; 3] = ["", "include", "src"];

/// Headers of the standard library of C. A file of the repository that is called so is not what `<string.h>` means.
const STANDARD: [&str; 29] = [
    "assert.h",
    "complex.h",
    "ctype.h",
    "errno.h",
    "fenv.h",
    "float.h",
    "inttypes.h",
    "iso646.h",
    "limits.h",
    "locale.h",
    "math.h",
    "setjmp.h",
    "signal.h",
    "stdalign.h",
    "stdarg.h",
    "stdatomic.h",
    "stdbit.h",
    "stdbool.h",
    "stdckdint.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "stdnoreturn.h",
    "string.h",
    "tgmath.h",
    "threads.h",
    "time.h",
    "wchar.h",
];

/// Global names are one namespace. What a header defines gives way to a source: most of it is declarations. A header
/// that is called so because it holds definitions is like a source.
pub(super) fn module(path: &str) -> ModuleFacts {
    let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
    let has_definitions = matches!(ending, "ipp" | "inl") || stem.ends_with("-inl") || stem.ends_with("_inl");
    let rank = u8::from(is_header(path) && !has_definitions);
    ModuleFacts { stem: String::new(), rank, is_package: false, is_shared: true }
}

/// Whether others include the file, and so see everything in it.
pub(in crate::language) fn is_header(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "h" | "hh" | "hpp" | "hxx" | "h++" | "ipp" | "inl")
}

/// The paths that `"name"` or `<name>` in a file may mean, the likeliest first.
///
/// The folders that a build searches are not known. They are guessed to be the folder of the file, those above it,
/// and the usual ones below those.
pub(super) fn candidates(path: &str, name: &str, is_system: bool) -> Vec<String> {
    if is_system && (STANDARD.contains(&name) || !name.contains('.')) {
        return Vec::new();
    }
    let mut folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    loop {
        for below in HEADER_FOLDERS {
            let parts = [folder, below, name].into_iter().filter(|part| !part.is_empty());
            if let Some(plain) = plain(&parts.collect::<Vec<_>>().join("/"))
                && !found.contains(&plain)
            {
                found.push(plain);
            }
        }
        if folder.is_empty() || found.len() >= MOST_CANDIDATES {
            found.truncate(MOST_CANDIDATES);
            return found;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// A path without `.` and `..`; none when it leads out of the repository.
fn plain(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
