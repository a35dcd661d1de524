//! Which module a JavaScript or TypeScript file is, and which files an import may mean.

use codestrata::model::ModuleFacts;

use crate::dependencies::{last_folder, package_name, rank_at_depth};

/// Endings that importers may leave out or write as `.js`, the likeliest first.
const ENDINGS: [&str; 10] = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".d.ts", ".d.mts"];

/// How much later an `index` file comes than a file with the name of its folder.
const INDEX_RANK: u8 = 20;

/// The folder of packages, from which bare specifiers are imported.
const PACKAGES: &str = "node_modules";

/// The module that a file is: an `index` file stands for its folder. One of a package is known from its
/// `node_modules` on, wherever that lies; the one nearest to the root wins.
pub(super) fn module(path: &str) -> ModuleFacts {
    let (path, depth) = inside(path);
    let (stem, rank) = without_ending(path);
    let rank = u8::try_from(rank).unwrap_or(u8::MAX).saturating_add(depth.map_or(0, rank_at_depth));
    match folder_of_index(stem) {
        Some(folder) => {
            ModuleFacts { stem: folder.to_owned(), rank: rank + INDEX_RANK, ..ModuleFacts::default() }
        }
        None => ModuleFacts { stem: stem.to_owned(), rank, ..ModuleFacts::default() },
    }
}

/// The stems that a specifier in a file may mean. Bare ones (`react`) are packages.
pub(super) fn candidates(path: &str, specifier: &str) -> Vec<String> {
    if !(specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../"))
    {
        return package_name(specifier).map(|name| in_package(name, specifier)).into_iter().collect();
    }
    let (path, packages_depth) = inside(path);
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if folders.pop().is_none() {
                    return Vec::new();
                }
            }
            name => folders.push(name),
        }
    }
    let whole = folders.join("/");
    if packages_depth.is_some() && !whole.starts_with(PACKAGES) {
        // Out of the packages: where that is, the shortened path does not say.
        return Vec::new();
    }
    let (stem, _) = without_ending(&whole);
    vec![folder_of_index(stem).unwrap_or(stem).to_owned()]
}

/// The stem of a specifier in a package. Names of packages may end like files do: `chart.js`.
fn in_package(name: &str, specifier: &str) -> String {
    let whole = format!("{PACKAGES}/{specifier}");
    if name == specifier {
        return whole;
    }
    let (stem, _) = without_ending(&whole);
    folder_of_index(stem).unwrap_or(stem).to_owned()
}

/// A path from its last `node_modules` on, and how deep that lies; the whole path if there is none.
fn inside(path: &str) -> (&str, Option<u8>) {
    last_folder(path, &[PACKAGES]).map_or((path, None), |packages| (packages.from, Some(packages.depth)))
}

/// The path without its ending, and the place of the ending among [`ENDINGS`].
fn without_ending(path: &str) -> (&str, usize) {
    // The longest ending counts: `.d.ts` is not `.ts`.
    ENDINGS
        .iter()
        .enumerate()
        .filter_map(|(rank, ending)| path.strip_suffix(ending).map(|stem| (stem, rank)))
        .min_by_key(|(stem, _)| stem.len())
        .unwrap_or((path, ENDINGS.len()))
}

fn folder_of_index(stem: &str) -> Option<&str> {
    stem.strip_suffix("/index").or((stem == "index").then_some(""))
}
