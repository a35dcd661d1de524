//! A whole graph as files: what is stated of each, borrowed, and prepared on all cores.
//!
//! A graph takes some hundred bytes for each of its elements, so that copying it to another thread would cost more than
//! all that is done here. It is done where the call is made, in steps of some milliseconds, and others get a turn after each.

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::task::Poll;

use codestrata_core::{Error, ErrorKind, Result};
use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::{Edge, Graph, Node};
use crate::segment::PreparedFile;

/// So many nodes or edges are sorted into their files in one step.
const ELEMENTS_PER_STEP: usize = 1 << 16;

/// So many edges are prepared in one step, or one file.
const PREPARED_PER_STEP: usize = 1 << 14;

/// What is stated of one file.
struct Stated<'a> {
    path: &'a str,
    hash: &'a str,
    nodes: Vec<&'a Node>,
    edges: Vec<&'a Edge>,
}

/// The files of a graph, by path, and the positions of those of its nodes.
struct Files<'a> {
    all: Vec<Stated<'a>>,
    by_path: HashMap<&'a str, usize, RandomState>,
    of_node: HashMap<&'a str, usize, RandomState>,
}

impl<'a> Files<'a> {
    fn of(file_hashes: &'a BTreeMap<String, String>) -> Self {
        let by_path = HashMap::default();
        let mut files = Self { all: Vec::new(), by_path, of_node: HashMap::default() };
        for (path, hash) in file_hashes {
            files.file(path, hash);
        }
        files
    }

    fn file(&mut self, path: &'a str, hash: &'a str) -> usize {
        let next = self.all.len();
        let position = *self.by_path.entry(path).or_insert(next);
        if position == next {
            self.all.push(Stated { path, hash, nodes: Vec::new(), edges: Vec::new() });
        }
        position
    }

    /// Adds nodes. Most come file by file.
    fn add_nodes(&mut self, nodes: &'a [Node]) {
        for of_one in nodes.chunk_by(|node, next| node.file == next.file) {
            let Some(first) = of_one.first() else { continue };
            // Files with a hash are there by now.
            let position = self.file(&first.file, "");
            self.of_node.extend(of_one.iter().map(|node| (node.id.as_str(), position)));
            if let Some(file) = self.all.get_mut(position) {
                file.nodes.extend(of_one);
            }
        }
    }

    /// Adds edges. Most come source by source.
    fn add_edges(&mut self, edges: &'a [Edge]) -> Result<()> {
        for of_one in edges.chunk_by(|edge, next| edge.source == next.source) {
            let Some(first) = of_one.first() else { continue };
            let file = self.of_node.get(first.source.as_str()).and_then(|file| self.all.get_mut(*file));
            file.ok_or_else(|| without_source(first))?.edges.extend(of_one);
        }
        Ok(())
    }
}

/// The files of a whole graph, prepared.
///
/// # Errors
/// `InvalidArgument` for an edge whose source is not among the nodes, and as [`PreparedFile::new`].
pub(super) async fn files_of_graph(graph: &Graph) -> Result<Vec<PreparedFile>> {
    let mut files = Files::of(&graph.metadata.file_hashes);
    files.of_node.reserve(graph.nodes.len());
    for nodes in graph.nodes.chunks(ELEMENTS_PER_STEP) {
        files.add_nodes(nodes);
        others().await;
    }
    for edges in graph.edges.chunks(ELEMENTS_PER_STEP) {
        files.add_edges(edges)?;
        others().await;
    }
    let mut rest = files.all;
    rest.sort_unstable_by_key(|file| file.path);
    let mut prepared = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let step: Vec<Stated<'_>> = rest.drain(..files_of_step(&rest)).collect();
        let step: Result<Vec<PreparedFile>> = step
            .into_par_iter()
            .map(|Stated { path, hash, nodes, edges }| PreparedFile::stated(path, hash, nodes, edges))
            .collect();
        prepared.extend(step?);
        others().await;
    }
    Ok(prepared)
}

/// How many of the first files are prepared in one step: at least one.
fn files_of_step(files: &[Stated<'_>]) -> usize {
    let mut elements = 0;
    let fit = files.iter().take_while(|file| {
        elements += file.nodes.len() + file.edges.len() + 1;
        elements <= PREPARED_PER_STEP
    });
    fit.count().max(1)
}

/// Lets other work of the executor go on.
async fn others() {
    let mut had_a_turn = false;
    poll_fn(|context| {
        if std::mem::replace(&mut had_a_turn, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn without_source(edge: &Edge) -> Error {
    let Edge { source, kind, target, .. } = edge;
    Error::new(
        ErrorKind::InvalidArgument,
        format!("the edge `{source}` -{kind}-> `{target}` starts at a node that is not there"),
    )
    .with_help("add the source to the nodes of the graph")
}
