//! What operators call: figures, compaction, and calls that a backend need not have.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Durability, ErrorKind, KeyRange, OpenMode, Result};

use crate::Lab;
use crate::cases::threads::{ends, joined};
use crate::lab::{Entries, apply, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::workload::{batch, batches_at, count_batches, entries_of};

pub async fn figures_that_are_given_are_right(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let empty = store.stats().await?;
    demand("an empty store has no keys", empty.keys.unwrap_or(0) == 0, &empty)?;
    for number in 0..20 {
        store.apply(batch(number)?).await?;
    }
    store.apply(Batch::new().delete_range(KeyRange::prefix(3_u32.to_be_bytes().to_vec()))).await?;
    store.flush().await?;
    let expected: Entries = (0..20).filter(|number| *number != 3).flat_map(entries_of).collect();
    let bytes: usize = expected.iter().map(|(name, value)| name.len() + value.len()).sum();
    let stats = store.stats().await?;
    let right =
        |figure: Option<u64>, count: usize| figure.is_none_or(|figure| usize::try_from(figure) == Ok(count));
    demand(
        "the number of keys, where it is given, is right",
        right(stats.keys, expected.len()),
        (&stats, expected.len()),
    )?;
    demand(
        "the stored bytes, where they are given, are those of keys and values",
        right(stats.stored_bytes, bytes),
        (&stats, bytes),
    )?;
    demand(
        "what is on the medium takes space there",
        !lab.claims().persistent() || stats.disk_bytes.is_none_or(|bytes| bytes > 0),
        &stats,
    )
}

pub async fn compacting_changes_nothing_or_is_unsupported(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..30 {
        store.apply(batch(number)?).await?;
    }
    for number in (0..30).rev().take(20) {
        store.apply(Batch::new().delete_range(KeyRange::prefix(u32::to_be_bytes(number).to_vec()))).await?;
    }
    for _ in 0..2 {
        if let Err(error) = store.compact().await {
            demand_error(
                "compaction that a backend does not offer",
                Err::<(), _>(error),
                ErrorKind::Unsupported,
            )?;
        }
        demand_equal("compacting changes nothing that can be read", &count_batches(&*store).await?, &10)?;
    }
    store.apply(batch(10)?).await?;
    demand_equal("writes go on after it", &count_batches(&*store).await?, &11)?;
    store.close().await?;
    if lab.claims().persistent() {
        demand_equal("and all is there again", &batches_at(&place, OpenMode::Existing).await?, &11)?;
    }
    Ok(())
}

pub async fn compacting_beside_readers_and_writers_loses_nothing(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let writer = {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..60 {
                crate::lab::apply(&*store, &batch(number)?).await?;
            }
            Outcome::Ok(())
        })
    };
    let mut last = 0;
    while !writer.is_finished() {
        if let Err(error) = store.compact().await {
            demand_error(
                "compaction that a backend does not offer",
                Err::<(), _>(error),
                ErrorKind::Unsupported,
            )?;
        }
        let there = count_batches(&*store).await?;
        demand("what was there stays", there >= last, (last, there))?;
        last = there;
        tokio::task::yield_now().await;
    }
    writer.await.map_err(|error| crate::Violation::new("a call does not panic", error.to_string()))??;
    demand_equal("every batch is there", &count_batches(&*store).await?, &60)
}

pub async fn a_read_only_store_is_not_compacted(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable("a store that is not kept is not opened to read only");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(&[("k", "1")])?).await?;
    store.close().await?;
    let reader = place.open(OpenMode::ReadOnly).await?;
    let compacted = reader.compact().await;
    demand(
        "compacting a store that is read only is refused",
        compacted
            .as_ref()
            .is_err_and(|error| matches!(error.kind(), ErrorKind::ReadOnly | ErrorKind::Unsupported)),
        &compacted,
    )?;
    Ok(reader.close().await?)
}

pub async fn figures_follow_what_is_stored(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let numbers: Vec<_> = (0..20_u8).map(|number| ([number], "value")).collect();
    let changes = [
        (Batch::new(), 0),
        (puts(&numbers)?, 20),
        // Some that are there, one that is new.
        (puts(&[([3], "other"), ([4], ""), ([99], "new")])?, 21),
        (Batch::new().delete(key([3])?).delete(key([3])?).delete(key([77])?), 20),
        (Batch::new().delete_range(KeyRange::new(vec![5], Some(vec![10].into()))), 15),
        (Batch::new().put(key([7])?, "").delete_range(KeyRange::all()).put(key([8])?, ""), 1),
        (Batch::new().delete_range(KeyRange::all()), 0),
    ];
    for (change, keys) in changes {
        store.apply(change).await?;
        demand_equal("the store has so many keys", &everything(&*store).await?.len(), &keys)?;
        let figures = store.stats().await?;
        demand(
            &format!(
                "a store that says how many keys it has says {keys}; one that does not know says nothing"
            ),
            figures.keys.is_none_or(|said| usize::try_from(said) == Ok(keys)),
            &figures,
        )?;
    }
    Ok(())
}

/// Whether it was done; an engine may not offer it.
fn offered(what: &str, result: Result<()>) -> Outcome<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(not) if not.kind() == ErrorKind::Unsupported => Ok(false),
        other => demand(&format!("{what} succeeds, or is Unsupported"), false, other).map(|()| false),
    }
}

pub async fn compacting_and_checking_may_be_done_at_any_time(lab: &Lab) -> Outcome {
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
