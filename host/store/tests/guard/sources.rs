//! Sources as a project may have them, made by rule, so that what they cost is the same on every machine: of the guard, and
//! of `tests/bench`, which counts instructions with them.

use std::fmt::Write as _;

/// Files of each part of a project. Parts have names of their own, and nothing refers from one to another.
pub(crate) const FILES: usize = 60;

/// Classes of each file.
const CLASSES: usize = 3;

/// Functions of each file beside them.
const FUNCTIONS: usize = 4;

/// What of a file was edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Before,
    /// One call more in a function.
    OtherBody,
    /// That, and a function more at the end.
    NewFunction,
}

/// The path of a file.
pub(crate) fn path(part: usize, number: usize) -> String {
    format!("part{part}/m{number}.py")
}

/// A module that imports two others of its part, and calls across files, within its file, and of what is from elsewhere.
pub(crate) fn source(part: usize, number: usize, state: State) -> String {
    let near = (number + 1) % FILES;
    let far = (number * 7 + 3) % FILES;
    let name = |kind: &str, module: usize, place: usize| format!("{kind}_{part}_{module}_{place}");
    let mut text = format!(
        "import logging\nfrom part{part}.m{near} import {}, {}\nimport part{part}.m{far} as far\n\nlog = logging.getLogger(__name__)\n",
        name("Class", near, 0),
        name("function", near, 1),
    );
    for place in 0..CLASSES {
        let base = if place == 0 { String::new() } else { format!("({})", name("Class", number, place - 1)) };
        let _ = write!(
            text,
            "\n\nclass {}{base}:\n    \"\"\"Keeps a value and hands it on.\"\"\"\n\n    def __init__(self, value: int, other: {}):\n        self.value = value\n        self.other = other\n\n    def run(self, limit):\n        log.info(limit)\n        self.step(limit)\n        return far.{}(self.value)\n\n    def step(self, limit):\n        self.other.run(limit)\n        {}(limit)\n",
            name("Class", number, place),
            name("Class", near, 0),
            name("function", far, place),
            name("function", near, 1),
        );
    }
    for place in 0..FUNCTIONS {
        let _ = write!(
            text,
            "\n\ndef {}(value):\n    made = {}(value, None)\n    made.run(value)\n    return {}(value)\n",
            name("function", number, place),
            name("Class", number, place % CLASSES),
            name("function", number, (place + 1) % FUNCTIONS),
        );
    }
    if state != State::Before {
        // In the last of the functions.
        let _ = writeln!(text, "    {}(value)", name("function", near, 1));
    }
    if state == State::NewFunction {
        let _ = write!(text, "\n\ndef {}(value):\n    return value\n", name("added", number, 0));
    }
    text
}
