//! Classes, interfaces, enums, and the members of object literals.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::spots::{Spot, names_of};
use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, Mode, NodeRef, Purpose, Reading, Role, ScopeKind, span};

impl EcmaScript {
    /// A class with a name gets a node where it is declared. A class in an expression gets none by itself; see
    /// `declarator`.
    pub(super) fn class_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let name = self.field.name.of(node).map(|name| reading.text(name));
        let Some(name) = name.filter(|_| node.kind() != "class") else {
            return self.class(node, None, context, reading);
        };
        let class = self.declared_part(node, name, node_kind::CLASS, context, reading);
        reading.sketch.bind_definition(context.scope, name, class);
        self.class(node, Some(class), context, reading);
    }

    /// Reads a class. `class` is its node, if it has one.
    pub(super) fn class<'t>(
        &self,
        node: Node<'t>,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let owned = context.with_owner(class.unwrap_or(context.owner));
        let outside = self.type_parameters(node, owned, reading);
        let scope = match class {
            Some(class) => reading.sketch.open_for(ScopeKind::Block, outside.scope, class),
            None => reading.sketch.open(ScopeKind::Block, outside.scope),
        };
        if let Some(binding) = reading.sketch.binding(scope, "this") {
            binding.local = true;
            binding.receiver = class;
        }
        // The name of a class in an expression is known inside of it only.
        if node.kind() == "class"
            && let Some(name) = self.field.name.of(node)
        {
            let name = reading.text(name);
            match class {
                Some(class) => {
                    if let Some(binding) = reading.sketch.binding(scope, name) {
                        binding.definition = Some(class);
                    }
                }
                None => reading.sketch.bind_local(scope, name, Hint::Unknown),
            }
        }
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::ClassHeritage => self.heritage(part, outside, reading),
                Kind::Decorator => reading.push(part, owned),
                _ => {}
            }
        }
        if let Some(body) = self.field.body.of(node) {
            self.class_body(body, class, outside.with_scope(scope), reading);
        }
    }

    fn heritage<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::Extends => {
                    let arguments = self.field.type_arguments.of(part);
                    reading.push_some(arguments, context.as_type(Role::Variable));
                    for base in reading.children(part) {
                        if Some(base) != arguments {
                            self.base(base, context, reading);
                        }
                    }
                }
                Kind::Implements => self.base_types(part, context, reading),
                _ => self.base(part, context, reading),
            }
        }
    }

    /// `extends ns.Base`, or `extends mixin(Base)`, which names no base.
    fn base<'t>(&self, base: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if !matches!(self.kind(base), Kind::Identifier | Kind::Member) {
            return reading.push(base, context);
        }
        let chain = self.chain(base, reading);
        reading.use_chain(&chain, Purpose::Inherit, context);
        reading.push_some(chain.rest, context);
    }

    /// `implements A, B<T>`, and `extends A, B<T>` of an interface.
    fn base_types<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for base in reading.children(node) {
            let named = match self.kind(base) {
                Kind::GenericType => self.field.name.of(base),
                _ => Some(base),
            };
            match named.filter(|named| matches!(self.kind(*named), Kind::TypeIdentifier | Kind::NestedType)) {
                Some(named) => self.use_type(named, Purpose::Inherit, context, reading),
                None => reading.push(base, context.as_type(Role::Variable)),
            }
            reading.push_some(self.field.type_arguments.of(base), context.as_type(Role::Variable));
        }
    }

    fn class_body<'t>(
        &self,
        body: Node<'t>,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut decorators = Vec::new();
        for part in reading.children(body) {
            let member = match self.kind(part) {
                Kind::Decorator => {
                    decorators.push(part);
                    continue;
                }
                Kind::Method | Kind::MethodSignature => self.method(part, class, context, reading),
                Kind::Field => self.class_field(part, class, context, reading),
                _ => {
                    let is_static = part.kind() == "class_static_block";
                    let inside = of_class(class.filter(|_| is_static), context, reading);
                    reading.push(part, inside);
                    continue;
                }
            };
            for decorator in decorators.drain(..) {
                reading.push(decorator, context.with_owner(member));
            }
        }
    }

    /// Reads a method, and returns its node or, where it has none, the one around it.
    pub(super) fn method<'t>(
        &self,
        node: Node<'t>,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> NodeRef {
        let name = self.property_name(self.field.name.of(node), context, reading);
        let method = name.zip(class).map(|(name, class)| {
            let known_as = known_as(node, name, reading);
            let earlier = reading.sketch.members.get(&(class, known_as)).and_then(|member| member.node);
            let earlier = self
                .overloaded(earlier, node, reading)
                .or_else(|| self.of_other_part(earlier, node, reading));
            earlier.unwrap_or_else(|| {
                let attributes = self.function_attributes(node, reading);
                let method = reading.sketch.define(class, name, node_kind::METHOD, span(node), attributes);
                self.note_signature(node, method, reading);
                reading.sketch.add_member(class, known_as, Some(method), Hint::Unset);
                method
            })
        });
        self.function_of(node, method, class, context, reading);
        method.unwrap_or(context.owner)
    }

    /// A field that holds a function is a method. `this` in its initializer is the object.
    pub(super) fn class_field<'t>(
        &self,
        node: Node<'t>,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> NodeRef {
        let is_static = reading.has_token(node, "static");
        let context = of_class(class.filter(|_| is_static), context, reading);
        let named = self.field.name.of(node).or_else(|| self.field.property.of(node));
        let name = self.property_name(named, context, reading);
        let annotation = self.field.type_.of(node);
        let value = self.field.value.of(node);
        let function =
            value.filter(|value| matches!(self.kind(*value), Kind::Arrow | Kind::FunctionExpression));
        let member = name.zip(class).map(|(name, class)| {
            let kind = if function.is_some() { node_kind::METHOD } else { node_kind::VARIABLE };
            let mut attributes = match function {
                Some(function) => self.function_attributes(function, reading),
                None => type_attributes(annotation, reading),
            };
            self.note_visibility(node, &mut attributes, reading);
            (name, class, reading.sketch.define(class, name, kind, span(node), attributes))
        });
        let hint = self.hint_of_field(annotation, value, member.map(|(.., member)| member), context, reading);
        if let Some((name, class, member)) = member {
            let name = known_as(node, name, reading);
            if annotation.is_some() {
                reading.sketch.declare_member(class, name, hint.clone());
            }
            reading.sketch.add_member(class, name, Some(member), hint);
        }
        let member = member.map(|(.., member)| member);
        let inside = context.with_owner(member.unwrap_or(context.owner));
        reading.push_some(annotation, inside.with_mode(Mode::Type(Role::Variable)));
        let is_asserted = value.is_some_and(|value| self.asserted(value, reading).is_some());
        match function {
            Some(function) => self.function_of(function, member, class, inside, reading),
            None => match (member, value.and_then(|value| self.literal(value, reading))) {
                (Some(member), Some(literal)) if annotation.is_none() && !is_asserted => {
                    self.object_of(literal, &Spot::of(member), 0, inside, reading);
                }
                _ => reading.push_some(value, inside),
            },
        }
        for part in reading.children(node) {
            if self.kind(part) == Kind::Decorator {
                reading.push(part, inside);
            }
        }
        inside.owner
    }

    /// What a field is, by its annotation or its value.
    fn hint_of_field<'s, 't>(
        &self,
        annotation: Option<Node<'t>>,
        value: Option<Node<'t>>,
        member: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let spot = |reading: &mut Reading<'s, 't>| match member {
            Some(member) => Spot::of(member),
            None => Spot::unnamed(context.owner, reading),
        };
        let hint = match self.hint_of_shape(annotation, spot, context, reading) {
            Hint::Unset => match self.hint_of_made_container(value, spot, context, reading) {
                Hint::Unset => self.hint_of_value(value, context.scope, reading),
                hint => hint,
            },
            hint => hint,
        };
        if let (Some(annotation), Some(value)) = (annotation, value) {
            let names = names_of(&hint, context.scope, annotation, reading);
            self.note_expected(value, names, reading);
        }
        hint
    }

    /// The name of a member, unless it is computed; then what computes it is read.
    pub(super) fn property_name<'s, 't>(
        &self,
        name: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Option<&'s str> {
        let name = name?;
        if self.kind(name) == Kind::ComputedName {
            reading.push(name, context.with_mode(Mode::Value));
            return None;
        }
        let text = reading.text(name).trim_matches(['"', '\'']);
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn interface<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let interface = self.declared_part(node, name, node_kind::INTERFACE, context, reading);
        reading.sketch.bind_type(context.scope, name, interface, Hint::Unset);
        let outside = self.type_parameters(node, context.with_owner(interface), reading);
        let inside = outside.with_scope(reading.sketch.open(ScopeKind::Block, outside.scope));
        if let Some(binding) = reading.sketch.binding(inside.scope, "this") {
            binding.local = true;
            binding.receiver = Some(interface);
        }
        for part in reading.children(node) {
            if self.kind(part) == Kind::ExtendsTypes {
                self.base_types(part, inside, reading);
            }
        }
        let Some(body) = self.field.body.of(node) else { return };
        let parts = reading.children(body);
        let is_call = |part: &Node<'_>| part.kind() == "call_signature";
        let calls: Vec<_> = parts.iter().copied().filter(is_call).collect();
        self.tell_calls(interface, &calls, inside, reading);
        let mut methods = Vec::new();
        for part in parts {
            match self.kind(part) {
                Kind::PropertySignature => {
                    self.class_field(part, Some(interface), inside, reading);
                }
                Kind::MethodSignature => {
                    let method = self.method(part, Some(interface), inside, reading);
                    methods.push(method);
                }
                _ => reading.push(part, inside.as_type(Role::Variable)),
            }
        }
        for method in methods {
            reading.sketch.signatures.remove(&method);
        }
    }

    /// The constants of an enum are variables of it.
    pub(super) fn enumeration<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let enumeration =
            reading.sketch.define(context.owner, name, node_kind::ENUM, span(node), Attributes::new());
        reading.sketch.bind_definition(context.scope, name, enumeration);
        let Some(body) = self.field.body.of(node) else { return };
        for part in reading.children(body) {
            let is_assigned = self.kind(part) == Kind::EnumAssignment;
            let named = if is_assigned { self.field.name.of(part) } else { Some(part) };
            let Some(name) = self.property_name(named, context, reading) else { continue };
            let constant =
                reading.sketch.define(enumeration, name, node_kind::VARIABLE, span(part), Attributes::new());
            reading.sketch.add_member(enumeration, name, Some(constant), Hint::Unset);
            if is_assigned {
                reading.push_some(self.field.value.of(part), context.with_owner(constant));
            }
        }
    }

    /// A method of an object literal that has no node.
    pub(super) fn object_method<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        self.method(node, None, context, reading);
    }
}

/// The name under which a member is known in its class: one of the class itself beside one of its objects.
fn known_as<'s, 't>(member: Node<'t>, name: &'s str, reading: &mut Reading<'s, 't>) -> &'s str {
    if !reading.has_token(member, "static") {
        return name;
    }
    let made = reading.make_name(&format!("static {name}"));
    reading.sketch.static_names.entry(name).or_insert(made)
}

/// Where `this` is the class itself, if there is one: `static made = this.make()`.
fn of_class(class: Option<NodeRef>, context: Context, reading: &mut Reading<'_, '_>) -> Context {
    let Some(class) = class else { return context };
    let scope = reading.sketch.open(ScopeKind::Block, context.scope);
    if let Some(binding) = reading.sketch.binding(scope, "this") {
        binding.local = true;
        binding.receiver = Some(class);
        binding.is_class = true;
    }
    context.with_scope(scope)
}

/// The attribute with a variable's annotation.
pub(super) fn type_attributes(annotation: Option<Node<'_>>, reading: &Reading<'_, '_>) -> Attributes {
    let text = annotation.and_then(|annotation| reading.short_text(annotation));
    let text = text.map(|text| ("type_hint".to_owned(), text.trim_start_matches([':', ' ']).into()));
    text.into_iter().collect()
}
