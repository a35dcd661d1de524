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
const JAVA: &[&str] = &["A.java", "p/A.java", "p/B.java", "p/q/C.java", "test/A.java"];
const CSHARP: &[&str] = &["A.cs", "A.Part.cs", "B.cs", "P/C.cs", "P/Q.cs"];
const RUBY: &[&str] = &["a.rb", "b.rb", "lib/a.rb", "lib/a/b.rb", "lib/c.rake"];
const PHP: &[&str] = &["a.php", "b.php", "src/a.php", "src/p/b.php", "src/p/c.php"];
const NAMESPACES: &[&str] = &["p", "q", "p.q", "p.A"];
const MODULES: &[&str] = &["a", "b", "pkg", "pkg.a", "pkg.b", "pkg.sub", "pkg.sub.c", "os"];
const PATHS: &[&str] = &["./a", "./b", "./lib", "./lib/a", "../a", "./c", "react"];
const FUNCTIONS: &[&str] = &["f", "g", "h", "run"];
const CLASSES: &[&str] = &["A", "B", "C"];
const METHODS: &[&str] = &["go", "run", "stop"];

/// The files of one language, how one is written, and how a comment in it begins.
struct Group {
    paths: &'static [&'static str],
    write: fn(&mut Random) -> String,
    comment: &'static str,
}

const GROUPS: &[Group] = &[
    Group { paths: PYTHON, write: python, comment: "#" },
    Group { paths: SCRIPTS, write: script, comment: "//" },
    Group { paths: JAVA, write: java, comment: "//" },
    Group { paths: CSHARP, write: csharp, comment: "//" },
    Group { paths: RUBY, write: ruby, comment: "#" },
    Group { paths: PHP, write: php, comment: "//" },
];

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

