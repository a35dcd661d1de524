//! The conformance suite: what every codestrata backend must do, as cases that run against any of them.
//!
//! A backend's author writes one line and gets every case as a test of its own:
//!
//! ```
//! # mod tests {
//! # use codestrata_core::{BackendDescriptor, OpenFuture, OpenRequest, Options};
//! # fn open(_: OpenRequest) -> OpenFuture { Box::pin(async { Err(codestrata_core::unsupported("opening")) }) }
//! # const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("lmdb", open);
//! // tests/conformance.rs
//! codestrata_conformance::suite!(codestrata_conformance::Factory::new(DESCRIPTOR, |folder| {
//!     Options::new().with("path", folder.join("store").display().to_string())
//! }));
//! # }
//! ```
//!
//! A case is an async function that is given a [`Lab`] to open stores in, and answers with a [`Violation`] that
//! says what the contract demands, what was seen, and where. Capabilities that a backend does not claim are
//! checked as well: they must answer `Unsupported` and do nothing. So no case is skipped in silence.
//!
//! It is not a benchmark, and not a proof: it tries what has been got wrong before.
//!
//! To read it: [`cases`] has one module a section, [`case`] the table of them, [`lab`] what they are given and
//! [`violation`] what they answer.

pub mod bare;
pub mod case;
pub mod cases;
pub mod child;
pub mod factory;
pub mod faults;
pub mod lab;
pub mod place;
pub mod random;
pub mod report;
pub mod violation;
pub mod workload;

pub use case::{CASES, Case, judge, run};
pub use factory::Factory;
pub use faults::{Fault, Faults, Step};
pub use lab::Lab;
pub use place::Place;
pub use report::{Report, Verdict, check, check_only};
pub use violation::{Outcome, Violation};
