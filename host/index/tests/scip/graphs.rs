//! What an index says, as a graph.

use std::collections::BTreeMap;

use codestrata::query::{Direction, EdgeKinds, OrderEnd, Traversal};
use codestrata::{Edge, GraphStorage, Node};
use codestrata_index::Unobserved;
use codestrata_index::scip::{ScipIndex, ScipLimits};
use protobuf::{EnumOrUnknown, Message};
use scip::types::symbol_information::Kind;
use scip::types::{Relationship, SymbolInformation};

use crate::index::{
    Bench, DEFINITION, FORWARD, READ, TEST, WRITE, defined, described, document, index, seen, shop, symbol,
    user,
};

async fn graph(bench: &Bench) -> (BTreeMap<String, Node>, Vec<Edge>) {
    let graph = bench.storage.graph().load_graph("shop").await.unwrap().unwrap();
    (graph.nodes.into_iter().map(|node| (node.id.to_string(), node)).collect(), graph.edges)
}

#[tokio::test]
async fn documents_become_files_definitions_nodes_and_mentions_edges() {
    let bench = Bench::new();
    let report = bench.import(&shop()).await;
    assert_eq!((report.documents, report.tool.as_str()), (2, "hand 1"));
    let (nodes, _) = graph(&bench).await;
    let kinds: Vec<String> = nodes
        .values()
        .map(|node| format!("{} {} {}:{}", node.kind, node.name, node.file, node.span.start_line))
        .collect();
    assert_eq!(
        kinds,
        [
            "class Base user.py:1",
            "class User user.py:4",
            "method save user.py:5",
            "parameter self user.py:5",
            "module user user.py:1",
            "function check user.py:9",
            "module views views.py:1",
            "function update views.py:3",
            "variable local 0 views.py:4",
        ]
    );
    assert_eq!(
        bench.edges().await,
        [
            "inherits user/User# -> user/Base#",
            "uses_type user/User# -> user/Base#",
            "accesses user/User#save(). -> user/User#save().(self)",
            "calls user/User#save(). -> user/check().",
            "implements user/User#save(). -> user/Base#save().",
            "imports views/__init__: -> user/User#",
            "imports views/__init__: -> user/__init__:",
            "accesses views/update(). -> views.py::local 0",
            "calls views/update(). -> user/User#save().",
            "calls views/update(). -> python python stdlib 3 json/dumps().",
            "uses_type views/update(). -> user/User#",
        ]
    );
}

#[tokio::test]
async fn what_was_concluded_says_from_what() {
    let bench = Bench::new();
    bench.import(&shop()).await;
    let (_, edges) = graph(&bench).await;
    let derived =
        |edge: &Edge| edge.attributes.get("derived").and_then(|value| value.as_str().map(str::to_owned));
    let mut by_kind: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for edge in &edges {
        *by_kind.entry((edge.kind.to_string(), derived(edge))).or_default() += 1;
    }
    let says = |kind: &str, how: Option<&str>| {
        by_kind.get(&(kind.to_owned(), how.map(str::to_owned))).copied().unwrap_or_default()
    };
    assert_eq!(says("calls", Some("enclosing-range")), 3);
    assert_eq!(says("imports", Some("document")), 2);
    assert_eq!(says("inherits", Some("relationship")), 1);
    assert_eq!(says("contains", None), 7);
    assert_eq!(says("calls", None) + says("accesses", None) + says("uses_type", None), 0);
}

#[tokio::test]
async fn every_question_works_over_it() {
    let bench = Bench::new();
    bench.import(&shop()).await;
    let query = bench.storage.query("shop");
    let found = query.resolve("User.save").await.unwrap().results;
    assert_eq!(found.len(), 1, "by its qualified name");
    let save = found[0].node.id().to_string();
    assert_eq!(save, symbol("user/User#save()."));
    let calls = query.callers(&save, 10).await.unwrap().results;
    let names: Vec<_> = calls.iter().map(|hit| (hit.node.name(), hit.sites[0].line)).collect();
    assert_eq!(names, [("update", 5)]);
    let check = symbol("user/check().");
    let dependents = Traversal::along(EdgeKinds::dependencies()).direction(Direction::Incoming).depth(5);
    let impact = query.impact(&check, &dependents, 10).await.unwrap().results;
    let names: Vec<_> = impact.iter().map(|hit| (hit.node.name(), hit.depth)).collect();
    assert_eq!(names, [("save", 1), ("update", 2)]);
    let (way, _) = query.path(&symbol("views/update()."), &check, &Traversal::default()).await.unwrap();
    assert_eq!(way.results.len(), 3);
    let (callees, unbound) = query.callees(&symbol("views/update()."), 10).await.unwrap();
    assert_eq!((callees.results.len(), unbound.len()), (1, 1));
    assert_eq!(unbound[0].target, "python python stdlib 3 json/dumps().");
}

