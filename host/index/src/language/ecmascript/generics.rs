//! Types that are made of others: containers, promises, `ReturnType<typeof f>`.

use codestrata::model::Target;
use tree_sitter::Node;

use super::spots::{Spot, tell};
use super::values::AWAITED;
use super::{EcmaScript, Kind};
use crate::extract::{Context, EACH, Hint, ITEM, Reading, ScopeRef, TypePath};

/// Types that hold things of their first argument.
pub(super) const HOLD_FIRST: &[&str] = &[
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
pub(super) const HOLD_SECOND: &[&str] = &["Map", "ReadonlyMap", "WeakMap"];

impl EcmaScript {
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

    pub(super) fn tell_generic<'s, 't>(
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
    pub(super) fn tell_held<'s, 't>(
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
}

fn instance(scope: ScopeRef, name: &str) -> Hint<'_> {
    Hint::Instance(TypePath { scope, names: vec![name] })
}

/// Whether a type has members of its own that would get nodes wherever it is told.
pub(super) fn is_literal(node: Node<'_>) -> bool {
    matches!(node.kind(), "object_type" | "intersection_type")
}
