//! `codestrata unresolved` and `codestrata dangling`: what is referred to and not found.

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::{Args, ValueEnum};
use codestrata::limits::MAX_RESULTS;
use codestrata::query::{Answer, UnboundGroup, UnboundGrouping, UnboundLabel, UnboundOptions};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::{Limit, Settings, whole_number, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, STRONG, bare_place, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata unresolved
  codestrata unresolved requests --kind calls
  codestrata unresolved --label ambiguous --by file --json";

const DANGLING_EXAMPLES: &str = "\
Examples:
  codestrata dangling
  codestrata dangling --file app/ --json";

const NOTES: &str = "\
unresolved: nothing in the repository is meant: a library, a builtin, something made at run time, or a mistake. \
    ambiguous: one of several definitions, and the code does not say which. dangling: the target was stated as an id that \
    no definition has; only imported graphs have such edges.

`*` stands for something of which the code does not say what it is, and `<local>` for a parameter or local value.";

/// List what is referred to and not found, the most frequent first.
///
/// References are put together by what they say, or by file or kind, and counted; the first places are named.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Unresolved {
    /// Which references.
    #[arg(long, value_name = "LABELS", value_delimiter = ',', default_values = ["unresolved"])]
    label: Vec<Label>,

    #[command(flatten)]
    which: Which,
}

/// List edges of imported graphs whose targets no definition has.
///
/// It is `unresolved --label dangling`.
#[derive(Args, Debug)]
#[command(after_help = DANGLING_EXAMPLES, after_long_help = with_notes(DANGLING_EXAMPLES, NOTES))]
pub(crate) struct Dangling {
    #[command(flatten)]
    which: Which,
}

/// Which of them, and how they are listed.
#[derive(Args, Debug)]
struct Which {
    /// Only what contains this text.
    #[arg(value_name = "TEXT")]
    text: Option<String>,

    /// Only this kind of reference: calls, imports, inherits, `uses_type`, accesses ...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Only those in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// By what they are put together.
    #[arg(long, value_name = "WHAT", default_value = "text")]
    by: By,

    /// How many places of each group are named.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = |text: &str| whole_number(text, &(0..=MAX_RESULTS)))]
    sites: usize,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Label {
    /// Not found.
    Unresolved,
    /// One of several.
    Ambiguous,
    /// A stated id that no definition has.
    Dangling,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// What they say.
    Text,
    /// The file that they stand in.
    File,
    /// The kind of the reference.
    Kind,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    found: Answer<UnboundGroup>,
    /// How many references there are in all groups.
    references: u64,
    by: UnboundGrouping,
    /// Whether nothing was said of edges to ids that no definition has, and the graph has some.
    #[serde(skip)]
    has_dangling: bool,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(&self.found.results);
    }
}

impl Unresolved {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let labels = self.label.iter().map(|label| match label {
            Label::Unresolved => UnboundLabel::Unresolved,
            Label::Ambiguous => UnboundLabel::Ambiguous,
            Label::Dangling => UnboundLabel::Dangling,
        });
        self.which.run(settings, labels.collect()).await
    }
}

impl Dangling {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        self.which.run(settings, BTreeSet::from([UnboundLabel::Dangling])).await
    }
}

impl Which {
    async fn run(self, settings: &Settings, labels: BTreeSet<UnboundLabel>) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let by = match self.by {
            By::Text => UnboundGrouping::Text,
            By::File => UnboundGrouping::File,
            By::Kind => UnboundGrouping::Kind,
        };
        let options = UnboundOptions {
            labels,
            kind: self.kind,
            file: self.file,
            text: self.text,
            by,
            sites: self.sites,
        };
        let (found, references) = queries.unbound(&options, limit).await?;
        let has_dangling =
            !options.labels.contains(&UnboundLabel::Dangling) && queries.totals().await?.1.dangling > 0;
        let document = Document { found, references, by, has_dangling };
        freshness::answer(settings, &queries, &document, |out| document.write(out, limit)).await
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        if self.found.results.is_empty() {
            writeln!(out, "{FAINT}there is no such reference{FAINT:#}")?;
            return self.write_dangling(out);
        }
        for group in &self.found.results {
            let name = group.group.strip_prefix("unresolved:").unwrap_or(&group.group);
            let kinds: Vec<String> = group.kinds.keys().map(|kind| Shown(kind).to_string()).collect();
            writeln!(
                out,
                "{:>7}  {STRONG}{}{STRONG:#}  {FAINT}{} in {}{FAINT:#}",
                HumanCount(group.references).to_string(),
                Shown(name),
                kinds.join(", "),
                counted(group.files, "file")
            )?;
            for site in &group.sites {
                write!(out, "           {}", bare_place(&site.site))?;
                if self.by == UnboundGrouping::Text {
                    writeln!(out)?;
                } else {
                    let target = site.target.strip_prefix("unresolved:").unwrap_or(&site.target);
                    writeln!(out, "  {FAINT}{} {}{FAINT:#}", Shown(&site.site.kind), Shown(target))?;
                }
            }
        }
        writeln!(out, "{} in all", counted(self.references, "reference"))?;
        self.write_dangling(out)?;
        if self.found.truncated { write_cut(out, limit) } else { Ok(()) }
    }

    fn write_dangling(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.has_dangling {
            writeln!(out, "{FAINT}`codestrata dangling` lists edges to ids that no definition has{FAINT:#}")?;
        }
        Ok(())
    }
}
