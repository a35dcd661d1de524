//! Calls, bases and definitions of Python.

use tree_sitter::Node;

use super::{Definition, Site, Sites, Spoken, place, rename, text};

pub(super) fn read(node: Node<'_>, source: &str, sites: &mut Sites) {
    match node.kind() {
        "call" => sites.calls.extend(node.child_by_field_name("function").and_then(|f| called(f, source))),
        "class_definition" => {
            sites.define(node.child_by_field_name("name"), Definition::Type);
            let Some(bases) = node.child_by_field_name("superclasses") else { return };
            for at in 0..bases.named_child_count() {
                let base = u32::try_from(at).ok().and_then(|at| bases.named_child(at));
                sites.bases.extend(base.and_then(|base| named(base, source)));
            }
        }
        // `import a as b`, `with f() as name`, `except E as name`, `case C() as name`.
        "aliased_import" | "as_pattern" => rename(node.child_by_field_name("alias"), source, sites),
        "assignment" | "for_statement" | "for_in_clause" => {
            rename(node.child_by_field_name("left"), source, sites);
        }
        "named_expression" => rename(node.child_by_field_name("name"), source, sites),
        "parameters" | "lambda_parameters" => rename(Some(node), source, sites),
        "function_definition" => sites.define(node.child_by_field_name("name"), Definition::Function),
        _ => {}
    }
}

fn named(base: Node<'_>, source: &str) -> Option<Site> {
    match base.kind() {
        "identifier" | "attribute" => called(base, source),
        "subscript" => base.child_by_field_name("value").and_then(|value| named(value, source)),
        _ => None,
    }
}

fn called(function: Node<'_>, source: &str) -> Option<Site> {
    let mut function = function;
    while function.kind() == "parenthesized_expression" {
        function = function.named_child(0)?;
    }
    match function.kind() {
        "identifier" => Some(Site { place: place(function), spoken: Spoken::Name }),
        "attribute" => {
            let name = function.child_by_field_name("attribute")?;
            let object = function.child_by_field_name("object")?;
            Some(Site { place: place(name), spoken: receiver(object, source) })
        }
        _ => None,
    }
}

fn receiver(object: Node<'_>, source: &str) -> Spoken {
    match object.kind() {
        "identifier" if is_self(object, source) => Spoken::OfSelf,
        "identifier" => Spoken::OfName,
        "attribute" => {
            let inner = object.child_by_field_name("object");
            if inner.is_some_and(|inner| inner.kind() == "identifier" && is_self(inner, source)) {
                Spoken::OfAttributeOfSelf
            } else {
                Spoken::OfAttribute
            }
        }
        "call" => {
            let function = object.child_by_field_name("function");
            if function.is_some_and(|function| text(function, source) == "super") {
                Spoken::OfSuper
            } else {
                Spoken::OfCall
            }
        }
        _ => Spoken::OfOther,
    }
}

fn is_self(name: Node<'_>, source: &str) -> bool {
    matches!(text(name, source), "self" | "cls")
}
