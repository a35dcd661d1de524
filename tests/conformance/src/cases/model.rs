//! Random operations against a map that is known to be right.
//!
//! Each seed is one sequence of steps, so a failure repeats. It is made shorter and simpler for as long as it still fails,
//! and the message has the steps that are left. `CODESTRATA_SEED=<number>` runs one seed only, and a failure says
//! which; `CODESTRATA_SEEDS=<count>` runs so many.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codestrata_core::{
    Backend, Batch, Bytes, Durability, ErrorKind, Key, KeyRange, Op, OpenMode, Precondition, ReadView,
    ScanRequest,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::Handle;

use crate::cases::oracle::{Model, carry_out, demand_walk, list};
use crate::lab::{Place, everything, key};
use crate::violation::{Outcome, demand, demand_equal};
use crate::{Lab, Violation};

// Few bytes, the extreme ones among them, so that keys meet and begin one another.
const ALPHABET: &[u8] = &[0x00, 0x01, b'a', b'b', 0x7F, 0x80, 0xFE, 0xFF];

// So many shorter or simpler sequences are tried of one that fails, for so many milliseconds at the most.
const MOST_SHRINKS: u32 = 2_000;
const SHRINK_MILLIS: u32 = 20_000;

/// What a precondition is to say of its key.
#[derive(Clone, Copy, Debug)]
enum Wish {
    /// What is so.
    Holds,
    Absent,
    Empty,
}

/// One thing to do to a store.
#[derive(Clone, Debug)]
enum Step {
    Apply { requires: Vec<(Key, Wish)>, ops: Vec<Op>, durability: Durability },
    GetMany(Vec<Key>),
    Scan(ScanRequest),
    Snapshot,
    Flush,
    Reopen { after_close: bool },
}

fn bytes(least: usize, most: usize) -> impl Strategy<Value = Bytes> {
    vec(select(ALPHABET), least..=most).prop_map(Bytes::from)
}

fn some_key() -> impl Strategy<Value = Key> {
    bytes(1, 3).prop_filter_map("a key has at least one byte", |bytes| key(bytes).ok())
}

fn some_range() -> impl Strategy<Value = KeyRange> {
    prop_oneof![
        1 => bytes(0, 2).prop_map(KeyRange::prefix),
        1 => bytes(0, 3).prop_map(|start| KeyRange::new(start, None)),
        // Inverted half of the time.
        2 => (bytes(0, 3), bytes(0, 3)).prop_map(|(start, end)| KeyRange::new(start, Some(end))),
    ]
}

fn some_ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        9 => (some_key(), bytes(0, 40)).prop_map(|(name, value)| Op::Put(name, value)),
        2 => some_key().prop_map(Op::Delete),
        1 => some_range().prop_map(Op::DeleteRange),
    ];
    // Sorted ones may take another way through an engine.
    (vec(op, 0..40), any::<bool>()).prop_map(|(mut ops, sorted)| {
        if sorted {
            ops.sort_by_key(|op| match op {
                Op::Put(name, _) | Op::Delete(name) => name.clone().into_bytes(),
                Op::DeleteRange(range) => range.start().clone(),
            });
        }
        ops
    })
}

fn some_request() -> impl Strategy<Value = ScanRequest> {
    (some_range(), 1_usize..20, 1_usize..200, any::<bool>(), any::<bool>()).prop_map(
        |(range, items, bytes, reverse, keys_only)| {
            let request = ScanRequest::new(range).max_items(items).max_bytes(bytes);
            let request = if reverse { request.reverse() } else { request };
            if keys_only { request.keys_only() } else { request }
        },
    )
}

