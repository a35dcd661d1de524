//! The seam: reads of the published state, and jobs for the thread that has the files.
//!
//! Each store has a thread of its own, which takes one job after the other. So batches are one step each, a future
//! that is dropped has no say in whether its job is done, and no executor is needed or blocked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use codestrata_core::backend::check_key_count;
use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Direction, Error, ErrorKind, Key, Page, PageBuilder, ReadView,
    Result, ScanRequest, Stats, async_trait,
};
use tokio::sync::oneshot;

use super::Config;
use super::failure::{closed, poisoned, read_only};
use super::files::{Files, Published, State};
use super::recover::Map;
use crate::fault::Fault;

// Up to so many keys or items are read where the call is made, more of them on a thread of their own.
const INLINE_STEPS: usize = 256;

type Job = Box<dyn FnOnce(&mut Files) + Send>;

/// A store with a journal.
pub(super) struct Journal {
    config: Config,
    published: Published,
    // None while the store is dropped.
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    pub(super) async fn open(config: Config) -> Result<Self> {
        let (opened, answer) = oneshot::channel();
        let (jobs, queue) = mpsc::channel::<Job>();
        let settings = config.clone();
        let thread = thread::spawn(move || {
            let mut files = match catch_unwind(AssertUnwindSafe(|| Files::open(settings.clone()))) {
                Ok(Ok((files, published))) => {
                    // If nobody waits any more, the queue has no sender either.
                    let _ = opened.send(Ok(published));
                    files
                }
                Ok(Err(error)) => return drop(opened.send(Err(error))),
                Err(_) => return,
            };
            loop {
                match queue.recv_timeout(Duration::from_millis(20)) {
                    Ok(job) => job(&mut files),
                    Err(RecvTimeoutError::Timeout) => on_time(&mut files, &settings.fault),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        let published = answer.await.map_err(|_| ended())??;
        Ok(Self { config, published, jobs: Mutex::new(Some(jobs)), thread: Some(thread) })
    }

    /// Does a job on the thread of the files.
    async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Files) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |files| {
            // Nobody waits any more if the future was dropped.
            let _ = done.send(job(files));
        });
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().ok_or_else(ended)?.send(job).map_err(|_| ended())?;
        }
        answer.await.map_err(|_| ended())?
    }

    async fn view(&self) -> Result<View> {
        if !self.config.is_writer() || self.config.capabilities.several_writers() {
            self.state()?;
            self.call(Files::refresh).await?;
        }
        self.state()
    }

    fn state(&self) -> Result<View> {
        match &*self.published.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(map) => Ok(View { map: map.clone() }),
            State::Poisoned => Err(poisoned()),
            State::Closed => Err(closed()),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // The thread ends when it has done what is queued, and the lock goes with it: who opens the store next must
        // not find it locked.
        self.jobs.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take() {
            // An error is a panic, which whoever had called was told of.
            let _ = thread.join();
        }
    }
}

/// What a mutant does when there is nothing else to do.
fn on_time(files: &mut Files, fault: &Fault) {
    if fault.is("batches are written by a timer") {
        // Nobody waits for it.
        let _ = files.write_held();
    }
}

#[async_trait]
impl ReadView for Journal {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.view().await?.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.view().await?.scan(request).await
    }
}

#[async_trait]
impl Backend for Journal {
    fn capabilities(&self) -> &Capabilities {
        &self.config.capabilities
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.state()?;
        if !self.config.is_writer() {
            if self.config.fault.is("a reader takes batches and drops them") {
                return Ok(());
            }
            return Err(read_only());
        }
        let acknowledge = batch.check(&self.config.capabilities)?;
        self.call(move |files| files.apply(batch, acknowledge)).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(self.view().await?))
    }

    async fn flush(&self) -> Result<()> {
        self.call(Files::flush).await
    }

    async fn close(&self) -> Result<()> {
        self.call(Files::close).await
    }

    async fn stats(&self) -> Result<Stats> {
        self.view().await?;
        let (keys, bytes) = self.call(|files| files.figures()).await?;
        let mut stats = Stats::default();
        stats.keys = u64::try_from(keys).ok();
        stats.disk_bytes = Some(bytes);
        Ok(stats)
    }

    async fn compact(&self) -> Result<()> {
        self.call(Files::compact).await
    }

    async fn verify(&self) -> Result<()> {
        self.call(Files::verify).await
    }
}

/// The store as it was at one moment.
#[derive(Clone)]
struct View {
    map: Map,
}

#[async_trait]
impl ReadView for View {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        check_key_count(keys.len())?;
        if keys.len() <= INLINE_STEPS {
            return look_up(&self.map, keys);
        }
        let (view, keys) = (self.clone(), keys.to_vec());
        elsewhere(move || look_up(&view.map, &keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let probe = request.clone().max_items(request.item_limit().min(INLINE_STEPS));
        let page = read_page(&self.map, &probe);
        if page.next().is_none() || request.item_limit() <= INLINE_STEPS || page.len() < INLINE_STEPS {
            return Ok(page);
        }
        let (view, request) = (self.clone(), request.clone());
        elsewhere(move || Ok(read_page(&view.map, &request))).await
    }
}

fn look_up(map: &Map, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
    let values: Vec<Option<Bytes>> = keys.iter().map(|key| map.get(key.as_slice()).cloned()).collect();
    if values.iter().flatten().map(Bytes::len).sum::<usize>() > MAX_GET_BYTES {
        let message = format!("the keys of one get_many have over {MAX_GET_BYTES} bytes of values");
        return Err(Error::new(ErrorKind::TooLarge, message).with_help("ask for fewer keys at a time"));
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
            Some((key, value)) if page.push(key, value) => {}
            _ => return page.finish(),
        }
    }
}

async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (done, answer) = oneshot::channel();
    thread::spawn(move || {
        // Nobody waits any more if the future was dropped.
        let _ = done.send(work());
    });
    answer.await.map_err(|_| ended())?
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "a thread of the journal has ended").with_help("report this")
}
