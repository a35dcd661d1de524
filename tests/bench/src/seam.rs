//! What the seam costs: the redb backend behind `dyn Backend`, and redb used directly, with the same entries, the same
//! cache of pages and the same durability.
//!
//! The backend checks more than redb does: each block of the file has a checksum. That is part of what is measured.

use std::hint::black_box;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use codestrata::OpenMode;
use codestrata_core::{Backend, Batch, Bytes, Key, KeyRange, Op, Registry, ScanRequest};
use codestrata_measure::Samples;
use redb::{Database, ReadableDatabase, TableDefinition};
use tokio::runtime::Runtime;

use crate::ours::configuration;
use crate::plan::Settings;
use crate::report::{Goal, Line, Report};
use crate::runtime::{runtime, timed};
use crate::{Outcome, goals};

const GROUP: &str = "Seam, beside redb used directly";

const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("entries");

/// Keys of one `get_many`.
const KEYS_PER_GET: usize = 64;

/// Puts of one small commit.
const PUTS_PER_COMMIT: usize = 8;

/// Bytes of a value: about those of a record of a small file.
const VALUE_BYTES: usize = 200;

/// Memory for pages of each side: the backend's default, and told to both, so that they stay the same.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// Times of the same work on both sides.
#[derive(Default)]
struct Pair {
    through: Samples,
    direct: Samples,
}

/// Both sides, open.
struct Sides {
    runtime: Runtime,
    backend: Arc<dyn Backend>,
    direct: Database,
}

/// Measures both sides in turns.
///
/// # Errors
/// What redb answers, and if the two do not hold the same.
pub(crate) fn measure(settings: &Settings, report: &mut Report) -> Outcome<()> {
    let entries = entries(settings.seam_entries);
    let (mut load, mut scan, mut get, mut commit) =
        (Pair::default(), Pair::default(), Pair::default(), Pair::default());
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..settings.repetitions {
        let scratch = settings.scratch()?;
        let sides = Sides::open(scratch.path())?;
        sides.load(&entries, &mut load)?;
        // Once without counting, so that both caches hold what they can.
        sides.scan(entries.len(), &mut Pair::default())?;
        sides.scan(entries.len(), &mut scan)?;
        for _ in 0..settings.questions {
            sides.get(&entries, &mut random, &mut get)?;
        }
        for number in 0..settings.questions.min(200) {
            sides.commit(number, &mut commit)?;
        }
        sides.runtime.block_on(sides.backend.close())?;
    }
    let mut add = |measure: &str, pair: Pair, goal: Goal| {
        let line = Line::seconds(GROUP, measure, "redb", pair.through);
        report.add(line.beside("redb directly", &pair.direct).goal(goal));
    };
    let count = entries.len();
    add(&format!("sorted bulk load of {count} entries"), load, goals::SEAM_LOAD);
    add(&format!("scan of {count} entries"), scan, goals::SEAM_SCAN);
    add(&format!("{KEYS_PER_GET} random gets"), get, goals::SEAM_GET);
    add(&format!("durable commit of {PUTS_PER_COMMIT} puts"), commit, goals::SEAM_COMMIT);
    Ok(())
}

/// Sorted keys with values that do not compress.
fn entries(count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut random = fastrand::Rng::with_seed(2);
    let value = |random: &mut fastrand::Rng| (0..VALUE_BYTES).map(|_| random.u8(..)).collect();
    (0..count).map(|number| (format!("file/{number:016}").into_bytes(), value(&mut random))).collect()
}

impl Sides {
    fn open(folder: &Path) -> Outcome<Self> {
        let runtime = runtime()?;
        let place = folder.join("through.redb");
        let configuration = configuration("redb", &place).option("cache", format!("{CACHE_BYTES}B"));
        let request = configuration.storage().open_request(OpenMode::Create);
        let backend = runtime.block_on(Registry::linked()?.get("redb")?.open(request))?;
        let direct = Database::builder().set_cache_size(CACHE_BYTES).create(folder.join("direct.redb"))?;
        Ok(Self { runtime, backend, direct })
    }

