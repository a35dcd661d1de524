//! Variables, fields, and names of types.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::declarators::{Declarator, declarators};
use super::files::is_header;
use super::functions::Site;
use super::holders::holder;
use super::overloads::has_storage;
use super::types::define_type;
use super::{CFamily, Kind};
use crate::extract::{Base, Context, Hint, Mode, NodeRef, Purpose, Reading, Role, ScopeKind, span};

/// What the names of a declaration become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Of a file or namespace.
    Global,
    /// Members of a class, which its functions see by their bare names.
    Members,
    /// Fields of a node in C.
    Fields(NodeRef),
    /// Of a function.
    Local,
}

impl CFamily {
    /// `type a, *b = value, f(int);` in a file, class, structure or function.
    pub(in crate::language) fn declaration<'t>(
        &self,
        node: Node<'t>,
        site: Site<'_, 't>,
        reading: &mut Reading<'_, 't>,
    ) {
        let context = site.context;
        let place = Self::place(context, reading);
        let type_ = self.field.type_.of(node);
        let declared = declarators(node);
        let mut anonymous = None;
        if let Some(type_) = type_.filter(|type_| self.defines_type(*type_)) {
            if self.field.name.of(type_).is_some() || self.kind(type_) == Kind::Enum {
                reading.push(type_, context);
            } else {
                anonymous = Some(type_);
            }
        }
        let mut has_told_type = type_.is_none_or(|type_| self.defines_type(type_));
        let type_context = context.as_type(Role::Variable);
        if declared.is_empty() {
            // `struct { int x; };` in a structure: its fields are those of the structure.
            if let Some(type_) = anonymous {
                self.fields_of(type_, context, reading);
            }
        }
        for declarator in declared {
            let found = self.declarator(declarator);
            if found.function.is_some() && !self.is_object(found, place, reading) {
                if place != Place::Local {
                    self.function(node, found, false, site, reading);
                }
                continue;
            }
            let variable = self.variable(node, declarator, found, place, site, reading);
            let inside = context.with_owner(variable.unwrap_or(context.owner)).with_mode(Mode::Value);
            if variable.is_some() || !has_told_type {
                let around = self.template_scope(site.templates, context.scope, inside, reading);
                if let Some(type_) = type_.filter(|type_| !self.defines_type(*type_)) {
                    reading.push(type_, inside.with_scope(around).as_type(Role::Variable));
                }
                has_told_type = true;
            }
            match (anonymous, variable) {
                (Some(type_), Some(variable)) => {
                    let scope = reading.sketch.open_for(ScopeKind::Block, context.scope, variable);
                    self.fields_of(type_, context.with_scope(scope), reading);
                }
                (Some(type_), None) => {
                    reading.push_some(self.field.body.of(type_), type_context);
                }
                (None, _) => {}
            }
            self.initialiser(node, declarator, found, inside, reading);
        }
    }

    /// The value of a variable, and what its constructor gets.
    fn initialiser<'t>(
        &self,
        node: Node<'t>,
        declarator: Node<'t>,
        found: Declarator<'t>,
        inside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let value = found.value.or_else(|| self.field.default_value.of(node));
        let is_constructed = match value {
            Some(value) => matches!(value.kind(), "argument_list" | "initializer_list"),
            None => found.function.is_some(),
        };
        if self.is_cpp && is_constructed && found.is_plain {
            self.instantiate(self.field.type_.of(node), inside, reading);
        }
        reading.push_some(value, inside);
        // `Thing x(a, b)` looks like a function with parameters of types `a` and `b`.
        if let Some(parameters) = found.function.and_then(|function| self.field.parameters.of(function)) {
            for parameter in reading.children(parameters) {
                if let Some(named) = self.field.type_.of(parameter)
                    && let Some(names) = self.names(named, false, reading)
                    && let Some((base, members)) = names.parts.split_first()
                {
                    reading.add_use(Base::Name(base), members, span(named), Purpose::Access, inside);
                }
            }
        }
        self.parts_of_declarator(declarator, inside, reading);
    }

    /// Reads `N` of `int x[N]`, and the types of the parameters of `int (*x)(thing)`.
    fn parts_of_declarator<'t>(&self, declarator: Node<'t>, inside: Context, reading: &mut Reading<'_, 't>) {
        let mut here = Some(declarator);
        while let Some(node) = here {
            let inner = self.field.declarator.of(node);
            match self.kind(node) {
                Kind::ArrayDeclarator => {
                    for part in reading.children(node) {
                        if Some(part) != inner {
                            reading.push(part, inside);
                        }
                    }
                }
                Kind::FunctionDeclarator
                    if inner.is_some_and(|inner| self.kind(inner) == Kind::Parenthesized) =>
                {
                    if let Some(parameters) = self.field.parameters.of(node) {
                        reading.push_children(parameters, inside);
                    }
                }
                _ => {}
            }
            here = match self.kind(node) {
                Kind::Parenthesized => reading.children(node).pop(),
                _ => inner,
            };
        }
    }

    /// Whether what looks like the declaration of a function, `Thing x(a);`, is a variable of a class: functions are
    /// hardly ever declared in functions, and never with parameters that are names alone.
    fn is_object<'t>(&self, found: Declarator<'t>, place: Place, reading: &mut Reading<'_, 't>) -> bool {
        if !self.is_cpp || place != Place::Local || !found.is_plain {
            return false;
        }
        let parameters = found.function.and_then(|function| self.field.parameters.of(function));
        let parameters = parameters.map(|list| reading.children(list)).unwrap_or_default();
        !parameters.is_empty()
            && parameters.into_iter().all(|parameter| {
                let named = self.field.type_.of(parameter).map(|type_| self.kind(type_));
                parameter.named_child_count() == 1
                    && matches!(named, Some(Kind::TypeIdentifier | Kind::Qualified))
            })
    }

    fn place(context: Context, reading: &Reading<'_, '_>) -> Place {
        let scope = reading.sketch.scope(context.scope);
        match (scope.kind, scope.members_of) {
            (ScopeKind::Module, _) => Place::Global,
            (ScopeKind::Members, _) => Place::Members,
            (_, Some(holder)) => Place::Fields(holder),
            (_, None) => Place::Local,
        }
    }

    /// Binds one variable, and returns its node, if it has one.
    fn variable<'t>(
        &self,
        node: Node<'t>,
        declarator: Node<'t>,
        found: Declarator<'t>,
        place: Place,
        site: Site<'_, 't>,
        reading: &mut Reading<'_, 't>,
    ) -> Option<NodeRef> {
        let context = site.context;
        let declared = found.name?;
        if found.is_binding {
            for name in reading.children(declared) {
                reading.sketch.bind_local(context.scope, reading.text(name), Hint::Unknown);
            }
            return None;
        }
        let mut names = self.names(declared, true, reading)?;
        let name = names.parts.pop()?;
        let hint = self.hint_of_variable(node, found, context.scope, reading);
        let attributes = || {
            let text = self.type_text(node, Some(declarator), reading);
            text.map(|text| ("type_hint".to_owned(), text.into())).into_iter().collect::<Attributes>()
        };
        if place == Place::Local {
            reading.sketch.bind_local(context.scope, name, hint);
            return None;
        }
        let mut attributes = attributes();
        let is_static = has_storage(node, "static", reading);
        if is_static {
            attributes.insert("static", true.into());
        }
        if !names.parts.is_empty() {
            return Some(variable_of_class(&names.parts, name, attributes, site, reading));
        }
        if let Place::Fields(holder) = place {
            let at = span(node);
            let field = reading.sketch.define(holder, name, node_kind::VARIABLE, at, attributes);
            reading.sketch.declare_member(holder, name, hint.clone());
            reading.sketch.add_member(holder, name, Some(field), hint);
            return Some(field);
        }
        let is_source = !is_header(reading.sketch.path);
        let is_extern =
            place == Place::Global && found.value.is_none() && has_storage(node, "extern", reading);
        if is_extern && is_source {
            // The definition is in another file, or follows in this one.
            return None;
        }
        if is_extern || (place == Place::Members && is_static && self.field.default_value.of(node).is_none())
        {
            attributes.insert("declaration", true.into());
        }
        let is_declaration = attributes.contains_key("declaration");
        let is_new =
            reading.sketch.bindings.get(&(context.scope, name)).is_none_or(|it| it.variable.is_none());
        let at = span(site.whole);
        let variable =
            reading.sketch.bind_variable(context.scope, context.owner, name, at, hint.clone(), attributes);
        if let Some(binding) = reading.sketch.binding(context.scope, name) {
            binding.declare(hint.clone());
        }
        if let (Some(variable), Some(holder)) = (variable, reading.sketch.scope(context.scope).members_of) {
            reading.sketch.declare_member(holder, name, hint);
            reading.sketch.add_member(holder, name, Some(variable), Hint::Unset);
        }
        if let Some(variable) = variable.filter(|_| is_new) {
            if is_declaration {
                reading.sketch.elsewhere.insert(variable);
            }
            if place == Place::Global && is_source && (is_static || self.is_constant(node, found, reading)) {
                reading.sketch.hidden.insert(variable);
            }
        }
        variable
    }

    /// Constants of C++ are local to their file.
    fn is_constant<'t>(&self, node: Node<'t>, found: Declarator<'t>, reading: &mut Reading<'_, 't>) -> bool {
        self.is_cpp
            && (found.is_plain || found.value.is_some())
            && reading.children(node).into_iter().any(|part| {
                let text = reading.text(part);
                part.kind() == "type_qualifier" && (text == "constexpr" || text == "const" && found.is_plain)
            })
    }

    /// `typedef struct { … } name;` names the structure; any other `typedef` is a node of its own, but where it gives
    /// a structure the name that it has.
    pub(super) fn type_definition<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(type_) = self.field.type_.of(node) else { return };
        let mut named = declarators(node);
        let tag = self.field.name.of(type_).map(|name| reading.text(name));
        let site = Site { whole: node, templates: &[], context };
        if self.defines_type(type_) {
            let is_anonymous = tag.is_none();
            let first = named.first().map(|first| self.declarator(*first));
            let name = first.filter(|first| is_anonymous && first.is_plain).and_then(|first| first.name);
            if name.is_some() {
                named.remove(0);
            }
            match self.kind(type_) {
                Kind::Enum => self.enumeration(type_, name, context, reading),
                _ => self.structure(type_, name, site, reading),
            }
        }
        for declarator in named {
            let found = self.declarator(declarator);
            let Some(name) = found.name.map(|name| reading.text(name)) else { continue };
            if tag == Some(name) {
                continue;
            }
            let hint = if found.is_callable {
                Hint::Unknown
            } else {
                self.hint_of_type(Some(type_), context.scope, reading)
            };
            let alias = define_type(name, node_kind::TYPE, span(node), context, reading);
            reading.sketch.bind_type(context.scope, name, alias, hint);
            let inside = context.with_owner(alias).as_type(Role::Variable);
            if !self.defines_type(type_) {
                reading.push(type_, inside);
            } else if tag.is_some() {
                self.use_type(type_, inside, reading);
            }
            if let Some(parameters) = found.function.and_then(|function| self.field.parameters.of(function)) {
                reading.push_children(parameters, inside);
            }
            self.parts_of_declarator(declarator, inside, reading);
        }
    }
}

/// `int Thing::count = 0;`: the definition of what the class declares.
fn variable_of_class<'s, 't>(
    qualifiers: &[&'s str],
    name: &'s str,
    attributes: Attributes,
    site: Site<'_, 't>,
    reading: &mut Reading<'s, 't>,
) -> NodeRef {
    let holder = holder(qualifiers, site.context, reading);
    let at = span(site.whole);
    if let Some(class) = holder.class {
        let known = reading.sketch.members.get(&(class, name)).and_then(|member| member.node);
        if let Some(known) = known {
            reading.sketch.elsewhere.remove(&known);
            if let Some(node) = reading.sketch.nodes.get_mut(known as usize) {
                node.span = at;
                node.attributes.remove("declaration");
            }
            return known;
        }
    }
    let outer = holder.away.join(".");
    let kind = node_kind::VARIABLE;
    let variable = reading.sketch.define_as(holder.parent, &outer, name, kind, at, attributes);
    if let Some(class) = holder.class {
        reading.sketch.add_member(class, name, Some(variable), Hint::Unset);
    }
    variable
}
