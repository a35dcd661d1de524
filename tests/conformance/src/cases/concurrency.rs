//! Any executor, several callers at once, and callers that go away.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use codestrata_core::{Batch, Bytes, Error, ErrorKind, KeyRange, OpenMode, Result, ScanRequest};

use crate::lab::{Place, apply, everything, key, puts};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal};
use crate::{Lab, Violation, bare};

/// A short life of a store, all calls included.
async fn live(place: Place) -> Result<()> {
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(&(0..=u8::MAX).map(|byte| ([byte], [byte; 300])).collect::<Vec<_>>())?).await?;
    store.apply(Batch::new().delete(key([7])?)).await?;
    store.get_many(&(0..=u8::MAX).map(|byte| key([byte])).collect::<Result<Vec<_>>>()?).await?;
    store.scan(&ScanRequest::new(KeyRange::all())).await?;
    match store.snapshot().await {
        Ok(snapshot) => snapshot.scan(&ScanRequest::new(KeyRange::all()).reverse()).await.map(drop)?,
        Err(error) if error.kind() == ErrorKind::Unsupported => {}
        Err(error) => return Err(error),
    }
    store.flush().await?;
    store.stats().await?;
    store.close().await
}

/// Runs work on a thread of its own, where no runtime is.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    let (send, receive) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits any more only if the case has failed already.
        let _ = send.send(work());
    });
    receive.await.map_err(|_| Violation::new("a call does not panic", "it did"))
}

pub async fn one_thread_is_enough(lab: &Lab) -> Outcome {
    let place = lab.place();
    let done = elsewhere(move || match tokio::runtime::Builder::new_current_thread().build() {
        Ok(runtime) => runtime.block_on(live(place)),
        Err(error) => Err(Error::new(ErrorKind::Internal, "the suite has a runtime").with_source(error)),
    });
    done.await?.map_err(Violation::from)
}

pub async fn no_runtime_is_needed(lab: &Lab) -> Outcome {
    let place = lab.place();
    elsewhere(move || bare::block_on(live(place))).await?.map_err(Violation::from)
}

pub async fn a_dropped_write_is_whole_or_nothing(lab: &Lab) -> Outcome {
    const WIDTH: u8 = 50;
    let store = lab.store().await?;
    for round in 0..30_u8 {
        let batch = puts(&(0..WIDTH).map(|at| ([round, at], [at; 100])).collect::<Vec<_>>())?;
        // Dropped before it is polled, after one poll, two, ...
        let answer = bare::poll_times(pin!(store.apply(batch)), usize::from(round % 6));
        // Ordered after whatever is left of it.
        store.apply(puts(&[([0xFF], "")])?).await?;
        let found = store.scan(&ScanRequest::new(KeyRange::prefix(vec![round]))).await?.len();
        demand(
            "a write that was dropped is there whole or not at all",
            found == 0 || found == usize::from(WIDTH),
            (round, found),
        )?;
        if let Some(answer) = answer {
            answer?;
            demand_equal("one that was acknowledged is there", &found, &usize::from(WIDTH))?;
        }
    }
    Ok(())
}

pub async fn aborted_tasks_leave_whole_batches(lab: &Lab) -> Outcome {
    const WIDTH: u8 = 20;
    let store = lab.store().await?;
    let mut random = Random::seeded(11);
    for round in 0..20_u8 {
        let writer = Arc::clone(&store);
        let task = tokio::spawn(async move {
            for number in 0..=u8::MAX {
                let batch = puts(&(0..WIDTH).map(|at| ([round, number, at], "")).collect::<Vec<_>>())?;
                apply(&*writer, &batch).await?;
            }
            Ok::<(), Error>(())
        });
        tokio::time::sleep(Duration::from_micros(random.number() % 3_000)).await;
        task.abort();
        // An error here is the abortion, or an end before it.
        let _ = task.await;
        store.apply(puts(&[([0xFF], "")])?).await?;
        let found = everything(&*store).await?;
        let mine = found.iter().filter(|(name, _)| name.len() == 3).count();
        demand_equal("an aborted task leaves whole batches", &(mine % usize::from(WIDTH)), &0)?;
    }
    Ok(())
}

pub async fn parallel_writers_and_readers_agree(lab: &Lab) -> Outcome {
    const WRITERS: u8 = 4;
    const BATCHES: u8 = 25;
    let store = lab.store().await?;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..BATCHES {
                    apply(&*store, &puts(&[([writer, number], "v"), ([writer, 0xFF], "last")])?).await?;
                    let seen = store.get(&key([writer, number])?).await?;
                    demand_equal("a writer sees its own write", &seen, &Some(Bytes::from_static(b"v")))?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut last = 0;
                for _ in 0..50 {
                    let found = everything(&*store).await?.len();
                    demand("what was there stays", found >= last, (last, found))?;
                    last = found;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in writers.into_iter().chain(readers) {
        task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))??;
    }
    let expected = usize::from(WRITERS) * (usize::from(BATCHES) + 1);
    demand_equal("every write is there", &everything(&*store).await?.len(), &expected)
}

pub async fn the_executor_is_not_blocked_by_long_work(lab: &Lab) -> Outcome {
    // A point read from a cold medium may take some milliseconds.
    const LONGEST: Duration = Duration::from_millis(50);
    const TRIES: u32 = 6;
    let mut last = (Duration::MAX, Duration::ZERO);
    for _ in 0..TRIES {
        let place = lab.place();
        last = elsewhere(move || longest_wait(&place)).await??;
        let (wait, machine) = last;
        // A busy machine makes everyone wait; a backend that blocks makes the task wait longer than others, every time.
        if wait < LONGEST.max(machine * 3) {
            return Ok(());
        }
    }
    demand(
        "long work does not block the executor's thread (its longest wait, that of a bystander)",
        false,
        last,
    )
}

/// For how long, at the most, a thread that always wants to run was not let run, until told to stop.
fn bystander(stop: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    let mut last = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        std::thread::yield_now();
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    longest
}

/// How long a task has to wait, at the most, for the only thread that it shares with calls that take long, and how long
/// a thread beside it that has nothing to do with the store.
fn longest_wait(place: &Place) -> Result<(Duration, Duration)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, "the suite has a runtime").with_source(error))?;
    runtime.block_on(async {
        let store = place.open(OpenMode::Create).await?;
        let batch = (0..150_000_u32).try_fold(Batch::new(), |batch, number| {
            Ok::<_, Error>(batch.put(key(number.to_be_bytes())?, vec![7; 60]))
        })?;
        let work = tokio::spawn(async move {
            store.apply(batch).await?;
            store.scan(&ScanRequest::new(KeyRange::all())).await?;
            store.apply(Batch::new().delete_range(KeyRange::new(vec![0, 0, 9], None))).await?;
            store.close().await
        });
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let beside = std::thread::spawn(move || bystander(&stopped));
        let mut longest = Duration::ZERO;
        while !work.is_finished() {
            let before = Instant::now();
            tokio::task::yield_now().await;
            longest = longest.max(before.elapsed());
        }
        stop.store(true, Ordering::Relaxed);
        let machine = beside.join().unwrap_or_default();
        work.await
            .map_err(|error| Error::new(ErrorKind::Internal, "a call panicked").with_source(error))??;
        Ok((longest, machine))
    })
}
