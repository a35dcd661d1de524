//! Places that facts are about, and what is said of them.

use crate::extract::{Hint, NodeRef, Reading, ScopeRef, TypePath};
use tree_sitter::Node;

use super::shapes::ALL;

/// A place that facts are about: the end of a path from a node.
#[derive(Clone, Debug)]
pub(super) struct Spot<'s> {
    pub(super) node: NodeRef,
    pub(super) path: Vec<&'s str>,
    /// Whether something else says which members are there, so that those of a literal are not they.
    pub(super) is_declared: bool,
}

impl<'s> Spot<'s> {
    pub(super) fn of(node: NodeRef) -> Self {
        Self::at(node, &[])
    }

    /// A variable with a declared type, for the literal that is its value.
    pub(super) fn declared(node: NodeRef) -> Self {
        Self { is_declared: true, ..Self::of(node) }
    }

    pub(super) fn at(node: NodeRef, path: &[&'s str]) -> Self {
        Self { node, path: path.to_vec(), is_declared: false }
    }

    /// The next thing without a name of a node.
    pub(super) fn unnamed(node: NodeRef, reading: &mut Reading<'s, '_>) -> Self {
        let unnamed = reading.name_unnamed(node);
        Self::at(node, &[unnamed])
    }

    pub(super) fn then(&self, member: &'s str) -> Self {
        let path = self.path.iter().copied().chain([member]).collect();
        Self { node: self.node, path, is_declared: false }
    }

    /// The hint that something is what is at this place.
    pub(super) fn hint(&self, reading: &mut Reading<'s, '_>) -> Hint<'s> {
        let node = reading.name_node(self.node);
        let names = std::iter::once(node).chain(self.path.iter().copied()).collect();
        Hint::SameAs(TypePath { scope: 0, names })
    }
}

/// Says what is at a place, if the hint can be followed. Of a type it is said that it has all members of that.
pub(super) fn tell<'s>(spot: &Spot<'s>, hint: Hint<'s>, reading: &mut Reading<'s, '_>) -> bool {
    if !matches!(hint, Hint::Instance(_) | Hint::SameAs(_)) {
        return false;
    }
    let is_type = spot.path.is_empty() && reading.sketch.is_type(spot.node);
    let path = if is_type { vec![ALL[0]] } else { spot.path.clone() };
    reading.sketch.tell(spot.node, path, hint);
    true
}

/// Names that lead to what a hint says, as a value seen from a scope.
pub(super) fn names_of<'s>(
    hint: &Hint<'s>,
    scope: ScopeRef,
    at: Node<'_>,
    reading: &mut Reading<'s, '_>,
) -> Option<Vec<&'s str>> {
    match hint {
        Hint::SameAs(path) if path.scope == scope || path.scope == 0 => Some(path.names.clone()),
        Hint::Instance(_) | Hint::SameAs(_) => {
            let name = reading.make_name(&format!("{{:{}}}", at.start_byte()));
            reading.sketch.bind_local(scope, name, hint.clone());
            Some(vec![name])
        }
        _ => None,
    }
}
