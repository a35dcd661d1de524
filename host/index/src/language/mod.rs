//! The languages, and what each of them must say.
//!
//! # To add a language
//!
//! 1. Add its tree-sitter grammar to `Cargo.toml`, and a variant with its endings to [`Language`].
//! 2. Implement [`Rules`] in a file or folder of its own: the grammar, the module that a file is, and `visit`, which
//!    says what one piece of syntax means to the sketch: a scope, a name bound, a name used. A table maps the
//!    grammar's kinds of syntax to an enum once, so that `visit` is one match without comparing text.
//! 3. Add a fixture with its expected facts under `tests/fixtures/`.
//!
//! Scopes, ids, receivers, references and exports are the shared engine's (`extract`).
//!
//! # Why tables and not queries
//!
//! Tree-sitter's queries find syntax but keep no scopes, and running them costs about as much as parsing. One walk
//! with a table and the resolving of names cost about half of the parsing, and see everything in source order.

mod c;
mod cpp;
mod csharp;
mod ecmascript;
mod go;
mod java;
mod javascript;
mod members;
mod php;
mod python;
mod ruby;
mod rust;
mod tsx;
mod typescript;
mod vocabulary;

use codestrata::model::{ModuleFacts, Reach};
use tree_sitter::Node;

use crate::extract::{Apart, Context, Habits, Reading, Sketch};

pub(crate) use ecmascript::merging::Part;
pub(crate) use members::{Member, StandardMembers};
pub(crate) use python::public_names::PublicNames;
pub(crate) use vocabulary::Vocabulary;

/// A language that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python, stubs included.
    Python,
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// C.
    C,
    /// C++.
    Cpp,
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// Java.
    Java,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 12] = [
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Tsx,
        Self::C,
        Self::Cpp,
        Self::CSharp,
        Self::Go,
        Self::Java,
        Self::Php,
        Self::Ruby,
        Self::Rust,
    ];

    /// The language of a file, by the ending of its path.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (stem, ending) = path.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with('/') {
            return None;
        }
        Self::ALL.into_iter().find(|language| language.endings().contains(&ending))
    }

    /// The endings of its files, without the dot.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["py", "pyi"],
            Self::JavaScript => &["js", "jsx", "mjs", "cjs"],
            Self::TypeScript => &["ts", "mts", "cts"],
            Self::Tsx => &["tsx"],
            Self::C => &["c", "h"],
            Self::Cpp => &["cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "inl"],
            Self::CSharp => &["cs"],
            Self::Go => &["go"],
            Self::Java => &["java"],
            Self::Php => &["php", "phtml"],
            Self::Ruby => &["rb", "rake", "gemspec"],
            Self::Rust => &["rs"],
        }
    }

    /// The family whose files can import each other.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript | Self::TypeScript | Self::Tsx => "javascript",
            Self::C | Self::Cpp => "c",
            Self::CSharp => "csharp",
            Self::Go => "go",
            Self::Java => "java",
            Self::Php => "php",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
        }
    }

    /// Its name, `python`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::CSharp => "csharp",
            Self::Go => "go",
            Self::Java => "java",
            Self::Php => "php",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
        }
    }

    pub(crate) fn rules(self) -> &'static dyn Rules {
        match self {
            Self::Python => python::rules(),
            Self::JavaScript => javascript::rules(),
            Self::TypeScript => typescript::rules(),
            Self::Tsx => tsx::rules(),
            Self::C => c::rules(),
            Self::Cpp => cpp::rules(),
            Self::CSharp => csharp::rules(),
            Self::Go => go::rules(),
            Self::Java => java::rules(),
            Self::Php => php::rules(),
            Self::Ruby => ruby::rules(),
            Self::Rust => rust::rules(),
        }
    }
}

/// What of a file other files can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exported {
    /// Every name that is bound in the file's own scope, as in Python.
    EveryName,
    /// What the source says is exported, as in JavaScript.
    WhatIsSaid,
    /// Every definition that is not in a function and not hidden, by its dotted name: in languages whose files share
    /// namespaces. What the source says comes on top.
    EveryDefinition,
}

/// What a language says about itself to the engine.
pub(crate) trait Rules: Sync {
    /// Its grammar.
    fn grammar(&self) -> tree_sitter::Language;

    /// The language that a file is really in, where its ending leaves that open: a header may be C or C++.
    fn dialect(&self, _path: &str, _text: &str) -> Option<Language> {
        None
    }

    /// As which module a file can be imported.
    fn module(&self, path: &str) -> ModuleFacts;

    /// What of a file other files can name.
    fn exported(&self) -> Exported;

    /// Which things may share a name without hiding each other.
    fn apart(&self) -> Apart {
        Apart::Nothing
    }

    /// Whether it says what variables hold and functions return, for who comes from another file.
    fn tells_values(&self) -> bool {
        false
    }

    /// What it does that most languages do not.
    fn habits(&self) -> Habits {
        Habits::default()
    }

    /// The members that values of the language itself have: a member of such a name is never guessed by its name alone.
    fn standard_members(&self) -> StandardMembers {
        StandardMembers::NONE
    }

    /// From where the bare name of a member may mean it, where the syntax did not say so already.
    fn reach<'m>(&self, _member: &Member<'m>, _sketch: &'m Sketch<'_>) -> Reach<'m> {
        Reach::Everywhere
    }

    /// The text with what the grammar would take for something else replaced, byte for byte, before it is read; none
    /// when there is nothing of the kind.
    fn prepare(&self, _text: &str) -> Option<String> {
        None
    }

    /// The text with what the grammar cannot read replaced, byte for byte, by something of the same meaning to us;
    /// none when there is nothing to replace. Asked only for files with errors of syntax.
    fn repair(&self, _text: &str) -> Option<String> {
        None
    }

    /// Asked once, when everything has been visited and every binding of the file is known.
    fn finish(&self, _reading: &mut Reading<'_, '_>) {}

    /// Reads one piece of syntax into the sketch, and says which of its children are to be read, in which context.
    ///
    /// It must not recurse into the tree: the source decides its depth. Children are pushed, and visited later.
    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>);
}
