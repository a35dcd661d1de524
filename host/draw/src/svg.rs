//! A picture as SVG.

use std::fmt::Write as _;

use crate::layout::{Layout, Placed, Point, width_of};
use crate::palette;
use crate::picture::{Arrow, Certainty, Picture, Shape};
use crate::text::{counted, escaped};

const MARGIN: f64 = 24.0;
const LINE: f64 = 18.0;
/// The width of a column of the legend's and the title's font.
const COLUMN: f64 = 7.3;
/// A picture is at least so wide, so that its title and legend have room.
const LEAST_WIDTH: f64 = 640.0;
const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// A document that stands by itself.
pub(crate) fn document(picture: &Picture, layout: &Layout) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", element(picture, layout))
}

/// The element `svg`, for a document or a page.
pub(crate) fn element(picture: &Picture, layout: &Layout) -> String {
    let widest = picture.remarks.iter().chain([&picture.title]).map(|line| width_of(line, COLUMN));
    let inner = widest.fold(layout.width.max(LEAST_WIDTH), f64::max);
    let (legend, legend_height) = legend(picture, inner);
    let head = heading_height(picture);
    let (width, height) = (inner + 2.0 * MARGIN, head + layout.height + legend_height + 3.0 * MARGIN);
    let mut out = String::new();
    let title = escaped(&picture.title);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{title}\" font-family=\"{FONT}\" \
         font-size=\"12\">\n<title>{title}</title>"
    );
    let _ = writeln!(out, "<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    markers(&mut out, picture);
    heading(&mut out, picture);
    let _ = writeln!(out, "<g class=\"graph\" transform=\"translate({MARGIN:.0} {:.0})\">", head + MARGIN);
    for (number, (arrow, points)) in picture.arrows.iter().zip(&layout.arrows).enumerate() {
        draw_arrow(&mut out, number, arrow, points, picture);
    }
    for (number, (shape, placed)) in picture.shapes.iter().zip(&layout.shapes).enumerate() {
        draw_shape(&mut out, number, shape, placed);
    }
    let _ = writeln!(out, "</g>");
    let _ = writeln!(
        out,
        "<g class=\"legend\" transform=\"translate({MARGIN:.0} {:.0})\">\n{legend}</g>\n</svg>",
        head + layout.height + 2.0 * MARGIN
    );
    out
}

fn heading_height(picture: &Picture) -> f64 {
    let lines = u32::try_from(picture.remarks.len() + 2).unwrap_or(u32::MAX);
    f64::from(lines) * LINE
}

fn heading(out: &mut String, picture: &Picture) {
    let _ = writeln!(
        out,
        "<text x=\"{MARGIN:.0}\" y=\"{:.0}\" font-size=\"15\" font-weight=\"bold\" fill=\"#212121\">{}</text>",
        MARGIN + 8.0,
        escaped(&picture.title)
    );
    let mut y = MARGIN + 8.0 + LINE;
    let size = format!(
        "{}, {}",
        counted(picture.shapes.len(), "box", "boxes"),
        counted(picture.arrows.len(), "arrow", "arrows")
    );
    for line in [&size].into_iter().chain(&picture.remarks) {
        let _ =
            writeln!(out, "<text x=\"{MARGIN:.0}\" y=\"{y:.0}\" fill=\"#616161\">{}</text>", escaped(line));
        y += LINE;
    }
}

/// The heads of the arrows, one for each colour.
fn markers(out: &mut String, picture: &Picture) {
    let _ = writeln!(out, "<defs>");
    for (number, (kind, _)) in picture.arrow_kinds().into_iter().enumerate() {
        let _ = writeln!(
            out,
            "<marker id=\"head{number}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" \
             markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" \
             fill=\"{}\"/></marker>",
            palette::of_arrow(kind)
        );
    }
    let _ = writeln!(out, "</defs>");
}

fn dashes(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likely => " stroke-dasharray=\"7 4\"",
        Certainty::Doubtful => " stroke-dasharray=\"2 3\"",
    }
}

