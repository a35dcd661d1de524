//! Calls, attribute reads, names, and the scopes of expressions.

use tree_sitter::Node;

use super::{Kind, Python};
use crate::extract::{Base, Chain, Context, Hint, Purpose, Reading, ScopeKind, ScopeRef, TypePath};

impl Python {
    /// The dotted name that an expression is, or ends with. A loop, because `a.b().c().d()` nests as deep as it is
    /// long.
    ///
    /// `Client(...).get` is read as `Client.get`: the call makes an object of the class.
    pub(super) fn chain<'s, 't>(&self, node: Node<'t>, reading: &Reading<'s, 't>) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        let mut through_call = false;
        loop {
            match self.kind(here) {
                Kind::Attribute => {
                    let Some(name) = self.field.attribute.of(here) else { break };
                    if chain.members.is_empty() {
                        chain.last = name;
                    } else if chain.members.len() == 1 && !through_call {
                        chain.before_last = Some(name);
                    }
                    chain.members.push(reading.text(name));
                    let Some(object) = self.field.object.of(here) else { break };
                    here = object;
                    continue;
                }
                Kind::Identifier => {
                    chain.base = Base::Name(reading.text(here));
                    if chain.members.len() == 1 && !through_call {
                        chain.before_last = Some(here);
                    }
                }
                Kind::Parenthesized if here.named_child_count() == 1 => {
                    let Some(inner) = here.named_child(0) else { break };
                    here = inner;
                    continue;
                }
                Kind::Call if !through_call && !chain.members.is_empty() => {
                    let called = self.field.function.of(here);
                    chain.rest = Some(here);
                    if called.is_some_and(|called| self.is_super(called, reading)) {
                        chain.base = Base::Super;
                        chain.rest = self.field.arguments.of(here);
                    } else if let Some(called) = called.filter(|called| self.names_class(*called, reading)) {
                        through_call = true;
                        here = called;
                        continue;
                    }
                }
                _ if through_call => {}
                _ => chain.rest = Some(here),
            }
            break;
        }
        chain.members.reverse();
        chain
    }

    fn is_super(&self, called: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        self.kind(called) == Kind::Identifier && reading.text(called) == "super"
    }

    /// Whether a call of this would make an object, by the convention for names of classes.
    fn names_class(&self, called: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        let last = match self.kind(called) {
            Kind::Identifier => Some(called),
            Kind::Attribute => self.field.attribute.of(called),
            _ => None,
        };
        last.is_some_and(|name| is_class_name(reading.text(name)))
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(called) = self.field.function.of(node) {
            let chain = self.chain(called, reading);
            let purpose = purpose_of_call(&chain);
            reading.use_chain(&chain, purpose, context);
            reading.push_some(chain.rest, context);
        }
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, reading);
        reading.use_chain(&chain, Purpose::Access, context);
        reading.push_some(chain.rest, context);
    }

    /// `[f(x) for x in xs if x]`: a scope, except for the first thing that is walked through.
    pub(super) fn comprehension<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Comprehension, context.scope);
        let inside = context.with_scope(scope);
        let mut is_first = true;
        for part in reading.children(node) {
            if self.kind(part) == Kind::ForInClause && is_first {
                is_first = false;
                let left = self.field.left.of(part);
                if let Some(left) = left {
                    self.bind_plain(left, inside, reading);
                }
                for value in reading.children(part) {
                    if Some(value) != left {
                        reading.push(value, context);
                    }
                }
            } else {
                reading.push(part, inside);
            }
        }
    }

    /// What a variable is that is assigned this expression.
    pub(super) fn hint_of_value<'s>(
        &self,
        value: Option<Node<'_>>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let Some(value) = value else { return Hint::Unset };
        let (target, is_call) = match self.kind(value) {
            Kind::None => return Hint::Unset,
            Kind::Call => (self.field.function.of(value), true),
            Kind::Identifier | Kind::Attribute => (Some(value), false),
            _ => (None, false),
        };
        let Some(target) = target.filter(|target| !is_call || self.names_class(*target, reading)) else {
            return Hint::Unknown;
        };
        match self.plain_names(target, reading) {
            Some(names) if is_call => Hint::Instance(TypePath { scope, names }),
            Some(names) => Hint::SameAs(TypePath { scope, names }),
            None => Hint::Unknown,
        }
    }

    /// The names of `a.b.c`, when it is nothing but names.
    pub(super) fn plain_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        let mut names = Vec::new();
        let mut here = node;
        while self.kind(here) == Kind::Attribute {
            names.push(reading.text(self.field.attribute.of(here)?));
            here = self.field.object.of(here)?;
        }
        if self.kind(here) != Kind::Identifier {
            return None;
        }
        names.push(reading.text(here));
        names.reverse();
        Some(names)
    }
}

/// What a call of this is for, by the convention for names of classes.
pub(super) fn purpose_of_call(chain: &Chain<'_, '_>) -> Purpose {
    if chain.name().is_some_and(is_class_name) { Purpose::Instantiate } else { Purpose::Call }
}

/// `DataValidator` and `URL`, but not `validate` nor `MAX_SIZE`.
fn is_class_name(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    let is_constant = name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    name.starts_with(char::is_uppercase) && !is_constant
}
