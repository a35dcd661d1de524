//! How high in its column each unit stands, and each line passes.
//!
//! All columns are as long as the longest one has to be, and no longer. Within that everything moves towards what it is
//! connected with, as far as what is in the way lets it: the places nearest to the wanted ones that keep an order and a
//! distance are found by pooling neighbours that push each other (the method of adjacent violators for isotonic
//! regression, of Ayer and others).

use crate::columns::Columns;
use crate::layout::GAP;
use crate::plan::Plan;
use crate::route::CLEAR;
use crate::units::float;

/// How often everything is moved, and how often neighbours in a column change places first.
const ROUNDS: usize = 24;
const EXCHANGES: usize = 6;
/// How strongly a line pulls: between two places that it only passes, at one of its ends, and where it has no others.
const PULL_OF_PASSES: f64 = 6.0;
const PULL_OF_AN_END: f64 = 2.0;
/// How strongly what the picture is about is held in the middle.
const PULL_OF_THE_MIDDLE: f64 = 1_000.0;

/// Something in a column.
#[derive(Clone, Copy, Debug)]
struct Item {
    column: usize,
    /// Half of what it takes of the column.
    half: f64,
    is_unit: bool,
    y: f64,
}

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heights {
    /// None for units without lines.
    pub(crate) of_units: Vec<Option<f64>>,
    /// The heights at which each line passes the columns between its ends.
    pub(crate) of_lines: Vec<Vec<f64>>,
}

/// What is moved.
struct Field {
    items: Vec<Item>,
    /// The items of each column, from above.
    columns: Vec<Vec<usize>>,
    /// What each item is connected with, and how strongly.
    beside: Vec<Vec<(usize, f64)>>,
    centre: Option<usize>,
}

impl Heights {
    /// Finds them. Each unit takes so much of its column, and so much each line where something is written at it.
    pub(crate) fn of(
        plan: &Plan,
        columns: &Columns,
        lengths: &[f64],
        labels: &[Option<f64>],
        centre: Option<usize>,
    ) -> Self {
        let mut field = Field {
            items: Vec::new(),
            columns: vec![Vec::new(); columns.count],
            beside: Vec::new(),
            centre: None,
        };
        let mut units = vec![None; plan.units.len()];
        for (number, place) in plan.units.iter().enumerate() {
            let column = columns.of_units.get(number).copied().flatten();
            let (Some((_, y)), Some(column)) = (*place, column) else { continue };
            let half = lengths.get(number).copied().unwrap_or_default() / 2.0;
            let item = field.add(Item { column, half, is_unit: true, y });
            units.get_mut(number).into_iter().for_each(|unit| *unit = Some(item));
        }
        field.centre = centre.and_then(|centre| units.get(centre).copied().flatten());
        let mut lines = Vec::with_capacity(plan.lines.len());
        for (number, line) in plan.lines.iter().enumerate() {
            let end = |unit: usize| units.get(unit).copied().flatten();
            let (Some(left), Some(right)) = (end(line.left), end(line.right)) else {
                lines.push(Vec::new());
                continue;
            };
            let label = line.label.and_then(|layer| columns.of_layers.get(&layer)).map(|(first, _)| *first);
            let written = labels.get(number).copied().flatten().unwrap_or_default() / 2.0;
            let between: Vec<usize> = field
                .hints(line, columns, left, right)
                .into_iter()
                .map(|(column, y)| {
                    let half = if Some(column) == label { written } else { 1.0 };
                    field.add(Item { column, half, is_unit: false, y })
                })
                .collect();
            let course: Vec<usize> =
                [left].into_iter().chain(between.iter().copied()).chain([right]).collect();
            field.join(&course);
            lines.push(between);
        }
        field.settle();
        let y = |item: usize| field.items.get(item).map_or(0.0, |item| item.y);
        Self {
            of_units: units.into_iter().map(|item| item.map(y)).collect(),
            of_lines: lines.into_iter().map(|line| line.into_iter().map(y).collect()).collect(),
        }
    }
}

impl Field {
    fn add(&mut self, item: Item) -> usize {
        let number = self.items.len();
        if let Some(column) = self.columns.get_mut(item.column) {
            column.push(number);
        }
        self.items.push(item);
        self.beside.push(Vec::new());
        number
    }

    fn item(&self, number: usize) -> Item {
        let nothing = Item { column: 0, half: 0.0, is_unit: false, y: 0.0 };
        self.items.get(number).copied().unwrap_or(nothing)
    }

    /// The columns between the ends of a line, and about how high it passes each: as the plan says, and in a straight line
    /// between what it says.
    fn hints(
        &self,
        line: &crate::plan::Planned,
        columns: &Columns,
        left: usize,
        right: usize,
    ) -> Vec<(usize, f64)> {
        let (left, right) = (self.item(left), self.item(right));
        let mut known = vec![(left.column, left.y)];
        for (layer, y) in &line.passes {
            if let Some((first, last)) = columns.of_layers.get(layer) {
                known.extend((*first..=*last).map(|column| (column, *y)));
            }
        }
        known.retain(|(column, _)| *column < right.column);
        known.push((right.column, right.y));
        let mut hints = Vec::new();
        for pair in known.windows(2) {
            let [from, to] = pair else { continue };
            for column in from.0 + 1..=to.0 {
                let part = float(column - from.0) / float(to.0 - from.0);
                hints.push((column, from.1 + (to.1 - from.1) * part));
            }
        }
        hints.pop();
        hints
    }

