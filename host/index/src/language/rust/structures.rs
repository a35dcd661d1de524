//! Structures, unions, enumerations with their variants, and type aliases.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::attributes::Manner;
use super::implementations::{Holder, add_member};
use super::items::type_attributes;
use super::{Kind, Rust};
use crate::extract::{Context, Hint, NodeRef, Reading, Role, ScopeKind, span};

impl Rust {
    pub(super) fn structure<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let kind = match self.kind(node) {
            Kind::Structure => node_kind::STRUCT,
            Kind::Union => node_kind::UNION,
            _ => node_kind::ENUM,
        };
        let attributes = Self::item_attributes(node, Manner::Own, reading);
        let defined = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        reading.sketch.bind_definition(context.scope, name, defined);
        let owned = self.type_parameters(node, context.with_owner(defined), reading);
        let scope = reading.sketch.open(ScopeKind::Block, owned.scope);
        if let Some(binding) = reading.sketch.binding(scope, "Self") {
            binding.definition = Some(defined);
        }
        let inside = owned.with_scope(scope);
        let Some(body) = self.field.body.of(node) else { return };
        match self.kind(body) {
            Kind::Fields => self.fields(body, defined, inside, reading),
            Kind::OrderedFields => self.ordered_fields(body, Some(defined), inside, reading),
            _ => self.variants(body, defined, inside, reading),
        }
    }

    fn fields<'t>(&self, body: Node<'t>, holder: NodeRef, context: Context, reading: &mut Reading<'_, 't>) {
        for field in reading.children(body) {
            let named = self.field.name.of(field).filter(|_| self.kind(field) == Kind::FieldDeclaration);
            let Some(name) = named.map(|named| reading.text(named)) else { continue };
            let type_ = self.field.type_.of(field);
            let hint = type_.map_or(Hint::Unknown, |type_| self.hint_of_type(type_, context, reading));
            let mut attributes = type_attributes(type_, reading);
            Self::note_reach(field, &mut attributes, reading);
            let kind = node_kind::VARIABLE;
            let variable = reading.sketch.define(holder, name, kind, span(field), attributes);
            reading.sketch.add_member(holder, name, Some(variable), Hint::Unset);
            reading.sketch.declare_member(holder, name, hint);
            reading.push_some(type_, context.with_owner(variable).as_type(Role::Variable));
        }
    }

    /// `struct Metres(f64)`: its fields have numbers, which make no nodes, but their types are known.
    fn ordered_fields<'t>(
        &self,
        body: Node<'t>,
        holder: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        const NUMBERS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
        let types = reading.children(body).into_iter().filter(|part| self.kind(*part) != Kind::Nothing);
        for (position, type_) in types.enumerate() {
            let hint = self.hint_of_type(type_, context, reading);
            if let (Some(holder), Some(number)) = (holder, NUMBERS.get(position)) {
                reading.sketch.declare_member(holder, number, hint);
            }
            reading.push(type_, context.as_type(Role::Variable));
        }
    }

    fn variants<'t>(&self, body: Node<'t>, holder: NodeRef, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(body) {
            let named = self.field.name.of(part).filter(|_| self.kind(part) == Kind::Variant);
            let Some(name) = named.map(|named| reading.text(named)) else { continue };
            let attributes = Attributes::from([("enum_member", true.into())]);
            let variant = reading.sketch.define(holder, name, node_kind::VARIABLE, span(part), attributes);
            reading.sketch.add_member(holder, name, Some(variant), Hint::Unset);
            let inside = context.with_owner(variant);
            if let Some(body) = self.field.body.of(part) {
                for field in reading.children(body) {
                    match self.kind(field) {
                        Kind::Nothing => {}
                        Kind::FieldDeclaration => {
                            let type_ = self.field.type_.of(field);
                            reading.push_some(type_, inside.as_type(Role::Variable));
                        }
                        _ => reading.push(field, inside.as_type(Role::Variable)),
                    }
                }
            }
            reading.push_some(self.field.value.of(part), inside);
        }
    }

    /// `type A = B`, and an associated type if it has a holder.
    pub(super) fn type_item<'s, 't>(
        &self,
        node: Node<'t>,
        holder: Option<&Holder<'s>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let (whole, kind) = (span(node), node_kind::TYPE);
        let value = self.field.type_.of(node);
        let type_ = match holder {
            Some(holder) => {
                let hint = Hint::Unset;
                add_member(holder, name, kind, whole, Attributes::new(), hint, context, reading)
            }
            None => {
                let alias = value.map_or(Hint::Unknown, |value| self.hint_of_type(value, context, reading));
                let attributes = Self::item_attributes(node, Manner::Own, reading);
                let type_ = reading.sketch.define(context.owner, name, kind, whole, attributes);
                reading.sketch.bind_definition(context.scope, name, type_);
                reading.sketch.bind_type(context.scope, name, type_, alias);
                type_
            }
        };
        let inside = self.type_parameters(node, context.with_owner(type_), reading);
        reading.push_some(self.field.bounds.of(node), inside.as_type(Role::Variable));
        reading.push_some(value, inside.as_type(Role::Variable));
    }
}
