//! What is used when an option is left out is what the descriptor says, and what cannot be used is refused by name.

use codestrata_backend_file::config::{FileConfig, MAX_LOG_FILE_BYTES, MIN_LOG_FILE_BYTES, OPTIONS};
use codestrata_core::{ErrorKind, OpenRequest, Options};

#[test]
fn the_declared_defaults_are_the_real_ones() {
    let mut spelled_out = Options::new().with("path", "graph");
    let left_out = FileConfig::from_request(&OpenRequest::new(spelled_out.clone())).unwrap();
    for option in OPTIONS {
        if let Some(default) = option.default() {
            spelled_out.set(option.name(), default);
        }
    }
    assert_eq!(FileConfig::from_request(&OpenRequest::new(spelled_out)).unwrap(), left_out);
    assert_eq!(FileConfig::new("graph"), left_out);
}

#[test]
fn a_relative_path_is_taken_from_the_folder_of_the_configuration() {
    let request = OpenRequest::new(Options::new().with("path", "graph")).base_dir("/project");
    assert_eq!(FileConfig::from_request(&request).unwrap().path, std::path::Path::new("/project/graph"));
}

#[test]
fn a_missing_path_names_its_option() {
    let error = FileConfig::from_request(&OpenRequest::new(Options::new())).unwrap_err();
    assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some("path")));
}

#[test]
fn a_log_file_size_has_a_least_and_a_most() {
    for (bytes, fits) in [
        (MIN_LOG_FILE_BYTES, true),
        (MIN_LOG_FILE_BYTES - 1, false),
        (MAX_LOG_FILE_BYTES, true),
        (MAX_LOG_FILE_BYTES + 1, false),
        (0, false),
    ] {
        let options =
            Options::new().with("path", "graph").with("log_file_size", i64::try_from(bytes).unwrap());
        match FileConfig::from_request(&OpenRequest::new(options)) {
            Ok(config) => assert!(fits && config.log_file_bytes == bytes, "{bytes}"),
            Err(error) => {
                assert!(!fits, "{bytes}: {error}");
                let about = (error.kind(), error.option());
                assert_eq!(about, (ErrorKind::InvalidConfig, Some("log_file_size")));
            }
        }
    }
}
