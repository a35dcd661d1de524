//! Columns of small numbers as planes of bytes: all lowest bytes, then all second ones, as far as any is not zero.
//!
//! Most columns of a segment have one or two planes. Decoding one is a copy, where a number of variable length costs
//! some nanoseconds each, and it stays this small in memory.

use bincode::{Decode, Encode};

/// A column of 32-bit numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Column {
    first: Vec<u8>,
    second: Vec<u8>,
    third: Vec<u8>,
    fourth: Vec<u8>,
}

impl Column {
    /// Adds a number at the end.
    pub(crate) fn push(&mut self, number: u32) {
        let [first, second, third, fourth] = number.to_le_bytes();
        let rows = self.first.len();
        self.first.push(first);
        for (plane, byte) in
            [(&mut self.second, second), (&mut self.third, third), (&mut self.fourth, fourth)]
        {
            // A plane begins with the first number that needs it.
            if byte != 0 || !plane.is_empty() {
                plane.resize(rows, 0);
                plane.push(byte);
            }
        }
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.first.len()
    }

    /// The number of a row; 0 if there is none.
    pub(crate) fn get(&self, row: usize) -> u32 {
        let at = |plane: &[u8]| plane.get(row).copied().unwrap_or(0);
        u32::from_le_bytes([at(&self.first), at(&self.second), at(&self.third), at(&self.fourth)])
    }

    /// The numbers of some rows.
    pub(crate) fn range(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = u32> + '_ {
        rows.map(|row| self.get(row))
    }
}

impl From<&[u32]> for Column {
    /// A plane at a time, which takes a fraction of [`push`](Self::push) for each number.
    fn from(numbers: &[u32]) -> Self {
        let all = numbers.iter().fold(0, |all, number| all | number);
        let bytes = |byte: fn([u8; 4]) -> u8| numbers.iter().map(|number| byte_of(*number, byte)).collect();
        let plane = |byte| if byte_of(all, byte) == 0 { Vec::new() } else { bytes(byte) };
        Self {
            first: bytes(|[byte, ..]| byte),
            second: plane(|[_, byte, ..]| byte),
            third: plane(|[.., byte, _]| byte),
            fourth: plane(|[.., byte]| byte),
        }
    }
}

fn byte_of(number: u32, byte: fn([u8; 4]) -> u8) -> u8 {
    byte(number.to_le_bytes())
}

impl FromIterator<u32> for Column {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.as_slice().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Column;

    #[test]
    fn numbers_of_any_size_come_back_in_any_order() {
        let numbers = [0, 1, 255, 256, 0, 65_536, 3, u32::MAX, 0, 70_000, 1 << 24];
        for start in 0..numbers.len() {
            let wanted = &numbers[start..];
            let column: Column = wanted.iter().copied().collect();
            assert_eq!((0..column.len()).map(|row| column.get(row)).collect::<Vec<_>>(), wanted);
            assert_eq!(column.get(wanted.len()), 0);
        }
    }

    #[test]
    fn a_column_is_the_same_whether_it_is_filled_at_once_or_step_by_step() {
        let numbers = [0, 70_000, 255, 256, 0, 65_536, 3, 1 << 24, 0];
        for end in 0..=numbers.len() {
            let mut stepwise = Column::default();
            numbers[..end].iter().for_each(|number| stepwise.push(*number));
            assert_eq!(Column::from(&numbers[..end]), stepwise);
        }
    }

    #[test]
    fn small_numbers_take_a_byte() {
        let column: Column = (0..200).collect();
        let [first, rest @ ..] = [&column.first, &column.second, &column.third, &column.fourth];
        assert_eq!(first.len(), 200);
        assert!(rest.iter().all(|plane| plane.is_empty()));
    }
}
