//! Measurements as JSON: lists and not objects, because there are as many as functions.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{FileMeasure, FunctionMeasure};
use crate::syntax::FunctionSyntax;

/// What JSON takes beside the texts of a file and of a function, in bytes; more rather than less.
const FILE_BYTES: usize = 96;
const FUNCTION_BYTES: usize = 96;
/// A fingerprint in hexadecimal digits.
const FINGERPRINT_BYTES: usize = 8;

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    files: BTreeMap<String, FileRow>,
}

/// The name of the state, and the functions.
#[derive(Debug, Serialize, Deserialize)]
struct FileRow(String, Vec<FunctionRow>);

/// Id, first and last line, lines of code, cyclomatic complexity, nesting, tokens; body, shape and fingerprints as
/// hexadecimal digits.
#[derive(Debug, Serialize, Deserialize)]
struct FunctionRow(String, u32, u32, u32, u32, u32, u32, String, String, String);

impl Record {
    /// A record of as many files as there is room for.
    pub(super) fn of(files: &BTreeMap<String, FileMeasure>, most_bytes: usize) -> Self {
        let mut left = most_bytes;
        let mut this = Self::default();
        for (path, file) in files {
            match left.checked_sub(size(path, file)) {
                Some(rest) => left = rest,
                None => continue,
            }
            let rows = file.functions.iter().map(|function| FunctionRow::of(path, function)).collect();
            this.files.insert(path.clone(), FileRow(file.state.clone(), rows));
        }
        this
    }

    /// The files; none if something in them cannot be read.
    pub(super) fn into_files(self) -> Option<BTreeMap<String, FileMeasure>> {
        let files = self.files.into_iter().map(|(path, FileRow(state, rows))| {
            let functions: Option<Vec<_>> = rows.into_iter().map(|row| row.into_function(&path)).collect();
            Some((path, FileMeasure { state, functions: functions? }))
        });
        files.collect()
    }
}

fn size(path: &str, file: &FileMeasure) -> usize {
    let functions = file.functions.iter().map(|function| {
        FUNCTION_BYTES + function.id.len() + FINGERPRINT_BYTES * function.syntax.fingerprints.len()
    });
    FILE_BYTES + path.len() + functions.sum::<usize>()
}

impl FunctionRow {
    fn of(path: &str, function: &FunctionMeasure) -> Self {
        let FunctionSyntax { cyclomatic, nesting, code_lines, tokens, body, shape, fingerprints } =
            &function.syntax;
        let shape = if *shape == 0 { String::new() } else { format!("{shape:016x}") };
        Self(
            short_id(path, &function.id),
            function.line,
            function.end_line,
            *code_lines,
            *cyclomatic,
            *nesting,
            *tokens,
            format!("{body:016x}"),
            shape,
            hexadecimal(fingerprints),
        )
    }

    fn into_function(self, path: &str) -> Option<FunctionMeasure> {
        let Self(id, line, end_line, code_lines, cyclomatic, nesting, tokens, body, shape, hashes) = self;
        let hashes: Option<Vec<u32>> = hashes
            .as_bytes()
            .chunks(FINGERPRINT_BYTES)
            .map(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            .collect();
        Some(FunctionMeasure {
            id: long_id(path, &id)?,
            line,
            end_line,
            syntax: FunctionSyntax {
                cyclomatic,
                nesting,
                code_lines,
                tokens,
                body: u64::from_str_radix(&body, 16).ok()?,
                shape: if shape.is_empty() { 0 } else { u64::from_str_radix(&shape, 16).ok()? },
                fingerprints: hashes?,
            },
        })
    }
}

fn hexadecimal(fingerprints: &[u32]) -> String {
    fingerprints.iter().fold(
        String::with_capacity(fingerprints.len() * FINGERPRINT_BYTES),
        |mut text, hash| {
            // A String takes whatever is written to it.
            let _ = write!(text, "{hash:08x}");
            text
        },
    )
}

/// An id without the path of its file, which nearly all begin with: `~` and the rest, or `=` and all of it.
pub(crate) fn short_id(path: &str, id: &str) -> String {
    match id.strip_prefix(path) {
        Some(rest) => format!("~{rest}"),
        None => format!("={id}"),
    }
}

/// The id that [`short_id`] made shorter.
pub(crate) fn long_id(path: &str, short: &str) -> Option<String> {
    match short.strip_prefix('~') {
        Some(rest) => Some(format!("{path}{rest}")),
        None => short.strip_prefix('=').map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(fingerprints: usize) -> FileMeasure {
        let syntax = FunctionSyntax {
            cyclomatic: 3,
            nesting: 1,
            code_lines: 4,
            tokens: 60,
            body: u64::MAX,
            shape: 7,
            fingerprints: (0..u32::try_from(fingerprints).unwrap()).collect(),
        };
        let function =
            |id: &str| FunctionMeasure { id: id.to_owned(), line: 2, end_line: 6, syntax: syntax.clone() };
        FileMeasure { state: "f".repeat(65), functions: vec![function("a.py::f"), function("elsewhere")] }
    }

    #[test]
    fn what_is_kept_comes_back_through_json() {
        let files = BTreeMap::from([("a.py".to_owned(), measure(5))]);
        let text = serde_json::to_string(&Record::of(&files, usize::MAX)).unwrap();
        let back: Record = serde_json::from_str(&text).unwrap();
        assert_eq!(back.into_files().unwrap(), files);
    }

    #[test]
    fn files_beyond_the_room_are_left_out_and_the_record_is_no_larger_than_that() {
        let files: BTreeMap<String, FileMeasure> =
            (0..10).map(|file| (format!("{file}.py"), measure(100))).collect();
        let one = size("0.py", &measure(100));
        for (room, kept) in [(one - 1, 0), (one, 1), (10 * one - 1, 9), (10 * one, 10)] {
            let record = Record::of(&files, room);
            assert_eq!(record.files.len(), kept, "{room}");
            assert!(serde_json::to_string(&record).unwrap().len() <= room + FILE_BYTES, "{room}");
        }
    }
}
