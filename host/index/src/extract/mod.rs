//! One source file to its facts: the engine that all languages share.
//!
//! First the tree is read, in source order and without recursion, into a [`Sketch`]: scopes, the names bound in
//! them, the names used and where. Only then, when every binding is known, are the uses resolved: a function may
//! be called above its definition, and an assignment anywhere in a Python function makes the name local to all of
//! it. That second step is `lower`.

mod alternatives;
mod bindings;
mod blocks;
mod lower;
mod mention;
mod mentions;
mod narrowing;
mod parse;
mod places;
mod reach;
mod reading;
mod sketch;
mod statics;
mod values;

use std::fmt;

use codestrata::model::FileFacts;
use tree_sitter::Tree;
use typed_arena::Arena;

use crate::hash::content_hash;
use crate::language::{Exported, Language};

pub(crate) use bindings::Redirect;
pub(crate) use reading::{Chain, Context, Mode, Reading, span};
pub(crate) use sketch::{
    Apart, Base, Habits, Hint, NodeRef, Overload, Purpose, Role, ScopeKind, ScopeRef, Sketch, Sort, TypePath,
    Use,
};

/// The member that stands for an item of what comes before it, by its number or key.
pub(crate) const ITEM: &str = "[]";

/// The member that stands for each thing that comes of going through what comes before it.
pub(crate) const EACH: &str = "[*]";

/// The kind of node for a TypeScript namespace.
pub const NAMESPACE: &str = "namespace";

/// What was found in one source file.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// The facts.
    pub facts: FileFacts,
    /// Whether parts of the file are not valid in its language; what could be read around them is in the facts.
    pub had_syntax_errors: bool,
}

/// Why nothing could be found in a source file. The others of its repository are not concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file is not UTF-8.
    NotUtf8 {
        /// How many bytes at its beginning are.
        valid_bytes: usize,
    },
    /// The file is larger than spans can say, which is 4 GiB.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The parser was stopped: it took far more steps than a file of this size should need.
    TooComplex,
    /// The grammar and the parser do not fit each other: a fault of this build.
    Grammar {
        /// What the parser says.
        message: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { valid_bytes } => {
                write!(formatter, "the file is not UTF-8 from byte {valid_bytes} on; convert it or ignore it")
            }
            Self::TooLarge { bytes } => {
                write!(formatter, "the file has {bytes} bytes; spans end at 4 GiB; ignore it")
            }
            Self::TooComplex => formatter
                .write_str("the parser needs too many steps for the file; it may be generated; ignore it"),
            Self::Grammar { message } => {
                write!(
                    formatter,
                    "the grammar of this language cannot be used, which is a fault of this build: {message}"
                )
            }
        }
    }
}

impl std::error::Error for Problem {}

/// The syntax of one source file.
#[derive(Clone, Debug)]
pub struct Syntax {
    /// The language that it is really in, where its ending leaves that open: a header may be C or C++.
    pub language: Language,
    /// Its tree, in that language's grammar. Its offsets are those of the source, though here and there it may be the
    /// tree of a text that was repaired.
    pub tree: Tree,
}

/// Parses one source file as [`extract`] does, for whoever wants its syntax and not its facts.
///
/// # Errors
/// As [`extract`].
pub fn parse_syntax(path: &str, source: &[u8], language: Language) -> Result<Syntax, Problem> {
    syntax(path, source, language).map(|(_, syntax)| syntax)
}

fn syntax<'t>(path: &str, source: &'t [u8], language: Language) -> Result<(&'t str, Syntax), Problem> {
    if u32::try_from(source.len()).is_err() {
        return Err(Problem::TooLarge { bytes: source.len() });
    }
    let text =
        std::str::from_utf8(source).map_err(|error| Problem::NotUtf8 { valid_bytes: error.valid_up_to() })?;
    let language = language.rules().dialect(path, text).unwrap_or(language);
    let tree = parse::parse(text, language)?;
    Ok((text, Syntax { language, tree }))
}

/// Says what one source file defines and refers to.
///
/// `path` is relative to the root of the repository, with `/` between its parts. The result depends on the path,
/// the bytes and the language only. Time and memory are proportional to the size of the file, about 6 MB a second
/// and up to 150 bytes a byte.
///
/// # Errors
///
/// [`Problem::NotUtf8`], and [`Problem::TooComplex`] for a file on which the parser despairs. Errors of syntax are
/// no problem: see [`Extraction::had_syntax_errors`].
pub fn extract(path: &str, source: &[u8], language: Language) -> Result<Extraction, Problem> {
    let (text, Syntax { language, tree }) = syntax(path, source, language)?;
    let root = tree.root_node();
    let rules = language.rules();
    let module = rules.module(path);
    let made = Arena::new();
    let mut reading = Reading::new(path, text, &made, &module, root);
    reading.sketch.apart = rules.apart();
    reading.sketch.tells_values = rules.tells_values();
    reading.sketch.habits = rules.habits();
    while let Some((node, context)) = reading.next() {
        rules.visit(node, context, &mut reading);
        reading.settle();
    }
    rules.finish(&mut reading);
    let mut sketch = reading.into_sketch();
    match rules.exported() {
        Exported::EveryName => sketch.export_all(),
        Exported::EveryDefinition => sketch.export_definitions(),
        Exported::WhatIsSaid => {}
    }
    mentions::note(&mut sketch, text, root);
    reach::note(&mut sketch, rules);
    let facts = lower::lower(sketch, path, content_hash(source), module, language.family());
    Ok(Extraction { facts, had_syntax_errors: root.has_error() })
}
