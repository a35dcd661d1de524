//! The package clause and import declarations.

use codestrata::model::ImportedName;
use tree_sitter::Node;

use super::{Go, Kind, modules};
use crate::extract::{Context, Reading, span};

impl Go {
    /// The file as a whole. Types are read first: methods belong to them, wherever in the file they stand.
    pub(super) fn source<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        // A name of the package may be a value of another file, such as a function that is handed on.
        reading.sketch.tells_free_values = true;
        let children = reading.children(node);
        let clause = children.iter().find(|child| self.kind(**child) == Kind::PackageClause);
        if let Some(clause) = clause {
            let package = clause.named_child(0).map_or("", |name| reading.text(name));
            let before = reading.source.get(..clause.start_byte()).unwrap_or_default();
            reading.sketch.stem = modules::stem(reading.sketch.path, package, is_built_alone(before));
        }
        let is_first = |child: &Node<'t>| self.kind(*child) == Kind::TypeDeclaration;
        for child in children.iter().filter(|child| is_first(child)) {
            reading.push(*child, context);
        }
        for child in children.iter().filter(|child| !is_first(child)) {
            reading.push(*child, context);
        }
    }

    pub(super) fn import<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(path) = self.field.path.of(node) else { return };
        let module = reading.text(path).trim_matches(['"', '`']);
        let alias = self.field.name.of(node);
        let candidates = modules::candidates(reading.sketch.path, module);
        let is_star = alias.is_some_and(|alias| self.kind(alias) == Kind::DotImport);
        let name = if is_star { ImportedName::Star } else { ImportedName::Module };
        let import = reading.sketch.import(candidates, module, name, Some(span(path)));
        let bound = match alias {
            None => modules::bound_name(module),
            Some(alias) if self.kind(alias) == Kind::Other => reading.text(alias),
            Some(_) => return,
        };
        reading.sketch.bind_import(context.scope, bound, import);
    }
}

/// Whether what stands before the package clause keeps the file out of every build of its package.
fn is_built_alone(before: &str) -> bool {
    before.lines().any(|line| {
        let constraint = line.strip_prefix("//go:build").or_else(|| line.strip_prefix("// +build"));
        constraint.is_some_and(|constraint| constraint.trim() == "ignore")
    })
}
