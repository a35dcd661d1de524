//! Where everything stands: boxes in layers, from left to right or from above; boxes without arrows in rows below.
//!
//! [`plan`](crate::plan) says which layer each box is in and in which order, [`columns`](crate::columns) in how many columns
//! a layer stands, and [`heights`](crate::heights) how high everything is. What is between the columns is [`route`]'s. All of
//! this is tried with columns of different lengths, both ways, and the most compact picture is taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::columns::{Columns, Longest};
use crate::error::DrawError;
use crate::fold;
use crate::heights::Heights;
use crate::limits::{MAX_LABEL_COLUMNS, MAX_PORTS};
use crate::orientation::backwards;
use crate::picture::{Picture, Shape};
use crate::plan::Plan;
use crate::route::{self, Routed, Stage, Station};
use crate::text::{columns, grouped, shortened};
use crate::units::{Direction, Link, Unit, Units, float, put_in_rows};

/// The width of a column of the label's font and of the small lines', in pixels.
pub(crate) const LABEL_COLUMN: f64 = 7.3;
const SMALL_COLUMN: f64 = 6.1;
const PADDING: f64 = 12.0;
/// The height of a box of one line, and what each small line adds.
const LOW: f64 = 26.0;
pub(crate) const SMALL_LINE: f64 = 12.0;
/// The room between boxes of one layer.
pub(crate) const GAP: f64 = 14.0;
/// The room between arrows at the side of a box.
const PORT_GAP: f64 = 9.0;
/// The height of what is written at a line.
const LINE_LABEL: f64 = 16.0;
/// How far an arrow from a box to itself goes.
const LOOP: f64 = 9.0;
/// How wide a window is to its height.
const ASPECT: f64 = 1.6;
/// The lengths of columns that are tried, to that of a picture without gaps.
const LENGTHS: [f64; 7] = [1.15, 1.0, 1.3, 1.5, 0.85, 1.8, 2.2];
/// How much of that is taken on both sides of what the picture is about: shorter columns are more columns.
const SIDES: [(f64, f64); 5] = [(1.0, 1.0), (0.6, 1.0), (1.0, 0.6), (0.4, 1.0), (1.0, 0.4)];
/// A picture that is longer than this, and so many times as long as a window would show it, is a stripe.
const LONG: f64 = 1_500.0;
const STRIPE: f64 = 2.2;
/// In how many bands a stripe is tried.
const BANDS: [usize; 7] = [2, 3, 4, 5, 6, 8, 10];
/// With more lines and places that they pass only the first length is tried.
const MANY_PASSES: usize = 2_500;
/// By how much another way must be better to be taken: the earlier ones are what people expect.
const MUCH_BETTER: f64 = 1.08;
/// How much worse a picture is whose centre stands at its side.
const ASIDE: f64 = 0.3;

/// A point, in pixels.
pub(crate) type Point = (f64, f64);

/// Where one box stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Placed {
    /// Its middle.
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) label: String,
    /// Below the label, smaller.
    pub(crate) small: Vec<String>,
}

/// A frame around boxes that share their arrows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// One drawn line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// The arrows of the picture that it stands for; never none.
    pub(crate) arrows: Vec<usize>,
    /// Its corners, from what refers to what is referred to.
    pub(crate) points: Vec<Point>,
    /// What is written at it, and the middle of that.
    pub(crate) label: Option<(Point, String)>,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Placed>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) lines: Vec<Line>,
}

/// Places a picture whose arrows are simplified.
pub(crate) fn place(picture: &Picture) -> Result<Layout, DrawError> {
    let work = Work::of(picture);
    let labelled: Vec<bool> = work.labels.iter().map(Option::is_some).collect();
    let plan = if work.links.is_empty() {
        Plan::default()
    } else {
        Plan::of(picture, &work.units, &work.forward, &labelled)?
    };
    Ok(work.best(&plan))
}

/// One way to place everything.
#[derive(Clone, Copy, Debug)]
struct Way {
    direction: Direction,
    longest: Longest,
    bands: usize,
}

impl Way {
    /// Columns of a length, of which so much is taken before what the picture is about and behind it.
    fn of(direction: Direction, length: f64, (before, behind): (f64, f64)) -> Self {
        let longest = Longest { before: length * before, behind: length * behind };
        Self { direction, longest, bands: 1 }
    }
}

