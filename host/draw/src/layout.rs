//! Where everything stands: boxes in layers from left to right, by `dugong`; boxes without arrows in rows below.

use dugong::graphlib::{Graph, GraphOptions};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel, RankDir, WorkControl, WorkError, layout_controlled,
};

use crate::error::DrawError;
use crate::limits::{MAX_LABEL_COLUMNS, MAX_LAYOUT_WORK};
use crate::picture::{Arrow, Picture, Shape};
use crate::text::{columns, shortened};

/// The width of a column of the label's font and of the second line's, in pixels.
const LABEL_COLUMN: f64 = 7.3;
const PLACE_COLUMN: f64 = 6.1;
const PADDING: f64 = 12.0;
/// The height of a box with a second line and without.
const TALL: f64 = 38.0;
const LOW: f64 = 26.0;
const GAP: f64 = 14.0;
/// Boxes without arrows are put in rows of at least this width.
const LEAST_ROW: f64 = 900.0;

/// A point, in pixels.
pub(crate) type Point = (f64, f64);

/// Where one box stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Its middle.
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) label: String,
    pub(crate) place: String,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Placed>,
    /// The points of each arrow.
    pub(crate) arrows: Vec<Vec<Point>>,
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
    let mut is_connected = vec![false; picture.shapes.len()];
    let others = picture.arrows.iter().filter(|arrow| arrow.source != arrow.target);
    for end in others.flat_map(|arrow| [arrow.source, arrow.target]) {
        if let Some(connected) = is_connected.get_mut(end) {
            *connected = true;
        }
    }
    place_connected(picture, &is_connected, &mut layout)?;
    place_alone(&is_connected, &mut layout);
    for (arrow, points) in picture.arrows.iter().zip(&mut layout.arrows) {
        if let (true, Some(placed)) = (arrow.source == arrow.target, layout.shapes.get(arrow.source)) {
            *points = below(placed);
        }
    }
    Ok(layout)
}

fn measured(shape: &Shape) -> Placed {
    let label = shortened(&shape.label, MAX_LABEL_COLUMNS);
    let place = shortened(&shape.place, MAX_LABEL_COLUMNS);
    let width = (width_of(&label, LABEL_COLUMN)).max(width_of(&place, PLACE_COLUMN));
    Placed {
        x: 0.0,
        y: 0.0,
        width: (width + 2.0 * PADDING).ceil(),
        height: if place.is_empty() { LOW } else { TALL },
        label,
        place,
    }
}

/// The width of a text in a font of one width, in pixels.
pub(crate) fn width_of(text: &str, column: f64) -> f64 {
    f64::from(u32::try_from(columns(text)).unwrap_or(u32::MAX)) * column
}

fn place_connected(picture: &Picture, is_connected: &[bool], layout: &mut Layout) -> Result<(), DrawError> {
    layout.arrows = vec![Vec::new(); picture.arrows.len()];
    if !is_connected.contains(&true) {
        return Ok(());
    }
    let mut graph: Graph<NodeLabel, EdgeLabel, GraphLabel> =
        Graph::new(GraphOptions { directed: true, multigraph: true, ..GraphOptions::default() });
    graph.set_graph(GraphLabel {
        rankdir: RankDir::LR,
        nodesep: GAP,
        edgesep: GAP / 2.0,
        ranksep: 4.0 * GAP,
        ..GraphLabel::default()
    });
    for (number, placed) in layout.shapes.iter().enumerate() {
        if is_connected.get(number) == Some(&true) {
            let label = NodeLabel { width: placed.width, height: placed.height, ..NodeLabel::default() };
            graph.set_node(number.to_string(), label);
        }
    }
    for (number, arrow) in picture.arrows.iter().enumerate().filter(|(_, arrow)| arrow.source != arrow.target)
    {
        let label = EdgeLabel { weight: 1.0, ..EdgeLabel::default() };
        let (source, target, name) = names(number, arrow);
        graph.set_edge_named(source, target, Some(name), Some(label));
    }
    layout_controlled(&mut graph, &mut Budget(MAX_LAYOUT_WORK)).map_err(|error| match error {
        LayoutError::Work(_) => {
            DrawError::TooDense { shapes: picture.shapes.len(), arrows: picture.arrows.len() }
        }
        other => DrawError::Layout(other.to_string()),
    })?;
    (layout.width, layout.height) = (graph.graph().width, graph.graph().height);
    for (number, placed) in layout.shapes.iter_mut().enumerate() {
        let found = graph.node(&number.to_string());
        if let Some(NodeLabel { x: Some(x), y: Some(y), .. }) = found {
            (placed.x, placed.y) = (*x, *y);
        }
    }
    for (number, (arrow, points)) in picture.arrows.iter().zip(&mut layout.arrows).enumerate() {
        let (source, target, name) = names(number, arrow);
        if let Some(label) = graph.edge(&source, &target, Some(&name)) {
            *points = label.points.iter().map(|point| (point.x, point.y)).collect();
        }
    }
    spread_ends(&picture.arrows, layout);
    Ok(())
}

