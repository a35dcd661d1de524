//! A store of results that is not there yet, when nothing may be changed.
//!
//! Who only reads graphs may do so before a store of the results was ever made.

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest,
    async_trait,
};

/// Holds nothing and takes nothing.
pub(crate) struct AbsentStore(Capabilities);

impl AbsentStore {
    pub(crate) fn new() -> Self {
        Self(Capabilities::minimal().with_snapshots(None))
    }
}

#[async_trait]
impl ReadView for AbsentStore {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        Ok(vec![None; keys.len()])
    }

    async fn scan(&self, _: &ScanRequest) -> Result<Page> {
        Ok(Page::default())
    }
}

#[async_trait]
impl Backend for AbsentStore {
    fn capabilities(&self) -> &Capabilities {
        &self.0
    }

    async fn apply(&self, _: Batch) -> Result<()> {
        Err(Error::new(
            ErrorKind::ReadOnly,
            "there is no store of analysis results, and this one is opened for reading only",
        )
        .with_help("open it to be written once"))
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(Self::new()))
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}
