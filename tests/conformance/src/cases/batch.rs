//! Batches: operations in their order, all of them or none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use codestrata_core::{Backend, Batch, Bytes, ErrorKind, Key, KeyRange, ScanRequest};

use crate::Lab;
use crate::lab::{Entries, entries, everything, key, puts, walk};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal, demand_error};

const LETTERS: &[(&[u8], &[u8])] = &[(b"a", b"1"), (b"b", b"2"), (b"c", b"3"), (b"d", b"4")];

fn between(start: &'static str, end: &'static str) -> KeyRange {
    KeyRange::new(start, Some(Bytes::from_static(end.as_bytes())))
}

async fn demand_left(store: &dyn Backend, what: &str, left: &[(&str, &str)]) -> Outcome {
    demand_equal(what, &everything(store).await?, &entries(left))
}

pub async fn an_empty_batch_succeeds(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    store.apply(Batch::new()).await?;
    demand_equal("an empty batch changes nothing", &everything(&*store).await?, &entries(LETTERS))
}

pub async fn operations_take_effect_in_order(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"0"), (b"other", b"0")]).await?;
    let (k, other) = (key("k")?, key("other")?);
    let batch = Batch::new()
        .put(k.clone(), "1")
        .delete(k.clone())
        .put(k, "2")
        .delete(other.clone())
        .put(other.clone(), "1")
        .delete(other);
    store.apply(batch).await?;
    demand_left(
        &*store,
        "put, delete, put leaves the last put; delete, put, delete leaves nothing",
        &[("k", "2")],
    )
    .await
}

pub async fn a_range_deleted_first_spares_what_is_put_after(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    store.apply(Batch::new().delete_range(between("a", "d")).put(key("b")?, "new")).await?;
    demand_left(&*store, "a put after the range was deleted stays", &[("b", "new"), ("d", "4")]).await
}

pub async fn a_range_deleted_last_takes_what_was_put_before(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    store.apply(Batch::new().put(key("bb")?, "new").delete_range(between("b", "d"))).await?;
    demand_left(&*store, "a put before the range was deleted goes with it", &[("a", "1"), ("d", "4")]).await
}

pub async fn the_last_put_of_a_key_wins(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let batch = (0..50).try_fold(Batch::new(), |batch, number| {
        Ok::<_, codestrata_core::Error>(batch.put(key("k")?, format!("{number}")))
    })?;
    store.apply(batch).await?;
    demand_left(&*store, "the last of many puts stays", &[("k", "49")]).await
}

pub async fn a_deleted_range_spares_its_neighbours(lab: &Lab) -> Outcome {
    let store =
        lab.store_with(&[(b"a", b""), (b"b", b""), (b"b\xff", b""), (b"c", b""), (b"c\x00", b"")]).await?;
    store.apply(Batch::new().delete_range(between("b", "c"))).await?;
    demand_left(
        &*store,
        "b..c takes b and b FF, and spares a, c and c 00",
        &[("a", ""), ("c", ""), ("c\0", "")],
    )
    .await
}

pub async fn an_inverted_range_deletes_nothing(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let batch = Batch::new()
        .delete_range(between("d", "a"))
        .delete_range(between("b", "b"))
        .delete_range(between("", ""));
    store.apply(batch).await?;
    demand_equal("an inverted or empty range deletes nothing", &everything(&*store).await?, &entries(LETTERS))
}

pub async fn a_range_without_end_deletes_the_rest(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    store.apply(Batch::new().delete_range(KeyRange::new("c", None))).await?;
    demand_left(&*store, "c.. takes c and all after it", &[("a", "1"), ("b", "2")]).await?;
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    demand_left(&*store, "the range of all takes everything", &[]).await?;
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    demand_left(&*store, "and may do so when nothing is there", &[]).await
}

pub async fn a_prefix_range_deletes_the_prefix_only(lab: &Lab) -> Outcome {
    let written: [&[u8]; 6] = [b"a\xfe", b"a\xff", b"a\xff\xff", b"b", b"\xff", b"\xff\xff"];
    let store = lab.store_with(&written.map(|name| (name, b"".as_slice()))).await?;
    let batch = Batch::new()
        .delete_range(KeyRange::prefix(b"a\xff".as_slice()))
        .delete_range(KeyRange::prefix(b"\xff\xff".as_slice()));
    store.apply(batch).await?;
    let left: [&[u8]; 3] = [b"a\xfe", b"b", b"\xff"];
    demand_equal(
        "only what begins so is gone",
        &everything(&*store).await?,
        &entries(&left.map(|name| (name, ""))),
    )
}

pub async fn a_value_over_the_limit_leaves_nothing(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let over = vec![0; lab.claims().max_value_bytes() + 1];
    let batch = Batch::new().put(key("e")?, "5").delete(key("a")?).put(key("f")?, over);
    demand_error("a value over the limit", store.apply(batch).await, ErrorKind::TooLarge)?;
    demand_equal("a refused batch leaves nothing", &everything(&*store).await?, &entries(LETTERS))
}

pub async fn a_batch_over_the_limit_leaves_nothing(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let value = Bytes::from(vec![0; lab.claims().max_value_bytes().min(16 * 1024 * 1024)]);
    let mut batch = Batch::new().delete(key("a")?);
    for number in 0_u32.. {
        if batch.byte_size() > lab.claims().max_batch_bytes() {
            break;
        }
        batch = batch.put(key(number.to_be_bytes())?, value.clone());
    }
    demand_error("a batch over the limit", store.apply(batch).await, ErrorKind::TooLarge)?;
    demand_equal("a refused batch leaves nothing", &everything(&*store).await?, &entries(LETTERS))
}

