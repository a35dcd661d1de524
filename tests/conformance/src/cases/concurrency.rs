//! Any executor, several callers at once, and callers that go away.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codestrata_core::{Backend, Batch, Bytes, Error, ErrorKind, KeyRange, OpenMode, Result, ScanRequest};

pub use crate::cases::executor::the_executor_is_not_blocked_by_long_work;
use crate::cases::threads::{elsewhere, ends, joined, one_thread, two_threads};
use crate::lab::{Place, apply, everything, key, puts, walk};
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

/// What every task may read, from places far apart and of sizes that differ.
fn library() -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..40_u8)
        .flat_map(|shelf| {
            (0..20_u8).map(move |book| (vec![shelf, book], vec![shelf ^ book; usize::from(shelf) * 30]))
        })
        .collect()
}

/// Reads one shelf in every way, and demands that it is that one.
async fn read_shelf(store: &dyn Backend, shelf: u8) -> Outcome {
    let expected: Vec<(Vec<u8>, Vec<u8>)> =
        library().into_iter().filter(|(name, _)| name.first() == Some(&shelf)).collect();
    let request = ScanRequest::new(KeyRange::prefix(vec![shelf])).max_items(6);
    let what = "calls at the same time each have their own answers";
    demand_equal(what, &walk(store, &request).await?, &crate::lab::entries(&expected))?;
    let names = expected.iter().rev().map(|(name, _)| key(name)).collect::<Result<Vec<_>>>()?;
    let values = store.get_many(&names).await?;
    let right =
        values.iter().zip(expected.iter().rev()).all(|(found, (_, value))| found.as_deref() == Some(value));
    demand(what, right && values.len() == names.len(), shelf)?;
    let missing = store.get(&key([shelf, 200])?).await?;
    demand_equal(what, &missing, &None)
}

pub async fn many_readers_each_get_their_own_answers(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    store.apply(puts(&library())?).await?;
    let readers: Vec<_> = (0..64_u8)
        .map(|reader| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for round in 0..4_u8 {
                    read_shelf(&*store, (reader % 40 * 3 + round * 11) % 40).await?;
                    tokio::task::yield_now().await;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for reader in readers {
        joined("a read beside others", reader).await??;
    }
    Ok(())
}

pub async fn several_runtimes_may_use_a_store_at_once(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    store.apply(puts(&library())?).await?;
    let work = |store: Arc<dyn Backend>, user: u8| async move {
        for round in 0..8_u8 {
            read_shelf(&*store, (user * 9 + round) % 40).await?;
            apply(&*store, &puts(&[([0xF0, user, round], "v")])?).await?;
            store.flush().await?;
        }
        Outcome::Ok(())
    };
    let theirs: Vec<Arc<dyn Backend>> = (0..3).map(|_| Arc::clone(&store)).collect();
    let mut users = Vec::new();
    for (store, user) in theirs.into_iter().zip(0_u8..) {
        users.push(elsewhere(move || match user {
            0 => two_threads()?.block_on(work(store, user)),
            1 => one_thread(1)?.block_on(work(store, user)),
            _ => bare::block_on(work(store, user)),
        }));
    }
    let own = work(Arc::clone(&store), 3);
    let mut users = users.into_iter();
    let (Some(first), Some(second), Some(third)) = (users.next(), users.next(), users.next()) else {
        return Ok(());
    };
    let (first, second, third, own) = tokio::join!(first, second, third, own);
    first??;
    second??;
    third??;
    own?;
    let written = walk(&*store, &ScanRequest::new(KeyRange::prefix(vec![0xF0]))).await?;
    demand_equal("what each runtime wrote is there", &written.len(), &(4 * 8))
}

pub async fn many_calls_share_one_thread(lab: &Lab) -> Outcome {
    // And one more for work that blocks: a call that waits for another one must not keep it from that.
    let place = lab.place();
    elsewhere(move || {
        one_thread(1)?.block_on(ends("work of many calls on one thread", async {
            let store = place.open(OpenMode::Create).await?;
            store.apply(puts(&library())?).await?;
            let tasks: Vec<_> = (0..32_u8)
                .map(|task| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move {
                        let large: Vec<_> = (0..600_u16)
                            .map(|at| ([0xF0, task, at.to_be_bytes()[1]], at.to_be_bytes()))
                            .collect();
                        apply(&*store, &puts(&large)?).await?;
                        read_shelf(&*store, task).await?;
                        store.flush().await?;
                        everything(&*store).await?;
                        Outcome::Ok(())
                    })
                })
                .collect();
            for task in tasks {
                joined("a call on a thread that many share", task).await??;
            }
            store.close().await?;
            Ok(())
        }))?
    })
    .await?
}

pub async fn a_walk_beside_writers_sees_lasting_keys_once(lab: &Lab) -> Outcome {
    const LASTING: u16 = 600;
    let store = lab.store().await?;
    let lasting: Vec<_> = (0..LASTING).map(|number| ((number * 4).to_be_bytes(), vec![7; 80])).collect();
    store.apply(puts(&lasting)?).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
        async move {
            let mut random = Random::seeded(31);
            while !stop.load(Ordering::Relaxed) {
                // Whatever tree there is grows and shrinks around the lasting keys.
                let start = u16::try_from(random.below(usize::from(LASTING))).unwrap_or_default() * 4;
                let mut batch = Batch::new();
                for number in (start..start.saturating_add(200)).filter(|number| number % 4 != 0) {
                    let name = key(number.to_be_bytes())?;
                    batch =
                        if random.below(2) == 0 { batch.put(name, vec![1; 300]) } else { batch.delete(name) };
                }
                apply(&*store, &batch).await?;
                tokio::task::yield_now().await;
            }
            Outcome::Ok(())
        }
    });
    for round in 0..12 {
        let request = ScanRequest::new(KeyRange::all()).max_items(13 + round * 5);
        let request = if round % 2 == 1 { request.reverse() } else { request };
        let found = walk(&*store, &request).await?;
        let mut names: Vec<Bytes> = found.into_iter().map(|(name, _)| name).collect();
        if round % 2 == 1 {
            names.reverse();
        }
        let in_order = names.iter().zip(names.iter().skip(1)).all(|(one, next)| one < next);
        demand("a walk beside writers goes on in the order of the keys, and doubles none", in_order, round)?;
        let stayed = names.iter().filter(|name| name.last().is_some_and(|last| last % 4 == 0)).count();
        demand_equal(
            "a walk beside writers sees every key that is there all the time, once",
            &stayed,
            &usize::from(LASTING),
        )?;
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    joined("writing beside a walk", writer).await?
}
