//! Two states of a file side by side: which rows of one are which of the other.

use std::cmp::Ordering;
use std::iter;

use super::read::Segment;

/// The rows of two states of a file by ids, those of one id together, in the order of ids; none is a state in which the file
/// is not there.
///
/// Cost: one pass over both, in which nothing is allocated.
pub(crate) fn rows_by_id<'s>(
    old: Option<&'s Segment>,
    new: Option<&'s Segment>,
) -> impl Iterator<Item = (Option<u32>, Option<u32>)> + 's {
    let (mut before, mut after) = (0, 0);
    iter::from_fn(move || {
        let one = old.filter(|old| before < old.node_count());
        let other = new.filter(|new| after < new.node_count());
        let order = match (one, other) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => compare_ids(old.id_parts(before), new.id_parts(after)),
        };
        let rows = (order.is_le().then_some(before), order.is_ge().then_some(after));
        before += u32::from(order.is_le());
        after += u32::from(order.is_ge());
        Some(rows)
    })
}

/// The order of two ids that come in parts.
fn compare_ids(one: [&str; 3], other: [&str; 3]) -> Ordering {
    let ([path, separator, text], [other_path, other_separator, other_text]) = (one, other);
    if path == other_path && separator == other_separator {
        return text.cmp(other_text);
    }
    let bytes = |parts: [&'_ str; 3]| parts.map(str::as_bytes).concat();
    bytes(one).cmp(&bytes(other))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Segment, rows_by_id};
    use crate::model::{FileFacts, Node, Span};
    use crate::segment::PreparedFile;

    /// A file with nodes of these ids.
    fn segment(path: &str, ids: &[&str]) -> Arc<Segment> {
        let node = |id: &&str| Node::new(*id, "n", "function", path, Span::default());
        let facts =
            FileFacts { path: path.into(), nodes: ids.iter().map(node).collect(), ..FileFacts::default() };
        Arc::clone(PreparedFile::new(&facts).unwrap().segment())
    }

    #[test]
    fn rows_of_one_id_stand_together_whatever_else_came_and_went() {
        let old = segment("b", &["b::a", "b::c", "a", "c", "b:", "b::"]);
        let new = segment("b", &["b::b", "b::c", "b::d", "c", "a::b", "b:"]);
        let rows: Vec<_> = rows_by_id(Some(&old), Some(&new)).collect();
        let ids: Vec<(Option<String>, Option<String>)> = rows
            .iter()
            .map(|(one, other)| (one.map(|row| old.id(row)), other.map(|row| new.id(row))))
            .collect();
        let mut seen = Vec::new();
        for (one, other) in &ids {
            assert!(one.is_none() || other.is_none() || one == other, "{ids:?}");
            seen.push(one.clone().or(other.clone()).unwrap());
        }
        assert!(seen.is_sorted_by(|one, other| one < other), "{seen:?}");
        assert_eq!(ids.iter().filter(|(one, _)| one.is_some()).count(), 6);
        assert_eq!(ids.iter().filter(|(_, other)| other.is_some()).count(), 6);
        assert_eq!(ids.iter().filter(|(one, other)| one.is_some() && other.is_some()).count(), 3);
    }

    #[test]
    fn all_rows_of_a_file_that_comes_or_goes_stand_alone() {
        let only = segment("a", &["a::a", "a::b"]);
        assert_eq!(rows_by_id(Some(&only), None).collect::<Vec<_>>(), [(Some(0), None), (Some(1), None)]);
        assert_eq!(rows_by_id(None, Some(&only)).collect::<Vec<_>>(), [(None, Some(0)), (None, Some(1))]);
        assert_eq!(rows_by_id(None, None).next(), None);
    }
}