/// A picture on its way to a layout.
struct Work {
    shapes: Vec<Placed>,
    units: Vec<Unit>,
    /// The unit that the picture is about.
    centre: Option<usize>,
    /// From one unit to another, and from a unit to itself.
    links: Vec<Link>,
    circular: Vec<Link>,
    is_backwards: Vec<bool>,
    /// The ends of each link, those of backward ones exchanged.
    forward: Vec<(usize, usize)>,
    looks: Vec<usize>,
    labels: Vec<Option<String>>,
}

impl Work {
    fn of(picture: &Picture) -> Self {
        let shapes: Vec<Placed> = picture.shapes.iter().map(measured).collect();
        let Units { units, links } = Units::of(picture, &shapes);
        let (circular, links): (Vec<Link>, Vec<Link>) =
            links.into_iter().partition(|link| link.source == link.target);
        let ends: Vec<(usize, usize)> = links.iter().map(|link| (link.source, link.target)).collect();
        let is_backwards = backwards(units.len(), &ends);
        let turned = |((source, target), backwards): ((usize, usize), &bool)| {
            if *backwards { (target, source) } else { (source, target) }
        };
        let is_centre = |number: &usize| picture.shapes.get(*number).is_some_and(|shape| shape.is_centre);
        Self {
            centre: units.iter().position(|unit| unit.members.iter().any(is_centre)),
            forward: ends.into_iter().zip(&is_backwards).map(turned).collect(),
            looks: links.iter().map(|link| look_of(link, picture)).collect(),
            labels: links.iter().map(|link| label_of(link, picture)).collect(),
            shapes,
            units,
            links,
            circular,
            is_backwards,
        }
    }

    /// The layout that can be shown largest, of some that run one way or the other with columns of different lengths, and
    /// in bands where it would be a stripe.
    fn best(&self, plan: &Plan) -> Layout {
        let start = Way::of(Direction::Right, f64::INFINITY, (1.0, 1.0));
        let mut best = self.attempt(plan, start);
        if plan.lines.is_empty() {
            return best;
        }
        let linked = self.units.iter().zip(&plan.units).filter(|(_, place)| place.is_some());
        let area: f64 = linked.map(|(unit, _)| (unit.width + 4.0 * GAP) * (unit.height + GAP)).sum();
        let is_large = plan.lines.len() + plan.passes() > MANY_PASSES;
        let sides: &[(f64, f64)] = if self.centre.is_some() && !is_large { &SIDES } else { &[(1.0, 1.0)] };
        let ways = [(Direction::Right, (area / ASPECT).sqrt()), (Direction::Down, (area * ASPECT).sqrt())];
        let mut tried = Vec::new();
        for (direction, even) in ways {
            for length in LENGTHS.iter().take(if is_large { 1 } else { LENGTHS.len() }) {
                tried.extend(sides.iter().map(|sides| Way::of(direction, even * length, *sides)));
            }
        }
        self.improve(plan, &mut best, &tried);
        if is_stripe(&best) {
            let in_bands =
                |direction| BANDS.map(|bands| Way { bands, ..Way::of(direction, area.sqrt(), (1.0, 1.0)) });
            self.improve(plan, &mut best, &[in_bands(Direction::Right), in_bands(Direction::Down)].concat());
        }
        best
    }

    /// Takes the best of other ways, if it is much better.
    fn improve(&self, plan: &Plan, best: &mut Layout, ways: &[Way]) {
        let mut worth = self.worth(best);
        for way in ways {
            let layout = self.attempt(plan, *way);
            if self.worth(&layout) > worth * MUCH_BETTER {
                (*best, worth) = (layout.clone(), self.worth(&layout));
            }
        }
    }

    /// How large it is where it is shown as a whole, less where what it is about stands at its side.
    fn worth(&self, layout: &Layout) -> f64 {
        let scale = (ASPECT / layout.width.max(1.0)).min(1.0 / layout.height.max(1.0));
        let centre = self.centre.and_then(|centre| self.units.get(centre)?.members.first());
        let middle = centre.and_then(|shape| layout.shapes.get(*shape)).map_or(0.5, |placed| {
            let part = |at: f64, of: f64| (at / of.max(1.0) - 0.5).abs();
            0.5 - part(placed.x, layout.width).max(part(placed.y, layout.height))
        });
        // In the middle third it is in the middle.
        scale * (1.0 - ASIDE * (1.0 - (middle * 3.0).min(1.0)))
    }

