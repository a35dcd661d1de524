//! Which files of a package are read.

use std::path::Path;

use ignore::{DirEntry, WalkBuilder};

use super::Dependencies;
use super::folders::is_dependency;
use crate::language::Language;
use crate::walk::{Sources, list};

/// Folders of tests, and of what bundlers make for browsers.
const LEFT_OUT: &[&str] = &["__mocks__", "__tests__", "spec", "specs", "test", "tests", "umd"];

/// Ends of the names of bundles, without the ending of the language.
const BUNDLES: &[&str] = &[".min", "-min", ".bundle", ".umd", ".iife"];

/// Nobody writes lines of this many bytes.
const MAX_LINE_BYTES: usize = 5_000;

/// Where pnpm keeps the packages that `node_modules` has links to.
const PNPM: &str = ".pnpm";

/// The source files of a package or of a folder of packages. Ignore files do not count here: what is installed is
/// mostly ignored.
pub(super) fn sources(root: &Path, path: &str, choice: Dependencies) -> Sources {
    let mut walk = WalkBuilder::new(root.join(path));
    walk.standard_filters(false).follow_links(false);
    walk.filter_entry(move |entry| entry.depth() == 0 || is_wanted(entry, choice));
    list(root, &walk)
}

fn is_wanted(entry: &DirEntry, choice: Dependencies) -> bool {
    // What is not UTF-8 is named as such by the walk.
    let Some(name) = entry.file_name().to_str() else { return true };
    if name.starts_with('.') {
        return choice == Dependencies::All && name == PNPM;
    }
    if choice == Dependencies::All {
        return true;
    }
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return !is_dependency(entry) && !LEFT_OUT.contains(&name);
    }
    !is_test(name) && !is_bundle(name)
}

fn is_test(name: &str) -> bool {
    match Language::of_path(name).map(Language::family) {
        Some("python") => {
            let stem = name.split('.').next().unwrap_or_default();
            stem == "conftest" || stem.starts_with("test_") || stem.ends_with("_test")
        }
        _ => [".test.", ".spec."].iter().any(|part| name.contains(part)),
    }
}

fn is_bundle(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    BUNDLES.iter().any(|end| stem.ends_with(end))
}

/// Whether the content of a file was made by a bundler or minifier, and not written.
pub(crate) fn is_bundled(content: &[u8], language: Language) -> bool {
    language.family() == Language::JavaScript.family()
        && content.split(|byte| *byte == b'\n').any(|line| line.len() > MAX_LINE_BYTES)
}
