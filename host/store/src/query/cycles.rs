//! Files that depend on each other in a circle.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use codestrata_core::Result;

use super::answer::Answer;
use super::listings::describe;
use super::traversal::Cut;
use super::whole_graph::{CycleFilter, CycleStep, FileCycle};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::{StoredFile, View};
use crate::keyspace::FileOrd;
use crate::limits::MAX_CYCLE_FILES;
use crate::link::LinkTarget;
use crate::model::{Reference, Resolution, edge_kind};
use crate::segment::Segment;

/// Files read together.
const FILES_PER_READ: usize = 512;

/// A file, by its place in the order of paths.
type File = usize;

/// One edge that makes a file depend on another: source, target, kind.
type Example = (Ordinal, Ordinal, u32);

/// Why a file depends on another: the first import that says so, and the first other edge.
#[derive(Clone, Copy, Debug, Default)]
struct Dependency {
    import: Option<Example>,
    other: Option<Example>,
}

impl Dependency {
    fn example(&self) -> Option<Example> {
        self.import.into_iter().chain(self.other).min()
    }
}

/// For each file the others that it depends on.
type Graph = Vec<BTreeMap<File, Dependency>>;

pub(super) async fn cycles(
    view: &View<'_>,
    filter: &CycleFilter,
    limit: usize,
) -> Result<(Answer<FileCycle>, u64)> {
    let adjacency = Adjacency::of(view).await?;
    let mut graph = file_graph(&adjacency, filter);
    let mut cycles = circles(&graph);
    let mut left_out = 0;
    if !filter.late {
        // Only among files that are in a circle with them, late imports can make one.
        let candidates: BTreeSet<File> = cycles.iter().flatten().copied().collect();
        for (file, other) in late_pairs(view, &adjacency, &candidates).await? {
            let Some(others) = graph.get_mut(file) else { continue };
            let Some(dependency) = others.get_mut(&other) else { continue };
            left_out += u64::from(dependency.import.take().is_some());
            if dependency.other.is_none() {
                others.remove(&other);
            }
        }
        if left_out > 0 {
            cycles = circles(&graph);
        }
    }
    let mut answer = Answer::of(view);
    if cycles.len() > limit {
        cycles.truncate(limit);
        answer.cut(Cut::Results);
    }
    for files in cycles {
        answer.results.push(described(view, &adjacency, &graph, &files).await?);
    }
    Ok((answer, left_out))
}

/// The components of more than one file: the largest first, then by the path of the first file.
fn circles(graph: &Graph) -> Vec<Vec<File>> {
    let mut circles: Vec<Vec<File>> = components(graph).into_iter().filter(|files| files.len() > 1).collect();
    for files in &mut circles {
        files.sort_unstable();
    }
    circles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    circles
}

/// The files that depend on each other by what the filter lets through.
fn file_graph(adjacency: &Adjacency, filter: &CycleFilter) -> Graph {
    let numbering = adjacency.numbering();
    let wanted = numbering.kinds_wanted(|kind| filter.kinds.contains(kind));
    let imports = numbering.kinds_wanted(|kind| kind == edge_kind::IMPORTS);
    (0..numbering.file_count())
        .map(|file| {
            let mut others: BTreeMap<File, Dependency> = BTreeMap::new();
            let nodes = numbering.file_at(file).map_or(0..0, |(_, nodes)| nodes);
            for source in nodes.clone() {
                for edge in adjacency.outgoing(source) {
                    let is_sure = edge.resolution < Some(Resolution::UniqueName);
                    let is_wanted = wanted.get(edge.kind as usize) == Some(&true);
                    if nodes.contains(&edge.node) || !is_wanted || !(is_sure || filter.unsure) {
                        continue;
                    }
                    if let Some(other) = numbering.file_position(edge.node) {
                        let example = (source, edge.node, edge.kind);
                        let dependency = others.entry(other).or_default();
                        let is_import = imports.get(edge.kind as usize) == Some(&true);
                        let first = if is_import { &mut dependency.import } else { &mut dependency.other };
                        *first = Some(first.map_or(example, |first| first.min(example)));
                    }
                }
            }
            others
        })
        .collect()
}

