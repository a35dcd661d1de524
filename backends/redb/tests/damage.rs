//! Damage is found where it is read: what is answered is what was written, or `Corruption`. No panic gets out,
//! nothing hangs, and none makes redb take memory without bounds.
//!
//! The damaged files are used in a process of its own with a limit on its memory, because a flipped bit in the number
//! of a page would make redb read a page of gigabytes, if redb ever saw it. `CODESTRATA_DAMAGE_ROUNDS` says how often
//! each kind of damage is tried (60 times, unless it is set).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails fails its test")]

mod child;

use std::fs;
use std::path::Path;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::puts;
use codestrata_conformance::random::Random;
use codestrata_core::{Backend, Error, ErrorKind, KeyRange, OpenMode, ScanRequest};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const PAGE: usize = 4096;
// Where redb's header begins, behind the first block and that of checksums.
const HEADER: usize = 2 * PAGE;
// The address space of the child: a quarter of redb's largest page.
const MOST_MEMORY: u64 = 1 << 30;

fn rounds() -> usize {
    std::env::var("CODESTRATA_DAMAGE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

type Content = Vec<(Vec<u8>, Vec<u8>)>;

/// Long keys for pages of branches, and some values that take pages of their own.
fn content() -> Content {
    (0..1_000_u32)
        .map(|number| {
            let mut key = number.to_be_bytes().to_vec();
            key.resize(120, b'k');
            let length = if number % 200 == 0 { 20_000 } else { 40 };
            (key, vec![number.to_be_bytes()[3]; length])
        })
        .collect()
}

/// Everything that a store of such content can have and no more: a damaged one could go round in circles.
async fn read(store: &dyn Backend) -> Result<Content, Error> {
    let mut found = Content::new();
    let mut request = ScanRequest::new(KeyRange::all());
    loop {
        let page = store.scan(&request).await?;
        found.extend(page.iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
        assert!(found.len() <= 100_000, "a damaged store is read for ever");
        let Some(next) = page.next() else { return Ok(found) };
        request = request.over(next.clone());
    }
}

/// Reads, verifies and writes as far as that goes, and demands that what is read is what was written. Whether
/// anything was found to be wrong.
async fn finds_damage(path: &Path, content: &Content) -> bool {
    let refused = |error: Error| assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    let Ok(reader) = open(path, OpenMode::ReadOnly).await.map_err(refused) else { return true };
    let read_only = read(&*reader).await.map_err(refused);
    reader.close().await.unwrap();
    let Ok(store) = open(path, OpenMode::Existing).await.map_err(refused) else { return true };
    let read = read(&*store).await.map_err(refused);
    for found in [&read_only, &read].into_iter().flatten() {
        assert!(found == content, "{} entries were read, without an error", found.len());
    }
    let verified = store.verify().await.map_err(refused);
    let (key, value) = ([b'k'; 9], [7; 3_000]);
    if verified.is_ok() {
        store.apply(puts(&[(key, value)]).unwrap()).await.unwrap();
    }
    store.close().await.unwrap();
    read_only.is_err() || read.is_err() || verified.is_err()
}

/// Which bytes of a file are in use: those of its header, its checksums, and of pages that are not empty.
fn used(file: &[u8]) -> Vec<usize> {
    (0..file.len()).filter(|at| file[*at] != 0 || (HEADER..HEADER + 320).contains(at)).collect()
}

/// Where branches have the numbers of their children: eight bytes each, whose highest bits say how large a page is.
fn page_numbers(file: &[u8]) -> Vec<usize> {
    file.chunks(PAGE)
        .enumerate()
        .skip(3)
        .filter(|(_, page)| page[0] == 2)
        .flat_map(|(number, page)| {
            let children = usize::from(u16::from_le_bytes([page[2], page[3]])) + 1;
            let numbers = number * PAGE + 8 + 16 * children;
            (0..children).map(move |child| numbers + 8 * child)
        })
        .filter(|at| at + 8 <= file.len())
        .collect()
}

/// One kind of damage: its name, and what it does to a file.
type Damage = (&'static str, fn(&mut Random, &mut Vec<u8>));

const DAMAGES: [Damage; 6] = [
    ("a flipped bit of the header", |random, file| file[HEADER + random.below(320)] ^= 1 << random.below(8)),
    ("a flipped bit", |random, file| {
        let used = used(file);
        file[used[random.below(used.len())]] ^= 1 << random.below(8);
    }),
    ("a flipped bit in the number of a page", |random, file| {
        let numbers = page_numbers(file);
        let at = numbers[random.below(numbers.len())];
        file[at + if random.below(2) == 0 { 7 } else { random.below(8) }] ^= 1 << random.below(8);
    }),
    ("a cut", |random, file| {
        let length = random.below(file.len());
        file.truncate(length);
    }),
    ("a page in the place of another", |random, file| {
        let pages = file.len() / PAGE;
        let (from, to) = (3 + random.below(pages - 3), 3 + random.below(pages - 3));
        file.copy_within(from * PAGE..(from + 1) * PAGE, to * PAGE);
    }),
    ("random bytes in a page", |random, file| {
        let at = used(file);
        let at = at[random.below(at.len())] / 512 * 512;
        file[at..at + 512].fill_with(|| random.number().to_le_bytes()[0]);
    }),
];

/// The child: damages copies of the store and uses them.
#[test]
fn child_uses_damaged_stores() {
    let Some(path) = store_of_child() else { return };
    let unlimited = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: Some(MOST_MEMORY), ..unlimited }).unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(!page_numbers(&whole).is_empty());
    let content = content();
    let (runtime, copy) = (runtime(), path.with_extension("copy"));
    for (seed, (name, damage)) in (5..).zip(DAMAGES) {
        let (mut random, mut found) = (Random::seeded(seed), 0);
        for round in 0..rounds() {
            say(format_args!("{name}, round {round}"));
            let mut damaged = whole.clone();
            damage(&mut random, &mut damaged);
            fs::write(&copy, &damaged).unwrap();
            found += usize::from(runtime.block_on(finds_damage(&copy, &content)));
        }
        say(format_args!("{name}: {found} of {} were found, the others harmless", rounds()));
    }
    say("done");
}

#[test]
fn damage_is_found_or_harmless_and_takes_no_process_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        for some in content().chunks(500) {
            store.apply(puts(some).unwrap()).await.unwrap();
        }
        store.close().await.unwrap();
    });
    let mut child = child::command("child_uses_damaged_stores", &path).spawn().unwrap();
    let mut last = String::new();
    for said in lines(&mut child) {
        if said.contains("were found") {
            println!("{said}");
        }
        last = said;
    }
    assert!(child.wait().unwrap().success() && last == "done", "it ended at: {last}");
}

