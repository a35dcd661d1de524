//! Where edges come together: the nodes and files that most depends on, and those that depend on most.

use std::cmp::Reverse;
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::Answer;
use super::listings::describe;
use super::traversal::Cut;
use super::walk::next_to;
use super::whole_graph::{FileHotspot, Hotspot, HotspotFilter};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::View;
use crate::keyspace::FileOrd;
use crate::model::Resolution;
use crate::records::FileEntry;

/// The edges of one node or file, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Counts {
    edges: u64,
    others: u64,
    unsure: u64,
}

pub(super) async fn by_node(
    view: &View<'_>,
    filter: &HotspotFilter,
    limit: usize,
) -> Result<Answer<Hotspot>> {
    let adjacency = Adjacency::of(view).await?;
    let nodes = 0..adjacency.numbering().len();
    let mut counted: Vec<(Counts, Ordinal)> = nodes
        .filter_map(|node| {
            let ends =
                ends_of(&adjacency, filter, std::iter::once(node), |other| (other != node).then_some(other));
            ends.map(|counts| (counts, node))
        })
        .collect();
    let mut answer = Answer::of(view);
    first(&mut counted, limit, &mut answer);
    let known = describe(view, &adjacency, counted.iter().map(|(_, node)| *node)).await?;
    let hit = |(counts, node): &(Counts, Ordinal)| {
        let Counts { edges, others, unsure } = *counts;
        Some(Hotspot { node: known.hit(*node)?, edges, nodes: others, unsure })
    };
    answer.results = counted.iter().filter_map(hit).collect();
    Ok(answer)
}

pub(super) async fn by_file(
    view: &View<'_>,
    filter: &HotspotFilter,
    limit: usize,
) -> Result<Answer<FileHotspot>> {
    let adjacency = Adjacency::of(view).await?;
    let numbering = adjacency.numbering();
    let mut counted: Vec<(Counts, FileOrd)> = (0..numbering.file_count())
        .filter_map(|position| {
            let (file, nodes) = numbering.file_at(position)?;
            let other = |node| {
                let other = numbering.file_position(node).filter(|other| *other != position)?;
                Ordinal::try_from(other).ok()
            };
            Some((ends_of(&adjacency, filter, nodes, other)?, file))
        })
        .collect();
    let mut answer = Answer::of(view);
    first(&mut counted, limit, &mut answer);
    let files: Vec<FileOrd> = counted.iter().map(|(_, file)| *file).collect();
    let paths = view.entries(&files).await?;
    let hit = |(Counts { edges, others, unsure }, (_, entry)): (Counts, (FileOrd, Arc<FileEntry>))| {
        FileHotspot { file: entry.path.to_string(), edges, files: others, unsure }
    };
    answer.results = counted.into_iter().map(|(counts, _)| counts).zip(paths).map(hit).collect();
    Ok(answer)
}

/// Counts the edges of some nodes to others; none if there are none.
fn ends_of(
    adjacency: &Adjacency,
    filter: &HotspotFilter,
    nodes: impl Iterator<Item = Ordinal>,
    other: impl Fn(Ordinal) -> Option<Ordinal>,
) -> Option<Counts> {
    let wanted = adjacency.numbering().kinds_wanted(|kind| filter.kinds.contains(kind));
    let mut others = Vec::new();
    let mut unsure = 0;
    for edge in nodes.flat_map(|node| next_to(adjacency, node, filter.direction)) {
        if wanted.get(edge.kind as usize) != Some(&true) {
            continue;
        }
        let Some(end) = other(edge.node) else { continue };
        unsure += u64::from(edge.resolution >= Some(Resolution::UniqueName));
        others.push(end);
    }
    let edges = others.len() as u64;
    others.sort_unstable();
    others.dedup();
    (edges > 0).then_some(Counts { edges, others: others.len() as u64, unsure })
}

/// Those with the most edges, then with the most others, then by file and id.
fn first<T: Copy, R>(counted: &mut Vec<(Counts, T)>, limit: usize, answer: &mut Answer<R>) {
    // Stable, and they come in the order of files and ids.
    counted.sort_by_key(|(counts, _)| Reverse((counts.edges, counts.others)));
    if counted.len() > limit {
        counted.truncate(limit);
        answer.cut(Cut::Results);
    }
}
