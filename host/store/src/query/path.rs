//! The shortest way from one node to another.
//!
//! It is looked for breadth first from the start, a whole step at a time: the link records of all files of a step are
//! read together, so that a step costs one round trip, and no segment is looked at before the way is known. For every
//! node the ones before it are kept, not one of them: which of several shortest ways is answered is then chosen by
//! ids, and not by numbers that depend on how the graph came about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit, Site};
use super::callers::span_of;
use super::queries::no_node;
use super::traversal::{Cut, Direction, EdgeKinds, PathEnd, PathStep, Traversal};
use super::walk::next_to;
use crate::adjacency::Adjacency;
use crate::graph::{EdgeReader, NodePlace, View};
use crate::keyspace::{FileOrd, Slot};
use crate::link::LinkTarget;
use crate::model::Resolution;

/// Files whose link records are read together.
const FILES_PER_READ: usize = 512;

/// A node, as links name it.
type Place = (FileOrd, Slot);

/// The way from one node to another.
pub(super) async fn path(
    view: &View<'_>,
    from: &str,
    to: &str,
    options: &Traversal,
) -> Result<(Answer<PathStep>, PathEnd)> {
    let start = view.node(from).await?.ok_or_else(|| no_node(view, from))?;
    let goal = view.node(to).await?.ok_or_else(|| no_node(view, to))?;
    let (start, goal) = ((start.file.ordinal, start.slot()), (goal.file.ordinal, goal.slot()));
    let mut answer = Answer::of(view);
    // Who points to a node only the lists know; what a node points to stands in the record of its file.
    let adjacency = match options.direction {
        Direction::Outgoing => None,
        Direction::Incoming | Direction::Both => Some(Adjacency::of(view).await?),
    };
    let mut search = Search { adjacency, ..Search::from(start) };
    let end = search.run(view, goal, options, &mut answer).await?;
    answer.truncated = matches!(end, PathEnd::DepthLimit | PathEnd::NodeLimit);
    match end {
        PathEnd::DepthLimit => answer.cut.push(Cut::Depth),
        PathEnd::NodeLimit => answer.cut.push(Cut::Nodes),
        PathEnd::Found | PathEnd::None => {}
    }
    if end == PathEnd::Found {
        answer.results = search.way(view, start, goal, options).await?;
    }
    Ok((answer, end))
}

/// What was seen on the way.
struct Search {
    /// The lists to follow, where the way is not only along edges.
    adjacency: Option<Arc<Adjacency>>,
    seen: HashSet<Place>,
    /// For each step the nodes that it reached first, each with every node of the step before that leads to it.
    steps: Vec<Vec<(Place, Place)>>,
}

impl Search {
    fn from(start: Place) -> Self {
        Self { adjacency: None, seen: HashSet::from([start]), steps: Vec::new() }
    }

    /// Goes on until the goal is reached, nothing is left, or a limit is hit.
    async fn run(
        &mut self,
        view: &View<'_>,
        goal: Place,
        options: &Traversal,
        answer: &mut Answer<PathStep>,
    ) -> Result<PathEnd> {
        let mut frontier: Vec<Place> = self.seen.iter().copied().collect();
        while !self.seen.contains(&goal) {
            if frontier.is_empty() {
                return Ok(PathEnd::None);
            }
            if self.steps.len() >= options.depth as usize {
                return Ok(PathEnd::DepthLimit);
            }
            if self.seen.len() > options.visited {
                return Ok(PathEnd::NodeLimit);
            }
            let mut pairs = match &self.adjacency {
                None => next_step(view, frontier, &options.kinds, answer).await?,
                Some(adjacency) => next_in_lists(adjacency, &frontier, options, answer),
            };
            pairs.retain(|(node, _)| !self.seen.contains(node));
            pairs.sort_unstable();
            pairs.dedup();
            frontier = pairs.iter().map(|(node, _)| *node).collect();
            frontier.dedup();
            self.seen.extend(&frontier);
            self.steps.push(pairs);
        }
        Ok(PathEnd::Found)
    }