    /// One way to place everything.
    fn attempt(&self, plan: &Plan, way: Way) -> Layout {
        let Way { direction, longest, .. } = way;
        let mut layout = Layout { shapes: self.shapes.clone(), ..Layout::default() };
        let mut units = self.units.clone();
        for unit in &mut units {
            unit.shape(direction, longest.before.max(longest.behind));
        }
        make_room_for_ports(&mut units, &self.forward, &self.looks);
        let routed = self.routed(plan, &units, way);
        (layout.width, layout.height) = (routed.width, routed.height);
        for (unit, middle) in units.iter().zip(&routed.middles) {
            let Some((x, y)) = *middle else { continue };
            unit.put(x, y, &mut layout.shapes);
            if unit.is_panel() {
                let (left, top) = (x - unit.width / 2.0, y - unit.height / 2.0);
                layout.frames.push(Frame { left, top, width: unit.width, height: unit.height });
            }
        }
        for (((link, mut points), label), (middle, backwards)) in self
            .links
            .iter()
            .zip(routed.lines)
            .zip(&self.labels)
            .zip(routed.labels.into_iter().zip(&self.is_backwards))
        {
            if *backwards {
                points.reverse();
            }
            let label = middle.zip(label.clone());
            layout.lines.push(Line { arrows: link.arrows.clone(), points, label });
        }
        let is_alone = |number: usize| plan.units.get(number).copied().flatten().is_none();
        let alone: Vec<&Unit> =
            units.iter().enumerate().filter(|(number, _)| is_alone(*number)).map(|(_, unit)| unit).collect();
        (layout.width, layout.height) =
            put_in_rows(&alone, (layout.width, layout.height), &mut layout.shapes);
        place_loops(&self.circular, &units, direction, &mut layout);
        layout
    }

    /// Where units and lines are.
    fn routed(&self, plan: &Plan, units: &[Unit], way: Way) -> Routed {
        let Way { direction, longest, bands } = way;
        if plan.lines.is_empty() {
            return Routed::default();
        }
        let sizes: Vec<(f64, f64)> = units.iter().map(Unit::size).collect();
        let columns = Columns::of(plan, &sizes, longest, self.centre);
        let lengths: Vec<f64> = sizes.iter().map(|size| size.0).collect();
        // How much of its column what is written at a line takes, and how much across that.
        let written = |label: &Option<String>| {
            let size = (LINE_LABEL, width_of(label.as_ref()?, SMALL_COLUMN) + GAP);
            Some(if direction == Direction::Right { size } else { (size.1, size.0) })
        };
        let written: Vec<Option<(f64, f64)>> = self.labels.iter().map(written).collect();
        let label_lengths: Vec<Option<f64>> = written.iter().map(|size| size.map(|size| size.0)).collect();
        let heights = Heights::of(plan, &columns, &lengths, &label_lengths, self.centre);
        let stations = units.iter().zip(columns.of_units.iter().zip(&heights.of_units));
        let stations = stations.map(|(unit, (column, y))| {
            let (height, width) = unit.size();
            Some(Station { x: float((*column)?), y: (*y)?, width, height, room: unit.room })
        });
        let ways = plan.lines.iter().zip(&heights.of_lines).zip(&written).zip(&self.looks);
        let ways = ways.map(|(((line, heights), written), look)| {
            let first = columns.of_units.get(line.left).copied().flatten().unwrap_or_default() + 1;
            let passes = heights.iter().enumerate().map(|(place, y)| (float(first + place), *y)).collect();
            let column = line.label.and_then(|layer| columns.of_layers.get(&layer));
            let label = column.zip(*written).map(|((column, _), size)| (float(*column), size.1));
            let label_half = written.map_or(0.0, |size| size.0 / 2.0);
            route::Way { left: line.left, right: line.right, passes, label, label_half, look: *look }
        });
        let routed = route::through(&Stage { stations: stations.collect(), ways: ways.collect() });
        let routed = fold::folded(&routed, bands).filter(|_| bands > 1).unwrap_or(routed);
        if direction == Direction::Right { routed } else { routed.turned() }
    }
}

