//! Closing: waits for what is under way, may be repeated, and makes every later call `Closed`.

use std::sync::Arc;

use codestrata_core::{Batch, Error, ErrorKind, KeyRange, OpenMode, Result, ScanRequest, Stats};

use crate::lab::{apply, everything, key, puts};
use crate::violation::{Outcome, demand, demand_error};
use crate::{Lab, Violation};

pub async fn every_later_call_says_closed(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    store.close().await?;
    let all = ScanRequest::new(KeyRange::all());
    let k = key("k")?;
    let calls: [(&str, Result<()>); 8] = [
        ("get", store.get(&k).await.map(drop)),
        ("get_many of nothing", store.get_many(&[]).await.map(drop)),
        ("scan", store.scan(&all).await.map(drop)),
        ("scan_many", store.scan_many(std::slice::from_ref(&all)).await.map(drop)),
        ("apply", store.apply(puts(&[("k", "2")])?).await),
        ("apply of nothing", store.apply(Batch::new()).await),
        ("flush", store.flush().await),
        ("apply of a question", store.apply(Batch::new().require_absent(k)).await),
    ];
    for (name, result) in calls {
        demand_error(&format!("{name} after close"), result, ErrorKind::Closed)?;
    }
    match store.stats().await {
        // An engine without figures has none to be asked for.
        Ok(none) if none == Stats::default() => {}
        other => drop(demand_error("stats after close", other, ErrorKind::Closed)?),
    }
    let snapshot = store.snapshot().await.map(drop);
    let kind = if lab.claims().snapshots() { ErrorKind::Closed } else { ErrorKind::Unsupported };
    match snapshot {
        // Which of two reasons comes first is free.
        Err(closed) if closed.kind() == ErrorKind::Closed => Ok(()),
        other => demand_error("a snapshot after close", other, kind).map(drop),
    }
}

pub async fn closed_comes_before_what_is_wrong_with_the_call(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    store.close().await?;
    let too_long = vec![0; lab.claims().max_value_bytes() + 1];
    let too_large = store.apply(Batch::new().put(key("k")?, too_long)).await;
    demand_error("a batch over the limit, after close", too_large, ErrorKind::Closed)?;
    let too_many = vec![key("k")?; codestrata_core::limits::MAX_GET_KEYS + 1];
    let many = store.get_many(&too_many).await.map(drop);
    demand_error("a get_many of too many keys, after close", many, ErrorKind::Closed)?;
    let refused = store.apply(Batch::new().require_absent(key("k")?)).await;
    demand_error("a batch whose precondition fails, after close", refused, ErrorKind::Closed).map(drop)
}

pub async fn closing_twice_succeeds(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    for _ in 0..3 {
        store.close().await?;
    }
    Ok(())
}

pub async fn calls_under_way_end_well(lab: &Lab) -> Outcome {
    for round in 0..5_u8 {
        let place = lab.place();
        let store = place.open(OpenMode::Create).await?;
        let tasks: Vec<_> = (0..8_u8)
            .map(|task| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for number in 0..=u8::MAX {
                        match apply(&*store, &puts(&[([task, number], "")])?).await {
                            Ok(()) => acknowledged.push([task, number]),
                            Err(closed) if closed.kind() == ErrorKind::Closed => break,
                            Err(other) => return Err(other),
                        }
                        store
                            .scan(&ScanRequest::new(KeyRange::all()))
                            .await
                            .map(drop)
                            .or_else(unless_closed)?;
                    }
                    Ok(acknowledged)
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(round) * 3)).await;
        store.close().await?;
        let mut acknowledged = Vec::new();
        for task in tasks {
            acknowledged.extend(
                task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))??,
            );
        }
        if lab.claims().persistent() {
            let again = place.open(OpenMode::Existing).await?;
            let kept: Vec<_> = everything(&*again).await?.into_iter().map(|(name, _)| name).collect();
            let lost: Vec<_> =
                acknowledged.iter().filter(|name| !kept.iter().any(|kept| kept == &name[..])).collect();
            demand("what was acknowledged while the store closed is kept", lost.is_empty(), &lost)?;
        }
    }
    Ok(())
}

fn unless_closed(error: Error) -> Result<()> {
    if error.kind() == ErrorKind::Closed { Ok(()) } else { Err(error) }
}

pub async fn closing_from_several_tasks_succeeds(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.close().await })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))??;
    }
    demand_error("a read after it", store.get(&key("k")?).await, ErrorKind::Closed).map(drop)
}

pub async fn a_closed_store_neither_compacts_nor_checks(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    store.close().await?;
    for (name, result) in [("compact", store.compact().await), ("verify", store.verify().await)] {
        match result {
            // Which of two reasons comes first is free.
            Err(not) if not.kind() == ErrorKind::Unsupported => {}
            other => drop(demand_error(&format!("{name} after close"), other, ErrorKind::Closed)?),
        }
    }
    Ok(())
}

pub async fn what_is_acknowledged_before_close_returns_is_closed_after(lab: &Lab) -> Outcome {
    for round in 0..6_u8 {
        let place = lab.place();
        let store = place.open(OpenMode::Create).await?;
        let large: Vec<_> = (0..4_000_u16).map(|number| (number.to_be_bytes(), [round; 40])).collect();
        let batch = puts(&large)?;
        let writer = Arc::clone(&store);
        let task = tokio::spawn(async move { writer.apply(batch).await });
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        store.close().await?;
        // Whatever the call comes to, it has come to it now: close waited for it.
        let closed = store.get(&key("k")?).await;
        demand_error("a read after close, while a batch was under way", closed, ErrorKind::Closed)?;
        let applied =
            match crate::cases::threads::joined("a batch under way while the store closes", task).await? {
                Ok(()) => true,
                Err(closed) if closed.kind() == ErrorKind::Closed => false,
                Err(other) => return Err(other.into()),
            };
        if lab.claims().persistent() {
            let again = place.open(OpenMode::Existing).await?;
            let found = everything(&*again).await?.len();
            demand(
                "a batch that was under way while the store closed is there if it was acknowledged, else not at all",
                found == if applied { large.len() } else { 0 },
                (applied, found),
            )?;
        }
    }
    Ok(())
}
