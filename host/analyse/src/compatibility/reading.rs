//! Matrices from files.

use std::collections::BTreeMap;

use codestrata::Result;
use serde::Deserialize;
use toml::Spanned;

use super::{CompatibilityMatrix, Entry, Versioned};
use crate::input::{check_length, check_text, not_json, wrong};
use crate::limits::MAX_MATRIX_ENTRIES;

/// What a file holds: `entries`, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<E> {
    entries: Vec<E>,
}

impl CompatibilityMatrix {
    /// A matrix in TOML: a table `[[entries]]` for each entry.
    ///
    /// # Errors
    /// `InvalidArgument` with the line for what is no matrix, for two entries of the same, and for more than
    /// [`MAX_MATRIX_ENTRIES`].
    pub fn from_toml(text: &str) -> Result<Self> {
        let file: File<Spanned<Entry>> = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(|| "the file".to_owned(), |span| line(text, span.start));
            wrong(&place, error.message())
        })?;
        let placed = |entry: Spanned<Entry>| (line(text, entry.span().start), entry.into_inner());
        Self::of(file.entries.into_iter().map(placed).collect())
    }

    /// A matrix in JSON: an object whose `entries` are a list.
    ///
    /// # Errors
    /// As [`from_toml`](Self::from_toml), with the number of the entry where the text is JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        let file: File<Entry> = serde_json::from_str(text).map_err(|error| not_json(None, &error))?;
        let placed = |(number, entry): (usize, Entry)| (format!("entry {number}"), entry);
        Self::of((1..).zip(file.entries).map(placed).collect())
    }

    /// Checks entries, each with its place, and sorts them.
    fn of(entries: Vec<(String, Entry)>) -> Result<Self> {
        if entries.len() > MAX_MATRIX_ENTRIES {
            let what = format!("it has {} entries; at most {MAX_MATRIX_ENTRIES} are kept", entries.len());
            return Err(wrong("the file", what));
        }
        let mut sorted: BTreeMap<(Versioned, Versioned), (String, Entry)> = BTreeMap::new();
        for (place, entry) in entries {
            check(&place, &entry)?;
            let key = (entry.row(), entry.column());
            if let Some((earlier, _)) = sorted.get(&key) {
                let what = format!("{} with {} stands on {earlier} already", key.0, key.1);
                return Err(wrong(&place, what));
            }
            sorted.insert(key, (place, entry));
        }
        Ok(Self { entries: sorted.into_values().map(|(_, entry)| entry).collect() })
    }
}

fn check(place: &str, entry: &Entry) -> Result<()> {
    check_text(place, "component", &entry.component)?;
    check_text(place, "component_version", &entry.component_version)?;
    check_text(place, "protocol", &entry.protocol)?;
    check_text(place, "protocol_version", &entry.protocol_version)?;
    entry.note.as_ref().map_or(Ok(()), |note| check_length(place, "note", note))
}

/// The line of a byte.
fn line(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or_default();
    format!("line {}", before.matches('\n').count() + 1)
}
