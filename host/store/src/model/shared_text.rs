//! Texts of answers that share the memory of what they were cut from.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

/// A text of an answer: it reads as a `str`, and shares its memory with the other texts of its file.
///
/// Making one costs the counting of a reference, and does not look at the text: an answer of thousands of rows is made
/// without a look at what is not read of it. An id is shared in two parts, its file and what follows it, and reading one as
/// a `str` for the first time puts it together; writing one as JSON does not have to.
///
/// ```
/// use codestrata::SharedText;
///
/// let id = SharedText::from("a.py::save");
/// assert_eq!(id, "a.py::save");
/// assert_eq!(id.rsplit_once("::"), Some(("a.py", "save")));
/// ```
#[derive(Clone, Default)]
pub struct SharedText {
    all: Arc<str>,
    begin: u32,
    end: u32,
    /// So much of the beginning of all stands before that part, and what is between the two.
    before: Option<(u32, &'static str)>,
    /// The two as one text, once somebody has read it.
    joined: OnceLock<Box<str>>,
}

impl SharedText {
    /// A part of a text, behind so much of its beginning and something between the two if there is any; nothing stands for
    /// what the text does not have.
    #[inline]
    pub(crate) fn joined(all: &Arc<str>, before: Option<(u32, &'static str)>, begin: u32, end: u32) -> Self {
        Self { all: Arc::clone(all), begin, end, before, joined: OnceLock::new() }
    }

    /// What it is made of.
    fn parts(&self) -> [&str; 3] {
        let part = |begin: u32, end: u32| self.all.get(begin as usize..end as usize).unwrap_or_default();
        let (before, between) = self.before.map_or(("", ""), |(end, between)| (part(0, end), between));
        [before, between, part(self.begin, self.end)]
    }

    /// The text. One that does not stand in one piece in what it shares is put together when it is first read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self.parts() {
            ["", "", part] => part,
            parts => self.joined.get_or_init(|| parts.concat().into()),
        }
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
    fn from(all: Arc<str>) -> Self {
        // A text of more than 4 GiB is none that a graph can have.
        let end = u32::try_from(all.len()).unwrap_or(0);
        Self { all, end, ..Self::default() }
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
        match self.parts() {
            ["", "", part] => serializer.serialize_str(part),
            [before, between, part] => serializer.collect_str(&format_args!("{before}{between}{part}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_as_one_text_however_it_is_asked_for() {
        let all: Arc<str> = "a.py::saveload".into();
        let joined = |before, begin, end| SharedText::joined(&all, before, begin, end);
        let (save, load) = (joined(None, 0, 10), joined(Some((4, "::")), 10, 14));
        assert_eq!(serde_json::to_string(&load).unwrap(), "\"a.py::load\"");
        assert_eq!(
            (load.as_str(), load.clone().as_str(), load.to_string()),
            ("a.py::load", "a.py::load", "a.py::load".into())
        );
        assert_eq!(serde_json::to_string(&load).unwrap(), "\"a.py::load\"");
        assert_eq!(save, joined(Some((4, "::")), 6, 10));
        assert!(load < save);
    }

    #[test]
    fn a_part_reads_as_what_it_is_a_part_of() {
        let all: Arc<str> = "a.py::save".into();
        let part = |begin, end| SharedText::joined(&all, None, begin, end);
        assert_eq!(part(6, 10), "save");
        assert_eq!(part(6, 10), SharedText::from("save"));
        assert_eq!(
            (part(0, 10).to_string().as_str(), format!("{:?}", part(0, 4))),
            ("a.py::save", "\"a.py\"".into())
        );
        assert!(part(0, 4) < part(6, 10));
        assert_eq!(serde_json::to_string(&part(6, 10)).unwrap(), "\"save\"");
        // Beyond the end, the wrong way round, and within a letter there is nothing.
        let letters: Arc<str> = "ä".into();
        for nothing in
            [part(8, 11), part(4, 2), SharedText::joined(&letters, None, 1, 2), SharedText::default()]
        {
            assert_eq!(nothing, "");
        }
    }
}
