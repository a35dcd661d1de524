//! `codestrata dead`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::{Args, ValueEnum};
use codestrata::limits::MAX_RESULTS;
use codestrata::query::{Answer, DeadFilter, DeadHit, DeadTotals, Doubt, Verdict};
use codestrata_analyse::dead::{DeadCode, DeadCodeDifference, DeadDefinition};
use codestrata_analyse::runs::{NewRun, keep, latest_asked};
use codestrata_analyse::{Finding, Run};
use serde::Serialize;
use serde_json::json;

use super::dead_runs::write_difference;
use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::measuring::RunName;
use crate::output::{FAINT, NOTE, STRONG, definition, note, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  codestrata dead
  codestrata dead --show all --file app/
  codestrata dead --root 'app/plugins/*' --root '*.handle_*'
  codestrata dead --only-roots --root manage.py --kind function --json
  codestrata dead --keep";

const NOTES: &str = "\
dead: nothing that runs, is exported, or is used by a convention leads to it, and no reference that could not be bound \
    has its name. exported-unused: nothing in the repository uses it, but others may. unknown: it may be used, and the \
    answer says why this is not certain.

Used are: what runs when a file is loaded, tests, functions named main, what is decorated (but for decorators such as \
    property), special methods of classes that are used, methods that override one that is used, and what --root names. \
    A pattern is an id, a qualified name, a name or the path of a file; * stands for any characters. With --only-roots \
    nothing but --root and tests counts as used from outside.

What is in a definition that is listed is not listed again.

With --keep the answers are kept as a run, of all verdicts whatever --show lists, and compared with the last run that \
    was asked the same; `codestrata analysis diff` compares any two.";

/// Find definitions that nothing uses, as far as can be known.
///
/// It would rather say that it does not know than call living code dead.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Dead {
    /// What is used from outside: an id, a name or a path, in which * stands for any characters. May be repeated.
    #[arg(long = "root", value_name = "PATTERN", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    roots: Vec<String>,

    /// Take nothing but --root and tests to be used from outside: no exports, no loading of files.
    #[arg(long)]
    only_roots: bool,

    /// Do not count tests as use.
    #[arg(long)]
    without_tests: bool,

    /// Which answers to list.
    #[arg(long, value_name = "ANSWERS", value_delimiter = ',', default_value = "dead")]
    show: Vec<Shown>,

    /// Only definitions of this kind; may be repeated [default: functions, methods, classes and other types].
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,

    /// Only definitions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Keep the answers, and say what is different since the last time.
    #[arg(long)]
    keep: bool,

    #[command(flatten)]
    limit: Limit,
}

/// Which answers are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// What nothing uses.
    Dead,
    /// What nothing in the repository uses, and others may.
    ExportedUnused,
    /// What may be used.
    Unknown,
    /// All of them.
    All,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    answer: Answer<DeadHit>,
    totals: DeadTotals,
    #[serde(flatten)]
    kept: Option<Kept>,
}

/// A run that was kept, and what is different since the one before.
#[derive(Serialize)]
struct Kept {
    run: RunName,
    /// The run before that was asked the same, if there is one.
    previous: Option<RunName>,
    difference: Option<DeadCodeDifference>,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.answer.files(files);
    }
}

impl Dead {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = if self.keep {
            Store::open_to_change(settings).await?
        } else {
            Store::open_to_read(settings).await?
        };
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let shown = verdicts(&self.show);
        let filter = DeadFilter {
            roots: self.roots,
            only_roots: self.only_roots,
            tests: !self.without_tests,
            verdicts: if self.keep { Verdict::ALL.into() } else { shown.clone() },
            kinds: self.kinds.into_iter().collect(),
            file: self.file,
        };
        let (mut found, totals) = queries.dead(&filter, if self.keep { MAX_RESULTS } else { limit }).await?;
        if totals.definitions == 0 && !(filter.kinds.is_empty() && filter.file.is_none()) {
            let failure = nothing_asked(&filter);
            return Err(freshness::doubted(&queries, failure).await);
        }
        say_unmatched(settings, &totals);
        let mut kept = None;
        if self.keep {
            kept = Some(keep_run(&store, &filter, &found).await?);
            found.results.retain(|hit| shown.contains(&hit.verdict));
            found.truncated |= found.results.len() > limit;
            found.results.truncate(limit);
        }
        let document = Document { answer: found, totals, kept };
        freshness::answer(settings, &queries, &document, |out| document.write(out, &shown, limit)).await?;
        if self.keep {
            store.storage.close().await?;
        }
        Ok(())
    }
}

