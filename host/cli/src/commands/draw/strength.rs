//! Which arrows are drawn where all of them could not be told apart.

use std::collections::BTreeSet;

/// Of arrows in the order of their strength, given by their ends: whether each is one of the strongest, or else one
/// without which a box would have none.
pub(super) fn strongest(arrows: &[(usize, usize)], most: usize) -> Vec<bool> {
    let mut seen = BTreeSet::new();
    let kept = |(place, (from, to)): (usize, &(usize, usize))| {
        let is_first = seen.insert(*from) | seen.insert(*to);
        place < most || is_first
    };
    arrows.iter().enumerate().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_arrows_stay_and_no_box_loses_all_of_its_own() {
        let arrows: Vec<(usize, usize)> =
            (0..6).flat_map(|from| (0..6).filter(move |to| *to != from).map(move |to| (from, to))).collect();
        let kept = strongest(&arrows, 4);
        assert_eq!(
            kept.iter().take(5).filter(|kept| **kept).count(),
            5,
            "four, and the first to the last box"
        );
        assert!(!kept.iter().skip(5).any(|kept| *kept), "{kept:?}");
        assert!(strongest(&arrows, 30).iter().all(|kept| *kept));
    }
}
