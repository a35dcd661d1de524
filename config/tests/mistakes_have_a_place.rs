//! Every mistake in a file is reported at its line and column, with what to do about it.

mod fakes;

use codestrata_config::{ConfigError, Environment, StorageConfig};
use codestrata_core::ErrorKind;

/// What is wrong, the file, `line:column`, a part of the message, a part of the help.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

const REDB: &str = "[storage]\nbackend = \"redb\"\n";

/// Mistakes found while reading.
#[rustfmt::skip]
const CASES: &[Case] = &[
    ("nothing at all", "", "1:1", "section [storage] is missing", "begin with `[storage]`"),
    ("only a comment", "# later\n", "1:1", "section [storage] is missing", "backend = \"memory\""),
    ("only another section", "[cache]\n", "1:1", "section [storage] is missing", ""),
    ("no backend", "\n[storage]\n", "2:2", "does not name its `backend`", "backend = \"memory\""),
    ("options and no backend", "[storage.options]\npath = 'x'\n", "1:2", "does not name its `backend`", ""),
    ("an empty backend", "[storage]\nbackend = ''\n", "2:11", "`backend` takes text, but it is empty", ""),
    ("a backend that is a number", "[storage]\nbackend = 1\n", "2:11", "takes text, but it is not text", ""),
    ("a backend that is an array", "[storage]\nbackend = ['a']\n", "2:11", "one plain value, but it is an array", "give text"),
    ("a backend that is a table", "[storage.backend]\nredb = 1\n", "1:1", "but it is a table", "give text"),
    ("an unknown section", "[storag]\nbackend = 'm'\n", "1:2", "no section `storag`", "did you mean `storage`?"),
    ("an unlike section", "[network]\n", "1:2", "no section `network`", "storage, analysis, cache"),
    ("a key outside of sections", "backend = 'redb'\n", "1:1", "`backend`", "belongs in [storage]"),
    ("an unknown key", "[storage]\nbackand = 'm'\n", "2:1", "no key `backand`", "did you mean `backend`?"),
    ("an option outside of options", "[storage]\nbackend = 'm'\npath = 'x'\n", "3:1", "`path`", "[storage.options]"),
    ("a key of another section", "[storage]\nbackend='m'\nretention='1d'\n", "3:1", "`retention`", "in [analysis]"),
    ("the first of two unknown keys", "[storage]\nzz = 1\naa = 1\n", "2:1", "no key `zz`", ""),
    ("a mistyped options section", "[storage]\nbackend='m'\n[storage.option]\n", "3:10", "`option`", "`options`?"),
    ("an unknown key of analysis", "[storage]\nbackend='m'\n[analysis]\nkeep='1d'\n", "4:1", "`keep`", "retention, max_results"),
    ("an unknown key of the cache", "[storage]\nbackend='m'\n[cache]\nsize=1\n", "4:1", "`size`", "capacity, default_ttl"),
    ("a quoted key", "[storage]\nbackend='m'\n\"a b\" = 1\n", "3:1", "no key `a b`", ""),
    ("a section that is text", "storage = 'redb'\n", "1:1", "is a section, but here it is text", "[storage]"),
    ("a section that is repeated as a list", "[[storage]]\nbackend='m'\n", "1:3", "here it is an array", "once"),
    ("options that are text", "[storage]\nbackend='m'\noptions='x'\n", "3:1", "but here it is text", "[storage.options]"),
    ("an option that is an array", "[storage]\nbackend='m'\noptions.path=['x']\n", "3:14", "an array", "give text"),
    ("an option that is a date", "[storage]\nbackend='m'\noptions.path=2020-01-01\n", "3:14", "a date", "give text"),
    ("an unknown durability", "[storage]\nbackend='m'\ndurability='sync'\n", "3:12", "is `sync`", "did you mean `synced`?"),
    ("an unlike durability", "[storage]\nbackend='m'\ndurability='none'\n", "3:12", "is `none`", "write `strongest`"),
    ("a durability that is a boolean", "[storage]\nbackend='m'\ndurability=true\n", "3:12", "not text", "write `strongest`"),
    ("a bad size", "[storage]\nbackend='m'\n[cache]\ncapacity='64MB2'\n", "4:10", "takes a size", ""),
    ("a negative size", "[storage]\nbackend='m'\n[cache]\ncapacity=-1\n", "4:10", "it is negative", ""),
    ("a size that is a boolean", "[storage]\nbackend='m'\n[cache]\ncapacity=true\n", "4:10", "a boolean", ""),
    ("a size larger than memory", "[storage]\nbackend='m'\n[cache]\ncapacity='99EiB'\n", "4:10", "larger than any", ""),
    ("a bad duration", "[storage]\nbackend='m'\n[cache]\ndefault_ttl='1 hr 5'\n", "4:13", "`1 hr 5` is not a duration", ""),
    ("a duration without a unit", "[storage]\nbackend='m'\n[cache]\ndefault_ttl=60\n", "4:13", "with its unit", ""),
    ("a duration of zero", "[storage]\nbackend='m'\n[analysis]\nretention='0s'\n", "4:11", "it is zero", "leave it out"),
    ("a negative duration", "[storage]\nbackend='m'\n[analysis]\nretention='-1d'\n", "4:11", "not a duration", ""),
    ("a count of zero", "[storage]\nbackend='m'\n[analysis]\nmax_results=0\n", "4:13", "it is 0", "at least 1"),
    ("a negative count", "[storage]\nbackend='m'\n[analysis]\nmax_results=-3\n", "4:13", "it is -3", "at least 1"),
    ("a count with a fraction", "[storage]\nbackend='m'\n[analysis]\nmax_results=1.5\n", "4:13", "whole number", ""),
    ("a history over its limit", "[storage]\nbackend='m'\nhistory=10001\n", "3:9", "it is 10001", "give 0 to 10000"),
    ("a history below nothing", "[storage]\nbackend='m'\nhistory=-1\n", "3:9", "it is -1", "give 0 to 10000"),
    ("a count beyond 64 bits", "[storage]\nbackend='m'\n[analysis]\nmax_results=99999999999999999999\n", "4:13", "64 bits", ""),
    ("analysis options alone", "[storage]\nbackend='m'\n[analysis.options]\npath='x'\n", "3:11", "shares [storage]", "backend"),
    ("analysis durability alone", "[storage]\nbackend='m'\n[analysis]\ndurability='synced'\n", "4:1", "shares [storage]", ""),
    ("analysis timeout alone", "[storage]\nbackend='m'\n[analysis]\ntimeout='1s'\n", "4:1", "shares [storage]", ""),
    ("analysis retries alone", "[storage]\nbackend='m'\n[analysis]\nretries=1\n", "4:1", "shares [storage]", ""),
    ("a timeout of zero", "[storage]\nbackend='m'\ntimeout='0s'\n", "3:9", "`timeout` takes a duration, but it is shorter than 1ms", "leave it out"),
    ("a timeout that nothing meets", "[storage]\nbackend='m'\ntimeout='999us'\n", "3:9", "shorter than 1ms", ""),
    ("a timeout without a unit", "[storage]\nbackend='m'\ntimeout=30\n", "3:9", "with its unit", ""),
    ("no retries", "[storage]\nbackend='m'\nretries=0\n", "3:9", "it is 0", "1 to 30"),
    ("too many retries", "[storage]\nbackend='m'\nretries=31\n", "3:9", "it is 31", "1 to 30"),
    ("retries with a unit", "[storage]\nbackend='m'\nretries='3s'\n", "3:9", "not a whole number", ""),
    ("retries of the analyses", "[storage]\nbackend='m'\n[analysis]\nbackend='n'\nretries=-1\n", "5:9", "it is -1", "1 to 30"),
    ("a key given twice", "[storage]\nbackend='m'\nbackend='n'\n", "3:1", "`backend` is given twice", "keep one"),
    ("a section given twice", "[storage]\nbackend='m'\n[storage]\n", "3:2", "`storage` is given twice", "keep one"),
    ("text without quotes", "[storage]\nbackend = redb\n", "2:11", "must be quoted", "double quotes"),
    ("a missing value", "[storage]\nbackend =\n", "2:10", "quoted", ""),
    ("a missing `=`", "[storage]\nbackend\n", "2:8", "expected `=`", ""),
    ("an open string", "[storage]\nbackend = \"redb\n", "2:16", "basic string", ""),
    ("an open section", "[storage\n", "1:9", "unclosed table", ""),
    ("a zero byte", "[storage]\nbackend = \"a\0b\"\n", "2:13", "string", ""),
    ("a lone carriage return", "[storage]\rbackend = 'm'\n", "1:11", "newline", ""),
    ("a variable in a found file", "[storage]\nbackend='${HOME}'\n", "2:9", "`${HOME}` would read", "--config"),
    ("columns in characters", "[storage]\n\"äöü\" = 1 # x\n", "2:1", "no key `äöü`", ""),
    ("a mistake after wide characters", "[storage]\nbackend='m'\noptions={'ä'='ö','b'=[]}\n", "3:22", "an array", ""),
];

