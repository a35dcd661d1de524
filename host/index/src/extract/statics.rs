//! Members of a class itself and those of its objects, where a language tells them apart.

use codestrata::model::{Node, Target, node_kind};

use super::places::{Place, Start};
use super::sketch::{Member, NodeRef, Sketch};

impl<'s> Sketch<'s> {
    /// A member of a node: of a class itself or of an object of it, where that makes a difference.
    pub(super) fn member_of(&self, node: NodeRef, name: &'s str, is_object: bool) -> Option<&Member<'s>> {
        if self.parts_statics(node) && !is_object {
            return self.members.get(&(node, *self.static_names.get(name)?));
        }
        self.members.get(&(node, name))
    }

    /// Members that the store looks for.
    pub(super) fn known_from(&self, here: Start<'s>, members: &[&'s str], is_object: bool) -> Place<'s> {
        let is_told = matches!(here, Start::Node(node) if self.parts_statics(node));
        let object = (is_object && is_told && !members.is_empty()).then_some(Target::OBJECT);
        Place::Known(here, object.into_iter().chain(members.iter().copied()).collect())
    }

    fn parts_statics(&self, node: NodeRef) -> bool {
        let is_class = |node: &Node| node.kind == node_kind::CLASS;
        self.habits.tells_statics && self.nodes.get(node as usize).is_some_and(is_class)
    }
}
