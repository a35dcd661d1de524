//! `${NAME}` is replaced in a file that was named, and refused in one that was found.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

use codestrata_config::{ConfigError, Environment, StorageConfig};

// Cargo sets this one for every test; setting one here would be unsafe.
const SET: &str = "codestrata-config";

fn path_of(value: &str, environment: Environment) -> Result<String, ConfigError> {
    let text = format!("[storage]\nbackend = 'redb'\n[storage.options]\npath = '{value}'\n");
    let config = StorageConfig::from_toml(&text, "codestrata.toml", "", environment)?;
    Ok(config.storage().options().text("path").unwrap().unwrap().to_owned())
}

#[test]
fn a_variable_is_replaced_in_a_named_file() {
    let path = |value| path_of(value, Environment::Expand).unwrap();
    assert_eq!(path("${CARGO_PKG_NAME}"), SET);
    assert_eq!(path("/a/${CARGO_PKG_NAME}/${CARGO_PKG_NAME}.redb"), format!("/a/{SET}/{SET}.redb"));
    assert_eq!(path("$CARGO_PKG_NAME $ {x} }$"), "$CARGO_PKG_NAME $ {x} }$", "only braces count");
}

#[test]
fn two_dollars_stand_for_the_text_itself() {
    for environment in [Environment::Expand, Environment::Ignore] {
        let path = |value| path_of(value, environment).unwrap();
        assert_eq!(path("$${CARGO_PKG_NAME}"), "${CARGO_PKG_NAME}");
        assert_eq!(path("$$${CARGO_PKG_NAME}"), "$${CARGO_PKG_NAME}");
        assert_eq!(path("$$"), "$$");
        assert_eq!(path("$${"), "${");
    }
}

#[test]
fn a_variable_that_is_not_set_is_an_error_in_its_place() {
    let error = path_of("a/${CODESTRATA_NOT_SET}", Environment::Expand).unwrap_err();
    assert_eq!(
        error.to_string(),
        "codestrata.toml:4:8: the environment variable `CODESTRATA_NOT_SET` is not set; \
         set it, or write `$${` for a plain `${`"
    );
}

#[test]
fn a_found_file_may_not_read_the_environment() {
    let error = path_of("${CARGO_PKG_NAME}", Environment::Ignore).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(4), Some(8)));
    assert!(error.help().unwrap().contains("--config"), "{error}");
    assert!(!error.to_string().contains(SET), "{error}");
}

#[test]
fn what_is_not_a_name_is_an_error() {
    for value in ["${", "${}", "${A", "${A-B}", "${A:-b}", "${1}", "${a b}", "${ä}", "${${A}}"] {
        for environment in [Environment::Expand, Environment::Ignore] {
            let error = path_of(value, environment).unwrap_err();
            assert!(error.message().contains("not followed by the name"), "{value}: {error}");
        }
    }
}

#[test]
fn keys_and_comments_are_left_alone() {
    let text = "[storage]\nbackend = 'redb' # ${X}\n[storage.options]\n'${X}' = 1\n";
    let config = StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore).unwrap();
    assert!(config.storage().options().get("${X}").is_some());
}
