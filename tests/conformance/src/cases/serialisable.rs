//! Batches of several tasks: as if they had come one after the other.
//!
//! An engine that checks preconditions against one state and applies operations to another passes every test of one
//! task, and most of two that fight for one key. These fight for what the other one only reads.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, ErrorKind, Key, KeyRange, Result, ScanRequest};

use crate::cases::threads::{ends, joined};
use crate::lab::{apply, everything, key, walk};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal};
use crate::{Lab, Violation};

/// Whether a batch was applied; not to be is no error where others got in first.
fn won(result: Result<()>) -> Outcome<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(lost) if matches!(lost.kind(), ErrorKind::PreconditionFailed | ErrorKind::Conflict) => Ok(false),
        Err(other) => Err(Violation::new(
            "a batch that came too late is PreconditionFailed or Conflict",
            format!("{}: {other}", other.kind()),
        )),
    }
}

/// Applies batches at the same time, each from a task of its own, and says which were applied.
async fn race(store: &Arc<dyn Backend>, batches: Vec<Batch>) -> Outcome<Vec<bool>> {
    let start = Arc::new(tokio::sync::Barrier::new(batches.len()));
    let tasks: Vec<_> = batches
        .into_iter()
        .map(|batch| {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                won(store.apply(batch).await)
            })
        })
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.push(joined("a batch beside another", task).await??);
    }
    Ok(applied)
}

const ROUNDS: u8 = 25;

pub async fn two_that_each_require_what_the_other_puts_to_be_absent(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..ROUNDS {
        let (x, y) = (key([round, 0])?, key([round, 1])?);
        let batches = vec![
            Batch::new().require_absent(x.clone()).put(y.clone(), "1"),
            Batch::new().require_absent(y.clone()).put(x.clone(), "1"),
        ];
        let applied = race(&store, batches).await?;
        let there: Vec<bool> = store.get_many(&[y, x]).await?.iter().map(Option::is_some).collect();
        demand(
            "of two batches, each of which requires that what the other one puts is absent, one at most succeeds, \
             and what is there is what succeeded",
            applied == there && applied != [true, true],
            (&applied, &there),
        )?;
    }
    Ok(())
}

pub async fn a_deleted_range_and_who_requires_what_is_in_it(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..ROUNDS {
        let (inside, flag) = (key([round, b'm'])?, key([round, 0xFF])?);
        store.apply(Batch::new().put(inside.clone(), "on")).await?;
        let range = KeyRange::new(vec![round, b'a'], Some(vec![round, b'z'].into()));
        let batches = vec![
            Batch::new().require_equals(inside.clone(), "on").put(flag.clone(), "1"),
            Batch::new().require_absent(flag.clone()).delete_range(range),
        ];
        let applied = race(&store, batches).await?;
        let found = store.get_many(&[flag, inside]).await?;
        let state: Vec<bool> = found.iter().map(Option::is_some).collect();
        demand(
            "a batch that deletes a range and one that requires a key of it, each against the other, do not both \
             succeed",
            applied != [true, true] && state == [applied == [true, false], applied != [false, true]],
            (&applied, &found),
        )?;
    }
    Ok(())
}

pub async fn one_value_is_replaced_or_deleted_once(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..ROUNDS {
        let name = key([round])?;
        store.apply(Batch::new().put(name.clone(), "old")).await?;
        let required = || Batch::new().require_equals(name.clone(), "old");
        let batches = vec![
            required().put(name.clone(), "a"),
            required().delete(name.clone()),
            required().delete_range(KeyRange::from(&name)),
            required().put(name.clone(), "b"),
        ];
        let applied = race(&store, batches).await?;
        let value = store.get(&name).await?;
        let expected = match applied.as_slice() {
            [true, false, false, false] => Some(Some("a".into())),
            [false, true, false, false] | [false, false, true, false] => Some(None),
            [false, false, false, true] => Some(Some(Bytes::from("b"))),
            // All of them may have given way to one another.
            [false, false, false, false] => Some(Some("old".into())),
            _ => None,
        };
        demand(
            "of several that require one value and change it, one at most succeeds, and it is its change that is seen",
            expected.as_ref() == Some(&value),
            (&applied, &value),
        )?;
    }
    Ok(())
}

pub async fn three_in_a_ring_do_not_all_succeed(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..ROUNDS {
        let names = [key([round, 0])?, key([round, 1])?, key([round, 2])?];
        let next = names.iter().cycle().skip(1);
        let batches = names
            .iter()
            .zip(next)
            .map(|(own, next)| Batch::new().require_absent(next.clone()).put(own.clone(), "1"))
            .collect();
        let applied = race(&store, batches).await?;
        let there: Vec<bool> = store.get_many(&names).await?.iter().map(Option::is_some).collect();
        demand(
            "of three batches, each of which requires that the next one has not happened, not all succeed",
            applied == there && applied != [true, true, true],
            (&applied, &there),
        )?;
    }
    Ok(())
}

