//! What expressions are worth: the classes of what is assigned and returned.

use codestrata::model::Target;
use tree_sitter::Node;

use super::expressions::CLASS;
use super::{Kind, Python};
use crate::extract::{Context, EACH, Hint, ITEM, NodeRef, Reading, ScopeRef, TypePath};

/// The longest dotted name, calls included, that the value of a variable is followed along.
const MOST_STEPS: usize = 16;

/// How many alternatives of one expression are looked at.
const MOST_ALTERNATIVES: usize = 8;

/// What a call gives.
const CALLED: &[&str] = &[Target::CALL];

/// What `with` gives of a function that a decorator makes a context manager.
const ENTERED: &[&str] = &[Target::CALL, ENTER, Target::CALL];
const ENTERED_ASYNC: &[&str] = &[Target::CALL, ENTER_ASYNC, Target::CALL];

/// The methods that `with` calls.
pub(super) const ENTER: &str = "__enter__";
pub(super) const ENTER_ASYNC: &str = "__aenter__";

/// How a function is used, by its decorators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Called,
    /// A property is read.
    Read,
    /// A context manager is entered, and gives what the function yields.
    Entered,
}

/// A function while its results are read.
pub(super) struct FunctionScope<'s, 't> {
    pub(super) function: NodeRef,
    /// From where its annotations are looked up.
    pub(super) outside: ScopeRef,
    pub(super) inside: ScopeRef,
    pub(super) receiver: Option<Receiver<'s, 't>>,
}

/// The first parameter of a method.
pub(super) struct Receiver<'s, 't> {
    pub(super) name: &'s str,
    /// Whether it is the class and not an object of it.
    pub(super) is_class: bool,
    pub(super) annotation: Option<Node<'t>>,
}

impl Manner {
    pub(super) fn of(decorators: &[String]) -> Self {
        for decorator in decorators {
            match decorator.rsplit('.').next().unwrap_or_default() {
                "property" | "cached_property" | "classproperty" | "abstractproperty" => return Self::Read,
                "contextmanager" | "asynccontextmanager" => return Self::Entered,
                _ => {}
            }
        }
        Self::Called
    }
}

impl Python {
    /// Says of a function what it gives: by its annotation, else by what it returns.
    pub(super) fn results<'s, 't>(
        &self,
        node: Node<'t>,
        scope: &FunctionScope<'s, 't>,
        decorators: &[String],
        reading: &mut Reading<'s, 't>,
    ) {
        let manner = Manner::of(decorators);
        let is_async = node.child(0).is_some_and(|token| token.kind() == "async");
        reading.sketch.has_results(
            scope.function,
            match manner {
                Manner::Called => CALLED,
                Manner::Read => &[],
                Manner::Entered if is_async => ENTERED_ASYNC,
                Manner::Entered => ENTERED,
            },
        );
        let Some(returned) = self.field.return_type.of(node) else { return };
        let returned = match manner {
            Manner::Entered => self.first_parameter(returned, reading).unwrap_or(returned),
            Manner::Called | Manner::Read => returned,
        };
        let text = reading.text(returned).trim_matches(['"', '\'']);
        let is_self = text.rsplit('.').next() == Some("Self");
        let hint = match &scope.receiver {
            Some(receiver)
                if is_self || receiver.annotation.is_some_and(|own| is_own_type(reading.text(own), text)) =>
            {
                let call = receiver.is_class.then_some(Target::CALL);
                let names = std::iter::once(receiver.name).chain(call).collect();
                Hint::SameAs(TypePath { scope: scope.inside, names })
            }
            _ => self.hint_of_type(returned, scope.outside, reading),
        };
        if hint != Hint::Unset {
            reading.sketch.declare_result(scope.function, hint);
        }
    }

