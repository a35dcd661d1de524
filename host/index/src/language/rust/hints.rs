//! What the source says about the values of variables.

use tree_sitter::Node;

use super::{Kind, Rust, prelude};
use crate::extract::{Context, Hint, Reading, TypePath};

/// How deep types and values are unwrapped: `&Box<Rc<T>>`.
const MOST_WRAPPERS: usize = 8;

/// Associated functions that make an object of their type, by names so common that the compiler's linter asks for it
/// (`clippy::new_ret_no_self`, and the guidelines for `with_` and `from`). One that returns something else has members
/// that the type lacks, so that the link is missed and not wrong.
fn is_constructor(name: &str) -> bool {
    matches!(name, "new" | "default" | "from") || name.starts_with("with_")
}

impl Rust {
    /// The type whose members a value of this type has.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = node;
        for _ in 0..MOST_WRAPPERS {
            match self.kind(here) {
                Kind::ReferenceType => match self.field.type_.of(here) {
                    Some(inner) => here = inner,
                    None => return Hint::Unknown,
                },
                Kind::TraitType => match self.field.trait_.of(here) {
                    Some(inner) => here = inner,
                    None => return Hint::Unknown,
                },
                Kind::GenericType => match self.pointed(here, reading) {
                    Some(inner) => here = inner,
                    None => return self.hint_of_path(here, context, reading),
                },
                Kind::TypeIdentifier | Kind::ScopedType => return self.hint_of_path(here, context, reading),
                _ => return Hint::Unknown,
            }
        }
        Hint::Unknown
    }

    fn hint_of_path<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match self.path(node, context, reading) {
            Some(names) => Hint::Instance(TypePath { scope: context.scope, names }),
            None => Hint::Unknown,
        }
    }

    /// The `T` in `Box<T>`, `Rc<T>` and `Arc<T>`.
    fn pointed<'t>(&self, node: Node<'t>, reading: &Reading<'_, 't>) -> Option<Node<'t>> {
        let (names, _) = self.segments(node, reading)?;
        if !prelude::is_pointer(names.last()?) {
            return None;
        }
        self.field.type_arguments.of(node)?.named_child(0)
    }

    /// The members that `T: A` gives: those of the one trait.
    pub(super) fn hint_of_bounds<'s, 't>(
        &self,
        bounds: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(bounds) = bounds else { return Hint::Unset };
        let parts = reading.children(bounds);
        let mut traits = parts.into_iter().filter(|part| {
            matches!(self.kind(*part), Kind::TypeIdentifier | Kind::ScopedType | Kind::GenericType)
        });
        let (Some(only), None) = (traits.next(), traits.next()) else { return Hint::Unknown };
        match self.hint_of_path(only, context, reading) {
            Hint::Instance(path) => Hint::SameAs(path),
            hint => hint,
        }
    }

    /// What a variable is that is bound to this value.
    pub(super) fn hint_of_value<'s, 't>(
        &self,
        value: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = value;
        for _ in 0..MOST_WRAPPERS {
            match self.kind(here) {
                Kind::Reference => match self.field.value.of(here) {
                    Some(inner) => here = inner,
                    None => return Hint::Unknown,
                },
                Kind::Parenthesized | Kind::Try | Kind::Await => match here.named_child(0) {
                    // `T::new()?` and `T::new().await` are of the type itself; of other values nothing is known.
                    Some(inner) if self.kind(here) == Kind::Parenthesized || self.is_call(inner) => {
                        here = inner;
                    }
                    _ => return Hint::Unknown,
                },
                Kind::Call => match self.pointee(here, reading) {
                    Some(inner) => here = inner,
                    None => return self.hint_of_call(here, context, reading),
                },
                Kind::StructExpression => {
                    let Some(type_) = self.field.name.of(here) else { return Hint::Unknown };
                    let names = self.path(type_, context, reading);
                    return names.map_or(Hint::Unknown, |names| {
                        Hint::Instance(TypePath { scope: context.scope, names: without_variant(names) })
                    });
                }
                Kind::Cast => {
                    let type_ = self.field.type_.of(here);
                    return type_.map_or(Hint::Unknown, |type_| self.hint_of_type(type_, context, reading));
                }
                Kind::Scoped => {
                    let names = self.path(here, context, reading).unwrap_or_default();
                    let whole = names.len();
                    let names = without_variant(names);
                    return if names.len() < whole {
                        Hint::Instance(TypePath { scope: context.scope, names })
                    } else {
                        Hint::Unknown
                    };
                }
                Kind::Identifier | Kind::FieldAccess | Kind::SelfValue => {
                    let names = self.plain_names(here, reading);
                    return names.map_or(Hint::Unknown, |names| {
                        Hint::SameAs(TypePath { scope: context.scope, names })
                    });
                }
                _ => return Hint::Unknown,
            }
        }
        Hint::Unknown
    }

    fn is_call(&self, node: Node<'_>) -> bool {
        matches!(self.kind(node), Kind::Call | Kind::Await)
    }

    /// The value in `Box::new(value)` and the like.
    fn pointee<'t>(&self, call: Node<'t>, reading: &Reading<'_, 't>) -> Option<Node<'t>> {
        let (names, _) = self.segments(self.field.function.of(call)?, reading)?;
        match names.as_slice() {
            [.., pointer, "new"] if prelude::is_pointer(pointer) => {
                self.field.arguments.of(call)?.named_child(0)
            }
            _ => None,
        }
    }

    /// `T::new(..)` and `T(..)` make a T, `T::Variant(..)` too.
    pub(super) fn hint_of_call<'s, 't>(
        &self,
        call: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(called) = self.field.function.of(call) else { return Hint::Unknown };
        if !matches!(self.kind(called), Kind::Scoped | Kind::Identifier | Kind::GenericFunction) {
            return Hint::Unknown;
        }
        let Some(mut names) = self.path(called, context, reading) else { return Hint::Unknown };
        let instance = |names| Hint::Instance(TypePath { scope: context.scope, names });
        match names.as_slice() {
            [.., type_, function] if is_constructor(function) && is_type_name(type_) => {
                names.pop();
                instance(names)
            }
            [only] if prelude::is_common(only) => Hint::Unknown,
            [.., last] if prelude::names_type(last) => instance(without_variant(names)),
            _ => Hint::Unknown,
        }
    }

    /// The names of `a.b.c`, when it is nothing but names.
    fn plain_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        let mut names = Vec::new();
        let mut here = node;
        while self.kind(here) == Kind::FieldAccess {
            names.push(reading.text(self.field.field.of(here)?));
            here = self.field.value.of(here)?;
        }
        if !matches!(self.kind(here), Kind::Identifier | Kind::SelfValue) {
            return None;
        }
        names.push(reading.text(here));
        names.reverse();
        Some(names)
    }
}

/// The last name of a path, or of the text of one that an import is bound to: `crate::a::T::`.
fn is_type_name(name: &str) -> bool {
    let name = name.trim_end_matches(|letter: char| letter == ':' || letter.is_whitespace());
    prelude::names_type(name.rsplit(':').next().unwrap_or(name).trim())
}

/// `Shape::Circle` is of the type `Shape`.
fn without_variant(mut names: Vec<&str>) -> Vec<&str> {
    if let [.., type_, last] = names.as_slice()
        && is_type_name(type_)
        && prelude::names_type(last)
    {
        names.pop();
    }
    names
}
