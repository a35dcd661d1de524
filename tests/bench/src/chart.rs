//! Charts as SVG: ratios beside their goals, and cost against size.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Goal, Line, Report};
use crate::{Outcome, Problem, growth};

const WIDTH: u32 = 1_100;

/// The height of one bar with the space around it.
const BAR: i32 = 22;

/// Where bars begin: left of it stands what was measured.
const LEFT: i32 = 620;

/// Ratios outside of these are drawn at the edge.
const LEAST: f64 = 0.01;
const MOST: f64 = 100.0;

/// Writes a chart of ratios for each subject, and one of growth where that was measured.
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
    let grown = growth_series(report);
    if !grown.is_empty() {
        let path = folder.join("growth.svg");
        sizes(&path, &grown).map_err(|error| problem(&path, error.as_ref()))?;
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
        root.draw(&Text::new(format!("{ratio:.2}x"), (place(ratio) + 6, top + 4), text(12)))?;
    }
    Ok(root.present()?)
}

/// For each measure and subject: the size and the cost.
type Series = BTreeMap<String, Vec<(f64, f64)>>;

fn growth_series(report: &Report) -> Series {
    let mut series = Series::new();
    for line in report.lines.iter().filter(|line| line.group == growth::GROUP) {
        let Some((measure, size)) = line.measure.rsplit_once(", x") else { continue };
        let (Ok(size), Some(cost)) = (size.parse::<f64>(), line.ours.median()) else { continue };
        series.entry(format!("{measure}, {}", line.subject)).or_default().push((size, cost));
        if let Some(cost) = line.beside.as_ref().and_then(|(_, other)| other.median()) {
            series.entry(format!("{measure}, SQLite")).or_default().push((size, cost));
        }
    }
    series.retain(|_, points| points.len() > 1);
    series
}

fn sizes(path: &Path, series: &Series) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (WIDTH, 900)).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || series.values().flatten();
    let most = points().map(|point| point.0).fold(1.0, f64::max);
    let (low, high) = points()
        .fold((f64::MAX, f64::MIN_POSITIVE), |(low, high), point| (low.min(point.1), high.max(point.1)));
    let mut chart = ChartBuilder::on(&root)
        .caption("Cost against size (dashed: SQLite)", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(70)
        .right_y_label_area_size(330)
        .build_cartesian_2d((1.0..most).log_scale(), (low / 2.0..high * 2.0).log_scale())?;
    chart.configure_mesh().x_desc("times the graph").y_desc("seconds").draw()?;
    for (number, (name, points)) in series.iter().enumerate() {
        let color = Palette99::pick(number / 2).to_rgba();
        if name.ends_with("SQLite") {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 6, 4, color.into()))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
        }
        if let Some((size, cost)) = points.last() {
            let (x, y) = chart.backend_coord(&(*size, *cost));
            root.draw(&Text::new(
                name.clone(),
                (x + 8, y - 6),
                ("sans-serif", 12).into_font().color(&color),
            ))?;
        }
    }
    Ok(root.present()?)
}
