//! Expressions that are one of several things: `A() if condition else B()`, `first or second`.
//!
//! Each of the things is told of the definition around, so that the store finds what all of them have, and knows when none
//! of them is of the repository.

use codestrata::model::Target;
use tree_sitter::Node;

use super::values::merged;
use super::{Kind, Python};
use crate::extract::{Base, Chain, Context, Hint, ITEM, Reading, TypePath};

/// Of more things than these it is not said which they are.
const MOST_CHOICES: usize = 8;

/// How many names, calls and subscripts may stand behind an expression in brackets.
const MOST_STEPS: usize = 8;

impl Python {
    /// What an expression is: also where it is one of several different things, each of which can be followed.
    pub(super) fn hint_of_choice<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        if let Some((choice, behind)) = value.and_then(|value| self.choice_in(value, reading))
            && !behind.is_empty()
        {
            return match self.hint_of_choice(Some(choice), context, reading) {
                Hint::SameAs(TypePath { scope, mut names }) => {
                    names.extend(behind);
                    Hint::SameAs(TypePath { scope, names })
                }
                _ => Hint::Unknown,
            };
        }
        let hints = self.hints_of_value(value, context.scope, reading);
        let merged = merged(hints.clone());
        let mut different: Vec<Hint<'s>> = Vec::new();
        for hint in hints.unwrap_or_default() {
            if hint != Hint::Plain && !different.contains(&hint) {
                different.push(hint);
            }
        }
        let is_followed = |hint: &Hint<'_>| matches!(hint, Hint::Instance(_) | Hint::SameAs(_));
        if merged != Hint::Unknown
            || !(2..=MOST_CHOICES).contains(&different.len())
            || !different.iter().all(is_followed)
        {
            return merged;
        }
        let unnamed = reading.name_unnamed(context.owner);
        let owner = reading.name_node(context.owner);
        reading.sketch.choices.push((context.owner, unnamed, different));
        Hint::SameAs(TypePath { scope: 0, names: vec![owner, unnamed] })
    }

    /// Lets the members in `(A if condition else B)().run` be those of what stands in the brackets.
    pub(super) fn choose<'s, 't>(
        &self,
        node: Node<'t>,
        chain: &mut Chain<'s, 't>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        if chain.base != Base::Unknown || chain.members.is_empty() {
            return;
        }
        let Some((choice, behind)) = self.choice_in(node, reading) else { return };
        if let Hint::SameAs(TypePath { names, .. }) = self.hint_of_choice(Some(choice), context, reading)
            && let Some((first, inner)) = names.split_first()
        {
            chain.base = Base::Name(first);
            chain.members = inner.iter().copied().chain(behind).collect();
        }
    }

    /// The expression in brackets that a dotted name begins with, and the names behind it.
    fn choice_in<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &Reading<'s, 't>,
    ) -> Option<(Node<'t>, Vec<&'s str>)> {
        let mut names = Vec::new();
        let mut here = node;
        for _ in 0..MOST_STEPS {
            here = match self.kind(here) {
                Kind::Attribute => {
                    names.push(reading.text(self.field.attribute.of(here)?));
                    self.field.object.of(here)?
                }
                Kind::Call => {
                    names.push(Target::CALL);
                    self.field.function.of(here)?
                }
                Kind::Subscript if !self.is_slice(here) => {
                    names.push(ITEM);
                    self.field.value.of(here)?
                }
                Kind::Parenthesized | Kind::Await if here.named_child_count() == 1 => here.named_child(0)?,
                Kind::Conditional | Kind::BooleanOperator => {
                    names.reverse();
                    return Some((here, names));
                }
                _ => return None,
            };
        }
        None
    }
}
