//! Whose a definition is: of a class or namespace of this file, of a class of another one, or of the file.

use codestrata::model::node_kind;

use crate::extract::{Context, NAMESPACE, NodeRef, Reading, ScopeKind};

/// Whose function it is.
pub(in crate::language) struct Holder<'s> {
    /// The node that contains it.
    pub(in crate::language) parent: NodeRef,
    /// The class of this file that it is a member of.
    pub(in crate::language) class: Option<NodeRef>,
    /// The names from the parent to a class of another file that it is a member of.
    pub(in crate::language) away: Vec<&'s str>,
}

/// Whose a thing is that is declared as `a::B::name`, by its qualifiers; with none, the class around it.
pub(in crate::language) fn holder<'s>(
    qualifiers: &[&'s str],
    context: Context,
    reading: &Reading<'s, '_>,
) -> Holder<'s> {
    let scope = reading.sketch.scope(context.scope);
    let Some((first, rest)) = qualifiers.split_first() else {
        let class = scope.members_of.filter(|_| scope.kind == ScopeKind::Members);
        return Holder { parent: class.unwrap_or(context.owner), class, away: Vec::new() };
    };
    let bound = reading.sketch.look_up(context.scope, first).map(|(_, binding)| binding);
    let start = bound.and_then(|bound| bound.definition.or(bound.namespace).or(bound.type_definition));
    let Some(mut parent) = start.filter(|start| holds_members(*start, reading)) else {
        return Holder { parent: context.owner, class: None, away: qualifiers.to_vec() };
    };
    let mut away = Vec::new();
    for name in rest {
        let member = reading.sketch.members.get(&(parent, *name)).and_then(|member| member.node);
        match member.filter(|member| away.is_empty() && holds_members(*member, reading)) {
            Some(member) => parent = member,
            None => away.push(*name),
        }
    }
    let is_class = away.is_empty() && kind_of(parent, reading) != NAMESPACE;
    Holder { parent, class: is_class.then_some(parent), away }
}

/// Whether a node is a class or namespace.
fn holds_members(node: NodeRef, reading: &Reading<'_, '_>) -> bool {
    let kind = kind_of(node, reading);
    node_kind::has_members(kind) || kind == NAMESPACE
}

fn kind_of<'r>(node: NodeRef, reading: &'r Reading<'_, '_>) -> &'r str {
    reading.sketch.nodes.get(node as usize).map_or("", |node| node.kind.as_str())
}
