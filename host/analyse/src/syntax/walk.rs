//! The walk over one tree.

use std::ops::Range;

use codestrata::query::FunctionPlace;
use codestrata_index::{Language, Syntax};
use tree_sitter::Node;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::kinds::{Kinds, Sort, is_short_circuit};
use crate::fingerprints::fingerprints;
use crate::limits::MIN_DUPLICATE_TOKENS;

/// What the syntax of one function comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionSyntax {
    pub(crate) cyclomatic: u32,
    pub(crate) nesting: u32,
    pub(crate) code_lines: u32,
    pub(crate) tokens: u32,
    /// The hash of its tokens as they are written, but for its own name.
    pub(crate) body: u64,
    /// The hash of its tokens without names and values; 0 for one that is too short to be compared.
    pub(crate) shape: u64,
    /// Sorted, each once; none for one that is too short to be compared.
    pub(crate) fingerprints: Vec<u32>,
}

/// Measures the functions of one file, which are in their order in it. The answer has the same order.
pub(crate) fn measure(source: &[u8], syntax: &Syntax, functions: &[FunctionPlace]) -> Vec<FunctionSyntax> {
    let mut walk = Walk::new(source, syntax, functions);
    walk.run(syntax);
    let tokens = walk.tokens;
    let measured = walk.measured.into_iter().zip(functions);
    measured.map(|(measured, place)| with_tokens(measured, place, source, &tokens, syntax.language)).collect()
}

/// One token: what stands between blanks, but for comments and texts for people.
struct Token {
    bytes: Range<usize>,
    rows: Range<usize>,
    /// What it is, whatever it says.
    kind: u64,
}

struct Walk<'a> {
    source: &'a [u8],
    kinds: &'static Kinds,
    functions: &'a [FunctionPlace],
    /// How many functions have begun.
    begun: usize,
    /// Those that have begun and not ended, the innermost last.
    open: Vec<usize>,
    measured: Vec<FunctionSyntax>,
    /// How deep the walk is in control structures of each function.
    depths: Vec<u32>,
    tokens: Vec<Token>,
    /// No token begins before this byte: what is there is part of one, or none.
    tokens_from: usize,
}

impl<'a> Walk<'a> {
    fn new(source: &'a [u8], syntax: &Syntax, functions: &'a [FunctionPlace]) -> Self {
        let simplest = FunctionSyntax { cyclomatic: 1, ..FunctionSyntax::default() };
        Self {
            source,
            kinds: Kinds::of(syntax.language, &syntax.tree.language()),
            functions,
            begun: 0,
            open: Vec::new(),
            measured: vec![simplest; functions.len()],
            depths: vec![0; functions.len()],
            tokens: Vec::new(),
            tokens_from: 0,
        }
    }

