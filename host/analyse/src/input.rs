//! Texts that people and tools give: what is wrong with one is said with its place.

use codestrata::{Error, ErrorKind, Result};

use crate::limits::MAX_TEXT_BYTES;

/// An error of a place in what was given, `line 3` or `entry 2`.
pub(crate) fn wrong(place: &str, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("{place}: {what}"))
}

/// The error of JSON that is none or has another shape, with its line and column. The line is given where the text is
/// itself one of many.
pub(crate) fn not_json(line: Option<usize>, error: &serde_json::Error) -> Error {
    let line = line.unwrap_or(error.line());
    let text = error.to_string();
    // Its place is said in front.
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    wrong(&format!("line {line}, column {}", error.column()), what)
}

/// Refuses an empty text and one that is too long.
pub(crate) fn check_text(place: &str, name: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(wrong(place, format!("`{name}` is empty")));
    }
    check_length(place, name, text)
}

/// Refuses a text that is too long.
pub(crate) fn check_length(place: &str, name: &str, text: &str) -> Result<()> {
    if text.len() > MAX_TEXT_BYTES {
        let what = format!("`{name}` has {} bytes; at most {MAX_TEXT_BYTES} are kept", text.len());
        return Err(wrong(place, what));
    }
    Ok(())
}
