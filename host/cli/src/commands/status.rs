//! `codestrata status`.

use std::io::{self, Write};
use std::time::SystemTime;

use clap::Args;
use codestrata::{GraphMetadata, GraphStorage, Totals};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::location::StoreName;
use crate::output::{FAINT, STRONG, answer};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata status
  codestrata status --repo owner/name --json";

/// Show where the store is and what it holds.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {}

#[derive(Serialize)]
struct Document {
    store: StoreName,
    /// Bytes on the medium, where the backend knows.
    disk_bytes: Option<u64>,
    repositories: Vec<RepositoryFacts>,
}

/// A repository, as `status` and `repos` show it.
#[derive(Serialize)]
pub(super) struct RepositoryFacts {
    pub(super) repository: String,
    pub(super) version: u64,
    root: Option<String>,
    extractor: Option<String>,
    created: Option<String>,
    updated: Option<String>,
    pub(super) totals: Totals,
}

impl Status {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let repositories = match &settings.repo {
            Some(_) => vec![repository::choose(settings, &store).await?.overview().await?.into()],
            None => all(&store, usize::MAX).await?,
        };
        let disk_bytes = store.storage.backend().stats().await?.disk_bytes;
        let document = Document { store: store.location.name(), disk_bytes, repositories };
        answer(settings, &document, |out| document.write(out))
    }
}

/// The repositories of a store, sorted by id, at most so many.
pub(super) async fn all(store: &Store, limit: usize) -> Result<Vec<RepositoryFacts>, Failure> {
    let mut all = Vec::new();
    for id in store.storage.graph().list_repositories().await?.into_iter().take(limit) {
        // One may be deleted while the list is read.
        if let Some(metadata) = repository::stored(store, &id).await? {
            all.push(metadata.into());
        }
    }
    Ok(all)
}

impl From<GraphMetadata> for RepositoryFacts {
    fn from(metadata: GraphMetadata) -> Self {
        Self {
            repository: metadata.repo_id,
            version: metadata.version,
            root: metadata.root,
            extractor: metadata.extractor,
            created: metadata.created.and_then(moment),
            updated: metadata.last_updated.and_then(moment),
            totals: metadata.totals,
        }
    }
}

/// A time as RFC 3339 has it, to the second.
pub(super) fn moment(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let StoreName { backend, path, config } = &self.store;
        write!(out, "{FAINT}store{FAINT:#}    {}", Shown(backend))?;
        if let Some(path) = path {
            write!(out, " at {}", Shown(path))?;
        }
        if let Some(bytes) = self.disk_bytes {
            write!(out, ", {}", HumanBytes(bytes))?;
        }
        writeln!(out)?;
        let config = config.as_deref().unwrap_or("none; this is the built-in default");
        writeln!(out, "{FAINT}config{FAINT:#}   {}", Shown(config))?;
        if self.repositories.is_empty() {
            writeln!(out, "\nnothing is indexed here yet; run `codestrata index .`")?;
        }
        for repository in &self.repositories {
            writeln!(out)?;
            repository.write(out)?;
        }
        Ok(())
    }
}

impl RepositoryFacts {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}", Shown(&self.repository))?;
        if let Some(root) = &self.root {
            writeln!(out, "  {FAINT}folder{FAINT:#}   {}", Shown(root))?;
        }
        let updated = self.updated.as_deref().unwrap_or("at an unknown time");
        writeln!(out, "  {FAINT}version{FAINT:#}  {}, of {updated}", self.version)?;
        write_totals(out, "  ", &self.totals)
    }
}

/// The size of a graph, and how well its references are bound.
pub(super) fn write_totals(out: &mut dyn Write, indent: &str, totals: &Totals) -> io::Result<()> {
    let Totals { files, nodes, edges, dangling, ambiguous, unresolved } = *totals;
    let bound = edges.saturating_sub(dangling).saturating_sub(ambiguous).saturating_sub(unresolved);
    writeln!(
        out,
        "{indent}{FAINT}graph{FAINT:#}    {} nodes and {} edges in {}",
        HumanCount(nodes),
        HumanCount(edges),
        counted(files, "file")
    )?;
    write!(
        out,
        "{indent}{FAINT}edges{FAINT:#}    {} bound, {} ambiguous (several definitions may be meant), {} unresolved \
         (libraries, builtins)",
        HumanCount(bound),
        HumanCount(ambiguous),
        HumanCount(unresolved)
    )?;
    match dangling {
        0 => writeln!(out),
        _ => writeln!(out, ", {} to ids that no node has", HumanCount(dangling)),
    }
}
