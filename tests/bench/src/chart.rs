//! Charts as SVG: ratios beside their goals, and cost against size.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Goal, Line, Report, Unit, short};
use crate::{Outcome, Problem, growth};

const WIDTH: u32 = 1_100;

/// The height of one bar with the space around it.
const BAR: i32 = 22;

/// Where bars begin: left of it stands what was measured.
const LEFT: i32 = 620;

/// Ratios outside of these are drawn at the edge.
const LEAST: f64 = 0.01;
const MOST: f64 = 100.0;

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
        ratios(&path, subject, &lines).map_err(|error| problem(&path, error.as_ref()))?;
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

/// Where a ratio lies on the axis, which is logarithmic.
fn place(ratio: f64) -> i32 {
    let width = f64::from(WIDTH) - f64::from(LEFT) - 60.0;
    let share = (ratio.clamp(LEAST, MOST) / LEAST).log10() / (MOST / LEAST).log10();
    #[expect(clippy::cast_possible_truncation, reason = "a place on a picture of this width")]
    let place = (share * width).round() as i32;
    LEFT + place
}

fn ratios(path: &Path, subject: &str, lines: &[&Line]) -> Result<(), Box<dyn std::error::Error>> {
    let rows = i32::try_from(lines.len())?;
    let height = (rows + 4) * BAR;
    let root = SVGBackend::new(path, (WIDTH, u32::try_from(height)?)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: i32| ("sans-serif", size).into_font().color(&BLACK);
    root.draw(&Text::new(
        format!("{subject}: times what it is measured beside (mark: goal)"),
        (10, 8),
        text(16),
    ))?;
    for (ratio, name) in [(0.01, "0.01x"), (0.1, "0.1x"), (1.0, "1x"), (10.0, "10x"), (100.0, "100x")] {
        let at = place(ratio);
        let shade = if name == "1x" { &BLACK } else { &RGBColor(210, 210, 210) };
        root.draw(&PathElement::new(vec![(at, BAR * 2), (at, height - BAR)], shade))?;
        root.draw(&Text::new(name, (at - 12, height - BAR + 4), text(12)))?;
    }
    for (row, line) in (0..rows).zip(lines) {
        let (Some(ratio), Some(Goal::TimesAtMost(goal))) = (line.ratio(), line.goal) else { continue };
        let top = (row + 2) * BAR;
        let color = if ratio <= goal { RGBColor(60, 140, 90) } else { RGBColor(200, 90, 60) };
        let beside = line.beside.as_ref().map_or("", |(name, _)| name);
        let percent = if line.percent == 50 { String::new() } else { format!(" p{}", line.percent) };
        root.draw(&Text::new(
            format!("{}{percent}, beside {beside}", line.measure),
            (10, top + 4),
            text(12),
        ))?;
        root.draw(&Rectangle::new([(place(LEAST), top + 3), (place(ratio), top + BAR - 5)], color.filled()))?;
        let mark = place(goal);
        root.draw(&PathElement::new(vec![(mark, top), (mark, top + BAR - 2)], BLACK.stroke_width(2)))?;
        root.draw(&Text::new(format!("{}x", short(ratio)), (place(ratio).max(mark) + 6, top + 4), text(12)))?;
    }
    Ok(root.present()?)
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
