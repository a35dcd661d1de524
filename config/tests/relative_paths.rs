//! Relative paths are taken from the folder of the file, wherever the program runs.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

use std::fs;
use std::path::Path;

use codestrata_config::{BackendConfig, Environment, StorageConfig};
use codestrata_core::OpenMode;

fn resolved(store: &BackendConfig) -> std::path::PathBuf {
    let request = store.open_request(OpenMode::Existing);
    assert_eq!(request.open_mode(), OpenMode::Existing);
    request.resolve(request.options().path("path").unwrap().unwrap())
}

#[test]
fn of_every_store_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codestrata.toml");
    let text = "[storage]\nbackend='redb'\noptions.path='.codestrata/g.redb'\n\
                [analysis]\nbackend='redb'\noptions.path='../a.redb'\n";
    fs::write(&file, text).unwrap();

    let config = StorageConfig::load(&file, Environment::Ignore).unwrap();
    assert_eq!(config.source_name(), file.to_str());
    assert_eq!(config.storage().base_dir(), folder.path());
    assert_eq!(resolved(config.storage()), folder.path().join(".codestrata/g.redb"));
    assert_eq!(resolved(config.analysis().store().unwrap()), folder.path().join("../a.redb"));
}

#[test]
fn an_absolute_path_stays() {
    let text = "[storage]\nbackend='redb'\noptions.path='/data/g.redb'\n";
    let config = StorageConfig::from_toml(text, "codestrata.toml", "/etc", Environment::Ignore).unwrap();
    assert_eq!(resolved(config.storage()), Path::new("/data/g.redb"));
}

#[test]
fn without_a_file_they_are_taken_from_the_current_folder_or_the_one_given() {
    let config = StorageConfig::new("redb").option("path", "g.redb");
    assert_eq!(config.source_name(), None);
    assert_eq!(resolved(config.storage()), Path::new("g.redb"));
    let store = BackendConfig::new("redb").option("path", "a.redb");
    let config = config.analysis_store(store).base_dir("/data");
    assert_eq!(resolved(config.storage()), Path::new("/data/g.redb"));
    assert_eq!(resolved(config.analysis().store().unwrap()), Path::new("/data/a.redb"));
}
