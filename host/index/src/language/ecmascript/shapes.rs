//! What types say that are more than a name: literals of objects and functions, unions, containers, what is made of
//! others. Each becomes value facts, at the end of a path from a node.

use codestrata::model::{Attributes, Target, node_kind};
use tree_sitter::Node;

use super::values::AWAITED;
use super::{EcmaScript, Kind};
use crate::extract::{Context, EACH, Hint, ITEM, NodeRef, Reading, ScopeRef, TypePath, span};

/// How deep types inside of types are read.
const DEEPEST: usize = 8;

/// What stands for the types that something is of, all of them.
const ALL: [&str; 8] = ["&0", "&1", "&2", "&3", "&4", "&5", "&6", "&7"];

/// What stands for the types of which something is one.
const ONE: [&str; 8] = ["|0", "|1", "|2", "|3", "|4", "|5", "|6", "|7"];

/// Types that have the members of their first argument.
const SAME: &[&str] =
    &["Exclude", "Extract", "NoInfer", "NonNullable", "Omit", "Partial", "Pick", "Readonly", "Required"];

/// Types that hold things of their first argument.
const HOLD_FIRST: &[&str] = &[
    "Array",
    "ArrayLike",
    "AsyncGenerator",
    "AsyncIterable",
    "AsyncIterableIterator",
    "AsyncIterator",
    "Generator",
    "Iterable",
    "IterableIterator",
    "Iterator",
    "ReadonlyArray",
    "ReadonlySet",
    "Set",
    "WeakSet",
];

/// Types that hold things of their second argument by their keys.
const HOLD_SECOND: &[&str] = &["Map", "ReadonlyMap", "WeakMap"];

/// The name of a type that nothing defines: that of what `[]` makes.
const ARRAY: &str = "[]";

/// A place that facts are about: the end of a path from a node.
#[derive(Clone, Debug)]
pub(super) struct Spot<'s> {
    pub(super) node: NodeRef,
    pub(super) path: Vec<&'s str>,
}

impl<'s> Spot<'s> {
    pub(super) fn of(node: NodeRef) -> Self {
        Self { node, path: Vec::new() }
    }

    pub(super) fn at(node: NodeRef, path: &[&'s str]) -> Self {
        Self { node, path: path.to_vec() }
    }

    /// The next thing without a name of a node.
    pub(super) fn unnamed(node: NodeRef, reading: &mut Reading<'s, '_>) -> Self {
        let unnamed = reading.name_unnamed(node);
        Self::at(node, &[unnamed])
    }

    pub(super) fn then(&self, member: &'s str) -> Self {
        let path = self.path.iter().copied().chain([member]).collect();
        Self { node: self.node, path }
    }

    /// The hint that something is what is at this place.
    pub(super) fn hint(&self, reading: &mut Reading<'s, '_>) -> Hint<'s> {
        let named = reading.name_node(self.node);
        let names = std::iter::once(named).chain(self.path.iter().copied()).collect();
        Hint::SameAs(TypePath { scope: 0, names })
    }
}

impl EcmaScript {
    /// The hint of an annotation. If it is more than a name, what it says is told of the place, and the hint leads there.
    pub(super) fn hint_of_shape<'s, 't>(
        &self,
        annotation: Option<Node<'t>>,
        spot: impl FnOnce(&mut Reading<'s, 't>) -> Spot<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(annotation) = annotation else { return Hint::Unset };
        let parts = match annotation.kind() {
            "type_annotation" => reading.children(annotation),
            _ => vec![annotation],
        };
        let shape = self.bare(parts, 0, reading);
        let plain =
            |reading: &mut Reading<'s, 't>| self.hint_of_type(Some(annotation), context.scope, reading);
        match shape {
            Some(shape) if self.is_shape(shape, context.scope, reading) => {
                let spot = spot(reading);
                if self.tell_type(&spot, shape, context, 0, reading) {
                    spot.hint(reading)
                } else {
                    plain(reading)
                }
            }
            Some(named) => self.named_type(named, context.scope, reading),
            None => plain(reading),
        }
    }

