//! What a store does, from opening it to finding everything again: graphs, questions, a cache, results of analyses.
//!
//! It indexes a copy of the sample tree `examples/shop` into a store in memory and into one on redb, and runs the same
//! functions over both. Everything is in a temporary folder, which is removed at the end.
//!
//! ```sh
//! cargo run --example storage_demo
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codestrata::cache::ManualClock;
use codestrata::query::{Direction, EdgeKinds, PathEnd, Traversal};
use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, SharedCache, StorageConfig, StorageManager,
};
// An engine is linked by naming its crate; `memory` comes with the library.
use codestrata_backend_redb as _;
use codestrata_index::{IndexOptions, Unobserved, index_repository};

/// The repository of this example. Any text is one.
const SHOP: &str = "example/shop";

/// Where the sample tree lies.
const SHOP_SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");

/// The function that is asked about.
const SAVE: &str = "service/users.py::Record.save";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Times are of this run alone: a tiny tree, each thing done once, and no benchmark.");
    let folder = tempfile::tempdir()?;
    let sources = folder.path().join("shop");
    copy_folder(Path::new(SHOP_SOURCES), &sources)?;

    title("A store in memory");
    let storage = StorageManager::in_memory()?;
    fill_and_ask(&storage, &sources).await?;
    storage.close().await?;
    println!("Closed: what was in memory is gone.");

    // The same again, where it stays. Only the configuration differs.
    title("A store on redb");
    copy_folder(Path::new(SHOP_SOURCES), &sources)?;
    let file = folder.path().join("graph.redb");
    let config = StorageConfig::new("redb").option("path", file.display().to_string());
    let storage = StorageManager::open(config.clone()).await?;
    fill_and_ask(&storage, &sources).await?;
    storage.close().await?;
    println!("Closed: {} bytes in graph.redb.", fs::metadata(&file)?.len());

    title("The store on redb, opened again");
    let storage = timed("open", StorageManager::open(config)).await?;
    let (version, totals) = storage.query(SHOP).totals().await?;
    println!("Version {version} is there: {} nodes, {} edges.", totals.nodes, totals.edges);
    ask(&storage).await?;
    find_analysis(&storage).await?;
    show_cache(&storage);
    storage.close().await?;

    title("Entries that expire");
    expire()?;
    Ok(folder.close()?)
}

/// Everything that is done with a store, whichever engine is below it.
async fn fill_and_ask(storage: &StorageManager, sources: &Path) -> Result<(), Box<dyn Error>> {
    index(storage, sources).await?;
    ask(storage).await?;

    println!("\nOne file is edited: a new function calls Record.save.");
    let users = sources.join("service/users.py");
    let text = fs::read_to_string(&users)?;
    fs::write(&users, format!("{text}\n\ndef touch(record: Record) -> None:\n    record.save()\n"))?;
    index(storage, sources).await?;
    ask_callers(storage).await?;

    println!("\nThe result of an analysis is kept with the graph.");
    let dependents = Traversal::along(EdgeKinds::dependencies()).direction(Direction::Incoming).depth(10);
    let answer = storage.query(SHOP).impact(SAVE, &dependents, 100).await?;
    let reached: Vec<&str> = answer.results.iter().map(|hit| hit.node.id()).collect();
    let result = AnalysisResult::of(SHOP, "reach of save", &reached)?.with_metadata("depth", 10);
    timed("store_analysis", storage.analysis().store_analysis(result)).await?;
    find_analysis(storage).await?;

    // An entry of the user's own lies in the same budget of memory as what the store decodes.
    storage.cache().set("reach of save", &reached.len(), Some(Duration::from_secs(60)))?;
    println!("\nCached by the user for a minute: {:?}", storage.cache().get::<usize>("reach of save")?);
    show_cache(storage);
    Ok(())
}

