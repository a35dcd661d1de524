//! Methods, their parameters, and what `private` and the like make of them.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::classes::find;
use super::{Kind, Ruby};
use crate::extract::{Base, Context, Hint, NodeRef, Purpose, Reading, ScopeKind, ScopeRef, span};

/// A longer symbol is taken for no name.
const LONGEST_NAME: usize = 80;

/// What the statements before a method make of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// None for public.
    pub(super) visibility: Option<&'static str>,
    /// Whether it is a method of the class and not of its objects.
    pub(super) is_static: bool,
    /// Whether it belongs to an object that has no node.
    pub(super) is_aside: bool,
}

impl Manner {
    /// As in `class << self`.
    pub(super) const fn of_class() -> Self {
        Self { visibility: None, is_static: true, is_aside: false }
    }

    /// What `private`, `public` and the like change by standing alone, or for the methods given to them; whether the
    /// word is one of these.
    pub(super) fn change(&mut self, word: &str) -> bool {
        match word {
            "private" | "private_class_method" => self.visibility = Some("private"),
            "protected" => self.visibility = Some("protected"),
            "public" | "public_class_method" => self.visibility = None,
            "module_function" => self.is_static = true,
            _ => return false,
        }
        true
    }

    fn attributes(self) -> Attributes {
        let mut attributes = Attributes::new();
        if self.is_static {
            attributes.insert("static", true.into());
        }
        if let Some(visibility) = self.visibility {
            attributes.insert("visibility", visibility.into());
        }
        attributes
    }
}

