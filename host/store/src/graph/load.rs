//! Files read back in their canonical order, one after the other, and what is known of all of them.

use std::collections::{BTreeMap, BTreeSet};

use codestrata_core::Result;

use super::edges::EdgeReader;
use super::notes;
use super::storage::ImportedModule;
use super::view::{NodePlace, StoredFile, View};
use crate::model::{Edge, FileInfo, GraphMetadata, Node};
use crate::records::{FileEntry, time_of};
use crate::segment::{ImportView, ImportedView};

/// Files read together: enough to make round trips rare, few enough to keep memory small.
const FILES_PER_READ: usize = 256;

/// Compares edges in canonical order: source, kind, target, span, attributes.
pub(crate) fn edge_order(a: &Edge, b: &Edge) -> std::cmp::Ordering {
    let key = |edge: &Edge| serde_json::to_string(&edge.attributes).unwrap_or_default();
    (&a.source, &a.kind, &a.target, a.span)
        .cmp(&(&b.source, &b.kind, &b.target, b.span))
        .then_with(|| key(a).cmp(&key(b)))
}

/// One file with its nodes and edges in canonical order.
pub(crate) struct LoadedFile {
    pub(crate) info: FileInfo,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

/// The files of a repository, one after the other in the order of their paths.
pub(crate) struct FileReader<'v, 'e> {
    view: &'v View<'e>,
    edges: EdgeReader<'v, 'e>,
    waiting: Vec<(u32, FileEntry)>,
    at_hand: Vec<StoredFile>,
}

impl<'v, 'e> FileReader<'v, 'e> {
    pub(crate) async fn new(view: &'v View<'e>) -> Result<Self> {
        let mut waiting = view.all_entries().await?;
        waiting.sort_by(|a, b| b.1.path.cmp(&a.1.path));
        Ok(Self { view, edges: EdgeReader::new(view), waiting, at_hand: Vec::new() })
    }

    /// The next file, or none after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<LoadedFile>> {
        if self.at_hand.is_empty() {
            let rest = self.waiting.len().saturating_sub(FILES_PER_READ);
            let mut entries = self.waiting.split_off(rest);
            entries.reverse();
            self.at_hand = self.view.files_of(entries).await?;
            self.at_hand.reverse();
        }
        let Some(file) = self.at_hand.pop() else { return Ok(None) };
        let mut edges = self.edges.edges(&file, |_, _| true).await?;
        edges.sort_by(edge_order);
        Ok(Some(LoadedFile { info: file_info(&file.entry), nodes: nodes_of(self.view, &file).await?, edges }))
    }
}

/// What files import, by path.
pub(super) async fn imported_modules(
    view: &View<'_>,
    paths: &[String],
) -> Result<BTreeMap<String, Vec<ImportedModule>>> {
    let mut imported = BTreeMap::new();
    for paths in paths.chunks(FILES_PER_READ) {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let files: Vec<_> = view.ordinals(&paths).await?.into_iter().flatten().collect();
        let entries = view.entries(&files).await?;
        for file in view.segments_only(entries).await? {
            let segment = &file.segment;
            let modules: BTreeSet<ImportedModule> =
                (0..segment.import_count()).map(|import| imported_module(&segment.import(import))).collect();
            imported.insert(segment.path().to_owned(), modules.into_iter().collect());
        }
    }
    Ok(imported)
}

fn imported_module(import: &ImportView<'_>) -> ImportedModule {
    let name = match import.name {
        ImportedView::Name(name) => Some(name.to_owned()),
        ImportedView::Module | ImportedView::Star => None,
    };
    ImportedModule { module: import.module.to_owned(), name }
}

/// The nodes of a file, sorted by id, with the notes of other analysers.
pub(super) async fn nodes_of(view: &View<'_>, file: &StoredFile) -> Result<Vec<Node>> {
    let mut notes = notes::of_file(view, file.ordinal).await?;
    Ok((0..file.segment.node_count())
        .map(|row| {
            let mut node = file.segment.node(row, &file.entry.path);
            if let Some(noted) = notes.remove(&file.links.slots().slot(row)) {
                node.attributes.extend(noted);
            }
            node
        })
        .collect())
}

/// One node, with the notes of other analysers.
pub(crate) async fn node_with_notes(view: &View<'_>, place: &NodePlace) -> Result<Node> {
    let mut node = place.file.segment.node(place.row, &place.file.entry.path);
    let mut notes = notes::of_file(view, place.file.ordinal).await?;
    node.attributes.extend(notes.remove(&place.slot()).unwrap_or_default());
    Ok(node)
}

pub(crate) fn file_info(entry: &FileEntry) -> FileInfo {
    FileInfo {
        path: entry.path.to_string(),
        hash: entry.hash.clone(),
        nodes: entry.counts.nodes,
        edges: entry.counts.edges,
    }
}

/// Facts about the repository of a view.
pub(super) async fn metadata(view: &View<'_>) -> Result<GraphMetadata> {
    let entries = view.all_entries().await?;
    let file_hashes = entries.into_iter().map(|(_, entry)| (entry.path.into(), entry.hash)).collect();
    Ok(GraphMetadata { file_hashes, ..overview(view) })
}

/// The same without the hashes of the files, which are what costs.
pub(crate) fn overview(view: &View<'_>) -> GraphMetadata {
    let head = &view.head;
    GraphMetadata {
        repo_id: head.repo_id.clone(),
        version: head.version,
        created: Some(time_of(head.created_ms)),
        last_updated: Some(time_of(head.updated_ms)),
        root: head.root.clone(),
        extractor: head.extractor.clone(),
        attributes: head.parsed_attributes(),
        file_hashes: BTreeMap::new(),
        totals: head.totals,
        schema_version: head.schema,
    }
}
