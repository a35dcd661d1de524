//! Histories of calls at the same time, which must have an order.
//!
//! A few tasks read and write the same few keys in every way, and note when each call began and ended and what it
//! answered. Then an order is looked for in which one call after the other would have answered the same.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codestrata_core::{Backend, Batch, Durability, ErrorKind, KeyRange, Result, ScanRequest};

use crate::cases::order::{Call, Ended, Event, KEYS, State, has_order};
use crate::cases::threads::joined;
use crate::lab::key;
use crate::random::Random;
use crate::violation::{Outcome, demand};
use crate::{Lab, Violation, bare};

const TASKS: usize = 4;
const CALLS: usize = 12;
const NAMES: [&str; KEYS] = ["a", "b", "c"];

/// What one task does, and what it has noted.
struct Task {
    number: usize,
    store: Arc<dyn Backend>,
    clock: Arc<AtomicU64>,
    random: Random,
    // What it saw or wrote last, so that its preconditions often hold.
    last: State,
    gives_up: bool,
    history: Vec<Event>,
}

fn number_of(value: Option<&[u8]>) -> Outcome<Option<u32>> {
    let Some(value) = value else { return Ok(None) };
    let number = value.try_into().map(u32::from_be_bytes);
    number.map(Some).map_err(|_| Violation::new("a value is one of those written", format!("{value:?}")))
}

impl Task {
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn note(&mut self, began: u64, ended: u64, call: Call) {
        self.history.push(Event { task: self.number, began, ended, call });
    }

    async fn run(mut self) -> Outcome<Vec<Event>> {
        for _ in 0..CALLS {
            match self.random.below(8) {
                0 | 1 => self.get().await?,
                2 => self.get_many().await?,
                3 => self.scan().await?,
                _ => self.apply().await?,
            }
            if self.random.below(3) == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(self.history)
    }

    fn read(&mut self, began: u64, found: Vec<(usize, Option<u32>)>) {
        let ended = self.now();
        for (key, value) in &found {
            if let Some(slot) = self.last.get_mut(*key) {
                *slot = *value;
            }
        }
        self.note(began, ended, Call::Read(found));
    }

    async fn get(&mut self) -> Outcome {
        let at = self.random.below(KEYS);
        let name = key(NAMES.get(at).copied().unwrap_or_default())?;
        let began = self.now();
        let value = self.store.get(&name).await?;
        self.read(began, vec![(at, number_of(value.as_deref())?)]);
        Ok(())
    }

    async fn get_many(&mut self) -> Outcome {
        let names = NAMES.iter().map(key).collect::<Result<Vec<_>>>()?;
        let began = self.now();
        let values = self.store.get_many(&names).await?;
        let numbers: Vec<_> =
            values.iter().map(|value| number_of(value.as_deref())).collect::<Outcome<_>>()?;
        self.read_all(began, numbers);
        Ok(())
    }

    async fn scan(&mut self) -> Outcome {
        let request = ScanRequest::new(KeyRange::all());
        let reverse = self.random.below(2) == 0;
        let request = if reverse { request.reverse() } else { request };
        let began = self.now();
        let page = self.store.scan(&request).await?;
        if page.next().is_some() {
            // An engine may make its pages as short as it likes; of these nothing is to be learnt.
            return Ok(());
        }
        let mut numbers = Vec::new();
        for name in NAMES {
            let value = page.iter().find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| value);
            numbers.push(number_of(value)?);
        }
        self.read_all(began, numbers);
        Ok(())
    }

    /// A read of all keys: of one moment if that is claimed, else of a moment for each.
    fn read_all(&mut self, began: u64, numbers: Vec<Option<u32>>) {
        let found: Vec<_> = numbers.into_iter().enumerate().collect();
        if self.store.capabilities().consistent_pages() {
            return self.read(began, found);
        }
        // Of several moments, only that of one key, so that the history stays short enough.
        let one = self.random.below(KEYS);
        self.read(began, found.into_iter().filter(|(at, _)| *at == one).collect());
    }

