//! Whether a header is C or C++, by a look at its lines.

/// Words that begin a line of C++ and of no C, each with what may follow it: any of these characters, or a name.
const STARTS: &[(&str, &[u8])] = &[
    ("class", b""),
    ("constexpr", b""),
    ("explicit", b""),
    ("friend", b""),
    ("namespace", b"{"),
    ("private", b":"),
    ("protected", b":"),
    ("public", b":"),
    ("template", b"<"),
    ("typename", b""),
    ("using", b""),
    ("virtual", b"~"),
    ("inline namespace", b""),
    ("enum class", b""),
];

/// Whether the text of a header shows that it is C++: its lines begin as only those of C++ do, or it names a member of
/// a namespace. What stands in comments does not count.
pub(super) fn is_cpp(text: &str) -> bool {
    let mut in_comment = false;
    text.lines().any(|line| {
        let code = code_of(line, &mut in_comment);
        code.is_some_and(|code| begins_as_cpp(code) || names_a_scope(code))
    })
}

/// What of a line stands before and outside of comments.
fn code_of<'s>(line: &'s str, in_comment: &mut bool) -> Option<&'s str> {
    let mut code = line.trim();
    if *in_comment {
        let (_, rest) = code.split_once("*/")?;
        *in_comment = false;
        code = rest.trim_start();
    }
    while let Some(rest) = code.strip_prefix("/*") {
        let Some((_, rest)) = rest.split_once("*/") else {
            *in_comment = true;
            return None;
        };
        code = rest.trim_start();
    }
    code = code.split("//").next().unwrap_or_default();
    if let Some((before, comment)) = code.split_once("/*") {
        *in_comment = !comment.contains("*/");
        code = before;
    }
    (!code.is_empty() && !code.starts_with('#')).then_some(code)
}

fn begins_as_cpp(code: &str) -> bool {
    STARTS.iter().any(|(word, follows)| {
        let Some(rest) = code.strip_prefix(word) else { return false };
        let has_space = rest.starts_with([' ', '\t']);
        let next = rest.trim_start().bytes().next();
        match next {
            Some(byte) if follows.contains(&byte) => true,
            Some(byte) => has_space && follows != b":" && (byte.is_ascii_alphabetic() || byte == b'_'),
            None => word.ends_with("namespace"),
        }
    })
}

/// `std::string`, but not what stands in a string.
fn names_a_scope(code: &str) -> bool {
    let before = code.split("::").next().unwrap_or_default();
    let is_name =
        before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '>');
    before.len() < code.len() && is_name && !before.contains(['"', '[', '\''])
}