#[tokio::test]
async fn symbols_of_other_packages_dangle_and_are_counted() {
    let bench = Bench::new();
    let mut index = shop();
    index.external_symbols.push(SymbolInformation {
        symbol: "python python stdlib 3 json/dumps().".to_owned(),
        ..SymbolInformation::default()
    });
    assert_eq!(bench.import(&index).await.external_symbols, 1);
    // `json/dumps().` and `Base#save().`, which nothing defines.
    assert_eq!(bench.storage.query("shop").totals().await.unwrap().1.dangling, 2);
}

#[tokio::test]
async fn locals_are_of_their_document_alone() {
    let bench = Bench::new();
    let with_local = |path: &str| {
        document(
            path,
            vec![seen("local 0", &[1, 0, 1], DEFINITION), seen("local 0", &[2, 0, 1], READ)],
            vec![],
        )
    };
    bench.import(&index(vec![with_local("a.py"), with_local("b.py")])).await;
    let (nodes, _) = graph(&bench).await;
    let ids: Vec<_> = nodes.keys().map(String::as_str).collect();
    assert_eq!(ids, ["a.py::<module>", "a.py::local 0", "b.py::<module>", "b.py::local 0"]);
    assert_eq!(
        bench.edges().await,
        ["accesses a.py::<module> -> a.py::local 0", "accesses b.py::<module> -> b.py::local 0"]
    );
}

#[tokio::test]
async fn a_symbol_of_several_documents_is_the_id_of_one_node() {
    let bench = Bench::new();
    let part = |path: &str, roles| document(path, vec![seen("pkg/Part#", &[3, 6, 10], roles)], vec![]);
    let report = bench
        .import(&index(vec![part("c.h", DEFINITION), part("a.h", FORWARD), part("b.h", DEFINITION)]))
        .await;
    assert_eq!(report.shared_symbols, 1);
    let (nodes, _) = graph(&bench).await;
    let id = symbol("pkg/Part#");
    // A definition before a declaration, and of several the first file's.
    assert_eq!(nodes[&id].file, "b.h");
    for path in ["a.h", "c.h"] {
        let other = &nodes[&format!("{path}::{id}")];
        assert_eq!(other.attributes["symbol"], id.as_str());
        assert_eq!(other.attributes.contains_key(Node::DECLARATION), path == "a.h");
    }
}

#[tokio::test]
async fn roles_and_relationships_are_kept() {
    let bench = Bench::new();
    let typed = SymbolInformation {
        symbol: symbol("a/x."),
        relationships: vec![Relationship {
            symbol: symbol("a/T#"),
            is_type_definition: true,
            is_reference: true,
            ..Relationship::default()
        }],
        ..SymbolInformation::default()
    };
    let occurrences = vec![
        seen("a/x.", &[1, 0, 1], DEFINITION),
        defined("a/test_x().", &[2, 4, 10], &[2, 0, 9, 0]),
        seen("a/x.", &[3, 0, 1], WRITE),
        seen("a/x.", &[4, 0, 1], WRITE | READ),
        seen("a/f().", &[5, 0, 1], DEFINITION | TEST),
    ];
    bench.import(&index(vec![document("a.py", occurrences, vec![typed])])).await;
    let (nodes, edges) = graph(&bench).await;
    assert_eq!(nodes[&symbol("a/f().")].attributes["test"], true);
    let writes: Vec<_> = edges.iter().filter_map(|edge| edge.attributes.get("access")?.as_str()).collect();
    assert_eq!(writes, ["write", "read-write"]);
    assert!(bench.edges().await.contains(&"uses_type a/x. -> a/T#".to_owned()));
}

#[tokio::test]
async fn kinds_come_from_the_index_and_else_from_symbols_and_signatures() {
    let bench = Bench::new();
    let mut fenced = described("a/B#", Kind::UnspecifiedKind, &[]);
    fenced.documentation = vec!["```ts\nexport interface B\n```\nWords.".to_owned()];
    let mut unknown = described("a/C#", Kind::UnspecifiedKind, &[]);
    unknown.kind = EnumOrUnknown::from_i32(4_711);
    let mut odd = described("local 1", Kind::UnspecifiedKind, &[]);
    odd.display_name = "helper".to_owned();
    let symbols = vec![
        described("a/A#", Kind::Struct, &[]),
        fenced,
        unknown,
        described("a/D#", Kind::TypeFamily, &[]),
        odd,
    ];
    let names = ["a/A#", "a/B#", "a/C#", "a/D#", "a/m!", "a/A#[T]", "local 1", "not a symbol of SCIP"];
    let occurrences = (1..).zip(names).map(|(line, name)| seen(name, &[line, 0, 1], DEFINITION)).collect();
    let mut file = document("a.ts", occurrences, symbols);
    file.language = "TypeScript".to_owned();
    bench.import(&index(vec![file])).await;
    let (nodes, _) = graph(&bench).await;
    let mut kinds: Vec<_> = nodes.values().map(|node| format!("{} {}", node.name, node.kind)).collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "A struct",
            "B interface",
            "C type",
            "D type_family",
            "T type_parameter",
            "a.ts module",
            "helper variable",
            "m macro",
            "not a symbol of SCIP symbol",
        ]
    );
}

