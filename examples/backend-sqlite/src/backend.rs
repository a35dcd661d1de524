//! The store: short reads where they are called, long ones on threads of the pool, and the rest on the thread that writes.

use std::sync::Arc;
use std::sync::mpsc as queue;
use std::thread::JoinHandle;

use codestrata_core::backend::check_key_count;
use codestrata_core::{
    Acknowledge, Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, OpenMode, Page, ReadView,
    Result, ScanRequest, Stats, async_trait,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::commit::{Command, Committer, Reply, Shared};
use crate::config::SqliteConfig;
use crate::pool::Workers;
use crate::{error, file, read};

// So much is read where the call is made; some tens of microseconds when SQLite has the pages.
pub(crate) const INLINE_KEYS: usize = 16;
pub(crate) const INLINE_BYTES: usize = 64 * 1024;
const INLINE_ITEMS: usize = 128;

/// A store in one SQLite file.
pub struct SqliteBackend {
    shared: Shared,
    workers: Workers,
    capabilities: Capabilities,
    // None only while it is dropped.
    queue: Option<queue::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl SqliteBackend {
    /// Opens a store.
    ///
    /// # Errors
    /// `NotFound`, `Locked`, `Corruption`, and `InvalidConfig` for a path that cannot be a store.
    pub async fn open(config: SqliteConfig) -> Result<Self> {
        let capabilities =
            crate::DESCRIPTOR.declared_capabilities().with_snapshots(Some(config.snapshot_max_age));
        let workers = Workers::start(&config.path)?;
        let path = config.path.clone();
        let (queue, commands) = queue::channel();
        let (opened, whether_opened) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("codestrata-sqlite".to_owned())
            .spawn(move || match Committer::open(config) {
                Ok(committer) => {
                    // Whoever asked may have gone; then the queue is closed too.
                    let _ = opened.send(Ok(committer.shared()));
                    committer.run(&commands);
                }
                Err(failed) => {
                    let _ = opened.send(Err(failed));
                }
            })
            .map_err(|e| error::of_io(&path, "starting a thread for", e))?;
        let shared = whether_opened.await.unwrap_or_else(|_| Err(ended()))?;
        Ok(Self { shared, workers, capabilities, queue: Some(queue), thread: Some(thread) })
    }

    fn is_read_only(&self) -> bool {
        self.shared.pool.config().mode == OpenMode::ReadOnly
    }

    /// A read that is made here, if a connection is idle and the read turns out to be short.
    fn at_once<T>(&self, work: impl FnOnce(&Connection) -> Result<Option<T>>) -> Result<Option<T>> {
        let Some(lent) = self.shared.pool.take_idle()? else { return Ok(None) };
        match work(lent.get()?) {
            // Another process has the database to itself for a moment. A thread may wait for it.
            Err(busy) if busy.kind() == ErrorKind::Unavailable => Ok(None),
            done => done,
        }
    }

    async fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Result<()> {
        self.shared.pool.check()?;
        if self.is_read_only() {
            return Err(error::read_only(self.shared.pool.path()));
        }
        self.send(command).await
    }

    async fn send(&self, command: impl FnOnce(Reply) -> Command) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let gone = || self.shared.pool.check().err().unwrap_or_else(ended);
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(command(reply)).is_ok());
        if !sent {
            return Err(gone());
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// The first part of a scan, so small that it may be read anywhere. Most scans are short, whatever they ask for.
pub(crate) fn probe(request: &ScanRequest) -> ScanRequest {
    request
        .clone()
        .max_items(request.item_limit().min(INLINE_ITEMS))
        .max_bytes(request.byte_limit().min(INLINE_BYTES))
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the thread that writes has ended").with_help("report this")
}

#[async_trait]
impl ReadView for SqliteBackend {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let pool = &self.shared.pool;
        pool.check()?;
        check_key_count(keys.len())?;
        if keys.len() <= INLINE_KEYS
            && let Some(values) = self.at_once(|one| read::look_up(one, pool.path(), keys, INLINE_BYTES))?
        {
            return Ok(values);
        }
        let (pool, keys) = (Arc::clone(pool), keys.to_vec());
        self.workers.run(move || read::get_many(pool.take()?.get()?, pool.path(), &keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let pool = &self.shared.pool;
        let probe = probe(request);
        if let Some(page) = self.at_once(|one| read::page(one, pool.path(), &probe, INLINE_BYTES))?
            && (page.next().is_none() || probe == *request)
        {
            return Ok(page);
        }
        let (pool, request) = (Arc::clone(pool), request.clone());
        self.workers.run(move || read::whole_page(pool.take()?.get()?, pool.path(), &request)).await
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.shared.pool.check()?;
        if self.is_read_only() {
            return Err(error::read_only(self.shared.pool.path()));
        }
        let acknowledge: Acknowledge = batch.check(&self.capabilities)?;
        self.send(|reply| Command::Apply(batch, acknowledge, reply)).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let Shared { pool, snapshots } = &self.shared;
        if let Some(lent) = pool.take_idle()? {
            match snapshots.take(lent, pool, &self.workers) {
                // Another process has the database to itself for a moment. A thread may wait for it.
                Err(busy) if busy.kind() == ErrorKind::Unavailable => {}
                taken => return Ok(Box::new(taken?)),
            }
        }
        let (shared, workers) = (self.shared.clone(), self.workers.clone());
        let taken =
            self.workers.run(move || shared.snapshots.take(shared.pool.take()?, &shared.pool, &workers));
        Ok(Box::new(taken.await?))
    }

    async fn flush(&self) -> Result<()> {
        if self.is_read_only() {
            return self.shared.pool.check();
        }
        self.ask(Command::Flush).await
    }

    async fn close(&self) -> Result<()> {
        match self.send(Command::Close).await {
            Err(closed) if closed.kind() == ErrorKind::Closed => Ok(()),
            closed => closed,
        }
    }

    async fn stats(&self) -> Result<Stats> {
        self.shared.pool.check()?;
        let mut stats = Stats::default();
        stats.disk_bytes = file::disk_bytes(self.shared.pool.path());
        Ok(stats)
    }

    async fn compact(&self) -> Result<()> {
        self.ask(Command::Compact).await
    }

    async fn verify(&self) -> Result<()> {
        let pool = Arc::clone(&self.shared.pool);
        self.workers.run(move || read::verify(pool.take_new()?.get()?, pool.path())).await
    }
}

impl Drop for SqliteBackend {
    /// Waits until the files are closed, so that they can be opened again at once. Closing first, from async code, keeps
    /// this short.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was shown when it happened.
            let _ = thread.join();
        }
    }
}
