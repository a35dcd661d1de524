//! Columns that are read together, row by row in one piece of memory: what a question asks of a row lies in one or two
//! lines of the processor's cache, where a column each would take as many lines as there are columns.
//!
//! A number takes as many bytes as the largest of its column, so that a table has the bytes of its columns and no more.

use bincode::BorrowDecode;
use bincode::de::BorrowDecoder;
use bincode::error::DecodeError;

use super::first_not;
use super::sheet::{Placed, Sheet};

/// So many bytes are read for each number, of which those that are not its own are passed over.
const WORD: usize = size_of::<u32>();

/// A column as it is stored: its planes, borrowed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Planes<'a> {
    planes: [&'a [u8]; 4],
    /// How many planes there are; numbers have zeros in those that are not.
    used: usize,
}

/// A column that is put into a table.
pub(crate) enum Cells<'a> {
    /// As it is stored.
    Stored(Planes<'a>),
    /// Made of what is stored.
    Made(Vec<u32>),
}

/// Where some columns of one length stand in a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    at: u32,
    rows: u32,
    stride: u8,
}

/// Where the numbers of a column stand in the rows of its table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    offset: u8,
    /// How many bits of a word are not its own.
    beside: u8,
}

/// The rows of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableView<'a> {
    bytes: &'a [u8],
    rows: u32,
    stride: u8,
}

/// One row of a table. Beyond the end every number is 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a>(&'a [u8]);

impl<'de> BorrowDecode<'de, Sheet> for Planes<'de> {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let mut planes: [&'de [u8]; 4] = [&[]; 4];
        for plane in &mut planes {
            *plane = BorrowDecode::borrow_decode(decoder)?;
        }
        let [lowest, ..] = planes;
        if planes.iter().any(|plane| !plane.is_empty() && plane.len() != lowest.len()) {
            return Err(DecodeError::Other("the planes of a column are not of one length"));
        }
        let used = planes.iter().rposition(|plane| !plane.is_empty()).map_or(0, |last| last + 1);
        Ok(Self { planes, used })
    }
}

impl<'a> Planes<'a> {
    /// How many numbers there are.
    pub(crate) fn len(self) -> usize {
        let [lowest, ..] = self.planes;
        lowest.len()
    }

    /// The planes that there are. One of zeros between others is empty.
    pub(super) fn used(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.planes.into_iter().take(self.used)
    }

    /// All numbers.
    pub(crate) fn numbers(self) -> Vec<u32> {
        let mut numbers = vec![0; self.len()];
        for (plane, shift) in self.used().zip((0..).step_by(8)) {
            for (number, byte) in numbers.iter_mut().zip(plane) {
                *number |= u32::from(*byte) << shift;
            }
        }
        numbers
    }

    /// All numbers, if none has more than two bytes.
    pub(crate) fn short_numbers(self) -> Option<Vec<u16>> {
        let [lowest, second, ..] = self.planes;
        (self.used <= 2).then(|| {
            let mut numbers: Vec<u16> = lowest.iter().copied().map(u16::from).collect();
            for (number, byte) in numbers.iter_mut().zip(second) {
                *number |= u16::from(*byte) << 8;
            }
            numbers
        })
    }
}

impl Cells<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Stored(planes) => planes.len(),
            Self::Made(numbers) => numbers.len(),
        }
    }

    /// How many bytes its largest number has; at least one.
    fn width(&self) -> u8 {
        let width = match self {
            Self::Stored(planes) => planes.used,
            Self::Made(numbers) => {
                let all = numbers.iter().fold(0, |all, number| all | number);
                WORD - all.leading_zeros() as usize / 8
            }
        };
        u8::try_from(width.clamp(1, WORD)).unwrap_or(1)
    }

    /// Puts its numbers into rows, from this byte of each on.
    fn write(&self, rows: &mut [u8], stride: usize, offset: usize) {
        match self {
            Self::Stored(planes) => {
                for (plane, offset) in planes.used().zip(offset..) {
                    put(rows, stride, offset, plane.iter().copied());
                }
            }
            Self::Made(numbers) => {
                for (shift, offset) in (0..8 * u32::from(self.width())).step_by(8).zip(offset..) {
                    let bytes = numbers.iter().map(|number| {
                        let [byte, ..] = (number >> shift).to_le_bytes();
                        byte
                    });
                    put(rows, stride, offset, bytes);
                }
            }
        }
    }
}

