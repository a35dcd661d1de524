//! What the layout library decides: in which layer each unit is, and in which order units and lines come within a layer.
//!
//! It decides it once for a picture. How large everything is in the end, and in how many columns a layer stands, is
//! [`columns`](crate::columns)'s; so of what the library answers only the order of places is used.

use dugong::graphlib::{Graph, GraphOptions};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel, RankDir, WorkControl, WorkError, layout_controlled,
};

use crate::error::DrawError;
use crate::layout::GAP;
use crate::limits::MAX_LAYOUT_WORK;
use crate::picture::Picture;
use crate::units::Unit;

/// The size of what is written at a line, for the library: it gets a layer of its own.
const WRITTEN: f64 = 16.0;

/// A layer, and a height that says what comes first in it.
pub(crate) type Place = (i64, f64);

/// A line from one unit to another in a later layer.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// Where it passes layers in between.
    pub(crate) passes: Vec<Place>,
    /// In which layer something is written at it.
    pub(crate) label: Option<i64>,
}

/// Layers and orders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// None for units without lines.
    pub(crate) units: Vec<Option<Place>>,
    pub(crate) lines: Vec<Planned>,
}

/// Stops a layout that takes too much work.
struct Budget(usize);

impl WorkControl for Budget {
    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.0 = self.0.checked_sub(units).ok_or(WorkError::Interrupted)?;
        Ok(())
    }
}

impl Plan {
    /// How many places lines pass.
    pub(crate) fn passes(&self) -> usize {
        self.lines.iter().map(|line| line.passes.len()).sum()
    }

    /// Asks the library. Lines are given by their ends, which must not go in circles, and whether something is written at
    /// each.
    pub(crate) fn of(
        picture: &Picture,
        units: &[Unit],
        forward: &[(usize, usize)],
        is_labelled: &[bool],
    ) -> Result<Self, DrawError> {
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
        for (number, (ends, is_labelled)) in forward.iter().zip(is_labelled).enumerate() {
            let size = if *is_labelled { WRITTEN } else { 0.0 };
            let label = EdgeLabel { weight: 1.0, width: size, height: size, ..EdgeLabel::default() };
            let (left, right, name) = names(number, *ends);
            graph.set_edge_named(left, right, Some(name), Some(label));
        }
        layout_controlled(&mut graph, &mut Budget(MAX_LAYOUT_WORK)).map_err(|error| match error {
            LayoutError::Work(_) => {
                DrawError::TooDense { shapes: picture.shapes.len(), arrows: picture.arrows.len() }
            }
            other => DrawError::Layout(other.to_string()),
        })?;
        let place = |number: usize| {
            let node = graph.node(&number.to_string())?;
            Some((key(node.x?), node.y?))
        };
        let lines = forward.iter().enumerate().map(|(number, ends)| {
            let (left, right, name) = names(number, *ends);
            let edge = graph.edge(&left, &right, Some(&name));
            let points = edge.map_or(&[][..], |edge| edge.points.as_slice());
            let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
            Planned {
                left: ends.0,
                right: ends.1,
                passes: inner.iter().map(|point| (key(point.x), point.y)).collect(),
                label: edge.filter(|edge| edge.width > 0.0).and_then(|edge| Some(key(edge.x?))),
            }
        });
        let lines = lines.collect();
        Ok(Self { units: (0..units.len()).map(place).collect(), lines })
    }
}

/// Places that the library computed by different sums are one layer.
fn key(x: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a picture is not so wide")]
    {
        x.round() as i64
    }
}
