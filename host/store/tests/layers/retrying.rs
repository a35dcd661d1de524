//! Calls are made again where nothing was applied and the cause may pass, and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use codestrata::ErrorKind;
use codestrata::layers::{FaultPlan, Faulty, Operation, RetryPolicy, Retrying, When};
use codestrata::limits::MAX_RETRIES;
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, Key, KeyRange, Page, ReadView, Result, ScanRequest,
    async_trait,
};

/// Every kind that there is.
const KINDS: [ErrorKind; 16] = [
    ErrorKind::InvalidArgument,
    ErrorKind::InvalidConfig,
    ErrorKind::NotFound,
    ErrorKind::PreconditionFailed,
    ErrorKind::Conflict,
    ErrorKind::TooLarge,
    ErrorKind::Unavailable,
    ErrorKind::CommitUnknown,
    ErrorKind::ReadOnly,
    ErrorKind::Locked,
    ErrorKind::Full,
    ErrorKind::Corruption,
    ErrorKind::Unsupported,
    ErrorKind::Poisoned,
    ErrorKind::Closed,
    ErrorKind::Internal,
];

fn quick(retries: u32) -> RetryPolicy {
    RetryPolicy::retries(retries).delays(Duration::from_micros(10), Duration::from_micros(100))
}

fn over(plan: FaultPlan, policy: RetryPolicy) -> (Retrying, Arc<Faulty>) {
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan));
    (Retrying::new(Arc::clone(&faulty) as Arc<dyn Backend>, "memory", policy), faulty)
}

fn put(key: &'static str) -> Batch {
    Batch::new().put(Key::new(key).unwrap(), "v")
}

async fn call(store: &dyn Backend, operation: Operation) -> Result<()> {
    let (key, all) = (Key::new("k").unwrap(), ScanRequest::new(KeyRange::all()));
    match operation {
        Operation::Get => store.get(&key).await.map(drop),
        Operation::GetMany => store.get_many(&[key]).await.map(drop),
        Operation::Scan => store.scan(&all).await.map(drop),
        Operation::ScanMany => store.scan_many(&[all]).await.map(drop),
        Operation::Apply => store.apply(put("k")).await,
        Operation::Snapshot => store.snapshot().await.map(drop),
        Operation::Flush => store.flush().await,
        Operation::Close => store.close().await,
        Operation::Stats => store.stats().await.map(drop),
        Operation::Compact => store.compact().await,
        Operation::Verify => store.verify().await,
        unknown => panic!("no test calls {unknown}"),
    }
}

#[tokio::test]
async fn only_what_may_be_retried_is_and_so_often_as_the_policy_says() {
    for operation in Operation::ALL {
        for kind in KINDS {
            let plan = FaultPlan::seeded(1).fail(&[operation], When::Always, kind);
            let (store, faulty) = over(plan, quick(3));
            assert_eq!(call(&store, operation).await.unwrap_err().kind(), kind, "{operation}");
            let attempts = if kind.is_retryable() { 4 } else { 1 };
            assert_eq!(faulty.calls(operation), attempts, "{operation} that fails with {kind}");
        }
    }
}

