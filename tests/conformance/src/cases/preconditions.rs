//! Preconditions: all of them hold before the batch, or nothing happens.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, Error, ErrorKind, KeyRange, Result};

use crate::lab::{entries, everything, key};
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::{Lab, Violation};

const THERE: &[(&[u8], &[u8])] = &[(b"empty", b""), (b"k", b"1"), (b"z", b"26")];

/// Demands that a batch succeeds, or fails and changes nothing.
async fn judge(lab: &Lab, what: &str, batch: Batch, holds: bool) -> Outcome {
    let store = lab.store_with(THERE).await?;
    let result = store.apply(batch.put(key("new")?, "n").delete(key("z")?)).await;
    if holds {
        demand(what, result.is_ok(), &result)?;
        let expected = entries(&[("empty", ""), ("k", "1"), ("new", "n")]);
        return demand_equal(
            "a batch whose preconditions hold is applied",
            &everything(&*store).await?,
            &expected,
        );
    }
    demand_error(what, result, ErrorKind::PreconditionFailed)?;
    demand_equal("a batch that is refused changes nothing", &everything(&*store).await?, &entries(THERE))
}

pub async fn absent_holds_for_a_missing_key(lab: &Lab) -> Outcome {
    judge(lab, "Absent holds for a key that is not there", Batch::new().require_absent(key("kk")?), true)
        .await
}

pub async fn absent_fails_for_a_present_key(lab: &Lab) -> Outcome {
    judge(lab, "Absent of a key that is there", Batch::new().require_absent(key("k")?), false).await
}

pub async fn absent_fails_for_an_empty_value(lab: &Lab) -> Outcome {
    judge(lab, "Absent of a key with an empty value", Batch::new().require_absent(key("empty")?), false).await
}

pub async fn equals_holds_for_the_exact_value(lab: &Lab) -> Outcome {
    let batch = Batch::new().require_equals(key("k")?, "1").require_equals(key("empty")?, "");
    judge(lab, "Equals holds for the exact value, an empty one too", batch, true).await
}

pub async fn equals_fails_for_another_value(lab: &Lab) -> Outcome {
    for other in ["2", "", "10", "1\0"] {
        judge(lab, "Equals of another value", Batch::new().require_equals(key("k")?, other), false).await?;
    }
    Ok(())
}

pub async fn equals_fails_for_a_missing_key(lab: &Lab) -> Outcome {
    judge(lab, "Equals of a missing key", Batch::new().require_equals(key("missing")?, "1"), false).await
}

pub async fn equals_empty_fails_for_a_missing_key(lab: &Lab) -> Outcome {
    judge(
        lab,
        "Equals of an empty value for a missing key",
        Batch::new().require_equals(key("missing")?, ""),
        false,
    )
    .await
}

pub async fn any_one_failing_stops_the_batch(lab: &Lab) -> Outcome {
    for failing in 0..3 {
        let mut batch = Batch::new();
        for at in 0..3 {
            batch = batch.require_equals(key("k")?, if at == failing { "wrong" } else { "1" });
        }
        judge(lab, &format!("one of three preconditions fails, at place {failing}"), batch, false).await?;
    }
    Ok(())
}

pub async fn alone_they_ask_and_change_nothing(lab: &Lab) -> Outcome {
    let store = lab.store_with(THERE).await?;
    store.apply(Batch::new().require_equals(key("k")?, "1").require_absent(key("new")?)).await?;
    let refused = store.apply(Batch::new().require_absent(key("k")?)).await;
    demand_error("a question answered with no", refused, ErrorKind::PreconditionFailed)?;
    demand_equal("questions change nothing", &everything(&*store).await?, &entries(THERE))
}

pub async fn they_may_name_keys_that_the_batch_does_not_write(lab: &Lab) -> Outcome {
    judge(lab, "one that holds, of a key not written", Batch::new().require_equals(key("empty")?, ""), true)
        .await?;
    judge(lab, "one that fails, of a key not written", Batch::new().require_absent(key("empty")?), false)
        .await
}

pub async fn contradictory_ones_fail(lab: &Lab) -> Outcome {
    let batch = Batch::new().require_equals(key("k")?, "1").require_absent(key("k")?);
    judge(lab, "a key that is to be there and not to be there", batch, false).await?;
    let batch = Batch::new().require_equals(key("k")?, "1").require_equals(key("k")?, "2");
    judge(lab, "a key that is to have two values", batch, false).await
}

