//! Questions about a stored graph.
//!
//! Every answer says which version it is of, whether it was cut, and how many references were left unbound that
//! might belong to it: `ambiguous` ones, which several definitions may be meant by, and `unresolved` ones, which
//! end in the same name and lead to nothing in the repository.

mod answer;
mod callers;
mod contested;
mod find;
mod functions;
mod impact;
mod path;
mod queries;

pub use answer::{
    Answer, CallHit, EdgeKinds, FindFilter, ImpactHit, NodeHit, PathEnd, PathOptions, PathStep, Site,
    SymbolMatch, UnboundHit,
};
pub use functions::{CallCount, FileFunctions, FunctionPlace};
pub use queries::Queries;
