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
mod definition_queries;
mod files;
mod find;
mod functions;
mod hierarchy;
mod hotspots;
mod impact;
mod inheritance;
mod linearisation;
mod listings;
mod neighbourhood;
mod node_hit;
mod overridden;
mod path;
mod python_classes;
mod queries;
mod reach;
mod resolve;
mod statistics;
mod stepwise;
mod subgraph;
mod traversal;
mod traversal_queries;
mod unbound;
mod walk;
mod whole_graph;

pub use answer::{Answer, CallHit, NodeHit, Site, SymbolMatch, UnboundHit};
pub use dead::{DeadFilter, DeadHit, DeadTotals, Doubt, Verdict};
pub use files::FileDependency;
pub use find::{AttributeFilter, FindFilter};
pub use functions::{CallCount, FileFunctions, FunctionPlace};
pub use inheritance::{Ancestry, InheritanceHit, MemberOrder, OrderEnd, OrderedClass, OutsideBase};
pub use linearisation::OrderRule;
pub use neighbourhood::{Neighbourhood, NeighbourhoodNode};
pub use queries::Queries;
pub use resolve::SourcePlace;
pub use statistics::{EdgeCounts, FileCounts, FolderCounts, FolderOptions, Statistics};
pub use traversal::{
    BaseCalls, Cut, Direction, EdgeKinds, ImpactHit, PathEnd, PathStep, SubgraphEdge, SubgraphNode, Traversal,
};
pub use unbound::{UnboundGroup, UnboundGrouping, UnboundLabel, UnboundOptions, UnboundSite};
pub use whole_graph::{CycleFilter, CycleStep, FileCycle, FileHotspot, Hotspot, HotspotFilter};
