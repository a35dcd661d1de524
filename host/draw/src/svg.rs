//! A picture as SVG.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::layout::{Frame, LABEL_COLUMN, Layout, Line, Placed, Point, SMALL_LINE, width_of};
use crate::legend::{self, dashes};
use crate::limits::MAX_HEADING_COLUMNS;
use crate::palette;
use crate::picture::{Certainty, Picture, Shape};
use crate::text::{counted, escaped, grouped, shortened};

const MARGIN: f64 = 24.0;
const LINE: f64 = 18.0;
/// The width of a column of the title's font.
const TITLE_COLUMN: f64 = 9.2;
/// A picture is at least so wide, so that its title and legend have room.
const LEAST_WIDTH: f64 = 640.0;
/// How round the corners of lines are.
const RADIUS: f64 = 7.0;
/// The thickest line.
const THICKEST: f64 = 3.0;
const FONT: &str =
    "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// A document that stands by itself: a heading, the picture, and a legend.
pub(crate) fn document(picture: &Picture, layout: &Layout) -> String {
    let heading = heading(picture, layout);
    let widths = heading.iter().zip([TITLE_COLUMN].into_iter().chain(std::iter::repeat(LABEL_COLUMN)));
    let widest = widths.map(|(line, column)| width_of(line, column));
    let inner = widest.fold(layout.width.max(LEAST_WIDTH), f64::max);
    let (legend, legend_height) = legend(picture, layout, inner);
    let head = crate::units::float(heading.len() + 1) * LINE;
    let size = (inner + 2.0 * MARGIN, head + layout.height + legend_height + 3.0 * MARGIN);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(&mut out, picture, size);
    let mut y = MARGIN + 8.0;
    for (number, line) in heading.iter().enumerate() {
        let look = if number == 0 {
            "font-size=\"15\" font-weight=\"bold\" fill=\"#212121\""
        } else {
            "fill=\"#616161\""
        };
        let _ = writeln!(out, "<text x=\"{MARGIN:.0}\" y=\"{y:.0}\" {look}>{}</text>", escaped(line));
        y += LINE;
    }
    // A small picture stands in the middle below a long heading.
    let aside = (inner - layout.width) / 2.0;
    graph(&mut out, picture, layout, (MARGIN + aside, head + MARGIN));
    let _ = writeln!(
        out,
        "<g class=\"legend\" transform=\"translate({MARGIN:.0} {:.0})\">\n{legend}</g>\n</svg>",
        head + layout.height + 2.0 * MARGIN
    );
    out
}

/// The element for a page, which has the heading and the legend beside it.
pub(crate) fn element(picture: &Picture, layout: &Layout) -> String {
    let mut out = String::new();
    open(&mut out, picture, (layout.width + 2.0 * MARGIN, layout.height + 2.0 * MARGIN));
    graph(&mut out, picture, layout, (MARGIN, MARGIN));
    out.push_str("</svg>\n");
    out
}

/// The remarks of a picture, after how large it is: as many arrows as the legend has of all kinds, and lines as there are to
/// be seen.
pub(crate) fn remarks(picture: &Picture, layout: &Layout) -> Vec<String> {
    let lines = match layout.lines.len() {
        lines if lines == picture.arrows.len() => String::new(),
        lines => format!(" drawn as {}", counted(lines, "line", "lines")),
    };
    let size = format!(
        "{}, {}{lines}",
        counted(picture.shapes.len(), "box", "boxes"),
        counted(picture.arrows.len(), "arrow", "arrows")
    );
    [size].into_iter().chain(picture.remarks.iter().cloned()).collect()
}

fn heading(picture: &Picture, layout: &Layout) -> Vec<String> {
    let lines = [picture.title.clone()].into_iter().chain(remarks(picture, layout));
    lines.map(|line| shortened(&line, MAX_HEADING_COLUMNS)).collect()
}

fn open(out: &mut String, picture: &Picture, (width, height): (f64, f64)) {
    let title = escaped(&picture.title);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{title}\" font-family=\"{FONT}\" \
         font-size=\"12\">\n<title>{title}</title>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    );
}

