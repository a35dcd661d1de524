//! One file in place of its former version.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::bulk::{INSERT_NODE, insert_node};
use crate::Outcome;
use crate::input::Version;

pub(super) fn replace(connection: &mut Connection, version: &Version) -> Outcome<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let path = version.facts.path.as_str();
        let file = number(&transaction, "SELECT id FROM files WHERE path = ?1", path)?;
        let file = match file {
            Some(file) => {
                let mut update = transaction.prepare_cached("UPDATE files SET hash = ?2 WHERE id = ?1")?;
                update.execute(params![file, version.facts.hash])?;
                remove(&transaction, file)?;
                file
            }
            None => {
                let mut insert =
                    transaction.prepare_cached("INSERT INTO files (path, hash) VALUES (?1, ?2)")?;
                insert.insert(params![path, version.facts.hash])?
            }
        };
        let mut sources: HashMap<&str, i64> = HashMap::with_capacity(version.nodes.len());
        let mut kinds: HashMap<&str, i64> = HashMap::new();
        let mut insert = transaction.prepare_cached(INSERT_NODE)?;
        for node in &version.nodes {
            let id = id_of(&transaction, &node.id)?;
            sources.insert(&node.id, id);
            let kind = kind_of(&transaction, &mut kinds, &node.kind)?;
            insert_node(&mut insert, [id, file, kind], node)?;
        }
        let mut insert =
            transaction.prepare_cached("INSERT OR IGNORE INTO edges (src, kind, dst) VALUES (?1, ?2, ?3)")?;
        for edge in &version.edges {
            let source = sources.get(edge.source.as_str()).copied();
            let source = source.ok_or_else(|| format!("no node of the file is {}", edge.source))?;
            let target = match sources.get(edge.target.as_str()) {
                Some(target) => *target,
                None => id_of(&transaction, &edge.target)?,
            };
            insert.execute(params![source, kind_of(&transaction, &mut kinds, &edge.kind)?, target])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Removes the nodes of a file and the edges that start at them. Ids stay: edges from elsewhere may lead to them.
fn remove(transaction: &Transaction<'_>, file: i64) -> Outcome<()> {
    let mut edges = transaction
        .prepare_cached("DELETE FROM edges WHERE src IN (SELECT id FROM nodes WHERE file = ?1)")?;
    edges.execute([file])?;
    let mut nodes = transaction.prepare_cached("DELETE FROM nodes WHERE file = ?1")?;
    nodes.execute([file])?;
    Ok(())
}

fn id_of(transaction: &Transaction<'_>, text: &str) -> Outcome<i64> {
    if let Some(id) = number(transaction, "SELECT id FROM ids WHERE text = ?1", text)? {
        return Ok(id);
    }
    Ok(transaction.prepare_cached("INSERT INTO ids (text) VALUES (?1)")?.insert([text])?)
}

fn kind_of<'a>(
    transaction: &Transaction<'_>,
    known: &mut HashMap<&'a str, i64>,
    kind: &'a str,
) -> Outcome<i64> {
    if let Some(number) = known.get(kind) {
        return Ok(*number);
    }
    let found = match number(transaction, "SELECT id FROM kinds WHERE name = ?1", kind)? {
        Some(found) => found,
        None => transaction.prepare_cached("INSERT INTO kinds (name) VALUES (?1)")?.insert([kind])?,
    };
    known.insert(kind, found);
    Ok(found)
}

fn number(transaction: &Transaction<'_>, query: &str, text: &str) -> Outcome<Option<i64>> {
    Ok(transaction.prepare_cached(query)?.query_row([text], |row| row.get(0)).optional()?)
}
