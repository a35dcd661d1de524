//! Random histories over an engine that goes wrong: what an error promises is so, and what is unknown is settled by
//! reading.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use codestrata::ErrorKind;
use codestrata::layers::{FaultPlan, Faulty, Layers, Operation, RetryPolicy, TimeLimits, When};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_conformance::random::Random;
use codestrata_core::{Backend, Batch, Bytes, Key, KeyRange, Op, ReadView, ScanRequest};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// The seeds to try: as many as `CODESTRATA_SEEDS` says, or the one of `CODESTRATA_SEED`.
pub(crate) fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("CODESTRATA_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CODESTRATA_SEEDS").unwrap_or(default),
    }
}

/// Every way in which an engine that keeps the contract can disappoint.
fn plan(seed: u64) -> FaultPlan {
    FaultPlan::seeded(seed)
        .tear_acknowledgements(When::PerMille(150))
        .lose_acknowledgements(When::PerMille(50))
        .fail(&[Operation::Apply], When::PerMille(100), ErrorKind::Conflict)
        .fail(&[Operation::Apply], When::PerMille(50), ErrorKind::Full)
        .fail(&Operation::READS, When::PerMille(100), ErrorKind::Unavailable)
        .fail(&[Operation::Snapshot], When::PerMille(100), ErrorKind::Unavailable)
        .delay(&Operation::ALL, When::PerMille(20), Duration::from_micros(50))
        .cut_pages(When::PerMille(300))
}

/// The stack that a caller has: layers over an engine that goes wrong. The policy is odd for some seeds, so that calls
/// fail for good as well.
fn stack(seed: u64, below: &Arc<MemoryBackend>) -> Arc<dyn Backend> {
    let faulty = Arc::new(Faulty::new(Arc::clone(below) as Arc<dyn Backend>, plan(seed)));
    let retries = if seed.is_multiple_of(3) { 0 } else { 2 };
    Layers::named("memory")
        .traced()
        .metered()
        .retries(RetryPolicy::retries(retries).delays(Duration::ZERO, Duration::ZERO))
        .time_limit(TimeLimits::of(Duration::from_secs(300)))
        .over(faulty)
}

fn key(bytes: &[u8]) -> Key {
    Key::new(bytes.to_vec()).unwrap()
}

/// A value, asked for until there is an answer.
async fn read(view: &dyn ReadView, name: &Key) -> Option<Bytes> {
    loop {
        match view.get(name).await {
            Err(again) => assert_eq!(again.kind(), ErrorKind::Unavailable),
            Ok(value) => return value,
        }
    }
}

async fn everything(view: &dyn ReadView) -> Model {
    let (mut found, mut request) = (Model::new(), ScanRequest::new(KeyRange::all()));
    loop {
        let page = match view.scan(&request).await {
            Err(again) => {
                assert_eq!(again.kind(), ErrorKind::Unavailable);
                continue;
            }
            Ok(page) => page,
        };
        found.extend(page.iter().map(|(name, value)| (name.to_vec(), value.to_vec())));
        match page.next() {
            None => return found,
            Some(rest) => request = request.over(rest.clone()),
        }
    }
}

/// A batch of a few changes, of a marker that no other batch has, and sometimes of a condition that holds.
fn batch(random: &mut Random, model: &Model, step: u64) -> (Batch, Model) {
    let (mut batch, mut after) = (Batch::new(), model.clone());
    if random.below(2) == 0 {
        let name = random.bytes(b"abc", 1, 2);
        batch = match model.get(&name) {
            None => batch.require_absent(key(&name)),
            Some(value) => batch.require_equals(key(&name), value.clone()),
        };
    }
    for _ in 0..=random.below(4) {
        let name = random.bytes(b"abc", 1, 2);
        match random.below(5) {
            0 => {
                batch.add(Op::Delete(key(&name)));
                after.remove(&name);
            }
            1 => {
                batch.add(Op::DeleteRange(KeyRange::prefix(name.clone())));
                after.retain(|other, _| !other.starts_with(&name));
            }
            _ => {
                let value = random.bytes(b"xyz", 0, 9);
                batch.add(Op::Put(key(&name), value.clone().into()));
                after.insert(name, value);
            }
        }
    }
    after.insert(b"marker".to_vec(), step.to_be_bytes().to_vec());
    (batch.put(key(b"marker"), step.to_be_bytes().to_vec()), after)
}

