//! What `codestrata bench` says: a table for people, a document for programs, and a chart.

use std::io::{self, Write};
use std::path::Path;

use codestrata::Totals;
use codestrata_measure::bars::{Bar, Row, Shade, bars};
use codestrata_measure::machine::{load, processor};
use codestrata_measure::{Samples, Unit, length, short};
use serde::Serialize;

use super::round::Figures;
use super::subject::Subject;
use super::tree::Kind;
use crate::failure::{Code, Failure};
use crate::output::{FAINT, STRONG};
use crate::words::{Shown, counted};

/// A mean of all figures is of no use where a few are what is waited for.
const SLOW: usize = 99;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    path: String,
    totals: Totals,
    repetitions: u32,
    machine: Machine,
    configurations: Vec<Configuration>,
    measures: Vec<Measure>,
}

/// The machine, and what it did beside.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    processor: String,
    /// The load averages of the last 1, 5 and 15 minutes.
    load_at_begin: String,
    load_at_end: String,
}

impl Machine {
    /// As it is now.
    pub(super) fn now() -> Self {
        Self { processor: processor(), load_at_begin: load(), load_at_end: String::new() }
    }
}

#[derive(Debug, Serialize)]
struct Configuration {
    name: String,
    backend: String,
    config: Option<String>,
}

/// One line of the table for every configuration.
#[derive(Debug, Serialize)]
struct Measure {
    #[serde(rename = "measure")]
    name: String,
    unit: &'static str,
    /// Which of the figures `value` is, of 100 in ascending order.
    percentile: usize,
    /// Of questions: how many were asked, and how many rows they were answered with. A figure is of one question.
    questions: Option<usize>,
    rows: Option<usize>,
    /// One for each configuration; none for what cannot be measured of it.
    figures: Vec<Option<Figure>>,
    #[serde(skip)]
    shown_in: Unit,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Figure {
    value: f64,
    min: f64,
    max: f64,
    /// The value in values of the first configuration.
    ratio: Option<f64>,
}

/// What was measured of everybody, as the document is made of it.
pub(super) struct Measured<'a> {
    pub(super) root: &'a Path,
    pub(super) totals: Totals,
    pub(super) repetitions: u32,
    pub(super) machine: Machine,
    pub(super) subjects: &'a [Subject],
    pub(super) kinds: &'a [Kind],
    /// The rows of each kind of question.
    pub(super) rows: Vec<usize>,
    /// Of each subject.
    pub(super) figures: Vec<Figures>,
}

impl From<Measured<'_>> for Document {
    fn from(measured: Measured<'_>) -> Self {
        let Measured { figures, totals, kinds, .. } = &measured;
        let of = |pick: fn(&Figures) -> &Samples| figures.iter().map(pick).collect::<Vec<_>>();
        let mut lines = vec![
            Measure::new("store everything, links included", Unit::Seconds, &of(|of| &of.store)),
            Measure::new("open in a new process, first answer", Unit::Seconds, &of(|of| &of.open)),
        ];
        for (position, (kind, rows)) in kinds.iter().zip(&measured.rows).enumerate() {
            let none = Samples::default();
            let samples: Vec<&Samples> =
                figures.iter().map(|of| of.questions.get(position).unwrap_or(&none)).collect();
            let measure = Measure::new(kind.name, Unit::Seconds, &samples);
            lines.push(Measure { questions: Some(kind.questions.len()), rows: Some(*rows), ..measure });
        }
        let update = of(|of| &of.update);
        lines.push(Measure::new("replace one file", Unit::Seconds, &update));
        lines.push(Measure::percentile("replace one file", Unit::Seconds, &update, SLOW));
        let elements = length(usize::try_from(totals.nodes + totals.edges).unwrap_or(usize::MAX));
        let disk = of(|of| &of.disk);
        lines.push(Measure::new("disk", Unit::Bytes, &disk));
        lines.push(Measure::new("disk, of each node or edge", Unit::BytesEach, &disk).over(elements));
        lines.push(Measure::new("memory when everything was asked", Unit::Bytes, &of(|of| &of.resident)));
        lines.push(Measure::new("the most memory until then", Unit::Bytes, &of(|of| &of.peak)));
        let configurations = measured.subjects.iter().map(|subject| Configuration {
            name: subject.name.clone(),
            backend: subject.backend().to_owned(),
            config: subject.file().map(|file| file.display().to_string()),
        });
        Self {
            path: measured.root.display().to_string(),
            totals: *totals,
            repetitions: measured.repetitions,
            configurations: configurations.collect(),
            measures: lines,
            machine: Machine { load_at_end: load(), ..measured.machine },
        }
    }
}

impl Measure {
    fn new(measure: &str, unit: Unit, samples: &[&Samples]) -> Self {
        Self::percentile(measure, unit, samples, 50)
    }

