//! `codestrata copy`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use codestrata::copy::{CopiedRepository, CopyOptions, copy};
use codestrata::{ErrorKind, OpenMode};
use indicatif::{BinaryBytes, HumanCount};
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::location::{Location, StoreName};
use crate::output::{self, FAINT, STRONG};
use crate::progress::Progress;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata copy --to new.toml
  codestrata copy --from old.toml --to new.toml --repo owner/app
  codestrata copy --from old.toml --to new.toml --force";

const NOTES: &str = "\
Graphs with their history, notes and results of analyses go over as they are, whichever engines the stores have. \
    Everything is compared before any of it can be seen in the target; then a repository is there, in one step. Stopped \
    with Ctrl-C or killed, the same command goes on where it was, within a day, if the source is still the same.

A repository that the target has already, and not the same, is refused before anything is copied; with --force it is replaced.";

/// Copy repositories into another store, of whichever engine.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Copy {
    /// The configuration of the store to copy from [default: the store of every command].
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// The configuration of the store to copy to; it is made when it is not there.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// Replace repositories that the target has already.
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Document {
    repositories: Vec<CopiedRepository>,
    from: StoreName,
    to: StoreName,
    seconds: f64,
}

impl Copy {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let begun = Instant::now();
        let source = match &self.from {
            Some(path) => Location::named(path)?,
            None => Location::find(settings)?,
        };
        let target = Location::named(&self.to)?;
        if is_same(&source, &target) {
            return Err(Failure::new(Code::Usage, "usage", "the two stores are one and the same")
                .with_help("name another store with --to"));
        }
        let options =
            CopyOptions { repositories: settings.repo.iter().cloned().collect(), replace: self.force };
        let from = Store::open_at(source, OpenMode::ReadOnly).await?;
        let to = match Store::open_at(target, OpenMode::Create).await {
            Ok(to) => to,
            Err(failure) => {
                from.storage.close().await?;
                return Err(failure);
            }
        };
        let progress = Progress::begin(settings.quiet || settings.is_logging);
        let copied = copy(&from.storage, &to.storage, &options, &progress).await;
        progress.end();
        let closed = (from.storage.close().await, to.storage.close().await);
        let report = copied.map_err(|error| match error.kind() {
            ErrorKind::InvalidArgument => Failure::of(Code::Usage, &error),
            _ => error.into(),
        })?;
        closed.0?;
        closed.1?;
        let Some(report) = report else {
            return Err(Failure::new(
                Code::Interrupted,
                "interrupted",
                "stopped; what the target had is unchanged",
            )
            .with_help("the same command goes on from here, within a day"));
        };
        let document = Document {
            repositories: report.repositories,
            from: from.location.name(),
            to: to.location.name(),
            seconds: begun.elapsed().as_secs_f64(),
        };
        output::report(settings, &document, |out| document.write(out))
    }
}

/// Whether two configurations name one store: the same path of the same engine.
fn is_same(source: &Location, target: &Location) -> bool {
    let place = |location: &Location| {
        let name = location.name();
        let path = name.path.map(|path| std::fs::canonicalize(&path).unwrap_or_else(|_| path.into()));
        path.map(|path| (name.backend, path))
    };
    place(source).is_some_and(|source| Some(source) == place(target))
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.repositories.is_empty() {
            return writeln!(out, "nothing copied: the store has no repository");
        }
        for one in &self.repositories {
            let done = match (one.replaced, one.resumed) {
                _ if one.was_there => "was there already, the same:",
                (false, false) => "copied",
                (false, true) => "copied, going on with what was there,",
                (true, false) => "copied in place of what was there,",
                (true, true) => "copied in place of what was there, going on with an interrupted copy,",
            };
            writeln!(
                out,
                "{STRONG}{}{STRONG:#}: {done} version {}: {}, {}, {}",
                Shown(&one.repository),
                one.version,
                counted(one.records, "record"),
                BinaryBytes(one.bytes),
                counted(one.analyses, "result") + " of analyses"
            )?;
            writeln!(out, "{FAINT}digest{FAINT:#}   {}, the same in both", one.digest)?;
        }
        writeln!(
            out,
            "{FAINT}stores{FAINT:#}   {} to {}, {} in {:.2} s",
            Shown(&self.from.backend),
            Shown(&self.to.backend),
            HumanCount(u64::try_from(self.repositories.len()).unwrap_or(u64::MAX)),
            self.seconds
        )
    }
}
