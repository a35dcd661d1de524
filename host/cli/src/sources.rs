//! Where a crate that is written for a person takes codestrata's own crates from: a registry, or a checkout.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::failure::{Code, Failure};

/// The folder that this package was built in. It is inside a checkout, or among the sources that cargo keeps of
/// registries; and it may be gone.
const BUILT_IN: &str = env!("CARGO_MANIFEST_DIR");
/// The crates that are taken, and their folders in a checkout.
const FOLDERS: [(&str, &str); 3] = [
    ("codestrata-core", "core"),
    ("codestrata-cli", "host/cli"),
    ("codestrata-conformance", "tests/conformance"),
];

/// Where codestrata's own crates come from.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Sources {
    /// Their version.
    version: String,
    /// The checkout; none for a registry.
    checkout: Option<PathBuf>,
}

impl Sources {
    /// A checkout that is named, else the one that this program was built from, while it is there, else the registry,
    /// in this program's own version.
    ///
    /// # Errors
    /// When the named folder is no checkout.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = named {
            return Self::checkout(folder).ok_or_else(|| {
                Failure::input(format!("{} is no checkout of codestrata", folder.display()))
                    .with_help("name the folder that has codestrata's folders core and host/cli")
            });
        }
        let built_from = Path::new(BUILT_IN).ancestors().nth(2);
        Ok(built_from.and_then(Self::checkout).unwrap_or_else(Self::registry))
    }

    fn registry() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), checkout: None }
    }

    /// A folder with all crates in their places.
    fn checkout(folder: &Path) -> Option<Self> {
        let folder = std::fs::canonicalize(folder).ok()?;
        let has_all = FOLDERS.iter().all(|(_, inside)| folder.join(inside).join("Cargo.toml").is_file());
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let manifest: toml::Table = manifest.parse().ok()?;
        let version = manifest.get("workspace")?.get("package")?.get("version")?.as_str()?;
        has_all.then(|| Self { version: version.to_owned(), checkout: Some(folder) })
    }

    /// The version of all of them.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The folder of the checkout, where there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.checkout.as_deref()
    }

    /// What a manifest says of one of the crates after its name and `=`: a version as it is given, the folder in the
    /// checkout, and more keys as they stand in TOML.
    ///
    /// # Errors
    /// When the folder cannot be written in a manifest.
    pub(crate) fn dependency(&self, name: &str, version: &str, more: &[String]) -> Result<String, Failure> {
        let mut keys = vec![format!("version = {}", quoted(version))];
        let inside = FOLDERS.iter().find(|(known, _)| *known == name).map(|(_, inside)| inside);
        if let (Some(checkout), Some(inside)) = (&self.checkout, inside) {
            keys.push(format!("path = {}", quoted_path(&checkout.join(inside))?));
        }
        keys.extend_from_slice(more);
        Ok(match keys.as_slice() {
            [version] => version.trim_start_matches("version = ").to_owned(),
            keys => format!("{{ {} }}", keys.join(", ")),
        })
    }
}

/// A text as TOML and JSON write it.
pub(crate) fn quoted(text: &str) -> String {
    // The one character that JSON leaves as it is and TOML does not take.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A path as a manifest writes it.
///
/// # Errors
/// When it is not UTF-8, which a manifest has to be.
pub(crate) fn quoted_path(path: &Path) -> Result<String, Failure> {
    path.to_str().map(quoted).ok_or_else(|| {
        let message = format!("the path {} is not UTF-8, and cannot stand in a Cargo.toml", path.display());
        Failure::new(Code::Input, "invalid-argument", message).with_help("work in a folder with another name")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Sources, quoted};

    #[test]
    fn the_crates_of_the_checkout_that_this_was_built_from_are_taken() {
        let sources = Sources::find(None).unwrap();
        assert_eq!(sources.version(), env!("CARGO_PKG_VERSION"));
        let line = sources.dependency("codestrata-core", "1", &[]).unwrap();
        assert!(line.starts_with("{ version = \"1\", path = \"/") && line.ends_with("/core\" }"), "{line}");
    }

    #[test]
    fn a_registry_has_versions_only() {
        let sources = Sources::registry();
        assert_eq!(sources.dependency("codestrata-core", "1", &[]).unwrap(), "\"1\"");
        let more = ["default-features = false".to_owned()];
        let line = sources.dependency("codestrata-cli", "=1", &more).unwrap();
        assert_eq!(line, "{ version = \"=1\", default-features = false }");
    }

    #[test]
    fn a_folder_that_is_no_checkout_is_refused() {
        assert!(Sources::find(Some(Path::new(env!("CARGO_MANIFEST_DIR")))).is_err());
        assert!(Sources::find(Some(Path::new("/nowhere"))).is_err());
    }

    #[test]
    fn what_would_end_a_text_is_escaped() {
        assert_eq!(quoted("a\"b\\c\n\u{7f}"), r#""a\"b\\c\n\u007f""#);
    }
}
