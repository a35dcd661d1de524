//! What the colours and lines of a picture mean.

use crate::layout::Layout;
use crate::palette::{self, Paint};
use crate::picture::{Certainty, Picture};
use crate::text::grouped;

/// With fewer lines each can be followed as it is.
const MANY_LINES: usize = 8;

/// One line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item<'a> {
    pub(crate) sign: Sign<'a>,
    pub(crate) text: String,
}

/// What an item explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sign<'a> {
    /// The colour of a kind of boxes.
    Kind(&'a str, Paint),
    /// The colour of a kind of arrows.
    Arrow(&'a str, &'static str),
    /// The one kind of arrows, whose colours tell where they come from.
    Sources(&'a str),
    /// How a line is dashed.
    Line(Certainty),
    /// A frame around boxes.
    Frame,
}

/// The items: kinds of boxes, kinds of arrows, how sure these are, and frames; each if the picture has any.
pub(crate) fn items<'a>(picture: &'a Picture, layout: &Layout) -> Vec<Item<'a>> {
    let counted = |name: &str, count: u64| format!("{name} ({})", grouped(count));
    let kinds = picture.kinds().into_iter().map(|(kind, count)| Item {
        sign: Sign::Kind(kind, palette::of_kind(kind)),
        text: counted(kind, count),
    });
    let is_by_source = is_by_source(picture, layout);
    let arrows = picture.arrow_kinds().into_iter().map(|(kind, count)| {
        if is_by_source {
            let text = counted(kind, count) + ", each box's in one colour";
            return Item { sign: Sign::Sources(kind), text };
        }
        Item { sign: Sign::Arrow(kind, palette::of_arrow(kind)), text: counted(kind, count) }
    });
    let has = |certainty: &Certainty| picture.arrows.iter().any(|arrow| arrow.certainty == *certainty);
    let lines = [Certainty::Likely, Certainty::Doubtful]
        .into_iter()
        .filter(has)
        .map(|certainty| Item { sign: Sign::Line(certainty), text: certainty.as_str().to_owned() });
    let frame = (!layout.frames.is_empty())
        .then(|| Item { sign: Sign::Frame, text: "its arrows are those of each box in it".to_owned() });
    kinds.chain(arrows).chain(lines).chain(frame).collect()
}

/// Whether arrows have the colour of where they come from: where many are of one kind, nothing else tells them apart.
pub(crate) fn is_by_source(picture: &Picture, layout: &Layout) -> bool {
    picture.arrow_kinds().len() == 1 && layout.lines.len() >= MANY_LINES
}

impl Sign<'_> {
    /// The sign itself as SVG, 26 wide, around the line of the text.
    pub(crate) fn drawn(&self) -> String {
        match self {
            Self::Kind(_, paint) => format!(
                "<rect class=\"swatch\" x=\"3\" y=\"-10\" width=\"18\" height=\"12\" rx=\"3\" fill=\"{}\" stroke=\"{}\"/>",
                paint.fill, paint.border
            ),
            Self::Arrow(_, colour) => format!(
                "<path class=\"line\" d=\"M0 -4H19\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"/>\
                 <path class=\"head\" d=\"M24 -4L17 -7.5V-0.5z\" fill=\"{colour}\"/>"
            ),
            Self::Sources(_) => [(2, -10.5), (0, -4.0), (1, 2.5)]
                .map(|(source, y): (usize, f64)| {
                    let colour = palette::of_source(source);
                    format!(
                        "<g style=\"--line: {colour}\"><path class=\"line\" d=\"M0 {y}H20\" fill=\"none\" \
                         stroke=\"{colour}\" stroke-width=\"1.6\"/><path class=\"head\" \
                         d=\"M24 {y}l-5 -2.5v5z\" fill=\"{colour}\"/></g>"
                    )
                })
                .concat(),
            Self::Line(certainty) => format!(
                "<path class=\"plain\" d=\"M0 -4H24\" fill=\"none\" stroke=\"#616161\" stroke-width=\"1.6\"{}/>",
                dashes(*certainty)
            ),
            Self::Frame => "<rect class=\"frame\" x=\"1\" y=\"-11\" width=\"22\" height=\"14\" rx=\"4\" fill=\"#f6f7f8\" \
                 stroke=\"#90a4ae\" stroke-dasharray=\"4 3\"/>"
                .to_owned(),
        }
    }
}

/// The attribute that shows how sure a line is.
pub(crate) fn dashes(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likely => " stroke-dasharray=\"7 4\"",
        Certainty::Doubtful => " stroke-dasharray=\"2 3\"",
    }
}
