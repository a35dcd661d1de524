//! Facts as text, to be compared with what a person wrote.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::fmt::Write as _;

use codestrata::model::{ExportTarget, FileFacts, ImportedName, Root, Target};

/// All facts: nodes with what refers from them, imports, exports.
pub(crate) fn render(facts: &FileFacts) -> String {
    let mut text = String::new();
    if let Some(module) = &facts.module {
        let package = if module.is_package { ", package" } else { "" };
        let shared = if module.is_shared { ", shared" } else { "" };
        let _ = writeln!(text, "stem `{}`, rank {}{package}{shared}", module.stem, module.rank);
    }
    for (position, node) in facts.nodes.iter().enumerate() {
        let (first, last) = (node.span.start_line, node.span.end_line);
        let _ = write!(text, "{} {} {first}-{last}", node.kind, short(facts, position));
        for (name, value) in &node.attributes {
            let _ = write!(text, " {name}={value}");
        }
        text.push('\n');
        for reference in facts.references.iter().filter(|it| it.source as usize == position) {
            let target = render_target(facts, &reference.target);
            let _ = write!(text, "  {} {} {target}", reference.span.start_line, reference.kind);
            for value in reference.attributes.values() {
                let _ = write!(text, " ({})", value.as_str().unwrap_or("?"));
            }
            text.push('\n');
        }
    }
    for import in 0..facts.imports.len() {
        let import_of = &facts.imports[import];
        let _ =
            writeln!(text, "import {} [{}]", render_import(facts, import), import_of.candidates.join(" "));
    }
    for export in &facts.exports {
        let target = match export.target {
            ExportTarget::Node(node) => short(facts, node as usize),
            ExportTarget::Import(import) => render_import(facts, import as usize),
        };
        let _ = writeln!(text, "export `{}` = {target}", export.name);
    }
    for value in values(facts) {
        let _ = writeln!(text, "value {value}");
    }
    text
}

/// The references of one node, `kind target`, without lines.
pub(crate) fn references(facts: &FileFacts, node: &str) -> Vec<String> {
    let id = format!("{}::{node}", facts.path);
    let position = facts.nodes.iter().position(|it| it.id == id);
    let position = position.unwrap_or_else(|| panic!("no node {id} among {:?}", ids(facts)));
    let of_node = facts.references.iter().filter(|it| it.source as usize == position);
    of_node
        .filter(|it| it.kind != "contains")
        .map(|it| {
            let role = it.attributes.values().map(|value| format!(" ({})", value.as_str().unwrap_or("?")));
            format!("{} {}{}", it.kind, render_target(facts, &it.target), role.collect::<String>())
        })
        .collect()
}

/// The part of each node's id after the path, with its kind.
pub(crate) fn ids(facts: &FileFacts) -> Vec<String> {
    (0..facts.nodes.len()).map(|it| format!("{} {}", facts.nodes[it].kind, short(facts, it))).collect()
}

fn short(facts: &FileFacts, position: usize) -> String {
    let id = &facts.nodes[position].id;
    id.strip_prefix(&facts.path).and_then(|id| id.strip_prefix("::")).unwrap_or(id).to_owned()
}

fn render_import(facts: &FileFacts, import: usize) -> String {
    let import = &facts.imports[import];
    match &import.name {
        ImportedName::Module => format!("<{}>", import.module),
        ImportedName::Name(name) => format!("<{}>:{name}", import.module),
        ImportedName::Star => format!("<{}>:*", import.module),
    }
}

fn push_members(text: &mut String, members: &[String]) {
    // That an object is meant, and not its class, is left out: links tell the two apart.
    for member in members.iter().filter(|member| *member != Target::OBJECT) {
        let dot = if member == Target::CALL { "" } else { "." };
        let _ = write!(text, "{dot}{member}");
    }
}

/// The value facts, `node path = target`.
pub(crate) fn values(facts: &FileFacts) -> Vec<String> {
    let rendered = facts.values.iter().map(|value| {
        let mut text = short(facts, value.node as usize);
        push_members(&mut text, &value.path);
        format!("{text} = {}", render_target(facts, &value.target))
    });
    rendered.collect()
}

pub(crate) fn render_target(facts: &FileFacts, target: &Target) -> String {
    match target {
        Target::Node(node) => short(facts, *node as usize),
        Target::Member(name) => format!("?.{name}"),
        Target::Local(name) => format!("local {name}"),
        Target::Path(root, members) => {
            let mut text = match root {
                Root::Import(import) => render_import(facts, *import as usize),
                Root::Node(node) => format!("[{}]", short(facts, *node as usize)),
                Root::Super(node) => format!("super[{}]", short(facts, *node as usize)),
                Root::Within(node) => format!("within[{}]", short(facts, *node as usize)),
                Root::Receiver(node) => format!("receiver[{}]", short(facts, *node as usize)),
                Root::Free(name) => format!("free {name}"),
            };
            push_members(&mut text, members);
            text
        }
    }
}
