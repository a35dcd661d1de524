//! What measures codestrata: `codestrata bench` for users, on their own trees, and `tests/bench`, beside SQLite and other
//! references.
//!
//! [`Question`] is what is asked of a graph, and [`answer`] what makes answers comparable: figures mean something once the
//! answers are equal. [`Edit`] is one of a file. [`Samples`] are figures of one kind, [`Unit`] shows them,
//! [`machine`] says what the machine was doing, and [`bars`](mod@bars) draws ratios.
//!
//! It decides nothing: what is measured, in which order and beside what is up to who uses it.

pub mod bars;
mod edit;
pub mod machine;
mod question;
mod samples;
mod unit;

pub use edit::Edit;
pub use question::{Found, HOPS, Question, answer, ask};
pub use samples::{Samples, Summary, figure, length};
pub use unit::{Unit, short};
