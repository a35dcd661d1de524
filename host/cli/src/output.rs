//! Writing answers to stdout: words for people, or one JSON document.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use codestrata::Resolution;
use codestrata::model::edge_kind;
use codestrata::query::{NodeHit, Site};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::words::Shown;

/// What an answer is about.
pub(crate) const STRONG: Style = Style::new().bold();
/// What stands beside it.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What should not be overlooked.
pub(crate) const NOTE: Style = AnsiColor::Yellow.on_default();
/// The word `error`.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word `help`.
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// Writes an answer: the document with `--json`, else the text.
///
/// # Errors
/// When stdout cannot be written to; quietly when it was closed.
pub(crate) fn answer<T: Serialize>(
    settings: &Settings,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if settings.json {
        return json(document);
    }
    let mut out = BufWriter::with_capacity(1 << 16, anstream::stdout().lock());
    text(&mut out)?;
    out.flush()?;
    Ok(())
}

/// Writes what was done, as [`answer`] does; but with `--quiet` nothing, unless programs asked for the document.
///
/// # Errors
/// As [`answer`].
pub(crate) fn report<T: Serialize>(
    settings: &Settings,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if settings.quiet && !settings.json { Ok(()) } else { answer(settings, document, text) }
}

/// One document on one line, or indented for the eyes of someone at a terminal.
fn json<T: Serialize>(document: &T) -> Result<(), Failure> {
    let stdout = io::stdout();
    let is_terminal = stdout.is_terminal();
    let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
    if is_terminal {
        serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from)?;
    } else {
        serde_json::to_writer(&mut out, document).map_err(io::Error::from)?;
    }
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Says something on stderr that is no part of the answer.
pub(crate) fn note(settings: &Settings, text: &str) {
    if !settings.quiet {
        // If stderr is closed there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{NOTE}note:{NOTE:#} {}", Shown(text));
    }
}

/// `app/user.py::User.save  method at app/user.py:12`.
pub(crate) fn definition(hit: &NodeHit) -> String {
    format!(
        "{STRONG}{}{STRONG:#}  {FAINT}{} at {}:{}{FAINT:#}",
        Shown(hit.id()),
        Shown(hit.kind()),
        Shown(hit.file()),
        hit.line()
    )
}

/// `app/views.py:31:5`, and what is special about it.
pub(crate) fn place(site: &Site) -> String {
    let mut labels = Vec::new();
    if site.kind == edge_kind::INSTANTIATES {
        labels.push("creates it");
    }
    match site.resolution {
        None | Some(Resolution::Exact | Resolution::Import) => {}
        Some(how) => labels.push(how.as_str()),
    }
    let place = bare_place(site);
    if labels.is_empty() { place } else { format!("{place}  {NOTE}({}){NOTE:#}", labels.join(", ")) }
}

/// Where an edge stands; the file alone where it says no more.
pub(crate) fn bare_place(site: &Site) -> String {
    match site.line {
        0 => Shown(&site.file).to_string(),
        line => format!("{}:{line}:{}", Shown(&site.file), site.column),
    }
}

/// Says that there is more than was shown.
pub(crate) fn write_cut(out: &mut dyn Write, limit: usize) -> io::Result<()> {
    writeln!(out, "{NOTE}… and more; raise --limit (now {limit}){NOTE:#}")
}
