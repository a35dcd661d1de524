//! Entries of users: key, value, type and deadline, in one piece of memory.
//!
//! An entry is one allocation, because there may be a million of them: five parts of their own took 252 bytes beside the
//! key and the value, and this takes 83, the map included.
//!
//! ```text
//! | type | has a deadline | length of the key, 4 bytes | deadline and its number, 16 bytes | key | value |
//! ```

use std::sync::OnceLock;
use std::time::Duration;

use triomphe::ThinArc;

use crate::limits::MAX_CACHED_TYPES;

/// When an entry ends, and the number of that deadline in the queue.
pub(super) type Deadline = (Duration, u64);

const HEAD: usize = 6;
const DEADLINE: usize = 16;

/// An entry.
#[derive(Clone, Debug)]
pub(super) struct UserEntry(ThinArc<(), u8>);

/// What an entry says.
pub(super) struct Parts<'a> {
    pub(super) type_number: u8,
    pub(super) deadline: Option<Deadline>,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

impl UserEntry {
    /// An entry; none for a key that is too long.
    pub(super) fn new(type_number: u8, key: &str, value: &[u8], deadline: Option<Deadline>) -> Option<Self> {
        let mut bytes = Vec::with_capacity(HEAD + DEADLINE + key.len() + value.len());
        bytes.extend([type_number, u8::from(deadline.is_some())]);
        bytes.extend(u32::try_from(key.len()).ok()?.to_le_bytes());
        if let Some((deadline, number)) = deadline {
            bytes.extend(u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX).to_le_bytes());
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(value);
        Some(Self(ThinArc::from_header_and_slice((), &bytes)))
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.0.slice.len()
    }

    /// What it says. Entries are made here alone, so there is always something.
    pub(super) fn parts(&self) -> Option<Parts<'_>> {
        let (&[type_number, has_deadline, a, b, c, d], rest) = self.0.slice.split_first_chunk::<HEAD>()?;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
        let (deadline, rest) = if has_deadline == 0 { (None, rest) } else { take_deadline(rest)? };
        let (key, value) = rest.split_at_checked(length)?;
        Some(Parts { type_number, deadline, key, value })
    }

    /// When it ends.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.parts()?.deadline
    }
}

fn take_deadline(bytes: &[u8]) -> Option<(Option<Deadline>, &[u8])> {
    let (deadline, rest) = bytes.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let deadline = Duration::from_nanos(u64::from_le_bytes(*deadline));
    Some((Some((deadline, u64::from_le_bytes(*number))), rest))
}

/// The names of the types that are kept, by their numbers. They are told apart by their names alone, as far as there are
/// numbers; a program that keeps more types than that keeps no more of them.
#[derive(Debug)]
pub(super) struct TypeNames(Box<[OnceLock<&'static str>]>);

impl Default for TypeNames {
    fn default() -> Self {
        Self((0..MAX_CACHED_TYPES).map(|_| OnceLock::new()).collect())
    }
}

impl TypeNames {
    /// The number of a type, which it has from now on; none if there are no numbers left.
    pub(super) fn number_of(&self, name: &'static str) -> Option<u8> {
        let place = self.0.iter().position(|place| *place.get_or_init(|| name) == name)?;
        u8::try_from(place).ok()
    }

    /// Whether the type has this number.
    pub(super) fn has(&self, number: u8, name: &'static str) -> bool {
        self.name(number).is_some_and(|known| std::ptr::eq(known, name) || known == name)
    }

    /// The name of the type with this number.
    pub(super) fn name(&self, number: u8) -> Option<&'static str> {
        self.0.get(usize::from(number))?.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{TypeNames, UserEntry};

    #[test]
    fn an_entry_says_what_it_was_made_of() {
        for deadline in [None, Some((Duration::from_millis(1_500), 7))] {
            for (key, value) in [("", b"".as_slice()), ("key", b"value"), ("k", &[0; 300])] {
                let entry = UserEntry::new(3, key, value, deadline).unwrap();
                let parts = entry.parts().unwrap();
                assert_eq!((parts.type_number, parts.deadline), (3, deadline));
                assert_eq!((parts.key, parts.value), (key.as_bytes(), value));
            }
        }
    }

    #[test]
    fn types_have_numbers_of_their_own_until_there_are_none_left() {
        let names = TypeNames::default();
        let all: Vec<&'static str> = (0..256).map(|n| &*format!("type{n}").leak()).collect();
        let numbers: Vec<Option<u8>> = all.iter().map(|name| names.number_of(name)).collect();
        assert!(numbers.iter().enumerate().all(|(at, number)| number.map(usize::from) == Some(at)));
        assert!(all.iter().zip(0..=255).all(|(name, number)| names.has(number, name)));
        assert!(!names.has(0, "type1"));
        assert_eq!(names.number_of("type7"), Some(7));
        assert_eq!(names.number_of("one more"), None);
    }
}
