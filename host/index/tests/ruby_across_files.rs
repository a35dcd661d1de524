//! Ruby across files: reopened classes, constants through the modules around, mixed-in and inherited methods.

mod small_tree;

use codestrata::model::Resolution;
use small_tree::{callers, edges_to, import, indexed};

const FILES: &[(&str, &str)] = &[
    ("lib/shop.rb", "require_relative 'shop/order'\nmodule Shop\n  def self.open; Order.new.run; end\nend\n"),
    (
        "lib/shop/order.rb",
        "require 'shop/named'\nmodule Shop\n  class Order < Base\n    include Named\n    def initialize; @client = Client.new; end\n    \
         def run; title; save; @client.get; helper; LIMIT; shared; end\n    def self.find(id); new; end\n  end\nend\n",
    ),
    ("lib/shop/named.rb", "module Shop::Named\n  def title; headline; end\nend\n"),
    (
        "lib/shop/base.rb",
        "module Shop\n  LIMIT = 1\n  class Base\n    def save; super; end\n    def self.build; find(1); end\n  end\nend\n",
    ),
    ("lib/shop/client.rb", "class Shop::Client\n  def get; end\nend\n"),
    (
        "lib/shop/more.rb",
        "module Shop\n  class Order\n    def again; run; end\n    def twice; end\n  end\nend\n",
    ),
    ("lib/shop/most.rb", "class Shop::Order\n  def twice; end\nend\n"),
    ("lib/client.rb", "class Client\n  def get; end\n  def headline; end\nend\n"),
    ("lib/helper.rb", "def helper; end\n"),
    (
        "test/shop.rb",
        "class Test\n  def check\n    order = Shop::Order.find(1)\n    Shop::Order.new.again\n    ::Client.new.get\n    \
         Client.new.get\n    Shop::Order.new.twice\n    helper = 1\n    helper\n    order.to_s\n  end\n  def to_s; end\nend\n",
    ),
];

#[tokio::test]
async fn constants_are_found_in_the_modules_around_before_those_of_the_top_level() {
    let storage = indexed(FILES).await;
    let makers = callers(&storage, "lib/shop/client.rb::Shop.Client").await;
    assert_eq!(makers, ["lib/shop/order.rb::Shop.Order.initialize"]);
    let makers = callers(&storage, "lib/client.rb::Client").await;
    assert_eq!(makers, ["test/shop.rb::Test.check"]);
    let readers = edges_to(&storage, "accesses", "lib/shop/base.rb::Shop.LIMIT").await;
    assert_eq!(readers, [import("lib/shop/order.rb::Shop.Order.run")]);
    // Of the files that open a class, the first stands for it.
    let makers = callers(&storage, "lib/shop/more.rb::Shop.Order").await;
    assert_eq!(makers, ["lib/shop.rb::Shop.open", "test/shop.rb::Test.check"]);
}

#[tokio::test]
async fn methods_are_found_on_reopened_classes_in_bases_and_in_mixed_in_modules() {
    let storage = indexed(FILES).await;
    let run = "lib/shop/order.rb::Shop.Order.run";
    assert_eq!(callers(&storage, "lib/shop/named.rb::Shop.Named.title").await, [run]);
    assert_eq!(callers(&storage, "lib/shop/base.rb::Shop.Base.save").await, [run]);
    assert_eq!(
        callers(&storage, run).await,
        ["lib/shop.rb::Shop.open", "lib/shop/more.rb::Shop.Order.again"]
    );
    assert_eq!(callers(&storage, "lib/shop/more.rb::Shop.Order.again").await, ["test/shop.rb::Test.check"]);
    // What is assigned in one method is known in another.
    assert_eq!(callers(&storage, "lib/shop/client.rb::Shop.Client.get").await, [run]);
}

#[tokio::test]
async fn a_function_of_the_top_level_is_called_from_everywhere_but_where_a_local_variable_hides_it() {
    let storage = indexed(FILES).await;
    let callers = callers(&storage, "lib/helper.rb::helper").await;
    assert_eq!(callers, ["lib/shop/order.rb::Shop.Order.run"]);
}

#[tokio::test]
async fn a_method_that_two_files_define_is_ambiguous() {
    let storage = indexed(FILES).await;
    let edges = edges_to(&storage, "calls", "ambiguous:twice").await;
    let bound = edges_to(&storage, "calls", "lib/shop/more.rb::Shop.Order.twice").await;
    let doubts: Vec<_> = edges.into_iter().chain(bound).collect();
    assert_eq!(doubts, [("test/shop.rb::Test.check".to_owned(), Resolution::Ambiguous.as_str().to_owned())]);
}

#[tokio::test]
async fn a_name_that_every_object_has_binds_no_call_of_an_unknown_object() {
    let storage = indexed(FILES).await;
    assert!(callers(&storage, "test/shop.rb::Test.to_s").await.is_empty());
}

#[tokio::test]
async fn what_a_mixed_in_method_calls_is_looked_for_by_its_name() {
    let storage = indexed(FILES).await;
    let edges = edges_to(&storage, "calls", "lib/client.rb::Client.headline").await;
    let expected = Resolution::UniqueName.as_str().to_owned();
    assert_eq!(edges, [("lib/shop/named.rb::Shop.Named.title".to_owned(), expected)]);
}

#[tokio::test]
async fn required_files_are_imported() {
    let storage = indexed(FILES).await;
    let importers = edges_to(&storage, "imports", "lib/shop/order.rb::<module>").await;
    assert_eq!(importers, [import("lib/shop.rb::<module>")]);
    let importers = edges_to(&storage, "imports", "lib/shop/named.rb::<module>").await;
    assert_eq!(importers, [import("lib/shop/order.rb::<module>")]);
}

#[tokio::test]
async fn a_class_may_be_derived_from_one_of_its_name_further_out() {
    let files = [("v.rb", "class V\nend\n"), ("m.rb", "module M\n  class V < V\n  end\nend\n")];
    let storage = indexed(&files).await;
    assert_eq!(edges_to(&storage, "inherits", "v.rb::V").await, [import("m.rb::M.V")]);
    assert!(edges_to(&storage, "inherits", "m.rb::M.V").await.is_empty());
}
