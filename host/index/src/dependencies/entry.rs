//! As which file an npm package itself is imported: what its `package.json` says.
//!
//! Facts are to depend on a file's path and bytes alone. That a file is the entry of its package is said elsewhere, so
//! it is made part of the file's hash: when `package.json` names another file, both are read again.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::names::last_folder;
use crate::walk::SourceFile;

/// A larger `package.json` is not read.
const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// Endings that `main` may leave out.
const ENDINGS: [&str; 7] = ["", ".js", ".cjs", ".mjs", ".ts", ".jsx", ".tsx"];

/// For the path of each entry, the stem of its package: `node_modules/react`.
pub(crate) type Entries = HashMap<String, String>;

/// The entries among the files of packages.
pub(crate) fn entries(root: &Path, files: &[SourceFile]) -> Entries {
    let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let packages: BTreeSet<(&str, &str)> = files.iter().filter_map(|file| package_of(&file.path)).collect();
    let mut entries = Entries::new();
    for (folder, stem) in packages {
        let named = targets(&root.join(folder).join("package.json"));
        let entry = named.iter().find_map(|target| find(folder, target, &paths));
        // An `index` file beside it is the entry anyhow.
        if let Some(entry) = entry.filter(|entry| !entry.starts_with(&format!("{folder}/index."))) {
            entries.insert(entry, stem.to_owned());
        }
    }
    entries
}

/// The folder of the package that a file is in, and its stem.
fn package_of(path: &str) -> Option<(&str, &str)> {
    let packages = last_folder(path, &["node_modules"])?;
    let mut ends = packages.inside.match_indices('/').map(|(at, _)| at);
    let end = if packages.inside.starts_with('@') { ends.nth(1)? } else { ends.next()? };
    let stem_end = packages.from.len() - packages.inside.len() + end;
    let folder_end = path.len() - packages.inside.len() + end;
    Some((path.get(..folder_end)?, packages.from.get(..stem_end)?))
}

/// The files that a `package.json` names, the likeliest first; none for one that cannot be read.
fn targets(manifest: &Path) -> Vec<String> {
    if !std::fs::symlink_metadata(manifest)
        .is_ok_and(|about| about.is_file() && about.len() <= MAX_MANIFEST_BYTES)
    {
        return Vec::new();
    }
    let Some(manifest): Option<Value> =
        std::fs::read(manifest).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
    else {
        return Vec::new();
    };
    let exported = manifest.get("exports").map(|exports| exports.get(".").unwrap_or(exports));
    let conditions = ["import", "module", "default", "require", "node"];
    let mut found: Vec<&Value> = ["module", "main"].iter().filter_map(|key| manifest.get(key)).collect();
    found.extend(exported);
    for condition in conditions {
        let value = exported.and_then(|exported| exported.get(condition));
        found.extend(value);
        found.extend(value.and_then(|value| value.get("default")));
    }
    found.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The file of a package that is named so.
fn find(folder: &str, target: &str, paths: &HashSet<&str>) -> Option<String> {
    let target = target.trim_start_matches("./").trim_end_matches('/');
    let beside = if target.is_empty() { "index".to_owned() } else { format!("{target}/index") };
    [target, &beside].into_iter().find_map(|target| {
        let candidates = ENDINGS.iter().map(|ending| format!("{folder}/{target}{ending}"));
        candidates.into_iter().find(|path| paths.contains(path.as_str()))
    })
}
