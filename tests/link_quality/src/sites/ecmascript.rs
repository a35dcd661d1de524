//! Calls, bases and definitions of JavaScript and TypeScript.

use tree_sitter::Node;

use super::{Definition, Site, Sites, Spoken, place, rename};

pub(super) fn read(node: Node<'_>, source: &str, sites: &mut Sites) {
    let name = || node.child_by_field_name("name");
    match node.kind() {
        "call_expression" => sites.calls.extend(node.child_by_field_name("function").and_then(called)),
        "new_expression" => {
            let made = node.child_by_field_name("constructor").and_then(called);
            sites.calls.extend(made.map(|site| match site.spoken {
                Spoken::Name => Site { spoken: Spoken::New, ..site },
                _ => site,
            }));
        }
        "class_heritage" | "extends_clause" | "implements_clause" | "extends_type_clause" => {
            for at in 0..node.named_child_count() {
                let base = u32::try_from(at).ok().and_then(|at| node.named_child(at));
                sites.bases.extend(base.and_then(base_name));
            }
        }
        "function_declaration"
        | "generator_function_declaration"
        | "function_signature"
        | "function_expression"
        | "generator_function"
        | "method_definition"
        | "method_signature"
        | "abstract_method_signature" => sites.define(name(), Definition::Function),
        "class_declaration"
        | "abstract_class_declaration"
        | "class"
        | "interface_declaration"
        | "enum_declaration"
        | "type_alias_declaration" => sites.define(name(), Definition::Type),
        "import_specifier" | "export_specifier" => rename(node.child_by_field_name("alias"), source, sites),
        "import_clause" | "namespace_import" | "namespace_export" | "formal_parameters" => {
            rename(Some(node), source, sites);
        }
        "assignment_expression" | "for_in_statement" => {
            rename(node.child_by_field_name("left"), source, sites);
        }
        "variable_declarator" | "public_field_definition" => {
            rename(name(), source, sites);
            define_value(node, name(), sites);
        }
        "required_parameter" | "optional_parameter" => {
            let mut cursor = node.walk();
            let is_property = node.children(&mut cursor).any(|part| {
                matches!(part.kind(), "accessibility_modifier" | "override_modifier" | "readonly")
            });
            let name = node.child_by_field_name("pattern").filter(|_| is_property);
            sites.parameter_properties.extend(name.map(place));
        }
        "property_signature" => rename(name(), source, sites),
        "field_definition" => {
            rename(node.child_by_field_name("property"), source, sites);
            define_value(node, node.child_by_field_name("property"), sites);
        }
        "pair" => {
            rename(node.child_by_field_name("key"), source, sites);
            define_value(node, node.child_by_field_name("key"), sites);
        }
        "shorthand_property_identifier" => {
            rename(Some(node), source, sites);
            sites.shorthands.insert(place(node));
        }
        _ => {}
    }
}

/// A name that holds a function or a class is a definition of one.
fn define_value(node: Node<'_>, name: Option<Node<'_>>, sites: &mut Sites) {
    let definition = match node.child_by_field_name("value").map(|value| value.kind()) {
        Some("arrow_function" | "function_expression" | "generator_function") => Definition::Function,
        Some("class") => Definition::Type,
        _ => return,
    };
    sites.define(name, definition);
}

fn base_name(base: Node<'_>) -> Option<Site> {
    let (name, spoken) = match base.kind() {
        "identifier" | "type_identifier" => (base, Spoken::Name),
        "nested_type_identifier" => (base.child_by_field_name("name")?, Spoken::OfName),
        "member_expression" => (base.child_by_field_name("property")?, Spoken::OfName),
        "generic_type" => return base.child_by_field_name("name").and_then(base_name),
        _ => return None,
    };
    Some(Site { place: place(name), spoken })
}

/// What is around a callee without making it another one: `(f)`, `f!`, `f<T>`, `f as F`.
fn bare(node: Node<'_>) -> Option<Node<'_>> {
    let mut here = node;
    while matches!(
        here.kind(),
        "parenthesized_expression"
            | "non_null_expression"
            | "instantiation_expression"
            | "as_expression"
            | "satisfies_expression"
    ) {
        here = here.named_child(0)?;
    }
    Some(here)
}

fn called(function: Node<'_>) -> Option<Site> {
    let function = bare(function)?;
    match function.kind() {
        "identifier" => Some(Site { place: place(function), spoken: Spoken::Name }),
        "super" => Some(Site { place: place(function), spoken: Spoken::Super }),
        "member_expression" => {
            let name = function.child_by_field_name("property")?;
            let object = function.child_by_field_name("object").and_then(bare)?;
            Some(Site { place: place(name), spoken: receiver(object) })
        }
        _ => None,
    }
}

fn receiver(object: Node<'_>) -> Spoken {
    match object.kind() {
        "this" => Spoken::OfSelf,
        "super" => Spoken::OfSuper,
        "identifier" => Spoken::OfName,
        "member_expression" => {
            let mut inner = object;
            while let Some(next) = inner.child_by_field_name("object").and_then(bare) {
                inner = next;
            }
            if inner.kind() == "this" { Spoken::OfAttributeOfSelf } else { Spoken::OfAttribute }
        }
        "call_expression" => Spoken::OfCall,
        "new_expression" => Spoken::OfNew,
        _ => Spoken::OfOther,
    }
}
