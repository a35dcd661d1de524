//! The files of a new backend, which lie as they are in the folder `template`.
//!
//! `{{name}}` stands for the name of the backend and `{{crate}}` for the crate as Rust writes it. They stand where the
//! length of a name does not matter to rustfmt. Files for cargo, rustfmt and git have an ending `.txt`: cargo would take
//! the folder for a package of its own, and git would follow it.

use super::name;
use crate::failure::Failure;
use crate::sources::Sources;

macro_rules! files {
    ($($path:literal: $template:literal)*) => { &[$(($path, include_str!(concat!("template/", $template)))),*] };
}

/// Where each goes, and what is in it.
const FILES: &[(&str, &str)] = files! {
    "Cargo.toml": "Cargo.toml.txt"
    "README.md": "README.md"
    ".gitignore": "gitignore.txt"
    "rustfmt.toml": "rustfmt.toml.txt"
    ".github/workflows/ci.yml": "ci.yml"
    "src/lib.rs": "src/lib.rs"
    "src/config.rs": "src/config.rs"
    "src/engine.rs": "src/engine.rs"
    "src/backend.rs": "src/backend.rs"
    "tests/conformance.rs": "tests/conformance.rs"
};

const WHY_PATHS: &str = "\
# The paths are those of the checkout that wrote this file. Leave them out where it is not, and to publish the crate.
";

/// The files of the backend of this name.
///
/// # Errors
/// When the folder of the sources cannot be written in a manifest.
pub(super) fn render(name: &str, sources: &Sources) -> Result<Vec<(&'static str, String)>, Failure> {
    let crate_name = name::of_crate(name).replace('-', "_");
    let line = |dependency: &str| {
        let value = sources.dependency(dependency, sources.version(), &[])?;
        let why = if sources.folder().is_some() { WHY_PATHS } else { "" };
        Ok::<_, Failure>(format!("{why}{dependency} = {value}"))
    };
    let (core, conformance) = (line("codestrata-core")?, line("codestrata-conformance")?);
    let conformance = conformance.trim_start_matches(WHY_PATHS);
    let words = [
        ("{{name}}", name),
        ("{{crate}}", &crate_name),
        ("{{core}}", &core),
        ("{{conformance}}", conformance),
    ];
    let fill =
        |text: &str| words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
    Ok(FILES.iter().map(|(path, text)| (*path, fill(text))).collect())
}

#[cfg(test)]
mod tests {
    use super::{FILES, render};
    use crate::sources::Sources;

    #[test]
    fn every_word_is_filled_in() {
        let files = render("my-engine", &Sources::find(None).unwrap()).unwrap();
        assert_eq!(files.len(), FILES.len());
        for (path, text) in &files {
            assert!(!text.contains("{{") && !text.contains("}}"), "{path}: {text}");
        }
        let manifest = &files.iter().find(|(path, _)| *path == "Cargo.toml").unwrap().1;
        assert!(manifest.parse::<toml::Table>().is_ok(), "{manifest}");
        let test = &files.iter().find(|(path, _)| *path == "tests/conformance.rs").unwrap().1;
        assert!(test.contains("codestrata_backend_my_engine::DESCRIPTOR"), "{test}");
    }
}
