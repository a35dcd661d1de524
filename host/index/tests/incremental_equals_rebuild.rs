//! The contract above all others: whatever was edited, in whatever steps, the stored graph is that of a clean build
//! of the tree as it is now.
//!
//! Random small projects over a small vocabulary, so that names collide, imports form chains and cycles, and
//! definitions move between files. `CODESTRATA_SEEDS=1000` tries more; a failure prints its seed, and
//! `CODESTRATA_SEED=<seed>` replays it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod random_sources;

use std::collections::BTreeMap;
use std::sync::Arc;

use codestrata::history::Difference;
use codestrata::query::{
    Direction, EdgeKinds, Hotspot, HotspotFilter, SubgraphEdge, SubgraphNode, Traversal,
};
use codestrata::{FileChanges, GraphStorage, PreparedFile, StorageManager, Unwatched, VerifyWatch, jsonl};
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

/// Every way to what is stored is right too, and links depend on what they would depend on if they were made anew.
async fn assert_whole(storage: &StorageManager, when: &str) {
    let watch: Arc<dyn VerifyWatch> = Arc::new(Unwatched);
    let report = storage.graph().verify("repo", &watch).await.unwrap().unwrap();
    assert!(report.is_right(), "{when}: {:#?}", report.findings);
}

/// A graph that is loaded at once has what its files say one after the other, in the same order.
async fn assert_loaded(storage: &StorageManager, export: &str, when: &str) {
    let graph = storage.graph().load_graph("repo").await.unwrap().unwrap();
    let lines: Vec<serde_json::Value> =
        export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str| lines.iter().filter_map(|line| line.get(what).cloned()).collect::<Vec<_>>();
    let nodes: Vec<_> = graph.nodes.iter().map(|node| serde_json::to_value(node).unwrap()).collect();
    let edges: Vec<_> = graph.edges.iter().map(|edge| serde_json::to_value(edge).unwrap()).collect();
    assert_eq!(nodes, of("node"), "{when}: nodes");
    assert_eq!(edges, of("edge"), "{when}: edges");
}

/// What an export has, as the history tells things apart: nodes, and edges with how often.
fn told_apart(export: &str) -> BTreeMap<String, i64> {
    let mut things = BTreeMap::new();
    for line in export.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = if let Some(node) = line.get("node") {
            format!("{} {} {} {}", node["id"], node["name"], node["kind"], node["file"])
        } else if let Some(edge) = line.get("edge") {
            let how = &edge["attributes"]["resolution"];
            format!("{} {} {} {how}", edge["source"], edge["kind"], edge["target"])
        } else {
            continue;
        };
        *things.entry(text).or_default() += 1;
    }
    things
}

/// The same of a difference.
fn listed(difference: &Difference) -> BTreeMap<String, i64> {
    let mut things = BTreeMap::new();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    for (nodes, sign) in [(&difference.nodes_added, 1), (&difference.nodes_removed, -1)] {
        for node in nodes {
            let parts = [&node.id, &node.name, &node.kind, &node.file].map(|part| quoted(part));
            things.insert(parts.join(" "), sign);
        }
    }
    for (edges, sign) in [(&difference.edges_added, 1), (&difference.edges_removed, -1)] {
        for (edge, count) in edges {
            let how = edge.resolution.map(|how| quoted(how.as_str())).unwrap_or_default();
            let parts = [&edge.source, &edge.kind, &edge.target].map(|part| quoted(part));
            things.insert(format!("{} {how}", parts.join(" ")), sign * i64::try_from(*count).unwrap());
        }
    }
    things
}

/// What the second has and the first had not, and the other way round.
fn difference_of(before: &str, after: &str) -> BTreeMap<String, i64> {
    let mut things = told_apart(after);
    for (thing, count) in told_apart(before) {
        *things.entry(thing).or_default() -= count;
    }
    things.retain(|_, count| *count != 0);
    things
}

async fn rebuilt(tree: &BTreeMap<String, String>) -> StorageManager {
    let storage = StorageManager::in_memory().unwrap();
    let replaced = tree.iter().map(|(path, text)| prepare(path, text)).collect();
    let changes = FileChanges { replaced, ..FileChanges::default() };
    storage.graph().update_files("repo", changes).await.unwrap();
    storage
}

/// Everything that neighbour lists say: which edges each node has, and where it stands among the others.
async fn neighbours(storage: &StorageManager) -> (Vec<Hotspot>, Vec<SubgraphNode>, Vec<SubgraphEdge>) {
    let queries = storage.query("repo");
    let kinds = EdgeKinds::dependencies().and("contains");
    let filter = HotspotFilter { kinds: kinds.clone(), direction: Direction::Incoming };
    let incoming = queries.hotspots(&filter, 10_000).await.unwrap().results;
    let graph = storage.graph().load_graph("repo").await.unwrap().unwrap();
    let ids: Vec<String> = graph.nodes.into_iter().map(|node| node.id.into()).collect();
    let (nodes, edges) = queries.subgraph_of(&ids, &Traversal::along(kinds).depth(0)).await.unwrap();
    (incoming, nodes.results, edges)
}

