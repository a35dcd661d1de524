//! Calls of the methods that a method overrides: each may mean it.

use std::collections::BTreeSet;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit};
use super::queries::no_node;
use super::traversal::BaseCalls;
use crate::graph::{EdgeReader, NodePlace, View};
use crate::keyspace::{FileOrd, Slot};
use crate::limits::{MAX_LINK_BASES, MAX_LOOSE_FILES};
use crate::link::{LinkTarget, term};
use crate::model::{edge_kind, node_kind};

pub(super) async fn calls_through_bases(view: &View<'_>, id: &str) -> Result<Answer<BaseCalls>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let mut answer = Answer::of(view);
    if place.file.segment.kind(place.row) != node_kind::METHOD {
        return Ok(answer);
    }
    for overridden in overridden(view, &place).await? {
        let calls = count_calls(view, &overridden, &mut answer).await?;
        answer.results.push(BaseCalls { node: NodeHit::of(&overridden), calls });
    }
    Ok(answer)
}

/// The methods of the same name in the bases of its class, level by level.
async fn overridden(view: &View<'_>, place: &NodePlace) -> Result<Vec<NodePlace>> {
    let Some(class) = place.file.segment.parent(place.row) else { return Ok(Vec::new()) };
    let name = place.file.segment.name(place.row);
    let class = NodePlace { file: place.file.clone(), row: class };
    let mut visited: BTreeSet<(FileOrd, Slot)> = BTreeSet::from([(class.file.ordinal, class.slot())]);
    let mut level = vec![class];
    let mut found = Vec::new();
    while !level.is_empty() {
        let mut bases: Vec<(FileOrd, Slot)> = level.iter().flat_map(bases_of).collect();
        bases.retain(|base| visited.len() < MAX_LINK_BASES && visited.insert(*base));
        let files: Vec<FileOrd> = bases.iter().map(|(file, _)| *file).collect();
        let mut reader = EdgeReader::new(view);
        level = Vec::with_capacity(bases.len());
        for base in bases {
            level.extend(reader.place(&files, base).await?);
        }
        for base in &level {
            let segment = &base.file.segment;
            let members = (0..segment.node_count()).filter(|row| segment.parent(*row) == Some(base.row));
            let method = members
                .filter(|row| segment.kind(*row) == node_kind::METHOD)
                .find(|row| segment.name(*row) == name);
            found.extend(method.map(|row| NodePlace { file: base.file.clone(), row }));
        }
    }
    Ok(found)
}

/// The bases that a class names, in the order of the source.
fn bases_of(class: &NodePlace) -> Vec<(FileOrd, Slot)> {
    let slot = class.slot();
    let links = class.file.links.links(class.file.ordinal);
    links
        .filter(|link| link.source == slot && class.file.links.kind(link) == edge_kind::INHERITS)
        .filter_map(|link| match link.target {
            LinkTarget::Bound(file, slot, _) => Some((file, slot)),
            _ => None,
        })
        .collect()
}

async fn count_calls(view: &View<'_>, place: &NodePlace, answer: &mut Answer<BaseCalls>) -> Result<u64> {
    let target = (place.file.ordinal, place.slot());
    let mut files = view.files_with(term::calls_id(&place.file.segment.id(place.row))).await?.to_vec();
    files.push(target.0);
    files.sort_unstable();
    files.dedup();
    answer.truncated |= files.len() > MAX_LOOSE_FILES;
    files.truncate(MAX_LOOSE_FILES);
    let mut calls = 0;
    for (file, links) in view.links_of(&files).await? {
        let of = links.links_to(file, target).filter(|(_, link)| edge_kind::is_call(links.kind(link)));
        calls += u64::try_from(of.count()).unwrap_or(u64::MAX);
    }
    Ok(calls)
}
