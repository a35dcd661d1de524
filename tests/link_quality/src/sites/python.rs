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
        "function_definition" => {
            sites.define(node.child_by_field_name("name"), Definition::Function);
            class_method(node, source, sites);
        }
        _ => {}
    }
}

/// Notes the calls of the first parameter of a class method: of `cls`, whatever its name.
fn class_method(function: Node<'_>, source: &str, sites: &mut Sites) {
    let decorated = function.parent().filter(|parent| parent.kind() == "decorated_definition");
    let class = decorated.unwrap_or(function).parent().and_then(|block| block.parent());
    let class = class.filter(|class| class.kind() == "class_definition");
    let name = function.child_by_field_name("name").map_or("", |name| text(name, source));
    let mut is_class_method = matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__");
    if let Some(decorated) = decorated {
        let mut cursor = decorated.walk();
        is_class_method |=
            decorated.named_children(&mut cursor).any(|part| text(part, source) == "@classmethod");
    }
    let first = function.child_by_field_name("parameters").and_then(|parameters| parameters.named_child(0));
    let first =
        first.and_then(|first| if first.kind() == "identifier" { Some(first) } else { first.named_child(0) });
    let class = class.and_then(|class| class.child_by_field_name("name"));
    let (true, Some(first), Some(class)) = (is_class_method, first, class) else { return };
    let Some(body) = function.child_by_field_name("body") else { return };
    let mut cursor = body.walk();
    let mut depth = 0_usize;
    loop {
        let node = cursor.node();
        let called = node.child_by_field_name("function").filter(|_| node.kind() == "call");
        if let Some(called) = called.filter(|called| called.kind() == "identifier")
            && text(called, source) == text(first, source)
        {
            sites.classes_called.insert(place(called), place(class));
        }
        // In a function or class inside of this one the name may be another.
        let is_inside = matches!(node.kind(), "function_definition" | "class_definition" | "lambda");
        let is_other = is_inside && binds(node, text(first, source), source);
        if !is_other && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !(depth > 0 && cursor.goto_next_sibling()) {
            if depth == 0 || !cursor.goto_parent() {
                return;
            }
            depth -= 1;
        }
    }
}

/// Whether something inside of a function or class gives a name to another thing: a parameter, an assignment, an import.
fn binds(inside: Node<'_>, name: &str, source: &str) -> bool {
    let mut cursor = inside.walk();
    let mut depth = 0_usize;
    loop {
        let node = cursor.node();
        let bound = match node.kind() {
            "parameters"
            | "lambda_parameters"
            | "global_statement"
            | "nonlocal_statement"
            | "import_from_statement"
            | "import_statement"
            | "case_pattern"
            | "delete_statement" => Some(node),
            "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" => {
                node.child_by_field_name("left")
            }
            "named_expression" | "function_definition" | "class_definition" => {
                node.child_by_field_name("name")
            }
            "aliased_import" | "as_pattern" => node.child_by_field_name("alias"),
            _ => None,
        };
        let mut names = Sites::default();
        rename(bound, source, &mut names);
        if names.renames.contains(name) {
            return true;
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !(depth > 0 && cursor.goto_next_sibling()) {
            if depth == 0 || !cursor.goto_parent() {
                return false;
            }
            depth -= 1;
        }
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
