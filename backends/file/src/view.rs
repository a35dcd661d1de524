//! Reading: the keys as they were at one commit, and the values from the files.

use std::path::Path;
use std::sync::Arc;

use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Bytes, Direction, Error, ErrorKind, Key, Page, PageBuilder, Result, ScanRequest, Stats,
};

use crate::error;
use crate::format::{FileKind, HEAD_BYTES, Head, log_name, path_of};
use crate::frame::check_of;
use crate::index::{Index, Place};
use crate::log::Logs;
use crate::medium::read_all;
use crate::replay::{Part, replay};

// So much is read where the call is made; it takes some tens of microseconds when the system has the files in its
// cache. Anything longer goes to a blocking thread, which costs about 20 us to reach.
const INLINE_ITEMS: usize = 256;
const INLINE_KEYS: usize = 32;
const INLINE_BYTES: usize = 64 * 1024;

// Values that lie near each other are read together: asking the system costs as much as copying so many bytes.
const NEAR: u64 = 2 * 1024;
const MOST_TOGETHER: u64 = 256 * 1024;

/// The entries at one commit, whatever is committed after it.
pub(crate) struct View {
    index: Index,
    logs: Arc<Logs>,
    /// Where the last log file ended.
    end: u64,
    log_bytes: u64,
    folder: Arc<Path>,
}

impl View {
    pub(crate) const fn new(
        index: Index,
        logs: Arc<Logs>,
        end: u64,
        log_bytes: u64,
        folder: Arc<Path>,
    ) -> Self {
        Self { index, logs, end, log_bytes, folder }
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        stats.keys = Some(self.index.keys());
        stats.stored_bytes = Some(self.index.stored_bytes());
        // The manifest is one head.
        stats.disk_bytes = Some(self.log_bytes + HEAD_BYTES);
        stats.memory_bytes = Some(self.index.memory_bytes());
        stats
    }

    pub(crate) async fn get_many(self: Arc<Self>, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if let [key] = keys
            && let place = self.index.get(key.as_slice())
            && place.is_none_or(|place| place.length as usize <= INLINE_BYTES)
        {
            return Ok(vec![place.map(|place| read_value(&self.logs, &self.folder, place)).transpose()?]);
        }
        if keys.len() > INLINE_KEYS {
            let keys = keys.to_vec();
            return run_blocking(move || self.look_up(&self.places(&keys)?)).await;
        }
        let places = self.places(keys)?;
        let bytes: usize = places.iter().flatten().map(|place| place.length as usize).sum();
        if bytes <= INLINE_BYTES {
            return self.look_up(&places);
        }
        run_blocking(move || self.look_up(&places)).await
    }

    /// Where the values of the keys are, if they are not too many bytes together.
    fn places(&self, keys: &[Key]) -> Result<Vec<Option<Place>>> {
        let places: Vec<Option<Place>> = keys.iter().map(|key| self.index.get(key.as_slice())).collect();
        let bytes: usize = places.iter().flatten().map(|place| place.length as usize).sum();
        if bytes > MAX_GET_BYTES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the {} keys of one get_many have over {MAX_GET_BYTES} bytes of values", keys.len()),
            )
            .with_help("ask for fewer keys at a time"));
        }
        Ok(places)
    }

    fn look_up(&self, places: &[Option<Place>]) -> Result<Vec<Option<Bytes>>> {
        let there: Vec<Place> = places.iter().flatten().copied().collect();
        let mut values = read_values(&self.logs, &self.folder, &there)?.into_iter();
        // Copied: a value that the caller keeps must not keep all that was read together with it.
        let mut next = || values.next().map(|value| Bytes::copy_from_slice(&value));
        Ok(places.iter().map(|place| place.and_then(|_| next())).collect())
    }

    pub(crate) async fn scan(self: Arc<Self>, request: &ScanRequest) -> Result<Page> {
        // Most scans are short, whatever they ask for: a node's edges, a file's symbols.
        if let Some(page) = self.read_page(request, INLINE_ITEMS, INLINE_BYTES)? {
            return Ok(page);
        }
        let request = request.clone();
        run_blocking(move || Ok(self.read_page(&request, usize::MAX, usize::MAX)?.unwrap_or_default())).await
    }

    /// A page, or nothing if it has more items or bytes than these.
    fn read_page(&self, request: &ScanRequest, most_items: usize, most: usize) -> Result<Option<Page>> {
        let mut page = PageBuilder::new(request);
        if request.range().is_empty() {
            return Ok(Some(page.finish()));
        }
        let mut entries = self.index.range(request.range().bounds());
        let (mut keys, mut places, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        loop {
            let entry = match request.direction() {
                Direction::Forward => entries.next(),
                Direction::Reverse => entries.next_back(),
            };
            let Some((key, place)) = entry else { break };
            let size = if request.is_keys_only() { key.len() } else { key.len() + place.length as usize };
            let full = keys.len() >= request.item_limit()
                || (!keys.is_empty() && bytes.saturating_add(size) > request.byte_limit());
            if full {
                page.more();
                break;
            }
            bytes = bytes.saturating_add(size);
            if keys.len() >= most_items || bytes > most {
                return Ok(None);
            }
            keys.push(key);
            places.push(*place);
        }
        if request.is_keys_only() {
            for key in keys {
                page.push(key, &[]);
            }
        } else {
            for (key, value) in keys.into_iter().zip(read_values(&self.logs, &self.folder, &places)?) {
                page.push(key, &value);
            }
        }
        Ok(Some(page.finish()))
    }

    /// Reads all log files and compares every checksum.
    pub(crate) fn verify(&self) -> Result<()> {
        let mut expected = None;
        let last = self.logs.last_key_value().map(|(number, _)| *number);
        for (number, log) in &*self.logs {
            let path = path_of(&self.folder, &log_name(*number));
            let head = Head::read(&*log.file, FileKind::Log, &path)?;
            if head.first != u64::from(*number) || head.second != log.sequence {
                return Err(error::damaged(&path, 40, "it is another file than when it was opened"));
            }
            if expected.is_some_and(|expected| expected != log.sequence) {
                return Err(error::damaged(&path, 48, "frames before it are missing"));
            }
            let part = if last == Some(*number) { Part::WrittenTo(self.end) } else { Part::Sealed };
            expected = Some(replay(log, &path, log.sequence, part, |_, _| {})?.sequence);
        }
        Ok(())
    }
}

