//! A file in its stored form: what an indexer hands over, and what is committed.
//!
//! What an engine on a medium is given by default is made here, where indexers have their workers, compression included;
//! another form is made when it is stored. What the columns say stays at hand, because linking is what comes next.

use std::sync::Arc;

use codestrata_config::Compression;
use codestrata_core::limits::MAX_VALUE_BYTES;
use codestrata_core::{Bytes, Result};

use super::build::{Said, columns_of, too_large};
use super::read::Segment;
use crate::codec::{ContentName, RecordKind, encode, pack, segment_name, unpack};
use crate::model::{Edge, FileFacts, Node};

/// A file's facts, checked and in their stored form: small, immutable, and ready to be committed.
///
/// Preparing is the costly part of an update and needs no store, so indexers do it in their workers.
///
/// ```
/// use codestrata::{FileFacts, Node, PreparedFile, Span};
///
/// let mut facts = FileFacts { path: "a.py".into(), hash: "1".into(), ..FileFacts::default() };
/// facts.nodes.push(Node::new("a.py::f", "f", "function", "a.py", Span::default()));
/// let prepared = PreparedFile::new(&facts)?;
/// assert_eq!(prepared.path(), "a.py");
/// # Ok::<(), codestrata::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreparedFile {
    path: String,
    hash: String,
    name: ContentName,
    // Shared, so that handing a file on copies nothing.
    segment: Arc<Segment>,
    /// The record, compressed as [`USUAL`] where that makes it smaller.
    packed: Bytes,
}

/// How what outlives the process is compressed unless a configuration says otherwise.
const USUAL: Compression = Compression::Lz4;

impl PreparedFile {
    /// Checks and encodes facts.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty path, an id that is empty or stands twice, a node of another file, an edge
    /// whose source is not one of the nodes, a position that points nowhere; `TooLarge` for a text over
    /// [`MAX_TEXT_BYTES`](crate::limits::MAX_TEXT_BYTES) or a file that does not fit one value of the seam.
    pub fn new(facts: &FileFacts) -> Result<Self> {
        Self::of(&Said::of(facts), &facts.hash)
    }

    /// Checks and encodes what is stated of a file, borrowed from a whole graph.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn stated(path: &str, hash: &str, nodes: Vec<&Node>, edges: Vec<&Edge>) -> Result<Self> {
        Self::of(&Said::stated(path, nodes, edges), hash)
    }

    fn of(said: &Said<'_>, hash: &str) -> Result<Self> {
        let columns = columns_of(said)?;
        let bytes = encode(RecordKind::Segment, &columns)?;
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(too_large(said, &format!("{} bytes once encoded", bytes.len()), MAX_VALUE_BYTES));
        }
        Ok(Self {
            path: said.path.to_owned(),
            hash: hash.to_owned(),
            name: segment_name(said.path, &bytes),
            segment: Arc::new(Segment::decode(&bytes)?),
            packed: pack(&bytes, USUAL).unwrap_or_else(|| bytes.into()),
        })
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The hash of the file's content, as the indexer gave it.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The bytes that will be stored for it, compressed as they are by default.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.packed.len()
    }

    /// One that is stored.
    ///
    /// # Errors
    /// `Corruption` for what is no segment.
    pub(crate) fn stored(path: &str, hash: &str, name: ContentName, record: &Bytes) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            hash: hash.to_owned(),
            name,
            segment: Arc::new(Segment::decode(record)?),
            packed: pack(record, USUAL).unwrap_or_else(|| record.clone()),
        })
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.path.len() + self.hash.len() + self.segment.weight() + self.packed.len()
    }

    /// The facts again.
    pub(crate) fn to_facts(&self) -> FileFacts {
        self.segment.to_facts(&self.hash)
    }

    /// What it says.
    pub(crate) fn segment(&self) -> &Arc<Segment> {
        &self.segment
    }

    pub(crate) fn name(&self) -> ContentName {
        self.name
    }

    /// The record in the form in which it is stored.
    pub(crate) fn record(&self, compression: Compression) -> Result<Bytes> {
        if compression == USUAL {
            return Ok(self.packed.clone());
        }
        let record = unpack(self.packed.clone())?;
        Ok(pack(&record, compression).unwrap_or(record))
    }
}
