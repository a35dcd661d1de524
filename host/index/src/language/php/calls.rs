//! Calls, objects that are made, arguments, attributes.

use codestrata::model::{Attributes, Target, edge_kind};
use tree_sitter::Node;

use super::names::know_variable;
use super::{Kind, Php};
use crate::extract::{Base, Context, Hint, Purpose, Reading, span};

impl Php {
    pub(super) fn function_call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let arguments = self.field.arguments.of(node);
        let purpose = purpose_of_call(arguments);
        if let Some(called) = self.field.function.of(node) {
            match self.kind(called) {
                Kind::Name | Kind::QualifiedName => {
                    let name = self.name_of(called, context, reading);
                    if let Some(name) = name.filter(|name| !is_construct(name)) {
                        self.define_constant(name, arguments, reading);
                        reading.add_use(Base::Name(name), &[], span(called), purpose, context);
                    }
                }
                Kind::Variable => {
                    let name = reading.text(called);
                    know_variable(name, context, reading);
                    reading.add_use(Base::Name(name), &[], span(called), purpose, context);
                }
                _ => reading.push(called, context),
            }
        }
        reading.push_some(arguments, context);
    }

    /// `define("LIMIT", 1)`.
    fn define_constant<'t>(
        &self,
        function: &str,
        arguments: Option<Node<'t>>,
        reading: &mut Reading<'_, 't>,
    ) {
        if function.trim_start_matches('\\') != "define" || reading.sketch.stem.is_some() {
            return;
        }
        let first = arguments.and_then(|arguments| arguments.named_child(0));
        let named = first.and_then(|argument| argument.named_child(0));
        let Some(named) = named.filter(|named| self.kind(*named) == Kind::String) else { return };
        let Some(name) = literal(named, reading) else { return };
        let (whole, none) = (span(named), Attributes::new());
        reading.sketch.bind_variable(0, 0, name, whole, Hint::Unknown, none);
    }

    /// `$object->method()`, `Known::method()`, `parent::method()`.
    pub(super) fn member_call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let arguments = self.field.arguments.of(node);
        let object = self.field.object.of(node).or_else(|| self.field.scope.of(node));
        let name = self.field.name.of(node);
        if let Some(object) = object {
            let mut chain = self.chain(object, context, reading);
            let rest = chain.rest;
            match name.filter(|name| self.kind(*name) == Kind::Name) {
                Some(name) => {
                    chain.before_last = Some(chain.last)
                        .filter(|_| rest.is_none() && !matches!(chain.base, Base::Unknown | Base::Super));
                    chain.last = name;
                    chain.members.push(reading.text(name));
                    reading.use_chain(&chain, purpose_of_call(arguments), context);
                }
                // A variable has the name.
                None => {
                    reading.push_some(name, context);
                    if rest.is_none() {
                        reading.push(object, context);
                    }
                }
            }
            reading.push_some(rest, context);
        }
        reading.push_some(arguments, context);
    }

    pub(super) fn new_object<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = reading.children(node);
        let Some((class, arguments)) = parts.split_first() else { return };
        match self.name_of(*class, context, reading) {
            Some("self" | "static") => {
                let class_of_self = reading.sketch.look_up(context.scope, "self");
                if let Some(made) = class_of_self.and_then(|(_, binding)| binding.receiver) {
                    let (owner, at) = (context.owner, span(*class));
                    reading.sketch.refer(owner, edge_kind::INSTANTIATES, at, Target::Node(made));
                }
            }
            Some("parent") => {}
            Some(name) => {
                reading.add_use(Base::Name(name), &[], span(*class), Purpose::Instantiate, context);
            }
            None => reading.push(*class, context),
        }
        for part in arguments {
            reading.push(*part, context);
        }
    }

    /// An argument; the name of a named one belongs to the function.
    pub(super) fn argument<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let name = self.field.name.of(node);
        for part in reading.children(node) {
            if Some(part) != name {
                reading.push(part, context);
            }
        }
    }

    /// `#[Route("/")]` makes an object, by what it stands on.
    pub(super) fn attribute<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            match self.name_of(part, context, reading) {
                Some(name) => {
                    reading.add_use(Base::Name(name), &[], span(part), Purpose::Instantiate, context);
                }
                None => reading.push(part, context),
            }
        }
    }
}

/// `f(...)` makes a closure of the function and does not call it.
fn purpose_of_call(arguments: Option<Node<'_>>) -> Purpose {
    let first = arguments.and_then(|arguments| arguments.named_child(0));
    let is_closure = first.is_some_and(|first| first.kind() == "variadic_placeholder");
    if is_closure { Purpose::Access } else { Purpose::Call }
}

/// What looks like a call and is a part of the language.
fn is_construct(name: &str) -> bool {
    ["isset", "empty", "exit", "die", "eval"].iter().any(|construct| construct.eq_ignore_ascii_case(name))
}

/// `'strtolower'`, `'Text::clean'` and `[$this, 'clean']` may name what somebody else calls.
pub(super) fn mention(string: Node<'_>, reading: &mut Reading<'_, '_>) {
    const LONGEST: usize = 200;
    let text = reading.text(string);
    if text.len() > LONGEST {
        return;
    }
    let text = text.trim_matches(['"', '\'']);
    let is_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '\\' | ':');
    let name = text.rsplit(['\\', ':']).next().unwrap_or(text);
    if name.len() > 1 && text.chars().all(is_path) && !name.starts_with(|first: char| first.is_ascii_digit())
    {
        reading.sketch.mentions.insert(name);
    }
}

/// The text of a string that holds a name.
pub(super) fn literal<'s>(string: Node<'_>, reading: &Reading<'s, '_>) -> Option<&'s str> {
    let text = reading.text(string);
    let name = text.get(1..text.len().checked_sub(1)?)?;
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}
