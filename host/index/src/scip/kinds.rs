//! What SCIP's symbols and references are called in a graph.

use std::borrow::Cow;

use codestrata::model::{edge_kind, node_kind};
use scip::types::symbol_information::Kind;

use super::document::Described;
use super::symbol::{Suffix, Symbol};

/// A parameter of a function.
pub(super) const PARAMETER: &str = "parameter";
/// A parameter of a type.
pub(super) const TYPE_PARAMETER: &str = "type_parameter";
/// A macro.
pub(super) const MACRO: &str = "macro";
/// What nothing is known of.
const SYMBOL: &str = "symbol";
/// From what fulfils something declared elsewhere to that: a method to that of an interface.
pub(super) const IMPLEMENTS: &str = "implements";
/// From where something is named of which nothing is known.
const REFERENCES: &str = "references";

/// Languages in which a call has parentheses, so that one can be told from a mention where the text is at hand.
const CALLS_HAVE_PARENTHESES: [&str; 14] = [
    "c",
    "cpp",
    "csharp",
    "go",
    "java",
    "javascript",
    "javascriptreact",
    "objective_c",
    "php",
    "python",
    "rust",
    "tsx",
    "typescript",
    "typescriptreact",
];

/// Whether a call can be told from a mention by its parentheses.
pub(super) fn calls_have_parentheses(language: &str) -> bool {
    CALLS_HAVE_PARENTHESES.contains(&language)
}

/// The kind of a node: what the index says, else what the symbol's last mark and its signature tell.
pub(super) fn of_node(
    symbol: &Symbol<'_>,
    described: Option<&Described>,
    language: &str,
) -> Cow<'static, str> {
    let kind = described.map_or(Kind::UnspecifiedKind, |described| described.kind);
    if let Some(kind) = of_kind(kind) {
        return kind;
    }
    let in_type = || symbol.parent.is_some_and(|parent| Symbol::read(parent).suffix == Suffix::Type);
    match symbol.suffix {
        Suffix::Namespace | Suffix::Meta => node_kind::MODULE,
        Suffix::Type => described
            .and_then(|described| of_signature(&described.signature))
            .unwrap_or(if language == "python" { node_kind::CLASS } else { node_kind::TYPE }),
        Suffix::Method if in_type() => node_kind::METHOD,
        Suffix::Method => node_kind::FUNCTION,
        Suffix::Term | Suffix::Local => node_kind::VARIABLE,
        Suffix::Parameter => PARAMETER,
        Suffix::TypeParameter => TYPE_PARAMETER,
        Suffix::Macro => MACRO,
        Suffix::Unknown => SYMBOL,
    }
    .into()
}

/// Our name for a kind of SCIP's, or SCIP's own in our spelling; none if it is not said.
fn of_kind(kind: Kind) -> Option<Cow<'static, str>> {
    let name = match kind {
        Kind::UnspecifiedKind => return None,
        Kind::Module | Kind::Namespace | Kind::Package | Kind::PackageObject | Kind::File | Kind::Library => {
            node_kind::MODULE
        }
        Kind::Class | Kind::SingletonClass | Kind::Object => node_kind::CLASS,
        Kind::Struct => node_kind::STRUCT,
        Kind::Union => node_kind::UNION,
        Kind::Interface | Kind::Protocol => node_kind::INTERFACE,
        Kind::Trait | Kind::Mixin | Kind::TypeClass => node_kind::TRAIT,
        Kind::Enum => node_kind::ENUM,
        Kind::Type | Kind::TypeAlias | Kind::AssociatedType => node_kind::TYPE,
        Kind::Function => node_kind::FUNCTION,
        Kind::Method
        | Kind::AbstractMethod
        | Kind::Accessor
        | Kind::Constructor
        | Kind::Getter
        | Kind::MethodAlias
        | Kind::MethodSpecification
        | Kind::ProtocolMethod
        | Kind::PureVirtualMethod
        | Kind::Setter
        | Kind::SingletonMethod
        | Kind::StaticMethod
        | Kind::TraitMethod
        | Kind::TypeClassMethod => node_kind::METHOD,
        Kind::Constant
        | Kind::EnumMember
        | Kind::Field
        | Kind::Property
        | Kind::StaticDataMember
        | Kind::StaticField
        | Kind::StaticProperty
        | Kind::StaticVariable
        | Kind::Value
        | Kind::Variable => node_kind::VARIABLE,
        Kind::Parameter | Kind::SelfParameter | Kind::ThisParameter | Kind::MethodReceiver => PARAMETER,
        Kind::TypeParameter => TYPE_PARAMETER,
        Kind::Macro => MACRO,
        other => return Some(snake_case(&format!("{other:?}")).into()),
    };
    Some(name.into())
}

/// `TypeFamily` as `type_family`.
fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}

