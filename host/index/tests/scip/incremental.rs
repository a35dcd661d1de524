//! Only what changed is read again, and the graph is that of a first import.

use crate::index::{Bench, DEFINITION, READ, document, index, seen, shop, user, views};

#[tokio::test]
async fn an_index_that_did_not_change_is_passed_over() {
    let bench = Bench::new();
    assert_eq!(bench.import(&shop()).await.summary.added, 2);
    let before = bench.export().await;
    let report = bench.import(&shop()).await;
    assert_eq!((report.unchanged, report.summary.replaced, report.summary.version), (2, 0, 1));
    assert_eq!(bench.export().await, before);
}

#[tokio::test]
async fn a_document_that_changed_is_replaced_and_one_that_is_gone_removed() {
    let bench = Bench::new();
    bench.import(&shop()).await;
    let mut changed = views();
    changed.occurrences.push(seen("user/check().", &[5, 12, 17], READ));
    let new = document("new.py", vec![seen("new/f().", &[0, 4, 5], DEFINITION)], vec![]);
    let report = bench.import(&index(vec![changed.clone(), new.clone()])).await;
    let summary = report.summary;
    assert_eq!((summary.added, summary.replaced, summary.removed, report.unchanged), (1, 1, 1, 0));
    let fresh = Bench::new();
    fresh.import(&index(vec![changed, new])).await;
    assert_eq!(bench.export().await, fresh.export().await);
}

#[tokio::test]
async fn an_edge_binds_when_its_target_comes_back() {
    let bench = Bench::new();
    bench.import(&shop()).await;
    let before = bench.export().await;
    bench.import(&index(vec![views()])).await;
    let query = bench.storage.query("shop");
    assert!(query.totals().await.unwrap().1.dangling > 2);
    bench.import(&index(vec![user(), views()])).await;
    assert_eq!(bench.export().await, before);
}

#[tokio::test]
async fn whose_id_a_symbol_is_follows_the_documents_that_are_there() {
    let part = |path: &str| document(path, vec![seen("pkg/", &[1, 8, 11], DEFINITION)], vec![]);
    let bench = Bench::new();
    for paths in [&["b.go"][..], &["a.go", "b.go"], &["b.go", "c.go"], &["c.go"], &["c.go", "a.go", "b.go"]] {
        let documents: Vec<_> = paths.iter().map(|path| part(path)).collect();
        bench.import(&index(documents.clone())).await;
        let fresh = Bench::new();
        fresh.import(&index(documents)).await;
        assert_eq!(bench.export().await, fresh.export().await, "{paths:?}");
    }
}

#[tokio::test]
async fn the_order_of_documents_and_occurrences_means_nothing() {
    let bench = Bench::new();
    bench.import(&shop()).await;
    let other = Bench::new();
    let (mut first, mut second) = (views(), user());
    first.occurrences.reverse();
    second.occurrences.reverse();
    second.symbols.reverse();
    other.import(&index(vec![first, second])).await;
    // Hashes are of the bytes, which differ.
    let without_hashes = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("{\"file\"")).map(str::to_owned).collect()
    };
    assert_eq!(without_hashes(bench.export().await), without_hashes(other.export().await));
}
