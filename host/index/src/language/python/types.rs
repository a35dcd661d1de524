//! Annotations.

use codestrata::model::Span;
use tree_sitter::Node;

use super::typing::says_nothing;
use super::{Kind, Python};
use crate::extract::{Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeRef, TypePath, span};

/// How deep annotations are unwrapped to find the class of a variable: `Final[Optional["User"]]`.
const MOST_WRAPPERS: usize = 8;

impl Python {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::None => {}
            Kind::Identifier | Kind::Attribute => {
                let chain = self.chain(node, context.scope, reading);
                reading.add_use(chain.base, &chain.members, span(chain.last), Purpose::Type(role), context);
                reading.push_some(chain.rest, context.with_mode(Mode::Value));
            }
            Kind::GenericType | Kind::Subscript => {
                let parts = reading.children(node);
                let Some((named, parameters)) = parts.split_first() else { return };
                reading.push(*named, context);
                match last_name(*named, reading) {
                    "Literal" => {}
                    "Annotated" => {
                        let first = parameters.first().copied();
                        match first.filter(|first| self.kind(*first) == Kind::TypeParameter) {
                            Some(list) => reading.push_some(list.named_child(0), context),
                            None => reading.push_some(first, context),
                        }
                    }
                    _ => parameters.iter().for_each(|parameter| reading.push(*parameter, context)),
                }
            }
            Kind::String => quoted_type(node, role, context, reading),
            Kind::Call | Kind::Lambda | Kind::Comprehension => {
                reading.push(node, context.with_mode(Mode::Value));
            }
            Kind::Keyword => reading.push_some(self.field.value.of(node), context.with_mode(Mode::Value)),
            _ => reading.push_children(node, context),
        }
    }

    /// The class that is the parameter of a type, or of which that is an alternative to none.
    fn class_of_item<'s, 't>(
        &self,
        item: Node<'t>,
        scope: ScopeRef,
        reading: &Reading<'s, 't>,
    ) -> Option<TypePath<'s>> {
        let mut here = item;
        while matches!(self.kind(here), Kind::Type | Kind::Parenthesized) && here.named_child_count() == 1 {
            here = here.named_child(0)?;
        }
        match self.kind(here) {
            _ if says_nothing(reading.text(here), scope, reading) => None,
            Kind::Identifier | Kind::Attribute => {
                self.plain_names(here, reading).map(|names| TypePath { scope, names })
            }
            Kind::String => match hint_of_text(reading.text(here), scope) {
                Hint::Instance(path) => Some(path),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a name is that of a container of Python itself or of `typing`.
    fn is_container<'s>(&self, named: Node<'_>, scope: ScopeRef, reading: &Reading<'s, '_>) -> bool {
        self.builtin_object(named, scope, reading).is_some()
            || self.is_of_typing(named, last_name(named, reading), scope, reading)
    }

    /// The class of what is annotated so, if the annotation names one class; nothing if it says nothing.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        annotation: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = annotation;
        let mut is_class_itself = false;
        for _ in 0..MOST_WRAPPERS {
            let parts = match self.kind(here) {
                Kind::Identifier | Kind::Attribute | Kind::String
                    if says_nothing(reading.text(here).trim_matches(['"', '\'']), scope, reading) =>
                {
                    return Hint::Unset;
                }
                Kind::Identifier | Kind::Attribute => {
                    return match self.plain_names(here, reading) {
                        Some(names) if is_class_itself => Hint::SameAs(TypePath { scope, names }),
                        Some(names) => Hint::Instance(TypePath { scope, names }),
                        None => Hint::Unknown,
                    };
                }
                Kind::String => {
                    return match hint_of_text(reading.text(here), scope) {
                        Hint::Instance(path) if is_class_itself => Hint::SameAs(path),
                        hint => hint,
                    };
                }
                Kind::Type | Kind::BinaryOperator | Kind::UnionType | Kind::Parenthesized => reading
                    .children(here)
                    .into_iter()
                    .filter(|part| !is_none(reading.text(*part)))
                    .collect::<Vec<_>>(),
                Kind::GenericType | Kind::Subscript => {
                    let parts = reading.children(here);
                    match (parts.first(), parts.get(1)) {
                        (Some(named), Some(parameter)) if has_items(last_name(*named, reading)) => {
                            let parameters = match self.kind(*parameter) {
                                Kind::TypeParameter => reading.children(*parameter),
                                _ => parts.iter().skip(1).copied().collect(),
                            };
                            let name = last_name(*named, reading);
                            let (is_mapping, is_tuple) =
                                (is_mapping(name), matches!(name, "tuple" | "Tuple"));
                            let item = match parameters.as_slice() {
                                [_, value] if is_mapping => value,
                                // `tuple[A, ...]`, but not `tuple[A, B]`.
                                [item, rest] if is_tuple && reading.text(*rest) == "..." => item,
                                [item, ..] if !is_tuple && !is_mapping => item,
                                _ => named,
                            };
                            let own =
                                self.plain_names(*named, reading).map(|names| TypePath { scope, names });
                            return match (self.class_of_item(*item, scope, reading), own) {
                                (Some(held), Some(own)) if is_mapping => Hint::Entries(held, own),
                                (Some(held), Some(own)) => Hint::Items(held, own),
                                (None, Some(own)) if self.is_container(*named, scope, reading) => {
                                    let unknown = TypePath { scope, names: Vec::new() };
                                    if is_mapping {
                                        Hint::Entries(unknown, own)
                                    } else {
                                        Hint::Items(unknown, own)
                                    }
                                }
                                (None, Some(own)) => Hint::Instance(own),
                                (_, None) => Hint::Unknown,
                            };
                        }
                        (Some(named), Some(parameter)) if is_wrapper(last_name(*named, reading)) => {
                            let name = last_name(*named, reading);
                            is_class_itself |= matches!(name, "type" | "Type");
                            let parameters = match self.kind(*parameter) {
                                Kind::TypeParameter => reading.children(*parameter),
                                _ => parts.iter().skip(1).copied().collect(),
                            };
                            let most = if name == "Union" { MOST_WRAPPERS } else { 1 };
                            let told = parameters.into_iter().filter(|part| !is_none(reading.text(*part)));
                            told.take(most).collect()
                        }
                        (named, _) => named.into_iter().copied().collect(),
                    }
                }
                _ => return Hint::Unknown,
            };
            match parts.as_slice() {
                [only] => here = *only,
                several => return self.builtin_objects(several, scope, reading),
            }
        }
        Hint::Unknown
    }
}

