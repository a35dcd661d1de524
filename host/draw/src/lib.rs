//! Pictures of parts of a code graph: an SVG for a page, an HTML file to move about in, and text for Graphviz and
//! Mermaid.
//!
//! A [`Picture`] is boxes and arrows, each of a kind, as a question about a graph answered them. This crate places them
//! (by the layered layout of `dugong`, which is that of dagre) and writes them. It is deterministic: one picture gives
//! one text, byte for byte.
//!
//! It is not a view of a whole repository: a picture that nobody can read is refused, see [`limits`]. It knows nothing of
//! stores and of how the boxes were chosen.
//!
//! ```
//! use codestrata_draw::{Arrow, Shape, Certainty, Picture};
//!
//! let mut picture = Picture::new("who calls save");
//! let save = picture.add(Shape::new("a.py::save", "save", "function").at("a.py:3"));
//! let main = picture.add(Shape::new("b.py::main", "main", "function").at("b.py:9"));
//! picture.connect(Arrow::new(main, save, "calls", Certainty::Certain));
//!
//! assert!(picture.to_svg()?.contains(">save</text>"));
//! assert!(picture.to_mermaid()?.starts_with("flowchart LR"));
//! # Ok::<(), codestrata_draw::DrawError>(())
//! ```

mod columns;
mod dot;
mod error;
mod fold;
mod heights;
mod html;
mod layout;
mod legend;
pub mod limits;
mod mermaid;
mod orientation;
mod palette;
mod picture;
mod plan;
mod route;
mod svg;
mod text;
mod tracks;
mod units;

pub use error::DrawError;
pub use picture::{Arrow, Certainty, Picture, Shape};
