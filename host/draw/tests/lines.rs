//! Lines keep away from boxes and from each other, end apart, and are few where boxes share them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it unwraps")]

use std::collections::HashMap;

use codestrata_draw::{Arrow, Certainty, Picture, Shape, limits};

type Point = (f64, f64);

/// A box or a frame: left, top, right and bottom.
type Area = [f64; 4];

/// What a picture shows.
struct Seen {
    boxes: Vec<Area>,
    frames: Vec<Area>,
    lines: Vec<SeenLine>,
    size: Point,
}

struct SeenLine {
    arrows: Vec<usize>,
    corners: Vec<Point>,
    head: Point,
}

fn attributes(element: &str) -> HashMap<&str, &str> {
    let named = element.split('"').collect::<Vec<_>>();
    named.chunks_exact(2).map(|pair| (pair[0].trim().trim_end_matches('='), pair[1])).collect()
}

fn area(element: &str) -> Area {
    let of = attributes(element);
    let number = |name: &str| of[name].parse::<f64>().unwrap();
    let (left, top) = (number("x"), number("y"));
    [left, top, left + number("width"), top + number("height")]
}

/// The elements that begin so, without that beginning, up to their end.
fn elements<'a>(svg: &'a str, beginning: &'a str) -> impl Iterator<Item = &'a str> {
    svg.split(beginning).skip(1).map(|rest| rest.split("/>").next().unwrap())
}

/// The corners of a path. A round one is taken as the corner that it rounds.
fn corners(path: &str) -> Vec<Point> {
    let mut found = Vec::new();
    for step in path.split_inclusive(['M', 'L', 'Q']).zip(path.split(['M', 'L', 'Q']).skip(1)) {
        let numbers: Vec<f64> = step
            .1
            .split([' ', 'z'])
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().unwrap())
            .collect();
        found.push((numbers[0], numbers[1]));
    }
    found
}

fn seen(picture: &Picture) -> Seen {
    let svg = picture.to_svg().unwrap();
    let graph = svg.split("class=\"graph\"").nth(1).unwrap().split("class=\"legend\"").next().unwrap();
    let boxes = graph.split("<g class=\"shape").skip(1);
    let boxes = boxes.map(|shape| area(elements(shape, "<rect").next().unwrap())).collect();
    let frames = elements(graph, "<rect class=\"frame\"").map(area).collect();
    let lines = graph.split("<g class=\"arrow").skip(1).map(|line| {
        let numbers = line.split("data-arrows=\"").nth(1).unwrap().split('"').next().unwrap();
        let paths: Vec<&str> =
            line.split(" d=\"").skip(1).take(2).map(|path| path.split('"').next().unwrap()).collect();
        SeenLine {
            arrows: numbers.split(' ').map(|number| number.parse().unwrap()).collect(),
            corners: corners(paths[0]),
            head: corners(paths[1])[0],
        }
    });
    let root = attributes(svg.split("<svg ").nth(1).unwrap().split('>').next().unwrap());
    let size = (root["width"].parse().unwrap(), root["height"].parse().unwrap());
    Seen { boxes, frames, lines: lines.collect(), size }
}

/// Boxes with arrows that an even generator draws, the same every time.
fn random(shapes: usize, arrows: usize, seed: u64) -> Picture {
    let mut picture = Picture::new("random");
    for number in 0..shapes {
        let kind = ["class", "function", "method"][number % 3];
        let name = format!("name{}", "x".repeat(number % 23));
        picture.add(Shape::new(number.to_string(), name, kind).at(format!("a/b.py:{number}")));
    }
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..arrows {
        let (source, target, kind) = (next() % shapes, next() % shapes, next() % 2);
        let arrow = Arrow::new(source, target, ["calls", "accesses"][kind], Certainty::Certain);
        picture.connect(if next() % 9 == 0 { arrow.times(1_234).labelled() } else { arrow });
    }
    picture
}

/// A chain that is so long that it is cut and stands in bands, with arrows that skip some of its boxes.
fn deep(boxes: usize, seed: usize) -> Picture {
    let mut picture = Picture::new("deep");
    for number in 0..boxes {
        picture.add(Shape::new(number.to_string(), format!("name{number}"), "function").at("a/b.py"));
    }
    for number in 1..boxes {
        picture.connect(Arrow::new(number - 1, number, "calls", Certainty::Certain));
        if number % (3 + seed) == 0 {
            picture.connect(Arrow::new(number.saturating_sub(4), number, "accesses", Certainty::Certain));
            picture.connect(Arrow::new(number, number - 2, "accesses", Certainty::Certain));
        }
    }
    picture
}

/// Pictures of many shapes, and what tells them apart where one fails.
fn random_and_deep(shapes: usize, arrows: usize) -> impl Iterator<Item = (String, Picture)> {
    let random = (0..30).map(move |seed| (format!("random {seed}"), random(shapes, arrows, seed)));
    random.chain((0..6).map(|seed| (format!("deep {seed}"), deep(60, seed))))
}

