//! Files that depend on each other in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use codestrata_core::Result;

use super::answer::Answer;
use super::traversal::Cut;
use super::walk::describe;
use super::whole_graph::{CycleFilter, CycleStep, FileCycle};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::View;
use crate::keyspace::FileOrd;
use crate::limits::MAX_CYCLE_FILES;
use crate::model::Resolution;

/// A file, by its place in the order of paths.
type File = usize;

/// One edge that makes a file depend on another: source, target, kind.
type Example = (Ordinal, Ordinal, u32);

pub(super) async fn cycles(view: &View<'_>, filter: &CycleFilter, limit: usize) -> Result<Answer<FileCycle>> {
    let adjacency = Adjacency::of(view).await?;
    let graph = file_graph(&adjacency, filter);
    let mut cycles: Vec<Vec<File>> = components(&graph).into_iter().filter(|files| files.len() > 1).collect();
    // The largest first, then by the path of the first file.
    for files in &mut cycles {
        files.sort_unstable();
    }
    cycles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut answer = Answer::of(view);
    if cycles.len() > limit {
        cycles.truncate(limit);
        answer.cut(Cut::Results);
    }
    for files in cycles {
        answer.results.push(described(view, &adjacency, &graph, &files).await?);
    }
    Ok(answer)
}

/// For each file the others that it depends on, each with the first edge that says so.
fn file_graph(adjacency: &Adjacency, filter: &CycleFilter) -> Vec<BTreeMap<File, Example>> {
    let numbering = adjacency.numbering();
    let wanted = numbering.kinds_wanted(|kind| filter.kinds.contains(kind));
    (0..numbering.file_count())
        .map(|file| {
            let mut others = BTreeMap::new();
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
                        let first = others.entry(other).or_insert(example);
                        *first = example.min(*first);
                    }
                }
            }
            others
        })
        .collect()
}

/// The strongly connected components, by Tarjan's algorithm (1972), without recursion.
fn components(graph: &[BTreeMap<File, Example>]) -> Vec<Vec<File>> {
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
fn witness(graph: &[BTreeMap<File, Example>], files: &[File]) -> Vec<File> {
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
    graph: &[BTreeMap<File, Example>],
    files: &[File],
) -> Result<FileCycle> {
    let inside: BTreeSet<File> = files.iter().copied().collect();
    let circle = witness(graph, files);
    let next = circle.iter().skip(1).chain(circle.first());
    let examples: Vec<Example> =
        circle.iter().zip(next).filter_map(|(file, next)| graph.get(*file)?.get(next).copied()).collect();
    let named = examples.iter().flat_map(|(source, target, _)| [*source, *target]);
    let known = describe(view, adjacency, named).await?;
    let step = |(source, target, kind): Example| {
        let (source, target) = (known.hit(source)?, known.hit(target)?);
        Some(CycleStep {
            file: source.file.clone(),
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
        files: view.entries(&listed).await?.into_iter().map(|(_, entry)| entry.path.clone()).collect(),
        witness: examples.into_iter().filter_map(step).collect(),
    })
}