/// Mistakes found by comparing with the backends.
#[rustfmt::skip]
const CHECKS: &[Case] = &[
    ("an unknown backend", "[storage]\nbackend = \"reddb\"\n", "2:11", "no backend `reddb`", "did you mean `redb`?"),
    ("an unlike backend", "[storage]\nbackend = \"lmdb\"\n", "2:11", "no backend `lmdb`", "memory, postgres, redb"),
    ("a missing option", REDB, "1:2", "option `path` is missing", "The file of the store"),
    ("a missing option of a section", "[storage]\nbackend='redb'\n[storage.options]\n", "3:10", "`path` is missing", ""),
    ("an unknown option", "[storage]\nbackend='redb'\noptions.pth='x'\n", "3:9", "no option `pth`", "did you mean `path`?"),
    ("an option of a backend without", "[storage]\nbackend='memory'\noptions.a='x'\n", "3:9", "`a`", "takes no options"),
    ("a wrong type", "[storage]\nbackend='redb'\noptions.path=1\n", "3:14", "takes a path, but it is not text", ""),
    ("an empty path", "[storage]\nbackend='redb'\noptions.path=''\n", "3:14", "it is empty", ""),
    ("a zero byte in a path", "[storage]\nbackend='redb'\noptions.path=\"a\\u0000\"\n", "3:14", "zero byte", ""),
    ("a bad size", "[storage]\nbackend='redb'\n[storage.options]\npath='x'\ncache='lots'\n", "5:7", "`lots`", ""),
    ("a duration that would overflow", "[storage]\nbackend='redb'\n[storage.options]\npath='x'\nmax_age='18446744073709551615s 1000ms'\n", "5:9", "digits", ""),
    ("a boolean as text", "[storage]\nbackend='redb'\n[storage.options]\npath='x'\nverify='yes'\n", "5:8", "neither true", ""),
    ("an integer as a float", "[storage]\nbackend='redb'\n[storage.options]\npath='x'\nreaders=1.0\n", "5:9", "whole number", ""),
    ("a durability that is not there", "[storage]\nbackend='memory'\ndurability='synced'\n", "3:12", "synced", "`strongest`"),
    ("the backend of analysis", "[storage]\nbackend='memory'\n[analysis]\nbackend='rebd'\n", "4:9", "`rebd`", "`redb`"),
    ("one store twice", "[storage]\nbackend='redb'\noptions.path='x'\n[analysis]\nbackend='redb'\noptions.path='x'\n", "6:1", "very store", "share"),
    ("an option of analysis", "[storage]\nbackend='memory'\n[analysis]\nbackend='redb'\n[analysis.options]\npat='x'\n", "6:1", "`pat`", "`path`"),
];

