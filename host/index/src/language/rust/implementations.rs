//! Implementations and traits: members of a type that stand away from it.

use codestrata::model::{Attributes, Export, ExportTarget, ImportedName, Span, node_kind};
use tree_sitter::Node;

use super::attributes::Manner;
use super::modules::MOST_CANDIDATES;
use super::paths::{is_type, module_of, opened_modules, resolve};
use super::{Kind, Rust};
use crate::extract::{Context, Hint, NodeRef, Purpose, Reading, Role, ScopeKind, TypePath, span};

/// The type whose members stand in a block.
#[derive(Clone, Debug)]
pub(super) enum Holder<'s> {
    /// One of this file.
    Here(NodeRef),
    /// One of another file: its name, and the modules in which it may be defined.
    Away(&'s str, Vec<String>),
}

impl Rust {
    /// `impl T { .. }` and `impl Trait for T { .. }`.
    pub(super) fn implementation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(type_) = self.field.type_.of(node) else { return };
        let inside = self.type_parameters(node, context, reading);
        let inside = if inside.scope == context.scope {
            inside.with_scope(reading.sketch.open(ScopeKind::Block, context.scope))
        } else {
            inside
        };
        let hint = self.hint_of_type(type_, inside, reading);
        let holder = self.holder(type_, &hint, inside, reading);
        bind_self(&holder, hint, inside, reading);
        let owned = match &holder {
            Holder::Here(holder) => inside.with_owner(*holder),
            Holder::Away(..) => inside,
        };
        if let Some(trait_) = self.field.trait_.of(node) {
            match &holder {
                Holder::Here(_) => self.use_type(trait_, Purpose::Inherit, owned, reading),
                // No node of this file is the one that inherits.
                Holder::Away(..) => reading.push(trait_, owned.as_type(Role::Variable)),
            }
            let arguments = self.field.type_arguments.of(trait_);
            reading.push_some(arguments, owned.as_type(Role::Variable));
        }
        reading.push_some(self.field.type_arguments.of(type_), owned.as_type(Role::Variable));
        if let Some(body) = self.field.body.of(node) {
            let trait_ = self.field.trait_.of(node).map(|trait_| reading.short_text(trait_).unwrap_or("?"));
            let manner = trait_.map_or(Manner::Own, Manner::Implements);
            self.members(body, &holder, manner, inside, reading);
        }
    }

    pub(super) fn trait_<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let kind = node_kind::TRAIT;
        let attributes = Self::item_attributes(node, Manner::Own, reading);
        let defined = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        reading.sketch.bind_definition(context.scope, name, defined);
        let owned = self.type_parameters(node, context.with_owner(defined), reading);
        let scope = reading.sketch.open(ScopeKind::Block, owned.scope);
        let inside = owned.with_scope(scope);
        let holder = Holder::Here(defined);
        bind_self(&holder, Hint::Unknown, inside, reading);
        if let Some(bounds) = self.field.bounds.of(node) {
            for bound in reading.children(bounds) {
                match self.kind(bound) {
                    Kind::TypeIdentifier | Kind::ScopedType | Kind::GenericType => {
                        self.use_type(bound, Purpose::Inherit, inside, reading);
                        let arguments = self.field.type_arguments.of(bound);
                        reading.push_some(arguments, inside.as_type(Role::Variable));
                    }
                    _ => reading.push(bound, inside.as_type(Role::Variable)),
                }
            }
        }
        if let Some(body) = self.field.body.of(node) {
            self.members(body, &holder, Manner::Promised, inside, reading);
        }
    }

    fn members<'s, 't>(
        &self,
        body: Node<'t>,
        holder: &Holder<'s>,
        manner: Manner<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let parts = reading.children(body);
        self.note_attributes(&parts, reading);
        for part in parts {
            match self.kind(part) {
                Kind::Function => self.function(part, Some(holder), manner, context, reading),
                Kind::Const => self.constant(part, Some(holder), context, reading),
                Kind::TypeItem | Kind::AssociatedType => {
                    self.type_item(part, Some(holder), context, reading);
                }
                _ => reading.push(part, context),
            }
        }
    }

    /// The type that a block gives members to. References to it, `impl Trait for &T`, are taken for it.
    fn holder<'s, 't>(
        &self,
        type_: Node<'t>,
        hint: &Hint<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Holder<'s> {
        let Hint::Instance(TypePath { names, .. }) = hint else {
            let text = self.segments(type_, reading).and_then(|(names, _)| names.last().copied());
            return Holder::Away(text.unwrap_or("impl"), Vec::new());
        };
        let Some((last, path)) = names.split_last() else { return Holder::Away("impl", Vec::new()) };
        if !path.is_empty() {
            let written = self.segments(type_, reading).map(|(names, _)| names).unwrap_or_default();
            let written = written.get(..written.len().saturating_sub(1)).unwrap_or_default();
            return Holder::Away(last, resolve(written, context.scope, reading));
        }
        let Some((found, binding)) = reading.sketch.look_up(context.scope, last) else {
            return Holder::Away(last, opened_modules(reading).take(MOST_CANDIDATES).cloned().collect());
        };
        if let Some(node) = binding.definition.filter(|node| is_type(*node, reading)) {
            return Holder::Here(node);
        }
        let import = binding.import.and_then(|import| reading.sketch.imports.get(import as usize));
        let Some(import) = import else {
            // A parameter, `impl<T> Trait for T`: the members belong to no type.
            return Holder::Away(last, Vec::new());
        };
        let ImportedName::Name(name) = &import.name else { return Holder::Away(last, Vec::new()) };
        let own = module_of(found, reading);
        let of_this_file = reading.sketch.bindings.get(&(0, *last)).and_then(|binding| binding.definition);
        match of_this_file.filter(|node| is_type(*node, reading)) {
            // `use super::T` in an inline module.
            Some(node) if found != 0 && import.candidates.iter().any(|it| own.starts_with(it.as_str())) => {
                Holder::Here(node)
            }
            _ if name == last => Holder::Away(last, import.candidates.clone()),
            _ => Holder::Away(last, Vec::new()),
        }
    }
}

