//! What is placed as one: a box, or a panel of boxes that have the same neighbours.
//!
//! A hundred callers of one function would be a column of a hundred boxes and a hundred arrows, higher than any screen and
//! without a shape. They are one panel, some columns wide, with one arrow from its frame.

use std::collections::BTreeMap;

use crate::layout::{GAP, Placed};
use crate::limits::LEAST_PANEL;
use crate::picture::{Certainty, Picture};

/// The room between a frame and its boxes, and between these.
const FRAME: f64 = 10.0;
const CELL_GAP: f64 = 8.0;
/// So many boxes stand below each other for each column beside them.
const ROWS_FOR_EACH_COLUMN: f64 = 6.0;
/// The room beside a box for arrows from it to itself.
const LOOP_ROOM: f64 = 12.0;

/// Which way a picture runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Columns from left to right.
    #[default]
    Right,
    /// The same turned: rows from above.
    Down,
}

/// A box or a panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// The boxes, in the order of the picture; they fill one column of a panel after the other.
    pub(crate) members: Vec<usize>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What is kept free for arrows from a box to itself: of the height below it, or of the width on its right.
    pub(crate) room: f64,
    direction: Direction,
    sizes: Vec<(f64, f64)>,
    rows: usize,
    column_widths: Vec<f64>,
    row_height: f64,
}

/// Arrows of one kind and certainty between the same two units, which are drawn as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) source: usize,
    pub(crate) target: usize,
    /// Which arrows of the picture it stands for; never none.
    pub(crate) arrows: Vec<usize>,
}

/// Everything that is placed, and what leads from one to another. Boxes without arrows to others are units too.
#[derive(Debug, Default)]
pub(crate) struct Units {
    pub(crate) units: Vec<Unit>,
    pub(crate) links: Vec<Link>,
}

/// What a box is beside: the other box, whether the arrow leads to it, and how the arrow looks.
type Neighbour<'a> = (usize, bool, &'a str, Certainty);

impl Units {
    /// Puts boxes together, and measures what comes of it.
    pub(crate) fn of(picture: &Picture, measured: &[Placed]) -> Self {
        let mut neighbours: Vec<Vec<Neighbour<'_>>> = vec![Vec::new(); picture.shapes.len()];
        let mut has_loop = vec![false; picture.shapes.len()];
        for arrow in &picture.arrows {
            if arrow.source == arrow.target {
                has_loop.get_mut(arrow.source).into_iter().for_each(|has_loop| *has_loop = true);
                continue;
            }
            for (one, other, is_out) in
                [(arrow.source, arrow.target, true), (arrow.target, arrow.source, false)]
            {
                if let Some(list) = neighbours.get_mut(one) {
                    list.push((other, is_out, &arrow.kind, arrow.certainty));
                }
            }
        }
        let mut alike: BTreeMap<&[Neighbour<'_>], Vec<usize>> = BTreeMap::new();
        for (number, (shape, list)) in picture.shapes.iter().zip(&mut neighbours).enumerate() {
            list.sort_unstable();
            if !shape.is_centre && !list.is_empty() && has_loop.get(number) == Some(&false) {
                alike.entry(list).or_default().push(number);
            }
        }
        let mut panel_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut others_of_panels = vec![false; picture.shapes.len()];
        for members in alike.into_values().filter(|members| members.len() >= LEAST_PANEL) {
            for other in members.iter().skip(1) {
                others_of_panels.get_mut(*other).into_iter().for_each(|is_other| *is_other = true);
            }
            panel_of.extend(members.first().copied().map(|first| (first, members)));
        }
        let mut all = Self::default();
        let mut unit_of = vec![0; picture.shapes.len()];
        for number in 0..picture.shapes.len() {
            if others_of_panels.get(number) == Some(&true) {
                continue;
            }
            let members = panel_of.remove(&number).unwrap_or_else(|| vec![number]);
            for member in &members {
                unit_of.get_mut(*member).into_iter().for_each(|unit| *unit = all.units.len());
            }
            let room = if has_loop.get(number) == Some(&true) { LOOP_ROOM } else { 0.0 };
            all.units.push(Unit::measured(members, measured, room));
        }
        all.link(picture, &unit_of);
        all
    }

    fn link(&mut self, picture: &Picture, unit_of: &[usize]) {
        let mut links: BTreeMap<(usize, usize, &str, Certainty), Vec<usize>> = BTreeMap::new();
        for (number, arrow) in picture.arrows.iter().enumerate() {
            if let (Some(source), Some(target)) = (unit_of.get(arrow.source), unit_of.get(arrow.target)) {
                links.entry((*source, *target, &arrow.kind, arrow.certainty)).or_default().push(number);
            }
        }
        let link = |((source, target, _, _), arrows)| Link { source, target, arrows };
        self.links = links.into_iter().map(link).collect();
    }
}

impl Unit {
    fn measured(members: Vec<usize>, measured: &[Placed], room: f64) -> Self {
        let size =
            |member: &usize| measured.get(*member).map_or((0.0, 0.0), |box_of| (box_of.width, box_of.height));
        let sizes: Vec<(f64, f64)> = members.iter().map(size).collect();
        let row_height = sizes.iter().map(|size| size.1).fold(0.0, f64::max);
        let mut unit = Self { members, room, sizes, row_height, ..Self::default() };
        unit.shape(Direction::Right, f64::INFINITY);
        unit
    }

