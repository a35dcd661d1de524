//! Lines between layers.
//!
//! Boxes stand in columns. Within a column a line is level, at a height that the layout keeps free for it; it goes up or
//! down only in the gap between two columns, on a track of its own. So no line runs behind a box, and no two lie on each
//! other. A gap is as wide as its tracks need.

use std::collections::BTreeMap;

use crate::layout::Point;
use crate::limits::MAX_PORTS;
use crate::tracks::{Bend, Place, tracks};
use crate::units::float;

/// The room between two tracks, and how much of a gap they take before they stand closer.
const TRACK: f64 = 6.5;
const LEAST_TRACK: f64 = 4.5;
const MOST_TRACKS_ROOM: f64 = 120.0;
/// The room of a gap before its tracks and behind them, where the heads of arrows are.
const BEFORE: f64 = 14.0;
const BEHIND: f64 = 20.0;
/// The room that is kept between lines.
pub(crate) const CLEAR: f64 = 5.0;
/// The room at the corners of a box that no line reaches.
const ROUND: f64 = 7.0;
/// Heights that differ by less are the same.
const LEVEL: f64 = 0.5;

/// Something that stands, and its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Station {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Of the height: what no line reaches.
    pub(crate) room: f64,
}

/// A line from one station to another that stands further to the right.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// The places in between.
    pub(crate) passes: Vec<Point>,
    /// Where something is written at it, and how wide that is.
    pub(crate) label: Option<(f64, f64)>,
    /// Half of the height of that.
    pub(crate) label_half: f64,
    /// Ways of one look may share a place at a station.
    pub(crate) look: usize,
}

/// What is to be routed.
#[derive(Debug)]
pub(crate) struct Stage {
    /// None for what stands elsewhere.
    pub(crate) stations: Vec<Option<Station>>,
    pub(crate) ways: Vec<Way>,
}

/// Where stations and lines are in the end.
#[derive(Debug, Default)]
pub(crate) struct Routed {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) middles: Vec<Option<Point>>,
    /// The corners of each line, from left to right.
    pub(crate) lines: Vec<Vec<Point>>,
    /// The middle of what is written at it.
    pub(crate) labels: Vec<Option<Point>>,
    /// Where each column begins.
    pub(crate) starts: Vec<f64>,
}

impl Routed {
    /// The same from above instead of from the left.
    pub(crate) fn turned(self) -> Self {
        let turned = |(x, y): Point| (y, x);
        Self {
            width: self.height,
            height: self.width,
            middles: self.middles.into_iter().map(|middle| middle.map(turned)).collect(),
            lines: self.lines.into_iter().map(|line| line.into_iter().map(turned).collect()).collect(),
            labels: self.labels.into_iter().map(|label| label.map(turned)).collect(),
            starts: Vec::new(),
        }
    }
}

/// One column.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    width: f64,
    left: f64,
}

/// A line with its height in each column from its first.
struct Course {
    first: usize,
    heights: Vec<f64>,
    label_column: Option<usize>,
    /// The places at its left and right end that it shares with others.
    shared: (Option<Place>, Option<Place>),
}

/// Routes every line.
pub(crate) fn through(stage: &Stage) -> Routed {
    let numbers = columns_of(stage);
    let mut columns = vec![Column::default(); numbers.len()];
    let column_at = |x: f64| numbers.get(&key(x)).copied();
    let widths = stage.stations.iter().flatten().map(|station| (station.x, station.width));
    for (x, width) in widths.chain(stage.ways.iter().filter_map(|way| way.label)) {
        if let Some(column) = column_at(x).and_then(|number| columns.get_mut(number)) {
            column.width = column.width.max(width);
        }
    }
    let mut courses: Vec<Course> =
        stage.ways.iter().map(|way| course(way, &stage.stations, &numbers)).collect();
    let alone = spread_ends(stage, &mut courses);
    level_ends(stage, &alone, true, &mut courses);
    straighten(stage, &numbers, &mut courses);
    level_ends(stage, &alone, false, &mut courses);
    let tracks = lay_tracks(&mut columns, &courses);
    let starts = columns.iter().map(|column| column.left).collect();
    let mut routed = Routed { starts, ..Routed::default() };
    for station in &stage.stations {
        let middle = station.and_then(|station| {
            let column = columns.get(column_at(station.x)?)?;
            routed.height = routed.height.max(station.y + station.height / 2.0);
            Some((column.left + column.width / 2.0, station.y))
        });
        routed.middles.push(middle);
    }
    let last = columns.last().copied().unwrap_or_default();
    routed.width = last.left + last.width;
    for (number, (way, course)) in stage.ways.iter().zip(&courses).enumerate() {
        routed.height = course.heights.iter().fold(routed.height, |height, y| height.max(y + CLEAR));
        routed.lines.push(corners(way, course, &stage.stations, &columns, &|gap| {
            tracks.get(&(gap, number)).copied()
        }));
        routed.labels.push(course.label_column.and_then(|number| {
            let column = columns.get(number)?;
            let y = course.heights.get(number.checked_sub(course.first)?)?;
            Some((column.left + column.width / 2.0, *y))
        }));
    }
    routed
}

