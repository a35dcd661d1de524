//! Calls end after a time, and what was given up is waited for by what comes after it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use codestrata::ErrorKind;
use codestrata::layers::{FaultPlan, Faulty, Layers, Operation, RetryPolicy, TimeLimited, TimeLimits, When};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_conformance::bare;
use codestrata_core::{Backend, Batch, Error, Key, KeyRange, ReadView, Result, ScanRequest};

use crate::gate::Gated;

/// A limit that every call behind a closed gate exceeds, and one that no call behind an open gate does.
const SHORT: Duration = Duration::from_millis(20);
const AMPLE: Duration = Duration::from_secs(300);

fn limited(gated: &Arc<Gated>, limits: TimeLimits) -> TimeLimited {
    TimeLimited::new(Arc::clone(gated) as Arc<dyn Backend>, "gated", limits)
}

fn short() -> TimeLimits {
    TimeLimits::of(SHORT).maintenance(SHORT)
}

fn key() -> Key {
    Key::new("k").unwrap()
}

fn put(value: &'static str) -> Batch {
    Batch::new().put(key(), value)
}

fn kind<T>(answer: Result<T>) -> ErrorKind {
    answer.err().map_or_else(|| panic!("it succeeded"), |error: Error| error.kind())
}

#[tokio::test]
async fn each_call_that_changes_nothing_is_unavailable_when_it_takes_too_long() {
    let gated = Gated::new();
    let store = limited(&gated, short());
    let view = store.snapshot().await.unwrap();
    gated.reads.send_replace(true);
    let all = ScanRequest::new(KeyRange::all());
    let answers = [
        ("get", store.get(&key()).await.map(drop)),
        ("get_many", store.get_many(&[key()]).await.map(drop)),
        ("scan", store.scan(&all).await.map(drop)),
        ("scan_many", store.scan_many(std::slice::from_ref(&all)).await.map(drop)),
        ("snapshot", store.snapshot().await.map(drop)),
        ("flush", store.flush().await),
        ("stats", store.stats().await.map(drop)),
        ("compact", store.compact().await),
        ("verify", store.verify().await),
        ("get of a snapshot", view.get(&key()).await.map(drop)),
        ("get_many of a snapshot", view.get_many(&[key()]).await.map(drop)),
        ("scan of a snapshot", view.scan(&all).await.map(drop)),
        ("scan_many of a snapshot", view.scan_many(&[all]).await.map(drop)),
    ];
    for (name, answer) in answers {
        let error = answer.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{name}");
        let method = name.split(' ').next().unwrap();
        assert!(
            error.message().starts_with(&format!("`gated` did not answer {method} within 20ms")),
            "{error}"
        );
    }
    gated.reads.send_replace(false);
    assert_eq!(store.get(&key()).await.unwrap(), None, "and the next one is answered");
}

#[tokio::test]
async fn what_reads_a_whole_store_or_waits_for_others_has_a_limit_of_its_own() {
    let gated = Gated::new();
    gated.reads.send_replace(true);
    let store = Arc::new(limited(&gated, TimeLimits::of(SHORT)));
    let slow = [
        tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.compact().await }
        }),
        tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.verify().await }
        }),
    ];
    // Several of the shorter limits pass meanwhile.
    for _ in 0..3 {
        assert_eq!(kind(store.flush().await), ErrorKind::Unavailable);
    }
    gated.reads.send_replace(false);
    for call in slow {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_of_unknown_outcome_and_sent_once() {
    let gated = Gated::new();
    gated.batches.send_replace(true);
    let layers = Layers::named("gated")
        .retries(RetryPolicy::retries(3).delays(Duration::ZERO, Duration::ZERO))
        .time_limit(short());
    let store = layers.over(Arc::clone(&gated) as Arc<dyn Backend>);
    let error = store.apply(put("1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitUnknown);
    assert!(error.message().contains("`gated` did not acknowledge a batch within 20ms"), "{error}");
    assert_eq!(gated.begun.load(Ordering::SeqCst), 1, "it is never sent again blindly");
}

#[tokio::test]
async fn a_read_does_not_overtake_a_batch_that_was_given_up() {
    let gated = Gated::new();
    let store = limited(&gated, short());
    let before = store.snapshot().await.unwrap();
    gated.batches.send_replace(true);
    assert_eq!(kind(store.apply(put("1")).await), ErrorKind::CommitUnknown);
    // As long as it is on its way, nobody can say what is stored, and nothing may come in front of it.
    assert_eq!(kind(store.get(&key()).await), ErrorKind::Unavailable);
    assert_eq!(kind(store.snapshot().await), ErrorKind::Unavailable);
    assert_eq!(kind(store.apply(put("2")).await), ErrorKind::Unavailable);
    assert_eq!(gated.begun.load(Ordering::SeqCst), 1, "the second batch was not begun");
    assert_eq!(before.get(&key()).await.unwrap(), None, "an older snapshot needs to wait for nothing");

    gated.batches.send_replace(false);
    let settled = limited_read(&store).await;
    assert_eq!(settled.as_deref(), Some(b"1".as_slice()), "the first read that answers settles it");
    store.apply(put("3")).await.unwrap();
    assert_eq!(store.get(&key()).await.unwrap().as_deref(), Some(b"3".as_slice()));
}

/// A read that is repeated while the batch is on its way: on a busy machine its end may take longer than one limit.
async fn limited_read(store: &TimeLimited) -> Option<codestrata_core::Bytes> {
    loop {
        match store.get(&key()).await {
            Err(busy) if busy.kind() == ErrorKind::Unavailable => {}
            answer => return answer.unwrap(),
        }
    }
}

#[test]
fn without_a_runtime_whoever_comes_next_brings_the_batch_to_its_end() {
    let gated = Gated::new();
    let store = limited(&gated, short());
    bare::block_on(async {
        gated.batches.send_replace(true);
        assert_eq!(kind(store.apply(put("1")).await), ErrorKind::CommitUnknown);
        assert_eq!(kind(store.get(&key()).await), ErrorKind::Unavailable);
        gated.batches.send_replace(false);
        assert_eq!(limited_read(&store).await.as_deref(), Some(b"1".as_slice()));
    });
}

#[tokio::test]
async fn several_batches_that_were_given_up_are_all_waited_for() {
    let gated = Gated::new();
    let store = Arc::new(limited(&gated, short()));
    gated.batches.send_replace(true);
    let names = ["a", "b", "c", "d"];
    let tasks = names.map(|name| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.apply(Batch::new().put(Key::new(name).unwrap(), "1")).await })
    });
    let mut unknown = 0;
    for task in tasks {
        match kind(task.await.unwrap()) {
            ErrorKind::CommitUnknown => unknown += 1,
            // One that came after another was given up.
            other => assert_eq!(other, ErrorKind::Unavailable),
        }
    }
    assert_eq!(unknown, gated.begun.load(Ordering::SeqCst));
    gated.batches.send_replace(false);
    limited_read(&store).await;
    let keys = names.map(|name| Key::new(name).unwrap());
    let stored = store.get_many(&keys).await.unwrap();
    assert_eq!(stored.into_iter().flatten().count(), unknown, "each that was begun has ended");
}

