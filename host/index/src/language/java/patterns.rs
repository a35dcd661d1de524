//! The patterns of `switch` and `instanceof`.

use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{Context, Hint, Purpose, Reading, Role};

impl Java {
    /// `User user`, `Point(int x, var y)`, and a component of the latter.
    pub(super) fn pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = reading.children(node);
        let Some((declared, rest)) = parts.split_first() else { return };
        if self.kind(node) == Kind::RecordPattern {
            self.use_type(*declared, Purpose::Type(Role::Variable), context, reading);
            for part in rest {
                reading.push(*part, context);
            }
            return;
        }
        // `var y` says nothing, and `_` binds nothing.
        let declared = Some(*declared).filter(|declared| reading.text(*declared) != "var");
        if let Some(named) = rest.first().filter(|named| self.kind(**named) == Kind::Identifier) {
            let hint = match declared {
                Some(_) => self.hint_of_type(declared, context.scope, reading),
                None => Hint::Unknown,
            };
            let name = reading.text(*named);
            reading.sketch.bind_local(context.scope, name, hint);
        }
        reading.push_some(declared, context.as_type(Role::Variable));
    }
}
