//! Functions: definitions, declarations of functions that are defined elsewhere, parameters.
//!
//! A declaration and its definition in one file are one node, that of the definition. The declaration of a function
//! that the file does not define is a node in headers and in classes only.

use codestrata::model::{Attributes, ImportedName, node_kind};
use tree_sitter::Node;

use super::declarators::Declarator;
use super::files::is_header;
use super::{CFamily, Kind};
use crate::extract::{
    Context, Hint, Mode, NAMESPACE, NodeRef, Overload, Reading, Role, ScopeKind, ScopeRef, TypePath, span,
};

/// A definition as it stands: what is around it.
#[derive(Clone, Copy)]
pub(in crate::language) struct Site<'a, 't> {
    /// All of it, with the `template <…>` before it.
    pub(in crate::language) whole: Node<'t>,
    /// The template parameters before it.
    pub(in crate::language) templates: &'a [Node<'t>],
    pub(in crate::language) context: Context,
}

/// Whose function it is.
pub(in crate::language) struct Holder<'s> {
    /// The node that contains it.
    pub(in crate::language) parent: NodeRef,
    /// The class of this file that it is a member of.
    pub(in crate::language) class: Option<NodeRef>,
    /// The names from the parent to a class of another file that it is a member of.
    pub(in crate::language) away: Vec<&'s str>,
}

/// What a list of parameters says, to tell overloads apart.
struct Signature {
    text: String,
    count: usize,
}

