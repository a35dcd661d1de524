//! A medium that fails, through the seam that a factory gives to it.

use std::sync::Arc;

use codestrata_core::{Backend, Durability, ErrorKind, OpenMode, OpenRequest};

use crate::Lab;
use crate::faults::{Fault, Faults, Step};
use crate::lab::{Place, key};
use crate::violation::{Outcome, demand, demand_equal};
use crate::workload::{batch, batches_at, count_batches, strongest};

const NO_SEAM: &str = "the factory gives no seam to the medium (Factory::with_faults)";

/// A new store whose medium fails as planned; none where the factory gives no way.
async fn faulty(
    place: &Place,
    faults: &Faults,
    mode: OpenMode,
) -> Option<codestrata_core::Result<Arc<dyn Backend>>> {
    let open = place.factory().faulty()?;
    Some(open(OpenRequest::new(place.options()).mode(mode), faults.clone()).await)
}

pub async fn a_synced_batch_is_synced_before_it_is_acknowledged(lab: &Lab) -> Outcome {
    let (place, faults) = (lab.place(), Faults::default());
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
        return lab.not_applicable(NO_SEAM);
    };
    let store = store?;
    if !store.capabilities().synced() {
        return lab.not_applicable("the backend does not claim that batches are synced");
    }
    for number in 0..10 {
        let before = faults.synced_writes();
        store.apply(batch(number)?.durability(Durability::Synced)).await?;
        // What is written after it, such as a mark that all is well, need not be.
        let after = faults.synced_writes();
        demand(
            "what a synced batch writes is synced before it is acknowledged",
            after > before,
            (number, before, after),
        )?;
    }
    Ok(store.close().await?)
}

pub async fn a_flush_syncs_what_was_buffered(lab: &Lab) -> Outcome {
    let (place, faults) = (lab.place(), Faults::default());
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
        return lab.not_applicable(NO_SEAM);
    };
    let store = store?;
    for number in 0..5 {
        let before = faults.synced_writes();
        store.apply(batch(number)?.durability(Durability::Buffered)).await?;
        store.flush().await?;
        let after = faults.synced_writes();
        demand("a flush syncs what was buffered", after > before, (number, before, after))?;
    }
    let before = faults.synced_writes();
    store.apply(batch(5)?.durability(Durability::Buffered)).await?;
    store.close().await?;
    let after = faults.synced_writes();
    demand("a close syncs what was buffered", after > before, (before, after))
}

/// One step fails in the middle of a life: what must hold then. Whether it was met.
async fn live_with(lab: &Lab, step: Step, fault: Fault, after: u64, flushes: bool) -> Outcome<Option<bool>> {
    const BATCHES: u32 = 12;
    let (place, faults) = (lab.place(), Faults::default());
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else { return Ok(None) };
    let store = store?;
    let durability = strongest(&*store);
    store.apply(batch(0)?.durability(durability)).await?;
    let begun = faults.count(step);
    faults.fail_once(step, fault, after);
    let mut acknowledged = 1;
    let mut failed = None;
    while acknowledged < BATCHES && failed.is_none() {
        let done = store.apply(batch(acknowledged)?.durability(durability)).await;
        match done {
            Ok(()) => acknowledged += 1,
            Err(error) => failed = Some(error),
        }
        if flushes && failed.is_none() {
            failed = store.flush().await.err();
        }
    }
    let was_met = !faults.heal() && faults.count(step) > begun;
    let mut may_be_more = false;
    if let Some(error) = failed {
        let kinds = [ErrorKind::Full, ErrorKind::Poisoned, ErrorKind::Unavailable, ErrorKind::CommitUnknown];
        demand(
            "a failing medium is `full`, `poisoned`, `unavailable` or `commit unknown`",
            kinds.contains(&error.kind()),
            format_args!("{step:?} {after}: {}: {error}", error.kind()),
        )?;
        demand(
            "an error that comes from the system keeps it as its source",
            std::error::Error::source(&error).is_some(),
            &error,
        )?;
        may_be_more = !error.kind().is_certainly_not_applied();
        if error.kind() == ErrorKind::Poisoned {
            demand_poisoned(&*store).await?;
        } else {
            // It has passed: the store goes on as it was.
            let there = count_batches(&*store).await?;
            let most = acknowledged + u32::from(may_be_more);
            demand(
                "an error that says that nothing was applied tells the truth",
                (acknowledged..=most).contains(&there),
                (there, acknowledged),
            )?;
            acknowledged = there;
            store.apply(batch(acknowledged)?.durability(durability)).await?;
            acknowledged += 1;
            may_be_more = false;
        }
    }
    // The close of a store that is poisoned may say so.
    let closed = store.close().await;
    demand(
        "closing ends",
        closed.as_ref().map_or_else(|error| error.kind() == ErrorKind::Poisoned, |()| true),
        &closed,
    )?;
    drop(store);
    let there = batches_at(&place, OpenMode::Existing).await?;
    demand(
        "after a medium failed, all that was acknowledged is there when the store is opened anew",
        (acknowledged..=acknowledged + u32::from(may_be_more)).contains(&there),
        format_args!("{step:?} {after} {fault:?}: {there} batches, {acknowledged} acknowledged"),
    )?;
    Ok(Some(was_met))
}