/// Places that the library computed by different sums are one column.
fn key(x: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a picture is not so wide")]
    {
        x.round() as i64
    }
}

/// The columns in which something stands or is written, numbered from left to right. In others lines only pass, which
/// they need not do at a certain height.
fn columns_of(stage: &Stage) -> BTreeMap<i64, usize> {
    let stations = stage.stations.iter().flatten().map(|station| (key(station.x), 0));
    let labels = stage.ways.iter().filter_map(|way| way.label).map(|(x, _)| (key(x), 0));
    let mut numbers: BTreeMap<i64, usize> = stations.chain(labels).collect();
    for (place, (_, number)) in numbers.iter_mut().enumerate() {
        *number = place;
    }
    numbers
}

/// The heights of a line: at first its ends are the middles of its stations.
fn course(way: &Way, stations: &[Option<Station>], numbers: &BTreeMap<i64, usize>) -> Course {
    let end = |number: usize| stations.get(number).copied().flatten();
    let (Some(left), Some(right)) = (end(way.left), end(way.right)) else {
        return Course { first: 0, heights: Vec::new(), label_column: None, shared: (None, None) };
    };
    let column_at = |x: f64| numbers.get(&key(x)).copied();
    let (first, last) = (column_at(left.x).unwrap_or(0), column_at(right.x).unwrap_or(0));
    let mut heights = vec![left.y; last.saturating_sub(first) + 1];
    for (x, y) in &way.passes {
        let place = column_at(*x).and_then(|column| column.checked_sub(first));
        if let Some(height) = place.and_then(|place| heights.get_mut(place)) {
            *height = *y;
        }
    }
    heights.last_mut().into_iter().for_each(|height| *height = right.y);
    let label_column = way.label.and_then(|(x, _)| column_at(x));
    Course { first, heights, label_column, shared: (None, None) }
}

/// One end of a line: its station, whether at the right side of it, the height of the next place, its look, and which line.
type End = (usize, bool, f64, usize, usize);

/// Lets lines leave and reach stations one below the other, in the order in which they come. Answers which ends are alone at
/// their side of a station.
fn spread_ends(stage: &Stage, courses: &mut [Course]) -> Vec<End> {
    let mut alone = Vec::new();
    let mut ends: Vec<End> = Vec::new();
    for (number, (way, course)) in stage.ways.iter().zip(courses.iter()).enumerate() {
        let second = course.heights.get(1).copied().unwrap_or_default();
        let before_last = course.heights.len().checked_sub(2).and_then(|place| course.heights.get(place));
        ends.push((way.left, true, second, way.look, number));
        ends.push((way.right, false, before_last.copied().unwrap_or_default(), way.look, number));
    }
    ends.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then(a.4.cmp(&b.4)));
    for side in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some(station) = side.first().and_then(|end| stage.stations.get(end.0).copied().flatten()) else {
            continue;
        };
        let slots = slots(side);
        let places = float(slots.iter().max().map_or(0, |slot| slot + 1)) + 1.0;
        let (top, height) = (station.y - station.height / 2.0, station.height - station.room);
        let is_shared = side.len() > MAX_PORTS;
        if let [end] = side {
            alone.push(*end);
        }
        for (slot, (station, is_right, _, _, line)) in slots.into_iter().zip(side) {
            let Some(course) = courses.get_mut(*line) else { continue };
            let place = is_shared.then_some((*station, *is_right, slot));
            let end = if *is_right {
                course.shared.0 = place;
                course.heights.first_mut()
            } else {
                course.shared.1 = place;
                course.heights.last_mut()
            };
            if let Some(end) = end {
                *end = top + height * (float(slot) + 1.0) / places;
            }
        }
    }
    alone
}

/// Moves ends that are alone at the right or left sides of stations to the height of the next place, as far as the station
/// reaches: a line without a bend is easier to follow.
fn level_ends(stage: &Stage, alone: &[End], at_right: bool, courses: &mut [Course]) {
    for (station, is_right, _, _, line) in alone.iter().filter(|end| end.1 == at_right) {
        let station = stage.stations.get(*station).copied().flatten();
        let heights = courses.get_mut(*line).map(|course| course.heights.as_mut_slice());
        let pair = match heights {
            Some([end, next, ..]) if *is_right => (end, *next),
            Some([.., next, end]) => (end, *next),
            _ => continue,
        };
        if let Some(Station { y, height, room, .. }) = station {
            let (top, bottom) = (y - height / 2.0 + ROUND, y + height / 2.0 - room - ROUND);
            *pair.0 = pair.1.clamp(top, bottom.max(top));
        }
    }
}

