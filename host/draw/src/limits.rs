//! Every bound of a picture, in one place.

/// The most boxes of one picture. More could be drawn, and not be read.
pub const MAX_SHAPES: usize = 1_000;

/// The most arrows of one picture, parallel ones counted once.
pub const MAX_ARROWS: usize = 4_000;

/// The most arrows that a page lists and does not draw, counted alike.
pub const MAX_LISTED_ARROWS: usize = 40_000;

/// How much work the layout may take, in the units of the library; some seconds on a machine of 2020. Dense pictures take
/// more than sparse ones of the same size.
pub const MAX_LAYOUT_WORK: usize = 2_000_000_000;

/// The widest label, in columns of a terminal; longer ones are cut in their middle.
pub const MAX_LABEL_COLUMNS: usize = 34;

/// The widest line above an image, in the same columns; longer ones are cut in their middle. A page wraps them.
pub const MAX_HEADING_COLUMNS: usize = 160;

/// So many boxes with the same neighbours stand in one frame, and share its arrows.
pub const LEAST_PANEL: usize = 4;

/// The most arrows that reach a side of a box at places of their own. Where there are more, those of one kind share a
/// place: a box as high as a page would be no box.
pub const MAX_PORTS: usize = 60;
