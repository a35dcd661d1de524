//! The lists of all files, by file, in a table of which a changed copy shares all but what changed.

use std::sync::Arc;

use super::numbering::Slots;
use super::rows::Rows;
use crate::keyspace::FileOrd;

/// The files of one part of the table: a change copies so many pointers for each part that it touches.
const FILES_PER_PART: usize = 64;

/// What is kept of one file.
#[derive(Debug, Default)]
pub(super) struct FileLists {
    pub(super) slots: Slots,
    pub(super) outgoing: Arc<Rows>,
    pub(super) incoming: Arc<Rows>,
}

impl FileLists {
    fn weight(&self) -> usize {
        // Three allocations with two counters each.
        size_of::<Self>()
            + 2 * size_of::<Rows>()
            + 3 * 32
            + self.slots.weight()
            + self.outgoing.weight()
            + self.incoming.weight()
    }
}

/// The lists of files, by the number of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileTable {
    parts: Vec<Arc<Vec<Option<Arc<FileLists>>>>>,
    weight: usize,
    edges: usize,
}

impl FileTable {
    pub(super) fn get(&self, file: FileOrd) -> Option<&Arc<FileLists>> {
        let file = file as usize;
        self.parts.get(file / FILES_PER_PART)?.get(file % FILES_PER_PART)?.as_ref()
    }

    /// Puts the lists of a file in place of those that it had.
    pub(super) fn set(&mut self, file: FileOrd, lists: Option<FileLists>) {
        let (part, place) = (file as usize / FILES_PER_PART, file as usize % FILES_PER_PART);
        if self.parts.len() <= part {
            self.parts.resize_with(part + 1, Arc::default);
        }
        let Some(part) = self.parts.get_mut(part) else { return };
        let part = Arc::make_mut(part);
        if part.len() <= place {
            part.resize_with(place + 1, || None);
        }
        let Some(cell) = part.get_mut(place) else { return };
        let figures = |lists: Option<&FileLists>| lists.map_or((0, 0), |it| (it.weight(), it.outgoing.len()));
        let (old, new) = (figures(cell.as_deref()), figures(lists.as_ref()));
        self.weight = self.weight + new.0 - old.0;
        self.edges = self.edges + new.1 - old.1;
        *cell = lists.map(Arc::new);
    }

    /// How many edges and references there are.
    pub(super) fn edge_count(&self) -> usize {
        self.edges
    }

    /// The memory it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.weight + self.parts.len() * (FILES_PER_PART + 6) * size_of::<usize>()
    }
}
