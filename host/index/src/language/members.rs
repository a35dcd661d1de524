//! What a language says of members whose names alone stand behind a value.

use codestrata::model::Node;

use crate::extract::NodeRef;

/// Names of members that values of the language itself have, and those of its standard library. One definition of such a
/// name in a repository does not make it the one that is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandardMembers {
    /// Of methods, sorted.
    pub(crate) methods: &'static [&'static str],
    /// Of fields and properties, sorted.
    pub(crate) fields: &'static [&'static str],
}

impl StandardMembers {
    /// Nothing is known of any.
    pub(crate) const NONE: Self = Self { methods: &[], fields: &[] };

    /// Whether there is a method, or a field, of this name.
    pub(crate) fn contain(self, name: &str, is_method: bool) -> bool {
        let names = if is_method { self.methods } else { self.fields };
        names.binary_search(&name).is_ok()
    }
}

/// A member of a type, as far as its reach depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: &'a str,
    /// The kind of the type, if that is defined in the file.
    pub(crate) holder: &'a str,
    /// What is written of it, as `private`; empty without a word.
    pub(crate) visibility: &'a str,
    pub(crate) node: &'a Node,
    pub(crate) position: NodeRef,
}

impl Member<'_> {
    /// Whether an attribute marks it.
    pub(crate) fn is(&self, attribute: &str) -> bool {
        self.node.attributes.contains_key(attribute)
    }
}

#[cfg(test)]
mod tests {
    use crate::language::Language;

    #[test]
    fn the_names_are_sorted_so_that_each_is_found() {
        for language in Language::ALL {
            let standard = language.rules().standard_members();
            assert!(standard.methods.is_sorted(), "{language:?}");
            assert!(standard.fields.is_sorted(), "{language:?}");
        }
    }
}
