//! Files that were changed behind the backend's back: what is read is what was written, or an error says so.
//!
//! Each case changes copies of one closed store, and opens them in another process, which a backend may crash without
//! taking the suite with it. `CODESTRATA_DAMAGE_ROUNDS` says how many changes each case tries.

use std::collections::BTreeMap;
use std::path::PathBuf;

use codestrata_core::{Batch, Bytes, DamageDetection, ErrorKind, OpenMode};

use crate::child::Child;
use crate::lab::{Entries, Place, everything, key};
use crate::place::write_files;
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::workload::{batch, entries_of, strongest};
use crate::{Lab, Violation};

const BATCHES: u32 = 12;
const NO_FILES: &str = "the backend keeps no files where the suite could change them";
// No damage makes a backend need more than this, in bytes.
const MOST_MEMORY: u64 = 1 << 30;

fn rounds() -> usize {
    std::env::var("CODESTRATA_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// What the store held after each step of its making, the last of which it holds now.
pub(crate) fn states() -> Vec<Entries> {
    let mut now: BTreeMap<Bytes, Bytes> = BTreeMap::new();
    let mut states = vec![Entries::new()];
    let mut keep = |now: &BTreeMap<Bytes, Bytes>| states.push(now.clone().into_iter().collect());
    for number in 0..BATCHES {
        now.extend(entries_of(number));
        keep(&now);
    }
    for (name, _) in entries_of(3) {
        now.remove(&name);
    }
    keep(&now);
    states
}

async fn write(place: &Place) -> Outcome {
    let store = place.open(OpenMode::Create).await?;
    let durability = strongest(&*store);
    for number in 0..BATCHES {
        store.apply(batch(number)?.durability(durability)).await?;
    }
    let mut deletes = Batch::new();
    for (name, _) in entries_of(3) {
        deletes = deletes.delete(key(name)?);
    }
    store.apply(deletes.durability(durability)).await?;
    Ok(store.close().await?)
}

/// Says what was found in a few words.
pub(crate) fn what_is(found: &Entries) -> String {
    let right = states().pop().unwrap_or_default();
    let (missing, other): (Vec<_>, Vec<_>) = right
        .iter()
        .filter(|entry| !found.contains(entry))
        .partition(|(name, _)| !found.iter().any(|(there, _)| there == name));
    let strange = found.iter().filter(|(name, _)| !right.iter().any(|(there, _)| there == name)).count();
    format!(
        "no error, and of {} entries {} are missing, {} have another value, and {strange} were never written",
        right.len(),
        missing.len(),
        other.len()
    )
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// One change of the files, and what it was in words.
type Change = (String, Files);

/// Opens every changed copy in another process.
async fn demand_noticed(lab: &Lab, allowed: &str, changes: Vec<Change>) -> Outcome {
    let images = lab.place();
    for (number, (_, files)) in changes.iter().enumerate() {
        write_files(&images.folder().join(number.to_string()), files)?;
    }
    let role = format!("damaged {} {allowed}", changes.len());
    let mut child = Child::start(&images, &role)?;
    let mut at = None;
    let mut peak = 0_u64;
    let outcome = loop {
        match child.line().await {
            Ok(None) => break child.finish().await.map(drop),
            Ok(Some(line)) => match line.strip_prefix("peak ") {
                Some(bytes) => peak = bytes.parse().unwrap_or_default(),
                None => at = line.parse::<usize>().ok(),
            },
            Err(violation) => break Err(violation),
        }
    };
    outcome.map_err(|violation| {
        let what = at.and_then(|at| changes.get(at)).map_or("", |(what, _)| what);
        violation.with_hint(&format!("what was done to the files of the store: {what}"))
    })?;
    demand("damage does not make a backend take more than a gibibyte of memory", peak < MOST_MEMORY, peak)
}

/// The files of a store that was closed; none where there are none.
async fn closed_store(lab: &Lab) -> Outcome<Option<Files>> {
    if !lab.claims().persistent() {
        return Ok(None);
    }
    let place = lab.place();
    write(&place).await?;
    if place.is_untouched() {
        return Ok(None);
    }
    let files = place.bytes()?;
    Ok(files.values().any(|bytes| !bytes.is_empty()).then_some(files))
}

/// Every file, with a change of its bytes that may leave them as they are.
fn changed(files: &Files, file: &PathBuf, what: &str, change: impl FnOnce(&mut Vec<u8>)) -> Option<Change> {
    let mut files = files.clone();
    let bytes = files.get_mut(file)?;
    let before = bytes.clone();
    change(bytes);
    if *bytes == before {
        return None;
    }
    Some((format!("{}: {what}", file.display()), files))
}

/// Places in the files: the first bytes, the last, and others at random; small files are not favoured much.
fn places(files: &Files, count: usize, seed: u64) -> Vec<(PathBuf, usize)> {
    let mut random = Random::seeded(seed);
    let full: Vec<(&PathBuf, usize)> =
        files.iter().map(|(file, bytes)| (file, bytes.len())).filter(|(_, length)| *length > 0).collect();
    (0..count)
        .filter_map(|round| {
            let (file, length) = *full.get(round % full.len().max(1))?;
            // Where something is written matters more than where nothing is.
            let written = files.get(file).map_or(0, |bytes| bytes.iter().filter(|byte| **byte != 0).count());
            let at = match round / full.len().max(1) % 4 {
                0 => random.below(length.min(64)),
                1 => length - 1 - random.below(length.min(64)),
                _ if written > 0 => {
                    let nth = random.below(written);
                    let bytes = files.get(file)?;
                    bytes.iter().enumerate().filter(|(_, byte)| **byte != 0).nth(nth)?.0
                }
                _ => random.below(length),
            };
            Some((file.clone(), at))
        })
        .collect()
}

pub async fn a_flipped_bit_is_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let mut random = Random::seeded(21);
    let flips = places(&files, rounds() * 2, 22).into_iter().filter_map(|(file, at)| {
        let bit = random.below(8);
        changed(&files, &file, &format!("bit {bit} of byte {at} flipped"), |bytes| {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        })
    });
    demand_noticed(lab, "flipped", flips.collect()).await
}

pub async fn a_cut_file_is_noticed_or_an_earlier_state(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let mut random = Random::seeded(23);
    let cuts = (0..rounds()).filter_map(|round| {
        let full: Vec<_> = files.iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
        let (file, bytes) = *full.get(round % full.len().max(1))?;
        let length =
            if round < 16 { bytes.len().saturating_sub(round + 1) } else { random.below(bytes.len()) };
        changed(&files, file, &format!("cut to {length} of {} bytes", bytes.len()), |bytes| {
            bytes.truncate(length);
        })
    });
    demand_noticed(lab, "earlier", cuts.collect()).await
}

pub async fn a_zeroed_block_is_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let zeroed = places(&files, rounds(), 24).into_iter().filter_map(|(file, at)| {
        let from = at / 512 * 512;
        changed(&files, &file, &format!("512 bytes from {from} made zero"), |bytes| {
            bytes.iter_mut().skip(from).take(512).for_each(|byte| *byte = 0);
        })
    });
    // The last block of a log that was never closed may look like that.
    demand_noticed(lab, "earlier", zeroed.collect()).await
}

pub async fn other_bytes_in_a_block_are_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let mut random = Random::seeded(25);
    let written = places(&files, rounds(), 26).into_iter().filter_map(|(file, at)| {
        changed(&files, &file, &format!("16 bytes from {at} replaced"), |bytes| {
            bytes.iter_mut().skip(at).take(16).for_each(|byte| *byte = random.number().to_le_bytes()[0]);
        })
    });
    demand_noticed(lab, "earlier", written.collect()).await
}

