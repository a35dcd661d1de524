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
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let place = Place { path, folders, file };
    let last = |is_meant: &dyn Fn(&str) -> bool| place.folders.iter().rposition(|folder| is_meant(folder));
    if let Some(source) = last(&|folder| folder == "src") {
        return place.among_sources(source);
    }
    match last(&|folder| CRATE_FOLDERS.contains(&folder)) {
        Some(above) => place.among_crates(above),
        None => place.anywhere(),
    }
}

/// The parts of a path.
struct Place<'a> {
    path: &'a str,
    folders: Vec<&'a str>,
    file: &'a str,
}

impl<'a> Place<'a> {
    /// The first folders of the path.
    fn first(&self, count: usize) -> Vec<&'a str> {
        self.folders.get(..count).unwrap_or_default().to_vec()
    }

    fn folder(&self) -> String {
        self.folders.join("/")
    }

    /// The module of a file that may give its name to the folder.
    fn stem(&self, is_root: bool) -> String {
        let names_folder = self.file == "mod" || is_root && matches!(self.file, "lib" | "main");
        if names_folder { self.folder() } else { self.path.to_owned() }
    }

    /// A file below the folder `src` at this position.
    fn among_sources(self, source: usize) -> Home<'a> {
        let root = self.first(source + 1).join("/");
        let depth = self.folders.len() - source - 1;
        // `src/x/main.rs` is a module like any other, `src/bin/x/main.rs` a program, and so is `src/bin/x.rs`.
        let in_programs = self.folders.get(source + 1) == Some(&"bin") && !(depth == 1 && self.file == "mod");
        let is_single = in_programs && depth == 1;
        let stem = self.stem(depth == 0 || in_programs && depth == 2);
        let program = if is_single { self.path.to_owned() } else { self.first(source + 3).join("/") };
        Home {
            children: if is_single { self.folder() } else { stem.clone() },
            roots: if in_programs { vec![program, root] } else { vec![root] },
            crate_folders: self.first(source),
            is_apart: in_programs || depth == 0 && self.file == "main",
            stem,
        }
    }

    /// A file below the folder `tests`, `examples` or `benches` at this position.
    fn among_crates(self, above: usize) -> Home<'a> {
        let depth = self.folders.len() - above - 1;
        // `tests/main.rs` is a crate whose modules are all files below.
        let stem = self.stem(depth <= 1);
        let own = if depth == 0 { stem.clone() } else { self.first(above + 2).join("/") };
        Home {
            children: if depth == 0 { self.folder() } else { stem.clone() },
            roots: vec![own, self.first(above + 1).join("/")],
            crate_folders: self.first(above),
            is_apart: true,
            stem,
        }
    }

    /// Without such a folder every one above may be the root.
    fn anywhere(self) -> Home<'a> {
        let stem = self.stem(true);
        let depth = self.folders.len();
        let above = (0..=depth).rev().take(MOST_CANDIDATES);
        Home {
            children: stem.clone(),
            roots: match self.file {
                "lib" | "main" => vec![self.folder()],
                "build" => vec![self.path.to_owned()],
                _ => above.map(|count| self.first(count).join("/")).collect(),
            },
            crate_folders: self.first(depth),
            is_apart: matches!(self.file, "main" | "build"),
            stem,
        }
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
            ("src/bin/x/y/main.rs", "src/bin/x/y/main", "src/bin/x/y/main", "src/bin/x"),
            ("tests/main.rs", "tests", "tests", "tests"),
            ("tests/x/y.rs", "tests/x/y", "tests/x/y", "tests/x"),
            ("tests/x/main.rs", "tests/x", "tests/x", "tests/x"),
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
