//! Who calls a node or refers to it in another way, and what it calls.

use std::sync::Arc;

use codestrata_core::Result;

use super::answer::{Answer, CallHit, NodeHit, Site, UnboundHit};
use super::contested::calls_of_stand_ins;
use super::queries::no_node;
use super::traversal::EdgeKinds;
use crate::graph::{EdgeReader, NodePlace, StoredFile, View};
use crate::keyspace::FileOrd;
use crate::link::{Link, LinkTarget, target_text, term};
use crate::model::{Resolution, Span, edge_kind, node_kind};
use crate::segment::Listing;

/// Files read together.
const FILES_PER_READ: usize = 128;

pub(super) async fn callers(view: &View<'_>, id: &str, limit: usize) -> Result<Answer<CallHit>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let files = view.files_with(term::calls_id(id)).await?;
    let mut answer = sources(view, &place, &files, &EdgeKinds::calls(), limit).await?;
    count_unbound_calls(view, &place, &mut answer).await?;
    answer.ambiguous += calls_of_stand_ins(view, &place).await?;
    Ok(answer)
}

pub(super) async fn references(
    view: &View<'_>,
    id: &str,
    kinds: &EdgeKinds,
    limit: usize,
) -> Result<Answer<CallHit>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let files = view.files_with(term::asks_id(id)).await?;
    let mut answer = sources(view, &place, &files, kinds, limit).await?;
    count_unbound(view, &place, kinds, &mut answer).await?;
    Ok(answer)
}

/// What edges of some kinds lead to a node from, in some files and its own, by path and place.
async fn sources(
    view: &View<'_>,
    place: &NodePlace,
    files: &[FileOrd],
    kinds: &EdgeKinds,
    limit: usize,
) -> Result<Answer<CallHit>> {
    let target = (place.file.ordinal, place.slot());
    let mut files: Vec<FileOrd> = files.iter().copied().filter(|file| *file != target.0).collect();
    let mut answer = Answer::of(view);
    if files.len() < FILES_PER_READ {
        let mut files = view.files(&files).await?;
        files.push(place.file.clone());
        answer.results.reserve(files.len().min(limit));
        files.sort_unstable_by(|a, b| a.entry.path.cmp(&b.entry.path));
        for file in &files {
            sources_in(view, file, target, kinds, &mut answer.results);
        }
        answer.truncated = answer.results.len() > limit;
        answer.results.truncate(limit);
        return Ok(answer);
    }
    files.push(target.0);
    let mut entries = view.entries(&files).await?;
    entries.sort_by(|a, b| b.1.path.cmp(&a.1.path));
    while !entries.is_empty() && !answer.truncated {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        let mut now = entries.split_off(rest);
        now.reverse();
        for file in view.files_of(now).await? {
            sources_in(view, &file, target, kinds, &mut answer.results);
        }
        answer.truncated = answer.results.len() > limit;
    }
    answer.results.truncate(limit);
    Ok(answer)
}

/// Adds what refers to a node in one file, by where it stands.
fn sources_in(
    view: &View<'_>,
    file: &StoredFile,
    target: (FileOrd, u32),
    kinds: &EdgeKinds,
    hits: &mut Vec<CallHit>,
) {
    let (begin, listing) = (hits.len(), view.listing_of(file));
    let mut last: Option<u32> = None;
    // By where a source stands, which is looked at only where a file has several.
    let place = |row| (file.segment.span(row), row);
    for (row, position, link) in links_to(file, target, kinds) {
        let site = site_of(file, position, &link);
        if last == Some(row) {
            if let Some(hit) = hits.last_mut() {
                hit.sites.push(site);
            }
            continue;
        }
        if last.is_some_and(|last| place(last) > place(row)) {
            // What stands within another node may come between two links of that one.
            hits.truncate(begin);
            return sources_out_of_order(listing, file, target, kinds, hits);
        }
        let Some(node) = NodeHit::listed(listing, row) else { continue };
        last = Some(row);
        hits.push(CallHit { node, sites: vec![site] });
    }
}

/// The same where the links of a source do not stand together.
fn sources_out_of_order(
    listing: &Arc<Listing>,
    file: &StoredFile,
    target: (FileOrd, u32),
    kinds: &EdgeKinds,
    hits: &mut Vec<CallHit>,
) {
    let mut found: Vec<(u32, u32, Link)> = links_to(file, target, kinds).collect();
    // Stable, so that the sites of a source stay in the order of the links.
    found.sort_by_cached_key(|(row, ..)| (file.segment.span(*row), *row));
    for same in found.chunk_by(|(row, ..), (next, ..)| row == next) {
        let Some((row, ..)) = same.first() else { continue };
        let sites = same.iter().map(|(_, position, link)| site_of(file, *position, link));
        let Some(node) = NodeHit::listed(listing, *row) else { continue };
        hits.push(CallHit { node, sites: sites.collect() });
    }
}

/// The links of a file that lead to a node and are of some kinds: each with the row that it comes from, and its position.
fn links_to<'f>(
    file: &'f StoredFile,
    target: (FileOrd, u32),
    kinds: &'f EdgeKinds,
) -> impl Iterator<Item = (u32, u32, Link)> + 'f {
    let (slots, rows) = (file.links.slots(), file.segment.node_count());
    let links = file.links.links_to(file.ordinal, target).filter(|(_, link)| kinds.has(&file.links, link));
    links.map(move |(position, link)| (slots.row(link.source, rows).unwrap_or_default(), position, link))
}

