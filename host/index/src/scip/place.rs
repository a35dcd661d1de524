//! Where something stands: SCIP's ranges as spans.
//!
//! SCIP counts lines and columns from 0, and columns in the units of the text's encoding that the indexer worked with.
//! Spans count bytes. So bytes are known where the text is at hand; without it a span has its lines, the columns as the
//! index has them, and 0 for its bytes.

use codestrata::Span;
use scip::types::occurrence::{Typed_enclosing_range, Typed_range};
use scip::types::{MultiLineRange, Occurrence, PositionEncoding, SingleLineRange};

/// In what columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    Utf8,
    Utf16,
    Utf32,
}

impl Units {
    /// Those of a document. Where it does not say, they are taken to be UTF-16: the tools that leave it out run on
    /// JavaScript or Java. In lines of ASCII all are the same.
    pub(super) fn of(encoding: PositionEncoding) -> Self {
        match encoding {
            PositionEncoding::UTF8CodeUnitOffsetFromLineStart => Self::Utf8,
            PositionEncoding::UTF32CodeUnitOffsetFromLineStart => Self::Utf32,
            PositionEncoding::UTF16CodeUnitOffsetFromLineStart
            | PositionEncoding::UnspecifiedPositionEncoding => Self::Utf16,
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A line and a column, from 0.
pub(super) type Position = (u32, u32);

/// From a position to another, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

impl Range {
    /// Where an occurrence stands; none if it does not say.
    ///
    /// # Errors
    /// What is wrong with the range, in words.
    pub(super) fn of(occurrence: &Occurrence) -> Result<Option<Self>, String> {
        match &occurrence.typed_range {
            Some(Typed_range::SingleLineRange(range)) => Self::single(range).map(Some),
            Some(Typed_range::MultiLineRange(range)) => Self::multi(range).map(Some),
            _ => Self::read(&occurrence.range),
        }
    }

    /// What the definition at an occurrence covers, if that is said.
    ///
    /// # Errors
    /// What is wrong with the range, in words.
    pub(super) fn enclosing(occurrence: &Occurrence) -> Result<Option<Self>, String> {
        match &occurrence.typed_enclosing_range {
            Some(Typed_enclosing_range::SingleLineEnclosingRange(range)) => Self::single(range).map(Some),
            Some(Typed_enclosing_range::MultiLineEnclosingRange(range)) => Self::multi(range).map(Some),
            _ => Self::read(&occurrence.enclosing_range),
        }
    }

    fn single(range: &SingleLineRange) -> Result<Self, String> {
        Self::new([range.line, range.start_character, range.line, range.end_character])
    }

    fn multi(range: &MultiLineRange) -> Result<Self, String> {
        Self::new([range.start_line, range.start_character, range.end_line, range.end_character])
    }

    fn read(numbers: &[i32]) -> Result<Option<Self>, String> {
        match *numbers {
            [] => Ok(None),
            [line, start, end] => Self::new([line, start, line, end]).map(Some),
            [first, start, last, end] => Self::new([first, start, last, end]).map(Some),
            _ => Err(format!("a range has {} numbers, and not 3 or 4", numbers.len())),
        }
    }

    fn new(numbers: [i32; 4]) -> Result<Self, String> {
        let [first, start, last, end] = numbers;
        let place = |number: i32| {
            u32::try_from(number).map_err(|_| format!("a range has the negative number {number}"))
        };
        let range = Self { start: (place(first)?, place(start)?), end: (place(last)?, place(end)?) };
        if range.end < range.start {
            return Err(format!("a range ends before it starts: {first}:{start} to {last}:{end}"));
        }
        Ok(range)
    }

    /// The span, with the columns as they are.
    pub(super) fn without_bytes(&self) -> Span {
        Span {
            start_byte: 0,
            end_byte: 0,
            start_line: self.start.0.saturating_add(1),
            end_line: self.end.0.saturating_add(1),
            start_column: self.start.1,
            end_column: self.end.1,
        }
    }
}

/// A line that is not ASCII is cut into stretches of about so many bytes, and the units before each are counted once:
/// many occurrences on one endless line must not each walk it.
const STRETCH_BYTES: usize = 256;

/// A text in which positions are looked up.
pub(super) struct Text<'a> {
    whole: &'a str,
    units: Units,
    lines: Vec<Line>,
}

struct Line {
    start: usize,
    end: usize,
    /// Byte and units at the start of each stretch; none for a line of ASCII.
    stretches: Option<Vec<(usize, usize)>>,
}

impl<'a> Text<'a> {
    /// A text; none if it is too long for a span.
    pub(super) fn new(text: &'a str, units: Units) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split('\n') {
            let end = start + line.len();
            lines.push(Line { start, end, stretches: stretches(line, units) });
            start = end + 1;
        }
        Some(Self { whole: text, units, lines })
    }

    /// The span of a range; none if the text has no such place.
    pub(super) fn span(&self, range: &Range) -> Option<Span> {
        let (start_byte, start_column) = self.byte(range.start)?;
        let (end_byte, end_column) = self.byte(range.end)?;
        Some(Span { start_byte, end_byte, start_column, end_column, ..range.without_bytes() })
    }

    /// What stands there.
    pub(super) fn at(&self, span: &Span) -> Option<&'a str> {
        self.whole.get(usize::try_from(span.start_byte).ok()?..usize::try_from(span.end_byte).ok()?)
    }

