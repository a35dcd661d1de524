//! Variables, constants and members that are read.

use tree_sitter::Node;

use super::types::is_relative;
use super::{Kind, Php};
use crate::extract::{Base, Chain, Context, Hint, Purpose, Reading, Role, ScopeKind, ScopeRef, span};

impl Php {
    /// The dotted name that an expression is, or ends with. A loop, because chains of calls nest as deep as they are
    /// long. `(new Client)->get` is read as `Client.get`.
    pub(super) fn chain<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        let mut through_new = false;
        loop {
            let next = match self.kind(here) {
                Kind::Member => {
                    let name = self.field.name.of(here).filter(|name| self.kind(*name) == Kind::Name);
                    match name {
                        Some(name) => {
                            let property = reading.make_name(&format!("${}", reading.text(name)));
                            add_member(&mut chain, name, property, through_new);
                            self.field.object.of(here)
                        }
                        None => end(&mut chain, here),
                    }
                }
                Kind::ScopedProperty => {
                    let name = self.field.name.of(here).filter(|name| self.kind(*name) == Kind::Variable);
                    match name {
                        Some(name) => {
                            let property = reading.text(name);
                            add_member(&mut chain, name, property, through_new);
                            self.field.scope.of(here)
                        }
                        None => end(&mut chain, here),
                    }
                }
                Kind::ClassConstant => {
                    let parts = reading.children(here);
                    match parts.as_slice() {
                        [scope, name] if self.kind(*name) == Kind::Name => {
                            let constant = reading.text(*name);
                            // `C::class` is the name of the class.
                            if constant != "class" {
                                add_member(&mut chain, *name, constant, through_new);
                            }
                            Some(*scope)
                        }
                        _ => end(&mut chain, here),
                    }
                }
                Kind::New if !through_new => {
                    chain.rest = Some(here);
                    through_new = true;
                    here.named_child(0).filter(|class| self.name_of(*class, context, reading).is_some())
                }
                Kind::Variable => {
                    let name = reading.text(here);
                    know_variable(name, context, reading);
                    chain.base = Base::Name(name);
                    note_receiver(&mut chain, here, through_new);
                    None
                }
                Kind::Name | Kind::QualifiedName | Kind::RelativeScope => {
                    chain.base = match self.name_of(here, context, reading).unwrap_or(reading.text(here)) {
                        "parent" => Base::Super,
                        "static" => Base::Name("self"),
                        name => Base::Name(name),
                    };
                    if chain.members.is_empty() {
                        chain.last = here;
                    }
                    note_receiver(&mut chain, here, through_new);
                    None
                }
                Kind::Parenthesized if here.named_child_count() == 1 => here.named_child(0),
                _ if through_new => None,
                _ => end(&mut chain, here),
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
        chain.members.reverse();
        chain
    }

    /// `$user->name`, `User::$count`, `User::LIMIT`, `User::class`.
    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, context, reading);
        if chain.rest == Some(node) || chain.name().is_none() {
            return reading.push_children(node, context);
        }
        let is_self = matches!(chain.base, Base::Name("self")) && chain.members.is_empty();
        if !is_self {
            reading.use_chain(&chain, Purpose::Access, context);
        }
        reading.push_some(chain.rest, context);
    }

    /// A bare name that is read is a constant.
    pub(super) fn constant<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.name_of(node, context, reading) else { return };
        if !is_relative(name) {
            reading.add_use(Base::Name(name), &[], span(node), Purpose::Access, context);
        }
    }

    /// `$value instanceof Known`.
    pub(super) fn binary<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let operator = self.field.operator.of(node);
        let is_test = operator.is_some_and(|it| reading.text(it).eq_ignore_ascii_case("instanceof"));
        let class = self.field.right.of(node).filter(|_| is_test);
        let class = class.filter(|it| matches!(self.kind(*it), Kind::Name | Kind::QualifiedName));
        let Some(class) = class else { return reading.push_children(node, context) };
        self.use_class(class, Role::Variable, context, reading);
        reading.push_some(self.field.left.of(node), context);
    }
}

/// The scope of the function around, or of the file: the body of a `catch` has one of its own, for the variable of the
/// error alone, which each `catch` of a function tends to call the same.
pub(super) fn variable_scope(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind == ScopeKind::Comprehension => here = parent,
            _ => return here,
        }
    }
}

fn add_member<'s, 't>(chain: &mut Chain<'s, 't>, node: Node<'t>, name: &'s str, through_new: bool) {
    match chain.members.len() {
        0 => chain.last = node,
        1 if !through_new => chain.before_last = Some(node),
        _ => {}
    }
    chain.members.push(name);
}

fn note_receiver<'t>(chain: &mut Chain<'_, 't>, node: Node<'t>, through_new: bool) {
    if chain.members.len() == 1 && !through_new {
        chain.before_last = Some(node);
    }
}

/// What has no name: it is still to be read.
fn end<'t>(chain: &mut Chain<'_, 't>, here: Node<'t>) -> Option<Node<'t>> {
    chain.rest = Some(here);
    None
}

/// A variable of a function is local from its first use on, whatever variables the file has.
pub(super) fn know_variable<'s>(name: &'s str, context: Context, reading: &mut Reading<'s, '_>) {
    let scope = variable_scope(context.scope, reading);
    if reading.sketch.holding_scope(scope) == scope {
        return;
    }
    if reading.sketch.bindings.contains_key(&(scope, name)) {
        return;
    }
    let found = reading.sketch.look_up(context.scope, name);
    let is_outside = found.is_none_or(|(scope, _)| reading.sketch.scope(scope).kind == ScopeKind::Module);
    if is_outside {
        reading.sketch.bind_local(scope, name, Hint::Unset);
    }
}

pub(super) fn variable<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let name = reading.text(node);
    know_variable(name, context, reading);
    let bound = reading.sketch.look_up(context.scope, name);
    if bound.is_some_and(|(_, binding)| binding.variable.is_some()) {
        reading.add_use(Base::Name(name), &[], span(node), Purpose::Access, context);
    }
}
