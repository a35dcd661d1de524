//! The value of a secret option is in no error, no `Debug` text, no report and no shown configuration.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

mod fakes;

use codestrata_config::{ConfigError, Environment, StorageConfig};
use codestrata_core::{Error, ErrorKind};
use miette::{GraphicalReportHandler, GraphicalTheme};

const SECRET: &str = "hunter2";

fn read(text: &str) -> Result<StorageConfig, ConfigError> {
    StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore)
}

fn everything_shown_of(error: ConfigError) -> String {
    let mut shown = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = std::error::Error::source(&error);
    while let Some(current) = cause {
        shown.extend([current.to_string(), format!("{current:?}\n")]);
        cause = current.source();
    }
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_context_lines(5);
    handler.render_report(&mut shown, &error).unwrap();
    let report = error.into_report();
    shown.extend([report.to_string(), format!("{report:?}\n")]);
    handler.render_report(&mut shown, &report).unwrap();
    shown
}

fn assert_hidden(error: ConfigError) {
    let shown = everything_shown_of(error);
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("codestrata.toml"), "the place is still said: {shown}");
}

#[test]
fn in_mistakes_found_while_reading() {
    let texts = [
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = \"hunter2\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = hunter2\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = ['hunter2']\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = '${hunter}hunter2'\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2'\nurl = 'hunter2'\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl.a.b = 'hunter2'\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = \"\"\"\nabc=\nhunter2=\\q\"\"\"\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2'\nschema = 1979-01-01\n",
        "[storage]\nbackend='postgres'\noptions = { url = 'hunter2', schema = [] }\n",
        "[storage]\nbackend='postgres'\noptions = {\n url = 'hunter2' pool = 1 }\n",
        "[storage]\nbackend='postgres'\nurl = 'hunter2'\n",
        "[storage]\nbackend='postgres'\n[storage.option]\nurl='hunter2'\n",
        "[storage]\nbackend='postgres'\nurl = \"hunter2\n",
        "storage = { backend = 'postgres', url = 'hunter2\n",
        "storage = { backend = 'postgres', url = 'hunter2' }\n",
        "storage = { backend = 5, options = { url = 'hunter2' } }\n",
        "storage = { backend = 'postgres', durability = 'x', options.url = 'hunter2' }\n",
    ];
    for text in texts {
        assert_hidden(read(text).expect_err(text));
    }
}

#[test]
fn in_mistakes_found_by_comparing_with_the_backends() {
    let texts = [
        "[storage]\nbackend='postgres'\noptions = { url = 'hunter2', pool = 'many' }\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2'\ntoken_size = 'hunter2'\n",
        "[storage]\nbackend='postgres'\n[storage.options]\nurll = 'hunter2'\n",
        "storage = { backend = 'postgrs', options.url = 'hunter2' }\n",
    ];
    for text in texts {
        let config = read(text).expect(text);
        assert!(!format!("{config:?}").contains(SECRET));
        assert_hidden(config.check(&fakes::registry()).expect_err(text));
    }
}

#[test]
fn in_what_a_backend_says_when_it_is_opened() {
    let text = "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2' # hunter2\nschema = 's'\n";
    let config = read(text).unwrap();
    let refused = || {
        Error::new(ErrorKind::Unavailable, "cannot connect to hunter2")
            .with_help("try hunter2")
            .with_source("hunter2 refused")
    };
    for error in [refused(), refused().with_option("url"), refused().with_option("schema")] {
        let explained = config.explain(error, &fakes::registry());
        let shown = everything_shown_of(explained);
        assert!(shown.contains("cannot connect to ***") && !shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn the_line_of_a_secret_option_is_named_and_not_drawn() {
    let text = "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2'\n";
    let error = Error::new(ErrorKind::InvalidConfig, "the address has no host").with_option("url");
    let explained = read(text).unwrap().explain(error, &fakes::registry());
    assert!(miette::Diagnostic::source_code(&explained).is_none());
    assert_eq!(explained.to_string(), "codestrata.toml:4:7: the address has no host");
    assert_eq!(explained.into_report().to_string(), "codestrata.toml:4:7: the address has no host");
}

#[test]
fn when_the_backend_is_not_known_every_option_may_be_secret() {
    let text = "[storage]\nbackend='mystery'\n[storage.options]\nkey = 'hunter2'\n";
    let config = read(text).unwrap();
    let error = Error::new(ErrorKind::InvalidConfig, "no").with_option("key");
    assert_hidden(config.explain(error, &fakes::registry()));
    assert!(!config.to_toml(Some(&fakes::registry())).contains(SECRET));
}

#[test]
fn in_a_shown_configuration_it_is_a_comment() {
    let text = "[storage]\nbackend='postgres'\n[storage.options]\nurl = 'hunter2'\nschema = 's'\n";
    let shown = read(text).unwrap().to_toml(Some(&fakes::registry()));
    assert!(shown.contains("\nschema = \"s\"\n# url is set, and not shown\n"), "{shown}");
    read(&shown).unwrap();
}
