//! Texts of answers that share the memory of what they were cut from.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A text of an answer: it reads as a `str`, and shares its memory with the other texts of its file.
///
/// Making one costs the counting of a reference, and does not look at the text: an answer of thousands of rows is made
/// without a look at what is not read of it.
///
/// ```
/// use codestrata::SharedText;
///
/// let id = SharedText::from("a.py::save");
/// assert_eq!(id, "a.py::save");
/// assert_eq!(id.rsplit_once("::"), Some(("a.py", "save")));
/// ```
#[derive(Clone)]
pub struct SharedText(Shared);

#[derive(Clone)]
enum Shared {
    Text(Arc<str>),
    Row(Arc<dyn TextsOfRows>, u32),
}

/// Texts by row.
pub(crate) trait TextsOfRows: Send + Sync {
    /// The text of a row; empty if there is no such row.
    fn text(&self, row: u32) -> &str;
}

impl SharedText {
    /// The text of a row.
    #[inline]
    pub(crate) fn of_row(texts: Arc<dyn TextsOfRows>, row: u32) -> Self {
        Self(Shared::Row(texts, row))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Shared::Text(text) => text,
            Shared::Row(texts, row) => texts.text(*row),
        }
    }
}

impl Default for SharedText {
    fn default() -> Self {
        Self(Shared::Text(Arc::default()))
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for SharedText {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for SharedText {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<Arc<str>> for SharedText {
    fn from(text: Arc<str>) -> Self {
        Self(Shared::Text(text))
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<SharedText> for String {
    fn from(text: SharedText) -> Self {
        text.as_str().to_owned()
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SharedText {}

impl PartialEq<str> for SharedText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for SharedText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for SharedText {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<SharedText> for str {
    fn eq(&self, other: &SharedText) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<SharedText> for &str {
    fn eq(&self, other: &SharedText) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<SharedText> for String {
    fn eq(&self, other: &SharedText) -> bool {
        self == other.as_str()
    }
}

impl PartialOrd for SharedText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SharedText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for SharedText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files(&'static str);

    impl TextsOfRows for Files {
        fn text(&self, row: u32) -> &str {
            if row == 0 { self.0 } else { "" }
        }
    }

    #[test]
    fn a_row_reads_as_one_text_however_it_is_asked_for() {
        let texts = Arc::new(Files("a.py::load"));
        let (load, nothing) = (SharedText::of_row(texts.clone(), 0), SharedText::of_row(texts, 1));
        assert_eq!(serde_json::to_string(&load).unwrap(), "\"a.py::load\"");
        let same = load.clone();
        assert_eq!((load.as_str(), same.as_str()), ("a.py::load", "a.py::load"));
        assert_eq!((&*load, &*nothing), ("a.py::load", ""));
        assert_eq!(serde_json::to_string(&nothing).unwrap(), "\"\"");
        let later = SharedText::from("a.py::save");
        assert!(load < later);
    }

    #[test]
    fn a_text_reads_as_it_is() {
        let save = SharedText::from("save");
        assert_eq!(format!("{save} {save:?} {save:>5}"), "save \"save\"  save");
        assert_eq!(serde_json::to_string(&save).unwrap(), "\"save\"");
    }
}
