//! A whole graph read into owned structs, on all cores.
//!
//! It is read past the cache, because everything once would only push out what questions ask for again.
//! A few hundred files at a time are made nodes and edges of while the next ones are read, and are let go then. What an edge
//! says of a node in another file waits until all nodes are there. An edge allocates nothing where it shares the texts of
//! nodes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use codestrata_core::{Bytes, Error, Key, Result};
use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::file_edges::{Drafts, Waiting};
use super::load::overview;
use super::notes::{self, NodeNotes};
use super::view::{View, damaged};
use crate::blocking::{begin_blocking, blocking};
use crate::codec::{content_name, is_segment_name};
use crate::keyspace::{self, FileOrd, Slot};
use crate::link::{LinkEdges, SlotTable};
use crate::model::{Edge, Graph, GraphMetadata, Node, Span, Text, Totals};
use crate::records::FileEntry;
use crate::segment::Segment;

/// Files read together: enough to make round trips rare, few enough to begin with their nodes soon.
const FILES_PER_READ: usize = 256;

/// Files that one task takes: handing them out must not cost more than they do.
const FILES_PER_TASK: usize = 16;

/// So many nodes or edges are made room for before they have been read: what the head promises is checked by nobody here.
const MOST_EXPECTED: usize = 1 << 22;

/// Where the nodes of a file are.
pub(super) struct FileRows {
    /// Of the nodes, the first one of the file.
    first: usize,
    /// How many there are.
    rows: u32,
    /// The slots with their rows, sorted; none where every slot is its row.
    moved: Option<Vec<(Slot, u32)>>,
}

impl FileRows {
    fn new(first: usize, rows: u32, slots: &SlotTable) -> Self {
        let moved = slots.moved().map(|slots| {
            let mut rows: Vec<(Slot, u32)> = slots.iter().copied().zip(0..).collect();
            rows.sort_unstable();
            rows
        });
        Self { first, rows, moved }
    }

    /// The row of the node that goes by a slot.
    pub(super) fn row(&self, slot: Slot) -> Option<usize> {
        let row = match &self.moved {
            None => slot,
            Some(rows) => {
                let place = rows.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
                rows.get(place)?.1
            }
        };
        (row < self.rows).then_some(row as usize)
    }
}

/// Where the nodes of all files are.
type AllRows = HashMap<FileOrd, FileRows, RandomState>;

/// A file as it is stored.
struct Stored {
    ordinal: FileOrd,
    entry: FileEntry,
    segment: Bytes,
    links: Bytes,
    notes: NodeNotes,
}

/// What tasks use again, one after the other.
type Pool = Mutex<Vec<Drafts>>;

/// The whole graph of a view.
pub(super) async fn graph(view: &View<'_>) -> Result<Graph> {
    let mut entries = view.all_entries().await?;
    entries.sort_unstable_by(|a, b| a.1.path.cmp(&b.1.path));
    let file_hashes = entries.iter().map(|(_, entry)| (entry.path.to_string(), entry.hash.clone())).collect();
    let metadata = GraphMetadata { file_hashes, ..overview(view) };
    let mut noted = notes::of_all(view).await?;
    let mut all = All::with_capacity(&metadata, entries.len());
    let mut rest = entries.into_iter();
    let mut stored = read(view, rest.by_ref().take(FILES_PER_READ).collect(), &mut noted).await?;
    while !stored.is_empty() {
        let repo_id = view.head.repo_id.clone();
        let making = begin_blocking(move || all.add(&stored, &repo_id).map(|()| all));
        stored = read(view, rest.by_ref().take(FILES_PER_READ).collect(), &mut noted).await?;
        all = making.await??;
    }
    let (nodes, edges) = blocking(move || all.finish()).await?;
    Ok(Graph { metadata, nodes, edges })
}

async fn read(
    view: &View<'_>,
    entries: Vec<(FileOrd, FileEntry)>,
    notes: &mut HashMap<FileOrd, NodeNotes>,
) -> Result<Vec<Stored>> {
    let names = entries.iter().map(|(_, entry)| keyspace::segment(view.repo, entry.segment));
    let segments = view.get_all(&names.collect::<Result<Vec<Key>>>()?).await?;
    let names = entries.iter().map(|(file, _)| keyspace::links(view.head.space, *file));
    let links = view.get_all(&names.collect::<Result<Vec<Key>>>()?).await?;
    let records = entries.into_iter().zip(segments).zip(links);
    let stored = records.map(|(((ordinal, entry), segment), links)| {
        let notes = notes.remove(&ordinal).unwrap_or_default();
        let segment = segment.ok_or_else(|| view.damaged("a segment is missing"))?;
        let links =
            links.ok_or_else(|| view.damaged(&format!("the links of `{}` are missing", entry.path)))?;
        Ok(Stored { ordinal, entry, segment, links, notes })
    });
    stored.collect()
}

