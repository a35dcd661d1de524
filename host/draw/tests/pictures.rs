//! Pictures are well-formed, fixed, bounded, and say what they were given, however odd it is.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it unwraps"
)]

use std::collections::HashMap;

use codestrata_draw::{Arrow, Certainty, DrawError, Picture, Shape, limits};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Names that mean something to XML, HTML, Graphviz, Mermaid or a terminal.
const ODD: [&str; 12] = [
    "operator<=>",
    "</script><script>alert(1)</script>",
    "a\"b'c`d\\e",
    "&amp; &lt; %%{init}%% #35;",
    "]]>",
    "-- > <!--title-->",
    "\u{0}\u{7}\u{1b}[31m\n\ttwo lines",
    "数え上げる関数",
    "\u{202e}drawkcab\u{202c}",
    "\\N\\G\\l",
    "",
    "end",
];

/// A tree of boxes with some arrows across.
fn tree(shapes: usize) -> Picture {
    let mut picture = Picture::new("a tree");
    for number in 0..shapes {
        let kind = ["class", "function", "method", "variable"][number % 4];
        picture.add(
            Shape::new(format!("id{number}"), format!("name{number}"), kind).at(format!("a.py:{number}")),
        );
    }
    for number in 1..shapes {
        picture.connect(Arrow::new(number, number / 3, "calls", Certainty::Certain));
        if number % 7 == 0 {
            picture.connect(Arrow::new(number, number - 5, "uses_type", Certainty::Likely));
        }
    }
    picture
}

fn odd() -> Picture {
    let mut picture = Picture::new(ODD.join(" "));
    picture.remark(ODD.join(" "));
    for name in ODD {
        picture.add(Shape::new(name, name, name).at(name).with_detail(name, name));
    }
    for (number, name) in ODD.into_iter().enumerate() {
        picture.connect(Arrow::new(number, (number + 1) % ODD.len(), name, Certainty::Doubtful));
        picture.connect(Arrow::new(number, number, "calls", Certainty::Certain));
    }
    picture
}

/// The texts of a document; fails unless it is well-formed.
fn texts(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut texts, mut current, mut depth) = (Vec::new(), String::new(), 0_usize);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {xml}")) {
            Event::Start(start) => {
                depth += 1;
                for attribute in start.attributes() {
                    attribute.unwrap().unescape_value().unwrap();
                }
                current.clear();
            }
            Event::Empty(empty) => empty.attributes().for_each(|attribute| {
                attribute.unwrap().unescape_value().unwrap();
            }),
            Event::Text(text) => current.push_str(&text.decode().unwrap()),
            Event::GeneralRef(name) => {
                current.push_str(match &*name.decode().unwrap() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "#39" => "'",
                    other => panic!("an entity that XML does not know: {other}"),
                });
            }
            Event::End(_) => {
                depth -= 1;
                texts.push(std::mem::take(&mut current));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    texts
}

#[test]
fn an_svg_of_odd_names_is_well_formed_and_has_them_all() {
    let texts = texts(&odd().to_svg().unwrap());
    for name in ODD {
        let drawable: String =
            name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        if drawable == name && name.chars().count() <= 20 && !name.contains('\u{202e}') {
            assert!(texts.iter().any(|text| text == name), "{name:?} is missing in {texts:?}");
        }
    }
}

