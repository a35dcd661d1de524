//! Calls, member reads, assignments, JSX.

use codestrata::model::{ImportedName, Reference, Target};
use tree_sitter::Node;

use super::patterns::Nodes;
use super::values::AWAITED;
use super::{EcmaScript, Kind, modules};
use crate::extract::{Base, Chain, Context, Hint, ITEM, Purpose, Reading, Role, span};

/// How many calls and promises in a row are followed: each of them is read as a part of so many of the next ones.
const MOST_CALLS: usize = 6;

impl EcmaScript {
    /// The dotted name that an expression is, or ends with, calls included. A loop, because chains of calls nest as deep
    /// as they are long. `new Client().get` is read as `get` of an object of
    /// `Client`.
    pub(super) fn chain<'s, 't>(&self, node: Node<'t>, reading: &Reading<'s, 't>) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        let mut through_new = false;
        let mut calls = 0;
        loop {
            let next = match self.kind(here) {
                Kind::Member => {
                    let Some(name) = self.field.property.of(here) else { break };
                    match chain.members.len() {
                        0 => chain.last = name,
                        1 if !through_new => chain.before_last = Some(name),
                        _ => {}
                    }
                    chain.members.push(reading.text(name));
                    self.field.object.of(here)
                }
                Kind::Parenthesized if here.named_child_count() == 1 => here.named_child(0),
                Kind::Call if calls < MOST_CALLS && !chain.members.is_empty() && self.is_followed(here) => {
                    chain.rest = chain.rest.or(Some(here));
                    calls += 1;
                    chain.members.push(Target::CALL);
                    self.field.function.of(here)
                }
                Kind::Subscript if calls < MOST_CALLS && !chain.members.is_empty() => {
                    chain.rest = chain.rest.or(Some(here));
                    calls += 1;
                    chain.members.push(self.index(here, reading));
                    self.field.object.of(here)
                }
                Kind::Await if calls < MOST_CALLS && !chain.members.is_empty() => {
                    chain.rest = chain.rest.or(Some(here));
                    calls += 1;
                    chain.members.push(AWAITED);
                    here.named_child(0)
                }
                Kind::New if !through_new && !chain.members.is_empty() => {
                    chain.rest = chain.rest.or(Some(here));
                    through_new = true;
                    chain.members.push(Target::OBJECT);
                    self.field.constructor.of(here)
                }
                Kind::Identifier | Kind::This => {
                    chain.base = Base::Name(reading.text(here));
                    if chain.members.len() == 1 && !through_new {
                        chain.before_last = Some(here);
                    }
                    None
                }
                Kind::Super => {
                    chain.base = Base::Super;
                    None
                }
                _ => {
                    if self.is_plain(here, chain.members.len()) {
                        chain.base = Base::Plain;
                    }
                    if !through_new {
                        chain.rest = chain.rest.or(Some(here));
                    }
                    None
                }
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
        chain.members.reverse();
        chain
    }

    /// Whether an expression is a value of the language itself, whose members no source defines. What an array holds may
    /// have others.
    fn is_plain(&self, node: Node<'_>, members: usize) -> bool {
        let is_text = self.kind(node) == Kind::String;
        is_text
            || matches!(node.kind(), "template_string" | "number" | "regex" | "true" | "false")
            || node.kind() == "array" && members == 1
    }

    /// The member that `[...]` means: that of a text, else one of those that are held.
    pub(super) fn index<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> &'s str {
        let text = self.field.index.of(node).filter(|index| self.kind(*index) == Kind::String);
        let name = text.map(|text| reading.text(text).trim_matches(['"', '\'']));
        name.filter(|name| !name.is_empty()).unwrap_or(ITEM)
    }

    /// Whether a call has a callee whose result may be known: not `super()` and not `import()`.
    fn is_followed(&self, call: Node<'_>) -> bool {
        let called = self.field.function.of(call).map(|called| self.kind(called));
        !matches!(called, None | Some(Kind::Super | Kind::DynamicImport))
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let arguments = self.field.arguments.of(node);
        if let Some(called) = self.field.function.of(node) {
            match self.kind(called) {
                Kind::Super => {
                    reading.add_use(Base::Super, &["constructor"], span(called), Purpose::Call, context);
                }
                // It comes back before the module is loaded, wherever it stands.
                Kind::DynamicImport => {
                    self.import_here(arguments, Some(Reference::IN_FUNCTION), reading);
                }
                _ if self.required(node, reading).is_some() => {
                    self.import_here(arguments, reading.sketch.lateness(context.scope), reading);
                }
                _ => {
                    let chain = self.chain(called, reading);
                    // `f()()`: what is called has no name of its own.
                    if chain.name().is_some() {
                        reading.use_chain(&chain, Purpose::Call, context);
                    }
                    reading.push_some(chain.rest, context);
                    let names = self.steps(called, reading);
                    self.note_passed(names, arguments, reading);
                }
            }
        }
        reading.push_some(self.field.type_arguments.of(node), context.as_type(Role::Variable));
        reading.push_some(arguments, context);
    }

    /// `import("./x")` and `require("./x")`.
    fn import_here<'t>(
        &self,
        arguments: Option<Node<'t>>,
        late: Option<&'static str>,
        reading: &mut Reading<'_, 't>,
    ) {
        let specifier = arguments.and_then(|arguments| arguments.named_child(0));
        if let Some(specifier) = specifier.filter(|specifier| self.kind(*specifier) == Kind::String) {
            let module = reading.text(specifier).trim_matches(['"', '\'']);
            let candidates = modules::candidates(reading.sketch.path, module);
            reading.sketch.import(candidates, module, ImportedName::Module, Some(span(specifier)));
            reading.sketch.mark_late(late);
        }
    }

