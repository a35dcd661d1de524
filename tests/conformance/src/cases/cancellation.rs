//! Callers that go away: futures dropped at any point, tasks that panic, runtimes that end.
//!
//! What a dropped call leaves behind (a permit, a connection, a lock, a place in a queue) is missed later, and by
//! somebody else. So each is done often, and followed by an ordinary life.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use codestrata_core::{Backend, Batch, ErrorKind, Key, KeyRange, OpenMode, Result, ScanRequest};

use crate::cases::threads::{elsewhere, ends, joined, two_threads};
use crate::lab::{Place, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::{Lab, Violation, bare};

// More polls than a call of an engine takes with pauses of a millisecond between.
const POLLS: usize = 6;

fn numbers(count: u16) -> Vec<([u8; 2], [u8; 100])> {
    (0..count).map(|number| (number.to_be_bytes(), [7; 100])).collect()
}

/// A call of any kind, its answer thrown away.
type Call<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The calls of a store other than those that change it, long and short.
fn calls<'a>(
    store: &'a dyn Backend,
    keys: &'a [Key],
    requests: &'a [ScanRequest],
) -> Vec<(&'static str, Call<'a>)> {
    let all = requests.first();
    let mut calls: Vec<(&'static str, Call<'a>)> = vec![
        ("get_many", Box::pin(async { store.get_many(keys).await.map(drop) })),
        (
            "get_many of a few",
            Box::pin(async { store.get_many(keys.get(..3).unwrap_or_default()).await.map(drop) }),
        ),
        ("scan_many", Box::pin(async { store.scan_many(requests).await.map(drop) })),
        ("flush", Box::pin(async { store.flush().await })),
        ("stats", Box::pin(async { store.stats().await.map(drop) })),
        ("compact", Box::pin(async { unless_not_there(store.compact().await) })),
        ("verify", Box::pin(async { unless_not_there(store.verify().await) })),
        ("snapshot", Box::pin(async { unless_not_there(store.snapshot().await.map(drop)) })),
    ];
    if let Some(all) = all {
        calls.push(("scan", Box::pin(async { store.scan(all).await.map(drop) })));
    }
    calls
}

fn unless_not_there(result: Result<()>) -> Result<()> {
    match result {
        Err(not) if matches!(not.kind(), ErrorKind::Unsupported | ErrorKind::Unavailable) => Ok(()),
        other => other,
    }
}

/// A counter at `old`, one more after the batch, which also leaves a mark of its own.
fn increment(old: Option<u64>, mark: u32, weight: u16) -> Result<Batch> {
    let counter = key("counter")?;
    let batch = match old {
        None => Batch::new().require_absent(counter.clone()),
        Some(old) => Batch::new().require_equals(counter.clone(), old.to_be_bytes().to_vec()),
    };
    // What makes it long enough to be under way for a while.
    let batch = numbers(weight).into_iter().try_fold(batch, |batch, (name, value)| {
        Ok::<_, codestrata_core::Error>(batch.put(key([b"w", &name[..]].concat())?, value.to_vec()))
    })?;
    let next = old.unwrap_or(0) + 1;
    Ok(batch.put(counter, next.to_be_bytes().to_vec()).put(key(format!("mark/{mark:06}"))?, ""))
}

pub async fn increments_whose_calls_are_dropped_are_not_lost(lab: &Lab) -> Outcome {
    const ROUNDS: u32 = 120;
    let store = lab.store().await?;
    let counter = key("counter")?;
    for round in 0..ROUNDS {
        let read = || async {
            let value = store.get(&counter).await?;
            Ok::<_, Violation>(
                value.as_deref().and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes),
            )
        };
        // A long one that is dropped after some polls, whether or not it goes on by itself, and a short one at its heels:
        // both want to be the next. What either answers is settled below, by what is there.
        let old = read().await?;
        let long = store.apply(increment(old, round * 2, 400)?);
        let _ = bare::poll_times(pin!(long), 1 + usize::from(round % 3 == 0));
        let _ = store.apply(increment(old, round * 2 + 1, 0)?).await;
    }
    // Ordered after whatever is left of them.
    store.apply(puts(&[("last", "")])?).await?;
    let count = store
        .get(&counter)
        .await?
        .as_deref()
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u64::from_be_bytes);
    let marks = everything(&*store).await?.iter().filter(|(name, _)| name.starts_with(b"mark/")).count();
    demand(
        "each batch that required the counter to be as it was, and was applied, counts once, also where its call was dropped",
        u64::try_from(marks) == Ok(count),
        format_args!("{marks} batches were applied, and the counter stands at {count}"),
    )
}