/// The pairs of files of which the first imports the second, and only when a function runs or types are checked.
async fn late_pairs(
    view: &View<'_>,
    adjacency: &Adjacency,
    files: &BTreeSet<File>,
) -> Result<BTreeSet<(File, File)>> {
    let numbering = adjacency.numbering();
    let places: HashMap<FileOrd, File> =
        files.iter().filter_map(|file| Some((numbering.file_at(*file)?.0, *file))).collect();
    let mut ordinals: Vec<FileOrd> = places.keys().copied().collect();
    ordinals.sort_unstable();
    let mut pairs = BTreeSet::new();
    for some in ordinals.chunks(FILES_PER_READ) {
        for file in view.files(some).await? {
            let Some(own) = places.get(&file.ordinal) else { continue };
            let (mut early, mut late) = (BTreeSet::new(), BTreeSet::new());
            for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
                let LinkTarget::Bound(into, ..) = link.target else { continue };
                let Some(other) = places.get(&into) else { continue };
                if file.links.kind(&link) == edge_kind::IMPORTS {
                    let side = if is_late(&file.segment, position) { &mut late } else { &mut early };
                    side.insert((*own, *other));
                }
            }
            pairs.extend(late.difference(&early));
        }
    }
    Ok(pairs)
}

/// Whether a link is of an import that is not made when its file is loaded.
fn is_late(segment: &Segment, position: u32) -> bool {
    let attributes = match position.checked_sub(segment.reference_count()) {
        None => segment.reference_attributes(position),
        Some(edge) => segment.edge_attributes(edge),
    };
    attributes.contains_key(Reference::LATE)
}

/// The line on which an edge stands; of several the first, of those that are no late imports if there is one. None where
/// whoever stated the edge does not say it.
fn line_of(file: &StoredFile, adjacency: &Adjacency, (source, target, kind): Example) -> Option<u32> {
    let segment = &file.segment;
    let target = adjacency.place(target)?;
    let kind = adjacency.numbering().kind(kind);
    let lines = (0_u32..).zip(file.links.links(file.ordinal)).filter_map(|(position, link)| {
        let row = file.links.slots().row(link.source, segment.node_count())?;
        let LinkTarget::Bound(into, slot, _) = link.target else { return None };
        let is_same = adjacency.numbering().ordinal_of_row(file.ordinal, row) == Some(source)
            && (into, slot) == target
            && file.links.kind(&link) == kind;
        if !is_same {
            return None;
        }
        let span = match position.checked_sub(segment.reference_count()) {
            None => Some(segment.reference_span(position)),
            Some(edge) => segment.edge_span(edge),
        };
        Some((is_late(segment, position), span?.start_line))
    });
    lines.min().map(|(_, line)| line).filter(|line| *line > 0)
}

/// The strongly connected components, by Tarjan's algorithm (1972), without recursion.
fn components(graph: &Graph) -> Vec<Vec<File>> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; graph.len()];
    let mut low = vec![0; graph.len()];
    let mut on_stack = vec![false; graph.len()];
    let (mut stack, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..graph.len() {
        if index.get(root) != Some(&UNSEEN) {
            continue;
        }
        // Files that are under way, each with those that it depends on and that are still to be looked at.
        let mut waiting: Vec<(File, Vec<File>)> = Vec::new();
        let mut enter = Some(root);
        loop {
            if let Some(file) = enter.take() {
                set(&mut index, file, next);
                set(&mut low, file, next);
                set(&mut on_stack, file, true);
                next += 1;
                stack.push(file);
                let others = graph.get(file).map(|others| others.keys().rev().copied().collect());
                waiting.push((file, others.unwrap_or_default()));
            }
            let Some((file, others)) = waiting.last_mut() else { break };
            let file = *file;
            if let Some(other) = others.pop() {
                if at(&index, other) == UNSEEN {
                    enter = Some(other);
                } else if at(&on_stack, other) {
                    let lowest = at(&low, file).min(at(&index, other));
                    set(&mut low, file, lowest);
                }
                continue;
            }
            waiting.pop();
            if let Some((before, _)) = waiting.last() {
                let lowest = at(&low, *before).min(at(&low, file));
                set(&mut low, *before, lowest);
            }
            if at(&low, file) == at(&index, file) {
                let begin = stack.iter().rposition(|other| *other == file).unwrap_or(0);
                let component = stack.split_off(begin);
                for file in &component {
                    set(&mut on_stack, *file, false);
                }
                found.push(component);
            }
        }
    }
    found
}

