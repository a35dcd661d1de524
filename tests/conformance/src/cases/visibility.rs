//! `Ok` is visible: the whole batch, at once, to every later call of every kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codestrata_core::{Backend, Batch, Bytes, Durability, Key, KeyRange, ScanRequest};

use crate::cases::threads::{ends, joined};
use crate::lab::{Entries, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal};
use crate::{Lab, Violation};

/// Every kind of read, each of which has seen the store before it was changed.
async fn seen(store: &dyn Backend) -> Outcome<Vec<(&'static str, Entries)>> {
    let names = [key("a")?, key("b")?, key("c")?];
    let all = ScanRequest::new(KeyRange::all());
    let pair = |name: &codestrata_core::Key, value: Option<Bytes>| {
        value.map(|value| (name.clone().into_bytes(), value))
    };
    let mut singly = Entries::new();
    for name in &names {
        singly.extend(pair(name, store.get(name).await?));
    }
    let values = store.get_many(&names).await?;
    let together = names.iter().zip(values).filter_map(|(name, value)| pair(name, value)).collect();
    let mut backwards: Entries = store.scan(&all.clone().reverse()).await?.iter_shared().collect();
    backwards.reverse();
    let pages = store.scan_many(std::slice::from_ref(&all)).await?;
    let mut found = vec![
        ("get", singly),
        ("get_many", together),
        ("a scan", store.scan(&all).await?.iter_shared().collect()),
        (
            "a scan of a part",
            store.scan(&all.over(KeyRange::new("a", Some("d".into())))).await?.iter_shared().collect(),
        ),
        ("a scan in reverse", backwards),
        ("scan_many", pages.iter().flat_map(codestrata_core::Page::iter_shared).collect()),
    ];
    if store.capabilities().snapshots() {
        found.push(("a new snapshot", everything(&*store.snapshot().await?).await?));
    }
    Ok(found)
}

/// A change, what it is called, and what there is after it.
type Change = (&'static str, Batch, &'static [(&'static str, &'static str)]);

pub async fn every_kind_of_read_sees_every_kind_of_change(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let changes: [Change; 9] = [
        ("nothing", Batch::new(), &[]),
        ("a put", puts(&[("b", "1")])?, &[("b", "1")]),
        ("another value", puts(&[("b", "22")])?, &[("b", "22")]),
        ("an empty value", puts(&[("b", "")])?, &[("b", "")]),
        ("a delete", Batch::new().delete(key("b")?), &[]),
        ("several puts", puts(&[("a", "1"), ("b", "2"), ("c", "3")])?, &[("a", "1"), ("b", "2"), ("c", "3")]),
        (
            "a deleted range",
            Batch::new().delete_range(KeyRange::new("b", Some("c".into()))),
            &[("a", "1"), ("c", "3")],
        ),
        (
            "a put under a precondition",
            Batch::new().require_absent(key("b")?).put(key("b")?, "4"),
            &[("a", "1"), ("b", "4"), ("c", "3")],
        ),
        ("everything deleted", Batch::new().delete_range(KeyRange::all()), &[]),
    ];
    for durability in [Durability::Strongest, Durability::Buffered] {
        for (what, change, after) in &changes {
            store.apply(change.clone().durability(durability)).await?;
            for (read, found) in seen(&*store).await? {
                demand_equal(
                    &format!("{read} sees {what} ({durability:?}) once it was acknowledged"),
                    &found,
                    &entries(after),
                )?;
            }
        }
    }
    Ok(())
}

pub async fn every_durability_has_the_same_effect(lab: &Lab) -> Outcome {
    let mut levels = vec![Durability::Strongest, Durability::Buffered];
    if lab.claims().synced() {
        levels.push(Durability::Synced);
    }
    // Each level after each other one, so that what one of them keeps elsewhere meets the others.
    for first in &levels {
        for second in &levels {
            let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]).await?;
            let batch = Batch::new().put(key("k")?, "1").delete(key("b")?).durability(*first);
            store.apply(batch).await?;
            let batch = Batch::new()
                .require_equals(key("k")?, "1")
                .require_absent(key("b")?)
                .put(key("k")?, "2")
                .put(key("b")?, "new")
                .delete_range(KeyRange::new("c", Some("d".into())))
                .durability(*second);
            store.apply(batch).await?;
            demand_equal(
                &format!("a batch ({second:?}) goes on from what one before it ({first:?}) has left"),
                &everything(&*store).await?,
                &entries(&[("a", "1"), ("b", "new"), ("k", "2")]),
            )?;
        }
    }
    Ok(())
}

