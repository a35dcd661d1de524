//! The preprocessor: includes, macros and conditions.
//!
//! Nothing is expanded. A macro is a function or a variable, of which the calls in its text are read; of a condition
//! all branches are.

use codestrata::model::{Attributes, ImportedName, Span, node_kind};
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

    /// Uses what the text of a macro calls: names before a parenthesis. The text is not parsed, as it need not be a
    /// whole of anything.
    fn macro_text<'t>(
        &self,
        node: Node<'t>,
        parameters: &[&str],
        owner: NodeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(value) = self.field.value.of(node) else { return };
        let context = Context { scope: 0, owner, mode: Mode::Value };
        for word in calls_in(reading.text(value)) {
            if word.is_member || parameters.contains(&word.text) || KEYWORDS.contains(&word.text) {
                continue;
            }
            reading.add_use(Base::Name(word.text), &[], word.span(span(value)), Purpose::Call, context);
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
    Attributes::from([("macro".to_owned(), true.into())])
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

/// A name before a parenthesis.
#[derive(Clone, Copy, Debug)]
struct Word<'s> {
    text: &'s str,
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

/// The names in a text that stand before a parenthesis, outside of its strings.
fn calls_in(text: &str) -> Vec<Word<'_>> {
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
                if let (Some(b'('), Some(word)) = (next, text.get(position..end)) {
                    let is_member = matches!(before, b'.' | b'>' | b'#' | b':');
                    found.push(Word { text: word, offset: position, lines, line_start, is_member });
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