const ACCOUNTS: u8 = 5;
const EACH: u64 = 100;

fn account(number: usize) -> Result<Key> {
    key([b'a', u8::try_from(number).unwrap_or_default()])
}

fn amount(value: Option<&Bytes>) -> Outcome<u64> {
    let parsed = value.and_then(|value| value.as_ref().try_into().ok()).map(u64::from_be_bytes);
    parsed.ok_or_else(|| Violation::new("an account has an amount", format!("{value:?}")))
}

/// Moves one from an account to another, unless somebody else was faster. Whether it did.
async fn transfer(store: &dyn Backend, from: usize, to: usize) -> Outcome<bool> {
    let names = [account(from)?, account(to)?];
    let values = store.get_many(&names).await?;
    let [Some(have), Some(get)] = values.as_slice() else {
        return Err(Violation::new("the accounts are there", format!("{values:?}")));
    };
    let (less, more) = (amount(Some(have))?.saturating_sub(1), amount(Some(get))? + 1);
    if amount(Some(have))? == 0 {
        return Ok(false);
    }
    let [from, to] = names;
    let batch = Batch::new()
        .require_equals(from.clone(), have.clone())
        .require_equals(to.clone(), get.clone())
        .put(from, less.to_be_bytes().to_vec())
        .put(to, more.to_be_bytes().to_vec());
    won(store.apply(batch).await)
}

pub async fn transfers_keep_the_sum(lab: &Lab) -> Outcome {
    const TASKS: u64 = 5;
    const TRIES: u32 = 40;
    let store = lab.store().await?;
    for number in 0..usize::from(ACCOUNTS) {
        store.apply(Batch::new().put(account(number)?, EACH.to_be_bytes().to_vec())).await?;
    }
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut random = Random::seeded(task);
                let mut done = 0;
                for _ in 0..TRIES {
                    let from = random.below(usize::from(ACCOUNTS));
                    let to = (from + 1 + random.below(usize::from(ACCOUNTS) - 1)) % usize::from(ACCOUNTS);
                    done += u32::from(transfer(&*store, from, to).await?);
                    if store.capabilities().consistent_pages() {
                        let all = (0..usize::from(ACCOUNTS)).map(account).collect::<Result<Vec<_>>>()?;
                        let values = store.get_many(&all).await?;
                        let sum = values.iter().map(|value| amount(value.as_ref())).sum::<Outcome<u64>>()?;
                        demand_equal(
                            "one get_many sees no money on its way",
                            &sum,
                            &(EACH * u64::from(ACCOUNTS)),
                        )?;
                    }
                    tokio::task::yield_now().await;
                }
                Outcome::Ok(done)
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += joined("a transfer", task).await??;
    }
    let values = everything(&*store).await?;
    let sum = values.iter().map(|(_, value)| amount(Some(value))).sum::<Outcome<u64>>()?;
    demand_equal("transfers between accounts keep the sum", &sum, &(EACH * u64::from(ACCOUNTS)))?;
    demand("some transfers succeed", done > 0, done)
}

pub async fn every_acknowledged_batch_is_there_once(lab: &Lab) -> Outcome {
    const TASKS: u8 = 12;
    const BATCHES: u8 = 20;
    let store = lab.store().await?;
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..BATCHES {
                    // Its own keys, in two places of the order, and one that all of them write.
                    let (near, far) = (key([0, task, number])?, key([1, number, task])?);
                    let batch = Batch::new()
                        .require_absent(near.clone())
                        .put(near.clone(), vec![number])
                        .put(far, vec![task])
                        .put(key("last")?, vec![task, number]);
                    apply(&*store, &batch).await?;
                    if number % 5 == 4 {
                        apply(&*store, &Batch::new().delete(near)).await?;
                    }
                }
                Ok::<_, codestrata_core::Error>(())
            })
        })
        .collect();
    for task in tasks {
        joined("a batch", task).await??;
    }
    let expected =
        |second: bool| usize::from(TASKS) * usize::from(if second { BATCHES } else { BATCHES - BATCHES / 5 });
    for (place, second) in [(0, false), (1, true)] {
        let request = ScanRequest::new(KeyRange::prefix(vec![place])).max_items(7);
        let found = walk(&*store, &request).await?;
        demand_equal(
            "what every task wrote is there, and what it deleted is not",
            &found.len(),
            &expected(second),
        )?;
    }
    let last = store.get(&key("last")?).await?.unwrap_or_default();
    demand("the last batch was some task's", last.len() == 2, &last)?;
    ends("closing", store.close()).await?.map_err(Violation::from)
}
