//! The figure of all that one side of a copy has: the same code reads both, so that what is compared is the same.

use codestrata_core::{KeyRange, Page, Result, ScanRequest, async_trait};

use super::CopyWatch;
use super::digest::{Digest, Figure, TableWalk};
use super::record::Progress;
use super::source::Source;
use crate::analysis::{CopiedEntry, TargetResults};
use crate::keyspace;

/// One side of a copy, as it is read to be compared.
#[async_trait]
pub(super) trait Side: Send {
    /// Where its graph lies.
    fn tables(&self) -> [KeyRange; 4];

    /// One page of its graph.
    async fn scan(&mut self, request: &ScanRequest) -> Result<Page>;

    /// One page of the results of its analyses, after what the last one ended with. It is empty at the end.
    async fn results(&mut self, after: &[u8]) -> Result<Vec<CopiedEntry>>;

    /// Adds such a page, with its data.
    async fn add_results(&mut self, digest: &mut Digest, page: &[CopiedEntry]) -> Result<()>;
}

/// Reads all of a side: its figure, and how many results of analyses are in it; none if the watch stopped it.
pub(super) async fn figure_of(side: &mut dyn Side, watch: &dyn CopyWatch) -> Result<Option<(Figure, u64)>> {
    let mut digest = Digest::default();
    let mut walk = TableWalk::new(&side.tables());
    while let Some(request) = walk.request() {
        walk.add(&mut digest, &side.scan(&request).await?);
        if watch.is_stopped() {
            return Ok(None);
        }
    }
    let (mut analyses, mut after) = (0, Vec::new());
    loop {
        let page = side.results(&after).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.rest);
        side.add_results(&mut digest, &page).await?;
        analyses += u64::try_from(page.len()).unwrap_or(u64::MAX);
        if watch.is_stopped() {
            return Ok(None);
        }
    }
    Ok(Some((digest.figure(), analyses)))
}

#[async_trait]
impl Side for Source<'_> {
    fn tables(&self) -> [KeyRange; 4] {
        keyspace::tables_of_graph(self.repo, self.head.space)
    }

    async fn scan(&mut self, request: &ScanRequest) -> Result<Page> {
        self.page(request).await
    }

    async fn results(&mut self, after: &[u8]) -> Result<Vec<CopiedEntry>> {
        match &mut self.results {
            Some(results) => results.page(after).await,
            None => Ok(Vec::new()),
        }
    }

    async fn add_results(&mut self, digest: &mut Digest, page: &[CopiedEntry]) -> Result<()> {
        match &self.results {
            Some(results) => results.add_to(digest, page).await,
            None => Ok(()),
        }
    }
}

/// What was written, of which nobody knows yet.
pub(super) struct Written<'p, 't> {
    pub(super) progress: &'p Progress<'t>,
    pub(super) results: Option<TargetResults<'p>>,
}

#[async_trait]
impl Side for Written<'_, '_> {
    fn tables(&self) -> [KeyRange; 4] {
        keyspace::tables_of_graph(self.progress.record.repo, self.progress.record.space)
    }

    async fn scan(&mut self, request: &ScanRequest) -> Result<Page> {
        self.progress.target.backend.scan(request).await
    }

    async fn results(&mut self, after: &[u8]) -> Result<Vec<CopiedEntry>> {
        match &self.results {
            Some(results) => results.page(after).await,
            None => Ok(Vec::new()),
        }
    }

    async fn add_results(&mut self, digest: &mut Digest, page: &[CopiedEntry]) -> Result<()> {
        match &self.results {
            Some(results) => results.add_to(digest, page).await,
            None => Ok(()),
        }
    }
}
