//! Finding nodes by name.

use std::collections::BTreeSet;

use codestrata_core::Result;

use super::answer::{Answer, FindFilter, NodeHit, SymbolMatch};
use crate::graph::{EdgeReader, NodePlace, StoredFile, View, edge_order, node_with_notes};
use crate::link::{path_of_node, term};
use crate::model::{Edge, Node};
use crate::segment::Segment;

/// Files read together in a pass over the segments.
const FILES_PER_READ: usize = 512;

/// A name is near to another from here on: Jaro-Winkler likeness, from 0 to 1.
const NEAR: f64 = 0.8;

/// The nodes whose name or qualified name's end is the symbol, or the one with that id.
pub(super) async fn places_of(view: &View<'_>, symbol: &str) -> Result<Vec<NodePlace>> {
    if let Some(place) = view.node(symbol).await? {
        return Ok(vec![place]);
    }
    let mut found = named(view, symbol, |_, _| true).await?;
    let last = symbol.rsplit_once('.').map_or(symbol, |(_, last)| last);
    // The id of a second definition of a name ends in `#2`, which is no part of the name.
    let name = last.split_once('#').map_or(last, |(name, _)| name);
    if found.is_empty() && name != symbol {
        let end = format!(".{symbol}");
        found = named(view, name, |segment, row| {
            let id = segment.id(row);
            let qualified = id.rsplit_once("::").map_or(id.as_str(), |(_, qualified)| qualified);
            qualified == symbol || qualified.ends_with(&end) || is_within(segment, row, symbol)
        })
        .await?;
    }
    pass_over_declarations(&mut found);
    found.sort_by_key(|place| place.file.segment.id(place.row));
    Ok(found)
}

/// Leaves out what only declares a thing that is among the others.
fn pass_over_declarations(found: &mut Vec<NodePlace>) {
    let symbol = |place: &NodePlace| path_of_node(&place.file.segment, place.row);
    let is_declaration = |place: &NodePlace| place.file.segment.is_declaration(place.row);
    let defined: BTreeSet<String> =
        found.iter().filter(|place| !is_declaration(place)).filter_map(symbol).collect();
    found.retain(|place| !is_declaration(place) || symbol(place).is_none_or(|path| !defined.contains(&path)));
}

/// Whether a node has this name when those of what contains it are put before its own: ids that other tools made do not
/// end in a qualified name.
fn is_within(segment: &Segment, row: u32, qualified: &str) -> bool {
    let (mut row, mut rest) = (row, qualified);
    // Each step takes a name off, so a cycle ends.
    loop {
        rest = match rest.strip_suffix(segment.name(row)) {
            None => return false,
            Some("") => return true,
            Some(rest) => rest,
        };
        match (rest.strip_suffix('.'), segment.parent(row)) {
            (Some(before), Some(parent)) if !before.is_empty() => (row, rest) = (parent, before),
            _ => return false,
        }
    }
}

async fn named(
    view: &View<'_>,
    name: &str,
    is_wanted: impl Fn(&Segment, u32) -> bool,
) -> Result<Vec<NodePlace>> {
    let files = view.files_with(term::names(name)).await?;
    let mut found = Vec::new();
    for files in files.chunks(FILES_PER_READ) {
        for file in view.files(files).await? {
            for row in 0..file.segment.node_count() {
                if file.segment.name(row) == name && is_wanted(&file.segment, row) {
                    found.push(NodePlace { file: file.clone(), row });
                }
            }
        }
    }
    Ok(found)
}

pub(super) async fn resolve(view: &View<'_>, symbol: &str) -> Result<Answer<SymbolMatch>> {
    let mut answer = Answer::of(view);
    for place in places_of(view, symbol).await? {
        answer.results.push(SymbolMatch {
            node: NodeHit::of(&place),
            span: place.file.segment.span(place.row),
            attributes: place.file.segment.node(place.row).attributes,
        });
    }
    Ok(answer)
}

pub(super) async fn show(view: &View<'_>, id: &str) -> Result<Option<(Node, Vec<Edge>)>> {
    let Some(place) = view.node(id).await? else { return Ok(None) };
    let slot = place.slot();
    let mut edges = EdgeReader::new(view).edges(&place.file, |link, _| link.source == slot).await?;
    edges.sort_by(edge_order);
    Ok(Some((node_with_notes(view, &place).await?, edges)))
}

/// Reads every file, some at a time.
async fn for_each_file(view: &View<'_>, mut visit: impl FnMut(&StoredFile)) -> Result<()> {
    let mut entries = view.all_entries().await?;
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        for file in view.segments_only(entries.split_off(rest)).await? {
            visit(&file);
        }
    }
    Ok(())
}

/// How well a name fits: 0 exactly, 1 as a beginning, 2 somewhere inside.
fn fit(name: &str, text: &str, fold: bool) -> Option<u8> {
    let folded;
    let name = if fold {
        folded = name.to_lowercase();
        &folded
    } else {
        name
    };
    match name.find(text)? {
        0 if name.len() == text.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}

pub(super) async fn find(
    view: &View<'_>,
    text: &str,
    filter: &FindFilter,
    limit: usize,
) -> Result<Answer<NodeHit>> {
    let fold = !text.chars().any(char::is_uppercase);
    // The best so far, and one more, which tells that there are more.
    let mut best: BTreeSet<(u8, String, NodeHit)> = BTreeSet::new();
    let mut truncated = false;
    for_each_file(view, |file| {
        let segment = &file.segment;
        if filter.file.as_ref().is_some_and(|part| !segment.path().contains(part.as_str())) {
            return;
        }
        for row in 0..segment.node_count() {
            let Some(fit) = fit(segment.name(row), text, fold) else { continue };
            let is_kind = filter.kind.as_ref().is_none_or(|kind| segment.kind(row) == kind);
            if !is_kind || (filter.prefix && fit == 2) {
                continue;
            }
            let hit = NodeHit::of(&NodePlace { file: file.clone(), row });
            best.insert((fit, hit.name.clone(), hit));
            if best.len() > limit {
                best.pop_last();
                truncated = true;
            }
        }
    })
    .await?;
    let mut answer = Answer::of(view);
    answer.results = best.into_iter().map(|(_, _, hit)| hit).collect();
    answer.truncated = truncated;
    Ok(answer)
}

pub(super) async fn similar(view: &View<'_>, name: &str, limit: usize) -> Result<Vec<String>> {
    let wanted = name.rsplit(['.', ':']).next().unwrap_or(name).to_lowercase();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for_each_file(view, |file| {
        for row in 0..file.segment.node_count() {
            let candidate = file.segment.name(row);
            if !names.contains(candidate) && likeness(&wanted, candidate) >= NEAR {
                names.insert(candidate.to_owned());
            }
        }
    })
    .await?;
    let mut names: Vec<(f64, String)> =
        names.into_iter().map(|candidate| (likeness(&wanted, &candidate), candidate)).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(names.into_iter().take(limit).map(|(_, name)| name).collect())
}

fn likeness(wanted: &str, candidate: &str) -> f64 {
    strsim::jaro_winkler(wanted, &candidate.to_lowercase())
}
