//! What the module `typing` gives a meaning of its own: `Any`, `cast`, type variables, aliases.

use codestrata::model::Target;
use tree_sitter::Node;

use super::builtins::is_unbound;
use super::{Kind, Python};
use crate::extract::{Hint, Reading, ScopeRef, Sort, TypePath};

/// The modules that have it.
const MODULES: [&str; 2] = ["typing", "typing_extensions"];

impl Python {
    /// Whether an expression is this name of `typing`, however that is imported.
    pub(super) fn is_of_typing<'s>(
        &self,
        named: Node<'_>,
        name: &str,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> bool {
        matches!(self.kind(named), Kind::Identifier | Kind::Attribute)
            && is_text_of_typing(reading.text(named), name, scope, reading)
    }

    /// The expression for a type in `cast(Type, value)`.
    pub(super) fn cast<'s, 't>(
        &self,
        call: Node<'t>,
        scope: ScopeRef,
        reading: &Reading<'s, 't>,
    ) -> Option<Node<'t>> {
        let called = self.field.function.of(call)?;
        let first = self.field.arguments.of(call)?.named_child(0)?;
        self.is_of_typing(called, "cast", scope, reading).then_some(first)
    }

    /// The names of a class that is written as such or as a text.
    pub(super) fn names_of_class<'s>(
        &self,
        class: Node<'_>,
        reading: &Reading<'s, '_>,
    ) -> Option<Vec<&'s str>> {
        match self.kind(class) {
            Kind::Identifier | Kind::Attribute => self.plain_names(class, reading),
            Kind::String => {
                let text = reading.text(class).trim_matches(['"', '\'']);
                let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
                (!text.is_empty() && text.chars().all(is_part)).then(|| text.split('.').collect())
            }
            _ => None,
        }
    }

    /// What some calls give that are not what they look like: `cast(T, x)`, `TypeVar("T", bound=A)`, `NewType("N", A)`,
    /// `cls.__new__(cls)`.
    pub(super) fn hint_of_special_call<'s, 't>(
        &self,
        call: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Option<Hint<'s>> {
        let called = self.field.function.of(call)?;
        if let Some(class) = self.cast(call, scope, reading) {
            let hint = self.hint_of_type(class, scope, reading);
            return Some(if hint == Hint::Unset { Hint::Unknown } else { hint });
        }
        if let Some(hint) = self.builtin_result(called, scope, reading) {
            return Some(hint);
        }
        let arguments = self.field.arguments.of(call)?;
        if self.is_of_typing(called, "TypeVar", scope, reading) {
            return Some(self.bound_of(arguments, scope, reading));
        }
        if self.is_of_typing(called, "NewType", scope, reading) {
            return Some(self.hint_of_alias(arguments.named_child(1)?, scope, reading));
        }
        let made = self.field.attribute.of(called).filter(|name| reading.text(*name) == "__new__");
        let class = arguments.named_child(0).filter(|class| self.kind(*class) == Kind::Identifier);
        match (made, class) {
            (Some(_), Some(class)) => {
                Some(Hint::SameAs(TypePath { scope, names: vec![reading.text(class), Target::CALL] }))
            }
            _ => None,
        }
    }

    /// Whether a value is a type variable.
    pub(super) fn makes_type_variable(
        &self,
        value: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'_, '_>,
    ) -> bool {
        let called = self.field.function.of(value).filter(|_| self.kind(value) == Kind::Call);
        called.is_some_and(|called| self.is_of_typing(called, "TypeVar", scope, reading))
    }

    /// Remembers that a name is a type variable.
    pub(super) fn note_type_variable<'s>(name: &'s str, scope: ScopeRef, reading: &mut Reading<'s, '_>) {
        if let Some(binding) = reading.sketch.binding(scope, name) {
            binding.sort = Sort::TypeVariable;
        }
    }

    /// `A` of `bound=A`: what every class is that the variable may stand for.
    fn bound_of<'s, 't>(
        &self,
        arguments: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        for argument in reading.children(arguments) {
            let is_bound = self.kind(argument) == Kind::Keyword
                && self.field.name.of(argument).is_some_and(|name| reading.text(name) == "bound");
            if let Some(bound) = self.field.value.of(argument).filter(|_| is_bound) {
                return self.hint_of_alias(bound, scope, reading);
            }
        }
        Hint::Unknown
    }

    /// What a name is that stands for this type: the class itself, and not an object of it.
    pub(super) fn hint_of_alias<'s, 't>(
        &self,
        aliased: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match self.hint_of_type(aliased, scope, reading) {
            Hint::Instance(path) => Hint::SameAs(path),
            Hint::Items(..) | Hint::Entries(..) | Hint::Container => Hint::Container,
            Hint::Plain => Hint::Plain,
            Hint::SameAs(_) | Hint::Unset | Hint::Unknown => Hint::Unknown,
        }
    }

    /// Whether a value is a type with parameters, `Union[A, B]` or `dict[str, A]`, or an alternative to none, `A | None`:
    /// the right side of an alias.
    pub(super) fn is_type_expression<'t>(
        &self,
        value: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        match self.kind(value) {
            Kind::BinaryOperator => {
                value.child(1).is_some_and(|token| token.kind() == "|")
                    && reading.children(value).into_iter().any(|part| self.kind(part) == Kind::None)
            }
            Kind::Subscript => {
                let Some(named) = self.field.value.of(value) else { return false };
                let name = reading.text(named);
                let is_builtin = matches!(name, "list" | "dict" | "set" | "frozenset" | "tuple" | "type");
                is_builtin && is_unbound(name, scope, reading)
                    || self.is_of_typing(named, name.rsplit('.').next().unwrap_or(name), scope, reading)
            }
            _ => false,
        }
    }
}

/// Whether a dotted name is this name of `typing`.
pub(super) fn is_text_of_typing<'s>(
    text: &'s str,
    name: &str,
    scope: ScopeRef,
    reading: &Reading<'s, '_>,
) -> bool {
    let (first, last) = text.split_once('.').unwrap_or((text, text));
    if last != name {
        return false;
    }
    let import = reading.sketch.look_up(scope, first).and_then(|(_, binding)| binding.import);
    let import = import.and_then(|import| reading.sketch.imports.get(import as usize));
    import.is_some_and(|import| MODULES.contains(&import.module.as_str()))
}

/// Whether an annotation says no more than that there is a value.
pub(super) fn says_nothing<'s>(text: &'s str, scope: ScopeRef, reading: &Reading<'s, '_>) -> bool {
    let is_object = text == "object" && is_unbound(text, scope, reading);
    is_object || ["Any", "Final", "ClassVar"].iter().any(|name| is_text_of_typing(text, name, scope, reading))
}