/// Frames, then lines, then boxes, then what is written at lines.
fn graph(out: &mut String, picture: &Picture, layout: &Layout, (x, y): Point) {
    let _ = writeln!(out, "<g class=\"graph\" transform=\"translate({x:.0} {y:.0})\">");
    for Frame { left, top, width, height } in &layout.frames {
        let _ = writeln!(
            out,
            "<rect class=\"frame\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\" \
             fill=\"#f6f7f8\" stroke=\"#90a4ae\" stroke-dasharray=\"4 3\"/>"
        );
    }
    let kinds = picture.arrow_kinds();
    let sources = legend::is_by_source(picture, layout).then(|| sources(picture));
    for line in &layout.lines {
        draw_line(out, line, picture, &kinds, sources.as_ref());
    }
    let kinds = picture.kinds();
    for (number, (shape, placed)) in picture.shapes.iter().zip(&layout.shapes).enumerate() {
        let kind = kinds.iter().position(|(kind, _)| *kind == shape.kind).unwrap_or(0);
        draw_shape(out, (number, kind), shape, placed);
    }
    let labels =
        layout.lines.iter().enumerate().filter_map(|(number, line)| Some((number, line.label.as_ref()?)));
    for (line, ((x, y), text)) in labels {
        let _ = writeln!(
            out,
            "<text class=\"count\" data-line=\"{line}\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#263238\" \
             stroke=\"#ffffff\" stroke-width=\"4\" paint-order=\"stroke\" stroke-linejoin=\"round\">{text}</text>",
            y + 3.5
        );
    }
    let _ = writeln!(out, "</g>");
}

/// The boxes that arrows come from, numbered in their order.
fn sources(picture: &Picture) -> BTreeMap<usize, usize> {
    let sources: BTreeSet<usize> = picture.arrows.iter().map(|arrow| arrow.source).collect();
    sources.into_iter().zip(0..).collect()
}

fn draw_line(
    out: &mut String,
    line: &Line,
    picture: &Picture,
    kinds: &[(&str, u64)],
    sources: Option<&BTreeMap<usize, usize>>,
) {
    let arrows: Vec<_> = line.arrows.iter().filter_map(|arrow| picture.arrows.get(*arrow)).collect();
    let Some(first) = arrows.first() else { return };
    let count = arrows.iter().fold(0_u64, |sum, arrow| sum.saturating_add(arrow.count));
    let label = |number: usize| picture.shapes.get(number).map_or("", |shape| shape.label.as_str());
    let several = |ends: &mut dyn Iterator<Item = usize>| {
        let ends: BTreeSet<usize> = ends.collect();
        match ends.first() {
            Some(one) if ends.len() == 1 => shortened(label(*one), MAX_HEADING_COLUMNS),
            _ => counted(ends.len(), "box", "boxes"),
        }
    };
    let from = several(&mut arrows.iter().map(|arrow| arrow.source));
    let to = several(&mut arrows.iter().map(|arrow| arrow.target));
    let times = if count == 1 { String::new() } else { format!(", {} times", grouped(count)) };
    let sure = if first.certainty == Certainty::Certain {
        String::new()
    } else {
        format!(" ({})", first.certainty.as_str())
    };
    // More relations make a thicker line, slowly.
    let width = (1.2 + 0.15 * f64::from(count.clamp(1, 1_000_000).ilog2())).min(THICKEST);
    let numbers: Vec<String> = line.arrows.iter().map(ToString::to_string).collect();
    let kind = kinds.iter().position(|(kind, _)| *kind == first.kind).unwrap_or(0);
    let own =
        sources.and_then(|sources| sources.get(&first.source)).map(|source| palette::of_source(*source));
    let colour = own.unwrap_or_else(|| palette::of_arrow(&first.kind));
    let style = own.map_or_else(String::new, |own| format!(" style=\"--line: {own}\""));
    let (shaft, head) = arrow(&line.points, width);
    let _ = writeln!(
        out,
        "<g class=\"arrow a{kind}\"{style} data-arrows=\"{}\"><title>{} {} {}{times}{sure}</title>\
         <path class=\"line\" d=\"{shaft}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width:.1}\"{}/>\
         <path class=\"head\" d=\"{head}\" fill=\"{colour}\"/></g>",
        numbers.join(" "),
        escaped(&from),
        escaped(&first.kind),
        escaped(&to),
        dashes(first.certainty),
    );
}