    async fn apply(&mut self) -> Outcome {
        let mut batch = Batch::new().durability(Durability::Buffered);
        let (mut requires, mut writes) = (Vec::new(), Vec::new());
        for (at, (name, last)) in NAMES.iter().zip(self.last).enumerate() {
            if self.random.below(3) == 0 {
                requires.push((at, last));
                batch = match last {
                    None => batch.require_absent(key(name)?),
                    Some(number) => batch.require_equals(key(name)?, number.to_be_bytes().to_vec()),
                };
            }
            let number = u32::try_from(self.now()).unwrap_or(u32::MAX);
            match self.random.below(6) {
                0 | 1 => {
                    batch = batch.put(key(name)?, number.to_be_bytes().to_vec());
                    writes.push((at, Some(number)));
                }
                2 => {
                    batch = batch.delete(key(name)?);
                    writes.push((at, None));
                }
                3 => {
                    batch = batch.delete_range(KeyRange::from(&key(name)?));
                    writes.push((at, None));
                }
                _ => {}
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let gives_up = self.gives_up && self.random.below(4) == 0;
        let began = self.now();
        let result = if gives_up {
            bare::poll_times(pin!(self.store.apply(batch)), 1)
        } else {
            Some(self.store.apply(batch).await)
        };
        let ended = match result {
            None => {
                self.note(began, u64::MAX, Call::Apply { requires, writes, ended: Ended::Unknown });
                return Ok(());
            }
            Some(Ok(())) => Ended::Applied,
            Some(Err(refused)) if refused.kind() == ErrorKind::PreconditionFailed => Ended::Refused,
            // It promises that nothing was applied, so it has no place in the order.
            Some(Err(gave_way)) if gave_way.kind() == ErrorKind::Conflict => return Ok(()),
            Some(Err(other)) => return Err(other.into()),
        };
        if ended == Ended::Applied {
            for (at, value) in &writes {
                if let Some(slot) = self.last.get_mut(*at) {
                    *slot = *value;
                }
            }
        }
        let now = self.now();
        self.note(began, now, Call::Apply { requires, writes, ended });
        Ok(())
    }
}

/// The calls as people read them, in the order of their beginnings.
fn shown(history: &[Event]) -> String {
    let value = |value: &Option<u32>| value.map_or("nothing".to_owned(), |number| number.to_string());
    let list = |pairs: &[(usize, Option<u32>)]| {
        let each = pairs.iter().map(|(at, number)| {
            format!("{} = {}", NAMES.get(*at).copied().unwrap_or_default(), value(number))
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let lines = history.iter().map(|event| {
        let call = match &event.call {
            Call::Read(found) => format!("read {}", list(found)),
            Call::Apply { requires, writes, ended } => {
                format!("apply, requiring [{}], of [{}]: {ended:?}", list(requires), list(writes))
            }
        };
        let until = if event.ended == u64::MAX { "?".to_owned() } else { event.ended.to_string() };
        format!("\n    task {}, {} to {until}: {call}", event.task, event.began)
    });
    lines.collect()
}

async fn histories(lab: &Lab, rounds: u64, gives_up: bool) -> Outcome {
    let mut decided = 0;
    for round in 0..rounds {
        let store = lab.store().await?;
        let clock = Arc::new(AtomicU64::new(1));
        let tasks: Vec<_> = (0..TASKS)
            .map(|number| {
                let task = Task {
                    number,
                    store: Arc::clone(&store),
                    clock: Arc::clone(&clock),
                    random: Random::seeded(round * 100 + number as u64),
                    last: State::default(),
                    gives_up,
                    history: Vec::new(),
                };
                tokio::spawn(task.run())
            })
            .collect();
        let mut history = Vec::new();
        for task in tasks {
            history.extend(joined("a call beside others", task).await??);
        }
        history.sort_by_key(|event| event.began);
        let ordered = has_order(&history);
        decided += u32::from(ordered.is_some());
        if ordered == Some(false) {
            return Err(Violation::new(
                "every call takes effect at one moment between its beginning and its end, so that all of them have \
                 an order in which each answers as it did",
                format!("a history without one:{}", shown(&history)),
            ));
        }
        store.close().await?;
    }
    demand("the suite can tell of some of the histories whether they have an order", decided > 0, rounds)
}

pub async fn calls_at_the_same_time_have_an_order(lab: &Lab) -> Outcome {
    histories(lab, 30, false).await
}

pub async fn batches_that_are_given_up_have_a_place_in_the_order_or_none(lab: &Lab) -> Outcome {
    histories(lab, 30, true).await
}
