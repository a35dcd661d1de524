//! A whole graph read into owned structs, on all cores.
//!
//! It is read past the cache, because everything once would only push out what questions ask for again.
//! First every file's nodes are made, a few hundred files at a time while the next ones are read; then every file's edges,
//! which need the ids of the nodes in other files. An edge allocates nothing where it shares the texts of nodes.

use std::collections::HashMap;

use codestrata_core::{Bytes, Error, Key, Result};
use rayon::prelude::*;

use super::file_edges::Drafts;
use super::load::overview;
use super::notes::{self, NodeNotes};
use super::view::{View, damaged};
use crate::blocking::{begin_blocking, blocking};
use crate::codec::{content_name, is_segment_name};
use crate::keyspace::{self, FileOrd, Slot};
use crate::link::{LinkEdges, SlotTable};
use crate::model::{Edge, Graph, GraphMetadata, Node, Text};
use crate::records::FileEntry;
use crate::segment::Segment;

/// Files read together: enough to make round trips rare, few enough to begin with their nodes soon.
const FILES_PER_READ: usize = 256;

/// Files that one task takes: handing them out must not cost more than they do.
const FILES_PER_TASK: usize = 16;

/// A file whose nodes have been made.
pub(super) struct ReadFile {
    pub(super) ordinal: FileOrd,
    pub(super) segment: Segment,
    pub(super) links: LinkEdges,
}

/// The ids of the nodes of one file.
pub(super) struct FileIds {
    /// By row.
    ids: Vec<Text>,
    /// The slots with their rows, sorted; none where every slot is its row.
    moved: Option<Vec<(Slot, u32)>>,
}

impl FileIds {
    pub(super) fn new(ids: Vec<Text>, slots: &SlotTable) -> Self {
        let moved = slots.moved().map(|slots| {
            let mut rows: Vec<(Slot, u32)> = slots.iter().copied().zip(0..).collect();
            rows.sort_unstable();
            rows
        });
        Self { ids, moved }
    }

    pub(super) fn of_row(&self, row: u32) -> Option<&Text> {
        self.ids.get(row as usize)
    }

    pub(super) fn of_slot(&self, slot: Slot) -> Option<&Text> {
        let row = match &self.moved {
            None => slot,
            Some(rows) => {
                let place = rows.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
                rows.get(place)?.1
            }
        };
        self.of_row(row)
    }
}

/// The ids of all nodes.
type AllIds = HashMap<FileOrd, FileIds>;

/// A few hundred files as they are stored.
struct Batch {
    entries: Vec<(FileOrd, FileEntry)>,
    segments: Vec<Option<Bytes>>,
    links: Vec<Option<Bytes>>,
    notes: HashMap<FileOrd, NodeNotes>,
}

/// The whole graph of a view.
pub(super) async fn graph(view: &View<'_>) -> Result<Graph> {
    let mut entries = view.all_entries().await?;
    entries.sort_unstable_by(|a, b| a.1.path.cmp(&b.1.path));
    let file_hashes = entries.iter().map(|(_, entry)| (entry.path.to_string(), entry.hash.clone())).collect();
    let metadata = GraphMetadata { file_hashes, ..overview(view) };
    let mut noted = notes::of_all(view).await?;
    // What the head promises is checked by nobody here, so not too much is believed.
    let node_count = usize::try_from(view.head.totals.nodes).unwrap_or_default();
    let mut nodes = Vec::with_capacity(node_count.min(MOST_EXPECTED));
    let mut files = Vec::with_capacity(entries.len());
    let mut ids = AllIds::with_capacity(entries.len());
    let mut take = |read: Vec<(ReadFile, FileIds, Vec<Node>)>| {
        for (file, of_file, of_nodes) in read {
            ids.insert(file.ordinal, of_file);
            files.push(file);
            nodes.extend(of_nodes);
        }
    };
    let mut rest = entries.into_iter();
    let mut batch = read(view, rest.by_ref().take(FILES_PER_READ).collect(), &mut noted).await?;
    while !batch.entries.is_empty() {
        let repo_id = view.head.repo_id.clone();
        let making = begin_blocking(move || make_nodes(batch, &repo_id));
        batch = read(view, rest.by_ref().take(FILES_PER_READ).collect(), &mut noted).await?;
        take(making.await??);
    }
    let edges = blocking(move || make_edges(files, &ids)).await?;
    Ok(Graph { metadata, nodes, edges })
}