/// Reads one value, and demands that it is the one that was written.
pub(crate) fn read_value(logs: &Logs, folder: &Path, place: Place) -> Result<Bytes> {
    if place.length == 0 {
        return Ok(Bytes::new());
    }
    let bytes = read_part(logs, folder, place.log, u64::from(place.offset), u64::from(place.length))?;
    check(&bytes, folder, place)?;
    Ok(bytes)
}

/// Reads values in the order of their places in the files; they come in the order that was asked for.
pub(crate) fn read_values(logs: &Logs, folder: &Path, places: &[Place]) -> Result<Vec<Bytes>> {
    let mut values = vec![Bytes::new(); places.len()];
    let mut order: Vec<(usize, Place)> =
        places.iter().copied().enumerate().filter(|(_, place)| place.length > 0).collect();
    order.sort_by_key(|(_, place)| (place.log, place.offset));
    let mut rest = order.as_slice();
    while let Some(((_, first), _)) = rest.split_first() {
        let start = u64::from(first.offset);
        let (count, end) = neighbours(rest);
        let (together, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let bytes = read_part(logs, folder, first.log, start, end - start)?;
        for (position, place) in together {
            let from = usize::try_from(u64::from(place.offset) - start).unwrap_or(usize::MAX);
            let value = bytes.slice(from..from.saturating_add(place.length as usize));
            check(&value, folder, *place)?;
            if let Some(slot) = values.get_mut(*position) {
                *slot = value;
            }
        }
        rest = after;
    }
    Ok(values)
}

/// How many of the first places are worth reading in one piece, and where it ends.
fn neighbours(sorted: &[(usize, Place)]) -> (usize, u64) {
    let Some(((_, first), others)) = sorted.split_first() else { return (0, 0) };
    let start = u64::from(first.offset);
    let mut end = start + u64::from(first.length);
    let mut count = 1;
    for (_, place) in others {
        let (from, to) = (u64::from(place.offset), u64::from(place.offset) + u64::from(place.length));
        if place.log != first.log || from > end + NEAR || to.max(end) - start > MOST_TOGETHER {
            break;
        }
        end = end.max(to);
        count += 1;
    }
    (count, end)
}

fn read_part(logs: &Logs, folder: &Path, number: u32, offset: u64, length: u64) -> Result<Bytes> {
    let path = || path_of(folder, &log_name(number));
    let log = logs.get(&number).ok_or_else(|| error::missing(&path()))?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    read_all(&*log.file, &mut bytes, offset).map_err(|failed| {
        if failed.kind() == std::io::ErrorKind::UnexpectedEof {
            error::damaged(&path(), offset, "the file ends before the value does")
        } else {
            error::of_io(&path(), "reading", failed)
        }
    })?;
    Ok(bytes.into())
}

fn check(value: &[u8], folder: &Path, place: Place) -> Result<()> {
    if check_of(value) == place.check {
        return Ok(());
    }
    let path = path_of(folder, &log_name(place.log));
    Err(error::damaged(&path, u64::from(place.offset), "the value there does not have its checksum"))
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
