//! PHP across files: namespaces, what `use` brings, inherited members, and what falls back to the global namespace.

#![expect(clippy::expect_used, reason = "a helper of a test")]

use std::path::Path;

use codestrata::model::Resolution;
use codestrata::{GraphStorage, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};

const FILES: &[(&str, &str)] = &[
    (
        "src/Order.php",
        "<?php\nnamespace Shop;\nuse Shop\\Support\\{Client as Web, Logs};\nuse Shop\\Support;\nuse function Shop\\Support\\total;\n\
         class Order extends Base {\n use Logs;\n public function __construct(private Web $client) {}\n \
         public function run(Sibling $sibling): void {\n $this->client->get(); $this->save(); $this->log(); self::make();\n \
         total(); helper(); near(); $sibling->go(); $this->kind->label(); Support\\total(); LIMIT; \\helper();\n }\n}\n",
    ),
    (
        "src/Base.php",
        "<?php\nnamespace Shop;\nabstract class Base {\n protected Kind $kind;\n const DEEP = 1;\n \
         public function save() { return static::DEEP; }\n public static function make() {}\n}\n",
    ),
    (
        "src/Sibling.php",
        "<?php\nnamespace Shop;\nfinal class Sibling {\n public function go() {}\n}\nfunction near() {}\n",
    ),
    (
        "src/Kind.php",
        "<?php\nnamespace Shop;\nenum Kind {\n case Small;\n public function label() { return self::Small; }\n}\n",
    ),
    (
        "src/Support.php",
        "<?php\nnamespace Shop\\Support {\n class Client { public $get = 1; public function get() {} }\n trait Logs { protected function log() {} }\n \
         function total() {}\n}\nnamespace {\n class Client { public function get() {} }\n}\n",
    ),
    ("src/helper.php", "<?php\ndefine('LIMIT', 3);\nfunction helper() {}\nfunction twice() {}\n"),
    ("src/other.php", "<?php\nfunction twice() {}\n"),
    (
        "bin/run.php",
        "<?php\nrequire __DIR__ . '/../src/helper.php';\nuse Shop\\Order;\n$order = new Order(new Client());\n$order->run();\n\
         (new Client)->get();\nfunction start(Order $order, $client) { $order->save(); Shop\\Sibling::go(); twice(); }\n",
    ),
];

async fn indexed(root: &Path) -> StorageManager {
    for (path, text) in FILES {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let storage = StorageManager::in_memory().expect("a store");
    let options = IndexOptions::new("shop", root);
    index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
    storage
}

async fn callers(storage: &StorageManager, id: &str) -> Vec<String> {
    let answer = storage.query("shop").callers(id, 20).await.expect("the node is stored");
    answer.results.into_iter().map(|hit| hit.node.id).collect()
}

/// The edges of a kind to a node, as their sources with how sure they are.
async fn edges_to(storage: &StorageManager, kind: &str, target: &str) -> Vec<(String, String)> {
    let graph = storage.graph().load_graph("shop").await.expect("loaded").expect("stored");
    let edges = graph.edges.into_iter().filter(|edge| edge.kind == kind && edge.target == target);
    edges
        .map(|edge| {
            let resolution = edge.attributes.get("resolution").and_then(|it| it.as_str()).unwrap_or_default();
            (edge.source, resolution.to_owned())
        })
        .collect()
}

fn import(source: &str) -> (String, String) {
    (source.to_owned(), Resolution::Import.as_str().to_owned())
}

const RUN: &str = "src/Order.php::Order.run";

#[tokio::test]
async fn classes_are_found_by_use_by_namespace_and_in_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = indexed(folder.path()).await;
    let client = "src/Support.php::Shop.Support.Client";
    assert_eq!(callers(&storage, &format!("{client}.get")).await, [RUN]);
    assert_eq!(callers(&storage, "src/Support.php::Client.get").await, ["bin/run.php::<module>"]);
    assert_eq!(callers(&storage, "src/Sibling.php::Sibling.go").await, ["bin/run.php::start", RUN]);
    assert_eq!(callers(&storage, "src/Order.php::Order").await, ["bin/run.php::<module>"]);
    assert_eq!(callers(&storage, RUN).await, ["bin/run.php::<module>"]);
}

#[tokio::test]
async fn functions_and_constants_fall_back_to_the_global_namespace() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = indexed(folder.path()).await;
    let helper = edges_to(&storage, "calls", "src/helper.php::helper").await;
    assert_eq!(helper, [import(RUN), import(RUN)]);
    assert_eq!(callers(&storage, "src/Sibling.php::near").await, [RUN]);
    assert_eq!(edges_to(&storage, "accesses", "src/helper.php::LIMIT").await, [import(RUN)]);
    let total = edges_to(&storage, "calls", "src/Support.php::Shop.Support.total").await;
    assert_eq!(total, [import(RUN), import(RUN)]);
}

#[tokio::test]
async fn members_are_inherited_from_classes_and_traits() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = indexed(folder.path()).await;
    assert_eq!(callers(&storage, "src/Base.php::Base.save").await, ["bin/run.php::start", RUN]);
    assert_eq!(callers(&storage, "src/Base.php::Base.make").await, [RUN]);
    assert_eq!(callers(&storage, "src/Support.php::Shop.Support.Logs.log").await, [RUN]);
    let kind = edges_to(&storage, "accesses", "src/Base.php::Base.$kind").await;
    assert_eq!(kind, [import(RUN)]);
    let label = edges_to(&storage, "calls", "src/Kind.php::Kind.label").await;
    assert_eq!(label, [(RUN.to_owned(), Resolution::UniqueName.as_str().to_owned())]);
}

#[tokio::test]
async fn a_function_that_two_files_define_is_ambiguous() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = indexed(folder.path()).await;
    let edges = edges_to(&storage, "calls", "ambiguous:twice").await;
    let bound = edges_to(&storage, "calls", "src/helper.php::twice").await;
    let doubts: Vec<_> = edges.into_iter().chain(bound).collect();
    assert_eq!(doubts, [("bin/run.php::start".to_owned(), Resolution::Ambiguous.as_str().to_owned())]);
}

#[tokio::test]
async fn required_files_are_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = indexed(folder.path()).await;
    let importers = edges_to(&storage, "imports", "src/helper.php::<module>").await;
    assert_eq!(importers, [import("bin/run.php::<module>")]);
}
