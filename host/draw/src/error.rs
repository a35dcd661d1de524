//! Why there is no picture.

use std::fmt;

/// A picture that cannot be drawn, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrawError {
    /// More boxes or arrows than the limits allow.
    TooLarge {
        /// How many boxes it has.
        shapes: usize,
        /// How many arrows.
        arrows: usize,
    },
    /// Few enough, but so entangled that placing them would take too long.
    TooDense {
        /// How many boxes it has.
        shapes: usize,
        /// How many arrows.
        arrows: usize,
    },
    /// The layout library gave up.
    Layout(String),
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { shapes, arrows } => write!(
                f,
                "a picture of {shapes} boxes and {arrows} arrows is too large to be read; at most {} and {} are drawn",
                crate::limits::MAX_SHAPES,
                crate::limits::MAX_ARROWS
            ),
            Self::TooDense { shapes, arrows } => {
                write!(f, "{shapes} boxes with {arrows} arrows are too entangled to be placed")
            }
            Self::Layout(reason) => write!(f, "the boxes could not be placed: {reason}"),
        }
    }
}

impl std::error::Error for DrawError {}
