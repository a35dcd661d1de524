//! Charts as SVG: ratios beside their goals, and cost against size.

use std::collections::BTreeMap;
use std::path::Path;

use codestrata_measure::bars::{Bar, ChartError, Row, Shade, bars};
use codestrata_measure::{Unit, short};
use plotters::prelude::*;

use crate::report::{Goal, Line, Report};
use crate::{Outcome, Problem, growth};

const WIDTH: u32 = 1_100;

/// Writes a chart of ratios for each subject, and one of growth for each of which that was measured.
///
/// # Errors
/// What the medium answers.
pub(crate) fn write(report: &Report, folder: &Path) -> Outcome<()> {
    let mut subjects: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &report.lines {
        if line.group != growth::GROUP
            && matches!(line.goal, Some(Goal::TimesAtMost(_)))
            && line.ratio().is_some()
        {
            subjects.entry(&line.subject).or_default().push(line);
        }
    }
    for (subject, lines) in subjects {
        let path = folder.join(format!("ratios-{subject}.svg"));
        std::fs::write(&path, ratios(subject, &lines)?).map_err(|error| problem(&path, &error))?;
    }
    for (subject, measures) in growth_series(report) {
        let path = folder.join(format!("growth-{subject}.svg"));
        sizes(&path, subject, &measures).map_err(|error| problem(&path, error.as_ref()))?;
    }
    Ok(())
}

fn problem(path: &Path, error: &dyn std::error::Error) -> Problem {
    format!("the chart {} cannot be written: {error}", path.display()).into()
}

fn ratios(subject: &str, lines: &[&Line]) -> Result<String, ChartError> {
    let rows = lines.iter().filter_map(|line| {
        let (Some(ratio), Some(Goal::TimesAtMost(goal))) = (line.ratio(), line.goal) else { return None };
        let beside = line.beside.as_ref().map_or("", |(name, _)| name);
        let percent = if line.percent == 50 { String::new() } else { format!(" p{}", line.percent) };
        Some(Row::Bar(Bar {
            label: format!("{}{percent}, beside {beside}", line.measure),
            ratio,
            text: format!("{}x", short(ratio)),
            mark: Some(goal),
            shade: if ratio <= goal { Shade::Green } else { Shade::Red },
        }))
    });
    let title = format!("{subject}: times what it is measured beside (mark: goal)");
    bars(&title, &rows.collect::<Vec<_>>())
}

/// Points of cost against size: ours, and the reference's.
type Costs = (Vec<(f64, f64)>, Vec<(f64, f64)>);

/// By subject and measure.
fn growth_series(report: &Report) -> BTreeMap<&str, BTreeMap<&str, Costs>> {
    let mut series: BTreeMap<&str, BTreeMap<&str, Costs>> = BTreeMap::new();
    for line in report.lines.iter().filter(|line| line.group == growth::GROUP) {
        let Some((measure, size)) = line.measure.rsplit_once(", x") else { continue };
        let (Ok(size), Some(cost)) = (size.parse::<f64>(), line.ours.median()) else { continue };
        let (ours, theirs) = series.entry(&line.subject).or_default().entry(measure).or_default();
        ours.push((size, cost));
        theirs.extend(line.beside.as_ref().and_then(|(_, other)| Some((size, other.median()?))));
    }
    series.retain(|_, measures| measures.values().all(|(ours, _)| ours.len() > 1));
    series
}

/// How many panels stand beside each other.
const COLUMNS: usize = 4;

/// A panel for each measure, both axes logarithmic.
fn sizes(
    path: &Path,
    subject: &str,
    measures: &BTreeMap<&str, Costs>,
) -> Result<(), Box<dyn std::error::Error>> {
    let rows = measures.len().div_ceil(COLUMNS);
    let root = SVGBackend::new(path, (WIDTH, 40 + u32::try_from(rows)? * 240)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("{subject}: cost against size (dashed: SQLite)");
    let panels = root.titled(&title, ("sans-serif", 18))?.split_evenly((rows, COLUMNS));
    for (panel, (measure, (ours, theirs))) in panels.iter().zip(measures) {
        let points = || ours.iter().chain(theirs);
        let most = points().map(|point| point.0).fold(1.0, f64::max);
        let low = points().map(|point| point.1).fold(f64::MAX, f64::min);
        let high = points().map(|point| point.1).fold(0.0, f64::max);
        let mut chart = ChartBuilder::on(panel)
            .caption(measure, ("sans-serif", 12))
            .margin(8)
            .x_label_area_size(22)
            .y_label_area_size(58)
            .build_cartesian_2d((1.0..most).log_scale(), (low / 2.0..high * 2.0).log_scale())?;
        let seconds = |value: &f64| Unit::Seconds.one(*value);
        let times = |value: &f64| format!("x{value:.0}");
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(4)
            .y_labels(4)
            .x_label_formatter(&times)
            .y_label_formatter(&seconds)
            .draw()?;
        let (blue, grey) = (RGBColor(40, 90, 160), RGBColor(110, 110, 110));
        chart.draw_series(LineSeries::new(ours.iter().copied(), blue.stroke_width(2)).point_size(2))?;
        chart.draw_series(DashedLineSeries::new(theirs.iter().copied(), 6, 4, grey.into()))?;
    }
    Ok(root.present()?)
}