fn draw_arrow(out: &mut String, number: usize, arrow: &Arrow, points: &[Point], picture: &Picture) {
    let label = |number: usize| picture.shapes.get(number).map_or("", |shape| shape.label.as_str());
    let head = picture.arrow_kinds().iter().position(|(kind, _)| *kind == arrow.kind).unwrap_or(0);
    let times = if arrow.count == 1 { String::new() } else { format!(", {} times", arrow.count) };
    // More relations make a thicker line, slowly.
    let width = 1.2 + 0.3 * f64::from(arrow.count.min(1_000_000).ilog2());
    let _ = writeln!(
        out,
        "<path class=\"arrow\" data-arrow=\"{number}\" d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width:.1}\"{} \
         marker-end=\"url(#head{head})\"><title>{} {} {}{times}</title></path>",
        curve(points),
        palette::of_arrow(&arrow.kind),
        dashes(arrow.certainty),
        escaped(label(arrow.source)),
        escaped(&arrow.kind),
        escaped(label(arrow.target)),
    );
}

/// A line through points that leaves and reaches each of them from the side, as layers stand side by side.
fn curve(points: &[Point]) -> String {
    let mut path = String::new();
    let Some((first, rest)) = points.split_first() else { return path };
    let _ = write!(path, "M{:.1} {:.1}", first.0, first.1);
    let mut last = first;
    for point in rest {
        let middle = f64::midpoint(last.0, point.0);
        let _ = write!(
            path,
            "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
            last.1, point.1, point.0, point.1
        );
        last = point;
    }
    path
}

fn draw_shape(out: &mut String, number: usize, shape: &Shape, placed: &Placed) {
    let paint = palette::of_kind(&shape.kind);
    let (left, top) = (placed.x - placed.width / 2.0, placed.y - placed.height / 2.0);
    let _ = writeln!(
        out,
        "<g class=\"shape\" data-shape=\"{number}\"><title>{} ({})</title>\
         <rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"5\" fill=\"{}\" stroke=\"{}\" \
         stroke-width=\"{}\"/>",
        escaped(&shape.id),
        escaped(&shape.kind),
        placed.width,
        placed.height,
        paint.fill,
        paint.border,
        if shape.is_centre { "3.5" } else { "1.2" },
    );
    let has_place = !placed.place.is_empty();
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#212121\"{}>{}</text>",
        placed.x,
        placed.y + if has_place { -2.0 } else { 4.0 },
        if shape.is_centre { " font-weight=\"bold\"" } else { "" },
        escaped(&placed.label),
    );
    if has_place {
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#5f6b73\">{}</text>",
            placed.x,
            placed.y + 12.0,
            escaped(&placed.place),
        );
    }
    let _ = writeln!(out, "</g>");
}

/// What the colours and lines mean, in rows of a width; and how high that is.
fn legend(picture: &Picture, width: f64) -> (String, f64) {
    let mut items: Vec<(String, String)> = Vec::new();
    for (kind, count) in picture.kinds() {
        let paint = palette::of_kind(kind);
        let swatch = format!(
            "<rect y=\"-10\" width=\"16\" height=\"12\" rx=\"3\" fill=\"{}\" stroke=\"{}\"/>",
            paint.fill, paint.border
        );
        items.push((swatch, format!("{kind} ({count})")));
    }
    for (number, (kind, count)) in picture.arrow_kinds().into_iter().enumerate() {
        let colour = palette::of_arrow(kind);
        let line = format!(
            "<path d=\"M0 -4H22\" stroke=\"{colour}\" stroke-width=\"1.6\" marker-end=\"url(#head{number})\"/>"
        );
        items.push((line, format!("{kind} ({count})")));
    }
    for certainty in [Certainty::Likely, Certainty::Doubtful] {
        if picture.arrows.iter().any(|arrow| arrow.certainty == certainty) {
            let line = format!(
                "<path d=\"M0 -4H22\" stroke=\"#616161\" stroke-width=\"1.6\"{}/>",
                dashes(certainty)
            );
            items.push((line, certainty.as_str().to_owned()));
        }
    }
    let (mut out, mut x, mut y) = (String::new(), 0.0, LINE);
    for (swatch, text) in items {
        let needed = 28.0 + width_of(&text, COLUMN) + 20.0;
        if x > 0.0 && x + needed > width {
            (x, y) = (0.0, y + LINE + 4.0);
        }
        let _ = writeln!(
            out,
            "<g transform=\"translate({x:.0} {y:.0})\">{swatch}<text x=\"28\" fill=\"#424242\">{}</text></g>",
            escaped(&text)
        );
        x += needed;
    }
    (out, y)
}
