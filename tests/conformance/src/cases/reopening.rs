//! What is there when a store is opened again. Where nothing is kept, that there is nothing.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Durability, ErrorKind, KeyRange, OpenMode};

use crate::Lab;
use crate::lab::{Place, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};

const WRITTEN: &[(&str, &str)] = &[("a", "1"), ("b", ""), ("c", "3")];

/// Demands that the store has these again, or that it is gone where nothing is kept.
async fn demand_kept(lab: &Lab, place: &Place, what: &str, kept: &[(&str, &str)]) -> Outcome {
    if !lab.claims().persistent() {
        let again = place.open(OpenMode::Existing).await;
        return demand_error(
            "a store that keeps nothing is not there again",
            again.map(drop),
            ErrorKind::NotFound,
        )
        .map(drop);
    }
    let again = place.open(OpenMode::Existing).await?;
    demand_equal(what, &everything(&*again).await?, &entries(kept))?;
    again.close().await?;
    Ok(())
}

pub async fn what_was_written_is_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(WRITTEN)?).await?;
    store.close().await?;
    demand_kept(lab, &place, "what was written is there again", WRITTEN).await
}

pub async fn a_store_dropped_without_close_keeps_what_was_synced(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(WRITTEN)?).await?;
    drop(store);
    if lab.claims().persistent() && !lab.claims().synced() {
        // Such an engine keeps the batch or loses it whole.
        let again = place.open(OpenMode::Existing).await?;
        let found = everything(&*again).await?.len();
        return demand_equal("a batch is kept whole or lost whole", &(found % WRITTEN.len()), &0);
    }
    demand_kept(lab, &place, "dropping a store loses nothing that was synced", WRITTEN).await
}

pub async fn buffered_batches_are_there_after_close(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for entry in WRITTEN {
        store.apply(puts(&[*entry])?.durability(Durability::Buffered)).await?;
    }
    store.close().await?;
    demand_kept(lab, &place, "closing keeps what was buffered", WRITTEN).await
}

pub async fn buffered_batches_are_there_after_flush(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for entry in WRITTEN {
        store.apply(puts(&[*entry])?.durability(Durability::Buffered)).await?;
    }
    store.flush().await?;
    drop(store);
    demand_kept(lab, &place, "flushing keeps what was buffered", WRITTEN).await
}

pub async fn what_was_deleted_stays_deleted(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(WRITTEN)?).await?;
    store.apply(Batch::new().delete(key("b")?)).await?;
    store.apply(Batch::new().delete_range(KeyRange::prefix("c"))).await?;
    store.close().await?;
    demand_kept(lab, &place, "what was deleted does not come back", &[("a", "1")]).await
}

/// Reopens the store and demands that it is as it was, where stores are kept.
async fn demand_same(
    lab: &Lab,
    place: &Place,
    store: Arc<dyn Backend>,
    what: &str,
) -> Outcome<Arc<dyn Backend>> {
    let before = everything(&*store).await?;
    store.close().await?;
    drop(store);
    if !lab.claims().persistent() {
        let again = place.open(OpenMode::Create).await?;
        demand_equal("a store that keeps nothing begins anew", &everything(&*again).await?.len(), &0)?;
        return Ok(again);
    }
    let again = place.open(OpenMode::Existing).await?;
    let after = everything(&*again).await?;
    let other = before.iter().zip(&after).find(|(before, after)| before != after);
    let names = other.map(|(before, after)| (&before.0, before.1.len(), &after.0, after.1.len()));
    demand(what, before == after, format_args!("{} entries of {}, {names:?}", after.len(), before.len()))?;
    Ok(again)
}

pub async fn values_of_every_size_are_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let mut store = place.open(OpenMode::Create).await?;
    for size in [0, 1, 255, 4_096, 65_535, 65_536, 65_537, 1_000_000, 5_000_000] {
        if size > lab.claims().max_value_bytes() {
            continue;
        }
        let value: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
        store.apply(Batch::new().put(key(format!("v{size}"))?, value)).await?;
    }
    store = demand_same(lab, &place, store, "values of every size are there again").await?;
    Ok(store.close().await?)
}

pub async fn keys_of_every_kind_are_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let mut store = place.open(OpenMode::Create).await?;
    let mut batch = Batch::new();
    for byte in 0..=u8::MAX {
        for name in [vec![byte], vec![byte, 0], vec![b'k', byte], vec![byte, byte, byte]] {
            batch = batch.put(key(&name)?, name);
        }
        batch = batch.put(key(vec![byte; usize::from(byte) * 4 + 1])?, "long");
    }
    store.apply(batch).await?;
    store = demand_same(lab, &place, store, "keys of every byte and length are there again").await?;
    Ok(store.close().await?)
}