/// Which place from above each end of a side has: one each, or where they are too many one for each look.
fn slots(side: &[End]) -> Vec<usize> {
    if side.len() <= MAX_PORTS {
        return (0..side.len()).collect();
    }
    let mut looks: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (_, _, height, look, _) in side {
        let (sum, count) = looks.entry(*look).or_default();
        (*sum, *count) = (*sum + height, *count + 1.0);
    }
    let mut ranked: Vec<(usize, f64)> =
        looks.into_iter().map(|(look, (sum, count))| (look, sum / count)).collect();
    ranked.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let slot = |look: usize| ranked.iter().position(|(other, _)| *other == look).unwrap_or(0);
    side.iter().map(|end| slot(end.3)).collect()
}

/// Moves the heights at which lines pass columns towards where they come from, as far as others leave room: fewer bends.
fn straighten(stage: &Stage, numbers: &BTreeMap<i64, usize>, courses: &mut [Course]) {
    for column in 0..numbers.len() {
        // What is in the column: the middle, half its height, and which line it is.
        let mut inside: Vec<(f64, f64, Option<usize>)> = Vec::new();
        for station in stage.stations.iter().flatten() {
            if numbers.get(&key(station.x)) == Some(&column) {
                inside.push((station.y, station.height / 2.0, None));
            }
        }
        for (number, course) in courses.iter().enumerate() {
            let place = column.checked_sub(course.first).filter(|place| *place > 0);
            let is_last = |place: usize| place + 1 >= course.heights.len();
            if let Some(place) = place.filter(|place| !is_last(*place))
                && let Some(y) = course.heights.get(place)
            {
                let is_label = course.label_column == Some(column);
                let half = stage.ways.get(number).filter(|_| is_label).map_or(1.0, |way| way.label_half);
                inside.push((*y, half, Some(number)));
            }
        }
        inside.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let mut above = f64::NEG_INFINITY;
        for place in 0..inside.len() {
            let below = inside.get(place + 1).map_or(f64::INFINITY, |next| next.0 - next.1);
            let Some((y, half, line)) = inside.get_mut(place) else { continue };
            if let Some(course) = line.and_then(|line| courses.get_mut(line))
                && let Some(from) = column.checked_sub(course.first)
                && let Some(before) = from.checked_sub(1).and_then(|from| course.heights.get(from)).copied()
            {
                let (least, most) = (above + *half + CLEAR, below - *half - CLEAR);
                // Where there is no room at all it stays.
                if least <= most {
                    *y = before.clamp(least, most).max(0.0);
                    course.heights.get_mut(from).into_iter().for_each(|height| *height = *y);
                }
            }
            above = above.max(*y + *half);
        }
    }
}

/// Gives every line that bends in a gap a track, says where each track is, and moves the columns apart for them.
fn lay_tracks(columns: &mut [Column], courses: &[Course]) -> BTreeMap<(usize, usize), f64> {
    let mut places = BTreeMap::new();
    let mut left = 0.0;
    for gap in 0..columns.len() {
        let width = columns.get_mut(gap).map_or(0.0, |column| {
            column.left = left;
            column.width
        });
        let bends: Vec<Bend> = courses
            .iter()
            .enumerate()
            .filter_map(|(line, course)| {
                let place = gap.checked_sub(course.first)?;
                let (from, to) = (*course.heights.get(place)?, *course.heights.get(place + 1)?);
                let is_last = place + 2 == course.heights.len();
                let shared = course.shared.1.filter(|_| is_last).or(course.shared.0.filter(|_| place == 0));
                ((from - to).abs() > LEVEL).then_some(Bend { line, from, to, shared })
            })
            .collect();
        let (tracks, count) = tracks(&bends);
        let step = (MOST_TRACKS_ROOM / float(count.max(1))).clamp(LEAST_TRACK, TRACK);
        for (bend, track) in bends.iter().zip(tracks) {
            places.insert((gap, bend.line), left + width + BEFORE + step * (float(track) + 0.5));
        }
        left += width + BEFORE + step * float(count) + BEHIND;
    }
    places
}

/// The corners of a line, from its left end to its right one.
fn corners(
    way: &Way,
    course: &Course,
    stations: &[Option<Station>],
    columns: &[Column],
    track_in: &dyn Fn(usize) -> Option<f64>,
) -> Vec<Point> {
    let side = |number: usize, column: usize, sign: f64| {
        let station = stations.get(number).copied().flatten()?;
        let column = columns.get(column)?;
        Some(column.left + column.width / 2.0 + sign * station.width / 2.0)
    };
    let last = course.first + course.heights.len().saturating_sub(1);
    let (Some(from), Some(to)) = (side(way.left, course.first, 1.0), side(way.right, last, -1.0)) else {
        return Vec::new();
    };
    let (Some(first_y), Some(last_y)) = (course.heights.first(), course.heights.last()) else {
        return Vec::new();
    };
    let mut points = vec![(from, *first_y)];
    for (gap, pair) in (course.first..).zip(course.heights.windows(2)) {
        if let ([above, below], Some(x)) = (pair, track_in(gap)) {
            points.extend([(x, *above), (x, *below)]);
        }
    }
    points.push((to, *last_y));
    points
}
