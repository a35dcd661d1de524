//! How much a call asked for and how much it was answered: counts and sizes, and never a key or a value.

use codestrata_core::{Bytes, Page};

/// A count and a number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

/// What can be measured: the answers of the seam.
pub(super) trait Measure {
    fn amount(&self) -> Amount;
}

impl Measure for Option<Bytes> {
    fn amount(&self) -> Amount {
        self.as_ref().map_or(Amount::default(), |value| Amount { items: 1, bytes: value.len() })
    }
}

impl Measure for Page {
    fn amount(&self) -> Amount {
        Amount { items: self.len(), bytes: self.byte_size() }
    }
}

impl<T: Measure> Measure for Vec<T> {
    fn amount(&self) -> Amount {
        self.iter().map(Measure::amount).fold(Amount::default(), |sum, one| Amount {
            items: sum.items + one.items,
            bytes: sum.bytes + one.bytes,
        })
    }
}

/// Answers that carry nothing of what is stored.
macro_rules! nothing {
    ($($answer:ty),*) => {
        $(impl Measure for $answer {
            fn amount(&self) -> Amount {
                Amount::default()
            }
        })*
    };
}

nothing!((), codestrata_core::Stats, Box<dyn codestrata_core::ReadView>);