pub async fn very_many_keys_are_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let mut store = place.open(OpenMode::Create).await?;
    for part in 0..7_u32 {
        let entries: Vec<_> = (part * 10_000..(part + 1) * 10_000)
            .map(|number| (number.to_be_bytes(), number.to_le_bytes()))
            .collect();
        store.apply(puts(&entries)?).await?;
    }
    store = demand_same(lab, &place, store, "all of 70,000 keys are there again").await?;
    Ok(store.close().await?)
}

pub async fn every_kind_of_change_is_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let mut store = place.open(OpenMode::Create).await?;
    for round in 0..6_u8 {
        let name = |at: u8| key([b'a' + at, round]);
        let all: Vec<_> = (0..20).map(|at| ([b'a' + at, round], [at; 3])).collect();
        let changes = [
            puts(&all)?,
            Batch::new().put(name(1)?, "overwritten").put(name(2)?, ""),
            Batch::new().delete(name(3)?).delete(key("missing")?),
            Batch::new().delete_range(KeyRange::new("e", Some("f".into()))),
            Batch::new().delete_range(KeyRange::prefix("f")).put(name(5)?, "after the range"),
            Batch::new()
                .put(name(6)?, "first")
                .put(name(6)?, "second")
                .delete(name(7)?)
                .put(name(7)?, "back"),
            Batch::new().put(name(8)?, "in vain").delete(name(8)?),
            Batch::new().delete_range(KeyRange::new("s", None)),
            Batch::new().require_absent(name(19)?).require_equals(name(2)?, "").put(name(18)?, "held"),
        ];
        for change in changes {
            store.apply(change).await?;
        }
        for refused in [
            Batch::new().require_absent(name(1)?).put(name(9)?, "refused").delete(name(10)?),
            Batch::new().require_equals(name(1)?, "other").delete_range(KeyRange::all()),
        ] {
            demand_error(
                "a precondition that fails",
                store.apply(refused).await,
                ErrorKind::PreconditionFailed,
            )?;
        }
        store =
            demand_same(lab, &place, store, "every kind of change is there again, and none that was refused")
                .await?;
    }
    Ok(store.close().await?)
}

pub async fn what_was_compacted_is_there_again(lab: &Lab) -> Outcome {
    let place = lab.place();
    let mut store = place.open(OpenMode::Create).await?;
    for round in 0..4_u8 {
        let all: Vec<_> = (0..=u8::MAX).map(|at| ([at, round], vec![round; usize::from(at % 5)])).collect();
        store.apply(puts(&all)?).await?;
        store.apply(Batch::new().delete(key([7, round])?).delete(key([0xFF, round])?)).await?;
        store.apply(Batch::new().delete_range(KeyRange::prefix(vec![9]))).await?;
        store.apply(puts(&[([8, round], "again")])?).await?;
        let before = everything(&*store).await?;
        match store.compact().await {
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            other => other?,
        }
        demand_equal("a compaction changes nothing", &everything(&*store).await?, &before)?;
        store.apply(puts(&[(vec![b'z', round], "after the compaction")])?).await?;
        store =
            demand_same(lab, &place, store, "what was compacted is there again, and what came after").await?;
    }
    Ok(store.close().await?)
}

pub async fn many_reopens_change_nothing(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(WRITTEN)?).await?;
    store.close().await?;
    for _ in 0..10 {
        demand_kept(lab, &place, "opening a store changes nothing", WRITTEN).await?;
    }
    Ok(())
}

pub async fn synced_is_honoured_or_refused(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let result = store.apply(puts(WRITTEN)?.durability(Durability::Synced)).await;
    if lab.claims().synced() {
        result?;
        return demand_equal("a synced batch is applied", &everything(&*store).await?, &entries(WRITTEN));
    }
    demand_error("Synced where it is not claimed", result, ErrorKind::Unsupported)?;
    demand_equal("a refused batch has no effect", &everything(&*store).await?.len(), &0)?;
    for weaker in [Durability::Strongest, Durability::Buffered] {
        store.apply(puts(WRITTEN)?.durability(weaker)).await?;
    }
    demand_equal("Strongest and Buffered always work", &everything(&*store).await?, &entries(WRITTEN))
}
