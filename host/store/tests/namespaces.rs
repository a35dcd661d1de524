//! Names of namespaces to which several files contribute are found, and after any edits as if all were linked anew.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod support;

use std::hash::{DefaultHasher, Hash, Hasher};

use codestrata::{
    Attributes, Export, ExportTarget, FileChanges, FileFacts, GraphStorage, Import, ImportedName,
    ModuleFacts, Node, PreparedFile, Reference, Root, StorageManager, Target, ValueFact,
};
use support::{export, line, stores};

/// A file of a language with namespaces, written down by what a test needs of it.
#[derive(Clone, Debug, Default)]
struct Source {
    facts: FileFacts,
}

impl Source {
    fn new(path: &str, stem: &str, rank: u8) -> Self {
        let module = ModuleFacts { stem: stem.to_owned(), rank, is_shared: true, ..ModuleFacts::default() };
        let mut facts = FileFacts {
            path: path.to_owned(),
            family: "x".to_owned(),
            module: Some(module),
            ..FileFacts::default()
        };
        facts.nodes.push(Node::new(format!("{path}::<module>"), path, "module", path, line(1)));
        Self { facts }
    }

    /// Defines something by its dotted name; what it is a part of is its parent if that stands in this file.
    fn define(mut self, name: &str, kind: &str) -> Self {
        let path = self.facts.path.clone();
        let own = name.rsplit('.').next().unwrap().split('#').next().unwrap();
        let place = u32::try_from(self.facts.nodes.len()).unwrap();
        self.facts.nodes.push(Node::new(format!("{path}::{name}"), own, kind, &path, line(place)));
        let holder = name.rsplit_once('.').and_then(|(holder, _)| self.place(holder)).unwrap_or(0);
        self.refer(holder, "contains", Target::Node(place));
        if !name.contains('#') {
            self.facts.exports.push(Export { name: name.to_owned(), target: ExportTarget::Node(place) });
        }
        self
    }

    fn place(&self, name: &str) -> Option<u32> {
        let id = format!("{}::{name}", self.facts.path);
        let place = self.facts.nodes.iter().position(|node| node.id == id)?;
        Some(u32::try_from(place).unwrap())
    }

    fn refer(&mut self, source: u32, kind: &str, target: Target) {
        let span = line(u32::try_from(self.facts.references.len()).unwrap() + 100);
        let (kind, attributes) = (kind.into(), Attributes::new());
        self.facts.references.push(Reference { source, kind, span, target, attributes });
    }

    /// From a definition of this file to a dotted name.
    fn uses(mut self, from: &str, kind: &str, root: Root, members: &str) -> Self {
        let source = self.place(from).unwrap();
        let members = members.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        self.refer(source, kind, Target::Path(root, members));
        self
    }

    fn calls(self, from: &str, name: &str) -> Self {
        let (first, members) = name.split_once('.').unwrap_or((name, ""));
        self.uses(from, "calls", Root::Free(first.to_owned()), members)
    }

    fn within(self, from: &str, class: &str, name: &str) -> Self {
        let class = self.place(class).unwrap();
        self.uses(from, "calls", Root::Within(class), name)
    }

    fn import(mut self, namespace: &str, name: ImportedName) -> Self {
        self.facts.imports.push(Import {
            candidates: vec![namespace.to_owned()],
            module: namespace.to_owned(),
            name,
        });
        self
    }

    /// What was imported last is exported in turn.
    fn exports_import(mut self, name: &str) -> Self {
        let import = u32::try_from(self.facts.imports.len() - 1).unwrap();
        self.facts.exports.push(Export { name: name.to_owned(), target: ExportTarget::Import(import) });
        self
    }

    fn prepared(&self) -> PreparedFile {
        let mut facts = self.facts.clone();
        let mut hasher = DefaultHasher::new();
        format!("{:?}", self.facts).hash(&mut hasher);
        facts.hash = hasher.finish().to_string();
        PreparedFile::new(&facts).unwrap()
    }
}

/// The targets of the edges that start at a node, each with its resolution.
async fn targets(storage: &StorageManager, id: &str) -> Vec<String> {
    let graph = storage.graph().load_graph("r").await.unwrap().unwrap();
    let edges = graph.edges.iter().filter(|edge| edge.source == id && edge.kind != "contains");
    edges
        .map(|edge| {
            let how = edge.attributes.get("resolution").and_then(|how| how.as_str()).unwrap_or("stated");
            format!("{} {} {how}", edge.kind, edge.target)
        })
        .collect()
}

async fn store(storage: &StorageManager, sources: &[Source]) {
    let replaced = sources.iter().map(Source::prepared).collect();
    let changes = FileChanges { replaced, ..FileChanges::default() };
    storage.graph().update_files("r", changes).await.unwrap();
}

