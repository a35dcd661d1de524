//! Go across files: packages are folders, methods stand away from their types, imports end in folders.

mod small_tree;

use codestrata::model::Resolution;
use small_tree::{REPOSITORY, callers, indexed};

const FILES: &[(&str, &str)] = &[
    ("cart.go", "package shop\ntype Cart struct { Base; next *Cart }\nfunc total() {}\n"),
    (
        "total.go",
        "package shop\nimport \"example.com/x/shop/store\"\nfunc (c *Cart) Total() { c.Keep(); total(); c.next.Total(); c.near() }\n\
         func (c *Cart) near() {}\nfunc Make() { store.Open(); var d store.DB; d.Query() }\n",
    ),
    ("base.go", "package shop\ntype Base struct{}\nfunc (b Base) Keep() {}\n"),
    ("store/db.go", "package store\ntype DB struct{}\nfunc Open() { query() }\n"),
    ("store/query.go", "package store\nfunc (db *DB) Query() {}\nfunc query() {}\n"),
    (
        "cmd/main.go",
        "package main\nimport \"github.com/x/shop\"\nimport db \"github.com/x/shop/store\"\n\
         func main() { c := &shop.Cart{}; c.Total(); c.Keep(); db.Open(); fork() }\n\
         func shadows(db shop.Base) { db.Open() }\nfunc query() { query() }\n",
    ),
    ("cmd/fork_linux.go", "package main\nfunc fork() {}\n"),
    ("cmd/fork_windows.go", "package main\nfunc fork() {}\n"),
    ("cmd/main_test.go", "package main_test\nfunc query() {}\nfunc check() { query() }\n"),
    ("cmd/dot/dot.go", "package dot\nimport . \"github.com/x/shop/store\"\nfunc Use() { Open() }\n"),
];

#[tokio::test]
async fn names_of_a_package_are_known_in_all_its_files() {
    let storage = indexed(FILES).await;
    assert_eq!(callers(&storage, "cart.go::total").await, ["total.go::Cart.Total"]);
    assert_eq!(callers(&storage, "store/query.go::query").await, ["store/db.go::Open"]);
    // Another package, and the tests beside it, have a name of their own.
    assert_eq!(callers(&storage, "cmd/main.go::query").await, ["cmd/main.go::query"]);
    assert_eq!(callers(&storage, "cmd/main_test.go::query").await, ["cmd/main_test.go::check"]);
}

#[tokio::test]
async fn methods_are_found_wherever_they_stand() {
    let storage = indexed(FILES).await;
    let of_total = callers(&storage, "total.go::Cart.Total").await;
    assert_eq!(of_total, ["cmd/main.go::main", "total.go::Cart.Total"]);
    assert_eq!(callers(&storage, "total.go::Cart.near").await, ["total.go::Cart.Total"]);
    assert_eq!(callers(&storage, "store/query.go::DB.Query").await, ["total.go::Make"]);
    // What an embedded type of another file lends.
    let of_keep = callers(&storage, "base.go::Base.Keep").await;
    assert_eq!(of_keep, ["cmd/main.go::main", "total.go::Cart.Total"]);
}

#[tokio::test]
async fn imports_lead_to_the_folder_that_they_end_in() {
    let storage = indexed(FILES).await;
    let of_open = callers(&storage, "store/db.go::Open").await;
    // Not `shadows`, whose `db` is a parameter.
    assert_eq!(of_open, ["cmd/dot/dot.go::Use", "cmd/main.go::main", "total.go::Make"]);
}

#[tokio::test]
async fn what_is_built_for_several_systems_is_ambiguous() {
    let storage = indexed(FILES).await;
    let (answer, _) = storage.query(REPOSITORY).callees("cmd/main.go::main", 20).await.expect("stored");
    let fork =
        answer.results.iter().find(|hit| hit.node.id() == "cmd/fork_linux.go::fork").expect("a callee");
    assert_eq!(fork.sites[0].resolution, Some(Resolution::Ambiguous));
}
