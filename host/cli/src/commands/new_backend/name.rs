//! Which names a new backend may have.

use codestrata_core::Registry;
use codestrata_core::registry::is_valid_name;

use crate::engines;
use crate::failure::{Code, Failure};

/// What the names of these crates begin with. The rest is the name of the backend, so that one can be guessed from the
/// other.
pub(crate) const PREFIX: &str = "codestrata-backend-";
/// The longest name of a crate that crates.io takes.
const MAX_CRATE_NAME_BYTES: usize = 64;

/// The crate of the backend of this name.
pub(crate) fn of_crate(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Refuses a name that no backend may have, whose crate could not be published, or that is taken.
///
/// A word of Rust is no reason: the name stands alone in texts only, and with the prefix elsewhere.
///
/// # Errors
/// `Usage`, with a name that would do where one can be made of it.
pub(super) fn check(name: &str) -> Result<(), Failure> {
    if let Some(rest) = name.strip_prefix(PREFIX) {
        return Err(refused(format!("`{name}` is the name of a crate, not of a backend"))
            .with_help(format!("say `codestrata new-backend {rest}`; the crate is named {name}")));
    }
    if !is_valid_name(name) {
        let rule = "a name is lower-case letters, digits and hyphens, and begins with a letter";
        let help = match mended(name) {
            Some(mended) => format!("{rule}, such as `{mended}`"),
            None => rule.to_owned(),
        };
        return Err(refused(format!("`{name}` cannot be the name of a backend")).with_help(help));
    }
    let most = MAX_CRATE_NAME_BYTES - PREFIX.len();
    if name.len() > most {
        return Err(refused(format!(
            "a name of {} letters makes a name of a crate over {MAX_CRATE_NAME_BYTES}",
            name.len()
        ))
        .with_help(format!("choose one of at most {most}")));
    }
    let is_linked = Registry::linked().is_ok_and(|registry| registry.get(name).is_ok());
    if is_linked || engines::FEATURES.contains(&name) {
        return Err(refused(format!("there is a backend `{name}` already, and one program cannot have two"))
            .with_help("choose another name"));
    }
    Ok(())
}

/// The nearest name that a backend may have.
fn mended(name: &str) -> Option<String> {
    let kept = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
        _ => '-',
    };
    let mended: String = name.chars().map(kept).collect();
    let mended = mended.trim_start_matches(|letter: char| !letter.is_ascii_lowercase()).trim_end_matches('-');
    // One that is taken, or too long, would be refused in its turn.
    (is_valid_name(mended) && check(mended).is_ok()).then(|| mended.to_owned())
}

fn refused(message: String) -> Failure {
    Failure::new(Code::Usage, "invalid-argument", message)
}

#[cfg(test)]
mod tests {
    use super::{check, mended};

    #[test]
    fn names_with_hyphens_digits_and_words_of_rust_are_taken() {
        for name in ["demo", "my-engine", "s3", "fn", "a", &"n".repeat(45)] {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_that_the_registry_or_crates_io_would_refuse_are_refused() {
        for name in [
            "",
            "My_Engine",
            "3s",
            "-a",
            "a b",
            "grün",
            "../x",
            "redb",
            "codestrata-backend-x",
            &"n".repeat(46),
        ] {
            assert!(check(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_near_name_is_offered() {
        assert_eq!(mended("My_Engine").as_deref(), Some("my-engine"));
        assert_eq!(mended("3s").as_deref(), Some("s"));
        assert_eq!(mended("../x").as_deref(), Some("x"));
        assert_eq!(mended("42"), None);
        assert_eq!(mended("Redb"), None, "it is taken");
    }
}
