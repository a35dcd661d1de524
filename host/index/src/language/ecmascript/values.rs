//! What expressions are worth: the classes of what is assigned, passed and returned.

use codestrata::model::Target;
use tree_sitter::Node;

use super::spots::Spot;
use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, NodeRef, Reading, ScopeKind, ScopeRef, TypePath};

/// The member that stands for what a promise brings.
pub(super) const AWAITED: &str = "await";

/// The longest dotted name, calls included, that the value of a variable is followed along.
const MOST_STEPS: usize = 16;

/// How many alternatives of one expression are looked at.
const MOST_ALTERNATIVES: usize = 8;

/// What a call gives.
const CALLED: &[&str] = &[Target::CALL];

/// What a call of an asynchronous function brings.
const CALLED_ASYNC: &[&str] = &[Target::CALL, AWAITED];

impl EcmaScript {
    /// Says of a function what it gives: by its annotation, else by what it returns. `outside` is where its annotation
    /// is looked up, `inside` where its body is.
    pub(super) fn results<'t>(
        &self,
        node: Node<'t>,
        function: NodeRef,
        outside: Context,
        inside: ScopeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let is_generator = node.kind().starts_with("generator") || reading.has_token(node, "*");
        if is_generator {
            return;
        }
        let returned = self.field.return_type.of(node);
        let promised = returned.and_then(|returned| self.promised(returned, reading));
        let is_async = promised.is_some() || reading.has_token(node, "async");
        let path = if is_async {
            CALLED_ASYNC
        } else if reading.has_token(node, "get") {
            &[]
        } else {
            CALLED
        };
        // The implementation of overloads is not what callers see.
        let is_implementation =
            self.field.body.of(node).is_some() && reading.sketch.result_path(function).is_some();
        reading.sketch.has_results(function, path);
        if is_implementation {
            return;
        }
        let said = promised.or(returned);
        if said.is_some() {
            let spot = Spot::at(function, path);
            let shape = self.hint_of_shape(said, |_| spot.clone(), outside, reading);
            // What was told of the place itself needs no hint.
            let is_there = matches!(&shape, Hint::SameAs(path) if path.scope == 0
                && path.names.first() == reading.sketch.node_names.get(&function));
            let hint = if is_there { Hint::Plain } else { shape };
            return reading.sketch.declare_another_result(function, hint);
        }
        match self.field.body.of(node) {
            Some(body) if self.kind(body) == Kind::Block => {
                reading.sketch.function_of_scope.insert(inside, function);
            }
            body => {
                let hint = self.hint_of_value(body, inside, reading);
                reading.sketch.returns(function, hint);
            }
        }
    }

    /// `T` of `Promise<T>`.
    fn promised<'t>(&self, annotation: Node<'t>, reading: &mut Reading<'_, 't>) -> Option<Node<'t>> {
        let [only] = *reading.children(annotation).as_slice() else { return None };
        let named = self.field.name.of(only).filter(|_| self.kind(only) == Kind::GenericType)?;
        if !matches!(reading.text(named), "Promise" | "PromiseLike") {
            return None;
        }
        let arguments = self.field.type_arguments.of(only)?;
        match *reading.children(arguments).as_slice() {
            [promised] => Some(promised),
            _ => None,
        }
    }

    /// `return value`, of the innermost function around, which may have no node.
    pub(super) fn returned<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = function_around(context.scope, reading);
        let value = node.named_child(0);
        let expected = scope.and_then(|scope| reading.sketch.expected.get(&scope)).cloned();
        if let Some(value) = value {
            self.note_expected(value, expected, reading);
        }
        if let Some(function) = scope.and_then(|scope| reading.sketch.function_of_scope.get(&scope)).copied()
        {
            let hint = self.hint_of_value(value, context.scope, reading);
            reading.sketch.returns(function, hint);
            if self.returned_object(value, function, context, reading) {
                return;
            }
        }
        reading.push_children(node, context);
    }

    /// What a variable is that is assigned this expression.
    pub(super) fn hint_of_value<'s>(
        &self,
        value: Option<Node<'_>>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let mut hint = Hint::Unset;
        let mut alternatives: Vec<Node<'_>> = value.into_iter().collect();
        let mut looked_at = 0;
        while let Some(value) = alternatives.pop() {
            looked_at += 1;
            if looked_at > MOST_ALTERNATIVES {
                return Hint::Unknown;
            }
            match (self.kind(value), value.kind()) {
                (Kind::Null, _) => {}
                (Kind::Parenthesized, _) | (_, "satisfies_expression") => {
                    alternatives.extend(value.named_child(0));
                }
                (_, "ternary_expression") => {
                    alternatives.extend([1, 2].into_iter().filter_map(|part| value.named_child(part)));
                }
                (_, "binary_expression") if is_choice(value, reading) => {
                    alternatives.extend([0, 1].into_iter().filter_map(|part| value.named_child(part)));
                }
                _ => hint.merge(self.hint_of_one_value(value, scope, reading)),
            }
        }
        hint
    }

    fn hint_of_one_value<'s>(&self, value: Node<'_>, scope: ScopeRef, reading: &Reading<'s, '_>) -> Hint<'s> {
        let names = match (self.kind(value), value.kind()) {
            (Kind::String, _)
            | (
                _,
                "template_string" | "number" | "regex" | "array" | "true" | "false" | "binary_expression",
            ) => {
                return Hint::Plain;
            }
            (Kind::New, _) => {
                let names = self.field.constructor.of(value).and_then(|class| self.steps(class, reading));
                return match names {
                    Some(names) if !names.contains(&Target::CALL) => {
                        Hint::Instance(TypePath { scope, names })
                    }
                    _ => Hint::Unknown,
                };
            }
            (_, "as_expression") => {
                // Without a type it is `as const`.
                return match (value.named_child(1), value.named_child(0)) {
                    (Some(named), _) => self.named_type(named, scope, reading),
                    (None, Some(kept)) => self.hint_of_one_value(kept, scope, reading),
                    (None, None) => Hint::Unknown,
                };
            }
            (_, "type_assertion") => {
                let named = value.named_child(0).and_then(|named| named.named_child(0));
                return named.map_or(Hint::Unknown, |named| self.named_type(named, scope, reading));
            }
            _ => self.steps(value, reading),
        };
        names.map_or(Hint::Unknown, |names| Hint::SameAs(TypePath { scope, names }))
    }

    /// Remembers to what the functions among the arguments of a call are passed.
    pub(super) fn note_passed<'s, 't>(
        &self,
        called: Option<Vec<&'s str>>,
        arguments: Option<Node<'t>>,
        reading: &mut Reading<'s, 't>,
    ) {
        let (Some(called), Some(arguments)) = (called, arguments) else { return };
        for (argument, member) in reading.children(arguments).into_iter().zip(Target::ARGUMENTS) {
            if matches!(self.kind(argument), Kind::Arrow | Kind::FunctionExpression | Kind::Object) {
                let names = called.iter().copied().chain([member]).collect();
                self.note_expected(argument, Some(names), reading);
            }
        }
    }

    /// The parameters that are passed: `this` is not.
    pub(super) fn without_this<'t>(
        &self,
        parameters: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> Vec<Node<'t>> {
        let mut given = reading.children(parameters);
        given.retain(|parameter| {
            self.field.pattern.of(*parameter).is_none_or(|named| self.kind(named) != Kind::This)
        });
        given
    }

    /// The names of `a.b().c`, with the calls among them, when it is nothing but names and calls.
    pub(super) fn steps<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        let mut names = Vec::new();
        let mut here = node;
        while names.len() < MOST_STEPS {
            here = match self.kind(here) {
                Kind::Member => {
                    names.push(reading.text(self.field.property.of(here)?));
                    self.field.object.of(here)?
                }
                Kind::Call => {
                    names.push(Target::CALL);
                    self.field.function.of(here)?
                }
                Kind::New => {
                    names.push(Target::CALL);
                    self.field.constructor.of(here)?
                }
                Kind::Subscript => {
                    names.push(self.index(here, reading));
                    self.field.object.of(here)?
                }
                Kind::Await => {
                    names.push(AWAITED);
                    here.named_child(0)?
                }
                Kind::Parenthesized if here.named_child_count() == 1 => here.named_child(0)?,
                Kind::Identifier | Kind::This => {
                    names.push(reading.text(here));
                    names.reverse();
                    return Some(names);
                }
                _ => return None,
            };
        }
        None
    }
}

/// What a parameter without an annotation is, of a function that is passed to another.
pub(super) fn hint_of_passed<'s>(
    function: Node<'_>,
    position: usize,
    scope: ScopeRef,
    reading: &Reading<'s, '_>,
) -> Hint<'s> {
    let passed = reading.sketch.passed.get(&function.id());
    match (passed, Target::ARGUMENTS.get(position)) {
        (Some(passed), Some(member)) => {
            let names = passed.iter().copied().chain([*member]).collect();
            Hint::SameAs(TypePath { scope, names })
        }
        _ => Hint::Unknown,
    }
}

/// `a ?? b` and `a || b`.
fn is_choice(value: Node<'_>, reading: &Reading<'_, '_>) -> bool {
    value.child(1).is_some_and(|operator| matches!(reading.text(operator), "??" | "||"))
}

/// The scope of the innermost function around.
fn function_around(scope: ScopeRef, reading: &Reading<'_, '_>) -> Option<ScopeRef> {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.kind {
            ScopeKind::Function => return Some(here),
            _ => here = facts.parent?,
        }
    }
}
