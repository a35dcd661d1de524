//! `__all__`: the names that `from module import *` brings.

use codestrata::model::{Export, ExportTarget};
use tree_sitter::Node;

use super::{Kind, Python};
use crate::extract::{Chain, Context, Reading};

/// The variable that has the names.
pub(super) const ALL: &str = "__all__";

/// How many names are read; of a longer list nothing is said.
const MOST_NAMES: usize = 100_000;

/// What a file says of its public names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum PublicNames<'s> {
    /// Nothing: those that do not begin with an underscore.
    #[default]
    NotSaid,
    /// These.
    Known(Vec<&'s str>),
    /// Something that is known when the file is run.
    Computed,
}

impl Python {
    /// `__all__ = ["a", "b"]`, and with `+=` more of them.
    pub(super) fn set_public_names<'s, 't>(
        &self,
        value: Option<Node<'t>>,
        is_more: bool,
        reading: &mut Reading<'s, 't>,
    ) {
        let names = value.and_then(|value| self.texts(value, reading));
        let known = std::mem::take(&mut reading.sketch.public_names);
        reading.sketch.public_names = match (known, names) {
            (PublicNames::Known(mut known), Some(names)) if is_more => {
                known.extend(names);
                PublicNames::Known(known)
            }
            (_, Some(names)) if !is_more => PublicNames::Known(names),
            _ => PublicNames::Computed,
        };
        if matches!(&reading.sketch.public_names, PublicNames::Known(names) if names.len() > MOST_NAMES) {
            reading.sketch.public_names = PublicNames::Computed;
        }
    }

    /// `__all__.extend(["a"])`, `__all__.append("a")`, and whatever else may change it.
    pub(super) fn change_public_names<'s, 't>(
        &self,
        chain: &Chain<'s, 't>,
        call: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        if context.scope != 0 || chain.base != crate::extract::Base::Name(ALL) {
            return;
        }
        let argument = self.field.arguments.of(call).and_then(|arguments| arguments.named_child(0));
        let argument = argument.filter(|_| matches!(chain.members.as_slice(), ["extend" | "append"]));
        self.set_public_names(argument, true, reading);
    }

    /// The texts in a list, or the one text that an expression is.
    fn texts<'s, 't>(&self, list: Node<'t>, reading: &mut Reading<'s, 't>) -> Option<Vec<&'s str>> {
        let items = match self.kind(list) {
            Kind::Sequence | Kind::Collection => reading.children(list),
            Kind::String => vec![list],
            _ => return None,
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let text = reading.text(item);
            let name = text.trim_matches(['"', '\'']);
            let is_plain = self.kind(item) == Kind::String && name.len() + 2 == text.len();
            texts.push(Some(name).filter(|_| is_plain)?);
        }
        Some(texts)
    }

    /// Says what `import *` brings, by exports that begin with a star.
    pub(super) fn export_public_names(reading: &mut Reading<'_, '_>) {
        let variable = reading.sketch.bindings.get(&(0, ALL)).and_then(|binding| binding.variable);
        let PublicNames::Known(mut names) = std::mem::take(&mut reading.sketch.public_names) else { return };
        let Some(variable) = variable else { return };
        names.push("");
        names.sort_unstable();
        names.dedup();
        let target = ExportTarget::Node(variable);
        let marked = names.into_iter().map(|name| Export { name: format!("{}{name}", Export::STAR), target });
        reading.sketch.exports.extend(marked);
    }
}