pub async fn a_batch_of_very_many_operations_is_one(lab: &Lab) -> Outcome {
    // More than 16 bits count.
    const COUNT: u32 = 80_000;
    let store = lab.store().await?;
    // Each number once, in an order that jumps about.
    let numbers = (0..COUNT).map(|number| number * 7_919 % COUNT);
    let batch = numbers.clone().try_fold(Batch::new(), |batch, number| {
        Ok::<_, codestrata_core::Error>(batch.put(key(number.to_be_bytes())?, number.to_le_bytes().to_vec()))
    })?;
    store.apply(batch).await?;
    let found = everything(&*store).await?;
    let wrong = found.iter().zip(0..COUNT).position(|((name, value), number)| {
        *name != number.to_be_bytes()[..] || *value != number.to_le_bytes()[..]
    });
    demand(
        &format!("a batch of {COUNT} operations is applied whole"),
        wrong.is_none() && found.len() == COUNT as usize,
        (found.len(), wrong),
    )?;
    drop(found);
    let batch = numbers.filter(|number| number % 1_000 != 7).try_fold(Batch::new(), |batch, number| {
        Ok::<_, codestrata_core::Error>(batch.delete(key(number.to_be_bytes())?))
    })?;
    store.apply(batch).await?;
    demand_equal(
        "and so is one of as many deletes",
        &everything(&*store).await?.len(),
        &(COUNT as usize / 1_000),
    )
}

/// What a round of the batches leaves under each key: nothing in every third one.
fn value_of(round: u32) -> Option<Bytes> {
    (round % 3 != 2).then(|| Bytes::copy_from_slice(&round.to_be_bytes()))
}

/// The latest round that was seen. None is seen of one that deletes, so it stands for the first such from here on.
struct Seen(u32);

impl Seen {
    fn note(&mut self, value: Option<&[u8]>) -> Outcome {
        let round = match value.map(|value| value.try_into().map(u32::from_be_bytes)) {
            Some(Ok(round)) => round,
            Some(Err(_)) => {
                return Err(Violation::new("a value is one of those written", format!("{value:?}")));
            }
            None => self.0 + (5 - self.0 % 3) % 3,
        };
        demand(
            "who has seen a part of a batch sees all of it from then on",
            round >= self.0,
            (round, self.0),
        )?;
        self.0 = round;
        Ok(())
    }
}

/// Reads the first and the last key of rounds, in every way, until told to stop.
async fn watch(store: &dyn Backend, names: &[Key], width: usize, stop: &AtomicBool) -> Outcome {
    const READS: u32 = 40;
    let mut seen = Seen(0);
    let mut reads = 0;
    while reads < READS || !stop.load(Ordering::Relaxed) {
        for name in names.iter().chain(names.iter().rev()) {
            seen.note(store.get(name).await?.as_deref())?;
        }
        if store.capabilities().consistent_pages() {
            let values = store.get_many(names).await?;
            demand(
                "one get_many shows a large batch whole or not at all",
                values.first() == values.last(),
                &values,
            )?;
            seen.note(values.first().and_then(Option::as_deref))?;
            let page = store.scan(&ScanRequest::new(KeyRange::all())).await?;
            let mut rounds: Vec<&[u8]> = page.iter().map(|(_, value)| value).collect();
            rounds.dedup();
            demand(
                "one page shows a large batch whole or not at all",
                rounds.len() <= 1 && (page.len() == width || page.next().is_some() || page.is_empty()),
                (page.len(), &rounds),
            )?;
            seen.note(rounds.first().copied())?;
        }
        reads += 1;
        tokio::task::yield_now().await;
    }
    Ok(())
}

pub async fn a_part_of_a_large_batch_is_never_seen(lab: &Lab) -> Outcome {
    const WIDTH: u32 = 4_000;
    const ROUNDS: u32 = 17;
    let store = lab.store().await?;
    let batch = |round: u32| match value_of(round) {
        None => Ok(Batch::new().delete_range(KeyRange::all())),
        Some(value) => (0..WIDTH).try_fold(Batch::new(), |batch, number| {
            Ok::<_, codestrata_core::Error>(batch.put(key(number.to_be_bytes())?, value.clone()))
        }),
    };
    let names = [key(0_u32.to_be_bytes())?, key((WIDTH - 1).to_be_bytes())?];
    store.apply(batch(0)?).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
        async move { watch(&*store, &names, WIDTH as usize, &stop).await }
    });
    for round in 1..ROUNDS {
        if reader.is_finished() {
            break;
        }
        ends("a batch beside reads", store.apply(batch(round)?)).await??;
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    joined("a read beside batches", reader).await?
}
