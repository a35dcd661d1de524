//! Walking step by step, with what the store has of the nodes of each step.
//!
//! Who asks once in a new process need not wait for the neighbour lists of the whole graph, and a graph whose lists have
//! no room in the cache is walked so whatever is asked. What is read for a step goes through the cache like anything
//! else. The answers are those of the lists: nodes are in the same order, and of several ways the same one is chosen.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use codestrata_core::Result;

use super::listings::Listings;
use super::traversal::{Direction, Traversal};
use super::walk::{Reached, Walk};
use crate::graph::{NodePlace, View};
use crate::keyspace::{self, FileOrd, Slot};
use crate::link::{Link, LinkRecord, LinkTarget, term};
use crate::model::{Resolution, Text};

/// Files whose records are read together.
const FILES_PER_READ: usize = 512;

/// A node, as links name it.
type Place = (FileOrd, Slot);

/// A node, in the order in which nodes are answered: by the paths of their files, and in a file by id.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    path: Text,
    pub(super) row: u32,
    pub(super) file: FileOrd,
    slot: Slot,
}

impl Spot {
    pub(super) fn of(place: &NodePlace) -> Self {
        Self::in_row(place, place.row)
    }

    /// Another row of the same file.
    pub(super) fn in_row(place: &NodePlace, row: u32) -> Self {
        let file = &place.file;
        Self { path: file.entry.path.clone(), row, file: file.ordinal, slot: file.links.slots().slot(row) }
    }

    fn place(&self) -> Place {
        (self.file, self.slot)
    }
}

impl Ord for Spot {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.file == other.file {
            return self.row.cmp(&other.row);
        }
        keyspace::in_order_of_paths(&self.path, &other.path).then(self.file.cmp(&other.file))
    }
}

impl PartialOrd for Spot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Spot {}

/// How much may be looked at before the neighbour lists are worth being made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) nodes: usize,
    pub(super) files: usize,
}

/// Everything that can be reached from some nodes, as [`walk`](super::walk::walk) answers it; none if that is more than
/// the bounds allow.
///
/// Cost: for each step the link records of the files of its nodes, against the edges those of all files that refer to
/// them.
pub(super) async fn walk_stepwise(
    view: &View<'_>,
    starts: &[Spot],
    how: &Traversal,
    bounds: Bounds,
) -> Result<Option<Walk<Spot>>> {
    let mut steps = Steps { view, how, bounds, read: HashSet::new() };
    let mut seen: HashSet<Place> = starts.iter().map(Spot::place).collect();
    let start = |spot: &Spot| Reached { node: spot.clone(), weakest: None, via: spot.clone(), depth: 0 };
    let mut frontier: Vec<Reached<Spot>> = starts.iter().map(start).collect();
    let mut walk = Walk::default();
    for depth in 1..=how.depth.saturating_add(1) {
        let Some(mut edges) = steps.edges(&frontier).await? else { return Ok(None) };
        edges.retain(|(_, place, _)| !seen.contains(place));
        let places: BTreeSet<Place> = edges.iter().map(|(_, place, _)| *place).collect();
        if walk.reached.len() + places.len() > bounds.nodes {
            return Ok(None);
        }
        let Some(spots) = steps.spots(places).await? else { return Ok(None) };
        let mut next: BTreeMap<&Spot, Reached<Spot>> = BTreeMap::new();
        for (from, place, resolution) in &edges {
            let (Some(from), Some(spot)) = (frontier.get(*from), spots.get(place)) else { continue };
            let weakest = from.weakest.max(*resolution);
            let reached = Reached { node: spot.clone(), weakest, via: from.node.clone(), depth };
            match next.get_mut(spot) {
                Some(known) if *known <= reached => {}
                _ => drop(next.insert(spot, reached)),
            }
        }
        seen.extend(next.keys().map(|spot| spot.place()));
        frontier = next.into_values().collect();
        if !walk.step(depth, frontier.iter().cloned(), how) {
            break;
        }
    }
    Ok(Some(walk))
}

/// What is read for the steps of a walk.
struct Steps<'w, 'e> {
    view: &'w View<'e>,
    how: &'w Traversal,
    bounds: Bounds,
    /// The files whose link records were.
    read: HashSet<FileOrd>,
}

/// From which node of the step an edge leads on, to where, and how sure it is.
type Edge = (usize, Place, Option<Resolution>);