    fn join(&mut self, course: &[usize]) {
        for pair in course.windows(2) {
            let [one, other] = pair else { continue };
            let units = [*one, *other].into_iter().filter(|item| self.item(*item).is_unit).count();
            let pull = match units {
                0 => PULL_OF_PASSES,
                1 => PULL_OF_AN_END,
                _ => 1.0,
            };
            for (from, to) in [(*one, *other), (*other, *one)] {
                self.beside.get_mut(from).into_iter().for_each(|beside| beside.push((to, pull)));
            }
        }
    }

    fn settle(&mut self) {
        for column in 0..self.columns.len() {
            let mut inside = self.columns.get_mut(column).map(std::mem::take).unwrap_or_default();
            inside.sort_by(|a, b| self.item(*a).y.total_cmp(&self.item(*b).y).then(a.cmp(b)));
            if let Some(column) = self.columns.get_mut(column) {
                *column = inside;
            }
        }
        let length = (0..self.columns.len()).map(|column| self.length(column)).fold(0.0, f64::max);
        for column in 0..self.columns.len() {
            self.place(column, length, false);
        }
        for round in 0..EXCHANGES {
            for column in sweep(self.columns.len(), round) {
                self.exchange(column);
            }
        }
        for round in 0..ROUNDS {
            for column in sweep(self.columns.len(), round) {
                self.place(column, length, true);
            }
        }
    }

    /// How long a column has to be.
    fn length(&self, column: usize) -> f64 {
        let inside = self.columns.get(column).map_or(&[][..], Vec::as_slice);
        let gaps = inside.windows(2).map(|pair| match pair {
            [above, below] => room_between(self.item(*above), self.item(*below)),
            _ => 0.0,
        });
        gaps.sum::<f64>() + inside.iter().map(|item| 2.0 * self.item(*item).half).sum::<f64>()
    }

    /// Where an item would be, and how strongly it wants that.
    fn wanted(&self, number: usize, length: f64) -> (f64, f64) {
        let pulls = self.beside.get(number).into_iter().flatten();
        let (sum, weight) = pulls.fold((0.0, 0.0), |(sum, weight), (other, pull)| {
            (sum + self.item(*other).y * pull, weight + pull)
        });
        if Some(number) == self.centre {
            return (length / 2.0, PULL_OF_THE_MIDDLE);
        }
        if weight > 0.0 { (sum / weight, weight) } else { (self.item(number).y, 1.0) }
    }

    /// Moves the items of a column to where they want to be, or away from each other where they are.
    fn place(&mut self, column: usize, length: f64, by_wishes: bool) {
        let inside = self.columns.get(column).cloned().unwrap_or_default();
        // How far each is from the first at least; without that distance they only have to keep their order.
        let mut offsets = Vec::with_capacity(inside.len());
        let mut before: Option<(Item, f64)> = None;
        for number in &inside {
            let item = self.item(*number);
            let offset = before
                .map_or(0.0, |(above, offset)| offset + above.half + room_between(above, item) + item.half);
            offsets.push(offset);
            before = Some((item, offset));
        }
        let least = inside.first().map_or(0.0, |first| self.item(*first).half);
        let lowest = inside.last().map_or(0.0, |item| self.item(*item).half);
        let most = (length - lowest - offsets.last().copied().unwrap_or_default()).max(least);
        // Pools of items that touch each other: the sum of what they want, of their weights, and how many they are.
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        for (number, offset) in inside.iter().zip(&offsets) {
            let (y, weight) =
                if by_wishes { self.wanted(*number, length) } else { (self.item(*number).y, 1.0) };
            let mut pool = ((y - offset) * weight, weight, 1);
            while let Some(above) = pools.last().copied().filter(|above| above.0 / above.1 > pool.0 / pool.1)
            {
                pool = (above.0 + pool.0, above.1 + pool.1, above.2 + pool.2);
                pools.pop();
            }
            pools.push(pool);
        }
        let places =
            pools.into_iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, count));
        for ((number, offset), place) in inside.iter().zip(&offsets).zip(places) {
            if let Some(item) = self.items.get_mut(*number) {
                item.y = place.clamp(least, most) + offset;
            }
        }
    }

    /// Exchanges neighbours in a column where fewer lines cross then.
    fn exchange(&mut self, column: usize) {
        let mut inside = self.columns.get(column).cloned().unwrap_or_default();
        for place in 1..inside.len() {
            let (Some(above), Some(below)) = (inside.get(place - 1).copied(), inside.get(place).copied())
            else {
                continue;
            };
            if self.crossings(below, above) < self.crossings(above, below) {
                inside.swap(place - 1, place);
            }
        }
        // What changed places changes heights too, so that the other columns see the new order.
        let mut heights: Vec<f64> = inside.iter().map(|number| self.item(*number).y).collect();
        heights.sort_by(f64::total_cmp);
        for (number, y) in inside.iter().zip(heights) {
            self.items.get_mut(*number).into_iter().for_each(|item| item.y = y);
        }
        if let Some(column) = self.columns.get_mut(column) {
            *column = inside;
        }
    }

    /// How many lines of two items of a column cross if the one is above the other.
    fn crossings(&self, above: usize, below: usize) -> usize {
        let ends = |number: usize| {
            let beside = self.beside.get(number).into_iter().flatten();
            beside.map(|(other, _)| self.item(*other))
        };
        ends(above)
            .map(|one| ends(below).filter(|other| other.column == one.column && other.y < one.y).count())
            .sum()
    }
}

/// Columns from the left, then from the right.
fn sweep(count: usize, round: usize) -> Vec<usize> {
    if round.is_multiple_of(2) { (0..count).collect() } else { (0..count).rev().collect() }
}

/// The room that is kept between two neighbours in a column.
fn room_between(above: Item, below: Item) -> f64 {
    if above.is_unit && below.is_unit { GAP } else { CLEAR + 1.0 }
}
