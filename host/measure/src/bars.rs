//! Ratios as bars in an SVG, on a logarithmic axis around 1.

use std::fmt;

use plotters::prelude::*;

const WIDTH: u32 = 1_100;

/// The height of one row with the space around it.
const ROW: i32 = 22;

/// Where bars begin: left of it stands what was measured.
const LEFT: i32 = 620;

/// Ratios outside of these are drawn at the edge.
const LEAST: f64 = 0.01;
const MOST: f64 = 100.0;

/// One row of a chart.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A text that stands above some bars.
    Heading(String),
    /// A bar.
    Bar(Bar),
}

/// A ratio, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What stands left of it.
    pub label: String,
    /// Where it ends.
    pub ratio: f64,
    /// What stands right of it.
    pub text: String,
    /// A ratio that is marked across the bar, such as a goal.
    pub mark: Option<f64>,
    /// How it is filled.
    pub shade: Shade,
}

/// How a bar is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// What the others are compared with.
    Grey,
    /// One of several that are neither right nor wrong.
    Blue,
    /// A goal is met.
    Green,
    /// A goal is missed.
    Red,
}

/// Why there is no chart.
#[derive(Debug)]
pub struct ChartError(String);

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the chart cannot be drawn: {}", self.0)
    }
}

impl std::error::Error for ChartError {}

impl Shade {
    fn color(self) -> RGBColor {
        match self {
            Self::Grey => RGBColor(150, 150, 150),
            Self::Blue => RGBColor(40, 90, 160),
            Self::Green => RGBColor(60, 140, 90),
            Self::Red => RGBColor(200, 90, 60),
        }
    }
}

/// A chart as the text of an SVG.
///
/// # Errors
/// What the library that draws it answers, as for more rows than a picture can have.
pub fn bars(title: &str, rows: &[Row]) -> Result<String, ChartError> {
    let mut svg = String::new();
    draw(&mut svg, title, rows).map_err(|error| ChartError(error.to_string()))?;
    Ok(svg)
}

fn draw(svg: &mut String, title: &str, rows: &[Row]) -> Result<(), Box<dyn std::error::Error>> {
    let height = (i32::try_from(rows.len())? + 4) * ROW;
    let root = SVGBackend::with_string(svg, (WIDTH, u32::try_from(height)?)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: i32| ("sans-serif", size).into_font().color(&BLACK);
    root.draw(&Text::new(title, (10, 8), text(16)))?;
    for (ratio, name) in [(0.01, "0.01x"), (0.1, "0.1x"), (1.0, "1x"), (10.0, "10x"), (100.0, "100x")] {
        let at = place(ratio);
        let line = if name == "1x" { BLACK } else { RGBColor(210, 210, 210) };
        root.draw(&PathElement::new(vec![(at, ROW * 2), (at, height - ROW)], line))?;
        root.draw(&Text::new(name, (at - 12, height - ROW + 4), text(12)))?;
    }
    for (number, row) in (2..).zip(rows) {
        let top = number * ROW;
        let bar = match row {
            Row::Heading(heading) => {
                root.draw(&Text::new(heading.as_str(), (10, top + 4), text(13)))?;
                continue;
            }
            Row::Bar(bar) => bar,
        };
        let end = place(bar.ratio);
        root.draw(&Text::new(bar.label.as_str(), (10, top + 4), text(12)))?;
        let corners = [(place(LEAST), top + 3), (end, top + ROW - 5)];
        root.draw(&Rectangle::new(corners, bar.shade.color().filled()))?;
        let mark = bar.mark.map(place);
        if let Some(mark) = mark {
            let line = vec![(mark, top), (mark, top + ROW - 2)];
            root.draw(&PathElement::new(line, BLACK.stroke_width(2)))?;
        }
        let after = end.max(mark.unwrap_or(end)) + 6;
        root.draw(&Text::new(bar.text.as_str(), (after, top + 4), text(12)))?;
    }
    Ok(root.present()?)
}

/// Where a ratio lies on the axis.
fn place(ratio: f64) -> i32 {
    let width = f64::from(WIDTH) - f64::from(LEFT) - 60.0;
    let share = (ratio.clamp(LEAST, MOST) / LEAST).log10() / (MOST / LEAST).log10();
    #[expect(clippy::cast_possible_truncation, reason = "a place on a picture of this width")]
    let place = (share * width).round() as i32;
    LEFT + place
}

#[cfg(test)]
mod tests {
    use super::{Bar, Row, Shade, bars, place};

    #[test]
    fn a_chart_has_every_text_as_text_and_ratios_beyond_the_axis_at_its_edge() {
        let bar = Bar {
            label: "<file> & co".into(),
            ratio: 1e9,
            text: "3 s".into(),
            mark: Some(0.3),
            shade: Shade::Blue,
        };
        let svg = bars("engines", &[Row::Heading("store".into()), Row::Bar(bar)]).unwrap();
        for text in ["engines", "store", "&lt;file&gt; &amp; co", "3 s", "100x"] {
            assert!(svg.contains(text), "{text} is missing: {svg}");
        }
        assert_eq!((place(1e9), place(0.0)), (place(100.0), place(0.01)));
    }
}
