//! How good links are: the calls and bases of a graph, compared with a SCIP index of the same sources.
//!
//! A SCIP index is what a compiler or type checker knows of a tree: at which place which symbol stands, and where that
//! symbol is defined. It is the *truth* here. Our indexer reads the same tree into a graph in memory, and each of its
//! links is compared with what the truth says of the same place:
//!
//! - **precision**, by resolution: of the links that lead somewhere, how many lead where the truth leads;
//! - **recall**: of the calls whose target is defined in the tree, how many the graph binds to that definition.
//!
//! What counts as a call and as a base is decided from the syntax alone ([`Sites`]), so that the linker has no say in
//! what it is measured by. `docs/link-quality.md` has the rules of counting, with reasons, and what was measured.
//!
//! # A tour
//!
//! [`Truth`] reads a SCIP index; [`Sites`] reads a source file for calls, bases and definitions; [`Ours`] is the graph;
//! [`Comparison`] counts; [`Figures`] are the counts, and `report` shows them; [`Faults`] has examples of what went
//! wrong; `goals` says whether it is good enough.

mod comparison;
mod documents;
mod faults;
mod figures;
mod goals;
mod ours;
mod places;
mod report;
mod sites;
mod truth;

pub use comparison::{Comparison, Project, measure};
pub use faults::{Fault, Faults};
pub use figures::{Figures, Found, LabelFigures, RelationFigures};
pub use goals::{Goal, unmet};
pub use ours::Ours;
pub use places::{Lines, Place};
pub use report::{Measured, markdown, pooled};
pub use sites::{Definition, Site, Sites, Spoken};
pub use truth::{MAX_INDEX_BYTES, Symbol, Truth};

/// Why nothing could be measured: what, where, and what to do.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;
