//! Indexes of other tools.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use codestrata::{Error, ErrorKind, Totals};
use codestrata_index::scip::{ScipIndex, ScipLimits, ScipOptions, ScipReport};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::Settings;
use crate::commands::status::write_totals;
use crate::failure::{Code, Failure};
use crate::interrupt::Stop;
use crate::location::StoreName;
use crate::output::{FAINT, NOTE, STRONG, report};
use crate::progress::Progress;
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted, length};

/// How many files a list for people names.
const MAX_LISTED: usize = 10;

#[derive(Serialize)]
struct Document {
    repository: String,
    version: u64,
    /// Whether the repository was there before.
    replaced: bool,
    /// What made the index.
    tool: String,
    documents: u64,
    added: u64,
    changed: u64,
    removed: u64,
    unchanged: u64,
    /// Documents that were read with their text.
    with_text: u64,
    /// Those whose text is not the one that the index was made from.
    other_text: Vec<String>,
    /// Those that were read anew and are not in the folder with the sources.
    missing_text: Vec<String>,
    /// Symbols that several documents define.
    shared_symbols: u64,
    /// Symbols of other packages that the index describes.
    external_symbols: u64,
    totals: Totals,
    seconds: f64,
    store: StoreName,
}

pub(super) async fn run(path: &Path, sources: Option<&Path>, settings: &Settings) -> Result<(), Failure> {
    let begun = Instant::now();
    if let Some(folder) = sources.filter(|folder| !folder.is_dir()) {
        return Err(Failure::input(format!("{} is not a folder", folder.display()))
            .with_help("name the folder with the sources from which the index was made"));
    }
    let progress = Progress::begin(settings.quiet || settings.is_logging);
    let imported = import(path, sources, settings, &progress).await;
    progress.end();
    let mut document = imported?.ok_or_else(|| Stop::failure("what is stored"))?;
    document.seconds = begun.elapsed().as_secs_f64();
    report(settings, &document, |out| document.write(out))
}

async fn import(
    path: &Path,
    sources: Option<&Path>,
    settings: &Settings,
    progress: &Progress,
) -> Result<Option<Document>, Failure> {
    // Read through before anything is made, so that a wrong file leaves nothing behind.
    let index =
        ScipIndex::open(path, ScipLimits::default(), progress).map_err(|error| failure(path, error))?;
    let Some(index) = index else { return Ok(None) };
    let repository = settings.repo.clone().or_else(|| index.project()).ok_or_else(|| {
        Failure::new(Code::Usage, "usage", "the index does not name its project")
            .with_help("give the repository an id with --repo")
    })?;
    let store = Store::open_to_write(settings).await?;
    let replaced = repository::stored(&store, &repository).await?.is_some();
    let options =
        ScipOptions { sources: sources.map(PathBuf::from), ..ScipOptions::new(repository.as_str()) };
    let imported = index.import(store.storage.graph(), &options, progress).await;
    let report = match imported {
        Ok(Some(report)) => report,
        Ok(None) => {
            store.storage.close().await?;
            return Ok(None);
        }
        Err(error) => return Err(failure(path, error)),
    };
    let (version, totals) = store.storage.query(&repository).totals().await?;
    store.storage.close().await?;
    Ok(Some(Document::new(repository, version, replaced, report, totals, store.location.name())))
}

/// What is wrong with the index is an input that cannot be used; what the store answers is not.
fn failure(path: &Path, error: Error) -> Failure {
    let is_missing = error.kind() == ErrorKind::NotFound;
    match error.kind() {
        ErrorKind::InvalidArgument | ErrorKind::TooLarge | ErrorKind::Unsupported | ErrorKind::NotFound => {
            let shown = path.display().to_string();
            // What could not be opened is named already.
            let is_named = error.message().starts_with(&shown);
            let said = Failure::of(Code::Input, &if is_named { error } else { error.context(shown) });
            if is_missing {
                said.and_help("name the index that a SCIP tool wrote, often index.scip")
            } else {
                said
            }
        }
        _ => error.into(),
    }
}

impl Document {
    fn new(
        repository: String,
        version: u64,
        replaced: bool,
        report: ScipReport,
        totals: Totals,
        store: StoreName,
    ) -> Self {
        Self {
            repository,
            version,
            replaced,
            tool: report.tool,
            documents: report.documents,
            added: report.summary.added,
            changed: report.summary.replaced,
            removed: report.summary.removed,
            unchanged: report.unchanged + report.summary.unchanged,
            with_text: report.with_text,
            other_text: report.other_text,
            missing_text: report.missing_text,
            shared_symbols: report.shared_symbols,
            external_symbols: report.external_symbols,
            totals,
            seconds: 0.0,
            store,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { repository, version, seconds, .. } = self;
        let name = Shown(repository);
        writeln!(out, "{STRONG}{name}{STRONG:#}: imported in {seconds:.2} s, now version {version}")?;
        writeln!(
            out,
            "{FAINT}index{FAINT:#}    {} by {}: {} added, {} changed, {} removed, {} unchanged",
            counted(self.documents, "document"),
            Shown(&self.tool),
            HumanCount(self.added),
            HumanCount(self.changed),
            HumanCount(self.removed),
            HumanCount(self.unchanged)
        )?;
        write_totals(out, "", &self.totals)?;
        if self.shared_symbols > 0 {
            let count = counted(self.shared_symbols, "symbol");
            writeln!(
                out,
                "{FAINT}shared{FAINT:#}   {count} defined in several files; the first file has the id"
            )?;
        }
        for (paths, what) in [
            (&self.other_text, "not as they were when the index was made; left aside, as if not given"),
            (&self.missing_text, "not in the folder that was given, or no text; their spans have no bytes"),
        ] {
            write_sources(out, paths, what)?;
        }
        Ok(())
    }
}

/// Sources that were of no use, as far as they are listed.
fn write_sources(out: &mut dyn Write, paths: &[String], what: &str) -> io::Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "{NOTE}sources{NOTE:#}  {} {what}", counted(length(paths), "source"))?;
    paths.iter().take(MAX_LISTED).try_for_each(|path| writeln!(out, "  {}", Shown(path)))?;
    if let more @ 1.. = paths.len().saturating_sub(MAX_LISTED) {
        writeln!(out, "  and {more} more; --json lists all")?;
    }
    Ok(())
}
