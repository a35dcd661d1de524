//! Imports and exports.

use codestrata::model::{Attributes, Export, ExportTarget, ImportedName, Reference, node_kind};
use tree_sitter::Node;

use super::spots::Spot;
use super::{EcmaScript, Kind, modules};
use crate::extract::{Context, NodeRef, Reading, ScopeRef, span};

impl EcmaScript {
    /// `import d, { a as b } from "./x"`, `import * as ns from "./x"`, `import "./x"`, `import x = require("./x")`.
    pub(super) fn import<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut parts = reading.children(node);
        let mut source = self.field.source.of(node);
        if let Some(required) = parts.iter().find(|part| self.kind(**part) == Kind::ImportRequire).copied() {
            source = source.or_else(|| self.field.source.of(required));
        }
        let Some(source) = source else { return };
        let module = reading.text(source).trim_matches(['"', '\'']);
        let candidates = modules::candidates(reading.sketch.path, module);
        let is_for_types = reading.has_token(node, "type");
        let mut bound_any = false;
        while let Some(part) = parts.pop() {
            let (name, at, bound) = match self.kind(part) {
                Kind::ImportClause | Kind::NamedImports => {
                    parts.extend(reading.children(part).into_iter().rev());
                    continue;
                }
                Kind::Identifier => (ImportedName::Name("default".to_owned()), part, part),
                Kind::NamespaceImport | Kind::ImportRequire => {
                    let Some(bound) = part.named_child(0) else { continue };
                    (ImportedName::Module, bound, bound)
                }
                _ => match self.field.name.of(part) {
                    Some(name) => {
                        let bound = self.field.alias.of(part).unwrap_or(name);
                        (ImportedName::Name(unquoted(reading.text(name)).to_owned()), name, bound)
                    }
                    None => continue,
                },
            };
            let import = reading.sketch.import(candidates.clone(), module, name, Some(span(at)));
            let late = is_for_types || reading.has_token(part, "type");
            reading.sketch.mark_late(late.then_some(Reference::FOR_TYPES));
            let bound = reading.text(bound);
            bind_imported(bound, import, context.scope, reading);
            bound_any = true;
        }
        if !bound_any {
            reading.sketch.import(candidates, module, ImportedName::Module, Some(span(source)));
        }
    }

    pub(super) fn export<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(source) = self.field.source.of(node) {
            return self.export_from(node, source, reading);
        }
        let is_default = reading.has_token(node, "default") || reading.has_token(node, "=");
        let declaration = self.field.declaration.of(node);
        let value = self.field.value.of(node);
        if let Some(declaration) = declaration {
            if context.scope == 0 {
                self.export_declared(declaration, is_default, reading);
            }
            reading.push(declaration, context);
        }
        for part in reading.children(node) {
            if Some(part) == declaration {
                continue;
            }
            match self.kind(part) {
                Kind::ExportClause => self.export_clause(part, context, reading),
                _ if is_default || Some(part) == value => self.export_value(part, context, reading),
                _ => reading.push(part, context),
            }
        }
    }

    /// `export { a, b as c }`.
    fn export_clause<'t>(&self, clause: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(clause) {
            let Some(name) = self.field.name.of(part) else { continue };
            let exported = self.field.alias.of(part).unwrap_or(name);
            let pair = (unquoted(reading.text(exported)), reading.text(name));
            if context.scope == 0 {
                reading.sketch.exported.push(pair);
            }
        }
    }

    /// `export default value`, `export = value`, `module.exports = value`.
    fn export_value<'t>(&self, value: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(node) = self.named_value("default", value, value, context, reading) else {
            if self.kind(value) == Kind::Identifier {
                let name = reading.text(value);
                reading.sketch.exported.push(("default", name));
            }
            return reading.push(value, context);
        };
        let target = ExportTarget::Node(node);
        reading.sketch.exports.push(Export { name: "default".to_owned(), target });
    }

    /// Makes a node of a function or class that has no name of its own but is exported under one, and reads it.
    fn named_value<'s, 't>(
        &self,
        name: &'s str,
        value: Node<'t>,
        whole: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Option<NodeRef> {
        let own = self.field.name.of(value).map_or(name, |own| reading.text(own));
        match self.kind(value) {
            Kind::Arrow | Kind::FunctionExpression => {
                let attributes = self.function_attributes(value, reading);
                let kind = node_kind::FUNCTION;
                let function = reading.sketch.define(context.owner, own, kind, span(whole), attributes);
                self.function(value, Some(function), context, reading);
                Some(function)
            }
            Kind::Class => {
                let kind = node_kind::CLASS;
                let class = reading.sketch.define(context.owner, own, kind, span(whole), Attributes::new());
                self.class(value, Some(class), context, reading);
                Some(class)
            }
            _ => {
                let literal = self.literal(value, reading)?;
                let kind = node_kind::VARIABLE;
                let variable =
                    reading.sketch.define(context.owner, own, kind, span(whole), Attributes::new());
                let inside = context.with_owner(variable);
                self.object_of(literal, &Spot::of(variable), 0, inside, reading);
                Some(variable)
            }
        }
    }

    /// Exports the names that a declaration binds.
    fn export_declared<'t>(&self, declaration: Node<'t>, is_default: bool, reading: &mut Reading<'_, 't>) {
        let mut left = vec![declaration];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Declaration | Kind::VarDeclaration | Kind::Ambient => {
                    left.extend(reading.children(node).into_iter().rev());
                }
                Kind::Declarator => {
                    let Some(pattern) = self.field.name.of(node) else { continue };
                    let names = self.pattern_names(pattern, reading);
                    reading.sketch.exported.extend(names.into_iter().map(|name| (name, name)));
                }
                _ => {
                    let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else {
                        continue;
                    };
                    let exported = if is_default { "default" } else { name };
                    reading.sketch.exported.push((exported, name));
                }
            }
        }
    }

    /// `export { a as b } from "./x"`, `export * from "./x"`, `export * as ns from "./x"`.
    fn export_from<'t>(&self, node: Node<'t>, source: Node<'t>, reading: &mut Reading<'_, 't>) {
        let module = reading.text(source).trim_matches(['"', '\'']);
        let candidates = modules::candidates(reading.sketch.path, module);
        let add = |imported: ImportedName, name: &str, at: Node<'t>, reading: &mut Reading<'_, 't>| {
            let import = reading.sketch.import(candidates.clone(), module, imported, Some(span(at)));
            let target = ExportTarget::Import(import);
            reading.sketch.exports.push(Export { name: name.to_owned(), target });
        };
        let mut is_star = true;
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::NamespaceExport => {
                    is_star = false;
                    let Some(name) = part.named_child(0) else { continue };
                    add(ImportedName::Module, unquoted(reading.text(name)), name, reading);
                }
                Kind::ExportClause => {
                    is_star = false;
                    for item in reading.children(part) {
                        let Some(name) = self.field.name.of(item) else { continue };
                        let exported = unquoted(reading.text(self.field.alias.of(item).unwrap_or(name)));
                        let imported = ImportedName::Name(unquoted(reading.text(name)).to_owned());
                        add(imported, exported, name, reading);
                    }
                }
                _ => {}
            }
        }
        if is_star {
            // Not `Star`: that would bring the names into this file too.
            add(ImportedName::Module, "", source, reading);
        }
    }

    /// `module.exports = value`, `module.exports = { a, b }`, `exports.a = value`. Whether it was one of them.
    pub(super) fn export_by_assignment<'t>(
        &self,
        whole: Node<'t>,
        left: Node<'t>,
        right: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let name = match reading.text(left) {
            "module.exports" => None,
            text => match text.strip_prefix("module.exports.").or_else(|| text.strip_prefix("exports.")) {
                Some(name) if !name.contains(['.', '[', '(']) => Some(name),
                _ => return false,
            },
        };
        match name {
            None if self.kind(right) == Kind::Object => {
                for part in reading.children(right) {
                    let (key, value) = match self.kind(part) {
                        Kind::Identifier => (Some(part), Some(part)),
                        Kind::Pair => (self.field.key.of(part), self.field.value.of(part)),
                        _ => (None, None),
                    };
                    if let (Some(key), Some(value)) = (key, value)
                        && self.kind(value) == Kind::Identifier
                    {
                        let pair = (unquoted(reading.text(key)), reading.text(value));
                        reading.sketch.exported.push(pair);
                    }
                }
                reading.push(right, context);
            }
            None => self.export_value(right, context, reading),
            Some(name) => {
                let node = self.named_value(name, right, whole, context, reading);
                if let Some(node) = node {
                    let target = ExportTarget::Node(node);
                    reading.sketch.exports.push(Export { name: name.to_owned(), target });
                } else {
                    if self.kind(right) == Kind::Identifier {
                        let local = reading.text(right);
                        reading.sketch.exported.push((name, local));
                    }
                    reading.push(right, context);
                }
            }
        }
        true
    }
}

fn unquoted(name: &str) -> &str {
    name.trim_matches(['"', '\''])
}

/// Binds a name to an import.
pub(super) fn bind_imported<'s>(name: &'s str, import: u32, scope: ScopeRef, reading: &mut Reading<'s, '_>) {
    reading.sketch.bind_import(scope, name, import);
    if scope == 0 {
        reading.sketch.imported.push((name, import));
    }
}
