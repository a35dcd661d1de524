//! Functions that are copies are found, and their pairs expire when a body changes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata_analyse::duplicates::{DuplicateOptions, DuplicatePair, Duplicates, PairState};
use codestrata_analyse::limits::{MAX_BODIES_PER_FINGERPRINT, MIN_DUPLICATE_TOKENS};
use codestrata_analyse::{Finding, Score};
use support::Project;

/// Functions that differ in nothing but names and values.
fn total(name: &str, row: &str, value: u32) -> String {
    format!(
        "def {name}({row}s, limit):
    \"\"\"Adds {name} up.\"\"\"
    sum = {value}
    for {row} in {row}s:
        if {row}.price > limit and not {row}.hidden:
            sum += {row}.price * {row}.count  # the usual way
        elif {row}.count < {value}:
            sum -= {row}.tax(limit, [{row}.count, {value}])
    for {row} in reversed({row}s):
        while {row}.next is not None and {row}.next.count > {value}:
            limit = max(limit, {row}.next.price - {row}.next.tax(limit, [{row}.price]))
            {row} = {row}.next or {row}s[limit:]
    return sum if sum > {value} else None
"
    )
}

const OTHER: &str = "
def other(stream, names):
    with open(stream) as lines:
        try:
            while (line := lines.readline()):
                yield names[line.strip()], {line: len(line), 'x': lambda: line}
        except KeyError as error:
            raise ValueError(f'{error} in {stream}') from error
        finally:
            assert names is not None, 'text', *names
";

async fn duplicates(project: &Project) -> Duplicates {
    Duplicates::of(&project.measurements().await, DuplicateOptions::default())
}

fn named(pair: &DuplicatePair) -> (&str, &str) {
    (pair.left.id.rsplit("::").next().unwrap(), pair.right.id.rsplit("::").next().unwrap())
}

#[tokio::test]
async fn a_copy_is_found_whatever_its_names_and_values_are() {
    let copy = total("first", "row", 0);
    let renamed = total("third", "line", 12);
    let project = Project::of(&[
        ("a.py", &format!("{copy}{OTHER}")),
        ("b.py", &copy.replace("first", "second").replace("  # the usual way", "").replace("Adds", "Sums")),
        ("c.py", &renamed),
    ])
    .await;
    let found = duplicates(&project).await;
    let pairs: Vec<_> = found.pairs.iter().map(|pair| (named(pair), pair.score, pair.identical)).collect();
    let same = Score::SAME;
    assert_eq!(pairs, [(("first", "second"), same, true), (("first", "third"), same, false)]);
    assert_eq!(found.compared, 4);
    let left = &found.pairs[0].left;
    assert_eq!((left.file.as_str(), left.line, left.end_line), ("a.py", 1, 13));
    assert!(left.tokens > MIN_DUPLICATE_TOKENS);
}

#[tokio::test]
async fn a_copy_that_was_added_to_has_a_lower_score() {
    let copy = total("first", "row", 0);
    let longer = total("second", "row", 0).replace("    return", "    print(sum, limit)\n    return");
    let project = Project::of(&[("a.py", &copy), ("b.py", &longer)]).await;
    let found = duplicates(&project).await;
    assert_eq!(found.pairs.iter().map(named).collect::<Vec<_>>(), [("first", "second")]);
    let score = found.pairs[0].score;
    assert!(score < Score::SAME && score >= Score::thousandths(800), "{score:?}");
    let options = DuplicateOptions { min_score: Score::SAME, ..DuplicateOptions::default() };
    assert!(Duplicates::of(&project.measurements().await, options).pairs.is_empty());
    let options = DuplicateOptions { min_tokens: 500, ..DuplicateOptions::default() };
    assert_eq!(Duplicates::of(&project.measurements().await, options).compared, 0);
}

#[tokio::test]
async fn a_function_is_no_copy_of_the_one_around_it() {
    let inner = total("inner", "row", 0).replace('\n', "\n    ");
    let outer = format!("def outer(a):\n    {inner}\n    return inner\n");
    let found = duplicates(&Project::of(&[("a.py", &outer)]).await).await;
    assert_eq!((found.compared, found.pairs.len()), (2, 0));
}

#[tokio::test]
async fn short_functions_and_tables_are_compared_with_nothing() {
    let short = "def short(a):\n    return a + 1\n";
    let rows = "        'name': 'value',\n".repeat(60);
    let table = format!("def table():\n    return {{\n{rows}    }}\n");
    let both = format!("{short}\n{table}");
    let found = duplicates(&Project::of(&[("a.py", &both), ("b.py", &both)]).await).await;
    assert_eq!((found.compared, found.pairs.len()), (2, 0));
}

