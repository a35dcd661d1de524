//! The folders in which package managers put what a project uses.

use std::ffi::OsStr;
use std::path::Path;

use ignore::{DirEntry, WalkBuilder};

use crate::walk::slashed;

/// Folders of packages, by their names.
const PACKAGES: &[&str] = &["bower_components", "dist-packages", "node_modules", "site-packages"];

/// What makes a folder `vendor` one of packages: Go's list of modules, Composer's loader.
const VENDOR_FILES: [&str; 2] = ["modules.txt", "autoload.php"];

/// Folders that a tool made or that hold an environment; packages lie deeper in the latter.
const MADE: &[&str] = &["__pycache__", "__pypackages__", "target", "venv"];

/// Endings of such folders.
const MADE_ENDINGS: &[&str] = &[".dist-info", ".egg-info", ".egg"];

/// Folders in which nobody keeps packages.
const CLOSED: &[&str] = &[".codestrata", ".git", ".hg", ".svn", "__pycache__", "target"];

/// Whether a folder is not the project's own. The root itself always is: who names it wants it.
pub(crate) fn is_dependency(entry: &DirEntry) -> bool {
    if entry.depth() == 0 || !is_folder(entry) {
        return false;
    }
    let name = entry.file_name();
    has_name(name, MADE)
        || is_of_packages(entry.path())
        || name.to_str().is_some_and(|name| MADE_ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

fn has_name(name: &OsStr, names: &[&str]) -> bool {
    names.iter().any(|other| name == OsStr::new(other))
}

/// Whether a folder holds packages.
pub(super) fn is_of_packages(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let is_vendor = |path: &Path| path.file_name() == Some(OsStr::new("vendor"));
    has_name(name, PACKAGES)
        || (is_vendor(path) && VENDOR_FILES.iter().any(|file| path.join(file).is_file()))
        || (name == OsStr::new("bundle") && path.parent().is_some_and(is_vendor))
}

/// The folders of packages in a tree, sorted, as paths relative to it; none lies in another. Hidden and ignored folders
/// are looked into: environments and packages usually are both.
pub(super) fn find(root: &Path) -> Vec<String> {
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| {
            let is_inside = entry.depth() > 1 && entry.path().parent().is_some_and(is_of_packages);
            is_folder(entry) && !is_inside && !has_name(entry.file_name(), CLOSED)
        })
        .build();
    // A folder that cannot be entered has nothing that could be read.
    let found = walk.flatten().filter(|entry| entry.depth() > 0 && is_of_packages(entry.path()));
    let mut found: Vec<String> =
        found.filter_map(|entry| entry.path().strip_prefix(root).ok()?.to_str().map(slashed)).collect();
    found.sort_unstable();
    found
}
