//! Stores that are right at first, and wrong after so many calls, keys or bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Error, ErrorKind, Key, KeyRange, Page, ReadView, Result, ScanRequest, async_trait,
};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["lasting", "upkeep", "values", "visibility", "paging"], |fault| {
        Arc::new(Time {
            fault,
            batches: AtomicUsize::new(0),
            puts: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            snapshots: AtomicUsize::new(0),
        })
    })
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("the 100th batch is lost"),
    one("the 256th batch is lost"),
    one("the 1,000th batch is lost"),
    one("batches after 255 replace all that was there"),
    one("batches after 1,000 fail"),
    one("batches after 1,000 are lost"),
    one("keys after 10,000 are lost"),
    one("keys after 65,536 are lost"),
    one("puts after 65,536 take the first key with them"),
    one("reads after 1,000 answer nothing"),
    one("the 1,000th read answers nothing"),
    one("scans after 1,000 are empty"),
    one("the 100th snapshot fails"),
    one("the 256th snapshot is empty"),
    one("a store of more than 10,000 keys is scanned to there"),
    one("a store of more than 65,536 keys is scanned to there"),
    one("a store of more than 65,536 keys is scanned in reverse to there"),
];

struct Time {
    fault: Fault,
    batches: AtomicUsize,
    puts: AtomicUsize,
    reads: AtomicUsize,
    snapshots: AtomicUsize,
}

impl Time {
    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    fn is_worn_out(&self, reads: usize) -> bool {
        (self.is("reads after 1,000 answer nothing") && reads > 1_000)
            || (self.is("the 1,000th read answers nothing") && reads == 1_000)
    }
}

#[async_trait]
impl Twist for Time {
    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let values = view.get_many(keys).await?;
        let reads = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(if self.is_worn_out(reads) { vec![None; keys.len()] } else { values })
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        let right = view.scan(request).await?;
        let reads = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is("scans after 1,000 are empty") && reads > 1_000 {
            return Ok(Page::default());
        }
        let reverse = request.direction() == codestrata_core::Direction::Reverse;
        let most = match () {
            () if self.is("a store of more than 10,000 keys is scanned to there") && !reverse => 10_000,
            () if self.is("a store of more than 65,536 keys is scanned to there") && !reverse => 65_536,
            () if self.is("a store of more than 65,536 keys is scanned in reverse to there") && reverse => {
                65_536
            }
            () => return Ok(right),
        };
        if right.next().is_none() {
            return Ok(right);
        }
        // The page that reaches so far is the last one.
        let end = right.iter().last().map(|(key, _)| Bytes::copy_from_slice(key)).unwrap_or_default();
        let so_far = if reverse {
            KeyRange::new(end, None)
        } else {
            KeyRange::all().before(&KeyRange::all().after(&end).start().clone())
        };
        let mut seen = 0;
        let mut rest = ScanRequest::new(so_far).keys_only();
        loop {
            let page = view.scan(&rest).await?;
            seen += page.len();
            match page.next() {
                Some(next) => rest = rest.over(next.clone()),
                None => break,
            }
        }
        if seen < most {
            return Ok(right);
        }
        let items: Vec<_> = right.iter_shared().collect();
        Ok(super::scans::page(&request.clone().max_items(usize::MAX).max_bytes(usize::MAX), &items))
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        batch.check(store.capabilities())?;
        let number = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let puts = batch.ops().iter().filter(|op| super::batches::is_put(op)).count();
        let before = self.puts.fetch_add(puts, Ordering::Relaxed);
        let is_lost = (self.is("the 100th batch is lost") && number == 100)
            || (self.is("the 256th batch is lost") && number == 256)
            || (self.is("the 1,000th batch is lost") && number == 1_000)
            || (self.is("batches after 1,000 are lost") && number > 1_000);
        if is_lost && batch.preconditions().is_empty() {
            return store.flush().await;
        }
        if self.is("batches after 1,000 fail") && number > 1_000 {
            return Err(Error::new(ErrorKind::Internal, "the number of the batch does not fit"));
        }
        if self.is("batches after 255 replace all that was there") && number > 255 {
            store.apply(Batch::new().delete_range(KeyRange::all())).await?;
        }
        let most = match () {
            () if self.is("keys after 10,000 are lost") => 10_000,
            () if self.is("keys after 65,536 are lost") => 65_536,
            () => usize::MAX,
        };
        let durability = batch.requested_durability();
        let (preconditions, mut ops) = batch.into_parts();
        let mut put = before;
        ops.retain(|op| {
            put += usize::from(super::batches::is_put(op));
            !super::batches::is_put(op) || put <= most
        });
        store.apply(super::batches::batch_of(durability, preconditions, ops)).await?;
        if self.is("puts after 65,536 take the first key with them")
            && before < 65_536
            && before + puts > 65_536
        {
            let first = store.scan(&ScanRequest::new(KeyRange::all()).max_items(1)).await?;
            if let Some((key, _)) = first.iter_shared().next() {
                store.apply(Batch::new().delete(Key::new(key)?)).await?;
            }
        }
        Ok(())
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        let number = self.snapshots.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is("the 100th snapshot fails") && number == 100 {
            return Err(Error::new(ErrorKind::Unavailable, "too many snapshots were taken"));
        }
        if self.is("the 256th snapshot is empty") && number == 256 {
            return Ok(Box::new(Empty));
        }
        store.snapshot().await
    }
}

struct Empty;

#[async_trait]
impl ReadView for Empty {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        Ok(vec![None; keys.len()])
    }

    async fn scan(&self, _request: &ScanRequest) -> Result<Page> {
        Ok(Page::default())
    }
}
