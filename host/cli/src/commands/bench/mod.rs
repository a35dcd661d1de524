//! `codestrata bench`.
//!
//! Nothing is measured in the stores that configurations name: each is made anew in a scratch folder, as often as it is
//! measured, and what is found there is compared before anything is timed.

mod answers;
mod document;
mod process;
mod round;
mod subject;
mod tree;

use std::fs;
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::Args;
use codestrata_measure::Question;
use tempfile::TempDir;

use self::answers::compare;
use self::document::{Document, Machine, Measured};
pub(crate) use self::process::BenchProcess;
use self::round::{Answers, Figures, Stand};
use self::subject::{Origin, Subject};
use self::tree::{Kind, Tree};
use crate::arguments::{Settings, whole_number, with_notes};
use crate::failure::{Code, Failure};
use crate::folder;
use crate::output::answer;
use crate::progress::Progress;
use crate::replacement::Replacement;

const EXAMPLES: &str = "\
Examples:
  codestrata bench
  codestrata bench src --config redb.toml --config file.toml
  codestrata bench --repetitions 11 --chart engines.svg
  codestrata bench --json > engines.json";

const NOTES: &str = "\
The sources are read once. Then every configuration stores them, is opened by a new process, asked, and given edits of \
    20 files of middling size, in turns, as often as --repetitions says. Before that the answers of all configurations \
    are compared; where they differ there are no figures, but an error.

The configured stores are neither read nor changed: engine, options, durability, compression and cache count as they \
    stand, and the stores are made in a folder in --scratch, which is removed. The medium there is the one that is measured; \
    the folder for temporary files is memory on some systems. Without --config the codestrata.toml that other commands \
    find does not count.

A store in memory is not opened by another process; its memory is that of a process which indexed the sources itself.";

/// The id under which everything is stored.
const REPOSITORY: &str = "bench";

/// How often it is tried to remove the folder while something may be written to it.
const REMOVALS: u32 = 3;

/// The most repetitions.
const MOST_REPETITIONS: u32 = 1_000;

/// Compare engines and configurations on your own sources: storing, opening, questions, edits, disk and memory.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Bench {
    /// The folder with the sources.
    #[arg(default_value = ".")]
    path: PathBuf,

    /// A configuration to measure, as often as there are some [default: each engine of this program, as it comes].
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,

    /// How often everything is repeated, all configurations in turns.
    #[arg(long, value_name = "N", default_value = "5", value_parser = repetitions)]
    repetitions: NonZeroU32,

    /// Where stores are made while it runs [default: the folder for temporary files].
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,

    /// Draw the ratios as an SVG into this file.
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