/// How many nodes and edges there are of a file, or of some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    nodes: usize,
    edges: usize,
}

impl Counts {
    fn sum(counts: &[Self]) -> Self {
        let sum = |count: fn(&Self) -> usize| counts.iter().map(count).sum();
        Self { nodes: sum(|counts| counts.nodes), edges: sum(|counts| counts.edges) }
    }
}

impl Stored {
    /// What the entry says, which is not believed beyond a byte for each node and each edge.
    fn counts(&self, repo_id: &str) -> Result<Counts> {
        let Totals { nodes, edges, .. } = self.entry.counts;
        let counts = Counts { nodes: figure(nodes), edges: figure(edges) };
        let is_likely = counts.nodes <= self.segment.len() && counts.edges <= self.links.len();
        is_likely.then_some(counts).ok_or_else(|| miscounted(repo_id))
    }

    fn decode(&self, repo_id: &str) -> Result<(Segment, LinkEdges)> {
        let wrong = |what: &str| -> Error { damaged(repo_id, what) };
        let entry = &self.entry;
        if !is_segment_name(entry.segment, &self.segment) {
            return Err(wrong("a segment does not have the content that it is named by"));
        }
        if content_name(&self.links) != entry.links {
            return Err(wrong(&format!("the links of `{}` are not those of its entry", entry.path)));
        }
        Ok((Segment::decode(&self.segment)?, LinkEdges::decode(&self.links)?))
    }
}

/// What all files came to so far. Every task writes to where its nodes and edges stay: to collect them would take the memory
/// of many of them twice.
struct All {
    nodes: Vec<Node>,
    rows: AllRows,
    edges: Vec<Edge>,
    /// What is left to be done of the edges, in their order.
    waiting: Vec<Waiting>,
    pool: Pool,
}

/// Some files, and where their nodes and edges stay.
struct Task<'a> {
    files: &'a [Stored],
    counts: &'a [Counts],
    /// How many nodes stand before these.
    first: usize,
    nodes: &'a mut [Node],
    edges: &'a mut [Edge],
}

/// Where the nodes of some files are, and what is left to be done of their edges.
type MadeFiles = (Vec<(FileOrd, FileRows)>, Waiting);

impl All {
    fn with_capacity(metadata: &GraphMetadata, files: usize) -> Self {
        let expected = |count: u64| figure(count).min(MOST_EXPECTED);
        Self {
            nodes: Vec::with_capacity(expected(metadata.totals.nodes)),
            rows: AllRows::with_capacity_and_hasher(files, RandomState::default()),
            edges: Vec::with_capacity(expected(metadata.totals.edges)),
            waiting: Vec::with_capacity(files.div_ceil(FILES_PER_TASK)),
            pool: Pool::default(),
        }
    }

    /// Decodes files, and makes their nodes and edges.
    fn add(&mut self, stored: &[Stored], repo_id: &str) -> Result<()> {
        let counts: Vec<Counts> = stored.iter().map(|file| file.counts(repo_id)).collect::<Result<_>>()?;
        let [mut first, edges] = [self.nodes.len(), self.edges.len()];
        let all = Counts::sum(&counts);
        let text = Text::default;
        self.nodes
            .resize_with(first + all.nodes, || Node::new(text(), text(), text(), text(), Span::default()));
        self.edges.resize_with(edges + all.edges, || Edge::new(text(), text(), text()));
        let mut nodes = self.nodes.get_mut(first..).unwrap_or_default();
        let mut edges = self.edges.get_mut(edges..).unwrap_or_default();
        let mut tasks = Vec::with_capacity(stored.len().div_ceil(FILES_PER_TASK));
        for (files, counts) in stored.chunks(FILES_PER_TASK).zip(counts.chunks(FILES_PER_TASK)) {
            let sum = Counts::sum(counts);
            let (nodes, edges) = (cut(&mut nodes, sum.nodes), cut(&mut edges, sum.edges));
            tasks.push(Task { files, counts, first, nodes, edges });
            first += sum.nodes;
        }
        let pool = &self.pool;
        let made: Result<Vec<MadeFiles>> = tasks
            .into_par_iter()
            .map(|task| {
                let lock = || pool.lock().unwrap_or_else(PoisonError::into_inner);
                let mut drafts = lock().pop().unwrap_or_default();
                let made = task.run(repo_id, &mut drafts);
                lock().push(drafts);
                made
            })
            .collect();
        for (rows, waiting) in made? {
            self.rows.extend(rows);
            self.waiting.push(waiting);
        }
        Ok(())
    }