pub async fn calls_dropped_at_any_point_leave_a_store_that_works(lab: &Lab) -> Outcome {
    const ROUNDS: usize = 12;
    let written = numbers(2_000);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let keys: Vec<Key> = written.iter().map(|(name, _)| key(name)).collect::<Result<_>>()?;
    let all = ScanRequest::new(KeyRange::all());
    let requests = [all.clone(), all.clone().reverse(), all.max_items(3)];
    for round in 0..ROUNDS {
        for (what, call) in calls(&*store, &keys, &requests) {
            let mut call = pin!(call);
            // Without pauses between polls as well: then a call is dropped just after it has begun.
            let polls = if round < POLLS { round } else { 1 };
            if let Some(answer) = bare::poll_times(call.as_mut(), polls) {
                demand(
                    &format!("{what} that is polled {polls} times may end, and then succeeds"),
                    answer.is_ok(),
                    &answer,
                )?;
            }
        }
        let batch = Batch::new().put(key("round")?, format!("{round}"));
        ends("a batch after calls that were dropped", store.apply(batch)).await??;
    }
    for (what, call) in calls(&*store, &keys, &requests) {
        ends(&format!("{what} after calls that were dropped"), call).await??;
    }
    let found = ends("a scan after calls that were dropped", everything(&*store)).await??;
    demand_equal("all is there after calls that were dropped", &found.len(), &(written.len() + 1))?;
    ends("closing after calls that were dropped", store.close()).await?.map_err(Violation::from)
}

/// Opens a store whose last owner may be just about to let go of it.
async fn reopened(place: &Place, when: &str) -> Outcome<Arc<dyn Backend>> {
    ends(&format!("opening a store {when}"), async {
        loop {
            match place.open(OpenMode::Create).await {
                Err(held) if held.kind() == ErrorKind::Locked => {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                other => return other.map_err(Violation::from),
            }
        }
    })
    .await?
}

pub async fn a_dropped_close_can_be_repeated(lab: &Lab) -> Outcome {
    for polls in 0..POLLS {
        let place = lab.place();
        let store = place.open(OpenMode::Create).await?;
        store.apply(puts(&numbers(300))?).await?;
        if let Some(answer) = bare::poll_times(pin!(store.close()), polls) {
            answer?;
        }
        // Whether the first one went through or not.
        ends(&format!("closing again after a close that was dropped after {polls} polls"), store.close())
            .await??;
        let closed = store.get(&key("k")?).await;
        demand_error(
            "a read after a close that was dropped and one that was not",
            closed,
            ErrorKind::Closed,
        )?;
        let again = reopened(&place, "after a close that was dropped").await?;
        let kept = if lab.claims().persistent() { 300 } else { 0 };
        demand_equal("a close that was dropped loses nothing", &everything(&*again).await?.len(), &kept)?;
    }
    Ok(())
}

pub async fn an_opening_that_is_dropped_leaves_the_place_free(lab: &Lab) -> Outcome {
    for polls in 0..POLLS {
        let place = lab.place();
        if polls % 2 == 0 {
            let store = place.open(OpenMode::Create).await?;
            store.apply(puts(&[("k", "1")])?).await?;
            store.close().await?;
        }
        drop(bare::poll_times(pin!(place.open(OpenMode::Create)), polls));
        let store = reopened(&place, "after an opening that was dropped").await?;
        let kept = usize::from(polls % 2 == 0 && lab.claims().persistent());
        demand_equal(
            "an opening that was dropped changes nothing",
            &everything(&*store).await?.len(),
            &kept,
        )?;
        store.apply(puts(&[("l", "2")])?).await?;
        ends("closing", store.close()).await??;
    }
    Ok(())
}

pub async fn a_call_may_be_finished_by_another_task(lab: &Lab) -> Outcome {
    let written = numbers(1_500);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let keys: Arc<[Key]> = written.iter().map(|(name, _)| key(name)).collect::<Result<_>>()?;
    let requests: Arc<[ScanRequest]> =
        [ScanRequest::new(KeyRange::all()), ScanRequest::new(KeyRange::all()).reverse()].into();
    // Polled once by somebody who is not woken, then awaited by somebody who is: a call wakes the last one to ask.
    let count = calls(&*store, &keys, &requests).len();
    for number in 0..count {
        let (store, keys, requests) = (Arc::clone(&store), Arc::clone(&keys), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            let Some((what, mut call)) = calls(&*store, &keys, &requests).into_iter().nth(number) else {
                return Ok(());
            };
            match bare::poll_times(pin!(&mut call), 1) {
                Some(answer) => answer.map_err(Violation::from),
                None => ends(&format!("{what} that was polled by another task before"), call)
                    .await?
                    .map_err(Violation::from),
            }
        });
        joined("a call that changes its task", task).await??;
    }
    let mut batch: Call<'_> = Box::pin(store.apply(puts(&numbers(1_600))?));
    match bare::poll_times(pin!(&mut batch), 1) {
        Some(answer) => answer?,
        None => ends("a batch that was polled by another task before", batch).await??,
    }
    demand_equal("the batch is there", &everything(&*store).await?.len(), &1_600)
}