#[test]
fn a_page_of_odd_names_has_no_script_but_its_own() {
    let page = odd().to_html().unwrap();
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    assert_eq!(page.matches("</script").count(), 2);
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let labels: Vec<&str> =
        data["shapes"].as_array().unwrap().iter().map(|shape| shape["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ODD);
    let address = ["http://", "https://", "//cdn", "@import", "url("];
    let links = |text: &str| address.iter().filter(|address| text.contains(**address)).count();
    let without_namespace = page.replace("http://www.w3.org/2000/svg", "").replace("url(#head", "");
    assert_eq!(links(&without_namespace), 0, "a page loads nothing");
}

#[test]
fn boxes_do_not_overlap_and_lie_inside_of_the_picture() {
    for shapes in [1, 5, 150] {
        let svg = tree(shapes).to_svg().unwrap();
        let mut boxes: Vec<[f64; 4]> = Vec::new();
        for shape in svg.split("<g class=\"shape ").skip(1) {
            let rect = shape.split("<rect ").nth(1).unwrap().split("/>").next().unwrap();
            let of: HashMap<&str, f64> = rect
                .split_whitespace()
                .filter_map(|attribute| attribute.split_once('='))
                .filter_map(|(name, value)| Some((name, value.trim_matches('"').parse().ok()?)))
                .collect();
            boxes.push([of["x"], of["y"], of["x"] + of["width"], of["y"] + of["height"]]);
        }
        assert_eq!(boxes.len(), shapes);
        for (number, one) in boxes.iter().enumerate() {
            assert!(one[0] >= -0.1 && one[1] >= -0.1, "{one:?} of {shapes} lies outside");
            for other in &boxes[..number] {
                let apart =
                    one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
                assert!(apart, "{one:?} and {other:?} of {shapes} overlap");
            }
        }
    }
}

#[test]
fn one_picture_gives_one_text() {
    let (one, other) = (tree(120), tree(120));
    assert_eq!(one.to_svg(), other.to_svg());
    assert_eq!(one.to_html(), other.to_html());
    assert_eq!(one.to_dot(), other.to_dot());
    assert_eq!(one.to_mermaid(), other.to_mermaid());
}

#[test]
fn parallel_arrows_of_a_kind_are_one_that_is_as_sure_as_the_surest() {
    let mut picture = tree(2);
    picture.connect(Arrow::new(0, 1, "accesses", Certainty::Doubtful).times(3));
    picture.connect(Arrow::new(0, 1, "accesses", Certainty::Likely));
    let dot = picture.to_dot().unwrap();
    assert!(dot.contains("n0 -> n1 [label=\"accesses ×4\""), "{dot}");
    assert!(dot.contains("style=dashed") && !dot.contains("style=dotted"), "{dot}");
}

#[test]
fn an_arrow_to_a_box_that_is_not_there_is_left_out() {
    let mut picture = tree(2);
    picture.connect(Arrow::new(0, 2, "calls", Certainty::Certain));
    assert_eq!(picture.to_svg(), tree(2).to_svg());
}

#[test]
fn boxes_without_arrows_and_no_boxes_at_all_are_pictures_too() {
    let mut alone = Picture::new("alone");
    for number in 0..40 {
        alone.add(Shape::new(format!("id{number}"), format!("name{number}"), "file"));
    }
    assert_eq!(texts(&alone.to_svg().unwrap()).iter().filter(|text| text.starts_with("name")).count(), 40);
    assert!(texts(&Picture::new("nothing").to_svg().unwrap()).contains(&"0 boxes, 0 arrows".to_owned()));
}

#[test]
fn a_picture_just_over_the_limits_is_refused_and_one_at_them_is_text() {
    let mut picture = Picture::new("many");
    for number in 0..limits::MAX_SHAPES {
        picture.add(Shape::new(number.to_string(), "x", "file"));
    }
    for number in 0..limits::MAX_ARROWS {
        let (source, target) = (number % limits::MAX_SHAPES, number / limits::MAX_SHAPES);
        picture.connect(Arrow::new(source, target, "calls", Certainty::Certain));
    }
    assert!(picture.to_dot().is_ok());
    let mut wider = picture.clone();
    wider.add(Shape::new("one more", "x", "file"));
    let (shapes, arrows) = (limits::MAX_SHAPES + 1, limits::MAX_ARROWS);
    assert_eq!(wider.to_dot(), Err(DrawError::TooLarge { shapes, arrows }));
    assert_eq!(wider.to_svg(), Err(DrawError::TooLarge { shapes, arrows }));
    picture.connect(Arrow::new(0, 1, "imports", Certainty::Certain));
    let (shapes, arrows) = (limits::MAX_SHAPES, limits::MAX_ARROWS + 1);
    assert_eq!(picture.to_mermaid(), Err(DrawError::TooLarge { shapes, arrows }));
}

#[test]
fn arrows_that_are_only_listed_have_a_limit_of_their_own() {
    let mut picture = Picture::new("many");
    for number in 0..limits::MAX_SHAPES {
        picture.add(Shape::new(number.to_string(), "x", "file"));
    }
    for number in 0..limits::MAX_LISTED_ARROWS {
        let (source, target) = (number % limits::MAX_SHAPES, number / limits::MAX_SHAPES);
        picture.connect(Arrow::new(source, target, "calls", Certainty::Certain).only_listed());
    }
    assert!(picture.to_dot().is_ok());
    picture.connect(Arrow::new(0, 1, "imports", Certainty::Certain).only_listed());
    let (shapes, arrows) = (limits::MAX_SHAPES, limits::MAX_LISTED_ARROWS + 1);
    assert_eq!(picture.to_dot(), Err(DrawError::TooLarge { shapes, arrows }));
}

#[test]
fn long_names_keep_both_ends() {
    let mut picture = Picture::new("long");
    picture.add(Shape::new("id", format!("begin{}end", "x".repeat(500)), "function"));
    let svg = picture.to_svg().unwrap();
    let label = texts(&svg).into_iter().find(|text| text.starts_with("begin")).unwrap();
    assert!(label.ends_with("xend") && label.chars().count() <= limits::MAX_LABEL_COLUMNS, "{label}");
}
