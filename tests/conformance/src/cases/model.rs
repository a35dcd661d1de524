//! Random operations against a map that is known to be right.
//!
//! The seeds are fixed, so a failure repeats. `CODESTRATA_SEED=<number>` runs one seed only, and a failure says
//! which number to give it.

use std::collections::BTreeMap;
use std::sync::Arc;

use codestrata_core::{
    Backend, Batch, Bytes, Durability, ErrorKind, Key, KeyRange, Op, OpenMode, Precondition, ReadView,
    ScanRequest,
};

use crate::lab::{Entries, Place, everything, key, walk};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal};
use crate::{Lab, Violation};

type Model = BTreeMap<Bytes, Bytes>;

// Few bytes, the extreme ones among them, so that keys meet and begin one another.
const ALPHABET: &[u8] = &[0x00, 0x01, b'a', b'b', 0x7F, 0x80, 0xFE, 0xFF];

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("CODESTRATA_SEED").ok().and_then(|text| text.parse().ok()) {
        Some(one) => vec![one],
        None => (0..count).map(|number| 0xC0DE_0000 + number).collect(),
    }
}

fn seeded(seed: u64, outcome: Outcome) -> Outcome {
    outcome.map_err(|violation| violation.with_hint(&format!("again with: CODESTRATA_SEED={seed}")))
}

pub async fn random_operations_agree_with_a_map(lab: &Lab) -> Outcome {
    for seed in seeds(12) {
        seeded(seed, sequence(&lab.place(), seed, 120, false).await)?;
    }
    Ok(())
}

pub async fn random_operations_agree_with_a_map_across_reopens(lab: &Lab) -> Outcome {
    // Where nothing is kept there is nothing to reopen, and the sequences run without.
    let reopens = lab.claims().persistent();
    for seed in seeds(6) {
        seeded(seed, sequence(&lab.place(), seed, 80, reopens).await)?;
    }
    Ok(())
}

async fn sequence(place: &Place, seed: u64, steps: usize, reopens: bool) -> Outcome {
    let mut random = Random::seeded(seed);
    let mut model = Model::new();
    let mut store = place.open(OpenMode::Create).await?;
    let mut snapshot: Option<(Box<dyn ReadView>, Model)> = None;
    for step in 0..steps {
        match random.below(12) {
            0..=5 => write(&*store, &mut model, &mut random, step).await?,
            6..=7 => read(&*store, &model, &mut random).await?,
            8..=9 => scan(&*store, &model, &mut random).await?,
            10 if store.capabilities().snapshots() => {
                if let Some((view, then)) = snapshot.take() {
                    demand_equal(
                        &format!("step {step}: a snapshot stays as it was"),
                        &everything(&*view).await?,
                        &list(&then),
                    )?;
                }
                snapshot = Some((store.snapshot().await?, model.clone()));
            }
            11 if reopens => {
                snapshot = None;
                if random.below(2) == 0 {
                    store.close().await?;
                }
                drop(store);
                store = place.open(OpenMode::Existing).await?;
            }
            _ => store.flush().await?,
        }
    }
    demand_equal("at the end the store is as the model", &everything(&*store).await?, &list(&model))?;
    store.close().await?;
    Ok(())
}

fn list(model: &Model) -> Entries {
    model.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn some_key(random: &mut Random) -> Outcome<Key> {
    Ok(key(random.bytes(ALPHABET, 1, 3))?)
}

fn some_range(random: &mut Random) -> KeyRange {
    match random.below(4) {
        0 => KeyRange::prefix(random.bytes(ALPHABET, 0, 2)),
        1 => KeyRange::new(random.bytes(ALPHABET, 0, 3), None),
        // Inverted half of the time.
        _ => KeyRange::new(random.bytes(ALPHABET, 0, 3), Some(random.bytes(ALPHABET, 0, 3).into())),
    }
}

async fn write(store: &dyn Backend, model: &mut Model, random: &mut Random, step: usize) -> Outcome {
    let mut batch = Batch::new();
    for _ in 0..random.below(3) {
        let name = some_key(random)?;
        let stored = model.get(name.as_slice());
        // True three times in four.
        batch.add_precondition(match (stored, random.below(4)) {
            (Some(value), 1..) => Precondition::Equals(name, value.clone()),
            (None, 0) => Precondition::Equals(name, Bytes::new()),
            _ => Precondition::Absent(name),
        });
    }
    let sorted = random.below(3) == 0;
    let mut names = (0..random.below(40)).map(|_| some_key(random)).collect::<Outcome<Vec<_>>>()?;
    if sorted {
        names.sort();
    }
    for name in names {
        batch.add(match random.below(if sorted { 9 } else { 12 }) {
            0..=8 => Op::Put(name, random.bytes(ALPHABET, 0, 40).into()),
            9 | 10 => Op::Delete(name),
            _ => Op::DeleteRange(some_range(random)),
        });
    }
    batch = batch.durability(if random.below(2) == 0 { Durability::Buffered } else { Durability::Strongest });
    let holds =
        batch.preconditions().iter().all(|one| one.holds(model.get(one.key().as_slice()).map(Bytes::as_ref)));
    let result = store.apply(batch.clone()).await;
    if !holds {
        let refused = matches!(&result, Err(error) if error.kind() == ErrorKind::PreconditionFailed);
        return demand(
            &format!("step {step}: a batch with a failing precondition is refused"),
            refused,
            (&result, &batch),
        );
    }
    demand(
        &format!("step {step}: a batch whose preconditions hold is applied"),
        result.is_ok(),
        (&result, &batch),
    )?;
    for op in batch.into_parts().1 {
        match op {
            Op::Put(name, value) => drop(model.insert(name.into_bytes(), value)),
            Op::Delete(name) => drop(model.remove(name.as_slice())),
            Op::DeleteRange(range) => model.retain(|name, _| !range.contains(name)),
        }
    }
    demand_equal(&format!("step {step}: the store is as the model"), &everything(store).await?, &list(model))
}

async fn read(store: &dyn Backend, model: &Model, random: &mut Random) -> Outcome {
    let keys = (0..random.below(50)).map(|_| some_key(random)).collect::<Outcome<Vec<_>>>()?;
    let expected: Vec<Option<Bytes>> = keys.iter().map(|name| model.get(name.as_slice()).cloned()).collect();
    demand_equal("get_many is as the model", &store.get_many(&keys).await?, &expected)
}

async fn scan(store: &dyn Backend, model: &Model, random: &mut Random) -> Outcome {
    let range = some_range(random);
    let mut expected: Entries = list(model).into_iter().filter(|(name, _)| range.contains(name)).collect();
    let mut request =
        ScanRequest::new(range).max_items(1 + random.below(20)).max_bytes(1 + random.below(200));
    if random.below(2) == 0 {
        request = request.reverse();
        expected.reverse();
    }
    if random.below(3) == 0 {
        request = request.keys_only();
        for (_, value) in &mut expected {
            value.clear();
        }
    }
    demand_equal(&format!("{request:?} is as the model"), &walk(store, &request).await?, &expected)
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
