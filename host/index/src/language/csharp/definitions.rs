//! Classes, structures, interfaces, records, enums, delegates.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{
    Base, Context, Hint, NodeRef, Purpose, Reading, Role, ScopeKind, ScopeRef, TypePath, span,
};

impl CSharp {
    pub(super) fn type_definition<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let kind = match node.kind() {
            "interface_declaration" => node_kind::INTERFACE,
            "struct_declaration" => node_kind::STRUCT,
            "enum_declaration" => node_kind::ENUM,
            "delegate_declaration" => node_kind::TYPE,
            "record_declaration" if reading.has_token(node, "struct") => node_kind::STRUCT,
            _ => node_kind::CLASS,
        };
        // A further part of a partial type goes on with the first one.
        let known = reading.sketch.bindings.get(&(context.scope, name)).and_then(|bound| bound.definition);
        let known = known.filter(|_| self.is("partial", node, reading));
        let definition = known.unwrap_or_else(|| {
            let attributes = self.modifiers(node, reading);
            reading.sketch.define(context.owner, name, kind, span(node), attributes)
        });
        reading.sketch.bind_definition(context.scope, name, definition);
        if self.is("file", node, reading) {
            reading.sketch.hidden.insert(definition);
        }
        let owned = context.with_owner(definition);
        let outside = self.type_parameters(node, owned, reading);
        if self.kind(node) == Kind::Delegate {
            self.attributes_of(node, owned, reading);
            reading.push_some(self.field.type_.of(node), outside.as_type(Role::Return));
            if let Some(parameters) = self.field.parameters.of(node) {
                let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
                self.parameters(parameters, scope, outside, reading);
            }
            return;
        }
        let scope = open_class(definition, outside.scope, reading);
        let inside = outside.with_scope(scope);
        // They see what the type defines.
        self.attributes_of(node, inside, reading);
        let is_record = node.kind() == "record_declaration";
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::BaseList => self.bases(part, outside, inside, reading),
                Kind::ParameterList if is_record => self.components(part, inside, reading),
                Kind::ParameterList => self.parameters(part, outside.scope, outside, reading),
                Kind::Preprocessor => reading.push(part, inside),
                _ => {}
            }
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    /// `: Base(x), IStore<User>`. What is given to the base's constructor is seen from inside of the class.
    fn bases<'t>(&self, node: Node<'t>, outside: Context, inside: Context, reading: &mut Reading<'_, 't>) {
        let mut left = reading.children(node);
        left.reverse();
        while let Some(base) = left.pop() {
            match self.kind(base) {
                Kind::PrimaryBase => left.extend(reading.children(base).into_iter().rev()),
                Kind::ArgumentList => {
                    reading.add_use(Base::Super, &["constructor"], span(base), Purpose::Call, inside);
                    reading.push(base, inside);
                }
                Kind::PredefinedType => {}
                _ => self.use_type(base, Purpose::Inherit, outside, reading),
            }
        }
    }

    /// The parameters of a record are properties of it.
    fn components<'t>(&self, parameters: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for parameter in reading.children(parameters) {
            let Some(named) = self.field.name.of(parameter) else { continue };
            let declared = self.field.type_.of(parameter);
            let attributes = Attributes::from([("property", true.into()), ("visibility", "public".into())]);
            self.bind_field(named, parameter, declared, attributes, context, reading);
            self.attributes_of(parameter, context, reading);
        }
    }

    pub(super) fn enum_member<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let hint = Hint::Instance(TypePath { scope: context.scope, names: vec!["this"] });
        let attributes = self.modifiers(node, reading);
        let constant = declare_field(context, name, node, hint, attributes, reading);
        let inside = context.with_owner(constant);
        self.attributes_of(node, inside, reading);
        reading.push_some(self.field.value.of(node), inside);
    }
}

/// Opens the scope of a type, in which `this` is an object of it.
fn open_class(class: NodeRef, around: ScopeRef, reading: &mut Reading<'_, '_>) -> ScopeRef {
    let scope = reading.sketch.open_for(ScopeKind::Members, around, class);
    if let Some(binding) = reading.sketch.binding(scope, "this") {
        binding.local = true;
        binding.receiver = Some(class);
    }
    scope
}

/// Makes a field that is and stays what it is declared.
pub(super) fn declare_field<'s, 't>(
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