pub async fn a_missing_file_is_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let without = files.keys().map(|file| {
        let mut rest = files.clone();
        rest.remove(file);
        (format!("{} deleted", file.display()), rest)
    });
    demand_noticed(lab, "same", without.collect()).await
}

pub async fn an_emptied_file_is_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let emptied = files.keys().filter_map(|file| changed(&files, file, "emptied", Vec::clear));
    // The last file of a log is empty before anything is written to it.
    demand_noticed(lab, "earlier", emptied.collect()).await
}

pub async fn bytes_after_the_end_are_noticed_or_harmless(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let longer = files.keys().flat_map(|file| {
        [1, 7, 64, 4_096].map(|count: usize| {
            changed(&files, file, &format!("{count} bytes appended"), |bytes| {
                bytes.extend((0..count).map(|_| 0xA5));
            })
        })
    });
    demand_noticed(lab, "same", longer.flatten().collect()).await
}

pub async fn files_in_each_others_place_are_noticed(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let names: Vec<_> = files.keys().collect();
    let swapped: Vec<Change> = names
        .windows(2)
        .filter_map(|pair| match pair {
            [first, second] => {
                let (one, other) = (files.get(*first)?, files.get(*second)?);
                let mut swapped = files.clone();
                swapped.insert((*first).clone(), other.clone());
                swapped.insert((*second).clone(), one.clone());
                (one != other)
                    .then(|| (format!("{} and {} swapped", first.display(), second.display()), swapped))
            }
            _ => None,
        })
        .collect();
    if swapped.is_empty() {
        return lab.not_applicable("the backend keeps one file only");
    }
    demand_noticed(lab, "same", swapped).await
}

/// Files that are no store, where the store would be.
fn foreign(files: &Files) -> Files {
    let text = b"This file is somebody's notes, and no store of any kind.\n";
    files.keys().map(|file| (file.clone(), text.iter().copied().cycle().take(9_000).collect())).collect()
}