/// How often each outcome came, so that a test can say that it tried them.
#[derive(Debug, Default)]
struct Seen {
    applied: u32,
    unknown_applied: u32,
    unknown_lost: u32,
    refused: u32,
}

async fn history(seed: u64, outcomes: &mut Seen) {
    let below = Arc::new(MemoryBackend::new());
    let store = stack(seed, &below);
    let (mut random, mut model) = (Random::seeded(seed), Model::new());
    let marker = key(b"marker");
    for step in 0..40 {
        let (batch, after) = batch(&mut random, &model, step);
        match store.apply(batch).await {
            Ok(()) => {
                model = after;
                outcomes.applied += 1;
            }
            Err(error) if error.kind() == ErrorKind::CommitUnknown => {
                if read(store.as_ref(), &marker).await.as_deref() == Some(&step.to_be_bytes()) {
                    model = after;
                    outcomes.unknown_applied += 1;
                } else {
                    outcomes.unknown_lost += 1;
                }
            }
            Err(error) => {
                assert!(error.kind().is_certainly_not_applied(), "step {step}: {error:?}");
                assert_ne!(error.kind(), ErrorKind::PreconditionFailed, "step {step}: the condition holds");
                outcomes.refused += 1;
            }
        }
        assert_eq!(everything(below.as_ref()).await, model, "step {step}: what is stored");
        assert_eq!(everything(store.as_ref()).await, model, "step {step}: what is seen");
        if let Ok(view) = store.snapshot().await {
            assert_eq!(everything(view.as_ref()).await, model, "step {step}: a snapshot");
        }
    }
}

#[tokio::test]
async fn the_model_agrees_after_every_step_whatever_goes_wrong() {
    let mut seen = Seen::default();
    for seed in seeds(40) {
        println!("again with CODESTRATA_SEED={seed} cargo test -p codestrata --test layers histories");
        history(seed, &mut seen).await;
    }
    println!("{seen:?}");
    if seeds(40).count() >= 40 {
        assert!(
            [seen.applied, seen.unknown_applied, seen.unknown_lost, seen.refused].iter().all(|&n| n > 10),
            "the faults came where none was tried: {seen:?}"
        );
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let run = |seed| async move {
        let faulty = Faulty::new(Arc::new(MemoryBackend::new()), plan(seed));
        let mut outcomes = Vec::new();
        for number in 0..200_u32 {
            let batch = Batch::new().put(key(&number.to_be_bytes()), "v");
            outcomes.push(faulty.apply(batch).await.map_err(|error| error.kind()));
            outcomes.push(faulty.get(&key(b"k")).await.map(drop).map_err(|error| error.kind()));
        }
        (outcomes, faulty.faults())
    };
    assert_eq!(run(7).await, run(7).await);
    assert_ne!(run(7).await.0, run(8).await.0);
}

#[tokio::test]
async fn a_cut_page_goes_on_where_it_was_cut() {
    let below = Arc::new(MemoryBackend::new());
    let names: Vec<Key> = (0..100_u8).map(|number| key(&[number])).collect();
    let filling = names.iter().fold(Batch::new(), |batch, name| batch.put(name.clone(), "v"));
    below.apply(filling).await.unwrap();
    let plan = FaultPlan::seeded(1).cut_pages(When::Always);
    let store = Faulty::new(below, plan);
    for request in [ScanRequest::new(KeyRange::all()), ScanRequest::new(KeyRange::all()).reverse()] {
        let (mut request, mut found, mut pages) = (request, Vec::new(), 0);
        loop {
            let page = store.scan_many(std::slice::from_ref(&request)).await.unwrap().remove(0);
            pages += 1;
            found.extend(page.iter().map(|(name, _)| name[0]));
            match page.next() {
                None => break,
                Some(rest) => request = request.over(rest.clone()),
            }
        }
        found.sort_unstable();
        assert_eq!(found, (0..100).collect::<Vec<u8>>());
        assert!(pages > 5, "{pages}");
    }
}
