//! What operators call: figures, compaction, and calls that a backend need not have.

use codestrata_core::{Batch, ErrorKind, KeyRange, OpenMode};

use crate::Lab;
use crate::lab::{Entries, puts};
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
