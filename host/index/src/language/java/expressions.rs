//! Calls, reads, and what makes objects.

use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{Base, Chain, Context, Hint, Purpose, Reading, ScopeRef, TypePath, span};

impl Java {
    /// The dotted name that an expression is, or ends with. A loop, because chains of calls nest as deep as they are
    /// long. `new Client().get` and `((Client) c).get` are read as `Client.get`.
    pub(super) fn chain<'s, 't>(&self, node: Node<'t>, reading: &mut Reading<'s, 't>) -> Chain<'s, 't> {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut here = Some(node);
        while let Some(part) = here {
            let is_first = part == node;
            here = match self.kind(part) {
                Kind::FieldAccess => {
                    if let Some(name) = self.field.field.of(part)
                        && self.kind(name) == Kind::Identifier
                    {
                        member(&mut chain, name, reading);
                    }
                    // Without a name it is `Outer.this`, whose members are those of `Outer`.
                    self.field.object.of(part)
                }
                Kind::Invocation if is_first => {
                    let Some(name) = self.field.name.of(part) else { break };
                    match self.field.object.of(part) {
                        Some(object) => {
                            member(&mut chain, name, reading);
                            Some(object)
                        }
                        None => {
                            chain.last = name;
                            chain.base = Base::Name(reading.text(name));
                            None
                        }
                    }
                }
                Kind::MethodReference if is_first => {
                    let parts = reading.children(part);
                    let (Some(object), Some(name)) = (parts.first(), parts.last()) else { break };
                    member(&mut chain, *name, reading);
                    Some(*object)
                }
                Kind::Parenthesized => part.named_child(0),
                Kind::Creation | Kind::Cast if !chain.members.is_empty() => {
                    chain.rest = Some(part);
                    self.through_type(self.field.type_.of(part), &mut chain, reading);
                    None
                }
                Kind::TypeIdentifier | Kind::ScopedType | Kind::GenericType => {
                    chain.rest = Some(part);
                    self.through_type(Some(part), &mut chain, reading);
                    None
                }
                Kind::Identifier | Kind::This => {
                    chain.base = Base::Name(reading.text(part));
                    if chain.members.len() == 1 {
                        chain.before_last = Some(part);
                    }
                    None
                }
                Kind::Super => {
                    chain.base = Base::Super;
                    None
                }
                Kind::ClassLiteral if !is_first => {
                    chain.rest = Some(part);
                    chain.base = Base::Name("Class");
                    None
                }
                Kind::String if !is_first => {
                    chain.base = Base::Name("String");
                    None
                }
                _ => {
                    chain.rest = Some(part).filter(|_| !is_first);
                    None
                }
            };
        }
        chain.members.reverse();
        chain
    }

    /// Goes on with the names of a type, the last one first.
    fn through_type<'s, 't>(
        &self,
        named: Option<Node<'t>>,
        chain: &mut Chain<'s, 't>,
        reading: &mut Reading<'s, 't>,
    ) {
        if let Some((names, _)) = named.and_then(|named| self.type_names(named, reading))
            && let Some((first, inner)) = names.split_first()
        {
            chain.members.extend(inner.iter().rev());
            chain.base = Base::Name(first);
        }
    }

    pub(super) fn invocation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, reading);
        use_whole(&chain, Purpose::Call, context, reading);
        reading.push_some(self.field.type_arguments.of(node), context);
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let chain = self.chain(node, reading);
        use_whole(&chain, Purpose::Access, context, reading);
    }

    /// `this::save`, `User::name`, `User::new`.
    pub(super) fn method_reference<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let parts = reading.children(node);
        let Some(first) = parts.first().copied() else { return };
        for part in &parts {
            if self.kind(*part) == Kind::TypeRoot {
                reading.push(*part, context);
            }
        }
        if !reading.has_token(node, "new") {
            let chain = self.chain(node, reading);
            return use_whole(&chain, Purpose::Call, context, reading);
        }
        match self.kind(first) {
            Kind::Identifier | Kind::FieldAccess => {
                let chain = self.chain(first, reading);
                use_whole(&chain, Purpose::Instantiate, context, reading);
            }
            _ => self.use_type(first, Purpose::Instantiate, context, reading),
        }
    }

    /// `new User(…)`, `outer.new Inner()`, `new Runnable() { … }`.
    pub(super) fn creation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let named = self.field.type_.of(node);
        if let Some(named) = named {
            self.use_type(named, Purpose::Instantiate, context, reading);
        }
        for part in reading.children(node) {
            if self.kind(part) == Kind::ClassBody {
                self.anonymous(node, named, part, context, reading);
            } else if Some(part) != named {
                reading.push(part, context);
            }
        }
    }

    /// `this(…)` and `super(…)`.
    pub(super) fn constructor_call<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(called) = self.field.constructor.of(node) {
            let base = if self.kind(called) == Kind::This { Base::Name("this") } else { Base::Super };
            reading.add_use(base, &["constructor"], span(called), Purpose::Call, context);
        }
        reading.push_some(self.field.object.of(node), context);
        reading.push_some(self.field.arguments.of(node), context);
    }

    /// What a variable declared with `var` is.
    pub(super) fn hint_of_value<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(value) = value else { return Hint::Unknown };
        match self.kind(value) {
            Kind::Creation | Kind::Cast => self.hint_of_type(self.field.type_.of(value), scope, reading),
            Kind::Identifier | Kind::FieldAccess | Kind::This => {
                let chain = self.chain(value, reading);
                match chain.base {
                    Base::Name(first) => {
                        let names = std::iter::once(first).chain(chain.members).collect();
                        Hint::SameAs(TypePath { scope, names })
                    }
                    _ => Hint::Unknown,
                }
            }
            Kind::String => Hint::Instance(TypePath { scope, names: vec!["String"] }),
            _ => Hint::Unknown,
        }
    }
}

/// Adds one more name in front of those that a chain has.
fn member<'s, 't>(chain: &mut Chain<'s, 't>, name: Node<'t>, reading: &Reading<'s, 't>) {
    match chain.members.len() {
        0 => chain.last = name,
        1 => chain.before_last = Some(name),
        _ => {}
    }
    chain.members.push(reading.text(name));
}

/// Adds a use of a chain, and reads what it hangs on.
fn use_whole<'s, 't>(
    chain: &Chain<'s, 't>,
    purpose: Purpose,
    context: Context,
    reading: &mut Reading<'s, 't>,
) {
    reading.use_chain(chain, purpose, context);
    reading.push_some(chain.rest, context);
}
