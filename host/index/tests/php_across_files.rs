//! PHP across files: namespaces, what `use` brings, inherited members, and what falls back to the global namespace.

mod small_tree;

use codestrata::model::Resolution;
use small_tree::{callers, edges_to, import, indexed};

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

const RUN: &str = "src/Order.php::Order.run";

#[tokio::test]
async fn classes_are_found_by_use_by_namespace_and_in_full() {
    let storage = indexed(FILES).await;
    let client = "src/Support.php::Shop.Support.Client";
    assert_eq!(callers(&storage, &format!("{client}.get")).await, [RUN]);
    assert_eq!(callers(&storage, "src/Support.php::Client.get").await, ["bin/run.php::<module>"]);
    assert_eq!(callers(&storage, "src/Sibling.php::Sibling.go").await, ["bin/run.php::start", RUN]);
    assert_eq!(callers(&storage, "src/Order.php::Order").await, ["bin/run.php::<module>"]);
    assert_eq!(callers(&storage, RUN).await, ["bin/run.php::<module>"]);
}

#[tokio::test]
async fn functions_and_constants_fall_back_to_the_global_namespace() {
    let storage = indexed(FILES).await;
    let helper = edges_to(&storage, "calls", "src/helper.php::helper").await;
    assert_eq!(helper, [import(RUN), import(RUN)]);
    assert_eq!(callers(&storage, "src/Sibling.php::near").await, [RUN]);
    assert_eq!(edges_to(&storage, "accesses", "src/helper.php::LIMIT").await, [import(RUN)]);
    let total = edges_to(&storage, "calls", "src/Support.php::Shop.Support.total").await;
    assert_eq!(total, [import(RUN), import(RUN)]);
}

#[tokio::test]
async fn members_are_inherited_from_classes_and_traits() {
    let storage = indexed(FILES).await;
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
    let storage = indexed(FILES).await;
    let edges = edges_to(&storage, "calls", "ambiguous:twice").await;
    let bound = edges_to(&storage, "calls", "src/helper.php::twice").await;
    let doubts: Vec<_> = edges.into_iter().chain(bound).collect();
    assert_eq!(doubts, [("bin/run.php::start".to_owned(), Resolution::Ambiguous.as_str().to_owned())]);
}

#[tokio::test]
async fn required_files_are_imported() {
    let storage = indexed(FILES).await;
    let importers = edges_to(&storage, "imports", "src/helper.php::<module>").await;
    assert_eq!(importers, [import("bin/run.php::<module>")]);
}
