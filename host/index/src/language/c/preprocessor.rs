//! The preprocessor: includes, macros and conditions.
//!
//! Nothing is expanded. A macro is a function or a variable, of which the calls in its text are read; of a condition
//! all branches are.

use std::collections::BTreeSet;

use codestrata::model::{Attributes, ImportedName, Node as GraphNode, Span, Target, edge_kind, node_kind};
use tree_sitter::Node;

use super::files::{candidates, is_header};
use super::{CFamily, Kind};
use crate::extract::{Base, Context, Hint, Mode, NodeRef, Purpose, Reading, span};

/// Words that are followed by a parenthesis and are no function's name.
const KEYWORDS: [&str; 14] = [
    "__attribute__",
    "alignof",
    "catch",
    "decltype",
    "defined",
    "for",
    "if",
    "noexcept",
    "return",
    "sizeof",
    "switch",
    "typeof",
    "while",
    "__typeof__",
];

impl CFamily {
    /// `#include` is an import of the file.
    pub(super) fn include<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) {
        let Some(path) = self.field.path.of(node) else { return };
        let is_system = path.kind() == "system_lib_string";
        if !is_system && path.kind() != "string_literal" {
            return;
        }
        let name = reading.text(path).trim_matches(['"', '<', '>', ' ']);
        let candidates = candidates(reading.sketch.path, name, is_system);
        reading.sketch.import(candidates, name, ImportedName::Module, Some(span(path)));
    }

    /// `#define name value`. The guard of a header says nothing.
    pub(super) fn object_macro<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let is_new = reading.sketch.bindings.get(&(0, name)).is_none_or(|bound| bound.variable.is_none());
        let found = reading.sketch.bind_variable(
            0,
            0,
            name,
            definition_span(node),
            Hint::Unknown,
            macro_attributes(),
        );
        let Some(found) = found else { return };
        if is_new && !is_header(reading.sketch.path) {
            reading.sketch.hidden.insert(found);
        }
        self.macro_text(node, &[], found, reading);
    }

    /// `#define name(a, b) text`. A second one is for other conditions.
    pub(super) fn function_macro<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let known = reading.sketch.bindings.get(&(0, name)).and_then(|bound| bound.definition);
        let is_function = |node: &NodeRef| {
            reading.sketch.nodes.get(*node as usize).is_some_and(|node| node.attributes.contains_key("macro"))
        };
        let found = known.filter(is_function).unwrap_or_else(|| {
            let kind = node_kind::FUNCTION;
            let made = reading.sketch.define(0, name, kind, definition_span(node), macro_attributes());
            if known.is_none() {
                reading.sketch.bind_definition(0, name, made);
            }
            if !is_header(reading.sketch.path) {
                reading.sketch.hidden.insert(made);
            }
            made
        });
        let parameters =
            self.field.parameters.of(node).map(|list| reading.children(list)).unwrap_or_default();
        let parameters: Vec<&str> = parameters.into_iter().map(|parameter| reading.text(parameter)).collect();
        self.macro_text(node, &parameters, found, reading);
    }

    /// Uses what the text of a macro names: it calls what stands before a parenthesis. The text is not parsed, as it need
    /// not be a whole of anything. What it glues together may be any name that fits.
    fn macro_text<'t>(
        &self,
        node: Node<'t>,
        parameters: &[&str],
        owner: NodeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(value) = self.field.value.of(node) else { return };
        let context = Context { scope: 0, owner, mode: Mode::Value };
        let text = reading.text(value);
        for word in names_in(text) {
            if word.is_member || parameters.contains(&word.text) || KEYWORDS.contains(&word.text) {
                continue;
            }
            let at = word.span(span(value));
            if word.is_called {
                reading.add_use(Base::Name(word.text), &[], at, Purpose::Call, context);
            } else {
                reading.sketch.macro_names.push((owner, word.text, at));
            }
        }
        let glued = glued_in(text, parameters);
        if !glued.is_empty()
            && let Some(node) = reading.sketch.nodes.get_mut(owner as usize)
        {
            if !node.attributes.contains_key(GraphNode::MENTIONS) {
                node.attributes.insert(GraphNode::MENTIONS, Vec::<String>::new().into());
            }
            let names = node.attributes.get_mut(GraphNode::MENTIONS);
            if let Some(names) = names.and_then(|names| names.as_array_mut()) {
                names.extend(glued.into_iter().map(Into::into));
            }
        }
    }

    /// Uses the functions of this file that the texts of macros name and do not call. Everything else that they name
    /// belongs to where they are used.
    pub(in crate::language) fn settle_macros(reading: &mut Reading<'_, '_>) {
        for (owner, name, at) in std::mem::take(&mut reading.sketch.macro_names) {
            let meant = reading.sketch.bindings.get(&(0, name)).and_then(|bound| bound.definition);
            let kind = meant
                .and_then(|meant| reading.sketch.nodes.get(meant as usize))
                .map(|node| node.kind.as_str());
            if let (Some(meant), Some(node_kind::FUNCTION)) = (meant, kind) {
                reading.sketch.refer(owner, edge_kind::ACCESSES, at, Target::Node(meant));
            }
        }
    }

    /// `#if … #else … #endif`: every branch is read, the condition is not.
    pub(super) fn conditional<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let condition = self.field.condition.of(node).or_else(|| self.field.name.of(node));
        let mut parts = reading.children(node);
        parts.retain(|part| Some(*part) != condition);
        let guarded = self.field.name.of(node).map(|name| reading.text(name));
        for (position, part) in parts.into_iter().enumerate() {
            let is_guard = position == 0
                && self.kind(part) == Kind::Macro
                && self.field.value.of(part).is_none()
                && self.field.name.of(part).map(|name| reading.text(name)) == guarded;
            if !is_guard {
                reading.push(part, context);
            }
        }
    }
}

