//! The graph that is measured: facts of files, and the same as a graph.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use codestrata::{Edge, FileFacts, Graph, GraphStorage, Node, PreparedFile, StorageManager, jsonl};
use codestrata_index::{Sources, extract, sources};
use codestrata_measure::Edit;
use rayon::prelude::*;

use crate::Outcome;
use crate::ours::REPOSITORY;
use crate::runtime::runtime;

/// A graph as every contender gets it.
#[derive(Debug)]
pub struct Input {
    /// What it is called in tables.
    pub name: String,
    /// The folder that it was read from, if it was.
    pub tree: Option<PathBuf>,
    /// What each file says, links not made: what an indexer gives to codestrata.
    pub facts: Vec<FileFacts>,
    /// The same with links: what everybody else gets.
    pub graph: Graph,
}

/// One version of one file, in both forms.
#[derive(Clone, Debug)]
pub struct Version {
    /// For codestrata.
    pub facts: FileFacts,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// The edges that start at them.
    pub edges: Vec<Edge>,
}

impl Input {
    /// The sources of a folder.
    ///
    /// # Errors
    /// If there are none, if the folder is a Python package itself (imports would lead out of it), and what a store in
    /// memory answers.
    pub fn of_tree(root: &Path) -> Outcome<Self> {
        if root.join("__init__.py").is_file() {
            return Err(format!(
                "{} is a Python package itself: name the folder that it lies in",
                root.display()
            )
            .into());
        }
        let Sources { files, .. } = sources(root);
        let read = |file: &codestrata_index::SourceFile| {
            let bytes = std::fs::read(root.join(&file.path)).ok()?;
            extract(&file.path, &bytes, file.language).ok().map(|extraction| extraction.facts)
        };
        let facts: Vec<FileFacts> = files.par_iter().filter_map(read).collect();
        if facts.is_empty() {
            return Err(format!("{} has no sources that could be read", root.display()).into());
        }
        let mut input = Self::of_facts(name_of(root), facts)?;
        input.tree = Some(root.to_owned());
        Ok(input)
    }

    /// A graph as JSON Lines.
    ///
    /// # Errors
    /// What is wrong with the file, with the line.
    pub fn of_file(path: &Path) -> Outcome<Self> {
        let imported = jsonl::read_graph(&mut BufReader::new(File::open(path)?))?;
        let storage = StorageManager::in_memory()?;
        let graph = runtime()?.block_on(async {
            imported.store(storage.graph(), REPOSITORY).await?;
            storage.graph().load_graph(REPOSITORY).await
        })?;
        let graph = graph.ok_or("the graph is gone")?;
        let facts = facts_of(&graph);
        Ok(Self { name: name_of(path), tree: None, facts, graph })
    }

    /// What some facts amount to once they are linked.
    ///
    /// # Errors
    /// What a store in memory answers.
    pub fn of_facts(name: String, facts: Vec<FileFacts>) -> Outcome<Self> {
        let storage = StorageManager::in_memory()?;
        let changes = codestrata::FileChanges { replaced: prepared(&facts)?, ..Default::default() };
        let graph = runtime()?.block_on(async {
            storage.graph().update_files(REPOSITORY, changes).await?;
            storage.graph().load_graph(REPOSITORY).await
        })?;
        Ok(Self { name, tree: None, facts, graph: graph.ok_or("the graph is gone")? })
    }

    /// Nodes and edges together.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.graph.nodes.len() + self.graph.edges.len()
    }

    /// So many files in both forms, those whose nodes and edges are nearest in number to `elements`.
    #[must_use]
    pub fn files_of_size(&self, elements: usize, count: usize) -> Vec<Version> {
        let mut rows: BTreeMap<&str, (Vec<Node>, Vec<Edge>)> = BTreeMap::new();
        let mut files: HashMap<&str, &str> = HashMap::with_capacity(self.graph.nodes.len());
        for node in &self.graph.nodes {
            files.insert(&node.id, &node.file);
            rows.entry(&node.file).or_default().0.push(node.clone());
        }
        for edge in &self.graph.edges {
            if let Some(file) = files.get(edge.source.as_str()) {
                rows.entry(file).or_default().1.push(edge.clone());
            }
        }
        let mut found: Vec<Version> = self
            .facts
            .iter()
            .filter(|facts| !facts.nodes.is_empty())
            .filter_map(|facts| {
                let (nodes, edges) = rows.get(facts.path.as_str())?;
                Some(Version { facts: facts.clone(), nodes: nodes.clone(), edges: edges.clone() })
            })
            .collect();
        found.sort_by_key(|file| {
            let size = file.nodes.len() + file.edges.len();
            (size.abs_diff(elements), file.facts.path.clone())
        });
        found.truncate(count);
        found
    }
}

impl Version {
    /// The same file after an edit.
    #[must_use]
    pub fn edited(&self, number: usize) -> Self {
        let edit = Edit::new(number);
        let mut next = self.clone();
        next.facts = edit.of_facts(&self.facts);
        for node in &mut next.nodes {
            node.span = edit.moved(node.span);
        }
        for edge in &mut next.edges {
            edge.span = edge.span.map(|span| edit.moved(span));
        }
        if let Some(first) = self.facts.nodes.first() {
            let (node, edge) = edit.addition(first);
            next.nodes.push(node);
            next.edges.push(edge);
        }
        next
    }
}

/// Facts in their stored form, made on all cores.
pub(crate) fn prepared(facts: &[FileFacts]) -> Outcome<Vec<PreparedFile>> {
    Ok(facts.par_iter().map(PreparedFile::new).collect::<Result<_, _>>()?)
}

/// What the files of a graph with stated edges say.
fn facts_of(graph: &Graph) -> Vec<FileFacts> {
    let mut files: BTreeMap<&str, FileFacts> = BTreeMap::new();
    let mut of: HashMap<&str, &str> = HashMap::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        of.insert(&node.id, &node.file);
        let facts = files.entry(&node.file).or_default();
        facts.path = node.file.to_string();
        facts.nodes.push(node.clone());
    }
    for edge in &graph.edges {
        let facts = of.get(edge.source.as_str()).and_then(|file| files.get_mut(file));
        if let Some(facts) = facts {
            facts.edges.push(edge.clone());
        }
    }
    for facts in files.values_mut() {
        facts.hash = graph.metadata.file_hashes.get(&facts.path).cloned().unwrap_or_default();
    }
    files.into_values().collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
