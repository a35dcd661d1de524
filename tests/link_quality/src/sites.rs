//! Which calls, bases and definitions a source file has, by its syntax alone.
//!
//! - A **call** stands at the name that is called: `f` in `f()`, `save` in `user.save()`, `Shop` in `new Shop()`,
//!   `super` in TypeScript's `super()`, the tag of a template. What is called without a name (`table[0]()`, `f()()`) and
//!   what is called by the language (a decorator without a call, an operator, JSX) is none.
//! - A **base** stands at the last name of what a class or interface says it extends or implements. A keyword
//!   (`metaclass=M`), a call (`extends mixin(A)`) and a type argument (`T` in `Generic[T]`) are none.
//! - A **definition** is a name that gets a function, a class, an interface or a named type.

mod ecmascript;
mod python;

use std::collections::{HashMap, HashSet};

use codestrata_index::{Language, parse_syntax};
use tree_sitter::Node;

use crate::Problem;
use crate::places::Place;

/// How a call or base is written: the receiver is what the difficulty of linking depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spoken {
    /// `f()`.
    Name,
    /// `new F()`.
    New,
    /// `self.f()`, `this.f()`, `cls.f()`.
    OfSelf,
    /// `super().f()`, `super.f()`.
    OfSuper,
    /// `self.a.f()`, `this.a.b.f()`.
    OfAttributeOfSelf,
    /// `a.f()`.
    OfName,
    /// `a.b.f()`.
    OfAttribute,
    /// `g().f()`.
    OfCall,
    /// `new G().f()`.
    OfNew,
    /// `x[0].f()`, `"".f()` and the like.
    OfOther,
    /// `super()`.
    Super,
}

impl Spoken {
    /// As reports show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "f()",
            Self::New => "new F()",
            Self::OfSelf => "self.f()",
            Self::OfSuper => "super.f()",
            Self::OfAttributeOfSelf => "self.a.f()",
            Self::OfName => "a.f()",
            Self::OfAttribute => "a.b.f()",
            Self::OfCall => "g().f()",
            Self::OfNew => "new G().f()",
            Self::OfOther => "?.f()",
            Self::Super => "super()",
        }
    }
}

/// A place where something is called or inherited from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The name.
    pub place: Place,
    /// How it is written.
    pub spoken: Spoken,
}

/// What a definition is, by its syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Definition {
    /// A function or method, with a body or without.
    Function,
    /// A class, interface, enumeration or named type.
    Type,
}

/// What one file has.
#[derive(Debug, Default)]
pub struct Sites {
    /// Its calls, in their order.
    pub calls: Vec<Site>,
    /// The bases of its classes and interfaces, in their order.
    pub bases: Vec<Site>,
    /// The names behind `self.` and `cls.` that are called.
    pub of_self: HashSet<Place>,
    /// Calls of the first parameter of a class method, each with the name of the class: `cls()`.
    pub classes_called: HashMap<Place, Place>,
    /// The names of parameters that are properties as well: `constructor(private client: Client)`.
    pub parameter_properties: HashSet<Place>,
    /// The names that are a property and its value at once: `{ area }`.
    pub shorthands: HashSet<Place>,
    /// Its definitions, by the places of their names.
    pub definitions: HashMap<Place, Definition>,
    /// Names that may stand for something of another name: of imports and exports that rename, and of whatever gets
    /// a value.
    pub renames: HashSet<String>,
}

impl Sites {
    /// Reads a file.
    ///
    /// # Errors
    /// When the language is none of Python, JavaScript and TypeScript, or the parser gives up.
    pub fn of(text: &str, language: Language) -> Result<Self, Problem> {
        let read = match language {
            Language::Python => python::read,
            Language::JavaScript | Language::TypeScript | Language::Tsx => ecmascript::read,
            other => return Err(format!("calls of {} are not known here", other.as_str()).into()),
        };
        let tree = parse_syntax("", text.as_bytes(), language)?.tree;
        let mut sites = Self::default();
        let mut cursor = tree.walk();
        // Not recursive: the source decides how deep the tree is.
        loop {
            read(cursor.node(), text, &mut sites);
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    let of_self = sites.calls.iter().filter(|site| site.spoken == Spoken::OfSelf);
                    sites.of_self = of_self.map(|site| site.place).collect();
                    return Ok(sites);
                }
            }
        }
    }

    fn define(&mut self, name: Option<Node<'_>>, definition: Definition) {
        if let Some(name) = name {
            self.definitions.insert(place(name), definition);
        }
    }
}

/// Adds the identifiers of a pattern, which are bound to whatever it takes apart.
fn rename(pattern: Option<Node<'_>>, source: &str, sites: &mut Sites) {
    let Some(pattern) = pattern else { return };
    let mut cursor = pattern.walk();
    let mut depth = 0_usize;
    loop {
        let node = cursor.node();
        if node.kind().ends_with("identifier") || node.kind().ends_with("identifier_pattern") {
            sites.renames.insert(text(node, source).to_owned());
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !(depth > 0 && cursor.goto_next_sibling()) {
            if depth == 0 || !cursor.goto_parent() {
                return;
            }
            depth -= 1;
        }
    }
}

/// Whether the truth is asked about files of a language.
pub(crate) const fn is_known(language: Language) -> bool {
    matches!(language, Language::Python | Language::JavaScript | Language::TypeScript | Language::Tsx)
}

fn place(node: Node<'_>) -> Place {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place { start: byte(node.start_byte()), end: byte(node.end_byte()) }
}

fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}
