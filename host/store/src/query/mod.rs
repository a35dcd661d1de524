//! Questions about a stored graph.
//!
//! Every answer says which version it is of, whether it was cut, and how many references were left unbound that
//! might belong to it: `ambiguous` ones, which several definitions may be meant by, and `unresolved` ones, which
//! end in the same name and lead to nothing in the repository.

mod answer;
mod callers;
mod contested;
mod find;
mod hierarchy;
mod impact;
mod inheritance;
mod linearisation;
mod path;
mod python_classes;
mod queries;
mod resolve;
mod statistics;
mod unbound;

pub use answer::{
    Answer, CallHit, EdgeKinds, ImpactHit, NodeHit, PathEnd, PathOptions, PathStep, Site, SymbolMatch,
    UnboundHit,
};
pub use find::{AttributeFilter, FindFilter};
pub use inheritance::{Ancestry, InheritanceHit, MemberOrder, OrderEnd, OrderedClass, OutsideBase};
pub use linearisation::OrderRule;
pub use queries::Queries;
pub use resolve::SourcePlace;
pub use statistics::{EdgeCounts, FileCounts, FolderCounts, FolderOptions, Statistics};
pub use unbound::{UnboundGroup, UnboundGrouping, UnboundLabel, UnboundOptions, UnboundSite};