#[test]
fn a_long_chain_stands_in_bands_below_each_other() {
    let seen = seen(&deep(60, 0));
    // One to each after the first, and two for each third.
    assert_eq!((seen.boxes.len(), seen.lines.len()), (60, 59 + 2 * 19));
    assert!((0.5..3.0).contains(&(seen.size.0 / seen.size.1)), "{:?}", seen.size);
}

/// How far two level or upright pieces of lines lie on each other.
fn overlap(a: (Point, Point), b: (Point, Point)) -> f64 {
    let shared =
        |a: (f64, f64), b: (f64, f64)| a.0.max(a.1).min(b.0.max(b.1)) - a.0.min(a.1).max(b.0.min(b.1));
    let ((a1, a2), (b1, b2)) = (a, b);
    let is_near = |a: f64, b: f64| (a - b).abs() < 0.9;
    if is_near(a1.0, a2.0) && is_near(b1.0, b2.0) && is_near(a1.0, b1.0) {
        shared((a1.1, a2.1), (b1.1, b2.1))
    } else if is_near(a1.1, a2.1) && is_near(b1.1, b2.1) && is_near(a1.1, b1.1) {
        shared((a1.0, a2.0), (b1.0, b2.0))
    } else {
        0.0
    }
}

#[test]
fn no_line_runs_behind_a_box_or_a_frame() {
    for (seed, picture) in random_and_deep(40, 70) {
        let seen = seen(&picture);
        for line in &seen.lines {
            // The last piece ends within the head, which touches its box.
            for piece in line.corners.windows(2) {
                let (left, right) = (piece[0].0.min(piece[1].0) + 0.6, piece[0].0.max(piece[1].0) - 0.6);
                let (top, bottom) = (piece[0].1.min(piece[1].1) + 0.2, piece[0].1.max(piece[1].1) - 0.2);
                let meets = |area: &&Area| {
                    let [a, b, c, d] = **area;
                    left.max(a + 0.5) < right.max(left).min(c - 0.5)
                        && top.max(b + 0.5) < bottom.max(top + 0.1).min(d - 0.5)
                };
                let hit = seen.boxes.iter().chain(&seen.frames).find(meets);
                assert!(hit.is_none(), "{:?} of arrows {:?} behind {hit:?}, seed {seed}", piece, line.arrows);
            }
        }
    }
}

#[test]
fn lines_lie_beside_each_other_and_not_on_each_other() {
    for (seed, picture) in random_and_deep(30, 45) {
        let seen = seen(&picture);
        for (number, one) in seen.lines.iter().enumerate() {
            for other in &seen.lines[..number] {
                for a in one.corners.windows(2) {
                    for b in other.corners.windows(2) {
                        let overlap = overlap((a[0], a[1]), (b[0], b[1]));
                        let arrows = (&one.arrows, &other.arrows);
                        assert!(overlap < 8.0, "{a:?} and {b:?} of {arrows:?}, seed {seed}");
                    }
                }
            }
        }
    }
}

#[test]
fn arrowheads_end_apart_and_at_their_boxes() {
    for (seed, picture) in random_and_deep(40, 70) {
        let seen = seen(&picture);
        for (number, line) in seen.lines.iter().enumerate() {
            let touches = |area: &Area| {
                let [left, top, right, bottom] = *area;
                let (x, y) = line.head;
                let is_beside = ((x - left).abs() < 0.2 || (x - right).abs() < 0.2) && y > top && y < bottom;
                is_beside || (((y - top).abs() < 0.2 || (y - bottom).abs() < 0.2) && x > left && x < right)
            };
            assert!(seen.boxes.iter().chain(&seen.frames).any(touches), "{:?}, seed {seed}", line.head);
            for other in &seen.lines[..number] {
                let distance = (line.head.0 - other.head.0).hypot(line.head.1 - other.head.1);
                assert!(distance > 6.0, "{:?} and {:?}, seed {seed}", line.arrows, other.arrows);
            }
        }
    }
}

#[test]
fn names_fit_into_their_boxes() {
    let picture = random(60, 80, 1);
    let svg = picture.to_svg().unwrap();
    for shape in svg.split("<g class=\"shape").skip(1).map(|rest| rest.split("</g>").next().unwrap()) {
        let [left, _, right, _] = area(elements(shape, "<rect").next().unwrap());
        for text in shape.split("<text ").skip(1) {
            let (size, column) = if text.contains("font-size=\"10\"") { (10.0, 6.1) } else { (12.0, 7.3) };
            let letters = text.split('>').nth(1).unwrap().split('<').next().unwrap().chars().count();
            let width = column * f64::from(u32::try_from(letters).unwrap());
            assert!(width < right - left, "{text} of {size} pixels is wider than its box");
        }
    }
}