    fn load(&self, entries: &[(Vec<u8>, Vec<u8>)], pair: &mut Pair) -> Outcome<()> {
        let mut batch = Batch::new();
        for (key, value) in entries {
            batch.add(Op::Put(Key::new(key.clone())?, value.clone().into()));
        }
        pair.through.push(timed(|| Ok(self.runtime.block_on(self.backend.apply(batch))?))?.0);
        let (seconds, ()) = timed(|| {
            let transaction = self.direct.begin_write()?;
            {
                let mut table = transaction.open_table(TABLE)?;
                let first = entries.first().map(|(key, _)| key.as_slice()).unwrap_or_default();
                let mut cursor = table.upper_bound_mut(Bound::Excluded(first))?;
                for (key, value) in entries {
                    cursor.insert_before(key.as_slice(), value.as_slice())?;
                }
                cursor.close()?;
            }
            Ok(transaction.commit()?)
        })?;
        pair.direct.push(seconds);
        Ok(())
    }

    fn scan(&self, count: usize, pair: &mut Pair) -> Outcome<()> {
        let (seconds, through) = timed(|| {
            let mut request = ScanRequest::new(KeyRange::all());
            let mut bytes = (0, 0);
            loop {
                let page = self.runtime.block_on(self.backend.scan(&request))?;
                bytes = page.iter().fold(bytes, sum);
                let Some(next) = page.next() else { return Ok(bytes) };
                request = request.over(next.clone());
            }
        })?;
        pair.through.push(seconds);
        let (seconds, direct) = timed(|| {
            let table = self.direct.begin_read()?.open_table(TABLE)?;
            let mut bytes = (0, 0);
            for entry in table.range::<&[u8]>(..)? {
                let (key, value) = entry?;
                bytes = sum(bytes, (key.value(), value.value()));
            }
            Ok(bytes)
        })?;
        pair.direct.push(seconds);
        if through != direct || through.0 < count {
            return Err(format!("a scan found {through:?} through the seam and {direct:?} directly").into());
        }
        Ok(())
    }

    fn get(
        &self,
        entries: &[(Vec<u8>, Vec<u8>)],
        random: &mut fastrand::Rng,
        pair: &mut Pair,
    ) -> Outcome<()> {
        let chosen = (0..KEYS_PER_GET).filter_map(|_| entries.get(random.usize(0..entries.len())));
        let names: Vec<&[u8]> = chosen.map(|(key, _)| key.as_slice()).collect();
        let keys = names.iter().map(|name| Key::new(name.to_vec())).collect::<Result<Vec<_>, _>>()?;
        let (seconds, through) = timed(|| {
            let values = self.runtime.block_on(self.backend.get_many(&keys))?;
            Ok(values.iter().flatten().map(Bytes::len).sum::<usize>())
        })?;
        pair.through.push(seconds);
        let (seconds, direct) = timed(|| {
            let table = self.direct.begin_read()?.open_table(TABLE)?;
            let mut bytes = 0;
            for name in &names {
                bytes += table.get(*name)?.map_or(0, |value| black_box(value.value()).len());
            }
            Ok(bytes)
        })?;
        pair.direct.push(seconds);
        if through != direct {
            return Err(format!("{through} bytes were got through the seam and {direct} directly").into());
        }
        Ok(())
    }

    fn commit(&self, number: usize, pair: &mut Pair) -> Outcome<()> {
        let key = |put: usize| format!("small/{:08}", number * PUTS_PER_COMMIT + put).into_bytes();
        let value = vec![0x5a; VALUE_BYTES];
        let mut batch = Batch::new();
        for put in 0..PUTS_PER_COMMIT {
            batch.add(Op::Put(Key::new(key(put))?, value.clone().into()));
        }
        pair.through.push(timed(|| Ok(self.runtime.block_on(self.backend.apply(batch))?))?.0);
        let (seconds, ()) = timed(|| {
            let transaction = self.direct.begin_write()?;
            {
                let mut table = transaction.open_table(TABLE)?;
                for put in 0..PUTS_PER_COMMIT {
                    table.insert(key(put).as_slice(), value.as_slice())?;
                }
            }
            Ok(transaction.commit()?)
        })?;
        pair.direct.push(seconds);
        Ok(())
    }
}

/// Entries and bytes, with one more entry.
fn sum((entries, bytes): (usize, usize), (key, value): (&[u8], &[u8])) -> (usize, usize) {
    (entries + 1, bytes + key.len() + value.len())
}

/// How many entries there are in a full run; one that tells is larger than the cache of pages.
pub(crate) const ENTRIES: usize = 200_000;

/// The same in a quick run.
pub(crate) const QUICK_ENTRIES: usize = 2_000;
