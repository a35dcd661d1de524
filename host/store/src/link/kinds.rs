//! Of which kind a link is, by what it leads to.

use super::builtin;
use super::rule::{FactsView, Linker, Missing, Place};
use crate::keyspace::FileOrd;
use crate::model::{edge_kind, node_kind};
use crate::segment::Segment;

impl<V: FactsView> Linker<'_, V> {
    /// Whether a variable of this file is another name of a function, as a member of `{ area: computeArea }` is: who calls
    /// it calls the function, so that what names the function leads on to it.
    pub(super) fn is_name_of(
        &mut self,
        variable: u32,
        segment: &Segment,
        (file, row): (FileOrd, u32),
    ) -> Result<bool, Missing> {
        let is_function = matches!(segment.kind(row), node_kind::FUNCTION | node_kind::METHOD);
        if !is_function
            || self.segment.kind(variable) != node_kind::VARIABLE
            || !builtin::calls_properties(self.segment.family())
        {
            return Ok(false);
        }
        let value = self.value(self.own, variable, None, "")?;
        Ok(value.is_some_and(|(value, _)| value == Place::Node(file, row)))
    }
}

/// Whether it is seen when the code is run what an edge of a kind leads to, where branches decide what a name stands for.
pub(super) fn is_decided_when_run(kind: &str) -> bool {
    edge_kind::is_call(kind) || matches!(kind, edge_kind::ACCESSES | edge_kind::INHERITS)
}

/// A call of a class makes an object of it, and nothing else does.
pub(super) fn kind_for<'a>(kind: &'a str, target: &str) -> &'a str {
    match kind {
        edge_kind::CALLS | edge_kind::INSTANTIATES if node_kind::has_members(target) => {
            edge_kind::INSTANTIATES
        }
        edge_kind::CALLS | edge_kind::INSTANTIATES
            if matches!(target, node_kind::FUNCTION | node_kind::METHOD) =>
        {
            edge_kind::CALLS
        }
        _ => kind,
    }
}
