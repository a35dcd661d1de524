//! Calls, attribute reads, names, and the scopes of expressions.

use codestrata::model::Target;
use tree_sitter::Node;

use super::{Kind, Python};
use crate::extract::{Base, Chain, Context, Hint, ITEM, Purpose, Reading, ScopeKind, ScopeRef};

/// How many calls in a row are followed: each of them is read as a part of so many of the next ones.
const MOST_CALLS: usize = 6;

/// The attribute that is the class of an object.
pub(super) const CLASS: &str = "__class__";

impl Python {
    /// The dotted name that an expression is, or ends with, calls included. A loop, because `a.b().c().d()` nests as deep
    /// as it is long.
    pub(super) fn chain<'s, 't>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        reading: &Reading<'s, 't>,
    ) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        let mut calls = 0;
        loop {
            match self.kind(here) {
                Kind::Attribute => {
                    let Some(name) = self.field.attribute.of(here) else { break };
                    if chain.members.is_empty() {
                        chain.last = name;
                    } else if chain.members.len() == 1 {
                        chain.before_last = Some(name);
                    }
                    // The members of `x.__class__` are those of `x`.
                    let member = reading.text(name);
                    if chain.members.is_empty() || member != CLASS {
                        chain.members.push(member);
                    }
                    let Some(object) = self.field.object.of(here) else { break };
                    here = object;
                    continue;
                }
                Kind::Identifier => {
                    chain.base = Base::Name(reading.text(here));
                    if chain.members.len() == 1 {
                        chain.before_last = Some(here);
                    }
                }
                Kind::Parenthesized | Kind::Await if here.named_child_count() == 1 => {
                    let Some(inner) = here.named_child(0) else { break };
                    here = inner;
                    continue;
                }
                Kind::Call if !chain.members.is_empty() => {
                    let called = self.field.function.of(here);
                    let is_first = chain.rest.is_none();
                    chain.rest = chain.rest.or(Some(here));
                    calls += 1;
                    match called {
                        Some(called) if self.is_super(called, reading) => {
                            chain.base = self.super_of(here, reading);
                            if is_first {
                                chain.rest = self.field.arguments.of(here);
                            }
                        }
                        Some(_) if let Some(class) = self.cast(here, scope, reading) => {
                            let names = self.names_of_class(class, reading);
                            if let Some((first, names)) = names.as_deref().and_then(<[_]>::split_first) {
                                chain.members.push(Target::CALL);
                                chain.members.extend(names.iter().rev());
                                chain.base = Base::Name(first);
                            }
                        }
                        Some(called) if calls <= MOST_CALLS => {
                            here = match self.object_of_type(here, called, reading) {
                                Some(object) => object,
                                None => {
                                    chain.members.push(Target::CALL);
                                    called
                                }
                            };
                            continue;
                        }
                        _ => {}
                    }
                }
                Kind::Subscript if !chain.members.is_empty() && calls < MOST_CALLS => {
                    chain.rest = chain.rest.or(Some(here));
                    calls += 1;
                    let Some(value) = self.field.value.of(here) else { break };
                    if !self.is_slice(here) {
                        chain.members.push(ITEM);
                    }
                    here = value;
                    continue;
                }
                _ => {
                    chain.rest = chain.rest.or(Some(here));
                    chain.base = match self.plain_value(here) {
                        _ if chain.members.is_empty() => Base::Unknown,
                        Some(Hint::Plain) => Base::Plain,
                        Some(Hint::Container) => Base::Container,
                        _ => Base::Unknown,
                    };
                }
            }
            break;
        }
        chain.members.reverse();
        chain
    }

    /// `super()`, or `super(Class, self)`.
    fn super_of<'s>(&self, call: Node<'_>, reading: &Reading<'s, '_>) -> Base<'s> {
        let class = self.field.arguments.of(call).and_then(|arguments| arguments.named_child(0));
        match class {
            None => Base::Super,
            Some(class) if self.kind(class) == Kind::Identifier => Base::SuperOf(reading.text(class)),
            Some(_) => Base::Unknown,
        }
    }

    /// `x` of `type(x)`, whose members are those of its class.
    fn object_of_type<'t>(
        &self,
        call: Node<'t>,
        called: Node<'t>,
        reading: &Reading<'_, 't>,
    ) -> Option<Node<'t>> {
        if self.kind(called) != Kind::Identifier || reading.text(called) != "type" {
            return None;
        }
        let arguments = self.field.arguments.of(call).filter(|list| list.named_child_count() == 1)?;
        arguments.named_child(0).filter(|object| self.kind(*object) == Kind::Identifier)
    }

    pub(super) fn is_super(&self, called: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        self.kind(called) == Kind::Identifier && reading.text(called) == "super"
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(called) = self.field.function.of(node) {
            let mut chain = self.chain(called, context.scope, reading);
            self.choose(called, &mut chain, context, reading);
            self.change_public_names(&chain, node, context, reading);
            let purpose = purpose_of_call(&chain);
            reading.use_chain(&chain, purpose, context);
            reading.push_some(chain.rest, context);
        }
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut chain = self.chain(node, context.scope, reading);
        self.choose(node, &mut chain, context, reading);
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
                    self.bind_item(left, self.field.right.of(part), inside, context, reading);
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
