//! Packages and imports.

use codestrata::model::ImportedName;
use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{Context, Reading, span};

impl Java {
    /// `package com.foo;`: where all definitions of the file belong.
    pub(super) fn package<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::Identifier | Kind::ScopedIdentifier => {
                    let names = self.scoped_names(part, reading);
                    reading.sketch.stem = Some(names.join("/"));
                }
                _ => reading.push(part, context),
            }
        }
    }

    /// `import a.b.C;`, `import a.b.C.Inner;`, `import a.b.*;`, `import static a.b.C.run;`, `import static a.b.C.*;`.
    ///
    /// A type in a type and a type in a package have symbols of one form, so nobody has to know where the package
    /// ends.
    pub(super) fn import<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = reading.children(node);
        let Some(imported) = parts.first().copied() else { return };
        let names = self.scoped_names(imported, reading);
        let is_star = parts.iter().any(|part| self.kind(*part) == Kind::Asterisk);
        let Some((last, around)) = names.split_last() else { return };
        if is_star {
            let candidates = candidates(&names);
            reading.sketch.import(candidates, &names.join("."), ImportedName::Star, Some(span(imported)));
            return;
        }
        let name = ImportedName::Name((*last).to_owned());
        let import = reading.sketch.import(candidates(around), &around.join("."), name, Some(span(imported)));
        reading.sketch.bind_import(context.scope, last, import);
    }

    /// The names of `a.b.C`. A loop, because they nest as deep as there are names.
    pub(super) fn scoped_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Vec<&'s str> {
        let mut names = Vec::new();
        let mut here = Some(node);
        while let Some(part) = here {
            let is_scoped = self.kind(part) == Kind::ScopedIdentifier;
            let last = if is_scoped { self.field.name.of(part) } else { Some(part) };
            names.extend(last.map(|last| reading.text(last)));
            here = if is_scoped { self.field.scope.of(part) } else { None };
        }
        names.reverse();
        names
    }
}

/// The namespace of dotted names; none for what belongs to Java itself.
fn candidates(names: &[&str]) -> Vec<String> {
    match names.first() {
        Some(&("java" | "javax")) => Vec::new(),
        _ => vec![names.join("/")],
    }
}