    /// Visits every piece of syntax, in the order of the source and without recursion: the source decides its depth.
    fn run(&mut self, syntax: &Syntax) {
        let mut cursor = syntax.tree.walk();
        // For each piece that the cursor is in, the function whose structures it is one of.
        let mut nested: Vec<Option<usize>> = Vec::new();
        let mut parents: Vec<Sort> = Vec::new();
        loop {
            let node = cursor.node();
            let sort = self.kinds.sort(node);
            let is_alternative = cursor.field_name() == Some("alternative");
            let parent = parents.last().copied().unwrap_or(Sort::Plain);
            let nests = self.enter(node, sort, parent, is_alternative);
            if sort != Sort::Comment && cursor.goto_first_child() {
                nested.push(nests);
                parents.push(sort);
                continue;
            }
            self.leave(nests);
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                parents.pop();
                let nests = nested.pop().flatten();
                self.leave(nests);
            }
        }
    }

    fn enter(&mut self, node: Node<'_>, sort: Sort, parent: Sort, is_alternative: bool) -> Option<usize> {
        let function = self.innermost(node);
        self.tokenize(node, sort);
        let function = function?;
        let is_else_if = sort == Sort::If && (parent == Sort::Else || (parent == Sort::If && is_alternative));
        let counts = match sort {
            Sort::If | Sort::ElseIf | Sort::Loop | Sort::Branch => 1,
            Sort::Case => u32::from(!self.is_for_everything_else(node)),
            Sort::Operator => short_circuits(node),
            Sort::Declaration => u32::from(node.child_by_field_name("alternative").is_some()),
            Sort::Pattern => u32::from(node.child_by_field_name("condition").is_some()),
            _ => 0,
        };
        let nests = matches!(sort, Sort::If | Sort::Loop | Sort::Switch | Sort::Try) && !is_else_if;
        let measured = self.measured.get_mut(function)?;
        measured.cyclomatic = measured.cyclomatic.saturating_add(counts);
        if !nests {
            return None;
        }
        let depth = self.depths.get_mut(function)?;
        *depth += 1;
        measured.nesting = measured.nesting.max(*depth);
        Some(function)
    }

    fn leave(&mut self, nests: Option<usize>) {
        if let Some(depth) = nests.and_then(|function| self.depths.get_mut(function)) {
            *depth = depth.saturating_sub(1);
        }
    }

    /// The innermost function that has all of a piece of syntax.
    fn innermost(&mut self, node: Node<'_>) -> Option<usize> {
        let (start, end) = (node.start_byte(), node.end_byte());
        let span = |function: &usize| self.functions.get(*function).map(|place| place.span);
        while self.open.last().and_then(span).is_some_and(|span| to_usize(span.end_byte) <= start) {
            self.open.pop();
        }
        while self.functions.get(self.begun).is_some_and(|next| to_usize(next.span.start_byte) <= start) {
            self.open.push(self.begun);
            self.begun += 1;
        }
        let has_all = |function: &&usize| {
            span(function)
                .is_some_and(|span| start >= to_usize(span.start_byte) && end <= to_usize(span.end_byte))
        };
        self.open.iter().rev().find(has_all).copied()
    }

    fn tokenize(&mut self, node: Node<'_>, sort: Sort) {
        let bytes = node.byte_range();
        if bytes.start < self.tokens_from || bytes.is_empty() {
            return;
        }
        match sort {
            Sort::Comment => self.tokens_from = bytes.end,
            Sort::Statement if is_only_a_literal(node, self.kinds) => self.tokens_from = bytes.end,
            Sort::Literal => self.push(node),
            _ if node.child_count() == 0 => self.push(node),
            _ => {}
        }
    }

    fn push(&mut self, node: Node<'_>) {
        let bytes = node.byte_range();
        let rows = node.start_position().row..node.end_position().row;
        self.tokens_from = bytes.end;
        self.tokens.push(Token { bytes, rows, kind: xxh3_64(node.kind().as_bytes()) });
    }

    /// Whether a case is the one for whatever no other is for.
    fn is_for_everything_else(&self, case: Node<'_>) -> bool {
        if case.child(0).is_some_and(|first| first.kind() == "default") {
            return true;
        }
        let pattern = case.child_by_field_name("pattern").or_else(|| case.named_child(0));
        let pattern = pattern.map(|pattern| match self.kinds.sort(pattern) {
            Sort::Pattern => pattern.child(0).unwrap_or(pattern),
            _ => pattern,
        });
        pattern.and_then(|pattern| self.source.get(pattern.byte_range())) == Some(b"_")
    }
}

/// How many operators of an expression may leave out what is behind them.
fn short_circuits(node: Node<'_>) -> u32 {
    let mut cursor = node.walk();
    let operators = node
        .children(&mut cursor)
        .filter(|child| !child.is_named() && !child.is_missing() && is_short_circuit(child.kind()));
    u32::try_from(operators.count()).unwrap_or(u32::MAX)
}

fn is_only_a_literal(node: Node<'_>, kinds: &Kinds) -> bool {
    node.named_child_count() == 1 && node.named_child(0).is_some_and(|only| kinds.sort(only) == Sort::Literal)
}

/// Adds what the tokens of a function say.
fn with_tokens(
    mut measured: FunctionSyntax,
    place: &FunctionPlace,
    source: &[u8],
    all: &[Token],
    language: Language,
) -> FunctionSyntax {
    let (start, end) = (to_usize(place.span.start_byte), to_usize(place.span.end_byte));
    let first = all.partition_point(|token| token.bytes.start < start);
    let last = all.partition_point(|token| token.bytes.start < end);
    let tokens = all.get(first..last).unwrap_or_default();
    measured.tokens = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
    measured.code_lines = code_lines(tokens);
    let mut body = Xxh3::new();
    for token in tokens {
        let text = source.get(token.bytes.clone()).unwrap_or_default();
        if text != place.name.as_bytes() {
            body.update(text);
        }
        body.update(&[0]);
    }
    measured.body = body.digest();
    if measured.tokens >= MIN_DUPLICATE_TOKENS {
        let kinds: Vec<u64> = tokens.iter().map(|token| token.kind).collect();
        let mut shape = Xxh3::new();
        shape.update(language.family().as_bytes());
        for kind in &kinds {
            shape.update(&kind.to_le_bytes());
        }
        measured.shape = shape.digest();
        measured.fingerprints = fingerprints(&kinds, xxh3_64(language.family().as_bytes()));
    }
    measured
}

/// The lines that tokens stand on.
fn code_lines(tokens: &[Token]) -> u32 {
    let mut lines = 0;
    let mut next = 0;
    for token in tokens {
        let first = token.rows.start.max(next);
        let after = token.rows.end + 1;
        lines += after.saturating_sub(first);
        next = next.max(after);
    }
    u32::try_from(lines).unwrap_or(u32::MAX)
}

fn to_usize(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
