//! Where bound links stand among all links of a file. Their targets are kept without room for the others, so positions are
//! found by counting codes, many at a time.

/// Whether a link of this code leads to a node.
pub(super) fn is_bound(code: u8) -> bool {
    code & 0xf0 == 16 || code == 1
}

/// So many codes are looked at together.
const BLOCK: usize = 64;

/// So many of the last of them.
const FEW: usize = 8;

/// How many links of at most [`BLOCK`] codes lead to a node.
fn bound_in(codes: &[u8]) -> usize {
    usize::from(codes.iter().map(|code| u8::from(is_bound(*code))).sum::<u8>())
}

/// How many links of some codes lead to a node.
pub(super) fn bound_among(codes: &[u8]) -> usize {
    let (blocks, rest) = codes.as_chunks::<BLOCK>();
    blocks.iter().map(|block| bound_in(block)).sum::<usize>() + bound_in(rest)
}

/// Where bound links stand among all links, for places that are asked for in order.
pub(super) struct Positions<'a> {
    codes: &'a [u8],
    /// So many bound links are before this position.
    place: usize,
    position: usize,
}

impl<'a> Positions<'a> {
    pub(super) fn of(codes: &'a [u8]) -> Self {
        Self { codes, place: 0, position: 0 }
    }

    /// Passes over as many codes at a time as long as the link at this place is behind them.
    fn pass<const N: usize>(&mut self, place: usize) {
        while let Some(codes) = self.codes.get(self.position..).and_then(<[u8]>::first_chunk::<N>) {
            let after = self.place + bound_in(codes);
            if after > place {
                break;
            }
            (self.place, self.position) = (after, self.position + N);
        }
    }

    /// The position of the link at a place among the bound ones.
    ///
    /// Cost: a pass over the codes since the place before, a block at a time.
    pub(super) fn position_of(&mut self, place: usize) -> Option<usize> {
        self.pass::<BLOCK>(place);
        self.pass::<FEW>(place);
        let rest = self.codes.get(self.position..)?;
        let ahead = place.checked_sub(self.place)?;
        let step = rest.iter().enumerate().filter(|(_, code)| is_bound(**code)).nth(ahead)?.0;
        (self.place, self.position) = (place, self.position + step);
        Some(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::{Positions, bound_among, is_bound};

    #[test]
    fn each_bound_link_is_found_at_its_position_whatever_was_asked_before() {
        let codes: Vec<u8> =
            (0..500_u32).map(|n| [0, 1, 16, 20, 31, 32, 36][(n * n % 97 % 7) as usize]).collect();
        let positions: Vec<usize> = (0..codes.len()).filter(|at| is_bound(codes[*at])).collect();
        assert!(codes.iter().all(|code| is_bound(*code) == matches!(code, 1 | 16..32)));
        assert_eq!(bound_among(&codes), positions.len());
        for step in [1, 2, 7, 64, 200] {
            let mut found = Positions::of(&codes);
            for (place, position) in positions.iter().enumerate().step_by(step) {
                assert_eq!(found.position_of(place), Some(*position));
            }
            assert_eq!(found.position_of(positions.len()), None);
        }
    }
}
