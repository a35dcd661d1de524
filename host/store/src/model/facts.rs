//! What one source file says by itself: the input of the store from an indexer.
//!
//! Facts depend on the file's path and bytes and on nothing else. What a name means in another file is not a
//! fact: it is a *link*, which the store derives from the facts of all files by one rule, and derives again when
//! they change. So an indexer never looks beyond one file, and any indexer gains links by stating facts.

use super::{Attributes, Edge, Node, Span, Text};

/// Everything that one file says.
///
/// Positions in `nodes` and `imports` are how the other fields refer to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFacts {
    /// The path, relative to the root of the repository, with `/` between its parts.
    pub path: String,
    /// The hash of the file's content, as text: how an indexer knows that the file is unchanged.
    pub hash: String,
    /// The family of languages whose files can import each other, `python` or `javascript`: `api.py` and `api.ts`
    /// in one folder are different modules.
    pub family: String,
    /// As which module other files can import it.
    pub module: Option<ModuleFacts>,
    /// What it defines. Ids must be unique in the repository, and every `file` must be the path.
    pub nodes: Vec<Node>,
    /// Edges whose targets are stated as ids. They are kept as given. The sources must be among `nodes`.
    pub edges: Vec<Edge>,
    /// References by name, to be linked.
    pub references: Vec<Reference>,
    /// The names that it binds to things of other modules.
    pub imports: Vec<Import>,
    /// The names under which other files can import its things.
    pub exports: Vec<Export>,
    /// What its variables hold and its functions return, as far as it says so. Two that disagree about one path of one
    /// node say nothing.
    pub values: Vec<ValueFact>,
}

/// As which module a file can be imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleFacts {
    /// Its path without what the language leaves out: `pkg/util` for `pkg/util.py`, `pkg` for
    /// `pkg/__init__.py` and for `pkg/index.ts`.
    pub stem: String,
    /// Which file wins when several have one stem: the lowest rank, then the first path.
    pub rank: u8,
    /// Whether `name` in `from pkg import name` may be the module `pkg/name`.
    pub is_package: bool,
    /// Whether the stem is a namespace to which any number of files contribute: a Go package, the global names of C.
    /// The exports are then dotted names in it, `Type.method`, and the imports of the file name things of such
    /// namespaces.
    pub is_shared: bool,
}

/// One reference by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The node in which it stands, as a position in `nodes`.
    pub source: u32,
    /// The kind of the edge to be made; see [`edge_kind`](super::edge_kind). One of `calls` and `instantiates`
    /// becomes the other when the target turns out to be, or not to be, a class.
    pub kind: Text,
    /// Where it stands.
    pub span: Span,
    /// What it says about its target.
    pub target: Target,
    /// What is kept beside the edge.
    pub attributes: Attributes,
}

/// What a variable holds or a function returns: how a path goes on where it has come to a node without members.
///
/// `client: Client` says that the variable, along no members, is a [call](Target::CALL) of `Client`: an object of it.
/// `def connect() -> Client` says the same of `connect` along a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFact {
    /// The node, as a position in `nodes`.
    pub node: u32,
    /// The members to walk from the node to the value; none for that of a variable.
    pub path: Vec<String>,
    /// What the value is. [`Target::Local`] of [`Target::PLAIN`] or [`Target::CONTAINER`] says that it is one of the
    /// language itself.
    pub target: Target,
}

impl Reference {
    /// The attribute of an import that is not made when its file is loaded: [`IN_FUNCTION`](Self::IN_FUNCTION) or
    /// [`FOR_TYPES`](Self::FOR_TYPES).
    pub const LATE: &'static str = "late";
    /// It stands in a function, and is made when that runs.
    pub const IN_FUNCTION: &'static str = "function";
    /// It is there for who checks types, and is never made.
    pub const FOR_TYPES: &'static str = "types";
}

/// What a reference says about its target, as far as one file can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A node of this file, by the language's scopes: certain. A position in `nodes`.
    Node(u32),
    /// Something with a known beginning, and the members to walk from there; they may be none.
    Path(Root, Vec<String>),
    /// A member of something of which nothing is known: `x.name` where `x` could be anything.
    Member(String),
    /// A value that has no node: a call of a parameter or of a local variable. Never linked to a definition of
    /// the same name, because the local one hides it.
    Local(String),
}

