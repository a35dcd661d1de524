//! Questions in SQL.

use std::hint::black_box;

use codestrata::model::Text;
use codestrata_measure::{Found, HOPS, Question};
use rusqlite::params;

use super::Sqlite;
use super::bulk::node_of;
use crate::Outcome;

/// The columns of a row that is answered, in this order: id, name, kind, file, line.
const BY_ID: &str = "
    SELECT n.*, f.path FROM ids i CROSS JOIN nodes n ON n.id = i.id CROSS JOIN files f ON f.id = n.file
    WHERE i.text = ?1";

const BY_NAME: &str = "
    SELECT i.text, n.name, n.kind, f.path, n.start_line, 0
    FROM nodes n CROSS JOIN ids i ON i.id = n.id CROSS JOIN files f ON f.id = n.file
    WHERE n.name = ?1";

const CALLERS: &str = "
    SELECT i.text, n.name, n.kind, f.path, n.start_line, 0
    FROM ids t CROSS JOIN edges e ON e.dst = t.id AND e.kind IN (?2, ?3) CROSS JOIN nodes n ON n.id = e.src
    CROSS JOIN ids i ON i.id = n.id CROSS JOIN files f ON f.id = n.file
    WHERE t.text = ?1";

const CALLEES: &str = "
    SELECT i.text, n.name, n.kind, f.path, n.start_line, 0
    FROM ids s CROSS JOIN edges e ON e.src = s.id AND e.kind IN (?2, ?3) CROSS JOIN ids i ON i.id = e.dst
    LEFT JOIN nodes n ON n.id = e.dst LEFT JOIN files f ON f.id = n.file
    WHERE s.text = ?1";

/// Everything within so many steps, each once at its least depth. CROSS JOIN keeps the order: from what was reached to
/// the edges, and not the other way round.
const CALLERS_IN: &str = "
    WITH RECURSIVE reach (id, depth) AS (
        SELECT id, 0 FROM ids WHERE text = ?1
        UNION
        SELECT e.src, r.depth + 1 FROM reach r CROSS JOIN edges e ON e.dst = r.id AND e.kind IN (?2, ?3)
        WHERE r.depth < ?4)";

const ALL_IN: &str = "
    WITH RECURSIVE reach (id, depth) AS (
        SELECT id, 0 FROM ids WHERE text = ?1
        UNION
        SELECT e.dst, r.depth + 1 FROM reach r CROSS JOIN edges e ON e.src = r.id
        WHERE r.depth < ?2)";

/// What was reached, with names; targets that are no nodes are no part of the answer.
const REACHED: &str = "
    SELECT i.text, n.name, n.kind, f.path, n.start_line, r.depth
    FROM (SELECT id, min(depth) AS depth FROM reach GROUP BY id) r CROSS JOIN nodes n ON n.id = r.id
    CROSS JOIN ids i ON i.id = r.id CROSS JOIN files f ON f.id = n.file";

/// What was reached, as numbers.
const REACHED_NUMBERS: &str = "SELECT r.id, r.depth FROM (SELECT id, min(depth) AS depth FROM reach GROUP BY id) r CROSS JOIN nodes n ON n.id = r.id";

/// A row as its reader wants to have it: every text owned.
#[derive(Debug)]
struct Hit {
    id: String,
    name: String,
    kind: Text,
    file: String,
    line: u32,
    depth: u32,
}

pub(super) fn ask(sqlite: &Sqlite, question: &Question) -> Outcome<usize> {
    if let Question::Node(id) = question {
        return Ok(usize::from(black_box(node(sqlite, id)?).is_some()));
    }
    Ok(black_box(hits(sqlite, question)?).len())
}

pub(super) fn answer(sqlite: &Sqlite, question: &Question) -> Outcome<Vec<Found>> {
    let mut found: Vec<Found> = match question {
        Question::Node(id) => {
            let found = node(sqlite, id)?.map(|node| serde_json::to_string(&node)).transpose()?;
            found.iter().map(|text| Found::text(text)).collect()
        }
        _ => hits(sqlite, question)?
            .into_iter()
            .map(|hit| Found::node(&hit.id, [&hit.name, &hit.kind, &hit.file], hit.line, hit.depth))
            .collect(),
    };
    // codestrata answers what is reached from a node, and not the node itself.
    if let Question::CallersInThree(id) | Question::AllInThree(id) = question {
        found.retain(|row| row.id != *id);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn node(sqlite: &Sqlite, id: &str) -> Outcome<Option<codestrata::Node>> {
    let mut statement = sqlite.connection.prepare_cached(BY_ID)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let kind = kind(sqlite, row, 2)?;
    Ok(Some(node_of(row, id.into(), kind, row.get::<_, String>(11)?.into())?))
}

fn hits(sqlite: &Sqlite, question: &Question) -> Outcome<Vec<Hit>> {
    let calls = sqlite.calls()?;
    let prepared = |text: &str| sqlite.connection.prepare_cached(text);
    match question {
        Question::Node(id) | Question::Name(id) => collect(sqlite, prepared(BY_NAME)?, params![id]),
        Question::Callers(id) => collect(sqlite, prepared(CALLERS)?, params![id, calls[0], calls[1]]),
        Question::Callees(id) => collect(sqlite, prepared(CALLEES)?, params![id, calls[0], calls[1]]),
        Question::CallersInThree(id) => {
            let statement = prepared(&format!("{CALLERS_IN}{REACHED}"))?;
            collect(sqlite, statement, params![id, calls[0], calls[1], HOPS])
        }
        Question::AllInThree(id) => {
            collect(sqlite, prepared(&format!("{ALL_IN}{REACHED}"))?, params![id, HOPS])
        }
    }
}

fn collect(
    sqlite: &Sqlite,
    mut statement: rusqlite::CachedStatement<'_>,
    parameters: &[&dyn rusqlite::ToSql],
) -> Outcome<Vec<Hit>> {
    let mut rows = statement.query(parameters)?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |column| -> rusqlite::Result<String> {
            Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
        };
        hits.push(Hit {
            id: row.get(0)?,
            name: text(1)?,
            kind: kind(sqlite, row, 2)?,
            file: text(3)?,
            line: row.get::<_, Option<u32>>(4)?.unwrap_or_default(),
            depth: row.get(5)?,
        });
    }
    Ok(hits)
}

fn kind(sqlite: &Sqlite, row: &rusqlite::Row<'_>, column: usize) -> Outcome<Text> {
    let number: Option<u32> = row.get(column)?;
    Ok(number.and_then(|number| sqlite.kinds().ok()?.get(number as usize).cloned()).unwrap_or_default())
}

pub(super) fn reach_numbers(sqlite: &Sqlite, question: &Question) -> Outcome<usize> {
    let calls = sqlite.calls()?;
    let prepared = |walk: &str| sqlite.connection.prepare_cached(&format!("{walk}{REACHED_NUMBERS}"));
    let mut count = 0;
    let mut read = |mut statement: rusqlite::CachedStatement<'_>, parameters: &[&dyn rusqlite::ToSql]| {
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            black_box((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?));
            count += 1;
        }
        Ok::<(), rusqlite::Error>(())
    };
    match question {
        Question::CallersInThree(id) => read(prepared(CALLERS_IN)?, params![id, calls[0], calls[1], HOPS])?,
        Question::AllInThree(id) => read(prepared(ALL_IN)?, params![id, HOPS])?,
        _ => return Err("only walks are answered in numbers".into()),
    }
    Ok(count)
}
