//! Composite literals: `T{a, b: c}`.

use tree_sitter::Node;

use super::{Go, Kind};
use crate::extract::{Context, Purpose, Reading, Role};

impl Go {
    pub(super) fn composite<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(type_) = self.field.type_.of(node) else { return };
        let is_structure = self.named_type(type_).is_some();
        self.instantiate(type_, context, reading);
        if let Some(body) = self.field.body.of(node) {
            self.literal_value(body, is_structure, context, reading);
        }
    }

    /// A type of which a value is made.
    pub(super) fn instantiate<'t>(&self, type_: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(type_) {
            Kind::NamedType | Kind::QualifiedType => {
                self.use_type(type_, Purpose::Instantiate, context, reading);
            }
            Kind::GenericType => {
                if let Some(named) = self.named_type(type_) {
                    self.use_type(named, Purpose::Instantiate, context, reading);
                }
                let arguments = self.field.type_arguments.of(type_);
                reading.push_some(arguments, context.as_type(Role::Variable));
            }
            _ => reading.push(type_, context.as_type(Role::Variable)),
        }
    }

    /// The keys of a structure are names of fields. Those of maps and arrays are values. Of a literal without a type,
    /// which stands in another one, it is not known: its plain names are taken for fields.
    pub(super) fn literal_value<'t>(
        &self,
        node: Node<'t>,
        is_structure: bool,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for element in reading.children(node) {
            if self.kind(element) != Kind::Keyed {
                reading.push(element, context);
                continue;
            }
            if let Some(key) = self.field.key.of(element) {
                let is_name = key.named_child(0).is_some_and(|key| self.kind(key) == Kind::Identifier);
                if !is_structure || !is_name {
                    reading.push(key, context);
                }
            }
            reading.push_some(self.field.value.of(element), context);
        }
    }
}
