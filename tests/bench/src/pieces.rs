//! The hot pieces: what is done millions of times, each by itself, on a generated project that is always the same.
//!
//! Whoever measures implements [`Measure`]: the benches time the pieces, and `instructions` counts what they execute.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use codestrata::pieces::{decode_segment, link_key, ordinal_of, segment_of};
use codestrata::{FileChanges, FileFacts, GraphStorage, PreparedFile, Queries, SharedCache, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key, ReadView};
use codestrata_index::{Language, extract};
use codestrata_measure::{Edit, Question, ask};
use tokio::runtime::Runtime;

use crate::runtime::runtime;
use crate::{Outcome, Problem};

// The project of the guard, so that its counts and these are of the same.
#[path = "../../../host/store/tests/guard/sources.rs"]
#[expect(dead_code, reason = "the guard has edits of its own")]
mod sources;

use sources::{FILES, State};

/// Entries of the cache, and keys of the backend.
const ENTRIES: usize = 10_000;

/// The file that is asked about and edited: in the middle.
const FILE: usize = FILES / 2;

/// Who measures pieces.
pub trait Measure {
    /// Work that is repeated as it is.
    fn piece<T>(&mut self, name: &str, run: impl FnMut() -> T);

    /// Work on what is prepared for each time, which does not count. Such work may use other threads.
    fn prepared<S, T>(&mut self, name: &str, prepare: impl FnMut() -> S, run: impl FnMut(S) -> T);
}

/// Has every piece measured.
///
/// # Errors
/// When one of them cannot be made. One that fails while it is measured is measured failing, which is why every piece is
/// run here once and its answer looked at.
pub fn each(measure: &mut impl Measure) -> Outcome<()> {
    cache(measure)?;
    backend(measure)?;
    keys(measure)?;
    segments(measure)?;
    let store = Store::new()?;
    adjacency(measure, &store)?;
    questions(measure, &store)?;
    update(measure, &store)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Outcome<()> {
    if *found == *expected {
        return Ok(());
    }
    Err(format!("{what} answers {found:?} and should answer {expected:?}").into())
}

fn cache(measure: &mut impl Measure) -> Outcome<()> {
    let cache = SharedCache::new(64 << 20, None);
    let names: Vec<String> = (0..ENTRIES).map(|number| format!("entry/{number}")).collect();
    for (name, number) in names.iter().zip(0_u64..) {
        cache.set(name, &number, None)?;
    }
    let name = names.get(ENTRIES / 2).ok_or("there are no names")?;
    expect("the cache", &cache.get::<u64>(name)?, &Some(u64::try_from(ENTRIES / 2)?))?;
    measure.piece("cache: hit", || cache.get::<u64>(name));
    Ok(())
}

/// The answer of a future that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

fn backend(measure: &mut impl Measure) -> Outcome<()> {
    let backend = Arc::new(MemoryBackend::new());
    let key = |number: usize| Key::new(format!("key/{number}"));
    let mut batch = Batch::new();
    for number in 0..ENTRIES {
        batch = batch.put(key(number)?, vec![7; 100]);
    }
    now(backend.apply(batch)).ok_or("the memory backend waits")??;
    let wanted = key(ENTRIES / 2)?;
    let dispatched: Arc<dyn Backend> = Arc::clone(&backend) as Arc<dyn Backend>;
    let found = now(dispatched.get(&wanted)).ok_or("the memory backend waits")??;
    expect("the backend", &found.map(|value| value.len()), &Some(100))?;
    measure.piece("seam: get from the memory backend itself", || now(backend.get(&wanted)));
    measure.piece("seam: the same through dyn Backend", || now(dispatched.get(&wanted)));
    Ok(())
}

fn keys(measure: &mut impl Measure) -> Outcome<()> {
    let key = link_key(3, 77)?;
    expect("a key", &ordinal_of(&key), &Some(77))?;
    measure.piece("keys: make one", || link_key(3, std::hint::black_box(77)));
    measure.piece("keys: read one", || ordinal_of(std::hint::black_box(&key)));
    Ok(())
}

fn facts(number: usize) -> Outcome<FileFacts> {
    let source = sources::source(0, number, State::Before);
    let extracted = extract(&sources::path(0, number), source.as_bytes(), Language::Python);
    Ok(extracted.map_err(|problem| format!("{problem:?}"))?.facts)
}

fn segments(measure: &mut impl Measure) -> Outcome<()> {
    let facts = facts(FILE)?;
    let file = PreparedFile::new(&facts)?;
    let segment = segment_of(&file)?;
    expect("a segment", &decode_segment(&segment)?, &u32::try_from(facts.nodes.len())?)?;
    measure.piece("segment: encode", || PreparedFile::new(&facts));
    measure.piece("segment: decode", || decode_segment(&segment));
    Ok(())
}

/// A store in memory with the project in it.
struct Store {
    runtime: Runtime,
    storage: StorageManager,
    queries: Queries,
}

impl Store {
    fn new() -> Outcome<Self> {
        let (runtime, storage) = (runtime()?, StorageManager::in_memory()?);
        let files = (0..FILES).map(|number| Ok(PreparedFile::new(&facts(number)?)?));
        let changes = FileChanges { replaced: files.collect::<Outcome<_>>()?, ..FileChanges::default() };
        runtime.block_on(storage.graph().update_files("r", changes))?;
        Ok(Self { queries: storage.query("r"), runtime, storage })
    }

    fn replace(&self, number: usize) -> Outcome<()> {
        let file = PreparedFile::new(&Edit::new(number).of_facts(&facts(FILE)?))?;
        self.runtime.block_on(self.storage.graph().replace_file("r", file))?;
        Ok(())
    }
}

fn adjacency(measure: &mut impl Measure, store: &Store) -> Outcome<()> {
    let warm = || store.runtime.block_on(store.queries.warm());
    warm()?;
    measure.prepared("adjacency: build", || store.storage.cache().clear(), |()| warm());
    warm()?;
    let mut number = 0;
    let edit = || {
        number += 1;
        store.replace(number)
    };
    measure.prepared("adjacency: patch after an edit", edit, |edited| edited.and_then(|()| Ok(warm()?)));
    store.replace(0)
}

fn questions(measure: &mut impl Measure, store: &Store) -> Outcome<()> {
    let name = format!("function_0_{FILE}_1");
    let id = format!("{}::{name}", sources::path(0, FILE));
    for (kind, question) in [
        ("node by id", Question::Node(id.clone())),
        ("callers", Question::Callers(id.clone())),
        ("callees", Question::Callees(id.clone())),
        ("callers over 3 calls", Question::CallersInThree(id.clone())),
        ("find by name", Question::Name(name)),
    ] {
        let run = || store.runtime.block_on(ask(&store.queries, &question));
        if run()? == 0 {
            return Err(Problem::from(format!("{kind} has no answer")));
        }
        measure.piece(&format!("question: {kind}"), run);
    }
    Ok(())
}

fn update(measure: &mut impl Measure, store: &Store) -> Outcome<()> {
    let facts = facts(FILE)?;
    let files: Vec<PreparedFile> = (0..2)
        .map(|number| Ok(PreparedFile::new(&Edit::new(number).of_facts(&facts))?))
        .collect::<Outcome<_>>()?;
    let mut turns = files.iter().cycle();
    measure.piece("update: replace one file", || {
        let file = turns.next().cloned();
        file.map(|file| store.runtime.block_on(store.storage.graph().replace_file("r", file)))
    });
    Ok(())
}
