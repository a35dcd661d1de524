//! Damage is `Corruption` with its file and offset, or does no harm: never other data, and never a loss in silence.
//!
//! `CODESTRATA_DAMAGE_ROUNDS` says how many bits are flipped in the frames of each file, beside those of its head
//! and its end (60, unless it is set).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use std::collections::BTreeMap;

use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::{key, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{
    Backend, Batch, Durability, Error, ErrorKind, KeyRange, OpenMode, ReadView, ScanRequest,
};
use disk::Disk;
use disk::life::{Model, content, open};

type Files = BTreeMap<String, Vec<u8>>;

/// The files of a store that was closed, several log files of them, and what is in it.
fn closed_store(seed: u64) -> (Files, Model) {
    let mut random = Random::seeded(seed);
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    for number in 0..60_u8 {
        let mut batch = Batch::new();
        for at in 0..3_u8 {
            batch = batch.put(key([number, at]).unwrap(), vec![at; random.below(600)]);
        }
        batch = batch.delete(key([number / 2, 0]).unwrap());
        let durability = if number.is_multiple_of(5) { Durability::Buffered } else { Durability::Synced };
        block_on(store.apply(batch.durability(durability))).unwrap();
    }
    let model = content(&store);
    block_on(store.close()).unwrap();
    let files = disk.files();
    assert!(files.len() > 4, "there are several log files: {:?}", files.keys());
    (files, model)
}

fn refused(disk: &Disk, mode: OpenMode, what: &str) -> Error {
    match open(disk, mode) {
        Err(error) => error,
        Ok(store) => panic!("{what}: it opens, with {} entries", content(&store).len()),
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_closed_store_is_found_when_it_is_opened() {
    let (files, model) = closed_store(21);
    let mut random = Random::seeded(22);
    let last = files.keys().rfind(|name| name.contains(".log")).unwrap();
    for (name, bytes) in &files {
        let rounds = std::env::var("CODESTRATA_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok());
        let mut places: Vec<usize> = (0..150).chain(bytes.len().saturating_sub(60)..bytes.len()).collect();
        places.extend((0..rounds.unwrap_or(60)).map(|_| random.below(bytes.len())));
        for at in places.into_iter().filter(|at| *at < bytes.len()) {
            let disk = Disk::with(&files);
            disk.change(name, |file| file[at] ^= 1 << random.below(8));
            let what = format!("byte {at} of {name}");
            if name == last && at + 40 >= bytes.len() {
                // The mark at the very end says only that all before it was synced.
                assert_eq!(content(&open(&disk, OpenMode::ReadOnly).unwrap()), model, "{what}");
                continue;
            }
            let error = refused(&disk, OpenMode::ReadOnly, &what);
            assert_eq!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
            assert!(error.message().contains(name.as_str()), "{what}: {error}");
            let offset = error.message().split("at byte ").nth(1).map(|rest| {
                rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse::<usize>().unwrap()
            });
            // Only a file whose first bytes are not ours has no place to name.
            assert!(offset.map_or(at < 8, |offset| offset <= at), "{what}: {error}");
            let changed = disk.files();
            let again = refused(&disk, OpenMode::Create, &what);
            assert_eq!(again.kind(), ErrorKind::Corruption, "{what}: {again}");
            assert_eq!(disk.files(), changed, "{what}: nothing is repaired that cannot be");
        }
    }
}

#[test]
fn a_damaged_length_in_the_middle_is_not_taken_for_the_end() {
    let (files, _) = closed_store(23);
    let name = files.keys().rfind(|name| name.contains(".log")).unwrap();
    let magic = [0xC5, b'f', b'r', 0xF1];
    let frames: Vec<usize> =
        files[name].windows(4).enumerate().filter(|(_, four)| *four == magic).map(|(at, _)| at).collect();
    assert!(frames.len() > 3);
    for at in &frames[..frames.len() - 1] {
        for length in [0, 1, 100_000, u32::MAX] {
            let disk = Disk::with(&files);
            disk.change(name, |file| file[at + 4..at + 8].copy_from_slice(&length.to_le_bytes()));
            let error = refused(&disk, OpenMode::Create, "a damaged length");
            assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
            assert!(error.message().contains(&format!("at byte {at}")), "{at}: {error}");
        }
    }
}

#[test]
fn damage_to_what_was_flushed_is_found_in_a_store_that_was_not_closed() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    for number in 0..5_u8 {
        let batch = puts(&[([number], [number; 100])]).unwrap().durability(Durability::Buffered);
        block_on(store.apply(batch)).unwrap();
    }
    block_on(store.flush()).unwrap();
    let files = disk.files();
    drop(store);
    let name = "0000000001.log";
    for at in (64..files[name].len() - 40).step_by(3) {
        let disk = Disk::with(&files);
        disk.change(name, |file| file[at] ^= 4);
        let error = refused(&disk, OpenMode::Create, &format!("byte {at}"));
        assert_eq!(error.kind(), ErrorKind::Corruption, "byte {at}: {error}");
    }
}

#[test]
fn files_that_are_missing_exchanged_or_of_another_store_are_named() {
    let (files, _) = closed_store(24);
    let (others, _) = closed_store(25);
    let logs: Vec<&String> = files.keys().filter(|name| name.contains(".log")).collect();
    for name in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(name);
        let error = refused(&Disk::with(&fewer), OpenMode::Create, "a missing file");
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains(name.as_str()) && error.message().contains("missing"), "{error}");

        let mut mixed = files.clone();
        mixed.insert(name.clone(), others[name].clone());
        let error = refused(&Disk::with(&mixed), OpenMode::Create, "a file of another store");
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    }
    for pair in logs.windows(2) {
        let mut exchanged = files.clone();
        exchanged.insert(pair[0].clone(), files[pair[1]].clone());
        exchanged.insert(pair[1].clone(), files[pair[0]].clone());
        let error = refused(&Disk::with(&exchanged), OpenMode::Create, "exchanged files");
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains("another log file"), "{error}");

        let mut shorter = files.clone();
        let end = files[pair[0]].len();
        shorter.get_mut(pair[0]).unwrap().truncate(end - 1);
        let error = refused(&Disk::with(&shorter), OpenMode::Create, "a cut file");
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        shorter.insert(pair[0].clone(), files[pair[0]][..64].to_vec());
        let error = refused(&Disk::with(&shorter), OpenMode::Create, "an emptied file");
        assert!(error.message().contains("missing"), "{error}");
    }
}

