//! `codestrata import`: what other tools made, in place of what a repository had.

mod json_lines;
mod scip;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};

const EXAMPLES: &str = "\
Examples:
  codestrata import graph.jsonl
  codestrata import graph.jsonl --repo copy
  codestrata import archive.jsonl.zst
  other-tool | codestrata import -
  codestrata import index.scip --sources ~/src/app";

const NOTES: &str = "\
JSON Lines are what `codestrata export` writes; a SCIP index is what scip-python, scip-typescript, scip-java, \
    scip-clang, rust-analyzer and others write. The graph takes the place of what the repository had, in one step. \
    What is wrong is named by its line or byte, and nothing is stored then.

A SCIP index is read again only where it changed. Its symbols are the ids. SCIP does not say what is a call: that is \
    concluded from symbols and ranges, and the edges say so (`derived`). With --sources, or where the index has its \
    texts, spans have bytes and calls are told from mentions by their parentheses.";

/// Read a repository from JSON Lines or a SCIP index, in place of what it had.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Import {
    /// The file; `-` for JSON Lines from stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What it is [default: by its ending, else by its beginning].
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// The sources from which a SCIP index was made.
    #[arg(long, value_name = "FOLDER")]
    sources: Option<PathBuf>,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What `export` writes.
    Jsonl,
    /// An index of another tool.
    Scip,
}

impl Import {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let is_stdin = self.file.as_os_str() == "-";
        let format = match self.format {
            Some(format) => format,
            None if is_stdin => Format::Jsonl,
            None => format_of(&self.file)?,
        };
        match format {
            Format::Jsonl if self.sources.is_some() => Err(Failure::new(
                Code::Usage,
                "usage",
                "--sources is for SCIP indexes, and these are JSON Lines",
            )
            .with_help("leave it out, or say --format scip")),
            Format::Jsonl => json_lines::run(&self.file, settings).await,
            Format::Scip if is_stdin => Err(Failure::new(
                Code::Usage,
                "usage",
                "a SCIP index is read twice, so it cannot come from stdin",
            )
            .with_help("write it to a file and name that")),
            Format::Scip => scip::run(&self.file, self.sources.as_deref(), settings).await,
        }
    }
}

/// By the first bytes, and where they say nothing by the ending. JSON Lines begin with an object; an index with its
/// metadata, whose first byte is a line feed. A file that cannot be looked into is taken for what its name says; its
/// reader says why.
///
/// # Errors
/// If it begins as neither.
fn format_of(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let named = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("scip") => Some(Format::Scip),
        Some("json" | "jsonl" | "ndjson") => Some(Format::Jsonl),
        _ => None,
    };
    let mut beginning = Vec::new();
    // A pipe is not looked into: what is read of it is gone.
    let is_file = std::fs::metadata(path).is_ok_and(|about| about.is_file());
    if !is_file || File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning)).is_err() {
        return Ok(named.unwrap_or(Format::Jsonl));
    }
    let text = beginning.trim_ascii_start();
    let is_object = text.first() == Some(&b'{')
        && matches!(text.get(1..).map(<[u8]>::trim_ascii_start), Some([] | [b'"' | b'}', ..]));
    match named {
        Some(named) => Ok(named),
        // Only exports are compressed.
        None if beginning.starts_with(&json_lines::ZSTD_MAGIC) => Ok(Format::Jsonl),
        None if beginning.is_empty() => Err(neither(&path.display().to_string(), "is empty")),
        None if is_object => Ok(Format::Jsonl),
        None if beginning.first() == Some(&b'\n') => Ok(Format::Scip),
        // Whatever else is an object is a bad line, which is named.
        None if text.first() == Some(&b'{') => Ok(Format::Jsonl),
        None => Err(neither(&path.display().to_string(), "is neither JSON Lines nor a SCIP index")),
    }
}

fn neither(name: &str, what: &str) -> Failure {
    let message = format!("{name} {what}, and nothing of it was stored");
    Failure::input(message).with_help(
        "there are two formats: JSON Lines, as `codestrata export` writes them (.jsonl), and the index of a SCIP tool \
         (.scip); say which it is with --format where its beginning does not tell",
    )
}