/// What one call or other use comes to, among these files.
async fn linked(sources: &[Source], id: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for storage in stores().await {
        store(&storage.storage, sources).await;
        answers.push(targets(&storage.storage, id).await);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the engines differ");
    answers.pop().unwrap()
}

#[tokio::test]
async fn a_name_of_the_own_namespace_needs_no_import() {
    let user = Source::new("p/user", "p", 0).define("main", "function").calls("main", "run");
    let other = Source::new("p/other", "p", 0).define("run", "function");
    let elsewhere = Source::new("q/other", "q", 0).define("run", "function");
    assert_eq!(linked(&[user, other, elsewhere], "p/user::main").await, ["calls p/other::run import"]);
}

#[tokio::test]
async fn namespaces_in_stems_and_in_names_are_the_same() {
    let user = Source::new("user", "", 0).define("main", "function").calls("main", "com.foo.Bar.run");
    let by_stem = Source::new("bar", "com/foo", 0).define("Bar", "class").define("Bar.run", "method");
    assert_eq!(linked(&[user.clone(), by_stem], "user::main").await, ["calls bar::Bar.run import"]);
    let by_name = Source::new("bar", "", 0)
        .define("com", "namespace")
        .define("com.foo", "namespace")
        .define("com.foo.Bar", "class")
        .define("com.foo.Bar.run", "method");
    assert_eq!(linked(&[user, by_name], "user::main").await, ["calls bar::com.foo.Bar.run import"]);
}

#[tokio::test]
async fn a_method_is_found_on_its_type_wherever_it_stands() {
    let user = Source::new("user", "p", 0).define("main", "function").calls("main", "T.run");
    let declared = Source::new("a", "p", 0).define("T", "struct");
    let away = Source::new("b", "p", 0).define("T.run", "method");
    assert_eq!(linked(&[user, declared, away], "user::main").await, ["calls b::T.run import"]);
}

#[tokio::test]
async fn a_definition_of_a_lower_rank_wins() {
    let user = Source::new("user", "", 0).define("main", "function").calls("main", "run");
    let header = Source::new("a.h", "", 1).define("run", "function");
    let body = Source::new("z.c", "", 0).define("run", "function");
    assert_eq!(linked(&[user, header, body], "user::main").await, ["calls z.c::run import"]);
}

#[tokio::test]
async fn functions_of_equal_standing_are_ambiguous_and_parts_of_a_type_are_not() {
    let user = Source::new("user", "", 0)
        .define("main", "function")
        .calls("main", "run")
        .calls("main", "Part")
        .calls("main", "Part.second");
    let one = Source::new("one", "", 0).define("run", "function").define("Part", "class");
    let two = Source::new("two", "", 0)
        .define("run", "function")
        .define("Part", "class")
        .define("Part.second", "method");
    assert_eq!(
        linked(&[user, one, two], "user::main").await,
        ["calls one::run ambiguous", "calls two::Part.second import", "instantiates one::Part import"]
    );
}

#[tokio::test]
async fn overloads_are_ambiguous_and_a_field_of_the_same_name_is_none() {
    let user = Source::new("user", "", 0)
        .define("main", "function")
        .calls("main", "T.run")
        .calls("main", "T.size")
        .uses("main", "accesses", Root::Free("T".to_owned()), "size");
    let defined = Source::new("t", "", 0)
        .define("T", "class")
        .define("T.run", "method")
        .define("T.run#2", "method")
        .define("T.size", "variable")
        .define("T.size#2", "method");
    assert_eq!(
        linked(&[user, defined], "user::main").await,
        ["accesses t::T.size import", "calls t::T.run ambiguous", "calls t::T.size#2 import"]
    );
}

#[tokio::test]
async fn callers_of_a_later_overload_or_of_another_definition_say_that_there_may_be_some() {
    let user =
        Source::new("user", "", 0).define("main", "function").calls("main", "T.run").calls("main", "start");
    let one = Source::new("one", "", 0)
        .define("T", "class")
        .define("T.run", "method")
        .define("T.run#2", "method")
        .define("start", "function");
    let two = Source::new("two", "", 0).define("start", "function").define("alone", "function");
    for storage in stores().await {
        store(&storage.storage, &[user.clone(), one.clone(), two.clone()]).await;
        for (id, callers, ambiguous) in
            [("one::T.run", 1, 0), ("one::T.run#2", 0, 1), ("two::start", 0, 1), ("two::alone", 0, 0)]
        {
            let answer = storage.storage.query("r").callers(id, 10).await.unwrap();
            assert_eq!((answer.results.len(), answer.ambiguous), (callers, ambiguous), "{id}");
        }
    }
}

#[tokio::test]
async fn a_bare_name_in_a_class_means_a_member_of_it_or_of_its_bases_before_anything_else() {
    let class = Source::new("class", "p", 0)
        .define("C", "class")
        .uses("C", "inherits", Root::Free("B".to_owned()), "")
        .define("C.main", "method")
        .within("C.main", "C", "own")
        .within("C.main", "C", "inherited")
        .within("C.main", "C", "outer");
    let base = Source::new("base", "q", 0).define("B", "class").define("B.inherited", "method");
    let outer = Source::new("outer", "p", 0)
        .define("inherited", "function")
        .define("outer", "function")
        .define("C.own", "method");
    let class = class.import("q", ImportedName::Star);
    assert_eq!(
        linked(&[class, base, outer], "class::C.main").await,
        ["calls base::B.inherited import", "calls outer::C.own import", "calls outer::outer import"]
    );
}

#[tokio::test]
async fn what_any_part_of_a_class_inherits_all_its_parts_have() {
    let bare = Source::new("a/bare", "p", 0).define("C", "class").define("C.main", "method").within(
        "C.main",
        "C",
        "inherited",
    );
    let based = Source::new("b/based", "p", 0).define("C", "class").uses(
        "C",
        "inherits",
        Root::Free("B".to_owned()),
        "",
    );
    let parent = Source::new("base", "p", 0).define("B", "class").define("B.inherited", "method");
    assert_eq!(linked(&[bare, based, parent], "a/bare::C.main").await, ["calls base::B.inherited import"]);
}

#[tokio::test]
async fn opened_namespaces_are_asked_in_their_order_after_the_own_one() {
    let user = Source::new("user", "p", 0)
        .define("main", "function")
        .calls("main", "first")
        .calls("main", "own")
        .import("q", ImportedName::Star)
        .import("r", ImportedName::Star);
    let own = Source::new("own", "p", 0).define("own", "function");
    let one = Source::new("q", "q", 0).define("own", "function").define("first", "function");
    let two = Source::new("r", "r", 0).define("first", "function");
    assert_eq!(
        linked(&[user, own, one, two], "user::main").await,
        ["calls own::own import", "calls q::first import"]
    );
}

#[tokio::test]
async fn what_a_namespace_exports_of_another_is_found_through_it() {
    let user = Source::new("user", "p", 0).define("main", "function");
    let user = user.import("front", ImportedName::Name("run".to_owned()));
    let user = user.uses("main", "calls", Root::Import(0), "").calls("main", "all");
    let user = user.import("front", ImportedName::Star);
    let front = Source::new("front", "front", 0)
        .import("back", ImportedName::Name("hidden_run".to_owned()))
        .exports_import("run")
        .import("rest", ImportedName::Star)
        .exports_import("");
    let back = Source::new("back", "back", 0).define("hidden_run", "function");
    let rest = Source::new("rest", "rest", 0).define("all", "function");
    assert_eq!(
        linked(&[user, front, back, rest], "user::main").await,
        ["calls back::hidden_run import", "calls rest::all import"]
    );
}

#[tokio::test]
async fn namespaces_that_export_each_other_come_to_an_end() {
    let user = Source::new("user", "a", 0).define("main", "function").calls("main", "nothing");
    let one = Source::new("one", "a", 0).import("b", ImportedName::Star).exports_import("");
    let two = Source::new("two", "b", 0).import("a", ImportedName::Star).exports_import("");
    assert_eq!(linked(&[user, one, two], "user::main").await, ["calls unresolved:nothing unresolved"]);
}

#[tokio::test]
async fn members_known_by_name_are_looked_for_in_their_family_only() {
    let mut user = Source::new("user", "", 0).define("main", "function");
    user.refer(1, "calls", Target::Member("run".to_owned()));
    let mut foreign = Source::new("foreign", "", 0).define("T", "class").define("T.run", "method");
    foreign.facts.family = "y".to_owned();
    let sources = [user, foreign];
    assert_eq!(linked(&sources, "user::main").await, ["calls unresolved:*.run unresolved"]);
    let storage = StorageManager::in_memory().unwrap();
    store(&storage, &sources).await;
    let answer = storage.query("r").callers("foreign::T.run", 10).await.unwrap();
    assert_eq!(answer.unresolved, 0, "a call in another language does not mean it");
}

/// A small generator: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[usize::try_from(self.roll(words.len() as u64)).unwrap()]
    }
}

