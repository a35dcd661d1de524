//! `codestrata analysis diff`.

use std::io::{self, Write};

use clap::Args;
use codestrata::AnalysisResult;
use codestrata_analyse::compatibility::CompatibilityMatrix;
use codestrata_analyse::dead::DeadCode;
use codestrata_analyse::duplicates::Duplicates;
use codestrata_analyse::hot::Hot;
use codestrata_analyse::metrics::Metrics;
use codestrata_analyse::patterns::Patterns;
use codestrata_analyse::runs::run_of;
use codestrata_analyse::{Finding, Run};
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::commands::{compatibility, dead_runs, duplicates, hot, metrics, patterns};
use crate::failure::{Code, Failure};
use crate::measuring::RunName;
use crate::output::{STRONG, answer};
use crate::results::load;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata analysis diff 3f2a91c 77b0e45
  codestrata analysis diff 3f2a91c 77b0e45 --json";

const NOTES: &str = "\
Results of metrics, duplicates, hot, dead code, patterns and compatibility can be compared, two of one type and of one \
    repository. Everything that is different is shown.";

/// Show what is different between two results of one type.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(super) struct Diff {
    /// The id of the earlier result, as `analysis list` shows it, or the first characters of it, four at least.
    #[arg(value_name = "EARLIER")]
    earlier: String,

    /// The id of the later one.
    #[arg(value_name = "LATER")]
    later: String,
}

#[derive(Serialize)]
struct Document<D> {
    repository: String,
    #[serde(rename = "type")]
    analysis_type: &'static str,
    from: RunName,
    to: RunName,
    #[serde(flatten)]
    difference: D,
}

impl Diff {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let Self { earlier, later } = self;
        let (earlier, later) = (load(&store, &earlier).await?, load(&store, &later).await?);
        match earlier.analysis_type.as_str() {
            Metrics::TYPE => compare::<Metrics>(settings, &earlier, &later, metrics::write_difference),
            Duplicates::TYPE => {
                compare::<Duplicates>(settings, &earlier, &later, duplicates::write_difference)
            }
            Hot::TYPE => compare::<Hot>(settings, &earlier, &later, hot::write_difference),
            DeadCode::TYPE => compare::<DeadCode>(settings, &earlier, &later, dead_runs::write_difference),
            Patterns::TYPE => compare::<Patterns>(settings, &earlier, &later, patterns::write_difference),
            CompatibilityMatrix::TYPE => {
                let write = compatibility::write_difference;
                compare::<CompatibilityMatrix>(settings, &earlier, &later, write)
            }
            other => {
                let message = format!("results of the type `{other}` cannot be compared");
                Err(Failure::new(Code::Usage, "usage", message)
                    .with_help("metrics, duplicates, hot, dead code, patterns and compatibility can be; `codestrata analysis show` shows any"))
            }
        }
    }
}

/// Answers with what is different between two results of a kind.
pub(in crate::commands) fn compare<T: Finding>(
    settings: &Settings,
    earlier: &AnalysisResult,
    later: &AnalysisResult,
    write: impl Fn(&mut dyn Write, &T::Difference) -> io::Result<()>,
) -> Result<(), Failure> {
    let (earlier, later): (Run<T>, Run<T>) = (run_of(earlier)?, run_of(later)?);
    if earlier.repository != later.repository {
        let message =
            format!("one result is of `{}`, the other of `{}`", earlier.repository, later.repository);
        return Err(Failure::new(Code::Usage, "usage", message).with_help("name two of one repository"));
    }
    let document = Document {
        repository: earlier.repository.clone(),
        analysis_type: T::TYPE,
        from: RunName::of(&earlier),
        to: RunName::of(&later),
        difference: earlier.finding.difference(&later.finding),
    };
    answer(settings, &document, |out| {
        let (from, to) = (document.from.shown(), document.to.shown());
        writeln!(
            out,
            "{} of {STRONG}{}{STRONG:#} from {from} to {to}",
            T::TYPE,
            Shown(&document.repository)
        )?;
        write(out, &document.difference)
    })
}
