//! Reading: the table as it was at one commit.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{Bytes, Direction, Error, ErrorKind, Key, Page, PageBuilder, Result, ScanRequest};
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTableMetadata};
use tokio::sync::mpsc;

use crate::opening::ENTRIES;
use crate::watch::Progress;
use crate::{error, opening};

// So much is read where the call is made; it takes some tens of microseconds when redb has the pages. Anything
// longer goes to a blocking thread, which costs about 20 us to reach.
const INLINE_ITEMS: usize = 256;
const INLINE_KEYS: usize = 32;
const INLINE_BYTES: usize = 64 * 1024;

/// Kept by every view; the receiving end learns when the last one is gone.
pub(crate) type Alive = mpsc::Sender<Infallible>;

/// The entries at one commit, whatever is committed after it.
pub(crate) struct View {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    path: Arc<Path>,
    progress: Progress,
    _alive: Alive,
}

impl View {
    /// What is committed at this moment.
    pub(crate) fn begin(
        database: &impl ReadableDatabase,
        path: &Arc<Path>,
        progress: &Progress,
        alive: Alive,
    ) -> Result<Self> {
        let table = opening::caught(path, "reading", || {
            let transaction = database.begin_read().map_err(|e| error::of_transaction(path, "reading", e))?;
            transaction.open_table(ENTRIES).map_err(|e| error::of_table(path, "reading", e))
        })
        .flatten()?;
        Ok(Self { table, path: Arc::clone(path), progress: progress.clone(), _alive: alive })
    }

    /// What stands against reading, because a read failed before: redb answers nothing any more.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(why) = self.progress.damage() {
            return Err(error::damaged(&self.path, &why));
        }
        if self.progress.read_has_failed() {
            return Err(error::poisoned(&self.path, "reading it failed"));
        }
        Ok(())
    }

    /// How many entries there are. O(1).
    pub(crate) fn len(&self) -> Result<u64> {
        self.caught(|view| view.table.len().map_err(|e| error::of_storage(&view.path, "reading", e)))
    }

    pub(crate) async fn get_many(self: Arc<Self>, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if keys.len() <= INLINE_KEYS
            && let Some(values) = self.caught(|view| view.look_up(keys, INLINE_BYTES))?
        {
            return Ok(values);
        }
        let keys = keys.to_vec();
        run_blocking(move || {
            self.caught(|view| view.look_up(&keys, MAX_GET_BYTES))?.ok_or_else(|| {
                Error::new(
                    ErrorKind::TooLarge,
                    format!(
                        "the {} keys of one get_many have over {MAX_GET_BYTES} bytes of values",
                        keys.len()
                    ),
                )
                .with_help("ask for fewer keys at a time")
            })
        })
        .await
    }

    fn caught<T>(&self, read: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.check()?;
        opening::caught(&self.path, "reading", || read(self)).flatten()
    }

    /// The values, or nothing if they are over `most` bytes together.
    fn look_up(&self, keys: &[Key], most: usize) -> Result<Option<Vec<Option<Bytes>>>> {
        let mut values = Vec::with_capacity(keys.len());
        let mut bytes = 0;
        for key in keys {
            let found =
                self.table.get(key.as_slice()).map_err(|e| error::of_storage(&self.path, "reading", e))?;
            let value = match &found {
                None => None,
                Some(found) => {
                    let value = found.value();
                    bytes += value.len();
                    if bytes > most {
                        return Ok(None);
                    }
                    Some(Bytes::copy_from_slice(value))
                }
            };
            values.push(value);
        }
        Ok(Some(values))
    }

    pub(crate) async fn scan(self: Arc<Self>, request: &ScanRequest) -> Result<Page> {
        // Most scans are short, whatever they ask for: a node's edges, a file's symbols.
        let probe = request
            .clone()
            .max_items(request.item_limit().min(INLINE_ITEMS))
            .max_bytes(request.byte_limit().min(INLINE_BYTES));
        if let Some(page) = self.caught(|view| view.read_page(&probe, INLINE_BYTES))?
            && (page.next().is_none() || probe == *request)
        {
            return Ok(page);
        }
        let request = request.clone();
        run_blocking(move || {
            Ok(self.caught(|view| view.read_page(&request, usize::MAX))?.unwrap_or_default())
        })
        .await
    }

    /// A page, or nothing if a value in it is over `most` bytes.
    fn read_page(&self, request: &ScanRequest, most: usize) -> Result<Option<Page>> {
        let mut page = PageBuilder::new(request);
        // redb panics on an inverted range in some of its calls, and needs none of them for an empty one.
        if request.range().is_empty() {
            return Ok(Some(page.finish()));
        }
        let failed = |e| error::of_storage(&self.path, "reading", e);
        let mut entries = self.table.range::<&[u8]>(request.range().bounds()).map_err(failed)?;
        loop {
            let entry = match request.direction() {
                Direction::Forward => entries.next(),
                Direction::Reverse => entries.next_back(),
            };
            let Some(entry) = entry else { return Ok(Some(page.finish())) };
            let (key, value) = entry.map_err(failed)?;
            let value = if request.is_keys_only() { &[] } else { value.value() };
            if value.len() > most {
                return Ok(None);
            }
            if !page.push(key.value(), value) {
                return Ok(Some(page.finish()));
            }
        }
    }
}

/// Runs work on a thread that may block, or right here where there is no runtime to give one.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
    runtime.spawn_blocking(work).await.unwrap_or_else(|error| {
        let kind = if error.is_panic() { ErrorKind::Internal } else { ErrorKind::Unavailable };
        Err(Error::new(kind, "the work was not finished").with_source(error))
    })
}
