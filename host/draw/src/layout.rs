//! Where everything stands: boxes in layers from left to right, by `dugong`; boxes without arrows in rows below.
//!
//! The library says which layer each box is in and how high, and how high a line passes each layer. What is between the
//! layers is [`route`]'s.

use std::collections::{BTreeMap, BTreeSet};

use dugong::graphlib::{Graph, GraphOptions};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel, RankDir, WorkControl, WorkError, layout_controlled,
};

use crate::error::DrawError;
use crate::limits::{MAX_LABEL_COLUMNS, MAX_LAYOUT_WORK, MAX_PORTS};
use crate::orientation::backwards;
use crate::picture::{Picture, Shape};
use crate::route::{self, Stage, Station, Way};
use crate::text::{columns, grouped, shortened};
use crate::units::{Link, Unit, Units, float, put_in_rows};

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
const PORT_GAP: f64 = 8.0;
/// The height of what is written at a line.
const LINE_LABEL: f64 = 16.0;

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

/// Stops a layout that takes too much work.
struct Budget(usize);

impl WorkControl for Budget {
    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.0 = self.0.checked_sub(units).ok_or(WorkError::Interrupted)?;
        Ok(())
    }
}

/// Places a picture whose arrows are simplified.
pub(crate) fn place(picture: &Picture) -> Result<Layout, DrawError> {
    let mut layout = Layout { shapes: picture.shapes.iter().map(measured).collect(), ..Layout::default() };
    let Units { mut units, links } = Units::of(picture, &layout.shapes);
    let (circular, links): (Vec<Link>, Vec<Link>) =
        links.into_iter().partition(|link| link.source == link.target);
    let ends: Vec<(usize, usize)> = links.iter().map(|link| (link.source, link.target)).collect();
    let is_backwards = backwards(units.len(), &ends);
    let forward: Vec<(usize, usize)> = ends
        .into_iter()
        .zip(&is_backwards)
        .map(|((source, target), backwards)| if *backwards { (target, source) } else { (source, target) })
        .collect();
    let looks: Vec<usize> = links.iter().map(|link| look_of(link, picture)).collect();
    make_room_for_ports(&mut units, &forward, &looks);
    let mut is_connected = vec![false; units.len()];
    for end in forward.iter().flat_map(|(left, right)| [*left, *right]) {
        is_connected.get_mut(end).into_iter().for_each(|connected| *connected = true);
    }
    if !links.is_empty() {
        let labels: Vec<Option<String>> = links.iter().map(|link| label_of(link, picture)).collect();
        let stage = staged(picture, &units, &forward, &looks, &labels)?;
        let routed = route::through(&stage);
        (layout.width, layout.height) = (routed.width, routed.height);
        for (unit, middle) in units.iter().zip(&routed.middles) {
            let Some((x, y)) = *middle else { continue };
            unit.put(x, y, &mut layout.shapes);
            if unit.is_panel() {
                let (left, top) = (x - unit.width / 2.0, y - unit.height / 2.0);
                layout.frames.push(Frame { left, top, width: unit.width, height: unit.height });
            }
        }
        for (((link, mut points), label), (middle, backwards)) in
            links.into_iter().zip(routed.lines).zip(labels).zip(routed.labels.into_iter().zip(&is_backwards))
        {
            if *backwards {
                points.reverse();
            }
            layout.lines.push(Line { arrows: link.arrows, points, label: middle.zip(label) });
        }
    }
    let alone: Vec<&Unit> =
        units.iter().zip(&is_connected).filter(|(_, connected)| !**connected).map(|(unit, _)| unit).collect();
    (layout.width, layout.height) = put_in_rows(&alone, (layout.width, layout.height), &mut layout.shapes);
    place_loops(circular, &units, &mut layout);
    Ok(layout)
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

/// Makes units high enough for the arrows that reach their sides. Forward links leave on the right and come on the left.
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
            unit.height = unit.height.max((float(ports) + 1.0) * PORT_GAP + unit.room_below);
        }
    }
}

/// What is written at a line: how many relations it stands for, if an arrow of it wants that.
fn label_of(link: &Link, picture: &Picture) -> Option<String> {
    let arrows = || link.arrows.iter().filter_map(|arrow| picture.arrows.get(*arrow));
    let count = arrows().fold(0_u64, |sum, arrow| sum.saturating_add(arrow.count));
    arrows().any(|arrow| arrow.is_labelled).then(|| grouped(count))
}