fn java(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(80) {
        writeln!(text, "package {};", random.pick(NAMESPACES)).unwrap();
    }
    for _ in 0..random.below(3) {
        let (namespace, class, method) =
            (random.pick(NAMESPACES), random.pick(CLASSES), random.pick(METHODS));
        let line = match random.below(4) {
            0 => format!("import {namespace}.*;"),
            1 => format!("import static {namespace}.{class}.{method};"),
            2 => format!("import static {namespace}.{class}.*;"),
            _ => format!("import {namespace}.{class};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..=random.below(2) {
        let (class, base) = (random.pick(CLASSES), random.pick(CLASSES));
        writeln!(text, "class {class} extends {base} {{ {} x;", random.pick(CLASSES)).unwrap();
        for _ in 0..=random.below(2) {
            let body = curly_body(random);
            writeln!(text, "void {}({} y) {{ {body} }}", random.pick(METHODS), random.pick(CLASSES)).unwrap();
        }
        if random.chance(30) {
            let body = curly_body(random);
            writeln!(text, "class {} {{ void go() {{ {body} }} }}", random.pick(CLASSES)).unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    text
}

fn csharp(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(3) {
        let (namespace, class) = (random.pick(NAMESPACES), random.pick(CLASSES));
        let line = match random.below(3) {
            0 => format!("using {namespace};"),
            1 => format!("using static {namespace}.{class};"),
            _ => format!("using {} = {namespace}.{class};", random.pick(CLASSES)),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..=random.below(2) {
        writeln!(text, "namespace {} {{", random.pick(NAMESPACES)).unwrap();
        for _ in 0..=random.below(2) {
            let (class, base) = (random.pick(CLASSES), random.pick(CLASSES));
            writeln!(text, "partial class {class} : {base} {{ {} x;", random.pick(CLASSES)).unwrap();
            let (body, this) = (curly_body(random), if random.chance(30) { "this " } else { "" });
            let (method, class) = (random.pick(METHODS), random.pick(CLASSES));
            writeln!(text, "void {method}({this}{class} y) {{ {body} }} }}").unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    text
}

/// What stands in a method of Java and of C#.
fn curly_body(random: &mut Random) -> String {
    let (class, method) = (random.pick(CLASSES), random.pick(METHODS));
    match random.below(8) {
        0 => format!("{method}();"),
        1 => format!("this.{method}();"),
        2 => format!("x.{method}();"),
        3 => format!("y.{method}();"),
        4 => format!("new {class}().{method}();"),
        5 => format!("{}.{class}.{method}();", random.pick(NAMESPACES)),
        6 => format!("var z = new {class}(); z.x.{method}();"),
        _ => format!("{class}.{method}();"),
    }
}

fn ruby(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(40) {
        writeln!(text, "require{} '{}'", random.pick(&["", "_relative"]), random.pick(&["a", "b", "a/b"]))
            .unwrap();
    }
    for _ in 0..random.below(3) {
        let (module, class, base) = (random.pick(CLASSES), random.pick(CLASSES), random.pick(CLASSES));
        let (head, end) = match random.below(4) {
            0 => (format!("class {class} < {base}"), "end"),
            1 => (format!("module {module}; class {class} < {base}"), "end end"),
            2 => (format!("class {module}::{class} < ::{base}"), "end"),
            _ => (format!("module {class}"), "end"),
        };
        writeln!(text, "{head}").unwrap();
        if random.chance(40) {
            writeln!(text, "  include {}", random.pick(CLASSES)).unwrap();
        }
        for _ in 0..=random.below(2) {
            let own = if random.chance(25) { "self." } else { "" };
            writeln!(text, "  def {own}{}(x); {} end", random.pick(METHODS), ruby_body(random)).unwrap();
        }
        if random.chance(30) {
            writeln!(text, "  LIMIT = {}; attr_accessor :{}", random.pick(CLASSES), random.pick(METHODS))
                .unwrap();
        }
        writeln!(text, "{end}").unwrap();
    }
    for _ in 0..random.below(3) {
        writeln!(text, "def {}(x); {} end", random.pick(FUNCTIONS), ruby_body(random)).unwrap();
    }
    text
}

fn ruby_body(random: &mut Random) -> String {
    let (class, other, method) = (random.pick(CLASSES), random.pick(CLASSES), random.pick(METHODS));
    match random.below(8) {
        0 => format!("{class}.new.{method}"),
        1 => format!("{class}::{other}.{method}"),
        2 => format!("@y = {class}.new; @y.{method}"),
        3 => format!("x.{method}; LIMIT; {class}::LIMIT"),
        4 => format!("self.{method} = {method}"),
        5 => "super".to_owned(),
        6 => format!("y = ::{class}.new; y.{method}"),
        _ => random.pick(FUNCTIONS).to_owned(),
    }
}

fn php(random: &mut Random) -> String {
    let mut text = "<?php\n".to_owned();
    if random.chance(70) {
        writeln!(text, "namespace {};", random.pick(NAMESPACES).replace('.', "\\")).unwrap();
    }
    for _ in 0..random.below(3) {
        let (namespace, class) = (random.pick(NAMESPACES).replace('.', "\\"), random.pick(CLASSES));
        let line = match random.below(4) {
            0 => format!("use function {namespace}\\{};", random.pick(FUNCTIONS)),
            1 => format!("use {namespace}\\{{{class}, {} as D}};", random.pick(CLASSES)),
            2 => format!("require __DIR__ . '/{}.php';", random.pick(&["a", "b", "p/b", "../a"])),
            _ => format!("use {namespace}\\{class};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let kind = random.pick(&["class", "class", "trait", "enum"]);
        let extends =
            if kind == "class" { format!("extends {} ", random.pick(CLASSES)) } else { String::new() };
        writeln!(text, "{kind} {} {extends}{{ const LIMIT = 1;", random.pick(CLASSES)).unwrap();
        if kind == "class" {
            writeln!(text, "use {}; private {} $y;", random.pick(CLASSES), random.pick(CLASSES)).unwrap();
        }
        for _ in 0..=random.below(2) {
            let (method, class, body) = (random.pick(METHODS), random.pick(CLASSES), php_body(random));
            writeln!(text, "function {method}({class} $x) {{ {body} }}").unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    for _ in 0..random.below(3) {
        let (function, body) = (random.pick(FUNCTIONS), php_body(random));
        writeln!(text, "function {function}(\\p\\{} $x) {{ {body} }}", random.pick(CLASSES)).unwrap();
    }
    text
}

fn php_body(random: &mut Random) -> String {
    let (class, method, function) = (random.pick(CLASSES), random.pick(METHODS), random.pick(FUNCTIONS));
    match random.below(8) {
        0 => format!("(new {class})->{method}();"),
        1 => format!("$this->y->{method}(); $this->{method}();"),
        2 => format!("$x->{method}(); $z->{method}();"),
        3 => format!("parent::{method}(); self::{method}();"),
        4 => format!("\\p\\{class}::{method}(); q\\{function}();"),
        5 => format!("{class}::LIMIT; LIMIT;"),
        _ => format!("{function}();"),
    }
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
        let group = &GROUPS[random.below(GROUPS.len())];
        let path = random.pick(group.paths);
        match random.below(10) {
            0 | 1 => {
                tree.remove(path);
            }
            2 => {
                let other = random.pick(group.paths);
                if let Some(text) = tree.remove(path) {
                    tree.insert(other.to_owned(), text);
                }
            }
            3 => {
                if let Some(text) = tree.get_mut(path) {
                    text.insert_str(0, &format!("{} moved down\n", group.comment));
                }
            }
            _ => {
                tree.insert(path.to_owned(), (group.write)(random));
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
    for group in GROUPS {
        for path in group.paths {
            if random.chance(60) {
                tree.insert((*path).to_owned(), (group.write)(&mut random));
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
