//! A grammar's kinds of syntax as an enum, so that reading a tree compares no text.

use std::num::NonZeroU16;

use tree_sitter::{Language, Node};

/// Which of our kinds a node of a grammar is.
pub(crate) struct Vocabulary<K> {
    kinds: Vec<K>,
    default: K,
}

impl<K: Copy> Vocabulary<K> {
    /// Kinds that the table does not list, and all anonymous tokens, are `default`.
    pub(crate) fn new(grammar: &Language, default: K, table: &[(&str, K)]) -> Self {
        let count = u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
        let kind = |id: u16| {
            let name = grammar.node_kind_for_id(id).filter(|_| grammar.node_kind_is_named(id))?;
            table.iter().find(|(listed, _)| *listed == name).map(|(_, kind)| *kind)
        };
        Self { kinds: (0..count).map(|id| kind(id).unwrap_or(default)).collect(), default }
    }

    pub(crate) fn kind(&self, node: Node<'_>) -> K {
        self.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(self.default)
    }
}

/// A field of a grammar; none when the grammar lacks it.
#[derive(Clone, Copy)]
pub(crate) struct Field(Option<NonZeroU16>);

impl Field {
    pub(crate) fn new(grammar: &Language, name: &str) -> Self {
        Self(grammar.field_id_for_name(name))
    }

    pub(crate) fn of(self, node: Node<'_>) -> Option<Node<'_>> {
        node.child_by_field_id(self.0?.get())
    }
}

/// Makes the struct of the fields that a language reads, and `of`, which finds them all in a grammar.
///
/// Each is named as the grammar names it. What Rust keeps for itself is followed by the grammar's name:
///
/// ```text
/// fields! {
///     /// The fields that are read.
///     struct Fields { name, type_ = "type" }
/// }
/// ```
macro_rules! fields {
    (@name $field:ident) => {
        stringify!($field)
    };
    (@name $field:ident = $name:literal) => {
        $name
    };
    ($(#[$attribute:meta])* $visibility:vis struct $fields:ident {
        $($field:ident $(= $name:literal)?),+ $(,)?
    }) => {
        $(#[$attribute])*
        $visibility struct $fields {
            $($visibility $field: $crate::language::vocabulary::Field,)+
        }

        impl $fields {
            $visibility fn of(grammar: &tree_sitter::Language) -> Self {
                let field = |name| $crate::language::vocabulary::Field::new(grammar, name);
                Self { $($field: field(fields!(@name $field $(= $name)?)),)+ }
            }
        }
    };
}

pub(crate) use fields;
