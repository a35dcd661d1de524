//! The keys of analysis results.
//!
//! Times stand inverted, as their distance from the last one that there can be, so that a scan forward meets the
//! newest first, and the ids of one moment in their own order.

use codestrata_core::{Key, KeyRange, Result};

use super::{MAX_TEXT_BYTES, key, text_part};
use crate::codec::{ContentName, content_name};

const HEAD: u8 = 0x30;
pub(crate) const RESULT: u8 = 0x31;
const BY_TIME: u8 = 0x32;
const BY_TYPE: u8 = 0x33;
pub(crate) const DATA: u8 = 0x34;
const ABANDONED: u8 = 0x35;

/// The results of one repository, from its first to its deletion: 128 random bits.
pub(crate) type Scope = u128;

pub(crate) fn head(repo_id: &str) -> Result<Key> {
    key(&[&[HEAD], &text_part(repo_id)])
}

pub(crate) fn heads() -> KeyRange {
    KeyRange::prefix(vec![HEAD])
}

/// Everything of every result.
pub(crate) fn everything() -> KeyRange {
    KeyRange::new(vec![HEAD], Some(vec![ABANDONED + 1].into()))
}

pub(crate) fn result(id: &str) -> Result<Key> {
    key(&[&[RESULT], &text_part(id)])
}

/// The results whose ids begin with a text, and perhaps others: of a long id the key has its beginning only.
pub(crate) fn results_beginning_with(prefix: &str) -> KeyRange {
    let bytes = prefix.bytes().take(MAX_TEXT_BYTES);
    KeyRange::prefix(std::iter::once(RESULT).chain(bytes).collect::<Vec<u8>>())
}

pub(crate) fn by_time(scope: Scope, at_ms: u64, id: &str) -> Result<Key> {
    key(&[&Index::Time(scope).prefix(), &inverted(at_ms), &text_part(id)])
}

pub(crate) fn by_type(scope: Scope, type_name: ContentName, at_ms: u64, id: &str) -> Result<Key> {
    key(&[&Index::Type(scope, type_name).prefix(), &inverted(at_ms), &text_part(id)])
}

/// The name of a type of analysis in keys.
pub(crate) fn type_name(analysis_type: &str) -> ContentName {
    content_name(analysis_type.as_bytes())
}

pub(crate) fn part(data: u128, number: u32) -> Result<Key> {
    key(&[&[DATA], &data.to_be_bytes(), &number.to_be_bytes()])
}

/// Every part of the data of one result.
pub(crate) fn parts(data: u128) -> KeyRange {
    KeyRange::prefix([[DATA].as_slice(), &data.to_be_bytes()].concat())
}

pub(crate) fn abandoned(scope: Scope) -> Result<Key> {
    key(&[&[ABANDONED], &scope.to_be_bytes()])
}

pub(crate) fn all_abandoned() -> KeyRange {
    KeyRange::prefix(vec![ABANDONED])
}

/// A list of results, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// All of a scope.
    Time(Scope),
    /// Those of one type.
    Type(Scope, ContentName),
}

impl Index {
    fn prefix(self) -> Vec<u8> {
        match self {
            Self::Time(scope) => [[BY_TIME].as_slice(), &scope.to_be_bytes()].concat(),
            Self::Type(scope, name) => {
                [[BY_TYPE].as_slice(), &scope.to_be_bytes(), &name.to_be_bytes()].concat()
            }
        }
    }

    /// The whole list.
    pub(crate) fn all(self) -> KeyRange {
        KeyRange::prefix(self.prefix())
    }

    /// What comes after the name of the list in a key of it.
    pub(crate) fn rest_of(self, key: &[u8]) -> Option<&[u8]> {
        key.strip_prefix(self.prefix().as_slice())
    }

    /// What comes after this rest of a key.
    pub(crate) fn after(self, rest: &[u8]) -> KeyRange {
        self.all().after(&[self.prefix().as_slice(), rest].concat())
    }

    /// What is not older than `since_ms`, and comes after a result, where one is given by its time and id.
    pub(crate) fn page(self, since_ms: u64, after: Option<(u64, &str)>) -> KeyRange {
        let prefix = self.prefix();
        let start = match after {
            None => prefix.clone(),
            Some((at_ms, id)) => [prefix.as_slice(), &inverted(at_ms), &text_part(id), &[0]].concat(),
        };
        let end = match since_ms.checked_sub(1) {
            None => KeyRange::prefix(prefix).end().cloned(),
            Some(older) => Some([prefix.as_slice(), &inverted(older)].concat().into()),
        };
        KeyRange::new(start, end)
    }

    /// What is older than `cutoff_ms`.
    pub(crate) fn older(self, cutoff_ms: u64) -> Option<KeyRange> {
        let prefix = self.prefix();
        let start = [prefix.as_slice(), &inverted(cutoff_ms.checked_sub(1)?)].concat();
        Some(KeyRange::new(start, KeyRange::prefix(prefix).end().cloned()))
    }

    /// The key of the result that an entry of this list leads to.
    pub(crate) fn result_of(self, key: &[u8]) -> Option<Result<Key>> {
        let id = key.get(self.prefix().len() + 8..).filter(|id| !id.is_empty())?;
        Some(Key::new([[RESULT].as_slice(), id].concat()))
    }
}

/// The lists of a scope by type, from a type on.
pub(crate) fn types_from(scope: Scope, first: ContentName) -> KeyRange {
    let scope = [[BY_TYPE].as_slice(), &scope.to_be_bytes()].concat();
    let start = [scope.as_slice(), &first.to_be_bytes()].concat();
    KeyRange::new(start, KeyRange::prefix(scope).end().cloned())
}

/// The type in the key of a list by type.
pub(crate) fn type_name_of(key: &[u8]) -> Option<ContentName> {
    Some(ContentName::from_be_bytes(*key.get(17..)?.first_chunk::<16>()?))
}

fn inverted(at_ms: u64) -> [u8; 8] {
    (u64::MAX - at_ms).to_be_bytes()
}
