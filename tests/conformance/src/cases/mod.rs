//! The cases, one module a section. A case's name says what must be so.

#![expect(missing_docs, reason = "the name of a case is its documentation")]
#![expect(clippy::missing_errors_doc, reason = "all of them answer with the violation that they found")]

pub mod batch;
pub mod cancellation;
pub mod closing;
pub mod concurrency;
pub mod damage;
pub mod deleting;
pub mod durability;
pub mod errors;
pub mod faults;
pub mod get_many;
pub mod histories;
pub mod isolation;
pub mod keys;
pub mod lasting;
pub mod limits;
pub mod meta;
pub mod model;
pub mod opening;
pub mod paging;
pub mod preconditions;
pub mod processes;
pub mod reopening;
pub mod resources;
pub mod revision;
pub mod scan;
pub mod serialisable;
pub mod snapshots;
pub mod torn;
pub mod upkeep;
pub mod values;
pub mod visibility;

mod executor;
mod oracle;
mod order;
mod threads;
