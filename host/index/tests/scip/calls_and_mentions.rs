//! Calls are told from mentions by their parentheses, where the text is at hand and the language has them.

use crate::index::{Bench, DEFINITION, READ, defined, document, index, seen};

/// What the mentions of the second line are taken for.
async fn kinds(language: &str, line: &str, mentions: &[(&str, &str)]) -> Vec<String> {
    let text = format!("def f(): 0\n{line}\n");
    let mut occurrences =
        vec![seen("a/f().", &[0, 4, 5], DEFINITION), defined("a/main().", &[1, 0, 0], &[1, 0, 2, 0])];
    for (symbol, word) in mentions {
        let start = i32::try_from(line.find(word).unwrap()).unwrap();
        let end = start + i32::try_from(word.len()).unwrap();
        occurrences.push(seen(symbol, &[1, start, end], READ));
    }
    let mut file = document("a.py", occurrences, vec![]);
    file.language = language.to_owned();
    file.text = text;
    let bench = Bench::new();
    assert_eq!(bench.import(&index(vec![file])).await.with_text, 1);
    bench.edges().await.into_iter().map(|edge| edge.replace("a/main(). -> a/", "")).collect()
}

#[tokio::test]
async fn parentheses_make_a_call() {
    let mentions = [("a/f().", "f("), ("a/C#", "C"), ("a/g().", "g"), ("a/D#", "D"), ("a/v.", "v")];
    let mentions = mentions.map(|(symbol, word)| (symbol, word.trim_end_matches('(')));
    assert_eq!(
        kinds("python", "f(C(), g, D, v(1))", &mentions).await,
        ["accesses g().", "calls f().", "calls v.", "instantiates C#", "uses_type D#"]
    );
}

#[tokio::test]
async fn a_language_that_calls_without_them_is_taken_at_its_symbols() {
    let mentions = [("a/f().", "f"), ("a/C#", "C"), ("a/v.", "v")];
    assert_eq!(kinds("ruby", "f C, v", &mentions).await, ["accesses v.", "calls f().", "uses_type C#"]);
}
