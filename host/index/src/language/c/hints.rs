//! What the source says about the values of variables.

use tree_sitter::Node;

use super::declarators::Declarator;
use super::{CFamily, Kind};
use crate::extract::{Hint, Reading, ScopeRef, TypePath};
use crate::language::cpp::Names;

/// Types whose `->` leads to an object of their first parameter.
const WRAPPERS: [&str; 8] = [
    "auto_ptr",
    "intrusive_ptr",
    "optional",
    "reference_wrapper",
    "scoped_ptr",
    "scoped_refptr",
    "shared_ptr",
    "unique_ptr",
];

/// Functions that make an object of their first type parameter.
pub(in crate::language) const MAKERS: [&str; 4] =
    ["WrapUnique", "make_shared", "make_unique", "make_unique_for_overwrite"];

/// What casts are called.
pub(in crate::language) const CASTS: [&str; 4] =
    ["const_cast", "dynamic_cast", "reinterpret_cast", "static_cast"];

/// How many wrappers around a type are taken off, and how many operators around a value.
const MOST_WRAPPERS: u8 = 4;

impl CFamily {
    /// What a variable is by its type or, where that is `auto`, by its value.
    pub(super) fn hint_of_variable<'s, 't>(
        &self,
        node: Node<'t>,
        found: Declarator<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        if found.is_callable && (found.function.is_none() || !self.is_cpp) {
            return Hint::Unknown;
        }
        let type_ = self.field.type_.of(node);
        let is_automatic = type_.is_some_and(|type_| type_.kind() == "placeholder_type_specifier");
        if is_automatic {
            let value = found.value.or_else(|| self.field.default_value.of(node));
            return self.hint_of_value(value, scope, reading);
        }
        self.hint_of_type(type_, scope, reading)
    }

    /// The class or structure of what has this type. Pointers and references are followed.
    pub(in crate::language) fn hint_of_type<'s, 't>(
        &self,
        type_: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = type_;
        for _ in 0..MOST_WRAPPERS {
            let Some(node) = here else { return Hint::Unknown };
            here = match self.kind(node) {
                Kind::TypeDescriptor => self.field.type_.of(node),
                Kind::TypeIdentifier
                | Kind::Qualified
                | Kind::Struct
                | Kind::TemplateType
                | Kind::Dependent => {
                    let Some(names) = self.names(node, false, reading) else { return Hint::Unknown };
                    let is_wrapper = names.parts.last().is_some_and(|last| WRAPPERS.contains(last));
                    match names.arguments.last() {
                        Some(arguments) if is_wrapper => arguments.named_child(0),
                        _ => return self.instance_of(node, names, scope, reading),
                    }
                }
                _ => return Hint::Unknown,
            };
        }
        Hint::Unknown
    }

    /// What a variable is that gets this value.
    pub(in crate::language) fn hint_of_value<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = value;
        for _ in 0..MOST_WRAPPERS {
            let Some(node) = here else { return Hint::Unknown };
            here = match self.kind(node) {
                Kind::New | Kind::CompoundLiteral | Kind::Cast => {
                    return self.hint_of_type(self.field.type_.of(node), scope, reading);
                }
                Kind::Call => {
                    let Some(called) = self.field.function.of(node) else { return Hint::Unknown };
                    let Some(names) = self.names(called, false, reading) else { return Hint::Unknown };
                    match (names.parts.last(), names.arguments.last()) {
                        (Some(name), Some(arguments)) if MAKERS.contains(name) || CASTS.contains(name) => {
                            return self.hint_of_type(arguments.named_child(0), scope, reading);
                        }
                        (Some(&"move"), _) => {
                            self.field.arguments.of(node).and_then(|arguments| arguments.named_child(0))
                        }
                        // What a function returns is not known, and a function has no members.
                        (Some(_), _) => return self.instance_of(called, names, scope, reading),
                        (None, _) => return Hint::Unknown,
                    }
                }
                Kind::Pointer => self.field.argument.of(node),
                Kind::Parenthesized => node.named_child(0),
                Kind::Identifier | Kind::This => {
                    return Hint::SameAs(TypePath { scope, names: vec![reading.text(node)] });
                }
                _ => return Hint::Unknown,
            };
        }
        Hint::Unknown
    }

    fn instance_of<'s>(
        &self,
        node: Node<'_>,
        names: Names<'s, '_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let scope = self.scope_of_names(node, &names, scope, reading);
        Hint::Instance(TypePath { scope, names: names.parts })
    }

    /// The type of what a declarator declares, as the source has it, without the name and what follows a function's.
    pub(super) fn type_text(
        &self,
        node: Node<'_>,
        declarator: Option<Node<'_>>,
        reading: &Reading<'_, '_>,
    ) -> Option<String> {
        const LONGEST: usize = 120;
        let type_ = self.field.type_.of(node).filter(|type_| type_.kind() != "placeholder_type_specifier")?;
        // The members of a structure are not its name.
        let end = self.field.body.of(type_).map_or(type_.end_byte(), |body| body.start_byte());
        let mut text = reading.source.get(type_.start_byte()..end)?.trim().to_owned();
        if let Some(declarator) = declarator {
            let found = self.declarator(declarator);
            let start = declarator.start_byte();
            let name = found.name?;
            let before = reading.source.get(start..name.start_byte())?;
            let value = found.value.map_or(declarator.end_byte(), |value| value.start_byte());
            let after = reading.source.get(name.end_byte()..value)?.trim_end_matches([' ', '=', '\n', '\t']);
            // What a function returns does not depend on its parameters.
            let around = match found.function {
                Some(_) => before.split('(').next().unwrap_or_default().to_owned(),
                None => format!("{before}{after}"),
            };
            if !around.trim().is_empty() {
                text = format!("{text} {}", around.trim());
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        (!text.is_empty() && text.len() <= LONGEST).then_some(text)
    }
}