    /// Of the shortest ways the one whose ids come first, compared step by step from the start.
    async fn way(
        &self,
        view: &View<'_>,
        start: Place,
        goal: Place,
        options: &Traversal,
    ) -> Result<Vec<PathStep>> {
        // From the goal back: the nodes of each step that lie on a shortest way, and the edges between them.
        let mut wanted = BTreeSet::from([goal]);
        let mut edges: Vec<Vec<(Place, Place)>> = Vec::with_capacity(self.steps.len());
        for pairs in self.steps.iter().rev() {
            let on_way: Vec<_> = pairs.iter().filter(|(node, _)| wanted.contains(node)).copied().collect();
            wanted = on_way.iter().map(|(_, before)| *before).collect();
            edges.push(on_way);
        }
        let places: BTreeSet<Place> = edges.iter().flatten().map(|(node, _)| *node).chain([start]).collect();
        let nodes = describe(view, &places).await?;
        let mut here = start;
        let mut way = Vec::with_capacity(edges.len() + 1);
        let first = nodes.get(&start).map(|node| (NodeHit::of(node), Vec::new()));
        way.extend(first.map(|(node, sites)| PathStep { node, sites, is_backwards: false }));
        for pairs in edges.iter().rev() {
            let next = pairs
                .iter()
                .filter(|(_, before)| *before == here)
                .filter_map(|(node, _)| Some((nodes.get(node)?, *node)))
                .min_by_key(|(node, _)| node.file.segment.id(node.row));
            let (Some((node, place)), Some(before)) = (next, nodes.get(&here)) else { break };
            let along = match options.direction {
                Direction::Incoming => Vec::new(),
                Direction::Outgoing | Direction::Both => sites(before, place, &options.kinds),
            };
            let is_backwards = along.is_empty();
            let sites = if is_backwards { sites(node, here, &options.kinds) } else { along };
            way.push(PathStep { node: NodeHit::of(node), sites, is_backwards });
            here = place;
        }
        Ok(way)
    }
}

/// The edges that lead on from some nodes, as (to, from). References that lead nowhere are counted.
async fn next_step(
    view: &View<'_>,
    frontier: Vec<Place>,
    kinds: &EdgeKinds,
    answer: &mut Answer<PathStep>,
) -> Result<Vec<(Place, Place)>> {
    let mut by_file: BTreeMap<FileOrd, HashSet<Slot>> = BTreeMap::new();
    for (file, slot) in frontier {
        by_file.entry(file).or_default().insert(slot);
    }
    let files: Vec<FileOrd> = by_file.keys().copied().collect();
    let mut pairs = Vec::new();
    for files in files.chunks(FILES_PER_READ) {
        for (file, links) in view.links_of(files).await? {
            let Some(sources) = by_file.get(&file) else { continue };
            for link in links.links(file).filter(|link| sources.contains(&link.source)) {
                if !kinds.has(&links, &link) {
                    continue;
                }
                match link.target {
                    LinkTarget::Bound(other, slot, _) => pairs.push(((other, slot), (file, link.source))),
                    LinkTarget::Loose(Resolution::Ambiguous) => answer.ambiguous += 1,
                    LinkTarget::Loose(_) | LinkTarget::Dangling => answer.unresolved += 1,
                }
            }
        }
    }
    Ok(pairs)
}

/// The same from neighbour lists, in the direction that was asked for.
fn next_in_lists(
    adjacency: &Adjacency,
    frontier: &[Place],
    options: &Traversal,
    answer: &mut Answer<PathStep>,
) -> Vec<(Place, Place)> {
    let wanted = adjacency.numbering().kinds_wanted(|kind| options.kinds.contains(kind));
    let is_wanted = |kind: u32| wanted.get(kind as usize) == Some(&true);
    let mut pairs = Vec::new();
    for place in frontier {
        let Some(node) = adjacency.ordinal(place.0, place.1) else { continue };
        let next = next_to(adjacency, node, options.direction).filter(|edge| is_wanted(edge.kind));
        pairs.extend(next.filter_map(|edge| Some((adjacency.place(edge.node)?, *place))));
        if options.direction == Direction::Incoming {
            continue;
        }
        for (_, how) in adjacency.loose(node).filter(|(kind, _)| is_wanted(*kind)) {
            match how {
                Some(Resolution::Ambiguous) => answer.ambiguous += 1,
                _ => answer.unresolved += 1,
            }
        }
    }
    pairs
}

/// The nodes at some places.
async fn describe(view: &View<'_>, places: &BTreeSet<Place>) -> Result<HashMap<Place, NodePlace>> {
    let files: BTreeSet<FileOrd> = places.iter().map(|(file, _)| *file).collect();
    let files: Vec<FileOrd> = files.into_iter().collect();
    let mut reader = EdgeReader::new(view);
    let mut nodes = HashMap::with_capacity(places.len());
    for place in places {
        if let Some(node) = reader.place(&files, *place).await? {
            nodes.insert(*place, node);
        }
    }
    Ok(nodes)
}

/// Where the edges from one node to another stand, in the order of the source.
fn sites(from: &NodePlace, to: Place, kinds: &EdgeKinds) -> Vec<Site> {
    let (file, slot) = (&from.file, from.slot());
    let mut found = Vec::new();
    for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
        let LinkTarget::Bound(other, target, how) = link.target else { continue };
        let kind = file.links.kind(&link);
        if link.source == slot && (other, target) == to && kinds.contains(kind) {
            found.push((span_of(file, position), kind, how));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(span, kind, how)| Site::new(&file.entry.path, span, kind, how)).collect()
}