const NAMESPACES: [&str; 4] = ["", "a", "a/b", "c"];
const TYPES: [&str; 3] = ["T", "U", "a.V"];
const NAMES: [&str; 4] = ["f", "g", "h", "T"];

fn random_source(path: &str, dice: &mut Dice) -> Source {
    let rank = u8::from(dice.roll(4) == 0);
    let mut source = Source::new(path, dice.pick(&NAMESPACES), rank).define("main", "function");
    for _ in 0..dice.roll(3) {
        source = source.import(dice.pick(&NAMESPACES), ImportedName::Star);
        if dice.roll(3) == 0 {
            source = source.exports_import("");
        }
    }
    source = source.import(dice.pick(&NAMESPACES), ImportedName::Name(dice.pick(&NAMES).to_owned()));
    if dice.roll(2) == 0 {
        source = source.exports_import(dice.pick(&NAMES));
    }
    let import = u32::try_from(source.facts.imports.len() - 1).unwrap();
    for name in TYPES {
        if dice.roll(3) == 0 {
            source = source.define(name, if dice.roll(3) == 0 { "variable" } else { "class" });
            if dice.roll(2) == 0 {
                let base = Root::Free(dice.pick(&["T", "U", "a", "f"]).to_owned());
                source = source.uses(name, "inherits", base, dice.pick(&["", "V"]));
            }
        }
        for method in NAMES {
            let id = format!("{name}.{method}");
            if dice.roll(4) == 0 {
                source = source.define(&id, if dice.roll(4) == 0 { "variable" } else { "method" });
                if dice.roll(4) == 0 {
                    source = source.define(&format!("{id}#2"), "method");
                }
            }
        }
        if source.place(name).is_some() {
            source = source.within("main", name, dice.pick(&NAMES));
        }
    }
    if dice.roll(2) == 0 && source.place("f").is_none() {
        source = source.define("f", "function");
    }
    source = source.uses("main", "calls", Root::Import(import), dice.pick(&["", "f", "T.g", "b.f"]));
    let calls = [
        "f",
        "T.f",
        "T.g",
        "U.h",
        "a.V.f",
        "a.b.f",
        "c.T",
        "f.().g",
        "T.().f.().h",
        "T.h.f",
        "U.g.().f.h",
        "a.V.().f.().f.().g",
    ];
    for call in calls {
        if dice.roll(2) == 0 {
            source = source.calls("main", call);
        }
    }
    source.refer(1, "calls", Target::Member(dice.pick(&NAMES).to_owned()));
    source
}

