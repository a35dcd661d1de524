//! Which functions are pairs.

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::{DuplicateFunction, DuplicatePair, hexadecimal};
use crate::limits::{MAX_BODIES_PER_FINGERPRINT, MIN_FINGERPRINTS};
use crate::measurements::FunctionMeasure;
use crate::score::Score;

/// A function and its file.
type Placed<'m> = (&'m str, &'m FunctionMeasure);

/// The pairs of some functions, which are in the order of their files: the surest first, then the longest.
pub(super) fn pairs(functions: &[Placed<'_>], min_score: Score) -> Vec<DuplicatePair> {
    let enough = |function: &&Placed<'_>| function.1.syntax.fingerprints.len() >= MIN_FINGERPRINTS;
    let mut shapes: HashMap<u64, usize> = HashMap::new();
    let mut groups: Vec<Vec<Placed<'_>>> = Vec::new();
    for function in functions.iter().filter(enough) {
        let group = *shapes.entry(function.1.syntax.shape).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(*function),
            None => groups.push(vec![*function]),
        }
    }
    let mut pairs: Vec<DuplicatePair> = groups.iter().flat_map(|group| of_one_shape(group)).collect();
    let firsts: Vec<Placed<'_>> = groups.iter().filter_map(|group| group.first().copied()).collect();
    pairs.extend(of_several_shapes(&firsts, min_score));
    pairs.sort_by_cached_key(|pair| {
        let shorter = pair.left.tokens.min(pair.right.tokens);
        (Reverse((pair.score, pair.identical, shorter)), pair.left.id.clone(), pair.right.id.clone())
    });
    pairs
}

/// Each of several functions of one shape with the first that says the same, and those with the first of all.
fn of_one_shape(group: &[Placed<'_>]) -> Vec<DuplicatePair> {
    let mut firsts: HashMap<u64, Placed<'_>> = HashMap::new();
    let mut pairs = Vec::new();
    for function in group {
        let other = match firsts.get(&function.1.syntax.body) {
            Some(first) => Some(*first),
            None => {
                firsts.insert(function.1.syntax.body, *function);
                group.first().copied()
            }
        };
        if let Some(other) = other.filter(|other| other.1.id != function.1.id) {
            pairs.push(pair(other, *function, Score::SAME));
        }
    }
    pairs
}

/// The pairs of functions of different shapes.
fn of_several_shapes(functions: &[Placed<'_>], min_score: Score) -> Vec<DuplicatePair> {
    let having = having(functions);
    functions
        .par_iter()
        .enumerate()
        .flat_map_iter(|(position, function)| {
            let mut others: Vec<usize> = function
                .1
                .syntax
                .fingerprints
                .iter()
                .filter_map(|hash| having.get(hash))
                .flatten()
                .copied()
                .filter(|other| *other > position)
                .collect();
            others.sort_unstable();
            others.dedup();
            let others = others.into_iter().filter_map(|other| functions.get(other));
            others
                .filter_map(|other| {
                    let score =
                        score(&function.1.syntax.fingerprints, &other.1.syntax.fingerprints, min_score)?;
                    (!is_inside(*function, *other)).then(|| pair(*function, *other, score))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The functions that have each fingerprint, but for those that too many have.
fn having(functions: &[Placed<'_>]) -> HashMap<u32, Vec<usize>> {
    let mut having: HashMap<u32, Vec<usize>> = HashMap::new();
    for (position, function) in functions.iter().enumerate() {
        for hash in &function.1.syntax.fingerprints {
            let having = having.entry(*hash).or_default();
            // One more tells that they are too many.
            if having.len() <= MAX_BODIES_PER_FINGERPRINT {
                having.push(position);
            }
        }
    }
    having.retain(|_, having| (2..=MAX_BODIES_PER_FINGERPRINT).contains(&having.len()));
    having
}

/// How much of two sorted lists is common to both, if that is enough and not all: a function of another shape may have
/// the same fingerprints, and is not the same.
fn score(left: &[u32], right: &[u32], least: Score) -> Option<Score> {
    let (fewer, more) = (left.len().min(right.len()), left.len().max(right.len()));
    // However much is common, it is not more than the shorter list.
    if fraction(fewer, more)? < least {
        return None;
    }
    let mut right = right.iter().peekable();
    let mut common = 0;
    for hash in left {
        while right.next_if(|other| *other < hash).is_some() {}
        common += usize::from(right.next_if(|other| *other == hash).is_some());
    }
    let score = fraction(common, fewer + more - common)?;
    (score >= least).then(|| score.min(Score::thousandths(999)))
}

fn fraction(part: usize, whole: usize) -> Option<Score> {
    let thousandths = part.checked_mul(1_000)?.checked_div(whole)?;
    u16::try_from(thousandths).ok().map(Score::thousandths)
}

/// Whether one of two functions stands in the other.
fn is_inside(a: Placed<'_>, b: Placed<'_>) -> bool {
    let has = |outer: &FunctionMeasure, inner: &FunctionMeasure| {
        outer.line <= inner.line && inner.end_line <= outer.end_line
    };
    a.0 == b.0 && (has(a.1, b.1) || has(b.1, a.1))
}

fn pair(left: Placed<'_>, right: Placed<'_>, score: Score) -> DuplicatePair {
    DuplicatePair {
        score,
        identical: left.1.syntax.body == right.1.syntax.body,
        left: function(left),
        right: function(right),
    }
}

fn function((path, function): Placed<'_>) -> DuplicateFunction {
    DuplicateFunction {
        id: function.id.clone(),
        file: path.to_owned(),
        line: function.line,
        end_line: function.end_line,
        tokens: function.syntax.tokens,
        body: hexadecimal(function.syntax.body),
    }
}
