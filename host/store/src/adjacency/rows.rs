//! Neighbour lists of the nodes of one file in one direction: compressed sparse rows in one piece of memory.
//!
//! An end is kept as the number of its file among those at the other ends, and its slot there. Both are small, and
//! neither moves when another file grows, so that a change of one file touches its own lists and those of its neighbours.

use crate::keyspace::{FileOrd, Slot};
use crate::model::Resolution;

/// One end of an edge, seen from the other, while lists are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    /// The slot of the node that has the edge.
    pub(super) own: Slot,
    /// The file at the other end, [`NOWHERE`] for a reference that leads to no node.
    pub(super) file: FileOrd,
    /// The slot there.
    pub(super) slot: Slot,
    /// Kind and resolution.
    pub(super) label: u32,
}

/// The file of a reference that leads to no node. Files are numbered from 0, and no store has so many.
pub(super) const NOWHERE: FileOrd = FileOrd::MAX;

/// The lists of one file in one direction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// The files at the other ends, sorted.
    files: Box<[FileOrd]>,
    /// How many rows there are.
    count: u32,
    /// How many bytes a number takes: where a row ends, and of an edge the file, the slot and the label.
    end_width: u8,
    widths: [u8; 3],
    /// Where each row ends, then the edges, then some zeros, so that four bytes can be read wherever a number begins.
    bytes: Box<[u8]>,
}

/// The zeros at the end.
const PADDING: usize = 3;

/// Kind and resolution as one number, small where the kind's is.
pub(super) fn label(kind: u32, resolution: Option<Resolution>) -> u32 {
    kind.saturating_mul(6).saturating_add(resolution.map_or(0, |how| how as u32 + 1))
}

/// The kind of a label.
pub(super) fn kind(label: u32) -> u32 {
    label / 6
}

/// The resolution of a label.
pub(super) fn resolution(label: u32) -> Option<Resolution> {
    match label % 6 {
        0 => None,
        1 => Some(Resolution::Exact),
        2 => Some(Resolution::Import),
        3 => Some(Resolution::UniqueName),
        4 => Some(Resolution::Ambiguous),
        _ => Some(Resolution::Unresolved),
    }
}

impl Rows {
    /// Sorts ends into lists.
    pub(super) fn new(mut ends: Vec<End>) -> Self {
        ends.sort_unstable();
        let mut files: Vec<FileOrd> = ends.iter().map(|end| end.file).collect();
        files.sort_unstable();
        files.dedup();
        let rows = ends.last().map_or(0, |end| end.own.saturating_add(1));
        let most = |of: fn(&End) -> u32| ends.iter().map(of).max().unwrap_or(0);
        let widths = [width(count(files.len())), width(most(|end| end.slot)), width(most(|end| end.label))];
        let end_width = width(count(ends.len()));
        let stride = widths.iter().map(|width| usize::from(*width)).sum::<usize>();
        let taken = rows as usize * usize::from(end_width) + ends.len() * stride;
        let mut bytes = Vec::with_capacity(taken + PADDING);
        let mut rest = ends.as_slice();
        for row in 0..rows {
            rest = rest.get(rest.partition_point(|end| end.own <= row)..).unwrap_or_default();
            put(&mut bytes, count(ends.len() - rest.len()), end_width);
        }
        for end in &ends {
            let file = count(files.binary_search(&end.file).unwrap_or_default());
            for (number, width) in [file, end.slot, end.label].into_iter().zip(widths) {
                put(&mut bytes, number, width);
            }
        }
        bytes.extend([0; PADDING]);
        Self { files: files.into(), count: rows, end_width, widths, bytes: bytes.into() }
    }

