//! A picture in the language of Graphviz.

use std::fmt::Write as _;

use crate::palette;
use crate::picture::{Certainty, Picture};

/// The graph as text; `dot -Tsvg` draws it.
pub(crate) fn graph(picture: &Picture) -> String {
    let mut out = String::from("digraph {\n");
    let caption =
        [&picture.title].into_iter().chain(&picture.remarks).cloned().collect::<Vec<_>>().join("\n");
    let _ = writeln!(out, "  graph [rankdir=LR, labelloc=t, label={}];", quoted(&caption));
    let _ = writeln!(out, "  node [shape=box, style=\"rounded,filled\", fontname=monospace, fontsize=12];");
    let _ = writeln!(out, "  edge [fontname=monospace, fontsize=10];");
    for (number, shape) in picture.shapes.iter().enumerate() {
        let paint = palette::of_kind(&shape.kind);
        let label = if shape.place.is_empty() {
            shape.label.clone()
        } else {
            format!("{}\n{}", shape.label, shape.place)
        };
        let _ = writeln!(
            out,
            "  n{number} [label={}, tooltip={}, fillcolor=\"{}\", color=\"{}\", penwidth={}];",
            quoted(&label),
            quoted(&format!("{} ({})", shape.id, shape.kind)),
            paint.fill,
            paint.border,
            if shape.is_centre { 3 } else { 1 },
        );
    }
    for arrow in &picture.arrows {
        let style = match arrow.certainty {
            Certainty::Certain => "solid",
            Certainty::Likely => "dashed",
            Certainty::Doubtful => "dotted",
        };
        let label =
            if arrow.count == 1 { arrow.kind.clone() } else { format!("{} ×{}", arrow.kind, arrow.count) };
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={}, color=\"{}\", style={style}];",
            arrow.source,
            arrow.target,
            quoted(&label),
            palette::of_arrow(&arrow.kind),
        );
    }
    out.push_str("}\n");
    out
}

/// A text in quotation marks. Backslashes would begin escapes of Graphviz's own, such as `\N`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            other if other.is_control() => quoted.push('\u{fffd}'),
            // Graphviz reads the entities of HTML in every label.
            '&' => quoted.push_str("&amp;"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
