//! The seam of codestrata: what a storage engine does for it, and how an engine makes itself known.
//!
//! codestrata keeps what code-intelligence tools have understood of a repository. Engines plug in below this
//! crate, code intelligence sits above it, and neither knows the other.
//!
//! It is a trait ([`Backend`]) with its [contract](backend), the types that cross it, and a [`Registry`]. It is
//! not a graph model, a cache or a query language: those are built once, above, for every engine.
//!
//! To read it: [`backend`] has the contract; [`batch`], [`page`] and [`range`] have what crosses the seam;
//! [`descriptor`] and [`registry`] have how an engine is found; [`limits`] has every bound.
//!
//! ```
//! use codestrata_core::{Batch, Key, KeyRange, ScanRequest};
//!
//! // What is asked of an engine is plain data:
//! let batch = Batch::new().put(Key::new("node/1")?, "parse").put(Key::new("node/2")?, "print");
//! let request = ScanRequest::new(KeyRange::prefix("node/")).max_items(100);
//! assert_eq!((batch.len(), request.item_limit()), (2, 100));
//! # Ok::<(), codestrata_core::Error>(())
//! ```

pub mod backend;
pub mod batch;
pub mod capabilities;
pub mod descriptor;
pub mod error;
pub mod key;
pub mod limits;
pub mod options;
pub mod page;
pub mod panics;
pub mod range;
pub mod registry;

pub use async_trait::async_trait;
pub use bytes::Bytes;

pub use backend::{Backend, ReadView, Stats, unsupported};
pub use batch::{Acknowledge, Batch, Durability, Op, Precondition};
pub use capabilities::{Capabilities, DamageDetection};
pub use descriptor::{BackendDescriptor, CONTRACT_VERSION, OpenFn, OpenFuture, OpenMode, OpenRequest};
pub use error::{Error, ErrorKind, Result};
pub use key::{Key, escape};
pub use options::{OptionKind, OptionSpec, OptionValue, Options, nearest};
pub use page::{Direction, Page, PageBuilder, ScanRequest};
pub use range::KeyRange;
pub use registry::Registry;

#[doc(hidden)]
pub use inventory as __inventory;
