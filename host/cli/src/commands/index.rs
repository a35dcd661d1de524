//! `codestrata index`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use codestrata::GraphStorage;
use codestrata_index::{Dependencies, IndexOptions, has_common_file, index_repository};

use super::index_report::Document;
use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::folder;
use crate::interrupt::Stop;
use crate::output::{note, report};
use crate::progress::Progress;
use crate::repository;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  codestrata index .
  codestrata index ~/src/app --repo owner/app
  codestrata index . --dependencies smart
  codestrata --config codestrata.toml index . --rebuild";

const NOTES: &str = "\
Sources are files of C, C++, C#, Go, Java, JavaScript, PHP, Python, Ruby, Rust and TypeScript. Ignore files (.gitignore and the like) are honoured. \
    Hidden files, build results and packages of others (node_modules, site-packages ...) are left out.

With --dependencies smart the packages that the sources import directly are read too, from node_modules and from \
    virtual environments, hidden and ignored ones included; with all, everything that is installed there. The \
    choice is remembered with the repository.

Without a configuration the store is .codestrata/graph.redb here or in the nearest folder above that \
    has a .codestrata; the first `index` makes it here. The graph changes in one step: stopped at any \
    moment, it is the old one or the new one.";

/// Read the sources of a folder into the graph; only what changed is read again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Index {
    /// The folder.
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// Read every file again, changed or not.
    #[arg(long, visible_alias = "read-all")]
    rebuild: bool,

    /// Which packages of others to read too [default: as the last time, at first exclude].
    #[arg(long, value_name = "WHICH")]
    dependencies: Option<Choice>,

    /// Let this folder take the place of another one, or of an import of other files, under the same id.
    #[arg(long)]
    replace_root: bool,
}

/// Which packages of others are read.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// None.
    Exclude,
    /// Those that the project's own files import directly, without their tests and dependencies.
    Smart,
    /// Everything in the folders of packages; this can be a hundred times the project.
    All,
}

impl From<Choice> for Dependencies {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Exclude => Self::Exclude,
            Choice::Smart => Self::Smart,
            Choice::All => Self::All,
        }
    }
}

impl Index {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let begun = Instant::now();
        // Looked at before anything is made, so that a wrong path leaves nothing behind.
        let root = folder::existing(&self.path)?;
        let store = Store::open_to_write(settings).await?;
        let repo_id = match &settings.repo {
            Some(id) => id.clone(),
            None => repository::of_folder(&store, &root).await?,
        };
        if !self.replace_root {
            check_root(&store, &repo_id, &root).await?;
        }
        note_others(settings, &store, &repo_id, &root).await?;
        let options = IndexOptions {
            dependencies: self.dependencies.map(Choice::into),
            allow_other_root: self.replace_root,
            read_all: self.rebuild,
            ..IndexOptions::new(&repo_id, &root)
        };
        let progress = Progress::begin(settings.quiet || settings.is_logging);
        let indexed = index_repository(store.storage.graph(), &options, &progress).await;
        progress.end();
        let Some(indexed) = indexed? else {
            store.storage.close().await?;
            return Err(Stop::failure("what is stored"));
        };
        let (version, totals) = store.storage.query(&repo_id).totals().await?;
        store.storage.close().await?;
        let document = Document::new(repo_id, version, &root, indexed, totals, store.location.name(), begun);
        report(settings, &document, |out| document.write(out))
    }
}

/// Says which other repositories have the same files, when one is made: an index of a subfolder is seldom meant to be a
/// repository of its own.
async fn note_others(settings: &Settings, store: &Store, repo_id: &str, root: &Path) -> Result<(), Failure> {
    if settings.quiet || repository::stored(store, repo_id).await?.is_some() {
        return Ok(());
    }
    for (other, folder) in repository::roots(store).await? {
        let shown = folder.display();
        let how = if root == folder {
            format!("this folder is indexed as `{other}` already")
        } else if root.starts_with(&folder) {
            format!("this folder is in {shown}, which is indexed as `{other}`")
        } else if folder.starts_with(root) {
            format!("in this folder is {shown}, which is indexed as `{other}`")
        } else {
            continue;
        };
        note(
            settings,
            &format!(
                "{how}; its files are now in `{repo_id}` too. If that was not meant, `codestrata remove {repo_id}` \
                 takes it back"
            ),
        );
    }
    Ok(())
}

/// Whether a folder has a file of what is stored. What is wrong with the store is told by what follows.
async fn has_files_of(store: &Store, repo_id: &str, root: &Path) -> bool {
    let Ok(files) = store.storage.graph().list_files(repo_id).await else { return true };
    has_common_file(files.iter().map(|file| &file.path), root)
}

/// Refuses to put one folder in the place of another unasked.
async fn check_root(store: &Store, repo_id: &str, root: &Path) -> Result<(), Failure> {
    let Some(stored) = repository::stored(store, repo_id).await? else { return Ok(()) };
    let folder = root.display();
    let message = match &stored.root {
        Some(other) if *other != root.to_string_lossy() => {
            format!("`{repo_id}` is the folder {other} in this store, and not {folder}")
        }
        // What was imported may be of this folder.
        None if !has_files_of(store, repo_id, root).await => {
            format!("`{repo_id}` was not indexed from a folder, and {folder} has none of its files")
        }
        _ => return Ok(()),
    };
    Err(Failure::new(Code::Usage, "invalid-argument", message).with_help(
        "give this one an id of its own with --repo, or let it take the other's place with --replace-root",
    ))
}
