//! Which package a Go file is, and which folders an import may mean.

use codestrata::model::ModuleFacts;

use super::standard_library;

/// The most candidates of one import.
const MOST_CANDIDATES: usize = 6;

/// Hosts whose paths begin with an owner and a repository, so that the rest is the folder in the repository.
const HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/// The package that a file is, by its folder. Definitions of tests give way to those that they may replace.
pub(super) fn module(path: &str) -> ModuleFacts {
    let stem = folder(path).to_owned();
    ModuleFacts { stem, rank: u8::from(path.ends_with("_test.go")), is_package: false, is_shared: true }
}

/// The stem, where the package's name changes it.
///
/// - Tests in `package x_test` are a package of their own, which shares no names with `x`.
/// - A file that is built only by itself (`//go:build ignore`) is a program of its own.
/// - The folder at the root has no name by which an import could mean it. It takes that of its package: who imports
///   `github.com/spf13/cobra` in that repository means `package cobra` at the root.
pub(super) fn stem(path: &str, package: &str, is_alone: bool) -> Option<String> {
    let folder = folder(path);
    if is_alone {
        return Some(path.strip_suffix(".go").unwrap_or(path).to_owned());
    }
    let is_test = path.ends_with("_test.go") && package.ends_with("_test");
    match (folder, is_test) {
        ("", _) => Some(root(package)),
        (folder, true) => Some(format!("{folder}/{package}")),
        (_, false) => None,
    }
}

/// The stem of a package at the root of the repository.
fn root(package: &str) -> String {
    format!("./{package}")
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The stems that an import in a file may mean, the likeliest first; none for the standard library.
///
/// An import does not say where in the repository its module lies, but its end is a path of folders from there: so
/// every end of it may be meant, the longest first. Where the host tells which part is the path in the repository,
/// shorter ends are no candidates.
pub(super) fn candidates(path: &str, import: &str) -> Vec<String> {
    let parts: Vec<&str> = import.split('/').filter(|part| !part.is_empty()).collect();
    let Some(first) = parts.first().copied().filter(|_| !import.starts_with('.')) else {
        return relative(path, import);
    };
    if standard_library::contains(first) {
        return Vec::new();
    }
    let mut candidates: Vec<String> = Vec::new();
    let mut add = |candidate: String| {
        if candidates.len() < MOST_CANDIDATES && !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    };
    // `src/github.com/a/b/cmd/x.go` imports `github.com/a/b/util`: the folder where the paths begin is above.
    let folders: Vec<&str> = folder(path).split('/').collect();
    if let Some(depth) = folders.iter().rposition(|name| *name == first) {
        add([folders.get(..depth).unwrap_or_default(), &parts].concat().join("/"));
    }
    let is_hosted = HOSTS.contains(&first) && parts.len() >= 3;
    if first.contains('.') {
        add(format!("vendor/{}", parts.join("/")));
    }
    let version = parts.iter().rposition(|part| is_version(part));
    let is_root_of_module = version.map_or(parts.len(), |at| at) <= 3;
    if is_hosted {
        let inside = parts.get(3..).unwrap_or_default();
        let inside = match inside.split_first() {
            Some((version, rest)) if is_version(version) => rest,
            _ => inside,
        };
        if inside.is_empty() {
            add(root(bound_name(import)));
        } else {
            add(inside.join("/"));
        }
        for from in [2, 1, 0] {
            add(parts.get(from..).unwrap_or_default().join("/"));
        }
    } else {
        if is_root_of_module && first.contains('.') {
            add(root(bound_name(import)));
        }
        for from in 0..parts.len() {
            add(parts.get(from..).unwrap_or_default().join("/"));
        }
    }
    candidates
}

/// `./x` and `../x`, which only old code has.
fn relative(path: &str, import: &str) -> Vec<String> {
    let mut folders: Vec<&str> = folder(path).split('/').filter(|part| !part.is_empty()).collect();
    for part in import.split('/') {
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
    vec![folders.join("/")]
}

/// The name that an import without an alias most likely binds: only the package itself knows, but people name folders
/// for packages, apart from versions and from `go-` before or `-go` and `.go` behind.
pub(super) fn bound_name(import: &str) -> &str {
    let mut parts = import.rsplit('/');
    let last = parts.next().unwrap_or(import);
    let name = if is_version(last) { parts.next().unwrap_or(last) } else { last };
    let name =
        name.rsplit_once('.').filter(|(_, version)| is_version(version)).map_or(name, |(name, _)| name);
    let name = name.strip_suffix("-go").or_else(|| name.strip_suffix(".go")).unwrap_or(name);
    name.rsplit(['-', '.']).next().unwrap_or(name)
}

/// `v2`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{bound_name, candidates, stem};

    #[test]
    fn imports_bind_the_likely_name_of_the_package() {
        for (import, name) in [
            ("fmt", "fmt"),
            ("net/http", "http"),
            ("github.com/spf13/cobra", "cobra"),
            ("github.com/go-chi/chi/v5", "chi"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("github.com/mattn/go-isatty", "isatty"),
            ("github.com/nats-io/nats.go", "nats"),
            ("k8s.io/api/core/v1", "core"),
        ] {
            assert_eq!(bound_name(import), name, "{import}");
        }
    }

    #[test]
    fn imports_may_mean_folders_that_their_ends_name() {
        let of = |path: &str, import: &str| candidates(path, import).join(" ");
        assert_eq!(of("a/x.go", "net/http"), "");
        assert_eq!(of("a/x.go", "shop/util"), "shop/util util");
        assert_eq!(
            of("a/x.go", "github.com/o/r/a/b"),
            "vendor/github.com/o/r/a/b a/b r/a/b o/r/a/b github.com/o/r/a/b"
        );
        assert_eq!(of("a/x.go", "github.com/o/r"), "vendor/github.com/o/r ./r r o/r github.com/o/r");
        assert!(of("src/github.com/o/r/cmd/x.go", "github.com/o/r").starts_with("src/github.com/o/r "));
        assert_eq!(of("a/b/x.go", "../c"), "a/c");
        assert_eq!(of("x.go", "../c"), "");
        let long = format!("example.com/{}", "a/".repeat(50));
        assert_eq!(candidates("x.go", &long).len(), super::MOST_CANDIDATES);
    }

    #[test]
    fn packages_beside_that_of_the_folder_have_stems_of_their_own() {
        assert_eq!(stem("a/x.go", "a", false), None);
        assert_eq!(stem("x.go", "cobra", false).as_deref(), Some("./cobra"));
        assert_eq!(stem("a/x_test.go", "a_test", false).as_deref(), Some("a/a_test"));
        assert_eq!(stem("a/gen.go", "main", true).as_deref(), Some("a/gen"));
    }
}
