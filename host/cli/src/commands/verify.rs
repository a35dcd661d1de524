//! `codestrata verify`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use codestrata::{ErrorKind, Finding, Findings, Subject, Verification};
use codestrata_index::{Observer, TreeCheck, VerifyOptions, VerifyReport, verify_repository};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::folder;
use crate::interrupt::Stop;
use crate::output::{ERROR, FAINT, HELP, NOTE, STRONG, answer, write_cut};
use crate::progress::Progress;
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted, length};

const EXAMPLES: &str = "\
Examples:
  codestrata verify
  codestrata verify ~/src/app
  codestrata verify . --fresh --json";

const NOTES: &str = "\
The store is read whole: every checksum and name, every way that leads to a file, every posting that must be in the \
    index, every count. Every link is derived anew from what the files say, and compared. Then every source of the \
    folder is read as if nothing were stored, and what it says is compared with what is stored of it. Together this is \
    the comparison with a clean index.

Where the engine finds its own files damaged, what can be read beside the damage is verified all the same, and what \
    cannot be read is listed, with the other repositories that it touches. A store that cannot be opened at all is an \
    error (exit code 4).

A file that changed since it was indexed is stale, which is no fault; it is listed, and everything else is compared all \
    the same. Exit code 0: nothing is wrong; 1: something is, or is stale and --fresh was given. Nothing is written.";

/// How many stale files of each kind are listed for people.
const MAX_LISTED: usize = 10;

/// Look whether what is stored is whole, and equal to a clean index of its folder.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Verify {
    /// The folder [default: the one that was indexed].
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Take files that changed since they were indexed for a fault too.
    #[arg(long)]
    fresh: bool,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    /// None where the store is too damaged to tell which it has.
    repository: Option<String>,
    /// Whether nothing is wrong with what is stored.
    right: bool,
    store: Verification,
    folder: FolderCheck,
}

/// What came of the comparison with the folder.
#[derive(Serialize)]
struct FolderCheck {
    path: Option<String>,
    /// Whether it was compared.
    compared: bool,
    /// Why it was not.
    reason: Option<String>,
    /// Files that were compared.
    files: u64,
    /// Whether nothing changed since it was indexed; none where that is not known.
    fresh: Option<bool>,
    changed: Vec<String>,
    added: Vec<String>,
    gone: Vec<String>,
    skipped: Vec<String>,
}

/// What was verified: a repository, or a store of which not even the repositories can be told.
enum Looked {
    Repository(String, Box<VerifyReport>),
    Store(Findings),
}

impl Verify {
    pub(crate) async fn run(mut self, settings: &Settings) -> Result<(), Failure> {
        // Looked at before the long work.
        self.path = self.path.as_deref().map(folder::existing).transpose()?;
        let looked = match Store::open_to_change(settings).await {
            Ok(store) => match self.look(settings, store).await {
                Err(damaged) if is_damage(&damaged) => self.look_beside(settings, damaged).await?,
                looked => looked?,
            },
            // Engines check themselves only where they may write. Beside a writer the store is open to read.
            Err(refused) if matches!(refused.kind(), "locked" | "read-only" | "unavailable") => {
                let store = Store::open_to_read(settings).await.map_err(|_| refused)?;
                self.look(settings, store).await?
            }
            Err(damaged) if is_damage(&damaged) => self.look_beside(settings, damaged).await?,
            Err(wrong) => return Err(wrong),
        };
        let document = Document::new(looked);
        // What could not be compared is not known to be fresh.
        let is_wrong = !document.right || (self.fresh && document.folder.fresh != Some(true));
        answer(settings, &document, |out| document.write(out, self.limit.get()))?;
        if is_wrong { Err(Failure::Answered(Code::NotFound)) } else { Ok(()) }
    }

