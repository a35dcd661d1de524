//! Templates, aliases and concepts.

use codestrata::model::node_kind;
use tree_sitter::Node;

use crate::extract::{Context, Hint, Mode, Reading, Role, ScopeKind, ScopeRef, span};
use crate::language::c::{CFamily, Kind, Site, define_type};

impl CFamily {
    /// `template <…>` before anything: what follows is read with the parameters in scope.
    pub(super) fn template<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut templates = Vec::new();
        let mut conditions = Vec::new();
        let mut here = node;
        let declared = loop {
            let parameters = self.field.parameters.of(here);
            templates.extend(parameters);
            let mut parts = reading.children(here);
            parts.retain(|part| Some(*part) != parameters);
            let (clauses, mut rest): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(|part| part.kind() == "requires_clause");
            conditions.extend(clauses);
            match rest.pop() {
                Some(inner) if self.kind(inner) == Kind::Template => here = inner,
                last => break last,
            }
        };
        let site = Site { whole: node, templates: &templates, context };
        if !conditions.is_empty() {
            let scope = self.template_scope(&templates, context.scope, context, reading);
            for condition in conditions {
                reading.push(condition, context.with_scope(scope));
            }
        }
        let Some(declared) = declared else { return };
        match self.kind(declared) {
            Kind::Function => self.function_definition(declared, site, reading),
            Kind::Declaration | Kind::Field => self.declaration(declared, site, reading),
            Kind::Struct => self.structure(declared, None, site, reading),
            Kind::Alias => self.alias(declared, site, reading),
            Kind::Concept => self.concept(declared, site, reading),
            Kind::Friend => self.friend(declared, site, reading),
            _ => {
                let scope = self.template_scope(&templates, context.scope, context, reading);
                reading.push(declared, context.with_scope(scope));
            }
        }
    }

    /// A scope with the parameters of templates; the scope around them if there are none.
    pub(in crate::language) fn template_scope<'t>(
        &self,
        templates: &[Node<'t>],
        around: ScopeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> ScopeRef {
        if templates.is_empty() {
            return around;
        }
        let scope = reading.sketch.open(ScopeKind::Block, around);
        let inside = context.with_scope(scope).with_mode(Mode::Value);
        for list in templates {
            for parameter in reading.children(*list) {
                self.template_parameter(parameter, inside, reading);
            }
        }
        scope
    }

    fn template_parameter<'t>(&self, parameter: Node<'t>, inside: Context, reading: &mut Reading<'_, 't>) {
        let types = inside.as_type(Role::Parameter);
        if self.kind(parameter) != Kind::TypeParameter {
            let declared = self.field.declarator.of(parameter).map(|node| self.declarator(node));
            if let Some(name) = declared.and_then(|declared| declared.name) {
                reading.sketch.bind_local(inside.scope, reading.text(name), Hint::Unknown);
            }
            reading.push_some(self.field.type_.of(parameter), types);
            return reading.push_some(self.field.default_value.of(parameter), inside);
        }
        // `template <typename> class Name` has its name in the last of its parts.
        let mut named = self.field.name.of(parameter).or_else(|| reading.children(parameter).pop());
        while let Some(inner) = named.filter(|named| self.kind(*named) == Kind::TypeParameter) {
            named = self.field.name.of(inner).or_else(|| inner.named_child(0));
        }
        if let Some(name) = named.filter(|named| self.kind(*named) == Kind::TypeIdentifier) {
            reading.sketch.bind_local(inside.scope, reading.text(name), Hint::Unknown);
        }
        reading.push_some(self.field.default_type.of(parameter), types);
    }

    /// `using Name = Type;`
    pub(super) fn alias<'t>(&self, node: Node<'t>, site: Site<'_, 't>, reading: &mut Reading<'_, 't>) {
        let context = site.context;
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let type_ = self.field.type_.of(node);
        let alias = define_type(name, node_kind::TYPE, span(site.whole), context, reading);
        let hint = self.hint_of_type(type_, context.scope, reading);
        reading.sketch.bind_type(context.scope, name, alias, hint);
        let inside = context.with_owner(alias);
        let scope = self.template_scope(site.templates, context.scope, inside, reading);
        reading.push_some(type_, inside.with_scope(scope).as_type(Role::Variable));
    }

    pub(super) fn concept<'t>(&self, node: Node<'t>, site: Site<'_, 't>, reading: &mut Reading<'_, 't>) {
        let context = site.context;
        let Some(named) = self.field.name.of(node) else { return };
        let name = reading.text(named);
        let concept = define_type(name, node_kind::TYPE, span(site.whole), context, reading);
        if let Some(node) = reading.sketch.nodes.get_mut(concept as usize) {
            node.attributes.insert("concept", true.into());
        }
        reading.sketch.bind_type(context.scope, name, concept, Hint::Unknown);
        let inside = context.with_owner(concept);
        let scope = self.template_scope(site.templates, context.scope, inside, reading);
        for part in reading.children(node) {
            if part != named {
                reading.push(part, inside.with_scope(scope));
            }
        }
    }
}
