//! Pictures are compact, what they are about is in their middle, and what is written above and below them is what is drawn.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it unwraps")]

use std::collections::{BTreeMap, BTreeSet};

use codestrata_draw::{Arrow, Certainty, Picture, Shape};

/// Where something is: left, top, right and bottom.
type Area = [f64; 4];

/// What can be measured of a picture.
struct Measured {
    width: f64,
    height: f64,
    /// Without what is written above and below: where boxes and lines are.
    drawn: Area,
    boxes: Vec<Area>,
    centre: Option<Area>,
}

impl Measured {
    fn of(picture: &Picture) -> Self {
        let svg = picture.to_svg().unwrap();
        let graph = graph(&svg);
        let number = |text: &str, name: &str| -> f64 {
            let value = text.split(&format!(" {name}=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        };
        let area = |rect: &str| {
            let (left, top) = (number(rect, "x"), number(rect, "y"));
            [left, top, left + number(rect, "width"), top + number(rect, "height")]
        };
        let shapes: Vec<&str> = graph.split("<g class=\"shape").skip(1).collect();
        let rect = |shape: &&str| area(shape.split("<rect").nth(1).unwrap());
        let boxes: Vec<Area> = shapes.iter().map(rect).collect();
        let centre = shapes.iter().position(|shape| shape.split('"').next().unwrap().ends_with(" centre"));
        let corners = graph.split(" d=\"").skip(1).flat_map(|path| {
            let path = path.split('"').next().unwrap();
            let numbers: Vec<f64> =
                path.split(['M', 'L', 'Q', 'z', ' ']).filter_map(|part| part.parse().ok()).collect();
            numbers.chunks_exact(2).map(|pair| [pair[0], pair[1], pair[0], pair[1]]).collect::<Vec<_>>()
        });
        let drawn = boxes.iter().copied().chain(corners).reduce(|all, one| {
            [all[0].min(one[0]), all[1].min(one[1]), all[2].max(one[2]), all[3].max(one[3])]
        });
        let root = svg.split("<svg").nth(1).unwrap();
        Self {
            width: number(root, "width"),
            height: number(root, "height"),
            drawn: drawn.unwrap(),
            centre: centre.map(|centre| boxes[centre]),
            boxes,
        }
    }

    /// How much of what is drawn is boxes.
    fn used(&self) -> f64 {
        let size = |area: &Area| (area[2] - area[0]) * (area[3] - area[1]);
        self.boxes.iter().map(size).sum::<f64>() / size(&self.drawn)
    }

    /// Where the middle of the centre is: 0 is the left or upper end of what is drawn, 1 the other one.
    fn middle(&self) -> (f64, f64) {
        let (centre, drawn) = (self.centre.unwrap(), self.drawn);
        let part = |from: usize| {
            let middle = f64::midpoint(centre[from], centre[from + 2]);
            (middle - drawn[from]) / (drawn[from + 2] - drawn[from])
        };
        (part(0), part(1))
    }
}

fn graph(svg: &str) -> &str {
    svg.split("class=\"graph\"").nth(1).unwrap().split("class=\"legend\"").next().unwrap()
}

fn named(number: usize) -> Shape {
    let name = format!("Part{}.method_{number}", "x".repeat(number * 7 % 17));
    Shape::new(number.to_string(), name, ["method", "class", "function"][number % 3])
        .at(format!("a/b.py:{number}"))
}

fn about_first(number: usize) -> Shape {
    if number == 0 { named(0).as_centre() } else { named(number) }
}

fn join(picture: &mut Picture, source: usize, target: usize) {
    picture.connect(Arrow::new(source, target, "calls", Certainty::Certain));
}

/// A tree, in which some also call others across it.
fn tree(boxes: usize) -> Picture {
    let mut picture = Picture::new("a tree");
    (0..boxes).for_each(|number| _ = picture.add(named(number)));
    for number in 1..boxes {
        join(&mut picture, number / 3, number);
        if number % 4 == 0 {
            join(&mut picture, number, number * 7 % boxes);
        }
    }
    picture
}

/// A function that calls all others, each of which calls another one, so that no two are alike.
fn fan(boxes: usize) -> Picture {
    let mut picture = Picture::new("a fan");
    (0..boxes).for_each(|number| _ = picture.add(about_first(number)));
    for number in 1..boxes {
        join(&mut picture, 0, number);
        if number % 2 == 0 {
            join(&mut picture, number - 1, number);
        }
    }
    picture
}

/// Callers and callees of a function, as many of each.
fn hub(boxes: usize, are_alike: bool) -> Picture {
    let mut picture = Picture::new("a hub");
    (0..boxes).for_each(|number| _ = picture.add(about_first(number)));
    for number in 1..boxes {
        let (source, target) = if number % 2 == 0 { (0, number) } else { (number, 0) };
        join(&mut picture, source, target);
        if !are_alike && number % 8 < 4 && number > 4 {
            picture.connect(Arrow::new(number, number - 4, "accesses", Certainty::Likely));
        }
    }
    picture
}

/// A function with many callers that are alike, some callees, and a caller whose own caller calls it too.
fn crowd(callers: usize) -> Picture {
    let mut picture = Picture::new("a crowd");
    (0..callers + 8).for_each(|number| _ = picture.add(about_first(number)));
    (8..callers + 8).for_each(|caller| join(&mut picture, caller, 0));
    (1..6).for_each(|callee| join(&mut picture, 0, callee));
    join(&mut picture, 6, 0);
    join(&mut picture, 7, 6);
    join(&mut picture, 7, 0);
    picture
}

fn chain(boxes: usize) -> Picture {
    let mut picture = Picture::new("a chain");
    (0..boxes).for_each(|number| _ = picture.add(named(number)));
    (1..boxes).for_each(|number| join(&mut picture, number - 1, number));
    picture
}

#[test]
fn small_and_large_pictures_are_about_as_wide_as_a_window_and_hold_no_more_than_they_need() {
    for boxes in [5, 30, 60, 150] {
        let pictures = [
            ("tree", tree(boxes)),
            ("fan", fan(boxes)),
            ("hub of alike", hub(boxes, true)),
            ("hub", hub(boxes, false)),
            ("chain", chain(boxes)),
        ];
        for (name, picture) in pictures {
            let measured = Measured::of(&picture);
            let (ratio, used) = (measured.width / measured.height, measured.used());
            assert!((0.9..2.2).contains(&ratio), "{name} of {boxes}: {ratio:.2} times as wide as high");
            assert!(used > 0.15, "{name} of {boxes}: {used:.2} of it is boxes");
        }
    }
}

#[test]
fn what_a_picture_is_about_is_in_its_middle() {
    let is_middle = |place: f64| (1.0 / 3.0..2.0 / 3.0).contains(&place);
    for boxes in [5, 30, 60, 150] {
        for picture in [hub(boxes, true), hub(boxes, false)] {
            let (x, y) = Measured::of(&picture).middle();
            assert!(is_middle(x) && is_middle(y), "{boxes}: {x:.2} {y:.2}");
        }
        // What calls all others stands before them, and what has far more callers than callees behind them: in the middle
        // of that side.
        for picture in [fan(boxes), crowd(boxes)] {
            let (x, y) = Measured::of(&picture).middle();
            assert!(is_middle(x) || is_middle(y), "{boxes}: {x:.2} {y:.2}");
        }
    }
}

#[test]
fn the_heading_the_legend_and_what_is_drawn_have_the_same_numbers() {
    let mut many = tree(60);
    // Each stands for many relations, and is one arrow.
    many.connect(Arrow::new(3, 50, "uses_type", Certainty::Certain).times(1_000));
    for picture in [many, hub(60, true), hub(60, false), chain(4)] {
        let svg = picture.to_svg().unwrap();
        let graph = graph(&svg);
        let lines = graph.matches("<g class=\"arrow").count();
        let arrows: BTreeSet<&str> = graph
            .split("data-arrows=\"")
            .skip(1)
            .flat_map(|list| list.split('"').next().unwrap().split(' '))
            .collect();
        let boxes = graph.matches("<g class=\"shape").count();
        let shown = if lines == arrows.len() { String::new() } else { format!(" drawn as {lines} lines") };
        let heading = format!(">{boxes} boxes, {} arrows{shown}</text>", arrows.len());
        assert!(svg.contains(&heading), "{heading} is missing");
        let legend = svg.split("class=\"legend\"").nth(1).unwrap();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for text in legend.split("</text>").filter_map(|item| item.rsplit('>').next()) {
            if let Some((name, count)) = text.split_once(" (") {
                counts.insert(name, count.split(')').next().unwrap().parse().unwrap());
            }
        }
        let sum = |names: &[&str]| names.iter().filter_map(|name| counts.get(name)).sum::<usize>();
        assert_eq!(sum(&["calls", "accesses", "uses_type"]), arrows.len(), "{counts:?}");
        assert_eq!(sum(&["method", "class", "function"]), boxes, "{counts:?}");
    }
}

#[test]
fn arrows_of_one_kind_have_the_colour_of_their_box_where_they_are_many() {
    let colours = |picture: &Picture| {
        let svg = picture.to_svg().unwrap();
        let strokes = graph(&svg).split("class=\"line\"").skip(1).map(|line| {
            let colour = line.split("stroke=\"").nth(1).unwrap();
            colour.split('"').next().unwrap().to_owned()
        });
        (strokes.collect::<BTreeSet<String>>().len(), svg.contains("in one colour"))
    };
    assert_eq!(colours(&chain(20)), (7, true));
    assert_eq!(colours(&chain(4)), (1, false));
    assert_eq!(colours(&hub(30, false)), (2, false), "with several kinds colours are those of the kinds");
}

#[test]
fn a_small_picture_stands_in_the_middle_below_a_long_heading() {
    let mut picture = Picture::new("a heading that is far longer than the picture is wide ".repeat(3));
    let only = picture.add(named(1));
    let other = picture.add(named(2));
    join(&mut picture, only, other);
    let svg = picture.to_svg().unwrap();
    let measured = Measured::of(&picture);
    let moved: f64 =
        graph(&svg).split("translate(").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let middle = moved + f64::midpoint(measured.drawn[0], measured.drawn[2]);
    assert!((middle - measured.width / 2.0).abs() < 2.0, "{middle} of {}", measured.width);
}
