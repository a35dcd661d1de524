//! Our graph of a tree: its links by the places where they stand, and its nodes by name.

use std::collections::HashMap;
use std::path::Path;

use codestrata::model::{Edge, Graph, Node, Resolution, Text, edge_kind, node_kind};
use codestrata::{GraphStorage, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};

use crate::Problem;
use crate::places::Place;

/// The id of the repository in the store, which nobody sees.
const REPOSITORY: &str = "measured";

/// The names of what is run when an object is made. A class and its constructor are one target of a call.
const CONSTRUCTORS: [&str; 3] = ["__init__", "__new__", "constructor"];

/// One link of the graph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'g> {
    pub(crate) edge: &'g Edge,
    pub(crate) resolution: Resolution,
    /// The node that it leads to, as a position, if it leads to one.
    pub(crate) target: Option<usize>,
}

/// A graph, ready to be compared.
pub struct Ours {
    graph: Graph,
    nodes_by_id: HashMap<Text, usize>,
    /// The nodes of each file by name.
    nodes_by_name: HashMap<(Text, Text), Vec<usize>>,
    edges_by_file: HashMap<String, Vec<usize>>,
}

impl Ours {
    /// Indexes a tree into a store in memory, and loads what it holds.
    ///
    /// # Errors
    /// What the indexer and the store answer.
    pub fn index(root: &Path) -> Result<Self, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let graph = runtime.block_on(async {
            let storage = StorageManager::in_memory()?;
            let options = IndexOptions::new(REPOSITORY, root);
            index_repository(storage.graph(), &options, &Unobserved).await?;
            storage.graph().load_graph(REPOSITORY).await
        })?;
        let graph = graph.ok_or_else(|| format!("{}: nothing was indexed", root.display()))?;
        Ok(Self::of(graph))
    }

    /// A graph that is at hand.
    pub fn of(graph: Graph) -> Self {
        let mut nodes_by_id = HashMap::new();
        let mut nodes_by_name: HashMap<_, Vec<usize>> = HashMap::new();
        let mut files = HashMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            nodes_by_id.insert(node.id.clone(), at);
            nodes_by_name.entry((node.file.clone(), node.name.clone())).or_default().push(at);
            files.insert(node.id.as_str(), node.file.as_str());
        }
        let mut edges_by_file: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, edge) in graph.edges.iter().enumerate() {
            if let Some(file) = files.get(edge.source.as_str()) {
                edges_by_file.entry((*file).to_owned()).or_default().push(at);
            }
        }
        Self { graph, nodes_by_id, nodes_by_name, edges_by_file }
    }

    /// Whether the graph has the file.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.edges_by_file.contains_key(path)
            || self.nodes_by_id.contains_key(format!("{path}::<module>").as_str())
    }

    /// The links of a file, of kinds that are asked for, by place.
    pub(crate) fn links(&self, path: &str, is_wanted: fn(&str) -> bool) -> HashMap<Place, Vec<Link<'_>>> {
        let mut links: HashMap<Place, Vec<Link<'_>>> = HashMap::new();
        for edge in self.edges_by_file.get(path).into_iter().flatten() {
            let Some(edge) = self.graph.edges.get(*edge).filter(|edge| is_wanted(&edge.kind)) else {
                continue;
            };
            let (Some(span), Some(resolution)) = (edge.span, edge.resolution()) else { continue };
            let place = Place { start: span.start_byte, end: span.end_byte };
            let target = self.nodes_by_id.get(&edge.target).copied();
            links.entry(place).or_default().push(Link { edge, resolution, target });
        }
        links
    }

    /// A node by its position.
    pub(crate) fn node(&self, node: usize) -> Option<&Node> {
        self.graph.nodes.get(node)
    }

    /// The node whose name stands at a place: the innermost one of this name around it.
    ///
    /// A variable of a function may have the function's name, so a place that defines no function or type is never
    /// taken for one.
    pub(crate) fn defined_at(
        &self,
        path: &str,
        name: &str,
        place: Place,
        is_callable: bool,
    ) -> Option<usize> {
        let candidates = self.nodes_by_name.get(&(path.into(), name.into()))?;
        let around = candidates.iter().copied().filter_map(|at| Some((at, self.node(at)?)));
        around
            .filter(|(_, node)| span(node).contains(place))
            .filter(|(_, node)| is_callable || !can_be_called(&node.kind))
            .min_by_key(|(_, node)| node.span.end_byte - node.span.start_byte)
            .map(|(at, _)| at)
    }

    /// The variable whose name stands first in it at a place.
    pub(crate) fn named_at(&self, path: &str, text: &str, name: &str, place: Place) -> Option<usize> {
        let at = self.defined_at(path, name, place, false)?;
        let before = text.get(self.node(at)?.span.start_byte as usize..place.start as usize)?;
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        (!before.split(|letter| !is_part(letter)).any(|word| word == name)).then_some(at)
    }

    /// Whether two nodes are one target. A class and what is run to make an object of it are, and so are the
    /// definitions of one dotted name in one file, of which the truth may know the first only.
    pub(crate) fn is_same(&self, one: usize, other: usize) -> bool {
        one == other
            || self.is_repeat_of(one, other)
            || self.is_constructor_of(one, other)
            || self.is_constructor_of(other, one)
    }

    fn is_repeat_of(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.node(one), self.node(other)) else { return false };
        one.name == other.name
            && without_stub(&one.file) == without_stub(&other.file)
            && name_in_file(one) == name_in_file(other)
    }

    fn is_constructor_of(&self, function: usize, class: usize) -> bool {
        let (Some(function), Some(class)) = (self.node(function), self.node(class)) else { return false };
        CONSTRUCTORS.contains(&function.name.as_str())
            && node_kind::has_members(&class.kind)
            && function
                .id
                .strip_prefix(class.id.as_str())
                .is_some_and(|rest| without_repeats(rest).strip_prefix('.') == Some(function.name.as_str()))
    }
}

/// The dotted name of a node in its file, without the numbers of repeats.
fn name_in_file(node: &Node) -> String {
    without_repeats(node.id.strip_prefix(node.file.as_str()).unwrap_or(&node.id))
}

/// How sources of Python end; those of stubs have one letter more.
const SOURCE: &str = ".py";

/// The path of the source that a stub describes: `shop.py` of `shop.pyi`.
fn without_stub(path: &str) -> &str {
    path.strip_suffix('i').filter(|path| path.ends_with(SOURCE)).unwrap_or(path)
}

/// An id without the numbers of repeats: `#2`, `#3`.
fn without_repeats(id: &str) -> String {
    let mut parts = id.split('#');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if rest.len() == part.len() {
            // A private name of JavaScript, `#secret`.
            text.push('#');
        }
        text.push_str(rest);
    }
    text
}

fn span(node: &Node) -> Place {
    Place { start: node.span.start_byte, end: node.span.end_byte }
}

/// Whether a node of this kind is a function or a type, and not a value that may hold one.
pub(crate) fn can_be_called(kind: &str) -> bool {
    matches!(kind, node_kind::FUNCTION | node_kind::METHOD) || node_kind::has_members(kind)
}

/// Whether edges of a kind say what a class inherits from.
pub(crate) fn is_inheritance(kind: &str) -> bool {
    kind == edge_kind::INHERITS
}
