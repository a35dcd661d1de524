//! Snapshots: one state for as long as they are kept, whatever happens beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use codestrata_core::{
    Backend, Batch, Bytes, Durability, ErrorKind, KeyRange, OpenMode, ReadView, ScanRequest,
};

use crate::Lab;
use crate::cases::isolation::an_unclaimed_snapshot_is_unsupported;
use crate::cases::oracle::{demand_page, demand_walk};
use crate::cases::scan::{BOUNDS, shaped, shapes};
use crate::cases::threads::{elsewhere, ends, joined, one_thread};
use crate::lab::{Entries, entries, everything, key, puts, walk};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::{Violation, bare};

const BEFORE: &[(&str, &str)] = &[("a", "1"), ("b", ""), ("c", "3")];

/// Demands that every kind of read answers with the state before, which has keys from `a` to `c`.
async fn demand_before(view: &dyn ReadView, when: &str) -> Outcome {
    let before = entries(BEFORE);
    let what = |read: &str| format!("{read} of a snapshot is of its own state {when}");
    let names = [key("a")?, key("aa")?, key("b")?, key("c")?, key("z")?];
    let expected: Vec<Option<Bytes>> = names
        .iter()
        .map(|name| before.iter().find(|(own, _)| own == name.as_slice()).map(|(_, value)| value.clone()))
        .collect();
    demand_equal(&what("get_many"), &view.get_many(&names).await?, &expected)?;
    for (name, value) in names.iter().zip(&expected) {
        demand_equal(&what("get"), &view.get(name).await?, value)?;
    }
    let all = ScanRequest::new(KeyRange::all());
    let requests = [
        all.clone(),
        all.clone().reverse(),
        all.clone().max_items(1),
        all.clone().max_items(1).reverse().keys_only(),
        all.over(KeyRange::new("aa", Some("c".into()))),
        all.over(KeyRange::new("z", None)),
    ];
    for request in &requests {
        demand_walk(view, request, &before).await?;
    }
    let pages = view.scan_many(&requests).await?;
    demand_equal(&what("scan_many"), &pages.len(), &requests.len())?;
    for (page, request) in pages.iter().zip(&requests) {
        demand_page(page, request, &before)?;
    }
    Ok(())
}

pub async fn every_read_of_a_snapshot_is_of_its_state(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let changes = [
        ("after a put of a new key", puts(&[("aa", "new"), ("z", "new")])?),
        ("after a value was replaced", puts(&[("a", "changed"), ("b", "no longer empty"), ("c", "")])?),
        ("after a delete", Batch::new().delete(key("b")?)),
        ("after a range was deleted", Batch::new().delete_range(KeyRange::new("a", Some("bb".into())))),
        ("after everything was deleted", Batch::new().delete_range(KeyRange::all())),
        ("after everything was replaced", Batch::new().delete_range(KeyRange::all()).put(key("a")?, "other")),
    ];
    for (when, change) in changes {
        let store = lab.store().await?;
        store.apply(puts(BEFORE)?).await?;
        let snapshot = store.snapshot().await?;
        store.apply(change).await?;
        demand_before(&*snapshot, when).await?;
        store.apply(puts(BEFORE)?).await?;
        store.apply(Batch::new().delete(key("c")?)).await?;
        demand_before(&*snapshot, "when more was written").await?;
    }
    Ok(())
}

pub async fn a_snapshot_answers_every_shape_of_request(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let written = shaped();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let snapshot = store.snapshot().await?;
    // What is new lies between the old keys.
    let later: Vec<_> =
        written.iter().map(|(name, _)| ([name.as_slice(), b"later"].concat(), "new")).collect();
    store.apply(puts(&later)?.delete(key("a")?)).await?;
    for request in shapes(BOUNDS) {
        demand_walk(&*snapshot, &request, &entries(&written)).await?;
    }
    Ok(())
}

pub async fn a_snapshot_of_nothing_stays_empty(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store().await?;
    let new = store.snapshot().await?;
    store.apply(puts(BEFORE)?).await?;
    let full = store.snapshot().await?;
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    let emptied = store.snapshot().await?;
    store.apply(puts(&[("later", "1")])?).await?;
    for (what, snapshot, expected) in [
        ("a new store", new, Entries::new()),
        ("a full one", full, entries(BEFORE)),
        ("an emptied one", emptied, Entries::new()),
    ] {
        let found = everything(&*snapshot).await?;
        demand_equal(&format!("a snapshot of {what} stays as it was"), &found, &expected)?;
    }
    Ok(())
}