fn read(text: &str) -> Result<StorageConfig, ConfigError> {
    StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore)
}

/// What of the case the error does not fulfil.
fn complaint(case: &Case, error: &ConfigError) -> Option<String> {
    let (name, _, place, message, help) = case;
    let line = error.to_string();
    let is_as_said = error.kind() == ErrorKind::InvalidConfig
        && line.starts_with(&format!("codestrata.toml:{place}: "))
        && error.message().contains(message)
        && error.help().unwrap_or_default().contains(help)
        && !line.contains('\n');
    if is_as_said { None } else { Some(format!("{name}: {line}")) }
}

fn assert_all(complaints: impl Iterator<Item = String>) {
    let complaints: Vec<String> = complaints.collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn mistakes_found_while_reading() {
    assert_all(CASES.iter().filter_map(|case| complaint(case, &read(case.1).expect_err(case.0))));
}

#[test]
fn mistakes_found_by_comparing_with_the_backends() {
    let registry = fakes::registry();
    assert_all(CHECKS.iter().filter_map(|case| {
        let config = read(case.1).unwrap_or_else(|error| panic!("{}: {error}", case.0));
        complaint(case, &config.check(&registry).expect_err(case.0))
    }));
}

#[test]
fn places_are_the_same_after_a_byte_order_mark_and_with_windows_line_ends() {
    assert_all(CASES.iter().filter(|case| !case.1.contains('\r')).filter_map(|case| {
        let text = format!("\u{feff}{}", case.1.replace('\n', "\r\n"));
        complaint(case, &read(&text).expect_err(case.0))
    }));
}

#[test]
fn a_file_without_mistakes_passes() {
    let text = "\u{feff}[storage]\r\nbackend = \"redb\"\r\n[storage.options]\r\npath = \"../../elsewhere/graph.redb\"\r\n";
    read(text).unwrap().check(&fakes::registry()).unwrap();
}
