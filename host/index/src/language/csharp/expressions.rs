//! Calls, reads, and what makes objects.

use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{Base, Chain, Context, Hint, Mode, Purpose, Reading, ScopeRef, TypePath, span};

impl CSharp {
    /// The dotted name that an expression is, or ends with, and the generic names in it. A loop, because chains of
    /// calls nest as deep as they are long. `new Client().Get`, `((Client)c).Get` and `(c as Client).Get` are read as
    /// `Client.Get`.
    pub(super) fn chain<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> (Chain<'s, 't>, Vec<Node<'t>>) {
        let mut chain =
            Chain { base: Base::Unknown, members: Vec::new(), last: node, before_last: None, rest: None };
        let mut generic = Vec::new();
        let mut here = Some(node);
        while let Some(part) = here {
            let has_members = !chain.members.is_empty();
            here = match self.kind(part) {
                Kind::Invocation if part == node => self.field.function.of(part),
                Kind::MemberAccess | Kind::QualifiedName | Kind::AliasQualified | Kind::ConditionalAccess => {
                    let (object, name) = self.object_and_name(part, reading);
                    let Some(name) = name else {
                        chain.rest = Some(part).filter(|part| *part != node);
                        break;
                    };
                    self.member(&mut chain, name, &mut generic, reading);
                    if object.is_none() {
                        first_of_members(&mut chain);
                    }
                    object
                }
                Kind::Parenthesized => part.child(1),
                // `user!.Name`: nothing but a promise that it is no null.
                Kind::PostfixUnary if has_members => part.named_child(0),
                Kind::Creation | Kind::Cast | Kind::As if has_members => {
                    chain.rest = Some(part);
                    self.through_type(part, &mut chain, reading);
                    None
                }
                Kind::Identifier | Kind::GenericName => {
                    let named = self.plain_name(part, &mut generic);
                    chain.base = Base::Name(reading.text(named));
                    match chain.members.len() {
                        0 => chain.last = named,
                        1 => chain.before_last = Some(named),
                        _ => {}
                    }
                    None
                }
                Kind::PredefinedType => {
                    chain.base = Base::Name(reading.text(part));
                    None
                }
                Kind::String | Kind::TypeOf if has_members => {
                    chain.rest = Some(part);
                    let is_type = self.kind(part) == Kind::TypeOf;
                    chain.base = Base::Name(if is_type { "Type" } else { "string" });
                    None
                }
                _ => {
                    match part.kind() {
                        "this" => {
                            chain.base = Base::Name("this");
                            if chain.members.len() == 1 {
                                chain.before_last = Some(part);
                            }
                        }
                        "base" => chain.base = Base::Super,
                        _ => chain.rest = Some(part).filter(|part| *part != node),
                    }
                    None
                }
            };
        }
        chain.members.reverse();
        (chain, generic)
    }

