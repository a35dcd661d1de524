//! Answers first: a benchmark of different answers is worth nothing.

use codestrata_measure::{Found, Question};

use super::round::Answers;
use crate::failure::{Code, Failure};

/// How many rows a message shows.
const MAX_SHOWN: usize = 3;

/// Fails if two configurations answer differently, with the first question that they do.
pub(super) fn compare(
    (one, left): (&str, &Answers),
    (other, right): (&str, &Answers),
    questions: &[&Question],
) -> Result<(), Failure> {
    if left.totals != right.totals {
        return Err(different(format!(
            "{one} counts {:?} and {other} {:?} in the same sources",
            left.totals, right.totals
        )));
    }
    // The same questions come again after the edits.
    let asked = questions.iter().cycle();
    for (number, (question, (left, right))) in asked.zip(left.rows.iter().zip(&right.rows)).enumerate() {
        if left == right {
            continue;
        }
        let when = if number < questions.len() { "" } else { " after edits" };
        return Err(different(format!(
            "{one} answers {question:?}{when} with {} rows and {other} with {}; only in the first: {}; only in the second: {}",
            left.len(),
            right.len(),
            only(left, right),
            only(right, left)
        )));
    }
    Ok(())
}

fn different(message: String) -> Failure {
    Failure::new(Code::Store, "different-answers", message).with_help(
        "one of the engines is wrong: `codestrata verify` checks a store of each, and the conformance suite a backend",
    )
}

fn only(found: &[Found], others: &[Found]) -> String {
    let mut rows: Vec<&str> = found
        .iter()
        .filter(|row| others.binary_search(row).is_err())
        .map(|row| row.id.as_str())
        .take(MAX_SHOWN + 1)
        .collect();
    if rows.len() > MAX_SHOWN {
        rows.truncate(MAX_SHOWN);
        rows.push("…");
    }
    if rows.is_empty() { "none".to_owned() } else { rows.join(", ") }
}

#[cfg(test)]
mod tests {
    use codestrata::Totals;
    use codestrata_measure::{Found, Question};

    use super::{Answers, compare};

    fn answers(rows: [&[&str]; 2]) -> Answers {
        let rows = rows.map(|ids| ids.iter().map(|id| Found::text(id)).collect());
        Answers { totals: Totals::default(), rows: rows.into() }
    }

    #[test]
    fn a_row_that_one_of_them_lacks_is_told() {
        let question = Question::Callers("x".to_owned());
        let (whole, lacking) = (answers([&["a", "b"], &["a"]]), answers([&["a"], &["a"]]));
        assert!(compare(("one", &whole), ("again", &whole), &[&question]).is_ok());
        let failure = compare(("one", &whole), ("other", &lacking), &[&question]).unwrap_err();
        assert_eq!(failure.kind(), "different-answers");
        let message = failure.message();
        assert!(message.contains("only in the first: b; only in the second: none"), "{message}");
    }

    #[test]
    fn an_answer_that_is_different_after_edits_is_told() {
        let question = Question::Name("x".to_owned());
        let (one, other) = (answers([&["a"], &["a"]]), answers([&["a"], &["b"]]));
        let failure = compare(("one", &one), ("other", &other), &[&question]).unwrap_err();
        assert!(failure.message().contains("after edits"), "{}", failure.message());
    }

    #[test]
    fn totals_count_too() {
        let one = answers([&[], &[]]);
        let mut other = answers([&[], &[]]);
        other.totals.edges = 1;
        assert!(compare(("one", &one), ("other", &other), &[]).is_err());
    }
}
