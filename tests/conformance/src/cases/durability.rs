//! What is there after the process that wrote it was killed.
//!
//! `CODESTRATA_KILL_ROUNDS` says how often a process is killed at a random moment in each case that does so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use codestrata_core::OpenMode;

use crate::Lab;
use crate::child::Child;
use crate::lab::{Entries, Place, everything, puts};
use crate::random::Random;
use crate::violation::{Outcome, Violation, demand, demand_equal};
use crate::workload::{batches_at, count_batches, entries_of, state_of};

/// How often something is tried that depends on the moment.
fn rounds() -> u64 {
    std::env::var("CODESTRATA_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

const NOTHING_KEPT: &str = "the backend does not claim to be persistent";

/// Runs the steps in another process, which is killed after the last one.
async fn killed_after(place: &Place, steps: &str) -> Outcome {
    let mut child = Child::start(place, &format!("script {steps}"))?;
    child.until("ready").await?;
    child.kill().await.map(drop)
}

/// What is there when the store is opened again.
async fn found(place: &Place) -> Outcome<Entries> {
    let store = place.open(OpenMode::Existing).await.map_err(|error| {
        Violation::new("a store whose process was killed opens again", format!("{}: {error}", error.kind()))
    })?;
    let found = everything(&*store).await?;
    store.close().await?;
    Ok(found)
}

/// The entries of these batches.
fn of(numbers: impl IntoIterator<Item = u32>) -> Entries {
    numbers.into_iter().flat_map(entries_of).collect()
}

/// Demands that after the steps and a kill exactly so many batches are there. `is_flushed` says that the steps promise
/// it of an engine without synced batches, too; otherwise such an engine may have lost the last of them.
async fn demand_batches(lab: &Lab, steps: &str, count: u32, is_flushed: bool, what: &str) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, steps).await?;
    let there = batches_at(&place, OpenMode::Create).await?;
    let promised = lab.claims().synced() || is_flushed;
    demand(
        what,
        if promised { there == count } else { there <= count },
        format_args!("{there} of {count} batches"),
    )
}

pub async fn synced_batches_survive_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "synced=0..5", 5, false, "what was acknowledged as synced survives a kill").await
}

pub async fn one_synced_batch_survives_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "synced=0..1", 1, false, "the first batch of a store, once synced, survives a kill")
        .await
}

pub async fn a_thousand_synced_batches_survive_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "synced=0..1000", 1_000, false, "every synced batch survives a kill").await
}

pub async fn flushed_batches_survive_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "buffered=0..5 flush", 5, true, "what was flushed survives a kill").await
}

pub async fn a_flush_covers_what_came_since_the_last(lab: &Lab) -> Outcome {
    let steps = "buffered=0..3 flush buffered=3..6 flush flush";
    demand_batches(lab, steps, 6, true, "every flush covers what was acknowledged before it").await
}

pub async fn closed_batches_survive_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "buffered=0..5 close", 5, true, "what was there at a close survives a kill after it")
        .await
}

pub async fn dropping_a_store_keeps_what_was_synced_through_a_kill(lab: &Lab) -> Outcome {
    demand_batches(lab, "synced=0..5 drop", 5, false, "dropping a store loses nothing that was synced").await
}

pub async fn buffered_batches_lose_a_suffix_only(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, "buffered=0..40").await?;
    // That they are the first ones, and whole, is checked while they are counted.
    let there = batches_at(&place, OpenMode::Create).await?;
    demand("no more batches are there than were written", there <= 40, there)
}

pub async fn a_synced_batch_carries_the_buffered_ones_before_it(lab: &Lab) -> Outcome {
    let steps = "buffered=0..8 synced=8..9";
    demand_batches(lab, steps, 9, false, "no buffered batch is lost from before a synced one").await
}

pub async fn a_buffered_batch_after_a_synced_one_harms_nothing(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, "synced=0..4 buffered=4..8").await?;
    let there = batches_at(&place, OpenMode::Create).await?;
    let least = if lab.claims().synced() { 4 } else { 0 };
    demand("the synced batches are there, and buffered ones in order", (least..=8).contains(&there), there)
}

/// Demands that after the steps and a kill these are there, on engines that sync.
async fn demand_exactly(lab: &Lab, steps: &str, expected: Entries, what: &str) -> Outcome {
    if !lab.claims().synced() {
        return lab.not_applicable("the backend does not claim that batches are synced");
    }
    let place = lab.place();
    killed_after(&place, steps).await?;
    demand_equal(what, &found(&place).await?, &expected)
}

pub async fn deletes_survive_a_kill(lab: &Lab) -> Outcome {
    demand_exactly(lab, "synced=0..4 delete=1", of([0, 2, 3]), "what was deleted does not come back").await
}

