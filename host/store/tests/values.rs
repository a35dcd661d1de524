//! Members of variables and of what calls return are found where the files say what those are, across files, and after any
//! change as if all were linked anew.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod support;

use codestrata::{
    Attributes, Export, ExportTarget, FileChanges, FileFacts, GraphStorage, Import, ImportedName,
    ModuleFacts, Node, PreparedFile, Reference, Root, StorageManager, Target, ValueFact,
};
use support::{line, stores};

/// A file of a language in which every file is a module and exports its outermost names, written down by what a test needs
/// of it.
#[derive(Clone)]
struct Source(FileFacts);

impl Source {
    fn new(name: &str) -> Self {
        let module = ModuleFacts { stem: name.to_owned(), ..ModuleFacts::default() };
        let mut facts = FileFacts {
            path: name.to_owned(),
            family: "x".to_owned(),
            module: Some(module),
            ..FileFacts::default()
        };
        facts.nodes.push(Node::new(format!("{name}::<module>"), name, "module", name, line(1)));
        Self(facts)
    }

    fn define(mut self, name: &str, kind: &str) -> Self {
        let path = self.0.path.clone();
        let own = name.rsplit('.').next().unwrap();
        let place = u32::try_from(self.0.nodes.len()).unwrap();
        self.0.nodes.push(Node::new(format!("{path}::{name}"), own, kind, &path, line(place)));
        match name.rsplit_once('.') {
            Some((holder, _)) => {
                let holder = self.place(holder);
                self.refer(holder, "contains", Target::Node(place));
            }
            None => {
                self.0.exports.push(Export { name: name.to_owned(), target: ExportTarget::Node(place) });
            }
        }
        self
    }

    fn place(&self, name: &str) -> u32 {
        let id = format!("{}::{name}", self.0.path);
        u32::try_from(self.0.nodes.iter().position(|node| node.id == id).unwrap()).unwrap()
    }

    fn refer(&mut self, source: u32, kind: &str, target: Target) {
        let span = line(u32::try_from(self.0.references.len()).unwrap() + 100);
        let (kind, attributes) = (kind.into(), Attributes::new());
        self.0.references.push(Reference { source, kind, span, target, attributes });
    }

    /// What a text says: `Name.member` of this file, `@module.Name.member` of another, `self Class.member` of the object
    /// on which a member of the class was asked for.
    fn target(&mut self, text: &str) -> Target {
        let owned = |members: &str| -> Vec<String> {
            members.split('.').filter(|member| !member.is_empty()).map(str::to_owned).collect()
        };
        if let Some(text) = text.strip_prefix("self ") {
            let (class, members) = text.split_once('.').unwrap_or((text, ""));
            return Target::Path(Root::Receiver(self.place(class)), owned(members));
        }
        let (first, members) = text.split_once('.').unwrap_or((text, ""));
        match first.strip_prefix('@') {
            Some(module) => {
                let import = u32::try_from(self.0.imports.len()).unwrap();
                let (candidates, module) = (vec![module.to_owned()], module.to_owned());
                self.0.imports.push(Import { candidates, module, name: ImportedName::Module });
                Target::Path(Root::Import(import), owned(members))
            }
            None => Target::Path(Root::Node(self.place(first)), owned(members)),
        }
    }

    fn value(mut self, name: &str, path: &str, target: &str) -> Self {
        let (node, target) = (self.place(name), self.target(target));
        let path = path.split('.').filter(|member| !member.is_empty()).map(str::to_owned).collect();
        self.0.values.push(ValueFact { node, path, target });
        self
    }

    fn inherits(mut self, class: &str, base: &str) -> Self {
        let (class, base) = (self.place(class), self.target(base));
        self.refer(class, "inherits", base);
        self
    }

    /// A function that makes one call.
    fn calls(mut self, name: &str, target: &str) -> Self {
        self = self.define(name, "function");
        let (source, target) = (self.place(name), self.target(target));
        self.refer(source, "calls", target);
        self
    }

    fn prepared(&self) -> PreparedFile {
        let mut facts = self.0.clone();
        facts.hash = format!("{:?}", self.0);
        PreparedFile::new(&facts).unwrap()
    }
}

async fn store(storage: &StorageManager, sources: &[Source]) {
    let replaced = sources.iter().map(Source::prepared).collect();
    let changes = FileChanges { replaced, ..FileChanges::default() };
    storage.graph().update_files("r", changes).await.unwrap();
}