    /// Arranges its boxes for a picture that runs so, and whose columns should not be longer than this.
    pub(crate) fn shape(&mut self, direction: Direction, longest: f64) {
        self.direction = direction;
        let count = self.members.len();
        let widest = self.sizes.iter().map(|size| size.0).fold(0.0, f64::max);
        let fitting = |step: f64| {
            let room = longest - 2.0 * FRAME + CELL_GAP;
            (1..=count).rev().find(|fitting| float(*fitting) * (step + CELL_GAP) <= room).unwrap_or(1)
        };
        let columns = match direction {
            _ if longest.is_infinite() => columns_for(count),
            Direction::Right => count.div_ceil(fitting(self.row_height)),
            Direction::Down => fitting(widest),
        };
        self.rows = count.div_ceil(columns.max(1)).max(1);
        let widths = self.sizes.chunks(self.rows);
        self.column_widths =
            widths.map(|column| column.iter().map(|size| size.0).fold(0.0, f64::max)).collect();
        (self.width, self.height) = self.natural_size();
        match direction {
            Direction::Right => self.height += self.room,
            Direction::Down => self.width += self.room,
        }
    }

    /// How much of its column or row it takes, and how much across that.
    pub(crate) fn size(&self) -> (f64, f64) {
        match self.direction {
            Direction::Right => (self.height, self.width),
            Direction::Down => (self.width, self.height),
        }
    }

    /// Makes it so long that so much of a side is there for arrows.
    pub(crate) fn lengthen(&mut self, side: f64) {
        let length = match self.direction {
            Direction::Right => &mut self.height,
            Direction::Down => &mut self.width,
        };
        *length = length.max(side + self.room);
    }

    /// Whether it has a frame around several boxes.
    pub(crate) fn is_panel(&self) -> bool {
        self.members.len() > 1
    }

    fn natural_size(&self) -> (f64, f64) {
        let frame = if self.is_panel() { 2.0 * FRAME } else { 0.0 };
        let cells =
            self.column_widths.iter().sum::<f64>() + CELL_GAP * (float(self.column_widths.len()) - 1.0);
        let rows = float(self.rows);
        (cells + frame, rows * self.row_height + (rows - 1.0) * CELL_GAP + frame)
    }

    /// Puts its boxes where they stand when its own middle is here.
    pub(crate) fn put(&self, x: f64, y: f64, shapes: &mut [Placed]) {
        let (left, top) = (x - self.width / 2.0, y - self.height / 2.0);
        if let ([member], false) = (self.members.as_slice(), self.is_panel()) {
            if let Some(placed) = shapes.get_mut(*member) {
                (placed.width, placed.height) = match self.direction {
                    Direction::Right => (self.width, self.height - self.room),
                    Direction::Down => (self.width - self.room, self.height),
                };
                (placed.x, placed.y) = (left + placed.width / 2.0, top + placed.height / 2.0);
            }
            return;
        }
        // A frame may be larger than its boxes need, because many arrows reach it.
        let (width, height) = self.natural_size();
        let first_y = top + (self.height - height) / 2.0 + FRAME + self.row_height / 2.0;
        let mut column_left = left + (self.width - width) / 2.0 + FRAME;
        for (column, width) in self.members.chunks(self.rows).zip(&self.column_widths) {
            for (row, member) in column.iter().enumerate() {
                if let Some(placed) = shapes.get_mut(*member) {
                    (placed.width, placed.height) = (*width, self.row_height);
                    placed.x = column_left + width / 2.0;
                    placed.y = first_y + float(row) * (self.row_height + CELL_GAP);
                }
            }
            column_left += width + CELL_GAP;
        }
    }
}

/// How many columns so many boxes stand in, so that their panel is about as wide as high.
fn columns_for(count: usize) -> usize {
    let wanted = (float(count) / ROWS_FOR_EACH_COLUMN).sqrt();
    (1..=count).find(|columns| float(*columns) >= wanted).unwrap_or(1)
}

/// A count as a length. Counts of a picture are small.
pub(crate) fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Puts units without arrows to others in rows below everything else, in their order; says how wide and high all is then.
pub(crate) fn put_in_rows(units: &[&Unit], size: (f64, f64), shapes: &mut [Placed]) -> (f64, f64) {
    let area: f64 = units.iter().map(|unit| (unit.width + GAP) * (unit.height + GAP)).sum();
    // About as wide as a screen is to its height, and not narrower than what stands above.
    let row_width = size.0.max((area * 1.7).sqrt());
    let (mut width, mut height) = size;
    let (mut x, mut y) = (0.0, if height > 0.0 { height + 2.0 * GAP } else { 0.0 });
    let mut row_height: f64 = 0.0;
    for unit in units {
        if x > 0.0 && x + unit.width > row_width {
            (x, y) = (0.0, y + row_height + GAP);
            row_height = 0.0;
        }
        unit.put(x + unit.width / 2.0, y + unit.height / 2.0, shapes);
        row_height = row_height.max(unit.height);
        x += unit.width + GAP;
        width = width.max(x - GAP);
        height = height.max(y + row_height);
    }
    (width, height)
}
