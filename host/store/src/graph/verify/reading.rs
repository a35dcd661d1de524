//! Reading a store that may be damaged beneath its records, where an engine finds that it cannot read a part of its
//! files: everything else is read, and what is lost is said.
//!
//! An engine says that a call touched damage, and not which keys lie there. So a call that fails is made again for
//! each half of what it asked for, until what fails is narrow. A view is given up after damage, because some engines
//! answer nothing from it any more, and another is taken.

use std::ops::RangeInclusive;

use codestrata_core::{Bytes, Key, KeyRange, ReadView, Result, ScanRequest};

use super::is_damage;
use crate::graph::engine::Engine;
use crate::graph::view::View;
use crate::limits::{MAX_HALVINGS, MAX_UNREADABLE};

/// How long the beginning of every key of a table of a generation is: its letter comes last.
const TABLE_BYTES: usize = 6;

/// Keys that are asked for together.
const KEYS_PER_READ: usize = 1_024;

/// A store with a way around its damage.
pub(super) struct Reading<'e> {
    engine: &'e Engine,
    /// What is read until something of it cannot be.
    first: Option<&'e dyn ReadView>,
    /// What is read since; none where not even a view can be had.
    later: Option<Box<dyn ReadView>>,
    /// How often something could not be read.
    failures: u32,
}

/// The value of a key.
pub(super) enum Stored {
    Value(Bytes),
    Absent,
    /// It cannot be told: this is why.
    Unreadable(String),
}

/// A range of which nothing can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) range: KeyRange,
    /// What the engine says of it.
    pub(super) why: String,
}

impl Stored {
    /// The bytes, or why there are none, in words that begin with what they are.
    pub(super) fn bytes(&self, what: &str) -> std::result::Result<&[u8], String> {
        match self {
            Self::Value(bytes) => Ok(bytes),
            Self::Absent => Err(format!("{what} is missing")),
            Self::Unreadable(why) => Err(format!("{what} cannot be read: {why}")),
        }
    }
}

impl Lost {
    /// The finding that these things cannot be read.
    pub(super) fn says(&self, what: &str) -> String {
        format!("{what} cannot be read: {}", self.why)
    }

    /// The numbers in the keys of a table of a generation that lie in it, of those between a first and a last; none if
    /// there are none.
    pub(super) fn numbers(&self, first: u32, last: u32) -> Option<RangeInclusive<u32>> {
        let number = |bytes: &[u8]| {
            let mut number = [0; 4];
            for (place, byte) in number.iter_mut().zip(bytes.get(TABLE_BYTES..).unwrap_or_default()) {
                *place = *byte;
            }
            u32::from_be_bytes(number)
        };
        let low = number(self.range.start()).max(first);
        let high = match self.range.end() {
            // A longer end than a number has some of what follows it in the range.
            Some(end) if end.len() > TABLE_BYTES => {
                number(end).checked_sub(u32::from(end.len() <= TABLE_BYTES + 4))?
            }
            _ => u32::MAX,
        };
        let high = high.min(last);
        (low <= high).then_some(low..=high)
    }
}

/// Files in words, by their ordinals.
pub(super) fn ordinals(numbers: &RangeInclusive<u32>) -> String {
    if numbers.start() == numbers.end() {
        format!("file {}", numbers.start())
    } else {
        format!("the files {} to {}", numbers.start(), numbers.end())
    }
}

impl<'e> Reading<'e> {
    /// Reads what a view of a repository sees.
    pub(super) async fn of_view(view: &'e View<'_>) -> Result<Self> {
        Ok(Self { engine: view.engine, first: Some(view.reader().await?), later: None, failures: 0 })
    }

    /// Reads the store as it is.
    pub(super) fn of_store(engine: &'e Engine) -> Self {
        Self { engine, first: Some(engine.backend.as_ref()), later: None, failures: 0 }
    }

