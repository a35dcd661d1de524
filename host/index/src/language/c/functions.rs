//! Functions: definitions, declarations of functions that are defined elsewhere, parameters.
//!
//! A declaration and its definition in one file are one node, that of the definition. The declaration of a function
//! that the file does not define is a node in headers and in classes only.

use tree_sitter::Node;

use super::declarators::Declarator;
use super::files::is_header;
use super::holders::{Holder, holder};
use super::{CFamily, Kind};
use crate::extract::{Context, Hint, Mode, NodeRef, Reading, Role, ScopeKind, ScopeRef, TypePath};

/// A definition as it stands: what is around it.
#[derive(Clone, Copy)]
pub(in crate::language) struct Site<'a, 't> {
    /// All of it, with the `template <…>` before it.
    pub(in crate::language) whole: Node<'t>,
    /// The template parameters before it.
    pub(in crate::language) templates: &'a [Node<'t>],
    pub(in crate::language) context: Context,
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
        let (Some(declared_name), Some(function)) = (declared.name, declared.function) else { return };
        let Some(mut names) = self.names(declared_name, true, reading) else { return };
        let Some(name) = names.parts.pop() else { return };
        let holder = holder(&names.parts, site.context, reading);
        let is_visible = holder.class.is_some() || is_header(reading.sketch.path);
        if !is_definition && !is_visible {
            return;
        }
        let Some(owner) = self.function_node(node, name, is_definition, &holder, function, site, reading)
        else {
            return;
        };
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
            None if !holder.away.is_empty() => reading.sketch.open_for(ScopeKind::Members, here, function),
            None => here,
        };
        self.template_scope(site.templates, class, site.context.with_owner(function), reading)
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
}