/// Applies puts in one batch and demands that the store then has exactly them.
async fn arrives(store: &dyn Backend, written: &[(Vec<u8>, Vec<u8>)]) -> Outcome {
    store.apply(puts(written)?).await?;
    let mut expected: Entries = entries(written);
    expected.sort();
    let found = everything(store).await?;
    let wrong = found.iter().zip(&expected).position(|(found, expected)| found != expected);
    demand(
        "a large batch arrives whole",
        wrong.is_none() && found.len() == expected.len(),
        (found.len(), wrong),
    )
}

fn even_numbers(count: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..count)
        .map(|number| ((number * 2).to_be_bytes().to_vec(), format!("value {number}").into_bytes()))
        .collect()
}

pub async fn a_large_sorted_batch_arrives_whole(lab: &Lab) -> Outcome {
    arrives(&*lab.store().await?, &even_numbers(20_000)).await
}

pub async fn sorted_puts_among_existing_keys_arrive_whole(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    // Every key stands between two, at some, before all, or after all of those that are there.
    let there: Vec<(Vec<u8>, Vec<u8>)> = even_numbers(5_000)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| at % 7 != 0 && *at > 50)
        .map(|(_, entry)| entry)
        .collect();
    store.apply(puts(&there)?).await?;
    let written: Vec<(Vec<u8>, Vec<u8>)> =
        (0..11_000_u32).map(|number| (number.to_be_bytes().to_vec(), b"new".to_vec())).collect();
    arrives(&*store, &written).await
}

pub async fn a_large_unsorted_batch_arrives_whole(lab: &Lab) -> Outcome {
    let mut written = even_numbers(10_000);
    let mut random = Random::seeded(7);
    for at in (1..written.len()).rev() {
        written.swap(at, random.below(at + 1));
    }
    arrives(&*lab.store().await?, &written).await
}

pub async fn a_large_batch_stands_and_falls_with_its_precondition(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    for size in [200, 300, 1_100, 5_000] {
        let entries: Vec<(Vec<u8>, Vec<u8>)> = even_numbers(size);
        let (k, wrong) = (key("k")?, puts(&entries)?.delete_range(KeyRange::prefix("k")));
        let refused = store.apply(wrong.clone().require_equals(k.clone(), "2")).await;
        demand_error("a large batch with a precondition that fails", refused, ErrorKind::PreconditionFailed)?;
        demand_left(&*store, "a large batch that is refused changes nothing", &[("k", "1")]).await?;
        store.apply(puts(&entries)?.require_equals(k, "1")).await?;
        let found = everything(&*store).await?.len();
        demand_equal("one whose precondition holds is applied", &found, &(entries.len() + 1))?;
        let mut back = Batch::new();
        for (name, _) in entries {
            back = back.delete(key(name)?);
        }
        store.apply(back).await?;
    }
    Ok(())
}

pub async fn a_large_range_goes_whole(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    store.apply(puts(&even_numbers(20_000))?).await?;
    let (low, high) = (1_000_u32.to_be_bytes(), 39_000_u32.to_be_bytes());
    let range = KeyRange::new(Bytes::copy_from_slice(&low), Some(Bytes::copy_from_slice(&high)));
    store.apply(Batch::new().delete_range(range.clone())).await?;
    demand_equal(
        "nothing is left in a deleted range",
        &walk(&*store, &ScanRequest::new(range)).await?.len(),
        &0,
    )?;
    demand_equal("all is left around it", &everything(&*store).await?.len(), &1_000)
}

pub async fn no_read_sees_half_a_batch(lab: &Lab) -> Outcome {
    const WIDTH: u8 = 40;
    // Writing goes on until so much was read beside it: how soon the reader's thread begins is the machine's affair.
    const READS: u32 = 300;
    const FIRST: u32 = 60;
    let store = lab.store().await?;
    let batch = |round: u32| -> codestrata_core::Result<Batch> {
        puts(&(0..WIDTH).map(|at| ([at], round.to_be_bytes())).collect::<Vec<_>>())
    };
    store.apply(batch(0)?).await?;
    if !lab.claims().consistent_pages() {
        // Not claimed, and nothing to refuse: reads may mix states, each of which is then one of the batches'.
        store.apply(batch(1)?).await?;
        return demand_equal(
            "a read after the acknowledgement sees all of it",
            &everything(&*store).await?.len(),
            &usize::from(WIDTH),
        );
    }
    let keys: Vec<Key> = (0..WIDTH).map(|at| key([at])).collect::<Result<_, _>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU32::new(0));
    let reader = tokio::spawn({
        let (store, stop, reads) = (Arc::clone(&store), Arc::clone(&stop), Arc::clone(&reads));
        async move {
            while !stop.load(Ordering::Relaxed) || reads.load(Ordering::Relaxed) == 0 {
                let values = store.get_many(&keys).await?;
                let mixed = values.iter().any(|value| *value != values.first().cloned().flatten());
                demand("one get_many shows one state", !mixed, &values)?;
                let page = store.scan(&ScanRequest::new(KeyRange::all())).await?;
                let mut seen: Vec<&[u8]> = page.iter().map(|(_, value)| value).collect();
                seen.dedup();
                demand(
                    "one page shows one state",
                    seen.len() == 1 && page.len() == usize::from(WIDTH),
                    (&page, seen),
                )?;
                reads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
            Outcome::Ok(())
        }
    });
    // A few batches to each read: an engine that keeps old versions must not drown in them.
    let mut round = 0;
    while round < FIRST || (reads.load(Ordering::Relaxed) < READS && !reader.is_finished()) {
        if round < FIRST + reads.load(Ordering::Relaxed) * 4 {
            round += 1;
            store.apply(batch(round)?).await?;
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    reader
        .await
        .unwrap_or_else(|error| Err(crate::Violation::new("a read does not panic", error.to_string())))
}
