//! How deep a file may nest, checked before it is parsed.
//!
//! `toml` bounds the brackets and the parts of a key to 80 each, but not their product: `{ a.a.a = { a.a.a = ...`
//! makes a table 6,000 deep in as many bytes, and dropping it overflows the stack (seen with toml 1.2). The same
//! lexer, asked first, cannot disagree about what is a string.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use crate::document::Span;

/// Deepest legal place: `storage.options.path`.
const MAX_BRACKETS: usize = 8;
const MAX_DOTS: usize = 8;

/// The first place that is too deep, and what is wrong with it. O(length).
pub(crate) fn too_deep(text: &str) -> Option<(String, Span)> {
    let (mut brackets, mut dots) = (0_usize, 0_usize);
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                brackets += 1;
                dots = 0;
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                brackets = brackets.saturating_sub(1);
                dots = 0;
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Newline | TokenKind::Equals | TokenKind::Comma => dots = 0,
            _ => {}
        }
        let span = token.span().start()..token.span().end();
        if brackets > MAX_BRACKETS {
            return Some((format!("brackets are nested more than {MAX_BRACKETS} deep"), span));
        }
        if dots > MAX_DOTS {
            return Some((format!("a key has more than {MAX_DOTS} dots"), span));
        }
    }
    None
}
