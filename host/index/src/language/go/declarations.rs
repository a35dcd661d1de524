//! Variables and constants.

use codestrata::model::Attributes;
use tree_sitter::Node;

use super::functions::bind;
use super::{Go, Kind};
use crate::extract::{Context, Hint, Reading, Role, ScopeKind, ScopeRef, span};

impl Go {
    /// `var a, b T = x, y` and `const c = z`. `scope` is where the names are bound; values are read in that of the
    /// context.
    pub(super) fn variable<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        scope: ScopeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let type_ = self.field.type_.of(node);
        let value = self.field.value.of(node);
        let values = value.map(|value| reading.children(value)).unwrap_or_default();
        let parts = reading.children(node);
        let is_name = |part: &Node<'t>| {
            Some(*part) != type_ && Some(*part) != value && self.kind(*part) == Kind::Identifier
        };
        let names: Vec<Node<'t>> = parts.into_iter().filter(is_name).collect();
        let mut owners = Vec::new();
        for (position, named) in names.iter().enumerate() {
            let hint = match type_ {
                Some(type_) => self.hint_of_type(type_, context.scope, reading),
                None if values.len() == names.len() => {
                    self.hint_of_value(values.get(position).copied(), context.scope, reading)
                }
                None => Hint::Unknown,
            };
            let name = reading.text(*named);
            if name == "_" || reading.sketch.scope(scope).kind != ScopeKind::Module {
                bind(*named, scope, hint, reading);
                continue;
            }
            let attributes = type_attributes(type_, reading);
            let whole = if names.len() == 1 { span(node) } else { span(*named) };
            let owner = context.owner;
            let variable = reading.sketch.bind_variable(scope, owner, name, whole, hint, attributes);
            owners.extend(variable.map(|variable| (position, variable)));
        }
        let first = owners.first().map_or(context.owner, |(_, owner)| *owner);
        reading.push_some(type_, context.with_owner(first).as_type(Role::Variable));
        for (position, value) in values.iter().enumerate() {
            let own = owners.iter().find(|(of, _)| *of == position).map_or(first, |(_, owner)| *owner);
            reading.push(*value, context.with_owner(own));
        }
    }

    /// `a, b := x, y`. The values do not see the names.
    pub(super) fn short_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        scope: ScopeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(left), Some(right)) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        let names = reading.children(left);
        let values = reading.children(right);
        for (position, named) in names.iter().enumerate() {
            let hint = if values.len() == names.len() {
                self.hint_of_value(values.get(position).copied(), context.scope, reading)
            } else {
                self.hint_of_first(position, &values, context.scope, reading)
            };
            if self.kind(*named) == Kind::Identifier {
                bind(*named, scope, hint, reading);
            }
        }
        reading.push(right, context);
    }

    /// `x, ok := v.(T)`: the first of the names is a T.
    fn hint_of_first<'s>(
        &self,
        position: usize,
        values: &[Node<'_>],
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        match values {
            [only] if position == 0 && self.kind(*only) == Kind::TypeAssertion => {
                self.hint_of_value(Some(*only), scope, reading)
            }
            _ => Hint::Unknown,
        }
    }
}

/// The text of a declared type.
pub(super) fn type_attributes(type_: Option<Node<'_>>, reading: &Reading<'_, '_>) -> Attributes {
    let text = type_.and_then(|type_| reading.short_text(type_));
    text.into_iter().map(|text| ("type_hint".to_owned(), text.into())).collect()
}
