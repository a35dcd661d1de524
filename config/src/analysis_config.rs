//! Where analysis results are kept, and for how long.

use std::time::Duration;

use crate::backend_config::BackendConfig;

/// Where analysis results are kept, and which are deleted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisConfig {
    pub(crate) store: Option<BackendConfig>,
    pub(crate) retention: Option<Duration>,
    pub(crate) max_results: Option<u64>,
}

impl AnalysisConfig {
    /// A store of their own; `None` where they share that of the graphs.
    #[must_use]
    pub fn store(&self) -> Option<&BackendConfig> {
        self.store.as_ref()
    }

    /// Results older than this are deleted; `None` where age deletes nothing.
    #[must_use]
    pub fn retention(&self) -> Option<Duration> {
        self.retention
    }

    /// How many results are kept for each repository and type; `None` where number deletes nothing.
    #[must_use]
    pub fn max_results(&self) -> Option<u64> {
        self.max_results
    }
}