/// What the one call of `user::main` leads to, and how sure that is.
async fn called(storage: &StorageManager) -> String {
    let graph = storage.graph().load_graph("r").await.unwrap().unwrap();
    let edge = graph.edges.iter().find(|edge| edge.source == "user::main").unwrap();
    format!("{} {}", edge.target, edge.attributes["resolution"].as_str().unwrap())
}

/// The same, with these files, in every store.
async fn linked(sources: &[Source]) -> String {
    let mut answers = Vec::new();
    for made in stores().await {
        store(&made.storage, sources).await;
        answers.push(called(&made.storage).await);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the engines differ");
    answers.pop().unwrap()
}

/// A class `Client` with a method, and another class that has one of the same name.
fn clients() -> Source {
    Source::new("clients")
        .define("Client", "class")
        .define("Client.get", "method")
        .define("Other", "class")
        .define("Other.get", "method")
}

fn main_calls(target: &str) -> Source {
    Source::new("user").calls("main", target)
}

#[tokio::test]
async fn a_member_of_an_imported_variable_is_that_of_its_class() {
    let shared = Source::new("shared").define("CLIENT", "variable").value("CLIENT", "", "@clients.Client.()");
    let linked = linked(&[main_calls("@shared.CLIENT.get"), shared, clients()]).await;
    assert_eq!(linked, "clients::Client.get import");
}

#[tokio::test]
async fn a_member_of_what_a_function_returns_is_that_of_its_class() {
    let shared =
        Source::new("shared").define("connect", "function").value("connect", "()", "@clients.Client.()");
    let files = [main_calls("@shared.connect.().get"), shared.clone(), clients()];
    assert_eq!(linked(&files).await, "clients::Client.get import");
    let not_called = [main_calls("@shared.connect.get"), shared, clients()];
    assert_eq!(linked(&not_called).await, "ambiguous:get ambiguous", "a function is not what it returns");
}

#[tokio::test]
async fn a_call_of_a_class_is_an_object_of_it() {
    assert_eq!(
        linked(&[main_calls("@clients.Client.().get"), clients()]).await,
        "clients::Client.get import"
    );
}

#[tokio::test]
async fn an_inherited_attribute_is_followed_in_the_file_that_declares_it() {
    let base = Source::new("base").define("Base", "class").define("Base.client", "variable").value(
        "Base.client",
        "",
        "@clients.Client.()",
    );
    let user = Source::new("user")
        .define("View", "class")
        .inherits("View", "@base.Base")
        .calls("main", "View.client.get");
    assert_eq!(linked(&[user, base, clients()]).await, "clients::Client.get import");
}

#[tokio::test]
async fn values_are_followed_through_each_other() {
    let shared = Source::new("shared")
        .define("connect", "function")
        .value("connect", "()", "@clients.Client.()")
        .define("CLIENT", "variable")
        .value("CLIENT", "", "connect.()")
        .define("again", "variable")
        .value("again", "", "CLIENT");
    let linked = linked(&[main_calls("@shared.again.get"), shared, clients()]).await;
    assert_eq!(linked, "clients::Client.get import");
}

#[tokio::test]
async fn the_longest_path_that_is_known_counts() {
    let shared = Source::new("shared")
        .define("pool", "variable")
        .value("pool", "", "@clients.Other.()")
        .value("pool", "item.()", "@clients.Client.()");
    let linked = linked(&[main_calls("@shared.pool.item.().get"), shared, clients()]).await;
    assert_eq!(linked, "clients::Client.get import");
}

#[tokio::test]
async fn what_returns_its_receiver_returns_an_object_of_the_derived_class() {
    let classes = Source::new("classes")
        .define("Base", "class")
        .define("Base.filter", "method")
        .value("Base.filter", "()", "self Base")
        .define("Base.get", "method")
        .define("Derived", "class")
        .inherits("Derived", "Base")
        .define("Derived.get", "method");
    let derived = linked(&[main_calls("@classes.Derived.().filter.().filter.().get"), classes.clone()]).await;
    assert_eq!(derived, "classes::Derived.get import");
    let base = linked(&[main_calls("@classes.Base.().filter.().get"), classes]).await;
    assert_eq!(base, "classes::Base.get import");
}

#[tokio::test]
async fn two_values_that_disagree_are_none() {
    let shared = Source::new("shared")
        .define("CLIENT", "variable")
        .value("CLIENT", "", "@clients.Client.()")
        .value("CLIENT", "", "@clients.Other.()");
    let linked = linked(&[main_calls("@shared.CLIENT.get"), shared, clients()]).await;
    assert_eq!(linked, "ambiguous:get ambiguous");
}

#[tokio::test]
async fn values_that_go_in_a_circle_or_on_for_ever_end() {
    let circle = Source::new("shared")
        .define("a", "variable")
        .define("b", "variable")
        .value("a", "", "b")
        .value("b", "", "a.more")
        .define("f", "function")
        .value("f", "()", "f.().next.()");
    let files = [main_calls("@shared.a.get"), circle.clone(), clients()];
    assert_eq!(linked(&files).await, "ambiguous:get ambiguous");
    assert_eq!(linked(&[main_calls("@shared.f.().get"), circle, clients()]).await, "ambiguous:get ambiguous");
}

/// A variable that leads to a client through so many others.
fn chain(length: usize) -> Source {
    let mut chain = Source::new("shared").define("v0", "variable").value("v0", "", "@clients.Client.()");
    for number in 1..=length {
        let (name, last) = (format!("v{number}"), format!("v{}.()", number - 1));
        chain = chain.define(&name, "variable").value(&name, "", last.trim_end_matches(".()"));
    }
    chain
}

#[tokio::test]
async fn so_many_values_are_followed_and_no_more() {
    let most = codestrata::limits::MAX_LINK_VALUES;
    let last = |length: usize| main_calls(&format!("@shared.v{length}.get"));
    assert_eq!(linked(&[last(most - 1), chain(most - 1), clients()]).await, "clients::Client.get import");
    assert_eq!(linked(&[last(most), chain(most), clients()]).await, "ambiguous:get ambiguous");
}

#[tokio::test]
async fn of_two_ways_to_a_base_the_member_that_overrides_it_counts() {
    let classes = Source::new("classes")
        .define("Top", "class")
        .define("Top.get", "method")
        .define("Left", "class")
        .inherits("Left", "Top")
        .define("Right", "class")
        .inherits("Right", "Top")
        .define("Right.get", "method")
        .define("Both", "class")
        .inherits("Both", "Left")
        .inherits("Both", "Right");
    assert_eq!(linked(&[main_calls("@classes.Both.get"), classes]).await, "classes::Right.get import");
}

#[tokio::test]
async fn a_base_may_be_a_variable_that_stands_for_a_class() {
    let base = Source::new("base").define("Base", "variable").value("Base", "", "@clients.Client");
    let user =
        Source::new("user").define("View", "class").inherits("View", "@base.Base").calls("main", "View.get");
    assert_eq!(linked(&[user, base, clients()]).await, "clients::Client.get import");
}

#[tokio::test]
async fn a_value_that_changes_links_those_anew_who_walked_through_it() {
    let shared = |class: &str| {
        let target = format!("@clients.{class}.()");
        Source::new("shared")
            .define("connect", "function")
            .value("connect", "()", &target)
            .define("CLIENT", "variable")
            .value("CLIENT", "", "connect.()")
    };
    for made in stores().await {
        let storage = &made.storage;
        store(storage, &[main_calls("@shared.CLIENT.get"), shared("Client"), clients()]).await;
        assert_eq!(called(storage).await, "clients::Client.get import", "{}", made.engine);
        store(storage, &[shared("Other")]).await;
        assert_eq!(called(storage).await, "clients::Other.get import", "{}", made.engine);
        let nothing = Source::new("shared").define("connect", "function").define("CLIENT", "variable");
        store(storage, &[nothing]).await;
        assert_eq!(called(storage).await, "ambiguous:get ambiguous", "{}", made.engine);
        store(storage, &[shared("Client")]).await;
        assert_eq!(called(storage).await, "clients::Client.get import", "{}", made.engine);
    }
}

#[tokio::test]
async fn a_node_that_is_deleted_takes_its_value_along() {
    for made in stores().await {
        let storage = &made.storage;
        let shared = Source::new("shared").define("aaa", "variable").define("CLIENT", "variable").value(
            "CLIENT",
            "",
            "@clients.Client.()",
        );
        store(storage, &[main_calls("@shared.CLIENT.get"), shared, clients()]).await;
        storage.graph().delete_nodes("r", &["shared::aaa".to_owned()]).await.unwrap();
        assert_eq!(called(storage).await, "clients::Client.get import", "{}", made.engine);
        storage.graph().delete_nodes("r", &["clients::Client".to_owned()]).await.unwrap();
        assert_eq!(called(storage).await, "unresolved:shared.CLIENT.get unresolved", "{}", made.engine);
    }
}
