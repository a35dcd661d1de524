//! C++: what it has beyond C.

mod classes;
mod functions;
mod names;
mod namespaces;
mod standard_members;
mod templates;

pub(super) use names::Names;
pub(super) use standard_members::STANDARD;

use std::sync::LazyLock;

use tree_sitter::Node;

use super::Rules;
use super::c::{CFamily, Kind, Site};
use crate::extract::{Context, Mode, Reading, ScopeKind};

static RULES: LazyLock<CFamily> = LazyLock::new(|| CFamily::new(tree_sitter_cpp::LANGUAGE.into(), true));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}

impl CFamily {
    /// The kinds of syntax that only C++ has.
    pub(super) fn visit_cpp<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let site = Site { whole: node, templates: &[], context };
        match self.kind(node) {
            Kind::Qualified | Kind::TemplateFunction if context.mode == Mode::Value => {
                self.use_expression(node, crate::extract::Purpose::Access, context, reading);
            }
            Kind::Qualified | Kind::TemplateType | Kind::TemplateFunction => {
                self.use_type(node, context, reading);
            }
            Kind::Namespace => self.namespace(node, context, reading),
            Kind::NamespaceAlias => self.namespace_alias(node, context, reading),
            Kind::Using => self.using(node, context, reading),
            Kind::Template => self.template(node, context, reading),
            Kind::Alias => self.alias(node, site, reading),
            Kind::Concept => self.concept(node, site, reading),
            Kind::Friend => self.friend(node, site, reading),
            Kind::FieldInitializer => self.field_initializer(node, context, reading),
            Kind::Lambda => self.lambda(node, context, reading),
            Kind::New => self.new_object(node, context, reading),
            Kind::RangeFor => self.range_for(node, context, reading),
            Kind::Catch => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                if let Some(parameters) = self.field.parameters.of(node) {
                    self.parameters(parameters, scope, context, reading);
                }
                self.body(node, context.with_scope(scope), reading);
            }
            _ => reading.push_children(node, context),
        }
    }
}
