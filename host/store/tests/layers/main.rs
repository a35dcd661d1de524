//! The layers: each does what it says, passes on everything else, and keeps the contract of the seam.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

#[path = "../support/mod.rs"]
mod support;

mod conformance;
mod forwarding;
mod gate;
mod histories;
mod metered;
mod read_only;
mod retrying;
mod stores_over_faults;
mod time_limited;
