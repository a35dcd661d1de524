//! Backends that are broken on purpose, each of which the conformance suite must reject.
//!
//! A suite that nothing has been tried on may check nothing. So this crate has two backends that are right (the one
//! in memory, and a [`journal`] with files) and a long list of ways to get a backend wrong, one at a time. The test
//! `right_backends` runs the suite on the right ones. The test `table` runs it on each [`mutant`], prints which case
//! noticed, and fails if one of them passes:
//!
//! ```sh
//! cargo test -p codestrata-mutants --test table                          # all of them
//! cargo test -p codestrata-mutants --test table -- "end of a range"      # those with these words in their names
//! cargo test -p codestrata-mutants --test table -- --list                # their names
//! cargo test -p codestrata-mutants --test table -- --matrix              # every mutant against every case; takes long
//! ```
//!
//! To add one: a name in the list of its group in `mutants`, and the same name where the thing goes wrong. Then see
//! that the table has it. If it survives, the suite lacks a case.
//!
//! To read it: [`fault`] is the name of what is wrong, `twist` a backend around another, `mutants` the lists, and
//! [`journal`] a whole backend with switches inside.

pub mod fault;
pub mod journal;
pub mod mutant;

mod mutants;
mod twist;

pub use mutant::{Mutant, all, find};