    /// `T` of `Iterator[T]`.
    fn first_parameter<'t>(&self, annotation: Node<'t>, reading: &mut Reading<'_, 't>) -> Option<Node<'t>> {
        let mut here = annotation;
        while self.kind(here) == Kind::Type {
            here = here.named_child(0)?;
        }
        if !matches!(self.kind(here), Kind::GenericType | Kind::Subscript) {
            return None;
        }
        let parameter = reading.children(here).get(1).copied()?;
        match self.kind(parameter) {
            Kind::TypeParameter => parameter.named_child(0),
            _ => Some(parameter),
        }
    }

    /// `return value`.
    pub(super) fn returned<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let hint = self.hint_of_value(node.named_child(0), context.scope, reading);
        reading.sketch.returns(context.owner, hint);
        reading.push_children(node, context);
    }

    /// `yield value`: a call gives an iterator, and only what `with` enters gives the value.
    pub(super) fn yielded<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let is_entered = reading.sketch.result_path(context.owner).is_some_and(|path| path.len() > 1);
        let hint = if is_entered {
            self.hint_of_value(node.named_child(0), context.scope, reading)
        } else {
            Hint::Unknown
        };
        reading.sketch.returns(context.owner, hint);
        reading.push_children(node, context);
    }

    /// What a variable is that is assigned this expression.
    pub(super) fn hint_of_value<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        merged(self.hints_of_value(value, scope, reading))
    }

    /// What each of the things may be that an expression is one of; nothing where these are too many.
    pub(super) fn hints_of_value<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Option<Vec<Hint<'s>>> {
        let mut hints = Vec::new();
        let mut alternatives: Vec<Node<'t>> = value.into_iter().collect();
        let mut looked_at = 0;
        while let Some(value) = alternatives.pop() {
            looked_at += 1;
            if looked_at > MOST_ALTERNATIVES {
                return None;
            }
            if let Some(plain) = self.plain_value(value) {
                hints.push(plain);
                continue;
            }
            match self.kind(value) {
                Kind::None => {}
                Kind::Parenthesized if value.named_child_count() == 1 => {
                    alternatives.extend(value.named_child(0));
                }
                // `a if condition else b`
                Kind::Conditional => {
                    alternatives.extend([0, 2].into_iter().filter_map(|part| value.named_child(part)));
                }
                Kind::BooleanOperator if value.child(1).is_some_and(|token| token.kind() == "or") => {
                    alternatives.extend([0, 1].into_iter().filter_map(|part| value.named_child(part)));
                }
                Kind::Identifier if is_said_nothing_of(value, scope, reading) => {}
                // A copy is what it was made of.
                Kind::Call if self.is_copy(value, reading) => {
                    let arguments = self.field.arguments.of(value);
                    alternatives.extend(arguments.and_then(|arguments| arguments.named_child(0)));
                }
                kind => {
                    let special = match kind {
                        Kind::Call => self.hint_of_special_call(value, scope, reading),
                        _ if self.is_type_expression(value, scope, reading) => {
                            Some(self.hint_of_alias(value, scope, reading))
                        }
                        _ => None,
                    };
                    let followed = |names| Hint::SameAs(TypePath { scope, names });
                    let hint_of_steps = || self.steps(value, scope, reading).map_or(Hint::Unknown, followed);
                    hints.push(special.unwrap_or_else(hint_of_steps));
                }
            }
        }
        Some(hints)
    }

    fn is_copy(&self, call: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        let called = self.field.function.of(call).map_or("", |called| reading.text(called));
        matches!(called, "copy.copy" | "copy.deepcopy" | "deepcopy")
    }

    /// What a variable is that is assigned an expression: nothing new where the expression starts with the variable, as
    /// in `query = query.filter()`.
    pub(super) fn hint_of_assigned<'s, 't>(
        &self,
        target: Node<'t>,
        value: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let hint = self.hint_of_choice(value, context, reading);
        match (&hint, self.plain_names(target, reading)) {
            (Hint::SameAs(path), Some(names)) if path.names.starts_with(&names) => Hint::Unset,
            _ => hint,
        }
    }

    /// What `with value as name` gives the name.
    pub(super) fn hint_of_entered<'s>(
        &self,
        value: Node<'_>,
        is_async: bool,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        match self.steps(value, scope, reading) {
            Some(mut names) => {
                names.extend([if is_async { ENTER_ASYNC } else { ENTER }, Target::CALL]);
                Hint::SameAs(TypePath { scope, names })
            }
            None => Hint::Unknown,
        }
    }

    /// The names of `a.b().c`, with the calls among them, when it is nothing but names and calls.
    fn steps<'s>(&self, node: Node<'_>, scope: ScopeRef, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        let mut names = Vec::new();
        let mut here = node;
        while names.len() < MOST_STEPS {
            here = match self.kind(here) {
                Kind::Attribute => {
                    match (reading.text(self.field.attribute.of(here)?), names.last()) {
                        // A call of `x.__class__` makes another `x`.
                        (CLASS, Some(&Target::CALL)) => drop(names.pop()),
                        (CLASS, Some(_)) => {}
                        (name, _) => names.push(name),
                    }
                    self.field.object.of(here)?
                }
                Kind::Call => {
                    let called = self.field.function.of(here)?;
                    if self.is_super(called, reading)
                        && self.field.arguments.of(here)?.named_child_count() > 0
                    {
                        return None;
                    }
                    names.push(Target::CALL);
                    if let Some(class) = self.cast(here, scope, reading) {
                        names.extend(self.names_of_class(class, reading)?.into_iter().rev());
                        names.reverse();
                        return Some(names);
                    }
                    called
                }
                Kind::Subscript => {
                    let value = self.field.value.of(here)?;
                    // A part of a list is a list.
                    if !self.is_slice(here) {
                        names.push(ITEM);
                    }
                    value
                }
                Kind::Await | Kind::Parenthesized if here.named_child_count() == 1 => here.named_child(0)?,
                Kind::Identifier => {
                    names.push(reading.text(here));
                    names.reverse();
                    return Some(names);
                }
                _ => return None,
            };
        }
        None
    }

    /// Whether a subscript takes a part, `x[1:]`, and not an item.
    pub(super) fn is_slice(&self, subscript: Node<'_>) -> bool {
        let index = subscript.named_child(1);
        index.is_some_and(|index| self.kind(index) == Kind::Slice)
    }

    /// What `for name in value` gives the name.
    pub(super) fn hint_of_item<'s>(
        &self,
        value: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let mut value = value;
        // What these give has the items of what they are given.
        if self.kind(value) == Kind::Call
            && let Some(called) = self.field.function.of(value)
            && matches!(reading.text(called), "sorted" | "reversed" | "list" | "tuple" | "set" | "iter")
            && let Some(first) = self.field.arguments.of(value).and_then(|list| list.named_child(0))
        {
            value = first;
        }
        if matches!(self.kind(value), Kind::Sequence | Kind::Collection) {
            let mut cursor = value.walk();
            let mut items = value.named_children(&mut cursor).map(|item| self.plain_value(item));
            return if items.all(|item| item == Some(Hint::Plain)) { Hint::Plain } else { Hint::Unknown };
        }
        match self.steps(value, scope, reading) {
            Some(mut names) => {
                names.push(EACH);
                Hint::SameAs(TypePath { scope, names })
            }
            None => Hint::Unknown,
        }
    }

    /// The names of `a.b.c`, when it is nothing but names.
    pub(super) fn plain_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        self.steps(node, 0, reading)
            .filter(|names| !names.iter().any(|name| [Target::CALL, ITEM].contains(name)))
    }
}

/// What something is that is all of these things in turn: known as long as they agree.
pub(super) fn merged(hints: Option<Vec<Hint<'_>>>) -> Hint<'_> {
    let Some(hints) = hints else { return Hint::Unknown };
    hints.into_iter().fold(Hint::Unset, |mut all, hint| {
        all.merge(hint);
        all
    })
}

/// Whether a name is that of a parameter of which nothing is said, so that it may well be what stands beside it.
fn is_said_nothing_of(name: Node<'_>, scope: ScopeRef, reading: &Reading<'_, '_>) -> bool {
    let binding = reading.sketch.bindings.get(&(scope, reading.text(name)));
    binding.is_some_and(|binding| {
        binding.local && binding.hint == Hint::Unset && binding.receiver.is_none() && binding.import.is_none()
    })
}

/// Whether a result has the type that is written of `self`, or of which `cls` is: `def enter(self: T) -> T`.
fn is_own_type(receiver: &str, result: &str) -> bool {
    let receiver = receiver.trim_matches(['"', '\'']);
    let of_class = receiver.strip_prefix("type[").or_else(|| receiver.strip_prefix("Type["));
    of_class.and_then(|inner| inner.strip_suffix(']')).unwrap_or(receiver) == result
}
