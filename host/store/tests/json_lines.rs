//! JSON Lines in and out: canonical, complete, and a bad line is named and stores nothing.

mod support;

use codestrata::{ErrorKind, GraphStorage, StorageManager, jsonl};
use support::{export, file, stores};

const GOOD: &str = r#"{"metadata":{"repo_id":"demo","schema_version":1,"tool":"other","branch":null}}
{"file":{"path":"b.py","hash":"2","language":"python"}}
{"node":{"id":"b.py::h","name":"h","kind":"function","file":"b.py","span":{"start_byte":0,"end_byte":9,"start_line":1,"end_line":1,"start_column":0,"end_column":9},"attributes":{"b":1,"a":[1.50,null]}}}
{"edge":{"source":"b.py::h","target":"a.py::f","kind":"calls","attributes":{"resolution":"import"},"span":{"start_byte":4,"end_byte":5,"start_line":1,"end_line":1,"start_column":4,"end_column":5}}}
{"edge":{"source":"b.py::h","target":"nowhere","kind":"calls"}}
{"edge":{"source":"a.py::f","target":"b.py::h","kind":"refers","attributes":{}}}

{"file":{"path":"a.py","hash":"1"}}
{"node":{"id":"a.py::f","name":"f","kind":"function","file":"a.py","span":{"start_byte":0,"end_byte":9,"start_line":1,"end_line":1,"start_column":0,"end_column":9}}}
"#;

async fn import(storage: &StorageManager, text: &str) -> codestrata::Result<()> {
    let graph = jsonl::read_graph(&mut text.as_bytes())?;
    let repo_id = graph.repo_id.clone();
    graph.store(storage.graph(), &repo_id).await.map(drop)
}

#[tokio::test]
async fn an_export_is_the_same_after_any_number_of_round_trips() {
    for store in stores().await {
        import(&store.storage, GOOD).await.unwrap();
        let first = export(&store.storage, "demo").await;
        assert_eq!(first.lines().count(), 8);
        for other in stores().await {
            import(&other.storage, &first).await.unwrap();
            assert_eq!(export(&other.storage, "demo").await, first, "{} to {}", store.engine, other.engine);
        }
    }
}

#[tokio::test]
async fn a_linked_graph_is_the_same_once_its_links_are_stated() {
    for store in stores().await {
        let graph = store.storage.graph();
        for file in [file("a.py", &[("f", &["b.g", "b.missing", "os.path"])]), file("b.py", &[("g", &[])])] {
            graph.replace_file("demo", file).await.unwrap();
        }
        let first = export(&store.storage, "demo").await;
        assert!(first.contains("unresolved:b.missing") && first.contains(r#""resolution":"import""#));
        let other = StorageManager::in_memory().unwrap();
        import(&other, &first).await.unwrap();
        assert_eq!(export(&other, "demo").await, first);
        let (_, given) = store.storage.query("demo").totals().await.unwrap();
        let (_, now) = other.query("demo").totals().await.unwrap();
        assert_eq!(now, given, "what was unresolved is counted so, and not as dangling");
        let callers = other.query("demo").callers("b.py::g", 10).await.unwrap();
        assert_eq!(callers.results.len(), 1);
    }
}

#[tokio::test]
async fn a_bad_line_is_named_and_nothing_is_stored() {
    let node = r#"{"node":{"id":"a::f","name":"f","kind":"function","file":"a","span":{"start_byte":0,"end_byte":1,"start_line":1,"end_line":1,"start_column":0,"end_column":1}}}"#;
    let head = r#"{"metadata":{"repo_id":"demo","schema_version":1}}"#;
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let cases = [
        (1, String::new()),
        (1, node.to_owned()),
        (1, "not json".to_owned()),
        (1, r#"{"metadata":{"schema_version":1}}"#.to_owned()),
        (1, r#"{"metadata":{"repo_id":"","schema_version":1}}"#.to_owned()),
        (1, r#"{"metadata":{"repo_id":"x","schema_version":99}}"#.to_owned()),
        (2, format!("{head}\n{head}")),
        (2, format!("{head}\n{{\"nodes\":{{}}}}")),
        (2, format!("{head}\n{{\"file\":{{\"path\":\"\"}}}}")),
        (2, format!("{head}\n{deep}")),
        (2, format!("{head}\n[1,2")),
        (2, format!("{head}\n{}", node.replace("\"name\"", "\"nmae\""))),
        (2, format!("{head}\n{}", node.replace("\"start_byte\":0", "\"start_byte\":-1"))),
        (2, format!("{head}\n{}", node.replace("\"start_byte\":0", "\"start_byte\":99999999999"))),
        (3, format!("{head}\n{node}\n{node}")),
        (
            3,
            format!(
                "{head}\n{node}\n{{\"edge\":{{\"source\":\"ghost\",\"target\":\"a::f\",\"kind\":\"calls\"}}}}"
            ),
        ),
        (
            3,
            format!(
                "{head}\n{node}\n{{\"edge\":{{\"source\":\"a::f\",\"target\":\"\",\"kind\":\"calls\"}}}}"
            ),
        ),
        (3, format!("{head}\n{node}\n{{\"edge\":{{\"source\":\"a::f\",\"kind\":\"calls\"}}}}")),
    ];
    for store in stores().await {
        import(&store.storage, GOOD).await.unwrap();
        let before = export(&store.storage, "demo").await;
        for (line, text) in &cases {
            let error = import(&store.storage, text).await.unwrap_err();
            let kinds = [ErrorKind::InvalidArgument, ErrorKind::Unsupported];
            assert!(kinds.contains(&error.kind()), "{error:?}");
            assert!(error.to_string().contains(&format!("line {line}")), "{error} for {text:.80}");
        }
        assert!(import(&store.storage, "\u{feff}{}").await.is_err());
        assert!(jsonl::read_graph(&mut [head.as_bytes(), b"\n\xff\xfe"].concat().as_slice()).is_err());
        assert_eq!(export(&store.storage, "demo").await, before);
    }
}

#[tokio::test]
async fn the_order_of_the_lines_does_not_matter() {
    let storage = StorageManager::in_memory().unwrap();
    import(&storage, GOOD).await.unwrap();
    let expected = export(&storage, "demo").await;
    let (first, rest) = GOOD.split_once('\n').unwrap();
    let mut lines: Vec<&str> = rest.lines().collect();
    // Files interleaved, edges before their sources: every rotation and its reverse.
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        for order in [lines.clone(), lines.iter().rev().copied().collect()] {
            let text = format!("{first}\n{}", order.join("\n"));
            import(&storage, &text).await.unwrap();
            assert_eq!(export(&storage, "demo").await, expected, "{text}");
        }
    }
}

#[tokio::test]
async fn a_file_that_was_cut_between_two_lines_is_refused() {
    let storage = StorageManager::in_memory().unwrap();
    import(&storage, GOOD).await.unwrap();
    let whole = export(&storage, "demo").await;
    let lines: Vec<&str> = whole.lines().collect();
    for kept in 1..lines.len() {
        let error = import(&storage, &lines[..kept].join("\n")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(export(&storage, "demo").await, whole);
    // What others may mean by the key is their affair.
    import(&storage, &GOOD.replace("\"branch\":null", "\"totals\":[1,\"x\"]")).await.unwrap();
}
