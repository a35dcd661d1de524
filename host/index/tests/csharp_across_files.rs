//! C# across files: namespaces, `using`, partial classes, extension methods, properties named as their types.

mod small_tree;

use codestrata::model::Resolution;
use small_tree::{indexed, resolved_callers as callers};

const FILES: &[(&str, &str)] = &[
    (
        "Order.cs",
        "using Shop.Model;
using static Shop.Util.Text;
using Store = Shop.Model.Stock;
namespace Shop.Orders
{
    public partial class Order : Base
    {
        private Item item = new();
        public Level Level { get; set; }
        void Total() { item.Price(); Audit(); Join(); Store.Take(); Part(); Level.Rise(); }
        void Relative() { Model.Stock.Take(); }
        void Stages() { new Stage(); }
        void Paths() { Shop.Util.Text.Join(); Root(item); }
        void Adds() { Add(1); item.Weigh(); base.Audit(); }
        void Add(int a) { }
        void Add(string a) { }
        void Root(Item Price) { Price.Price(); Top.Spin(); }
    }
}
",
    ),
    (
        "Order.Part.cs",
        "namespace Shop.Orders;
partial class Order { void Part() { Total(); Outer.Help(); } }
",
    ),
    (
        "Base.cs",
        "namespace Shop { class Outer { public static void Help() { } } }
namespace Shop.Orders { class Base { protected void Audit() { } public Stage Stage; } }
namespace Shop { class Stage { } }
",
    ),
    (
        "Model.cs",
        "namespace Shop.Model
{
    public class Item { public int Price() { return 1; } }
    public static class Items { public static void Weigh(this Item item) { item.Price(); } }
    public static class Stock { public static void Take() { } }
    public class Level { public void Rise() { } }
}
",
    ),
    (
        "Text.cs",
        "namespace Shop.Util { public static class Text { public static void Join() { } public static void Shout(this string text) { } } }\n",
    ),
    (
        "Loud.cs",
        "using Shop.Util;
namespace Loud { class Loud { void Say(string text) { text.Shout(); } void Cry() { \"oh\".Shout(); } } }
",
    ),
    ("Top.cs", "static class Top { public static void Spin() { } }\n"),
    (
        "Other.cs",
        "namespace Other { class Item { public int Price() { return 2; } void M(Item item) { item.Price(); } } }\n",
    ),
];

async fn check(expected: &[(&str, &[(&str, Resolution)])]) {
    let storage = indexed(FILES).await;
    for (id, expected) in expected {
        let expected: Vec<_> = expected.iter().map(|(id, how)| ((*id).to_owned(), *how)).collect();
        assert_eq!(callers(&storage, id).await, expected, "callers of {id}");
    }
}

#[tokio::test]
async fn names_are_found_through_using_aliases_and_in_full() {
    check(&[
        (
            "Model.cs::Item.Price",
            &[
                ("Model.cs::Items.Weigh", Resolution::Exact),
                ("Order.cs::Order.Root", Resolution::Import),
                ("Order.cs::Order.Total", Resolution::Import),
            ],
        ),
        (
            "Text.cs::Text.Join",
            &[("Order.cs::Order.Paths", Resolution::Import), ("Order.cs::Order.Total", Resolution::Import)],
        ),
        (
            "Model.cs::Stock.Take",
            &[
                ("Order.cs::Order.Relative", Resolution::Import),
                ("Order.cs::Order.Total", Resolution::Import),
            ],
        ),
        ("Other.cs::Item.Price", &[("Other.cs::Item.M", Resolution::Exact)]),
    ])
    .await;
}

#[tokio::test]
async fn namespaces_around_a_file_are_seen() {
    check(&[
        ("Base.cs::Shop.Outer.Help", &[("Order.Part.cs::Order.Part", Resolution::Import)]),
        ("Top.cs::Top.Spin", &[("Order.cs::Order.Root", Resolution::Import)]),
    ])
    .await;
}

#[tokio::test]
async fn members_are_found_in_bases_and_in_other_parts_of_the_class() {
    check(&[
        (
            "Base.cs::Shop.Orders.Base.Audit",
            &[("Order.cs::Order.Adds", Resolution::Import), ("Order.cs::Order.Total", Resolution::Import)],
        ),
        ("Order.Part.cs::Order.Part", &[("Order.cs::Order.Total", Resolution::Import)]),
        ("Order.cs::Order.Total", &[("Order.Part.cs::Order.Part", Resolution::Import)]),
        ("Order.cs::Order.Add", &[("Order.cs::Order.Adds", Resolution::Ambiguous)]),
    ])
    .await;
}

#[tokio::test]
async fn extension_methods_and_properties_named_as_their_type_are_found() {
    check(&[
        ("Model.cs::Items.Weigh", &[("Order.cs::Order.Adds", Resolution::Import)]),
        (
            "Text.cs::Text.Shout",
            &[("Loud.cs::Loud.Cry", Resolution::Import), ("Loud.cs::Loud.Say", Resolution::Import)],
        ),
        ("Model.cs::Level.Rise", &[("Order.cs::Order.Total", Resolution::Import)]),
        // The property stands in a base in another file.
        ("Base.cs::Shop.Stage", &[("Order.cs::Order.Stages", Resolution::Import)]),
    ])
    .await;
}
