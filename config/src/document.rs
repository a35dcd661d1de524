//! The text of a configuration file, kept so that a mistake can be shown in its place.
//!
//! What is shown must not give a secret away. Which options are secret is known only to the backend, often after
//! the mistake was found; so every value that is not a key of ours is veiled, and drawn as `…`, unless it is known
//! to be harmless.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::schema::{KEYS, KeyKind};

/// Bytes of the text, from and up to.
pub(crate) type Span = Range<usize>;

/// A file: its name and its text.
pub(crate) struct Document {
    name: String,
    text: String,
    veiled: Vec<Span>,
}

/// Where something stands, both counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Document {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), veiled: Vec::new() }
    }

    pub(crate) fn with_veiled(mut self, veiled: Vec<Span>) -> Self {
        self.veiled = veiled;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn slice(&self, span: &Span) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// O(length of the text before it).
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.before(offset);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    /// The line in which the span begins, with the span marked. Values in `harmless` are shown, other veiled ones
    /// are not.
    pub(crate) fn snippet(&self, span: &Span, harmless: &[Span]) -> Snippet {
        let start = self.before(span.start).len();
        let line_start = self.before(start).rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text.get(line_start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');

        let mut drawing = Drawing::default();
        let lead = line.get(..start - line_start).unwrap_or_default().chars().count();
        for (index, (offset, character)) in line.char_indices().enumerate() {
            if index + Drawing::LEAD < lead {
                continue;
            }
            if drawing.is_full() {
                break;
            }
            let at = line_start + offset;
            let veil = self.veiled.iter().find(|veil| veil.contains(&at) && !harmless.contains(veil));
            drawing.put(character, veil.map(|veil| veil.start), at >= start, at < span.end);
        }
        drawing.finish(&self.name, self.position(start))
    }

    /// Whether the line of the offset may hold a secret, as far as that can be told of text that does not parse: it
    /// is neither a header nor one of our own keys, or it stands among options.
    pub(crate) fn may_hold_secret(&self, offset: usize) -> bool {
        let before = self.before(offset);
        let after = self.text.get(before.len()..).unwrap_or_default();
        let line_end = before.len() + after.find('\n').unwrap_or(after.len());
        let upto = self.text.get(..line_end).unwrap_or_default();
        let line = upto.rsplit('\n').next().unwrap_or_default().trim();
        if !line.is_empty() && !line.starts_with('[') && !is_own_key(line) {
            return true;
        }
        for line in upto.rsplit('\n') {
            if line.contains("options") {
                return true;
            }
            if is_header(line.trim()) {
                return false;
            }
        }
        false
    }

    fn before(&self, offset: usize) -> &str {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let (before, after) = self.text.split_at_checked(end).unwrap_or_default();
        // Between the two characters of a Windows line end is the end of the line.
        if after.starts_with('\n') { before.strip_suffix('\r').unwrap_or(before) } else { before }
    }
}

/// Whether a character changes what is around it: control characters, and those that turn the direction of text.
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_own_key(line: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = line.split(|c| !is_name(c)).next().unwrap_or_default();
    KEYS.iter().any(|key| key.name() == name && !matches!(key.kind, KeyKind::Section | KeyKind::Options))
}

fn is_header(line: &str) -> bool {
    let inside = line.strip_prefix('[').and_then(|line| line.split_once(']'));
    inside.is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || "[._- \"'".contains(c)))
}

/// One line of a file, ready to be shown: short, and free of control characters and secrets.
#[derive(Clone, Debug)]
pub(crate) struct Snippet {
    name: String,
    position: Position,
    text: String,
    marked: Span,
}

impl Snippet {
    pub(crate) fn marked(&self) -> SourceSpan {
        (self.marked.start, self.marked.len()).into()
    }
}

impl SourceCode for Snippet {
    /// The one line, whatever is asked for: its neighbours may hold secrets.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            (0, self.text.len()).into(),
            self.position.line - 1,
            self.position.column - 1,
            1,
        )))
    }
}

/// A line while it is drawn.
#[derive(Default)]
struct Drawing {
    text: String,
    characters: usize,
    marked: Option<Span>,
    veil: Option<usize>,
}

impl Drawing {
    /// How many characters are shown before the mark, and in all. A line may be as long as a file.
    const LEAD: usize = 60;
    const WIDTH: usize = 160;

    fn is_full(&self) -> bool {
        self.characters >= Self::WIDTH
    }

    /// Draws a character, which stands in the veiled value that begins at `veil`.
    fn put(&mut self, character: char, veil: Option<usize>, from_start: bool, before_end: bool) {
        let begin = self.text.len();
        match veil {
            Some(_) if veil == self.veil => {}
            Some(_) => self.text.push('…'),
            None if is_unprintable(character) && character != '\t' => {
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
            None => self.text.push(character),
        }
        if self.text.len() > begin {
            self.characters += 1;
        }
        self.veil = veil;
        if from_start {
            let marked = self.marked.get_or_insert(begin..begin);
            if before_end {
                marked.end = self.text.len();
            }
        }
    }

    fn finish(mut self, name: &str, position: Position) -> Snippet {
        let end = self.text.len();
        let mut marked = self.marked.unwrap_or(end..end);
        if marked.is_empty() {
            // A place between two characters, or after the last: mark one, so that there is something to see.
            self.text.push(' ');
            let next = self.text.get(marked.start..).and_then(|rest| rest.chars().next());
            marked.end = marked.start + next.map_or(1, char::len_utf8);
        }
        Snippet { name: name.to_owned(), position, text: self.text, marked }
    }
}
