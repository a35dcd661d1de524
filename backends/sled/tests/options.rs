//! What is used when an option is left out is what the descriptor says, and figures have bounds.

use codestrata_backend_sled::config::{
    MAX_CACHE, MAX_FLUSH_EVERY, MIN_CACHE, MIN_FLUSH_EVERY, OPTIONS, SledConfig,
};
use codestrata_core::{ErrorKind, OpenRequest, Options};

fn read(options: Options) -> codestrata_core::Result<SledConfig> {
    SledConfig::from_request(&OpenRequest::new(options))
}

fn options() -> Options {
    Options::new().with("path", "graph.sled")
}

#[test]
fn the_declared_defaults_are_the_real_ones() {
    let mut spelled_out = options();
    let left_out = read(spelled_out.clone()).unwrap();
    for option in OPTIONS {
        if let Some(default) = option.default() {
            spelled_out.set(option.name(), default);
        }
    }
    assert_eq!(read(spelled_out).unwrap(), left_out);
}

#[test]
fn a_relative_path_is_taken_from_the_folder_of_the_configuration() {
    let request = OpenRequest::new(options()).base_dir("/project");
    assert_eq!(SledConfig::from_request(&request).unwrap().path, std::path::Path::new("/project/graph.sled"));
}

#[test]
fn a_missing_path_names_its_option() {
    let error = read(Options::new()).unwrap_err();
    assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some("path")));
}

#[test]
fn figures_just_out_of_bounds_are_refused_and_the_bounds_are_not() {
    let cache = |bytes: u64| read(options().with("cache", i64::try_from(bytes).unwrap()));
    let flush = |milliseconds: u128| read(options().with("flush_every", format!("{milliseconds}ms")));
    let (shortest, longest) = (MIN_FLUSH_EVERY.as_millis(), MAX_FLUSH_EVERY.as_millis());
    assert!(cache(MIN_CACHE).is_ok() && cache(MAX_CACHE).is_ok());
    assert!(flush(shortest).is_ok() && flush(longest).is_ok());
    for (option, refused) in [
        ("cache", cache(MIN_CACHE - 1)),
        ("cache", cache(MAX_CACHE + 1)),
        ("flush_every", flush(shortest - 1)),
        ("flush_every", flush(longest + 1)),
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some(option)), "{error}");
    }
}
