//! Names that stand in a file where no reference says so: in strings, symbols, attributes and the text of macros.
//!
//! Nobody can say that such a name means a definition. But who asks which code is dead has to know that it may: a handler
//! is registered by its name, a field is filled by a function that an attribute names, a test's data come from a method
//! that a string names. Of definitions that other files do not see, the text of their own file is all that there is to
//! look at; so only those are marked.

use std::collections::{HashMap, HashSet};

use codestrata::model::{Node as GraphNode, node_kind};
use tree_sitter::Node;

use super::sketch::{Base, NodeRef, Sketch};
use crate::language::Language;

/// A file that lists more names than these is taken to name everything.
const MOST_MENTIONS: usize = 2_000;

/// More places than these are not looked at in a file; a name that stands in a further one is taken to be mentioned.
const MOST_LOOKS: usize = 2_000;

/// Definitions of one name, if there are more of them in a file, are all taken to be mentioned.
const MOST_OF_ONE_NAME: usize = 32;

/// How far around a word is looked for what it stands in.
const MOST_AROUND: usize = 5;

/// Words of Ruby that say of a method how it is seen, and do not use it.
const ABOUT_VISIBILITY: [&str; 6] =
    ["private", "protected", "public", "module_function", "private_class_method", "private_constant"];

/// What a definition's name is searched by, where it stands, and the node.
type Sought<'s> = HashMap<&'s str, Vec<NodeRef>>;

/// Marks the definitions that only their file sees and whose names stand in its text besides, and gives the file's node
/// the names that it lists.
///
/// Cost: one pass over the source if there are such definitions; a look into the tree for each place.
pub(super) fn note(sketch: &mut Sketch<'_>, source: &str, root: Node<'_>) {
    let sought: Sought<'_> = HashMap::new();
    let nodes = std::mem::take(&mut sketch.nodes);
    let mut mentioned = vec![false; nodes.len()];
    let sought =
        (0..).zip(&nodes).skip(1).filter(|(_, node)| is_hidden(node)).fold(sought, |mut all, (at, node)| {
            all.entry(plain(&node.name)).or_default().push(at);
            all
        });
    let (many, sought): (Sought<'_>, Sought<'_>) =
        sought.into_iter().partition(|(_, definitions)| definitions.len() > MOST_OF_ONE_NAME);
    for node in many.into_values().flatten() {
        if let Some(mark) = mentioned.get_mut(node as usize) {
            *mark = true;
        }
    }
    if !sought.is_empty() {
        let used = places_of_uses(sketch, &sought);
        let mut looks = 0;
        for (start, word) in words(source) {
            let Some(meant) = sought.get(word) else { continue };
            let is_unmarked = |node: &&NodeRef| mentioned.get(**node as usize) == Some(&false);
            // What stands in the definition itself is its own name, or a call of itself.
            let is_outside = |node: &&NodeRef| {
                nodes.get(**node as usize).is_some_and(|node| {
                    let place = node.span.start_byte as usize..node.span.end_byte as usize;
                    !place.contains(&start)
                })
            };
            let meant: Vec<NodeRef> = meant.iter().filter(is_unmarked).filter(is_outside).copied().collect();
            if meant.is_empty() || used.contains(&start) {
                continue;
            }
            let is_function = |node: &NodeRef| nodes.get(*node as usize).is_some_and(is_called);
            let are_functions = meant.iter().all(is_function);
            looks += 1;
            if looks <= MOST_LOOKS && !is_text(root, start, start + word.len(), source, are_functions) {
                continue;
            }
            for node in meant {
                if let Some(mark) = mentioned.get_mut(node as usize) {
                    *mark = true;
                }
            }
        }
    }
    sketch.nodes = nodes;
    for (node, _) in sketch.nodes.iter_mut().zip(mentioned).filter(|(_, is_mentioned)| *is_mentioned) {
        node.attributes.insert(GraphNode::MENTIONED, true.into());
    }
    let names = std::mem::take(&mut sketch.mentions);
    if let (false, Some(module)) = (names.is_empty(), sketch.nodes.first_mut()) {
        let names: Vec<&str> =
            if names.len() > MOST_MENTIONS { vec!["*"] } else { names.into_iter().collect() };
        module.attributes.insert(GraphNode::MENTIONS, names.into());
    }
}

/// Where names that are sought are used, as far as the language was read: there they are no mere text.
fn places_of_uses(sketch: &Sketch<'_>, sought: &Sought<'_>) -> HashSet<usize> {
    let names = sketch.uses.iter().filter(|used| {
        let name = sketch.members_of_use(used).last().copied().or(match used.base {
            Base::Name(name) => Some(name),
            _ => None,
        });
        name.is_some_and(|name| sought.contains_key(plain(name)))
    });
    names.map(|used| used.span.start_byte as usize).collect()
}

