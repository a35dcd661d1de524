//! The store: one immutable map, replaced as a whole by each batch.
//!
//! The map shares structure with its predecessor (`imbl::OrdMap`, a persistent B-tree), so replacing it costs
//! what the batch touches. A read takes the map that is current when it begins and needs no lock after that;
//! a snapshot keeps it. Writers queue on one lock.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use codestrata_core::backend::check_key_count;
use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Direction, Error, ErrorKind, Key, KeyRange, Op, Page, PageBuilder,
    Precondition, ReadView, Result, ScanRequest, Stats, async_trait,
};
use imbl::OrdMap;
use tokio::sync::Mutex;

type Map = OrdMap<Key, Bytes>;

// Up to so many operations, or items of a page, are worked on where the call is made (some tens of
// microseconds); more of them go to a blocking thread, so that the executor goes on.
const INLINE_STEPS: usize = 256;

/// A store in memory.
pub struct MemoryBackend {
    // None once closed.
    current: Arc<ArcSwapOption<State>>,
    // Held from reading the current state to replacing it.
    writer: Arc<Mutex<()>>,
}

/// What a batch replaces in one step: the number goes with the map, so nobody sees the one without the other.
struct State {
    map: Arc<Map>,
    revision: u64,
}

impl MemoryBackend {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let current = ArcSwapOption::from_pointee(State { map: Arc::default(), revision: 0 });
        Self { current: Arc::new(current), writer: Arc::default() }
    }

    fn view(&self) -> Result<MemoryView> {
        let current = self.current.load();
        current.as_ref().map(|state| MemoryView { map: Arc::clone(&state.map) }).ok_or_else(closed)
    }
}

impl Default for MemoryBackend {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl ReadView for MemoryBackend {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.view()?.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.view()?.scan(request).await
    }
}

#[async_trait]
impl Backend for MemoryBackend {
    fn capabilities(&self) -> &Capabilities {
        &crate::CAPABILITIES
    }

    fn revision(&self) -> Option<u64> {
        self.current.load().as_ref().map(|state| state.revision)
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        // Closed comes before what is wrong with the batch.
        self.view()?;
        batch.check(&crate::CAPABILITIES)?;
        let guard = Arc::clone(&self.writer).lock_owned().await;
        let current = Arc::clone(&self.current);
        let steps = self.view()?.steps(&batch);
        run(steps, move || {
            let _guard = guard;
            let state = current.load_full().ok_or_else(closed)?;
            let (preconditions, ops) = batch.into_parts();
            check(&state.map, &preconditions)?;
            if !ops.is_empty() {
                let mut next = Map::clone(&state.map);
                for op in ops {
                    change(&mut next, op)?;
                }
                current.store(Some(Arc::new(State { map: Arc::new(next), revision: state.revision + 1 })));
            }
            Ok(())
        })
        .await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(self.view()?))
    }

    async fn flush(&self) -> Result<()> {
        self.view().map(drop)
    }

    async fn close(&self) -> Result<()> {
        // Batches under way end first. Reads under way have their map, and need nothing that is released here.
        let guard = Arc::clone(&self.writer).lock_owned().await;
        let current = Arc::clone(&self.current);
        // Freeing a large map takes as long as a large batch.
        run(usize::MAX, move || {
            let _guard = guard;
            current.store(None);
            Ok(())
        })
        .await
    }

    async fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        stats.keys = u64::try_from(self.view()?.map.len()).ok();
        Ok(stats)
    }
}

/// The map as it was at one moment: a snapshot, and what every read of the store goes through.
#[derive(Clone)]
struct MemoryView {
    map: Arc<Map>,
}

impl MemoryView {
    /// How many steps a batch takes, counted no further than to know that it is too long for where the call is made:
    /// a deleted range takes one for each key in it.
    fn steps(&self, batch: &Batch) -> usize {
        let mut steps = batch.len();
        for op in batch.ops() {
            if steps > INLINE_STEPS {
                break;
            }
            if let Op::DeleteRange(range) = op
                && !range.is_empty()
            {
                steps += self.map.range::<_, [u8]>(range.bounds()).take(INLINE_STEPS + 1).count();
            }
        }
        steps
    }
}

