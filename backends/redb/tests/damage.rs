//! Damage is reported: no panic gets out, nothing hangs, and what verification passes is what was written.
//!
//! redb checks no checksum when it reads a file that was closed cleanly, so a read may see a flipped bit of a
//! value. `verify` is what finds it. `CODESTRATA_DAMAGE_ROUNDS` says how many flips are tried (60 times, unless
//! it is set).

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::path::Path;

use child::open;
use codestrata_conformance::lab::{Entries, entries, everything, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{Batch, ErrorKind, OpenMode};

fn content() -> Vec<([u8; 4], [u8; 40])> {
    (0..3_000_u32).map(|number| (number.to_be_bytes(), [number.to_be_bytes()[3]; 40])).collect()
}

/// Reads and writes whatever can be; the entries, if verification finds nothing wrong with the file.
async fn use_it(path: &Path) -> Option<Entries> {
    let expected = [ErrorKind::Corruption, ErrorKind::Poisoned, ErrorKind::Internal];
    let judge = |error: codestrata_core::Error| {
        assert!(expected.contains(&error.kind()), "{}: {error}", error.kind());
    };
    if let Ok(reader) = open(path, OpenMode::ReadOnly).await.map_err(judge) {
        // Any answer will do, as long as it is one.
        let _ = everything(&*reader).await;
        reader.close().await.unwrap();
    }
    let store = open(path, OpenMode::Existing).await.map_err(judge).ok()?;
    let found = everything(&*store).await;
    let whole = store.verify().await.map_err(judge).is_ok();
    if whole {
        store.apply(Batch::new()).await.unwrap();
    }
    // It may be unable to close such a file properly, but it must end.
    let _ = store.close().await;
    whole.then(|| found.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_is_found_or_harmless() {
    let rounds =
        std::env::var("CODESTRATA_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60_u32);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path, OpenMode::Create).await.unwrap();
    store.apply(puts(&content()).unwrap()).await.unwrap();
    store.close().await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut random = Random::seeded(5);
    for round in 0..rounds {
        let mut damaged = whole.clone();
        // The header is small and matters most.
        let at = if round % 3 == 0 { random.below(512) } else { random.below(whole.len()) };
        let bit = 1 << random.below(8);
        damaged[at] ^= bit;
        std::fs::write(&path, &damaged).unwrap();
        if let Some(found) = use_it(&path).await {
            assert!(found == entries(&content()), "byte {at} xor {bit}: verification passed other data");
        }
    }
}
