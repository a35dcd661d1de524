//! The conformance suite: what every codestrata backend must do, as cases that run against any of them.
//!
//! A backend's author writes one line and gets every case as a test of its own:
//!
//! ```
//! # mod tests {
//! # use codestrata_core::{BackendDescriptor, OpenFuture, OpenRequest};
//! # fn open(_: OpenRequest) -> OpenFuture { Box::pin(async { Err(codestrata_core::unsupported("opening")) }) }
//! # const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("lmdb", open);
//! // tests/conformance.rs
//! codestrata_conformance::suite!(DESCRIPTOR);
//! # }
//! ```
//!
//! A backend that takes more than a path says what it takes with a [`Factory`]; there it may also let the suite reach
//! what no suite reaches from outside: a medium that fails ([`Factory::with_faults`]), and a store of a later version
//! ([`Factory::with_newer_format`]). A program calls [`check`] and gets a [`Report`].
//!
//! A case is an async function that is given a [`Lab`] to open stores in, and answers with a [`Violation`] that
//! says what the contract demands, what was seen, and where the contract says so. Capabilities that a backend does not
//! claim are checked as well: they must answer `Unsupported` and do nothing. A case that has nothing to check on a
//! backend says why ([`Verdict::NotApplicable`]), so none is skipped in silence.
//!
//! Some cases need another process, to be killed or locked out: the suite starts the test program again, so there is
//! nothing to be set up. [`child`] says how, and has helpers for tests of a backend's own.
//!
//! What is tried at random has fixed seeds. The environment makes it more, or one: `CODESTRATA_SEED` (the one that a
//! failure names), `CODESTRATA_SEEDS`, `CODESTRATA_KILL_ROUNDS`, `CODESTRATA_DAMAGE_ROUNDS`.
//!
//! It is not a benchmark, and not a proof: it tries what has been got wrong before.
//!
//! To read it: [`cases`] has one module a section, [`table`] the list of them, [`lab`] and [`place`] what they are given
//! and [`violation`] what they answer.

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
pub mod table;
pub mod violation;
pub mod workload;

pub use case::{Case, judge, run};
pub use factory::Factory;
pub use faults::{Fault, Faults, Step};
pub use lab::Lab;
pub use place::Place;
pub use report::{Report, Verdict, check, check_only};
pub use table::CASES;
pub use violation::{Outcome, Violation};
