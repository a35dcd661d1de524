//! The shared cache, beside `quick_cache` used directly, an exact LRU, and the best that any choice of entries could do.
//!
//! All of them are charged the same for an entry: its value and what the shared cache counts beside it. The others keep the
//! text of the key as well, for which they are not charged.

mod rivals;
mod zipf;

use std::fmt::Write as _;
use std::hint::black_box;

use codestrata::SharedCache;
use codestrata::limits::CACHE_ENTRY_OVERHEAD_BYTES;
use codestrata_measure::{Samples, Unit, figure, length};

use crate::child::{Task, run};
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::runtime::timed;
use crate::{Outcome, goals};

pub(crate) use rivals::Rival;
use rivals::{Bare, Exact, Rivals};
use zipf::Zipf;

const GROUP: &str = "The shared cache";

/// A budget that nothing in the measurements of hits fills.
const AMPLE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How many entries there are where hits are timed.
const ENTRIES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Gets that are timed together.
const GETS: usize = 200_000;

/// Bytes of a value where the overhead of an entry is measured.
const VALUE_BYTES: usize = 64;

/// Measures hits, hit ratios and overhead.
///
/// # Errors
/// What the cache answers, and what a process of its own answers.
pub(crate) fn measure(settings: &Settings, report: &mut Report) -> Outcome<()> {
    hits(settings, report)?;
    ratios(settings, report)?;
    let entries = settings.cache_entries;
    let overhead = |rival: Rival| -> Outcome<Samples> {
        let mut samples = Samples::default();
        for _ in 0..settings.repetitions {
            let measured = run(&Task::Fill(rival, entries))?;
            let taken = figure(measured.after.resident.saturating_sub(measured.before.resident));
            samples.push(taken / length(entries) - length(VALUE_BYTES + key(0).len()));
        }
        Ok(samples)
    };
    let (ours, bare) = (overhead(Rival::Ours)?, overhead(Rival::Bare)?);
    let line =
        Line::seconds(GROUP, format!("memory beside key and value, each of {entries} entries"), "host", ours);
    report.add(line.unit(Unit::BytesEach).beside("quick_cache", &bare).goal(goals::CACHE_OVERHEAD));
    Ok(())
}

/// The key of a number, as users write them.
pub(crate) fn key(number: usize) -> String {
    let mut text = String::with_capacity(16);
    // Writing to a string does not fail.
    let _ = write!(text, "entry/{number:010}");
    text
}

/// What a hit costs, and whether that grows with the number of entries.
fn hits(settings: &Settings, report: &mut Report) -> Outcome<()> {
    let mut first = None;
    for entries in ENTRIES.into_iter().filter(|entries| *entries <= settings.cache_entries) {
        let (ours, bare) = (SharedCache::new(AMPLE_BYTES, None), Bare::new(AMPLE_BYTES));
        for number in 0..entries {
            ours.set(&key(number), &(number as u64), None)?;
            bare.set_number(key(number), number as u64);
        }
        let mut random = fastrand::Rng::with_seed(3);
        // The keys are made before, and lie where they came: reading them costs both sides the same.
        let keys: Vec<String> =
            (0..GETS.min(settings.questions * 200)).map(|_| key(random.usize(0..entries))).collect();
        let (mut host, mut direct) = (Samples::default(), Samples::default());
        for _ in 0..=settings.repetitions {
            let (seconds, found) = timed(|| {
                let found = keys.iter().filter(|key| matches!(black_box(ours.get::<u64>(key)), Ok(Some(_))));
                Ok(found.count())
            })?;
            host.push(seconds / length(keys.len()));
            let (seconds, others) =
                timed(|| Ok(keys.iter().filter(|key| black_box(bare.number(key)).is_some()).count()))?;
            direct.push(seconds / length(keys.len()));
            if (found, others) != (keys.len(), keys.len()) {
                return Err(format!("{found} and {others} of {} gets were hits", keys.len()).into());
            }
        }
        let line = Line::seconds(GROUP, format!("hit among {entries} entries"), "host", host.clone());
        report.add(line.beside("quick_cache", &direct).goal(goals::CACHE_HIT));
        match &first {
            None => first = Some((host, direct)),
            Some((small, bare_small)) => {
                let measure = format!("hit among {entries} entries, beside 1000");
                report.add(Line::seconds(GROUP, &measure, "host", host).beside("1000 entries", small));
                report.add(
                    Line::seconds(GROUP, &measure, "quick_cache", direct).beside("1000 entries", bare_small),
                );
            }
        }
    }
    Ok(())
}

/// How many look-ups find something, with keys as they are asked for in life: few very often, most seldom.
fn ratios(settings: &Settings, report: &mut Report) -> Outcome<()> {
    let zipf = Zipf::new(settings.cache_keys, 0.99);
    let total: u64 = (0..zipf.len()).map(|number| charged(value_bytes(number))).sum();
    // As small as a budget can be that is not divided, and about a tenth of what there is.
    let budget = total / 10;
    let best = zipf.static_optimum(budget, |number| charged(value_bytes(number)));
    for (scans, measure) in [(false, "hit ratio, Zipf(0.99)"), (true, "hit ratio, Zipf(0.99) and scans")] {
        let (mut ours, mut bare, mut exact) = (Samples::default(), Samples::default(), Samples::default());
        for seed in 0..settings.repetitions.min(3) {
            let mut rivals = Rivals::new(budget);
            let found = rivals.play(&zipf, settings.cache_requests, scans, seed as u64)?;
            ours.push(found[0]);
            bare.push(found[1]);
            exact.push(found[2]);
        }
        let line = |of: &str, samples: &Samples| {
            Line::seconds(GROUP, measure, of, samples.clone()).unit(Unit::Share)
        };
        if scans {
            report.add(line("host", &ours).beside("exact LRU", &exact).goal(goals::CACHE_SCANS));
        } else {
            let optimum = Samples::one(best);
            report.add(line("host", &ours).beside("static optimum", &optimum).goal(goals::CACHE_RATIO));
            report.add(line("host", &ours).beside("exact LRU", &exact));
        }
        report.add(line("host", &ours).beside("quick_cache", &bare));
    }
    Ok(())
}

/// Bytes of the value of a key: from 100 to 2,000, spread without regard to how often it is asked for.
pub(crate) fn value_bytes(number: usize) -> usize {
    100 + number.wrapping_mul(2_654_435_761) % 1_901
}

/// What an entry is charged.
pub(crate) fn charged(value: usize) -> u64 {
    value as u64 + CACHE_ENTRY_OVERHEAD_BYTES
}

/// Fills a cache in a process of its own, which measures what it takes.
pub(crate) fn fill(rival: Rival, entries: usize) -> Outcome<Box<dyn std::any::Any>> {
    let value = vec![0x5a_u8; VALUE_BYTES];
    Ok(match rival {
        Rival::Ours => {
            let cache = SharedCache::new(AMPLE_BYTES, None);
            for number in 0..entries {
                cache.set(&key(number), &value, None)?;
            }
            Box::new(cache)
        }
        Rival::Bare => {
            let cache = Bare::new(AMPLE_BYTES);
            for number in 0..entries {
                cache.set(key(number), &value);
            }
            Box::new(cache)
        }
        Rival::Exact => {
            let mut cache = Exact::new(AMPLE_BYTES);
            for number in 0..entries {
                cache.set(key(number), value.len());
            }
            Box::new(cache)
        }
    })
}
