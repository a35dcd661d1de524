//! For how long calls keep the executor's thread from everyone else.
//!
//! A task that shares one thread with the calls wants its turn every millisecond, and measures how late it comes. What the
//! scheduler of the system did to that thread is taken off, so that a busy machine is not taken for a backend that
//! blocks: Linux says how long a thread stood in line for a processor. Elsewhere a bystander, a thread that always
//! wants to run and has nothing to do with the store, shows how long the machine makes anyone wait.

use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codestrata_core::limits::MAX_GET_KEYS;
use codestrata_core::{Backend, Batch, Error, ErrorKind, Key, KeyRange, OpenMode, Result, ScanRequest};

use crate::Lab;
use crate::cases::threads::{elsewhere, one_thread};
use crate::lab::{Place, key};
use crate::violation::{Outcome, demand};

// A point read from a cold medium may take some milliseconds, and nothing may take longer.
const LONGEST: Duration = Duration::from_millis(25);
// Whoever blocks does so every time; the machine does not.
const TRIES: u32 = 6;
// The task that measures sleeps meanwhile, so that it does not take from the engine what it measures.
const PAUSE: Duration = Duration::from_millis(1);
const KEYS: u32 = 80_000;

/// The steps of a life whose calls take long.
const STEPS: [&str; 11] = [
    "opening",
    "apply of 80,000 puts",
    "a scan",
    "a scan in reverse",
    "get_many of 65,536 keys",
    "snapshot",
    "flush",
    "compact",
    "verify",
    "apply of a delete of everything",
    "close",
];

pub async fn the_executor_is_not_blocked_by_long_work(lab: &Lab) -> Outcome {
    let mut shortest = vec![Duration::MAX; STEPS.len()];
    for _ in 0..TRIES {
        let place = lab.place();
        let waits = elsewhere(move || longest_waits(&place)).await??;
        for (shortest, wait) in shortest.iter_mut().zip(waits) {
            *shortest = wait.min(*shortest);
        }
        if shortest.iter().all(|wait| *wait <= LONGEST) {
            return Ok(());
        }
    }
    let blocks: Vec<_> = STEPS.into_iter().zip(shortest).filter(|(_, wait)| *wait > LONGEST).collect();
    demand(
        &format!(
            "a call that takes long leaves the executor's thread to others: no task beside it waits for longer \
             than {LONGEST:?}"
        ),
        false,
        (blocks, "the shortest of the longest waits of each try"),
    )
}

/// The longest that another task has to wait during each step, for the one thread there is.
fn longest_waits(place: &Place) -> Result<Vec<Duration>> {
    one_thread(8)?.block_on(async {
        let step = Arc::new(AtomicUsize::new(0));
        let work = tokio::spawn(long_life(place.clone(), Arc::clone(&step)));
        let mut waits = vec![Duration::ZERO; STEPS.len()];
        let mut clock = Clock::start();
        while !work.is_finished() {
            // What the thread does between two turns of this task was begun in the step before, or in that after.
            let before = step.load(Ordering::Relaxed);
            let wait = clock.lap_of(tokio::time::sleep(PAUSE)).await.saturating_sub(PAUSE);
            for number in before..=step.load(Ordering::Relaxed) {
                if let Some(longest) = waits.get_mut(number) {
                    *longest = wait.max(*longest);
                }
            }
        }
        work.await
            .map_err(|error| Error::new(ErrorKind::Internal, "a call panicked").with_source(error))??;
        Ok(waits)
    })
}