/// Puts a byte into each row, at the same place of all.
fn put(rows: &mut [u8], stride: usize, offset: usize, bytes: impl Iterator<Item = u8>) {
    let mut at = offset;
    for byte in bytes {
        if let Some(place) = rows.get_mut(at) {
            *place = byte;
        }
        at += stride;
    }
}

/// Rows of a table that are made one after the other.
#[derive(Debug)]
pub(crate) struct MadeRows<const N: usize> {
    bytes: Vec<u8>,
    rows: u32,
    stride: u8,
    cells: [Cell; N],
}

impl<const N: usize> MadeRows<N> {
    /// None yet, with room for so many, of columns in which no number is larger than these.
    pub(crate) fn new(largest: [u32; N], rows: usize) -> Self {
        let mut stride = 0;
        let cells = largest.map(|largest| {
            let width = WORD - largest.leading_zeros() as usize / 8;
            let (offset, width) = (stride, u8::try_from(width.clamp(1, WORD)).unwrap_or(1));
            stride += width;
            Cell { offset, beside: 32 - 8 * width }
        });
        let room = if rows == 0 { 0 } else { rows * usize::from(stride) + WORD };
        Self { bytes: vec![0; room], rows: 0, stride, cells }
    }

    /// Adds a row, for which there was room.
    #[inline]
    pub(crate) fn push(&mut self, numbers: [u32; N]) {
        let begin = self.rows as usize * usize::from(self.stride);
        for (number, cell) in numbers.into_iter().zip(self.cells) {
            // What is above the width is zero, and stands where the next number will be.
            let place = self.bytes.get_mut(begin + usize::from(cell.offset)..);
            if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
                *place = number.to_le_bytes();
            }
        }
        self.rows += 1;
    }
}

impl Sheet {
    /// Adds rows that were made.
    pub(crate) fn add_rows<const N: usize>(&mut self, made: &MadeRows<N>) -> (Table, [Cell; N]) {
        let at = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&made.bytes);
        (Table { at, rows: made.rows, stride: made.stride }, made.cells)
    }

    /// Adds columns at the end, row by row.
    ///
    /// # Errors
    /// Columns that are not of one length.
    pub(crate) fn add_table<const N: usize>(
        &mut self,
        columns: &[Cells<'_>; N],
    ) -> Result<(Table, [Cell; N]), DecodeError> {
        let rows = columns.first().map_or(0, Cells::len);
        if columns.iter().any(|column| column.len() != rows) {
            return Err(DecodeError::Other("the columns of a table are not of one length"));
        }
        let mut stride = 0;
        let cells = columns.each_ref().map(|column| {
            let (offset, width) = (stride, column.width());
            stride += width;
            Cell { offset, beside: 32 - 8 * width }
        });
        let (at, step) = (self.bytes.len(), usize::from(stride));
        // What is read beyond the last number is there, too.
        self.bytes.resize(at + rows * step + if rows == 0 { 0 } else { WORD }, 0);
        let all = self.bytes.get_mut(at..).unwrap_or_default();
        for (column, cell) in columns.iter().zip(cells) {
            column.write(all, step, usize::from(cell.offset));
        }
        let too_large = |_| DecodeError::Other("a table is too long");
        let (at, rows) = (u32::try_from(at).map_err(too_large)?, u32::try_from(rows).map_err(too_large)?);
        Ok((Table { at, rows, stride }, cells))
    }

    /// Adds a column by itself, plane by plane.
    ///
    /// # Errors
    /// A column that is too long.
    pub(crate) fn add_planes(&mut self, planes: Planes<'_>) -> Result<Placed, DecodeError> {
        let too_large = |_| DecodeError::Other("a column is too long");
        let at = u32::try_from(self.bytes.len()).map_err(too_large)?;
        for plane in planes.used() {
            if plane.is_empty() {
                self.bytes.resize(self.bytes.len() + planes.len(), 0);
            } else {
                self.bytes.extend_from_slice(plane);
            }
        }
        let rows = u32::try_from(planes.len()).map_err(too_large)?;
        Ok(Placed { at, rows, planes: u8::try_from(planes.used).unwrap_or(u8::MAX) })
    }

    /// The rows of a table.
    #[inline]
    pub(crate) fn table(&self, table: Table) -> TableView<'_> {
        let bytes = self.bytes.get(table.at as usize..).unwrap_or_default();
        TableView { bytes, rows: table.rows, stride: table.stride }
    }
}

