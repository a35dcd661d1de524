//! Calls in the body of a class that define something: `attr_reader`, `include`, `private`, `define_method`.

use codestrata::model::node_kind;
use tree_sitter::Node;

use super::classes::define_class;
use super::methods::{Manner, add_method};
use super::{Kind, Ruby};
use crate::extract::{Base, Context, NodeRef, Purpose, Reading, span};

/// The attribute of methods that read or write a variable of the object and are not written out.
pub(super) const ACCESSOR: &str = "accessor";

impl Ruby {
    /// Reads a call that defines something; whether it is one.
    pub(super) fn declares<'t>(
        &self,
        call: Node<'t>,
        manner: Manner,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        if self.field.receiver.of(call).is_some() {
            return false;
        }
        let (Some(word), Some(arguments)) = (self.field.method.of(call), self.field.arguments.of(call))
        else {
            return false;
        };
        let word = reading.text(word);
        let mut changed = manner;
        if changed.change(word) {
            self.change_methods(arguments, changed, context, reading);
            return true;
        }
        let around = reading.sketch.holding_scope(context.scope);
        let class = reading.sketch.scope(around).members_of;
        let Some(class) = class.filter(|class| *class == context.owner && !manner.is_aside) else {
            return false;
        };
        match word {
            "attr_reader" | "attr_writer" | "attr_accessor" | "attr" => {
                self.accessors(word, arguments, manner, class, context, reading);
            }
            "cattr_accessor" | "mattr_accessor" | "class_attribute" => {
                let manner = Manner { is_static: true, ..manner };
                self.accessors("attr_accessor", arguments, manner, class, context, reading);
            }
            "cattr_reader" | "mattr_reader" => {
                let manner = Manner { is_static: true, ..manner };
                self.accessors("attr_reader", arguments, manner, class, context, reading);
            }
            "include" | "extend" | "prepend" => {
                for base in reading.children(arguments) {
                    if self.kind(base) != Kind::SelfObject {
                        self.base(base, None, context, reading);
                    }
                }
            }
            "alias_method" => {
                let names = reading.children(arguments);
                let [new, old] = names.as_slice() else { return false };
                self.add_alias(*new, *old, call, context, reading);
            }
            "define_method" | "define_singleton_method" => {
                let first = arguments.named_child(0);
                let Some(name) = first.filter(|it| self.is_literal(*it)) else { return false };
                let Some(name) = self.symbol(name, reading) else { return false };
                let is_static = manner.is_static || word == "define_singleton_method";
                let method = add_method(class, name, call, Manner { is_static, ..manner }, reading);
                let inside = context.with_owner(method);
                for argument in reading.children(arguments).into_iter().skip(1) {
                    reading.push(argument, inside);
                }
                reading.push_some(self.field.block.of(call), inside);
            }
            "def_delegators" | "def_instance_delegators" | "delegate" => {
                return self.delegators(word, arguments, manner, class, context, reading);
            }
            _ => return false,
        }
        true
    }

    /// `private def f`, `private :f, :g`, `private attr_reader :f`.
    fn change_methods<'t>(
        &self,
        arguments: Node<'t>,
        manner: Manner,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let around = reading.sketch.holding_scope(context.scope);
        let class = reading.sketch.scope(around).members_of;
        for argument in reading.children(arguments) {
            match self.kind(argument) {
                Kind::Method => self.method(argument, manner, context, reading),
                Kind::SingletonMethod => self.singleton_method(argument, manner, context, reading),
                Kind::Call if self.declares(argument, manner, context, reading) => {}
                Kind::Symbol | Kind::String => {
                    let name = self.symbol(argument, reading);
                    let known = class.zip(name).and_then(|key| reading.sketch.members.get(&key));
                    let Some(method) = known.and_then(|member| member.node) else { continue };
                    let Some(method) = reading.sketch.nodes.get_mut(method as usize) else { continue };
                    match manner.visibility {
                        Some(visibility) => {
                            method.attributes.insert("visibility", visibility.into());
                        }
                        None if manner.is_static => {
                            method.attributes.insert("static", true.into());
                        }
                        None => {
                            method.attributes.remove("visibility");
                        }
                    }
                }
                _ => reading.push(argument, context),
            }
        }
    }

    /// The methods that `attr_accessor :name` makes: `name` and `name=`.
    fn accessors<'t>(
        &self,
        word: &str,
        arguments: Node<'t>,
        manner: Manner,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for argument in reading.children(arguments) {
            let Some(name) = Some(argument)
                .filter(|argument| self.is_literal(*argument))
                .and_then(|argument| self.symbol(argument, reading))
            else {
                reading.push(argument, context);
                continue;
            };
            if word != "attr_writer" {
                accessor(class, name, argument, manner, reading);
            }
            if matches!(word, "attr_writer" | "attr_accessor") {
                let name = reading.make_name(&format!("{name}="));
                accessor(class, name, argument, manner, reading);
            }
        }
    }

    fn is_literal(&self, node: Node<'_>) -> bool {
        matches!(self.kind(node), Kind::Symbol | Kind::String)
    }

    /// `def_delegators :@list, :size` and `delegate :size, to: :list`: methods that call the like-named ones of what is
    /// delegated to.
    fn delegators<'t>(
        &self,
        word: &str,
        arguments: Node<'t>,
        manner: Manner,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let mut names: Vec<Node<'t>> = reading.children(arguments);
        let mut target = None;
        if word == "delegate" {
            for pair in names.iter().filter(|name| self.kind(**name) == Kind::Pair) {
                match self.field.key.of(*pair).map(|key| reading.text(key)) {
                    Some("to") => target = self.field.value.of(*pair),
                    // Methods of other names.
                    Some("prefix") => return false,
                    _ => {}
                }
            }
            names.retain(|name| self.kind(*name) != Kind::Pair);
        } else if !names.is_empty() {
            target = Some(names.remove(0));
        }
        let Some(target) = target.filter(|target| self.is_literal(*target)) else { return false };
        let Some(target) = self.symbol(target, reading) else { return false };
        for name in names {
            if !self.is_literal(name) {
                continue;
            }
            let Some(called) = self.symbol(name, reading) else { continue };
            let method = add_method(class, called, name, manner, reading);
            let inside = context.with_owner(method);
            reading.add_use(Base::Name("self"), &[target, called], span(name), Purpose::Call, inside);
        }
        true
    }

    /// The kind of what `Struct.new`, `Class.new`, `Module.new` and `Data.define` make.
    pub(super) fn makes_class(&self, call: Node<'_>, reading: &Reading<'_, '_>) -> Option<&'static str> {
        if self.kind(call) != Kind::Call {
            return None;
        }
        let receiver = self.field.receiver.of(call).map(|receiver| reading.text(receiver))?;
        let method = self.field.method.of(call).map(|method| reading.text(method))?;
        match (receiver.trim_start_matches("::"), method) {
            ("Struct" | "Class", "new") | ("Data", "define") => Some(node_kind::CLASS),
            ("Module", "new") => Some(node_kind::TRAIT),
            _ => None,
        }
    }

    /// The members that `Struct.new(:x, :y)` gives a class.
    pub(super) fn made_members<'t>(&self, call: Node<'t>, class: NodeRef, reading: &mut Reading<'_, 't>) {
        let Some(arguments) = self.field.arguments.of(call) else { return };
        let is_struct = self.field.receiver.of(call).is_some_and(|it| reading.text(it).ends_with("Struct"));
        for argument in reading.children(arguments) {
            if self.kind(argument) != Kind::Symbol {
                continue;
            }
            let Some(name) = self.symbol(argument, reading) else { continue };
            accessor(class, name, argument, Manner::default(), reading);
            if is_struct {
                let name = reading.make_name(&format!("{name}="));
                accessor(class, name, argument, Manner::default(), reading);
            }
        }
    }

    /// `Name = Struct.new(:x) do … end`: a class.
    pub(super) fn made_class<'t>(
        &self,
        named: Node<'t>,
        call: Node<'t>,
        kind: &str,
        whole: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let Some(path) = self.constant_path(named, reading) else { return false };
        let (class, scope) = define_class(&path, kind, whole, context, reading);
        let owned = context.with_owner(class);
        self.made_members(call, class, reading);
        let is_class = self.field.receiver.of(call).is_some_and(|it| reading.text(it).ends_with("Class"));
        if let Some(arguments) = self.field.arguments.of(call) {
            for argument in reading.children(arguments) {
                match self.kind(argument) {
                    Kind::Constant | Kind::ScopeResolution if is_class => {
                        self.base(argument, None, owned, reading);
                    }
                    _ => reading.push(argument, owned),
                }
            }
        }
        if let Some(block) = self.field.block.of(call) {
            self.class_body(self.field.body.of(block), Manner::default(), scope, class, context, reading);
        }
        true
    }
}

fn accessor<'s>(
    class: NodeRef,
    name: &'s str,
    node: Node<'_>,
    manner: Manner,
    reading: &mut Reading<'s, '_>,
) {
    let method = add_method(class, name, node, manner, reading);
    if let Some(method) = reading.sketch.nodes.get_mut(method as usize) {
        method.attributes.insert(ACCESSOR, true.into());
    }
}