impl Ruby {
    pub(super) fn method<'t>(
        &self,
        node: Node<'t>,
        manner: Manner,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        if manner.is_aside {
            return self.method_of_other(node, name, context, reading);
        }
        let around = reading.sketch.holding_scope(context.scope);
        let Some(class) = reading.sketch.scope(around).members_of else {
            return self.function(node, name, context, reading);
        };
        let method = add_method(class, name, node, manner, reading);
        self.method_inside(node, around, context.with_owner(method), reading);
    }

    /// A method of the top level can be called everywhere. One in a block, as in tests, belongs to an object that has
    /// no node; it is known in the block.
    fn function<'s, 't>(
        &self,
        node: Node<'t>,
        name: &'s str,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let is_global = reading.sketch.scope(context.scope).parent == Some(0);
        let whole = span(node);
        let function =
            reading.sketch.define(context.owner, name, node_kind::FUNCTION, whole, Attributes::new());
        if is_global {
            reading.sketch.bind_definition(0, name, function);
        } else {
            reading.sketch.hidden.insert(function);
            reading.sketch.bind_definition(context.scope, name, function);
        }
        let around = if is_global { 0 } else { context.scope };
        self.method_inside(node, around, context.with_owner(function), reading);
    }

    /// `def self.create`, `def Other.create` and `def object.create`.
    pub(super) fn singleton_method<'t>(
        &self,
        node: Node<'t>,
        manner: Manner,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let around = reading.sketch.holding_scope(context.scope);
        let class = reading.sketch.scope(around).members_of;
        let object = self.field.object.of(node);
        let path = object.and_then(|object| self.constant_path(object, reading));
        let is_self = object.is_some_and(|object| self.kind(object) == Kind::SelfObject);
        let manner = Manner { is_static: true, ..manner };
        let names = path.map(|path| path.outer.into_iter().chain([path.name]).collect::<Vec<_>>());
        let known = names.as_ref().and_then(|names| find(names, context.scope, reading));
        match (class.filter(|_| is_self).or(known), names) {
            (Some(class), _) => {
                let method = add_method(class, name, node, manner, reading);
                let scope = match reading.sketch.scope_of(class) {
                    Some(scope) => scope,
                    None => around,
                };
                self.method_inside(node, scope, context.with_owner(method), reading);
            }
            (None, Some(names)) => {
                let holder = class.unwrap_or(0);
                let attributes = manner.attributes();
                let outer = names.join(".");
                let whole = span(node);
                let method =
                    reading.sketch.define_as(holder, &outer, name, node_kind::METHOD, whole, attributes);
                self.method_of_unknown(node, around, context.with_owner(method), reading);
            }
            (None, None) => self.method_of_other(node, name, context, reading),
        }
    }

    /// A method of an object that has no node.
    fn method_of_other<'t>(
        &self,
        node: Node<'t>,
        name: &str,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let attributes = Attributes::new();
        let function =
            reading.sketch.define(context.owner, name, node_kind::FUNCTION, span(node), attributes);
        reading.sketch.hidden.insert(function);
        self.method_of_unknown(node, context.scope, context.with_owner(function), reading);
    }

    fn method_of_unknown<'t>(
        &self,
        node: Node<'t>,
        around: ScopeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let scope = reading.sketch.open(ScopeKind::Block, around);
        reading.sketch.bind_local(scope, "self", Hint::Unknown);
        self.method_inside(node, scope, context, reading);
    }

    fn method_inside<'t>(
        &self,
        node: Node<'t>,
        around: ScopeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let scope = reading.sketch.open(ScopeKind::Function, around);
        let inside = context.with_scope(scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, inside, reading);
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    /// `alias new old`, which calls the old one.
    pub(super) fn alias<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let (Some(new), Some(old)) = (self.field.name.of(node), self.field.alias.of(node)) else { return };
        self.add_alias(new, old, node, context, reading);
    }

    pub(super) fn add_alias<'t>(
        &self,
        new: Node<'t>,
        old: Node<'t>,
        whole: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let around = reading.sketch.holding_scope(context.scope);
        let class = reading.sketch.scope(around).members_of;
        let (Some(class), Some(name), Some(called)) =
            (class, self.symbol(new, reading), self.symbol(old, reading))
        else {
            return;
        };
        let method = add_method(class, name, whole, Manner::default(), reading);
        let inside = context.with_owner(method);
        reading.add_use(Base::Name("self"), &[called], span(old), Purpose::Call, inside);
    }

    /// `:name` may be the name of a method that somebody else calls: `before_action :check`, `&method(:run)`, `%i[a b]`.
    pub(super) fn mention(node: Node<'_>, reading: &mut Reading<'_, '_>) {
        let text = reading.text(node);
        let name = text.strip_prefix(':').unwrap_or(text);
        // `:*` and `:[]` name operators, which `dead` takes to be used anyway.
        let is_word = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if is_word && name.len() < LONGEST_NAME {
            reading.sketch.mentions.insert(name);
        }
    }

    /// `"visit_#{kind}"` may be made into the name of a method: then any that begins so may be meant.
    pub(super) fn mention_beginning(node: Node<'_>, reading: &mut Reading<'_, '_>) {
        let text = reading.text(node).trim_start_matches([':', '"']);
        let Some((name, _)) = text.split_once("#{").filter(|(name, _)| name.len() < LONGEST_NAME) else {
            return;
        };
        let is_name = name.len() > 1 && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
        if is_name {
            let name = reading.make_name(&format!("{name}*"));
            reading.sketch.mentions.insert(name);
        }
    }

    /// The name in `:name`, `"name"` or `name`.
    pub(super) fn symbol<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<&'s str> {
        let text = reading.text(node);
        let name = match self.kind(node) {
            Kind::Symbol => text.strip_prefix(':')?,
            Kind::String => text.get(1..text.len().checked_sub(1)?)?,
            _ if node.kind() == "delimited_symbol" => return None,
            _ => text,
        };
        let is_plain = !name.is_empty() && !name.contains(['#', ' ', '\n', '\\', '.']);
        is_plain.then_some(name)
    }
}

/// Adds a method to a class.
pub(super) fn add_method<'s>(
    class: NodeRef,
    name: &'s str,
    node: Node<'_>,
    manner: Manner,
    reading: &mut Reading<'s, '_>,
) -> NodeRef {
    let method = reading.sketch.define(class, name, node_kind::METHOD, span(node), manner.attributes());
    reading.sketch.add_member(class, name, Some(method), Hint::Unset);
    method
}