    /// The nodes, and the edges with what waited for nodes of other files.
    fn finish(self) -> (Vec<Node>, Vec<Edge>) {
        let Self { nodes, rows, mut edges, waiting, .. } = self;
        let mut rest = edges.as_mut_slice();
        let tasks: Vec<_> =
            waiting.into_iter().map(|waiting| (cut(&mut rest, waiting.edges()), waiting)).collect();
        let id = |file, slot| {
            let rows = rows.get(&file)?;
            Some(&nodes.get(rows.first + rows.row(slot)?)?.id)
        };
        tasks.into_par_iter().for_each(|(edges, waiting)| waiting.finish(edges, id));
        (nodes, edges)
    }
}

impl Task<'_> {
    fn run(self, repo_id: &str, drafts: &mut Drafts) -> Result<MadeFiles> {
        let Self { files, counts, mut first, mut nodes, mut edges } = self;
        let mut all_rows = Vec::with_capacity(files.len());
        let mut waiting = Waiting::default();
        for (file, counts) in files.iter().zip(counts) {
            let (segment, links) = file.decode(repo_id)?;
            let rows = FileRows::new(first, segment.node_count(), links.slots());
            if *counts != (Counts { nodes: segment.node_count() as usize, edges: links.len() }) {
                return Err(miscounted(repo_id));
            }
            let nodes = cut(&mut nodes, counts.nodes);
            segment.write_nodes(nodes, &mut drafts.sets);
            drafts.write(
                (&segment, &links, file.ordinal),
                (&rows, nodes),
                cut(&mut edges, counts.edges),
                &mut waiting,
            );
            if !file.notes.is_empty() {
                for (node, row) in nodes.iter_mut().zip(0..) {
                    let noted = file.notes.get(&links.slots().slot(row)).cloned();
                    node.attributes.extend(noted.unwrap_or_default());
                }
            }
            first += counts.nodes;
            all_rows.push((file.ordinal, rows));
        }
        Ok((all_rows, waiting))
    }
}

/// Takes so many off the beginning.
#[expect(clippy::mut_mut, reason = "what is left is a slice of what was")]
pub(super) fn cut<'a, T>(rest: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let all = std::mem::take(rest);
    let (some, after) = all.split_at_mut(count.min(all.len()));
    *rest = after;
    some
}

/// A count of what is in memory.
fn figure(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn miscounted(repo_id: &str) -> Error {
    damaged(repo_id, "a file has more or less than its entry says")
}

#[cfg(test)]
mod tests {
    use codestrata_core::ErrorKind;

    use super::*;

    #[test]
    fn an_entry_is_not_believed_that_says_more_than_its_records_could() {
        let counts = |nodes, edges| {
            let totals = Totals { nodes, edges, ..Totals::default() };
            let entry =
                FileEntry { path: "a.py".into(), hash: String::new(), segment: 0, links: 0, counts: totals };
            let (segment, links) = (Bytes::from_static(&[0; 9]), Bytes::from_static(&[0; 5]));
            Stored { ordinal: 0, entry, segment, links, notes: NodeNotes::new() }.counts("r")
        };
        assert_eq!(counts(9, 5).unwrap(), Counts { nodes: 9, edges: 5 });
        for (nodes, edges) in [(10, 5), (9, 6), (u64::MAX, 0), (0, u64::MAX)] {
            assert_eq!(counts(nodes, edges).unwrap_err().kind(), ErrorKind::Corruption);
        }
    }

    #[test]
    fn what_is_cut_off_and_what_is_left_are_all() {
        let mut numbers = [1, 2, 3, 4, 5];
        let mut rest = numbers.as_mut_slice();
        assert_eq!(cut(&mut rest, 2), [1, 2]);
        assert!(cut(&mut rest, 0).is_empty());
        assert_eq!(cut(&mut rest, 9), [3, 4, 5]);
        assert!(cut(&mut rest, 1).is_empty());
    }
}
