//! Questions about a stored graph.
//!
//! Every answer says which version it is of, whether it was cut, and how many references were left unbound that
//! might belong to it: `ambiguous` ones, which several definitions may be meant by, and `unresolved` ones, which
//! end in the same name and lead to nothing in the repository.

mod answer;
mod callers;
mod contested;
mod cycles;
mod dead;
mod find;
mod functions;
mod hotspots;
mod impact;
mod overridden;
mod path;
mod queries;
mod subgraph;
mod traversal;
mod traversal_queries;
mod walk;
mod whole_graph;

pub use answer::{Answer, CallHit, FindFilter, NodeHit, Site, SymbolMatch, UnboundHit};
pub use dead::{DeadFilter, DeadHit, DeadTotals, Doubt, Verdict};
pub use functions::{CallCount, FileFunctions, FunctionPlace};
pub use queries::Queries;
pub use traversal::{
    BaseCalls, Cut, Direction, EdgeKinds, ImpactHit, PathEnd, PathStep, SubgraphEdge, SubgraphNode, Traversal,
};
pub use whole_graph::{CycleFilter, CycleStep, FileCycle, FileHotspot, Hotspot, HotspotFilter};