    /// The hint of `new Map<string, User>()`, which is told of the place.
    pub(super) fn hint_of_made_container<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        spot: impl FnOnce(&mut Reading<'s, 't>) -> Spot<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(made) = value.filter(|value| self.kind(*value) == Kind::New) else { return Hint::Unset };
        let named = self.field.constructor.of(made).filter(|named| self.kind(*named) == Kind::Identifier);
        let (Some(named), Some(arguments)) = (named, self.field.type_arguments.of(made)) else {
            return Hint::Unset;
        };
        let name = reading.text(named);
        let is_container = HOLD_FIRST.contains(&name) || HOLD_SECOND.contains(&name);
        if !is_container || reading.sketch.look_up(context.scope, name).is_some() {
            return Hint::Unset;
        }
        let spot = spot(reading);
        let arguments = reading.children(arguments);
        if self.tell_generic(&spot, name, &arguments, context, 0, reading) {
            spot.hint(reading)
        } else {
            Hint::Unset
        }
    }

    /// The one type that is left without what changes nothing about its members: brackets, `| undefined`, `Readonly`.
    fn bare<'t>(
        &self,
        parts: Vec<Node<'t>>,
        depth: usize,
        reading: &mut Reading<'_, 't>,
    ) -> Option<Node<'t>> {
        let mut parts = parts;
        parts.retain(|part| !self.is_nothing(*part, reading));
        let [only] = *parts.as_slice() else { return None };
        if depth > DEEPEST {
            return None;
        }
        match only.kind() {
            "parenthesized_type" | "readonly_type" => {
                let inner = reading.children(only);
                self.bare(inner, depth + 1, reading)
            }
            "union_type" => {
                let alternatives = self.alternatives(only, reading);
                match *alternatives.as_slice() {
                    [only] => self.bare(vec![only], depth + 1, reading),
                    _ => Some(only),
                }
            }
            "generic_type" => match self.generic(only, reading) {
                Some((name, arguments)) if SAME.contains(&name) && !arguments.is_empty() => {
                    self.bare(arguments.into_iter().take(1).collect(), depth + 1, reading)
                }
                _ => Some(only),
            },
            _ => Some(only),
        }
    }

    /// Whether a type says more than a name does.
    fn is_shape<'t>(&self, node: Node<'t>, scope: ScopeRef, reading: &mut Reading<'_, 't>) -> bool {
        match node.kind() {
            "array_type" | "function_type" | "intersection_type" | "lookup_type" | "object_type"
            | "type_query" | "union_type" => true,
            "generic_type" => self.generic(node, reading).is_some_and(|(name, _)| {
                let is_known = HOLD_FIRST.contains(&name)
                    || HOLD_SECOND.contains(&name)
                    || ["Awaited", "InstanceType", "Promise", "PromiseLike", "Record", "ReturnType"]
                        .contains(&name);
                is_known && reading.sketch.look_up(scope, name).is_none()
            }),
            _ => false,
        }
    }

    /// The types of a union or intersection, without those whose members no source defines.
    fn alternatives<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> Vec<Node<'t>> {
        let mut flat = Vec::new();
        let mut left = vec![node];
        while let Some(part) = left.pop() {
            if part.kind() == node.kind() {
                left.extend(reading.children(part).into_iter().rev());
            } else if !self.is_nothing(part, reading) {
                flat.push(part);
            }
        }
        flat
    }

    fn is_nothing(&self, part: Node<'_>, reading: &Reading<'_, '_>) -> bool {
        match part.kind() {
            "literal_type" | "template_literal_type" => true,
            "predefined_type" => !matches!(reading.text(part), "any" | "unknown" | "object"),
            _ => matches!(reading.text(part), "undefined" | "null"),
        }
    }

    /// The name of a generic type, if it is one name, and its arguments.
    fn generic<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<(&'s str, Vec<Node<'t>>)> {
        let named = self.field.name.of(node).filter(|named| self.kind(*named) == Kind::TypeIdentifier)?;
        let arguments = self.field.type_arguments.of(node)?;
        Some((reading.text(named), reading.children(arguments)))
    }

    /// Says what a type says of a place. Whether that was anything.
    pub(super) fn tell_type<'s, 't>(
        &self,
        spot: &Spot<'s>,
        node: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let parts = match node.kind() {
            "type_annotation" => reading.children(node),
            _ => vec![node],
        };
        let Some(node) = self.bare(parts, depth, reading).filter(|_| depth <= DEEPEST) else { return false };
        let scope = context.scope;
        match node.kind() {
            "union_type" => {
                let parts = self.alternatives(node, reading);
                self.tell_types(spot, &parts, &ONE, context, depth, reading)
            }
            "intersection_type" => {
                let parts = self.alternatives(node, reading);
                self.tell_types(spot, &parts, &ALL, context, depth, reading)
            }
            "array_type" => {
                let held = reading.children(node).first().copied();
                self.tell_held(spot, ARRAY, held, context, depth, reading)
            }
            "generic_type" if self.is_shape(node, scope, reading) => {
                let Some((name, arguments)) = self.generic(node, reading) else { return false };
                self.tell_generic(spot, name, &arguments, context, depth, reading)
            }
            "function_type" => self.tell_function(spot, node, context, depth, reading),
            "object_type" => self.tell_members(spot, node, context, depth, reading),
            "type_query" => {
                let names = node.named_child(0).and_then(|queried| self.steps(queried, reading));
                tell(
                    spot,
                    names.map_or(Hint::Unknown, |names| Hint::SameAs(TypePath { scope, names })),
                    reading,
                )
            }
            "lookup_type" => {
                let hint = self.hint_of_lookup(node, scope, reading);
                tell(spot, hint, reading)
            }
            _ => {
                let hint = self.named_type(node, scope, reading);
                tell(spot, hint, reading)
            }
        }
    }

    /// `Options["client"]`.
    fn hint_of_lookup<'s, 't>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let parts = reading.children(node);
        let [of, key] = *parts.as_slice() else { return Hint::Unknown };
        let key = reading.text(key).trim_matches(['"', '\'']);
        let hint = self.named_type(of, scope, reading);
        match self.names_of(&hint, scope, of, reading) {
            Some(names)
                if !key.is_empty() && key.chars().all(|it| it.is_alphanumeric() || "_$".contains(it)) =>
            {
                let names = names.into_iter().chain([key]).collect();
                Hint::SameAs(TypePath { scope, names })
            }
            _ => Hint::Unknown,
        }
    }

    /// Names that lead to what a hint says, as a value seen from a scope.
    pub(super) fn names_of<'s>(
        &self,
        hint: &Hint<'s>,
        scope: ScopeRef,
        at: Node<'_>,
        reading: &mut Reading<'s, '_>,
    ) -> Option<Vec<&'s str>> {
        match hint {
            Hint::SameAs(path) if path.scope == scope || path.scope == 0 => Some(path.names.clone()),
            Hint::Instance(_) | Hint::SameAs(_) => {
                let name = reading.make_name(&format!("{{:{}}}", at.start_byte()));
                reading.sketch.bind_local(scope, name, hint.clone());
                Some(vec![name])
            }
            _ => None,
        }
    }

    /// Something is of all of several types, or of one of them. Literals among them are read where they stand.
    fn tell_types<'s, 't>(
        &self,
        spot: &Spot<'s>,
        parts: &[Node<'t>],
        signs: &[&'static str; 8],
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let mut is_told = false;
        let mut named: Vec<Hint<'s>> = Vec::new();
        for part in parts.iter().take(signs.len() * 2) {
            let Some(bare) = self.bare(vec![*part], depth + 1, reading) else { continue };
            if self.is_shape(bare, context.scope, reading) {
                is_told |= self.tell_type(spot, bare, context, depth + 1, reading);
            } else {
                let hint = self.named_type(bare, context.scope, reading);
                if !named.contains(&hint) {
                    named.push(hint);
                }
            }
        }
        if let [only] = named.as_slice() {
            return tell(spot, only.clone(), reading) || is_told;
        }
        if named.len() > signs.len() || signs == &ONE && named.contains(&Hint::Unknown) {
            return is_told;
        }
        for (hint, sign) in named.into_iter().zip(signs) {
            is_told |= tell(&spot.then(sign), hint, reading);
        }
        is_told
    }

    fn tell_generic<'s, 't>(
        &self,
        spot: &Spot<'s>,
        name: &'s str,
        arguments: &[Node<'t>],
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let (first, second) = (arguments.first().copied(), arguments.get(1).copied());
        match name {
            "Promise" | "PromiseLike" => {
                let told =
                    first.map(|held| self.tell_type(&spot.then(AWAITED), held, context, depth + 1, reading));
                tell(spot, instance(context.scope, name), reading) || told == Some(true)
            }
            "Record" => {
                second.is_some_and(|held| self.tell_type(&spot.then(ITEM), held, context, depth + 1, reading))
            }
            "ReturnType" | "InstanceType" | "Awaited" => {
                let hint =
                    first.map_or(Hint::Unknown, |made| self.hint_of_made(name, made, context.scope, reading));
                tell(spot, hint, reading)
            }
            _ if HOLD_SECOND.contains(&name) => {
                tell(spot, instance(context.scope, name), reading);
                let ways: [&[&str]; 3] =
                    [&["get", Target::CALL], &["values", Target::CALL, EACH], &["forEach", "(0)", "(0)"]];
                let mut is_told = false;
                for way in ways {
                    let spot = way.iter().fold(spot.clone(), |spot, step| spot.then(step));
                    is_told |= second.is_some_and(|held| {
                        !is_literal(held) && self.tell_type(&spot, held, context, depth + 1, reading)
                    });
                }
                is_told
            }
            _ => self.tell_held(spot, name, first, context, depth, reading),
        }
    }

    /// `ReturnType<typeof f>`, `InstanceType<typeof C>`, `Awaited<ReturnType<typeof f>>`.
    fn hint_of_made<'s, 't>(
        &self,
        name: &str,
        made: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        if name == "Awaited" {
            let inner = match self.generic(made, reading) {
                Some(("ReturnType", arguments)) => arguments.first().copied(),
                _ => None,
            };
            let hint = inner.map(|inner| self.hint_of_made("ReturnType", inner, scope, reading));
            return match hint {
                Some(Hint::SameAs(mut path)) => {
                    path.names.push(AWAITED);
                    Hint::SameAs(path)
                }
                _ => Hint::Unknown,
            };
        }
        let queried = made.named_child(0).filter(|_| made.kind() == "type_query");
        let Some(mut names) = queried.and_then(|queried| self.steps(queried, reading)) else {
            return Hint::Unknown;
        };
        names.push(Target::CALL);
        Hint::SameAs(TypePath { scope, names })
    }

    /// Something holds things of a type, and is itself of a type of the language.
    fn tell_held<'s, 't>(
        &self,
        spot: &Spot<'s>,
        own: &'s str,
        held: Option<Node<'t>>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let told = held.map(|held| self.tell_type(&spot.then(EACH), held, context, depth + 1, reading));
        // Of what holds nothing that is known the name alone says enough.
        told == Some(true) && { tell(spot, instance(context.scope, own), reading) }
    }

    /// What a function type takes and gives.
    fn tell_function<'s, 't>(
        &self,
        spot: &Spot<'s>,
        node: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let taken = self.tell_taken(spot, node, context, depth, reading);
        let given = self.field.return_type.of(node);
        given
            .is_some_and(|given| self.tell_type(&spot.then(Target::CALL), given, context, depth + 1, reading))
            || taken
    }

    /// What the parameters of a function take.
    fn tell_taken<'s, 't>(
        &self,
        spot: &Spot<'s>,
        node: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let Some(parameters) = self.field.parameters.of(node) else { return false };
        let mut is_told = false;
        for (position, parameter) in self.without_this(parameters, reading).into_iter().enumerate() {
            is_told |= self.tell_parameter(spot, position, parameter, context, depth, reading);
        }
        is_told
    }

    /// What a parameter takes; one that takes all the others stands for each of their positions.
    pub(super) fn tell_parameter<'s, 't>(
        &self,
        function: &Spot<'s>,
        position: usize,
        parameter: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let Some(annotation) = self.field.type_.of(parameter) else { return false };
        let named = self.field.pattern.of(parameter).or_else(|| self.field.name.of(parameter));
        let positions = Target::ARGUMENTS.iter().skip(position);
        let Some(taken) = annotation.named_child(0) else { return false };
        if named.is_none_or(|named| self.kind(named) != Kind::Rest) {
            return positions
                .take(1)
                .any(|member| self.tell_type(&function.then(member), taken, context, depth + 1, reading));
        }
        let held = reading.children(taken);
        let mut is_told = false;
        match (taken.kind(), held.first()) {
            ("array_type", Some(held)) if !is_literal(*held) => {
                for member in positions {
                    is_told |= self.tell_type(&function.then(member), *held, context, depth + 1, reading);
                }
            }
            ("tuple_type", _) => {
                for (member, held) in positions.zip(held) {
                    is_told |= self.tell_type(&function.then(member), held, context, depth + 1, reading);
                }
            }
            _ => {}
        }
        is_told
    }

    /// The members of a literal of a type. Those of a type or a variable are its members; of others, methods have
    /// nodes, and facts lead to them.
    fn tell_members<'s, 't>(
        &self,
        spot: &Spot<'s>,
        node: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        // One of several types is not what all of them are.
        let is_alternative = node.parent().is_some_and(|around| around.kind() == "union_type");
        let is_whole = spot.path.is_empty() && !is_alternative && reading.sketch.holds_members(spot.node);
        let inside = context.with_owner(spot.node);
        let mut given = Vec::new();
        let mut is_told = is_whole;
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::PropertySignature if is_whole => {
                    self.class_field(part, Some(spot.node), inside, reading);
                }
                Kind::MethodSignature if is_whole => {
                    self.method(part, Some(spot.node), inside, reading);
                }
                Kind::PropertySignature | Kind::MethodSignature => {
                    is_told |= self.tell_member(spot, part, context, depth, reading);
                }
                Kind::Signature if part.kind() == "call_signature" => {
                    is_told |= self.tell_taken(spot, part, context, depth, reading);
                    let annotation = self.field.return_type.of(part);
                    given.extend(annotation.and_then(|annotation| annotation.named_child(0)));
                }
                Kind::IndexSignature => {
                    let held = self.field.type_.of(part);
                    is_told |= held.is_some_and(|held| {
                        !is_literal(held)
                            && self.tell_type(&spot.then(ITEM), held, context, depth + 1, reading)
                    });
                }
                _ => {}
            }
            if is_whole && !matches!(self.kind(part), Kind::PropertySignature | Kind::MethodSignature) {
                reading.push(part, inside.as_type(crate::extract::Role::Variable));
            }
        }
        if is_whole {
            reading.sketch.read.insert(node.id());
        }
        let given_spot = spot.then(Target::CALL);
        self.tell_types(&given_spot, &given, &ONE, context, depth + 1, reading) || is_told
    }

    fn tell_member<'s, 't>(
        &self,
        spot: &Spot<'s>,
        part: Node<'t>,
        context: Context,
        depth: usize,
        reading: &mut Reading<'s, 't>,
    ) -> bool {
        let Some(named) = self.field.name.of(part).filter(|named| self.kind(*named) != Kind::ComputedName)
        else {
            return false;
        };
        let name = reading.text(named).trim_matches(['"', '\'']);
        if self.kind(part) != Kind::MethodSignature {
            // What is said to be of the type of a function need not be that function.
            let annotation = self.field.type_.of(part).and_then(|annotation| annotation.named_child(0));
            let annotation = annotation.filter(|annotation| annotation.kind() != "type_query");
            return annotation.is_some_and(|annotation| {
                self.tell_type(&spot.then(name), annotation, context, depth + 1, reading)
            });
        }
        let kind = node_kind::METHOD;
        let member = reading.sketch.define(spot.node, name, kind, span(part), Attributes::new());
        let own = Spot::of(member);
        let hint = own.hint(reading);
        tell(&spot.then(name), hint, reading);
        self.tell_function(&own, part, context, depth + 1, reading);
        true
    }

    /// What the call signatures of an interface take and give.
    pub(super) fn tell_calls<'t>(
        &self,
        interface: NodeRef,
        signatures: &[Node<'t>],
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let spot = Spot::of(interface);
        let mut given = Vec::new();
        for signature in signatures {
            self.tell_taken(&spot, *signature, context, 0, reading);
            let annotation = self.field.return_type.of(*signature);
            given.extend(annotation.and_then(|annotation| annotation.named_child(0)));
        }
        self.tell_types(&spot.then(Target::CALL), &given, &ONE, context, 0, reading);
    }
}

/// Says what is at a place, if the hint can be followed. Of a type it is said that it has all members of that.
pub(super) fn tell<'s>(spot: &Spot<'s>, hint: Hint<'s>, reading: &mut Reading<'s, '_>) -> bool {
    if !matches!(hint, Hint::Instance(_) | Hint::SameAs(_)) {
        return false;
    }
    let is_type = spot.path.is_empty() && reading.sketch.is_type(spot.node);
    let path = if is_type { vec![ALL[0]] } else { spot.path.clone() };
    reading.sketch.tell(spot.node, path, hint);
    true
}

fn instance<'s>(scope: ScopeRef, name: &'s str) -> Hint<'s> {
    Hint::Instance(TypePath { scope, names: vec![name] })
}

/// Whether a type has members of its own that would get nodes wherever it is told.
fn is_literal(node: Node<'_>) -> bool {
    matches!(node.kind(), "object_type" | "intersection_type")
}
