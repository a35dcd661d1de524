//! Which module a Rust file is, and where other modules and crates may lie.

use codestrata::model::ModuleFacts;

/// The most candidates of one import.
pub(super) const MOST_CANDIDATES: usize = 6;

/// Folders of which every file is a crate of its own.
const CRATE_FOLDERS: [&str; 3] = ["tests", "examples", "benches"];

/// Where a file stands in its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home<'a> {
    /// The module that the file is.
    pub(super) stem: String,
    /// Where the files of its `mod x;` lie.
    pub(super) children: String,
    /// What `crate` may mean in it, the likeliest first.
    pub(super) roots: Vec<String>,
    /// The folders above the crate's sources, its own included.
    crate_folders: Vec<&'a str>,
    /// Whether it belongs to a test, an example or a program, and not to the library.
    is_apart: bool,
}

pub(super) fn module(path: &str) -> ModuleFacts {
    // A program beside a library gives way to it.
    let rank = u8::from(path.ends_with("/main.rs") || path == "main.rs");
    ModuleFacts { stem: home(path).stem, rank, is_package: false, is_shared: true }
}

/// Where a file stands: sources lie in `src`, crates of one file in `tests` and the like. Without such a folder nobody
/// knows where the crate begins.
pub(super) fn home(path: &str) -> Home<'_> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Vec<&str> = path.split('/').collect();
    let file = parts.pop().unwrap_or_default();
    let folders = parts;
    let join = |until: usize| folders.get(..until).unwrap_or_default().join("/");
    let of_folder = matches!(file, "mod") || matches!(file, "lib" | "main");
    let stem = if of_folder { folders.join("/") } else { path.to_owned() };
    let crate_folders = |until: usize| folders.get(..until).unwrap_or_default().to_vec();
    if let Some(source) = folders.iter().rposition(|folder| *folder == "src") {
        let root = join(source + 1);
        let depth = folders.len() - source - 1;
        let is_named = matches!(file, "lib" | "main" | "mod");
        // `src/x/main.rs` is a module like any other, `src/bin/x/main.rs` a program.
        let in_bin = folders.get(source + 1) == Some(&"bin") && !(depth == 1 && file == "mod");
        let is_root = depth == 0 && is_named;
        let stem = if is_root || file == "mod" || in_bin { stem } else { path.to_owned() };
        let program = if in_bin && depth == 1 { path.to_owned() } else { join(source + 3) };
        return Home {
            children: if in_bin && depth == 1 { folders.join("/") } else { stem.clone() },
            roots: if in_bin { vec![program, root] } else { vec![root] },
            crate_folders: crate_folders(source),
            is_apart: in_bin || is_root && file == "main",
            stem,
        };
    }
    if let Some(above) = folders.iter().rposition(|folder| CRATE_FOLDERS.contains(folder)) {
        let depth = folders.len() - above - 1;
        let own = if depth == 0 { path.to_owned() } else { join(above + 2) };
        return Home {
            children: if depth == 0 { folders.join("/") } else { stem.clone() },
            roots: vec![own, join(above + 1)],
            crate_folders: crate_folders(above),
            is_apart: true,
            stem,
        };
    }
    let roots = match file {
        "lib" | "main" => vec![folders.join("/")],
        "build" => vec![path.to_owned()],
        _ => (0..=folders.len()).rev().take(MOST_CANDIDATES).map(join).collect(),
    };
    Home {
        children: stem.clone(),
        roots,
        crate_folders: crate_folders(folders.len()),
        is_apart: matches!(file, "main" | "build"),
        stem,
    }
}

impl Home<'_> {
    /// The roots that another crate may have, by the names of folders: nothing in a file says where its dependencies lie.
    ///
    /// A crate at the root of the repository has no name there. Its tests and programs can mean it by any, so it is the
    /// last candidate.
    pub(super) fn other_crate(&self, name: &str) -> Vec<String> {
        let mut candidates: Vec<String> = Vec::new();
        let mut add = |folders: &[&str], more: &[&str]| {
            let candidate = [folders, more].concat().join("/");
            if candidates.len() < MOST_CANDIDATES && !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        };
        let dashed = name.replace('_', "-");
        let folders = self.crate_folders.as_slice();
        if folders.last().is_some_and(|own| own.replace('-', "_") == name) {
            add(folders, &["src"]);
        }
        for depth in (0..folders.len()).rev() {
            let above = folders.get(..depth).unwrap_or_default();
            add(above, &[&dashed, "src"]);
            add(above, &[name, "src"]);
        }
        for above in [&[][..], &["crates"]] {
            add(above, &[&dashed, "src"]);
            add(above, &[name, "src"]);
        }
        if folders.is_empty() && self.is_apart {
            add(&[], &["src"]);
        }
        candidates
    }
}

/// A module in another one, which may be the root of the repository.
pub(super) fn join(module: &str, names: &[&str]) -> String {
    let parts = std::iter::once(module).chain(names.iter().copied()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("/")
}

/// The module around one.
pub(super) fn parent(module: &str) -> &str {
    module.rsplit_once('/').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::home;

    #[test]
    fn the_module_of_a_file_follows_from_its_path() {
        for (path, stem, children, root) in [
            ("src/lib.rs", "src", "src", "src"),
            ("a/src/main.rs", "a/src", "a/src", "a/src"),
            ("a/src/b.rs", "a/src/b", "a/src/b", "a/src"),
            ("a/src/b/mod.rs", "a/src/b", "a/src/b", "a/src"),
            ("a/src/b/main.rs", "a/src/b/main", "a/src/b/main", "a/src"),
            ("src/bin/x.rs", "src/bin/x", "src/bin", "src/bin/x"),
            ("src/bin/x/main.rs", "src/bin/x", "src/bin/x", "src/bin/x"),
            ("src/bin/x/y.rs", "src/bin/x/y", "src/bin/x/y", "src/bin/x"),
            ("src/bin/mod.rs", "src/bin", "src/bin", "src"),
            ("a/tests/x.rs", "a/tests/x", "a/tests", "a/tests/x"),
            ("tests/common/mod.rs", "tests/common", "tests/common", "tests/common"),
            ("src/tests/x.rs", "src/tests/x", "src/tests/x", "src"),
            ("build.rs", "build", "build", "build"),
            ("a/b.rs", "a/b", "a/b", "a"),
        ] {
            let home = home(path);
            let root_found = home.roots.first().map_or("", String::as_str);
            assert_eq!(
                (home.stem.as_str(), home.children.as_str(), root_found),
                (stem, children, root),
                "{path}"
            );
        }
    }

    #[test]
    fn other_crates_are_folders_beside_the_own_one() {
        let of = |path: &str, name: &str| home(path).other_crate(name).join(" ");
        assert_eq!(of("crates/a/src/x.rs", "b_c"), "crates/b-c/src crates/b_c/src b-c/src b_c/src");
        assert_eq!(of("crates/a-b/tests/x.rs", "a_b"), "crates/a-b/src crates/a_b/src a-b/src a_b/src");
        assert_eq!(of("src/x.rs", "serde"), "serde/src crates/serde/src");
        assert_eq!(of("tests/x.rs", "own"), "own/src crates/own/src src");
    }
}
