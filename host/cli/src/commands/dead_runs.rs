//! What is different between two runs of the question which definitions nothing uses.

use std::io::{self, Write};

use codestrata_analyse::dead::{DeadCodeDifference, DeadDefinition, Rejudged};

use crate::output::{FAINT, STRONG};
use crate::words::Shown;

/// Writes what is different between two runs.
pub(super) fn write_difference(out: &mut dyn Write, difference: &DeadCodeDifference) -> io::Result<()> {
    let DeadCodeDifference { added, removed, changed } = difference;
    for (title, definitions) in [("new among them", added), ("used again, or gone", removed)] {
        if !definitions.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            definitions.iter().try_for_each(|definition| write_definition(out, definition))?;
        }
    }
    if !changed.is_empty() {
        writeln!(out, "{FAINT}of another verdict{FAINT:#}")?;
        for Rejudged { before, now } in changed {
            write!(out, "  {FAINT}before {}{FAINT:#}", before.as_str())?;
            write_definition(out, now)?;
        }
    }
    if *difference == DeadCodeDifference::default() {
        writeln!(out, "{FAINT}nothing became unused, is used again or gone{FAINT:#}")?;
    }
    Ok(())
}

fn write_definition(out: &mut dyn Write, definition: &DeadDefinition) -> io::Result<()> {
    let DeadDefinition { id, kind, file, line, verdict } = definition;
    writeln!(
        out,
        "  {}  {STRONG}{}{STRONG:#}  {FAINT}{} at {}:{line}{FAINT:#}",
        verdict.as_str(),
        Shown(id),
        Shown(kind),
        Shown(file)
    )
}