pub async fn deleted_ranges_survive_a_kill(lab: &Lab) -> Outcome {
    demand_exactly(lab, "synced=0..4 range=2", of([0, 1, 3]), "what a range deleted does not come back").await
}

pub async fn overwritten_values_survive_a_kill(lab: &Lab) -> Outcome {
    let mut expected: BTreeMap<_, _> = of(0..3).into_iter().collect();
    for (name, _) in entries_of(1) {
        expected.insert(name, "new".into());
    }
    let what = "an old value does not come back";
    demand_exactly(lab, "synced=0..3 overwrite=1", expected.into_iter().collect(), what).await
}

pub async fn a_batch_put_again_after_its_deletion_survives_a_kill(lab: &Lab) -> Outcome {
    let steps = "synced=0..3 delete=1 synced=1..2 range=0 synced=0..1";
    demand_exactly(lab, steps, of(0..3), "the last of several changes of a key is the one that stays").await
}

pub async fn a_large_synced_batch_survives_a_kill(lab: &Lab) -> Outcome {
    if !lab.claims().synced() {
        return lab.not_applicable("the backend does not claim that batches are synced");
    }
    let place = lab.place();
    killed_after(&place, "large=7..8000").await?;
    let found = found(&place).await?;
    let right = (0_u32..)
        .zip(&found)
        .all(|(at, (_, value))| value.len() == 1_000 && value.first() == at.to_le_bytes().first());
    demand("a batch of eight megabytes is there to its last byte", found.len() == 8_000 && right, found.len())
}

pub async fn a_large_batch_is_whole_or_absent_whenever_it_is_killed(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let mut random = Random::seeded(4);
    for round in 0..rounds() {
        let place = lab.place();
        let mut child = Child::start(&place, "script synced=0..1 large=7..6000")?;
        child.until("large").await?;
        child.kill_after(Duration::from_micros(random.number() % 60_000)).await?;
        let there =
            found(&place).await?.iter().filter(|(name, _)| name.starts_with(&7_u32.to_be_bytes())).count();
        demand(
            "a batch is whole or absent, whenever its process is killed",
            there == 0 || there == 6_000,
            (round, there),
        )?;
    }
    Ok(())
}

pub async fn a_process_that_exits_without_closing_loses_nothing_synced(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    Child::start(&place, "script synced=0..6 exit")?.finish().await?;
    let there = batches_at(&place, OpenMode::Create).await?;
    let promised = lab.claims().synced();
    demand("what was synced is there after exit()", if promised { there == 6 } else { there <= 6 }, there)
}

pub async fn recovery_changes_nothing_the_second_time(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, "synced=0..6 delete=2 buffered=6..9").await?;
    let first = found(&place).await?;
    for _ in 0..3 {
        demand_equal("opening a recovered store again changes nothing", &found(&place).await?, &first)?;
    }
    // Nor if it was dropped, and not closed.
    drop(place.open(OpenMode::Existing).await?);
    demand_equal("nor does dropping it", &found(&place).await?, &first)
}

pub async fn a_recovered_store_takes_writes_and_keeps_both(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, "synced=0..3").await?;
    let there = batches_at(&place, OpenMode::Create).await?;
    killed_after(&place, &format!("synced={there}..{}", there + 3)).await?;
    let after = batches_at(&place, OpenMode::Create).await?;
    demand(
        "what is written after a recovery joins what was there before it",
        if lab.claims().synced() { after == 6 } else { (there..=there + 3).contains(&after) },
        (there, after),
    )
}

pub async fn a_reader_finds_what_a_killed_writer_synced(lab: &Lab) -> Outcome {
    if !lab.claims().synced() {
        return lab.not_applicable("the backend does not claim that batches are synced");
    }
    let place = lab.place();
    killed_after(&place, "synced=0..5 buffered=5..7").await?;
    let there = batches_at(&place, OpenMode::ReadOnly).await?;
    demand("a reader finds every synced batch", (5..=7).contains(&there), there)?;
    let again = batches_at(&place, OpenMode::Create).await?;
    demand("a writer finds them after it", (5..=7).contains(&again), again)
}

