//! Columns of a decoded record, end to end in one piece of memory: decoding one is a copy and no allocation, and what
//! one question asks of a record lies close together.

use bincode::de::BorrowDecoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Encode};

use super::first_not;
use super::table::Planes;

/// The planes of the columns of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(super) bytes: Vec<u8>,
}

/// Where a column stands in its sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(super) at: u32,
    pub(super) rows: u32,
    /// How many planes there are; numbers have zeros in those that are not.
    pub(super) planes: u8,
}

/// A column of 32-bit numbers in a sheet. What it answers is what [`Column`](super::Column) does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnView<'a> {
    bytes: &'a [u8],
    rows: usize,
    planes: u8,
}

impl Sheet {
    /// The column of a place.
    #[inline]
    pub(crate) fn column(&self, place: Placed) -> ColumnView<'_> {
        let rows = place.rows as usize;
        let begin = place.at as usize;
        let bytes = self.bytes.get(begin..begin + rows * usize::from(place.planes)).unwrap_or_default();
        ColumnView { bytes, rows, planes: place.planes }
    }

    /// Adds a column at the end, as decoding it would.
    pub(crate) fn add(&mut self, numbers: &[u32]) -> Placed {
        let at = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let all = numbers.iter().fold(0, |all, number| all | number);
        let used = 4 - all.leading_zeros() / 8;
        let used = if numbers.is_empty() { 0 } else { used.max(1) };
        for plane in 0..used {
            let byte = |number: &u32| number.to_le_bytes().get(plane as usize).copied().unwrap_or_default();
            self.bytes.extend(numbers.iter().map(byte));
        }
        Placed {
            at,
            rows: u32::try_from(numbers.len()).unwrap_or(u32::MAX),
            planes: u8::try_from(used).unwrap_or(u8::MAX),
        }
    }

    /// Gives back the room that was left for more.
    pub(crate) fn finish(mut self) -> Self {
        self.bytes.shrink_to_fit();
        self
    }

    /// Room for the columns of a record of so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.bytes.len()
    }
}

impl Placed {
    /// How many numbers there are.
    pub(crate) fn len(self) -> usize {
        self.rows as usize
    }
}

impl<'de> BorrowDecode<'de, Sheet> for Placed {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let planes = Planes::borrow_decode(decoder)?;
        decoder.context().add_planes(planes)
    }
}

impl Encode for ColumnView<'_> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        for plane in 0..4 {
            let is_there = plane < usize::from(self.planes);
            let bytes = if is_there { self.plane(plane) } else { &[] };
            // One of zeros between others is left out, as `Column` does.
            let bytes = if plane > 0 && bytes.iter().all(|byte| *byte == 0) { &[] } else { bytes };
            bytes.encode(encoder)?;
        }
        Ok(())
    }
}

impl<'a> ColumnView<'a> {
    fn plane(self, plane: usize) -> &'a [u8] {
        self.bytes.get(plane * self.rows..(plane + 1) * self.rows).unwrap_or_default()
    }

    /// The lowest byte of each number.
    pub(crate) fn lowest_bytes(self) -> &'a [u8] {
        self.plane(0)
    }

    /// How many numbers there are.
    pub(crate) fn len(self) -> usize {
        self.rows
    }

    /// No number is larger than this.
    pub(crate) fn bound(self) -> u32 {
        u32::MAX.checked_shr(32 - 8 * u32::from(self.planes)).unwrap_or_default()
    }

    /// The number of a row; 0 if there is none.
    #[inline]
    pub(crate) fn get(self, row: usize) -> u32 {
        if row >= self.rows {
            return 0;
        }
        let at = |plane: usize| u32::from(self.bytes.get(plane * self.rows + row).copied().unwrap_or(0));
        match self.planes {
            1 => at(0),
            2 => at(0) | at(1) << 8,
            3 => at(0) | at(1) << 8 | at(2) << 16,
            _ => at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24,
        }
    }

    /// The numbers of some rows.
    pub(crate) fn range(self, rows: std::ops::Range<usize>) -> impl Iterator<Item = u32> + 'a {
        rows.map(move |row| self.get(row))
    }

    /// The rows that have this number, in order.
    ///
    /// Cost: a search of the lowest bytes, many at a time.
    pub(crate) fn rows_of(self, number: u32) -> impl Iterator<Item = usize> + 'a {
        let [lowest, ..] = number.to_le_bytes();
        memchr::memchr_iter(lowest, self.lowest_bytes()).filter(move |row| self.get(*row) == number)
    }

    /// The first row of a sorted column whose number is not below this one.
    pub(crate) fn first_not_below(self, number: u32) -> usize {
        let rows = u32::try_from(self.rows).unwrap_or(u32::MAX);
        first_not(rows, |row| self.get(row as usize) < number) as usize
    }
}