/// One random edit: some files written anew, removed, moved, or their definitions swapped.
fn edit(tree: &mut BTreeMap<String, String>, random: &mut Random) -> FileChanges {
    let before = tree.clone();
    for _ in 0..=random.below(3) {
        let family = family(random);
        let path = random.pick(family.paths);
        match random.below(12) {
            0 | 1 => {
                tree.remove(path);
            }
            2 => {
                let other = random.pick(family.paths);
                if let Some(text) = tree.remove(path) {
                    tree.insert(other.to_owned(), text);
                }
            }
            10 => {
                // What two files define changes places.
                let other = random.pick(family.paths);
                if let (Some(one), Some(two)) = (tree.get(path).cloned(), tree.get(other).cloned()) {
                    tree.insert(path.to_owned(), two);
                    tree.insert(other.to_owned(), one);
                }
            }
            11 => {
                // The last definitions of a file move to the end of another.
                let other = random.pick(family.paths);
                if let (Some(text), Some(rest)) = (tree.get(path).cloned(), tree.get(other).cloned()) {
                    let keep = text.lines().count() / 2;
                    let lines =
                        |lines: Vec<&str>| lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>();
                    tree.insert(path.to_owned(), lines(text.lines().take(keep).collect()));
                    if other != path {
                        tree.insert(other.to_owned(), rest + &lines(text.lines().skip(keep).collect()));
                    }
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
    let first = export(&storage).await;
    let (mut last, mut known) = (first.clone(), 1);
    for step in 0..12 {
        let former = tree.clone();
        let changes = edit(&mut tree, &mut random);
        let edited: Vec<String> = changes
            .replaced
            .iter()
            .map(|file| file.path().to_owned())
            .chain(changes.removed.clone())
            .collect();
        let version = storage.graph().update_files("repo", changes).await.unwrap().version;
        let stored = export(&storage).await;
        let clean = rebuilt(&tree).await;
        let expected = export(&clean).await;
        assert!(
            stored == expected,
            "seed {seed}, step {step}: an update of {edited:?} differs from a rebuild\n{}\nbefore {former:#?}\nafter {tree:#?}",
            first_difference(&stored, &expected),
        );
        assert_loaded(&storage, &stored, &format!("seed {seed}, step {step}, {edited:?}")).await;
        let stored_totals = storage.query("repo").totals().await.unwrap().1;
        let totals = clean.query("repo").totals().await.unwrap().1;
        assert_eq!(stored_totals, totals, "seed {seed}, step {step}: totals after {edited:?}");
        // Several updates may come between two questions.
        if random.chance(70) {
            let (stored, expected) = (neighbours(&storage).await, neighbours(&clean).await);
            assert_eq!(stored, expected, "seed {seed}, step {step}: neighbours after {edited:?}");
        }
        if version > known {
            let recorded = storage.graph().difference("repo", known, Some(version)).await.unwrap();
            let expected = difference_of(&last, &stored);
            assert_eq!(
                listed(&recorded.difference),
                expected,
                "seed {seed}, step {step}: history of {edited:?}"
            );
        }
        (last, known) = (stored, version);
        assert_whole(&storage, &format!("seed {seed}, step {step}, {edited:?}")).await;
    }
    assert_sum(&storage, &first, seed).await;
}

/// The sum of all changes is the difference of the ends.
async fn assert_sum(storage: &StorageManager, first: &str, seed: u64) {
    let sum = storage.graph().difference("repo", 1, None).await.unwrap();
    let expected = difference_of(first, &export(storage).await);
    assert_eq!(listed(&sum.difference), expected, "seed {seed}: the sum of the history");
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
    assert_eq!(export(&storage).await, export(&rebuilt(&tree).await).await);
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

/// What a file says of the values that another one asks for, from one state to each other one.
#[tokio::test]
async fn any_change_of_what_things_hold_and_return_gives_the_graph_of_a_clean_build() {
    const MODELS: &str = "class A:\n def go(self): return self\n def run(self) -> 'B': ...\n\
        class B(A):\n def go(self): pass\n def run(self): return A()\n";
    const USER: &str = "from shared import *\nfrom shared import V, f, C\n\
        def main():\n V.go()\n f().go().run()\n C().v.go()\n C().p.run().go()\n with f() as x: x.go()\n";
    let shared = [
        "V = A()\ndef f(): return A()\nclass C:\n v: A\n @property\n def p(self) -> B: ...\n",
        "V = B()\ndef f(): return A()\nclass C:\n v: A\n @property\n def p(self) -> B: ...\n",
        "V = A()\ndef f() -> B: ...\nclass C:\n v: A\n @property\n def p(self) -> B: ...\n",
        "V = A()\ndef f(): return A()\nclass C:\n v: B\n @property\n def p(self) -> B: ...\n",
        "V = A()\ndef f(): return A()\nclass C:\n v: A\n def p(self) -> B: ...\n",
        "V = f()\ndef f(): return C().v\nclass C:\n v = B()\n @property\n def p(self): return self.v\n",
        "V = A\n@contextmanager\ndef f(): yield A()\nclass C:\n v: A\n @property\n def p(self): ...\n",
    ];
    for before in shared {
        for after in shared {
            let storage = StorageManager::in_memory().unwrap();
            let with = |shared: &str| format!("from models import A, B\n{shared}");
            let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
            let mut tree = BTreeMap::from([file("models.py", MODELS), file("user.py", USER)]);
            tree.insert("shared.py".to_owned(), with(before));
            let replaced = tree.iter().map(|(path, text)| prepare(path, text)).collect();
            let all = FileChanges { replaced, ..FileChanges::default() };
            storage.graph().update_files("repo", all).await.unwrap();
            tree.insert("shared.py".to_owned(), with(after));
            storage.graph().replace_file("repo", prepare("shared.py", &with(after))).await.unwrap();
            let (stored, expected) = (export(&storage).await, export(&rebuilt(&tree).await).await);
            assert!(stored == expected, "from\n{before}to\n{after}{}", first_difference(&stored, &expected));
        }
    }
}
