//! Limits: what is just within them works, what is just over them is refused, and a refusal is no more than that.

use codestrata_core::limits::{MAX_GET_KEYS, MAX_SCAN_REQUESTS};
use codestrata_core::{Batch, Bytes, Durability, ErrorKind, KeyRange, ReadView, ScanRequest};

use crate::Lab;
use crate::cases::isolation::an_unclaimed_snapshot_is_unsupported;
use crate::lab::{entries, everything, key, puts};
use crate::violation::{Outcome, demand_equal, demand_error};

const THERE: &[(&str, &str)] = &[("a", "1"), ("b", "2")];

/// A batch of so many bytes that must fail, because it requires keys that are not there to have values.
fn questions(bytes: usize, value: &Bytes) -> Outcome<Batch> {
    let mut batch = Batch::new().put(key("new")?, "n");
    for number in 0_u32.. {
        let left = bytes.saturating_sub(batch.byte_size());
        if left == 0 {
            break;
        }
        // The last ones are cut so that the sum is exact.
        let name = Bytes::copy_from_slice(&number.to_be_bytes());
        let size = value.len().min(left.saturating_sub(name.len()));
        batch = batch.require_equals(key(name.slice(..name.len().min(left)))?, value.slice(..size));
    }
    demand_equal("the suite makes a batch of this size", &batch.byte_size(), &bytes)?;
    Ok(batch)
}

pub async fn the_bytes_of_preconditions_count(lab: &Lab) -> Outcome {
    let most = lab.claims().max_batch_bytes();
    // The same bytes again and again: they are counted each time, and kept once.
    let value = Bytes::from(vec![7; lab.claims().max_value_bytes()]);
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    // Refused for what it asks, and so not for its size.
    demand_error(
        "a batch of exactly the limit of bytes, one of whose preconditions fails",
        store.apply(questions(most, &value)?).await,
        ErrorKind::PreconditionFailed,
    )?;
    demand_error(
        "a batch of one byte over the limit, most of it in preconditions",
        store.apply(questions(most + 1, &value)?).await,
        ErrorKind::TooLarge,
    )?;
    demand_equal("neither leaves anything", &everything(&*store).await?, &entries(THERE))
}

pub async fn the_value_of_a_precondition_has_the_limit_of_values(lab: &Lab) -> Outcome {
    let value = Bytes::from(vec![7; lab.claims().max_value_bytes() + 1]);
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    let within = Batch::new().require_equals(key("a")?, value.slice(1..)).delete(key("b")?);
    demand_error(
        "requiring another value of the largest size",
        store.apply(within).await,
        ErrorKind::PreconditionFailed,
    )?;
    let over = Batch::new().require_equals(key("a")?, value).delete(key("b")?);
    demand_error("requiring a value that no key can have", store.apply(over).await, ErrorKind::TooLarge)?;
    demand_equal("neither leaves anything", &everything(&*store).await?, &entries(THERE))
}

/// Demands that calls over the limits of the seam are refused, and that the view answers after them.
async fn judge(view: &dyn ReadView) -> Outcome {
    let keys = vec![key("a")?; MAX_GET_KEYS + 1];
    let requests = vec![ScanRequest::new(KeyRange::all()).max_items(1); MAX_SCAN_REQUESTS + 1];
    for _ in 0..20 {
        let over = view.get_many(&keys).await;
        demand_error("a get_many of one key too many", over.map(|all| all.len()), ErrorKind::TooLarge)?;
        let over = view.scan_many(&requests).await;
        demand_error("a scan_many of one request too many", over.map(|all| all.len()), ErrorKind::TooLarge)?;
    }
    demand_equal("reads go on after refused ones", &everything(view).await?, &entries(THERE))
}

pub async fn a_refused_read_does_not_stand_in_the_way(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    judge(&*store).await?;
    store.apply(puts(&[("c", "3")])?).await?;
    demand_equal("and so do batches", &everything(&*store).await?.len(), &3)
}

pub async fn a_snapshot_has_the_limits_of_the_store(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    let snapshot = store.snapshot().await?;
    store.apply(puts(&[("c", "3")])?).await?;
    judge(&*snapshot).await
}

pub async fn a_refused_batch_does_not_stand_in_the_way(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    let over = Bytes::from(vec![7; lab.claims().max_value_bytes() + 1]);
    for round in 0..25_u8 {
        // What was acknowledged before a refusal, and is perhaps still in a buffer, stays.
        let before = puts(&[("k", [round])])?.durability(Durability::Buffered);
        store.apply(before).await?;
        let refused = [
            (
                Batch::new().delete_range(KeyRange::all()).require_absent(key("k")?),
                ErrorKind::PreconditionFailed,
            ),
            (Batch::new().delete(key("k")?).put(key("x")?, over.clone()), ErrorKind::TooLarge),
        ];
        for (batch, why) in refused {
            demand_error("a batch that is to be refused", store.apply(batch).await, why)?;
        }
        if !lab.claims().synced() {
            let synced = Batch::new().delete(key("k")?).durability(Durability::Synced);
            demand_error(
                "Synced where it is not claimed",
                store.apply(synced).await,
                ErrorKind::Unsupported,
            )?;
        }
        demand_equal(
            "refused batches take nothing with them",
            &everything(&*store).await?,
            &entries(&[("a", b"1".as_slice()), ("b", b"2"), ("k", &[round])]),
        )?;
    }
    store
        .apply(Batch::new().require_equals(key("k")?, [24].as_slice()).delete_range(KeyRange::all()))
        .await?;
    demand_equal("and later ones are applied", &everything(&*store).await?.len(), &0)
}