#[tokio::test]
async fn a_call_that_succeeds_in_the_end_has_succeeded() {
    for kind in [ErrorKind::Conflict, ErrorKind::Unavailable] {
        let plan = FaultPlan::seeded(1).fail(&[Operation::Apply], When::First(3), kind);
        let (store, faulty) = over(plan, quick(3));
        let batch = put("k").require_absent(Key::new("k").unwrap());
        store.apply(batch).await.unwrap();
        assert_eq!(faulty.calls(Operation::Apply), 4);
        assert!(store.get(&Key::new("k").unwrap()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_batch_of_unknown_outcome_is_sent_once() {
    for plan in [
        FaultPlan::seeded(1).lose_acknowledgements(When::Always),
        FaultPlan::seeded(1).fail(&[Operation::Apply], When::Always, ErrorKind::CommitUnknown),
    ] {
        let (store, faulty) = over(plan, quick(3));
        assert_eq!(store.apply(put("k")).await.unwrap_err().kind(), ErrorKind::CommitUnknown);
        assert_eq!(faulty.calls(Operation::Apply), 1);
    }
}

#[tokio::test]
async fn reads_of_a_snapshot_are_made_again_too() {
    let plan = FaultPlan::seeded(1).fail(&Operation::READS, When::First(2), ErrorKind::Unavailable);
    let (store, faulty) = over(plan, quick(3));
    store.apply(put("k")).await.unwrap();
    let view = store.snapshot().await.unwrap();
    let (key, all) = (Key::new("k").unwrap(), ScanRequest::new(KeyRange::all()));
    assert!(view.get(&key).await.unwrap().is_some());
    assert!(view.get_many(std::slice::from_ref(&key)).await.unwrap()[0].is_some());
    assert_eq!(view.scan(&all).await.unwrap().len(), 1);
    assert_eq!(view.scan_many(&[all]).await.unwrap()[0].len(), 1);
    for operation in Operation::READS {
        assert_eq!(faulty.calls(operation), 3, "{operation}");
    }
}

/// A store whose snapshots are always unavailable, and how long it claims to keep them.
struct Lost(Arc<Faulty>, Capabilities);

#[async_trait]
impl ReadView for Lost {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.0.get_many(keys).await?;
        Err(Error::new(ErrorKind::Unavailable, "the snapshot is gone"))
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.0.scan(request).await
    }
}

#[async_trait]
impl Backend for Lost {
    fn capabilities(&self) -> &Capabilities {
        &self.1
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.0.apply(batch).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(Self(Arc::clone(&self.0), self.1)))
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_snapshot_past_its_age_is_not_asked_again() {
    let reads_of = |age: Option<Duration>| async move {
        let counting = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), FaultPlan::seeded(1)));
        let below = Lost(Arc::clone(&counting), Capabilities::minimal().with_snapshots(age));
        let store = Retrying::new(Arc::new(below), "memory", quick(5));
        let view = store.snapshot().await.unwrap();
        let answer = view.get_many(&[Key::new("k").unwrap()]).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
        counting.calls(Operation::GetMany)
    };
    assert_eq!(reads_of(Some(Duration::ZERO)).await, 1, "it cannot come back");
    assert_eq!(
        reads_of(Some(Duration::from_secs(3_600))).await,
        6,
        "it may, and is asked a bounded number of times"
    );
    assert_eq!(reads_of(None).await, 6);
}

#[tokio::test]
async fn no_policy_retries_for_longer_or_more_often_than_the_limits() {
    let plan = || FaultPlan::seeded(1).fail(&[Operation::Flush], When::Always, ErrorKind::Unavailable);
    let (store, faulty) = over(plan(), quick(u32::MAX));
    store.flush().await.unwrap_err();
    assert_eq!(faulty.calls(Operation::Flush), u64::from(MAX_RETRIES) + 1);

    let (store, faulty) = over(plan(), quick(3).max_time(Duration::ZERO));
    store.flush().await.unwrap_err();
    assert_eq!(faulty.calls(Operation::Flush), 1, "the time was over after the first attempt");

    // Pauses beyond any clock are brought down, and then do not fit into the time that there is.
    let endless =
        RetryPolicy::retries(3).delays(Duration::MAX, Duration::MAX).max_time(Duration::from_secs(1));
    let (store, faulty) = over(plan(), endless);
    store.flush().await.unwrap_err();
    assert_eq!(faulty.calls(Operation::Flush), 1);
}

#[test]
fn no_runtime_is_needed() {
    let plan = FaultPlan::seeded(1).fail(&[Operation::Apply], When::First(2), ErrorKind::Conflict);
    let (store, faulty) = over(plan, quick(3));
    codestrata_conformance::bare::block_on(store.apply(put("k"))).unwrap();
    assert_eq!(faulty.calls(Operation::Apply), 3);
}
