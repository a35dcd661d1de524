//! Values of users, encoded, and the numbers of their types.
//!
//! There may be a million of them, so what is beside a value is kept small: the number of its type stands in the map, a
//! short value too, and a longer one is one allocation, with its deadline in front if it has one. The text of the key is not
//! kept (`text`).

use std::sync::OnceLock;

use triomphe::ThinArc;

use super::expiry::Deadline;
use crate::limits::MAX_CACHED_TYPES;

/// A value that fits into the map beside the number of its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    length: u8,
    bytes: [u8; Self::MOST_BYTES],
}

impl Short {
    const MOST_BYTES: usize = 13;

    /// The value; none if it is too long.
    pub(super) fn new(value: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MOST_BYTES];
        bytes.get_mut(..value.len())?.copy_from_slice(value);
        Some(Self { length: u8::try_from(value.len()).ok()?, bytes })
    }

    #[inline]
    pub(super) fn value(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// A longer value.
pub(super) type Lasting = ThinArc<(), u8>;

/// A value with a deadline.
pub(super) type Ending = ThinArc<Deadline, u8>;

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
    #[inline]
    pub(super) fn has(&self, number: u8, name: &'static str) -> bool {
        self.name(number).is_some_and(|known| std::ptr::eq(known, name) || known == name)
    }

    /// The name of the type with this number.
    #[inline]
    pub(super) fn name(&self, number: u8) -> Option<&'static str> {
        self.0.get(usize::from(number))?.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Short, TypeNames};

    #[test]
    fn a_short_value_comes_back_and_a_longer_one_is_none() {
        for length in 0..20 {
            let value: Vec<u8> = (1..=length).collect();
            let short = Short::new(&value);
            assert_eq!(short.as_ref().map(Short::value), (length <= 13).then_some(value.as_slice()));
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
