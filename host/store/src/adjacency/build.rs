//! From link records to lists, in one parallel pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Page, Result};
use rayon::prelude::*;

use super::rows::{self, Edge};
use super::{Adjacency, Numbering, Side};
use crate::keyspace::{self, FileOrd};
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget, SlotTable};
use crate::model::Resolution;

/// Makes the lists of these directions from all link records, and from the files in the order of their paths.
pub(super) fn build(files: &[FileOrd], pages: &[Page], sides: &[Side]) -> Result<Adjacency> {
    let decoded: Result<Vec<Vec<(FileOrd, LinkEdges)>>> = pages.par_iter().map(decode_page).collect();
    let decoded = decoded?;
    let numbering = number(files, &decoded);
    let edges: Vec<Vec<Edge>> = decoded.par_iter().map(|records| edges(&numbering, records)).collect();
    drop(decoded);
    let mut this = Adjacency { numbering: Arc::new(numbering), outgoing: Vec::new(), incoming: Vec::new() };
    for side in sides {
        *this.side_mut(*side) = rows::lists(this.numbering.len(), &edges, *side);
    }
    Ok(this)
}

fn number(files: &[FileOrd], decoded: &[Vec<(FileOrd, LinkEdges)>]) -> Numbering {
    let records = || decoded.iter().flatten();
    let end = records().map(|(file, _)| *file as usize + 1).max().unwrap_or(0);
    let mut slots: Vec<Option<&SlotTable>> = vec![None; end];
    for (file, record) in records() {
        if let Some(place) = slots.get_mut(*file as usize) {
            *place = Some(&record.slots);
        }
    }
    let kinds: BTreeSet<&str> = records().flat_map(|(_, record)| record.other_kinds()).collect();
    let files = files.iter().filter_map(|file| Some((*file, (*slots.get(*file as usize)?)?)));
    Numbering::new(files, kinds.into_iter().map(str::to_owned).collect())
}

/// The links of some files as edges.
fn edges(numbering: &Numbering, records: &[(FileOrd, LinkEdges)]) -> Vec<Edge> {
    let nowhere = numbering.len();
    let mut edges = Vec::new();
    for (file, record) in records {
        for link in record.links(*file) {
            let Some(from) = numbering.ordinal(*file, link.source) else { continue };
            let (to, how) = match link.target {
                LinkTarget::Bound(other, slot, how) => match numbering.ordinal(other, slot) {
                    Some(to) => (to, how),
                    None => continue,
                },
                LinkTarget::Loose(how) => (nowhere, Some(how)),
                LinkTarget::Dangling => (nowhere, Some(Resolution::Unresolved)),
            };
            let is_known = (link.kind as usize) < KNOWN_KINDS.len();
            let kind = if is_known { link.kind } else { numbering.number_of_kind(record.kind(link.kind)) };
            edges.push(Edge { from, to, label: rows::label(kind, how) });
        }
    }
    edges
}

fn decode_page(page: &Page) -> Result<Vec<(FileOrd, LinkEdges)>> {
    page.iter()
        .map(|(key, value)| {
            let file = keyspace::last_ordinal(key)
                .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
            Ok((file, LinkEdges::decode(value)?))
        })
        .collect()
}