/// `Self` is the type of the block, and so is `self` of its methods.
fn bind_self<'s>(holder: &Holder<'s>, hint: Hint<'s>, context: Context, reading: &mut Reading<'s, '_>) {
    if let Some(binding) = reading.sketch.binding(context.scope, "Self") {
        match (holder, hint) {
            (Holder::Here(node), _) => binding.definition = Some(*node),
            (Holder::Away(..), Hint::Instance(path)) => {
                binding.local = true;
                binding.hint = Hint::SameAs(path);
            }
            (Holder::Away(..), _) => binding.local = true,
        }
    }
}

/// Adds a member of a type. One of another file is exported where its type may be defined, so that it is found there.
#[expect(clippy::too_many_arguments, reason = "what a definition needs, and whose member it is")]
pub(super) fn add_member<'s>(
    holder: &Holder<'s>,
    name: &'s str,
    kind: &str,
    whole: Span,
    attributes: Attributes,
    hint: Hint<'s>,
    context: Context,
    reading: &mut Reading<'s, '_>,
) -> NodeRef {
    match holder {
        Holder::Here(holder) => {
            let member = reading.sketch.define(*holder, name, kind, whole, attributes);
            reading.sketch.add_member(*holder, name, Some(member), hint);
            member
        }
        Holder::Away(type_, modules) => {
            let sketch = &mut reading.sketch;
            let member = sketch.define_as(context.owner, type_, name, kind, whole, attributes);
            // Its name in this module is no way to reach it.
            sketch.hidden.insert(member);
            for module in modules {
                let name = format!("/{module}:{type_}.{name}");
                sketch.exports.push(Export { name, target: ExportTarget::Node(member) });
            }
            member
        }
    }
}
