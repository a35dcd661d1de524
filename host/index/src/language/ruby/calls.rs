//! Calls, names, and what they are called on.

use codestrata::model::{Target, edge_kind, node_kind};
use tree_sitter::Node;

use super::{Kind, Ruby, class_of_self, is_local};
use crate::extract::{Base, Chain, Context, NodeRef, Purpose, Reading, span};

impl Ruby {
    /// The dotted name that an expression is, or ends with: constants, a variable, or members of an object whose class
    /// the source says. A loop, because chains of calls nest as deep as they are long.
    ///
    /// A name without receiver that is no local variable is a member of `self`. `Client.new.get` is read as
    /// `Client.get`, and `self.class` as `self`, because the methods of a class and of its objects are members alike.
    pub(super) fn chain<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &Reading<'s, 't>,
    ) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = node;
        let mut through_new = false;
        loop {
            let next = match self.kind(here) {
                Kind::ScopeResolution => {
                    let Some(name) = self.field.name.of(here) else { break };
                    add_member(&mut chain, name, through_new, reading);
                    match self.field.scope.of(here) {
                        Some(scope) => Some(scope),
                        None => {
                            // `::Name`: of the top level.
                            chain.base = Base::Name(chain.members.pop().unwrap_or_default());
                            chain.base = absolute(chain.base, reading);
                            None
                        }
                    }
                }
                Kind::Call => match self.through_call(here, &mut chain, through_new, context, reading) {
                    Step::Over(next, new) => {
                        through_new |= new;
                        Some(next)
                    }
                    Step::End => None,
                },
                Kind::Constant | Kind::GlobalVariable => {
                    chain.base = Base::Name(reading.text(here));
                    note_receiver(&mut chain, here, through_new);
                    None
                }
                Kind::SelfObject => {
                    chain.base = Base::Name("self");
                    note_receiver(&mut chain, here, through_new);
                    None
                }
                Kind::InstanceVariable | Kind::ClassVariable => {
                    add_member(&mut chain, here, through_new, reading);
                    chain.base = Base::Name("self");
                    None
                }
                Kind::Identifier => {
                    let name = reading.text(here);
                    if is_local(name, context.scope, reading)
                        || class_of_self(context.scope, reading).is_none()
                    {
                        chain.base = Base::Name(name);
                        note_receiver(&mut chain, here, through_new);
                    } else {
                        add_member(&mut chain, here, through_new, reading);
                        chain.base = Base::Name("self");
                    }
                    chain.rest = Some(here).filter(|_| here != node);
                    None
                }
                Kind::Parenthesized if here.named_child_count() == 1 => here.named_child(0),
                _ => {
                    chain.rest = Some(here).filter(|_| here != node);
                    None
                }
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
        chain.members.reverse();
        chain
    }

    /// What `Client.new`, `self.class` and `self.name` are as receivers.
    fn through_call<'s, 't>(
        &self,
        call: Node<'t>,
        chain: &mut Chain<'s, 't>,
        through_new: bool,
        context: Context,
        reading: &Reading<'s, 't>,
    ) -> Step<'t> {
        chain.rest = Some(call);
        let Some(method) = self.field.method.of(call) else { return Step::End };
        let receiver = self.field.receiver.of(call);
        let is_class =
            |receiver: Node<'t>| matches!(self.kind(receiver), Kind::Constant | Kind::ScopeResolution);
        match (reading.text(method), receiver) {
            ("new", Some(class)) if is_class(class) && !through_new => return Step::Over(class, true),
            ("class", Some(object)) if self.kind(object) == Kind::SelfObject => {
                return Step::Over(object, through_new);
            }
            (_, Some(object)) if self.kind(object) == Kind::SelfObject && !through_new => {
                add_member(chain, method, through_new, reading);
                return Step::Over(object, through_new);
            }
            (_, None)
                if class_of_self(context.scope, reading).is_some()
                    && self.kind(method) == Kind::Identifier =>
            {
                add_member(chain, method, through_new, reading);
                chain.base = Base::Name("self");
            }
            _ => {}
        }
        Step::End
    }

    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if self.declares(node, super::methods::Manner::default(), context, reading) {
            return;
        }
        let arguments = self.field.arguments.of(node);
        let block = self.field.block.of(node);
        let receiver = self.field.receiver.of(node);
        let method = self.field.method.of(node);
        match (receiver, method) {
            (None, Some(method)) if self.kind(method) == Kind::Super => {
                call_super(method, context, reading);
            }
            (None, Some(method)) => {
                let word = reading.text(method);
                if !self.requires(word, arguments, context, reading) {
                    call_self(method, context, reading);
                }
                self.call_by_symbol(word, None, arguments, context, reading);
            }
            // Read as `self`.
            (Some(receiver), Some(method))
                if self.kind(receiver) == Kind::SelfObject && reading.text(method) == "class" => {}
            (Some(receiver), method) => {
                self.call_on(receiver, method, None, context, reading);
                let word = method.map_or("call", |method| reading.text(method));
                self.call_by_symbol(word, Some(receiver), arguments, context, reading);
            }
            (None, None) => {}
        }
        if let Some(arguments) = arguments {
            reading.push_children(arguments, context);
        }
        reading.push_some(block, context);
    }

    /// `receiver.method`; `written` is the name where it is not that of the source, as for `receiver.name = value`.
    pub(super) fn call_on<'s, 't>(
        &self,
        receiver: Node<'t>,
        method: Option<Node<'t>>,
        written: Option<&'s str>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let mut chain = self.chain(receiver, context, reading);
        let at = method.unwrap_or(receiver);
        let name = written.unwrap_or_else(|| method.map_or("call", |method| reading.text(method)));
        let is_constant = matches!(self.kind(receiver), Kind::Constant | Kind::ScopeResolution);
        // What the chain hangs on is read, unless the chain says it all.
        if chain.rest.is_none() && !self.is_named(receiver) {
            chain.rest = Some(receiver);
        }
        let rest = chain.rest;
        let of_self = matches!(chain.base, Base::Name("self")) && chain.members.is_empty();
        if name == "new" && is_constant {
            reading.use_chain(&chain, Purpose::Instantiate, context);
        } else if name == "new" && of_self {
            instantiate_self(at, context, reading);
        } else {
            if chain.rest.is_none() && chain.name().is_some() {
                reading.add_use(chain.base, &chain.members, span(chain.last), Purpose::Receiver, context);
            }
            chain.members.push(name);
            reading.add_use(chain.base, &chain.members, span(at), Purpose::Call, context);
        }
        reading.push_some(rest, context);
    }

    /// Whether a chain of this says all of it: nothing in it is called.
    fn is_named(&self, node: Node<'_>) -> bool {
        matches!(
            self.kind(node),
            Kind::Constant
                | Kind::ScopeResolution
                | Kind::InstanceVariable
                | Kind::ClassVariable
                | Kind::GlobalVariable
                | Kind::SelfObject
        )
    }

    /// `send(:name)` and `method(:name)`: the name is a symbol.
    fn call_by_symbol<'t>(
        &self,
        word: &str,
        receiver: Option<Node<'t>>,
        arguments: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let purpose = match word {
            "send" | "public_send" | "__send__" => Purpose::Call,
            "method" | "instance_method" => Purpose::Access,
            _ => return,
        };
        let Some(symbol) = arguments.and_then(|arguments| arguments.named_child(0)) else { return };
        if self.kind(symbol) != Kind::Symbol {
            return;
        }
        let Some(name) = self.symbol(symbol, reading) else { return };
        let (base, mut members) = match receiver {
            Some(receiver) => {
                let chain = self.chain(receiver, context, reading);
                (chain.base, chain.members)
            }
            None if class_of_self(context.scope, reading).is_some() => (Base::Name("self"), Vec::new()),
            None => (Base::Unknown, Vec::new()),
        };
        members.push(name);
        reading.add_use(base, &members, span(symbol), purpose, context);
    }

    pub(super) fn constant<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, context, reading);
        reading.use_chain(&chain, Purpose::Access, context);
        reading.push_some(chain.rest, context);
    }

    /// `@name`, `@@name`, `$name`.
    pub(super) fn variable<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let name = reading.text(node);
        if self.kind(node) == Kind::GlobalVariable {
            reading.add_use(Base::Name(name), &[], span(node), Purpose::Access, context);
        } else if class_of_self(context.scope, reading).is_some() {
            reading.add_use(Base::Name("self"), &[name], span(node), Purpose::Access, context);
        }
    }

    /// `&:name` calls the method of each element.
    pub(super) fn block_argument<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let symbol = node.named_child(0).filter(|symbol| self.kind(*symbol) == Kind::Symbol);
        match symbol.and_then(|symbol| self.symbol(symbol, reading)) {
            Some(name) => reading.add_use(Base::Unknown, &[name], span(node), Purpose::Call, context),
            None => reading.push_children(node, context),
        }
    }

    /// `{ name: }` is `{ name: name }`.
    pub(super) fn pair<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.push_children(node, context);
        let key = self.field.key.of(node);
        if self.field.value.of(node).is_none()
            && let Some(key) = key
        {
            identifier(key, context, reading);
        }
    }
}

