//! Dotted names in expressions.

use tree_sitter::Node;

use super::{CFamily, Kind};
use crate::extract::{Base, Chain, Context, Purpose, Reading, Role, ScopeRef};

/// A dotted name, with what else stands in it.
struct Found<'s, 't> {
    chain: Chain<'s, 't>,
    /// Indices, and type arguments.
    others: Vec<Node<'t>>,
    /// From where it is looked up.
    scope: ScopeRef,
}

impl CFamily {
    /// The dotted name that an expression is, or ends with. A loop, because chains of calls nest as deep as they are
    /// long. `*p`, `&p` and, in C, `p[i]` are read as `p`: types are followed through pointers and arrays.
    fn chain<'s, 't>(&self, node: Node<'t>, scope: ScopeRef, reading: &mut Reading<'s, 't>) -> Found<'s, 't> {
        let chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut found = Found { chain, others: Vec::new(), scope };
        let mut here = Some(node);
        while let Some(node) = here {
            here = match self.kind(node) {
                Kind::FieldExpression => {
                    self.member(node, &mut found, reading);
                    self.field.argument.of(node)
                }
                Kind::Parenthesized => inner(node),
                Kind::Pointer => self.field.argument.of(node),
                Kind::Subscript if !self.is_cpp => {
                    found.others.extend(reading.children(node).into_iter().skip(1));
                    self.field.argument.of(node)
                }
                Kind::Identifier
                | Kind::This
                | Kind::Qualified
                | Kind::TemplateFunction
                | Kind::Dependent => {
                    self.beginning(node, &mut found, reading);
                    None
                }
                _ => {
                    found.chain.rest = Some(node);
                    None
                }
            };
        }
        found.chain.members.reverse();
        found
    }

    fn member<'s, 't>(&self, node: Node<'t>, found: &mut Found<'s, 't>, reading: &mut Reading<'s, 't>) {
        let Some(field) = self.field.field.of(node) else { return };
        let Some(names) = self.names(field, false, reading) else { return };
        match found.chain.members.len() {
            0 => found.chain.last = names.last,
            1 => found.chain.before_last = Some(names.last),
            _ => {}
        }
        found.chain.members.extend(names.parts.last());
        found.others.extend(names.arguments);
    }

    fn beginning<'s, 't>(&self, node: Node<'t>, found: &mut Found<'s, 't>, reading: &mut Reading<'s, 't>) {
        let Some(names) = self.names(node, false, reading) else {
            found.chain.rest = None;
            found.others.push(node);
            return;
        };
        match found.chain.members.len() {
            0 => found.chain.last = names.last,
            1 => found.chain.before_last = Some(names.last),
            _ => {}
        }
        let Some((base, members)) = names.parts.split_first() else { return };
        found.chain.base = Base::Name(base);
        found.chain.members.extend(members.iter().rev());
        found.scope = self.scope_of_names(node, &names, found.scope, reading);
        found.others.extend(names.arguments);
    }

    /// A name, or a member of something, that is read.
    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if self.is_cpp && self.kind(node) == Kind::Subscript {
            return reading.push_children(node, context);
        }
        self.use_expression(node, Purpose::Access, context, reading);
    }

    /// Uses what an expression names, and reads what else is in it.
    pub(in crate::language) fn use_expression<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Found { chain, others, scope } = self.chain(node, context.scope, reading);
        // `this` alone is a local value.
        let is_this = chain.base == Base::Name("this") && chain.members.is_empty();
        if chain.name().is_some() && !is_this {
            reading.use_chain(&chain, purpose, context.with_scope(scope));
        }
        for other in others {
            if other != node {
                reading.push(other, context.as_type(Role::Variable));
            }
        }
        reading.push_some(chain.rest.filter(|rest| *rest != node), context);
    }
}

/// What stands in parentheses.
fn inner(node: Node<'_>) -> Option<Node<'_>> {
    let count = u32::try_from(node.named_child_count()).ok()?;
    (0..count).filter_map(|child| node.named_child(child)).find(|child| !child.is_extra())
}
