//! In which definition something stands: the innermost one whose enclosing range holds it.

use super::place::{Position, Range};

/// What a definition covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) range: Range,
    /// Where its name stands.
    pub(super) name: Range,
    /// Whose it is.
    pub(super) node: usize,
}

/// Definitions that lie around others are passed over at most so often for what belongs to the node itself.
const MAX_OWN: usize = 64;

/// Walks a document from its beginning to its end, and knows which regions are open.
pub(super) struct Walk<'r> {
    coming: std::slice::Iter<'r, Region>,
    next: Option<&'r Region>,
    open: Vec<&'r Region>,
}

/// Sorts regions as [`Walk`] wants them: outer before inner, and of several with one range the one whose name comes first
/// outermost. Some tools give everything that a macro makes the range of the macro: what stands in it then belongs to
/// the first of these, and so the others are left out.
pub(super) fn sort(regions: &mut Vec<Region>) {
    regions.sort_by(|a, b| {
        let key = |region: &Region| {
            (region.range.start, std::cmp::Reverse(region.range.end), region.name, region.node)
        };
        key(a).cmp(&key(b))
    });
    regions.dedup_by_key(|region| region.range);
}

impl<'r> Walk<'r> {
    /// Begins a walk over sorted regions.
    pub(super) fn new(regions: &'r [Region]) -> Self {
        let mut coming = regions.iter();
        let next = coming.next();
        Self { coming, next, open: Vec::new() }
    }

    /// The innermost region around a position, of another node than the one named. Positions must not go back.
    ///
    /// Cost: over a whole walk that of the regions.
    pub(super) fn around(&mut self, place: Position, other_than: Option<usize>) -> Option<usize> {
        while let Some(region) = self.next.filter(|region| region.range.start <= place) {
            // What has ended is of no use below what comes.
            self.close(region.range.start);
            self.open.push(region);
            self.next = self.coming.next();
        }
        self.close(place);
        let holding = self.open.iter().rev().filter(|region| region.range.end > place).take(MAX_OWN);
        holding.map(|region| region.node).find(|node| Some(*node) != other_than)
    }

    fn close(&mut self, place: Position) {
        while self.open.last().is_some_and(|region| region.range.end <= place) {
            self.open.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(start: u32, end: u32, node: usize) -> Region {
        let range = Range { start: (start, 0), end: (end, 0) };
        Region { range, name: Range { start: (start, 4), end: (start, 5) }, node }
    }

    fn around(regions: &[Region], lines: &[u32]) -> Vec<Option<usize>> {
        let mut regions = regions.to_vec();
        sort(&mut regions);
        let mut walk = Walk::new(&regions);
        lines.iter().map(|line| walk.around((*line, 1), None)).collect()
    }

    #[test]
    fn the_innermost_region_is_found() {
        let regions = [region(0, 10, 0), region(2, 5, 1), region(3, 4, 2), region(6, 8, 3)];
        let found = around(&regions, &[0, 2, 3, 4, 5, 6, 9, 10]);
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(1), Some(0), Some(3), Some(0), None]);
    }

    #[test]
    fn regions_that_cross_harm_nobody() {
        let found = around(&[region(0, 10, 0), region(5, 15, 1)], &[4, 7, 12, 15]);
        assert_eq!(found, [Some(0), Some(1), Some(1), None]);
    }

    #[test]
    fn of_equal_regions_the_first_by_name_counts() {
        let mut later = region(0, 10, 1);
        later.name.start.1 = 9;
        assert_eq!(around(&[later, region(0, 10, 0)], &[3]), [Some(0)]);
    }

    #[test]
    fn what_belongs_to_the_node_itself_is_passed_over() {
        let regions = [region(0, 10, 0), region(2, 5, 1)];
        let mut walk = Walk::new(&regions);
        assert_eq!(walk.around((3, 0), Some(1)), Some(0));
        assert_eq!(walk.around((3, 0), Some(0)), Some(1));
    }
}