/// Keeps what was answered, and compares it with the newest run that was asked the same.
async fn keep_run(store: &Store, filter: &DeadFilter, found: &Answer<DeadHit>) -> Result<Kept, Failure> {
    let storage = store.storage.analysis();
    let parameters = json!({
        "roots": filter.roots,
        "only_roots": filter.only_roots,
        "tests": filter.tests,
        "kinds": filter.kinds,
        "file": filter.file,
    });
    let before: Option<Run<DeadCode>> = latest_asked(storage, &found.repository, &parameters).await?;
    let finding = DeadCode::new(found.results.iter().map(DeadDefinition::from).collect());
    let difference = before.as_ref().map(|run| run.finding.difference(&finding));
    let new = NewRun {
        repository: found.repository.to_string(),
        graph_version: found.version,
        parameters,
        finding,
    };
    let (run, _) = keep(storage, new).await?;
    Ok(Kept { run: RunName::of(&run), previous: before.as_ref().map(RunName::of), difference })
}

/// No definition was looked at: that none of them is dead would be no answer.
fn nothing_asked(filter: &DeadFilter) -> Failure {
    let kinds: Vec<String> = filter.kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let of_kind = match kinds.as_slice() {
        [] => String::new(),
        kinds => format!(" of the kind {}", kinds.join(" or ")),
    };
    let in_file = filter.file.as_ref().map(|part| format!(" in files with `{part}` in their path"));
    let message = format!("there is no definition{of_kind}{}", in_file.unwrap_or_default());
    Failure::not_found(message).with_help(
        "leave --kind or --file out to see more; `codestrata statistics` lists the kinds there are",
    )
}

/// Says which roots and kinds mean nothing: an answer without them is not the one that was asked for.
fn say_unmatched(settings: &Settings, totals: &DeadTotals) {
    for root in &totals.unmatched_roots {
        let text = format!(
            "no definition and no file fits --root `{root}`; a pattern is an id, a qualified name, a name or the path of a \
             file, whole, with * for any characters"
        );
        note(settings, &text);
    }
    for kind in &totals.unmatched_kinds {
        note(
            settings,
            &format!("there is no definition of the kind `{kind}` among those that were asked for"),
        );
    }
}

fn verdicts(shown: &[Shown]) -> BTreeSet<Verdict> {
    let of = |shown: &Shown| match shown {
        Shown::Dead => vec![Verdict::Dead],
        Shown::ExportedUnused => vec![Verdict::ExportedUnused],
        Shown::Unknown => vec![Verdict::Unknown],
        Shown::All => vec![Verdict::Dead, Verdict::ExportedUnused, Verdict::Unknown],
    };
    shown.iter().flat_map(of).collect()
}

impl Document {
    fn write(&self, out: &mut dyn Write, shown: &BTreeSet<Verdict>, limit: usize) -> io::Result<()> {
        for verdict in shown {
            let mut hits = self.answer.results.iter().filter(|hit| hit.verdict == *verdict).peekable();
            if hits.peek().is_none() {
                continue;
            }
            writeln!(out, "{STRONG}{}{STRONG:#}", name_of(*verdict))?;
            for hit in hits {
                write!(out, "  {}", definition(&hit.node))?;
                match hit.doubt {
                    Some(doubt) => writeln!(out, "  {NOTE}({}){NOTE:#}", why(doubt))?,
                    None => writeln!(out)?,
                }
            }
        }
        if self.answer.truncated {
            write_cut(out, limit)?;
        }
        if !self.answer.results.is_empty() {
            writeln!(out)?;
        }
        let DeadTotals { definitions, dead, exported_unused, unknown, .. } = &self.totals;
        let of = counted(*definitions, "definition");
        writeln!(
            out,
            "{FAINT}of {of}: {dead} dead, {exported_unused} exported and unused, {unknown} unknown{FAINT:#}"
        )?;
        let Some(kept) = &self.kept else { return Ok(()) };
        match (&kept.previous, &kept.difference) {
            (Some(previous), Some(difference)) => {
                writeln!(out, "{FAINT}kept as {}; since {}:{FAINT:#}", kept.run.id, previous.shown())?;
                write_difference(out, difference)
            }
            _ => writeln!(out, "{FAINT}kept as {}, the first run that was asked this{FAINT:#}", kept.run.id),
        }
    }
}

fn name_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Dead => "dead",
        Verdict::ExportedUnused => "exported, and unused here",
        Verdict::Unknown => "unknown",
    }
}

fn why(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NameIsUsed => "its name is used, and it is not known for what",
        Doubt::OutsideBase => "a base outside the repository may call it",
        Doubt::ReadByName => "its class or file reads things by names made at run time",
        Doubt::FitsInterface => "an interface that its class may fit has this method",
        Doubt::UsedByUnknown => "used by something unknown only",
        Doubt::OnlyStated => "the imported graph does not say which names are used beside its edges",
    }
}
