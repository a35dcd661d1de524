//! What only classes have: bases, friends, initialisers of members.

use codestrata::model::node_kind;
use tree_sitter::Node;

use crate::extract::{Context, Purpose, Reading, ScopeKind};
use crate::language::c::{CFamily, Kind, Site};

impl CFamily {
    /// `: public Base, private Other<T>`
    pub(in crate::language) fn bases<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for base in reading.children(node) {
            if matches!(self.kind(base), Kind::TypeIdentifier | Kind::Qualified | Kind::TemplateType) {
                self.use_type_for(base, Purpose::Inherit, context, reading);
            }
        }
    }

    /// Notes which parts of the body of a class only the class sees.
    pub(in crate::language) fn note_private_parts<'t>(
        body: Node<'t>,
        kind: &str,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut is_private = kind == node_kind::CLASS;
        for part in reading.children(body) {
            if part.kind() == "access_specifier" {
                is_private = reading.text(part) == "private";
            } else if is_private {
                reading.sketch.private_parts.insert(crate::extract::span(part).start_byte);
            }
        }
    }

    /// A function that is defined where it is made a friend belongs to what is around the class. A mere `friend`
    /// defines nothing.
    pub(super) fn friend<'t>(&self, node: Node<'t>, site: Site<'_, 't>, reading: &mut Reading<'_, 't>) {
        let function = reading.children(node).into_iter().find(|part| self.kind(*part) == Kind::Function);
        let Some(function) = function else { return };
        let mut scope = reading.sketch.scope(site.context.scope);
        let mut around = site.context.scope;
        while let Some(parent) = scope.parent.filter(|_| scope.kind != ScopeKind::Module) {
            around = parent;
            scope = reading.sketch.scope(parent);
        }
        let owner = scope.members_of.unwrap_or(0);
        let context = site.context.with_scope(around).with_owner(owner);
        self.function_definition(function, Site { context, ..site }, reading);
    }

    /// `: Base(x), member(y)` of a constructor.
    pub(super) fn field_initializer<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for part in reading.children(node) {
            if matches!(part.kind(), "argument_list" | "initializer_list") {
                reading.push(part, context);
                continue;
            }
            let Some(names) = self.names(part, false, reading) else { continue };
            let Some((first, rest)) = names.parts.split_first() else { continue };
            let bound = reading.sketch.look_up(context.scope, first).and_then(|(_, bound)| bound.definition);
            let kind = bound.and_then(|node| reading.sketch.nodes.get(node as usize));
            let is_class = kind.is_some_and(|node| node_kind::has_members(&node.kind));
            let purpose = if is_class { Purpose::Instantiate } else { Purpose::Access };
            let at = crate::extract::span(names.last);
            reading.add_use(crate::extract::Base::Name(first), rest, at, purpose, context);
            for argument in names.arguments {
                reading.push(argument, context.as_type(crate::extract::Role::Variable));
            }
        }
    }
}
