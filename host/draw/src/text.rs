//! Texts in a picture: how wide they are, how they are cut, and what must be escaped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes in a font of one width.
pub(crate) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text, cut in its middle if it is wider than so many columns: both ends of a name tell more than its middle.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let text: String = text.chars().map(visible).collect();
    if columns(&text) <= most {
        return text;
    }
    let (front, back) = (most.div_ceil(2), most / 2);
    let beginning = taken(text.chars(), front.saturating_sub(1));
    let end: String = taken(text.chars().rev(), back).chars().rev().collect();
    format!("{beginning}…{end}")
}

/// As many characters as fit.
fn taken(characters: impl Iterator<Item = char>, most: usize) -> String {
    let mut room = most;
    let fits = |character: &char| {
        let width = character.width().unwrap_or(0);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    };
    characters.take_while(fits).collect()
}

/// A character as it can be drawn: neither XML nor a line of a label has room for control characters.
fn visible(character: char) -> char {
    match character {
        '\n' | '\r' | '\t' => ' ',
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'
        // These would turn the text around them.
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other => other,
    }
}

/// A text inside of XML or HTML, also within quotation marks.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match visible(character) {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// `1 box`, `2,000 boxes`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { one } else { many })
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