async fn read(
    view: &View<'_>,
    entries: Vec<(FileOrd, FileEntry)>,
    notes: &mut HashMap<FileOrd, NodeNotes>,
) -> Result<Batch> {
    let names = entries.iter().map(|(_, entry)| keyspace::segment(view.repo, entry.segment));
    let segments = view.get_all(&names.collect::<Result<Vec<Key>>>()?).await?;
    let names = entries.iter().map(|(file, _)| keyspace::links(view.head.space, *file));
    let links = view.get_all(&names.collect::<Result<Vec<Key>>>()?).await?;
    let notes = entries.iter().filter_map(|(file, _)| Some((*file, notes.remove(file)?))).collect();
    Ok(Batch { entries, segments, links, notes })
}

/// Decodes files, and makes their nodes.
fn make_nodes(batch: Batch, repo_id: &str) -> Result<Vec<(ReadFile, FileIds, Vec<Node>)>> {
    let Batch { entries, segments, links, notes } = batch;
    let records = entries.into_par_iter().zip(segments).zip(links).with_min_len(FILES_PER_TASK);
    let made = records.map(|(((ordinal, entry), segment), links)| {
        let file = ReadFile::decode(repo_id, ordinal, &entry, segment, links)?;
        let ids = FileIds::new(file.segment.ids(), file.links.slots());
        let mut nodes = file.segment.nodes(&ids.ids);
        if let Some(notes) = notes.get(&ordinal) {
            for (node, row) in nodes.iter_mut().zip(0..) {
                if let Some(noted) = notes.get(&file.links.slots().slot(row)) {
                    node.attributes.extend(noted.clone());
                }
            }
        }
        Ok((file, ids, nodes))
    });
    made.collect()
}

impl ReadFile {
    fn decode(
        repo_id: &str,
        ordinal: FileOrd,
        entry: &FileEntry,
        segment: Option<Bytes>,
        links: Option<Bytes>,
    ) -> Result<Self> {
        let wrong = |what: &str| -> Error { damaged(repo_id, what) };
        let segment = segment.ok_or_else(|| wrong("a segment is missing"))?;
        if !is_segment_name(entry.segment, &segment) {
            return Err(wrong("a segment does not have the content that it is named by"));
        }
        let links = links.ok_or_else(|| wrong(&format!("the links of `{}` are missing", entry.path)))?;
        if content_name(&links) != entry.links {
            return Err(wrong(&format!("the links of `{}` are not those of its entry", entry.path)));
        }
        Ok(Self { ordinal, segment: Segment::decode(&segment)?, links: LinkEdges::decode(&links)? })
    }
}

/// The edges of all files, in the order of the files.
fn make_edges(files: Vec<ReadFile>, ids: &AllIds) -> Vec<Edge> {
    let count = files.iter().map(|file| file.links.len()).sum();
    // Every task writes to where its edges stay: collecting them would take the memory of all of them twice.
    let mut edges = Vec::new();
    rayon::iter::repeat_n(Edge::new("", "", ""), count).collect_into_vec(&mut edges);
    let mut rest = edges.as_mut_slice();
    let mut tasks = Vec::with_capacity(files.len());
    for file in files {
        let (places, after) = std::mem::take(&mut rest).split_at_mut(file.links.len());
        rest = after;
        tasks.push((file, places));
    }
    let tasks = tasks.into_par_iter().with_min_len(FILES_PER_TASK);
    tasks.for_each_init(Drafts::default, |drafts, (file, places)| {
        if let Some(own) = ids.get(&file.ordinal) {
            drafts.write(&file, own, |other| ids.get(&other), places);
        }
    });
    edges
}

/// So many nodes are made room for before they have been read.
const MOST_EXPECTED: usize = 1 << 22;