#[tokio::test]
async fn many_copies_are_as_many_pairs_and_not_their_square() {
    let copies = MAX_BODIES_PER_FINGERPRINT + 50;
    let files: Vec<(String, String)> =
        (0..copies).map(|n| (format!("a{n:03}.py"), total(&format!("f{n}"), "row", 0))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let found = duplicates(&Project::of(&files).await).await;
    assert_eq!(found.pairs.len(), copies - 1);
    assert!(found.pairs.iter().all(|pair| pair.identical && named(pair).0 == "f0"));
}

#[tokio::test]
async fn languages_of_other_families_are_not_compared_and_those_of_one_are() {
    let script = |name: &str| {
        format!(
            "function {name}(rows, limit) {{\n  let sum = 0;\n  for (const row of rows) {{\n    if (row.price > limit && \
             !row.hidden) {{ sum += row.price * row.count; }} else if (row.count < 3) {{ sum -= row.tax(limit, \
             [row.count, 3]); }}\n  }}\n  return sum > 2 ? sum : null;\n}}\n"
        )
    };
    let project = Project::of(&[("a.js", &script("one")), ("b.ts", &script("two"))]).await;
    assert_eq!(duplicates(&project).await.pairs.iter().map(named).collect::<Vec<_>>(), [("one", "two")]);
}

#[tokio::test]
async fn a_pair_holds_until_a_body_changes() {
    let copy = total("first", "row", 0);
    let project = Project::of(&[
        ("a.py", &copy),
        ("b.py", &total("second", "row", 0)),
        ("c.py", &total("third", "row", 0)),
        ("d.py", &total("fourth", "row", 0)),
    ])
    .await;
    let before = duplicates(&project).await;
    assert_eq!(
        before.pairs.iter().map(|pair| named(pair).1).collect::<Vec<_>>(),
        ["second", "third", "fourth"]
    );
    // It moves, and gets another comment: what it says is the same.
    project.write(
        "b.py",
        &format!("x = 1\n\n# Text.\n{}", total("second", "row", 0).replace("usual", "common")),
    );
    project.write("c.py", &total("third", "row", 1));
    project.index().await;
    project.write("d.py", &total("fourth", "row", 1));
    let states = before.states(&project.measurements().await);
    assert_eq!(
        states,
        [PairState::Holds, PairState::Expired, PairState::Unknown],
        "of d.py it is not known what it says since it was indexed"
    );
    project.index().await;
    project.write("d.py", "x = 1\n");
    project.write("e.py", "x = 1\n");
    project.index().await;
    project.write("d.py", &copy);
    project.write("b.py", "x = 1\n");
    project.index().await;
    project.write("b.py", "x = 2\n");
    let now = project.measurements().await;
    assert_eq!(before.states(&now), [PairState::Expired, PairState::Expired, PairState::Expired]);
}

#[tokio::test]
async fn a_pair_of_a_file_that_nobody_can_measure_is_unknown() {
    let project =
        Project::of(&[("a.py", &total("first", "row", 0)), ("b.py", &total("second", "row", 0))]).await;
    let before = duplicates(&project).await;
    project.write("b.py", &total("second", "row", 7));
    project.index().await;
    project.write("b.py", "x = 1\n");
    assert_eq!(before.states(&project.measurements().await), [PairState::Unknown]);
}

#[tokio::test]
async fn two_runs_say_which_pairs_are_new_and_gone() {
    let project = Project::of(&[
        ("a.py", &total("first", "row", 0)),
        ("b.py", &total("second", "row", 0)),
        ("c.py", OTHER),
    ])
    .await;
    let before = duplicates(&project).await;
    project
        .write("b.py", &total("second", "row", 0).replace("    return", "    print(sum, limit)\n    return"));
    project.write("d.py", &OTHER.replace("other", "again"));
    project.index().await;
    let after = duplicates(&project).await;
    let difference = before.difference(&after);
    assert_eq!(difference.added.iter().map(named).collect::<Vec<_>>(), [("other", "again")]);
    assert_eq!(difference.rescored.len(), 1);
    assert_eq!(difference.rescored[0].before, Score::SAME);
    assert!(difference.removed.is_empty());
    let back = after.difference(&before);
    assert_eq!(back.removed.iter().map(named).collect::<Vec<_>>(), [("other", "again")]);
}

#[test]
fn scores_come_back_from_json_as_they_were() {
    for thousandths in 0..=1_000 {
        let score = Score::thousandths(thousandths);
        let text = serde_json::to_string(&score).unwrap();
        assert_eq!(serde_json::from_str::<Score>(&text).unwrap(), score, "{text}");
    }
    for wrong in ["1.1", "-0.1", "\"1\""] {
        assert!(serde_json::from_str::<Score>(wrong).is_err(), "{wrong}");
    }
}