/// Panics without a word on standard error, which a reader would take for the suite's own.
fn panic_quietly() {
    std::panic::resume_unwind(Box::new("a task of the caller's panics on purpose"));
}

pub async fn a_panic_of_a_caller_does_no_harm(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..12_u8 {
        let theirs = Arc::clone(&store);
        let task = tokio::spawn(async move {
            let batch = puts(&[([round, 0], "v"), ([round, 1], "v")])?;
            let panics = async {
                for _ in 0..round % 4 {
                    tokio::task::yield_now().await;
                }
                panic_quietly();
            };
            // The calls are dropped while the task unwinds.
            let all = ScanRequest::new(KeyRange::all());
            drop(tokio::join!(theirs.apply(batch), theirs.scan(&all), theirs.flush(), panics));
            Ok::<(), codestrata_core::Error>(())
        });
        demand("the suite's own task panics", task.await.is_err_and(|error| error.is_panic()), round)?;
        let name = key([round, 2])?;
        ends("a batch after a caller's panic", store.apply(Batch::new().put(name, "v"))).await??;
        let found = ends("a scan after it", everything(&*store)).await??;
        let mine = found.iter().filter(|(name, _)| name.first() == Some(&round)).count();
        demand(
            "a batch of a caller that panicked is there whole or not at all",
            mine == 1 || mine == 3,
            (round, mine),
        )?;
    }
    ends("closing after callers that panicked", store.close()).await?.map_err(Violation::from)
}

pub async fn a_store_outlives_the_runtime_that_opened_it(lab: &Lab) -> Outcome {
    let place = lab.place();
    let theirs = place.clone();
    let store = elsewhere(move || {
        let runtime = two_threads()?;
        let store = runtime.block_on(async {
            let store = theirs.open(OpenMode::Create).await?;
            store.apply(puts(&[("k", "1")])?).await?;
            Ok::<_, codestrata_core::Error>(store)
        })?;
        // With it go all tasks that were spawned on it.
        drop(runtime);
        Ok::<_, codestrata_core::Error>(store)
    })
    .await??;
    let batch = Batch::new().put(key("l")?, "2").require_equals(key("k")?, "1");
    ends("a batch after the runtime that opened the store is gone", store.apply(batch)).await??;
    ends("a flush after it", store.flush()).await??;
    demand_equal(
        "a store belongs to no runtime",
        &ends("a scan after it", everything(&*store)).await??,
        &entries(&[("k", "1"), ("l", "2")]),
    )?;
    ends("closing after it", store.close()).await?.map_err(Violation::from)
}

