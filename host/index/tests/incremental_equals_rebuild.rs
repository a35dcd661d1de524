//! The contract above all others: whatever was edited, in whatever steps, the stored graph is that of a clean build
//! of the tree as it is now.
//!
//! Random small projects over a small vocabulary, so that names collide, imports form chains and cycles, and
//! definitions move between files. `CODESTRATA_SEEDS=1000` tries more; a failure prints its seed, and
//! `CODESTRATA_SEED=<seed>` replays it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use codestrata::{FileChanges, GraphStorage, PreparedFile, StorageManager, jsonl};
use codestrata_index::{Language, content_hash, extract};

/// A small generator of pseudo-random numbers (splitmix64), so that a seed is a whole test.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PYTHON: &[&str] = &[
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/a.py",
    "pkg/b.py",
    "pkg/sub/__init__.py",
    "pkg/sub/c.py",
    "pkg.py",
];
const SCRIPTS: &[&str] = &["a.ts", "b.ts", "lib/index.ts", "lib/a.ts", "lib/a.js", "lib/c.tsx"];
const CPP: &[&str] = &["a.h", "b.hpp", "a.cc", "b.cc", "lib/a.h", "lib/c.cc"];
const SPACES: &[&str] = &["n", "n::m", "o"];
const MODULES: &[&str] = &["a", "b", "pkg", "pkg.a", "pkg.b", "pkg.sub", "pkg.sub.c", "os"];
const PATHS: &[&str] = &["./a", "./b", "./lib", "./lib/a", "../a", "./c", "react"];
const FUNCTIONS: &[&str] = &["f", "g", "h", "run"];
const CLASSES: &[&str] = &["A", "B", "C"];
const METHODS: &[&str] = &["go", "run", "stop"];

