//! A picture as an HTML page that stands by itself.
//!
//! The page loads nothing and may load nothing: its policy says so. The texts of the graph come into it as escaped
//! markup and as JSON, never as script.

use serde::Serialize;

use crate::layout::Layout;
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

/// The page.
pub(crate) fn page(picture: &Picture, layout: &Layout) -> String {
    let data = Data { shapes: &picture.shapes, arrows: &picture.arrows };
    // Nothing in it can end the element that it stands in.
    let data = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    // One pass over the template: a text of the graph that looks like a place to fill in stays what it is.
    let mut out = String::with_capacity(TEMPLATE.len() + data.len());
    for piece in TEMPLATE.split("<!--") {
        let (name, rest) = piece.split_once("-->").unwrap_or(("", piece));
        match name {
            "title" => out.push_str(&escaped(&picture.title)),
            "style" => out.push_str(STYLE),
            "picture" => out.push_str(&svg::element(picture, layout)),
            "data" => out.push_str(&data),
            "script" => out.push_str(SCRIPT),
            _ => {}
        }
        out.push_str(rest);
    }
    out
}
