//! Calls that may mean a node and are shown as calls of another one: of several definitions with equal right a link leads
//! to the first.

use codestrata_core::Result;

use super::callers::span_of;
use crate::graph::{NodePlace, View};
use crate::keyspace::{FileOrd, Slot};
use crate::limits::MAX_LOOSE_FILES;
use crate::link::{LinkTarget, Precedence, first_of_repeats_row, path_of_node, symbol_in, term};
use crate::model::{ExportTarget, Resolution, edge_kind};

/// How many calls lead to another definition of the name and may as well mean this one.
pub(super) async fn calls_of_stand_ins(view: &View<'_>, place: &NodePlace) -> Result<u64> {
    let mut calls = 0;
    for (id, target) in stand_ins(view, place).await? {
        let mut files = view.files_with(term::calls_id(&id)).await?.to_vec();
        files.push(target.0);
        files.sort_unstable();
        files.dedup();
        files.truncate(MAX_LOOSE_FILES);
        for file in view.files(&files).await? {
            let links = file.links.links_to(file.ordinal, target);
            let ambiguous = links.filter(|(position, link)| {
                link.target == LinkTarget::Bound(target.0, target.1, Some(Resolution::Ambiguous))
                    && edge_kind::is_call(file.links.kind(link))
                    && span_of(&file, *position).is_some()
            });
            calls += u64::try_from(ambiguous.count()).unwrap_or(u64::MAX);
        }
    }
    Ok(calls)
}

/// The definitions that stand for this one too, each with its id: the first of its name in the file, and the first of its
/// symbol in the repository.
async fn stand_ins(view: &View<'_>, place: &NodePlace) -> Result<Vec<(String, (FileOrd, Slot))>> {
    let segment = &place.file.segment;
    let mut found = Vec::new();
    let mut add = |id: String, target: (FileOrd, Slot)| {
        if target != (place.file.ordinal, place.slot()) && !found.iter().any(|(_, known)| *known == target) {
            found.push((id, target));
        }
    };
    if let Some(row) = first_of_repeats_row(segment, place.row) {
        add(segment.id(row), (place.file.ordinal, place.file.links.slots().slot(row)));
    }
    let Some(symbol) = path_of_node(segment, place.row) else { return Ok(found) };
    let files = view.files_with(term::exports_symbol(&symbol)).await?;
    let files = view.files(&files).await?;
    let defining = files.iter().filter_map(|file| {
        let target = symbol_in(&file.segment, &symbol)?;
        let ExportTarget::Node(row) = target else { return None };
        Some((Precedence::of(&file.segment, target)?, file.segment.path(), file, row))
    });
    if let Some((_, _, file, row)) = defining.min_by_key(|(precedence, path, ..)| (*precedence, *path)) {
        add(file.segment.id(row), (file.ordinal, file.links.slots().slot(row)));
    }
    Ok(found)
}
