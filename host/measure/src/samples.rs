//! Figures of one kind, and what is said of them.

use serde::{Deserialize, Serialize};

/// Figures of one kind from several repetitions, in one [`Unit`](crate::Unit).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Samples {
    values: Vec<f64>,
}

/// What is shown of samples.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    /// The middle one, or the percentile that was asked for.
    pub value: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Samples {
    /// One figure that is not repeated, such as a size.
    #[must_use]
    pub fn one(value: f64) -> Self {
        Self { values: vec![value] }
    }

    /// Adds a figure.
    pub fn push(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The median: of an even number of figures the upper one of the two in the middle.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.percentile(50)
    }

    /// The figure that so many in a hundred are not above.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<f64> {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        sorted.get((sorted.len() * percent / 100).min(last)).copied()
    }

    /// The percentile between the least and the most; none without figures.
    #[must_use]
    pub fn summary(&self, percent: usize) -> Option<Summary> {
        let fold = |pick: fn(f64, f64) -> f64| self.values.iter().copied().reduce(pick);
        Some(Summary { value: self.percentile(percent)?, min: fold(f64::min)?, max: fold(f64::max)? })
    }
}

/// A count as a figure; exact up to 2^52.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub fn figure(count: u64) -> f64 {
    count as f64
}

/// A length as a figure.
#[must_use]
pub fn length(count: usize) -> f64 {
    figure(u64::try_from(count).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn the_median_and_the_percentile_of_a_hundred_figures() {
        let mut samples = Samples::default();
        for value in (1..=100).rev() {
            samples.push(f64::from(value));
        }
        assert_eq!((samples.median(), samples.percentile(99)), (Some(51.0), Some(100.0)));
        assert_eq!(Samples::default().median(), None);
    }
}
