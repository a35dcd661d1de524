//! The figures of functions in every language, against what was counted by hand.
//!
//! Each function of a fixture has the figures that it should have in a comment on its first line: cyclomatic
//! complexity, nesting, lines and lines of code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata_analyse::metrics::{Figures, FunctionMetrics};
use codestrata_index::Language;
use support::Project;

fn expected(source: &str, function: &FunctionMetrics) -> Option<Figures> {
    let line = source.lines().nth(usize::try_from(function.line).unwrap() - 1)?;
    let (_, figures) = line.split_once("expect:")?;
    let figures: Vec<u32> = figures.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let [cyclomatic, nesting, lines, code_lines] = figures[..] else { panic!("{line}") };
    Some(Figures { cyclomatic, nesting, lines, code_lines })
}

#[tokio::test]
async fn they_are_those_that_were_counted_by_hand() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let ending = language.endings()[0];
        let name = format!("figures.{ending}");
        let source = std::fs::read_to_string(format!("{fixtures}/{name}")).unwrap();
        let project = Project::of(&[(&name, &source)]).await;
        let metrics = project.metrics().await;
        assert!(metrics.left_out.is_empty(), "{language:?}: {:?}", metrics.left_out);
        let mut checked = 0;
        for function in &metrics.functions {
            let Some(expected) = expected(&source, function) else { continue };
            checked += 1;
            if function.figures != expected {
                wrong.push(format!(
                    "{}: {:?}\n  counted by hand: {expected:?}",
                    function.id, function.figures
                ));
            }
        }
        assert_eq!(checked, source.matches("expect:").count(), "{language:?}: each is checked once");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn decorators_are_a_part_of_a_function() {
    let source = "class A:\n    @property\n    def b(self):\n        return self.a or self.c\n";
    let metrics = Project::of(&[("a.py", source)]).await.metrics().await;
    let figures = Figures { cyclomatic: 2, nesting: 0, lines: 3, code_lines: 3 };
    assert_eq!(metrics.functions.iter().map(|function| function.figures).collect::<Vec<_>>(), [figures]);
}

#[tokio::test]
async fn deep_nesting_is_measured_and_overflows_nothing() {
    let deep = 3_000;
    let source = format!("function f() {{ {}x{} }}\n", "if (a) { ".repeat(deep), "}".repeat(deep));
    let metrics = Project::of(&[("a.js", &source)]).await.metrics().await;
    let deep = u32::try_from(deep).unwrap();
    let figures = Figures { cyclomatic: deep + 1, nesting: deep, lines: 1, code_lines: 1 };
    assert_eq!(metrics.functions[0].figures, figures);
}
