//! Macros: their definitions, their calls, and the calls in their arguments.

use codestrata::model::{Attributes, Export, ExportTarget, ImportedName, node_kind};
use tree_sitter::Node;

use super::modules::{MOST_CANDIDATES, home, join, parent};
use super::paths::{bound_path, module_of};
use super::types::is_outside;
use super::{Kind, Rust, prelude};
use crate::extract::{Base, Context, Purpose, Reading, span};

/// The module in which a crate keeps its macros, by habit.
const MODULE_OF_MACROS: &str = "macros";

impl Rust {
    /// `macro_rules!`. With `#[macro_export]` it belongs to the root of the crate.
    pub(super) fn macro_definition<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let attributes = Attributes::from([("macro", true.into())]);
        let kind = node_kind::FUNCTION;
        Self::mention_paths(node, reading);
        let defined = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        reading.sketch.bind_definition(context.scope, name, defined);
        if is_exported(node, reading)
            && let Some(root) = home(reading.sketch.path).roots.first()
        {
            let name = format!("/{root}:{name}");
            reading.sketch.exports.push(Export { name, target: ExportTarget::Node(defined) });
        }
    }

    pub(super) fn macro_call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(called) = self.field.macro_.of(node) else { return };
        let name = reading.text(self.field.name.of(called).unwrap_or(called));
        if self.kind(called) == Kind::Scoped {
            let chain = self.chain(called, context, reading);
            reading.use_chain(&chain, Purpose::Call, context);
        } else {
            macro_use(name, called, context, reading);
        }
        if prelude::has_expressions(name)
            && let Some(arguments) =
                reading.children(node).into_iter().find(|part| self.kind(*part) == Kind::TokenTree)
        {
            self.calls_in_tokens(arguments, context, reading);
        }
    }

    /// The calls among the arguments of a macro that takes expressions: a path or a chain before parentheses. What is
    /// bound in the arguments themselves, by closures and blocks, is not seen.
    fn calls_in_tokens<'t>(&self, arguments: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut left = vec![arguments];
        while let Some(tree) = left.pop() {
            let tokens = tokens(tree);
            for (position, token) in tokens.iter().enumerate() {
                if self.kind(*token) != Kind::TokenTree {
                    continue;
                }
                left.push(*token);
                if token.child(0).is_some_and(|open| open.kind() == "(") {
                    let before = tokens.get(..position).unwrap_or_default();
                    self.call_of_tokens(before, context, reading);
                }
            }
        }
    }

    /// The call whose parentheses stand behind these tokens: of `self.a.b`, of `m::T::f`, or of nothing.
    fn call_of_tokens<'t>(&self, before: &[Node<'t>], context: Context, reading: &mut Reading<'_, 't>) {
        let is_name = |node: &Node<'t>| {
            matches!(self.kind(*node), Kind::Identifier | Kind::SelfValue | Kind::Super | Kind::Crate)
        };
        let mut rest = before.iter().rev();
        let Some(last) = rest.next().filter(|node| self.kind(**node) == Kind::Identifier) else { return };
        let mut parts = vec![*last];
        let mut in_path = 0;
        let mut is_whole = true;
        while let Some(separator) = rest.next() {
            match separator.kind() {
                "." => in_path = 0,
                "::" => in_path += 1,
                "fn" => return,
                _ => break,
            }
            match rest.next().filter(|node| is_name(node)) {
                Some(name) => parts.push(*name),
                None => {
                    is_whole = false;
                    break;
                }
            }
        }
        let name = reading.text(*last);
        let purpose = if prelude::names_type(name) { Purpose::Instantiate } else { Purpose::Call };
        parts.reverse();
        let names: Vec<&str> = parts.iter().map(|part| reading.text(*part)).collect();
        let (base, members) = match (is_whole, in_path) {
            // Of a call's result, or of what follows a type in brackets, only the name is known.
            (false, 0) => (Base::Unknown, vec![name]),
            (false, _) => return,
            (true, 0) => (
                Base::Name(names.first().copied().unwrap_or(name)),
                names.get(1..).unwrap_or_default().to_vec(),
            ),
            (true, _) => {
                let path = names.get(..=in_path).unwrap_or(&names);
                let start = parts.first().map_or(0, Node::start_byte);
                let end = parts.get(in_path).map_or(start, Node::start_byte);
                let path = bound_path(path, start..end, context, reading);
                let Some((first, more)) = path.split_first() else { return };
                let after = names.get(in_path + 1..).unwrap_or_default();
                (Base::Name(first), [more, after].concat())
            }
        };
        if !is_outside(base, context, reading) {
            reading.add_use(base, &members, span(*last), purpose, context);
        }
    }
}

/// All tokens of a tree but the first, which opens it.
fn tokens(tree: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = tree.walk();
    tree.children(&mut cursor).skip(1).collect()
}

/// A macro's name is looked up apart from other names. What is neither defined in the file nor imported stands in a
/// module above, at the root of the crate, or in its module of macros.
fn macro_use<'s, 't>(name: &'s str, called: Node<'t>, context: Context, reading: &mut Reading<'s, 't>) {
    let bound = reading.sketch.look_up(context.scope, name).map(|(_, binding)| binding);
    let is_macro = |node: u32| {
        reading.sketch.nodes.get(node as usize).is_some_and(|node| node.attributes.contains_key("macro"))
    };
    let defined = bound.and_then(|binding| binding.definition);
    let is_here = defined.is_some_and(is_macro);
    let is_imported = bound.is_some_and(|binding| binding.import.is_some()) && defined.is_none();
    if is_here || is_imported {
        return reading.add_use(Base::Name(name), &[], span(called), Purpose::Call, context);
    }
    if prelude::is_standard_macro(name) {
        return;
    }
    // The name with its mark is the text of no other name.
    let with_mark = called.start_byte()..called.end_byte() + 1;
    let Some(key) = reading.source.get(with_mark).filter(|key| key.ends_with('!')) else { return };
    if !reading.sketch.bindings.contains_key(&(0, key)) {
        let candidates = places_of_macros(context, reading);
        let named = ImportedName::Name(name.to_owned());
        let import = reading.sketch.import(candidates, "crate", named, None);
        reading.sketch.bind_import(0, key, import);
    }
    reading.add_use(Base::Name(key), &[], span(called), Purpose::Call, context);
}

fn places_of_macros(context: Context, reading: &Reading<'_, '_>) -> Vec<String> {
    let roots = home(reading.sketch.path).roots;
    let Some(root) = roots.first() else { return Vec::new() };
    let mut candidates = vec![root.clone(), join(root, &[MODULE_OF_MACROS])];
    let mut module = module_of(context.scope, reading);
    while candidates.len() < MOST_CANDIDATES && module.len() > root.len() {
        if !candidates.contains(&module) {
            candidates.push(module.clone());
        }
        module = parent(&module).to_owned();
    }
    candidates
}

/// Whether an attribute before a macro exports it.
fn is_exported<'t>(node: Node<'t>, reading: &Reading<'_, 't>) -> bool {
    let mut before = node.prev_named_sibling();
    while let Some(sibling) =
        before.filter(|sibling| matches!(sibling.kind(), "attribute_item" | "line_comment"))
    {
        if reading.text(sibling).starts_with("#[macro_export") {
            return true;
        }
        before = sibling.prev_named_sibling();
    }
    false
}
