//! Several processes and one store.

use std::time::Duration;

use codestrata_core::{Batch, ErrorKind, OpenMode};

use crate::child::Child;
use crate::lab::{entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::workload::{batch, batches_at, count_batches, strongest};
use crate::{Lab, Violation};

const NOTHING_SHARED: &str = "the backend does not claim to be persistent, so processes share nothing";

pub async fn a_second_process_is_locked_out(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    if lab.claims().several_writers() {
        return lab.not_applicable("several writers are claimed, and tried by another case");
    }
    let place = lab.place();
    let mut child = Child::start(&place, "hold")?;
    child.until("ready").await?;
    for mode in [OpenMode::Create, OpenMode::Existing] {
        let refused = place.open(mode).await.map(drop);
        let error = demand_error("a second process that wants to write", refused, ErrorKind::Locked)?;
        demand("the error of a locked store has words about it", error.message().len() > 10, &error)?;
    }
    child.kill().await.map(drop)
}

pub async fn a_killed_process_leaves_no_lock(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    let place = lab.place();
    for _ in 0..3 {
        let mut child = Child::start(&place, "hold")?;
        child.until("ready").await?;
        child.kill().await?;
        let store = place.open(OpenMode::Existing).await.map_err(|error| {
            Violation::new("a lock ends with its process", format!("{}: {error}", error.kind()))
        })?;
        store.apply(puts(&[("after", "1")])?).await?;
        store.apply(Batch::new().delete(key("after")?)).await?;
        store.close().await?;
    }
    Ok(())
}

pub async fn a_closed_store_is_free_while_its_process_lives(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    let place = lab.place();
    let mut child = Child::start(&place, "hold closed")?;
    child.until("ready").await?;
    let there = batches_at(&place, OpenMode::Existing).await?;
    demand_equal("a store that another process closed opens, with what it wrote", &there, &1)?;
    child.kill().await.map(drop)
}

pub async fn a_store_closed_here_is_free_for_another_process(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(batch(0)?).await?;
    store.close().await?;
    // The handle is still there.
    let said = Child::start(&place, "try existing")?.finish().await?;
    demand_equal(
        "a closed store opens in another process",
        &said.first().map(String::as_str),
        &Some("opened 1"),
    )?;
    drop(store);
    Ok(())
}

pub async fn a_process_started_meanwhile_does_not_inherit_the_lock(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(batch(0)?).await?;
    let mut child = Child::start(&place, "idle")?;
    child.until("ready").await?;
    store.close().await?;
    drop(store);
    let there = batches_at(&place, OpenMode::Existing).await?;
    demand_equal("a process that was started beside an open store keeps nothing of it", &there, &1)?;
    child.kill().await.map(drop)
}

pub async fn processes_that_make_a_store_at_once_agree(lab: &Lab) -> Outcome {
    const PROCESSES: u8 = 3;
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    for _ in 0..2 {
        let place = lab.place();
        let mut children = Vec::new();
        for number in 0..PROCESSES {
            let mut child = Child::start(&place, &format!("race p{number}"))?;
            child.until("ready").await?;
            children.push(child);
        }
        let go = place.folder().with_extension("go");
        std::fs::write(go, "").map_err(|error| crate::place::trouble("write a file", error))?;
        for child in children {
            child.finish().await?;
        }
        let store = place.open(OpenMode::Existing).await?;
        let all = [("p0", "here"), ("p1", "here"), ("p2", "here")];
        demand_equal("each process's key is there", &everything(&*store).await?, &entries(&all))?;
        store.close().await?;
    }
    Ok(())
}

pub async fn a_reader_in_another_process_sees_whole_batches_as_they_come(lab: &Lab) -> Outcome {
    const BATCHES: u32 = 60;
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_SHARED);
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(batch(0)?.durability(strongest(&*store))).await?;
    if !lab.claims().readers_beside_writer() {
        let said = Child::start(&place, "try read-only")?.finish().await?;
        return demand_equal(
            "a reader beside a writer, where that is not claimed, is told that the store is locked",
            &said.first().map(String::as_str),
            &Some("refused Locked"),
        );
    }
    let mut child = Child::start(&place, &format!("follow {BATCHES}"))?;
    child.until("open").await?;
    for number in 1..BATCHES {
        store.apply(batch(number)?.durability(strongest(&*store))).await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    child.finish().await?;
    demand_equal("a reader does not disturb the writer", &count_batches(&*store).await?, &BATCHES)?;
    Ok(store.close().await?)
}

pub async fn a_reader_that_is_killed_does_not_disturb_the_writer(lab: &Lab) -> Outcome {
    if !lab.claims().readers_beside_writer() {
        return lab.not_applicable("readers beside a writer are not claimed");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(batch(0)?.durability(strongest(&*store))).await?;
    let mut child = Child::start(&place, "follow 1000000")?;
    child.until("open").await?;
    for number in 1..20 {
        store.apply(batch(number)?.durability(strongest(&*store))).await?;
    }
    child.kill().await?;
    for number in 20..40 {
        store.apply(batch(number)?.durability(strongest(&*store))).await?;
    }
    demand_equal("a killed reader leaves the writer as it was", &count_batches(&*store).await?, &40)?;
    store.close().await?;
    demand_equal("and the store", &batches_at(&place, OpenMode::Existing).await?, &40)
}

pub async fn writers_in_several_processes_lose_no_increment(lab: &Lab) -> Outcome {
    const EACH: u64 = 40;
    if !lab.claims().several_writers() {
        return lab.not_applicable("several writers are not claimed");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(Batch::new()).await?;
    let role = format!("count {EACH}");
    let (first, second) = (Child::start(&place, &role)?, Child::start(&place, &role)?);
    first.finish().await?;
    second.finish().await?;
    let value = store.get(&key("counter")?).await?;
    let count = value.as_deref().and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
    demand(
        "increments of two processes, each under the precondition that the counter is as it was read, all count",
        count == 2 * EACH,
        format_args!("the counter stands at {count} after {} increments", 2 * EACH),
    )
}

pub async fn a_process_that_cannot_have_the_store_changes_nothing(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() || lab.claims().several_writers() {
        return lab.not_applicable("nobody is locked out");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..10 {
        store.apply(batch(number)?).await?;
        if number % 3 == 0 {
            let said = Child::start(&place, "try create")?.finish().await?;
            demand_equal(
                "another writer is locked out",
                &said.first().map(String::as_str),
                &Some("refused Locked"),
            )?;
        }
    }
    demand_equal("who was locked out has changed nothing", &count_batches(&*store).await?, &10)?;
    store.close().await?;
    demand_equal("nor after the close", &batches_at(&place, OpenMode::Existing).await?, &10)
}
