//! What `--with` says: a crate of a registry, or one in a folder.

use std::path::PathBuf;

/// A crate that is to be in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// Of the registry, in a version that fits; any version where none is said.
    Registry { name: String, requirement: String },
    /// In a folder. The name is what was said of it, and is checked.
    Folder { name: Option<String>, path: PathBuf },
}

/// Reads `CRATE`, `CRATE@VERSION`, `NAME=PATH` or `PATH`.
///
/// # Errors
/// What is wrong with it, as clap shows it.
pub(super) fn parse(text: &str) -> Result<With, String> {
    let is_path = |text: &str| text.starts_with('.') || text.contains('/');
    let (name, rest) = match text.find(['@', '=']) {
        Some(at) if !is_path(text.get(..at).unwrap_or_default()) => text.split_at(at),
        _ if is_path(text) => return Ok(With::Folder { name: None, path: text.into() }),
        _ => (text, ""),
    };
    if !is_crate_name(name) {
        return Err("write CRATE, CRATE@VERSION or NAME=PATH".to_owned());
    }
    let name = name.to_owned();
    match (rest.strip_prefix('='), rest.strip_prefix('@')) {
        (Some(""), _) => Err("there is no path after the `=`".to_owned()),
        (Some(path), _) => Ok(With::Folder { name: Some(name), path: path.into() }),
        (None, Some("")) => Err("there is no version after the `@`".to_owned()),
        (None, version) => Ok(With::Registry { name, requirement: version.unwrap_or("*").to_owned() }),
    }
}

fn is_crate_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::{With, parse};

    fn registry(name: &str, requirement: &str) -> With {
        With::Registry { name: name.to_owned(), requirement: requirement.to_owned() }
    }

    fn folder(name: Option<&str>, path: &str) -> With {
        With::Folder { name: name.map(str::to_owned), path: path.into() }
    }

    #[test]
    fn a_crate_may_have_a_version() {
        assert_eq!(parse("codestrata-backend-lmdb").unwrap(), registry("codestrata-backend-lmdb", "*"));
        assert_eq!(parse("lmdb@1.2").unwrap(), registry("lmdb", "1.2"));
        assert_eq!(parse("lmdb@=1.2.3").unwrap(), registry("lmdb", "=1.2.3"));
    }

    #[test]
    fn a_folder_may_have_a_name() {
        assert_eq!(parse("lmdb=../here").unwrap(), folder(Some("lmdb"), "../here"));
        assert_eq!(parse("lmdb=/a=b@c").unwrap(), folder(Some("lmdb"), "/a=b@c"));
        assert_eq!(parse("lmdb=here").unwrap(), folder(Some("lmdb"), "here"));
        assert_eq!(parse("./here").unwrap(), folder(None, "./here"));
        assert_eq!(parse("../a@b/c=d").unwrap(), folder(None, "../a@b/c=d"));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "a b", "=x", "@1", "lmdb@", "lmdb=", "9lives", "a;b@1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
