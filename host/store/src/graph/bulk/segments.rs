//! The segments of a repository as they are stored, read again where linking needs them.

use std::sync::Arc;

use codestrata_core::{Backend, Bytes, Key, Result};
use rayon::prelude::*;

use super::linking::BulkFile;
use crate::blocking::blocking;
use crate::codec::{ContentName, is_segment_name};
use crate::graph::all_facts::AllFacts;
use crate::graph::view::damaged;
use crate::keyspace::{self, FileOrd, RepoOrd};
use crate::segment::Segment;

/// So many are read in one call.
const SEGMENTS_PER_READ: usize = 256;

/// Where the segments of a repository are.
///
/// They are read from what is stored at each moment and not from a snapshot, which would hold on to all that batches
/// written meanwhile take the place of. Segments are named by their content, so that none is another one later.
pub(in crate::graph) struct StoredSegments {
    pub(in crate::graph) backend: Arc<dyn Backend>,
    pub(in crate::graph) repo: RepoOrd,
    pub(in crate::graph) repo_id: Arc<str>,
}

impl StoredSegments {
    /// Brings the segments of some files to the shelf, but for those that are there.
    pub(super) async fn bring(
        &self,
        facts: &mut AllFacts,
        files: &[BulkFile],
        mut wanted: Vec<FileOrd>,
    ) -> Result<()> {
        wanted.retain(|file| facts.shelf.segment(*file).is_none());
        for wanted in wanted.chunks(SEGMENTS_PER_READ) {
            let found = wanted.iter().filter_map(|file| files.get(*file as usize));
            let names: Vec<ContentName> = found.map(|file| file.name).collect();
            for (file, segment) in wanted.iter().zip(self.read(&names).await?) {
                facts.shelf.bring(*file, segment);
            }
        }
        Ok(())
    }

    /// The segments of these names.
    ///
    /// # Errors
    /// `Corruption` for one that is not there or is another one.
    pub(in crate::graph) async fn read(&self, names: &[ContentName]) -> Result<Vec<Arc<Segment>>> {
        let mut all = Vec::with_capacity(names.len());
        for names in names.chunks(SEGMENTS_PER_READ) {
            let records = self.records(names).await?;
            let decoded = blocking(move || {
                let segments = records.into_par_iter().map(|record| Ok(Arc::new(Segment::decode(&record)?)));
                segments.collect::<Result<Vec<_>>>()
            });
            all.extend(decoded.await??);
        }
        Ok(all)
    }

    /// The same as they are stored.
    pub(in crate::graph) async fn records(&self, names: &[ContentName]) -> Result<Vec<Bytes>> {
        let keys: Result<Vec<Key>> = names.iter().map(|name| keyspace::segment(self.repo, *name)).collect();
        let values = self.backend.get_many(&keys?).await?;
        let records = names.iter().zip(values).map(|(name, value)| match value {
            None => Err(damaged(&self.repo_id, "a segment is missing")),
            Some(record) if is_segment_name(*name, &record) => Ok(record),
            Some(_) => Err(damaged(&self.repo_id, "a segment does not have the content that it is named by")),
        });
        records.collect()
    }
}
