//! From link records to lists, in one parallel pass.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Page, Result};
use rayon::prelude::*;

use super::Adjacency;
use super::files::{FileLists, FileTable};
use super::numbering::Slots;
use super::rows::{End, NOWHERE, Rows, label};
use crate::keyspace::{self, FileOrd};
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget};
use crate::model::Resolution;

/// Makes the lists from all link records, and from the files in the order of their paths.
pub(super) fn build(files: &[FileOrd], pages: &[Page]) -> Result<Adjacency> {
    let decoded: Result<Vec<Vec<(FileOrd, LinkEdges)>>> = pages.par_iter().map(decode_page).collect();
    let decoded: Vec<(FileOrd, LinkEdges)> = decoded?.into_iter().flatten().collect();
    let kinds: BTreeSet<&str> = decoded.iter().flat_map(|(_, record)| record.other_kinds()).collect();
    let kinds: Arc<[String]> = kinds.into_iter().map(str::to_owned).collect();
    let outgoing: Vec<Vec<End>> =
        decoded.par_iter().map(|(file, record)| ends(&kinds, *file, record).unwrap_or_default()).collect();
    let mut incoming: HashMap<FileOrd, Vec<End>> =
        decoded.iter().map(|(file, _)| (*file, Vec::new())).collect();
    for ((file, _), ends) in decoded.iter().zip(&outgoing) {
        for end in ends {
            if let Some(incoming) = incoming.get_mut(&end.file) {
                incoming.push(turned(*file, end));
            }
        }
    }
    let of_files: Vec<(FileOrd, Slots, Vec<End>, Vec<End>)> = decoded
        .iter()
        .zip(outgoing)
        .map(|((file, record), outgoing)| {
            (*file, Slots::of(&record.slots), outgoing, incoming.remove(file).unwrap_or_default())
        })
        .collect();
    drop(decoded);
    let lists: Vec<(FileOrd, FileLists)> = of_files
        .into_par_iter()
        .map(|(file, slots, outgoing, incoming)| {
            let (outgoing, incoming) = (Arc::new(Rows::new(outgoing)), Arc::new(Rows::new(incoming)));
            (file, FileLists { slots, outgoing, incoming })
        })
        .collect();
    let mut table = FileTable::default();
    for (file, lists) in lists {
        table.set(file, Some(lists));
    }
    Ok(Adjacency::new(files.iter().copied(), table, kinds))
}

/// The same edge, seen from where it leads to.
pub(super) fn turned(file: FileOrd, end: &End) -> End {
    End { own: end.slot, file, slot: end.own, label: end.label }
}

/// The edges of a file; none if one is of a kind that has no number.
pub(super) fn ends(kinds: &[String], file: FileOrd, record: &LinkEdges) -> Option<Vec<End>> {
    let number = |kind: u32| {
        if (kind as usize) < KNOWN_KINDS.len() {
            return Some(kind);
        }
        let other = kinds.binary_search_by(|other| other.as_str().cmp(record.kind(kind))).ok()?;
        u32::try_from(KNOWN_KINDS.len() + other).ok()
    };
    record
        .links(file)
        .map(|link| {
            let (file, slot, how) = match link.target {
                LinkTarget::Bound(other, slot, how) => (other, slot, how),
                LinkTarget::Loose(how) => (NOWHERE, 0, Some(how)),
                LinkTarget::Dangling => (NOWHERE, 0, Some(Resolution::Unresolved)),
            };
            Some(End { own: link.source, file, slot, label: label(number(link.kind)?, how) })
        })
        .collect()
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
