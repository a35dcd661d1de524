//! `require` and the like: which file of the repository they name.

use codestrata::model::ImportedName;
use tree_sitter::Node;

use super::{Kind, Php};
use crate::extract::{Context, Reading, span};

impl Php {
    /// `require __DIR__ . '/lib/users.php';`
    pub(super) fn include<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.push_children(node, context);
        let mut named = node.named_child(0);
        while let Some(inner) = named.filter(|it| self.kind(*it) == Kind::Parenthesized) {
            named = inner.named_child(0);
        }
        let Some(named) = named else { return };
        let (string, is_anchored) = match self.kind(named) {
            Kind::String => (Some(named), false),
            Kind::Binary => {
                let folder = self.field.left.of(named).map(|left| reading.text(left));
                let is_own = folder.is_some_and(|folder| {
                    folder.eq_ignore_ascii_case("__DIR__") || folder.eq_ignore_ascii_case("dirname(__FILE__)")
                });
                (self.field.right.of(named).filter(|_| is_own), true)
            }
            _ => (None, false),
        };
        let Some(string) = string.filter(|string| self.kind(*string) == Kind::String) else { return };
        let text = reading.text(string);
        let name = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        if name.is_empty() || name.contains(['$', '\\', '\n']) || (!is_anchored && name.starts_with('/')) {
            return;
        }
        let mut candidates = Vec::new();
        let beside = relative(reading.sketch.path, name);
        // Else it is looked for in the folders of a setting, of which one is most often the root.
        let at_root = relative("", name).filter(|_| !is_anchored && !name.starts_with('.'));
        for candidate in beside.into_iter().chain(at_root) {
            if !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        reading.sketch.import(candidates, name, ImportedName::Module, Some(span(string)));
        let late = reading.sketch.lateness(context.scope);
        reading.sketch.mark_late(late);
    }
}

/// A path as seen from a file; none if it leads out of the repository.
fn relative(path: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
