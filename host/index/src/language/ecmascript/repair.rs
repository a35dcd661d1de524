//! What tree-sitter-typescript 0.23 cannot read, rewritten before a second attempt.
//!
//! Three things are common in current libraries and cost it whole files:
//!
//! - Overloads in an object type, one a line and without semicolons: the line break before `(` or `<` is not seen as
//!   the end of the first one. A space before the bracket becomes `;`.
//! - The variance of a type parameter, `<in out T>`: blanked, as it names nothing.
//! - A backtick behind a backslash, in a type that is a template: both blanked, as text means nothing here.
//!
//! All keep every offset. The first is a guess by lines; it is kept only if it leaves fewer errors than before.

/// The repaired text; none when nothing was found to repair.
pub(super) fn repair(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let mut in_comment = false;
    let mut ends_member = false;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim();
        if in_comment || code.starts_with("/*") {
            in_comment = !code.contains("*/");
            continue;
        }
        if code.is_empty() || code.starts_with("//") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if ends_member
            && code.starts_with(['(', '<'])
            && let Some(before) = indent.checked_sub(1)
            && let Some(byte) = bytes.get_mut(start + before)
        {
            *byte = b';';
            changed = true;
        }
        changed |= blank_variance(line, start, &mut bytes);
        changed |= blank_backticks(line, start, &mut bytes);
        ends_member = can_end_member(code);
    }
    if changed { String::from_utf8(bytes).ok() } else { None }
}

/// Whether a line can be the last one of a type: nothing in it asks for more.
fn can_end_member(code: &str) -> bool {
    let code = code.split(" //").next().unwrap_or(code).trim_end();
    let last_word = code.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    let asks = ["extends", "keyof", "return", "typeof", "new", "is", "infer", "readonly", "await", "yield"];
    let closes = code.ends_with(|letter: char| letter.is_alphanumeric() || "_$)]}>\"'`".contains(letter));
    closes && !code.ends_with("=>") && !asks.contains(&last_word)
}

/// Blanks what quotes a backtick, and the backtick.
fn blank_backticks(line: &str, start: usize, bytes: &mut [u8]) -> bool {
    let mut changed = false;
    for (at, _) in line.match_indices("\\`") {
        // A backslash that is quoted itself quotes nothing.
        let before = line.get(..at).unwrap_or_default();
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        if backslashes % 2 == 0
            && let Some(quoted) = bytes.get_mut(start + at..start + at + 2)
        {
            quoted.fill(b' ');
            changed = true;
        }
    }
    changed
}

/// Blanks `in`, `out` and `in out` where only the variance of a type parameter can stand.
fn blank_variance(line: &str, start: usize, bytes: &mut [u8]) -> bool {
    let mut changed = false;
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find(['<', ','])) {
        let is_comma = line.as_bytes().get(from + found) == Some(&b',');
        from += found + 1;
        let Some(rest) = line.get(from..) else { break };
        let spaces = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let Some(length) =
            ["in out ", "out ", "in "].iter().find(|it| rest.starts_with(**it)).map(|it| it.len())
        else {
            continue;
        };
        // After a comma, `out` can be a name; a type parameter begins with a capital letter.
        let names_type =
            rest.get(length..).is_some_and(|name| name.starts_with(|it: char| it.is_uppercase()));
        if is_comma && !names_type {
            continue;
        }
        let at = start + from + spaces;
        if let Some(word) = bytes.get_mut(at..at + length) {
            word.fill(b' ');
            changed = true;
        }
    }
    // Parameters on lines of their own.
    let code = line.trim_start();
    let indent = line.len() - code.len();
    for word in ["in out ", "out ", "in "] {
        let named = code.strip_prefix(word).and_then(|rest| rest.chars().next());
        if named.is_some_and(char::is_uppercase)
            && let Some(word) = bytes.get_mut(start + indent..start + indent + word.len())
        {
            word.fill(b' ');
            return true;
        }
    }
    changed
}
