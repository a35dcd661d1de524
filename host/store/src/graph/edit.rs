//! Changes of single nodes and edges, turned into changes of the files that own them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use codestrata_core::{Error, ErrorKind, Result};

use super::storage::FileChanges;
use super::view::{StoredFile, View};
use crate::keyspace::FileOrd;
use crate::link::term;
use crate::model::{Edge, EdgeSelector, ExportTarget, FileFacts, Node, Root, Target};
use crate::segment::PreparedFile;

/// A change that is not given as files.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit<'a> {
    UpdateNodes(&'a [Node]),
    UpdateEdges(&'a [Edge]),
    DeleteNodes(&'a [String]),
    DeleteEdges(&'a [EdgeSelector]),
    RemoveFile(&'a str),
}

/// The files that an edit changes, as they will be.
pub(super) async fn file_changes(view: &View<'_>, edit: Edit<'_>) -> Result<FileChanges> {
    let mut files = EditedFiles { view, files: BTreeMap::new() };
    match edit {
        Edit::RemoveFile(path) => {
            if view.file_at(path).await?.is_none() {
                return Err(not_found(view, &format!("file `{path}`")));
            }
            return Ok(FileChanges { removed: vec![path.to_owned()], ..FileChanges::default() });
        }
        Edit::UpdateNodes(nodes) => files.update_nodes(nodes).await?,
        Edit::UpdateEdges(edges) => files.update_edges(edges).await?,
        Edit::DeleteNodes(ids) => files.delete_nodes(ids).await?,
        Edit::DeleteEdges(selectors) => files.delete_edges(selectors).await?,
    }
    let replaced: Result<Vec<PreparedFile>> = files.files.values().map(PreparedFile::new).collect();
    Ok(FileChanges { replaced: replaced?, ..FileChanges::default() })
}

fn not_found(view: &View<'_>, what: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("repository `{}` has no {what}", view.head.repo_id))
}

struct EditedFiles<'v, 'e> {
    view: &'v View<'e>,
    files: BTreeMap<String, FileFacts>,
}

impl EditedFiles<'_, '_> {
    /// The facts of a file, to be changed; a new one if the path is not stored.
    async fn file(&mut self, path: &str) -> Result<&mut FileFacts> {
        if !self.files.contains_key(path) {
            let facts = match self.view.file_at(path).await? {
                Some(file) => file.segment.to_facts(&file.entry.hash),
                None => FileFacts { path: path.to_owned(), ..FileFacts::default() },
            };
            self.files.insert(path.to_owned(), facts);
        }
        Ok(self.files.entry(path.to_owned()).or_default())
    }

    fn open(&mut self, file: &StoredFile) -> &mut FileFacts {
        self.files
            .entry(file.entry.path.to_string())
            .or_insert_with(|| file.segment.to_facts(&file.entry.hash))
    }

    async fn update_nodes(&mut self, nodes: &[Node]) -> Result<()> {
        let ids: Vec<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
        let stored = self.view.nodes(&ids).await?;
        for node in nodes {
            if let Some(place) = stored.get(node.id.as_str())
                && place.file.entry.path != node.file
            {
                // The node moves to another file, and the stated edges that start at it with it.
                let facts = self.open(&place.file);
                let moved: Vec<Edge> = facts.edges.extract_if(.., |edge| edge.source == node.id).collect();
                remove_nodes(facts, &BTreeSet::from([node.id.as_str()]));
                self.file(&node.file).await?.edges.extend(moved);
            }
            let facts = self.file(&node.file).await?;
            match facts.nodes.iter_mut().find(|other| other.id == node.id) {
                Some(place) => *place = node.clone(),
                None => facts.nodes.push(node.clone()),
            }
        }
        Ok(())
    }

    async fn update_edges(&mut self, edges: &[Edge]) -> Result<()> {
        let sources: Vec<&str> = edges.iter().map(|edge| edge.source.as_str()).collect();
        let stored = self.view.nodes(&sources).await?;
        for edge in edges {
            let Some(place) = stored.get(edge.source.as_str()) else {
                let what = format!(
                    "node `{}`, at which the edge -{}-> `{}` would start",
                    edge.source, edge.kind, edge.target
                );
                return Err(not_found(self.view, &what));
            };
            let facts = self.open(&place.file);
            let selector = EdgeSelector::from(edge);
            facts.edges.retain(|other| !(selector.matches(other) && other.span == edge.span));
            facts.edges.push(edge.clone());
        }
        Ok(())
    }

    async fn delete_nodes(&mut self, ids: &[String]) -> Result<()> {
        let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
        let stored = self.view.nodes(&wanted).await?;
        if let Some(missing) = ids.iter().find(|id| !stored.contains_key(*id)) {
            return Err(not_found(self.view, &format!("node `{missing}`")));
        }
        let gone: BTreeSet<&str> = wanted.iter().copied().collect();
        for place in stored.values() {
            self.open(&place.file);
        }
        // Files with stated edges to the nodes; those that only refer to them by name are linked again.
        let terms: Vec<u32> = ids.iter().map(|id| term::asks_id(id)).collect();
        let mut others: Vec<FileOrd> = self.view.lookup(&terms).await?.concat();
        others.sort_unstable();
        others.dedup();
        for file in self.view.files(&others).await? {
            let points_there = |edge: u32| gone.contains(file.segment.edge_target(edge));
            if (0..file.segment.edge_count()).any(points_there) {
                self.open(&file);
            }
        }
        for facts in self.files.values_mut() {
            facts
                .edges
                .retain(|edge| !gone.contains(edge.source.as_str()) && !gone.contains(edge.target.as_str()));
            remove_nodes(facts, &gone);
        }
        Ok(())
    }

    async fn delete_edges(&mut self, selectors: &[EdgeSelector]) -> Result<()> {
        let sources: Vec<&str> = selectors.iter().map(|selector| selector.source.as_str()).collect();
        let stored = self.view.nodes(&sources).await?;
        for selector in selectors {
            let missing = || {
                let what =
                    format!("stated edge `{}` -{}-> `{}`", selector.source, selector.kind, selector.target);
                not_found(self.view, &what)
            };
            let place = stored.get(selector.source.as_str()).ok_or_else(missing)?;
            let edges = &mut self.open(&place.file).edges;
            let before = edges.len();
            edges.retain(|edge| !selector.matches(edge));
            if edges.len() == before {
                let what =
                    format!("stated edge `{}` -{}-> `{}`", selector.source, selector.kind, selector.target);
                return Err(not_found(self.view, &what));
            }
        }
        Ok(())
    }
}

/// Removes nodes from facts, with everything that stands in them or exports them; positions move up.
fn remove_nodes(facts: &mut FileFacts, gone: &BTreeSet<&str>) {
    let mut moved: Vec<Option<u32>> = Vec::with_capacity(facts.nodes.len());
    let mut next = 0;
    for node in &facts.nodes {
        let stays = !gone.contains(node.id.as_str());
        moved.push(stays.then_some(next));
        next += u32::from(stays);
    }
    let moved = |position: u32| moved.get(position as usize).copied().flatten();
    let names: HashMap<u32, String> =
        (0..).zip(&facts.nodes).map(|(position, node)| (position, node.name.to_string())).collect();
    // What pointed to a node that is gone still says its name.
    let renamed = |target: &mut Target| {
        let name = |position: u32| names.get(&position).cloned().unwrap_or_default();
        match target {
            Target::Node(position) => match moved(*position) {
                Some(now) => *position = now,
                None => *target = Target::Path(Root::Free(name(*position)), Vec::new()),
            },
            Target::Path(root, _) => match root {
                Root::Node(position)
                | Root::Super(position)
                | Root::Within(position)
                | Root::Receiver(position) => match moved(*position) {
                    Some(now) => *position = now,
                    None => *root = Root::Free(name(*position)),
                },
                Root::Import(_) | Root::Free(_) => {}
            },
            Target::Member(_) | Target::Local(_) => {}
        }
    };
    facts.references.retain_mut(|reference| {
        let Some(source) = moved(reference.source) else { return false };
        reference.source = source;
        renamed(&mut reference.target);
        true
    });
    facts.values.retain_mut(|value| {
        let Some(node) = moved(value.node) else { return false };
        value.node = node;
        renamed(&mut value.target);
        true
    });
    facts.exports.retain_mut(|export| match &mut export.target {
        ExportTarget::Node(position) => match moved(*position) {
            Some(now) => {
                *position = now;
                true
            }
            None => false,
        },
        ExportTarget::Import(_) => true,
    });
    facts.nodes.retain(|node| !gone.contains(node.id.as_str()));
}