/// Whether a definition looks as if its file alone, or its class, may name it.
fn is_hidden(node: &GraphNode) -> bool {
    let is_code = matches!(node.kind.as_str(), node_kind::FUNCTION | node_kind::METHOD)
        || node_kind::has_members(&node.kind)
        || node.kind == node_kind::TYPE;
    let visibility = node.attributes.get("visibility").and_then(|text| text.as_str()).unwrap_or_default();
    let is_lower = || node.name.chars().next().is_some_and(char::is_lowercase);
    // Elsewhere `static` may say that only the file sees it.
    let is_script = matches!(
        Language::of_path(&node.file),
        Some(Language::JavaScript | Language::TypeScript | Language::Tsx)
    );
    is_code
        && !node.attributes.contains_key("macro")
        && (visibility.contains("private")
            || visibility.starts_with("pub(")
            || node.attributes.contains_key(GraphNode::STATIC) && !is_script
            || node.name.starts_with(['_', '#'])
            || (Language::of_path(&node.file) == Some(Language::Go) && is_lower()))
}

fn is_called(node: &GraphNode) -> bool {
    matches!(node.kind.as_str(), node_kind::FUNCTION | node_kind::METHOD)
}

/// The part of a name that is a word: `save` of `save!`, `name` of `#name`.
fn plain(name: &str) -> &str {
    name.trim_matches(|letter: char| !is_letter(letter))
}

fn is_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// The words of a text, each with its place.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_of_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            let start = at + rest.iter().position(|byte| is_of_word(*byte))?;
            let word = bytes.get(start..)?;
            let end = start + word.iter().position(|byte| !is_of_word(*byte)).unwrap_or(word.len());
            at = end;
            // Beyond ASCII a run may hold more than letters; then it is no name.
            if let Some(word) = text.get(start..end) {
                return Some((start, word));
            }
        }
    })
}

/// Whether what stands at a place is text that the language gives no meaning: in a string that is no documentation, in a
/// symbol, an attribute, or a macro. Of functions, also what the grammar takes for a type or a declaration among
/// parameters: the arguments of a macro that stands where a declaration may.
fn is_text(root: Node<'_>, start: usize, end: usize, source: &str, are_functions: bool) -> bool {
    let Some(mut here) = root.descendant_for_byte_range(start, end) else { return false };
    if are_functions && (here.kind() == "type_identifier" || is_declared_among_parameters(here)) {
        return true;
    }
    // Where the grammar sees no token it was given a text in which this was blanked out.
    let is_token = here.child_count() == 0
        || ["comment", "string", "heredoc"].iter().any(|text| here.kind().contains(text));
    if !is_token {
        return true;
    }
    for _ in 0..MOST_AROUND {
        let kind = here.kind();
        if kind.contains("comment") {
            return false;
        }
        let is_string = kind.contains("string") || kind.contains("heredoc");
        if is_string || kind.contains("symbol") {
            return !is_documentation(here) && !is_about_visibility(here, source);
        }
        let is_unread = ["token_tree", "attribute", "preproc", "macro", "template", "ERROR"];
        if is_unread.iter().any(|unread| kind.contains(unread)) {
            return true;
        }
        let Some(around) = here.parent() else { return false };
        here = around;
    }
    false
}

fn is_declared_among_parameters(name: Node<'_>) -> bool {
    let declarator = name.parent().filter(|declarator| declarator.kind() == "function_declarator");
    let around = declarator.and_then(|declarator| declarator.parent());
    around.is_some_and(|around| around.kind() == "parameter_declaration")
}

/// Whether a string is a statement by itself, as the documentation of Python is.
fn is_documentation(string: Node<'_>) -> bool {
    let mut here = string;
    for _ in 0..3 {
        let Some(around) = here.parent() else { return false };
        if around.kind() == "expression_statement" {
            return around.named_child_count() == 1;
        }
        here = around;
    }
    false
}

/// Whether a symbol is what `private :name` is about.
fn is_about_visibility(symbol: Node<'_>, source: &str) -> bool {
    let called =
        symbol.parent().and_then(|list| list.parent()).and_then(|call| call.child_by_field_name("method"));
    called
        .and_then(|method| source.get(method.byte_range()))
        .is_some_and(|method| ABOUT_VISIBILITY.contains(&method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let found: Vec<(usize, &str)> = words("a._b2 :c!\n\u{e9}t\u{e9} \u{2192}").collect();
        assert_eq!(found, [(0, "a"), (2, "_b2"), (7, "c"), (10, "\u{e9}t\u{e9}"), (16, "\u{2192}")]);
        assert_eq!(words("").count(), 0);
    }
}
