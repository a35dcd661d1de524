//! On which upright track each line crosses a gap between two columns.

use std::collections::BTreeMap;

use crate::route::CLEAR;

/// A place at a station: which, whether at its right side, and the how manieth from above.
pub(crate) type Place = (usize, bool, usize);

/// A line that changes its height in a gap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bend {
    pub(crate) line: usize,
    /// The height at the left of the gap, and at its right.
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Where it joins others, or leaves them.
    pub(crate) shared: Option<Place>,
}

/// What takes a piece of a track: from where to where, and whether it goes down.
type Piece = (f64, f64, bool);

/// The track of each bend, from the left, and how many there are. Lines that share a place share a track.
///
/// A line that leaves the left side where another one reaches the right side turns first, so that they do not lie on each
/// other. Else of two lines that go down side by side the upper one turns behind the lower one, and of two that go up the
/// lower one, so that they do not cross.
///
/// Cost: the square of the number of bends.
pub(crate) fn tracks(bends: &[Bend]) -> (Vec<usize>, usize) {
    let mut spans: BTreeMap<Place, (f64, f64)> = BTreeMap::new();
    for (bend, place) in bends.iter().filter_map(|bend| Some((bend, bend.shared?))) {
        let (top, bottom) = spans.entry(place).or_insert((f64::INFINITY, f64::NEG_INFINITY));
        (*top, *bottom) = (top.min(bend.from).min(bend.to), bottom.max(bend.from).max(bend.to));
    }
    let mut taken: Vec<Vec<Piece>> = Vec::new();
    let mut found = vec![0; bends.len()];
    let mut least = vec![0; bends.len()];
    let mut joined: BTreeMap<Place, usize> = BTreeMap::new();
    for (place, after) in in_order(bends) {
        let Some(bend) = bends.get(place) else { continue };
        let track = bend.shared.and_then(|place| joined.get(&place).copied()).unwrap_or_else(|| {
            let own = (bend.from.min(bend.to), bend.from.max(bend.to));
            let (top, bottom) = bend.shared.and_then(|place| spans.get(&place)).copied().unwrap_or(own);
            let piece = (top - CLEAR, bottom + CLEAR, bend.to > bend.from);
            free_track(&mut taken, piece, least.get(place).copied().unwrap_or(0))
        });
        found.get_mut(place).into_iter().for_each(|found| *found = track);
        joined.extend(bend.shared.map(|place| (place, track)));
        for later in after {
            least.get_mut(later).into_iter().for_each(|least| *least = (*least).max(track + 1));
        }
    }
    (found, taken.len())
}

/// The first track, from one on, that is free for a piece and behind all that go its way.
fn free_track(taken: &mut Vec<Vec<Piece>>, piece: Piece, least: usize) -> usize {
    let meets = |other: &&Piece| other.0 < piece.1 && other.1 > piece.0;
    let goes_along = |track: &Vec<Piece>| track.iter().filter(meets).any(|other| other.2 == piece.2);
    let first = taken.iter().rposition(goes_along).map_or(0, |behind| behind + 1).max(least);
    let is_free = |track: &Vec<Piece>| !track.iter().any(|other| meets(&other));
    let free = taken.iter().skip(first).position(is_free);
    let track = free.map_or(first.max(taken.len()), |free| first + free);
    while taken.len() <= track {
        taken.push(Vec::new());
    }
    taken.get_mut(track).into_iter().for_each(|track| track.push(piece));
    track
}

/// The bends in the order in which they are given tracks, each with those that must turn after it.
fn in_order(bends: &[Bend]) -> Vec<(usize, Vec<usize>)> {
    let mut after: Vec<Vec<usize>> = Vec::with_capacity(bends.len());
    let mut before = vec![0_usize; bends.len()];
    for bend in bends {
        let meets = |other: &Bend| other.line != bend.line && (other.to - bend.from).abs() < CLEAR;
        let later: Vec<usize> =
            bends.iter().enumerate().filter(|(_, other)| meets(other)).map(|(place, _)| place).collect();
        for later in &later {
            before.get_mut(*later).into_iter().for_each(|before| *before += 1);
        }
        after.push(later);
    }
    let rank = |place: usize| {
        let bend = bends.get(place).copied();
        let ways =
            bend.map(
                |bend| if bend.to > bend.from { (0, -bend.from, -bend.to) } else { (1, bend.from, bend.to) },
            );
        ways.unwrap_or((2, 0.0, 0.0))
    };
    let mut waiting: Vec<usize> = (0..bends.len()).collect();
    waiting.sort_by(|a, b| {
        let (a, b) = (rank(*a), rank(*b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
    });
    let mut order = Vec::with_capacity(bends.len());
    while !waiting.is_empty() {
        // Where they wait for each other in a circle, two of them will lie on each other for a piece.
        let next = waiting.iter().position(|place| before.get(*place) == Some(&0)).unwrap_or(0);
        let place = waiting.remove(next);
        let later = after.get_mut(place).map(std::mem::take).unwrap_or_default();
        for later in &later {
            before.get_mut(*later).into_iter().for_each(|before| *before = before.saturating_sub(1));
        }
        order.push((place, later));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(heights: &[(f64, f64)]) -> Vec<usize> {
        let bend =
            |(line, (from, to)): (usize, &(f64, f64))| Bend { line, from: *from, to: *to, shared: None };
        tracks(&heights.iter().enumerate().map(bend).collect::<Vec<_>>()).0
    }

    #[test]
    fn lines_that_go_side_by_side_do_not_cross() {
        assert_eq!(found(&[(0.0, 100.0), (20.0, 120.0)]), [1, 0]);
        assert_eq!(found(&[(100.0, 0.0), (120.0, 20.0)]), [0, 1]);
    }

    #[test]
    fn what_leaves_where_another_arrives_turns_before_it() {
        assert_eq!(found(&[(0.0, 100.0), (100.0, 200.0)]), [1, 0]);
        assert_eq!(found(&[(0.0, 100.0), (100.0, 50.0)]), [1, 0]);
    }

    #[test]
    fn lines_apart_share_a_track_and_so_do_those_that_join() {
        assert_eq!(found(&[(0.0, 20.0), (40.0, 60.0)]), [0, 0]);
        let join = |line: usize, from: f64| Bend { line, from, to: 50.0, shared: Some((0, false, 0)) };
        assert_eq!(tracks(&[join(0, 0.0), join(1, 10.0), join(2, 90.0)]), (vec![0, 0, 0], 1));
    }
}