impl CFamily {
    pub(in crate::language) fn function_definition<'t>(
        &self,
        node: Node<'t>,
        site: Site<'_, 't>,
        reading: &mut Reading<'_, 't>,
    ) {
        let declared = self.field.declarator.of(node).map(|declarator| self.declarator(declarator));
        match declared {
            Some(declared) if declared.function.is_some() && declared.name.is_some() => {
                if self.is_test(node, declared, site.context, reading) {
                    return self.test(node, declared, site.context, reading);
                }
                self.function(node, declared, true, site, reading);
            }
            _ => reading.push_children(node, site.context),
        }
    }

    /// A function, with its body or without.
    pub(super) fn function<'t>(
        &self,
        node: Node<'t>,
        declared: Declarator<'t>,
        is_definition: bool,
        site: Site<'_, 't>,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(named), Some(function)) = (declared.name, declared.function) else { return };
        let Some(mut names) = self.names(named, true, reading) else { return };
        let Some(name) = names.parts.pop() else { return };
        let holder = self.holder(&names.parts, site.context, reading);
        let is_visible = holder.class.is_some() || is_header(reading.sketch.path);
        if !is_definition && !is_visible {
            return;
        }
        let Some(owner) = self.function_node(node, name, is_definition, &holder, function, site, reading)
        else {
            return;
        };
        if let Some((_, namespaces)) = holder.away.split_last().filter(|(_, rest)| !rest.is_empty()) {
            self.open_namespace(namespaces.join("/"), reading);
        }
        let around = self.scope_around(owner, &holder, site, reading);
        let outside = site.context.with_owner(owner).with_mode(Mode::Value).with_scope(around);
        for argument in names.arguments {
            reading.push(argument, outside.as_type(Role::Variable));
        }
        let scope = reading.sketch.open(ScopeKind::Function, around);
        self.bind_this(scope, &holder, site.context.scope, reading);
        self.return_type(node, function, outside, reading);
        if let Some(parameters) = self.field.parameters.of(function) {
            self.parameters(parameters, scope, outside, reading);
        }
        let inside = outside.with_scope(scope);
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::Declaration => reading.push(part, inside),
                Kind::Other if part.kind() == "field_initializer_list" => reading.push(part, inside),
                _ => {}
            }
        }
        self.body(node, inside, reading);
    }

    /// The statements of a body belong to the scope of the function.
    pub(in crate::language) fn body<'t>(
        &self,
        node: Node<'t>,
        inside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        match self.field.body.of(node) {
            Some(body) if self.kind(body) == Kind::Block => reading.push_children(body, inside),
            Some(body) => reading.push(body, inside),
            None => {
                // `f() try { } catch`: the statement has no field of its own.
                for part in reading.children(node) {
                    if part.kind() == "try_statement" {
                        reading.push(part, inside);
                    }
                }
            }
        }
    }

    fn return_type<'t>(
        &self,
        node: Node<'t>,
        function: Node<'t>,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        reading.push_some(self.field.type_.of(node), outside.as_type(Role::Return));
        for part in reading.children(function) {
            if part.kind() == "trailing_return_type" {
                reading.push_children(part, outside.as_type(Role::Return));
            }
        }
    }

    /// The node of a function, made if there is none yet; none if it is one that is read already.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
    fn function_node<'s, 't>(
        &self,
        node: Node<'t>,
        name: &'s str,
        is_definition: bool,
        holder: &Holder<'s>,
        function: Node<'t>,
        site: Site<'_, 't>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<NodeRef> {
        let signature = self.signature(function, reading);
        let outer = holder.away.join(".");
        let key = format!("{}.{outer}.{name}", reading.sketch.qualified(holder.parent));
        let known = reading.sketch.overloads.get_mut(&key);
        let known = known.and_then(|known| {
            let position = self.same_function(known, &signature, is_definition, site)?;
            known.get_mut(position)
        });
        if let Some(known) = known {
            let had_body = known.has_body;
            known.has_body |= is_definition;
            let known = known.node;
            if is_definition && !had_body {
                self.complete(known, site, reading);
            }
            return is_definition.then_some(known);
        }
        let is_static = self.is_static(node, reading);
        let attributes = self.function_attributes(node, is_definition, is_static, reading);
        let is_method = match holder.class {
            Some(_) => true,
            None => !holder.away.is_empty() || self.is_in_class(site.context, reading),
        };
        let kind = if is_method { node_kind::METHOD } else { node_kind::FUNCTION };
        let shown = shown(name);
        let at = span(site.whole);
        let made = reading.sketch.define_as(holder.parent, &outer, &shown, kind, at, attributes);
        let overload = Overload {
            node: made,
            parameters: signature.text,
            count: signature.count,
            has_body: is_definition,
        };
        reading.sketch.overloads.entry(key).or_default().push(overload);
        self.bind_function(name, made, holder, site.context, reading);
        if !is_definition && !is_pure(node) {
            reading.sketch.elsewhere.insert(made);
        }
        if is_static && !is_method && !is_header(reading.sketch.path) {
            reading.sketch.hidden.insert(made);
        }
        Some(made)
    }

    /// Which of the known functions of a name is meant: the one with the same parameters, or the only one that still
    /// lacks its body and may have them, written in another way.
    fn same_function(
        &self,
        known: &[Overload],
        signature: &Signature,
        is_definition: bool,
        site: Site<'_, '_>,
    ) -> Option<usize> {
        if !self.is_cpp {
            // Without overloading, a second one is for other conditions of the preprocessor.
            return (!known.is_empty()).then_some(0);
        }
        let is_template = !site.templates.is_empty();
        let same = known.iter().position(|known| {
            known.parameters == signature.text && !(known.has_body && is_definition && is_template)
        });
        if same.is_some() || !is_definition {
            return same;
        }
        let mut fitting = known
            .iter()
            .enumerate()
            .filter(|(_, known)| !known.has_body && known.count == signature.count)
            .map(|(position, _)| position);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Makes the node of a declaration that of its definition.
    fn complete<'t>(&self, known: NodeRef, site: Site<'_, 't>, reading: &mut Reading<'_, 't>) {
        reading.sketch.elsewhere.remove(&known);
        if let Some(known) = reading.sketch.nodes.get_mut(known as usize) {
            known.span = span(site.whole);
            known.attributes.remove("declaration");
        }
    }

    /// Binds a function in the scope that it stands in, or as a member of the class that it is defined for. Of
    /// overloads the first is bound. Constructors are found as members only: their name means the class.
    fn bind_function<'s>(
        &self,
        name: &'s str,
        function: NodeRef,
        holder: &Holder<'s>,
        context: Context,
        reading: &mut Reading<'s, '_>,
    ) {
        let is_here =
            holder.class.is_none_or(|class| reading.sketch.scope(context.scope).members_of == Some(class));
        let class_name = holder.class.and_then(|class| reading.sketch.nodes.get(class as usize));
        let is_constructor = class_name.is_some_and(|class| class.name == name);
        match holder.class {
            Some(class) if is_constructor || !is_here => {
                reading.sketch.add_member(class, name, Some(function), Hint::Unset);
            }
            _ if !holder.away.is_empty() => {}
            _ => {
                let bound = reading.sketch.bindings.get(&(context.scope, name));
                if bound.is_none_or(|bound| bound.definition.is_none()) {
                    reading.sketch.bind_definition(context.scope, name, function);
                }
            }
        }
    }

    /// The scope in which a function's own one opens: with the template parameters, inside of its class.
    fn scope_around<'s, 't>(
        &self,
        function: NodeRef,
        holder: &Holder<'s>,
        site: Site<'_, 't>,
        reading: &mut Reading<'s, 't>,
    ) -> ScopeRef {
        let here = site.context.scope;
        let class = match holder.class {
            Some(class) => reading.sketch.scope_of(class).unwrap_or(here),
            // The members of a class of another file, as those of the class that this function is of.
            None if !holder.away.is_empty() => {
                let members = reading.sketch.open_for(ScopeKind::Members, here, function);
                self.bind_class_away(&holder.away, here, members, reading);
                members
            }
            None => here,
        };
        self.template_scope(site.templates, class, site.context.with_owner(function), reading)
    }

    /// Lets the name of a class of another file mean the class in its methods, and not the constructor, which is the
    /// member of that name.
    fn bind_class_away<'s>(
        &self,
        away: &[&'s str],
        here: ScopeRef,
        members: ScopeRef,
        reading: &mut Reading<'s, '_>,
    ) {
        let Some((class, around)) = away.split_last() else { return };
        let scope = if around.is_empty() { here } else { members };
        if reading.sketch.bindings.contains_key(&(scope, *class)) {
            return;
        }
        let stems = self.stems(around, here, reading);
        let name = ImportedName::Name((*class).to_owned());
        let import = reading.sketch.import(stems, &around.join("::"), name, None);
        reading.sketch.bind_import(scope, class, import);
    }

    fn bind_this<'s>(
        &self,
        scope: ScopeRef,
        holder: &Holder<'s>,
        outside: ScopeRef,
        reading: &mut Reading<'s, '_>,
    ) {
        if !self.is_cpp {
            return;
        }
        let names = holder.away.clone();
        if let Some(class) = holder.class {
            if let Some(binding) = reading.sketch.binding(scope, "this") {
                binding.local = true;
                binding.receiver = Some(class);
            }
        } else if !names.is_empty() {
            let hint = Hint::Instance(TypePath { scope: outside, names });
            reading.sketch.bind_local(scope, "this", hint);
        }
    }

    /// Whether definitions in a scope are members of a class.
    fn is_in_class(&self, context: Context, reading: &Reading<'_, '_>) -> bool {
        reading.sketch.scope(context.scope).kind == ScopeKind::Members
    }

    /// Whose a thing is that is declared as `a::B::name`, by its qualifiers; with none, the class around it.
    pub(in crate::language) fn holder<'s>(
        &self,
        qualifiers: &[&'s str],
        context: Context,
        reading: &Reading<'s, '_>,
    ) -> Holder<'s> {
        let scope = reading.sketch.scope(context.scope);
        let Some((first, rest)) = qualifiers.split_first() else {
            let class = scope.members_of.filter(|_| scope.kind == ScopeKind::Members);
            return Holder { parent: class.unwrap_or(context.owner), class, away: Vec::new() };
        };
        let bound = reading.sketch.look_up(context.scope, first).map(|(_, binding)| binding);
        let start = bound.and_then(|bound| bound.definition.or(bound.namespace).or(bound.type_definition));
        let Some(mut parent) = start.filter(|start| holds_members(*start, reading)) else {
            return Holder { parent: context.owner, class: None, away: qualifiers.to_vec() };
        };
        let mut away = Vec::new();
        for name in rest {
            let member = reading.sketch.members.get(&(parent, *name)).and_then(|member| member.node);
            match member.filter(|member| away.is_empty() && holds_members(*member, reading)) {
                Some(member) => parent = member,
                None => away.push(*name),
            }
        }
        let is_class = away.is_empty() && kind_of(parent, reading) != NAMESPACE;
        Holder { parent, class: is_class.then_some(parent), away }
    }

    fn is_static<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> bool {
        self.has_storage(node, "static", reading)
    }

    /// Whether a declaration has a storage class, `static` or `extern`.
    pub(in crate::language) fn has_storage<'t>(
        &self,
        node: Node<'t>,
        word: &str,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let parts = reading.children(node);
        parts.into_iter().any(|part| part.kind() == "storage_class_specifier" && reading.text(part) == word)
    }

    fn function_attributes<'t>(
        &self,
        node: Node<'t>,
        is_definition: bool,
        is_static: bool,
        reading: &Reading<'_, 't>,
    ) -> Attributes {
        let mut attributes = Attributes::new();
        if let Some(text) = self.type_text(node, self.field.declarator.of(node), reading) {
            attributes.insert("return_type".to_owned(), text.into());
        }
        if is_static {
            attributes.insert("static".to_owned(), true.into());
        }
        if !is_definition {
            attributes.insert("declaration".to_owned(), true.into());
        }
        attributes
    }

    /// Binds parameters, and reads their types and defaults, which stand outside of the function's scope.
    pub(in crate::language) fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for parameter in reading.children(parameters) {
            match self.kind(parameter) {
                Kind::Parameter | Kind::OptionalParameter => {
                    let type_ = self.field.type_.of(parameter);
                    let declared = self.field.declarator.of(parameter).map(|node| self.declarator(node));
                    if let Some(name) = declared.and_then(|declared| declared.name) {
                        let hint = match declared {
                            Some(declared) if !declared.is_callable => {
                                self.hint_of_type(type_, outside.scope, reading)
                            }
                            _ => Hint::Unknown,
                        };
                        reading.sketch.bind_local(scope, reading.text(name), hint);
                    }
                    reading.push_some(type_, outside.as_type(Role::Parameter));
                    reading.push_some(self.field.default_value.of(parameter), outside);
                }
                // `f(a, b) int a, b; {}`: their types follow.
                Kind::Identifier => reading.sketch.bind_local(scope, reading.text(parameter), Hint::Unset),
                _ => {}
            }
        }
    }

    /// A parameter of a type, as in `std::function<void(Thing)>`: it binds nothing.
    pub(super) fn loose_parameter<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        reading.push_some(self.field.type_.of(node), context.as_type(Role::Parameter));
        reading.push_some(self.field.default_value.of(node), context.with_mode(Mode::Value));
    }

    fn signature<'t>(&self, function: Node<'t>, reading: &mut Reading<'_, 't>) -> Signature {
        let mut signature = Signature { text: String::new(), count: 0 };
        if !self.is_cpp {
            return signature;
        }
        let Some(parameters) = self.field.parameters.of(function) else { return signature };
        for parameter in reading.children(parameters) {
            let declarator = self.field.declarator.of(parameter);
            let name = declarator.and_then(|declarator| self.declarator(declarator).name);
            let end = declarator.or_else(|| self.field.type_.of(parameter)).unwrap_or(parameter).end_byte();
            let (before, after) = match name {
                Some(name) => (parameter.start_byte()..name.start_byte(), name.end_byte()..end),
                None => (parameter.start_byte()..end, end..end),
            };
            let text = [before, after].into_iter().filter_map(|range| reading.source.get(range));
            let text: String = text.flat_map(str::chars).filter(|letter| !letter.is_whitespace()).collect();
            if text != "void" {
                signature.text.push_str(&text);
                signature.text.push(',');
                signature.count += 1;
            }
        }
        for part in reading.children(function) {
            if matches!(part.kind(), "type_qualifier" | "ref_qualifier") {
                signature.text.push_str(reading.text(part));
            }
        }
        signature
    }
}

/// Whether a node is a class or namespace.
fn holds_members(node: NodeRef, reading: &Reading<'_, '_>) -> bool {
    let kind = kind_of(node, reading);
    node_kind::has_members(kind) || kind == NAMESPACE
}

fn kind_of<'r>(node: NodeRef, reading: &'r Reading<'_, '_>) -> &'r str {
    reading.sketch.nodes.get(node as usize).map_or("", |node| node.kind.as_str())
}

/// `virtual void f() = 0;` has no definition anywhere.
fn is_pure(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        if cursor.field_name() == Some("default_value") || cursor.node().kind() == "pure_virtual_clause" {
            return true;
        }
        more = cursor.goto_next_sibling();
    }
    false
}

/// The name of a node: that of an operator without its spaces.
fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        let is_word =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        if is_word(shown.chars().last()) && is_word(word.chars().next()) {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    shown
}
