//! Calls are spans with names, counts and outcomes, and nothing of what is stored.
//!
//! One test at a time, and in a program apart from the other layers' tests: whether anybody listens to a span is decided
//! once for the whole program when somebody begins to, and a thread that does not listen may decide it meanwhile.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use codestrata::ErrorKind;
use codestrata::layers::{FaultPlan, Faulty, Operation, Traced, When};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key, KeyRange, ReadView, ScanRequest};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Logs what this thread does, until the guard is dropped.
    fn begin(&self, level: Level) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }
}

fn over(plan: FaultPlan) -> Traced {
    Traced::new(Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan)), "an-engine")
}

fn put(key: &str, value: &str) -> Batch {
    Batch::new().put(Key::new(key.to_owned()).unwrap(), value.to_owned())
}

#[tokio::test]
async fn a_call_is_a_span_with_its_counts_and_outcome() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let log = Log::default();
    let _guard = log.begin(Level::TRACE);
    let store = over(FaultPlan::seeded(1));
    store.apply(put("k", "twelve bytes")).await.unwrap();
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for part in [
        "DEBUG",
        "backend=\"an-engine\"",
        "operation=\"apply\"",
        "asked=1",
        "sent_bytes=13",
        "micros=",
        "outcome=\"ok\"",
    ] {
        assert!(lines[0].contains(part), "{part} is missing in {}", lines[0]);
    }

    let keys = [Key::new("k").unwrap(), Key::new("other").unwrap()];
    store.get_many(&keys).await.unwrap();
    let lines = log.lines();
    for part in ["TRACE", "operation=\"get_many\"", "asked=2", "items=1", "bytes=12"] {
        assert!(lines[0].contains(part), "{part} is missing in {}", lines[0]);
    }

    let view = store.snapshot().await.unwrap();
    log.lines();
    view.scan(&ScanRequest::new(KeyRange::all())).await.unwrap();
    let lines = log.lines();
    for part in ["backend=\"an-engine\"", "operation=\"scan\"", "items=1", "bytes=13"] {
        assert!(lines[0].contains(part), "{part} is missing in a snapshot's {}", lines[0]);
    }
}

#[tokio::test]
async fn keys_and_values_are_never_logged() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let log = Log::default();
    let _guard = log.begin(Level::TRACE);
    let plan = FaultPlan::seeded(1).lose_acknowledgements(When::Call(1));
    let store = over(plan);
    let key = Key::new("confidential-key").unwrap();
    store.apply(put("confidential-key", "confidential-value")).await.unwrap();
    store.apply(put("confidential-key", "confidential-value")).await.unwrap_err();
    let refused = Batch::new().require_absent(key.clone()).put(key.clone(), "confidential-value");
    let error = store.apply(refused).await.unwrap_err();
    assert!(
        error.to_string().contains("confidential-key"),
        "the message quotes it, so the log must not have it"
    );
    store.get(&key).await.unwrap().unwrap();
    store.scan(&ScanRequest::new(KeyRange::prefix("confidential"))).await.unwrap();
    let text = log.lines().join("\n");
    assert!(text.contains("outcome=\"precondition failed\""), "{text}");
    assert!(!text.contains("confidential"), "{text}");
}

#[tokio::test]
async fn what_no_caller_can_mend_is_a_warning_and_the_rest_is_not() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let log = Log::default();
    let _guard = log.begin(Level::WARN);
    let plan = FaultPlan::seeded(1)
        .fail(&[Operation::Get], When::Call(0), ErrorKind::Corruption)
        .fail(&[Operation::Get], When::Call(1), ErrorKind::Unavailable)
        .tear_acknowledgements(When::Call(0));
    let store = over(plan);
    let key = Key::new("k").unwrap();
    store.get(&key).await.unwrap_err();
    store.get(&key).await.unwrap_err();
    store.apply(put("k", "v")).await.unwrap_err();
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].contains("operation=\"get\"") && lines[0].contains("outcome=\"corruption\""),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("outcome=\"commit unknown\""), "{}", lines[1]);
}
