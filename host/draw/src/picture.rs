//! What is drawn: boxes and arrows, before anybody has placed them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::DrawError;
use crate::limits::{MAX_ARROWS, MAX_LISTED_ARROWS, MAX_SHAPES};
use crate::{dot, html, layout, mermaid, svg};

/// Boxes and arrows to be drawn, with a title and remarks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub(crate) title: String,
    pub(crate) remarks: Vec<String>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) arrows: Vec<Arrow>,
}

/// One box.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shape {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) kind: String,
    pub(crate) place: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) is_centre: bool,
}

impl Shape {
    /// A box: what it stands for in full, what is written in it, and its kind, which decides its colour.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), kind: kind.into(), ..Self::default() }
    }

    /// Sets the small second line: where the thing stands.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Sets the small last line: what the picture leaves out around the thing.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Adds a fact that is shown when the box is clicked.
    #[must_use]
    pub fn with_detail(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.details.push((name.into(), value.into()));
        self
    }

    /// Marks it as what the picture is about.
    #[must_use]
    pub fn as_centre(mut self) -> Self {
        self.is_centre = true;
        self
    }
}

/// How sure an arrow is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// By scopes, imports or statement: a solid line.
    #[default]
    Certain,
    /// By its name alone, which one definition has: a dashed line.
    Likely,
    /// One of several that may be meant: a dotted line.
    Doubtful,
}

impl Certainty {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely, by its name alone",
            Self::Doubtful => "one of several that may be meant",
        }
    }
}

/// One arrow. Parallel arrows of one kind become one, which is as sure as the surest of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrow {
    pub(crate) source: usize,
    pub(crate) target: usize,
    pub(crate) kind: String,
    pub(crate) certainty: Certainty,
    pub(crate) count: u64,
    #[serde(skip)]
    pub(crate) is_labelled: bool,
    #[serde(skip)]
    pub(crate) is_listed: bool,
}

impl Arrow {
    /// An arrow between two boxes, given as [`Picture::add`] numbered them.
    #[must_use]
    pub fn new(source: usize, target: usize, kind: impl Into<String>, certainty: Certainty) -> Self {
        Self { source, target, kind: kind.into(), certainty, count: 1, is_labelled: false, is_listed: false }
    }

    /// Lets it stand for so many relations.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// Writes beside it how many relations it stands for.
    #[must_use]
    pub fn labelled(mut self) -> Self {
        self.is_labelled = true;
        self
    }

    /// Lets it be known and not drawn: a page names it where one of its ends is clicked, and nothing else shows it.
    #[must_use]
    pub fn only_listed(mut self) -> Self {
        self.is_listed = true;
        self
    }
}

impl Picture {
    /// A picture without boxes yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a remark below the title: what was left out, and of which version the picture is.
    pub fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    /// Adds a box, and says which number it has.
    pub fn add(&mut self, shape: Shape) -> usize {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    /// Adds an arrow. One that leads to or from a number that no box has is not drawn.
    pub fn connect(&mut self, arrow: Arrow) {
        self.arrows.push(arrow);
    }

    /// How many boxes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there are no boxes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// As an SVG document that stands by itself, at its natural size.
    ///
    /// Cost: the layout; some 10 milliseconds for 150 boxes, seconds for a thousand.
    ///
    /// # Errors
    /// When it is too large or too dense, or the layout library gives up.
    pub fn to_svg(&self) -> Result<String, DrawError> {
        let picture = self.simplified()?.drawn();
        Ok(svg::document(&picture, &layout::place(&picture)?))
    }

    /// As an HTML page that stands by itself, loads nothing, and can be moved, enlarged, searched and clicked.
    ///
    /// `#search=TEXT` and `#select=ID` behind its address open it so.
    ///
    /// Cost: as [`to_svg`](Self::to_svg).
    ///
    /// # Errors
    /// As [`to_svg`](Self::to_svg).
    pub fn to_html(&self) -> Result<String, DrawError> {
        let picture = self.simplified()?;
        let drawn = picture.clone().drawn();
        Ok(html::page(&drawn, &picture.arrows, &layout::place(&drawn)?))
    }

    /// As a graph in the language of Graphviz, which places it itself.
    ///
    /// # Errors
    /// When it is too large.
    pub fn to_dot(&self) -> Result<String, DrawError> {
        Ok(dot::graph(&self.simplified()?.drawn()))
    }

    /// As a flowchart in the language of Mermaid, for pages that draw such. Mermaid itself draws 500 arrows unless it is
    /// told otherwise.
    ///
    /// # Errors
    /// When it is too large.
    pub fn to_mermaid(&self) -> Result<String, DrawError> {
        Ok(mermaid::flowchart(&self.simplified()?.drawn()))
    }

    /// The same picture with parallel arrows as one, in a fixed order, if it is not too large.
    fn simplified(&self) -> Result<Self, DrawError> {
        let mut arrows: BTreeMap<(usize, usize, &str), Arrow> = BTreeMap::new();
        for arrow in &self.arrows {
            if arrow.source.max(arrow.target) >= self.shapes.len() {
                continue;
            }
            let known = arrows.entry((arrow.source, arrow.target, &arrow.kind));
            known
                .and_modify(|known| {
                    known.certainty = known.certainty.min(arrow.certainty);
                    known.count = known.count.saturating_add(arrow.count);
                    known.is_labelled |= arrow.is_labelled;
                    known.is_listed &= arrow.is_listed;
                })
                .or_insert_with(|| arrow.clone());
        }
        let listed = arrows.values().filter(|arrow| arrow.is_listed).count();
        let drawn = arrows.len() - listed;
        if self.shapes.len() > MAX_SHAPES || drawn > MAX_ARROWS || listed > MAX_LISTED_ARROWS {
            return Err(DrawError::TooLarge { shapes: self.shapes.len(), arrows: arrows.len() });
        }
        // Those that are drawn come first, so that they have the same numbers without the others.
        let mut arrows: Vec<Arrow> = arrows.into_values().collect();
        arrows.sort_by_key(|arrow| arrow.is_listed);
        Ok(Self {
            title: self.title.clone(),
            remarks: self.remarks.clone(),
            shapes: self.shapes.clone(),
            arrows,
        })
    }

    /// It without arrows that are only listed.
    fn drawn(mut self) -> Self {
        self.arrows.retain(|arrow| !arrow.is_listed);
        self
    }

    /// How many boxes each kind has, most first.
    pub(crate) fn kinds(&self) -> Vec<(&str, u64)> {
        ranked(self.shapes.iter().map(|shape| (shape.kind.as_str(), 1)))
    }

    /// How many arrows each kind has, most first.
    pub(crate) fn arrow_kinds(&self) -> Vec<(&str, u64)> {
        ranked(self.arrows.iter().map(|arrow| (arrow.kind.as_str(), 1)))
    }
}

fn ranked<'a>(counted: impl Iterator<Item = (&'a str, u64)>) -> Vec<(&'a str, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in counted {
        let total = counts.entry(name).or_default();
        *total = total.saturating_add(count);
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts
}