#[test]
fn a_manifest_older_than_its_log_files_does_not_have_them_removed() {
    let (mut files, _) = closed_store(28);
    let disk = Disk::with(&files);
    let store = open(&disk, OpenMode::Existing).unwrap();
    for number in 0..60_u8 {
        block_on(store.apply(puts(&[([number], [number; 500])]).unwrap())).unwrap();
    }
    block_on(store.close()).unwrap();
    let newer = disk.files();
    assert!(newer.len() > files.len());
    files.retain(|name, _| name == "MANIFEST");
    let mixed = newer.into_iter().chain(files).collect();
    let disk = Disk::with(&mixed);
    for mode in [OpenMode::ReadOnly, OpenMode::Create] {
        let error = refused(&disk, mode, "an older manifest");
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains("MANIFEST") && error.message().contains(".log"), "{error}");
        assert_eq!(disk.files(), mixed);
    }
}

#[test]
fn zeros_and_garbage_in_place_of_a_file_are_refused() {
    let (files, _) = closed_store(26);
    for (name, bytes) in &files {
        for filler in [0, 0xFF, b'x'] {
            let disk = Disk::with(&files);
            disk.change(name, |file| file.fill(filler));
            let error = refused(&disk, OpenMode::Create, "filler");
            assert_eq!(error.kind(), ErrorKind::Corruption, "{name}: {error}");
            assert_eq!(disk.files()[name].len(), bytes.len());
        }
    }
}

#[test]
fn another_version_of_the_format_is_told_from_damage() {
    use xxhash_rust::xxh3::xxh3_64;
    let (files, _) = closed_store(27);
    for (version, words) in [(2_u32, "newer version"), (1_000_000, "newer version"), (0, "convert")] {
        for name in files.keys() {
            let disk = Disk::with(&files);
            // What follows the first 24 bytes may be anything in another version.
            disk.change(name, |file| {
                file[8..12].copy_from_slice(&version.to_le_bytes());
                let check = xxh3_64(&file[..16]);
                file[16..24].copy_from_slice(&check.to_le_bytes());
            });
            for mode in [OpenMode::ReadOnly, OpenMode::Create] {
                let error = refused(&disk, mode, "another version");
                assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
                assert!(error.message().contains(&format!("format {version}")), "{error}");
                assert!(error.help().unwrap().contains(words), "{error}");
            }
        }
    }
}

#[test]
fn damage_to_an_open_store_is_found_by_reads_by_verification_and_by_compaction() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    let entries: Vec<_> = (0..100_u8).map(|number| ([number], [number; 300])).collect();
    for entry in &entries {
        block_on(store.apply(puts(&[*entry]).unwrap())).unwrap();
    }
    block_on(store.verify()).unwrap();
    let name = "0000000001.log";
    // The key is one more byte of the same.
    let at = disk.files()[name].windows(301).position(|bytes| bytes == [7; 301]).unwrap() + 1;
    disk.change(name, |file| file[at + 299] ^= 0x10);

    let places = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains(name), "{error}");
        error.message().contains(&format!("at byte {at}"))
    };
    assert!(places(block_on(store.get(&key([7]).unwrap())).unwrap_err()));
    assert!(places(block_on(store.scan(&ScanRequest::new(KeyRange::all()))).unwrap_err()));
    places(block_on(store.verify()).unwrap_err());
    assert!(places(block_on(store.compact()).unwrap_err()));

    // Everything else goes on, and can be saved.
    let rest: Vec<_> =
        (0..100_u8).filter(|number| *number != 7).map(|number| key([number]).unwrap()).collect();
    let values = block_on(store.get_many(&rest)).unwrap();
    assert!(
        rest.iter().zip(values).all(|(key, value)| value.unwrap() == [key.as_slice()[0]; 300].as_slice())
    );
    block_on(store.apply(puts(&[([7], "written anew")]).unwrap())).unwrap();
    block_on(store.compact()).unwrap();
    block_on(store.verify()).unwrap();
    drop(store);
    assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()).len(), 100);
}
