//! What is there when a store is opened again. Where nothing is kept, that there is nothing.

use codestrata_core::{Batch, Durability, ErrorKind, KeyRange, OpenMode};

use crate::Lab;
use crate::lab::{Place, entries, everything, key, puts};
use crate::violation::{Outcome, demand_equal, demand_error};

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
