//! A medium that is full and a process that is out of files, by limits that a process sets itself.

use codestrata_core::{Batch, ErrorKind, OpenMode};

use crate::child::{Stage, say};
use crate::lab::{Entries, everything, key, puts};
use crate::violation::{Outcome, Violation, demand, demand_equal};
use crate::workload::strongest;

/// Puts of so many values in one batch, numbered from the first.
fn values(first: usize, count: usize) -> Outcome<(Batch, Entries)> {
    let entries: Vec<_> =
        (first..first + count).map(|at| (format!("{at:08}"), vec![at.to_le_bytes()[0]; 1_000])).collect();
    Ok((puts(&entries)?, crate::lab::entries(&entries)))
}

/// The largest file of the store, in bytes.
#[cfg(unix)]
fn largest(stage: &Stage) -> Outcome<u64> {
    Ok(stage
        .place
        .bytes()?
        .values()
        .map(Vec::len)
        .max()
        .and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or(0))
}

#[cfg(not(unix))]
pub(super) async fn fill_the_medium(_: Stage) -> Outcome {
    say("unlimited");
    Ok(())
}

#[cfg(not(unix))]
pub(super) async fn run_out_of_files(_: Stage) -> Outcome {
    say("unlimited");
    Ok(())
}

/// Writes until files may not grow any more, and on once they may. Says `unlimited` where that is never met,
/// `went on` where the store went on, and `gave up` where it has to be opened anew.
#[cfg(unix)]
pub(super) async fn fill_the_medium(stage: Stage) -> Outcome {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Not a multiple of any page, so that the last write is a short one.
    const ROOM: u64 = 1_500_011;
    const MOST: usize = 40_000;
    let unlimited = getrlimit(Resource::Fsize);
    let limit = |limit: Rlimit| {
        setrlimit(Resource::Fsize, limit)
            .map_err(|error| Violation::new("the suite can limit itself", error.to_string()))
    };
    let store = stage.place.open(OpenMode::Create).await?;
    let durability = strongest(&*store);
    let (first, mut expected) = values(0, 20)?;
    store.apply(first.durability(durability)).await?;
    limit(Rlimit { current: Some(largest(&stage)? + ROOM), ..unlimited })?;
    let full = loop {
        let (batch, entries) = values(expected.len(), 50)?;
        match store.apply(batch.durability(durability)).await {
            Ok(()) => expected.extend(entries),
            Err(error) => break Some(error),
        }
        if expected.len() > MOST {
            break None;
        }
    };
    let Some(full) = full else {
        say("unlimited");
        return Ok(());
    };
    demand(
        "a full medium is the error `full`, or `poisoned` where it was noticed too late to go on",
        matches!(full.kind(), ErrorKind::Full | ErrorKind::Poisoned),
        format_args!("{}: {full}", full.kind()),
    )?;
    demand(
        "an error that comes from the system keeps it as its source",
        std::error::Error::source(&full).is_some(),
        &full,
    )?;
    if full.kind() == ErrorKind::Poisoned {
        let read = store.get(&key("00000000")?).await.map(drop);
        demand(
            "a poisoned store says so at every call",
            read.as_ref().is_err_and(|error| error.kind() == ErrorKind::Poisoned),
            &read,
        )?;
        // It may be that what is poisoned cannot end its work. The process must, then.
        say(format_args!("gave up {}", expected.len()));
        std::process::exit(0);
    }
    demand_equal(
        "a batch that found no room left nothing, and reads go on",
        &everything(&*store).await?,
        &expected,
    )?;
    let (large, more) = values(expected.len(), 3_000)?;
    let again = store.apply(large.clone().durability(durability)).await;
    demand(
        "a medium that is still full is still `full`",
        again.as_ref().is_err_and(|error| error.kind() == ErrorKind::Full),
        &again,
    )?;
    limit(unlimited)?;
    store.apply(large.durability(durability)).await?;
    expected.extend(more);
    demand_equal("once there is room, writes go on", &everything(&*store).await?, &expected)?;
    store.close().await?;
    say(format_args!("went on {}", expected.len()));
    Ok(())
}

/// Opens and uses the store with ever more open files allowed, from none. Says how many of these lives went well.
#[cfg(unix)]
pub(super) async fn run_out_of_files(stage: Stage) -> Outcome {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const MOST: u64 = 24;
    let unlimited = getrlimit(Resource::Nofile);
    let open = std::fs::read_dir("/proc/self/fd").map_or(16, Iterator::count);
    let open = u64::try_from(open).unwrap_or(16);
    let mut well = 0;
    for more in 0..MOST {
        say(format_args!("with {more} more"));
        let limited = Rlimit { current: Some(open + more), ..unlimited };
        setrlimit(Resource::Nofile, limited)
            .map_err(|error| Violation::new("the suite can limit itself", error.to_string()))?;
        let life = live(&stage).await;
        setrlimit(Resource::Nofile, unlimited)
            .map_err(|error| Violation::new("the suite can lift its limit", error.to_string()))?;
        match life {
            Ok(()) => well += 1,
            Err(error) => demand(
                "having no more open files is no damage, no absence and no mistake in the configuration",
                !matches!(
                    error.kind(),
                    ErrorKind::Corruption
                        | ErrorKind::NotFound
                        | ErrorKind::InvalidConfig
                        | ErrorKind::InvalidArgument
                ),
                format_args!("{}: {error}", error.kind()),
            )?,
        }
    }
    say(format_args!("well {well}"));
    Ok(())
}

#[cfg(unix)]
async fn live(stage: &Stage) -> codestrata_core::Result<()> {
    let store = stage.place.open(OpenMode::Existing).await?;
    let written = store.apply(puts(&[("k", "1")])?).await;
    let read = store.get(&key("k")?).await.map(drop);
    // Whatever happened, nothing stays open for the next life.
    store.close().await.and(written).and(read)
}