async fn long_life(place: Place, step: Arc<AtomicUsize>) -> Result<()> {
    let next = || async {
        step.fetch_add(1, Ordering::Relaxed);
        // The other task has its turn before the call begins.
        tokio::time::sleep(PAUSE * 2).await;
    };
    // What the suite itself does for long is done on another thread.
    let prepared = tokio::task::spawn_blocking(prepare)
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, "the suite panicked").with_source(error))?;
    let (batch, keys) = prepared?;
    tokio::task::yield_now().await;
    let store = place.open(OpenMode::Create).await?;
    let all = ScanRequest::new(KeyRange::all());
    next().await;
    store.apply(batch).await?;
    next().await;
    drop_elsewhere(store.scan(&all).await?).await;
    next().await;
    drop_elsewhere(store.scan(&all.reverse()).await?).await;
    next().await;
    drop_elsewhere(store.get_many(&keys).await?).await;
    drop_elsewhere(keys).await;
    next().await;
    drop(unless_not_there(store.snapshot().await)?);
    next().await;
    store.flush().await?;
    next().await;
    unless_not_there(store.compact().await)?;
    next().await;
    unless_not_there(store.verify().await)?;
    next().await;
    store.apply(Batch::new().delete_range(KeyRange::new(vec![0, 0, 9], None))).await?;
    next().await;
    store.close().await?;
    drop_elsewhere::<Arc<dyn Backend>>(store).await;
    Ok(())
}

fn prepare() -> Result<(Batch, Vec<Key>)> {
    let batch = (0..KEYS).try_fold(Batch::new(), |batch, number| {
        Ok::<_, Error>(batch.put(key(number.to_be_bytes())?, vec![7; 60]))
    })?;
    let count = u32::try_from(MAX_GET_KEYS).unwrap_or_default();
    let keys = (0..count).map(|number| key((number + 1_000).to_be_bytes())).collect::<Result<_>>()?;
    Ok((batch, keys))
}

/// Large answers take a while to be freed, which is not the backend's doing.
async fn drop_elsewhere<T: Send + 'static>(large: T) {
    // If it panics, that shows elsewhere.
    let _ = tokio::task::spawn_blocking(move || drop(large)).await;
}

fn unless_not_there<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(not) if matches!(not.kind(), ErrorKind::Unsupported | ErrorKind::Unavailable) => Ok(None),
        other => other.map(Some),
    }
}

/// Measures what a task waits, less what the machine is to blame for.
enum Clock {
    /// The times of this thread as Linux counts them: on a processor, in line for one, turns.
    Own(File),
    Bystander {
        stop: Arc<AtomicBool>,
        longest: Arc<AtomicUsize>,
    },
}

impl Clock {
    fn start() -> Self {
        // Opened by the thread itself, it stays that thread's.
        if let Ok(own) = File::open("/proc/thread-self/schedstat") {
            let mut clock = Self::Own(own);
            if clock.in_line().is_some() {
                return clock;
            }
        }
        let stop = Arc::new(AtomicBool::new(false));
        let longest = Arc::new(AtomicUsize::new(0));
        let (theirs, found) = (Arc::clone(&stop), Arc::clone(&longest));
        std::thread::spawn(move || bystander(&theirs, &found));
        Self::Bystander { stop, longest }
    }

    /// How long this thread has stood in line so far.
    fn in_line(&mut self) -> Option<Duration> {
        let Self::Own(own) = self else { return None };
        let mut text = String::new();
        own.rewind().ok()?;
        own.read_to_string(&mut text).ok()?;
        text.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
    }

    async fn lap_of(&mut self, turn: impl Future<Output = ()>) -> Duration {
        let (before, lined_up) = (Instant::now(), self.in_line());
        turn.await;
        let wait = before.elapsed();
        match self {
            Self::Own(_) => {
                let grown = self.in_line().unwrap_or_default().saturating_sub(lined_up.unwrap_or_default());
                wait.saturating_sub(grown)
            }
            Self::Bystander { longest, .. } => {
                let machine = u64::try_from(longest.load(Ordering::Relaxed)).unwrap_or(u64::MAX);
                wait.saturating_sub(Duration::from_micros(machine) * 3)
            }
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Self::Bystander { stop, .. } = self {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

/// Notes for how long, at the most, a thread that always wants to run was not let run, in microseconds.
fn bystander(stop: &AtomicBool, longest: &AtomicUsize) {
    let mut last = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        std::thread::yield_now();
        let now = Instant::now();
        let waited = usize::try_from((now - last).as_micros()).unwrap_or(usize::MAX);
        longest.fetch_max(waited, Ordering::Relaxed);
        last = now;
    }
}
