//! Where things stand: spans as they are stored, and how one of them is read.

use bincode::{BorrowDecode, Encode};

use crate::codec::{Cell, Cells, Column, Planes, Row, Sheet};
use crate::model::Span;

/// Spans as differences, which are small: starts against the last start, ends against their start.
#[derive(Clone, Copy, Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct Spans<C = Column> {
    start_byte: C,
    length: C,
    start_line: C,
    lines: C,
    start_column: C,
    end_column: C,
}

/// Differences wrap around, and are folded so that small ones of either sign have few bytes.
fn fold(difference: u32) -> u32 {
    let signed = difference.cast_signed();
    ((signed << 1) ^ (signed >> 31)).cast_unsigned()
}

fn unfold(folded: u32) -> u32 {
    (folded >> 1) ^ (folded & 1).wrapping_neg()
}

impl Spans {
    pub(super) fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let spans: Vec<Span> = spans.into_iter().collect();
        let of = |number: fn(&Span) -> u32| spans.iter().map(number).collect::<Column>();
        let against_last = |start: fn(&Span) -> u32| {
            let mut last = 0;
            let differences = spans.iter().map(|span| {
                let difference = start(span).wrapping_sub(last);
                last = start(span);
                fold(difference)
            });
            differences.collect::<Column>()
        };
        Self {
            start_byte: against_last(|span| span.start_byte),
            length: of(|span| fold(span.end_byte.wrapping_sub(span.start_byte))),
            start_line: against_last(|span| span.start_line),
            lines: of(|span| fold(span.end_line.wrapping_sub(span.start_line))),
            start_column: of(|span| span.start_column),
            end_column: of(|span| span.end_column),
        }
    }
}

impl<'a> Spans<Planes<'a>> {
    /// The columns of the spans in a table, with starts that are no differences any more.
    pub(super) fn cells(&self) -> [Cells<'a>; 6] {
        let start = |differences: Planes<'a>| {
            let mut last = 0_u32;
            let mut starts = differences.numbers();
            for start in &mut starts {
                last = last.wrapping_add(unfold(*start));
                *start = last;
            }
            Cells::Made(starts)
        };
        [
            start(self.start_byte),
            Cells::Stored(self.length),
            start(self.start_line),
            Cells::Stored(self.lines),
            Cells::Stored(self.start_column),
            Cells::Stored(self.end_column),
        ]
    }
}

impl Spans<Cell> {
    /// Where the columns of the spans are, in the order of [`cells`](Spans::cells).
    pub(super) fn at(cells: [Cell; 6]) -> Self {
        let [start_byte, length, start_line, lines, start_column, end_column] = cells;
        Self { start_byte, length, start_line, lines, start_column, end_column }
    }

    /// The span of a row.
    #[inline]
    pub(super) fn of_row(&self, row: Row<'_>) -> Span {
        let (byte, line) = (row.get(self.start_byte), row.get(self.start_line));
        Span {
            start_byte: byte,
            end_byte: byte.wrapping_add(unfold(row.get(self.length))),
            start_line: line,
            end_line: line.wrapping_add(unfold(row.get(self.lines))),
            start_column: row.get(self.start_column),
            end_column: row.get(self.end_column),
        }
    }

    /// The line and column at which a row begins.
    #[inline]
    pub(super) fn start_of_row(&self, row: Row<'_>) -> (u32, u32) {
        (row.get(self.start_line), row.get(self.start_column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{RecordKind, Table, decode_sheet, encode};

    fn stored(spans: impl IntoIterator<Item = Span>) -> (Spans<Cell>, Table, Sheet) {
        let bytes = encode(RecordKind::Segment, &Spans::of(spans)).unwrap();
        let (spans, mut sheet): (Spans<Planes<'_>>, _) = decode_sheet(RecordKind::Segment, &bytes).unwrap();
        let (table, cells) = sheet.add_table(&spans.cells()).unwrap();
        (Spans::at(cells), table, sheet)
    }

    #[test]
    fn each_span_comes_back_by_its_row() {
        let spans: Vec<Span> = (0..40_u32)
            .map(|n| {
                let (byte, line) = (n.wrapping_mul(2_654_435_761), n * n % 97);
                Span {
                    start_byte: byte,
                    end_byte: byte.wrapping_add(n * 300),
                    start_line: line,
                    end_line: line + n % 5,
                    start_column: n % 7,
                    end_column: n * 70_000,
                }
            })
            .collect();
        for count in 0..spans.len() {
            let (list, table, sheet) = stored(spans[..count].iter().copied());
            let get = |row: usize| list.of_row(sheet.table(table).row(u32::try_from(row).unwrap()));
            assert_eq!((0..count).map(get).collect::<Vec<_>>(), spans[..count]);
            assert_eq!(get(count), Span::default());
        }
    }

    #[test]
    fn a_span_among_others_takes_less_than_half_of_what_it_says() {
        let span = |n: u32| Span {
            start_byte: n * 41,
            end_byte: n * 41 + 17,
            start_line: n,
            end_line: n,
            start_column: n % 60,
            end_column: n % 60 + 17,
        };
        let (.., sheet) = stored((0..1_000).map(span));
        let weight = sheet.weight();
        assert!(weight < 1_000 * size_of::<Span>() / 2, "{weight}");
    }
}
