//! Requests as they come in life, by the law of Zipf: the n-th most wanted key is asked for in proportion to 1 / n^s.

use codestrata_measure::length;

/// A distribution over the numbers from 0: the first is asked for most.
#[derive(Debug)]
pub(super) struct Zipf {
    /// For each number the chance that it or one before it is asked for.
    cumulative: Vec<f64>,
}

impl Zipf {
    pub(super) fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=count)
            .map(|rank| {
                sum += length(rank).powf(-exponent);
                sum
            })
            .collect();
        for chance in &mut cumulative {
            *chance /= sum;
        }
        Self { cumulative }
    }

    pub(super) fn len(&self) -> usize {
        self.cumulative.len()
    }

    /// The next number that is asked for.
    pub(super) fn next(&self, random: &mut fastrand::Rng) -> usize {
        let chance = random.f64();
        self.cumulative.partition_point(|upto| *upto < chance).min(self.len().saturating_sub(1))
    }

    /// The chance of a number.
    fn chance(&self, number: usize) -> f64 {
        let before = number.checked_sub(1).and_then(|before| self.cumulative.get(before)).copied();
        self.cumulative.get(number).copied().unwrap_or_default() - before.unwrap_or_default()
    }

    /// The hit ratio of who knows the distribution, and keeps for good what is asked for most for its size.
    pub(super) fn static_optimum(&self, budget: u64, size: impl Fn(usize) -> u64) -> f64 {
        let worth =
            |number: usize| self.chance(number) / length(usize::try_from(size(number)).unwrap_or(usize::MAX));
        let mut numbers: Vec<usize> = (0..self.len()).collect();
        numbers.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
        let mut left = budget;
        let mut ratio = 0.0;
        for number in numbers {
            if let Some(rest) = left.checked_sub(size(number)) {
                left = rest;
                ratio += self.chance(number);
            }
        }
        ratio
    }
}

#[cfg(test)]
mod tests {
    use super::Zipf;

    #[test]
    fn chances_follow_the_law_and_add_up_to_one() {
        let zipf = Zipf::new(100, 1.0);
        assert!((zipf.chance(0) / zipf.chance(9) - 10.0).abs() < 1e-9);
        assert!((zipf.static_optimum(100, |_| 1) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_static_optimum_keeps_what_is_worth_most_for_its_size() {
        let zipf = Zipf::new(2, 0.0);
        assert!((zipf.static_optimum(1, |number| if number == 0 { 2 } else { 1 }) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn requests_come_as_often_as_their_chance() {
        let zipf = Zipf::new(10, 0.99);
        let mut random = fastrand::Rng::with_seed(1);
        let first = (0..100_000).filter(|_| zipf.next(&mut random) == 0).count();
        let expected = 100_000.0 * zipf.chance(0);
        assert!(
            (codestrata_measure::length(first) - expected).abs() < 0.02 * expected,
            "{first} for {expected}"
        );
    }
}
