//! `codestrata cache`.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use codestrata::{CacheStats, GraphStorage};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;
use crate::location::StoreName;
use crate::output::{FAINT, answer};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata cache stats
  codestrata cache stats --warm --repo owner/name";

const NOTES: &str = "\
The cache lives in the memory of a process and ends with it. So these are the figures of this very \
    command: the budget that is configured, and with --warm what the neighbour lists of the graph take \
    of it. A program that uses the library sees its own figures with `StorageManager::cache().stats()`.";

/// Show the budget of the cache, and what it does.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Cache {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Stats(Stats),
}

/// Show the budget of the cache, and keys, bytes, hits and misses of this process.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
struct Stats {
    /// First read what `impact` needs of the whole graph; of every repository, or of the one of --repo.
    #[arg(long)]
    warm: bool,
}

#[derive(Serialize)]
struct Document {
    store: StoreName,
    /// The repositories that were read first.
    warmed: Vec<String>,
    default_ttl_seconds: Option<f64>,
    #[serde(flatten)]
    stats: CacheStats,
    hit_ratio: f64,
}

impl Cache {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let Action::Stats(Stats { warm }) = self.action;
        let store = Store::open_to_read(settings).await?;
        let named = match settings.repo {
            Some(_) => Some(repository::choose(settings, &store).await?.repository().to_owned()),
            None => None,
        };
        let warmed = match (named, warm) {
            (_, false) => Vec::new(),
            (Some(named), true) => vec![named],
            (None, true) => store.storage.graph().list_repositories().await?,
        };
        for id in &warmed {
            store.storage.query(id).warm().await?;
        }
        let stats = store.storage.cache().stats();
        let default_ttl = store.location.config.cache().default_ttl();
        let document = Document {
            store: store.location.name(),
            warmed,
            default_ttl_seconds: default_ttl.map(|ttl| ttl.as_secs_f64()),
            hit_ratio: stats.hit_ratio(),
            stats,
        };
        answer(settings, &document, |out| document.write(out))
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let CacheStats { keys, bytes, limit_bytes, hits, misses, evicted_for_room, expired, refused } =
            self.stats;
        match limit_bytes {
            0 => writeln!(out, "{FAINT}budget{FAINT:#}     none; the cache is off")?,
            limit => writeln!(out, "{FAINT}budget{FAINT:#}     {}", HumanBytes(limit))?,
        }
        let ttl = self.default_ttl_seconds;
        let ttl = ttl.map_or_else(|| "no end".to_owned(), |seconds| format!("{seconds} s"));
        writeln!(out, "{FAINT}lifetime{FAINT:#}   {ttl}, of entries that do not state their own")?;
        let warmed: Vec<String> = self.warmed.iter().map(|id| Shown(id).to_string()).collect();
        if !warmed.is_empty() {
            writeln!(out, "{FAINT}read{FAINT:#}       {}", warmed.join(", "))?;
        }
        writeln!(out, "{FAINT}holds{FAINT:#}      {} in {}", HumanBytes(bytes), counted(keys, "key"))?;
        writeln!(
            out,
            "{FAINT}look-ups{FAINT:#}   hits {}, misses {}, hit ratio {:.2}",
            HumanCount(hits),
            HumanCount(misses),
            self.hit_ratio
        )?;
        writeln!(
            out,
            "{FAINT}evictions{FAINT:#}  {} for room, {} past their time; {} refused as too large",
            HumanCount(evicted_for_room),
            HumanCount(expired),
            HumanCount(refused)
        )?;
        writeln!(out, "{FAINT}these are the figures of this command; the cache ends with it{FAINT:#}")
    }
}
