//! Types of functions and literals of types: what they take and give, and their members.

use codestrata::model::{Attributes, Target, node_kind};
use tree_sitter::Node;

use super::generics::is_literal;
use super::shapes::ONE;
use super::spots::{Spot, tell};
use super::{EcmaScript, Kind};
use crate::extract::{Context, ITEM, NodeRef, Reading, span};

impl EcmaScript {
    /// What a function type takes and gives.
    pub(super) fn tell_function<'s, 't>(
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
    pub(super) fn tell_members<'s, 't>(
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
