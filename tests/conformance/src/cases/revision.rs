//! `Backend::revision`: what is kept beside a store is used as long as it stands, so it may never stand too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codestrata_core::{Backend, Batch, Durability, KeyRange, OpenMode};

use crate::Lab;
use crate::cases::threads::{elsewhere, one_thread};
use crate::lab::{key, puts};
use crate::violation::{Outcome, demand};

/// So many batches are applied beside a reader.
const ROUNDS: u16 = 300;

/// Demands that a number that was told before a batch is not told after it.
fn moved(what: &str, before: Option<u64>, after: Option<u64>) -> Outcome {
    demand(&format!("the revision moves with {what}"), before.is_none() || before != after, (before, after))
}

pub async fn it_moves_with_every_change(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    for durability in [Durability::Strongest, Durability::Buffered] {
        for (what, batch) in [
            ("a put", puts(&[("a", "3")])?),
            ("another value", puts(&[("a", "4")])?),
            ("a delete", Batch::new().delete(key("a")?)),
            ("a put under a precondition", Batch::new().require_absent(key("c")?).put(key("c")?, "4")),
            ("a deleted range", Batch::new().delete_range(KeyRange::all())),
        ] {
            let before = store.revision();
            store.apply(batch.durability(durability)).await?;
            moved(what, before, store.revision())?;
        }
    }
    Ok(())
}

pub async fn it_moves_with_what_others_commit(lab: &Lab) -> Outcome {
    if !lab.claims().readers_beside_writer() {
        return lab.not_applicable("nobody reads beside a writer");
    }
    let place = lab.place();
    let writer = place.open(OpenMode::Create).await?;
    writer.apply(puts(&[("k", "1")])?).await?;
    let reader = place.open(OpenMode::ReadOnly).await?;
    for round in 0..20_u8 {
        let before = reader.revision();
        writer.apply(puts(&[("k", [round])])?).await?;
        moved("a batch of another handle", before, reader.revision())?;
    }
    Ok(())
}

pub async fn a_closed_store_has_none(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    store.close().await?;
    let revision = store.revision();
    demand("a closed store tells no revision", revision.is_none(), revision)
}

/// Two keys are always put together, so what is read of them between two equal answers is equal.
pub async fn what_is_read_while_it_stands_is_of_one_state(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", &[0; 2]), (b"b", &[0; 2])]).await?;
    let (done, theirs) = (Arc::new(AtomicBool::new(false)), Arc::clone(&store));
    let is_done = Arc::clone(&done);
    let reading = elsewhere(move || one_thread(4)?.block_on(read_until(&*theirs, &is_done)));
    let writing = async {
        let mut applied = Ok(());
        for round in 0..ROUNDS {
            let batch = puts(&[("a", round.to_be_bytes()), ("b", round.to_be_bytes())])?;
            applied = store.apply(batch.durability(Durability::Buffered)).await;
            if applied.is_err() {
                break;
            }
        }
        done.store(true, Ordering::SeqCst);
        Outcome::Ok(applied?)
    };
    let (read, written) = tokio::join!(reading, writing);
    written.and(read?)
}

async fn read_until(store: &dyn Backend, is_done: &AtomicBool) -> Outcome {
    let (a, b) = (key("a")?, key("b")?);
    while !is_done.load(Ordering::SeqCst) {
        let before = store.revision();
        let read = (store.get(&a).await?, store.get(&b).await?);
        let stood = before.is_some() && before == store.revision();
        let what =
            "two keys that always change together are equal where the revision stood still between them";
        demand(what, !stood || read.0 == read.1, &read)?;
    }
    Ok(())
}
