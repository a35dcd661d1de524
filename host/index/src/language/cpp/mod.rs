//! C++: its kinds of syntax, and what each means to the sketch.

use std::sync::LazyLock;

use codestrata::model::ModuleFacts;
use tree_sitter::{Language, Node};

use super::{Exported, Rules};
use crate::extract::{Context, Reading};

static RULES: LazyLock<Cpp> = LazyLock::new(|| Cpp::new(&tree_sitter_cpp::LANGUAGE.into()));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}

/// The language.
struct Cpp {}

impl Cpp {
    fn new(_grammar: &Language) -> Self {
        Self {}
    }
}

impl Rules for Cpp {
    fn grammar(&self) -> Language {
        tree_sitter_cpp::LANGUAGE.into()
    }

    fn module(&self, _path: &str) -> ModuleFacts {
        ModuleFacts { is_shared: true, ..ModuleFacts::default() }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.push_children(node, context);
    }
}