fn some_step(reopens: bool) -> impl Strategy<Value = Step> {
    let wish = prop_oneof![3 => Just(Wish::Holds), 1 => Just(Wish::Absent), 1 => Just(Wish::Empty)];
    let durability = prop_oneof![Just(Durability::Strongest), Just(Durability::Buffered)];
    let apply = (vec((some_key(), wish), 0..3), some_ops(), durability);
    prop_oneof![
        10 => apply.prop_map(|(requires, ops, durability)| Step::Apply { requires, ops, durability }),
        4 => vec(some_key(), 0..50).prop_map(Step::GetMany),
        5 => some_request().prop_map(Step::Scan),
        2 => Just(Step::Snapshot),
        1 => Just(Step::Flush),
        // Where nothing is kept there is nothing to reopen.
        u32::from(reopens) * 2 => any::<bool>().prop_map(|after_close| Step::Reopen { after_close }),
    ]
}

pub async fn random_operations_agree_with_a_map(lab: &Lab) -> Outcome {
    sequences(lab, "random_operations_agree_with_a_map", 16, false).await
}

pub async fn random_operations_agree_with_a_map_across_reopens(lab: &Lab) -> Outcome {
    let reopens = lab.claims().persistent();
    sequences(lab, "random_operations_agree_with_a_map_across_reopens", 8, reopens).await
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

async fn sequences(lab: &Lab, case: &str, count: u64, reopens: bool) -> Outcome {
    const FIRST: u64 = 0xC0DE_0000;
    let seeds = match number("CODESTRATA_SEED") {
        Some(one) => one..one + 1,
        None => FIRST..FIRST + number("CODESTRATA_SEEDS").unwrap_or(count),
    };
    for seed in seeds {
        let (place, runtime) = (lab.place(), Handle::current());
        let found = tokio::task::spawn_blocking(move || sequence_of(seed, &place, &runtime, reopens)).await;
        let Some((violation, steps)) =
            found.map_err(|error| Violation::new("a call does not panic", error.to_string()))?
        else {
            continue;
        };
        let shown: Vec<String> =
            steps.iter().zip(1..).map(|(step, number)| format!("    {number}. {step:?}")).collect();
        return Err(violation
            .with_hint(&format!("the fewest steps found that show it:\n{}", shown.join("\n")))
            .with_hint(&format!("again with: CODESTRATA_SEED={seed} cargo test model::{case}")));
    }
    Ok(())
}

/// Runs the sequence of a seed; if it fails, the violation and the steps of the shortest one that still does.
fn sequence_of(seed: u64, place: &Place, runtime: &Handle, reopens: bool) -> Option<(Violation, Vec<Step>)> {
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: MOST_SHRINKS,
        max_shrink_time: SHRINK_MILLIS,
        ..Config::default()
    };
    let seed: Vec<u8> = seed.to_le_bytes().repeat(4);
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let tries = AtomicU32::new(0);
    let last: Mutex<Option<Violation>> = Mutex::default();
    let result = runner.run(&vec(some_step(reopens), 0..160), |steps| {
        // Each try has a store of its own.
        let folder = place.folder().join(tries.fetch_add(1, Ordering::Relaxed).to_string());
        let own = Place::new(place.factory().clone(), folder);
        runtime.block_on(sequence(&own, &steps)).map_err(|violation| {
            let failed = TestCaseError::fail(violation.demand().to_owned());
            // The last sequence that fails is the shortest.
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(violation);
            failed
        })
    });
    let violation = last.into_inner().unwrap_or_else(PoisonError::into_inner);
    match result {
        Ok(()) => None,
        Err(TestError::Fail(why, steps)) => Some((
            violation.unwrap_or_else(|| Violation::new("a call does not panic", why.to_string())),
            steps,
        )),
        Err(TestError::Abort(why)) => {
            Some((Violation::new("the suite makes steps", why.to_string()), Vec::new()))
        }
    }
}

