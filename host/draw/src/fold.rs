//! A long picture in several bands.
//!
//! A chain of fifty boxes would be a stripe that no window shows. It is cut between columns, and the pieces stand below each
//! other like the lines of a text. A line that is cut goes around the end of its band and comes in at the beginning of the
//! next one, at the height at which it left; those that are cut together stay in their order and do not cross.

use crate::layout::{GAP, Point};
use crate::route::Routed;
use crate::units::float;

/// Where more lines would be cut nobody could follow them.
const MAX_CUT: usize = 16;
/// The room between lines that go around.
const STEP: f64 = 7.0;
/// How far before a column it is cut: lines are level there.
const BEFORE_COLUMN: f64 = 15.0;

/// One band.
#[derive(Clone, Copy, Debug)]
struct Band {
    /// Where it begins and ends in what is cut.
    begin: f64,
    end: f64,
    /// How far it moves.
    right: f64,
    down: f64,
}

/// Folds into so many bands of about one width; none where that cuts too many lines, or there are too few columns.
pub(crate) fn folded(routed: &Routed, count: usize) -> Option<Routed> {
    let cuts = cuts(routed, count)?;
    let crossing: Vec<Vec<(f64, usize)>> = cuts.iter().map(|cut| crossing(routed, *cut)).collect();
    let most = crossing.iter().map(Vec::len).max().filter(|most| *most <= MAX_CUT)?;
    let margin = STEP * (float(most) + 1.0);
    let mut bands = Vec::with_capacity(count);
    let mut down = 0.0;
    let begins = [f64::NEG_INFINITY].into_iter().chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([f64::INFINITY]);
    for (number, (begin, end)) in begins.zip(ends).enumerate() {
        bands.push(Band { begin, end, right: margin - begin.max(0.0), down });
        down += routed.height + 2.0 * GAP + STEP * float(crossing.get(number).map_or(0, Vec::len));
    }
    let widest =
        bands.iter().map(|band| band.end.min(routed.width) - band.begin.max(0.0)).fold(0.0, f64::max);
    let moved = |(x, y): Point| {
        let band = bands.iter().find(|band| x < band.end).copied();
        band.map_or((x, y), |band| (x + band.right, y + band.down))
    };
    let last = bands.last().copied()?;
    let lines = routed.lines.iter().enumerate().map(|(line, points)| {
        let mut out = Vec::with_capacity(points.len());
        for (place, point) in points.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|before| points.get(before));
            for (cut, (x, lines)) in cuts.iter().zip(&crossing).enumerate() {
                let Some(before) = before.filter(|before| before.0 < *x && point.0 >= *x) else { continue };
                let (Some(from), Some(to)) = (bands.get(cut), bands.get(cut + 1)) else { continue };
                let order = lines.iter().position(|(_, other)| *other == line).unwrap_or(0);
                out.extend(around(
                    before.1,
                    (from, to),
                    (order, lines.len()),
                    (margin, widest, routed.height),
                ));
            }
            out.push(moved(*point));
        }
        out
    });
    Some(Routed {
        width: widest + 2.0 * margin,
        height: last.down + routed.height,
        middles: routed.middles.iter().map(|middle| middle.map(moved)).collect(),
        lines: lines.collect(),
        labels: routed.labels.iter().map(|label| label.map(moved)).collect(),
        starts: Vec::new(),
    })
}

/// The corners of a line on its way from one band to the next. The uppermost one goes around all others, and turns in first.
fn around(
    y: f64,
    (from, to): (&Band, &Band),
    (order, of): (usize, usize),
    (margin, widest, height): (f64, f64, f64),
) -> [Point; 4] {
    let outside = STEP * float(of - order);
    let right = margin + widest + outside;
    let between = from.down + height + GAP + outside;
    let left = margin - STEP * (float(order) + 1.0);
    [(right, y + from.down), (right, between), (left, between), (left, y + to.down)]
}

/// Where it is cut: before the columns that are next to even parts.
fn cuts(routed: &Routed, count: usize) -> Option<Vec<f64>> {
    let mut cuts: Vec<f64> = Vec::with_capacity(count);
    for number in 1..count {
        let even = routed.width * float(number) / float(count);
        let distance = |start: &f64| (start - even).abs();
        let starts = routed.starts.iter().copied().filter(|start| *start > 0.0);
        cuts.push(starts.min_by(|a, b| distance(a).total_cmp(&distance(b)))? - BEFORE_COLUMN);
    }
    let is_rising = cuts.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
    is_rising.then_some(cuts)
}

/// The heights at which lines pass a place, from above, and which lines.
fn crossing(routed: &Routed, x: f64) -> Vec<(f64, usize)> {
    let mut found = Vec::new();
    for (line, points) in routed.lines.iter().enumerate() {
        let crosses = |pair: &&[Point]| matches!(pair, [from, to] if from.0 < x && to.0 >= x);
        found.extend(points.windows(2).find(crosses).and_then(|pair| Some((pair.first()?.1, line))));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    found
}
