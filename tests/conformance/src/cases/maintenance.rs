//! Flushing, compacting, checking: what may be asked at any time, and changes nothing that is read.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Durability, ErrorKind, KeyRange, Result};

use crate::Lab;
use crate::cases::threads::{ends, joined};
use crate::lab::{apply, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal};

/// Whether it was done; an engine may not offer it.
fn offered(what: &str, result: Result<()>) -> Outcome<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(not) if not.kind() == ErrorKind::Unsupported => Ok(false),
        other => demand(&format!("{what} succeeds, or is Unsupported"), false, other).map(|()| false),
    }
}

pub async fn compacting_and_checking_change_nothing(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    // Of an empty store, of one that is full of waste, and of one from which everything is gone.
    for round in 0..3_u8 {
        for number in 0..30_u8 {
            let batch = puts(&[([number, 0], vec![number; 3_000]), ([7, 7], vec![number; 9])])?;
            store.apply(batch.delete(key([number / 2, 0])?).durability(Durability::Buffered)).await?;
        }
        if round == 2 {
            store.apply(Batch::new().delete_range(KeyRange::all())).await?;
        }
        let before = everything(&*store).await?;
        let compacted = offered("compacting", ends("compacting", store.compact()).await?)?;
        demand(
            "compacting changes nothing that is read",
            everything(&*store).await? == before,
            before.len(),
        )?;
        let verified = offered("checking", ends("checking", store.verify()).await?)?;
        demand("checking changes nothing that is read", everything(&*store).await? == before, before.len())?;
        let again = offered("compacting", store.compact().await)? == compacted
            && offered("checking", store.verify().await)? == verified;
        demand("an engine offers the same each time", again, (compacted, verified))?;
        store
            .apply(Batch::new().require_absent(key("new")?).put(key("new")?, "1").delete(key("new")?))
            .await?;
    }
    Ok(())
}

pub async fn flushing_is_always_possible(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    store.flush().await?;
    store.flush().await?;
    for durability in [Durability::Buffered, Durability::Strongest] {
        store.apply(puts(&[("k", "1")])?.durability(durability)).await?;
        store.flush().await?;
        store.apply(Batch::new().durability(durability)).await?;
        store.flush().await?;
        // After a batch that was refused.
        drop(store.apply(Batch::new().require_absent(key("k")?)).await);
        store.flush().await?;
        demand_equal(
            "a flush changes nothing that is read",
            &everything(&*store).await?,
            &entries(&[("k", "1")]),
        )?;
    }
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    store.flush().await?;
    demand_equal("nor of an emptied store", &everything(&*store).await?.len(), &0)
}

pub async fn flushes_and_batches_go_together(lab: &Lab) -> Outcome {
    const EACH: u8 = 25;
    let store = lab.store().await?;
    let writers = (0..3_u8).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..EACH {
                let batch = puts(&[([task, number], "v")])?.durability(Durability::Buffered);
                apply(&*store, &batch).await?;
            }
            Ok::<(), codestrata_core::Error>(())
        })
    });
    let flushers = (0..3).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for _ in 0..EACH {
                store.flush().await?;
                tokio::task::yield_now().await;
            }
            Ok::<(), codestrata_core::Error>(())
        })
    });
    let tasks: Vec<_> = writers.chain(flushers).collect();
    for task in tasks {
        joined("a flush beside batches", task).await??;
    }
    demand_equal("every batch is there", &everything(&*store).await?.len(), &(3 * usize::from(EACH)))
}

/// Everything that may be asked of a store, at the same time; some of it gives way to the rest.
pub async fn everything_may_be_asked_at_once(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    store.apply(puts(&[("stays", "1")])?).await?;
    let tasks: Vec<_> = (0..8_u8)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..12_u8 {
                    ask(&*store, task, number).await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        joined("a call beside calls of every other kind", task).await??;
    }
    let found = everything(&*store).await?;
    demand_equal(
        "what no call touched is there",
        &store.get(&key("stays")?).await?.as_deref(),
        &Some(b"1".as_slice()),
    )?;
    demand_equal("what was written is there", &found.len(), &(1 + 3 * 12))
}

async fn ask(store: &dyn Backend, task: u8, number: u8) -> Outcome {
    let busy = |result: Result<()>| match result {
        Err(not) if matches!(not.kind(), ErrorKind::Unsupported | ErrorKind::Unavailable) => Ok(()),
        other => other,
    };
    match task {
        0..=2 => apply(store, &puts(&[([task, number], [number; 500])])?).await?,
        3 => busy(store.compact().await)?,
        4 => busy(store.verify().await)?,
        5 => store.flush().await?,
        6 => {
            if let Ok(snapshot) = store.snapshot().await {
                let (first, second) = (everything(&*snapshot).await, everything(&*snapshot).await);
                demand_equal("a snapshot stays as it was", &first?, &second?)?;
            }
        }
        _ => {
            store.stats().await?;
            let found = everything(store).await?;
            demand(
                "what is there all the time is seen",
                found.iter().any(|(name, _)| name == "stays"),
                &found,
            )?;
        }
    }
    tokio::task::yield_now().await;
    Ok(())
}
