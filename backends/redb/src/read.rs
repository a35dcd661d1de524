//! Reading: the table as it was at one commit.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{Bytes, Direction, Error, ErrorKind, Key, Page, PageBuilder, Result, ScanRequest};
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTableMetadata};
use tokio::sync::mpsc;

use crate::opening::ENTRIES;
use crate::watch::Progress;
use crate::{error, opening};

// So much is read where the call is made; it takes some tens of microseconds when redb has the pages. What is left
// then goes to a blocking thread, which costs about 20 us to reach.
const INLINE_ITEMS: usize = 256;
const INLINE_BYTES: usize = 64 * 1024;

// Single keys are looked up where the call is made for so long, and the time is looked at after so many of them.
const INLINE_TIME: Duration = Duration::from_micros(200);
const INLINE_KEYS: usize = 16;

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
        let mut found = Found { values: Vec::with_capacity(keys.len()), bytes: 0 };
        self.caught(|view| view.look_up(keys, &mut found, true))?;
        let rest = keys.get(found.values.len()..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(found.values);
        }
        let rest = rest.to_vec();
        run_blocking(move || {
            self.caught(|view| view.look_up(&rest, &mut found, false))?;
            Ok(found.values)
        })
        .await
    }

    fn caught<T>(&self, read: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.check()?;
        opening::caught(&self.path, "reading", || read(self)).flatten()
    }

    /// Adds the values of the keys; where the call is made, only those of the first keys, if they are many or large, or
    /// the medium is slow.
    fn look_up(&self, keys: &[Key], found: &mut Found, is_inline: bool) -> Result<()> {
        let begun = is_inline.then(Instant::now);
        for some in keys.chunks(INLINE_KEYS) {
            for key in some {
                let value = self
                    .table
                    .get(key.as_slice())
                    .map_err(|e| error::of_storage(&self.path, "reading", e))?;
                let value = value.as_ref().map(redb::AccessGuard::value);
                found.bytes += value.map_or(0, <[u8]>::len);
                if is_inline && found.bytes > INLINE_BYTES {
                    found.bytes -= value.map_or(0, <[u8]>::len);
                    return Ok(());
                }
                if found.bytes > MAX_GET_BYTES {
                    return Err(too_many_bytes());
                }
                found.values.push(value.map(Bytes::copy_from_slice));
            }
            if begun.is_some_and(|begun| begun.elapsed() > INLINE_TIME) {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(crate) async fn scan(self: Arc<Self>, request: &ScanRequest) -> Result<Page> {
        // redb panics on an inverted range in some of its calls, and needs none of them for an empty one.
        if request.range().is_empty() {
            return Ok(Page::default());
        }
        let mut scan = self.caught(|view| Scan::begin(view, request))?;
        // Most scans are short, whatever they ask for: a node's edges, a file's symbols.
        if self.caught(|view| scan.go_on(view, INLINE_ITEMS, INLINE_BYTES))? {
            return Ok(scan.page.finish());
        }
        let mut scan = scan.into_owned();
        run_blocking(move || {
            scan.page.expect_full();
            self.caught(|view| scan.go_on(view, usize::MAX, usize::MAX))?;
            Ok(scan.page.finish())
        })
        .await
    }
}

type Entries = redb::Range<'static, &'static [u8], &'static [u8]>;
type Guard = redb::AccessGuard<'static, &'static [u8]>;

/// A scan that may go on on another thread.
struct Scan<'a> {
    entries: Entries,
    direction: Direction,
    is_keys_only: bool,
    page: PageBuilder<'a>,
    /// An entry that was found to be too large for here.
    put_off: Option<(Guard, Guard)>,
}

impl<'a> Scan<'a> {
    fn begin(view: &View, request: &'a ScanRequest) -> Result<Self> {
        let entries = view.table.range::<&[u8]>(request.range().bounds());
        Ok(Self {
            entries: entries.map_err(|e| error::of_storage(&view.path, "reading", e))?,
            direction: request.direction(),
            is_keys_only: request.is_keys_only(),
            page: PageBuilder::new(request),
            put_off: None,
        })
    }

    fn into_owned(self) -> Scan<'static> {
        let Self { entries, direction, is_keys_only, page, put_off } = self;
        Scan { entries, direction, is_keys_only, page: page.into_owned(), put_off }
    }

    /// Reads so many items and about so many bytes, and says whether that was all.
    fn go_on(&mut self, view: &View, items: usize, bytes: usize) -> Result<bool> {
        for _ in 0..items {
            let entry = match (self.put_off.take(), self.direction) {
                (Some(entry), _) => Some(Ok(entry)),
                (None, Direction::Forward) => self.entries.next(),
                (None, Direction::Reverse) => self.entries.next_back(),
            };
            let Some(entry) = entry else { return Ok(true) };
            let (key, value) = entry.map_err(|e| error::of_storage(&view.path, "reading", e))?;
            let content = if self.is_keys_only { &[] } else { value.value() };
            if self.page.byte_size().saturating_add(content.len()) > bytes {
                self.put_off = Some((key, value));
                return Ok(false);
            }
            if !self.page.push(key.value(), content) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The values that were found so far.
struct Found {
    values: Vec<Option<Bytes>>,
    bytes: usize,
}

fn too_many_bytes() -> Error {
    let message = format!("the keys of one get_many have over {MAX_GET_BYTES} bytes of values");
    Error::new(ErrorKind::TooLarge, message).with_help("ask for fewer keys at a time")
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