#[cfg(test)]
mod tests {
    use bincode::config;

    use super::*;
    use crate::codec::{Column, decode_sheet_payload};

    #[test]
    fn numbers_of_any_size_come_back() {
        let numbers = [0, 1, 255, 256, 0, 65_536, 3, u32::MAX, 0, 70_000, 1 << 24];
        for start in 0..=numbers.len() {
            let wanted = &numbers[start..];
            let (small, large): (Column, Column) = ((0..9).collect(), wanted.iter().copied().collect());
            let bytes = bincode::encode_to_vec((&small, &large), config::standard()).unwrap();
            let ((first, second), sheet, is_whole): ((Placed, Placed), _, _) =
                decode_sheet_payload(&bytes).unwrap();
            assert!(is_whole);
            assert_eq!(
                sheet.column(first).range(0..first.len()).collect::<Vec<_>>(),
                (0..9).collect::<Vec<_>>()
            );
            let second = sheet.column(second);
            assert_eq!(second.range(0..second.len()).collect::<Vec<_>>(), wanted);
            for number in numbers {
                let rows: Vec<usize> = (0..wanted.len()).filter(|row| wanted[*row] == number).collect();
                assert_eq!(second.rows_of(number).collect::<Vec<_>>(), rows);
            }
            assert_eq!((second.get(wanted.len()), second.get(usize::MAX)), (0, 0));
        }
    }

    #[test]
    fn a_column_is_the_same_whether_it_was_added_or_decoded() {
        for numbers in [vec![], vec![0, 0], vec![1, 255], vec![7, 1 << 16], vec![u32::MAX, 3], vec![1 << 24]]
        {
            let mut sheet = Sheet::default();
            let (first, second) = (sheet.add(&[9, 300]), sheet.add(&numbers));
            let views = (sheet.column(first), sheet.column(second));
            let bytes = bincode::encode_to_vec(views, config::standard()).unwrap();
            let columns = (Column::from([9, 300].as_slice()), Column::from(numbers.as_slice()));
            assert_eq!(bytes, bincode::encode_to_vec(&columns, config::standard()).unwrap());
            let (places, decoded, _): ((Placed, Placed), _, _) = decode_sheet_payload(&bytes).unwrap();
            assert_eq!((places, decoded), ((first, second), sheet));
        }
    }

    #[test]
    fn sorted_columns_are_searched() {
        let column: Column = (0..300).map(|number| number * 3).collect();
        let bytes = bincode::encode_to_vec(&column, config::standard()).unwrap();
        let (place, sheet, _): (Placed, _, _) = decode_sheet_payload(&bytes).unwrap();
        for wanted in [0, 1, 3, 299, 897, 898, u32::MAX] {
            let first = (0..300).find(|row| column.get(*row) >= wanted).unwrap_or(300);
            assert_eq!(sheet.column(place).first_not_below(wanted), first);
        }
    }

    #[test]
    fn planes_of_unlike_lengths_are_an_error() {
        let planes: [&[u8]; 4] = [&[1, 2, 3], &[1], &[], &[]];
        let bytes = bincode::encode_to_vec((planes[0], planes[1], planes[2], planes[3]), config::standard());
        assert!(decode_sheet_payload::<Placed>(&bytes.unwrap()).is_err());
    }

    #[test]
    fn a_plane_of_zeros_may_stand_between_others() {
        let planes: [&[u8]; 4] = [&[1, 2], &[], &[0, 1], &[]];
        let bytes = bincode::encode_to_vec((planes[0], planes[1], planes[2], planes[3]), config::standard());
        let (place, sheet, _): (Placed, _, _) = decode_sheet_payload(&bytes.unwrap()).unwrap();
        assert_eq!(sheet.column(place).range(0..2).collect::<Vec<_>>(), [1, 2 + (1 << 16)]);
    }
}