impl Target {
    /// The member that stands for calling what comes before it: of a class it is an object of the class, of a function
    /// what the function returns.
    pub const CALL: &'static str = "()";

    /// The member that stands for an object of the class before it, where a language tells the members of a class from
    /// those of its objects. Of what is no class it is the thing itself.
    pub const OBJECT: &'static str = "{of}";

    /// A text, a number or the like: a value whose members no source defines, nor those of what they give.
    pub const PLAIN: &'static str = "plain";

    /// A list, a dictionary or the like: a value whose members no source defines, but which may hold anything.
    pub const CONTAINER: &'static str = "[]";

    /// The members that stand for what is passed to the function before them, by its position; of that, if it is a
    /// function itself, for what it is called with. In `each(users, user => user.save())` the value of `user` is
    /// `each`, then the second of these, then the first.
    pub const ARGUMENTS: [&'static str; 8] = ["(0)", "(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"];

    /// Whether a member is one of [`ARGUMENTS`](Self::ARGUMENTS).
    #[must_use]
    pub fn is_argument(member: &str) -> bool {
        Self::ARGUMENTS.contains(&member)
    }
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// At what an import binds. A position in `imports`.
    Import(u32),
    /// At a node of this file: a class for its members and those of its instances. A position in `nodes`.
    Node(u32),
    /// At the bases of a class of this file, passing over the class itself. A position in `nodes`.
    Super(u32),
    /// Inside of a class of this file, at a name that the file does not bind: a member of the class or of its bases
    /// if there is one, and else as [`Free`](Self::Free). The first of the members is the name. The node may also be a
    /// method that stands away from its class, which may be in another file. A position in `nodes`.
    Within(u32),
    /// At the object on which a member of a class was asked for, which may be one of a class derived from it: what a
    /// method returns that returns `self`. Of a path that came to the member in another way, at an object of the class.
    /// In value facts only. A position in `nodes`.
    Receiver(u32),
    /// At a name that this file does not bind: a builtin, or something that an `import *` brings.
    Free(String),
}

/// One name that is bound to a thing of another module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The stems that the module may have, the likeliest first. None means that it is certainly not in the
    /// repository. `tools//util` is `tools/util`, unless `tools` is a package: then no import starts there.
    pub candidates: Vec<String>,
    /// The module as it is written, `homeassistant.core` or `./util`: the beginning of the target's text when
    /// the thing is not found.
    pub module: String,
    /// What of the module is bound.
    pub name: ImportedName,
}

/// What of a module an import binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportedName {
    /// The module itself.
    Module,
    /// One of its exports.
    Name(String),
    /// Every export: free names are looked for in it.
    Star,
}

/// One name that other files can import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The name, `default` for a default export; empty for everything that an imported module exports.
    /// When a name is exported twice, the first one that leads to something in the repository counts.
    ///
    /// In a shared namespace `/pkg/util:Type.run` is a name in the namespace `pkg/util` and not in the file's own: a
    /// member of a type that another file defines there.
    pub name: String,
    /// What it stands for.
    pub target: ExportTarget,
}

impl Export {
    /// What stands before the names that the module gives to who imports all of it, where it says so: Python's `__all__`.
    /// With no name behind it, it says that there is such a list. These exports lead to the list.
    pub const STAR: &'static str = "*";

    /// What stands behind the name of a type before a member that is written for it elsewhere and gives way to what the type
    /// has itself, `Type+.member`: an extension method of C#. Of a type of the outside it is not known what that has, so a
    /// link to such a member is ambiguous.
    pub const EXTENSION: &'static str = "+";
    /// The name under which a file says of an import that the name which it binds may stand for something besides that has
    /// no node, such as a parameter. What begins with it groups imports of which one is meant, and is no name for others.
    pub const DOUBTFUL: &'static str = "?";
}

/// What an exported name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportTarget {
    /// A node of this file. A position in `nodes`.
    Node(u32),
    /// What an import binds. A position in `imports`.
    Import(u32),
}
