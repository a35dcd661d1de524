//! What `codestrata index` says when it is done.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use codestrata::Totals;
use codestrata_index::{IndexReport, Skipped};
use indicatif::HumanCount;
use serde::Serialize;

use super::status::write_totals;
use crate::location::StoreName;
use crate::output::{FAINT, NOTE, STRONG};
use crate::words::{Shown, counted, length};

/// How many files a list for people names.
const MAX_LISTED: usize = 10;

/// What was done.
#[derive(Serialize)]
pub(super) struct Document {
    repository: String,
    version: u64,
    root: String,
    /// Source files that were found.
    found: u64,
    added: u64,
    changed: u64,
    removed: u64,
    unchanged: u64,
    /// Files that were parsed.
    parsed: u64,
    /// Files that were linked again because something that they refer to changed.
    relinked: u64,
    totals: Totals,
    /// Which packages of others were read: `exclude`, `smart` or `all`.
    dependencies: &'static str,
    /// Where those lie.
    packages: Vec<String>,
    skipped: Vec<SkippedFile>,
    /// Paths of files with syntax errors.
    syntax_errors: Vec<String>,
    seconds: f64,
    store: StoreName,
}

#[derive(Serialize)]
struct SkippedFile {
    path: String,
    reason: String,
}

impl Document {
    pub(super) fn new(
        repository: String,
        version: u64,
        root: &Path,
        report: IndexReport,
        totals: Totals,
        store: StoreName,
        begun: Instant,
    ) -> Self {
        let skipped = report.skipped.into_iter();
        Self {
            repository,
            version,
            root: root.display().to_string(),
            found: report.found,
            added: report.summary.added,
            changed: report.summary.replaced,
            removed: report.summary.removed,
            // Those that were not parsed, and those that were and said the same.
            unchanged: report.unchanged + report.summary.unchanged,
            parsed: report.parsed,
            relinked: report.summary.relinked,
            totals,
            dependencies: report.dependencies.as_str(),
            packages: report.packages,
            skipped: skipped.map(|Skipped { path, reason }| SkippedFile { path, reason }).collect(),
            syntax_errors: report.with_syntax_errors,
            seconds: begun.elapsed().as_secs_f64(),
            store,
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { repository, version, seconds, .. } = self;
        let is_same = self.added + self.changed + self.removed == 0;
        let name = Shown(repository);
        if is_same && self.found > 0 {
            let again = if self.parsed > 0 {
                format!(", {} read again", HumanCount(self.parsed))
            } else {
                String::new()
            };
            writeln!(
                out,
                "{STRONG}{name}{STRONG:#}: nothing changed in {}{again}; version {version}, {seconds:.2} s",
                counted(self.found, "file")
            )?;
        } else {
            writeln!(out, "{STRONG}{name}{STRONG:#}: indexed in {seconds:.2} s, now version {version}")?;
        }
        if self.found == 0 {
            writeln!(
                out,
                "{NOTE}no source of a language that is known was found; `codestrata index --help` lists them{NOTE:#}"
            )?;
        }
        if !is_same {
            writeln!(
                out,
                "{FAINT}files{FAINT:#}    {} found: {} added, {} changed, {} removed, {} unchanged",
                HumanCount(self.found),
                HumanCount(self.added),
                HumanCount(self.changed),
                HumanCount(self.removed),
                HumanCount(self.unchanged)
            )?;
            write_totals(out, "", &self.totals)?;
        }
        self.write_packages(out)?;
        self.write_problems(out)?;
        if !is_same {
            let path = self.store.path.as_deref().map(|path| format!(" at {path}")).unwrap_or_default();
            writeln!(out, "{FAINT}store{FAINT:#}    {}{}", Shown(&self.store.backend), Shown(&path))?;
        }
        Ok(())
    }

    fn write_packages(&self, out: &mut dyn Write) -> io::Result<()> {
        let (of, none) = match self.dependencies {
            "smart" => ("package", "the sources import none that is installed in this folder"),
            "all" => ("folder of packages", "there is no folder of packages"),
            _ => return Ok(()),
        };
        let count = length(&self.packages);
        write!(out, "{FAINT}packages{FAINT:#} {}", self.dependencies)?;
        match (count, of) {
            (0, _) => return writeln!(out, ": {none}"),
            (1, _) | (_, "package") => writeln!(out, ": {}", counted(count, of))?,
            _ => writeln!(out, ": {count} folders of packages")?,
        }
        self.packages.iter().take(MAX_LISTED).try_for_each(|path| writeln!(out, "  {}", Shown(path)))?;
        write_more(out, &self.packages)
    }

    fn write_problems(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.syntax_errors.is_empty() {
            let count = counted(length(&self.syntax_errors), "file");
            writeln!(out, "{NOTE}syntax{NOTE:#}   errors in {count}; what could be understood is stored")?;
            self.syntax_errors
                .iter()
                .take(MAX_LISTED)
                .try_for_each(|path| writeln!(out, "  {}", Shown(path)))?;
            write_more(out, &self.syntax_errors)?;
        }
        if !self.skipped.is_empty() {
            writeln!(out, "{NOTE}skipped{NOTE:#}  {}", counted(length(&self.skipped), "file"))?;
            for SkippedFile { path, reason } in self.skipped.iter().take(MAX_LISTED) {
                writeln!(out, "  {}  {FAINT}{}{FAINT:#}", Shown(path), Shown(reason))?;
            }
            write_more(out, &self.skipped)?;
        }
        Ok(())
    }
}

fn write_more<T>(out: &mut dyn Write, list: &[T]) -> io::Result<()> {
    match list.len().saturating_sub(MAX_LISTED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; --json lists all"),
    }
}
