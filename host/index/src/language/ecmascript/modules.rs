//! Which module a JavaScript or TypeScript file is, and which files an import may mean.

use codestrata::model::ModuleFacts;

/// Endings that importers may leave out or write as `.js`, the likeliest first.
const ENDINGS: [&str; 10] = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".d.ts", ".d.mts"];

/// How much later an `index` file comes than a file with the name of its folder.
const INDEX_RANK: u8 = 20;

/// The module that a file is: an `index` file stands for its folder.
pub(super) fn module(path: &str) -> ModuleFacts {
    let (stem, rank) = without_ending(path);
    let rank = u8::try_from(rank).unwrap_or(u8::MAX);
    match folder_of_index(stem) {
        Some(folder) => {
            ModuleFacts { stem: folder.to_owned(), rank: rank + INDEX_RANK, ..ModuleFacts::default() }
        }
        None => ModuleFacts { stem: stem.to_owned(), rank, ..ModuleFacts::default() },
    }
}

/// The stems that a specifier in a file may mean. Bare ones (`react`) are packages from elsewhere: none.
pub(super) fn candidates(path: &str, specifier: &str) -> Vec<String> {
    if !(specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../"))
    {
        return Vec::new();
    }
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
    let (stem, _) = without_ending(&whole);
    vec![folder_of_index(stem).unwrap_or(stem).to_owned()]
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
