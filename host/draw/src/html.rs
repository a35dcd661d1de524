//! A picture as an HTML page that stands by itself.
//!
//! The page loads nothing and may load nothing: its policy says so. The texts of the graph come into it as escaped
//! markup and as JSON, never as script.

use std::fmt::Write as _;

use serde::Serialize;

use crate::layout::Layout;
use crate::legend::{self, Sign};
use crate::palette;
use crate::picture::{Arrow, Picture, Shape};
use crate::svg;
use crate::text::escaped;

const TEMPLATE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What the script knows of the picture.
#[derive(Serialize)]
struct Data<'a> {
    shapes: &'a [Shape],
    arrows: &'a [Arrow],
}

/// The page of what is drawn, and of all arrows: those that are drawn, and after them those that are only listed.
pub(crate) fn page(picture: &Picture, arrows: &[Arrow], layout: &Layout) -> String {
    let data = Data { shapes: &picture.shapes, arrows };
    // Nothing in it can end the element that it stands in.
    let data = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    // One pass over the template: a text of the graph that looks like a place to fill in stays what it is.
    let mut out = String::with_capacity(TEMPLATE.len() + data.len());
    for piece in TEMPLATE.split("<!--") {
        let (name, rest) = piece.split_once("-->").unwrap_or(("", piece));
        match name {
            "title" => out.push_str(&escaped(&picture.title)),
            "style" => out.push_str(STYLE),
            "colours" => out.push_str(&colours(picture)),
            "remarks" => {
                for remark in svg::remarks(picture, layout) {
                    let _ = write!(out, "<li>{}</li>", escaped(&remark));
                }
            }
            "picture" => out.push_str(&svg::element(picture, layout)),
            "legend" => out.push_str(&legend(picture, layout)),
            "data" => out.push_str(&data),
            "script" => out.push_str(SCRIPT),
            _ => {}
        }
        out.push_str(rest);
    }
    out
}

/// The colours of each kind, for a style that mixes others from them where it is dark.
fn colours(picture: &Picture) -> String {
    let mut out = String::new();
    for (number, (kind, _)) in picture.kinds().into_iter().enumerate() {
        let _ = writeln!(out, ".k{number} {{ --line: {}; }}", palette::of_kind(kind).border);
    }
    for (number, (kind, _)) in picture.arrow_kinds().into_iter().enumerate() {
        let _ = writeln!(out, ".a{number} {{ --line: {}; }}", palette::of_arrow(kind));
    }
    out
}

/// The legend; what explains a kind is a button that hides it.
fn legend(picture: &Picture, layout: &Layout) -> String {
    let mut out = String::new();
    let (mut kinds, mut arrows) = (0, 0);
    for item in legend::items(picture, layout) {
        let sign = format!(
            "<svg width=\"26\" height=\"16\" viewBox=\"-1 -13 26 18\" aria-hidden=\"true\">{}</svg>",
            item.sign.drawn()
        );
        let text = escaped(&item.text);
        let class = match item.sign {
            Sign::Kind(..) => {
                kinds += 1;
                format!("k{}", kinds - 1)
            }
            Sign::Arrow(..) | Sign::Sources(_) => {
                arrows += 1;
                format!("a{}", arrows - 1)
            }
            Sign::Line(_) | Sign::Frame => {
                let _ = writeln!(out, "<li><span>{sign}{text}</span></li>");
                continue;
            }
        };
        let _ = writeln!(
            out,
            "<li><button class=\"kind {class}\" data-class=\"{class}\" aria-pressed=\"true\" \
             title=\"Click to hide or show\">{sign}{text}</button></li>"
        );
    }
    out
}