/// A function that so many others call.
fn hub(callers: usize) -> Picture {
    let mut picture = Picture::new("a hub");
    let hub = picture.add(Shape::new("hub", "hub", "function").as_centre());
    for number in 0..callers {
        let caller = picture.add(Shape::new(number.to_string(), format!("caller{number}"), "function"));
        picture.connect(Arrow::new(caller, hub, "calls", Certainty::Certain));
    }
    picture
}

#[test]
fn boxes_with_the_same_neighbours_stand_in_one_frame_and_share_its_arrow() {
    let seen = seen(&hub(100));
    assert_eq!((seen.boxes.len(), seen.frames.len(), seen.lines.len()), (101, 1, 1));
    assert_eq!(seen.lines[0].arrows.len(), 100);
    let [left, top, right, bottom] = seen.frames[0];
    let inside = |area: &&Area| area[0] > left && area[1] > top && area[2] < right && area[3] < bottom;
    assert_eq!(seen.boxes.iter().filter(inside).count(), 100);
    let ratio = seen.size.0 / seen.size.1;
    assert!((0.4..3.0).contains(&ratio), "a hundred callers are no stripe: {:?}", seen.size);
    let few = self::seen(&hub(limits::LEAST_PANEL - 1));
    assert_eq!((few.frames.len(), few.lines.len()), (0, limits::LEAST_PANEL - 1));
}

#[test]
fn arrows_that_are_too_many_for_a_side_of_a_box_share_one_place() {
    // Each caller has something of its own too, so that no two are alike.
    let crowd = |callers: usize| {
        let mut picture = hub(callers);
        for number in 0..callers {
            let own = picture.add(Shape::new(format!("own{number}"), format!("own{number}"), "class"));
            picture.connect(Arrow::new(number + 1, own, "uses_type", Certainty::Certain));
        }
        seen(&picture)
    };
    let heads = |seen: &Seen| {
        let [left, top, right, bottom] = seen.boxes[0];
        let mut heads: Vec<(i64, i64)> = Vec::new();
        for (x, y) in seen.lines.iter().map(|line| line.head) {
            if x > left - 0.2 && x < right + 0.2 && y > top - 0.2 && y < bottom + 0.2 {
                #[expect(clippy::cast_possible_truncation, reason = "a picture is not so high")]
                heads.push((x.round() as i64, y.round() as i64));
            }
        }
        heads.sort_unstable();
        heads.dedup();
        heads.len()
    };
    assert_eq!(heads(&crowd(limits::MAX_PORTS)), limits::MAX_PORTS);
    let crowded = crowd(limits::MAX_PORTS + 1);
    assert_eq!(heads(&crowded), 1);
    assert_eq!(crowded.lines.len(), 2 * (limits::MAX_PORTS + 1), "each has a line still");
}

#[test]
fn arrows_from_a_box_to_itself_lie_below_it_side_by_side() {
    let mut picture = Picture::new("loops");
    let one = picture.add(Shape::new("one", "recursive", "function"));
    for kind in ["calls", "accesses"] {
        picture.connect(Arrow::new(one, one, kind, Certainty::Certain));
    }
    let seen = seen(&picture);
    let [left, _, right, bottom] = seen.boxes[0];
    let heads: Vec<Point> = seen.lines.iter().map(|line| line.head).collect();
    assert!(heads.iter().all(|(x, y)| (y - bottom).abs() < 0.2 && *x > left && *x < right), "{heads:?}");
    assert!((heads[0].0 - heads[1].0).abs() > 8.0, "{heads:?}");
}

#[test]
fn the_count_is_written_at_lines_that_want_it() {
    let mut picture = hub(2);
    assert!(!picture.to_svg().unwrap().contains("class=\"count\""));
    picture.connect(Arrow::new(1, 2, "refers to", Certainty::Certain).times(96_228).labelled());
    let svg = picture.to_svg().unwrap();
    assert_eq!(svg.matches("class=\"count\"").count(), 1);
    assert!(svg.contains(">96,228</text>"), "{svg}");
}

#[test]
fn an_arrow_that_is_only_listed_is_known_to_a_page_and_drawn_nowhere() {
    let mut picture = hub(2);
    let drawn = picture.clone();
    picture.connect(Arrow::new(0, 1, "imports", Certainty::Likely).only_listed());
    assert_eq!(picture.to_svg(), drawn.to_svg());
    assert_eq!(picture.to_dot(), drawn.to_dot());
    assert_eq!(picture.to_mermaid(), drawn.to_mermaid());
    let page = picture.to_html().unwrap();
    assert!(page.contains("\"kind\":\"imports\""), "{page}");
    assert_eq!(page.matches("data-arrows=").count(), 2);
    // Drawn once is drawn.
    picture.connect(Arrow::new(0, 1, "imports", Certainty::Likely));
    assert_ne!(picture.to_svg(), drawn.to_svg());
}
