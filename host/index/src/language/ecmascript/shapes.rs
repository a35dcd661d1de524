//! What types say that are more than a name: unions, intersections, literals, and those that `generics` and `signatures`
//! read. Each becomes value facts, at the end of a path from a node.

use tree_sitter::Node;

use super::generics::{HOLD_FIRST, HOLD_SECOND};
use super::spots::{Spot, names_of, tell};
use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, Reading, ScopeRef, TypePath};

/// How deep types inside of types are read.
const DEEPEST: usize = 8;

/// What stands for the types that something is of, all of them.
pub(super) const ALL: [&str; 8] = ["&0", "&1", "&2", "&3", "&4", "&5", "&6", "&7"];

/// What stands for the types of which something is one.
pub(super) const ONE: [&str; 8] = ["|0", "|1", "|2", "|3", "|4", "|5", "|6", "|7"];

/// Types that have the members of their first argument.
const SAME: &[&str] =
    &["Exclude", "Extract", "NoInfer", "NonNullable", "Omit", "Partial", "Pick", "Readonly", "Required"];

/// The name of a type that nothing defines: that of what `[]` makes.
const ARRAY: &str = "[]";

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

    /// The one type that is left without what changes nothing about its members: brackets, `| undefined`, `Readonly`.
    fn bare<'t>(
        &self,
        parts: Vec<Node<'t>>,
        depth: usize,
        reading: &mut Reading<'_, 't>,
    ) -> Option<Node<'t>> {
        let mut parts = parts;
        parts.retain(|part| !is_nothing(*part, reading));
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
                let alternatives = alternatives(only, reading);
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

    /// The name of a generic type, if it is one name, and its arguments.
    pub(super) fn generic<'s, 't>(
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
                let parts = alternatives(node, reading);
                self.tell_types(spot, &parts, &ONE, context, depth, reading)
            }
            "intersection_type" => {
                let parts = alternatives(node, reading);
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
        match names_of(&hint, scope, of, reading) {
            Some(names)
                if !key.is_empty() && key.chars().all(|it| it.is_alphanumeric() || "_$".contains(it)) =>
            {
                let names = names.into_iter().chain([key]).collect();
                Hint::SameAs(TypePath { scope, names })
            }
            _ => Hint::Unknown,
        }
    }

    /// Something is of all of several types, or of one of them. Literals among them are read where they stand.
    pub(super) fn tell_types<'s, 't>(
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
}

/// Whether a type has no members that a source defines.
fn is_nothing(part: Node<'_>, reading: &Reading<'_, '_>) -> bool {
    match part.kind() {
        "literal_type" | "template_literal_type" => true,
        "predefined_type" => !matches!(reading.text(part), "any" | "unknown" | "object"),
        _ => matches!(reading.text(part), "undefined" | "null"),
    }
}

/// The types of a union or intersection, without those whose members no source defines.
fn alternatives<'t>(node: Node<'t>, reading: &mut Reading<'_, 't>) -> Vec<Node<'t>> {
    let mut flat = Vec::new();
    let mut left = vec![node];
    while let Some(part) = left.pop() {
        if part.kind() == node.kind() {
            left.extend(reading.children(part).into_iter().rev());
        } else if !is_nothing(part, reading) {
            flat.push(part);
        }
    }
    flat
}