async fn sequence(place: &Place, steps: &[Step]) -> Outcome {
    let mut model = Model::new();
    let mut store = place.open(OpenMode::Create).await?;
    let mut snapshot: Option<(Box<dyn ReadView>, Model)> = None;
    for step in steps {
        match step {
            Step::Apply { requires, ops, durability } => {
                apply(&*store, &mut model, requires, ops, *durability).await?;
            }
            Step::GetMany(keys) => {
                let expected: Vec<Option<Bytes>> =
                    keys.iter().map(|name| model.get(name.as_slice()).cloned()).collect();
                demand_equal("get_many is as the model", &store.get_many(keys).await?, &expected)?;
            }
            Step::Scan(request) => demand_walk(&*store, request, &list(&model)).await?,
            Step::Snapshot if store.capabilities().snapshots() => {
                if let Some((view, then)) = snapshot.take() {
                    demand_equal("a snapshot stays as it was", &everything(&*view).await?, &list(&then))?;
                }
                snapshot = Some((store.snapshot().await?, model.clone()));
            }
            Step::Snapshot | Step::Flush => store.flush().await?,
            Step::Reopen { after_close } => {
                snapshot = None;
                if *after_close {
                    store.close().await?;
                }
                drop(store);
                store = place.open(OpenMode::Existing).await?;
            }
        }
    }
    demand_equal("at the end the store is as the model", &everything(&*store).await?, &list(&model))?;
    store.close().await?;
    Ok(())
}

async fn apply(
    store: &dyn Backend,
    model: &mut Model,
    requires: &[(Key, Wish)],
    ops: &[Op],
    durability: Durability,
) -> Outcome {
    let mut batch = Batch::new().durability(durability);
    for (name, wish) in requires {
        batch.add_precondition(match (wish, model.get(name.as_slice())) {
            (Wish::Holds, Some(value)) => Precondition::Equals(name.clone(), value.clone()),
            (Wish::Holds, None) | (Wish::Absent, _) => Precondition::Absent(name.clone()),
            (Wish::Empty, _) => Precondition::Equals(name.clone(), Bytes::new()),
        });
    }
    let holds =
        batch.preconditions().iter().all(|one| one.holds(model.get(one.key().as_slice()).map(Bytes::as_ref)));
    for op in ops {
        batch.add(op.clone());
    }
    let result = store.apply(batch).await;
    if holds {
        demand("a batch whose preconditions hold is applied", result.is_ok(), &result)?;
        carry_out(model, ops);
    } else {
        let refused = matches!(&result, Err(error) if error.kind() == ErrorKind::PreconditionFailed);
        demand("a batch with a failing precondition is refused", refused, &result)?;
    }
    demand_equal("after a batch the store is as the model", &everything(store).await?, &list(model))
}
pub async fn concurrent_histories_are_in_some_order(lab: &Lab) -> Outcome {
    const TASKS: u64 = 4;
    const STEPS: u64 = 15;
    let store = lab.store().await?;
    let chain = key("chain")?;
    store.apply(Batch::new().put(chain.clone(), Bytes::new())).await?;
    // Each task appends its mark to one value, on the precondition that it is what it read: so the value is the
    // one order in which all of them happened.
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (store, chain) = (Arc::clone(&store), chain.clone());
            tokio::spawn(async move {
                let mut longest = 0;
                for _ in 0..STEPS {
                    loop {
                        let before = store.get(&chain).await?.unwrap_or_default();
                        demand(
                            "what one task sees never goes back",
                            before.len() >= longest,
                            (before.len(), longest),
                        )?;
                        longest = before.len();
                        let mut after = before.to_vec();
                        after.push(u8::try_from(task).unwrap_or_default());
                        let batch =
                            Batch::new().require_equals(chain.clone(), before).put(chain.clone(), after);
                        match store.apply(batch).await {
                            Ok(()) => break,
                            Err(late)
                                if matches!(
                                    late.kind(),
                                    ErrorKind::PreconditionFailed | ErrorKind::Conflict
                                ) =>
                            {
                                tokio::task::yield_now().await;
                            }
                            Err(other) => return Err(other.into()),
                        }
                    }
                    longest += 1;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|error| Violation::new("a call does not panic", error.to_string()))??;
    }
    let value = store.get(&chain).await?.unwrap_or_default();
    for task in 0..TASKS {
        let marks = value.iter().filter(|mark| u64::from(**mark) == task).count() as u64;
        demand_equal("every acknowledged step is in the order once", &marks, &STEPS)?;
    }
    Ok(())
}
