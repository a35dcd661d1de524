//! What another process can do for a case. Each role is told in the words that follow its name.

use codestrata_core::{Backend, Batch, Durability, Error, ErrorKind, KeyRange, OpenMode};

use crate::cases::preconditions::increment;
use crate::child::{Stage, damaged, limited, say};
use crate::lab::{apply, key};
use crate::violation::{Outcome, Violation, demand, demand_equal};
use crate::workload::{batch, count_batches, entries_of, state, state_of, strongest};

pub(super) async fn play(role: &str, stage: Stage) -> Outcome {
    match role {
        "write" => write(stage).await,
        "script" => script(stage).await,
        "rewrite" => rewrite(stage).await,
        "hold" => hold(stage).await,
        "idle" => for_ever().await,
        "try" => attempt(stage).await,
        "race" => race(stage).await,
        "count" => count(stage).await,
        "follow" => follow(stage).await,
        "damaged" => damaged::open_images(stage).await,
        "full" => limited::fill_the_medium(stage).await,
        "files" => limited::run_out_of_files(stage).await,
        _ => Err(Violation::new("the suite knows what another process is for", format!("no role {role}"))),
    }
}

/// Says `ready` and does nothing until it is killed.
async fn for_ever() -> Outcome {
    say("ready");
    std::future::pending().await
}

/// Batch after batch from where the store ends, a line for each that is acknowledged, until it is killed. The words are
/// `synced`, `buffered` or `flushed`, and how many batches lie between two compactions.
async fn write(stage: Stage) -> Outcome {
    say("opening");
    let store = stage.place.open(OpenMode::Create).await?;
    let there = count_batches(&*store).await?;
    say("open");
    let durability = if stage.word(0) == "synced" { strongest(&*store) } else { Durability::Buffered };
    for number in there.. {
        store.apply(batch(number)?.durability(durability)).await?;
        if stage.word(0) == "flushed" {
            store.flush().await?;
        }
        say(number);
        if stage.number(1) > 0 && u64::from(number) % stage.number(1) == 0 {
            supported(store.compact().await)?;
        }
    }
    Ok(())
}

/// Replaces all that is there by the next state, again and again, a line for each that is acknowledged.
async fn rewrite(stage: Stage) -> Outcome {
    let store = stage.place.open(OpenMode::Create).await?;
    let there = state_of(&*store).await?;
    say("open");
    for number in there + 1.. {
        store.apply(state(number)?.durability(strongest(&*store))).await?;
        say(number);
    }
    Ok(())
}

fn supported(result: Result<(), Error>) -> Outcome {
    match result {
        Err(error) if error.kind() != ErrorKind::Unsupported => Err(error.into()),
        _ => Ok(()),
    }
}

/// A fixed sequence of steps, each a word; then it says `ready` and waits to be killed.
async fn script(stage: Stage) -> Outcome {
    let mut store = Some(stage.place.open(OpenMode::Create).await?);
    for step in stage.words.clone() {
        let (what, numbers) = step.split_once('=').unwrap_or((&step, ""));
        let (from, to) = numbers.split_once("..").unwrap_or((numbers, numbers));
        let (from, to): (u32, u32) = (from.parse().unwrap_or(0), to.parse().unwrap_or(0));
        if what == "drop" {
            store = None;
        } else if what == "exit" {
            // Without running any destructor.
            std::process::exit(0);
        } else if let Some(store) = &store {
            perform(&**store, what, from, to).await?;
        }
    }
    for_ever().await
}