#[async_trait]
impl ReadView for MemoryView {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        check_key_count(keys.len())?;
        // Keys are shared, not copied, on their way to another thread.
        if keys.len() <= INLINE_STEPS {
            return look_up(&self.map, keys);
        }
        let (view, keys) = (self.clone(), keys.to_vec());
        run(keys.len(), move || look_up(&view.map, &keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        // Most scans end early; only one that turns out to be long is worth another thread.
        let probe = request.clone().max_items(request.item_limit().min(INLINE_STEPS));
        let page = read_page(&self.map, &probe);
        if page.next().is_none() || request.item_limit() <= INLINE_STEPS || page.len() < INLINE_STEPS {
            return Ok(page);
        }
        let (view, request) = (self.clone(), request.clone());
        run(request.item_limit(), move || Ok(read_page(&view.map, &request))).await
    }
}

fn look_up(map: &Map, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
    let values: Vec<Option<Bytes>> = keys.iter().map(|key| map.get(key).cloned()).collect();
    let bytes: usize = values.iter().flatten().map(Bytes::len).sum();
    if bytes > MAX_GET_BYTES {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("the {} keys of one get_many have over {MAX_GET_BYTES} bytes of values", keys.len()),
        )
        .with_help("ask for fewer keys at a time"));
    }
    Ok(values)
}

fn read_page(map: &Map, request: &ScanRequest) -> Page {
    let mut page = PageBuilder::new(request);
    if request.range().is_empty() {
        return page.finish();
    }
    let mut items = map.range::<_, [u8]>(request.range().bounds());
    loop {
        let item = match request.direction() {
            Direction::Forward => items.next(),
            Direction::Reverse => items.next_back(),
        };
        match item {
            Some((key, value)) if page.push(key.as_slice(), value) => {}
            _ => return page.finish(),
        }
    }
}

fn check(map: &Map, preconditions: &[Precondition]) -> Result<()> {
    let failed = preconditions.iter().find(|one| !one.holds(map.get(one.key()).map(Bytes::as_ref)));
    failed.map_or(Ok(()), |one| Err(one.failed()))
}

fn change(map: &mut Map, op: Op) -> Result<()> {
    match op {
        Op::Put(key, value) => {
            // Copied: a slice of a page or a file would keep all of it in memory for as long as the key lives.
            map.insert(Key::new(Bytes::copy_from_slice(key.as_slice()))?, Bytes::copy_from_slice(&value));
        }
        Op::Delete(key) => {
            map.remove(&key);
        }
        Op::DeleteRange(range) => delete_range(map, &range),
    }
    Ok(())
}

/// Deletes a range at the cost of the smaller side: what goes, or what stays.
fn delete_range(map: &mut Map, range: &KeyRange) {
    if range.is_empty() {
        return;
    }
    let gone: Vec<Key> = map.range::<_, [u8]>(range.bounds()).map(|(key, _)| key.clone()).collect();
    if gone.len() > map.len() / 2 {
        let stays = map.iter().filter(|(key, _)| !range.contains(key.as_slice()));
        *map = stays.map(|(key, value)| (key.clone(), value.clone())).collect();
    } else {
        for key in gone {
            map.remove(&key);
        }
    }
}

/// Runs short work here, long work on a blocking thread if there is a runtime to give one.
async fn run<T: Send + 'static>(
    steps: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if steps <= INLINE_STEPS {
        return work();
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
    runtime.spawn_blocking(work).await.unwrap_or_else(|error| {
        let kind = if error.is_panic() { ErrorKind::Internal } else { ErrorKind::Unavailable };
        Err(Error::new(kind, "the work was not finished").with_source(error))
    })
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "this store in memory was closed")
}
