//! Segments: what one source file says, as one immutable record.
//!
//! A segment is a set of columns over a string table, because a graph has few distinct strings and many small
//! numbers: 34 bytes a record were measured against 129 row by row. It is named by the hash of its own bytes,
//! its path included, so an unchanged file costs nothing, and a cached segment is never wrong.

mod build;
mod columns;
mod facts;
mod listing;
mod owned;
mod prepared;
mod read;
mod rows;
mod side_by_side;
mod spans;
mod strings;

pub(crate) use listing::{Listing, ShownTexts};
pub(crate) use owned::{AttributeSets, AttributesOfRows};
pub(crate) use read::{ImportView, ImportedView, Segment, TargetView, members};
pub(crate) use side_by_side::rows_by_id;

pub use prepared::PreparedFile;
