//! Tests of the program that measures links: each rule of counting on trees in which the right figures are known.
//! One program, because each links the whole indexer.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod counting_bases;
mod counting_calls;
mod indexes;
mod reports;
mod sites;
mod small_project;