/// Where a chain goes on.
enum Step<'t> {
    /// To this; and whether it is a class of which an object was made.
    Over(Node<'t>, bool),
    End,
}

fn add_member<'s, 't>(
    chain: &mut Chain<'s, 't>,
    name: Node<'t>,
    through_new: bool,
    reading: &Reading<'s, 't>,
) {
    match chain.members.len() {
        0 => chain.last = name,
        1 if !through_new => chain.before_last = Some(name),
        _ => {}
    }
    chain.members.push(reading.text(name));
}

fn note_receiver<'t>(chain: &mut Chain<'_, 't>, node: Node<'t>, through_new: bool) {
    if chain.members.len() == 1 && !through_new {
        chain.before_last = Some(node);
    }
}

fn kind_of<'a>(node: NodeRef, reading: &'a Reading<'_, '_>) -> &'a str {
    reading.sketch.nodes.get(node as usize).map_or("", |node| node.kind.as_str())
}

/// A constant of the top level, whatever constants of that name are in scope: bound under a name with `::`.
fn absolute<'s>(base: Base<'s>, reading: &Reading<'s, '_>) -> Base<'s> {
    match base {
        Base::Name(name) => Base::Name(reading.make_name(&format!("::{name}"))),
        other => other,
    }
}

/// A call without receiver.
fn call_self<'t>(method: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let name = reading.text(method);
    match class_of_self(context.scope, reading) {
        Some(_) if name == "new" => instantiate_self(method, context, reading),
        Some(_) => reading.add_use(Base::Name("self"), &[name], span(method), Purpose::Call, context),
        None if reading.sketch.look_up(context.scope, "self").is_some() => {
            reading.add_use(Base::Unknown, &[name], span(method), Purpose::Call, context);
        }
        None => reading.add_use(Base::Name(name), &[], span(method), Purpose::Call, context),
    }
}