/// One end of an arrow: its box, whether it is on the right side of it, the height of the next point, and which end of
/// which arrow it is.
type End = (usize, bool, f64, usize, bool);

/// Lets arrows leave and reach boxes at their sides, one below the other in the order in which they come. The library
/// lets them end anywhere around a box, also between it and the one below.
fn spread_ends(arrows: &[Arrow], layout: &mut Layout) {
    let mut ends: Vec<End> = Vec::new();
    for (number, (arrow, points)) in arrows.iter().zip(&layout.arrows).enumerate() {
        let shapes = (layout.shapes.get(arrow.source), layout.shapes.get(arrow.target));
        let nexts =
            (points.get(1), points.len().checked_sub(2).and_then(|before_last| points.get(before_last)));
        let ((Some(source), Some(target)), (Some(second), Some(before_last))) = (shapes, nexts) else {
            continue;
        };
        if arrow.source != arrow.target {
            let is_forward = source.x <= target.x;
            ends.push((arrow.source, is_forward, second.1, number, true));
            ends.push((arrow.target, !is_forward, before_last.1, number, false));
        }
    }
    ends.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3)));
    for side in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let places = f64::from(u32::try_from(side.len()).unwrap_or(u32::MAX)) + 1.0;
        for (place, (shape, is_right, _, arrow, is_first)) in (1_u32..).zip(side) {
            let (Some(box_of), Some(line)) = (layout.shapes.get(*shape), layout.arrows.get_mut(*arrow))
            else {
                continue;
            };
            let half = if *is_right { box_of.width / 2.0 } else { -box_of.width / 2.0 };
            let y = box_of.y - box_of.height / 2.0 + box_of.height * f64::from(place) / places;
            let end = if *is_first { line.first_mut() } else { line.last_mut() };
            if let Some(end) = end {
                *end = (box_of.x + half, y);
            }
        }
    }
}

/// An arrow from a box to itself: a small one below it, where the gap to the next has room.
fn below(placed: &Placed) -> Vec<Point> {
    let (right, bottom) = (placed.x + placed.width / 2.0, placed.y + placed.height / 2.0);
    vec![(right - 14.0, bottom), (right - 24.0, bottom + GAP - 4.0), (right - 34.0, bottom)]
}

/// What the library knows an arrow by.
fn names(number: usize, arrow: &Arrow) -> (String, String, String) {
    (arrow.source.to_string(), arrow.target.to_string(), number.to_string())
}

/// Puts boxes without arrows in rows below the others, in their order.
fn place_alone(is_connected: &[bool], layout: &mut Layout) {
    let row_width = layout.width.max(LEAST_ROW);
    let has_others = layout.height > 0.0;
    let (mut x, mut y) = (0.0, if has_others { layout.height + 2.0 * GAP } else { 0.0 });
    for (placed, _) in layout.shapes.iter_mut().zip(is_connected).filter(|(_, connected)| !**connected) {
        if x > 0.0 && x + placed.width > row_width {
            (x, y) = (0.0, y + TALL + GAP);
        }
        (placed.x, placed.y) = (x + placed.width / 2.0, y + TALL / 2.0);
        x += placed.width + GAP;
        layout.width = layout.width.max(x - GAP);
        layout.height = layout.height.max(y + TALL);
    }
}
