//! Options are checked against what a backend declares; a mistake is named, with what was probably meant.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::time::Duration;

use codestrata_core::{ErrorKind, OptionKind, OptionSpec, OptionValue, Options, nearest};

const SPECS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The file of the store.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Memory for pages."),
    OptionSpec::new("max_age", OptionKind::Duration, "How long."),
    OptionSpec::new("strict", OptionKind::Boolean, "Whether."),
    OptionSpec::new("threads", OptionKind::Integer, "How many."),
    OptionSpec::new("password", OptionKind::Text, "The secret.").secret(),
];

fn good() -> Options {
    Options::new().with("path", "graph.redb")
}

fn message(options: &Options) -> String {
    let error = options.check(SPECS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    error.to_string()
}

#[test]
fn values_of_every_kind_are_read() {
    let options = good()
        .with("cache", "64MiB")
        .with("max_age", "1h 30m")
        .with("strict", true)
        .with("threads", 4)
        .with("password", "p");
    options.check(SPECS).unwrap();
    assert_eq!(options.byte_size("cache").unwrap(), Some(64 << 20));
    assert_eq!(options.duration("max_age").unwrap(), Some(Duration::from_secs(5_400)));
    assert_eq!(options.boolean("strict").unwrap(), Some(true));
    assert_eq!(options.integer("threads").unwrap(), Some(4));
    assert_eq!(options.text("absent").unwrap(), None);
    assert_eq!(good().with("cache", 4096).byte_size("cache").unwrap(), Some(4096));
}

#[test]
fn an_unknown_option_is_named_with_the_nearest_one() {
    let error = good().with("cahce", "1MiB").check(SPECS).unwrap_err();
    assert_eq!(error.option(), Some("cahce"));
    assert!(error.to_string().contains("did you mean `cache`?"), "{error}");
    assert!(message(&good().with("zzz", 1)).contains("path, cache, max_age"));
    let error = Options::new().with("x", 1).check(&[]).unwrap_err();
    assert!(error.to_string().contains("takes no options"), "{error}");
}

#[test]
fn a_missing_option_is_named_with_what_it_is_for() {
    let text = message(&Options::new());
    assert!(text.contains("`path`") && text.contains("The file of the store."), "{text}");
}

#[test]
fn a_value_of_another_kind_is_refused_with_its_option() {
    let wrong: [(&str, OptionValue); 9] = [
        ("path", true.into()),
        ("path", "".into()),
        ("path", "a\0b".into()),
        ("cache", "much".into()),
        ("cache", (-1).into()),
        ("cache", OptionValue::Float(1.5)),
        ("max_age", 30.into()),
        ("strict", "yes".into()),
        ("threads", "4".into()),
    ];
    for (name, value) in wrong {
        let error = good().with(name, value).check(SPECS).unwrap_err();
        assert_eq!((error.kind(), error.option()), (ErrorKind::InvalidConfig, Some(name)), "{error}");
    }
}

#[test]
fn debug_text_shows_no_values() {
    let text = format!("{:?}", good().with("password", "hunter2"));
    assert!(text.contains("password") && !text.contains("hunter2") && !text.contains("graph.redb"), "{text}");
}

#[test]
fn only_a_name_that_is_near_is_suggested() {
    let names = ["memory", "redb", "sled", "postgres"];
    assert_eq!(nearest("postgress", names), Some("postgres"));
    assert_eq!(nearest("memroy", names), Some("memory"));
    assert_eq!(nearest("oracle", names), None);
    assert_eq!(nearest("", names), None);
    assert_eq!(nearest("redb", []), None);
}

#[test]
fn a_time_longer_than_anyone_means_is_refused() {
    for text in ["18446744073709551615s 1000ms", "99999999999999999y", "584542046090y 9999999999ns"] {
        let error = Options::new().with("t", text).duration("t").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{text}");
    }
}