/// The kind of a type by the word that declares it. Tools that give no kinds give a signature.
fn of_signature(signature: &str) -> Option<&'static str> {
    let words = signature.split(|c: char| !c.is_alphanumeric()).take(6);
    for word in words {
        return Some(match word {
            "class" | "record" => node_kind::CLASS,
            "interface" | "protocol" => node_kind::INTERFACE,
            "enum" => node_kind::ENUM,
            "struct" => node_kind::STRUCT,
            "trait" => node_kind::TRAIT,
            "union" => node_kind::UNION,
            "type" => node_kind::TYPE,
            _ => continue,
        });
    }
    None
}

/// Whether nodes of this kind are called.
pub(super) fn is_callable(kind: &str) -> bool {
    matches!(kind, node_kind::FUNCTION | node_kind::METHOD | MACRO)
}

/// How a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// Whether the index says that it imports.
    pub(super) import: bool,
    /// Whether it stands outside of every definition.
    pub(super) in_document: bool,
    /// Whether parentheses follow, where that tells a call.
    pub(super) called: Option<bool>,
}

/// The kind of the edge that a reference makes. `kind` is that of the node, where the document defines it.
pub(super) fn of_reference(suffix: Suffix, kind: Option<&str>, manner: Manner) -> &'static str {
    if manner.import {
        return edge_kind::IMPORTS;
    }
    let called = manner.called;
    match suffix {
        Suffix::Namespace | Suffix::Meta if manner.in_document => edge_kind::IMPORTS,
        Suffix::Macro => edge_kind::CALLS,
        Suffix::Method if called != Some(false) => edge_kind::CALLS,
        Suffix::Type if called == Some(true) => edge_kind::INSTANTIATES,
        Suffix::Type | Suffix::TypeParameter => edge_kind::USES_TYPE,
        Suffix::Term | Suffix::Parameter | Suffix::Local if called == Some(true) => edge_kind::CALLS,
        Suffix::Local if called.is_none() && kind.is_some_and(is_callable) => edge_kind::CALLS,
        Suffix::Namespace
        | Suffix::Meta
        | Suffix::Method
        | Suffix::Term
        | Suffix::Parameter
        | Suffix::Local => edge_kind::ACCESSES,
        Suffix::Unknown => REFERENCES,
    }
}

/// How far type arguments between a name and its parentheses are followed, in bytes.
const MAX_TYPE_ARGUMENTS_BYTES: usize = 256;

/// Whether what comes after a name makes it a call, and what comes before no annotation: `f(`, `f<T>(`, `f::<T>(`,
/// `f?.(`, `f!(`.
pub(super) fn is_called(before: &str, after: &str) -> bool {
    if before.ends_with('@') {
        return false;
    }
    let mut rest = after.trim_start_matches([' ', '\t']);
    for mark in ["?.", "!", "::"] {
        rest = rest.strip_prefix(mark).unwrap_or(rest);
    }
    if rest.starts_with('<') {
        let Some(behind) = behind_type_arguments(rest) else { return false };
        rest = behind;
    }
    rest.starts_with('(')
}

fn behind_type_arguments(text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    let mut last = ' ';
    for (offset, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            // The arrow of a function's type closes nothing.
            '>' if matches!(last, '=' | '-') => {}
            '>' => depth = depth.checked_sub(1)?,
            ';' | '"' | '\'' => return None,
            _ if offset > MAX_TYPE_ARGUMENTS_BYTES => return None,
            _ => {}
        }
        last = character;
        if depth == 0 {
            return text.get(offset + 1..);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_by_its_parentheses() {
        for after in ["(x)", " (x)", "<T>(x)", "::<Vec<u8>>()", "?.(x)", "!(x)", "<(a: A) => B>(x)"] {
            assert!(is_called("x = ", after), "{after}");
        }
        for after in ["", ")", " < b (c)", "<T>", ".g()", "; (x)", "\n(x)", "<"] {
            assert!(!is_called("x = ", after), "{after}");
        }
        assert!(!is_called("@", "(x)"), "an annotation");
    }

    #[test]
    fn kinds_that_have_no_name_of_ours_keep_their_own() {
        assert_eq!(of_kind(Kind::TypeFamily).as_deref(), Some("type_family"));
        assert_eq!(of_kind(Kind::StaticMethod).as_deref(), Some("method"));
        assert_eq!(of_kind(Kind::UnspecifiedKind), None);
    }

    #[test]
    fn the_word_that_declares_a_type_tells_its_kind() {
        assert_eq!(of_signature("export abstract class A<T>"), Some("class"));
        assert_eq!(of_signature("pub(crate) enum E"), Some("enum"));
        assert_eq!(of_signature("type Classes = A | B"), Some("type"));
        assert_eq!(of_signature(""), None);
    }
}