    /// Whether everything that was asked for could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.failures == 0
    }

    /// Whether the repository is still the one that was opened, which views that were taken later need not show.
    pub(super) async fn is_consistent(&self, view: &View<'_>) -> Result<bool> {
        if self.is_whole() {
            return view.is_consistent().await;
        }
        match View::open(self.engine, &view.head.repo_id).await {
            Ok(now) => Ok(now.is_some_and(|now| now.head_bytes == view.head_bytes)),
            // Who cannot read the head cannot have read that it moved.
            Err(error) if is_damage(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Every item of a range that can be read, in order, and what cannot.
    pub(super) async fn each(
        &mut self,
        range: KeyRange,
        keys_only: bool,
        mut visit: impl FnMut(&[u8], &[u8]) + Send,
    ) -> Result<Vec<Lost>> {
        let mut lost: Vec<Lost> = Vec::new();
        let mut waiting = vec![(range, 0_u32)];
        while let Some((range, depth)) = waiting.pop() {
            let request = ScanRequest::new(range.clone());
            let request = if keys_only { request.keys_only() } else { request };
            match self.reader().scan(&request).await {
                Ok(page) => {
                    page.iter().for_each(|(key, value)| visit(key, value));
                    waiting.extend(page.next().map(|next| (next.clone(), depth)));
                }
                Err(error) if is_damage(&error) => {
                    self.begin_again().await?;
                    let may_halve = depth < MAX_HALVINGS && self.failures < MAX_UNREADABLE;
                    match may_halve.then(|| halves(&range)).flatten() {
                        Some((low, high)) => waiting.extend([(high, depth + 1), (low, depth + 1)]),
                        None => add(&mut lost, range, error.message().to_owned()),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(lost)
    }

    /// The values of keys, in their order.
    pub(super) async fn values(&mut self, keys: &[Key]) -> Result<Vec<Stored>> {
        let mut values = Vec::with_capacity(keys.len());
        let mut waiting: Vec<&[Key]> = keys.chunks(KEYS_PER_READ).rev().collect();
        while let Some(keys) = waiting.pop() {
            match self.reader().get_many(keys).await {
                Ok(found) => {
                    values.extend(found.into_iter().map(|value| value.map_or(Stored::Absent, Stored::Value)));
                }
                Err(error) if is_damage(&error) => {
                    self.begin_again().await?;
                    match keys.split_at_checked(keys.len() / 2) {
                        Some((low, high)) if !low.is_empty() && self.failures < MAX_UNREADABLE => {
                            waiting.extend([high, low]);
                        }
                        _ => {
                            let unreadable = || Stored::Unreadable(error.message().to_owned());
                            values.extend(keys.iter().map(|_| unreadable()));
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(values)
    }

    fn reader(&self) -> &dyn ReadView {
        // A store that gives no view says why when it is asked itself.
        self.first.or(self.later.as_deref()).unwrap_or(self.engine.backend.as_ref())
    }

    /// Takes another view after damage.
    async fn begin_again(&mut self) -> Result<()> {
        self.failures = self.failures.saturating_add(1);
        self.first = None;
        self.later = match self.engine.reader().await {
            Ok(reader) => Some(reader),
            Err(error) if is_damage(&error) => None,
            Err(error) => return Err(error),
        };
        Ok(())
    }
}

/// Adds a range, as one with that before it where they touch and the reason is the same.
fn add(lost: &mut Vec<Lost>, range: KeyRange, why: String) {
    if let Some(before) = lost.last_mut()
        && before.range.end() == Some(range.start())
        && before.why == why
    {
        before.range = KeyRange::new(before.range.start().clone(), range.end().cloned());
        return;
    }
    lost.push(Lost { range, why });
}

/// A range in two, as even as the bytes of its ends allow; none if there is nothing between them.
fn halves(range: &KeyRange) -> Option<(KeyRange, KeyRange)> {
    /// How many bytes after those that both ends have in common are looked at.
    const BYTES: usize = 8;
    let start = range.start().as_ref();
    let common = match range.end() {
        None => 0,
        Some(end) => start.iter().zip(end.iter()).take_while(|(a, b)| a == b).count(),
    };
    let number = |bytes: &[u8], filling: u8| {
        let mut number = [filling; BYTES];
        for (place, byte) in number.iter_mut().zip(bytes.get(common..).unwrap_or_default()) {
            *place = *byte;
        }
        u64::from_be_bytes(number)
    };
    let low = number(start, 0);
    let high = range.end().map_or(u64::MAX, |end| number(end, 0));
    let middle = low.checked_add(high.checked_sub(low)? / 2)?;
    let prefix = start.get(..common).unwrap_or_default();
    // Without zeros at its end, so that it is no longer than the key that it stands for.
    let middle = middle.to_be_bytes();
    let length = middle.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let middle: Bytes = [prefix, middle.get(..length).unwrap_or_default()].concat().into();
    let is_between = middle.as_ref() > start && range.end().is_none_or(|end| middle < end);
    is_between.then(|| {
        (
            KeyRange::new(range.start().clone(), Some(middle.clone())),
            KeyRange::new(middle, range.end().cloned()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_meet_in_a_key_between_the_ends_of_the_range() {
        for (start, end) in [
            (vec![], None),
            (vec![0x20, 0, 0, 0, 1], Some(vec![0x20, 0, 0, 0, 2])),
            (b"\x20pab/some".to_vec(), Some(b"\x20pab/sonnet".to_vec())),
            (vec![7, 0xff], Some(vec![8])),
        ] {
            let range = KeyRange::new(start, end.map(Bytes::from));
            let (low, high) = halves(&range).unwrap();
            assert_eq!((low.start(), high.end()), (range.start(), range.end()));
            assert_eq!(low.end(), Some(high.start()));
            assert!(!low.is_empty() && !high.is_empty(), "{low:?} {high:?}");
        }
    }

    #[test]
    fn the_numbers_of_a_lost_range_are_all_that_may_lie_in_it() {
        let lost = |start: &[u8], end: Option<&[u8]>| {
            let bytes = |rest: &[u8]| [b"\x20\0\0\0\x01b", rest].concat();
            let end = end.map_or(b"\x20\0\0\0\x01c".to_vec(), bytes);
            Lost { range: KeyRange::new(bytes(start), Some(end.into())), why: String::new() }.numbers(0, 4095)
        };
        assert_eq!(lost(&[0, 0, 3, 9], Some(&[0, 0, 4])), Some(777..=1023));
        assert_eq!(lost(&[0, 0, 3, 9], Some(&[0, 0, 4, 0, 0])), Some(777..=1024));
        assert_eq!(lost(&[], None), Some(0..=4095));
        assert_eq!(lost(&[0, 0, 0x20], None), None);
        assert_eq!(lost(&[], Some(&[0, 0, 0, 0])), None);
    }

    #[test]
    fn a_range_without_room_is_not_halved() {
        let range = KeyRange::new(vec![1, 2, 3], Some(Bytes::from(vec![1, 2, 3, 0])));
        assert_eq!(halves(&range), None);
    }
}