fn python(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(4) {
        let module = random.pick(MODULES);
        let name = if random.chance(50) { random.pick(FUNCTIONS) } else { random.pick(CLASSES) };
        let line = match random.below(6) {
            0 => format!("import {module}"),
            1 => format!("import {module} as {name}"),
            2 => format!("from {module} import *"),
            3 => format!("from . import {}", random.pick(&["a", "b", "c", "sub"])),
            4 => format!("from {module} import {name} as {}", random.pick(FUNCTIONS)),
            _ => format!("from {module} import {name}"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let base = if random.chance(60) { random.pick(CLASSES) } else { "pkg.A" };
        writeln!(text, "class {}({base}):", random.pick(CLASSES)).unwrap();
        for _ in 0..=random.below(2) {
            let (method, other) = (random.pick(METHODS), random.pick(METHODS));
            writeln!(text, "    def {method}(self, x: {}):", random.pick(CLASSES)).unwrap();
            let call = match random.below(4) {
                0 => format!("self.{other}()"),
                1 => format!("super().{other}()"),
                2 => format!("x.{other}()"),
                _ => format!("y.{other}()"),
            };
            writeln!(text, "        {call}").unwrap();
        }
    }
    for _ in 0..random.below(4) {
        writeln!(text, "def {}(x):", random.pick(FUNCTIONS)).unwrap();
        let call = match random.below(6) {
            0 => format!("{}(x)", random.pick(FUNCTIONS)),
            1 => format!("{}().{}()", random.pick(CLASSES), random.pick(METHODS)),
            2 => format!("{}.{}(x)", random.pick(MODULES), random.pick(FUNCTIONS)),
            3 => format!("x.{}()", random.pick(METHODS)),
            4 => format!("v = {}(); v.{}()", random.pick(CLASSES), random.pick(METHODS)),
            _ => format!("return {}", random.pick(FUNCTIONS)),
        };
        writeln!(text, "    {call}").unwrap();
    }
    text
}

fn script(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(4) {
        let path = random.pick(PATHS);
        let name = if random.chance(50) { random.pick(FUNCTIONS) } else { random.pick(CLASSES) };
        let line = match random.below(6) {
            0 => format!("import * as {name} from '{path}';"),
            1 => format!("export * from '{path}';"),
            2 => format!("export {{ {name} }} from '{path}';"),
            3 => format!("import {name} from '{path}';"),
            _ => format!("import {{ {name} }} from '{path}';"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let call = match random.below(3) {
            0 => format!("this.{}();", random.pick(METHODS)),
            1 => format!("super.{}();", random.pick(METHODS)),
            _ => format!("new {}().{}();", random.pick(CLASSES), random.pick(METHODS)),
        };
        writeln!(
            text,
            "export class {} extends {} {{ {}() {{ {call} }} }}",
            random.pick(CLASSES),
            random.pick(CLASSES),
            random.pick(METHODS)
        )
        .unwrap();
    }
    for _ in 0..random.below(3) {
        let exported = if random.chance(70) { "export " } else { "" };
        let call = match random.below(3) {
            0 => format!("{}();", random.pick(FUNCTIONS)),
            1 => format!("x.{}();", random.pick(METHODS)),
            _ => format!("{}.{}();", random.pick(CLASSES), random.pick(FUNCTIONS)),
        };
        writeln!(
            text,
            "{exported}function {}(x: {}) {{ {call} }}",
            random.pick(FUNCTIONS),
            random.pick(CLASSES)
        )
        .unwrap();
    }
    text
}

/// C++ with headers and sources, methods away from their classes, overloads, namespaces, and things that are declared
/// only.
fn cpp(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(3) {
        let line = match random.below(3) {
            0 => format!("#include \"{}\"", random.pick(CPP)),
            1 => format!("using namespace {};", random.pick(SPACES)),
            _ => format!("using {}::{};", random.pick(SPACES), random.pick(CLASSES)),
        };
        writeln!(text, "{line}").unwrap();
    }
    let space = if random.chance(60) { random.pick(SPACES) } else { "" };
    if !space.is_empty() {
        writeln!(text, "namespace {space} {{").unwrap();
    }
    for _ in 0..random.below(3) {
        let (class, base) = (random.pick(CLASSES), random.pick(CLASSES));
        let (method, other) = (random.pick(METHODS), random.pick(METHODS));
        let body = if random.chance(60) { ";".to_owned() } else { format!("{{ {other}(); }}") };
        writeln!(text, "class {class} : public {base} {{ {class}(); void {method}(){body} {base}* b; }};")
            .unwrap();
    }
    for _ in 0..random.below(4) {
        let (class, function) = (random.pick(CLASSES), random.pick(FUNCTIONS));
        let (method, other) = (random.pick(METHODS), random.pick(METHODS));
        let call = match random.below(5) {
            0 => format!("{function}();"),
            1 => format!("{}::{function}();", random.pick(SPACES)),
            2 => format!("x->{other}();"),
            3 => format!("{other}();"),
            _ => format!("new {class}(); b->{other}();"),
        };
        let parameter = format!("{}* x", random.pick(CLASSES));
        let line = match random.below(4) {
            0 => format!("void {class}::{method}({parameter}) {{ {call} }}"),
            1 => format!("void {function}({parameter});"),
            2 => format!("static void {function}({parameter}) {{ {call} }}"),
            _ => format!("void {function}({parameter}) {{ {call} }}"),
        };
        writeln!(text, "{line}").unwrap();
    }
    if !space.is_empty() {
        text.push_str("}\n");
    }
    text
}

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
        let (paths, write): (&[&str], fn(&mut Random) -> String) = match random.below(3) {
            0 => (SCRIPTS, script),
            1 => (CPP, cpp),
            _ => (PYTHON, python),
        };
        let path = random.pick(paths);
        match random.below(10) {
            0 | 1 => {
                tree.remove(path);
            }
            2 => {
                let other = random.pick(paths);
                if let Some(text) = tree.remove(path) {
                    tree.insert(other.to_owned(), text);
                }
            }
            3 => {
                if let Some(text) = tree.get_mut(path) {
                    text.insert_str(0, if paths == PYTHON { "# moved down\n" } else { "// moved down\n" });
                }
            }
            _ => {
                let text = write(random);
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
    for path in PYTHON {
        if random.chance(60) {
            tree.insert((*path).to_owned(), python(&mut random));
        }
    }
    for path in SCRIPTS {
        if random.chance(60) {
            tree.insert((*path).to_owned(), script(&mut random));
        }
    }
    for path in CPP {
        if random.chance(60) {
            tree.insert((*path).to_owned(), cpp(&mut random));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_sequence_of_edits_gives_the_graph_of_a_clean_build() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("CODESTRATA_SEED") {
        return walk(seed).await;
    }
    for seed in 0..number("CODESTRATA_SEEDS").unwrap_or(60) {
        walk(seed).await;
    }
}
