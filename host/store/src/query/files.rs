//! Questions about files as wholes: what one defines, and which refer to which.

use std::collections::BTreeMap;

use codestrata_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::answer::{Answer, NodeHit};
use super::traversal::{Cut, EdgeKinds};
use crate::adjacency::Adjacency;
use crate::graph::{NodePlace, View};
use crate::keyspace::FileOrd;
use crate::model::Resolution;

/// How many references of one kind lead from one file to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileDependency {
    /// The path of the file that refers.
    pub source: String,
    /// The path of the file that is referred to; another one.
    pub target: String,
    /// The kind of the references.
    pub kind: String,
    /// How many there are.
    pub count: u64,
    /// How sure the surest of them is; none where its target was stated.
    pub resolution: Option<Resolution>,
}

/// The nodes of a file, in the order of their lines.
pub(super) async fn nodes_of_file(view: &View<'_>, path: &str, limit: usize) -> Result<Answer<NodeHit>> {
    let mut answer = Answer::of(view);
    let ordinals: Vec<FileOrd> = view.ordinals(&[path]).await?.into_iter().flatten().collect();
    let Some(file) = view.files(&ordinals).await?.into_iter().next() else {
        let message = format!("repository `{}` has no file `{path}`", view.head.repo_id);
        return Err(Error::new(ErrorKind::NotFound, message)
            .with_help("paths are relative to the root of the repository, with `/` between their parts"));
    };
    let rows = 0..file.segment.node_count();
    let mut nodes: Vec<(u32, NodeHit)> = rows
        .map(|row| (file.segment.span(row).start_byte, NodeHit::of(&NodePlace { file: file.clone(), row })))
        .collect();
    nodes.sort();
    if nodes.len() > limit {
        nodes.truncate(limit);
        answer.cut(Cut::Results);
    }
    answer.results = nodes.into_iter().map(|(_, node)| node).collect();
    Ok(answer)
}

/// Source, target and kind, as numbers.
type Key = (FileOrd, FileOrd, u32);

/// What refers to what in another file, summed up by files.
pub(super) async fn file_dependencies(
    view: &View<'_>,
    kinds: &EdgeKinds,
    limit: usize,
) -> Result<Answer<FileDependency>> {
    let adjacency = Adjacency::of(view).await?;
    let wanted = adjacency.numbering().kinds_wanted(|kind| kinds.contains(kind));
    let mut found: BTreeMap<Key, (Option<Resolution>, u64)> = BTreeMap::new();
    for node in 0..u32::try_from(adjacency.len()).unwrap_or(u32::MAX) {
        let Some((source, _)) = adjacency.place(node) else { continue };
        for edge in adjacency.outgoing(node).filter(|edge| wanted.get(edge.kind as usize) == Some(&true)) {
            let Some((target, _)) = adjacency.place(edge.node).filter(|(file, _)| *file != source) else {
                continue;
            };
            let (surest, count) = found.entry((source, target, edge.kind)).or_insert((edge.resolution, 0));
            *surest = (*surest).min(edge.resolution);
            *count += 1;
        }
    }
    let paths: BTreeMap<FileOrd, String> =
        view.all_entries().await?.into_iter().map(|(file, entry)| (file, entry.path.into())).collect();
    let path = |file: FileOrd| paths.get(&file).cloned().unwrap_or_default();
    let mut dependencies: Vec<FileDependency> = found
        .into_iter()
        .map(|((source, target, kind), (resolution, count))| FileDependency {
            source: path(source),
            target: path(target),
            kind: adjacency.numbering().kind(kind).to_owned(),
            count,
            resolution,
        })
        .collect();
    dependencies.sort_by(|a, b| (&a.source, &a.target, &a.kind).cmp(&(&b.source, &b.target, &b.kind)));
    let mut answer = Answer::of(view);
    if dependencies.len() > limit {
        dependencies.truncate(limit);
        answer.cut(Cut::Results);
    }
    answer.results = dependencies;
    Ok(answer)
}
