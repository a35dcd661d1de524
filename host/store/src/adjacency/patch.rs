//! Lists after a change, from those before it: the rows of the files that changed, and of what they lead to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Adjacency;
use super::build::ends;
use super::handles::Handle;
use super::lists::{Entry, NOWHERE, Width};
use super::numbering::{Numbering, Slots};
use crate::keyspace::FileOrd;
use crate::link::{KNOWN_KINDS, LinkEdges};

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

/// The lists after a change, with the files in the order of their paths; none where they are to be made anew: if an edge
/// is of a new kind, because kinds are numbered in their order, if handles do not fit any more, or if too many of them
/// are of nodes that are gone.
///
/// Cost: the links of the files that changed, the parts of lists that they and what they lead or led to are in, and a few
/// bytes for each file of the repository.
pub(super) fn patched(
    before: &Adjacency,
    change: &LinkChange,
    order: impl Iterator<Item = FileOrd>,
) -> Option<Adjacency> {
    let kinds = Arc::clone(before.numbering.other_kinds());
    let mut handles = before.numbering.handles().clone();
    let mut outgoing: BTreeMap<Handle, Vec<Entry>> = BTreeMap::new();
    // What comes in, of the changed files alone.
    let mut incoming: BTreeMap<Handle, Vec<Entry>> = BTreeMap::new();
    for handle in change.files.keys().flat_map(|file| handles.of_file(*file)) {
        outgoing.insert(handle, Vec::new());
        for (target, _) in before.outgoing.row(handle).bound() {
            incoming.entry(target).or_default();
        }
    }
    for (file, links) in &change.files {
        match links {
            Some(links) => handles.grow(*file, links.slots().end())?,
            None => handles.forget(*file),
        }
    }
    let width = before.outgoing.width();
    if handles.are_worn() || width != Width::of(handles.len(), KNOWN_KINDS.len() + kinds.len()) {
        return None;
    }
    for (file, links) in change.files.iter().filter_map(|(file, links)| Some((*file, links.as_ref()?))) {
        for end in ends(&kinds, file, links) {
            let end = end?;
            let Some(source) = handles.handle(file, end.own) else { continue };
            let Some(target) = end.target(&handles) else { continue };
            if target != NOWHERE {
                incoming.entry(target).or_default().push((source, end.label));
            }
            outgoing.entry(source).or_default().push((target, end.label));
        }
    }
    let is_of_others = |(source, _): &Entry| {
        let file = before.numbering.handles().place(*source).map(|(file, _)| file);
        file.is_some_and(|file| !change.files.contains_key(&file))
    };
    for (target, sources) in &mut incoming {
        sources.extend(before.incoming.row(*target).bound().filter(is_of_others));
    }
    let slots = order.filter_map(|file| {
        let slots = match change.files.get(&file) {
            Some(links) => Slots::of(links.as_ref()?.slots()),
            None => before.numbering.slots(file)?,
        };
        Some((file, slots))
    });
    let (outgoing, incoming) =
        (before.outgoing.with(handles.len(), outgoing), before.incoming.with(handles.len(), incoming));
    Some(Adjacency { numbering: Numbering::new(slots, kinds, handles), outgoing, incoming })
}
