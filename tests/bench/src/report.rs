//! Lines of figures, their goals, and how they are shown.

use std::fmt::Write as _;
use std::path::Path;

use codestrata_measure::{Samples, Unit, short};
use serde::Serialize;

use crate::{Outcome, chart};

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Goal {
    /// At most so many times what it is measured beside.
    TimesAtMost(f64),
    /// At least so many times what it is measured beside.
    TimesAtLeast(f64),
    /// At least so much more than what it is measured beside.
    AboveBy(f64),
    /// At most this, by itself.
    NoMoreThan(f64),
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The part of the report.
    pub group: &'static str,
    /// What was measured.
    pub measure: String,
    /// Of what: an engine, mostly.
    pub subject: String,
    /// Its figures.
    pub ours: Samples,
    /// What it was measured beside, and the figures of that.
    pub beside: Option<(String, Samples)>,
    /// What they are counted in.
    pub unit: Unit,
    /// Which percentile is compared.
    pub percent: usize,
    /// What the figure should be.
    pub goal: Option<Goal>,
}

impl Line {
    /// A measurement in seconds that is compared by its median.
    #[must_use]
    pub fn seconds(group: &'static str, measure: impl Into<String>, subject: &str, ours: Samples) -> Self {
        Self {
            group,
            measure: measure.into(),
            subject: subject.to_owned(),
            ours,
            beside: None,
            unit: Unit::Seconds,
            percent: 50,
            goal: None,
        }
    }

    /// Says what it was measured beside.
    #[must_use]
    pub fn beside(mut self, name: &str, samples: &Samples) -> Self {
        self.beside = Some((name.to_owned(), samples.clone()));
        self
    }

    /// Says what the figure should be.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// Compares another percentile.
    #[must_use]
    pub fn percentile(mut self, percent: usize) -> Self {
        self.percent = percent;
        self
    }

    /// Counts in something else.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// How many times the other figure this one is.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let other = self.beside.as_ref()?.1.percentile(self.percent)?;
        Some(self.ours.percentile(self.percent)? / other)
    }

    /// Whether the goal is met; none without a goal, or without the figures to judge it by.
    #[must_use]
    pub fn is_met(&self) -> Option<bool> {
        let value = self.ours.percentile(self.percent)?;
        let other = self.beside.as_ref().and_then(|(_, other)| other.percentile(self.percent));
        Some(match self.goal? {
            Goal::TimesAtMost(most) => self.ratio()? <= most,
            Goal::TimesAtLeast(least) => self.ratio()? >= least,
            Goal::AboveBy(least) => value - other? >= least,
            Goal::NoMoreThan(most) => value <= most,
        })
    }

    /// Whether it has the figures that it needs.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.ours.is_empty() && self.beside.as_ref().is_none_or(|(_, other)| !other.is_empty())
    }

    fn row(&self) -> String {
        let show = |samples: &Samples| match samples.summary(self.percent) {
            None => "–".to_owned(),
            Some(summary) => self.unit.summary(summary),
        };
        let beside =
            self.beside.as_ref().map_or_else(String::new, |(name, other)| format!("{name}: {}", show(other)));
        let ratio = self.ratio().map_or_else(String::new, |ratio| format!("{}x", short(ratio)));
        let goal = self.goal.map_or_else(String::new, |goal| goal.text(self.unit));
        let verdict = match self.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let measure = if self.percent == 50 {
            self.measure.clone()
        } else {
            format!("{} p{}", self.measure, self.percent)
        };
        format!(
            "| {measure} | {} | {} | {beside} | {ratio} | {goal} | {verdict} |",
            self.subject,
            show(&self.ours)
        )
    }
}

impl Goal {
    fn text(self, unit: Unit) -> String {
        match self {
            Self::TimesAtMost(most) => format!("≤ {}x", short(most)),
            Self::TimesAtLeast(least) => format!("≥ {}x", short(least)),
            Self::AboveBy(least) => format!("≥ +{least}"),
            Self::NoMoreThan(most) => format!("≤ {}", unit.one(most)),
        }
    }
}

/// Everything that was measured.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was measured, where and how, one sentence each.
    pub notes: Vec<String>,
    /// The figures.
    pub lines: Vec<Line>,
}

impl Report {
    /// Adds a line.
    pub fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Writes the figures as JSON, and charts of them, into a folder.
    ///
    /// # Errors
    /// What the medium answers.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("figures.json"), serde_json::to_string_pretty(self)?)?;
        chart::write(self, folder)
    }

    /// A table in Markdown for each group, in the order in which they were measured.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        let mut groups: Vec<&str> = Vec::new();
        for line in &self.lines {
            if !groups.contains(&line.group) {
                groups.push(line.group);
            }
        }
        for group in groups {
            let _ = writeln!(
                text,
                "\n## {group}\n\n| measure | of | median (min – max) | beside | ratio | goal | |\n|---|---|---|---|---|---|---|"
            );
            for line in self.lines.iter().filter(|line| line.group == group) {
                let _ = writeln!(text, "{}", line.row());
            }
        }
        let count = |met| self.lines.iter().filter(|line| line.is_met() == Some(met)).count();
        let _ = writeln!(text, "\n{} goals met, {} missed.", count(true), count(false));
        text
    }
}
