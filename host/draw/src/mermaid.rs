//! A picture in the language of Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::palette;
use crate::picture::{Certainty, Picture};

/// The flowchart as text, for a page or a document that draws such.
pub(crate) fn flowchart(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for line in [&picture.title].into_iter().chain(&picture.remarks) {
        let line: String =
            line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        // Braces would begin a directive.
        let _ = writeln!(out, "  %% {}", line.replace(['{', '}'], "|"));
    }
    // Names of classes are letters and digits only.
    let classes: BTreeMap<&str, String> = picture
        .kinds()
        .into_iter()
        .zip(0..)
        .map(|((kind, _), number)| (kind, format!("kind{number}")))
        .collect();
    for (number, shape) in picture.shapes.iter().enumerate() {
        let label = if shape.place.is_empty() {
            entity(&shape.label)
        } else {
            format!("{}<br/>{}", entity(&shape.label), entity(&shape.place))
        };
        let class = classes.get(shape.kind.as_str()).map_or("kind0", String::as_str);
        let _ = writeln!(out, "  n{number}[\"{label}\"]:::{class}");
    }
    for arrow in &picture.arrows {
        let line = if arrow.certainty == Certainty::Certain { "-->" } else { "-.->" };
        let times = if arrow.count == 1 { String::new() } else { format!(" ×{}", arrow.count) };
        let label = format!("{}{times}", entity(&arrow.kind));
        let _ = writeln!(out, "  n{} {line}|\"{label}\"| n{}", arrow.source, arrow.target);
    }
    for (kind, class) in &classes {
        let paint = palette::of_kind(kind);
        let _ = writeln!(out, "  classDef {class} fill:{},stroke:{},color:#212121", paint.fill, paint.border);
    }
    for (number, _) in picture.shapes.iter().enumerate().filter(|(_, shape)| shape.is_centre) {
        let _ = writeln!(out, "  style n{number} stroke-width:4px");
    }
    out
}

/// A text in a label. Whatever is not a letter, a digit or harmless becomes an entity of Mermaid, `#35;`: labels are read
/// as Markdown and as HTML.
fn entity(text: &str) -> String {
    if text.is_empty() {
        // Nothing between quotation marks would be a mistake of syntax.
        return "#160;".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            other if other.is_control() => out.push(' '),
            other if other.is_alphanumeric() || " .,:/-()".contains(other) => out.push(other),
            other => {
                let _ = write!(out, "#{};", u32::from(other));
            }
        }
    }
    out
}
