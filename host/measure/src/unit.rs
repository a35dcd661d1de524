//! What figures are counted in, and how they are shown.

use serde::Serialize;

use crate::samples::Summary;

/// What figures are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Seconds, shown in what fits.
    Seconds,
    /// Bytes, shown in megabytes.
    Bytes,
    /// Bytes of each node, edge or entry.
    BytesEach,
    /// Operations a second.
    PerSecond,
    /// A share or a ratio.
    Share,
}

impl Unit {
    /// A figure with its unit.
    #[must_use]
    pub fn one(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1e-6 => format!("{} ns", short(value * 1e9)),
            Self::Seconds if value < 1e-3 => format!("{} µs", short(value * 1e6)),
            Self::Seconds if value < 1.0 => format!("{} ms", short(value * 1e3)),
            Self::Seconds => format!("{} s", short(value)),
            Self::Bytes => format!("{} MB", short(value / 1e6)),
            Self::BytesEach => format!("{} B", short(value)),
            Self::PerSecond => format!("{value:.0}/s"),
            Self::Share => format!("{value:.3}"),
        }
    }

    /// A figure with the least and the most, where these differ.
    #[must_use]
    pub fn summary(self, summary: Summary) -> String {
        let Summary { value, min, max } = summary;
        if min.total_cmp(&max).is_eq() {
            return self.one(value);
        }
        format!("{} ({} – {})", self.one(value), self.one(min), self.one(max))
    }
}

/// Three digits that count.
#[must_use]
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size.fract() == 0.0 && size < 1_000.0 => format!("{value:.0}"),
        size if size < 0.01 => format!("{value:.4}"),
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Unit, short};

    #[test]
    fn a_figure_is_shown_with_three_digits_in_the_unit_that_fits() {
        assert_eq!(Unit::Seconds.one(1.5e-7), "150 ns");
        assert_eq!(Unit::Seconds.one(0.0123), "12.3 ms");
        assert_eq!(Unit::Seconds.one(2.0), "2 s");
        assert_eq!(Unit::Bytes.one(70_000_000.0), "70 MB");
        assert_eq!(
            (short(0.0042), short(0.31), short(4321.0)),
            ("0.0042".into(), "0.310".into(), "4321".into())
        );
    }
}
