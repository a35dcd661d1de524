//! A handle that cannot write, over a store that another one writes to.

use std::sync::Arc;
use std::time::Duration;

use codestrata::ErrorKind;
use codestrata::layers::{FaultPlan, Faulty, Layers, Operation, ReadOnly, RetryPolicy, When};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::limits::MAX_BATCH_OPS;
use codestrata_core::{Backend, Batch, Durability, Key, KeyRange, Op, ReadView, ScanRequest};

fn key() -> Key {
    Key::new("k").unwrap()
}

#[tokio::test]
async fn every_write_is_refused_and_changes_nothing() {
    let store: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    store.apply(Batch::new().put(key(), "1")).await.unwrap();
    let reader = ReadOnly::new(Arc::clone(&store), "memory");
    let mut over_the_limit = Batch::new();
    for _ in 0..=MAX_BATCH_OPS {
        over_the_limit.add(Op::Delete(key()));
    }
    let batches = [
        ("a put", Batch::new().put(key(), "2")),
        ("a delete", Batch::new().delete(key())),
        ("a range", Batch::new().delete_range(KeyRange::all())),
        ("nothing", Batch::new()),
        ("a condition that holds", Batch::new().require_equals(key(), "1")),
        ("a condition that fails", Batch::new().require_absent(key())),
        ("what the engine cannot sync", Batch::new().durability(Durability::Synced)),
        ("too many operations", over_the_limit),
    ];
    for (what, batch) in batches {
        let error = reader.apply(batch).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnly, "{what}: {error}");
        assert!(error.message().contains("`memory`"), "{error}");
    }
    assert_eq!(reader.compact().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(store.get(&key()).await.unwrap().as_deref(), Some(b"1".as_slice()));
}

#[tokio::test]
async fn reads_see_what_another_handle_writes() {
    let store: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let reader = ReadOnly::new(Arc::clone(&store), "memory");
    let before = reader.snapshot().await.unwrap();
    store.apply(Batch::new().put(key(), "1")).await.unwrap();
    assert!(reader.get(&key()).await.unwrap().is_some());
    assert_eq!(reader.scan(&ScanRequest::new(KeyRange::all())).await.unwrap().len(), 1);
    assert!(before.get(&key()).await.unwrap().is_none(), "a snapshot stays as it was");
    assert_eq!(reader.stats().await.unwrap().keys, Some(1));
    reader.flush().await.unwrap();
    assert_eq!(reader.capabilities(), store.capabilities());
}

#[tokio::test]
async fn a_closed_store_says_closed_and_not_read_only() {
    let store: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let reader = ReadOnly::new(Arc::clone(&store), "memory");
    reader.close().await.unwrap();
    for batch in [Batch::new(), Batch::new().put(key(), "1")] {
        assert_eq!(reader.apply(batch).await.unwrap_err().kind(), ErrorKind::Closed);
    }
    assert_eq!(reader.compact().await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again() {
    let plan = FaultPlan::seeded(1).fail(&[Operation::GetMany], When::First(1), ErrorKind::Unavailable);
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan));
    let quick = RetryPolicy::retries(3).delays(Duration::ZERO, Duration::ZERO);
    let layers = Layers::named("memory").read_only().retries(quick);
    let reader = layers.over(Arc::clone(&faulty) as Arc<dyn Backend>);
    assert_eq!(reader.apply(Batch::new()).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(faulty.calls(Operation::Apply), 0);
    assert_eq!(faulty.calls(Operation::GetMany), 2, "whether it is open was asked again, as reads are");
}
