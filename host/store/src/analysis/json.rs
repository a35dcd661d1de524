//! JSON as bytes that certainly come back equal.

use std::io;

use codestrata_core::{Error, ErrorKind, Result};
use serde_json::Value;

use super::records::damaged;
use crate::codec::{ContentName, content_name};
use crate::limits::{MAX_ANALYSIS_DATA_BYTES, MAX_ANALYSIS_DEPTH, MAX_ANALYSIS_METADATA_BYTES};
use crate::model::Attributes;

/// JSON text, cut into parts.
pub(super) struct Text {
    pub(super) parts: Vec<Vec<u8>>,
    pub(super) bytes: usize,
    pub(super) name: ContentName,
}

/// The data of a result as text, in parts of a given size.
pub(super) fn data_text(data: &Value, part_bytes: usize) -> Result<Text> {
    check_depth("data", data, MAX_ANALYSIS_DEPTH)?;
    let mut cutter = Cutter { part_bytes, ..Cutter::default() };
    if let Err(error) = serde_json::to_writer(&mut cutter, data) {
        return Err(if cutter.is_over {
            too_large("data", MAX_ANALYSIS_DATA_BYTES)
        } else {
            not_json(error)
        });
    }
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    for part in &cutter.parts {
        hash.update(part);
    }
    Ok(Text { bytes: cutter.bytes, name: hash.digest128(), parts: cutter.parts })
}

/// The data that a text holds.
pub(super) fn data_of(text: &[u8], name: ContentName) -> Result<Value> {
    if content_name(text) != name {
        return Err(damaged("its data are those of another"));
    }
    serde_json::from_slice(text).map_err(|error| damaged("its data are not JSON").with_source(error))
}

/// The metadata of a result as text.
pub(super) fn metadata_text(metadata: &Attributes) -> Result<String> {
    for value in metadata.values() {
        check_depth("metadata", value, MAX_ANALYSIS_DEPTH - 1)?;
    }
    let text = serde_json::to_string(metadata).map_err(not_json)?;
    if text.len() > MAX_ANALYSIS_METADATA_BYTES {
        return Err(too_large("metadata", MAX_ANALYSIS_METADATA_BYTES).with_help("keep it in the data"));
    }
    Ok(text)
}

/// The metadata that a text holds.
pub(super) fn metadata_of(text: &str) -> Result<Attributes> {
    serde_json::from_str(text).map_err(|error| damaged("its metadata are not JSON").with_source(error))
}

fn not_json(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::InvalidArgument, "the data of an analysis cannot be JSON").with_source(error)
}

fn too_large(what: &str, most: usize) -> Error {
    let message = format!("the {what} of an analysis are over the limit of {most} bytes as JSON");
    Error::new(ErrorKind::TooLarge, message).with_help("store it as several results")
}

fn check_depth(what: &str, value: &Value, most: usize) -> Result<()> {
    if is_within(value, most) {
        return Ok(());
    }
    let message =
        format!("the {what} of an analysis are nested deeper than the limit of {MAX_ANALYSIS_DEPTH}");
    Err(Error::new(ErrorKind::InvalidArgument, message)
        .with_help("store it as a list, or as several results"))
}

/// Whether arrays and objects are nested at most so deep. It looks no deeper than that, so its own stack is bounded.
fn is_within(value: &Value, most: usize) -> bool {
    match value {
        Value::Array(items) => most > 0 && items.iter().all(|item| is_within(item, most - 1)),
        Value::Object(members) => most > 0 && members.values().all(|member| is_within(member, most - 1)),
        _ => true,
    }
}

/// Takes what is written in parts, up to the limit of data.
#[derive(Default)]
struct Cutter {
    parts: Vec<Vec<u8>>,
    part_bytes: usize,
    bytes: usize,
    is_over: bool,
}

impl io::Write for Cutter {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.bytes = self.bytes.saturating_add(written.len());
        if self.bytes > MAX_ANALYSIS_DATA_BYTES {
            self.is_over = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut rest = written;
        while !rest.is_empty() {
            if self.parts.last().is_none_or(|part| part.len() >= self.part_bytes) {
                self.parts.push(Vec::new());
            }
            let Some(part) = self.parts.last_mut() else { break };
            let (taken, left) = rest.split_at(rest.len().min(self.part_bytes - part.len()));
            part.extend_from_slice(taken);
            rest = left;
        }
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
