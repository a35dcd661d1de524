//! Errors of the wrong kind, errors that are none, and successes that are called errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Durability, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};

use crate::fault::Fault;
use crate::journal;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(
        fault,
        &["errors", "meta", "upkeep", "limits", "batch", "get_many", "scan", "reopening"],
        |fault| Arc::new(Errors { fault, calls: AtomicUsize::new(0) }),
    )
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("too large is called Internal"),
    one("too large is called InvalidArgument"),
    one("too large is called Full"),
    one("too large has an empty message"),
    one("a get_many too large is called Internal"),
    one("a scan_many too large is called InvalidArgument"),
    one("errors have empty messages"),
    one("a batch that was applied is called a Conflict at times"),
    one("a batch that was applied is called Unavailable at times"),
    one("a batch that was not applied is called Ok at times"),
    one("a batch that was not applied is called CommitUnknown at times"),
    one("every batch is a Conflict"),
    one("every tenth batch is Unavailable"),
    one("every tenth read is Unavailable"),
    one("every batch answers twice as an error"),
    one("reads that fail answer with nothing"),
    one("Synced is called InvalidArgument where it is not claimed"),
    one("an unclaimed Synced is an error after the batch was applied"),
    one("an unclaimed capability is called Internal"),
    one("compaction that is not there succeeds with a loss"),
    one("a check that is not there fails with Corruption"),
    one("stats count one key too many"),
    one("stats fail"),
    one("stats of stored bytes are those of another store"),
    one("stats wipe the store"),
    one("a scan over the limit of scan_many panics"),
];

struct Errors {
    fault: Fault,
    calls: AtomicUsize,
}

/// What a call over a limit answers.
pub(super) fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "it is over the limit of this store").with_help("split it")
}

impl Errors {
    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    /// Whether this call is one of those that go wrong now and then.
    fn at_times(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) % 10 == 9
    }

    fn misname<T>(&self, answer: Result<T>) -> Result<T> {
        let Err(error) = answer else { return answer };
        if self.is("errors have empty messages") {
            return Err(Error::new(error.kind(), ""));
        }
        if error.kind() != ErrorKind::TooLarge {
            return Err(error);
        }
        let kind = match () {
            () if self.is("too large is called Internal") => ErrorKind::Internal,
            () if self.is("too large is called InvalidArgument") => ErrorKind::InvalidArgument,
            () if self.is("too large is called Full") => ErrorKind::Full,
            () if self.is("too large has an empty message") => {
                return Err(Error::new(ErrorKind::TooLarge, " "));
            }
            () => return Err(error),
        };
        Err(Error::new(kind, error.message()))
    }
}

