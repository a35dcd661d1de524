//! Classes, interfaces, traits and enums.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::namespaces::namespace_scope;
use super::{Kind, Php};
use crate::extract::{Base, Context, NodeRef, Purpose, Reading, ScopeKind, ScopeRef, span};

/// The name of a class that has none.
const ANONYMOUS: &str = "class@anonymous";

impl Php {
    pub(super) fn class<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let kind = match self.kind(node) {
            Kind::Interface => node_kind::INTERFACE,
            Kind::Trait => node_kind::TRAIT,
            Kind::Enum => node_kind::ENUM,
            _ => node_kind::CLASS,
        };
        let around = namespace_scope(context.scope, reading);
        let holder = reading.sketch.scope(around).members_of.unwrap_or(0);
        let attributes = modifiers(node, reading);
        let class = reading.sketch.define(holder, name, kind, span(node), attributes);
        reading.sketch.bind_definition(around, name, class);
        self.class_inside(node, class, around, context, reading);
    }

    /// `new class { … }`.
    pub(super) fn anonymous_class<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (owner, whole) = (context.owner, span(node));
        let class = reading.sketch.define(owner, ANONYMOUS, node_kind::CLASS, whole, Attributes::new());
        reading.sketch.hidden.insert(class);
        for part in reading.children(node) {
            if self.kind(part) == Kind::Arguments {
                reading.push(part, context);
            }
        }
        let around = namespace_scope(context.scope, reading);
        self.class_inside(node, class, around, context, reading);
    }

    fn class_inside<'t>(
        &self,
        node: Node<'t>,
        class: NodeRef,
        around: ScopeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let owned = context.with_owner(class).with_scope(around);
        reading.push_some(self.field.attributes.of(node), owned);
        for part in reading.children(node) {
            if matches!(self.kind(part), Kind::BaseClause | Kind::InterfaceClause) {
                for base in reading.children(part) {
                    self.base(base, owned, reading);
                }
            }
        }
        // Members are never named bare, so this scope has no names but these.
        let scope = reading.sketch.open_for(ScopeKind::Block, around, class);
        for object in ["$this", "self", "static"] {
            let binding = reading.sketch.bindings.entry((scope, object)).or_default();
            binding.local = true;
            binding.receiver = Some(class);
        }
        let Some(body) = self.field.body.of(node) else { return };
        let inside = owned.with_scope(scope);
        for part in reading.children(body) {
            match self.kind(part) {
                Kind::Method => self.method(part, class, inside, reading),
                Kind::Property => self.properties(part, class, inside, reading),
                Kind::Constants => self.class_constants(part, class, inside, reading),
                Kind::EnumCase => self.enum_case(part, class, inside, reading),
                Kind::UseTraits => {
                    for base in reading.children(part) {
                        self.base(base, owned, reading);
                    }
                }
                _ => reading.push(part, inside),
            }
        }
    }

    fn base<'t>(&self, base: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(name) = self.name_of(base, context, reading) {
            reading.add_use(Base::Name(name), &[], span(base), Purpose::Inherit, context);
        }
    }
}

/// `abstract`, `final`, `static` and what is not public.
pub(super) fn modifiers<'t>(node: Node<'t>, reading: &mut Reading<'_, 't>) -> Attributes {
    let mut attributes = Attributes::new();
    for part in reading.children(node) {
        let name = match part.kind() {
            "abstract_modifier" => "abstract",
            "final_modifier" => "final",
            "static_modifier" => "static",
            "visibility_modifier" => {
                // `private(set)` is about writing only.
                let text = reading.text(part).to_ascii_lowercase();
                if matches!(text.as_str(), "private" | "protected") {
                    attributes.insert("visibility", text.into());
                }
                continue;
            }
            _ => continue,
        };
        attributes.insert(name, true.into());
    }
    attributes
}
