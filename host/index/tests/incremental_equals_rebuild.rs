//! The contract above all others: whatever was edited, in whatever steps, the stored graph is that of a clean build
//! of the tree as it is now.
//!
//! Random small projects over a small vocabulary, so that names collide, imports form chains and cycles, and
//! definitions move between files. `CODESTRATA_SEEDS=1000` tries more; a failure prints its seed, and
//! `CODESTRATA_SEED=<seed>` replays it.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod random_sources;

use std::collections::BTreeMap;

use codestrata::{FileChanges, GraphStorage, PreparedFile, StorageManager, jsonl};
use codestrata_index::{Language, content_hash, extract};
use random_sources::{FAMILIES, Random, family};

fn prepare(path: &str, text: &str) -> PreparedFile {
    let language = Language::of_path(path).unwrap();
    let mut facts = extract(path, text.as_bytes(), language).unwrap().facts;
    facts.hash = content_hash(text.as_bytes());
    PreparedFile::new(&facts).unwrap()
}

async fn export(storage: &StorageManager) -> String {
    let mut bytes = Vec::new();
    jsonl::export_graph(storage.graph(), "repo", &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn rebuilt(tree: &BTreeMap<String, String>) -> (String, codestrata::Totals) {
    let storage = StorageManager::in_memory().unwrap();
    let replaced = tree.iter().map(|(path, text)| prepare(path, text)).collect();
    let changes = FileChanges { replaced, ..FileChanges::default() };
    storage.graph().update_files("repo", changes).await.unwrap();
    (export(&storage).await, storage.query("repo").totals().await.unwrap().1)
}

/// One random edit: some files written anew, removed, moved, or their definitions swapped.
fn edit(tree: &mut BTreeMap<String, String>, random: &mut Random) -> FileChanges {
    let before = tree.clone();
    for _ in 0..=random.below(3) {
        let family = family(random);
        let path = random.pick(family.paths);
        match random.below(10) {
            0 | 1 => {
                tree.remove(path);
            }
            2 => {
                let other = random.pick(family.paths);
                if let Some(text) = tree.remove(path) {
                    tree.insert(other.to_owned(), text);
                }
            }
            3 => {
                if let Some(text) = tree.get_mut(path) {
                    // In other words of the same length: the content changes, and nothing that the file says.
                    if text.starts_with(family.comment) {
                        *text = text.replacen("moved down", "moved back", 1);
                    } else {
                        text.insert_str(0, family.comment);
                    }
                }
            }
            4 | 5 => {
                // The same definitions hold and return other things.
                if let Some(text) = tree.get_mut(path) {
                    let (from, to) = (random.pick(&["A", "B", "C"]), random.pick(&["A", "B", "C"]));
                    for before in ["-> ", "v: ", "v = ", "return "] {
                        *text = text.replace(&format!("{before}{from}"), &format!("{before}{to}"));
                    }
                }
            }
            _ => {
                let text = (family.text)(random);
                tree.insert(path.to_owned(), text);
            }
        }
    }
    let replaced = tree
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .map(|(path, text)| prepare(path, text))
        .collect();
    let removed = before.keys().filter(|path| !tree.contains_key(*path)).cloned().collect();
    FileChanges { replaced, removed, ..FileChanges::default() }
}

fn first_difference(a: &str, b: &str) -> String {
    let only = |a: &str, b: &str| {
        let b: std::collections::BTreeSet<&str> = b.lines().collect();
        a.lines().filter(|line| !b.contains(line)).take(5).collect::<Vec<_>>().join("\n  ")
    };
    format!("stored only:\n  {}\nrebuilt only:\n  {}", only(a, b), only(b, a))
}

async fn walk(seed: u64) {
    let mut random = Random(seed);
    let storage = StorageManager::in_memory().unwrap();
    let mut tree: BTreeMap<String, String> = BTreeMap::new();
    for family in FAMILIES {
        for path in family.paths {
            if random.chance(60) {
                tree.insert((*path).to_owned(), (family.text)(&mut random));
            }
        }
    }
    let replaced = tree.iter().map(|(path, text)| prepare(path, text)).collect();
    storage.graph().update_files("repo", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    for step in 0..12 {
        let former = tree.clone();
        let changes = edit(&mut tree, &mut random);
        let edited: Vec<String> = changes
            .replaced
            .iter()
            .map(|file| file.path().to_owned())
            .chain(changes.removed.clone())
            .collect();
        storage.graph().update_files("repo", changes).await.unwrap();
        let stored = export(&storage).await;
        let (expected, totals) = rebuilt(&tree).await;
        assert!(
            stored == expected,
            "seed {seed}, step {step}: an update of {edited:?} differs from a rebuild\n{}\nbefore {former:#?}\nafter {tree:#?}",
            first_difference(&stored, &expected),
        );
        let stored_totals = storage.query("repo").totals().await.unwrap().1;
        assert_eq!(stored_totals, totals, "seed {seed}, step {step}: totals after {edited:?}");
    }
}

#[tokio::test]
async fn a_file_that_says_the_same_in_other_words_is_linked_again_with_its_new_hash() {
    let storage = StorageManager::in_memory().unwrap();
    let mut tree = BTreeMap::from([
        ("a.py".to_owned(), "from b import f\ndef g(): f()  # one\n".to_owned()),
        ("b.py".to_owned(), "def f(): pass\n".to_owned()),
    ]);
    let all = |tree: &BTreeMap<String, String>| FileChanges {
        replaced: tree.iter().map(|(path, text)| prepare(path, text)).collect(),
        ..FileChanges::default()
    };
    storage.graph().update_files("repo", all(&tree)).await.unwrap();
    tree.insert("a.py".to_owned(), "from b import f\ndef g(): f()  # two\n".to_owned());
    tree.insert("b.py".to_owned(), "def other(): pass\n".to_owned());
    storage.graph().update_files("repo", all(&tree)).await.unwrap();
    assert_eq!(export(&storage).await, rebuilt(&tree).await.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_sequence_of_edits_gives_the_graph_of_a_clean_build() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("CODESTRATA_SEED") {
        return walk(seed).await;
    }
    for seed in 0..number("CODESTRATA_SEEDS").unwrap_or(24) {
        walk(seed).await;
    }
}
