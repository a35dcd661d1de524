//! The example of README.md: a graph is stored, asked, and there again the next time. It makes `graph.redb` in the
//! current folder. `.ci/run` holds the two to each other.

use codestrata::{Edge, Graph, GraphStorage, Node, Span, StorageConfig, StorageManager};
// An engine is linked by naming its crate; `memory` comes with the library.
use codestrata_backend_redb as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = StorageConfig::new("redb").option("path", "graph.redb");
    let storage = StorageManager::open(config).await?;

    let mut graph = Graph::new("owner/name");
    for name in ["parse", "main"] {
        graph.nodes.push(Node::new(format!("app.py::{name}"), name, "function", "app.py", Span::default()));
    }
    graph.edges.push(Edge::new("app.py::main", "app.py::parse", "calls"));
    storage.graph().store_graph(&graph).await?;

    let answer = storage.query("owner/name").callers("app.py::parse", 10).await?;
    for caller in answer.results {
        println!("{} calls it", caller.node.id());
    }

    // One budget of memory for what the store decodes and for entries of your own.
    storage.cache().set("scores", &vec![0.5, 0.9], None)?;
    Ok(storage.close().await?)
}
