//! What is acknowledged is visible everywhere; a snapshot stays as it was.

use std::sync::Arc;
use std::time::Duration;

use codestrata_core::limits::{MAX_GET_BYTES, MAX_GET_KEYS, MAX_KEY_BYTES, MAX_SCAN_REQUESTS};
use codestrata_core::{Batch, Bytes, ErrorKind, Key, KeyRange, ScanRequest};

use crate::lab::{entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::{Lab, Violation};

const BEFORE: &[(&[u8], &[u8])] = &[(b"a", b"1"), (b"b", b"2"), (b"c", b"3")];

pub async fn a_write_is_visible_to_another_thread(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..20_u8 {
        store.apply(puts(&[("k", [round])])?).await?;
        let other = Arc::clone(&store);
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let seen = key("k").and_then(|name| crate::bare::block_on(other.get(&name)));
            // Nobody waits any more only if the case has failed already.
            let _ = send.send(seen);
        });
        let seen = receive.await.map_err(|error| Violation::new("a read ends", error.to_string()))??;
        demand_equal(
            "an acknowledged write is seen by every later read",
            &seen,
            &Some(Bytes::copy_from_slice(&[round])),
        )?;
    }
    Ok(())
}

pub async fn a_thread_that_read_before_sees_what_was_written_since(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    // One thread reads, over and over, what another writes: with what it read last it may not be content.
    let (ask, asked) = std::sync::mpsc::channel::<u8>();
    let (answer, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let reader = Arc::clone(&store);
    std::thread::spawn(move || {
        for _ in asked {
            let seen = key("k").and_then(|name| {
                let value = crate::bare::block_on(reader.get(&name))?;
                let page = crate::bare::block_on(reader.scan(&ScanRequest::new(KeyRange::all())))?;
                Ok((value, page.iter_shared().map(|(_, value)| value).next()))
            });
            // Nobody waits any more only if the case has failed already.
            let _ = answer.send(seen);
        }
    });
    for round in 0..20_u8 {
        let expected = if round % 5 == 4 {
            store.apply(Batch::new().delete(key("k")?)).await?;
            None
        } else {
            store.apply(puts(&[("k", [round])])?).await?;
            Some(Bytes::copy_from_slice(&[round]))
        };
        let ended = || Violation::new("a read does not panic", "the thread that reads has ended");
        ask.send(round).map_err(|_| ended())?;
        let seen = answers.recv().await.ok_or_else(ended)??;
        demand_equal(
            "an acknowledged write is seen by a thread that read before it",
            &seen,
            &(expected.clone(), expected),
        )?;
    }
    Ok(())
}

pub async fn two_stores_share_nothing(lab: &Lab) -> Outcome {
    let (one, two) = (lab.store().await?, lab.store().await?);
    one.apply(puts(&[("k", "one")])?).await?;
    demand_equal("a write to one store is not in the other", &everything(&*two).await?.len(), &0)?;
    two.apply(puts(&[("k", "two")])?).await?;
    one.close().await?;
    demand_equal("closing one leaves the other", &everything(&*two).await?, &entries(&[("k", "two")]))
}

pub async fn a_snapshot_does_not_change(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store_with(BEFORE).await?;
    let snapshot = store.snapshot().await?;
    let changes = [
        Batch::new().put(key("a")?, "changed").put(key("aa")?, "new"),
        Batch::new().delete(key("b")?),
        Batch::new().delete_range(KeyRange::all()),
        Batch::new().put(key("z")?, "later"),
    ];
    for change in changes {
        store.apply(change).await?;
        demand_equal("a snapshot stays as it was", &everything(&*snapshot).await?, &entries(BEFORE))?;
    }
    let values = snapshot.get_many(&[key("z")?, key("b")?]).await?;
    demand_equal("for get_many too", &values, &vec![None, Some(Bytes::from_static(b"2"))])?;
    demand_equal("the store has gone on", &everything(&*store).await?, &entries(&[("z", "later")]))
}

pub async fn a_snapshot_answers_many_keys_like_the_store(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store_with(&[(b"\x00\x07", b"1"), (b"\x01", b""), (b"\xff\xff", b"2")]).await?;
    let snapshot = store.snapshot().await?;
    let all: Vec<Key> = (0..=u16::MAX).map(|number| key(number.to_be_bytes())).collect::<Result<_, _>>()?;
    let some = [[0xFF, 0xFF], [0, 7], [0, 7], [9, 9], [9, 9], [0xFF, 0xFF]].map(key);
    let some: Vec<Key> = some.into_iter().chain([key([1]), key([0])]).collect::<Result<_, _>>()?;
    for name in &some {
        demand_equal(
            "get of a snapshot is as of the store",
            &snapshot.get(name).await?,
            &store.get(name).await?,
        )?;
    }
    for keys in [&[][..], &some, &all] {
        let (then, now) = (snapshot.get_many(keys).await?, store.get_many(keys).await?);
        demand("a snapshot answers as many keys as the store, each at its place", then == now, then.len())?;
    }
    let one_over: Vec<Key> = all.iter().cloned().chain(some).collect();
    demand_error("a get_many over the limit", snapshot.get_many(&one_over).await, ErrorKind::TooLarge)?;
    drop(snapshot);
    let size = lab.claims().max_value_bytes().min(16 * 1024 * 1024);
    let most = MAX_GET_BYTES / size;
    if most >= MAX_GET_KEYS {
        return Ok(());
    }
    store.apply(Batch::new().put(key("large")?, vec![7; size])).await?;
    let snapshot = store.snapshot().await?;
    let alone = snapshot.get(&key("large")?).await?.map(|value| value.len());
    demand_equal("a snapshot has the whole of a large value", &alone, &Some(size))?;
    let within = snapshot.get_many(&vec![key("large")?; most]).await?;
    demand("values up to the limit are returned", within.iter().flatten().count() == most, within.len())?;
    drop(within);
    let over = snapshot.get_many(&vec![key("large")?; most + 1]).await.map(|values| values.len());
    demand_error("a get_many over the limit of bytes", over, ErrorKind::TooLarge).map(drop)
}

pub async fn a_snapshot_answers_many_requests_like_the_store(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let large = vec![7; 5_000];
    // The longest key there is stands just before the bounds that are longer.
    let longest = [b'a'; MAX_KEY_BYTES];
    let written: Vec<(&[u8], &[u8])> = vec![
        (b"B", b"1"),
        (b"a", b"2"),
        (b"a\0", b""),
        (&longest, b"3"),
        (b"b", &large),
        (b"c", b"4"),
        (b"\xff", b"5"),
    ];
    let store = lab.store_with(&written).await?;
    let snapshot = store.snapshot().await?;
    let long = |byte: u8| Bytes::from(vec![byte; MAX_KEY_BYTES + 1]);
    let ranges = [
        KeyRange::new("b", Some("d".into())),
        KeyRange::all(),
        KeyRange::new("x", Some("z".into())),
        KeyRange::new("a", Some("b".into())),
        KeyRange::new(long(b'a'), None),
        KeyRange::new("", Some(long(b'b'))),
        KeyRange::new(long(0xFF), None),
        KeyRange::new("z", Some("a".into())),
    ];
    let requests: Vec<ScanRequest> = ranges
        .into_iter()
        .map(ScanRequest::new)
        .flat_map(|one| [one.clone().max_items(2), one.clone().reverse(), one.clone().keys_only(), one])
        .collect();
    let many: Vec<ScanRequest> = requests.iter().cycle().take(MAX_SCAN_REQUESTS).cloned().collect();
    for asked in [&[][..], &requests, &many] {
        let (then, now) = (snapshot.scan_many(asked).await?, store.scan_many(asked).await?);
        demand_equal("a snapshot answers as many requests as the store", &then.len(), &asked.len())?;
        for ((then, now), request) in then.iter().zip(&now).zip(asked) {
            let alone = snapshot.scan(request).await?;
            let same = then.iter().eq(now.iter()) && alone.iter().eq(now.iter());
            demand("each page of a snapshot is that of the store", same, (request, then, now))?;
        }
    }
    let over: Vec<ScanRequest> = requests.iter().cycle().take(MAX_SCAN_REQUESTS + 1).cloned().collect();
    let over = snapshot.scan_many(&over).await.map(|pages| pages.len());
    demand_error("a scan_many of a snapshot over the limit", over, ErrorKind::TooLarge).map(drop)
}

pub async fn snapshots_each_have_their_own_state(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store().await?;
    let mut snapshots = Vec::new();
    for round in 0..10_u8 {
        store.apply(puts(&[([round], "")])?).await?;
        snapshots.push(store.snapshot().await?);
    }
    for (taken, snapshot) in snapshots.iter().enumerate().rev() {
        demand_equal(
            "each snapshot has what was there when it was taken",
            &everything(&**snapshot).await?.len(),
            &(taken + 1),
        )?;
    }
    Ok(())
}

pub async fn a_snapshot_after_close_answers_or_says_closed(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store_with(BEFORE).await?;
    let snapshot = store.snapshot().await?;
    store.close().await?;
    match snapshot.get(&key("a")?).await {
        Ok(value) => demand_equal("a snapshot answers what it had", &value, &Some(Bytes::from_static(b"1"))),
        Err(error) => demand("or says that the store was closed", error.kind() == ErrorKind::Closed, &error),
    }
}

pub async fn an_unclaimed_snapshot_is_unsupported(lab: &Lab) -> Outcome {
    let store = lab.store_with(BEFORE).await?;
    let result = store.snapshot().await;
    if lab.claims().snapshots() {
        let age = lab.claims().snapshot_max_age();
        demand(
            "a snapshot may be read for a second at the least",
            age.is_none_or(|age| age >= Duration::from_secs(1)),
            age,
        )?;
        return result.map(drop).map_err(Violation::from);
    }
    demand_error("a snapshot where none are claimed", result.map(drop), ErrorKind::Unsupported)?;
    demand_equal("it has no effect", &everything(&*store).await?, &entries(BEFORE))
}