pub async fn snapshots_outlive_many_batches_and_a_compaction(lab: &Lab) -> Outcome {
    const KEPT: u16 = 40;
    const LONG: Duration = Duration::from_secs(60);
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    if lab.claims().snapshot_max_age().is_some_and(|age| age < LONG) {
        return lab.not_applicable("snapshots are over their age before so many batches have come");
    }
    let store = lab.store().await?;
    let mut kept = Vec::new();
    for round in 0..KEPT * 10 {
        // Every value changes all the time, so that everything old is waste but for the snapshots.
        let name = [u8::try_from(round % 16).unwrap_or_default()];
        let value = vec![u8::try_from(round % 251).unwrap_or_default(); 2_000];
        store.apply(puts(&[(name, value)])?).await?;
        if round % 10 == 0 {
            let now = everything(&*store).await?;
            kept.push((store.snapshot().await?, now));
        }
    }
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    store.flush().await?;
    match store.compact().await {
        Ok(()) => {}
        // An engine may not be able to while there are snapshots.
        Err(not) if matches!(not.kind(), ErrorKind::Unsupported | ErrorKind::Unavailable) => {}
        Err(other) => return Err(other.into()),
    }
    // Not in the order in which they were taken, and fewer and fewer of them.
    while !kept.is_empty() {
        let (snapshot, then) = kept.swap_remove(kept.len() / 3);
        let same = everything(&*snapshot).await? == then;
        demand(
            "a snapshot stays as it was while hundreds of batches come, and a compaction",
            same,
            kept.len(),
        )?;
    }
    demand_equal("the store is as the last batch left it", &everything(&*store).await?.len(), &0)
}

pub async fn snapshots_come_and_go_without_end(lab: &Lab) -> Outcome {
    const TAKEN: u32 = 1_500;
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    let mut some = Vec::new();
    for number in 0..TAKEN {
        let snapshot = ends("taking a snapshot", store.snapshot()).await??;
        // One in three is read before it is dropped; some are kept a while.
        if number % 3 == 0 {
            demand("a snapshot has what was there", snapshot.get(&key("k")?).await?.is_some(), number)?;
        }
        some.push(snapshot);
        if some.len() == 50 {
            some.clear();
        }
    }
    drop(some);
    store.apply(puts(&[("k", "2")])?).await?;
    demand_equal("the store goes on", &everything(&*store).await?, &entries(&[("k", "2")]))?;
    ends("closing a store that had snapshots", store.close()).await?.map_err(Violation::from)
}

/// Reads a snapshot that was taken beside a writer in several ways, with a pause between, and says what it shows.
async fn one_round(store: &dyn Backend, width: u8) -> Outcome<Bytes> {
    let before = store.get(&key([7])?).await?.unwrap_or_default();
    let snapshot = store.snapshot().await?;
    // Read once the store has gone on; or after a while anyway, since the writer may have ended.
    for _ in 0..200 {
        tokio::task::yield_now().await;
        if store.get(&key([7])?).await?.unwrap_or_default() > before {
            break;
        }
    }
    let pages = ScanRequest::new(KeyRange::all()).max_items(7);
    let mut rounds: Vec<Bytes> = Vec::new();
    for request in [pages.clone(), pages.reverse()] {
        let found = walk(&*snapshot, &request).await?;
        demand_equal("a snapshot shows whole batches", &found.len(), &usize::from(width))?;
        rounds.extend(found.into_iter().map(|(_, value)| value));
        tokio::task::yield_now().await;
        rounds.push(snapshot.get(&key([width - 1])?).await?.unwrap_or_default());
    }
    rounds.dedup();
    demand_equal("all that is read of a snapshot is of one state, that of whole batches", &rounds.len(), &1)?;
    let now = rounds.pop().unwrap_or_default();
    demand("a snapshot shows every batch that was seen before it was taken", now >= before, (&now, &before))?;
    Ok(now)
}

