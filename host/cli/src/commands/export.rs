//! `codestrata export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use codestrata::Queries;
use codestrata::jsonl::{ExportSummary, export_compressed, export_graph};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::{Settings, whole_number, with_notes};
use crate::failure::{Code, Failure};
use crate::interrupt::Stop;
use crate::output::report;
use crate::replacement::Replacement;
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata export > graph.jsonl
  codestrata export --repo owner/name --output graph.jsonl
  codestrata export --output archive.jsonl.zst --level 15";

const NOTES: &str = "\
The same graph gives the same bytes, whatever backend it lies in. A file whose name ends in `.zst` is compressed as zstd \
    does it, to a sixteenth or less; `import` reads it as it is.";

/// How hard is compressed: beyond it the time grows faster than what it saves.
const LEVEL: i32 = 9;

/// The levels that need no more memory to read than any other.
const LEVELS: std::ops::RangeInclusive<i32> = 1..=19;

/// Write a repository as JSON Lines.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Export {
    /// Where to; a file there is replaced once the new one is whole [default: stdout].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How hard a `.zst` is compressed, 1 to 19 [default: 9].
    #[arg(long, value_name = "LEVEL", value_parser = |text: &str| whole_number(text, &LEVELS))]
    level: Option<i32>,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    file: String,
    #[serde(flatten)]
    summary: ExportSummary,
}

impl Export {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let output = self.output.filter(|path| path.as_os_str() != "-");
        let is_compressed = output.as_deref().is_some_and(is_compressed);
        if self.level.is_some() && !is_compressed {
            let message = "--level is for a file whose name ends in .zst";
            return Err(Failure::new(Code::Usage, "usage", message)
                .with_help("name one with --output, or leave it out"));
        }
        let Some(path) = output else {
            let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
            write(&store, &queries, &mut out).await?;
            return Ok(());
        };
        let cannot_write = |error: io::Error| {
            let message = format!("{} cannot be written: {error}", path.display());
            Failure::new(Code::Store, "unavailable", message).with_help("name another file with --output")
        };
        let level = is_compressed.then(|| self.level.unwrap_or(LEVEL));
        let summary = write_file(&store, &queries, (&path, level), cannot_write).await?;
        let document = Document {
            repository: queries.repository().to_owned(),
            file: path.display().to_string(),
            summary,
        };
        report(settings, &document, |out| {
            let ExportSummary { version, files, nodes, edges } = summary;
            writeln!(
                out,
                "wrote version {version} of {} to {}: {}, {} nodes, {} edges",
                Shown(&document.repository),
                Shown(&document.file),
                counted(files, "file"),
                HumanCount(nodes),
                HumanCount(edges)
            )
        })
    }
}

async fn write(
    store: &Store,
    queries: &Queries,
    out: &mut (dyn Write + Send),
) -> Result<ExportSummary, Failure> {
    Ok(export_graph(store.storage.graph(), queries.repository(), out).await?)
}

async fn write_file(
    store: &Store,
    queries: &Queries,
    (path, level): (&Path, Option<i32>),
    cannot_write: impl Fn(io::Error) -> Failure,
) -> Result<ExportSummary, Failure> {
    // Before there is a file that Ctrl-C could leave behind.
    let stop = Stop::listen(|| {});
    let mut replacement = Replacement::begin(path).map_err(&cannot_write)?;
    let mut out = BufWriter::with_capacity(1 << 16, Stoppable { file: replacement.file(), stop: &stop });
    let written = match level {
        None => write(store, queries, &mut out).await,
        Some(level) => {
            let graph = store.storage.graph();
            export_compressed(graph, queries.repository(), &mut out, level).await.map_err(Failure::from)
        }
    };
    if stop.is_asked() {
        return Err(Stop::failure(&path.display().to_string()));
    }
    let summary = written?;
    out.flush().map_err(&cannot_write)?;
    drop(out);
    replacement.finish().map_err(cannot_write)?;
    Ok(summary)
}

/// Whether a file of this name is to be compressed.
fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zst"))
}

/// A file that takes nothing more once it is to stop.
struct Stoppable<'f> {
    file: &'f mut File,
    stop: &'f Stop,
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.is_asked() { Err(io::Error::other("stopped")) } else { self.file.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
