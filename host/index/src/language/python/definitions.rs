//! Functions, classes, and what decorates them.

use codestrata::model::{Attributes, ExportTarget, Target, node_kind};
use tree_sitter::Node;

use super::expressions::purpose_of_call;
use super::values::{FunctionScope, Receiver};
use super::{Kind, Python};
use crate::extract::{
    Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeKind, ScopeRef, TypePath, span,
};

impl Python {
    /// Decorators are called, by the thing that they decorate: who asks what depends on a decorator gets to know
    /// what is decorated.
    pub(super) fn decorated<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(definition) = self.field.definition.of(node) else { return };
        match self.kind(definition) {
            Kind::Class => self.class(definition, Some(node), context, reading),
            _ => self.function(definition, Some(node), context, reading),
        }
    }

    /// Reads the decorators, and returns their names.
    fn decorators<'t>(
        &self,
        decorated: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Vec<String> {
        let mut names = Vec::new();
        let Some(decorated) = decorated else { return names };
        for decorator in reading.children(decorated) {
            if self.kind(decorator) != Kind::Decorator {
                continue;
            }
            for expression in reading.children(decorator) {
                match self.kind(expression) {
                    Kind::Attribute | Kind::Identifier => {
                        let chain = self.chain(expression, context.scope, reading);
                        // `@value.setter` is a part of the property, not a call.
                        if matches!(chain.members.as_slice(), ["setter" | "getter" | "deleter"]) {
                            continue;
                        }
                        reading.use_chain(&chain, purpose_of_call(&chain), context);
                        reading.push_some(chain.rest, context);
                    }
                    _ => reading.push(expression, context),
                }
                let called = self.field.function.of(expression).unwrap_or(expression);
                names.extend(reading.short_text(called).map(str::to_owned));
            }
        }
        names
    }

    pub(super) fn function<'t>(
        &self,
        node: Node<'t>,
        decorated: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let class = match reading.sketch.scope(context.scope) {
            scope if scope.kind == ScopeKind::Class => scope.members_of,
            _ => None,
        };
        let kind = if class.is_some() { node_kind::METHOD } else { node_kind::FUNCTION };
        let attributes = self.function_attributes(node, reading);
        let whole = span(decorated.unwrap_or(node));
        let is_overload = self.is_overload(decorated, reading);
        let earlier = reading.sketch.bindings.get(&(context.scope, name)).and_then(|bound| bound.definition);
        let function = match earlier.filter(|earlier| reading.sketch.signatures.contains(earlier)) {
            Some(earlier) => {
                reading.sketch.continue_to(earlier, whole);
                earlier
            }
            None => reading.sketch.define(context.owner, name, kind, whole, attributes),
        };
        if is_overload {
            reading.sketch.signatures.insert(function);
        } else {
            reading.sketch.signatures.remove(&function);
        }
        reading.sketch.bind_definition(context.scope, name, function);
        note_alternative(name, function, node, context, reading);
        let outside = context.with_owner(function);
        let decorators = self.decorators(decorated, outside, reading);
        let is_static = decorators.iter().any(|decorator| decorator == "staticmethod") && name != "__new__";
        let outside = self.type_parameters(node, outside, reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        let mut receiver = None;
        if let Some(parameters) = self.field.parameters.of(node) {
            let class = class.filter(|_| !is_static);
            self.parameters(parameters, scope, class, outside, reading);
            let first = class.and_then(|_| parameters.named_child(0));
            receiver = first.and_then(|first| self.receiver(first, name, &decorators, scope, reading));
        }
        let function_scope = FunctionScope { function, outside: outside.scope, inside: scope, receiver };
        self.results(node, &function_scope, &decorators, reading);
        if !is_overload {
            note_decorators(decorators, function, reading);
        }
        if let Some(returned) = self.field.return_type.of(node) {
            reading.push_children(returned, outside.with_mode(Mode::Type(Role::Return)));
        }
        reading.push_some(self.field.body.of(node), outside.with_scope(scope));
    }

    /// The first parameter of a method: an object, or the class itself.
    fn receiver<'s, 't>(
        &self,
        parameter: Node<'t>,
        method: &str,
        decorators: &[String],
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Option<Receiver<'s, 't>> {
        let named = match self.kind(parameter) {
            Kind::Identifier => parameter,
            _ => parameter.named_child(0).filter(|named| self.kind(*named) == Kind::Identifier)?,
        };
        let name = reading.text(named);
        let is_class = name == "cls"
            || decorators.iter().any(|decorator| decorator == "classmethod")
            || matches!(method, "__new__" | "__init_subclass__" | "__class_getitem__");
        let binding = reading.sketch.binding(scope, name)?;
        binding.receiver?;
        binding.is_class = is_class;
        Some(Receiver { name, is_class, annotation: self.field.type_.of(parameter) })
    }

    /// Whether a function is one of several signatures under `@overload`, of which the last definition of the name is
    /// the implementation: one function for who calls it, and so one node.
    fn is_overload<'t>(&self, decorated: Option<Node<'t>>, reading: &mut Reading<'_, 't>) -> bool {
        let Some(decorated) = decorated else { return false };
        reading.children(decorated).into_iter().any(|decorator| {
            let name = reading.text(decorator).trim_start_matches('@').trim();
            self.kind(decorator) == Kind::Decorator && (name == "overload" || name.ends_with(".overload"))
        })
    }

    fn function_attributes<'t>(&self, node: Node<'t>, reading: &Reading<'_, 't>) -> Attributes {
        let mut attributes = Attributes::new();
        if node.child(0).is_some_and(|token| token.kind() == "async") {
            attributes.insert("async", true.into());
        }
        if let Some(text) = self.field.return_type.of(node).and_then(|returned| reading.short_text(returned))
        {
            attributes.insert("return_type", text.into());
        }
        attributes
    }

    /// The scope of `[T: Bound]`, if there is one: its names are local to the definition.
    fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let Some(parameters) = self.field.type_parameters.of(node) else { return context };
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let context = context.with_scope(scope);
        for mut parameter in reading.children(parameters) {
            let mut first = true;
            let mut hint = Hint::Unknown;
            while matches!(self.kind(parameter), Kind::Type | Kind::ConstrainedType) {
                let parts = reading.children(parameter);
                if !first && let Some(bound) = parts.get(1) {
                    hint = self.hint_of_alias(*bound, scope, reading);
                    reading.push(*bound, context.with_mode(Mode::Type(Role::Variable)));
                }
                let Some(inner) = parts.first() else { break };
                first = false;
                parameter = *inner;
            }
            let name = reading.text(parameter);
            reading.sketch.bind_local(scope, name, hint);
            Self::note_type_variable(name, scope, reading);
        }
        context
    }

    /// Binds parameters, and reads their annotations and defaults, which stand outside of the function's scope.
    pub(super) fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        receiver: Option<u32>,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut receiver = receiver;
        for parameter in reading.children(parameters) {
            let annotation = self.field.type_.of(parameter);
            let declared =
                annotation.map_or(Hint::Unset, |type_| self.hint_of_type(type_, outside.scope, reading));
            let hint = match self.kind(parameter) {
                Kind::Parameter if declared == Hint::Unset => {
                    self.hint_of_default(parameter, outside.scope, reading)
                }
                Kind::Parameter => declared,
                // Of a parameter without a default nothing is said.
                Kind::Identifier => Hint::Unset,
                _ => Hint::Unknown,
            };
            let named = match self.kind(parameter) {
                Kind::Parameter => {
                    let first = || parameter.named_child(0);
                    self.field.name.of(parameter).or_else(first)
                }
                _ => Some(parameter),
            };
            let Some(named) = named else { continue };
            if let (Kind::Identifier, Some(class)) = (self.kind(named), receiver) {
                let name = reading.text(named);
                if let Some(binding) = reading.sketch.binding(scope, name) {
                    binding.local = true;
                    binding.receiver = Some(class);
                }
            } else {
                let builtin = |name| TypePath { scope: outside.scope, names: vec![name] };
                let hint = match (self.kind(named), hint) {
                    (Kind::Identifier, hint) => hint,
                    // `*args: A` is a tuple of such.
                    (Kind::Splat, Hint::Instance(item)) => Hint::Items(item, builtin("tuple")),
                    (Kind::DictionarySplat, Hint::Instance(item)) => Hint::Entries(item, builtin("dict")),
                    (Kind::Splat | Kind::DictionarySplat, _) => Hint::Container,
                    _ => Hint::Unknown,
                };
                self.bind_parameter(named, scope, &hint, reading);
            }
            receiver = None;
            if let Some(annotation) = annotation {
                reading.push_children(annotation, outside.with_mode(Mode::Type(Role::Parameter)));
            }
            reading.push_some(self.field.value.of(parameter), outside);
        }
    }

    /// What a parameter is by its default. A number or a truth value may stand for no object at all.
    fn hint_of_default<'s, 't>(
        &self,
        parameter: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match self.field.value.of(parameter) {
            Some(value) if matches!(self.kind(value), Kind::Number) => Hint::Unknown,
            value => self.hint_of_value(value, scope, reading),
        }
    }

    fn bind_parameter<'s, 't>(
        &self,
        parameter: Node<'t>,
        scope: ScopeRef,
        hint: &Hint<'s>,
        reading: &mut Reading<'s, 't>,
    ) {
        let mut left = vec![parameter];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Identifier => reading.sketch.bind_local(scope, reading.text(node), hint.clone()),
                Kind::Splat | Kind::DictionarySplat | Kind::Sequence => left.extend(reading.children(node)),
                _ => {}
            }
        }
    }

    pub(super) fn lambda<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, scope, None, context, reading);
        }
        reading.push_some(self.field.body.of(node), context.with_scope(scope));
    }

    pub(super) fn class<'t>(
        &self,
        node: Node<'t>,
        decorated: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let whole = span(decorated.unwrap_or(node));
        let class = reading.sketch.define(context.owner, name, node_kind::CLASS, whole, Attributes::new());
        reading.sketch.bind_definition(context.scope, name, class);
        note_alternative(name, class, node, context, reading);
        let outside = context.with_owner(class);
        let decorators = self.decorators(decorated, outside, reading);
        note_decorators(decorators, class, reading);
        let outside = self.type_parameters(node, outside, reading);
        if let Some(bases) = self.field.superclasses.of(node) {
            self.bases(bases, outside, reading);
        }
        let scope = reading.sketch.open_for(ScopeKind::Class, outside.scope, class);
        reading.push_some(self.field.body.of(node), outside.with_scope(scope));
    }

    /// `class C(a.Base[T], metaclass=Meta)`: a base, what parametrises it, and a value.
    fn bases<'t>(&self, bases: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for base in reading.children(bases) {
            let (named, parameters) = match self.kind(base) {
                Kind::Subscript => {
                    let named = self.field.value.of(base);
                    let rest = reading.children(base).into_iter().filter(|part| Some(*part) != named);
                    (named, rest.collect())
                }
                Kind::Identifier | Kind::Attribute => (Some(base), Vec::new()),
                kind => {
                    if !matches!(kind, Kind::Keyword | Kind::DictionarySplat) {
                        self.computed_base(base, context, reading);
                    }
                    reading.push(base, context);
                    continue;
                }
            };
            if let Some(named) = named {
                let chain = self.chain(named, context.scope, reading);
                reading.use_chain(&chain, Purpose::Inherit, context);
                reading.push_some(chain.rest, context);
            }
            for parameter in parameters {
                reading.push(parameter, context.with_mode(Mode::Type(Role::Variable)));
            }
        }
    }
}

