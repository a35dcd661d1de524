//! A file that is no configuration at all is refused with a plain reason.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

use std::fs;
use std::path::PathBuf;

use codestrata_config::{ConfigError, Environment, MAX_FILE_BYTES, StorageConfig};
use codestrata_core::ErrorKind;
use tempfile::TempDir;

fn file_with(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.toml");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn error_of(bytes: &[u8]) -> ConfigError {
    let (_folder, path) = file_with(bytes);
    StorageConfig::load(path, Environment::Ignore).unwrap_err()
}

#[test]
fn a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.toml");
    let error = StorageConfig::load(&path, Environment::Ignore).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().starts_with(&format!("{}: there is no such file; ", path.display())),
        "{error}"
    );
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = StorageConfig::load(folder.path(), Environment::Ignore).unwrap_err();
    assert_eq!(error.message(), "it is a folder, not a configuration file");
}

#[cfg(unix)]
#[test]
fn a_device() {
    let error = StorageConfig::load("/dev/zero", Environment::Ignore).unwrap_err();
    assert_eq!(error.to_string(), "/dev/zero: it is not a regular file; copy what it holds into a file");
}

#[test]
fn a_file_that_is_too_large() {
    let largest = usize::try_from(MAX_FILE_BYTES).unwrap();
    let mut text = b"[storage]\nbackend = 'memory'\n#".to_vec();
    text.resize(largest, b' ');
    let (_folder, path) = file_with(&text);
    StorageConfig::load(path, Environment::Ignore).unwrap();

    text.push(b' ');
    assert_eq!(error_of(&text).message(), "it is larger than 1048576 bytes");
    let text = String::from_utf8(text).unwrap();
    StorageConfig::from_toml(&text, "text", "", Environment::Ignore).unwrap_err();
}

#[test]
fn a_file_that_is_not_utf8() {
    let error = error_of(b"[storage]\nbackend = '\xC3\xA4\xFF'\n");
    assert_eq!(error.message(), "it is not UTF-8: byte 0xFF at offset 23");
    assert_eq!((error.line(), error.column()), (Some(2), Some(13)));

    let utf_16 = b"\xFF\xFE[\0s\0t\0o\0";
    assert_eq!(error_of(utf_16).help(), Some("save it as UTF-8"));
}

#[cfg(unix)]
#[test]
fn a_name_that_would_write_to_the_terminal() {
    let error = StorageConfig::load("no\u{1b}[31m\nsuch", Environment::Ignore).unwrap_err();
    assert!(error.to_string().starts_with("no\\u{1b}[31m\\nsuch: "), "{error}");
}
