//! What is asked, and who answers it.

use std::collections::HashSet;

use codestrata::Graph;
use codestrata_measure::{Found, Question};

use crate::Outcome;
use crate::input::Version;

/// Something that has the graph and answers questions.
pub trait Contender {
    /// Answers with owned rows, which are dropped, and says how many there were.
    ///
    /// # Errors
    /// What the store answers.
    fn ask(&self, question: &Question) -> Outcome<usize>;

    /// The same answer in comparable form, sorted.
    ///
    /// # Errors
    /// What the store answers.
    fn answer(&self, question: &Question) -> Outcome<Vec<Found>>;

    /// Stores another version of one file, durably.
    ///
    /// # Errors
    /// What the store answers.
    fn replace(&mut self, version: &Version) -> Outcome<()>;

    /// The whole graph in owned structs.
    ///
    /// # Errors
    /// What the store answers.
    fn load(&self) -> Outcome<Graph>;
}

/// Fails if two contenders answer differently: then nothing that is measured means anything.
///
/// # Errors
/// The first question that is answered differently, with how the answers differ.
pub(crate) fn compare(
    one: (&str, &dyn Contender),
    other: (&str, &dyn Contender),
    questions: &[Question],
) -> Outcome<()> {
    for question in questions {
        let (left, right) = (one.1.answer(question)?, other.1.answer(question)?);
        if left == right {
            continue;
        }
        let only = |these: &[Found], those: &[Found]| {
            these.iter().filter(|row| those.binary_search(row).is_err()).take(3).cloned().collect::<Vec<_>>()
        };
        return Err(format!(
            "{question:?} has {} rows from {} and {} from {}; only the first has {:?}, only the second {:?}",
            left.len(),
            one.0,
            right.len(),
            other.0,
            only(&left, &right),
            only(&right, &left)
        )
        .into());
    }
    Ok(())
}

/// Fails if two contenders do not hold the same nodes, whole, and the same edges. Parallel edges count once, and what an
/// edge keeps beside its ends and kind is not compared: the reference does not keep it.
///
/// # Errors
/// How many are different.
pub(crate) fn compare_graphs(one: (&str, &dyn Contender), other: (&str, &dyn Contender)) -> Outcome<()> {
    let (mut left, mut right) = (one.1.load()?, other.1.load()?);
    for graph in [&mut left, &mut right] {
        graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    }
    if left.nodes != right.nodes {
        let different = left.nodes.iter().zip(&right.nodes).filter(|(a, b)| a != b).count();
        return Err(format!(
            "{} has {} nodes and {} has {}; {different} of them are different",
            one.0,
            left.nodes.len(),
            other.0,
            right.nodes.len()
        )
        .into());
    }
    let (edges, others) = (distinct(&left), distinct(&right));
    if edges != others {
        let different = edges.symmetric_difference(&others).count();
        return Err(format!("{different} edges of {} and {} are different", one.0, other.0).into());
    }
    Ok(())
}

fn distinct(graph: &Graph) -> HashSet<(&str, &str, &str)> {
    let ends =
        graph.edges.iter().map(|edge| (edge.source.as_str(), edge.kind.as_str(), edge.target.as_str()));
    ends.collect()
}

#[cfg(test)]
mod tests {
    use codestrata::Graph;

    use super::{Contender, Found, Question, compare};
    use crate::Outcome;
    use crate::input::Version;

    /// Answers everything with the same rows.
    struct Fixed(Vec<Found>);

    impl Contender for Fixed {
        fn ask(&self, _: &Question) -> Outcome<usize> {
            Ok(self.0.len())
        }
        fn answer(&self, _: &Question) -> Outcome<Vec<Found>> {
            Ok(self.0.clone())
        }
        fn replace(&mut self, _: &Version) -> Outcome<()> {
            Ok(())
        }
        fn load(&self) -> Outcome<Graph> {
            Ok(Graph::default())
        }
    }

    #[test]
    fn contenders_that_answer_differently_are_found() {
        let one = Fixed(vec![Found::text("a"), Found::text("b")]);
        let other = Fixed(vec![Found::text("a"), Found::text("c")]);
        let questions = [Question::Callers("x".to_owned())];
        assert!(compare(("one", &one), ("one again", &one), &questions).is_ok());
        let message = compare(("one", &one), ("other", &other), &questions).unwrap_err().to_string();
        assert!(message.contains("\"b\"") && message.contains("\"c\""), "{message}");
    }
}