/// Kills writers at random moments. The place keeps what they wrote from one to the next, unless `anew`.
async fn kill_writers(lab: &Lab, seed: u64, role: &str, times: std::ops::Range<u64>, anew: bool) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let mut random = Random::seeded(seed);
    let mut place = lab.place();
    let mut before = 0;
    for round in 0..rounds() {
        // A store that has grown takes its time to be read.
        if (anew || round % 10 == 9) && round > 0 {
            place = lab.place();
            before = 0;
        }
        let mut child = Child::start(&place, role)?;
        child.until(if anew { "opening" } else { "open" }).await?;
        let time = Duration::from_micros(times.start + random.number() % (times.end - times.start));
        let said = child.kill_after(time).await?;
        let acknowledged =
            said.iter().filter_map(|line| line.parse::<u32>().ok()).max().map_or(before, |last| last + 1);
        // A store that is not synced may lose the last batches, but none that an earlier recovery had found.
        let least = if role.contains("synced") && !lab.claims().synced() || role.contains("buffered") {
            before
        } else {
            acknowledged
        };
        let there = batches_at(&place, OpenMode::Create).await?;
        demand(
            "every acknowledged batch survives a kill, and at most one more is there",
            (least..=acknowledged + 1).contains(&there),
            format_args!("round {round}: {there} batches, {acknowledged} acknowledged, {before} before"),
        )?;
        demand_equal(
            "opening again changes nothing",
            &batches_at(&place, OpenMode::Existing).await?,
            &there,
        )?;
        before = there;
    }
    Ok(())
}

pub async fn acknowledged_batches_survive_a_kill_at_any_moment(lab: &Lab) -> Outcome {
    kill_writers(lab, 1, "write synced", 5_000..60_000, false).await
}

pub async fn buffered_batches_survive_a_kill_up_to_some_batch(lab: &Lab) -> Outcome {
    kill_writers(lab, 2, "write buffered", 5_000..60_000, false).await
}

pub async fn a_kill_during_a_flush_loses_nothing_flushed(lab: &Lab) -> Outcome {
    kill_writers(lab, 3, "write flushed", 1_000..40_000, false).await
}

pub async fn a_kill_during_a_compaction_loses_nothing(lab: &Lab) -> Outcome {
    kill_writers(lab, 5, "write synced 3", 1_000..60_000, false).await
}

pub async fn a_store_killed_while_it_is_made_opens(lab: &Lab) -> Outcome {
    kill_writers(lab, 6, "write synced", 100..12_000, true).await
}

pub async fn batches_that_replace_and_delete_are_whole_after_a_kill(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    let mut random = Random::seeded(8);
    let mut before = 0;
    for round in 0..rounds() {
        let mut child = Child::start(&place, "rewrite")?;
        child.until("open").await?;
        let said = child.kill_after(Duration::from_micros(1_000 + random.number() % 50_000)).await?;
        let acknowledged = said.iter().filter_map(|line| line.parse().ok()).max().unwrap_or(before);
        let store = place.open(OpenMode::Existing).await?;
        let there = state_of(&*store).await?;
        store.close().await?;
        let least = if lab.claims().synced() { acknowledged } else { before };
        demand(
            "the last acknowledged state is there, or the next one",
            (least..=acknowledged + 1).contains(&there),
            format_args!("round {round}: state {there}, {acknowledged} acknowledged, {before} before"),
        )?;
        before = there;
    }
    Ok(())
}

pub async fn stores_killed_while_they_are_made_leave_no_rubbish(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    // What stands beside one another where a store was made in peace.
    let beside = |place: &Place| -> Outcome<BTreeSet<PathBuf>> {
        Ok(place
            .files()?
            .iter()
            .filter_map(|file| file.components().next())
            .map(|first| first.as_os_str().into())
            .collect())
    };
    let peaceful = lab.place();
    killed_after(&peaceful, "synced=0..1").await?;
    batches_at(&peaceful, OpenMode::Create).await?;
    if peaceful.is_untouched() {
        return lab.not_applicable("the backend keeps no files");
    }
    let usual = beside(&peaceful)?;
    let mut random = Random::seeded(9);
    let place = lab.place();
    for _ in 0..rounds() * 2 {
        let mut child = Child::start(&place, "write synced")?;
        child.until("opening").await?;
        child.kill_after(Duration::from_micros(random.number() % 6_000)).await?;
    }
    batches_at(&place, OpenMode::Create).await?;
    let more: Vec<_> = beside(&place)?.difference(&usual).cloned().collect();
    demand("what a killed making left behind is gone when the store is opened", more.is_empty(), &more)
}

pub async fn a_killed_recovery_can_be_repeated(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NOTHING_KEPT);
    }
    let place = lab.place();
    killed_after(&place, "synced=0..200 buffered=200..220").await?;
    let mut random = Random::seeded(7);
    for _ in 0..rounds() {
        // Killed while it opens, or soon after.
        let mut child = Child::start(&place, "write synced")?;
        child.until("opening").await?;
        child.kill_after(Duration::from_micros(random.number() % 8_000)).await?;
    }
    let store = place.open(OpenMode::Existing).await?;
    let there = count_batches(&*store).await?;
    let least = if lab.claims().synced() { 200 } else { 0 };
    demand("a recovery that is killed again and again loses nothing", there >= least, there)?;
    store.apply(puts(&[("last", "value")])?).await?;
    Ok(store.close().await?)
}
