//! Every preset is a file that can be used as it is.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

mod fakes;

use codestrata_config::{Environment, PRESETS, StorageConfig};

fn preset(name: &str) -> StorageConfig {
    let (name, text) = PRESETS.iter().find(|(preset, _)| *preset == name).unwrap();
    StorageConfig::from_toml(text, name, "", Environment::Ignore).unwrap()
}

#[test]
fn each_is_read_and_fits_its_backends() {
    for (name, _) in PRESETS {
        preset(name).check(&fakes::registry()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn each_says_what_it_is_for() {
    for (name, text) in PRESETS {
        assert!(text.starts_with("# "), "{name}");
    }
}

#[test]
fn each_does_what_its_name_says() {
    assert_eq!(preset("memory").storage().backend(), "memory");
    assert_eq!(preset("sled").storage().backend(), "sled");
    assert!(preset("redb-shared-analysis").analysis().store().is_none());
    let separate = preset("redb-separate-analysis");
    assert_ne!(separate.analysis().store().unwrap().options(), separate.storage().options());
}

#[test]
fn every_file_of_the_folder_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/presets");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut listed: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
    files.sort();
    listed.sort_unstable();
    assert_eq!(files, listed);
}
