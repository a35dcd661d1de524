//! From where the bare name of each member may mean it, as the rules of its language say.
//!
//! It is stated with the member and not with what asks for it, so that it costs nothing where nobody asks, and so that
//! one rule is enough for all languages where links are made.

use codestrata::model::{Node, Reach, node_kind};

use super::sketch::Sketch;
use crate::language::{Member, Rules};

/// States the reach of every member that is not reached from everywhere.
pub(super) fn note(sketch: &mut Sketch<'_>, rules: &dyn Rules) {
    let standard = rules.standard_members();
    let mut stated = Vec::new();
    for (position, node) in (0..).zip(&sketch.nodes).skip(1) {
        let holder = sketch.nodes.get(sketch.parent(position) as usize).map_or("", |it| it.kind.as_str());
        let is_method = node.kind == node_kind::METHOD;
        let is_member = is_method || node_kind::has_members(holder) || holder == node_kind::TYPE;
        if !is_member || node.attributes.contains_key(Node::DECLARATION) {
            continue;
        }
        let said = node.attributes.get(Reach::ATTRIBUTE).and_then(|text| text.as_str()).map(Reach::parse);
        let visibility = node.attributes.get("visibility").and_then(|text| text.as_str()).unwrap_or_default();
        let member = Member { name: &node.name, holder, visibility, node, position };
        let reach = match said.unwrap_or_else(|| rules.reach(&member, sketch)) {
            Reach::Nowhere => Reach::Nowhere,
            _ if standard.contain(&node.name, is_method) => Reach::Doubtful,
            reach => reach,
        };
        if said != Some(reach) {
            stated.extend(reach.to_text().map(|text| (position, text)));
        }
    }
    for (position, text) in stated {
        if let Some(node) = sketch.nodes.get_mut(position as usize) {
            node.attributes.insert(Reach::ATTRIBUTE, text.into());
        }
    }
}
