//! What reading a tree leaves: definitions, scopes, bindings and uses, not yet resolved.

use std::collections::{BTreeSet, HashMap, HashSet};

use codestrata::model::{
    Attributes, Export, Import, ImportedName, Node, Reference, Root, Span, Target, Text, edge_kind, node_kind,
};

use super::bindings::Binding;
use super::blocks::Blocks;
pub(crate) use super::mention::{
    Assignment, Base, DottedImport, Hint, Member, Overload, Purpose, Role, TypePath, Use,
};
use super::narrowing::Narrowings;
use super::values::FunctionResult;
use crate::language::{Part, PublicNames};

/// Scopes nested deeper than this are one with the scope around them: no person writes such, and looking a name up
/// takes time for each scope.
const MOST_SCOPES: u16 = 500;

/// Definitions nested deeper than this stand beside the one around them: ids grow with each.
const MOST_NESTED: u16 = 60;

/// A node of the graph, as a position among those of the file.
pub(crate) type NodeRef = u32;

/// A scope, as a position among those of the file.
pub(crate) type ScopeRef = u32;

/// Which things may share a name without hiding each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Apart {
    /// None: the innermost thing of a name is meant, whatever it is.
    #[default]
    Nothing,
    /// Types: where one is expected, nothing else is looked at, as in C#.
    Types,
    /// Types, functions and values: a local variable `size` does not hide a method `size()`, as in Java.
    TypesAndFunctions,
}

/// What a binding without a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Value,
    /// A type parameter.
    Type,
    /// A method of an anonymous class.
    Function,
    /// A type variable of Python. Who uses a function that is written for it knows more than its bound says.
    TypeVariable,
}

/// How names are looked up through a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// The file, or a namespace in it: its variables have nodes.
    Module,
    /// A Python class: seen from its own body, not from functions in it. Its variables have nodes.
    Class,
    /// A class whose members are in scope in its functions too, as in Java. Its variables have nodes.
    Members,
    /// A function, lambda or the like.
    Function,
    /// A Python comprehension: like a function, but `:=` in it binds outside of it.
    Comprehension,
    /// A block, or the type parameters of a definition.
    Block,
}

/// A scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) parent: Option<ScopeRef>,
    /// The class that `super` means here.
    pub(crate) class: Option<NodeRef>,
    /// The node of which the things defined in this scope are members.
    pub(crate) members_of: Option<NodeRef>,
    /// How many scopes are around it.
    depth: u16,
}

/// What some languages do and most do not.
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// It is also told what variables hold and functions return if that is a value of the language itself: a text, a list.
    pub(crate) tells_plain_values: bool,
    /// The code of a file and of its classes sees only what is bound above it.
    pub(crate) binds_in_order: bool,
    /// Objects can be called like functions, and types say what that gives.
    pub(crate) calls_objects: bool,
    /// Members of a class itself are none of its objects, and are kept under [another name](Sketch::static_names).
    pub(crate) tells_statics: bool,
}

