//! A repository that is read for longer than a snapshot may last, while others may change it.

use codestrata_core::{Bytes, Error, ErrorKind, Page, ReadView, Result, ScanRequest};

use crate::analysis::{CopiedResults, results_of};
use crate::graph::{Engine, no_repository};
use crate::keyspace::RepoOrd;
use crate::records::Head;

/// A repository as it was when the copy began.
pub(super) struct Source<'s> {
    pub(super) engine: &'s Engine,
    reader: Box<dyn ReadView>,
    pub(super) repo: RepoOrd,
    pub(super) head: Head,
    head_bytes: Bytes,
    /// The results of its analyses, if it has any.
    pub(super) results: Option<CopiedResults<'s>>,
}

impl<'s> Source<'s> {
    /// The repository as it is now.
    pub(super) async fn open(engine: &'s Engine, repo_id: &str) -> Result<Self> {
        let reader = engine.reader().await?;
        let found = engine.head(reader.as_ref(), repo_id).await?;
        let (repo, head, head_bytes) = found.ok_or_else(|| no_repository(repo_id))?;
        let results = results_of(engine, repo_id).await?;
        Ok(Self { engine, reader, repo, head, head_bytes, results })
    }

    /// One page of its graph. A snapshot that has become too old is replaced, if the graph is still the same.
    ///
    /// # Errors
    /// `Conflict` if it is another by now.
    pub(super) async fn page(&mut self, request: &ScanRequest) -> Result<Page> {
        match self.reader.scan(request).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                self.reader = self.engine.reader().await?;
                let now = self.engine.head(self.reader.as_ref(), &self.head.repo_id).await?;
                if now.is_none_or(|(_, _, bytes)| bytes != self.head_bytes) {
                    return Err(changed(&self.head.repo_id).with_source(error));
                }
                self.reader.scan(request).await
            }
            page => page,
        }
    }

    /// Whether what was read is of one commit: always so for snapshots, else while the heads stand.
    pub(super) async fn is_unchanged(&self) -> Result<bool> {
        let now = self.engine.head(self.engine.backend.as_ref(), &self.head.repo_id).await?;
        let same_graph = self.engine.backend.capabilities().snapshots()
            || now.is_some_and(|(_, _, bytes)| bytes == self.head_bytes);
        let same_results = match &self.results {
            None => true,
            Some(results) => results.is_unchanged(self.engine).await?,
        };
        Ok(same_graph && same_results)
    }
}

/// The error of a source that changed while it was copied.
pub(super) fn changed(repo_id: &str) -> Error {
    Error::new(ErrorKind::Conflict, format!("`{repo_id}` was changed while it was copied"))
        .with_help("copy it when its writers are done")
}
