//! The files are as `docs/format.md` says: a store that is put together here by that page opens, and what the
//! backend writes is what the page would have.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod disk;

use std::collections::BTreeMap;

use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::{key, puts};
use codestrata_core::{Backend, Batch, Durability, KeyRange, OpenMode};
use disk::Disk;
use disk::life::{content, open};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const STORE: u128 = 0x0F0E_0D0C_0B0A_0908_0706_0504_0302_0100;

/// The 64 bytes at the beginning of a file.
fn head(kind: u32, store: u128, first: u64, second: u64) -> Vec<u8> {
    let mut bytes = b"cslog\r\n\x1a".to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    bytes.extend(store.to_le_bytes());
    bytes.extend(first.to_le_bytes());
    bytes.extend(second.to_le_bytes());
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    assert_eq!(bytes.len(), 64);
    bytes
}

/// Appends a frame to a log file.
fn frame(log: &mut Vec<u8>, store: u128, number: u32, sequence: u64, synced: u64, body: &[u8]) {
    let salt = xxh3_64_with_seed(&store.to_le_bytes(), u64::from(number));
    let seed = salt.wrapping_add(log.len() as u64);
    let mut bytes = vec![0xC5, 0x66, 0x72, 0xF1];
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(synced.to_le_bytes());
    bytes.extend(xxh3_64_with_seed(body, seed).to_le_bytes());
    bytes.extend(xxh3_64_with_seed(&bytes, seed).to_le_bytes());
    assert_eq!(bytes.len(), 40);
    log.extend(bytes);
    log.extend(body);
}

/// Two log files from number 3 on, and the manifest that names them.
fn by_hand(store: u128) -> BTreeMap<String, Vec<u8>> {
    let mut first = head(1, store, 3, 10);
    frame(&mut first, store, 3, 10, 64, b"\x01\x01\x00\x03\x00\x00\x00aone\x01\x01\x00\x00\x00\x00\x00b");
    let mut second = head(1, store, 4, 11);
    frame(&mut second, store, 4, 11, 64, b"\x01\x02\x00\x02\x00\x00\x00cctw\x02\x01\x00a");
    let end = second.len() as u64;
    frame(&mut second, store, 4, 12, end, b"\x03\x01\x00\x01\x00bc\x04\x01\x00d");
    let end = second.len() as u64;
    frame(&mut second, store, 4, 13, end, b"");
    BTreeMap::from([
        ("MANIFEST".to_owned(), head(2, store, 3, 4)),
        ("0000000003.log".to_owned(), first),
        ("0000000004.log".to_owned(), second),
    ])
}

#[test]
fn a_store_put_together_by_the_page_opens() {
    let files = by_hand(STORE);
    let disk = Disk::with(&files);
    let store = open(&disk, OpenMode::Existing).unwrap();
    assert_eq!(content(&store), BTreeMap::from([(b"cc".to_vec(), b"tw".to_vec())]));
    block_on(store.verify()).unwrap();
    block_on(store.close()).unwrap();
    assert_eq!(disk.files(), files, "it was closed as it should be, so nothing is changed");
}

#[test]
fn what_is_written_is_what_the_page_says() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    block_on(store.apply(puts(&[("a", "one"), ("b", "")]).unwrap())).unwrap();
    block_on(store.compact()).unwrap();
    let batch = puts(&[("cc", "tw")]).unwrap().delete(key("a").unwrap());
    block_on(store.apply(batch.durability(Durability::Buffered))).unwrap();
    let batch = Batch::new()
        .delete_range(KeyRange::new("b", Some("c".into())))
        .put(key("d").unwrap(), "4")
        .delete_range(KeyRange::new("d", None));
    block_on(store.apply(batch)).unwrap();
    block_on(store.close()).unwrap();

    let files = disk.files();
    let store = u128::from_le_bytes(files["MANIFEST"][24..40].try_into().unwrap());
    assert_eq!(files["MANIFEST"], head(2, store, 2, 2));
    let mut log = head(1, store, 2, 2);
    frame(&mut log, store, 2, 2, 64, b"\x01\x01\x00\x03\x00\x00\x00aone\x01\x01\x00\x00\x00\x00\x00b");
    let copied = log.len() as u64;
    frame(&mut log, store, 2, 3, copied, b"\x01\x02\x00\x02\x00\x00\x00cctw\x02\x01\x00a");
    let last = b"\x03\x01\x00\x01\x00bc\x01\x01\x00\x01\x00\x00\x00d4\x04\x01\x00d";
    frame(&mut log, store, 2, 4, copied, last);
    let end = log.len() as u64;
    frame(&mut log, store, 2, 5, end, b"");
    assert_eq!(files["0000000002.log"], log);
}