#[tokio::test]
async fn overloads_are_one_node_and_each_may_call() {
    let bench = Bench::new();
    let occurrences = vec![
        defined("a/f().", &[1, 4, 5], &[1, 0, 1, 20]),
        defined("a/f().", &[2, 4, 5], &[2, 0, 6, 1]),
        seen("a/g().", &[3, 4, 5], READ),
        defined("a/f().", &[8, 4, 5], &[8, 0, 9, 1]),
        seen("a/h().", &[8, 9, 10], READ),
    ];
    bench.import(&index(vec![document("a.py", occurrences, vec![])])).await;
    let (nodes, _) = graph(&bench).await;
    let span = nodes[&symbol("a/f().")].span;
    assert_eq!((span.start_line, span.end_line), (3, 7), "the longest is shown");
    assert_eq!(bench.edges().await, ["calls a/f(). -> a/g().", "calls a/f(). -> a/h()."]);
}

#[tokio::test]
async fn nothing_contains_itself_whatever_the_index_says() {
    let bench = Bench::new();
    // Each lies in the other: by its symbol, and by its range.
    let mut inner = described("local 1", Kind::Function, &[]);
    inner.enclosing_symbol = "local 2".to_owned();
    let mut outer = described("local 2", Kind::Function, &[]);
    outer.enclosing_symbol = "local 1".to_owned();
    let occurrences =
        vec![defined("local 1", &[1, 4, 5], &[1, 0, 9, 0]), defined("local 2", &[2, 4, 5], &[2, 0, 3, 0])];
    bench.import(&index(vec![document("a.py", occurrences, vec![inner, outer])])).await;
    let (_, edges) = graph(&bench).await;
    let holds: Vec<_> = edges.iter().map(|edge| format!("{} > {}", edge.source, edge.target)).collect();
    assert_eq!(holds, ["a.py::<module> > a.py::local 2", "a.py::local 2 > a.py::local 1"]);
}

#[tokio::test]
async fn a_project_is_named_by_its_root() {
    let bench = Bench::new();
    for (root, name) in [
        ("file:///src/shop%20two/", Some("shop two")),
        ("file:///", None),
        ("", None),
        ("file:///a%ff", Some("a%ff")),
        ("file:///a%2", Some("a%2")),
    ] {
        let mut index = shop();
        index.metadata.as_mut().unwrap().project_root = root.to_owned();
        std::fs::write(bench.file(), index.write_to_bytes().unwrap()).unwrap();
        let opened = ScipIndex::open(&bench.file(), ScipLimits::default(), &Unobserved).unwrap().unwrap();
        assert_eq!(opened.project().as_deref(), name, "{root}");
    }
}

#[tokio::test]
async fn of_several_bases_the_order_is_not_known_and_the_order_of_members_says_so() {
    let bench = Bench::new();
    let classes = ["a/A#", "a/B#", "a/One#", "a/Both#", "a/Below#"];
    let occurrences =
        (0..).zip(classes).map(|(line, class)| seen(class, &[line, 6, 9], DEFINITION)).collect();
    let said = vec![
        described("a/A#", Kind::Class, &[]),
        described("a/B#", Kind::Class, &["a/A#"]),
        described("a/One#", Kind::Class, &["a/A#"]),
        described("a/Both#", Kind::Class, &["a/A#", "a/B#"]),
        described("a/Below#", Kind::Class, &["a/Both#"]),
    ];
    bench.import(&index(vec![document("a.py", occurrences, said)])).await;
    let query = bench.storage.query("shop");
    let one = query.bases(&symbol("a/One#"), 10).await.unwrap();
    assert_eq!((one.order.end, one.order.reason), (OrderEnd::Complete, None));
    for class in ["a/Both#", "a/Below#"] {
        let found = query.bases(&symbol(class), 10).await.unwrap();
        assert_eq!(found.order.end, OrderEnd::Incomplete, "{class}");
        let both = symbol("a/Both#");
        let reason = format!("`{both}` has several bases, and the graph does not say in which order");
        assert_eq!(found.order.reason, Some(reason), "{class}");
        assert!(found.bases.results.iter().any(|base| base.node.id() == symbol("a/B#")), "{class}");
    }
}

#[tokio::test]
async fn a_line_means_the_function_on_it_and_not_its_parameter() {
    let bench = Bench::new();
    let names_only = document(
        "names.py",
        vec![
            seen("names/f().", &[0, 4, 5], DEFINITION),
            seen("names/f().(x)", &[0, 6, 7], DEFINITION),
            seen("names/f().(y)", &[1, 6, 7], DEFINITION),
        ],
        vec![],
    );
    bench.import(&index(vec![user(), names_only])).await;
    let query = bench.storage.query("shop");
    for (place, expected) in [
        ("user.py:5", "user/User#save()."),
        ("user.py:5:14", "user/User#save().(self)"),
        ("names.py:1", "names/f()."),
        ("names.py:1:7", "names/f().(x)"),
        ("names.py:2", "names/f().(y)"),
    ] {
        let found = query.resolve(place).await.unwrap().results;
        let ids: Vec<String> = found.into_iter().map(|hit| hit.node.id().to_string()).collect();
        assert_eq!(ids, [symbol(expected)], "{place}");
    }
}