async fn perform(store: &dyn Backend, what: &str, from: u32, to: u32) -> Outcome {
    let durability = strongest(store);
    match what {
        "synced" | "buffered" => {
            let durability = if what == "synced" { durability } else { Durability::Buffered };
            for number in from..to {
                store.apply(batch(number)?.durability(durability)).await?;
            }
        }
        "delete" => {
            let names = entries_of(from).into_iter();
            let batch = names
                .map(|(name, _)| key(name))
                .try_fold(Batch::new(), |batch, name| name.map(|name| batch.delete(name)));
            store.apply(batch?.durability(durability)).await?;
        }
        "range" => {
            let batch = Batch::new().delete_range(KeyRange::prefix(from.to_be_bytes().to_vec()));
            store.apply(batch.durability(durability)).await?;
        }
        "overwrite" => {
            let values = entries_of(from).into_iter();
            let batch = values
                .map(|(name, _)| key(name))
                .try_fold(Batch::new(), |batch, name| name.map(|name| batch.put(name, "new")));
            store.apply(batch?.durability(durability)).await?;
        }
        "large" => {
            let batch = (0..to).try_fold(Batch::new(), |batch, at| {
                let value = vec![at.to_le_bytes()[0]; 1_000];
                Ok::<_, Error>(batch.put(key([from.to_be_bytes(), at.to_be_bytes()].concat())?, value))
            });
            say("large");
            store.apply(batch?.durability(durability)).await?;
        }
        "flush" => store.flush().await?,
        "compact" => supported(store.compact().await)?,
        "close" => store.close().await?,
        _ => return Err(Violation::new("the suite knows its own steps", what)),
    }
    Ok(())
}

/// Opens the store to write, writes batch 0, and holds it; with the word `closed` it closes the store and keeps the handle.
async fn hold(stage: Stage) -> Outcome {
    let store = stage.place.open(OpenMode::Create).await?;
    store.apply(batch(0)?.durability(strongest(&*store))).await?;
    if stage.word(0) == "closed" {
        store.close().await?;
    }
    for_ever().await
}

fn mode_of(word: &str) -> OpenMode {
    match word {
        "read-only" => OpenMode::ReadOnly,
        "existing" => OpenMode::Existing,
        _ => OpenMode::Create,
    }
}

/// Tries to open the store, and says whether it could or which error it met.
async fn attempt(stage: Stage) -> Outcome {
    match stage.place.open(mode_of(stage.word(0))).await {
        Ok(store) => {
            say(format_args!("opened {}", count_batches(&*store).await?));
            Ok(store.close().await?)
        }
        Err(error) => {
            say(format_args!("refused {:?}", error.kind()));
            say(&error);
            Ok(())
        }
    }
}

/// Opens the store as soon as the parent's file is there, puts a key of its own, and closes it; again where it is locked.
async fn race(stage: Stage) -> Outcome {
    let go = stage.place.folder().with_extension("go");
    say("ready");
    while !go.exists() {
        std::hint::spin_loop();
    }
    for _ in 0..2_000 {
        match stage.place.open(OpenMode::Create).await {
            Ok(store) => {
                apply(&*store, &Batch::new().put(key(stage.word(0))?, "here").durability(strongest(&*store)))
                    .await?;
                return Ok(store.close().await?);
            }
            Err(error) if error.kind() == ErrorKind::Locked => {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Violation::new("a lock is released when its store is closed", "it was held for ten seconds"))
}

/// Adds one to a counter so many times, losing no increment to others.
async fn count(stage: Stage) -> Outcome {
    let store = stage.place.open(OpenMode::Create).await?;
    for _ in 0..stage.number(0) {
        increment(&*store).await?;
    }
    Ok(store.close().await?)
}

/// Reads a store that another process writes to, until so many batches are there: they never become fewer.
async fn follow(stage: Stage) -> Outcome {
    let store = stage.place.open(OpenMode::ReadOnly).await?;
    say("open");
    let (mut last, wanted) = (0, stage.number(0));
    while u64::from(last) < wanted {
        let count = count_batches(&*store).await?;
        demand("what a reader saw committed stays", count >= last, (last, count))?;
        last = count;
        // The writer may have to share a core with it.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    demand_equal("a reader sees every batch", &u64::from(last), &wanted)?;
    Ok(store.close().await?)
}
