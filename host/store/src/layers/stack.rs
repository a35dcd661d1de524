//! The layers of a store, put on in the order in which they make sense together.

use std::sync::Arc;

use codestrata_core::Backend;

use super::metered::Metered;
use super::read_only::ReadOnly;
use super::retrying::{RetryPolicy, Retrying};
use super::time_limited::{TimeLimited, TimeLimits};
use super::traced::Traced;

/// Which layers a backend gets. In whichever order they are named, a call passes them in this one:
///
/// 1. [`traced`](Self::traced) and 2. [`metered`](Self::metered): what a caller sees, with all attempts;
/// 3. [`read_only`](Self::read_only): what is refused is not tried again;
/// 4. [`retries`](Self::retries): each attempt has
/// 5. a [`time_limit`](Self::time_limit) of its own.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use codestrata::layers::{Layers, RetryPolicy, TimeLimits};
/// use codestrata_backend_memory::backend::MemoryBackend;
///
/// let store = Layers::named("memory")
///     .traced()
///     .metered()
///     .retries(RetryPolicy::retries(3))
///     .time_limit(TimeLimits::of(Duration::from_secs(30)))
///     .over(Arc::new(MemoryBackend::new()));
/// assert!(store.capabilities().snapshots());
/// ```
#[derive(Clone, Debug)]
pub struct Layers {
    name: Arc<str>,
    is_traced: bool,
    is_metered: bool,
    is_read_only: bool,
    retries: Option<RetryPolicy>,
    time_limit: Option<TimeLimits>,
}

impl Layers {
    /// None yet. The name is that of the engine in spans, labels of metrics and errors.
    #[must_use]
    pub fn named(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            is_traced: false,
            is_metered: false,
            is_read_only: false,
            retries: None,
            time_limit: None,
        }
    }

    /// Calls are spans: [`Traced`].
    #[must_use]
    pub fn traced(mut self) -> Self {
        self.is_traced = true;
        self
    }

    /// Calls are counted and timed: [`Metered`].
    #[must_use]
    pub fn metered(mut self) -> Self {
        self.is_metered = true;
        self
    }

    /// Writes are refused: [`ReadOnly`].
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// Calls are made again where that is safe: [`Retrying`].
    #[must_use]
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = Some(policy);
        self
    }

    /// Calls end after a time: [`TimeLimited`].
    #[must_use]
    pub fn time_limit(mut self, limits: TimeLimits) -> Self {
        self.time_limit = Some(limits);
        self
    }

    /// The backend with these layers over it. To be called once for each store: a second stack over the same backend
    /// knows nothing of batches that were given up in the first one.
    #[must_use]
    pub fn over(&self, backend: Arc<dyn Backend>) -> Arc<dyn Backend> {
        let name = || Arc::clone(&self.name);
        let mut store = backend;
        if let Some(limits) = self.time_limit {
            store = Arc::new(TimeLimited::new(store, name(), limits));
        }
        if let Some(policy) = self.retries {
            store = Arc::new(Retrying::new(store, name(), policy));
        }
        if self.is_read_only {
            store = Arc::new(ReadOnly::new(store, name()));
        }
        if self.is_metered {
            store = Arc::new(Metered::new(store, name()));
        }
        if self.is_traced {
            store = Arc::new(Traced::new(store, name()));
        }
        store
    }
}
