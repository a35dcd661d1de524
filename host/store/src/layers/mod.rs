//! Layers: what every engine gains alike, as wrappers over any [`Backend`](codestrata_core::Backend).
//!
//! | layer | what it does |
//! |---|---|
//! | [`Traced`] | each call is a [span](traced) |
//! | [`Metered`] | calls are counted and timed; [all metrics](metered) are listed there |
//! | [`ReadOnly`] | [no writes](read_only) |
//! | [`Retrying`] | calls are [made again](retrying), where nothing was applied and the cause may pass |
//! | [`TimeLimited`] | calls [end after a time](time_limited) |
//! | [`Packed`] | larger values are [compressed](packed) |
//! | [`Faulty`] | calls [go wrong by plan](faulty), for tests |
//!
//! A layer is a backend itself: it takes one, passes every call of the seam on to it, and wraps its snapshots as well. So
//! layers go over each other in any order, and the conformance suite holds for all of them. [`Layers`] puts them on in the
//! order that makes sense. [`StorageManager`](crate::StorageManager) does so by itself: calls are traced and metered,
//! `timeout` and `retries` of the configuration limit and repeat them, and values are compressed above all of it, once.
//!
//! None of them needs a runtime or holds a lock while an engine works.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use codestrata::layers::{Layers, RetryPolicy, TimeLimits};
//! use codestrata::{StorageConfig, StorageManager};
//! use codestrata_backend_memory::backend::MemoryBackend;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! // For a store that was opened otherwise. One that a configuration names has layers already.
//! let backend = Layers::named("memory")
//!     .retries(RetryPolicy::retries(5))
//!     .time_limit(TimeLimits::of(Duration::from_secs(5)))
//!     .over(Arc::new(MemoryBackend::new()));
//! let storage = StorageManager::from_backends(StorageConfig::in_memory(), backend)?;
//! storage.close().await
//! # }
//! ```

mod deadline;
mod fault_plan;
pub mod faulty;
mod measure;
pub mod metered;
mod operation;
pub mod packed;
pub mod read_only;
pub mod retrying;
mod stack;
pub mod time_limited;
pub mod traced;
mod under_way;

pub use fault_plan::{FaultPlan, When};
pub use faulty::Faulty;
pub use metered::Metered;
pub use operation::Operation;
pub use packed::Packed;
pub use read_only::ReadOnly;
pub use retrying::{RetryPolicy, Retrying};
pub use stack::Layers;
pub use time_limited::{TimeLimited, TimeLimits};
pub use traced::Traced;
