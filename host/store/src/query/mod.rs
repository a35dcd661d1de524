//! Questions about a stored graph.
//!
//! Every answer says which version it is of, whether it was cut, and how many references were left unbound that
//! might belong to it: `ambiguous` ones, which several definitions may be meant by, and `unresolved` ones, which
//! end in the same name and lead to nothing in the repository.

mod answer;
mod callers;
mod contested;
mod files;
mod find;
mod functions;
mod impact;
mod overridden;
mod path;
mod queries;
mod subgraph;
mod traversal;
mod traversal_queries;
mod walk;

pub use answer::{Answer, CallHit, FindFilter, NodeHit, Site, SymbolMatch, UnboundHit};
pub use files::FileDependency;
pub use functions::{CallCount, FileFunctions, FunctionPlace};
pub use queries::Queries;
pub use traversal::{
    BaseCalls, Cut, Direction, EdgeKinds, ImpactHit, PathEnd, PathStep, SubgraphEdge, SubgraphNode, Traversal,
};
