//! Which module a Python file is, and which files an import may mean.

use codestrata::model::ModuleFacts;

use super::standard_library;
use crate::dependencies::last_folder;

/// The most candidates of one import.
const MOST_CANDIDATES: usize = 8;

/// Folders in which projects keep their packages.
const SOURCE_FOLDERS: [&str; 2] = ["src", "lib"];

/// Folders of sources beside those that they are about: what stands around such a folder may be a project of its own.
const BESIDE_FOLDERS: [&str; 7] = ["tests", "test", "testing", "examples", "docs", "scripts", "benchmarks"];

/// Stands behind a folder from which a module is imported only if the folder is no package.
const OUTSIDE_OF_PACKAGES: &str = "//";

/// Folders from which modules are imported wherever they lie.
const SITES: [&str; 2] = ["site-packages", "dist-packages"];

/// What is installed comes after what the project has of the same name.
const INSTALLED_RANK: u8 = 100;

/// The module that a file is. A package wins over a module of the same name, as in Python; a stub over neither.
pub(super) fn module(path: &str) -> ModuleFacts {
    let (path, depth) = inside(path);
    let installed = depth.map_or(0, |depth| INSTALLED_RANK.saturating_add(depth.min(30) * 4));
    let (stem, is_stub) = match path.strip_suffix(".pyi") {
        Some(stem) => (stem, true),
        None => (path.strip_suffix(".py").unwrap_or(path), false),
    };
    let package = stem.strip_suffix("/__init__").or((stem == "__init__").then_some(""));
    let rank = installed + u8::from(package.is_none()) + 2 * u8::from(is_stub);
    let is_package = package.is_some();
    ModuleFacts { stem: package.unwrap_or(stem).to_owned(), rank, is_package, is_shared: false }
}

/// The stems that `from ..name import` in a file may mean; `dots` counts the dots, `name` may be empty.
pub(super) fn relative(path: &str, dots: usize, name: &str) -> Vec<String> {
    let mut folders: Vec<&str> = folders(path);
    for _ in 1..dots {
        if folders.pop().is_none() {
            return Vec::new();
        }
    }
    folders.extend(name.split('.').filter(|part| !part.is_empty()));
    vec![folders.join("/")]
}

/// The stems that `import name` in a file may mean, the likeliest first.
///
/// A project's folder can lie anywhere in the repository. If a folder above the file has the name of the top-level
/// package, that folder is meant. Then come the usual places, what lies beside the file's tests, and the file's
/// neighbours, as for a script. Modules of the standard library are found nowhere else than in a folder above the file.
///
/// What starts in a folder above that turns out to be a package itself is not meant: in `app/json/a.py`, `json` is not
/// `app.json`.
pub(super) fn absolute(path: &str, name: &str) -> Vec<String> {
    let top = name.split('.').next().unwrap_or(name);
    let relative = name.replace('.', "/");
    let folders = folders(path);
    let mut candidates = Vec::new();
    let mut add = |prefix: &[&str], separator: &str| {
        let stem = match prefix {
            [] => relative.clone(),
            _ => format!("{}{separator}{relative}", prefix.join("/")),
        };
        if candidates.len() < MOST_CANDIDATES && !candidates.contains(&stem) {
            candidates.push(stem);
        }
    };
    for (depth, _) in folders.iter().enumerate().rev().filter(|(_, folder)| **folder == top) {
        add(folders.get(..depth).unwrap_or_default(), OUTSIDE_OF_PACKAGES);
    }
    if !standard_library::contains(top) {
        add(&[], "/");
        for folder in SOURCE_FOLDERS {
            add(&[folder], "/");
        }
        let beside = folders.iter().rposition(|folder| BESIDE_FOLDERS.contains(folder));
        if let Some(project) = beside.and_then(|beside| folders.get(..beside)) {
            let sources = SOURCE_FOLDERS.iter().take(usize::from(!project.is_empty()));
            add(project, OUTSIDE_OF_PACKAGES);
            for folder in sources {
                add(&[project, &[*folder]].concat(), OUTSIDE_OF_PACKAGES);
            }
        }
        add(&folders, "/");
    }
    candidates
}

/// The part of a path inside the last folder of installed packages, and how deep that lies; the whole path if there
/// is none.
fn inside(path: &str) -> (&str, Option<u8>) {
    match last_folder(path, &SITES) {
        None => (path, None),
        Some(site) => (site.inside, Some(site.depth)),
    }
}

fn folders(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = inside(path).0.split('/').collect();
    parts.pop();
    parts
}
