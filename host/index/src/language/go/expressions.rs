//! Calls, selectors and names.

use tree_sitter::Node;

use super::{Go, Kind, predeclared};
use crate::extract::{Base, Chain, Context, Hint, Purpose, Reading, Role, ScopeRef, TypePath};

impl Go {
    /// The dotted name that an expression is, or ends with. A loop, because `a.b().c().d()` nests as deep as it is
    /// long.
    ///
    /// `T{}.Run`, `(&T{}).Run` and `v.(T).Run` are read as `T.Run`.
    pub(super) fn chain<'s, 't>(&self, node: Node<'t>, reading: &Reading<'s, 't>) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        loop {
            match self.kind(here) {
                Kind::Selector => {
                    let (Some(name), Some(operand)) =
                        (self.field.field.of(here), self.field.operand.of(here))
                    else {
                        break;
                    };
                    match chain.members.len() {
                        0 => chain.last = name,
                        1 => chain.before_last = Some(name),
                        _ => {}
                    }
                    chain.members.push(reading.text(name));
                    here = operand;
                    continue;
                }
                Kind::Identifier => {
                    chain.base = Base::Name(reading.text(here));
                    if chain.members.is_empty() {
                        chain.last = here;
                    } else if chain.members.len() == 1 {
                        chain.before_last = Some(here);
                    }
                }
                Kind::ParenthesizedExpression => {
                    let Some(inner) = here.named_child(0) else { break };
                    here = inner;
                    continue;
                }
                // A selector goes through a pointer by itself; of a channel or a negation nothing is selected.
                Kind::Unary if is_pointer(here) && !chain.members.is_empty() => {
                    let Some(inner) = self.field.operand.of(here) else { break };
                    here = inner;
                    continue;
                }
                Kind::Composite | Kind::TypeAssertion if !chain.members.is_empty() => {
                    chain.rest = Some(here);
                    let type_ = self.field.type_.of(here).and_then(|type_| self.named_type(type_));
                    if let Some(names) = type_.and_then(|type_| self.type_names(type_, reading)) {
                        let mut names = names.into_iter();
                        chain.base = names.next().map_or(Base::Unknown, Base::Name);
                        chain.members.extend(names.rev());
                    }
                }
                _ => chain.rest = Some(here),
            }
            break;
        }
        chain.members.reverse();
        chain
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let arguments = self.field.arguments.of(node);
        reading.push_some(self.field.type_arguments.of(node), context.as_type(Role::Variable));
        let Some(called) = self.field.function.of(node) else {
            return reading.push_some(arguments, context);
        };
        if self.is_new(called, reading)
            && let Some(type_) = arguments.and_then(|arguments| arguments.named_child(0))
        {
            return self.instantiate(type_, context, reading);
        }
        let called = match self.kind(called) {
            Kind::TypeInstantiation => {
                let mut parts = reading.children(called).into_iter();
                let generic = parts.next();
                parts.for_each(|part| reading.push(part, context.as_type(Role::Variable)));
                generic.unwrap_or(called)
            }
            _ => called,
        };
        let chain = self.chain(called, reading);
        if !is_conversion(&chain, context, reading) {
            reading.use_chain(&chain, Purpose::Call, context);
        }
        reading.push_some(chain.rest, context);
        reading.push_some(arguments, context);
    }

    /// `[]T(x)`, and `f[T](x)`, which the grammar takes for the same: a call, until the target turns out to be a type.
    pub(super) fn conversion<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(type_) = self.field.type_.of(node) {
            match self.named_type(type_).filter(|_| self.kind(type_) == Kind::GenericType) {
                Some(named) => {
                    self.use_type(named, Purpose::Call, context, reading);
                    let arguments = self.field.type_arguments.of(type_);
                    reading.push_some(arguments, context.as_type(Role::Variable));
                }
                None => reading.push(type_, context.as_type(Role::Variable)),
            }
        }
        reading.push_some(self.field.operand.of(node), context);
    }

    /// Whether a call of this is the builtin `new`.
    fn is_new(&self, called: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        self.kind(called) == Kind::Identifier && reading.text(called) == "new"
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, reading);
        if chain.members.is_empty() && chain.name() == Some("_") {
            return;
        }
        reading.use_chain(&chain, Purpose::Access, context);
        reading.push_some(chain.rest, context);
    }

    /// What a variable is that is declared with this value.
    pub(super) fn hint_of_value<'s>(
        &self,
        value: Option<Node<'_>>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let Some(mut value) = value else { return Hint::Unknown };
        if self.kind(value) == Kind::Unary && is_pointer(value) {
            let Some(inner) = self.field.operand.of(value) else { return Hint::Unknown };
            value = inner;
        }
        match self.kind(value) {
            Kind::Composite | Kind::TypeAssertion => match self.field.type_.of(value) {
                Some(type_) => self.hint_of_type(type_, scope, reading),
                None => Hint::Unknown,
            },
            Kind::Call => {
                let called = self.field.function.of(value).filter(|called| self.is_new(*called, reading));
                let arguments = called.and_then(|_| self.field.arguments.of(value));
                match arguments.and_then(|arguments| arguments.named_child(0)) {
                    Some(type_) => self.hint_of_type(type_, scope, reading),
                    None => Hint::Unknown,
                }
            }
            Kind::Identifier | Kind::Selector => match self.plain_names(value, reading) {
                Some(names) => Hint::SameAs(TypePath { scope, names }),
                None => Hint::Unknown,
            },
            _ => Hint::Unknown,
        }
    }

    /// The names of `a.b.c`, when it is nothing but names.
    fn plain_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        let mut names = Vec::new();
        let mut here = node;
        while self.kind(here) == Kind::Selector {
            names.push(reading.text(self.field.field.of(here)?));
            here = self.field.operand.of(here)?;
        }
        if self.kind(here) != Kind::Identifier {
            return None;
        }
        names.push(reading.text(here));
        names.reverse();
        Some(names)
    }
}

/// `string(x)`: a conversion to a predeclared type calls nothing.
fn is_conversion<'s>(chain: &Chain<'s, '_>, context: Context, reading: &Reading<'s, '_>) -> bool {
    match chain.base {
        Base::Name(name) if chain.members.is_empty() && predeclared::is_type(name) => {
            reading.sketch.look_up(context.scope, name).is_none()
        }
        _ => false,
    }
}

/// Whether a unary expression is `&x` or `*x`.
fn is_pointer(node: Node<'_>) -> bool {
    node.child(0).is_some_and(|operator| matches!(operator.kind(), "&" | "*"))
}
