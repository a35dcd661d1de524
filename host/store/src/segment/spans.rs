//! Where things stand: spans as they are stored, and how one of them is read.

use bincode::{BorrowDecode, Encode};

use crate::codec::{Column, ColumnView, Placed, Sheet};
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

impl Spans<Placed> {
    fn on<'a>(&self, sheet: &'a Sheet) -> Spans<ColumnView<'a>> {
        Spans {
            start_byte: sheet.column(self.start_byte),
            length: sheet.column(self.length),
            start_line: sheet.column(self.start_line),
            lines: sheet.column(self.lines),
            start_column: sheet.column(self.start_column),
            end_column: sheet.column(self.end_column),
        }
    }
}

impl Spans<ColumnView<'_>> {
    /// The span of a row that starts at this byte and line.
    fn span(&self, row: usize, byte: u32, line: u32) -> Span {
        Span {
            start_byte: byte,
            end_byte: byte.wrapping_add(unfold(self.length.get(row))),
            start_line: line,
            end_line: line.wrapping_add(unfold(self.lines.get(row))),
            start_column: self.start_column.get(row),
            end_column: self.end_column.get(row),
        }
    }
}

/// So many spans go by one sum of all before them: more would take less memory, and more additions to read one.
const SPANS_PER_SUM: usize = 8;

/// Spans that can be asked by row. They stay as they are stored, which is a third of what they say; in between are sums.
#[derive(Debug, Default)]
pub(super) struct SpanList {
    spans: Spans<Placed>,
    /// The byte and the line at which each [`SPANS_PER_SUM`]th span stands, less its own difference.
    sums: Box<[(u32, u32)]>,
}

impl SpanList {
    pub(super) fn new(spans: Spans<Placed>, sheet: &Sheet) -> Self {
        let (mut byte, mut line) = (0_u32, 0_u32);
        let (bytes, lines) = (sheet.column(spans.start_byte), sheet.column(spans.start_line));
        let rows = bytes.len();
        let mut sums = Vec::with_capacity(rows.div_ceil(SPANS_PER_SUM));
        for row in 0..rows {
            if row.is_multiple_of(SPANS_PER_SUM) {
                sums.push((byte, line));
            }
            byte = byte.wrapping_add(unfold(bytes.get(row)));
            line = line.wrapping_add(unfold(lines.get(row)));
        }
        Self { spans, sums: sums.into() }
    }

    /// The span of a row; one of nothing if there is none.
    pub(super) fn get(&self, sheet: &Sheet, row: u32) -> Span {
        let (spans, row) = (self.spans.on(sheet), row as usize);
        if row >= spans.start_byte.len() {
            return Span::default();
        }
        let group = row / SPANS_PER_SUM;
        let (mut byte, mut line) = self.sums.get(group).copied().unwrap_or_default();
        for before in group * SPANS_PER_SUM..=row {
            byte = byte.wrapping_add(unfold(spans.start_byte.get(before)));
            line = line.wrapping_add(unfold(spans.start_line.get(before)));
        }
        spans.span(row, byte, line)
    }

    /// All spans, in the order of their rows.
    pub(super) fn iter<'a>(&'a self, sheet: &'a Sheet) -> impl Iterator<Item = Span> + 'a {
        let spans = self.spans.on(sheet);
        let (mut byte, mut line) = (0_u32, 0_u32);
        (0..spans.start_byte.len()).map(move |row| {
            byte = byte.wrapping_add(unfold(spans.start_byte.get(row)));
            line = line.wrapping_add(unfold(spans.start_line.get(row)));
            spans.span(row, byte, line)
        })
    }

    /// The memory it takes beside itself and the sheet, in bytes.
    pub(super) fn weight(&self) -> usize {
        size_of_val::<[(u32, u32)]>(&self.sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{RecordKind, decode_sheet, encode};

    fn stored(spans: impl IntoIterator<Item = Span>) -> (SpanList, Sheet) {
        let bytes = encode(RecordKind::Segment, &Spans::of(spans)).unwrap();
        let (spans, sheet) = decode_sheet(RecordKind::Segment, &bytes).unwrap();
        (SpanList::new(spans, &sheet), sheet)
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
            let (list, sheet) = stored(spans[..count].iter().copied());
            let get = |row: usize| list.get(&sheet, u32::try_from(row).unwrap());
            assert_eq!((0..count).map(get).collect::<Vec<_>>(), spans[..count]);
            assert_eq!(list.iter(&sheet).collect::<Vec<_>>(), spans[..count]);
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
        let (list, sheet) = stored((0..1_000).map(span));
        let weight = list.weight() + sheet.weight();
        assert!(weight < 1_000 * size_of::<Span>() / 3, "{weight}");
    }
}