impl Table {
    /// How many rows there are.
    #[inline]
    pub(crate) fn len(self) -> u32 {
        self.rows
    }
}

impl<'a> TableView<'a> {
    /// How many rows there are.
    #[inline]
    pub(crate) fn len(self) -> u32 {
        self.rows
    }

    /// A row.
    #[inline]
    pub(crate) fn row(self, row: u32) -> Row<'a> {
        let begin = row as usize * usize::from(self.stride);
        Row(if row < self.rows { self.bytes.get(begin..).unwrap_or_default() } else { &[] })
    }

    /// The number of a row in a column; 0 if there is none.
    #[inline]
    pub(crate) fn get(self, row: u32, cell: Cell) -> u32 {
        self.row(row).get(cell)
    }

    /// The numbers of a row and of the next one in a column; 0 and 0 if there are not both.
    #[inline]
    pub(crate) fn get_two(self, row: u32, cell: Cell) -> (u32, u32) {
        if row.saturating_add(1) >= self.rows {
            return (0, 0);
        }
        let first = self.row(row);
        let second = Row(first.0.get(usize::from(self.stride)..).unwrap_or_default());
        (first.get(cell), second.get(cell))
    }

    /// The first row whose number in a sorted column is not below this one.
    pub(crate) fn first_not_below(self, cell: Cell, number: u32) -> u32 {
        first_not(self.rows, |row| self.get(row, cell) < number)
    }
}

impl Row<'_> {
    /// The number in a column.
    #[inline]
    pub(crate) fn get(self, cell: Cell) -> u32 {
        let word = self.0.get(usize::from(cell.offset)..).and_then(<[u8]>::first_chunk);
        let number = word.map_or(0, |word| u32::from_le_bytes(*word));
        let beside = u32::from(cell.beside);
        number.wrapping_shl(beside).wrapping_shr(beside)
    }
}

#[cfg(test)]
mod tests {
    use bincode::config;

    use super::*;
    use crate::codec::{Column, decode_sheet_payload};

    /// Columns as they are stored, in bytes.
    fn stored<const N: usize>(columns: [&[u32]; N]) -> Vec<u8> {
        let columns = columns.map(Column::from);
        bincode::encode_to_vec(columns, config::standard()).unwrap()
    }

