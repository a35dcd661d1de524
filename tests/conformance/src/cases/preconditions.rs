//! Preconditions: all of them hold before the batch, or nothing happens.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, Durability, Error, ErrorKind, KeyRange, Result};

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

pub async fn they_are_about_the_exact_key(lab: &Lab) -> Outcome {
    // Its neighbours in the order, what begins with it, and what it begins with, are there; it is not.
    let around: [(&[u8], &[u8]); 6] =
        [(b"j", b"v"), (b"jz", b"v"), (b"k\x00", b"v"), (b"kk", b"v"), (b"k\xff", b"v"), (b"l", b"v")];
    let store = lab.store_with(&around).await?;
    store.apply(Batch::new().require_absent(key("k")?)).await?;
    let refused = store.apply(Batch::new().require_equals(key("k")?, "v").delete(key("l")?)).await;
    demand_error(
        "Equals of a missing key whose neighbours have the value",
        refused,
        ErrorKind::PreconditionFailed,
    )?;
    // And the other way round: it is there, and nothing near it.
    let store = lab.store_with(&[(b"k", b"v")]).await?;
    for near in ["j", "k\0", "kk", "K", "l"] {
        store.apply(Batch::new().require_absent(key(near)?).require_equals(key("k")?, "v")).await?;
        let refused = store.apply(Batch::new().require_equals(key(near)?, "v").delete(key("k")?)).await;
        demand_error(
            "Equals of a missing key beside one with the value",
            refused,
            ErrorKind::PreconditionFailed,
        )?;
    }
    demand_equal("nothing was applied", &everything(&*store).await?, &entries(&[("k", "v")]))
}

pub async fn equals_compares_every_byte(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let k = key("k")?;
    for size in [1, 8, 33, 4_097, 65_537, 300_000] {
        let value: Vec<u8> = (0..size).map(|at| u8::try_from(at % 253).unwrap_or_default()).collect();
        store.apply(Batch::new().put(k.clone(), value.clone())).await?;
        let mut others = vec![value.iter().copied().chain([0]).collect::<Vec<u8>>()];
        others.push(value.iter().copied().take(size - 1).collect());
        for place in [0, size / 2, size.saturating_sub(2), size - 1, 15, 255, 4_095, 65_535] {
            let mut other = value.clone();
            let Some(byte) = other.get_mut(place) else { continue };
            *byte ^= 1;
            others.push(other);
        }
        // In the bit between capitals and small letters, which the first place has alone.
        others.push(
            value.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }).collect(),
        );
        // The same bytes in another order, as a sum of them would not see.
        others.push(value.iter().rev().copied().collect());
        for other in others.into_iter().filter(|other| *other != value) {
            let refused =
                store.apply(Batch::new().require_equals(k.clone(), other).put(k.clone(), "x")).await;
            demand_error(
                &format!("Equals of a value that differs in one byte, or in length by one, of {size}"),
                refused,
                ErrorKind::PreconditionFailed,
            )?;
        }
        store
            .apply(Batch::new().require_equals(k.clone(), value).put(key("last")?, format!("{size}")))
            .await?;
    }
    store.apply(Batch::new().put(k.clone(), "Value")).await?;
    for other in ["value", "VALUE", "Value ", " Value", "Value\n", "\u{ff36}alue", ""] {
        let refused = store.apply(Batch::new().require_equals(k.clone(), other).put(k.clone(), "x")).await;
        demand_error(
            "Equals of a value that differs as text might not",
            refused,
            ErrorKind::PreconditionFailed,
        )?;
    }
    demand_equal("the exact value holds each time", &store.get(&key("last")?).await?, &Some("300000".into()))
}