    /// The ends of the edges of a node, by file, slot and label.
    pub(super) fn row(&self, own: Slot) -> impl Iterator<Item = End> + '_ {
        self.edges(self.range(own)).map(move |end| End { own, ..end })
    }

    /// All ends.
    pub(super) fn all(&self) -> impl Iterator<Item = End> + '_ {
        (0..self.count).flat_map(|own| self.row(own))
    }

    /// The files at the other ends, sorted.
    pub(super) fn files(&self) -> &[FileOrd] {
        &self.files
    }

    /// How many edges there are.
    pub(super) fn len(&self) -> usize {
        self.count.checked_sub(1).map_or(0, |last| self.range(last).end)
    }

    fn range(&self, own: Slot) -> std::ops::Range<usize> {
        if own >= self.count {
            return 0..0;
        }
        let width = usize::from(self.end_width);
        let end = |row: usize| number(&self.bytes, row * width, self.end_width);
        let own = own as usize;
        let begin = own.checked_sub(1).map_or(0, end);
        begin as usize..end(own) as usize
    }

    fn edges(&self, edges: std::ops::Range<usize>) -> impl Iterator<Item = End> + '_ {
        let [file, slot, label] = self.widths;
        let stride = usize::from(file) + usize::from(slot) + usize::from(label);
        let first = self.count as usize * usize::from(self.end_width);
        edges.map(move |edge| {
            let at = first + edge * stride;
            let of_file = number(&self.bytes, at, file) as usize;
            let at = at + usize::from(file);
            let slot_of = number(&self.bytes, at, slot);
            let label_of = number(&self.bytes, at + usize::from(slot), label);
            let file = self.files.get(of_file).copied().unwrap_or(NOWHERE);
            End { own: 0, file, slot: slot_of, label: label_of }
        })
    }

    /// The memory it takes beside itself, in bytes.
    pub(super) fn weight(&self) -> usize {
        // Two allocations, each of which the allocator rounds up.
        self.files.len() * size_of::<FileOrd>() + self.bytes.len() + 32
    }
}

fn count(figure: usize) -> u32 {
    u32::try_from(figure).unwrap_or(u32::MAX)
}

/// The bytes that a number up to this one takes: an edge has one at least, so that edges can be counted.
fn width(most: u32) -> u8 {
    match most {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFF_FFFF => 3,
        _ => 4,
    }
}

fn put(bytes: &mut Vec<u8>, number: u32, width: u8) {
    bytes.extend(number.to_le_bytes().iter().take(usize::from(width)));
}

/// The number of so many bytes, 1 to 4, that begins at a place.
fn number(bytes: &[u8], at: usize, width: u8) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    let unused = 32_u32.saturating_sub(u32::from(width) * 8);
    u32::from_le_bytes(four) & (u32::MAX >> unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(own: Slot, file: FileOrd, slot: Slot, label: u32) -> End {
        End { own, file, slot, label }
    }

    #[test]
    fn ends_come_back_whatever_the_size_of_their_numbers() {
        for large in [0, 200, 60_000, 16_000_000, u32::MAX - 1] {
            let mut ends: Vec<End> = (0..300).map(|n| end(n % 7, n % 3, n, n % 11)).collect();
            ends.extend([end(9, large, large, large), end(9, NOWHERE, 0, 3), end(9, NOWHERE, 0, 3)]);
            let rows = Rows::new(ends.clone());
            ends.sort_unstable();
            assert_eq!(rows.all().collect::<Vec<_>>(), ends, "{large}");
            assert_eq!(rows.len(), ends.len());
            let of_nine: Vec<End> = ends.iter().filter(|end| end.own == 9).copied().collect();
            assert_eq!(rows.row(9).collect::<Vec<_>>(), of_nine);
            assert_eq!((rows.row(8).count(), rows.row(10).count(), rows.row(u32::MAX).count()), (0, 0, 0));
        }
    }

    #[test]
    fn a_file_without_edges_has_empty_lists() {
        let rows = Rows::new(Vec::new());
        assert_eq!((rows.len(), rows.all().count(), rows.files().len()), (0, 0, 0));
        assert_eq!(rows, Rows::default().like_new());
    }

    impl Rows {
        /// Of the widths that lists without edges are made with.
        fn like_new(self) -> Self {
            Self { end_width: 1, widths: [1; 3], bytes: Box::new([0; PADDING]), ..self }
        }
    }

    #[test]
    fn labels_have_kind_and_resolution() {
        for how in [None, Some(Resolution::Exact), Some(Resolution::Ambiguous), Some(Resolution::Unresolved)]
        {
            let label = label(9, how);
            assert_eq!((kind(label), resolution(label)), (9, how));
        }
    }

    #[test]
    fn an_edge_within_a_file_takes_a_few_bytes() {
        let rows = Rows::new((0..250).map(|n| end(n, 7, 249 - n, label(6, None))).collect());
        assert!(rows.weight() < 250 * 4 + 40, "{} bytes for 250 edges", rows.weight());
    }
}
