//! Text to trees, with one parser per thread and language, and a bound on its work.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use super::Problem;
use crate::language::Language;

/// How often the parser may ask whether to go on; it does so about every hundred steps.
///
/// A bound in steps and not in time, so that the outcome depends on the file alone. The most measured in real trees
/// is one question per 27 bytes.
fn allowance(bytes: usize) -> usize {
    10_000 + bytes / 4
}

thread_local! {
    static PARSERS: RefCell<BTreeMap<Language, Parser>> = const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn parse(text: &str, language: Language) -> Result<Tree, Problem> {
    let prepared = language.rules().prepare(text).filter(|prepared| prepared.len() == text.len());
    let text = prepared.as_deref().unwrap_or(text);
    PARSERS.with_borrow_mut(|parsers| {
        let mut parser = match parsers.remove(&language) {
            Some(parser) => parser,
            None => new_parser(language)?,
        };
        let tree = bounded(&mut parser, text).map(|tree| repaired(&mut parser, text, language, tree));
        parser.reset();
        parsers.insert(language, parser);
        tree.ok_or(Problem::TooComplex)
    })
}

fn new_parser(language: Language) -> Result<Parser, Problem> {
    let mut parser = Parser::new();
    match parser.set_language(&language.rules().grammar()) {
        Ok(()) => Ok(parser),
        Err(error) => Err(Problem::Grammar { message: error.to_string() }),
    }
}

/// The tree of the repaired text, if that has fewer errors. Repairs keep every offset, so the tree fits the text.
fn repaired(parser: &mut Parser, text: &str, language: Language, tree: Tree) -> Tree {
    if !tree.root_node().has_error() {
        return tree;
    }
    parser.reset();
    let repair = language.rules().repair(text).filter(|repaired| repaired.len() == text.len());
    match repair.and_then(|text| bounded(parser, &text)) {
        Some(better) if error_bytes(&better) < error_bytes(&tree) => better,
        _ => tree,
    }
}

/// How much of a tree could not be read.
fn error_bytes(tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let mut bytes = 0;
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            bytes += node.byte_range().len().max(1);
        }
        let below = node.has_error() && !node.is_error() && cursor.goto_first_child();
        if below {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return bytes;
            }
        }
    }
}

fn bounded(parser: &mut Parser, text: &str) -> Option<Tree> {
    let mut left = allowance(text.len());
    let mut go_on = |_: &ParseState| match left.checked_sub(1) {
        Some(fewer) => {
            left = fewer;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let options = ParseOptions::new().progress_callback(&mut go_on);
    let rest = |offset: usize, _| text.as_bytes().get(offset..).unwrap_or_default();
    parser.parse_with_options(&mut { rest }, None, Some(options))
}