pub async fn they_see_the_state_before_the_batch(lab: &Lab) -> Outcome {
    let store = lab.store_with(THERE).await?;
    // Were they checked against the operations' own effects, the first would fail and the second would hold.
    store.apply(Batch::new().put(key("k")?, "2").require_equals(key("k")?, "1")).await?;
    let second = Batch::new().put(key("x")?, "1").require_equals(key("x")?, "1");
    demand_error(
        "a precondition on what the batch itself writes",
        store.apply(second).await,
        ErrorKind::PreconditionFailed,
    )?;
    let third = Batch::new().delete_range(KeyRange::all()).require_absent(key("k")?);
    demand_error(
        "a precondition on what the batch itself deletes",
        store.apply(third).await,
        ErrorKind::PreconditionFailed,
    )?;
    demand_equal("only the first was applied", &store.get(&key("k")?).await?, &Some(Bytes::from_static(b"2")))
}

/// Reads, adds one and writes under the precondition that nothing came between, until that succeeds.
pub(crate) async fn increment(store: &dyn Backend) -> Result<()> {
    let counter = key("counter")?;
    loop {
        let old = store.get(&counter).await?;
        let count = old.as_deref().and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        let batch = match old {
            None => Batch::new().require_absent(counter.clone()),
            Some(old) => Batch::new().require_equals(counter.clone(), old),
        };
        match store.apply(batch.put(counter.clone(), (count + 1).to_be_bytes().to_vec())).await {
            Err(again) if matches!(again.kind(), ErrorKind::PreconditionFailed | ErrorKind::Conflict) => {
                tokio::task::yield_now().await;
            }
            done => return done,
        }
    }
}

pub async fn concurrent_increments_lose_none(lab: &Lab) -> Outcome {
    const TASKS: u64 = 4;
    const EACH: u64 = 25;
    let store = lab.store().await?;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..EACH {
                    increment(&*store).await?;
                }
                Ok::<(), Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))??;
    }
    let value = store.get(&key("counter")?).await?;
    demand_equal(
        "every increment counts",
        &value,
        &Some(Bytes::copy_from_slice(&(TASKS * EACH).to_be_bytes())),
    )
}

pub async fn absent_has_one_winner(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..10_u8 {
        let name = key([round])?;
        let tasks: Vec<_> = (0..6_u8)
            .map(|task| {
                let (store, name) = (Arc::clone(&store), name.clone());
                tokio::spawn(async move {
                    let batch = Batch::new().require_absent(name.clone()).put(name, vec![task]);
                    store.apply(batch).await
                })
            })
            .collect();
        let mut winners = Vec::new();
        for (number, task) in (0_u8..).zip(tasks) {
            match task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))? {
                Ok(()) => winners.push(number),
                Err(lost) => demand(
                    "who comes late gets PreconditionFailed or Conflict",
                    matches!(lost.kind(), ErrorKind::PreconditionFailed | ErrorKind::Conflict),
                    &lost,
                )?,
            }
        }
        let value = store.get(&name).await?.unwrap_or_default();
        demand(
            "of several that require a key to be absent one wins, and it is its value",
            winners == value.as_ref(),
            (&winners, &value),
        )?;
    }
    Ok(())
}

pub async fn write_skew_is_prevented(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for round in 0..20_u8 {
        // Each may go off duty if the other is on: at most one may succeed.
        let (left, right) = (key([round, 0])?, key([round, 1])?);
        store.apply(Batch::new().put(left.clone(), "on").put(right.clone(), "on")).await?;
        let go = |leaves: codestrata_core::Key, stays: codestrata_core::Key| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.apply(Batch::new().require_equals(stays, "on").put(leaves, "off")).await
            })
        };
        let (first, second) = (go(left.clone(), right.clone()), go(right.clone(), left.clone()));
        let results = [first.await, second.await];
        let values = store.get_many(&[left, right]).await?;
        let off = values.iter().filter(|value| value.as_deref() == Some(b"off".as_slice())).count();
        let succeeded = results.iter().filter(|result| matches!(result, Ok(Ok(())))).count();
        demand(
            "two batches that each read what the other writes cannot both succeed",
            off == succeeded && off <= 1,
            (&results, &values),
        )?;
    }
    Ok(())
}
