//! Source text as tokens, without comments, strings and lines of the preprocessor: only as much as repairing needs.

/// A name, a number, or a mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }
}

/// The tokens of a text. A string is one, and begins with its quote.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut position = 0;
    let mut begins_line = true;
    while let Some(byte) = bytes.get(position) {
        let rest = bytes.get(position..).unwrap_or_default();
        let length = match byte {
            b'\n' => {
                begins_line = true;
                position += 1;
                continue;
            }
            _ if byte.is_ascii_whitespace() || *byte == b'\\' => {
                position += 1;
                continue;
            }
            b'#' if begins_line => {
                position += directive(rest);
                continue;
            }
            b'/' if rest.starts_with(b"//") => {
                position += rest.iter().take_while(|byte| **byte != b'\n').count();
                continue;
            }
            b'/' if rest.starts_with(b"/*") => {
                position += comment(rest);
                continue;
            }
            b'R' if rest.starts_with(b"R\"") => {
                let start = position + 1;
                position += raw(rest);
                found.push(Token { start, end: position });
                begins_line = false;
                continue;
            }
            b'"' | b'\'' => {
                let start = position;
                position += quoted(rest, *byte).min(rest.len());
                found.push(Token { start, end: position });
                begins_line = false;
                continue;
            }
            b':' if rest.starts_with(b"::") => 2,
            _ if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
            }
            _ if byte.is_ascii() => 1,
            _ => rest.iter().take_while(|byte| !byte.is_ascii()).count(),
        };
        found.push(Token { start: position, end: position + length });
        position += length;
        begins_line = false;
    }
    found
}

/// How long a directive is, with the lines that continue it and without the line break.
fn directive(rest: &[u8]) -> usize {
    let mut position = 0;
    while let Some(byte) = rest.get(position) {
        match byte {
            b'\\' if rest.get(position + 1) == Some(&b'\r') => position += 3,
            b'\\' => position += 2,
            b'\n' => return position,
            b'/' if rest.get(position + 1) == Some(&b'*') => {
                position += comment(rest.get(position..).unwrap_or_default());
            }
            _ => position += 1,
        }
    }
    rest.len()
}

/// Where comments within a line stand in directives that go on in the next line.
pub(super) fn comments_in_directives(source: &str) -> Vec<(usize, usize)> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut offset = 0;
    let mut goes_on = false;
    for line in source.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let is_directive = goes_on || line.trim_start().starts_with('#');
        goes_on = is_directive && line.trim_end().ends_with('\\');
        let Some(at) = line.find("/*").filter(|_| goes_on) else { continue };
        let mut position = start + at;
        while let Some(rest) = bytes.get(position..offset) {
            let Some(next) = rest.windows(2).position(|pair| pair == b"/*") else { break };
            let length = comment(rest.get(next..).unwrap_or_default());
            found.push((position + next, position + next + length));
            position += next + length;
        }
    }
    found
}

fn comment(rest: &[u8]) -> usize {
    let end = rest.windows(2).skip(2).position(|pair| pair == b"*/");
    end.map_or(rest.len(), |end| end + 4)
}

/// How long a raw string is, `R"x(…)x"`.
fn raw(rest: &[u8]) -> usize {
    const LONGEST: usize = 16;
    let length = rest.iter().skip(2).take(LONGEST).take_while(|byte| **byte != b'(').count();
    let Some(delimiter) = rest.get(2..2 + length) else { return rest.len() };
    let end = [b")", delimiter, b"\""].concat();
    let found = rest.windows(end.len()).position(|window| window == end);
    found.map_or(rest.len(), |found| found + end.len())
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut position = 1;
    while let Some(byte) = rest.get(position) {
        match byte {
            b'\\' => position += 2,
            b'\n' => return position,
            byte if *byte == quote => return position + 1,
            _ => position += 1,
        }
    }
    rest.len()
}