    /// The parts of `a.B`, `a?.B`, `A::B`. Without an object it is `global::B`; without a name `a?[0]`.
    fn object_and_name<'t>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> (Option<Node<'t>>, Option<Node<'t>>) {
        match self.kind(node) {
            Kind::QualifiedName => (self.field.qualifier.of(node), self.field.name.of(node)),
            Kind::AliasQualified => {
                let alias = self.field.alias.of(node).filter(|alias| reading.text(*alias) != "global");
                (alias, self.field.name.of(node))
            }
            Kind::ConditionalAccess => {
                let binding = reading.children(node).pop();
                let binding = binding.filter(|binding| self.kind(*binding) == Kind::MemberBinding);
                (self.field.condition.of(node), binding.and_then(|binding| self.field.name.of(binding)))
            }
            _ => (self.field.expression.of(node), self.field.name.of(node)),
        }
    }

    /// Adds one more name in front of those that a chain has.
    fn member<'s, 't>(
        &self,
        chain: &mut Chain<'s, 't>,
        name: Node<'t>,
        generic: &mut Vec<Node<'t>>,
        reading: &Reading<'s, 't>,
    ) {
        let named = self.plain_name(name, generic);
        match chain.members.len() {
            0 => chain.last = named,
            1 => chain.before_last = Some(named),
            _ => {}
        }
        chain.members.push(reading.text(named));
    }

    /// The name of `Name<T>` without its arguments, which are remembered.
    fn plain_name<'t>(&self, name: Node<'t>, generic: &mut Vec<Node<'t>>) -> Node<'t> {
        if self.kind(name) != Kind::GenericName {
            return name;
        }
        generic.push(name);
        name.named_child(0).unwrap_or(name)
    }

    /// Goes on with the type that an expression makes or turns a value into.
    fn through_type<'s, 't>(&self, node: Node<'t>, chain: &mut Chain<'s, 't>, reading: &mut Reading<'s, 't>) {
        let named = self.type_of_value(node);
        if let Some((names, _)) = named.and_then(|named| self.type_names(named, reading))
            && let Some((first, inner)) = names.split_first()
        {
            chain.members.extend(inner.iter().rev());
            chain.base = Base::Name(first);
        }
    }

    fn type_of_value<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        match self.kind(node) {
            Kind::As => self.field.right.of(node),
            _ => self.field.type_.of(node),
        }
    }

    /// Adds a use of an expression, and reads what it hangs on.
    fn use_whole<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (chain, generic) = self.chain(node, reading);
        reading.use_chain(&chain, purpose, context);
        reading.push_some(chain.rest, context);
        for name in generic {
            self.push_type_arguments(name, context, reading);
        }
    }

    pub(super) fn invocation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let called = self.field.function.of(node);
        // `nameof(x)` calls nothing.
        if called.is_none_or(|called| reading.text(called) != "nameof") {
            self.use_whole(node, Purpose::Call, context, reading);
        }
        reading.push_some(self.field.arguments.of(node), context);
    }

    pub(super) fn access<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        // What `a?[0]` hangs on.
        if self.kind(node) == Kind::ConditionalAccess && self.object_and_name(node, reading).1.is_none() {
            return reading.push_children(node, context);
        }
        self.use_whole(node, Purpose::Access, context, reading);
    }

    /// `new User(…) { Name = … }`.
    pub(super) fn creation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let named = self.field.type_.of(node);
        if let Some(named) = named {
            self.use_type(named, Purpose::Instantiate, context, reading);
        }
        reading.push_some(self.field.arguments.of(node), context);
        if let Some(initializer) = self.field.initializer.of(node) {
            self.initializer(initializer, named, context, reading);
        }
    }

    /// `User user = new(…) { Name = … }`.
    pub(super) fn implicit_creation<'t>(
        &self,
        node: Node<'t>,
        declared: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut named = declared;
        while let (Kind::NullableType, Some(inner)) = (self.kind(named), self.field.type_.of(named)) {
            named = inner;
        }
        if let Some((names, _)) = self.type_names(named, reading)
            && let Some((base, members)) = names.split_first()
        {
            reading.add_use(Base::Name(base), members, span(node), Purpose::Instantiate, context);
        }
        for part in reading.children(node) {
            if self.kind(part) == Kind::Initializer {
                self.initializer(part, Some(named), context, reading);
            } else {
                reading.push(part, context);
            }
        }
    }

    /// `{ Name = "x", Tags = { "a" } }` sets members of what is made.
    fn initializer<'t>(
        &self,
        node: Node<'t>,
        made: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let names = made.and_then(|made| self.type_names(made, reading));
        let names = names.map(|(names, _)| names).unwrap_or_default();
        for part in reading.children(node) {
            let left = self.field.left.of(part).filter(|left| self.kind(*left) == Kind::Identifier);
            let (Some(left), "assignment_expression") = (left, part.kind()) else {
                reading.push(part, context);
                continue;
            };
            let name = reading.text(left);
            let (base, members) = match names.split_first() {
                Some((base, rest)) => (Base::Name(base), [rest, &[name]].concat()),
                None => (Base::Unknown, vec![name]),
            };
            reading.add_use(base, &members, span(left), Purpose::Access, context);
            reading.push_some(self.field.right.of(part), context);
        }
    }

    /// `name: value`, and `Name = value` of a `with` and of an attribute: the name is no variable.
    pub(super) fn argument<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut parts = reading.children(node);
        let is_with = self.kind(node) == Kind::WithInitializer;
        let named = if is_with { parts.first().copied() } else { self.field.name.of(node) };
        parts.retain(|part| Some(*part) != named);
        if let Some(named) = named.filter(|_| is_with) {
            let name = reading.text(named);
            reading.add_use(Base::Unknown, &[name], span(named), Purpose::Access, context);
        }
        for part in parts {
            reading.push(part, context.with_mode(Mode::Value));
        }
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
            Kind::Creation | Kind::Cast | Kind::As => {
                self.hint_of_type(self.type_of_value(value), scope, reading)
            }
            Kind::Identifier | Kind::MemberAccess => {
                let (chain, _) = self.chain(value, reading);
                match chain.base {
                    Base::Name(first) => {
                        let names = std::iter::once(first).chain(chain.members).collect();
                        Hint::SameAs(TypePath { scope, names })
                    }
                    _ => Hint::Unknown,
                }
            }
            Kind::String => Hint::Instance(TypePath { scope, names: vec!["string"] }),
            _ if value.kind() == "this" => Hint::SameAs(TypePath { scope, names: vec!["this"] }),
            _ => Hint::Unknown,
        }
    }
}

/// Lets a chain begin at the first of its names, which were found last.
fn first_of_members(chain: &mut Chain<'_, '_>) {
    if let Some(first) = chain.members.pop() {
        chain.base = Base::Name(first);
    }
}

/// `new { Name = user.Name, user.Age }`: what stands before `=` is no variable.
pub(super) fn anonymous_object<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let parts = reading.parts(node);
    for (position, part) in parts.iter().enumerate() {
        let is_key = parts.get(position + 1).is_some_and(|next| next.kind() == "=");
        if part.is_named() && !is_key {
            reading.push(*part, context);
        }
    }
}
