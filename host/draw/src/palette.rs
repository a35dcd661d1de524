//! Colours, told apart by people who see them differently too.
//!
//! Boxes are light with dark text and a strong border; the kinds that nearly every graph has differ in lightness as well
//! as in hue. Kinds that are not known take one of a few colours by their names, the same in every picture.

/// The colours of a kind of box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) fill: &'static str,
    pub(crate) border: &'static str,
}

const fn paint(fill: &'static str, border: &'static str) -> Paint {
    Paint { fill, border }
}

const KINDS: [(&str, Paint); 16] = [
    ("function", paint("#dcebfb", "#1565c0")),
    ("method", paint("#d9f2ef", "#00796b")),
    ("class", paint("#fde6cf", "#d35400")),
    ("struct", paint("#fde6cf", "#a84300")),
    ("interface", paint("#f6e3f3", "#8e2a86")),
    ("trait", paint("#f6e3f3", "#6a1b6a")),
    ("enum", paint("#fff3c4", "#8a6d00")),
    ("type", paint("#f3ecd2", "#7a6320")),
    ("variable", paint("#eceff1", "#546e7a")),
    ("constant", paint("#e3e6ea", "#37474f")),
    ("module", paint("#e6e4f7", "#4a3fb0")),
    ("namespace", paint("#e6e4f7", "#352c85")),
    ("file", paint("#e8f3dc", "#4b7d17")),
    ("folder", paint("#fbf0d9", "#9a6a00")),
    ("package", paint("#fbe9e7", "#b23c17")),
    ("macro", paint("#fbdfe3", "#b71c3c")),
];

const OTHERS: [Paint; 4] = [
    paint("#e0f2f7", "#006d8f"),
    paint("#f1e4dc", "#7b4a2c"),
    paint("#e9e9e9", "#333333"),
    paint("#efe3fb", "#6f2dbd"),
];

const ARROWS: [(&str, &str); 9] = [
    ("calls", "#455a64"),
    ("instantiates", "#d35400"),
    ("imports", "#4b7d17"),
    ("inherits", "#8e2a86"),
    ("implements", "#6a1b6a"),
    ("uses_type", "#00838f"),
    ("accesses", "#9e7b00"),
    ("contains", "#9e9e9e"),
    ("refers to", "#607d8b"),
];

const OTHER_ARROWS: [&str; 3] = ["#b71c3c", "#1565c0", "#6d4c41"];

/// For arrows that are all of one kind, so that lines side by side differ.
const SOURCES: [&str; 7] = ["#455a64", "#c2410c", "#1565c0", "#2e7d32", "#8e24aa", "#9e7b00", "#00838f"];

/// The colours of a kind of box.
pub(crate) fn of_kind(kind: &str) -> Paint {
    let known = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, paint)| *paint);
    known.or_else(|| pick(&OTHERS, kind)).unwrap_or(paint("#ffffff", "#333333"))
}

/// The colour of a kind of arrow.
pub(crate) fn of_arrow(kind: &str) -> &'static str {
    let known = ARROWS.iter().find(|(name, _)| *name == kind).map(|(_, colour)| *colour);
    known.or_else(|| pick(&OTHER_ARROWS, kind)).unwrap_or("#333333")
}

/// The colour of the arrows of one of several boxes.
pub(crate) fn of_source(number: usize) -> &'static str {
    SOURCES.get(number % SOURCES.len()).copied().unwrap_or("#333333")
}

/// One of some, by a name: always the same.
fn pick<T: Copy>(some: &[T], name: &str) -> Option<T> {
    let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    some.get(sum.checked_rem(some.len())?).copied()
}
