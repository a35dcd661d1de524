//! Spans have bytes where the text is at hand.

use std::fs;

use codestrata::{GraphStorage, Span};
use protobuf::EnumOrUnknown;
use scip::types::{Document, PositionEncoding};

use crate::index::{Bench, DEFINITION, READ, document, index, seen};

const TEXT: &str = "def f(): pass\ns = '𝒳é'; f()\n";

fn with_text(text: &str, encoding: PositionEncoding, column: i32) -> Document {
    let occurrences =
        vec![seen("a/f().", &[0, 4, 5], DEFINITION), seen("a/f().", &[1, column, column + 1], READ)];
    Document {
        text: text.to_owned(),
        position_encoding: EnumOrUnknown::new(encoding),
        ..document("a.py", occurrences, vec![])
    }
}

async fn span_of_call(bench: &Bench) -> Span {
    let graph = bench.storage.graph().load_graph("shop").await.unwrap().unwrap();
    graph.edges.iter().find(|edge| edge.kind == "calls").unwrap().span.unwrap()
}

#[tokio::test]
async fn columns_of_any_encoding_become_bytes() {
    use PositionEncoding::{
        UTF8CodeUnitOffsetFromLineStart as Utf8, UTF16CodeUnitOffsetFromLineStart as Utf16,
        UTF32CodeUnitOffsetFromLineStart as Utf32, UnspecifiedPositionEncoding as Unsaid,
    };
    for (encoding, column) in [(Utf8, 14), (Utf16, 11), (Utf32, 10), (Unsaid, 11)] {
        let bench = Bench::new();
        let report = bench.import(&index(vec![with_text(TEXT, encoding, column)])).await;
        assert_eq!(report.with_text, 1);
        let span = span_of_call(&bench).await;
        let place = usize::try_from(span.start_byte).unwrap();
        assert_eq!(TEXT.get(place..place + 3), Some("f()"), "{encoding:?}");
        assert_eq!((span.start_line, span.start_column, span.end_column), (2, 14, 15), "{encoding:?}");
    }
}

#[tokio::test]
async fn without_the_text_lines_are_known_and_bytes_are_not() {
    let bench = Bench::new();
    let report = bench
        .import(&index(vec![with_text("", PositionEncoding::UTF16CodeUnitOffsetFromLineStart, 11)]))
        .await;
    assert_eq!((report.with_text, report.other_text.len()), (0, 0));
    let span = span_of_call(&bench).await;
    assert_eq!((span.start_line, span.start_column, span.start_byte, span.end_byte), (2, 11, 0, 0));
}

#[tokio::test]
async fn sources_beside_the_index_are_as_good_as_texts_in_it() {
    let document = |text: &str| with_text(text, PositionEncoding::UTF16CodeUnitOffsetFromLineStart, 11);
    let bench = Bench::new();
    bench.import(&index(vec![document(TEXT)])).await;
    let mut beside = Bench::new();
    let sources = tempfile::tempdir().unwrap();
    fs::write(sources.path().join("a.py"), TEXT).unwrap();
    beside.sources = Some(sources.path().to_owned());
    let report = beside.import(&index(vec![document("")])).await;
    assert_eq!(report.with_text, 1);
    assert_eq!(span_of_call(&beside).await, span_of_call(&bench).await);
    // A source that changed is read again, although its document is the same.
    fs::write(sources.path().join("a.py"), format!("{TEXT}\n")).unwrap();
    assert_eq!(beside.import(&index(vec![document("")])).await.unchanged, 0);
    assert_eq!(beside.import(&index(vec![document("")])).await.unchanged, 1);
}

#[tokio::test]
async fn a_text_that_is_another_by_now_is_left_aside() {
    for other in ["", "x", "\n\n\n\n", "def g(): pass\ns = '𝒳é'; g()\n"] {
        let mut bench = Bench::new();
        let sources = tempfile::tempdir().unwrap();
        fs::write(sources.path().join("a.py"), other).unwrap();
        bench.sources = Some(sources.path().to_owned());
        let document = with_text("", PositionEncoding::UTF16CodeUnitOffsetFromLineStart, 11);
        let report = bench.import(&index(vec![document])).await;
        assert_eq!((report.with_text, report.other_text), (0, vec!["a.py".to_owned()]), "{other:?}");
        assert_eq!(span_of_call(&bench).await.start_byte, 0);
    }
}

#[tokio::test]
async fn nothing_outside_of_the_sources_is_waited_for() {
    let mut bench = Bench::new();
    let sources = tempfile::tempdir().unwrap();
    // A folder where a file should be, as a pipe would be.
    fs::create_dir(sources.path().join("a.py")).unwrap();
    bench.sources = Some(sources.path().to_owned());
    let document = with_text("", PositionEncoding::UTF16CodeUnitOffsetFromLineStart, 11);
    assert_eq!(bench.import(&index(vec![document])).await.with_text, 0);
}