    /// What comes after.
    pub(super) fn after(&self, span: &Span) -> &'a str {
        let rest = usize::try_from(span.end_byte).ok().and_then(|end| self.whole.get(end..));
        rest.unwrap_or_default()
    }

    /// What comes before.
    pub(super) fn before(&self, span: &Span) -> &'a str {
        let rest = usize::try_from(span.start_byte).ok().and_then(|start| self.whole.get(..start));
        rest.unwrap_or_default()
    }

    fn byte(&self, (line, column): Position) -> Option<(u32, u32)> {
        let line = self.lines.get(usize::try_from(line).ok()?)?;
        let column = usize::try_from(column).ok()?;
        let offset = match &line.stretches {
            None => column,
            Some(stretches) => {
                let after = stretches.partition_point(|(_, units)| *units <= column);
                let (start, mut units) = stretches.get(after.checked_sub(1)?).copied()?;
                let mut offset = start;
                for character in self.whole.get(line.start + start..line.end)?.chars() {
                    if units >= column {
                        break;
                    }
                    units += self.units.width(character);
                    offset += character.len_utf8();
                }
                if units != column {
                    return None;
                }
                offset
            }
        };
        if offset > line.end - line.start {
            return None;
        }
        Some((u32::try_from(line.start + offset).ok()?, u32::try_from(offset).ok()?))
    }
}

fn stretches(line: &str, units: Units) -> Option<Vec<(usize, usize)>> {
    if line.is_ascii() {
        return None;
    }
    let mut stretches = vec![(0, 0)];
    let (mut count, mut last) = (0, 0);
    for (offset, character) in line.char_indices() {
        if offset - last >= STRETCH_BYTES {
            stretches.push((offset, count));
            last = offset;
        }
        count += units.width(character);
    }
    Some(stretches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(numbers: &[i32]) -> Result<Option<Range>, String> {
        Range::read(numbers)
    }

    #[test]
    fn a_range_has_three_numbers_or_four() {
        let expected = Range { start: (2, 4), end: (2, 9) };
        assert_eq!(range(&[2, 4, 9]), Ok(Some(expected)));
        assert_eq!(range(&[2, 4, 2, 9]), Ok(Some(expected)));
        assert_eq!(range(&[]), Ok(None));
        for wrong in
            [&[1][..], &[1, 2], &[1, 2, 3, 4, 5], &[-1, 0, 1], &[3, 5, 4], &[3, 0, 2, 9], &[0, 0, i32::MIN]]
        {
            assert!(range(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn columns_are_counted_in_the_units_of_the_document() {
        let line = "s = '𝒳é'; f()";
        let text = format!("x\n{line}\n");
        let f = u32::try_from(line.find('f').unwrap()).unwrap();
        for (units, column) in [(Units::Utf8, f), (Units::Utf16, f - 3), (Units::Utf32, f - 4)] {
            let text = Text::new(&text, units).unwrap();
            let span = text.span(&Range { start: (1, column), end: (1, column + 1) }).unwrap();
            assert_eq!(
                (text.at(&span), span.start_byte, span.start_column),
                (Some("f"), f + 2, f),
                "{units:?}"
            );
        }
    }

    #[test]
    fn a_place_that_the_text_has_not_is_none() {
        let text = Text::new("ab\né", Units::Utf16).unwrap();
        let place = |start, end| text.span(&Range { start, end });
        assert!(place((0, 0), (0, 2)).is_some());
        assert!(place((1, 0), (1, 1)).is_some());
        assert!(place((0, 0), (0, 3)).is_none(), "past the line");
        assert!(place((1, 0), (1, 2)).is_none(), "past the line");
        assert!(place((2, 0), (2, 0)).is_none(), "past the text");
        let inside = Text::new("𝒳", Units::Utf16).unwrap();
        assert!(inside.span(&Range { start: (0, 1), end: (0, 2) }).is_none(), "in a character");
    }

    #[test]
    fn a_long_line_is_looked_up_like_a_short_one() {
        let line = "é𝒳a".repeat(5_000);
        let text = Text::new(&line, Units::Utf16).unwrap();
        let span = text.span(&Range { start: (0, 4 * 4_000), end: (0, 4 * 4_000 + 1) }).unwrap();
        assert_eq!((text.at(&span), span.start_byte), (Some("é"), 7 * 4_000));
    }
}
