//! Damage is reported: nothing hangs or aborts, no panic gets out, and what is read is what was written.
//!
//! A store that was closed is sealed, so that any change of its files is found when it is opened. A store that
//! crashed has no seal. Damage there may look like a log that ends earlier, so that the last batches are gone; but there is no other
//! loss without an error, and never other data. `CODESTRATA_DAMAGE_ROUNDS` says how many flips and cuts are
//! tried (60, unless it is set).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails fails its test")]

mod child;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{Batch, Bytes, ErrorKind, OpenMode};

const BATCHES: u32 = 60;
const WIDTH: u32 = 50;

fn rounds() -> u64 {
    std::env::var("CODESTRATA_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

fn entry(number: u32, at: u32) -> (Vec<u8>, Bytes) {
    // One of them is large enough for sled to give it a file of its own.
    let length = if number == 30 && at == 0 { 300_000 } else { 60 };
    let value = (number * WIDTH + at).to_be_bytes().into_iter().cycle().take(length).collect();
    ([number.to_be_bytes(), at.to_be_bytes()].concat(), value)
}

fn batch(number: u32) -> Batch {
    puts(&(0..WIDTH).map(|at| entry(number, at)).collect::<Vec<_>>()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for one in fs::read_dir(from).unwrap() {
        let one = one.unwrap();
        let place = to.join(one.file_name());
        if one.file_type().unwrap().is_dir() {
            copy(&one.path(), &place);
        } else {
            fs::copy(one.path(), place).map(drop).unwrap();
        }
    }
}

/// Every file of a store that matters.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for one in fs::read_dir(folder).unwrap() {
        let one = one.unwrap();
        if one.file_type().unwrap().is_dir() {
            found.extend(files(&one.path()));
        } else {
            found.push(one.path());
        }
    }
    found.sort();
    found
}

/// A store as it is when it was closed, and as it is when the process was killed.
async fn make(closed: &Path, crashed: &Path) {
    let store = open(closed, OpenMode::Create).await.unwrap();
    for number in 0..BATCHES {
        store.apply(batch(number)).await.unwrap();
    }
    copy(closed, crashed);
    store.close().await.unwrap();
}

/// Flips a bit of the file, or cuts it.
fn spoil(file: &Path, random: &mut Random) -> String {
    let mut bytes = fs::read(file).unwrap();
    let at = random.below(bytes.len());
    let what = if random.below(4) == 0 {
        bytes.truncate(at);
        format!("{} cut to {at} bytes", file.display())
    } else {
        let bit = 1_u8 << random.below(8);
        bytes[at] ^= bit;
        format!("{} byte {at} xor {bit}", file.display())
    };
    fs::write(file, bytes).unwrap();
    what
}

#[test]
fn any_change_of_a_closed_store_is_found_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (closed, damaged) = (folder.path().join("closed"), folder.path().join("damaged"));
    let runtime = runtime();
    runtime.block_on(make(&closed, &folder.path().join("crashed")));
    let corrupt = |what: &str| {
        for mode in [OpenMode::ReadOnly, OpenMode::Existing, OpenMode::Create] {
            let error =
                runtime.block_on(open(&damaged, mode)).err().unwrap_or_else(|| panic!("{what}: opened"));
            assert_eq!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
        }
    };
    let mut random = Random::seeded(7);
    for _ in 0..rounds() {
        copy(&closed, &damaged);
        let files = files(&damaged);
        let what = spoil(&files[random.below(files.len())], &mut random);
        corrupt(&what);
    }
    for (at, bit) in (0..fs::read(closed.join("codestrata")).unwrap().len())
        .flat_map(|at| (0..8).map(move |bit| (at, bit)))
    {
        copy(&closed, &damaged);
        let mut marker = fs::read(damaged.join("codestrata")).unwrap();
        marker[at] ^= 1_u8 << bit;
        fs::write(damaged.join("codestrata"), marker).unwrap();
        corrupt(&format!("codestrata byte {at} bit {bit}"));
    }
    for missing in files(&closed).iter().filter(|one| !one.ends_with("seal")) {
        copy(&closed, &damaged);
        let name = missing.strip_prefix(&closed).unwrap();
        fs::remove_file(damaged.join(name)).unwrap();
        corrupt(&format!("{} missing", name.display()));
    }
    copy(&closed, &damaged);
    fs::write(damaged.join("snap.7FFFFFFFFFFFFFFF"), "another").unwrap();
    corrupt("a file too many");
}

/// The child: opens what its parent has damaged, uses it, and says what it found.
#[test]
fn child_uses_a_damaged_store() {
    let Some(path) = store_of_child() else { return };
    let judge = |error: codestrata_core::Error| {
        let expected = [ErrorKind::Corruption, ErrorKind::Poisoned, ErrorKind::Internal];
        assert!(expected.contains(&error.kind()), "{}: {error}", error.kind());
        say("error");
    };
    runtime().block_on(async {
        let Ok(store) = open(&path, OpenMode::Existing).await.map_err(judge) else { return };
        let found = everything(&*store).await.unwrap();
        let number = u32::try_from(found.len()).unwrap() / WIDTH;
        let whole = (0..number).flat_map(|number| (0..WIDTH).map(move |at| entry(number, at)));
        let whole = whole.eq(found.iter().map(|(name, value)| (name.to_vec(), value.clone())));
        assert!(whole, "{} entries, and not those of the first {number} batches", found.len());
        store.verify().await.unwrap();
        store.apply(batch(number)).await.unwrap();
        store.close().await.unwrap();
        let again = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*again).await.unwrap().len(), found.len() + WIDTH as usize);
        say(number);
    });
}

#[test]
fn damage_to_a_crashed_store_is_found_or_ends_the_log_earlier() {
    const LIMIT: Duration = Duration::from_secs(60);
    let folder = tempfile::tempdir().unwrap();
    let (crashed, damaged) = (folder.path().join("crashed"), folder.path().join("damaged"));
    runtime().block_on(make(&folder.path().join("closed"), &crashed));
    let mut random = Random::seeded(8);
    let (mut errors, mut earlier) = (0, 0);
    for _ in 0..rounds() {
        copy(&crashed, &damaged);
        let files = files(&damaged);
        // The log has nearly everything.
        let file =
            if random.below(3) == 0 { files[random.below(files.len())].clone() } else { damaged.join("db") };
        let what = spoil(&file, &mut random);
        let mut child = child::command("child_uses_a_damaged_store", &damaged).spawn().unwrap();
        let said = lines(&mut child);
        let begun = Instant::now();
        let ended = loop {
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            if begun.elapsed() > LIMIT {
                child.kill().unwrap();
                panic!("{what}: it hangs");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(ended.success(), "{what}: {ended}");
        match said.last().unwrap().as_str() {
            "error" => errors += 1,
            number if number.parse::<u32>().unwrap() < BATCHES => earlier += 1,
            _ => {}
        }
    }
    println!("{errors} were found, {earlier} ended the log earlier, of {}", rounds());
    assert!(errors > 0, "some damage is found");
}
