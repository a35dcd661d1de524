//! Where things stand: spans as they are stored, and how one of them is read.

use bincode::{Decode, Encode};

use crate::codec::Column;
use crate::model::Span;

/// Spans as differences, which are small: starts against the last start, ends against their start.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct Spans {
    start_byte: Column,
    length: Column,
    start_line: Column,
    lines: Column,
    start_column: Column,
    end_column: Column,
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

    fn weight(&self) -> usize {
        let columns = [
            &self.start_byte,
            &self.length,
            &self.start_line,
            &self.lines,
            &self.start_column,
            &self.end_column,
        ];
        columns.into_iter().map(Column::weight).sum()
    }
}

/// So many spans go by one sum of all before them: more would take less memory, and more additions to read one.
const SPANS_PER_SUM: usize = 8;

/// Spans that can be asked by row. They stay as they are stored, which is a third of what they say; in between are sums.
#[derive(Debug, Default)]
pub(super) struct SpanList {
    spans: Spans,
    /// The byte and the line at which each [`SPANS_PER_SUM`]th span stands, less its own difference.
    sums: Box<[(u32, u32)]>,
}

impl SpanList {
    pub(super) fn new(spans: Spans) -> Self {
        let (mut byte, mut line) = (0_u32, 0_u32);
        let rows = spans.start_byte.len();
        let mut sums = Vec::with_capacity(rows.div_ceil(SPANS_PER_SUM));
        for row in 0..rows {
            if row.is_multiple_of(SPANS_PER_SUM) {
                sums.push((byte, line));
            }
            byte = byte.wrapping_add(unfold(spans.start_byte.get(row)));
            line = line.wrapping_add(unfold(spans.start_line.get(row)));
        }
        Self { spans, sums: sums.into() }
    }

    /// The span of a row; one of nothing if there is none.
    pub(super) fn get(&self, row: u32) -> Span {
        let (spans, row) = (&self.spans, row as usize);
        if row >= spans.start_byte.len() {
            return Span::default();
        }
        let group = row / SPANS_PER_SUM;
        let (mut byte, mut line) = self.sums.get(group).copied().unwrap_or_default();
        for before in group * SPANS_PER_SUM..=row {
            byte = byte.wrapping_add(unfold(spans.start_byte.get(before)));
            line = line.wrapping_add(unfold(spans.start_line.get(before)));
        }
        Span {
            start_byte: byte,
            end_byte: byte.wrapping_add(unfold(spans.length.get(row))),
            start_line: line,
            end_line: line.wrapping_add(unfold(spans.lines.get(row))),
            start_column: spans.start_column.get(row),
            end_column: spans.end_column.get(row),
        }
    }

    /// The memory it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.spans.weight() + size_of_val::<[(u32, u32)]>(&self.sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let list = SpanList::new(Spans::of(spans[..count].iter().copied()));
            let read: Vec<Span> = (0..count).map(|row| list.get(u32::try_from(row).unwrap())).collect();
            assert_eq!(read, spans[..count]);
            assert_eq!(list.get(u32::try_from(count).unwrap()), Span::default());
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
        let list = SpanList::new(Spans::of((0..1_000).map(span)));
        assert!(list.weight() < 1_000 * size_of::<Span>() / 3, "{}", list.weight());
    }
}
