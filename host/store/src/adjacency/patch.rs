//! Lists after a change, from those before it: the lists of the files that changed, and of those that they point to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Adjacency;
use super::build::{ends, turned};
use super::files::FileLists;
use super::numbering::Slots;
use super::rows::{End, Rows};
use crate::keyspace::FileOrd;
use crate::link::LinkEdges;

/// What a commit changed: the links of files, or none of a file that is gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkChange {
    /// By file.
    pub(crate) files: BTreeMap<FileOrd, Option<LinkEdges>>,
    /// Whether files came or went, so that paths have another order.
    pub(crate) moves_files: bool,
}

impl LinkChange {
    /// How many links it has.
    pub(super) fn len(&self) -> usize {
        self.files.values().flatten().map(LinkEdges::len).sum::<usize>() + self.files.len()
    }

    /// Adds a change that came after this one.
    pub(super) fn then(&mut self, later: Self) {
        self.files.extend(later.files);
        self.moves_files |= later.moves_files;
    }
}

/// The lists after a change, with the files in the order of their paths; none if an edge is of a new kind, because kinds
/// are numbered in their order.
///
/// Cost: the links of the files that changed, the lists of the files that they point to or pointed to, and a few bytes
/// for each file of the repository.
pub(super) fn patched(
    before: &Adjacency,
    change: &LinkChange,
    order: impl Iterator<Item = FileOrd>,
) -> Option<Adjacency> {
    let kinds = Arc::clone(before.numbering.other_kinds());
    let mut table = before.files.clone();
    // What comes into files, of the changed files alone.
    let mut arriving: BTreeMap<FileOrd, Vec<End>> = BTreeMap::new();
    for (file, links) in &change.files {
        let old = before.files.get(*file);
        for other in old.map(|lists| lists.outgoing.files()).unwrap_or_default() {
            arriving.entry(*other).or_default();
        }
        let Some(links) = links else {
            table.set(*file, None);
            continue;
        };
        let outgoing = ends(&kinds, *file, links)?;
        for end in &outgoing {
            arriving.entry(end.file).or_default().push(turned(*file, end));
        }
        let incoming = old.map(|lists| Arc::clone(&lists.incoming)).unwrap_or_default();
        let slots = Slots::of(links.slots());
        table.set(*file, Some(FileLists { slots, outgoing: Arc::new(Rows::new(outgoing)), incoming }));
    }
    for (file, mut incoming) in arriving {
        let Some(lists) = table.get(file) else { continue };
        incoming.extend(lists.incoming.all().filter(|end| !change.files.contains_key(&end.file)));
        let lists = FileLists {
            slots: lists.slots.clone(),
            outgoing: Arc::clone(&lists.outgoing),
            incoming: Arc::new(Rows::new(incoming)),
        };
        table.set(file, Some(lists));
    }
    Some(Adjacency::new(order, table, kinds))
}