/// What reading a tree leaves.
#[derive(Default)]
pub(crate) struct Sketch<'s> {
    pub(crate) path: &'s str,
    /// The same, shared by the nodes.
    file: Text,
    /// The stem of the module, where the source says it and not the path: the package of a Java file.
    pub(crate) stem: Option<String>,
    /// Which things may share a name in the language.
    pub(crate) apart: Apart,
    pub(crate) nodes: Vec<Node>,
    /// The part of each node's id after `::`; empty for the module.
    qualified: Vec<String>,
    /// How often each of them was asked for.
    ids: HashMap<String, u32>,
    /// The parent of each node, and how many are around it.
    parents: Vec<(NodeRef, u16)>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) bindings: HashMap<(ScopeRef, &'s str), Binding<'s>>,
    pub(crate) members: HashMap<(NodeRef, &'s str), Member<'s>>,
    /// Under which names members of classes themselves are kept, beside those of their objects that have the same names.
    pub(crate) static_names: HashMap<&'s str, &'s str>,
    /// Definitions that no other file sees, as `static` ones of C.
    pub(crate) hidden: HashSet<NodeRef>,
    /// Static methods that are called on objects: extension methods of C#.
    pub(crate) extensions: HashSet<NodeRef>,
    /// Where the members of classes of C++ begin that only the class sees.
    pub(crate) private_parts: HashSet<u32>,
    /// Functions of which only signatures were seen: a next one of the same name is the same function.
    pub(crate) signatures: HashSet<NodeRef>,
    /// Classes and interfaces of TypeScript, by the number of the syntax that they stand in and their names: a further
    /// declaration may be a part of one.
    pub(crate) parts: HashMap<(usize, &'s str), Part>,
    /// Declarations of things that another file may define: who means one of them may mean that definition.
    pub(crate) elsewhere: HashSet<NodeRef>,
    /// The functions of each dotted name, to tell a further overload from the definition of a declared one.
    pub(crate) overloads: HashMap<String, Vec<Overload>>,
    /// Whether a value of a name that the file does not bind is told. In most languages nearly all such are builtins.
    pub(crate) tells_free_values: bool,
    /// Names that every file knows: no such is told.
    pub(crate) is_builtin: Option<fn(&str) -> bool>,
    /// What Python's `import *` brings of the file.
    pub(crate) public_names: PublicNames<'s>,
    /// Whether it is told what variables hold and functions return.
    pub(crate) tells_values: bool,
    pub(crate) habits: Habits,
    /// The blocks that are being read.
    pub(crate) blocks: Blocks,
    /// The branches of the code that are being read.
    pub(crate) branches: Blocks,
    /// Those that are run instead of what is for type checkers alone.
    pub(crate) known_branches: Blocks,
    /// Where in the file more is known of what a name stands for.
    pub(crate) narrowings: Narrowings<'s>,
    pub(super) results: HashMap<NodeRef, FunctionResult<'s>>,
    /// Values at the ends of paths from nodes, beside what their variables hold and functions return.
    pub(super) told: Vec<(NodeRef, Vec<&'s str>, Hint<'s>)>,
    /// Things that are one of several others: the node of which they are told, their name there, and the others.
    pub(crate) choices: Vec<(NodeRef, &'s str, Vec<Hint<'s>>)>,
    /// What is passed to what, by the number that its syntax has in the tree: functions whose parameters the one that is
    /// called says.
    pub(crate) passed: HashMap<usize, Vec<&'s str>>,
    /// The names by which hints mean nodes whose members value facts say; no source can write them.
    pub(crate) node_names: HashMap<NodeRef, &'s str>,
    /// How many things without a name were told of a node.
    pub(crate) unnamed: HashMap<NodeRef, u32>,
    /// Syntax, by its number in the tree, that was read out of turn and is not to be read again.
    pub(crate) read: HashSet<usize>,
    /// What says the values that a function gives, where that is written.
    pub(crate) expected: HashMap<ScopeRef, Vec<&'s str>>,
    /// The part of the source that was entered last in which imports are there for the checking of types.
    pub(crate) for_types: (usize, usize),
    /// The names in the texts of macros that these do not call, each with the macro.
    pub(crate) macro_names: Vec<(NodeRef, &'s str, Span)>,
    /// What is written before a definition, by the number that its syntax has in the tree.
    pub(crate) decorated: HashMap<usize, Vec<&'s str>>,
    /// The function of which a scope is, where it has a node and results.
    pub(crate) function_of_scope: HashMap<ScopeRef, NodeRef>,
    /// Whether names of the namespaces around a name are its own in every file, as in C++.
    pub(crate) shares_namespaces: bool,
    /// The scope of each class and namespace, to be opened again.
    scopes_of: HashMap<NodeRef, ScopeRef>,
    pub(crate) uses: Vec<Use<'s>>,
    pub(crate) names: Vec<&'s str>,
    pub(crate) assignments: Vec<Assignment<'s>>,
    pub(crate) imports: Vec<Import>,
    /// By scope and first component: the modules imported as `import a.b.c`.
    pub(crate) dotted: HashMap<(ScopeRef, &'s str), Vec<DottedImport<'s>>>,
    pub(crate) references: Vec<Reference>,
    /// Names that may be used and are no references; see [`codestrata::Node::MENTIONS`].
    pub(crate) mentions: BTreeSet<&'s str>,
    /// Names of the file's scope that imports bind, every alternative of them.
    pub(crate) imported: Vec<(&'s str, u32)>,
    /// Exports that need no look-up.
    pub(crate) exports: Vec<Export>,
    /// Exported names, each with the name in the module's scope that it stands for.
    pub(crate) exported: Vec<(&'s str, &'s str)>,
}

impl<'s> Sketch<'s> {
    /// A sketch with the file's own node and scope, both at position 0.
    pub(crate) fn new(path: &'s str, module_name: &str, span: Span) -> Self {
        let mut sketch = Self { path, file: path.into(), ..Self::default() };
        let (id, file) = (format!("{path}::<module>"), sketch.file.clone());
        sketch.nodes.push(Node::new(id, module_name, node_kind::MODULE, file, span));
        sketch.qualified.push(String::new());
        sketch.parents.push((0, 0));
        sketch.scopes.push(Scope {
            kind: ScopeKind::Module,
            parent: None,
            class: None,
            members_of: None,
            depth: 0,
        });
        sketch
    }

    /// Whether a node is a type alias.
    pub(crate) fn is_type(&self, node: NodeRef) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.kind == node_kind::TYPE)
    }

    /// Whether members of a literal can be members of a node: of a type alias or a variable.
    pub(crate) fn holds_members(&self, node: NodeRef) -> bool {
        let kind = self.nodes.get(node as usize).map_or("", |node| node.kind.as_str());
        matches!(kind, node_kind::TYPE | node_kind::VARIABLE)
    }

    /// Lets a definition reach to the end of a later part of it: the next overload, the implementation.
    pub(crate) fn continue_to(&mut self, node: NodeRef, part: Span) {
        if let Some(known) = self.nodes.get_mut(node as usize) {
            known.span.end_byte = part.end_byte;
            known.span.end_line = part.end_line;
            known.span.end_column = part.end_column;
        }
    }

    /// Adds a definition and the `contains` that leads to it.
    pub(crate) fn define(
        &mut self,
        parent: NodeRef,
        name: &str,
        kind: &str,
        span: Span,
        attributes: Attributes,
    ) -> NodeRef {
        self.define_as(parent, "", name, kind, span, attributes)
    }

    /// Adds a definition that belongs to a type which may stand in another file: `outer` is the type's dotted name as
    /// seen from `parent`, empty for none. Its id is that of a member of the type; what contains it is `parent`.
    pub(crate) fn define_as(
        &mut self,
        parent: NodeRef,
        outer: &str,
        name: &str,
        kind: &str,
        span: Span,
        attributes: Attributes,
    ) -> NodeRef {
        let parent = self.shallow(parent);
        let qualified = self.unique(parent, outer, name);
        let position = position(self.nodes.len());
        let id = format!("{}::{qualified}", self.path);
        let mut node = Node::new(id, name, kind, self.file.clone(), span);
        node.attributes = attributes;
        self.nodes.push(node);
        let depth = self.parents.get(parent as usize).map_or(0, |(_, depth)| depth + 1);
        self.parents.push((parent, depth));
        self.qualified.push(qualified);
        self.refer(parent, edge_kind::CONTAINS, span, Target::Node(position));
        position
    }

    /// The nearest node that is not nested too deep to hold another one.
    fn shallow(&self, parent: NodeRef) -> NodeRef {
        match self.parents.get(parent as usize) {
            Some((outer, depth)) if *depth >= MOST_NESTED => *outer,
            _ => parent,
        }
    }

    /// `Outer.name`, with `#2`, `#3` for repeats in source order.
    fn unique(&mut self, parent: NodeRef, outer: &str, name: &str) -> String {
        let holder = self.qualified.get(parent as usize).map_or("", String::as_str);
        let parts = [holder, outer, name].into_iter().filter(|part| !part.is_empty());
        let base = parts.collect::<Vec<_>>().join(".");
        let mut repeat = self.ids.get(&base).copied().unwrap_or(0);
        loop {
            repeat += 1;
            let candidate = if repeat == 1 { base.clone() } else { format!("{base}#{repeat}") };
            // A quoted name can look like a repeat.
            if repeat == 1 || !self.ids.contains_key(&candidate) {
                self.ids.insert(candidate.clone(), 1);
                self.ids.insert(base, repeat);
                return candidate;
            }
        }
    }

    /// The definitions that other files can name, each with its dotted name: all but those that are hidden, that stand
    /// in functions, or that repeat a name.
    pub(super) fn nameable(&self) -> Vec<(String, NodeRef)> {
        let mut hidden = vec![false; self.nodes.len()];
        let mut nameable = Vec::new();
        // A definition stands behind the one that it is in.
        for (position, (node, qualified)) in (0..).zip(self.nodes.iter().zip(&self.qualified)).skip(1) {
            let parent = self.parents.get(position as usize).map_or(0, |(parent, _)| *parent);
            let around = hidden.get(parent as usize).copied().unwrap_or(false);
            let is_hidden = around || self.hidden.contains(&position);
            let ends = matches!(node.kind.as_str(), node_kind::FUNCTION | node_kind::METHOD);
            if let Some(place) = hidden.get_mut(position as usize) {
                *place = is_hidden || ends;
            }
            if !is_hidden && !qualified.contains('#') {
                nameable.push((qualified.clone(), position));
            }
        }
        nameable
    }

    /// Adds a reference that needs no look-up.
    pub(crate) fn refer(&mut self, source: NodeRef, kind: &str, span: Span, target: Target) {
        let kind = kind.into();
        self.references.push(Reference { source, kind, span, target, attributes: Attributes::new() });
    }

    /// Adds an import, and the `imports` of the module if it stands somewhere.
    pub(crate) fn import(
        &mut self,
        candidates: Vec<String>,
        module: &str,
        name: ImportedName,
        span: Option<Span>,
    ) -> u32 {
        let import = position(self.imports.len());
        self.imports.push(Import { candidates, module: module.to_owned(), name });
        if let Some(span) = span {
            self.refer(0, edge_kind::IMPORTS, span, Target::Path(Root::Import(import), Vec::new()));
        }
        import
    }

    /// Says of the import that was added last that it is not made when the file is loaded, and why.
    pub(crate) fn mark_late(&mut self, why: Option<&str>) {
        if let (Some(why), Some(last)) = (why, self.references.last_mut()) {
            last.attributes.insert(Reference::LATE, why.into());
        }
    }

    /// Why what is imported in a scope is not imported when the file is loaded: it stands in a function.
    pub(crate) fn lateness(&self, scope: ScopeRef) -> Option<&'static str> {
        let mut here = Some(scope);
        while let Some(scope) = here {
            let Scope { kind, parent, .. } = self.scope(scope);
            if kind == ScopeKind::Function {
                return Some(Reference::IN_FUNCTION);
            }
            here = parent;
        }
        None
    }

    /// Adds a scope; `super` means in it what it means around it.
    pub(crate) fn open(&mut self, kind: ScopeKind, parent: ScopeRef) -> ScopeRef {
        let class = self.scope(parent).class;
        self.add_scope(kind, parent, class, None)
    }

    /// Adds the scope of a class or namespace, whose definitions are members of a node.
    pub(crate) fn open_for(&mut self, kind: ScopeKind, parent: ScopeRef, holder: NodeRef) -> ScopeRef {
        let class = if kind == ScopeKind::Module { None } else { Some(holder) };
        let scope = self.add_scope(kind, parent, class, Some(holder));
        self.scopes_of.entry(holder).or_insert(scope);
        scope
    }

    /// The scope that was opened first for a class or namespace.
    pub(crate) fn scope_of(&self, holder: NodeRef) -> Option<ScopeRef> {
        self.scopes_of.get(&holder).copied()
    }

    /// The part of a node's id after `::`; empty for the file's own.
    pub(crate) fn qualified(&self, node: NodeRef) -> &str {
        self.qualified.get(node as usize).map_or("", String::as_str)
    }

    /// The node that a definition stands in.
    pub(crate) fn parent(&self, node: NodeRef) -> NodeRef {
        self.parents.get(node as usize).map_or(0, |(parent, _)| *parent)
    }

    /// The innermost scope around that is one of a class or namespace, or of the file: where the source defines things
    /// that outlive the functions and blocks around them.
    pub(crate) fn holding_scope(&self, scope: ScopeRef) -> ScopeRef {
        let mut here = scope;
        loop {
            let facts = self.scope(here);
            match facts.parent {
                Some(parent) if facts.members_of.is_none() => here = parent,
                _ => return here,
            }
        }
    }

    fn add_scope(
        &mut self,
        kind: ScopeKind,
        parent: ScopeRef,
        class: Option<NodeRef>,
        members_of: Option<NodeRef>,
    ) -> ScopeRef {
        let depth = self.scope(parent).depth + 1;
        if depth > MOST_SCOPES {
            return parent;
        }
        self.scopes.push(Scope { kind, parent: Some(parent), class, members_of, depth });
        position(self.scopes.len() - 1)
    }

    pub(crate) fn scope(&self, scope: ScopeRef) -> Scope {
        let missing =
            Scope { kind: ScopeKind::Module, parent: None, class: None, members_of: None, depth: 0 };
        self.scopes.get(scope as usize).copied().unwrap_or(missing)
    }

    /// The members of a use.
    pub(crate) fn members_of_use(&self, used: &Use<'s>) -> &[&'s str] {
        let (start, end) = used.members;
        self.names.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// A length as a position. Files end at 4 GiB, so nothing in them is counted beyond `u32`.
pub(crate) fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