/// A line with round corners, and its head. The line ends within the head, so that a thick one does not stick out.
fn arrow(points: &[Point], width: f64) -> (String, String) {
    let (Some(tip), Some(before)) =
        (points.last(), points.len().checked_sub(2).and_then(|one| points.get(one)))
    else {
        return (String::new(), String::new());
    };
    let (length, half) = (7.0 + width, 3.0 + 0.4 * width);
    let distance = (tip.0 - before.0).hypot(tip.1 - before.1).max(0.1);
    let (dx, dy) = ((tip.0 - before.0) / distance, (tip.1 - before.1) / distance);
    let back = (tip.0 - dx * length, tip.1 - dy * length);
    let head = format!(
        "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z",
        tip.0,
        tip.1,
        back.0 - dy * half,
        back.1 + dx * half,
        back.0 + dy * half,
        back.1 - dx * half
    );
    let mut line = points.to_vec();
    let end = (tip.0 - dx * (length - 1.0), tip.1 - dy * (length - 1.0));
    line.last_mut().into_iter().for_each(|last| *last = end);
    (rounded(&line), head)
}

fn rounded(points: &[Point]) -> String {
    let mut path = String::new();
    for (number, point) in points.iter().enumerate() {
        let neighbours =
            (number.checked_sub(1).and_then(|before| points.get(before)), points.get(number + 1));
        match neighbours {
            (None, _) => {
                let _ = write!(path, "M{:.1} {:.1}", point.0, point.1);
            }
            (Some(before), Some(after)) => {
                let (from, to) = (towards(*point, *before), towards(*point, *after));
                let _ = write!(
                    path,
                    "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
                    from.0, from.1, point.0, point.1, to.0, to.1
                );
            }
            (Some(_), None) => {
                let _ = write!(path, "L{:.1} {:.1}", point.0, point.1);
            }
        }
    }
    path
}

/// The point on the way to another where the corner begins, no further than half the way.
fn towards(point: Point, other: Point) -> Point {
    let distance = (other.0 - point.0).hypot(other.1 - point.1);
    let part = if distance > 0.0 { (RADIUS / distance).min(0.5) } else { 0.0 };
    (point.0 + (other.0 - point.0) * part, point.1 + (other.1 - point.1) * part)
}

fn draw_shape(out: &mut String, (number, kind): (usize, usize), shape: &Shape, placed: &Placed) {
    let paint = palette::of_kind(&shape.kind);
    let (left, top) = (placed.x - placed.width / 2.0, placed.y - placed.height / 2.0);
    let facts = [&shape.place, &shape.note].into_iter().filter(|fact| !fact.is_empty());
    let facts: String = facts.fold(String::new(), |all, fact| all + "\n" + &escaped(fact));
    let _ = writeln!(
        out,
        "<g class=\"shape k{kind}{}\" data-shape=\"{number}\"><title>{} ({}){facts}</title>\
         <rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"5\" fill=\"{}\" stroke=\"{}\" \
         stroke-width=\"{}\"/>",
        if shape.is_centre { " centre" } else { "" },
        escaped(&shape.id),
        escaped(&shape.kind),
        placed.width,
        placed.height,
        paint.fill,
        paint.border,
        if shape.is_centre { "3.5" } else { "1.2" },
    );
    let lines = crate::units::float(placed.small.len());
    let mut y = placed.y + 4.0 - lines * SMALL_LINE / 2.0;
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"#212121\"{}>{}</text>",
        placed.x,
        if shape.is_centre { " font-weight=\"bold\"" } else { "" },
        escaped(&placed.label),
    );
    for small in &placed.small {
        y += SMALL_LINE + 1.0;
        let _ = write!(
            out,
            "<text class=\"small\" x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#4a565d\">{}</text>",
            placed.x,
            escaped(small),
        );
    }
    let _ = writeln!(out, "</g>");
}

/// The legend in rows of a width; and how high that is.
fn legend(picture: &Picture, layout: &Layout, width: f64) -> (String, f64) {
    let (mut out, mut x, mut y) = (String::new(), 0.0, LINE);
    for item in legend::items(picture, layout) {
        let text = shortened(&item.text, MAX_HEADING_COLUMNS);
        let needed = 32.0 + width_of(&text, LABEL_COLUMN) + 20.0;
        if x > 0.0 && x + needed > width {
            (x, y) = (0.0, y + LINE + 4.0);
        }
        let _ = writeln!(
            out,
            "<g transform=\"translate({x:.0} {y:.0})\">{}<text x=\"32\" fill=\"#424242\">{}</text></g>",
            item.sign.drawn(),
            escaped(&text)
        );
        x += needed;
    }
    (out, y)
}