/// Where a link stands, and what it is.
fn site_of(file: &StoredFile, position: u32, link: &Link) -> Site {
    let start = match position.checked_sub(file.segment.reference_count()) {
        None => Some(file.segment.reference_start(position)),
        Some(edge) => file.segment.edge_span(edge).map(|span| (span.start_line, span.start_column)),
    };
    let how = match link.target {
        LinkTarget::Bound(.., how) => how,
        LinkTarget::Loose(how) => Some(how),
        LinkTarget::Dangling => None,
    };
    Site::at(&file.entry.path, start, file.links.kind_text(link), how)
}

/// Where the link of this position stands.
pub(super) fn span_of(file: &StoredFile, position: u32) -> Option<Span> {
    match position.checked_sub(file.segment.reference_count()) {
        None => Some(file.segment.reference_span(position)),
        Some(edge) => file.segment.edge_span(edge),
    }
}

/// Counts the calls by the name of a node that are ambiguous, and those that lead nowhere.
pub(super) async fn count_unbound_calls<T>(
    view: &View<'_>,
    place: &NodePlace,
    answer: &mut Answer<T>,
) -> Result<()> {
    count_unbound(view, place, &EdgeKinds::calls(), answer).await
}

/// Counts the references of some kinds by the name of a node that are ambiguous, and those that lead nowhere. A
/// reference by name alone can only mean a member, so other nodes have no ambiguous ones. Where too many files use the
/// name the answer says so.
async fn count_unbound<T>(
    view: &View<'_>,
    place: &NodePlace,
    kinds: &EdgeKinds,
    answer: &mut Answer<T>,
) -> Result<()> {
    let segment = &place.file.segment;
    let term = term::asks_name(segment.family(), segment.name(place.row));
    let may_be_meant = segment.kind(place.row) == node_kind::METHOD || segment.is_member(place.row);
    // Counts tell calls from everything else.
    let (calls, others) = (kinds.contains(edge_kind::CALLS), kinds.has_other_than_calls());
    let (counts, is_cut) = view.loose(term).await?;
    answer.truncated |= is_cut;
    let of = |wanted, count: u32| if wanted { u64::from(count) } else { 0 };
    if may_be_meant {
        answer.ambiguous += of(calls, counts.ambiguous_calls) + of(others, counts.ambiguous_others);
    }
    answer.unresolved += of(calls, counts.unresolved_calls) + of(others, counts.unresolved_others);
    Ok(())
}

pub(super) async fn callees(
    view: &View<'_>,
    id: &str,
    limit: usize,
) -> Result<(Answer<CallHit>, Vec<UnboundHit>)> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let (file, source) = (&place.file, place.slot());
    let mut bound: Vec<((FileOrd, u32), Vec<Site>)> = Vec::new();
    let mut unbound: Vec<UnboundHit> = Vec::new();
    let mut answer = Answer::of(view);
    let kinds = EdgeKinds::calls();
    for (position, link) in file.links.links_from(file.ordinal, source) {
        if !kinds.has(&file.links, &link) {
            continue;
        }
        let site = site_of(file, position, &link);
        match link.target {
            LinkTarget::Bound(other, slot, _) => {
                match bound.iter_mut().find(|(target, _)| *target == (other, slot)) {
                    Some((_, sites)) => sites.push(site),
                    None => bound.push(((other, slot), vec![site])),
                }
            }
            LinkTarget::Loose(how) => {
                match how {
                    Resolution::Ambiguous => answer.ambiguous += 1,
                    _ => answer.unresolved += 1,
                }
                add_unbound(&mut unbound, text_of(file, position, how), site);
            }
            LinkTarget::Dangling => {
                add_unbound(&mut unbound, text_of(file, position, Resolution::Unresolved), site);
            }
        }
    }
    answer.truncated = bound.len() > limit || unbound.len() > limit;
    bound.truncate(limit);
    unbound.truncate(limit);
    let wanted: Vec<FileOrd> = bound.iter().map(|((file, _), _)| *file).collect();
    let mut reader = EdgeReader::beside(view, file);
    for (target, sites) in bound {
        if let Some(place) = reader.place(&wanted, target).await? {
            let node = NodeHit::listed(view.listing_of(&place.file), place.row);
            answer.results.extend(node.map(|node| CallHit { node, sites }));
        }
    }
    Ok((answer, unbound))
}

/// What an edge that leads nowhere says of its target.
pub(super) fn text_of(file: &StoredFile, position: u32, how: Resolution) -> String {
    match position.checked_sub(file.segment.reference_count()) {
        None => target_text(&file.segment, file.segment.reference_target(position), how),
        Some(edge) => file.segment.edge_target(edge).to_owned(),
    }
}

fn add_unbound(unbound: &mut Vec<UnboundHit>, target: String, site: Site) {
    match unbound.iter_mut().find(|hit| hit.target == target) {
        Some(hit) => hit.sites.push(site),
        None => unbound.push(UnboundHit { target, sites: vec![site] }),
    }
}
