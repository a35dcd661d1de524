//! `codestrata changes`.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use clap::Args;
use codestrata::history::{Change, Difference, Listing, Since};
use codestrata::limits::MAX_RESULTS;
use indicatif::HumanCount;
use serde::Serialize;

use super::diff::{Elements, write_elements};
use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::moments::{moment, since};
use crate::output::{FAINT, NOTE, STRONG, answer, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata changes
  codestrata changes --since 12 --details
  codestrata changes --since 7d --json";

const NOTES: &str = "\
--since takes a version, those after which are listed, or an age (90m, 12h, 7d), a date (2026-11-22) or a time with its \
    zone.

A line has what a version added and removed. Edges are told apart by source, kind, target and how they were bound, so \
    an edit that moves lines changes none. A first index, and a change of more than 10,000 nodes and edges, keeps its \
    figures only. How many versions are kept is `history` in the section [storage] of the configuration.";

/// List what versions of the graph changed, the newest first.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Changes {
    /// Only versions since then: a version, an age such as 7d, or a date.
    #[arg(long, value_name = "VERSION|WHEN", value_parser = version_or_moment)]
    since: Option<Since>,

    /// List the nodes and edges that came and went too.
    #[arg(long)]
    details: bool,

    #[command(flatten)]
    limit: Limit,
}

/// Reads a version or a moment.
fn version_or_moment(text: &str) -> Result<Since, String> {
    match text.parse() {
        Ok(version) => Ok(Since::Version(version)),
        Err(_) => {
            since(text).map(Since::Time).map_err(|wrong| format!("{wrong}; or a version, which is a number"))
        }
    }
}

#[derive(Serialize)]
struct Document {
    repository: String,
    /// The version of the graph now.
    version: u64,
    /// The oldest version of which something is kept.
    oldest: Option<u64>,
    /// The version before which what is asked for may go on, and is not kept any more.
    forgotten_before: Option<u64>,
    changes: Vec<Entry>,
    truncated: bool,
}

#[derive(Serialize)]
struct Entry {
    time: Option<String>,
    #[serde(flatten)]
    change: Change,
    /// With `--details`, where it is listed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    elements: Option<Elements>,
}

impl Changes {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let repository = repository::choose(settings, &store).await?.repository().to_owned();
        let limit = self.limit.get();
        let graph = store.storage.graph();
        let found = graph.changes(&repository, self.since.unwrap_or_default(), limit).await?;
        check_reach(&repository, self.since, &found)?;
        let forgotten_before = match self.since {
            Some(since @ Since::Time(_)) if found.truncated => {
                oldest_of_more(&graph.changes(&repository, since, MAX_RESULTS).await?)
            }
            Some(Since::Time(_)) => oldest_of_more(&found),
            _ => None,
        };
        let mut changes = Vec::with_capacity(found.changes.len());
        for change in found.changes {
            let is_wanted = self.details && change.listing == Listing::Listed;
            let listed = if is_wanted {
                graph.changes_of(&repository, change.version).await?
            } else {
                Difference::default()
            };
            changes.push(Entry {
                time: SystemTime::UNIX_EPOCH
                    .checked_add(Duration::from_millis(change.time_ms))
                    .and_then(moment),
                elements: is_wanted.then(|| Elements::new(listed, limit)),
                change,
            });
        }
        let document = Document {
            repository,
            version: found.version,
            oldest: found.oldest,
            forgotten_before,
            changes,
            truncated: found.truncated,
        };
        answer(settings, &document, |out| document.write(out, limit))
    }
}

/// The oldest version that is kept, if it is among these changes of some time and had others before it: then these
/// may have been made in that time too.
fn oldest_of_more(found: &codestrata::history::Changes) -> Option<u64> {
    let oldest = found.oldest.filter(|oldest| *oldest > 1)?;
    found.changes.last().is_some_and(|change| change.version == oldest).then_some(oldest)
}

/// Refuses a version before the oldest that is kept: the answer would look whole and would not be.
fn check_reach(
    repository: &str,
    since: Option<Since>,
    found: &codestrata::history::Changes,
) -> Result<(), Failure> {
    let Some(Since::Version(version)) = since else { return Ok(()) };
    if version > found.version {
        let message = format!("`{repository}` has no version {version} yet; the newest is {}", found.version);
        return Err(
            Failure::not_found(message).with_help(format!("ask with --since {} or lower", found.version))
        );
    }
    let goes_back_to = found.oldest.map_or(found.version, |oldest| oldest.saturating_sub(1));
    if version >= goes_back_to {
        return Ok(());
    }
    let message = format!("the history of `{repository}` goes back to version {goes_back_to} only");
    Err(Failure::not_found(message)
        .with_help(format!(
            "ask with --since {goes_back_to}; `history` in the configuration says how many versions are kept"
        ))
        .with_detail("oldest", found.oldest))
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let name = Shown(&self.repository);
        if self.changes.is_empty() {
            let what = if self.oldest.is_none() { "no history is kept" } else { "nothing changed since" };
            return writeln!(out, "{FAINT}{what}; {name} is at version {}{FAINT:#}", self.version);
        }
        for entry in &self.changes {
            entry.write(out, limit)?;
        }
        if self.truncated {
            write_cut(out, limit)?;
        }
        match self.forgotten_before {
            Some(oldest) => writeln!(
                out,
                "{NOTE}versions before {oldest} are not kept any more, and may be of this time too{NOTE:#}"
            ),
            None => Ok(()),
        }
    }
}

impl Entry {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let change = &self.change;
        let time = self.time.as_deref().unwrap_or("at an unknown time");
        write!(out, "{STRONG}{}{STRONG:#}  {FAINT}{time}{FAINT:#}  ", change.version)?;
        let files = change.files_added + change.files_replaced + change.files_removed;
        if files == 0 && change.amounts.is_nothing() {
            return writeln!(out, "facts about the graph, or notes");
        }
        write!(
            out,
            "files +{} ~{} -{}",
            HumanCount(change.files_added),
            HumanCount(change.files_replaced),
            HumanCount(change.files_removed)
        )?;
        if change.files_relinked > 0 {
            write!(out, ", {} linked again", HumanCount(change.files_relinked))?;
        }
        let amounts = &change.amounts;
        write!(
            out,
            ", nodes +{} -{}, edges +{} -{}",
            HumanCount(amounts.nodes_added),
            HumanCount(amounts.nodes_removed),
            HumanCount(amounts.edges_added),
            HumanCount(amounts.edges_removed)
        )?;
        match change.listing {
            Listing::Listed => writeln!(out)?,
            Listing::Counted => writeln!(out, "  {NOTE}(not listed){NOTE:#}")?,
            Listing::NotCompared => writeln!(out, "  {NOTE}(the former graph was damaged){NOTE:#}")?,
        }
        match &self.elements {
            Some(elements) => {
                write_elements(out, elements)?;
                match elements.more {
                    0 => Ok(()),
                    more => {
                        writeln!(out, "  and {} more; raise --limit (now {limit})", counted(more, "line"))
                    }
                }
            }
            None => Ok(()),
        }
    }
}
