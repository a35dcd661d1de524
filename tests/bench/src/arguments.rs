//! What the program is asked to measure.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures codestrata beside SQLite, redb and `quick_cache` used directly, and prints a table in Markdown.
#[derive(Clone, Debug, Parser)]
#[command(name = "codestrata-bench", version)]
pub struct Arguments {
    /// A folder with sources, which is read as `codestrata index` reads it
    #[arg(long, value_name = "FOLDER", conflicts_with = "graph")]
    pub tree: Option<PathBuf>,
    /// A graph as JSON Lines, as `codestrata export` writes it
    #[arg(long, value_name = "FILE")]
    pub graph: Option<PathBuf>,
    /// The engines to measure
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "redb,file,sled,memory")]
    pub engines: Vec<String>,
    /// Only these groups of measurements
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub only: Vec<Group>,
    /// How often everything is repeated, all contenders in turns
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub repetitions: usize,
    /// How often a file is replaced
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    pub replacements: usize,
    /// At which multiples of the graph growth is measured
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1,3,10")]
    pub replicas: Vec<usize>,
    /// Everything once and little of it: to see that it runs, and not how fast it is
    #[arg(long)]
    pub quick: bool,
    /// Where stores are made while it runs; they are removed again [default: the folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub scratch: Option<PathBuf>,
    /// Where charts and the figures as JSON are written
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// A whole graph into each store, and bytes on disk
    Storing,
    /// Opening and loading in fresh processes, and memory
    Cold,
    /// Hot questions
    Queries,
    /// Replacing single files
    Updates,
    /// From source to a store
    Indexing,
    /// Analysis beside opening, at several numbers of files
    Startup,
    /// Cost against size
    Growth,
    /// What the seam costs above redb
    Seam,
    /// The shared cache
    Cache,
}

impl Arguments {
    /// Whether a group is to be measured.
    #[must_use]
    pub fn wants(&self, group: Group) -> bool {
        self.only.is_empty() || self.only.contains(&group)
    }
}
