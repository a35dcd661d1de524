//! What the source says about the value of a variable.

use tree_sitter::Node;

use super::{Kind, Php};
use crate::extract::{Base, Context, Hint, Reading, TypePath};

impl Php {
    /// What a variable is that is assigned this expression.
    pub(super) fn hint_of_value<'s, 't>(
        &self,
        value: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = value;
        while matches!(self.kind(here), Kind::Parenthesized | Kind::Clone) && here.named_child_count() == 1 {
            let Some(inner) = here.named_child(0) else { break };
            here = inner;
        }
        match self.kind(here) {
            Kind::Null => Hint::Unset,
            Kind::New => match here.named_child(0) {
                Some(class) => self.hint_of_class(class, context, reading),
                None => Hint::Unknown,
            },
            Kind::Variable | Kind::Member | Kind::ScopedProperty | Kind::ClassConstant => {
                let chain = self.chain(here, context, reading);
                match (chain.base, chain.rest) {
                    // The name of a class is text.
                    (Base::Name(name), None) if chain.members.last() != Some(&"class") => {
                        let names = std::iter::once(name).chain(chain.members).collect();
                        Hint::SameAs(TypePath { scope: context.scope, names })
                    }
                    _ => Hint::Unknown,
                }
            }
            _ => Hint::Unknown,
        }
    }
}