/// Types of the standard library that hold objects of their last parameter.
fn has_items(name: &str) -> bool {
    is_mapping(name)
        || matches!(
            name,
            "list"
                | "List"
                | "set"
                | "Set"
                | "frozenset"
                | "FrozenSet"
                | "tuple"
                | "Tuple"
                | "deque"
                | "Deque"
                | "Sequence"
                | "MutableSequence"
                | "Collection"
                | "Iterable"
                | "Iterator"
                | "Generator"
                | "AsyncIterable"
                | "AsyncIterator"
                | "AsyncGenerator"
        )
}

fn is_mapping(name: &str) -> bool {
    matches!(
        name,
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" | "defaultdict" | "DefaultDict"
    )
}

/// Generic types whose object is an object of their parameter, or once it is awaited; or the class that is their parameter.
fn is_wrapper(name: &str) -> bool {
    matches!(
        name,
        "Optional"
            | "Union"
            | "Annotated"
            | "Final"
            | "ClassVar"
            | "Required"
            | "NotRequired"
            | "Awaitable"
            | "type"
            | "Type"
    )
}

fn is_none(text: &str) -> bool {
    text == "None"
}

fn last_name<'s>(named: Node<'_>, reading: &Reading<'s, '_>) -> &'s str {
    reading.text(named).rsplit('.').next().unwrap_or_default()
}

/// The class in `"User | None"` and the like, if it is one.
fn hint_of_text(text: &str, scope: ScopeRef) -> Hint<'_> {
    let text = text.trim_matches(|letter| letter == '"' || letter == '\'');
    let text = match text.strip_prefix("Optional[").and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner,
        None => text,
    };
    let mut parts = text.split('|').map(str::trim).filter(|part| !is_none(part));
    let (Some(only), None) = (parts.next(), parts.next()) else { return Hint::Unknown };
    let only = match only.split_once('[') {
        // Which of several it is nobody knows.
        Some((name, _)) if name.rsplit('.').next() == Some("Union") => return Hint::Unknown,
        Some((name, _)) => name,
        None => only,
    };
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    if only.is_empty() || !only.chars().all(is_part) {
        return Hint::Unknown;
    }
    Hint::Instance(TypePath { scope, names: only.split('.').collect() })
}

/// A stretch inside of a span of one line.
fn within(outer: Span, offset: usize, length: usize) -> Span {
    let (offset, length) = (u32::try_from(offset).unwrap_or(0), u32::try_from(length).unwrap_or(0));
    Span {
        start_byte: outer.start_byte + offset,
        end_byte: outer.start_byte + offset + length,
        start_line: outer.start_line,
        end_line: outer.start_line,
        start_column: outer.start_column + offset,
        end_column: outer.start_column + offset + length,
    }
}

/// The names in `"dict[str, models.User]"`. No parser is run for it: whatever is not a dotted name separates.
fn quoted_type<'t>(node: Node<'t>, role: Role, context: Context, reading: &mut Reading<'_, 't>) {
    let outer = span(node);
    let text = reading.text(node);
    if text.contains('\n') || text.contains("Literal[") {
        return;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let mut offset = 0;
    for word in text.split_inclusive(|letter: char| !is_part(letter)) {
        let name = word.trim_end_matches(|letter: char| !is_part(letter));
        let start = offset;
        offset += word.len();
        let names: Vec<&str> = name.split('.').collect();
        let is_name = |name: &&str| name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        if !names.iter().all(is_name) || name == "None" {
            continue;
        }
        let Some(((base, members), last)) = names.split_first().zip(names.last()) else { continue };
        let at = within(outer, start + name.len() - last.len(), last.len());
        reading.add_use(Base::Name(base), members, at, Purpose::Type(role), context);
    }
}
