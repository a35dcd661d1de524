//! What is asked of a graph, and its answers in a form that can be compared.

use std::hint::black_box;

use codestrata::limits::MAX_RESULTS;
use codestrata::model::edge_kind;
use codestrata::query::{CallHit, Direction, EdgeKinds, NodeHit, Traversal};
use codestrata::{Error, ErrorKind, Queries, Result};
use serde::{Deserialize, Serialize};

/// How many edges far the traversals go.
pub const HOPS: u32 = 3;

/// One question about a graph, asked of everyone in the same words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// The node with this id, whole.
    Node(String),
    /// What calls the node, or makes objects of it.
    Callers(String),
    /// What the node calls, also where that leads to no node.
    Callees(String),
    /// The nodes with this name.
    Name(String),
    /// What calls the node over at most [`HOPS`] calls.
    CallersInThree(String),
    /// What can be reached from the node over at most [`HOPS`] edges of any kind.
    AllInThree(String),
}

/// One row of an answer in comparable form: answers are equal when their sorted rows are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Found {
    /// The id of a node, or the text of a target that is none.
    pub id: String,
    /// Name, kind and file; empty of what is no node.
    pub about: [String; 3],
    /// The line on which it begins.
    pub line: u32,
    /// The distance from the start, where it was asked for.
    pub depth: u32,
}

impl Found {
    /// A node.
    #[must_use]
    pub fn node(id: &str, about: [&str; 3], line: u32, depth: u32) -> Self {
        Self { id: id.to_owned(), about: about.map(str::to_owned), line, depth }
    }

    /// What a call leads to that is no node.
    #[must_use]
    pub fn text(id: &str) -> Self {
        Self::node(id, [""; 3], 0, 0)
    }

    fn row(hit: &NodeHit, depth: u32) -> Self {
        Self::node(hit.id(), [hit.name(), hit.kind(), hit.file()], hit.line(), depth)
    }

    fn call(hit: &CallHit) -> Self {
        Self::row(&hit.node, 0)
    }
}

fn callers_in_three() -> Traversal {
    Traversal::along(EdgeKinds::calls()).direction(Direction::Incoming).depth(HOPS)
}

fn all_in_three() -> Traversal {
    Traversal::along(EdgeKinds::dependencies().and(edge_kind::CONTAINS)).depth(HOPS)
}

/// Counts rows, and reads the id of each: some are put together only then.
fn read<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> usize {
    let count = ids.len();
    black_box(ids.map(str::len).sum::<usize>());
    count
}

/// What a question costs, and nothing more: the owned rows are counted, their ids read, and all is dropped.
///
/// # Errors
/// What the store answers.
pub async fn ask(queries: &Queries, question: &Question) -> Result<usize> {
    let calls = |calls: &[CallHit]| read(calls.iter().map(|call| call.node.id()));
    let walk = async |id: &String, how: &Traversal| {
        let reached = queries.reachable(std::slice::from_ref(id), how, MAX_RESULTS).await?.results;
        Ok::<_, Error>(read(reached.iter().map(|reached| reached.node.id())))
    };
    Ok(match question {
        Question::Node(id) => queries.node(id).await?.map_or(0, |node| read([node.id.as_str()].into_iter())),
        Question::Name(name) => {
            read(queries.resolve(name).await?.results.iter().map(|found| found.node.id()))
        }
        Question::Callers(id) => calls(&queries.callers(id, MAX_RESULTS).await?.results),
        Question::Callees(id) => {
            let (answer, unbound) = queries.callees(id, MAX_RESULTS).await?;
            calls(&answer.results) + read(unbound.iter().map(|hit| hit.target.as_str()))
        }
        Question::CallersInThree(id) => walk(id, &callers_in_three()).await?,
        Question::AllInThree(id) => walk(id, &all_in_three()).await?,
    })
}

/// The same answer in comparable form: sorted, and each row once.
///
/// # Errors
/// What the store answers.
pub async fn answer(queries: &Queries, question: &Question) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = match question {
        Question::Node(id) => match queries.node(id).await? {
            Some(node) => vec![Found::text(&serde_json::to_string(&node).map_err(no_text)?)],
            None => Vec::new(),
        },
        Question::Name(name) => {
            let found = queries.resolve(name).await?.results.into_iter();
            found.map(|found| Found::row(&found.node, 0)).collect()
        }
        Question::Callers(id) => {
            queries.callers(id, MAX_RESULTS).await?.results.iter().map(Found::call).collect()
        }
        Question::Callees(id) => {
            let (answer, unbound) = queries.callees(id, MAX_RESULTS).await?;
            let unbound = unbound.iter().map(|hit| Found::text(&hit.target));
            answer.results.iter().map(Found::call).chain(unbound).collect()
        }
        Question::CallersInThree(id) => walk(queries, id, &callers_in_three()).await?,
        Question::AllInThree(id) => walk(queries, id, &all_in_three()).await?,
    };
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

async fn walk(queries: &Queries, id: &String, how: &Traversal) -> Result<Vec<Found>> {
    let answer = queries.reachable(std::slice::from_ref(id), how, MAX_RESULTS).await?;
    Ok(answer.results.iter().map(|hit| Found::row(&hit.node, hit.depth)).collect())
}

fn no_text(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Internal, "a node has no text").with_source(error)
}

#[cfg(test)]
mod tests {
    use codestrata::{Edge, Graph, GraphStorage, Node, Span, StorageManager};

    use super::{Found, Question, answer, ask};

    #[tokio::test]
    async fn answers_are_sorted_and_have_what_leads_to_no_node() {
        let storage = StorageManager::in_memory().unwrap();
        let mut graph = Graph::new("r");
        for name in ["main", "write", "read"] {
            let id = format!("a.py::{name}");
            graph.nodes.push(Node::new(id, name, "function", "a.py", Span::default()));
        }
        for target in ["a.py::write", "elsewhere", "a.py::read"] {
            graph.edges.push(Edge::new("a.py::main", target, "calls"));
        }
        storage.graph().store_graph(&graph).await.unwrap();
        let queries = storage.query("r");
        let callees = Question::Callees("a.py::main".to_owned());
        let found = answer(&queries, &callees).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["a.py::read", "a.py::write", "elsewhere"]);
        assert_eq!(found.last(), Some(&Found::text("elsewhere")));
        assert_eq!(ask(&queries, &callees).await.unwrap(), 3);
        for question in [
            Question::Node("a.py::read".to_owned()),
            Question::Name("read".to_owned()),
            Question::Callers("a.py::read".to_owned()),
            Question::CallersInThree("a.py::read".to_owned()),
        ] {
            assert_eq!(answer(&queries, &question).await.unwrap().len(), 1, "{question:?}");
        }
        assert_eq!(answer(&queries, &Question::AllInThree("a.py::main".to_owned())).await.unwrap().len(), 2);
    }
}