#[test]
fn a_reader_goes_on_beside_damage_and_a_snapshot_taken_after_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let content = content();
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        for some in content.chunks(500) {
            store.apply(puts(some).unwrap()).await.unwrap();
        }
        store.close().await.unwrap();
        // In a page that has the keys of the middle: the first of the key's bytes after its number.
        let mut file = fs::read(&path).unwrap();
        let at = file.windows(8).rposition(|bytes| bytes == b"\0\0\x01\xf4kkkk").unwrap();
        file[at + 6] ^= 1;
        fs::write(&path, &file).unwrap();
        let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
        let mut damaged = 0;
        for (key, value) in &content {
            match reader.get(&codestrata_core::Key::new(key.clone()).unwrap()).await {
                Ok(found) => assert_eq!(found.as_deref(), Some(value.as_slice())),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
                    damaged += 1;
                }
            }
        }
        assert!((1..200).contains(&damaged), "{damaged} of {} cannot be read", content.len());
        let (first, _) = &content[0];
        read(&*reader).await.unwrap_err();
        let snapshot = reader.snapshot().await.unwrap();
        let found = snapshot.get(&codestrata_core::Key::new(first.clone()).unwrap()).await.unwrap();
        assert_eq!(found.as_deref(), Some(content[0].1.as_slice()));
        drop(snapshot);
        reader.close().await.unwrap();
        assert_eq!(reader.stats().await.unwrap_err().kind(), ErrorKind::Closed);
    });
}
