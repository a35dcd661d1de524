//! Source text to figures: one walk over the tree of a file, for the functions that the graph has of it.
//!
//! The graph says where each function stands, the tree what is in it. Whatever a tree has is counted to the innermost
//! function around it, so that no grammar need say which of its syntax is a function.

mod kinds;
mod walk;

pub(crate) use walk::{FunctionSyntax, measure};
