//! Deleting: what is gone is gone for everyone, and nothing else is.

use codestrata_core::limits::MAX_KEY_BYTES;
use codestrata_core::{Backend, Batch, Bytes, Durability, KeyRange, ScanRequest};

use crate::Lab;
use crate::cases::oracle::{self, Model};
use crate::lab::{entries, everything, key, puts, walk};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal};

pub async fn every_pair_of_bounds_deletes_like_a_model(lab: &Lab) -> Outcome {
    let names: [&[u8]; 9] = [b"\x00", b"\x00\x00", b"a", b"a\x00", b"aa", b"b", b"\x7f", b"\x80", b"\xff"];
    let written = names.map(|name| (name, name));
    let bounds: [&[u8]; 9] =
        [b"", b"\x00", b"\x00\x00", b"a", b"a\x00", b"a\x01", b"\x80", b"\xff", b"\xff\xff"];
    let store = lab.store().await?;
    for start in bounds {
        for end in bounds.map(|end| Some(Bytes::from_static(end))).into_iter().chain([None]) {
            let range = KeyRange::new(start, end);
            store.apply(puts(&written)?.durability(Durability::Buffered)).await?;
            store.apply(Batch::new().delete_range(range.clone()).durability(Durability::Buffered)).await?;
            let left: Vec<_> = written.iter().filter(|(name, _)| !range.contains(name)).copied().collect();
            demand_equal(
                &format!("{range:?} deletes the keys that lie in it, and no other"),
                &everything(&*store).await?,
                &entries(&left),
            )?;
        }
    }
    Ok(())
}

pub async fn bounds_longer_than_a_key_delete_too(lab: &Lab) -> Outcome {
    let longest = |byte: u8| vec![byte; MAX_KEY_BYTES];
    let names = [vec![b'a'], longest(b'k'), vec![b'l'], longest(0xFF)];
    let written: Vec<(Vec<u8>, &str)> = names.iter().map(|name| (name.clone(), "v")).collect();
    let store = lab.store().await?;
    // A single key, as a range; what is left after one; and all up to one.
    let ranges = [
        KeyRange::from(&key(longest(b'k'))?),
        KeyRange::from(&key(longest(0xFF))?),
        KeyRange::all().after(&longest(b'k')),
        KeyRange::all().after(&longest(0xFF)),
        KeyRange::new("", Some(vec![b'k'; MAX_KEY_BYTES + 1].into())),
        KeyRange::prefix(longest(0xFF)),
    ];
    for range in ranges {
        store.apply(puts(&written)?).await?;
        store.apply(Batch::new().delete_range(range.clone())).await?;
        let left: Vec<_> = written.iter().filter(|(name, _)| !range.contains(name)).cloned().collect();
        demand_equal(
            "a range whose bound is one byte longer than a key may be deletes the keys that lie in it",
            &everything(&*store).await?,
            &entries(&left),
        )?;
    }
    Ok(())
}

/// Demands that no kind of read finds the key, and that all of them find its neighbours.
async fn demand_gone(store: &dyn Backend, how: &str, gone: &str) -> Outcome {
    let what = |read: &str| format!("{read} does not find a key that was deleted {how}");
    demand_equal(&what("get"), &store.get(&key(gone)?).await?, &None)?;
    let values = store.get_many(&[key("a")?, key(gone)?, key("z")?]).await?;
    let found: Vec<bool> = values.iter().map(Option::is_some).collect();
    demand_equal(&what("get_many"), &found, &vec![true, false, true])?;
    let all = ScanRequest::new(KeyRange::all());
    for (read, request) in [
        ("a scan", all.clone()),
        ("a scan in pages", all.clone().max_items(1)),
        ("a scan in reverse", all.clone().reverse()),
        ("a scan of keys", all.clone().keys_only()),
        ("a scan of its prefix", ScanRequest::new(KeyRange::prefix(gone.to_owned()))),
        ("a scan of its range", ScanRequest::new(KeyRange::from(&key(gone)?))),
    ] {
        let found = walk(store, &request).await?.iter().any(|(name, _)| name == gone);
        demand(&what(read), !found, &request)?;
        for page in store.scan_many(&[request.clone(), request]).await? {
            let found = page.iter().any(|(name, _)| name == gone.as_bytes());
            demand(&what("scan_many"), !found, &page)?;
        }
    }
    if store.capabilities().snapshots() {
        let snapshot = store.snapshot().await?;
        demand_equal(&what("a snapshot"), &snapshot.get(&key(gone)?).await?, &None)?;
        demand_equal(&what("a scan of a snapshot"), &everything(&*snapshot).await?.len(), &2)?;
    }
    // As a precondition sees it.
    store.apply(Batch::new().require_absent(key(gone)?)).await?;
    Ok(())
}