pub async fn one_of_thousands_failing_stops_the_batch(lab: &Lab) -> Outcome {
    const COUNT: u16 = 5_000;
    let store = lab.store().await?;
    // Every other one is there.
    let written: Vec<_> =
        (0..COUNT).step_by(2).map(|number| (number.to_be_bytes(), number.to_le_bytes())).collect();
    store.apply(crate::lab::puts(&written)?).await?;
    let batch = |failing: Option<u16>| {
        (0..COUNT).try_fold(Batch::new(), |batch, number| {
            let name = key(number.to_be_bytes())?;
            let is_there = (number % 2 == 0) != (failing == Some(number));
            Ok::<_, Error>(if is_there {
                batch.require_equals(name, number.to_le_bytes().to_vec())
            } else {
                batch.require_absent(name)
            })
        })
    };
    for failing in [0, 1, 2, 999, 1_000, 1_023, 1_024, COUNT / 2, 4_095, 4_096, COUNT - 2, COUNT - 1] {
        let refused = store.apply(batch(Some(failing))?.delete_range(KeyRange::all())).await;
        demand_error(
            &format!("a batch whose precondition {failing} of {COUNT} fails"),
            refused,
            ErrorKind::PreconditionFailed,
        )?;
    }
    demand_equal("none was applied", &everything(&*store).await?.len(), &written.len())?;
    store.apply(batch(None)?.delete_range(KeyRange::all())).await?;
    demand_equal("one whose preconditions all hold is", &everything(&*store).await?.len(), &0)
}

pub async fn they_see_what_earlier_batches_did(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let k = key("k")?;
    let ways = [
        Batch::new().delete(k.clone()),
        Batch::new().delete_range(KeyRange::from(&k)),
        Batch::new().delete_range(KeyRange::all()),
        Batch::new().put(k.clone(), "9").delete(k.clone()),
    ];
    for durability in [Durability::Strongest, Durability::Buffered] {
        for way in &ways {
            let absent = || Batch::new().require_absent(k.clone()).durability(durability);
            let equals =
                |value: &'static str| Batch::new().require_equals(k.clone(), value).durability(durability);
            store.apply(absent().put(k.clone(), "1")).await?;
            demand_error("Absent after a put", store.apply(absent()).await, ErrorKind::PreconditionFailed)?;
            store.apply(equals("1").put(k.clone(), "2")).await?;
            let old = store.apply(equals("1")).await;
            demand_error("Equals of a value that was replaced", old, ErrorKind::PreconditionFailed)?;
            store.apply(equals("2")).await?;
            store.apply(way.clone().durability(durability)).await?;
            let gone = store.apply(equals("2")).await;
            demand_error("Equals of a value that was deleted", gone, ErrorKind::PreconditionFailed)?;
            store.apply(absent()).await?;
        }
    }
    Ok(())
}

pub async fn they_may_name_what_the_batch_changes(lab: &Lab) -> Outcome {
    let (empty, k, z, new) = (key("empty")?, key("k")?, key("z")?, key("new")?);
    let holds = |batch: Batch| {
        batch
            .require_equals(k.clone(), "1")
            .require_equals(empty.clone(), "")
            .require_equals(z.clone(), "26")
            .require_absent(new.clone())
            .require_equals(k.clone(), "1")
    };
    let changes: [(Batch, &[(&str, &str)]); 4] = [
        (Batch::new().delete_range(KeyRange::all()), &[]),
        (
            Batch::new().delete(k.clone()).delete(z.clone()).put(new.clone(), "n"),
            &[("empty", ""), ("new", "n")],
        ),
        (Batch::new().put(k.clone(), "").put(empty.clone(), "1"), &[("empty", "1"), ("k", ""), ("z", "26")]),
        (
            Batch::new().put(new.clone(), "n").delete_range(KeyRange::new("l", None)),
            &[("empty", ""), ("k", "1")],
        ),
    ];
    for (change, after) in changes {
        let store = lab.store_with(THERE).await?;
        store.apply(holds(change)).await?;
        demand_equal(
            "preconditions may name any key that the batch changes, in any way, and more than once",
            &everything(&*store).await?,
            &entries(after),
        )?;
    }
    Ok(())
}

pub async fn a_batch_of_any_size_has_its_preconditions(lab: &Lab) -> Outcome {
    let store = lab.store_with(THERE).await?;
    for size in [2, 17, 33, 65, 129, 257, 1_025, 10_001_u32] {
        let batch = (0..size).try_fold(Batch::new().require_absent(key("k")?), |batch, number| {
            Ok::<_, Error>(batch.put(key(number.to_be_bytes())?, "new"))
        })?;
        let refused = store.apply(batch).await;
        demand_error(
            &format!("a batch of {size} puts whose precondition fails"),
            refused,
            ErrorKind::PreconditionFailed,
        )?;
    }
    demand_equal("none of them changes anything", &everything(&*store).await?, &entries(THERE))
}