/// `new` in a method of a class makes an object of it, or of one that inherits from it.
fn instantiate_self(at: Node<'_>, context: Context, reading: &mut Reading<'_, '_>) {
    let Some(class) = class_of_self(context.scope, reading) else { return };
    if kind_of(class, reading) == node_kind::CLASS {
        reading.sketch.refer(context.owner, edge_kind::INSTANTIATES, span(at), Target::Node(class));
    }
}

/// `super`, which means the method of the same name in the bases.
pub(super) fn call_super<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    if kind_of(context.owner, reading) != node_kind::METHOD {
        return;
    }
    let Some(method) = reading.sketch.nodes.get(context.owner as usize) else { return };
    let name = reading.make_name(&method.name);
    reading.add_use(Base::Super, &[name], span(node), Purpose::Call, context);
}

/// A name that is no local variable is a call.
pub(super) fn identifier<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let name = reading.text(node);
    // `it`, `_1`: the parameter of a block that names none; and words of the language.
    let is_implicit = name == "it" || name.strip_prefix('_').is_some_and(|rest| rest.len() == 1);
    let is_implicit = is_implicit || matches!(name, "__FILE__" | "__LINE__" | "__ENCODING__");
    if !is_implicit && !is_local(name, context.scope, reading) {
        call_self(node, context, reading);
    }
}
