//! What the source says about the value of a variable.

use tree_sitter::Node;

use super::{Kind, Ruby, class_of_self};
use crate::extract::{Base, Context, Hint, Reading, TypePath};

impl Ruby {
    /// What a variable is that is assigned this expression.
    pub(super) fn hint_of_value<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        context: Context,
        reading: &Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(value) = value else { return Hint::Unknown };
        match self.kind(value) {
            Kind::Call => {
                let is_new = self.field.method.of(value).is_some_and(|method| reading.text(method) == "new");
                match self.field.receiver.of(value) {
                    Some(class) if is_new => self.hint_of_class(class, context, reading),
                    None if is_new && class_of_self(context.scope, reading).is_some() => {
                        Hint::Instance(TypePath { scope: context.scope, names: vec!["self"] })
                    }
                    _ => Hint::Unknown,
                }
            }
            Kind::Constant
            | Kind::ScopeResolution
            | Kind::InstanceVariable
            | Kind::ClassVariable
            | Kind::Identifier
            | Kind::SelfObject => {
                let chain = self.chain(value, context, reading);
                match chain.base {
                    Base::Name(name) if self.kind(value) != Kind::Identifier || chain.members.is_empty() => {
                        let names = std::iter::once(name).chain(chain.members).collect();
                        Hint::SameAs(TypePath { scope: context.scope, names })
                    }
                    _ => Hint::Unknown,
                }
            }
            _ if value.kind() == "nil" => Hint::Unset,
            _ => Hint::Unknown,
        }
    }

    /// An object of this class.
    pub(super) fn hint_of_class<'s, 't>(
        &self,
        class: Node<'t>,
        context: Context,
        reading: &Reading<'s, 't>,
    ) -> Hint<'s> {
        if !matches!(self.kind(class), Kind::Constant | Kind::ScopeResolution) {
            return Hint::Unknown;
        }
        let chain = self.chain(class, context, reading);
        match chain.base {
            Base::Name(name) => {
                let names = std::iter::once(name).chain(chain.members).collect();
                Hint::Instance(TypePath { scope: context.scope, names })
            }
            _ => Hint::Unknown,
        }
    }
}