/// Layers and heights, by the library.
fn staged(
    picture: &Picture,
    units: &[Unit],
    forward: &[(usize, usize)],
    looks: &[usize],
    labels: &[Option<String>],
) -> Result<Stage, DrawError> {
    let mut graph: Graph<NodeLabel, EdgeLabel, GraphLabel> =
        Graph::new(GraphOptions { directed: true, multigraph: true, ..GraphOptions::default() });
    graph.set_graph(GraphLabel {
        rankdir: RankDir::LR,
        nodesep: GAP,
        edgesep: GAP / 2.0,
        ranksep: 4.0 * GAP,
        ..GraphLabel::default()
    });
    for (number, unit) in units.iter().enumerate() {
        if forward.iter().any(|(left, right)| *left == number || *right == number) {
            let label = NodeLabel { width: unit.width, height: unit.height, ..NodeLabel::default() };
            graph.set_node(number.to_string(), label);
        }
    }
    let names = |number: usize, (left, right): (usize, usize)| {
        (left.to_string(), right.to_string(), number.to_string())
    };
    for (number, (ends, label)) in forward.iter().zip(labels).enumerate() {
        let (width, height) =
            label.as_ref().map_or((0.0, 0.0), |text| (width_of(text, SMALL_COLUMN) + GAP, LINE_LABEL));
        let label = EdgeLabel { weight: 1.0, width, height, ..EdgeLabel::default() };
        let (left, right, name) = names(number, *ends);
        graph.set_edge_named(left, right, Some(name), Some(label));
    }
    layout_controlled(&mut graph, &mut Budget(MAX_LAYOUT_WORK)).map_err(|error| match error {
        LayoutError::Work(_) => {
            DrawError::TooDense { shapes: picture.shapes.len(), arrows: picture.arrows.len() }
        }
        other => DrawError::Layout(other.to_string()),
    })?;
    let stations = units.iter().enumerate().map(|(number, unit)| {
        let node = graph.node(&number.to_string())?;
        let (x, y) = (node.x?, node.y?);
        Some(Station { x, y, width: unit.width, height: unit.height, room_below: unit.room_below })
    });
    let ways = forward.iter().zip(looks).enumerate().map(|(number, (ends, look))| {
        let (left, right, name) = names(number, *ends);
        let edge = graph.edge(&left, &right, Some(&name));
        let points = edge.map_or(&[][..], |edge| edge.points.as_slice());
        let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
        let label = edge.filter(|edge| edge.width > 0.0).and_then(|edge| Some((edge.x?, edge.width)));
        Way {
            left: ends.0,
            right: ends.1,
            passes: inner.iter().map(|point| (point.x, point.y)).collect(),
            label,
            look: *look,
        }
    });
    let stage = Stage { stations: stations.collect(), ways: ways.collect() };
    Ok(stage)
}

/// A number for each kind and certainty of arrows: lines of one look may share a place at a box.
fn look_of(link: &Link, picture: &Picture) -> usize {
    let arrow = link.arrows.first().and_then(|arrow| picture.arrows.get(*arrow));
    let kind = arrow.and_then(|arrow| picture.arrow_kinds().iter().position(|(kind, _)| *kind == arrow.kind));
    kind.unwrap_or(0) * 3 + arrow.map_or(0, |arrow| arrow.certainty as usize)
}

/// Arrows from a box to itself: small ones below it, side by side as far as there is room.
fn place_loops(loops: Vec<Link>, units: &[Unit], layout: &mut Layout) {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for link in loops {
        let shape = units.get(link.source).and_then(|unit| unit.members.first());
        let Some(placed) = shape.and_then(|shape| layout.shapes.get(*shape)) else { continue };
        let place = seen.entry(link.source).or_default();
        let (left, bottom) = (placed.x - placed.width / 2.0, placed.y + placed.height / 2.0);
        let right = (placed.x + placed.width / 2.0 - 8.0 - 24.0 * float(*place)).max(left + 22.0);
        *place += 1;
        let low = bottom + 9.0;
        let points = vec![(right, bottom), (right, low), (right - 16.0, low), (right - 16.0, bottom)];
        layout.lines.push(Line { arrows: link.arrows, points, label: None });
    }
}