pub async fn foreign_files_are_refused_and_left_alone(lab: &Lab) -> Outcome {
    let Some(files) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let notes = foreign(&files);
    for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
        let place = lab.place();
        write_files(place.folder(), &notes)?;
        match place.open(mode).await {
            Err(error) if error.kind() == ErrorKind::Corruption => {}
            Err(error) => {
                let seen = format!("{}: {error}", error.kind());
                return Err(Violation::new(
                    "what is not a store of this backend is the error `corruption`",
                    seen,
                ));
            }
            Ok(store) => {
                let seen = format!("{mode:?} opened it, with {} entries", everything(&*store).await?.len());
                return Err(Violation::new("what is not a store of this backend is refused", seen));
            }
        }
        let after = place.bytes()?;
        let touched: Vec<_> = notes
            .iter()
            .filter(|(file, bytes)| after.get(*file) != Some(*bytes))
            .map(|(file, _)| file)
            .collect();
        demand("what is not a store of this backend stays as it is", touched.is_empty(), &touched)?;
    }
    Ok(())
}

pub async fn a_newer_format_is_refused(lab: &Lab) -> Outcome {
    let Some(change) = lab.factory().newer_format() else {
        return lab.not_applicable("the factory gives no way to make one (Factory::with_newer_format)");
    };
    let place = lab.place();
    write(&place).await?;
    change(place.folder()).map_err(|error| crate::place::trouble("change the format of a store", error))?;
    // Twice in each mode: the first refusal must not have made it anything else.
    let modes = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];
    for mode in modes.into_iter().chain(modes) {
        let refused = place.open(mode).await.map(drop);
        demand_error("a store of a later version", refused, ErrorKind::InvalidConfig)?;
    }
    Ok(())
}

pub async fn damage_of_a_store_that_was_not_closed_is_noticed_or_an_earlier_state(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() {
        return lab.not_applicable(NO_FILES);
    }
    let place = lab.place();
    let mut child = Child::start(&place, &format!("script synced=0..{BATCHES} delete=3"))?;
    child.until("ready").await?;
    child.kill().await?;
    if place.is_untouched() {
        return lab.not_applicable(NO_FILES);
    }
    let files = place.bytes()?;
    let flips = places(&files, rounds(), 27).into_iter().filter_map(|(file, at)| {
        changed(&files, &file, &format!("byte {at} changed, after a kill"), |bytes| {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = !*byte;
            }
        })
    });
    demand_noticed(lab, "earlier", flips.collect()).await
}

pub async fn damage_that_comes_while_the_store_is_open_is_verified_or_harmless(lab: &Lab) -> Outcome {
    let detection = lab.claims().damage_detection();
    if detection == DamageDetection::None || !lab.claims().persistent() {
        return lab.not_applicable("damage detection is not claimed");
    }
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..BATCHES {
        store.apply(batch(number)?.durability(strongest(&*store))).await?;
    }
    store.flush().await?;
    if let Err(error) = store.verify().await {
        demand_error("verifying a sound store", Err::<(), _>(error), ErrorKind::Unsupported)?;
        return lab.not_applicable("the backend does not verify an open store");
    }
    // Whatever is live: every value that was written, wherever its bytes stand.
    let needle: Vec<u8> =
        entries_of(7).into_iter().map(|(_, value)| value.to_vec()).max_by_key(Vec::len).unwrap_or_default();
    let mut changed = 0;
    for (file, mut bytes) in place.bytes()? {
        let found: Vec<usize> = bytes
            .windows(needle.len())
            .enumerate()
            .filter(|(_, window)| *window == needle)
            .map(|(at, _)| at)
            .collect();
        for at in &found {
            if let Some(byte) = bytes.get_mut(at + needle.len() / 2) {
                *byte = !*byte;
            }
        }
        if !found.is_empty() {
            changed += found.len();
            overwrite(&place.folder().join(&file), &bytes)?;
        }
    }
    if changed == 0 {
        return lab.not_applicable("what is stored does not stand in the files as it was written");
    }
    match store.verify().await {
        // It holds in memory what it reads, and opening will tell.
        Ok(()) if detection == DamageDetection::OnRead => {
            let expected: Entries = (0..BATCHES).flat_map(entries_of).collect();
            let found = everything(&*store).await?;
            demand_equal("an open store that is said to be sound gives what was written", &found, &expected)?;
        }
        verified => {
            demand_error(
                "verifying an open store whose files were damaged",
                verified,
                ErrorKind::Corruption,
            )?;
        }
    }
    // It may be given up by that, or go on.
    let _ = store.close().await;
    Ok(())
}

/// Writes bytes over those of a file that others have open, without cutting it.
fn overwrite(file: &std::path::Path, bytes: &[u8]) -> Outcome {
    use std::io::Write;
    let write = || std::fs::OpenOptions::new().write(true).open(file)?.write_all(bytes);
    Ok(write().map_err(|error| crate::place::trouble("damage a file", error))?)
}

pub async fn a_sound_store_verifies(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..BATCHES {
        store.apply(batch(number)?).await?;
    }
    match store.verify().await {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            let detection = lab.claims().damage_detection();
            demand(
                "what is detected on verify is verified",
                detection != DamageDetection::OnVerify,
                detection,
            )?;
        }
        Err(error) => {
            return Err(Violation::new("a sound store verifies", format!("{}: {error}", error.kind())));
        }
    }
    let expected: Entries = (0..BATCHES).flat_map(entries_of).collect();
    demand_equal("verifying changes nothing", &everything(&*store).await?, &expected)
}
