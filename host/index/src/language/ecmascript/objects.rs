//! Object literals that have a name: their functions and other values are members of what has the name.

use codestrata::model::{Attributes, Node as GraphNode, Target, node_kind};
use tree_sitter::Node;

use super::spots::{Spot, tell};
use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, NodeRef, Reading, span};

/// How deep objects in objects are read for members.
const DEEPEST: usize = 4;

/// What stands for the objects that are spread into another one.
const SPREAD: [&str; 4] = ["&0", "&1", "&2", "&3"];

impl EcmaScript {
    /// The object literal that a value is: `{}`, `{} as const`, `<T>{}`, `({} satisfies T)`, `Object.freeze({})`.
    pub(super) fn literal<'t>(&self, value: Node<'t>, reading: &Reading<'_, 't>) -> Option<Node<'t>> {
        let mut here = value;
        for _ in 0..DEEPEST {
            here = match (self.kind(here), here.kind()) {
                (Kind::Object, _) => return Some(here),
                (Kind::Parenthesized | Kind::AsExpression, _) => here.named_child(0)?,
                (_, "type_assertion") => here.named_child(1)?,
                (Kind::Call, _) => {
                    let called = self.field.function.of(here)?;
                    let keeps = ["Object.freeze", "Object.seal", "Object.preventExtensions"];
                    let arguments = self.field.arguments.of(here)?;
                    keeps.contains(&reading.text(called)).then_some(())?;
                    arguments.named_child(0)?
                }
                _ => return None,
            };
        }
        None
    }

    /// The type that an object literal is said to be of, `{} as T` or `<T>{}`: not `as const`, nor `satisfies T`, which leave
    /// it the type that it has.
    pub(super) fn asserted<'t>(&self, value: Node<'t>, reading: &Reading<'_, 't>) -> Option<Node<'t>> {
        let mut here = value;
        for _ in 0..DEEPEST {
            here = match (self.kind(here), here.kind()) {
                (_, "as_expression") => match here.named_child(1) {
                    Some(said) => return Some(said),
                    None => here.named_child(0)?,
                },
                (_, "type_assertion") => {
                    let said = here.named_child(0)?.named_child(0)?;
                    return (reading.text(said) != "const").then_some(said);
                }
                (Kind::Parenthesized | Kind::AsExpression, _) => here.named_child(0)?,
                (Kind::Call, _) => self.field.arguments.of(here)?.named_child(0)?,
                _ => return None,
            };
        }
        None
    }

    /// Reads an object literal that is the value of a place: of a variable with a node, or what a function gives.
    pub(super) fn object_of<'s, 't>(
        &self,
        object: Node<'t>,
        spot: &Spot<'s>,
        depth: usize,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        if spot.path.is_empty() {
            reading.name_node(spot.node);
        }
        let mut spread = SPREAD.iter();
        for part in reading.children(object) {
            match self.kind(part) {
                Kind::Method if spot.path.is_empty() && !spot.is_declared => {
                    self.method(part, Some(spot.node), context, reading);
                }
                Kind::Method => match self.property_name(self.field.name.of(part), context, reading) {
                    Some(name) => self.function_member(name, part, part, spot, context, reading),
                    None => self.object_method(part, context, reading),
                },
                Kind::Identifier => {
                    let name = reading.text(part);
                    self.value_member(name, part, part, spot, depth, context, reading);
                }
                Kind::Pair => self.pair(part, spot, depth, context, reading),
                _ => {
                    if part.kind() == "spread_element"
                        && let Some(sign) = spread.next()
                    {
                        let hint = self.hint_of_value(part.named_child(0), context.scope, reading);
                        if !spot.is_declared {
                            tell(&spot.then(sign), hint, reading);
                        }
                    }
                    reading.push(part, context);
                }
            }
        }
    }

    fn pair<'s, 't>(
        &self,
        part: Node<'t>,
        spot: &Spot<'s>,
        depth: usize,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let key = self.field.key.of(part).filter(|key| self.kind(*key) != Kind::ComputedName);
        let name = key.and_then(|key| self.property_name(Some(key), context, reading));
        let (Some(name), Some(value)) = (name, self.field.value.of(part)) else {
            return reading.push(part, context);
        };
        if matches!(self.kind(value), Kind::Arrow | Kind::FunctionExpression) {
            return self.function_member(name, part, value, spot, context, reading);
        }
        self.value_member(name, part, value, spot, depth, context, reading);
    }

    fn function_member<'s, 't>(
        &self,
        name: &'s str,
        part: Node<'t>,
        function: Node<'t>,
        spot: &Spot<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let attributes = self.function_attributes(function, reading);
        let method = reading.sketch.define(spot.node, name, node_kind::METHOD, span(part), attributes);
        let is_whole = spot.path.is_empty();
        add(name, method, Hint::Unset, spot, reading);
        let receiver = is_whole.then_some(spot.node);
        self.function_of(function, Some(method), receiver, context, reading);
    }

    /// A value that may be called or have members of its own gets a node; others are read where they stand.
    #[expect(clippy::too_many_arguments, reason = "one of three ways to read a property")]
    fn value_member<'s, 't>(
        &self,
        name: &'s str,
        part: Node<'t>,
        value: Node<'t>,
        spot: &Spot<'s>,
        depth: usize,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let literal = self.literal(value, reading).filter(|_| depth < DEEPEST);
        let hint = self.hint_of_value(Some(value), context.scope, reading);
        let is_known = matches!(hint, Hint::Instance(_) | Hint::SameAs(_));
        if !is_known && literal.is_none() || self.kind(value) == Kind::This {
            return reading.push(value, context);
        }
        let kind = node_kind::VARIABLE;
        let member = reading.sketch.define(spot.node, name, kind, span(part), Attributes::new());
        add(name, member, hint, spot, reading);
        let inside = context.with_owner(member);
        match literal {
            Some(literal) => self.object_of(literal, &Spot::of(member), depth + 1, inside, reading),
            None => reading.push(value, inside),
        }
    }

    /// Remembers what says the parameters of the functions in an object literal that is passed on or annotated.
    pub(super) fn note_members_passed<'s, 't>(
        &self,
        object: Node<'t>,
        names: &[&'s str],
        reading: &mut Reading<'s, 't>,
    ) {
        for part in reading.children(object) {
            let (key, function) = match self.kind(part) {
                Kind::Method => (self.field.name.of(part), Some(part)),
                Kind::Pair => (self.field.key.of(part), self.field.value.of(part)),
                _ => continue,
            };
            let function = function
                .filter(|it| matches!(self.kind(*it), Kind::Arrow | Kind::FunctionExpression | Kind::Method));
            let key = key.filter(|key| self.kind(*key) != Kind::ComputedName);
            if let (Some(key), Some(function)) = (key, function) {
                let key = reading.text(key).trim_matches(['"', '\'']);
                let names = names.iter().copied().chain([key]).collect();
                reading.sketch.passed.insert(function.id(), names);
            }
        }
    }

    /// Remembers what says the parameters of functions in a value: what it is assigned to or returned as.
    pub(super) fn note_expected<'s, 't>(
        &self,
        value: Node<'t>,
        names: Option<Vec<&'s str>>,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(names) = names else { return };
        if matches!(self.kind(value), Kind::Arrow | Kind::FunctionExpression) {
            reading.sketch.passed.insert(value.id(), names);
        } else if let Some(object) = self.literal(value, reading) {
            self.note_members_passed(object, &names, reading);
        }
    }

    /// What a call gives of a function that returns an object literal.
    pub(super) fn returned_object<'t>(
        &self,
        value: Option<Node<'t>>,
        function: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let Some(object) = value.and_then(|value| self.literal(value, reading)) else { return false };
        let path = reading.sketch.result_path(function);
        let Some(path) = path.filter(|path| path.contains(&Target::CALL)) else { return false };
        self.object_of(object, &Spot::at(function, path), 0, context, reading);
        true
    }
}

/// Makes a node the member of a place.
fn add<'s>(name: &'s str, member: NodeRef, hint: Hint<'s>, spot: &Spot<'s>, reading: &mut Reading<'s, '_>) {
    if spot.is_declared {
        if let Some(member) = reading.sketch.nodes.get_mut(member as usize) {
            member.attributes.insert(GraphNode::GIVEN, true.into());
        }
        tell(&Spot::of(member), hint, reading);
        return;
    }
    if spot.path.is_empty() {
        reading.sketch.add_member(spot.node, name, Some(member), hint);
        return;
    }
    let own = Spot::of(member).hint(reading);
    tell(&spot.then(name), own, reading);
    tell(&Spot::of(member), hint, reading);
}
