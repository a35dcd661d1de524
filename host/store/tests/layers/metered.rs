//! Calls are counted and timed under the same names for every engine.

use std::sync::Arc;

use codestrata::layers::metered::{
    OPERATION_SECONDS, OPERATIONS, READ_BYTES, RETRIES, TIMEOUTS, WRITTEN_BYTES,
};
use codestrata::layers::{FaultPlan, Faulty, Layers, Metered, Operation, RetryPolicy, TimeLimits, When};
use codestrata::{ErrorKind, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key, KeyRange, ReadView, ScanRequest};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use std::time::Duration;

use crate::support::{file, redb_config, with_own_analyses};

/// What a recorder saw while a future ran: the name, the labels as `name=value`, and the count, or how many were timed.
fn recorded(run: impl Future<Output = ()>) -> Vec<(String, Vec<String>, u64)> {
    let recorder = DebuggingRecorder::new();
    let seen = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(run));
    let metrics = seen.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
        let (_, key) = key.into_parts();
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let count = match value {
            DebugValue::Counter(count) => count,
            DebugValue::Histogram(times) => {
                assert!(times.iter().all(|seconds| seconds.0 >= 0.0));
                u64::try_from(times.len()).unwrap()
            }
            DebugValue::Gauge(_) => panic!("there are no gauges"),
        };
        (key.name().to_owned(), labels, count)
    });
    metrics.filter(|(.., count)| *count > 0).collect()
}

fn count(metrics: &[(String, Vec<String>, u64)], name: &str, labels: &[&str]) -> u64 {
    let mut found = metrics.iter().filter(|(metric, has, _)| {
        metric == name && labels.iter().all(|label| has.iter().any(|one| one == label))
    });
    let count = found.next().map_or(0, |(.., count)| *count);
    assert!(found.next().is_none(), "several {name} have {labels:?}");
    count
}

#[test]
fn calls_are_counted_by_operation_and_outcome() {
    let metrics = recorded(async {
        let store = Metered::new(Arc::new(MemoryBackend::new()), "an-engine");
        let key = Key::new("key").unwrap();
        for _ in 0..3 {
            store.apply(Batch::new().put(key.clone(), "value")).await.unwrap();
        }
        store.apply(Batch::new().require_absent(key.clone())).await.unwrap_err();
        store.get(&key).await.unwrap();
        let view = store.snapshot().await.unwrap();
        view.get(&key).await.unwrap();
        view.scan(&ScanRequest::new(KeyRange::all())).await.unwrap();
    });
    let ended = |operation: &str, outcome: &str| {
        let labels = [format!("operation={operation}"), format!("outcome={outcome}")];
        count(&metrics, OPERATIONS, &["backend=an-engine", &labels[0], &labels[1]])
    };
    assert_eq!(ended("apply", "ok"), 3);
    assert_eq!(ended("apply", "precondition_failed"), 1);
    assert_eq!(ended("get", "ok"), 2, "reads of snapshots are counted with those of the store");
    assert_eq!(ended("snapshot", "ok"), 1);
    assert_eq!(count(&metrics, OPERATION_SECONDS, &["operation=apply"]), 4, "failures take time as well");
    assert_eq!(count(&metrics, WRITTEN_BYTES, &["backend=an-engine"]), 3 * 8);
    assert_eq!(count(&metrics, READ_BYTES, &["operation=get"]), 2 * 5);
    assert_eq!(count(&metrics, READ_BYTES, &["operation=scan"]), 8);
}

#[test]
fn retries_and_timeouts_are_counted_once_each() {
    let metrics = recorded(async {
        let plan = FaultPlan::seeded(1)
            .fail(&[Operation::Get], When::First(2), ErrorKind::Unavailable)
            .delay(&[Operation::Flush], When::Always, Duration::from_secs(3_600));
        let store = Layers::named("an-engine")
            .metered()
            .retries(RetryPolicy::retries(3).delays(Duration::ZERO, Duration::ZERO))
            .time_limit(TimeLimits::of(Duration::from_millis(5)))
            .over(Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan)));
        store.get(&Key::new("k").unwrap()).await.unwrap();
        store.flush().await.unwrap_err();
    });
    assert_eq!(count(&metrics, RETRIES, &["backend=an-engine", "operation=get"]), 2);
    assert_eq!(count(&metrics, OPERATIONS, &["operation=get", "outcome=ok"]), 1, "the caller made one call");
    assert_eq!(count(&metrics, TIMEOUTS, &["operation=flush"]), 4, "the first attempt and three more");
    assert_eq!(count(&metrics, OPERATIONS, &["operation=flush", "outcome=unavailable"]), 1);
}

#[test]
fn a_store_that_a_configuration_names_is_metered_under_the_name_of_its_engine() {
    let folder = tempfile::tempdir().unwrap();
    let config = with_own_analyses(redb_config(folder.path()), folder.path());
    let metrics = recorded(async {
        let redb = StorageManager::open(config).await.unwrap();
        redb.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
        redb.close().await.unwrap();
        let memory = StorageManager::open(StorageConfig::in_memory()).await.unwrap();
        memory.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
    });
    for backend in ["backend=redb", "backend=memory"] {
        assert!(count(&metrics, OPERATIONS, &[backend, "operation=apply", "outcome=ok"]) > 0, "{metrics:?}");
        assert!(count(&metrics, WRITTEN_BYTES, &[backend]) > 0, "{metrics:?}");
    }
    assert_eq!(count(&metrics, OPERATIONS, &["backend=redb", "operation=close"]), 2, "graphs and analyses");
}
