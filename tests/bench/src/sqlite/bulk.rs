//! A whole graph into SQLite, and out of it.

use std::collections::HashMap;

use codestrata::model::Text;
use codestrata::{Attributes, Edge, Graph, Node, Span};
use rusqlite::{Connection, params};

use super::{INDICES, Sqlite, TABLES, index};
use crate::Outcome;

/// Numbers for texts, in the order in which they come.
struct Numbers<'a> {
    of: HashMap<&'a str, i64>,
    texts: Vec<&'a str>,
}

impl<'a> Numbers<'a> {
    fn with_capacity(count: usize) -> Self {
        Self { of: HashMap::with_capacity(count), texts: Vec::with_capacity(count) }
    }

    fn number(&mut self, text: &'a str) -> i64 {
        let next = i64::try_from(self.texts.len()).unwrap_or(i64::MAX);
        *self.of.entry(text).or_insert_with(|| {
            self.texts.push(text);
            next
        })
    }

    fn numbered(&self) -> impl Iterator<Item = (i64, &'a str)> + '_ {
        (0..).zip(self.texts.iter().copied())
    }
}

pub(super) fn store(connection: &mut Connection, graph: &Graph) -> Outcome<()> {
    // Nodes come sorted by file and id, so the numbers of a file follow each other, and rows are added at the end.
    let mut files = Numbers::with_capacity(graph.metadata.file_hashes.len());
    let mut kinds = Numbers::with_capacity(32);
    let mut ids = Numbers::with_capacity(graph.nodes.len() + graph.edges.len() / 4);
    for node in &graph.nodes {
        ids.number(&node.id);
        files.number(&node.file);
    }
    let mut edges: Vec<(i64, i64, i64)> = graph
        .edges
        .iter()
        .map(|edge| (ids.number(&edge.source), kinds.number(&edge.kind), ids.number(&edge.target)))
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    {
        let mut insert = transaction.prepare("INSERT INTO files VALUES (?1, ?2, ?3)")?;
        for (id, path) in files.numbered() {
            let hash = graph.metadata.file_hashes.get(path).map_or("", String::as_str);
            insert.execute(params![id, path, hash])?;
        }
        let mut insert = transaction.prepare("INSERT INTO ids VALUES (?1, ?2)")?;
        for (id, text) in ids.numbered() {
            insert.execute(params![id, text])?;
        }
        let mut insert = transaction.prepare(INSERT_NODE)?;
        for node in &graph.nodes {
            let numbers = [ids.number(&node.id), files.number(&node.file), kinds.number(&node.kind)];
            insert_node(&mut insert, numbers, node)?;
        }
        let mut insert = transaction.prepare("INSERT INTO kinds VALUES (?1, ?2)")?;
        for (id, name) in kinds.numbered() {
            insert.execute(params![id, name])?;
        }
        let mut insert = transaction.prepare("INSERT INTO edges VALUES (?1, ?2, ?3)")?;
        for edge in edges {
            insert.execute(params![edge.0, edge.1, edge.2])?;
        }
    }
    transaction.execute_batch(INDICES)?;
    transaction.commit()?;
    Ok(())
}

pub(super) const INSERT_NODE: &str =
    "INSERT INTO nodes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Inserts a node with the numbers of its id, file and kind.
pub(super) fn insert_node(
    insert: &mut rusqlite::Statement<'_>,
    [id, file, kind]: [i64; 3],
    node: &Node,
) -> Outcome<()> {
    let Span { start_byte, end_byte, start_line, end_line, start_column, end_column } = node.span;
    let has_attributes = !node.attributes.is_empty();
    let attributes = has_attributes.then(|| serde_json::to_string(&node.attributes)).transpose()?;
    insert.execute(params![
        id,
        file,
        kind,
        node.name.as_str(),
        start_byte,
        end_byte,
        start_line,
        end_line,
        start_column,
        end_column,
        attributes
    ])?;
    Ok(())
}

/// The node of a row of all columns of `nodes`, with its id and file.
pub(super) fn node_of(row: &rusqlite::Row<'_>, id: Text, kind: Text, file: Text) -> Outcome<Node> {
    let attributes = match row.get_ref(10)?.as_str_or_null()? {
        Some(text) => serde_json::from_str(text)?,
        None => Attributes::new(),
    };
    let span = Span {
        start_byte: row.get(4)?,
        end_byte: row.get(5)?,
        start_line: row.get(6)?,
        end_line: row.get(7)?,
        start_column: row.get(8)?,
        end_column: row.get(9)?,
    };
    Ok(Node { id, name: owned(row, 3)?, kind, file, span, attributes })
}

/// A text of a row, made without one in between.
fn owned(row: &rusqlite::Row<'_>, column: usize) -> Outcome<Text> {
    Ok(Text::new(row.get_ref(column)?.as_str()?))
}

/// Texts by their numbers, which are dense but for what updates have left out.
fn texts(connection: &Connection, query: &str) -> Outcome<Vec<Text>> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut texts: Vec<Text> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = index(row, 0)?;
        texts.resize(texts.len().max(id), Text::default());
        texts.push(owned(row, 1)?);
    }
    Ok(texts)
}

pub(super) fn load(sqlite: &Sqlite) -> Outcome<Graph> {
    let connection = &sqlite.connection;
    let files = texts(connection, "SELECT id, path FROM files ORDER BY id")?;
    let ids = texts(connection, "SELECT id, text FROM ids ORDER BY id")?;
    let kinds = sqlite.kinds()?;
    let text = |texts: &[Text], id: usize| texts.get(id).cloned().unwrap_or_default();
    let mut graph = Graph::default();
    let mut statement = connection.prepare("SELECT * FROM nodes ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, file) = (text(&ids, index(row, 0)?), text(&files, index(row, 1)?));
        let kind = text(kinds, index(row, 2)?);
        graph.nodes.push(node_of(row, id, kind, file)?);
    }
    let mut statement = connection.prepare("SELECT src, kind, dst FROM edges")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (source, target) = (text(&ids, index(row, 0)?), text(&ids, index(row, 2)?));
        graph.edges.push(Edge::new(source, target, text(kinds, index(row, 1)?)));
    }
    let mut statement = connection.prepare("SELECT path, hash FROM files")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        graph.metadata.file_hashes.insert(row.get(0)?, row.get(1)?);
    }
    Ok(graph)
}
