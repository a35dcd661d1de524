//! Indexes of other tools become graphs, and files that are none do no harm.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may fail")]

mod calls_and_mentions;
mod graphs;
mod hostile;
mod incremental;
mod index;
mod positions;