/// Brings the graph to the state of the folder: files that did not change are passed over.
async fn index(storage: &StorageManager, sources: &Path) -> Result<(), Box<dyn Error>> {
    let options = IndexOptions::new(SHOP, sources);
    let indexed = timed("index", index_repository(storage.graph(), &options, &Unobserved)).await?;
    // None if an observer had stopped it; `Unobserved` never does.
    if let Some(report) = indexed {
        let done = report.summary;
        println!(
            "Version {}: {} files added, {} replaced, {} unchanged, {} linked again.",
            done.version, done.added, done.replaced, report.unchanged, done.relinked
        );
    }
    Ok(())
}

/// Callers, impact and a path.
async fn ask(storage: &StorageManager) -> Result<(), Box<dyn Error>> {
    ask_callers(storage).await?;
    let shop = storage.query(SHOP);

    println!("\nWhat may a change of it reach?");
    let dependents = Traversal::along(EdgeKinds::dependencies()).direction(Direction::Incoming);
    let impact = timed("impact", shop.impact(SAVE, &dependents, 100)).await?;
    for hit in &impact.results {
        println!("  {} {}, via {}", hit.depth, hit.node.id(), hit.via);
    }

    println!("\nHow does the program get there?");
    let along_calls = Traversal::default();
    let (path, end) = timed("path", shop.path("service/cli.py::main", SAVE, &along_calls)).await?;
    match end {
        PathEnd::Found => {
            let ids: Vec<&str> = path.results.iter().map(|step| step.node.id()).collect();
            println!("  {}", ids.join("\n  -> "));
        }
        PathEnd::None => println!("  It does not."),
        PathEnd::DepthLimit | PathEnd::NodeLimit => println!("  The search was given up at a limit."),
    }
    Ok(())
}

/// Who calls the function, with every place, and how much the answer leaves open.
async fn ask_callers(storage: &StorageManager) -> Result<(), Box<dyn Error>> {
    println!("\nWho calls {SAVE}?");
    let callers = timed("callers", storage.query(SHOP).callers(SAVE, 100)).await?;
    for caller in &callers.results {
        for site in &caller.sites {
            println!("  {} at {}:{}", caller.node.id(), site.file, site.line);
        }
    }
    println!("  (may mean it too, because several definitions have the name: {})", callers.ambiguous);
    Ok(())
}

/// The newest result of a type.
async fn find_analysis(storage: &StorageManager) -> Result<(), Box<dyn Error>> {
    let query = AnalysisQuery::of(SHOP).of_type("reach of save").limit(1);
    let found = timed("find_analysis", storage.analysis().find_analysis(&query)).await?;
    for result in &found.results {
        let reached: Vec<String> = result.data_as()?;
        println!("Found the analysis `{}`: {} nodes reached.", result.analysis_type, reached.len());
    }
    Ok(())
}

/// A cache by itself, with a clock that this program moves: nobody has to wait to see an entry go.
fn expire() -> Result<(), Box<dyn Error>> {
    let clock = Arc::new(ManualClock::default());
    let cache = SharedCache::with_clock(1 << 20, None, Arc::clone(&clock));
    cache.set("session", &"abc".to_owned(), Some(Duration::from_secs(60)))?;

    clock.advance(Duration::from_secs(59));
    println!("After 59 seconds: {:?}", cache.get::<String>("session")?);
    clock.advance(Duration::from_secs(1));
    println!("After 60 seconds: {:?}", cache.get::<String>("session")?);
    println!("Entries that expired: {}", cache.stats().expired);
    Ok(())
}

fn show_cache(storage: &StorageManager) {
    let stats = storage.cache().stats();
    println!(
        "Cache: {} entries, {} of {} bytes; {} hits and {} misses, {:.0} % hits.",
        stats.keys,
        stats.bytes,
        stats.limit_bytes,
        stats.hits,
        stats.misses,
        stats.hit_ratio() * 100.0
    );
}

fn title(text: &str) {
    println!("\n{text}\n{}", "=".repeat(text.len()));
}

/// Waits for something and says how long this run took for it.
async fn timed<T>(what: &str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    println!("  [{what}: {:.2} ms]", begun.elapsed().as_secs_f64() * 1_000.0);
    done
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