fn macro_attributes() -> Attributes {
    Attributes::from([("macro", true.into())])
}

/// The span of a definition, without the line break that ends it.
fn definition_span(node: Node<'_>) -> Span {
    let last = node.child_count().checked_sub(1).and_then(|last| node.child(last));
    let whole = span(node);
    let end = last.filter(|last| last.kind() != "\n").or_else(|| last.and_then(|last| last.prev_sibling()));
    match end.map(span) {
        Some(end) => {
            Span { end_byte: end.end_byte, end_line: end.end_line, end_column: end.end_column, ..whole }
        }
        None => whole,
    }
}

/// A name in the text of a macro.
#[derive(Clone, Copy, Debug)]
struct Word<'s> {
    text: &'s str,
    /// Whether it stands before a parenthesis.
    is_called: bool,
    offset: usize,
    /// How many lines are before it, and where its own begins.
    lines: usize,
    line_start: usize,
    /// Whether it is a member of something, or glued to something.
    is_member: bool,
}

impl Word<'_> {
    /// Its span, in a text that stands there.
    fn span(self, text: Span) -> Span {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = text.start_byte + number(self.offset);
        let line = text.start_line + number(self.lines);
        let first = if self.lines == 0 { text.start_column } else { 0 };
        let column = first + number(self.offset - self.line_start);
        let length = number(self.text.len());
        Span {
            start_byte: start,
            end_byte: start + length,
            start_line: line,
            end_line: line,
            start_column: column,
            end_column: column + length,
        }
    }
}

/// The names in a text, outside of its strings.
fn names_in(text: &str) -> Vec<Word<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut lines, mut line_start, mut position) = (0, 0, 0);
    let mut before = 0_u8;
    while let Some(byte) = bytes.get(position).copied() {
        let rest = bytes.get(position..).unwrap_or_default();
        match byte {
            b'"' | b'\'' => position += quoted(rest, byte),
            _ if byte == b'_' || byte.is_ascii_alphabetic() => {
                let length =
                    rest.iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric()).count();
                let end = position + length;
                let next =
                    bytes.get(end..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
                if let Some(word) = text.get(position..end) {
                    let is_called = next == Some(&b'(');
                    // What is not called may be a label or a namespace, or be glued to something.
                    let is_other = !is_called && matches!(next, Some(b'#' | b':'));
                    let is_member = is_other || matches!(before, b'.' | b'>' | b'#' | b':');
                    found.push(Word {
                        text: word,
                        is_called,
                        offset: position,
                        lines,
                        line_start,
                        is_member,
                    });
                }
                position = end;
            }
            _ if byte.is_ascii_digit() => {
                position += rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            }
            b'\n' => {
                lines += 1;
                position += 1;
                line_start = position;
            }
            _ => position += 1,
        }
        if !byte.is_ascii_whitespace() && byte != b'\\' {
            before = byte;
        }
    }
    found
}

/// The names that a text glues together with `##`, with `*` for what its parameters bring: `*_handler` for
/// `name##_handler`. Those that say nearly nothing are left out.
fn glued_in(text: &str, parameters: &[&str]) -> BTreeSet<String> {
    const LEAST: usize = 2;
    let is_of_word = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
    let is_space = |letter: char| letter.is_whitespace() || letter == '\\';
    let pieces: Vec<&str> = text.split("##").map(|piece| piece.trim_matches(is_space)).collect();
    let mut found = BTreeSet::new();
    let mut chain: Vec<&str> = Vec::new();
    for pair in pieces.windows(2) {
        let [left, right] = pair else { continue };
        if chain.is_empty() {
            chain.push(left.rsplit(|letter| !is_of_word(letter)).next().unwrap_or_default());
        }
        let first = right.split(|letter| !is_of_word(letter)).next().unwrap_or_default();
        chain.push(first);
        if first.len() == right.len() && !first.is_empty() {
            continue;
        }
        found.extend(pattern_of(&chain, parameters));
        chain.clear();
    }
    found.extend(pattern_of(&chain, parameters));
    found.retain(|pattern| pattern.len() > LEAST);
    found
}

fn pattern_of(chain: &[&str], parameters: &[&str]) -> Option<String> {
    let is_parameter = |part: &&str| parameters.contains(part);
    let before: String = chain.iter().copied().take_while(|part| !is_parameter(part)).collect();
    let mut after: Vec<&str> = chain.iter().rev().copied().take_while(|part| !is_parameter(part)).collect();
    after.reverse();
    let star = if chain.iter().any(is_parameter) { "*" } else { return None };
    Some(format!("{before}{star}{}", after.concat()))
}

/// How long a quoted text is that begins here.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut position = 1;
    while let Some(byte) = rest.get(position) {
        match byte {
            b'\\' => position += 2,
            byte if *byte == quote => return position + 1,
            _ => position += 1,
        }
    }
    rest.len()
}
