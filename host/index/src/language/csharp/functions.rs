//! Methods, constructors, operators, local functions, lambdas, and their parameters.

use codestrata::model::{Attributes, Export, ExportTarget, node_kind};
use tree_sitter::Node;

use super::standard_members::STANDARD;
use super::{CSharp, Kind};
use crate::extract::{Base, Context, Hint, NodeRef, Purpose, Reading, Role, ScopeKind, ScopeRef, Sort, span};

impl CSharp {
    pub(super) fn method<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let attributes = self.function_attributes(node, reading);
        let scope = reading.sketch.scope(context.scope);
        let class = scope.members_of.filter(|_| scope.kind == ScopeKind::Members);
        let kind = if class.is_some() { node_kind::METHOD } else { node_kind::FUNCTION };
        let explicit = self.explicit_interface(node, reading);
        let own = self.field.name.of(node).map(|name| reading.text(name));
        let method = match (self.kind(node), explicit, own) {
            (Kind::Method, None, Some(name)) => {
                let method = reading.sketch.define(context.owner, name, kind, span(node), attributes);
                reading.sketch.bind_definition(context.scope, name, method);
                self.extend(node, name, method, reading);
                method
            }
            (_, explicit, own) => {
                let Some(name) = self.special_name(node, explicit, own, reading) else { return };
                let method = reading.sketch.define(context.owner, &name, kind, span(node), attributes);
                if name == "constructor"
                    && let Some(class) = class
                {
                    reading.sketch.add_member(class, "constructor", Some(method), Hint::Unset);
                }
                method
            }
        };
        self.function(node, context.with_owner(method), reading);
    }

    /// The name of a member that is not found by a name: `constructor`, `operator +`, `this[]`, `IStore.Save`.
    fn special_name<'t>(
        &self,
        node: Node<'t>,
        explicit: Option<&str>,
        own: Option<&str>,
        reading: &mut Reading<'_, 't>,
    ) -> Option<String> {
        let name = match self.kind(node) {
            Kind::Constructor if self.is("static", node, reading) => "static constructor".to_owned(),
            Kind::Constructor => "constructor".to_owned(),
            Kind::Destructor => format!("~{}", own?),
            Kind::Operator => format!("operator {}", reading.text(self.field.operator.of(node)?)),
            Kind::Conversion => format!("operator {}", reading.short_text(self.field.type_.of(node)?)?),
            Kind::Indexer => "this[]".to_owned(),
            _ => own?.to_owned(),
        };
        Some(match explicit {
            Some(interface) => format!("{interface}.{name}"),
            None => name,
        })
    }

    /// `static void Save(this User user)` is found as a member of `User` too: as one of a type of the method's namespace. It gives way to
    /// what the type has itself.
    fn extend<'t>(&self, node: Node<'t>, name: &str, method: NodeRef, reading: &mut Reading<'_, 't>) {
        let first = self.field.parameters.of(node).and_then(|parameters| parameters.named_child(0));
        let Some(first) = first.filter(|first| self.kind(*first) == Kind::Parameter) else { return };
        if !self.is("this", first, reading) {
            return;
        }
        reading.sketch.extensions.insert(method);
        let Some(declared) = self.field.type_.of(first) else { return };
        let extended = match self.type_names(declared, reading) {
            _ if self.kind(declared) == Kind::PredefinedType => reading.text(declared),
            Some((names, _)) if names.len() == 1 => names.first().copied().unwrap_or_default(),
            _ => return,
        };
        // Of these types it is known what they have, so what they have not is certainly the extension.
        let is_certain = self.kind(declared) == Kind::PredefinedType && !STANDARD.contain(name, true);
        let extension = if is_certain { "" } else { Export::EXTENSION };
        let name = format!("{extended}{extension}.{name}");
        reading.sketch.exports.push(Export { name, target: ExportTarget::Node(method) });
    }

    fn function_attributes<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> Attributes {
        let mut attributes = self.modifiers(node, reading);
        let returned = self.field.returns.of(node).or_else(|| self.field.type_.of(node));
        if let Some(text) = returned.and_then(|returned| reading.short_text(returned)) {
            attributes.insert("return_type", text.into());
        }
        attributes
    }

    /// Reads the inside of a function.
    fn function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        self.attributes_of(node, context, reading);
        let outside = self.type_parameters(node, context, reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        let inside = outside.with_scope(scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, scope, outside, reading);
        }
        let returned = self.field.returns.of(node).or_else(|| self.field.type_.of(node));
        reading.push_some(returned, outside.as_type(Role::Return));
        for part in reading.children(node) {
            if self.kind(part) == Kind::ConstructorInitializer {
                reading.push(part, inside);
            }
        }
        self.accessors(node, returned, inside, reading);
        // The value of an indexer without accessors.
        reading.push_some(self.field.value.of(node), inside);
        if let Some(body) = self.field.body.of(node) {
            reading.push_children(body, inside);
        }
    }

    /// Binds parameters, and reads their types and defaults.
    pub(super) fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        // `params int[] rest` has its parts in the list itself.
        let rest = (self.field.name.of(parameters), self.field.type_.of(parameters));
        for parameter in reading.children(parameters) {
            let (named, declared) = match self.kind(parameter) {
                Kind::Parameter => (self.field.name.of(parameter), self.field.type_.of(parameter)),
                Kind::AttributeList => {
                    reading.push(parameter, outside);
                    continue;
                }
                _ if Some(parameter) == rest.1 => rest,
                _ => continue,
            };
            let hint = self.hint_of_type(declared, outside.scope, reading);
            if let Some(named) = named {
                let name = reading.text(named);
                reading.sketch.bind_local(scope, name, hint);
            }
            reading.push_some(declared, outside.as_type(Role::Parameter));
            if self.kind(parameter) == Kind::Parameter {
                for part in reading.children(parameter) {
                    if Some(part) != named && Some(part) != declared {
                        reading.push(part, outside);
                    }
                }
            }
        }
    }

    /// A function in a function. One among the statements of a file is known there only.
    pub(super) fn local_function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let attributes = self.function_attributes(node, reading);
        let kind = node_kind::FUNCTION;
        let function = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        reading.sketch.bind_definition(context.scope, name, function);
        reading.sketch.hidden.insert(function);
        self.function(node, context.with_owner(function), reading);
    }

    /// `x => …`, `(int x) => { … }`, `delegate (int x) { … }`.
    pub(super) fn lambda<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        let parameters = self.field.parameters.of(node);
        match parameters {
            Some(list) if self.kind(list) == Kind::ParameterList => {
                self.parameters(list, scope, context, reading);
            }
            Some(single) => {
                let name = reading.text(single);
                reading.sketch.bind_nodeless(scope, name, Sort::Value, Hint::Unknown);
            }
            None => {}
        }
        let returned = self.field.type_.of(node);
        for part in reading.children(node) {
            if Some(part) == returned {
                reading.push(part, context.as_type(Role::Return));
            } else if Some(part) != parameters {
                reading.push(part, context.with_scope(scope));
            }
        }
    }
}

/// `: base(x)` and `: this(x)`.
pub(super) fn constructor_initializer<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let base = if reading.has_token(node, "this") { Base::Name("this") } else { Base::Super };
    reading.add_use(base, &["constructor"], span(node), Purpose::Call, context);
    reading.push_children(node, context);
}
