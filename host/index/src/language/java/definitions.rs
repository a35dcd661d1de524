//! Classes, interfaces, enums, records, annotation types, their fields and constants.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{
    Context, Hint, NodeRef, Purpose, Reading, Role, ScopeKind, ScopeRef, Sort, TypePath, span,
};

/// What an anonymous class is called.
const ANONYMOUS: &str = "<anonymous>";

impl Java {
    pub(super) fn type_definition<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let kind = match node.kind() {
            "interface_declaration" | "annotation_type_declaration" => node_kind::INTERFACE,
            "enum_declaration" => node_kind::ENUM,
            _ => node_kind::CLASS,
        };
        let attributes = self.modifiers(node, reading);
        let class = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        reading.sketch.bind_definition(context.scope, name, class);
        let owned = context.with_owner(class);
        self.annotations(node, owned, reading);
        let outside = self.type_parameters(node, owned, reading);
        for part in reading.children(node) {
            if self.kind(part) == Kind::InheritedTypes {
                self.bases(part, outside, reading);
            }
        }
        let inside = outside.with_scope(open_class(class, outside.scope, reading));
        if let Some(components) = self.field.parameters.of(node) {
            for component in reading.children(components) {
                self.component(component, inside, reading);
            }
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    fn bases<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for base in reading.children(node) {
            if self.kind(base) == Kind::TypeList {
                for base in reading.children(base) {
                    self.use_type(base, Purpose::Inherit, context, reading);
                }
            } else {
                self.use_type(base, Purpose::Inherit, context, reading);
            }
        }
    }

    /// A component of a record: a field of it, and what reads it.
    fn component<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some((named, declared)) = self.parameter_parts(node, reading) else { return };
        let hint = match self.kind(node) {
            Kind::SpreadParameter => Hint::Plain,
            _ => self.hint_of_type(declared, context.scope, reading),
        };
        bind_field(named, node, declared, hint, Attributes::new(), context, reading);
    }

    /// `private final Client client = new Client(), other;`.
    pub(super) fn field_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let declared = self.field.type_.of(node);
        let attributes = self.modifiers(node, reading);
        let parts = reading.children(node);
        let declarators: Vec<_> =
            parts.into_iter().filter(|part| self.kind(*part) == Kind::Declarator).collect();
        for declarator in &declarators {
            let Some(named) = self.field.name.of(*declarator) else { continue };
            let whole = if declarators.len() == 1 { node } else { *declarator };
            let hint = self.declared_hint(*declarator, declared, context.scope, reading);
            let field = bind_field(named, whole, declared, hint, attributes.clone(), context, reading);
            let inside = context.with_owner(field);
            self.annotations(node, inside, reading);
            reading.push_some(self.field.value.of(*declarator), inside);
        }
    }

    /// The hint of a declared variable; `int x[]` is an array.
    pub(super) fn declared_hint<'s, 't>(
        &self,
        declarator: Node<'t>,
        declared: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match self.field.dimensions.of(declarator) {
            Some(_) => Hint::Plain,
            None => self.hint_of_type(declared, scope, reading),
        }
    }

    /// `RED(1) { … }`: an object of the enum. The methods in its body have no nodes.
    pub(super) fn enum_constant<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let hint = Hint::Instance(TypePath { scope: context.scope, names: vec!["this"] });
        let constant = declare_field(context, name, node, hint, Attributes::new(), reading);
        let inside = context.with_owner(constant);
        self.annotations(node, inside, reading);
        reading.push_some(self.field.arguments.of(node), inside);
        if let Some(body) = self.field.body.of(node) {
            let scope = reading.sketch.open(ScopeKind::Block, inside.scope);
            self.nodeless_body(body, inside.with_scope(scope), reading);
        }
    }

    /// `new Base() { … }`: a class without a name, which inherits from what it is made of.
    pub(super) fn anonymous<'t>(
        &self,
        creation: Node<'t>,
        base: Option<Node<'t>>,
        body: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let kind = node_kind::CLASS;
        let class = reading.sketch.define(context.owner, ANONYMOUS, kind, span(creation), Attributes::new());
        reading.sketch.hidden.insert(class);
        if let Some((names, last)) = base.and_then(|base| self.type_names(base, reading))
            && let Some((first, members)) = names.split_first()
        {
            let base = crate::extract::Base::Name(first);
            reading.add_use(base, members, span(last), Purpose::Inherit, context.with_owner(class));
        }
        let scope = open_class(class, context.scope, reading);
        self.nodeless_body(body, context.with_scope(scope), reading);
    }

    /// Reads the body of a class whose members have no nodes: what they use, the definition around them uses.
    fn nodeless_body<'t>(&self, body: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(body) {
            match self.kind(part) {
                Kind::Method => {
                    if let Some(name) = self.field.name.of(part).map(|name| reading.text(name)) {
                        reading.sketch.bind_nodeless(context.scope, name, Sort::Function, Hint::Unknown);
                    }
                    self.function(part, context, reading);
                }
                Kind::Field => self.local(part, context, reading),
                _ => reading.push(part, context),
            }
        }
    }
}

/// Opens the scope of a class, in which `this` is an object of it.
fn open_class(class: NodeRef, around: ScopeRef, reading: &mut Reading<'_, '_>) -> ScopeRef {
    let scope = reading.sketch.open_for(ScopeKind::Members, around, class);
    if let Some(binding) = reading.sketch.binding(scope, "this") {
        binding.local = true;
        binding.receiver = Some(class);
    }
    scope
}

/// Makes a field that is and stays what it is declared.
fn declare_field<'s, 't>(
    context: Context,
    name: &'s str,
    whole: Node<'t>,
    hint: Hint<'s>,
    attributes: Attributes,
    reading: &mut Reading<'s, 't>,
) -> NodeRef {
    let Context { scope, owner, .. } = context;
    let field = reading.sketch.bind_variable(scope, owner, name, span(whole), hint.clone(), attributes);
    if let Some(binding) = reading.sketch.binding(scope, name) {
        binding.declare(hint.clone());
    }
    if let Some(class) = reading.sketch.scope(scope).members_of {
        reading.sketch.declare_member(class, name, hint);
    }
    field.unwrap_or(owner)
}

/// Makes a field, uses its type, and returns its node.
fn bind_field<'s, 't>(
    named: Node<'t>,
    whole: Node<'t>,
    declared: Option<Node<'t>>,
    hint: Hint<'s>,
    mut attributes: Attributes,
    context: Context,
    reading: &mut Reading<'s, 't>,
) -> NodeRef {
    let name = reading.text(named);
    if let Some(text) = declared.and_then(|declared| reading.short_text(declared)) {
        attributes.insert("type_hint", text.into());
    }
    let field = declare_field(context, name, whole, hint, attributes, reading);
    reading.push_some(declared, context.with_owner(field).as_type(Role::Variable));
    field
}