impl Python {
    /// `class C(make())`: that there is such a base is told, so that nobody takes the others for all.
    fn computed_base<'t>(&self, base: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let called = self.field.function.of(base).filter(|_| self.kind(base) == Kind::Call);
        let chain = called.map(|called| self.chain(called, context.scope, reading));
        let mut members = chain.as_ref().map(|chain| chain.members.clone()).unwrap_or_default();
        members.push(Target::CALL);
        let start = chain.map_or(Base::Unknown, |chain| chain.base);
        reading.add_use(start, &members, span(base), Purpose::Inherit, context);
    }
}

fn note_alternative<'s>(
    name: &'s str,
    defined: u32,
    definition: Node<'_>,
    context: Context,
    reading: &mut Reading<'s, '_>,
) {
    let at = (definition.start_byte(), start_of_owner(context, reading));
    reading.sketch.note_alternative(context.scope, name, ExportTarget::Node(defined), at);
}

/// Where the definition around begins.
pub(super) fn start_of_owner(context: Context, reading: &Reading<'_, '_>) -> usize {
    let owner = reading.sketch.nodes.get(context.owner as usize);
    owner.map_or(0, |owner| owner.span.start_byte as usize)
}

fn note_decorators(decorators: Vec<String>, node: u32, reading: &mut Reading<'_, '_>) {
    if !decorators.is_empty()
        && let Some(node) = reading.sketch.nodes.get_mut(node as usize)
    {
        node.attributes.insert("decorators", decorators.into());
    }
}