    fn planes<const N: usize>(bytes: &[u8]) -> [Planes<'_>; N] {
        let (planes, sheet, is_whole): ([Planes<'_>; N], _, _) = decode_sheet_payload(bytes).unwrap();
        assert!(is_whole && sheet.weight() == 0);
        planes
    }

    #[test]
    fn numbers_of_all_columns_come_back_by_row_however_they_came() {
        let all: [&[u32]; 4] = [
            &[1, 2, 3, 255, 0],
            &[0, 0, 0, 0, 0],
            &[70_000, 0, 65_536, 300, 1],
            &[u32::MAX, 9, 0, 1 << 24, u32::MAX],
        ];
        for rows in 0..=5 {
            let wanted = all.map(|column| &column[..rows]);
            let bytes = stored(wanted);
            let [one, two, three, four] = planes(&bytes);
            let mut sheet = Sheet::default();
            for made in [false, true] {
                let columns = [one, two, three, four]
                    .map(|planes| if made { Cells::Made(planes.numbers()) } else { Cells::Stored(planes) });
                let (table, cells) = sheet.add_table(&columns).unwrap();
                let view = sheet.table(table);
                assert_eq!(view.len() as usize, rows);
                for (column, cell) in wanted.iter().zip(cells) {
                    let found: Vec<u32> = (0..view.len()).map(|row| view.get(row, cell)).collect();
                    assert_eq!(found, *column);
                    assert_eq!((view.get(view.len(), cell), view.get(u32::MAX, cell)), (0, 0));
                    for (row, two) in (0..).zip(column.windows(2)) {
                        assert_eq!(view.get_two(row, cell), (two[0], two[1]));
                    }
                    for beyond in [view.len().saturating_sub(1), view.len(), u32::MAX] {
                        assert_eq!(view.get_two(beyond, cell), (0, 0));
                    }
                }
            }
            for planes in [one, two, three, four] {
                let numbers = planes.numbers();
                let short = numbers.iter().map(|number| u16::try_from(*number).ok()).collect();
                assert_eq!(planes.short_numbers(), short);
            }
            let place = sheet.add_planes(three).unwrap();
            assert_eq!(sheet.column(place).range(0..rows).collect::<Vec<_>>(), wanted[2]);
        }
    }

    #[test]
    fn rows_come_back_as_they_were_made() {
        let rows = [[0, 70_000, 255], [7, 0, 1], [u32::MAX, 256, 0]];
        for count in 0..=rows.len() {
            let rows = &rows[..count];
            let largest =
                [0, 1, 2].map(|column| rows.iter().map(|row| row[column]).max().unwrap_or_default());
            let mut made = MadeRows::new(largest, count);
            for row in rows {
                made.push(*row);
            }
            let mut sheet = Sheet::default();
            sheet.add(&[9, 300]);
            let (table, cells) = sheet.add_rows(&made);
            let view = sheet.table(table);
            let found: Vec<_> = (0..view.len()).map(|row| cells.map(|cell| view.get(row, cell))).collect();
            assert_eq!(found, rows);
        }
    }

    #[test]
    fn a_table_takes_the_bytes_of_its_columns_and_a_word() {
        let bytes = stored([&[1, 2, 3], &[300, 1, 1]]);
        let [one, two] = planes(&bytes);
        let mut sheet = Sheet::default();
        sheet.add_table(&[Cells::Stored(one), Cells::Stored(two)]).unwrap();
        assert_eq!(sheet.weight(), 3 + 6 + 4);
    }

    #[test]
    fn columns_of_unlike_lengths_are_an_error() {
        let bytes = stored([&[1, 2], &[1]]);
        let [one, two] = planes(&bytes);
        assert!(Sheet::default().add_table(&[Cells::Stored(one), Cells::Stored(two)]).is_err());
    }

    #[test]
    fn sorted_columns_are_searched() {
        let bytes = stored([&[0; 4], &[3, 3, 300, 70_000]]);
        let [one, two] = planes(&bytes);
        let mut sheet = Sheet::default();
        let (table, [_, cell]) = sheet.add_table(&[Cells::Stored(one), Cells::Stored(two)]).unwrap();
        let first = |number| sheet.table(table).first_not_below(cell, number);
        let found = [0, 3, 4, 300, 301, 70_000, u32::MAX].map(first);
        assert_eq!(found, [0, 0, 2, 2, 3, 3, 4]);
    }
}
