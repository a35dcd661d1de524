//! An analyser of one's own adds what it knows to the nodes of a graph that another indexer made.
//!
//! The analyser counts the branches of Python functions. What it adds lies beside the facts of the files, under its own
//! name: indexing a file again does not touch it, and it goes when its node goes. Everything is in memory and in a
//! temporary folder, which is removed at the end.
//!
//! ```sh
//! cargo run --example custom_analyser
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;

use codestrata::model::node_kind;
use codestrata::{Attributes, GraphStorage, Node, Result as StoreResult, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};
use serde_json::Value;

const REPOSITORY: &str = "example/tool";

/// The name of the analyser: its attributes are seen as `branches.count`, `branches.rating`.
const ANALYSER: &str = "branches";

const BEFORE: &str = "\
def read(path):
    if not path:
        return None
    for line in open(path):
        if line.strip():
            yield line

def write(path, lines):
    open(path, 'w').writelines(lines)
";

/// `read` has moved down, `write` is gone, and `main` is new.
const AFTER: &str = "\
def main():
    return list(read('notes.txt'))

def read(path):
    if not path:
        return None
    for line in open(path):
        if line.strip():
            yield line
";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("notes.py");
    let storage = StorageManager::in_memory()?;

    fs::write(&source, BEFORE)?;
    index(&storage, folder.path()).await?;
    println!(
        "The indexer has made the graph, and the analyser adds to its nodes what the indexer does not know."
    );
    let added = analyse(storage.graph(), folder.path()).await?;
    println!("{added} functions were annotated.\n");
    print_annotated(storage.graph()).await?;

    println!("\nThe file is edited and indexed again; the analyser does not run.");
    fs::write(&source, AFTER)?;
    index(&storage, folder.path()).await?;
    print_annotated(storage.graph()).await?;

    // One node with everything that anyone keeps beside it, and the edges that start at it.
    let Some((node, _)) = storage.query(REPOSITORY).show("notes.py::read").await? else {
        return Err("notes.py::read is not there".into());
    };
    let count = attribute(&node, "count").and_then(Value::as_u64).unwrap_or_default();
    println!("\nAsked for alone, {} has a branches.count of {count}.", node.id);

    // `null` removes an attribute.
    let nothing = Attributes::from([("rating", Value::Null)]);
    storage.graph().annotate(REPOSITORY, "notes.py::read", ANALYSER, &nothing).await?;
    println!("\nThe analyser takes its rating back.");
    print_annotated(storage.graph()).await?;

    storage.close().await?;
    Ok(folder.close()?)
}

/// Someone else's part: the facts of the sources.
async fn index(storage: &StorageManager, folder: &Path) -> StoreResult<()> {
    index_repository(storage.graph(), &IndexOptions::new(REPOSITORY, folder), &Unobserved).await?;
    Ok(())
}

/// The analyser: it needs the trait and nothing else, and reads of the graph where each function stands.
async fn analyse(storage: &dyn GraphStorage, folder: &Path) -> Result<u64, Box<dyn Error>> {
    let Some(graph) = storage.load_graph(REPOSITORY).await? else {
        return Err(format!("{REPOSITORY} is not stored: index it first").into());
    };
    let mut annotated = 0;
    for node in graph.nodes.iter().filter(|node| node.kind == node_kind::FUNCTION) {
        let text = fs::read(folder.join(&node.file))?;
        let range = usize::try_from(node.span.start_byte)?..usize::try_from(node.span.end_byte)?;
        // A file that has changed since it was indexed may be shorter now.
        let Some(body) = text.get(range) else { continue };
        let count = branches(&String::from_utf8_lossy(body));
        let rating = if count > 2 { "look closer" } else { "simple" };
        let attributes = Attributes::from([("count", count.into()), ("rating", rating.into())]);
        storage.annotate(REPOSITORY, &node.id, ANALYSER, &attributes).await?;
        annotated += 1;
    }
    Ok(annotated)
}

/// Lines that begin with a word that branches: rough, but it is the analyser's own business.
fn branches(body: &str) -> u64 {
    let begins_branch = |line: &&str| {
        let word = line.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        matches!(word, "if" | "elif" | "for" | "while" | "except" | "case")
    };
    body.lines().map(str::trim_start).filter(begins_branch).map(|_| 1).sum()
}

/// An attribute that the analyser has set.
fn attribute<'a>(node: &'a Node, name: &str) -> Option<&'a Value> {
    node.attributes.get(&format!("{ANALYSER}.{name}"))
}

/// Every function with what the analyser has added to it. There is no index of attributes, so the graph is read.
async fn print_annotated(storage: &dyn GraphStorage) -> StoreResult<()> {
    let graph = storage.load_graph(REPOSITORY).await?.unwrap_or_default();
    for node in graph.nodes.iter().filter(|node| node.kind == node_kind::FUNCTION) {
        let shown = |name| attribute(node, name).map_or("-".to_owned(), Value::to_string);
        println!(
            "  {:<16} line {:>2}   count {:<3} rating {}",
            node.id,
            node.span.start_line,
            shown("count"),
            shown("rating")
        );
    }
    Ok(())
}