#[tokio::test]
async fn closing_goes_on_after_its_time_and_is_not_begun_twice() {
    let gated = Gated::new();
    let store = limited(&gated, short());
    store.apply(put("1")).await.unwrap();
    gated.closings.send_replace(true);
    for _ in 0..3 {
        assert_eq!(kind(store.close().await), ErrorKind::Unavailable);
    }
    assert_eq!(gated.closed.load(Ordering::SeqCst), 1, "whoever closes again waits for the first");
    gated.closings.send_replace(false);
    loop {
        match store.close().await {
            Ok(()) => break,
            Err(busy) => assert_eq!(busy.kind(), ErrorKind::Unavailable),
        }
    }
    assert_eq!(kind(store.get(&key()).await), ErrorKind::Closed);
}

#[tokio::test]
async fn closing_waits_for_a_batch_that_was_given_up() {
    let gated = Gated::new();
    let store = limited(&gated, TimeLimits::of(SHORT));
    gated.batches.send_replace(true);
    assert_eq!(kind(store.apply(put("1")).await), ErrorKind::CommitUnknown);
    let store = Arc::new(store);
    let closing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.close().await }
    });
    assert_eq!(kind(store.get(&key()).await), ErrorKind::Unavailable);
    assert_eq!(gated.closed.load(Ordering::SeqCst), 0, "it is not begun before");
    gated.batches.send_replace(false);
    closing.await.unwrap().unwrap();
    assert_eq!(gated.closed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_in_time_is_not_touched() {
    let plan = FaultPlan::seeded(1)
        .delay(&[Operation::Apply, Operation::Get], When::Always, Duration::from_millis(2))
        .fail(&[Operation::Flush], When::Always, ErrorKind::Full);
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan));
    let store = TimeLimited::new(faulty, "memory", TimeLimits::of(AMPLE));
    store.apply(put("1")).await.unwrap();
    assert!(store.get(&key()).await.unwrap().is_some());
    assert_eq!(kind(store.flush().await), ErrorKind::Full);
}

/// A panic of the engine inside a batch that nobody waits for harms the task that has it, and no later call.
struct Panicking;

#[codestrata_core::async_trait]
impl ReadView for Panicking {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<codestrata_core::Bytes>>> {
        Ok(vec![None; keys.len()])
    }

    async fn scan(&self, _: &ScanRequest) -> Result<codestrata_core::Page> {
        Ok(codestrata_core::Page::default())
    }
}

#[codestrata_core::async_trait]
impl Backend for Panicking {
    fn capabilities(&self) -> &codestrata_core::Capabilities {
        const MINIMAL: codestrata_core::Capabilities = codestrata_core::Capabilities::minimal();
        &MINIMAL
    }

    async fn apply(&self, _: Batch) -> Result<()> {
        tokio::time::sleep(SHORT * 3).await;
        panic!("by plan");
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Err(codestrata_core::unsupported("snapshots"))
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_engine_that_panics_in_a_batch_that_was_given_up_holds_up_nobody() {
    let store = TimeLimited::new(Arc::new(Panicking), "panicking", short());
    assert_eq!(kind(store.apply(put("1")).await), ErrorKind::CommitUnknown);
    limited_read(&store).await;
    store.flush().await.unwrap();
}