pub async fn a_snapshot_beside_writers_shows_whole_batches(lab: &Lab) -> Outcome {
    const WIDTH: u8 = 40;
    const READS: u32 = 40;
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store().await?;
    let batch = |round: u32| puts(&(0..WIDTH).map(|at| ([at], round.to_be_bytes())).collect::<Vec<_>>());
    store.apply(batch(0)?).await?;
    let (theirs, reads) = (Arc::clone(&store), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&reads);
    let reader = tokio::spawn(async move {
        let mut last = Bytes::new();
        for _ in 0..READS {
            let now = one_round(&*theirs, WIDTH).await?;
            demand("a later snapshot shows no earlier state", now >= last, (&now, &last))?;
            last = now;
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Outcome::Ok(())
    });
    // Writing goes on for as long as is read beside it, but not ahead of it without end: an engine that keeps old
    // versions must not drown in them.
    let mut round = 0;
    while !reader.is_finished() {
        if round < (reads.load(Ordering::Relaxed) + 1) * 20 {
            round += 1;
            store.apply(batch(round)?.durability(Durability::Buffered)).await?;
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }
    joined("a snapshot beside batches", reader).await?
}

pub async fn a_snapshot_works_wherever_it_is_read(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let store = lab.store().await?;
    store.apply(puts(BEFORE)?).await?;
    let snapshot: Arc<dyn ReadView> = Arc::from(store.snapshot().await?);
    store.apply(Batch::new().delete_range(KeyRange::all())).await?;
    let theirs = Arc::clone(&snapshot);
    elsewhere(move || {
        bare::block_on(async move { demand_before(&*theirs, "on a thread without a runtime").await })
    })
    .await??;
    let theirs = Arc::clone(&snapshot);
    elsewhere(move || {
        one_thread(2)?.block_on(async move { demand_before(&*theirs, "in another runtime").await })
    })
    .await??;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let theirs = Arc::clone(&snapshot);
            tokio::spawn(async move { demand_before(&*theirs, "read by several tasks").await })
        })
        .collect();
    for task in tasks {
        joined("a read of a snapshot", task).await??;
    }
    // The last one to keep it drops it elsewhere.
    elsewhere(move || drop(snapshot)).await?;
    store.apply(puts(BEFORE)?).await?;
    demand_equal("the store goes on", &everything(&*store).await?, &entries(BEFORE))
}

pub async fn a_kept_snapshot_does_not_hold_up_closing(lab: &Lab) -> Outcome {
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(BEFORE)?).await?;
    let snapshot = store.snapshot().await?;
    ends("closing a store while a snapshot is kept", store.close()).await??;
    drop(store);
    if lab.claims().persistent() {
        let again =
            ends("opening a store whose old snapshot is kept", place.open(OpenMode::Existing)).await??;
        again.apply(Batch::new().delete_range(KeyRange::all())).await?;
        demand_equal("the store opened anew goes on", &everything(&*again).await?.len(), &0)?;
    }
    match demand_before(&*snapshot, "after its store was closed").await {
        Ok(()) => Ok(()),
        Err(violation) => {
            // It may say that the store was closed, but then every call does.
            let found = snapshot.get(&key("a")?).await;
            demand_error("or every read of it says so", found, ErrorKind::Closed).map_err(|_| violation)?;
            let page = snapshot.scan(&ScanRequest::new(KeyRange::all())).await;
            demand_error("a scan of a snapshot whose store was closed", page, ErrorKind::Closed).map(drop)
        }
    }
}

pub async fn an_expired_snapshot_is_unavailable(lab: &Lab) -> Outcome {
    // Longer than this nobody wants to wait in a test.
    const SOON: Duration = Duration::from_secs(3);
    if !lab.claims().snapshots() {
        return an_unclaimed_snapshot_is_unsupported(lab).await;
    }
    let place = lab.place();
    let options = lab.factory().with_short(place.options());
    let store = place.open_with(options, OpenMode::Create).await?;
    store.apply(puts(BEFORE)?).await?;
    let snapshot = store.snapshot().await?;
    let age = store.capabilities().snapshot_max_age();
    let Some(age) = age.filter(|age| *age <= SOON) else {
        demand_before(&*snapshot, "long before it is too old").await?;
        return lab
            .not_applicable(format!(
                "a snapshot may be read for {age:?}, and nobody waits for that here (Factory::with_short_snapshots)"
            ));
    };
    tokio::time::sleep(age + Duration::from_millis(100)).await;
    for _ in 0..2 {
        let found = snapshot.get(&key("a")?).await;
        demand_error("a get of a snapshot past the age that is claimed", found, ErrorKind::Unavailable)?;
        let page = snapshot.scan(&ScanRequest::new(KeyRange::all())).await;
        demand_error("a scan of a snapshot past the age that is claimed", page, ErrorKind::Unavailable)?;
    }
    demand_before(&*store.snapshot().await?, "when an older one has expired").await
}