/// What nodes hold, and what calls of them return.
fn random_values(source: &mut Source, dice: &mut Dice) {
    source.facts.values.clear();
    let import = u32::try_from(source.facts.imports.len() - 1).unwrap();
    let nodes = source.facts.nodes.len();
    for node in 1..u32::try_from(nodes).unwrap() {
        if dice.roll(4) == 0 {
            continue;
        }
        let any = u32::try_from(dice.roll(nodes as u64)).unwrap();
        let root = match dice.roll(8) {
            0 => Root::Node(any),
            1 => Root::Import(import),
            2 => Root::Super(any),
            3 => Root::Within(any),
            4 => Root::Receiver(any),
            _ => Root::Free(dice.pick(&["T", "U", "f"]).to_owned()),
        };
        let split = |text: &str| -> Vec<String> {
            text.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let members = split(dice.pick(&["", "()", "()", "f", "T.()", "g.()"]));
        let path = split(dice.pick(&["", "()", "()", "().f"]));
        source.facts.values.push(ValueFact { node, path, target: Target::Path(root, members) });
    }
}

#[tokio::test]
async fn after_any_edits_the_links_are_those_of_a_store_made_anew() {
    let seeds = std::env::var("CODESTRATA_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30_u64);
    let one = std::env::var("CODESTRATA_SEED").ok().and_then(|text| text.parse().ok());
    let chosen: Vec<u64> = one.map_or_else(|| (0..seeds).collect(), |seed| vec![seed]);
    for seed in chosen {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let edited = StorageManager::in_memory().unwrap();
        let mut tree: Vec<Source> = Vec::new();
        for step in 0..12 {
            let path = format!("file{}", dice.roll(6));
            let former = tree.iter().position(|source| source.facts.path == path);
            let former = former.map(|position| tree.swap_remove(position));
            let mut changes = FileChanges::default();
            if step > 3 && dice.roll(4) == 0 {
                changes.removed.push(path);
            } else {
                let mut source = match former.filter(|_| dice.roll(2) == 0) {
                    Some(former) => former,
                    None => random_source(&path, &mut dice),
                };
                random_values(&mut source, &mut dice);
                changes.replaced.push(source.prepared());
                tree.push(source);
            }
            edited.graph().update_files("r", changes).await.unwrap();
            let anew = StorageManager::in_memory().unwrap();
            let replaced = tree.iter().map(Source::prepared).collect();
            let all = FileChanges { replaced, replace_all: true, ..FileChanges::default() };
            anew.graph().update_files("r", all).await.unwrap();
            assert_eq!(
                export(&edited, "r").await,
                export(&anew, "r").await,
                "after step {step}; again with CODESTRATA_SEED={seed} cargo test -p codestrata --test namespaces"
            );
        }
    }
}
