//! One program over four engines, chosen by the text of a configuration and by nothing else.
//!
//! Each engine gets the same sources and the same questions. The exports are compared byte by byte, and a table says
//! what each engine can do and what this run took. Everything is in a temporary folder, which is removed at the end.
//!
//! ```sh
//! cargo run --example swap_backends
//! ```

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use codestrata::{Environment, StorageConfig, StorageManager, jsonl};
// Engines are linked by naming their crates. Which of them is used is not said in code.
use codestrata_backend_file as _;
use codestrata_backend_redb as _;
use codestrata_backend_sled as _;
use codestrata_core::Capabilities;
use codestrata_index::{IndexOptions, Unobserved, index_repository};

const SHOP: &str = "example/shop";
const SHOP_SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");

/// The configurations, as they could stand in `codestrata.toml`. Paths are relative to the folder of such a file.
const CONFIGURATIONS: [&str; 4] = [
    r#"
[storage]
backend = "memory"
"#,
    r#"
[storage]
backend = "redb"

[storage.options]
path = "graph.redb"
"#,
    r#"
[storage]
backend = "file"

[storage.options]
path = "graph"
"#,
    r#"
[storage]
backend = "sled"

[storage.options]
path = "graph.sled"
"#,
];

/// What one engine did.
struct Outcome {
    engine: String,
    capabilities: Capabilities,
    /// The canonical export.
    export: Vec<u8>,
    /// The ids of those who call the function that is asked about.
    callers: Vec<String>,
    is_there_again: bool,
    disk_bytes: Option<u64>,
    indexing: Duration,
    asking: Duration,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut outcomes = Vec::new();
    for text in CONFIGURATIONS {
        let config = StorageConfig::from_toml(text, "codestrata.toml", folder.path(), Environment::Ignore)?;
        outcomes.push(run(config).await?);
    }

    if let Some((first, others)) = outcomes.split_first() {
        println!("The export of {}: {} bytes.", first.engine, first.export.len());
        for other in others {
            if other.export != first.export || other.callers != first.callers {
                return Err(format!("{} and {} do not agree", first.engine, other.engine).into());
            }
            println!("{} gives the same bytes and the same callers.", other.engine);
        }
        println!("\nCallers of process_user_data: {}", first.callers.join(", "));
    }
    print_capabilities(&outcomes);
    print_figures(&outcomes);
    Ok(folder.close()?)
}

/// Everything that the program does. No line of it knows an engine.
async fn run(config: StorageConfig) -> Result<Outcome, Box<dyn Error>> {
    let engine = config.storage().backend().to_owned();
    let storage = StorageManager::open(config.clone()).await?;

    let begun = Instant::now();
    let options = IndexOptions::new(SHOP, Path::new(SHOP_SOURCES));
    index_repository(storage.graph(), &options, &Unobserved).await?;
    let indexing = begun.elapsed();

    let begun = Instant::now();
    let answer = storage.query(SHOP).callers("service/profiles.py::process_user_data", 100).await?;
    let asking = begun.elapsed();

    let mut export = Vec::new();
    jsonl::export_graph(storage.graph(), SHOP, &mut export).await?;
    let capabilities = *storage.backend().capabilities();
    let disk_bytes = storage.backend().stats().await?.disk_bytes;
    storage.close().await?;

    // A store that is opened again has what it had, if its engine keeps anything.
    let storage = StorageManager::open(config).await?;
    let mut again = Vec::new();
    let is_there_again = match jsonl::export_graph(storage.graph(), SHOP, &mut again).await {
        Ok(_) => again == export,
        Err(error) if error.kind() == codestrata::ErrorKind::NotFound => false,
        Err(error) => return Err(error.into()),
    };
    storage.close().await?;
    if is_there_again != capabilities.persistent() {
        return Err(format!("{engine} does not keep what it says").into());
    }

    let callers = answer.results.into_iter().map(|caller| caller.node.id().to_string()).collect();
    Ok(Outcome { engine, capabilities, export, callers, is_there_again, disk_bytes, indexing, asking })
}

fn print_capabilities(outcomes: &[Outcome]) {
    println!("\nWhat the engines can do");
    println!(
        "{:<8} {:>10} {:>7} {:>10} {:>24}",
        "engine", "persistent", "synced", "snapshots", "readers beside a writer"
    );
    for Outcome { engine, capabilities, .. } in outcomes {
        println!(
            "{engine:<8} {:>10} {:>7} {:>10} {:>24}",
            yes(capabilities.persistent()),
            yes(capabilities.synced()),
            yes(capabilities.snapshots()),
            yes(capabilities.readers_beside_writer()),
        );
    }
}

fn print_figures(outcomes: &[Outcome]) {
    println!("\nFigures of this run: a tiny tree, once, and no benchmark");
    println!("{:<8} {:>10} {:>12} {:>12} {:>12}", "engine", "index", "first query", "on disk", "there again");
    for outcome in outcomes {
        println!(
            "{:<8} {:>7.1} ms {:>9.2} ms {:>12} {:>12}",
            outcome.engine,
            outcome.indexing.as_secs_f64() * 1_000.0,
            outcome.asking.as_secs_f64() * 1_000.0,
            outcome.disk_bytes.map_or("-".to_owned(), |bytes| format!("{} KiB", bytes / 1_024)),
            yes(outcome.is_there_again),
        );
    }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}
