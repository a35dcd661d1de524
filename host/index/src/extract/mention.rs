//! What is said in a tree of names: uses, assignments, and what they tell of values.

use codestrata::model::Span;

use super::sketch::{NodeRef, ScopeRef};

/// A dotted name, to be looked up from a scope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TypePath<'s> {
    pub(crate) scope: ScopeRef,
    pub(crate) names: Vec<&'s str>,
}

/// What the source says about the value of a variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Hint<'s> {
    /// Nothing yet, or nothing but `None`.
    #[default]
    Unset,
    /// It is an object of a class.
    Instance(TypePath<'s>),
    /// It is what another name is.
    SameAs(TypePath<'s>),
    /// It holds objects of a class: a list, a set, an iterator. The class of those, which has no name if it is not known,
    /// and its own.
    Items(TypePath<'s>, TypePath<'s>),
    /// It holds objects of a class by their keys. The class of those, and its own.
    Entries(TypePath<'s>, TypePath<'s>),
    /// It is a number, an array or the like, whose members no source defines.
    Plain,
    /// It is a list or the like. No source defines its members, but what it holds may be anything.
    Container,
    /// Different things, or things that cannot be followed.
    Unknown,
}

impl<'s> Hint<'s> {
    /// Whether it leads nowhere.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::Unset | Self::Unknown | Self::Plain | Self::Container)
    }

    /// One more thing is assigned: known only as long as all agree.
    pub(crate) fn merge(&mut self, other: Hint<'s>) {
        match (&*self, other) {
            (Self::Unset, other) => *self = other,
            (_, Self::Unset) | (Self::Container, Self::Plain) => {}
            (Self::Plain, Self::Container) => *self = Self::Container,
            (known, other) if *known == other => {}
            _ => *self = Self::Unknown,
        }
    }
}

/// In which part of a declaration a type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Parameter,
    Return,
    Variable,
}

impl Role {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Parameter => "parameter",
            Self::Return => "return",
            Self::Variable => "variable",
        }
    }
}

/// What a name is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Call,
    Instantiate,
    Inherit,
    Type(Role),
    Access,
    /// A name before the last one of a chain: the receiver of a member. Not told where it is a class, or something outside
    /// of the repository.
    Receiver,
}

/// Where a dotted name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Base<'s> {
    Name(&'s str),
    Super,
    /// The bases of the class of this name.
    SuperOf(&'s str),
    /// A call's result, a subscript and the like.
    Unknown,
    /// A text, a number and the like, whose members no source defines.
    Plain,
    /// A list and the like, which may hold anything.
    Container,
}

/// One use of a dotted name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use<'s> {
    pub(crate) source: NodeRef,
    pub(crate) scope: ScopeRef,
    pub(crate) purpose: Purpose,
    pub(crate) span: Span,
    pub(crate) base: Base<'s>,
    /// The members, as a range of [`Sketch::names`].
    pub(crate) members: (u32, u32),
}

/// An assignment through a name that may be bound in an outer scope, `self.x = v` or `x = v`: settled at the end,
/// when all bindings are known.
#[derive(Clone, Debug)]
pub(crate) struct Assignment<'s> {
    pub(crate) scope: ScopeRef,
    pub(crate) name: &'s str,
    pub(crate) attribute: Option<&'s str>,
    pub(crate) span: Span,
    pub(crate) hint: Hint<'s>,
    /// Whether the hint is an annotation: then no other assignment changes it.
    pub(crate) declared: bool,
}

/// A member of a class or namespace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member<'s> {
    /// The first definition of the name.
    pub(crate) node: Option<NodeRef>,
    /// The first of them that can be called.
    pub(crate) callable: Option<NodeRef>,
    pub(crate) hint: Hint<'s>,
    /// Whether the hint was declared, so that assignments don't change it.
    pub(crate) declared: bool,
}

/// One of the functions of a name.
#[derive(Clone, Debug)]
pub(crate) struct Overload {
    pub(crate) node: NodeRef,
    /// The types of its parameters, as the source has them.
    pub(crate) parameters: String,
    /// How many they are.
    pub(crate) count: usize,
    pub(crate) has_body: bool,
}

/// `import a.b.c`: its names and the import.
pub(crate) type DottedImport<'s> = (Vec<&'s str>, u32);
