//! What is wrong with a backend: nothing, or one thing that has a name.

use std::sync::Arc;

/// The name of the one thing that is wrong. A place where something can go wrong asks for its own name.
///
/// The name of a mutant stands twice, in the list of mutants and at the place: were one of them misspelt, the mutant
/// would be a right backend, survive, and be reported.
#[derive(Clone, Debug)]
pub struct Fault(Arc<str>);

impl Fault {
    /// The fault of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        &*self.0 == name
    }

    /// Whether it is one of these.
    #[must_use]
    pub fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }
}
