//! `codestrata duplicates`.

use std::io::{self, Write};

use clap::Args;
use codestrata_analyse::duplicates::{
    DuplicateFunction, DuplicateOptions, DuplicatePair, Duplicates as Finding, DuplicatesDifference,
    PairState,
};
use codestrata_analyse::limits::MIN_DUPLICATE_TOKENS;
use codestrata_analyse::{LeftOut, Run, Score};
use serde::Serialize;

use crate::arguments::{Limit, Settings, whole_number, with_notes};
use crate::failure::Failure;
use crate::freshness::{Tree, answer_of_tree};
use crate::measuring::{RunName, keep_run, measure, measure_only, stored_run, write_left_out};
use crate::output::{FAINT, NOTE, STRONG, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted, length};

const EXAMPLES: &str = "\
Examples:
  codestrata duplicates
  codestrata duplicates --min-score 0.95 --min-tokens 100
  codestrata duplicates --file models/ --json
  codestrata duplicates --stored";

const NOTES: &str = "\
Functions are compared by their tokens, without names, values and comments. The score is how much two of them have in \
    common, from 0 to 1; identical ones say the same, but for their own names. Of several copies each is paired with the \
    first one.

The sources are compared as they were indexed, and only files that changed since the last run are parsed. Every run that finds \
    something new is kept: `codestrata analysis list --type duplicates`, and `codestrata analysis diff` for what is \
    different between two.";

/// The most tokens that can be asked for: no function is so long.
const MAX_MIN_TOKENS: u32 = 1_000_000;

/// Find functions that are copies of each other.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Duplicates {
    /// The least score of a pair, from 0.5 to 1 [default: 0.8].
    #[arg(long, value_name = "SCORE", value_parser = score, conflicts_with = "stored")]
    min_score: Option<Score>,

    /// The fewest tokens of a function, at least 50 [default: 50].
    #[arg(long, value_name = "N", value_parser = tokens, conflicts_with = "stored")]
    min_tokens: Option<u32>,

    /// Only pairs with a file whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Show the newest run that is kept, and which of its pairs still hold.
    #[arg(long)]
    stored: bool,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    /// How many functions were compared.
    compared: u64,
    /// How many pairs there are.
    pairs: u64,
    results: Vec<Shape>,
    truncated: bool,
    left_out: Vec<LeftOut>,
}

/// A pair, and whether it still holds, where that was asked.
#[derive(Serialize)]
struct Shape {
    #[serde(flatten)]
    pair: DuplicatePair,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<PairState>,
}

fn tokens(text: &str) -> Result<u32, String> {
    whole_number(text, &(MIN_DUPLICATE_TOKENS..=MAX_MIN_TOKENS))
}

impl Duplicates {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let limit = self.limit.get();
        if self.stored {
            let store = Store::open_to_read(settings).await?;
            let queries = repository::choose(settings, &store).await?;
            let run: Run<Finding> = stored_run(&store, &queries, "duplicates").await?;
            let now = measure_only(settings, &store, &queries).await?;
            let states = run.finding.states(&now).into_iter().map(Some).collect();
            let tree = Tree::of(&queries).await?;
            return self.show(settings, &tree, run, states, limit);
        }
        let store = Store::open_to_change(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let measured = measure(settings, &store, &queries).await?;
        let usual = DuplicateOptions::default();
        let options = DuplicateOptions {
            min_score: self.min_score.unwrap_or(usual.min_score),
            min_tokens: self.min_tokens.unwrap_or(usual.min_tokens),
        };
        let tree = Tree::of(&queries).await?;
        let finding = Finding::of(&measured, options);
        let run = keep_run(&store, &measured, options.parameters(), finding).await?;
        store.storage.close().await?;
        let states = vec![None; run.finding.pairs.len()];
        self.show(settings, &tree, run, states, limit)
    }

    fn show(
        &self,
        settings: &Settings,
        tree: &Tree,
        run: Run<Finding>,
        states: Vec<Option<PairState>>,
        limit: usize,
    ) -> Result<(), Failure> {
        let name = RunName::of(&run);
        let Finding { pairs, truncated, compared, left_out } = run.finding;
        let mut results: Vec<Shape> =
            pairs.into_iter().zip(states).map(|(pair, state)| Shape { pair, state }).collect();
        if let Some(part) = &self.file {
            results.retain(|Shape { pair, .. }| {
                pair.left.file.contains(part.as_str()) || pair.right.file.contains(part.as_str())
            });
        }
        let pairs = length(&results);
        let truncated = truncated || results.len() > limit;
        results.truncate(limit);
        let repository = run.repository.clone();
        let document =
            Document { repository: run.repository, run: name, compared, pairs, results, truncated, left_out };
        answer_of_tree(settings, &repository, tree, &document, |out| document.write(out, limit))
    }
}

fn score(text: &str) -> Result<Score, String> {
    let wrong = || "give a number from 0.5 to 1".to_owned();
    let score = text.parse().ok().and_then(Score::of_fraction).ok_or_else(wrong)?;
    if score >= Score::thousandths(500) { Ok(score) } else { Err(wrong()) }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}, {}: {} among {}",
            Shown(&self.repository),
            self.run.shown(),
            counted(self.pairs, "pair"),
            counted(self.compared, "function")
        )?;
        for Shape { pair, state } in &self.results {
            write_pair(out, pair, *state)?;
        }
        if self.truncated {
            write_cut(out, limit)?;
        }
        write_left_out(out, &self.left_out)
    }
}

fn write_pair(out: &mut dyn Write, pair: &DuplicatePair, state: Option<PairState>) -> io::Result<()> {
    let DuplicatePair { score, identical, left, right } = pair;
    write!(out, "  {:.3}", score.as_fraction())?;
    if *identical {
        write!(out, " identical")?;
    }
    match state {
        Some(PairState::Expired) => write!(out, "  {NOTE}(expired: a body has changed){NOTE:#}")?,
        Some(PairState::Unknown) => {
            write!(out, "  {NOTE}(unknown: a file has changed since it was indexed){NOTE:#}")?;
        }
        Some(PairState::Holds) | None => {}
    }
    writeln!(out)?;
    for DuplicateFunction { id, file, line, end_line, tokens, .. } in [left, right] {
        writeln!(
            out,
            "    {STRONG}{}{STRONG:#}  {FAINT}{} at {}:{line}-{end_line}{FAINT:#}",
            Shown(id),
            counted((*tokens).into(), "token"),
            Shown(file)
        )?;
    }
    Ok(())
}

/// Writes what is different between two runs.
pub(super) fn write_difference(out: &mut dyn Write, difference: &DuplicatesDifference) -> io::Result<()> {
    let DuplicatesDifference { added, removed, rescored, not_compared } = difference;
    for (title, pairs) in [("new", added), ("no pair any more", removed)] {
        if !pairs.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            pairs.iter().try_for_each(|pair| write_pair(out, pair, None))?;
        }
    }
    if !rescored.is_empty() {
        writeln!(out, "{FAINT}of another score{FAINT:#}")?;
        for change in rescored {
            write!(out, "  {FAINT}before {:.3}{FAINT:#}", change.before.as_fraction())?;
            write_pair(out, &change.now, None)?;
        }
    }
    if added.is_empty() && removed.is_empty() && rescored.is_empty() {
        writeln!(out, "{FAINT}no pair is new, gone or of another score{FAINT:#}")?;
    }
    if !not_compared.is_empty() {
        let files = counted(length(not_compared), "file");
        writeln!(out, "{NOTE}one of the runs could not measure {files}; nothing is said of them{NOTE:#}")?;
    }
    Ok(())
}
