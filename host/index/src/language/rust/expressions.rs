//! Calls, fields, paths and names.

use tree_sitter::Node;

use super::types::{is_outside, self_as_type};
use super::{Kind, Rust, prelude};
use crate::extract::{Base, Chain, Context, Hint, Purpose, Reading, Role, TypePath};

impl Rust {
    /// The dotted name that an expression is, or ends with. A loop, because `a.b().c().d()` nests as deep as it is
    /// long.
    ///
    /// `T::new().run` and `T { .. }.run` are read as `T.run`.
    pub(super) fn chain<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        loop {
            match self.kind(here) {
                Kind::FieldAccess => {
                    let (Some(name), Some(value)) = (self.field.field.of(here), self.field.value.of(here))
                    else {
                        break;
                    };
                    // `self.0` has no node of its own.
                    if chain.members.is_empty() || !is_number(reading.text(name)) {
                        note_last(&mut chain, name);
                    }
                    chain.members.push(reading.text(name));
                    here = value;
                    continue;
                }
                Kind::GenericFunction => {
                    let arguments = self.field.type_arguments.of(here);
                    reading.push_some(arguments, context.as_type(Role::Variable));
                    let Some(inner) = self.field.function.of(here) else { break };
                    here = inner;
                    continue;
                }
                Kind::Parenthesized => {
                    let Some(inner) = here.named_child(0) else { break };
                    here = inner;
                    continue;
                }
                Kind::Reference if !chain.members.is_empty() => {
                    let Some(inner) = self.field.value.of(here) else { break };
                    here = inner;
                    continue;
                }
                Kind::Unary if !chain.members.is_empty() && is_dereference(here) => {
                    let Some(inner) = here.named_child(0) else { break };
                    here = inner;
                    continue;
                }
                Kind::SelfValue => {
                    chain.base = Base::Name("self");
                    note_last(&mut chain, here);
                }
                Kind::Identifier | Kind::Scoped => {
                    let names = self.path(here, context, reading);
                    self.generic_arguments(here, context, reading);
                    let last = self.field.name.of(here).unwrap_or(here);
                    note_last(&mut chain, last);
                    set_base(&mut chain, self_as_type(names.unwrap_or_default(), context, reading));
                    if let (true, Some(path)) = (chain.members.len() == 1, self.field.path.of(here)) {
                        let before = self.plain(path);
                        chain.before_last = Some(self.field.name.of(before).unwrap_or(before));
                    }
                }
                Kind::Call | Kind::StructExpression if !chain.members.is_empty() => {
                    chain.rest = Some(here);
                    let hint = self.hint_of_value(here, context, reading);
                    if let Hint::Instance(TypePath { names, .. }) = hint {
                        set_base(&mut chain, names);
                    }
                }
                _ => chain.rest = Some(here),
            }
            break;
        }
        chain.members.reverse();
        chain
    }

    /// The types in `Vec::<T>::new`.
    fn generic_arguments<'t>(&self, path: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(before) = self.field.path.of(path)
            && matches!(self.kind(before), Kind::GenericType | Kind::BracketedType)
        {
            let arguments = self.field.type_arguments.of(before);
            let types = arguments.or_else(|| before.named_child(0));
            reading.push_some(types, context.as_type(Role::Variable));
        }
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(called) = self.field.function.of(node) {
            let chain = self.chain(called, context, reading);
            if !is_outside(chain.base, context, reading) {
                let makes = chain.name().is_some_and(prelude::names_type);
                let purpose = if makes { Purpose::Instantiate } else { Purpose::Call };
                reading.use_chain(&chain, purpose, context);
            }
            reading.push_some(chain.rest, context);
        }
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, context, reading);
        let name = chain.name().unwrap_or_default();
        if !is_number(name) && !is_outside(chain.base, context, reading) {
            reading.use_chain(&chain, Purpose::Access, context);
        }
        reading.push_some(chain.rest, context);
    }

    pub(super) fn struct_expression<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(named) = self.field.name.of(node) {
            self.use_type(named, Purpose::Instantiate, context, reading);
            let arguments = self.field.type_arguments.of(named);
            reading.push_some(arguments, context.as_type(Role::Variable));
        }
        reading.push_some(self.field.body.of(node), context);
    }
}

/// Whether a unary expression is `*x`.
fn is_dereference(node: Node<'_>) -> bool {
    node.child(0).is_some_and(|operator| operator.kind() == "*")
}

/// The name of a field of `struct Metres(f64)`.
fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

fn note_last<'t>(chain: &mut Chain<'_, 't>, name: Node<'t>) {
    match chain.members.len() {
        0 => chain.last = name,
        1 => chain.before_last = Some(name),
        _ => {}
    }
}

/// Begins a chain, whose members are still reversed, with the names of a path.
fn set_base<'s>(chain: &mut Chain<'s, '_>, names: Vec<&'s str>) {
    let mut names = names.into_iter();
    chain.base = names.next().map_or(Base::Unknown, Base::Name);
    chain.members.extend(names.rev());
}
