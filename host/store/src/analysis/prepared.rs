//! A result that was checked and made into bytes, so that committing it again costs no more than the commit.

use codestrata_core::{Bytes, Error, ErrorKind, Result};

use super::json::{data_text, metadata_text};
use super::result::AnalysisResult;
use crate::codec::{ContentName, RecordKind, encode};
use crate::limits::MAX_ANALYSIS_TEXT_BYTES;
use crate::records::{ms_of, random_id};

/// A result to store, without what only its commit knows.
pub(super) struct PreparedResult {
    pub(super) id: String,
    pub(super) repository: String,
    pub(super) analysis_type: String,
    pub(super) at_ms: Option<u64>,
    /// The data, each part a value.
    pub(super) parts: Vec<Bytes>,
    pub(super) data_bytes: u64,
    pub(super) data_name: ContentName,
    pub(super) metadata: String,
}

impl PreparedResult {
    /// Checks a result and encodes it.
    pub(super) fn new(result: AnalysisResult, part_bytes: usize) -> Result<Self> {
        let id = if result.id.is_empty() { format!("{:032x}", random_id()?) } else { result.id };
        check_text("id", &id)?;
        check_text("type", &result.analysis_type)?;
        let at_ms = match result.timestamp {
            None => None,
            Some(at) => Some(ms_of(at).ok_or_else(before_1970)?),
        };
        let metadata = metadata_text(&result.metadata)?;
        let text = data_text(&result.data, part_bytes)?;
        let parts = text.parts.iter().map(|part| Ok(encode(RecordKind::AnalysisData, part)?.into()));
        Ok(Self {
            id,
            repository: result.repository,
            analysis_type: result.analysis_type,
            at_ms,
            parts: parts.collect::<Result<_>>()?,
            data_bytes: u64::try_from(text.bytes).unwrap_or(u64::MAX),
            data_name: text.name,
            metadata,
        })
    }
}

pub(super) fn check_text(what: &str, text: &str) -> Result<()> {
    if text.is_empty() || text.len() > MAX_ANALYSIS_TEXT_BYTES {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("the {what} of an analysis has 1 to {MAX_ANALYSIS_TEXT_BYTES} bytes, not {}", text.len()),
        ));
    }
    Ok(())
}

fn before_1970() -> Error {
    Error::new(ErrorKind::InvalidArgument, "the time of an analysis lies before 1970 or beyond all years")
}
