//! Numbers from 0 to 1 that come back from a store as they were.
//!
//! They are kept in thousandths, because a fraction may come back from JSON as its neighbour, and a run that is
//! compared with what is stored would differ from itself.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number from 0 to 1, in thousandths: how alike two things are, or how sure somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// One: the same, or certain.
    pub const SAME: Self = Self(1_000);

    /// A score in thousandths; more than a thousand are one.
    #[must_use]
    pub const fn thousandths(thousandths: u16) -> Self {
        if thousandths > 1_000 { Self::SAME } else { Self(thousandths) }
    }

    /// The score in thousandths.
    #[must_use]
    pub const fn as_thousandths(self) -> u16 {
        self.0
    }

    /// From 0 to 1.
    #[must_use]
    pub fn as_fraction(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }

    /// The score of a number from 0 to 1; none for any other.
    #[must_use]
    pub fn of_fraction(fraction: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&fraction) {
            return None;
        }
        // The nearest of the thousandths, without a conversion that could lose anything.
        let nearest = |score: &u16| (f64::from(*score) / 1_000.0 - fraction).abs();
        (0..=1_000).min_by(|a, b| nearest(a).total_cmp(&nearest(b))).map(Self)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_fraction().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fraction = f64::deserialize(from)?;
        Self::of_fraction(fraction).ok_or_else(|| serde::de::Error::custom("a score is a number from 0 to 1"))
    }
}
