//! Which block of a file a byte stands in, while the file is read in its order.

/// The blocks that have been entered and may not have been left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    open: Vec<(usize, usize)>,
}

impl Blocks {
    /// A block from one byte to another begins at or behind what was read last. It lies inside of another one or apart.
    pub(crate) fn enter(&mut self, start: usize, end: usize) {
        while self.open.last().is_some_and(|(_, last)| *last <= start) {
            self.open.pop();
        }
        self.open.push((start, end));
    }

    /// The innermost block around a byte, of those that have been entered and not left.
    pub(crate) fn around(&self, at: usize) -> Option<(usize, usize)> {
        self.open.iter().rev().copied().find(|(start, end)| *start <= at && at < *end)
    }
}
