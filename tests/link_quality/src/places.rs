//! Places in files, and from the lines and columns of a SCIP index to bytes.

use scip::types::PositionEncoding;

/// A stretch of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Place {
    /// Whether another place lies inside of this one.
    pub fn contains(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

/// The lines of a file.
pub struct Lines<'s> {
    text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    /// The lines of a text. They end with a line feed.
    pub fn of(text: &'s str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line of a byte, from 1.
    pub fn line_of(&self, byte: u32) -> usize {
        self.starts.partition_point(|start| *start <= byte as usize)
    }

    /// The text of a line without its end; lines count from 1.
    pub fn text_of(&self, line: usize) -> &'s str {
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0);
        self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// The place of a range of SCIP: line, column, end column, or line, column, end line, end column, all from 0. None
    /// if it is not in the text.
    pub fn place(&self, range: &[i32], encoding: PositionEncoding) -> Option<Place> {
        let (start, end) = match *range {
            [line, from, to] => ((line, from), (line, to)),
            [line, from, last, to] => ((line, from), (last, to)),
            _ => return None,
        };
        let place = Place { start: self.byte(start, encoding)?, end: self.byte(end, encoding)? };
        (place.start <= place.end).then_some(place)
    }

    fn byte(&self, (line, column): (i32, i32), encoding: PositionEncoding) -> Option<u32> {
        let start = *self.starts.get(usize::try_from(line).ok()?)?;
        let column = usize::try_from(column).ok()?;
        let rest = self.text.get(start..)?;
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let within = if encoding == PositionEncoding::UTF8CodeUnitOffsetFromLineStart {
            Some(column).filter(|column| line.is_char_boundary(*column))?
        } else {
            let is_wide = encoding == PositionEncoding::UTF32CodeUnitOffsetFromLineStart;
            let mut units = 0;
            let mut ends = line.char_indices().map(|(at, letter)| {
                let before = units;
                units += if is_wide { 1 } else { letter.len_utf16() };
                (at, before)
            });
            match ends.find(|(_, before)| *before >= column) {
                Some((at, before)) => Some(at).filter(|_| before == column)?,
                None => Some(line.len()).filter(|_| units == column)?,
            }
        };
        u32::try_from(start + within).ok()
    }
}
