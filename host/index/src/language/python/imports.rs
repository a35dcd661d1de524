//! Import statements.

use codestrata::model::{Export, ExportTarget, ImportedName, Reference};
use tree_sitter::Node;

use super::builtins::is_builtin;
use super::definitions::start_of_owner;
use super::{Kind, Python, modules};
use crate::extract::{Context, Reading, span};

impl Python {
    /// `import a.b.c, x as y`.
    pub(super) fn import<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let late = lateness(node, context, reading);
        for item in reading.children(node) {
            let (named, alias) = self.named_and_alias(item);
            let module = reading.text(named);
            let path = reading.sketch.path;
            let import = reading.sketch.import(
                modules::absolute(path, module),
                module,
                ImportedName::Module,
                Some(span(named)),
            );
            reading.sketch.mark_late(late);
            match alias {
                Some(alias) => bind(reading.text(alias), import, node.start_byte(), context, reading),
                None => bind_dotted(module, import, node.start_byte(), context, reading),
            }
        }
    }

    /// `from .a import b as c, d` and `from a import *`.
    pub(super) fn import_from<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(from) = self.field.module_name.of(node) else { return };
        let module = reading.text(from);
        let candidates = match self.kind(from) {
            Kind::RelativeImport => {
                let name = module.trim_start_matches(|letter: char| letter == '.' || letter.is_whitespace());
                let dots = module.bytes().take_while(|byte| *byte != b'_' && !byte.is_ascii_alphanumeric());
                modules::relative(reading.sketch.path, dots.filter(|byte| *byte == b'.').count(), name)
            }
            _ => modules::absolute(reading.sketch.path, module),
        };
        let late = lateness(node, context, reading);
        for item in reading.children(node) {
            if item == from {
                continue;
            }
            if self.kind(item) == Kind::Wildcard {
                // A name that the file does not bind may be one that this brings.
                reading.sketch.tells_free_values = true;
                reading.sketch.is_builtin = Some(is_builtin);
                let star =
                    reading.sketch.import(candidates.clone(), module, ImportedName::Star, Some(span(item)));
                reading.sketch.mark_late(late);
                let target = ExportTarget::Import(star);
                reading.sketch.exports.push(Export { name: String::new(), target });
                continue;
            }
            let (named, alias) = self.named_and_alias(item);
            let name = reading.text(named);
            let imported = ImportedName::Name(name.to_owned());
            let import = reading.sketch.import(candidates.clone(), module, imported, Some(span(named)));
            reading.sketch.mark_late(late);
            let bound = alias.map_or(name, |alias| reading.text(alias));
            bind(bound, import, node.start_byte(), context, reading);
        }
    }

    fn named_and_alias<'t>(&self, item: Node<'t>) -> (Node<'t>, Option<Node<'t>>) {
        match self.kind(item) {
            Kind::AliasedImport => (self.field.name.of(item).unwrap_or(item), self.field.alias.of(item)),
            _ => (item, None),
        }
    }
}

/// Why an import is not made when the file is loaded: it stands in a function, or under `if TYPE_CHECKING:`.
fn lateness(node: Node<'_>, context: Context, reading: &Reading<'_, '_>) -> Option<&'static str> {
    let in_function = reading.sketch.lateness(context.scope);
    let (from, to) = reading.sketch.for_types;
    let is_for_types = || (from..to).contains(&node.start_byte());
    in_function.or_else(|| is_for_types().then_some(Reference::FOR_TYPES))
}

/// Binds a name to an import. At the file's level other files can import it in turn, every alternative of it.
fn bind<'s>(name: &'s str, import: u32, at: usize, context: Context, reading: &mut Reading<'s, '_>) {
    reading.sketch.bind_import(context.scope, name, import);
    let at = (at, start_of_owner(context, reading));
    reading.sketch.note_alternative(context.scope, name, ExportTarget::Import(import), at);
    if context.scope == 0 {
        reading.sketch.imported.push((name, import));
    }
}

/// `import a.b.c` binds `a`; what is reached through it as `a.b.c` is the longer module.
fn bind_dotted<'s>(module: &'s str, import: u32, at: usize, context: Context, reading: &mut Reading<'s, '_>) {
    let names: Vec<&'s str> = module.split('.').map(str::trim).collect();
    let Some(top) = names.first().copied() else { return };
    let bound =
        reading.sketch.bindings.get(&(context.scope, top)).and_then(|binding| binding.import).is_some();
    if names.len() == 1 {
        bind(top, import, at, context, reading);
    } else if !bound {
        let candidates = modules::absolute(reading.sketch.path, top);
        let top_import = reading.sketch.import(candidates, top, ImportedName::Module, None);
        bind(top, top_import, at, context, reading);
    }
    reading.sketch.dotted.entry((context.scope, top)).or_default().push((names, import));
}