fn repetitions(text: &str) -> Result<NonZeroU32, String> {
    whole_number(text, &(1..=MOST_REPETITIONS))
        .map(|number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
}

impl Bench {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let root = folder::existing(&self.path)?;
        let subjects = self.subjects()?;
        if self.chart.as_deref().is_some_and(|path| path.extension().is_none_or(|ending| ending != "svg")) {
            return Err(Failure::new(Code::Usage, "usage", "a chart is an SVG, and its file is named so")
                .with_help("name one that ends in .svg with --chart"));
        }
        let left: Arc<OnceLock<PathBuf>> = Arc::default();
        let theirs = Arc::clone(&left);
        // The second Ctrl-C ends the process where it is, and nothing else would remove the folder then.
        let progress = Progress::begin_with(settings.quiet || settings.is_logging, move || {
            // What is being made while it is removed is there at the second or third time.
            let gone = |folder: &PathBuf| fs::remove_dir_all(folder).is_ok() || !folder.exists();
            let _ = theirs.get().is_some_and(|folder| (0..REMOVALS).any(|_| gone(folder)));
        });
        let scratch = self.scratch()?;
        let folder = left.get_or_init(|| scratch.path().to_owned());
        let measured = self.measure(&root, &subjects, folder, &progress).await;
        progress.end();
        drop(scratch);
        // What fails then may have failed for it.
        if progress.is_asked_to_stop() {
            return Err(Failure::new(Code::Interrupted, "interrupted", "stopped; nothing was kept"));
        }
        let document = measured?;
        if let Some(path) = &self.chart {
            write_chart(path, &document.chart()?)?;
        }
        answer(settings, &document, |out| document.write(out))
    }

    fn subjects(&self) -> Result<Vec<Subject>, Failure> {
        if self.config.is_empty() {
            return Subject::all_engines();
        }
        let mut subjects: Vec<Subject> = Vec::new();
        for path in &self.config {
            let mut subject = Subject::of(Origin::File(path.clone()))?;
            let same = subjects.iter().filter(|other| other.file() == subject.file()).count();
            if same > 0 {
                // Twice the same shows what differs by chance.
                subject.name = format!("{} ({})", subject.name, same + 1);
            }
            subjects.push(subject);
        }
        Ok(subjects)
    }

    fn scratch(&self) -> Result<TempDir, Failure> {
        let parent = self.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let made =
            fs::canonicalize(&parent).and_then(|parent| TempDir::with_prefix_in("codestrata-bench-", parent));
        made.map_err(|error| {
            let message = format!("no folder can be made in {}: {error}", parent.display());
            Failure::new(Code::Store, "unavailable", message)
                .with_help("name a folder that you may write to with --scratch")
        })
    }

    async fn measure(
        &self,
        root: &Path,
        subjects: &[Subject],
        scratch: &Path,
        progress: &Progress,
    ) -> Result<Document, Failure> {
        let machine = Machine::now();
        progress.wait_for("reading the sources");
        let stopped = || Failure::new(Code::Interrupted, "interrupted", "stopped");
        let tree = Tree::read(root, || progress.is_asked_to_stop())?.ok_or_else(stopped)?;
        let (kinds, answers) = agree(subjects, &tree, scratch, progress).await?;
        let mut figures: Vec<Figures> = subjects.iter().map(|_| Figures::default()).collect();
        for round in 1..=self.repetitions.get() {
            for (subject, figures) in subjects.iter().zip(&mut figures) {
                let go_on = |step: &'static str| {
                    progress.say(format!("{step}, {}, {round} of {}", subject.name, self.repetitions));
                    if progress.is_asked_to_stop() { Err(stopped()) } else { Ok(()) }
                };
                go_on("making")?;
                let stand = Stand::make(subject, scratch).await?;
                stand.measure(&tree, &kinds, go_on, figures).await?;
            }
        }
        let mut rows = answers.rows.iter().map(Vec::len);
        let rows = kinds.iter().map(|kind| rows.by_ref().take(kind.questions.len()).sum::<usize>()).collect();
        let repetitions = self.repetitions.get();
        let totals = answers.totals;
        Ok(Measured { root, totals, repetitions, machine, subjects, kinds: &kinds, rows, figures }.into())
    }
}

/// What is asked, and what everybody answers.
async fn agree(
    subjects: &[Subject],
    tree: &Tree,
    scratch: &Path,
    progress: &Progress,
) -> Result<(Vec<Kind>, Answers), Failure> {
    let mut agreed: Option<(Vec<Kind>, Answers, &str)> = None;
    for subject in subjects {
        progress.say(format!("comparing answers, {}", subject.name));
        if progress.is_asked_to_stop() {
            break;
        }
        let stand = Stand::make(subject, scratch).await?;
        stand.fill(tree).await?;
        agreed = Some(match agreed {
            None => {
                let calls = stand.queries().call_counts().await?.results;
                let kinds = tree.questions(&calls);
                let answers = stand.answers(tree, &kinds).await?;
                (kinds, answers, subject.name.as_str())
            }
            Some((kinds, answers, first)) => {
                let others = stand.answers(tree, &kinds).await?;
                let questions: Vec<&Question> = kinds.iter().flat_map(|kind| &kind.questions).collect();
                compare((first, &answers), (&subject.name, &others), &questions)?;
                (kinds, answers, first)
            }
        });
        stand.end().await?;
    }
    let agreed = agreed.map(|(kinds, answers, _)| (kinds, answers));
    agreed.ok_or_else(|| Failure::new(Code::Interrupted, "interrupted", "stopped"))
}

fn write_chart(path: &Path, svg: &str) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let mut file = Replacement::begin(path)?;
        file.file().write_all(svg.as_bytes())?;
        file.finish()
    };
    write().map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Code::Store, "unavailable", message).with_help("name another file with --chart")
    })
}
