//! Graphs as JSON Lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::Instant;

use codestrata::jsonl::{ImportSummary, ImportedGraph, read_graph};
use indicatif::HumanCount;
use serde::Serialize;

use super::neither;
use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::location::StoreName;
use crate::output::report;
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

/// How everything begins that zstd has compressed.
pub(super) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

#[derive(Serialize)]
struct Document {
    repository: String,
    version: u64,
    /// Whether the repository was there before.
    replaced: bool,
    #[serde(flatten)]
    summary: ImportSummary,
    seconds: f64,
    store: StoreName,
}

pub(super) async fn run(path: &Path, settings: &Settings) -> Result<(), Failure> {
    let begun = Instant::now();
    // Read before anything is made, so that a bad file leaves nothing behind.
    let graph = read(path)?;
    let store = Store::open_to_write(settings).await?;
    let repository = settings.repo.clone().unwrap_or_else(|| graph.repo_id.clone());
    let replaced = repository::stored(&store, &repository).await?.is_some();
    let summary = graph.summary;
    let stored = graph.store(store.storage.graph(), &repository).await?;
    store.storage.close().await?;
    let document = Document {
        repository,
        version: stored.version,
        replaced,
        summary,
        seconds: begun.elapsed().as_secs_f64(),
        store: store.location.name(),
    };
    report(settings, &document, |out| document.write(out))
}

fn read(path: &Path) -> Result<ImportedGraph, Failure> {
    if path.as_os_str() == "-" {
        return unpack("stdin", &mut io::stdin().lock());
    }
    let name = path.display().to_string();
    let cannot = |error: io::Error| {
        Failure::input(format!("{name} cannot be read: {error}"))
            .with_help("name a file of JSON Lines, or - for stdin")
    };
    let file = File::open(path).map_err(cannot)?;
    unpack(&name, &mut BufReader::with_capacity(1 << 20, file))
}

/// Reads what is compressed as what it was.
fn unpack(name: &str, input: &mut dyn BufRead) -> Result<ImportedGraph, Failure> {
    match input.fill_buf() {
        Ok(beginning) if beginning.starts_with(&ZSTD_MAGIC) => {
            // It refuses what would need more than 128 MiB to read.
            let decoder = zstd::Decoder::with_buffer(input).map_err(|error| {
                Failure::input(format!("{name} cannot be read: {error}"))
                    .with_help("free some memory, and try again")
            })?;
            parse(name, &mut BufReader::with_capacity(1 << 20, decoder))
        }
        _ => parse(name, input),
    }
}

fn parse(name: &str, input: &mut dyn BufRead) -> Result<ImportedGraph, Failure> {
    // What does not even begin as JSON Lines is a file of another format, and no bad line.
    if let Ok(beginning) = input.fill_buf()
        && beginning.trim_ascii_start().first().is_some_and(|first| *first != b'{')
    {
        return Err(neither(name, "is no JSON Lines"));
    }
    read_graph(input).map_err(|error| Failure::of(Code::Input, &error.context(name)))
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let ImportSummary { files, nodes, edges } = self.summary;
        writeln!(
            out,
            "{} {} (version {}): {}, {} nodes, {} edges in {:.2} s",
            if self.replaced { "replaced all of" } else { "stored" },
            Shown(&self.repository),
            self.version,
            counted(files, "file"),
            HumanCount(nodes),
            HumanCount(edges),
            self.seconds
        )
    }
}
