//! What is used when an option is left out is what the descriptor says, and what cannot be is refused.

use codestrata_backend_sqlite::config::{OPTIONS, SqliteConfig};
use codestrata_core::{ErrorKind, OpenRequest, Options};

#[test]
fn the_declared_defaults_are_the_real_ones() {
    let mut spelled_out = Options::new().with("path", "graph.sqlite");
    let left_out = SqliteConfig::from_request(&OpenRequest::new(spelled_out.clone())).unwrap();
    for option in OPTIONS {
        if let Some(default) = option.default() {
            spelled_out.set(option.name(), default);
        }
    }
    assert_eq!(SqliteConfig::from_request(&OpenRequest::new(spelled_out)).unwrap(), left_out);
}

#[test]
fn a_relative_path_is_taken_from_the_folder_of_the_configuration() {
    let request = OpenRequest::new(Options::new().with("path", "graph.sqlite")).base_dir("/project");
    let config = SqliteConfig::from_request(&request).unwrap();
    assert_eq!(config.path, std::path::Path::new("/project/graph.sqlite"));
}

#[test]
fn a_figure_over_what_sqlite_can_count_names_its_option() {
    for (option, most, over) in [("busy_timeout", "1day", "1day 1s"), ("cache", "1TiB", "2TiB")] {
        let request =
            |value| OpenRequest::new(Options::new().with("path", "graph.sqlite").with(option, value));
        SqliteConfig::from_request(&request(most)).unwrap();
        let error = SqliteConfig::from_request(&request(over)).unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some(option)));
    }
}
