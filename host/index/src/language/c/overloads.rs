//! Which node a function is: a declaration and its definition are one, overloads are several.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::CFamily;
use super::files::is_header;
use super::functions::Site;
use super::holders::Holder;
use crate::extract::{Context, Hint, NodeRef, Overload, Reading, ScopeKind, span};

/// What a list of parameters says, to tell overloads apart.
struct Signature {
    text: String,
    count: usize,
}

impl CFamily {
    /// The node of a function, made if there is none yet; none if it is one that is read already.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
    pub(super) fn function_node<'s, 't>(
        &self,
        node: Node<'t>,
        name: &'s str,
        is_definition: bool,
        holder: &Holder<'s>,
        function: Node<'t>,
        site: Site<'_, 't>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<NodeRef> {
        let signature = self.signature(function, reading);
        let outer = holder.away.join(".");
        let key = format!("{}.{outer}.{name}", reading.sketch.qualified(holder.parent));
        let known = reading.sketch.overloads.get_mut(&key);
        let known = known.and_then(|known| {
            let position = self.same_function(known, &signature, is_definition, site)?;
            known.get_mut(position)
        });
        if let Some(known) = known {
            let had_body = known.has_body;
            known.has_body |= is_definition;
            let known = known.node;
            if is_definition && !had_body {
                complete(known, site, reading);
            }
            return is_definition.then_some(known);
        }
        let is_static = has_storage(node, "static", reading);
        let attributes = self.function_attributes(node, is_definition || is_pure(node), is_static, reading);
        let is_method = match holder.class {
            Some(_) => true,
            None => !holder.away.is_empty() || is_in_class(site.context, reading),
        };
        let kind = if is_method { node_kind::METHOD } else { node_kind::FUNCTION };
        let shown = shown(name);
        let at = span(site.whole);
        let made = reading.sketch.define_as(holder.parent, &outer, &shown, kind, at, attributes);
        let overload = Overload {
            node: made,
            parameters: signature.text,
            count: signature.count,
            has_body: is_definition,
        };
        reading.sketch.overloads.entry(key).or_default().push(overload);
        bind_function(name, made, holder, site.context, reading);
        if !is_definition && !is_pure(node) {
            reading.sketch.elsewhere.insert(made);
        }
        if is_static && !is_method && !is_header(reading.sketch.path) {
            reading.sketch.hidden.insert(made);
        }
        Some(made)
    }

    /// Which of the known functions of a name is meant: the one with the same parameters, or the only one that still
    /// lacks its body and may have them, written in another way.
    fn same_function(
        &self,
        known: &[Overload],
        signature: &Signature,
        is_definition: bool,
        site: Site<'_, '_>,
    ) -> Option<usize> {
        if !self.is_cpp {
            // Without overloading, a second one is for other conditions of the preprocessor.
            return (!known.is_empty()).then_some(0);
        }
        let is_template = !site.templates.is_empty();
        let same = known.iter().position(|known| {
            known.parameters == signature.text && !(known.has_body && is_definition && is_template)
        });
        if same.is_some() || !is_definition {
            return same;
        }
        let mut fitting = known
            .iter()
            .enumerate()
            .filter(|(_, known)| !known.has_body && known.count == signature.count)
            .map(|(position, _)| position);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn function_attributes<'t>(
        &self,
        node: Node<'t>,
        is_definition: bool,
        is_static: bool,
        reading: &Reading<'_, 't>,
    ) -> Attributes {
        let mut attributes = Attributes::new();
        if let Some(text) = self.type_text(node, self.field.declarator.of(node), reading) {
            attributes.insert("return_type", text.into());
        }
        if is_static {
            attributes.insert("static", true.into());
        }
        if !is_definition {
            attributes.insert("declaration", true.into());
        }
        if is_static && let Some(word) = used_by_the_linker(node, reading) {
            attributes.insert("decorators", vec![word].into());
        }
        attributes
    }

    fn signature<'t>(&self, function: Node<'t>, reading: &mut Reading<'_, 't>) -> Signature {
        let mut signature = Signature { text: String::new(), count: 0 };
        if !self.is_cpp {
            return signature;
        }
        let Some(parameters) = self.field.parameters.of(function) else { return signature };
        for parameter in reading.children(parameters) {
            let declarator = self.field.declarator.of(parameter);
            let name = declarator.and_then(|declarator| self.declarator(declarator).name);
            let end = declarator.or_else(|| self.field.type_.of(parameter)).unwrap_or(parameter).end_byte();
            let (before, after) = match name {
                Some(name) => (parameter.start_byte()..name.start_byte(), name.end_byte()..end),
                None => (parameter.start_byte()..end, end..end),
            };
            let text = [before, after].into_iter().filter_map(|range| reading.source.get(range));
            let text: String = text.flat_map(str::chars).filter(|letter| !letter.is_whitespace()).collect();
            if text != "void" {
                signature.text.push_str(&text);
                signature.text.push(',');
                signature.count += 1;
            }
        }
        for part in reading.children(function) {
            if matches!(part.kind(), "type_qualifier" | "ref_qualifier") {
                signature.text.push_str(reading.text(part));
            }
        }
        signature
    }
}

