//! Java across files: packages, imports, inherited members, overloads, names that hide each other and names that don't.

mod small_tree;

use codestrata::StorageManager;
use codestrata::model::Resolution;
use small_tree::{indexed, resolved_callers};

const FILES: &[(&str, &str)] = &[
    (
        "src/com/shop/Order.java",
        "package com.shop;
import com.shop.util.Text;
import com.shop.util.Box.Lid;
import static com.shop.util.Text.trim;
public class Order extends Base {
    Item item;
    void total() { item.price(); audit(); Text.join(); trim(); new Lid().open(); }
    void paths() { com.shop.util.Text.join(); }
    void sizes() { int size = size(); }
    int size() { return 0; }
    void add(int a) {}
    void add(String a) {}
    void both() { add(1); this.close(); super.close(); }
    void runs() { new Thread(new Runnable() { public void run() { audit(); } }); }
    class Line extends Part { void weigh() { grams(); total(); } }
}
",
    ),
    (
        "src/com/shop/Base.java",
        "package com.shop;
public class Base { protected void audit() {} void close() { open(); } void open() {} }
class Part { void grams() {} }
",
    ),
    ("src/com/shop/Item.java", "package com.shop;\npublic class Item { int price() { return 1; } }\n"),
    (
        "src/com/shop/util/Text.java",
        "package com.shop.util;
public class Text { public static void join() {} public static void trim() {} }
",
    ),
    (
        "src/com/shop/util/Box.java",
        "package com.shop.util;
import com.shop.*;
public class Box { void fill(Item item) { item.price(); } public static class Lid { public void open() {} } }
",
    ),
    (
        "test/com/other/Item.java",
        "package com.other;
import com.shop.Order;
class Item {
    int price() { return 2; }
    void check(Order order, Item item) { order.total(); order.add(2); item.price(); order.audit(); }
}
",
    ),
];

/// The callers of a definition under `src/com/shop`, without the folders, and how sure each link is.
async fn callers(storage: &StorageManager, id: &str) -> Vec<(String, Resolution)> {
    let callers = resolved_callers(storage, &format!("src/com/shop/{id}")).await.into_iter();
    let short = |id: &str| id.rsplit('/').next().unwrap_or_default().replace(".java::", ":");
    let mut callers: Vec<_> = callers.map(|(id, how)| (short(&id), how)).collect();
    callers.sort();
    callers
}

async fn check(expected: &[(&str, &[(&str, Resolution)])]) {
    let storage = indexed(FILES).await;
    for (id, expected) in expected {
        let expected: Vec<_> = expected.iter().map(|(id, how)| ((*id).to_owned(), *how)).collect();
        assert_eq!(callers(&storage, id).await, expected, "callers of {id}");
    }
}

#[tokio::test]
async fn types_of_the_package_and_imported_ones_are_found() {
    check(&[
        (
            "Item.java::Item.price",
            &[("Box:Box.fill", Resolution::Import), ("Order:Order.total", Resolution::Import)],
        ),
        ("util/Box.java::Box.Lid.open", &[("Order:Order.total", Resolution::Import)]),
        ("util/Text.java::Text.trim", &[("Order:Order.total", Resolution::Import)]),
        // Once by an import and once by the name in full.
        (
            "util/Text.java::Text.join",
            &[("Order:Order.paths", Resolution::Import), ("Order:Order.total", Resolution::Import)],
        ),
    ])
    .await;
}

#[tokio::test]
async fn inherited_members_are_found_by_their_bare_names() {
    check(&[
        (
            "Base.java::Base.audit",
            &[
                ("Item:Item.check", Resolution::Import),
                ("Order:Order.runs", Resolution::Import),
                ("Order:Order.total", Resolution::Import),
            ],
        ),
        ("Base.java::Base.close", &[("Order:Order.both", Resolution::Import)]),
        ("Base.java::Base.open", &[("Base:Base.close", Resolution::Exact)]),
        ("Base.java::Part.grams", &[("Order:Order.Line.weigh", Resolution::Import)]),
        (
            "Order.java::Order.total",
            &[("Item:Item.check", Resolution::Import), ("Order:Order.Line.weigh", Resolution::Exact)],
        ),
    ])
    .await;
}

#[tokio::test]
async fn overloads_are_ambiguous_and_variables_hide_no_methods() {
    check(&[
        (
            "Order.java::Order.add",
            &[("Item:Item.check", Resolution::Ambiguous), ("Order:Order.both", Resolution::Ambiguous)],
        ),
        ("Order.java::Order.size", &[("Order:Order.sizes", Resolution::Exact)]),
    ])
    .await;
}