/// Whether it is so long that windows show it as a whole only where nothing can be read.
fn is_stripe(layout: &Layout) -> bool {
    let (long, short) = (layout.width.max(layout.height * ASPECT), layout.width.min(layout.height * ASPECT));
    long > LONG && long > STRIPE * short
}

fn measured(shape: &Shape) -> Placed {
    let label = shortened(&shape.label, MAX_LABEL_COLUMNS);
    let lines = [&shape.place, &shape.note];
    let small: Vec<String> = lines
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(|line| shortened(line, MAX_LABEL_COLUMNS))
        .collect();
    let widest = small.iter().map(|line| width_of(line, SMALL_COLUMN)).fold(0.0, f64::max);
    Placed {
        width: (width_of(&label, LABEL_COLUMN).max(widest) + 2.0 * PADDING).ceil(),
        height: LOW + SMALL_LINE * float(small.len()),
        label,
        small,
        ..Placed::default()
    }
}

/// The width of a text in a font of one width, in pixels.
pub(crate) fn width_of(text: &str, column: f64) -> f64 {
    float(columns(text)) * column
}

/// Makes units long enough for the arrows that reach their sides. Forward links leave on the right and come on the left.
fn make_room_for_ports(units: &mut [Unit], forward: &[(usize, usize)], looks: &[usize]) {
    // For each unit and side: how many arrows, and which looks they have.
    let mut sides: BTreeMap<(usize, bool), (usize, BTreeSet<usize>)> = BTreeMap::new();
    for ((left, right), look) in forward.iter().zip(looks) {
        for side in [(*left, true), (*right, false)] {
            let (count, seen) = sides.entry(side).or_default();
            *count += 1;
            seen.insert(*look);
        }
    }
    for ((unit, _), (count, looks)) in sides {
        let ports = if count > MAX_PORTS { looks.len() } else { count };
        if let Some(unit) = units.get_mut(unit) {
            unit.lengthen((float(ports) + 1.0) * PORT_GAP);
        }
    }
}

/// What is written at a line: how many relations it stands for, if an arrow of it wants that.
fn label_of(link: &Link, picture: &Picture) -> Option<String> {
    let arrows = || link.arrows.iter().filter_map(|arrow| picture.arrows.get(*arrow));
    let count = arrows().fold(0_u64, |sum, arrow| sum.saturating_add(arrow.count));
    arrows().any(|arrow| arrow.is_labelled).then(|| grouped(count))
}

/// A number for each kind and certainty of arrows: lines of one look may share a place at a box.
fn look_of(link: &Link, picture: &Picture) -> usize {
    let arrow = link.arrows.first().and_then(|arrow| picture.arrows.get(*arrow));
    let kind = arrow.and_then(|arrow| picture.arrow_kinds().iter().position(|(kind, _)| *kind == arrow.kind));
    kind.unwrap_or(0) * 3 + arrow.map_or(0, |arrow| arrow.certainty as usize)
}

/// Arrows from a box to itself: small ones below it side by side, or on its right, as far as there is room.
fn place_loops(loops: &[Link], units: &[Unit], direction: Direction, layout: &mut Layout) {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for link in loops {
        let shape = units.get(link.source).and_then(|unit| unit.members.first());
        let Some(placed) = shape.and_then(|shape| layout.shapes.get(*shape)) else { continue };
        let place = seen.entry(link.source).or_default();
        let (right, bottom) = (placed.x + placed.width / 2.0, placed.y + placed.height / 2.0);
        let points = match direction {
            Direction::Right => {
                let right = (right - 8.0 - 24.0 * float(*place)).max(right - placed.width + 22.0);
                let low = bottom + LOOP;
                vec![(right, bottom), (right, low), (right - 16.0, low), (right - 16.0, bottom)]
            }
            Direction::Down => {
                let low = (bottom - 5.0 - 15.0 * float(*place)).max(bottom - placed.height + 16.0);
                let far = right + LOOP;
                vec![(right, low), (far, low), (far, low - 11.0), (right, low - 11.0)]
            }
        };
        *place += 1;
        layout.lines.push(Line { arrows: link.arrows.clone(), points, label: None });
    }
}