async fn demand_poisoned(store: &dyn Backend) -> Outcome {
    let calls = [
        store.get(&key("k")?).await.map(drop),
        store.apply(batch(99)?).await,
        store.flush().await,
        store.scan(&codestrata_core::ScanRequest::new(codestrata_core::KeyRange::all())).await.map(drop),
    ];
    demand(
        "a poisoned store says so at every call, until it is opened anew",
        calls.iter().all(|call| call.as_ref().is_err_and(|error| error.kind() == ErrorKind::Poisoned)),
        &calls,
    )
}

/// The fault at each of the first steps of its kind.
async fn at_every_step(lab: &Lab, step: Step, fault: Fault, flushes: bool) -> Outcome {
    const STEPS: u64 = 14;
    for after in 0..STEPS {
        match live_with(lab, step, fault, after, flushes).await? {
            None => return lab.not_applicable(NO_SEAM),
            Some(false) if after == 0 => {
                return lab.not_applicable(format!("the engine has no step {step:?}"));
            }
            _ => {}
        }
    }
    Ok(())
}

pub async fn a_failed_sync_is_reported_and_loses_nothing(lab: &Lab) -> Outcome {
    at_every_step(lab, Step::Sync, Fault::Broken, false).await
}

pub async fn a_failed_write_is_reported_and_loses_nothing(lab: &Lab) -> Outcome {
    at_every_step(lab, Step::Write, Fault::Broken, false).await
}

pub async fn a_write_without_room_is_reported_and_loses_nothing(lab: &Lab) -> Outcome {
    at_every_step(lab, Step::Write, Fault::Full, false).await
}

pub async fn a_failed_flush_is_reported_and_loses_nothing(lab: &Lab) -> Outcome {
    at_every_step(lab, Step::Sync, Fault::Broken, true).await
}

pub async fn a_close_that_could_not_sync_says_so(lab: &Lab) -> Outcome {
    for durability in [Durability::Buffered, Durability::Strongest] {
        let (place, faults) = (lab.place(), Faults::default());
        let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
            return lab.not_applicable(NO_SEAM);
        };
        let store = store?;
        store.apply(batch(0)?.durability(durability)).await?;
        let before = faults.count(Step::Sync);
        faults.fail(Step::Sync, Fault::Broken);
        let closed = store.close().await;
        let tried = faults.count(Step::Sync) - before;
        // Who needs no sync has nothing to tell.
        demand(
            "a close that could not sync says so",
            closed.is_err() || tried == 0,
            format_args!("{closed:?} after {tried} syncs that failed"),
        )?;
        faults.heal();
        drop(store);
        let there = batches_at(&place, OpenMode::Existing).await?;
        demand("the store is whole when it is opened anew", there <= 1, there)?;
    }
    Ok(())
}

pub async fn a_failed_sync_is_never_taken_back(lab: &Lab) -> Outcome {
    let (place, faults) = (lab.place(), Faults::default());
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
        return lab.not_applicable(NO_SEAM);
    };
    let store = store?;
    if !store.capabilities().synced() {
        return lab.not_applicable("the backend does not claim that batches are synced");
    }
    store.apply(batch(0)?.durability(Durability::Synced)).await?;
    faults.fail_once(Step::Sync, Fault::Broken, 0);
    let failed = store.apply(batch(1)?.durability(Durability::Synced)).await;
    demand("a batch whose sync failed is not acknowledged", failed.is_err(), &failed)?;
    // A second sync would say yes, of pages that the system has thrown away.
    if failed.is_err_and(|error| error.kind() == ErrorKind::Poisoned) {
        faults.heal();
        return demand_poisoned(&*store).await;
    }
    Ok(())
}

pub async fn a_lost_reply_is_commit_unknown(lab: &Lab) -> Outcome {
    let (place, faults) = (lab.place(), Faults::default());
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
        return lab.not_applicable(NO_SEAM);
    };
    let store = store?;
    store.apply(batch(0)?).await?;
    if faults.count(Step::Reply) == 0 {
        return lab.not_applicable("the engine awaits no replies");
    }
    faults.fail_once(Step::Reply, Fault::Broken, 0);
    let lost = store.apply(batch(1)?).await;
    crate::violation::demand_error("a batch whose reply was lost", lost, ErrorKind::CommitUnknown)?;
    let there = count_batches(&*store).await?;
    demand("reading again settles it", there == 1 || there == 2, there)
}

pub async fn a_medium_that_fails_while_a_store_opens_harms_nothing(lab: &Lab) -> Outcome {
    let place = lab.place();
    let faults = Faults::default();
    let Some(store) = faulty(&place, &faults, OpenMode::Create).await else {
        return lab.not_applicable(NO_SEAM);
    };
    let store = store?;
    for number in 0..5 {
        store.apply(batch(number)?.durability(strongest(&*store))).await?;
    }
    store.close().await?;
    drop(store);
    for (step, fault) in
        [(Step::Read, Fault::Broken), (Step::Write, Fault::Full), (Step::Sync, Fault::Broken)]
    {
        for after in 0..6 {
            let faults = Faults::default();
            faults.fail_once(step, fault, after);
            if let Some(Ok(store)) = faulty(&place, &faults, OpenMode::Existing).await {
                // What fails at the close is as good as a crash.
                let _ = store.close().await;
            }
            demand_equal(
                "a store that could not be opened is as it was",
                &batches_at(&place, OpenMode::Existing).await?,
                &5,
            )?;
        }
    }
    Ok(())
}