pub async fn what_is_deleted_is_gone_for_every_read(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"z", b"26")]).await?;
    let k = key("k")?;
    let ways = [
        ("by its key", Batch::new().delete(k.clone())),
        ("twice", Batch::new().delete(k.clone()).delete(k.clone())),
        ("with its range", Batch::new().delete_range(KeyRange::from(&k))),
        ("with its prefix", Batch::new().delete_range(KeyRange::prefix("k"))),
        ("after it was put in the batch", Batch::new().put(k.clone(), "3").delete(k.clone())),
        ("under a precondition", Batch::new().require_equals(k.clone(), "2").delete(k.clone())),
        ("without a sync", Batch::new().delete(k.clone()).durability(Durability::Buffered)),
    ];
    for (how, batch) in ways {
        store.apply(Batch::new().put(k.clone(), "2")).await?;
        demand_equal("the key is there", &store.get(&k).await?, &Some(Bytes::from_static(b"2")))?;
        store.apply(batch).await?;
        demand_gone(&*store, how, "k").await?;
    }
    Ok(())
}

pub async fn an_emptied_store_can_be_filled_again(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..6_u8 {
        let written: Vec<([u8; 2], [u8; 2])> =
            (0..200).map(|number| ([number, round % 2], [round, number])).collect();
        store.apply(puts(&written)?).await?;
        demand_equal(
            &format!("what is put into a store that was emptied {round} times is there"),
            &everything(&*store).await?,
            &entries(&written),
        )?;
        let batch = match round % 3 {
            0 => Batch::new().delete_range(KeyRange::all()),
            1 => written.iter().try_fold(Batch::new(), |batch, (name, _)| {
                Ok::<_, codestrata_core::Error>(batch.delete(key(name)?))
            })?,
            _ => (0..200_u8)
                .fold(Batch::new(), |batch, number| batch.delete_range(KeyRange::prefix(vec![number]))),
        };
        store.apply(batch).await?;
        for request in [ScanRequest::new(KeyRange::all()), ScanRequest::new(KeyRange::all()).reverse()] {
            let page = store.scan(&request).await?;
            demand("an emptied store is empty", page.is_empty() && page.next().is_none(), &page)?;
        }
    }
    Ok(())
}

pub async fn a_batch_may_replace_everything(lab: &Lab) -> Outcome {
    let before: Vec<([u8; 2], &str)> = (0..=u8::MAX).map(|number| ([number, 1], "before")).collect();
    let after: Vec<([u8; 2], &str)> = (0..=u8::MAX).map(|number| ([number, number % 2], "after")).collect();
    let store = lab.store().await?;
    store.apply(puts(&before)?).await?;
    let mut batch = Batch::new().delete_range(KeyRange::all());
    for (name, value) in &after {
        batch = batch.put(key(name)?, *value);
    }
    store.apply(batch).await?;
    demand_equal(
        "a batch that deletes everything and puts other entries leaves those",
        &everything(&*store).await?,
        &entries(&after),
    )
}

pub async fn many_changes_of_few_keys_keep_their_order(lab: &Lab) -> Outcome {
    // More than a sort takes to be seen as not stable, and too many to be tried one by one.
    const CHANGES: usize = 4_000;
    let store = lab.store().await?;
    let mut model = Model::new();
    let mut random = Random::seeded(23);
    for round in 0..3 {
        let mut batch = Batch::new();
        for change in 0..CHANGES {
            let name = key(vec![u8::try_from(random.below(9)).unwrap_or_default()])?;
            batch = match random.below(40) {
                // An engine may take another way where there are ranges.
                0 if round > 0 => batch.delete_range(KeyRange::new(name.into_bytes(), Some(vec![7].into()))),
                0..=12 => batch.delete(name),
                _ => batch.put(name, format!("{change}")),
            };
        }
        oracle::carry_out(&mut model, batch.ops());
        store.apply(batch).await?;
        demand_equal(
            "of thousands of changes of a few keys in one batch the last one of each key counts",
            &everything(&*store).await?,
            &oracle::list(&model),
        )?;
    }
    Ok(())
}

pub async fn ranges_that_overlap_delete_what_they_cover(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let mut model = Model::new();
    let mut random = Random::seeded(29);
    for round in 0..6 {
        let mut batch = Batch::new();
        for _ in 0..40 {
            let (start, length) = (random.below(200), random.below(60));
            let bound = |number: usize| {
                Bytes::copy_from_slice(&u16::try_from(number).unwrap_or_default().to_be_bytes())
            };
            batch = match random.below(3) {
                0 => batch.delete_range(KeyRange::new(bound(start), Some(bound(start + length)))),
                _ => (start..start + length).step_by(3).try_fold(batch, |batch, number| {
                    Ok::<_, codestrata_core::Error>(batch.put(key(bound(number))?, format!("{round}")))
                })?,
            };
        }
        oracle::carry_out(&mut model, batch.ops());
        store.apply(batch).await?;
        demand_equal(
            "ranges that overlap, with puts between them, take what is there at their turn",
            &everything(&*store).await?,
            &oracle::list(&model),
        )?;
    }
    Ok(())
}