fn at<T: Copy + Default>(list: &[T], place: usize) -> T {
    list.get(place).copied().unwrap_or_default()
}

fn set<T>(list: &mut [T], place: usize, value: T) {
    if let Some(cell) = list.get_mut(place) {
        *cell = value;
    }
}

/// A shortest circle through the first of the files; of several the one whose paths come first, compared step by step.
fn witness(graph: &Graph, files: &[File]) -> Vec<File> {
    let inside: BTreeSet<File> = files.iter().copied().collect();
    let Some(start) = files.first().copied() else { return Vec::new() };
    let mut before: BTreeMap<File, File> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for other in
            graph.get(file).into_iter().flat_map(BTreeMap::keys).filter(|other| inside.contains(other))
        {
            if *other == start {
                let mut circle = vec![file];
                while let Some(previous) = circle.last().and_then(|last| before.get(last)) {
                    circle.push(*previous);
                }
                circle.reverse();
                return circle;
            }
            if !before.contains_key(other) {
                before.insert(*other, file);
                waiting.push_back(*other);
            }
        }
    }
    Vec::new()
}

async fn described(
    view: &View<'_>,
    adjacency: &Adjacency,
    graph: &Graph,
    files: &[File],
) -> Result<FileCycle> {
    let inside: BTreeSet<File> = files.iter().copied().collect();
    let circle = witness(graph, files);
    let next = circle.iter().skip(1).chain(circle.first());
    let examples: Vec<Example> =
        circle.iter().zip(next).filter_map(|(file, next)| graph.get(*file)?.get(next)?.example()).collect();
    let named = examples.iter().flat_map(|(source, target, _)| [*source, *target]);
    let known = describe(view, adjacency, named).await?;
    let sources: Vec<FileOrd> =
        examples.iter().filter_map(|(source, ..)| Some(adjacency.place(*source)?.0)).collect();
    let read: HashMap<FileOrd, StoredFile> =
        view.files(&sources).await?.into_iter().map(|file| (file.ordinal, file)).collect();
    let step = |example: Example| {
        let (source, target, kind) = example;
        let stored = read.get(&adjacency.place(source)?.0)?;
        let (source, target) = (known.hit(source)?, known.hit(target)?);
        Some(CycleStep {
            file: source.file().to_string(),
            line: line_of(stored, adjacency, example),
            source,
            target,
            kind: adjacency.numbering().kind(kind).to_owned(),
        })
    };
    let listed: Vec<FileOrd> = files
        .iter()
        .take(MAX_CYCLE_FILES)
        .filter_map(|file| adjacency.numbering().file_at(*file).map(|(file, _)| file))
        .collect();
    let dependencies = files.iter().filter_map(|file| graph.get(*file)).flat_map(BTreeMap::keys);
    Ok(FileCycle {
        size: files.len() as u64,
        dependencies: dependencies.filter(|other| inside.contains(other)).count() as u64,
        files: view.entries(&listed).await?.into_iter().map(|(_, entry)| entry.path.to_string()).collect(),
        witness: examples.into_iter().filter_map(step).collect(),
    })
}