pub async fn a_runtime_that_ends_amid_calls_leaves_whole_batches(lab: &Lab) -> Outcome {
    const WIDTH: u8 = 20;
    let store = lab.store().await?;
    for round in 0..6_u8 {
        let theirs = Arc::clone(&store);
        elsewhere(move || {
            let runtime = two_threads()?;
            for task in 0..6_u8 {
                let store = Arc::clone(&theirs);
                runtime.spawn(async move {
                    for number in 0..=u8::MAX {
                        let batch = (0..WIDTH).map(|at| ([round, task, number, at], "")).collect::<Vec<_>>();
                        crate::lab::apply(&*store, &puts(&batch)?).await?;
                        store.scan(&ScanRequest::new(KeyRange::all())).await?;
                    }
                    Ok::<(), codestrata_core::Error>(())
                });
            }
            std::thread::sleep(std::time::Duration::from_millis(u64::from(round) * 2));
            // Half of the time without waiting for its blocking threads.
            if round % 2 == 0 {
                runtime.shutdown_background();
            } else {
                drop(runtime);
            }
            Ok::<(), codestrata_core::Error>(())
        })
        .await??;
        ends("a batch after a runtime ended amid calls", store.apply(puts(&[([round], "")])?)).await??;
        let found = ends("a scan after it", everything(&*store)).await??;
        let mine = found.iter().filter(|(name, _)| name.len() == 4).count();
        demand_equal("a runtime that ends leaves whole batches", &(mine % usize::from(WIDTH)), &0)?;
    }
    ends("closing after it", store.close()).await?.map_err(Violation::from)
}

pub async fn a_store_may_be_dropped_anywhere(lab: &Lab) -> Outcome {
    let opened = || async {
        let place = lab.place();
        let store = place.open(OpenMode::Create).await?;
        store.apply(puts(&numbers(50))?).await?;
        Ok::<_, codestrata_core::Error>((place, store))
    };
    let mut places = Vec::new();
    // In a task of this runtime, and in one with calls under way.
    let (place, store) = opened().await?;
    joined("dropping a store in a task", tokio::spawn(async move { drop(store) })).await?;
    places.push(place);
    let (place, store) = opened().await?;
    let task = tokio::spawn(async move {
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.scan(&ScanRequest::new(KeyRange::all())).await.map(drop) })
            })
            .collect();
        calls.iter().for_each(tokio::task::JoinHandle::abort);
        drop(store);
    });
    joined("dropping a store whose calls were aborted", task).await?;
    places.push(place);
    // On a thread without a runtime.
    let (place, store) = opened().await?;
    elsewhere(move || drop(store)).await?;
    places.push(place);
    // In a runtime of one thread, which has nobody else to do anything for it.
    let (place, store) = opened().await?;
    elsewhere(move || {
        crate::cases::threads::one_thread(1)?.block_on(async move { drop(store) });
        Ok::<(), codestrata_core::Error>(())
    })
    .await??;
    places.push(place);
    // With a batch that was begun and given up.
    let (place, store) = opened().await?;
    joined(
        "dropping a store with a batch that was given up",
        tokio::spawn(async move {
            drop(bare::poll_times(pin!(store.apply(puts(&numbers(50))?)), 1));
            drop(store);
            Ok::<(), codestrata_core::Error>(())
        }),
    )
    .await??;
    places.push(place);
    for place in places {
        let again = reopened(&place, "that was dropped").await?;
        let found = everything(&*again).await?.len();
        let kept = if lab.claims().persistent() {
            found == 50 || (found == 0 && !lab.claims().synced())
        } else {
            found == 0
        };
        demand("a store that is dropped loses nothing that was synced", kept, found)?;
    }
    Ok(())
}