impl Steps<'_, '_> {
    /// The edges that lead on; none if more files would have to be read for them than may be.
    async fn edges(&mut self, frontier: &[Reached<Spot>]) -> Result<Option<Vec<Edge>>> {
        let mut edges = Vec::new();
        let mut is_within = true;
        if self.how.direction != Direction::Incoming {
            is_within = self.leaving(frontier, &mut edges).await?;
        }
        if is_within && self.how.direction != Direction::Outgoing {
            is_within = self.arriving(frontier, &mut edges).await?;
        }
        Ok(is_within.then_some(edges))
    }

    /// Notes files that are to be read, and says whether these are no more than may be.
    fn may_read(&mut self, files: &[FileOrd]) -> bool {
        self.read.extend(files);
        self.read.len() <= self.bounds.files
    }

    async fn leaving(&mut self, frontier: &[Reached<Spot>], edges: &mut Vec<Edge>) -> Result<bool> {
        let mut nodes_of: BTreeMap<FileOrd, Vec<usize>> = BTreeMap::new();
        for (position, reached) in frontier.iter().enumerate() {
            nodes_of.entry(reached.node.file).or_default().push(position);
        }
        let files: Vec<FileOrd> = nodes_of.keys().copied().collect();
        if !self.may_read(&files) {
            return Ok(false);
        }
        for files in files.chunks(FILES_PER_READ) {
            for (file, links) in self.view.links_of(files).await? {
                for position in nodes_of.get(&file).into_iter().flatten() {
                    let Some(from) = frontier.get(*position) else { continue };
                    let leaving = links.links_from(file, from.node.slot);
                    edges.extend(leaving.filter_map(|(_, link)| match link.target {
                        LinkTarget::Bound(other, slot, how) if self.is_wanted(&links, &link) => {
                            Some((*position, (other, slot), how))
                        }
                        _ => None,
                    }));
                }
            }
        }
        Ok(true)
    }

    async fn arriving(&mut self, frontier: &[Reached<Spot>], edges: &mut Vec<Edge>) -> Result<bool> {
        let row = |spot: &Spot| (spot.file, spot.row);
        let files = frontier.iter().map(|reached| row(&reached.node)).collect();
        let known = Listings::of(self.view, files).await?;
        // Few of the files that refer to a class call it.
        let are_calls = !self.how.kinds.has_other_than_calls();
        let term_of = |id: &str| if are_calls { term::calls_id(id) } else { term::asks_id(id) };
        let terms: Vec<_> =
            frontier.iter().map(|reached| term_of(known.id_text(row(&reached.node)))).collect();
        let mut nodes_of: BTreeMap<FileOrd, Vec<usize>> = BTreeMap::new();
        for ((position, reached), files) in frontier.iter().enumerate().zip(self.view.lookup(&terms).await?) {
            let own = (!files.contains(&reached.node.file)).then_some(reached.node.file);
            for file in files.iter().copied().chain(own) {
                nodes_of.entry(file).or_default().push(position);
            }
        }
        let files: Vec<FileOrd> = nodes_of.keys().copied().collect();
        if !self.may_read(&files) {
            return Ok(false);
        }
        for files in files.chunks(FILES_PER_READ) {
            for (file, links) in self.view.links_of(files).await? {
                for position in nodes_of.get(&file).into_iter().flatten() {
                    let Some(from) = frontier.get(*position) else { continue };
                    let arriving = links.links_to(file, from.node.place());
                    edges.extend(arriving.filter_map(|(_, link)| match link.target {
                        LinkTarget::Bound(_, _, how) if self.is_wanted(&links, &link) => {
                            Some((*position, (file, link.source), how))
                        }
                        _ => None,
                    }));
                }
            }
        }
        Ok(true)
    }

    fn is_wanted(&self, links: &LinkRecord, link: &Link) -> bool {
        self.how.kinds.has(links, link)
    }

    /// The nodes at some places; one that is not there is left out. None if that is more files than may be read.
    async fn spots(&mut self, places: BTreeSet<Place>) -> Result<Option<HashMap<Place, Spot>>> {
        let mut files: Vec<FileOrd> = places.iter().map(|(file, _)| *file).collect();
        files.dedup();
        if !self.may_read(&files) {
            return Ok(None);
        }
        let mut found = HashMap::with_capacity(places.len());
        for files in files.chunks(FILES_PER_READ) {
            let entries = self.view.entries(files).await?;
            for ((_, entry), (file, links)) in entries.iter().zip(self.view.links_of(files).await?) {
                let slots = links.slots();
                for (_, node) in places.range((file, 0)..=(file, Slot::MAX)) {
                    let Some(row) = slots.row(*node, slots.end()) else { continue };
                    let path = entry.path.clone();
                    found.insert((file, *node), Spot { path, row, file, slot: *node });
                }
            }
        }
        Ok(Some(found))
    }
}
