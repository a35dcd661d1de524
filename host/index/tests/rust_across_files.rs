//! Rust across files: modules by path, members that stand away from their type, other crates by their folders.

mod small_tree;

use codestrata::model::Resolution;
use small_tree::{REPOSITORY, callers, indexed};

const FILES: &[(&str, &str)] = &[
    (
        "shop/src/lib.rs",
        "mod cart;\nmod util;\n#[macro_use] mod macros;\npub mod store;\npub use cart::Cart;\n\
         pub fn open() { util::log(); crate::store::keep(); twice!(1) }\n",
    ),
    ("shop/src/macros.rs", "macro_rules! twice { ($x:expr) => { $x } }\n"),
    (
        "shop/src/cart/mod.rs",
        "mod total;\nuse crate::util::{self, Named};\npub struct Cart { db: crate::store::Store }\n\
         impl Named for Cart {}\n\
         impl Cart { pub fn new() -> Self { util::log(); Cart { db: crate::store::Store } }\n\
         fn near(&self) { self.total(); self.name(); self.db.flush() } }\n",
    ),
    (
        "shop/src/cart/total.rs",
        "use super::*;\nimpl Cart { pub fn total(&self) { self.near(); self.free(); util::log(); } }\n\
         impl super::Cart { fn free(&self) {} }\n",
    ),
    (
        "shop/src/util.rs",
        "pub fn log() {}\npub trait Named { fn name(&self) { helper() } }\nfn helper() {}\n\
         mod inner { use super::helper; pub fn deep() { helper(); super::log() } }\n\
         #[cfg(unix)] pub fn system() {}\n#[cfg(windows)] pub fn system() {}\n",
    ),
    (
        "shop/src/store.rs",
        "pub struct Store;\nimpl Store { pub fn flush(&self) { crate::util::system() } }\npub fn keep() {}\n",
    ),
    (
        "web-app/src/main.rs",
        "use shop::{Cart, store::{self, Store as Db}};\nuse util::log;\nmod util;\n\
         fn main() { let cart = Cart::new(); cart.total(); store::keep(); shop::open(); log(); run(Db) }\n\
         fn run(db: Db) { db.flush(); let log = 1; log(); }\n",
    ),
    ("web-app/src/util.rs", "pub fn log() {}\n"),
    ("shop/tests/all.rs", "use shop::open;\n#[test]\nfn opens() { open() }\n"),
];

#[tokio::test]
async fn paths_lead_through_modules() {
    let storage = indexed(FILES).await;
    assert_eq!(
        callers(&storage, "shop/src/util.rs::log").await,
        [
            "shop/src/cart/mod.rs::Cart.new",
            "shop/src/cart/total.rs::Cart.total",
            "shop/src/lib.rs::open",
            "shop/src/util.rs::inner.deep",
        ]
    );
    assert_eq!(callers(&storage, "web-app/src/util.rs::log").await, ["web-app/src/main.rs::main"]);
    let of_helper = callers(&storage, "shop/src/util.rs::helper").await;
    assert_eq!(of_helper, ["shop/src/util.rs::Named.name", "shop/src/util.rs::inner.deep"]);
    assert_eq!(callers(&storage, "shop/src/macros.rs::twice").await, ["shop/src/lib.rs::open"]);
}

#[tokio::test]
async fn other_crates_are_found_by_their_folder() {
    let storage = indexed(FILES).await;
    let of_open = callers(&storage, "shop/src/lib.rs::open").await;
    assert_eq!(of_open, ["shop/tests/all.rs::opens", "web-app/src/main.rs::main"]);
    let of_keep = callers(&storage, "shop/src/store.rs::keep").await;
    assert_eq!(of_keep, ["shop/src/lib.rs::open", "web-app/src/main.rs::main"]);
    // Through `pub use cart::Cart`.
    assert_eq!(callers(&storage, "shop/src/cart/mod.rs::Cart.new").await, ["web-app/src/main.rs::main"]);
}

#[tokio::test]
async fn members_are_found_on_their_type_wherever_they_stand() {
    let storage = indexed(FILES).await;
    let of_total = callers(&storage, "shop/src/cart/total.rs::Cart.total").await;
    assert_eq!(of_total, ["shop/src/cart/mod.rs::Cart.near", "web-app/src/main.rs::main"]);
    let of_near = callers(&storage, "shop/src/cart/mod.rs::Cart.near").await;
    assert_eq!(of_near, ["shop/src/cart/total.rs::Cart.total"]);
    let of_free = callers(&storage, "shop/src/cart/total.rs::Cart.free").await;
    assert_eq!(of_free, ["shop/src/cart/total.rs::Cart.total"]);
    // A method that a trait has for all of its types.
    let of_name = callers(&storage, "shop/src/util.rs::Named.name").await;
    assert_eq!(of_name, ["shop/src/cart/mod.rs::Cart.near"]);
    let of_flush = callers(&storage, "shop/src/store.rs::Store.flush").await;
    assert_eq!(of_flush, ["shop/src/cart/mod.rs::Cart.near", "web-app/src/main.rs::run"]);
}

#[tokio::test]
async fn what_is_written_once_for_each_system_is_ambiguous() {
    let storage = indexed(FILES).await;
    let (answer, _) =
        storage.query(REPOSITORY).callees("shop/src/store.rs::Store.flush", 20).await.expect("stored");
    let resolutions: Vec<_> = answer.results.iter().map(|hit| hit.sites[0].resolution).collect();
    assert_eq!(resolutions, [Some(Resolution::Ambiguous)]);
}
