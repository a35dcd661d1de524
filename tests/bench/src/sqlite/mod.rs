//! The reference: the same graph in SQLite, as a good engineer would keep it without codestrata.
//!
//! Ids are integers, given in the order of files, so that what is asked together lies together. Edges are a table without
//! row ids, sorted by source, and an index that has everything to walk them backwards. Statements are prepared once.
//! Loading goes in sorted order in one transaction, and makes the indices afterwards. Commits are synced: write-ahead
//! log, `synchronous = FULL`. Pages come from a mapping of the file and a cache of 64 MiB.
//!
//! It keeps less than codestrata does: parallel edges are one, edges have no places, and nothing is linked.

mod answers;
mod bulk;
mod update;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use codestrata::model::{Text, edge_kind};
use codestrata::{Graph, OpenMode};
use codestrata_measure::{Found, Question};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::Outcome;
use crate::contender::Contender;
use crate::input::Version;

/// Tables. `ids` has every id and every text that an edge leads to.
const TABLES: &str = "
    CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL, hash TEXT NOT NULL);
    CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE ids (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE nodes (
        id INTEGER PRIMARY KEY, file INTEGER NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,
        start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL, start_line INTEGER NOT NULL,
        end_line INTEGER NOT NULL, start_column INTEGER NOT NULL, end_column INTEGER NOT NULL, attributes TEXT);
    CREATE TABLE edges (
        src INTEGER NOT NULL, kind INTEGER NOT NULL, dst INTEGER NOT NULL,
        PRIMARY KEY (src, kind, dst)) WITHOUT ROWID;
";

/// Indices, which are made when the tables are full: sorting once is faster than searching for each row.
const INDICES: &str = "
    CREATE UNIQUE INDEX files_by_path ON files (path);
    CREATE UNIQUE INDEX ids_by_text ON ids (text);
    CREATE INDEX nodes_by_name ON nodes (name);
    CREATE INDEX nodes_by_file ON nodes (file);
    CREATE INDEX edges_backwards ON edges (dst, kind, src);
";

/// How many statements stay prepared: all that there are.
const STATEMENTS: usize = 64;

/// A graph in a file of SQLite's.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    /// The names of kinds, by their numbers: they are few, and read when they are first needed.
    kinds: OnceCell<Vec<Text>>,
}

/// Where the database lies in a folder.
pub(crate) fn place(folder: &Path) -> PathBuf {
    folder.join("reference.sqlite")
}

impl Sqlite {
    /// Opens a database, or makes an empty one.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn open(place: &Path, mode: OpenMode) -> Outcome<Self> {
        // A connection is used by one thread at a time, so SQLite need not lock it.
        let flags = match mode {
            OpenMode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            OpenMode::Existing => OpenFlags::SQLITE_OPEN_READ_WRITE,
            OpenMode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
        } | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(place, flags)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Else a statement is planned again whenever a parameter that might matter changes: five times the cost of a get.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch("PRAGMA mmap_size = 4294967296; PRAGMA cache_size = -65536;")?;
        if mode != OpenMode::ReadOnly {
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
            )?;
        }
        Ok(Self { connection, kinds: OnceCell::new() })
    }

    /// Stores a whole graph in a database that was just made.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn store_graph(&mut self, graph: &Graph) -> Outcome<()> {
        bulk::store(&mut self.connection, graph)
    }

    /// Copies what is in the write-ahead log to the file, as the last connection does when it is closed.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn checkpoint(&self) -> Outcome<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Rows of integers alone: reaching without saying what was reached. For comparison with [`Contender::ask`].
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn reach_numbers(&self, question: &Question) -> Outcome<usize> {
        answers::reach_numbers(self, question)
    }

    fn kinds(&self) -> Outcome<&[Text]> {
        if let Some(kinds) = self.kinds.get() {
            return Ok(kinds);
        }
        let mut kinds = Vec::new();
        let mut statement = self.connection.prepare("SELECT id, name FROM kinds")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name) = (index(row, 0)?, row.get::<_, String>(1)?);
            kinds.resize(kinds.len().max(id + 1), Text::default());
            if let Some(kind) = kinds.get_mut(id) {
                *kind = name.into();
            }
        }
        Ok(self.kinds.get_or_init(|| kinds))
    }

    /// The numbers of the kinds that are calls; -1 where the graph has none, which no edge has.
    fn calls(&self) -> Outcome<[i64; 2]> {
        let kinds = self.kinds()?;
        let number = |kind: &str| {
            let found = kinds.iter().position(|other| other == kind);
            found.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
        };
        Ok([number(edge_kind::CALLS), number(edge_kind::INSTANTIATES)])
    }
}

/// A number that is a place in a list.
fn index(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<usize> {
    Ok(row.get::<_, u32>(column)? as usize)
}

impl Contender for Sqlite {
    fn ask(&self, question: &Question) -> Outcome<usize> {
        answers::ask(self, question)
    }

    fn answer(&self, question: &Question) -> Outcome<Vec<Found>> {
        answers::answer(self, question)
    }

    fn replace(&mut self, version: &Version) -> Outcome<()> {
        self.kinds.take();
        update::replace(&mut self.connection, version)
    }

    fn load(&self) -> Outcome<Graph> {
        bulk::load(self)
    }
}