    /// Looks at everything again that can be read of a store whose engine found damage. Nothing is written to it.
    async fn look_beside(&self, settings: &Settings, damaged: Failure) -> Result<Looked, Failure> {
        let said = damaged.message().to_owned();
        let Ok(store) = Store::open_to_read(settings).await else { return Err(damaged) };
        let mut looked = match self.look(settings, store).await {
            Err(again) if is_damage(&again) => {
                let Ok(store) = Store::open_to_read(settings).await else { return Err(damaged) };
                let found = store.storage.graph().unreadable().await;
                store.storage.close().await?;
                Looked::Store(found?)
            }
            looked => looked?,
        };
        let finding = Finding { file: None, subject: Subject::Engine, message: said };
        match &mut looked {
            Looked::Repository(_, report) => {
                report.store.engine_checked = true;
                report.store.findings.list.insert(0, finding);
            }
            Looked::Store(findings) => findings.list.insert(0, finding),
        }
        Ok(looked)
    }

    async fn look(&self, settings: &Settings, store: Store) -> Result<Looked, Failure> {
        let looked = self.look_into(settings, &store).await;
        let closed = store.storage.close().await;
        let looked = looked?;
        closed?;
        Ok(looked)
    }

    async fn look_into(&self, settings: &Settings, store: &Store) -> Result<Looked, Failure> {
        let repo_id = self.repository(settings, store).await?;
        let options = VerifyOptions { repo_id: repo_id.clone(), root: self.path.clone() };
        let progress = Arc::new(Progress::begin(settings.quiet || settings.is_logging));
        let observer: Arc<dyn Observer> = Arc::clone(&progress) as Arc<dyn Observer>;
        let verified = verify_repository(store.storage.graph(), &options, &observer).await;
        progress.end();
        let verified = verified.map_err(|error| match error.kind() {
            ErrorKind::InvalidArgument => Failure::of(Code::Input, &error),
            _ => error.into(),
        })?;
        match verified {
            Some(report) => Ok(Looked::Repository(repo_id, Box::new(report))),
            None => Err(Stop::failure("what is stored")),
        }
    }

    /// The repository that is meant.
    async fn repository(&self, settings: &Settings, store: &Store) -> Result<String, Failure> {
        if let (None, Some(root)) = (&settings.repo, &self.path) {
            let id = repository::of_folder(store, root).await?;
            if repository::stored(store, &id).await?.is_some() {
                return Ok(id);
            }
            // A folder of no repository: another state of the one that is asked for.
        }
        Ok(repository::choose(settings, store).await?.repository().to_owned())
    }
}

/// Whether a store failed because it is damaged. redb gives itself up once it has found damage.
fn is_damage(failure: &Failure) -> bool {
    matches!(failure.kind(), "corruption" | "poisoned")
}

