//! What is used when an option is left out is what the descriptor says.

use codestrata_backend_redb::config::{MAX_JOURNAL_BYTES, OPTIONS, RedbConfig};
use codestrata_core::{ErrorKind, OpenRequest, Options};

#[test]
fn the_declared_defaults_are_the_real_ones() {
    let mut spelled_out = Options::new().with("path", "graph.redb");
    let left_out = RedbConfig::from_request(&OpenRequest::new(spelled_out.clone())).unwrap();
    for option in OPTIONS {
        if let Some(default) = option.default() {
            spelled_out.set(option.name(), default);
        }
    }
    assert_eq!(RedbConfig::from_request(&OpenRequest::new(spelled_out)).unwrap(), left_out);
}

#[test]
fn a_relative_path_is_taken_from_the_folder_of_the_configuration() {
    let request = OpenRequest::new(Options::new().with("path", "graph.redb")).base_dir("/project");
    assert_eq!(RedbConfig::from_request(&request).unwrap().path, std::path::Path::new("/project/graph.redb"));
}

#[test]
fn a_missing_path_names_its_option() {
    let error = RedbConfig::from_request(&OpenRequest::new(Options::new())).unwrap_err();
    assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some("path")));
}

#[test]
fn room_for_a_journal_has_a_limit() {
    let with = |bytes: u64| {
        let options = Options::new().with("path", "graph.redb").with("journal", format!("{bytes}B"));
        RedbConfig::from_request(&OpenRequest::new(options))
    };
    assert_eq!(with(MAX_JOURNAL_BYTES).unwrap().journal_bytes, MAX_JOURNAL_BYTES);
    assert_eq!(with(0).unwrap().journal_bytes, 0);
    let error = with(MAX_JOURNAL_BYTES + 1).unwrap_err();
    assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some("journal")));
    assert!(error.to_string().contains("1073741824"), "{error}");
}
