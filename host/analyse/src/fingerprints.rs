//! Fingerprints of a function: few hashes that two functions with a common part have in common.
//!
//! Every run of [`TOKENS_PER_HASH`] tokens makes a hash, and of every [`HASHES_PER_WINDOW`] hashes in a row the least is
//! kept. That is winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): a part that is common to two functions leaves
//! the same hashes in both wherever it stands, if it is as long as a run and a window together.

use crate::limits::{HASHES_PER_WINDOW, TOKENS_PER_HASH};

/// An odd number of no other meaning: the base of the polynomial.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The fingerprints of a sequence of tokens, sorted and each once. None for fewer tokens than make a hash.
///
/// Cost: proportional to the tokens.
pub(crate) fn fingerprints(tokens: &[u64], seed: u64) -> Vec<u32> {
    let hashes = run_hashes(tokens, seed);
    let mut kept = winnow(&hashes);
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The hash of each run of tokens, computed from that of the run before it.
fn run_hashes(tokens: &[u64], seed: u64) -> Vec<u32> {
    // What the first token of a run has become when the run ends.
    let leaving = (1..TOKENS_PER_HASH).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut hashes = Vec::with_capacity(tokens.len().saturating_sub(TOKENS_PER_HASH - 1));
    let mut hash = 0_u64;
    for (position, token) in tokens.iter().enumerate() {
        if let Some(gone) = position.checked_sub(TOKENS_PER_HASH).and_then(|first| tokens.get(first)) {
            hash = hash.wrapping_sub(gone.wrapping_mul(leaving));
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(*token);
        if position + 1 >= TOKENS_PER_HASH {
            hashes.push(mixed(hash ^ seed));
        }
    }
    hashes
}

/// The last of the least hashes of every window. A sequence that is shorter than a window is one.
fn winnow(hashes: &[u32]) -> Vec<u32> {
    let mut kept = Vec::new();
    let mut last = None;
    let windows = hashes.len().saturating_sub(HASHES_PER_WINDOW - 1).max(usize::from(!hashes.is_empty()));
    for start in 0..windows {
        let window = hashes.iter().enumerate().skip(start).take(HASHES_PER_WINDOW);
        let smallest = window.min_by_key(|(position, hash)| (**hash, std::cmp::Reverse(*position)));
        if let Some((position, hash)) = smallest
            && last != Some(position)
        {
            last = Some(position);
            kept.push(*hash);
        }
    }
    kept
}

/// The bits of a hash, each of which depends on all of them: the upper half of a polynomial's are the better ones.
fn mixed(hash: u64) -> u32 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(BASE);
    u32::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<u64>) -> Vec<u64> {
        range.map(|number| number.wrapping_mul(BASE)).collect()
    }

    #[test]
    fn a_common_part_of_a_run_and_a_window_is_always_noticed() {
        let common = TOKENS_PER_HASH + HASHES_PER_WINDOW - 1;
        for offset in 0..20 {
            let part = numbers(1_000..1_000 + u64::try_from(common).unwrap());
            let a = [numbers(0..40 + offset), part.clone(), numbers(50..99)].concat();
            let b = [part, numbers(200..300)].concat();
            let (a, b) = (fingerprints(&a, 0), fingerprints(&b, 0));
            assert!(a.iter().any(|hash| b.contains(hash)), "offset {offset}");
        }
    }

    #[test]
    fn a_part_shorter_than_a_run_is_never_noticed() {
        let part = numbers(1_000..1_000 + u64::try_from(TOKENS_PER_HASH - 1).unwrap());
        let a = fingerprints(&[numbers(0..40), part.clone(), numbers(50..99)].concat(), 0);
        let b = fingerprints(&[numbers(100..140), part, numbers(150..199)].concat(), 0);
        assert!(!a.iter().any(|hash| b.contains(hash)));
    }

    #[test]
    fn about_two_of_a_window_and_one_are_kept() {
        let kept = fingerprints(&numbers(0..9_000), 0).len();
        assert!((1_800..2_200).contains(&kept), "{kept}");
    }

    #[test]
    fn few_tokens_make_one_and_too_few_none() {
        let some = u64::try_from(TOKENS_PER_HASH).unwrap();
        assert_eq!(fingerprints(&numbers(0..some - 1), 0).len(), 0);
        assert_eq!(fingerprints(&numbers(0..some), 0).len(), 1);
        assert_eq!(fingerprints(&numbers(0..some + 1), 0).len(), 1);
    }

    #[test]
    fn languages_of_other_families_have_nothing_in_common() {
        let tokens = numbers(0..100);
        let (a, b) = (fingerprints(&tokens, 1), fingerprints(&tokens, 2));
        assert!(!a.iter().any(|hash| b.contains(hash)));
    }
}