impl Document {
    fn new(looked: Looked) -> Self {
        let (repository, report) = match looked {
            Looked::Repository(id, report) => (Some(id), *report),
            Looked::Store(findings) => (None, VerifyReport::of_store(findings)),
        };
        let right = report.is_right();
        let is_fresh = report.is_fresh();
        let reason = match report.tree {
            TreeCheck::Compared => None,
            TreeCheck::Not(reason) => Some(reason),
        };
        let folder = FolderCheck {
            path: report.root.map(|root| root.display().to_string()),
            compared: reason.is_none(),
            fresh: reason.is_none().then_some(is_fresh),
            reason,
            files: report.compared,
            changed: report.changed,
            added: report.added,
            gone: report.gone,
            skipped: report.skipped.into_iter().map(|skipped| skipped.path).collect(),
        };
        Self { repository, right, store: report.store, folder }
    }

    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let Self { repository, store, .. } = self;
        let findings = &store.findings;
        let Some(name) = repository.as_deref().map(Shown) else {
            writeln!(out, "{STRONG}the store{STRONG:#}: {ERROR}its repositories cannot be listed{ERROR:#}")?;
            findings.list.iter().take(limit).try_for_each(|finding| write_finding(out, finding))?;
            return write_help(out, true);
        };
        if self.right {
            writeln!(out, "{STRONG}{name}{STRONG:#}: nothing is wrong in version {}", store.version)?;
        } else {
            let count = length(&findings.list) + findings.more;
            writeln!(
                out,
                "{STRONG}{name}{STRONG:#}: {ERROR}{}{ERROR:#} in version {}",
                counted(count, "fault"),
                store.version
            )?;
            findings.list.iter().take(limit).try_for_each(|finding| write_finding(out, finding))?;
            if findings.list.len() > limit {
                write_cut(out, limit)?;
            } else if findings.more > 0 {
                writeln!(out, "  and {} more", HumanCount(findings.more))?;
            }
        }
        write!(
            out,
            "{FAINT}store{FAINT:#}    {}, {} nodes, {} edges, {} postings",
            counted(store.files, "file"),
            HumanCount(store.nodes),
            HumanCount(store.edges),
            HumanCount(store.postings)
        )?;
        if store.notes > 0 {
            write!(out, ", {}", counted(store.notes, "note"))?;
        }
        match store.recorded_versions {
            0 => writeln!(out)?,
            count => writeln!(out, ", a history of {}", counted(count, "version"))?,
        }
        let links = if store.links_compared {
            "every one derived anew and compared"
        } else {
            "not derived anew, because what the files say is damaged"
        };
        writeln!(out, "{FAINT}links{FAINT:#}    {links}")?;
        if !store.engine_checked {
            writeln!(
                out,
                "{FAINT}engine{FAINT:#}   its own structures were not checked: it cannot, or not beside a writer"
            )?;
        }
        if store.left_over > 0 {
            let count = counted(store.left_over, "segment");
            writeln!(
                out,
                "{FAINT}left{FAINT:#}     {count} of a crash; `codestrata maintenance` removes them"
            )?;
        }
        self.folder.write(out)?;
        if self.right {
            return Ok(());
        }
        write_help(out, findings.list.iter().any(|finding| finding.subject == Subject::Engine))
    }
}

fn write_help(out: &mut dyn Write, engine_is_damaged: bool) -> io::Result<()> {
    write!(out, "{HELP}help:{HELP:#} ")?;
    if engine_is_damaged {
        writeln!(
            out,
            "do not write to this store; take what is whole elsewhere (`codestrata copy --repo ID`), then move the \
                store away and index again"
        )
    } else {
        writeln!(out, "`codestrata index PATH --rebuild` stores the graph anew")
    }
}

fn write_finding(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let subject = finding.subject.as_str();
    match &finding.file {
        Some(file) => {
            writeln!(out, "  {}  {FAINT}{subject}{FAINT:#}  {}", Shown(file), Shown(&finding.message))
        }
        None => writeln!(out, "  {FAINT}{subject}{FAINT:#}  {}", Shown(&finding.message)),
    }
}

impl FolderCheck {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(reason) = &self.reason {
            return writeln!(out, "{NOTE}folder{NOTE:#}   not compared: {}", Shown(reason));
        }
        let path = self.path.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{FAINT}folder{FAINT:#}   {} of {} compared",
            counted(self.files, "file"),
            Shown(path)
        )?;
        for (what, files) in [
            ("changed since the index was made", &self.changed),
            ("came since", &self.added),
            ("went since", &self.gone),
        ] {
            if files.is_empty() {
                continue;
            }
            writeln!(out, "{NOTE}stale{NOTE:#}    {} {what}", counted(length(files), "file"))?;
            files.iter().take(MAX_LISTED).try_for_each(|path| writeln!(out, "  {}", Shown(path)))?;
            if files.len() > MAX_LISTED {
                writeln!(out, "  and {} more; --json lists all", files.len() - MAX_LISTED)?;
            }
        }
        if self.fresh == Some(false) {
            writeln!(out, "{FAINT}`codestrata index` brings the graph up to date{FAINT:#}")?;
        }
        Ok(())
    }
}