    fn percentile(measure: &str, shown_in: Unit, samples: &[&Samples], percentile: usize) -> Self {
        let first = samples.first().and_then(|samples| samples.percentile(percentile));
        let figure = |samples: &&Samples| {
            let summary = samples.summary(percentile)?;
            let ratio = first.filter(|first| *first > 0.0).map(|first| summary.value / first);
            Some(Figure { value: summary.value, min: summary.min, max: summary.max, ratio })
        };
        Self {
            name: measure.to_owned(),
            unit: if shown_in == Unit::Seconds { "seconds" } else { "bytes" },
            percentile,
            questions: None,
            rows: None,
            figures: samples.iter().map(figure).collect(),
            shown_in,
        }
    }

    /// The same of each of so many.
    fn over(mut self, count: f64) -> Self {
        for figure in self.figures.iter_mut().flatten() {
            figure.value /= count;
            figure.min /= count;
            figure.max /= count;
        }
        self
    }

    /// `callers: 1,034 rows of 200 questions, for each question`.
    fn title(&self) -> String {
        let percentile =
            if self.percentile == 50 { String::new() } else { format!(", {} %", self.percentile) };
        match (self.questions, self.rows) {
            (Some(questions), Some(rows)) => format!(
                "{}: {} for {}, time of one",
                self.name,
                counted(rows.try_into().unwrap_or(u64::MAX), "row"),
                counted(questions.try_into().unwrap_or(u64::MAX), "question")
            ),
            _ => format!("{}{percentile}", self.name),
        }
    }
}

impl Document {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Totals { files, nodes, edges, .. } = self.totals;
        let Machine { processor, load_at_begin, load_at_end } = &self.machine;
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}: {}, {} and {}",
            Shown(&self.path),
            counted(files, "file"),
            counted(nodes, "node"),
            counted(edges, "edge")
        )?;
        writeln!(
            out,
            "{FAINT}machine{FAINT:#}  {}; load {load_at_begin}, at the end {load_at_end}",
            Shown(processor)
        )?;
        writeln!(
            out,
            "{FAINT}figures{FAINT:#}  medians of {} in turns, (least – most), times the first",
            counted(self.repetitions.into(), "repetition")
        )?;
        let names: Vec<String> = self.configurations.iter().map(|one| Shown(&one.name).to_string()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for measure in &self.measures {
            writeln!(out, "\n{STRONG}{}{STRONG:#}", measure.title())?;
            for (name, figure) in names.iter().zip(&measure.figures) {
                write!(out, "  {name:<width$}  ")?;
                let Some(figure) = figure else {
                    writeln!(out, "{FAINT}{:>9}{FAINT:#}", "–")?;
                    continue;
                };
                let one = |value| measure.shown_in.one(value);
                let range = if figure.min.total_cmp(&figure.max).is_eq() {
                    String::new()
                } else {
                    format!("({} – {})", one(figure.min), one(figure.max))
                };
                let ratio = figure.ratio.map_or_else(String::new, |ratio| format!("{}x", short(ratio)));
                writeln!(out, "{:>9}  {FAINT}{range:<23}{FAINT:#}  {ratio:>6}", one(figure.value))?;
            }
        }
        Ok(())
    }

    /// The ratios as an SVG.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub(super) fn chart(&self) -> Result<String, Failure> {
        let mut rows = Vec::new();
        for measure in &self.measures {
            let compared: Vec<Row> = self
                .configurations
                .iter()
                .zip(&measure.figures)
                .enumerate()
                .filter_map(|(position, (configuration, figure))| {
                    let figure = (*figure)?;
                    let ratio = figure.ratio?;
                    Some(Row::Bar(Bar {
                        label: format!("    {}", Shown(&configuration.name)),
                        ratio,
                        text: format!("{}x, {}", short(ratio), measure.shown_in.one(figure.value)),
                        mark: None,
                        shade: if position == 0 { Shade::Grey } else { Shade::Blue },
                    }))
                })
                .collect();
            if !compared.is_empty() {
                rows.push(Row::Heading(measure.title()));
                rows.extend(compared);
            }
        }
        let first = self.configurations.first().map_or("", |first| &first.name);
        let title = format!("{}: times {}; shorter is better", Shown(&self.path), Shown(first));
        bars(&title, &rows).map_err(|error| Failure::new(Code::Store, "internal", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use codestrata_measure::{Samples, Unit};

    use super::Measure;

    #[test]
    fn a_figure_is_compared_with_the_first_configuration_and_may_be_missing() {
        let (one, two, none) = (Samples::one(2.0), Samples::one(3.0), Samples::default());
        let measure = Measure::new("store", Unit::Seconds, &[&one, &two, &none]);
        let ratios: Vec<_> =
            measure.figures.iter().map(|figure| figure.and_then(|figure| figure.ratio)).collect();
        assert_eq!(ratios, [Some(1.0), Some(1.5), None]);
        let each = Measure::new("disk", Unit::BytesEach, &[&one, &two]).over(4.0);
        let values: Vec<_> =
            each.figures.iter().flatten().map(|figure| (figure.value, figure.ratio)).collect();
        assert_eq!(values, [(0.5, Some(1.0)), (0.75, Some(1.5))]);
    }
}
