//! A medium without room, and a process without files.

use codestrata_core::OpenMode;

use crate::Lab;
use crate::child::Child;
use crate::lab::{everything, puts};
use crate::violation::{Outcome, demand, demand_equal};
use crate::workload::{batch, count_batches};

pub async fn a_full_medium_is_full_and_loses_nothing(lab: &Lab) -> Outcome {
    // Entries of one batch.
    const WIDTH: usize = 50;
    if !lab.claims().persistent() {
        return lab.not_applicable("the backend keeps nothing on a medium");
    }
    let place = lab.place();
    let said = Child::start(&place, "full")?.finish().await?;
    let last = said.last().map(String::as_str).unwrap_or_default();
    if last == "unlimited" {
        return lab.not_applicable("no file of the store grew until a limit on the size of files was met");
    }
    if last.starts_with("gave up") {
        println!("the store was `poisoned` by a full medium, which is allowed; one that says `full` goes on");
    }
    let expected: usize = last.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
    let store = place.open(OpenMode::Existing).await?;
    let found = everything(&*store).await?.len();
    let more = if last.starts_with("gave up") { WIDTH } else { 0 };
    demand(
        "what was acknowledged before the medium was full is there, and at most the batch that failed",
        found == expected || found == expected + more,
        format_args!("{found} entries, {expected} acknowledged"),
    )?;
    store.apply(puts(&[("last", "value")])?).await?;
    Ok(store.close().await?)
}

pub async fn being_out_of_files_is_an_error_and_loses_nothing(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() || !cfg!(target_os = "linux") {
        return lab.not_applicable("the backend opens no files, or this system does not count them");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..5 {
        store.apply(batch(number)?).await?;
    }
    store.close().await?;
    drop(store);
    let said = Child::start(&place, "files")?.finish().await?;
    let well =
        said.last().and_then(|line| line.strip_prefix("well ")).and_then(|count| count.parse::<u32>().ok());
    demand("with files enough the store works", well.is_some_and(|well| well > 0), &said)?;
    let store = place.open(OpenMode::Existing).await?;
    store.apply(codestrata_core::Batch::new().delete(crate::lab::key("k")?)).await?;
    demand_equal("being out of files loses nothing", &count_batches(&*store).await?, &5)?;
    Ok(store.close().await?)
}
