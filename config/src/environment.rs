//! `${NAME}` in the values of a file.

use std::env::{self, VarError};

/// Whether `${NAME}` in a value is replaced by the environment variable of that name.
///
/// `$${` stands for a plain `${` either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Replace it: the person named this file, and answers for what it reads.
    Expand,
    /// Refuse it: the file was found lying in a source tree, which anyone may have written.
    Ignore,
}

/// What is wrong with a value: the message, and what to do.
pub(crate) type Problem = (String, String);

/// Replaces the variables of a value, once: what a variable holds is not looked at again.
pub(crate) fn expand(value: &str, environment: Environment) -> Result<String, Problem> {
    let mut expanded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(dollar) = rest.find('$') {
        let (before, from_dollar) = rest.split_at(dollar);
        expanded.push_str(before);
        if let Some(after) = from_dollar.strip_prefix("$${") {
            expanded.push_str("${");
            rest = after;
        } else if let Some(after) = from_dollar.strip_prefix("${") {
            let (name, after) = split_name(after)?;
            expanded.push_str(&read(name, environment)?);
            rest = after;
        } else {
            expanded.push('$');
            rest = from_dollar.strip_prefix('$').unwrap_or_default();
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Writes a value so that [`expand`] gives it back.
pub(crate) fn escape(value: &str) -> String {
    value.replace("${", "$${")
}

fn split_name(text: &str) -> Result<(&str, &str), Problem> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split_once('}')
        .filter(|(name, _)| name.chars().all(is_part) && name.starts_with(|c: char| !c.is_ascii_digit()))
        .ok_or_else(|| {
            (
                "`${` is not followed by the name of an environment variable and `}`".to_owned(),
                "write `${NAME}`, or `$${` for a plain `${`".to_owned(),
            )
        })
}

fn read(name: &str, environment: Environment) -> Result<String, Problem> {
    if environment == Environment::Ignore {
        return Err((
            format!("`${{{name}}}` would read the environment, which a file that was only found may not do"),
            "name the file with --config if you trust it, or write `$${` for a plain `${`".to_owned(),
        ));
    }
    env::var(name).map_err(|error| match error {
        VarError::NotPresent => (
            format!("the environment variable `{name}` is not set"),
            "set it, or write `$${` for a plain `${`".to_owned(),
        ),
        VarError::NotUnicode(_) => {
            (format!("the environment variable `{name}` is not UTF-8"), "set it to text".to_owned())
        }
    })
}
