//! In which column each unit stands.
//!
//! A layer of a hundred boxes would be a stripe. It stands in as many columns as are needed to be no longer than wanted;
//! any division will do, because no line leads from one unit of a layer to another.

use std::collections::BTreeMap;

use crate::layout::GAP;
use crate::plan::Plan;

/// A unit that is so many times as wide as the others of its layer stands in another column: it would keep as much room
/// free beside each of them.
const MUCH_WIDER: f64 = 1.6;

/// How long columns should be at most: those before what the picture is about, and those behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Longest {
    pub(crate) before: f64,
    pub(crate) behind: f64,
}

/// Where everything stands, from the left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) count: usize,
    /// None for units without lines.
    pub(crate) of_units: Vec<Option<usize>>,
    /// The first column and the last one of each layer of the plan.
    pub(crate) of_layers: BTreeMap<i64, (usize, usize)>,
}

impl Columns {
    /// Divides the layers. Sizes are how much of a column, and how much across it, each unit takes; what the picture is about
    /// stands alone in its column, and columns before it and behind it may be of different lengths.
    pub(crate) fn of(plan: &Plan, sizes: &[(f64, f64)], longest: Longest, centre: Option<usize>) -> Self {
        let mut layers: BTreeMap<i64, Vec<(usize, f64)>> = BTreeMap::new();
        for (number, (layer, height)) in
            plan.units.iter().enumerate().filter_map(|(number, place)| Some((number, (*place)?)))
        {
            layers.entry(layer).or_default().push((number, height));
        }
        for layer in plan.lines.iter().filter_map(|line| line.label) {
            layers.entry(layer).or_default();
        }
        let middle = centre.and_then(|centre| plan.units.get(centre).copied().flatten()).map(|place| place.0);
        let before: f64 = weight(&layers, sizes, |layer| middle.is_some_and(|middle| layer < middle));
        let behind: f64 = weight(&layers, sizes, |layer| middle.is_some_and(|middle| layer > middle));
        let mut columns = Self { of_units: vec![None; plan.units.len()], ..Self::default() };
        for (layer, mut units) in layers {
            units.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let units: Vec<usize> = units.into_iter().map(|(number, _)| number).collect();
            let leads_away = |unit: &usize| plan.lines.iter().any(|line| line.left == *unit);
            // The wide ones stand further from the middle, or from what they lead to.
            let wide_first = match middle {
                Some(middle) if layer != middle => layer < middle,
                _ => units.iter().all(leads_away),
            };
            let (own, others): (Vec<usize>, Vec<usize>) =
                units.into_iter().partition(|unit| Some(*unit) == centre);
            let is_behind = middle.is_some_and(|middle| layer > middle);
            let longest = if is_behind { longest.behind } else { longest.before };
            let mut parts = in_parts(others, sizes, longest, wide_first);
            if !own.is_empty() {
                let place = if before <= behind { parts.len() } else { 0 };
                parts.insert(place, own);
            }
            let first = columns.count;
            for part in &parts {
                for unit in part {
                    if let Some(column) = columns.of_units.get_mut(*unit) {
                        *column = Some(columns.count);
                    }
                }
                columns.count += 1;
            }
            // A layer without units is one of what is written at lines.
            columns.count += usize::from(parts.is_empty());
            columns.of_layers.insert(layer, (first, columns.count - 1));
        }
        columns
    }
}

/// How much room the units of some layers take.
fn weight(
    layers: &BTreeMap<i64, Vec<(usize, f64)>>,
    sizes: &[(f64, f64)],
    is_meant: impl Fn(i64) -> bool,
) -> f64 {
    let units = layers.iter().filter(|(layer, _)| is_meant(**layer)).flat_map(|(_, units)| units);
    units.filter_map(|(unit, _)| sizes.get(*unit)).map(|(along, across)| along * across).sum()
}

/// The units of a layer in columns that are no longer than this, as far as a single unit is not.
fn in_parts(units: Vec<usize>, sizes: &[(f64, f64)], longest: f64, wide_first: bool) -> Vec<Vec<usize>> {
    let across = |unit: &usize| sizes.get(*unit).map_or(0.0, |size| size.1);
    let narrowest = units.iter().map(across).fold(f64::INFINITY, f64::min);
    let (wide, narrow): (Vec<usize>, Vec<usize>) =
        units.into_iter().partition(|unit| across(unit) > narrowest.max(150.0) * MUCH_WIDER);
    let wide = evenly(&wide, sizes, longest);
    let narrow = evenly(&narrow, sizes, longest);
    if wide_first {
        wide.into_iter().chain(narrow).collect()
    } else {
        narrow.into_iter().chain(wide).collect()
    }
}

/// Units in columns of about one length, in their order within each.
fn evenly(units: &[usize], sizes: &[(f64, f64)], longest: f64) -> Vec<Vec<usize>> {
    let along = |unit: &usize| sizes.get(*unit).map_or(0.0, |size| size.0 + GAP);
    let all: f64 = units.iter().map(along).sum();
    let count = (1..=units.len()).find(|count| all <= longest * crate::units::float(*count));
    let mut parts: Vec<(f64, Vec<usize>)> = vec![(0.0, Vec::new()); count.unwrap_or(units.len())];
    for unit in units {
        let shortest = parts.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((length, part)) = shortest {
            *length += along(unit);
            part.push(*unit);
        }
    }
    parts.into_iter().map(|(_, part)| part).filter(|part| !part.is_empty()).collect()
}