/// Makes the node of a declaration that of its definition.
fn complete(known: NodeRef, site: Site<'_, '_>, reading: &mut Reading<'_, '_>) {
    reading.sketch.elsewhere.remove(&known);
    if let Some(known) = reading.sketch.nodes.get_mut(known as usize) {
        known.span = span(site.whole);
        known.attributes.remove("declaration");
    }
}

/// Binds a function in the scope that it stands in, or as a member of the class that it is defined for. Of
/// overloads the first is bound. Constructors are found as members only: their name means the class.
fn bind_function<'s>(
    name: &'s str,
    function: NodeRef,
    holder: &Holder<'s>,
    context: Context,
    reading: &mut Reading<'s, '_>,
) {
    let is_here =
        holder.class.is_none_or(|class| reading.sketch.scope(context.scope).members_of == Some(class));
    let class_name = holder.class.and_then(|class| reading.sketch.nodes.get(class as usize));
    let is_constructor = class_name.is_some_and(|class| class.name == name);
    match holder.class {
        Some(class) if is_constructor || !is_here => {
            reading.sketch.add_member(class, name, Some(function), Hint::Unset);
        }
        _ if !holder.away.is_empty() => {}
        _ => {
            let bound = reading.sketch.bindings.get(&(context.scope, name));
            if bound.is_none_or(|bound| bound.definition.is_none()) {
                reading.sketch.bind_definition(context.scope, name, function);
            }
        }
    }
}

/// Whether definitions in a scope are members of a class.
fn is_in_class(context: Context, reading: &Reading<'_, '_>) -> bool {
    reading.sketch.scope(context.scope).kind == ScopeKind::Members
}

/// Whether a declaration has a storage class, `static` or `extern`.
pub(super) fn has_storage<'t>(node: Node<'t>, word: &str, reading: &mut Reading<'_, 't>) -> bool {
    let parts = reading.children(node);
    parts.into_iter().any(|part| part.kind() == "storage_class_specifier" && reading.text(part) == word)
}

/// `virtual void f() = 0;` has no definition anywhere.
fn is_pure(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        if cursor.field_name() == Some("default_value") || cursor.node().kind() == "pure_virtual_clause" {
            return true;
        }
        more = cursor.goto_next_sibling();
    }
    false
}

/// The name of a node: that of an operator without its spaces.
fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        let is_word =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        if is_word(shown.chars().last()) && is_word(word.chars().next()) {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    shown
}

/// The attribute before a function that makes the linker or the loader use it: `__attribute__((constructor))`, also in the
/// words of a macro that stands for it.
fn used_by_the_linker(node: Node<'_>, reading: &Reading<'_, '_>) -> Option<&'static str> {
    /// How much text before a function is looked at.
    const BEFORE: usize = 200;
    const WORDS: [&str; 4] = ["constructor", "destructor", "interrupt", "used"];
    let start = node.start_byte();
    let end = node.child_by_field_name("declarator").map_or(start, |declarator| declarator.start_byte());
    let mut from = start.saturating_sub(BEFORE);
    while !reading.source.is_char_boundary(from) {
        from += 1;
    }
    let before = reading.source.get(from..start)?;
    // What ends with one of these belongs to something else.
    let begins = before.rfind([';', '}', '#', '/']).map_or(from, |place| from + place);
    let text = reading.source.get(begins..end)?;
    let stands = |word: &&str| {
        [format!("({word})"), format!("({word}("), format!("({word},")]
            .iter()
            .any(|part| text.contains(part.as_str()))
    };
    WORDS.into_iter().find(stands)
}