    /// The specifier of `require("./x")`.
    pub(super) fn required<'t>(&self, value: Node<'t>, reading: &Reading<'_, 't>) -> Option<Node<'t>> {
        if self.kind(value) != Kind::Call {
            return None;
        }
        let called = self.field.function.of(value)?;
        if self.kind(called) != Kind::Identifier || reading.text(called) != "require" {
            return None;
        }
        let specifier = self.field.arguments.of(value)?.named_child(0)?;
        (self.kind(specifier) == Kind::String).then_some(specifier)
    }

    pub(super) fn new_expression<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(class) = self.field.constructor.of(node) {
            let chain = self.chain(class, reading);
            reading.use_chain(&chain, Purpose::Instantiate, context);
            reading.push_some(chain.rest, context);
            let names = self.steps(class, reading).map(|mut names| {
                names.push("constructor");
                names
            });
            self.note_passed(names, self.field.arguments.of(node), reading);
        }
        reading.push_some(self.field.type_arguments.of(node), context.as_type(Role::Variable));
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, reading);
        reading.use_chain(&chain, Purpose::Access, context);
        reading.push_some(chain.rest, context);
    }

    /// A decorator is called, by the thing that it decorates.
    pub(super) fn decorator<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            if matches!(self.kind(part), Kind::Identifier | Kind::Member) {
                let chain = self.chain(part, reading);
                reading.use_chain(&chain, Purpose::Call, context);
                reading.push_some(chain.rest, context);
            } else {
                reading.push(part, context);
            }
        }
    }

    /// `<Button/>` calls the component `Button`; `<div/>` calls nothing.
    pub(super) fn jsx<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let name = self.field.name.of(node);
        if let Some(name) = name {
            let is_component = self.kind(name) == Kind::Member
                || (self.kind(name) == Kind::Identifier
                    && reading.text(name).starts_with(char::is_uppercase));
            if is_component {
                let chain = self.chain(name, reading);
                reading.use_chain(&chain, Purpose::Call, context);
            }
        }
        for part in reading.children(node) {
            if Some(part) != name {
                reading.push(part, context);
            }
        }
    }

    pub(super) fn assignment<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let (Some(left), Some(right)) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        if context.scope == 0 && self.export_by_assignment(node, left, right, context, reading) {
            return;
        }
        let hint = self.hint_of_value(Some(right), context.scope, reading);
        let names = self.steps(left, reading);
        self.note_expected(right, names, reading);
        match self.kind(left) {
            Kind::Identifier => {
                let name = reading.text(left);
                reading.assign(name, None, span(left), hint, context);
                reading.push(left, context);
            }
            Kind::Member => {
                let object = self.field.object.of(left).filter(|object| self.kind(*object) == Kind::This);
                if let (Some(_), Some(name)) = (object, self.field.property.of(left)) {
                    let attribute = reading.text(name);
                    reading.assign("this", Some(attribute), span(left), hint, context);
                }
                reading.push(left, context);
            }
            Kind::ArrayPattern | Kind::ObjectPattern => {
                for name in self.pattern_names(left, reading) {
                    reading.assign(name, None, span(left), Hint::Unknown, context);
                }
                // Only to read what is in it and what it takes: its names belong to other declarations.
                let aside = reading.sketch.open(crate::extract::ScopeKind::Block, context.scope);
                self.bind_pattern(left, aside, &hint, Nodes::No, context, reading);
            }
            _ => reading.push(left, context),
        }
        reading.push(right, context);
    }

    pub(super) fn augmented<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(left) = self.field.left.of(node).filter(|left| self.kind(*left) == Kind::Identifier) {
            let name = reading.text(left);
            reading.assign(name, None, span(left), Hint::Unknown, context);
        }
        reading.push_children(node, context);
    }
}