#[async_trait]
impl Twist for Errors {
    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.is("every tenth read is Unavailable") && self.at_times() {
            return Err(Error::new(ErrorKind::Unavailable, "the engine is busy"));
        }
        let answer = self.misname(view.get_many(keys).await);
        match answer {
            Err(error)
                if error.kind() == ErrorKind::TooLarge
                    && self.is("a get_many too large is called Internal") =>
            {
                Err(Error::new(ErrorKind::Internal, error.message()))
            }
            Err(_) if self.is("reads that fail answer with nothing") => Ok(vec![None; keys.len()]),
            answer => answer,
        }
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        match self.misname(view.scan(request).await) {
            Err(_) if self.is("reads that fail answer with nothing") => Ok(Page::default()),
            answer => answer,
        }
    }

    async fn scan_many(&self, view: &dyn ReadView, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        let answer = self.misname(view.scan_many(requests).await);
        assert!(answer.is_ok() || !self.is("a scan over the limit of scan_many panics"), "too many requests");
        match answer {
            Err(error) if self.is("a scan_many too large is called InvalidArgument") => {
                Err(Error::new(ErrorKind::InvalidArgument, error.message()))
            }
            answer => answer,
        }
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        if batch.requested_durability() == Durability::Synced && !store.capabilities().synced() {
            if self.is("Synced is called InvalidArgument where it is not claimed") {
                return Err(Error::new(ErrorKind::InvalidArgument, "there is no such durability"));
            }
            if self.is("an unclaimed Synced is an error after the batch was applied") {
                store.apply(batch.clone().durability(Durability::Strongest)).await?;
            }
            if self.is("an unclaimed capability is called Internal") {
                return Err(Error::new(ErrorKind::Internal, "it cannot sync"));
            }
        }
        let fails = self.fault.is_one_of(&[
            "a batch that was applied is called a Conflict at times",
            "a batch that was applied is called Unavailable at times",
            "a batch that was not applied is called Ok at times",
            "a batch that was not applied is called CommitUnknown at times",
            "every tenth batch is Unavailable",
        ]);
        if !fails || !self.at_times() {
            if self.is("every batch is a Conflict") {
                store.flush().await?;
                return Err(Error::new(ErrorKind::Conflict, "another batch came first"));
            }
            let answer = self.misname(store.apply(batch).await);
            if self.is("every batch answers twice as an error") {
                answer?;
                return Err(Error::new(ErrorKind::CommitUnknown, "the acknowledgement was lost"));
            }
            return answer;
        }
        store.flush().await?;
        let applied = self.is("a batch that was applied is called a Conflict at times")
            || self.is("a batch that was applied is called Unavailable at times");
        if applied {
            store.apply(batch).await?;
        }
        if self.is("a batch that was not applied is called Ok at times") {
            return Ok(());
        }
        let kind = match () {
            () if self.is("a batch that was applied is called a Conflict at times") => ErrorKind::Conflict,
            () if self.is("a batch that was not applied is called CommitUnknown at times") => {
                ErrorKind::CommitUnknown
            }
            () => ErrorKind::Unavailable,
        };
        Err(Error::new(kind, "the engine gave way"))
    }

    async fn compact(&self, store: &Arc<dyn Backend>) -> Result<()> {
        if self.is("compaction that is not there succeeds with a loss") {
            let first = store.scan(&ScanRequest::new(codestrata_core::KeyRange::all()).max_items(1)).await?;
            if let Some((key, _)) = first.iter_shared().next() {
                store.apply(Batch::new().delete(Key::new(key)?)).await?;
            }
            return Ok(());
        }
        self.unclaimed(store.compact().await)
    }

    async fn verify(&self, store: &Arc<dyn Backend>) -> Result<()> {
        if self.is("a check that is not there fails with Corruption") {
            return Err(Error::new(ErrorKind::Corruption, "there are no checksums"));
        }
        self.unclaimed(store.verify().await)
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        self.misname(store.snapshot().await)
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.misname(store.flush().await)
    }

    async fn stats(&self, store: &Arc<dyn Backend>) -> Result<Stats> {
        let mut stats = store.stats().await?;
        if self.is("stats fail") {
            return Err(Error::new(ErrorKind::Unsupported, "there are no figures"));
        }
        if self.is("stats wipe the store") {
            store.apply(Batch::new().delete_range(codestrata_core::KeyRange::all())).await?;
        }
        if self.is("stats count one key too many") {
            stats.keys = stats.keys.map(|keys| keys + 1);
        }
        let calls = u64::try_from(self.calls.load(Ordering::Relaxed)).unwrap_or(0);
        if self.fault.is_one_of(&["stats count deleted keys", "stats count overwritten keys twice"]) {
            stats.keys = stats.keys.map(|keys| keys + calls);
        }
        if self.is("stats of stored bytes are those of another store") {
            stats.stored_bytes = Some(1 << 50);
        }
        Ok(stats)
    }
}

impl Errors {
    fn unclaimed(&self, answer: Result<()>) -> Result<()> {
        match answer {
            Err(error) if self.is("an unclaimed capability is called Internal") => {
                Err(Error::new(ErrorKind::Internal, error.message()))
            }
            answer => self.misname(answer),
        }
    }
}

// What the journal claims: some errors are only to be had from an engine with files.
const _: codestrata_core::Capabilities = journal::CAPABILITIES;
