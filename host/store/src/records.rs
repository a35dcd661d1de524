//! The small records of the store: heads, file entries, markers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bincode::{Decode, Encode};
use codestrata_core::{Error, ErrorKind, Result};

use crate::codec::{ContentName, RecordKind, decode, encode};
use crate::keyspace::{FileOrd, RepoOrd, Space};
use crate::model::Text;
use crate::model::{Attributes, Totals};

/// The version of the graph's schema that this program writes.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// What a store says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct StoreRecord {
    pub(crate) next_repo: RepoOrd,
    pub(crate) next_space: Space,
}

/// The head of a repository. Its old value is a precondition of every commit, so no update is lost.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Head {
    pub(crate) repo_id: String,
    pub(crate) version: u64,
    /// Random, new with every commit: how a commit whose acknowledgement was lost is recognised.
    pub(crate) commit: u128,
    pub(crate) schema: u32,
    pub(crate) space: Space,
    pub(crate) created_ms: u64,
    pub(crate) updated_ms: u64,
    pub(crate) totals: Totals,
    pub(crate) root: Option<String>,
    pub(crate) extractor: Option<String>,
    /// What users keep beside the graph, as JSON text.
    pub(crate) attributes: String,
    pub(crate) next_file: FileOrd,
    /// The inverted index is divided by so many leading bits of a term.
    pub(crate) bucket_bits: u8,
    /// Whether postings were added since the buckets were written.
    pub(crate) has_deltas: bool,
    /// Notes on nodes.
    pub(crate) notes: u64,
}

impl Head {
    /// The head of the next commit.
    pub(crate) fn next(&self) -> Result<Self> {
        Ok(Self {
            version: self.version.saturating_add(1),
            commit: random_id()?,
            updated_ms: now_ms().max(self.updated_ms),
            schema: SCHEMA_VERSION,
            ..self.clone()
        })
    }

    pub(crate) fn parsed_attributes(&self) -> Attributes {
        serde_json::from_str(&self.attributes).unwrap_or_default()
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        encode(RecordKind::Head, self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let head: Self = decode(RecordKind::Head, bytes)?;
        if head.schema > SCHEMA_VERSION {
            let message = format!(
                "the graph of `{}` has schema version {}, and this program knows {SCHEMA_VERSION}",
                head.repo_id, head.schema
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_help("use the newer version of codestrata that wrote it"));
        }
        Ok(head)
    }
}

/// One file of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct FileEntry {
    #[bincode(with_serde)]
    pub(crate) path: Text,
    pub(crate) hash: String,
    pub(crate) segment: ContentName,
    pub(crate) links: ContentName,
    /// Counts of this file alone.
    pub(crate) counts: Totals,
}

impl FileEntry {
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        encode(RecordKind::File, self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::File, bytes)
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.path.len() + self.hash.len()
    }
}

/// A generation that is being written or deleted, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Marker {
    pub(crate) repo_id: String,
    /// The process and opening that writes it.
    pub(crate) session: u128,
    pub(crate) at_ms: u64,
    /// Segments that belong to the generation alone, to be deleted with it.
    pub(crate) segments: Vec<ContentName>,
    /// Whether the repository itself goes: every segment of it is then deleted.
    pub(crate) whole_repository: bool,
}

impl Marker {
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        encode(RecordKind::Marker, self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::Marker, bytes)
    }
}

/// 128 random bits from the operating system.
pub(crate) fn random_id() -> Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Unavailable, "the operating system gives no random bytes").with_source(error)
    })?;
    Ok(u128::from_le_bytes(bytes))
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time that is so many milliseconds after 1970.
pub(crate) fn time_of(ms: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(ms)).unwrap_or(UNIX_EPOCH)
}

/// The milliseconds since 1970 of a time; none for one before it.
pub(crate) fn ms_of(time: SystemTime) -> Option<u64> {
    u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// Adds the counts of a file to a total, after taking away those of its former state.
pub(crate) fn recount(total: &mut Totals, old: Option<&Totals>, new: Option<&Totals>) {
    let fields: [fn(&mut Totals) -> &mut u64; 6] = [
        |t| &mut t.files,
        |t| &mut t.nodes,
        |t| &mut t.edges,
        |t| &mut t.dangling,
        |t| &mut t.ambiguous,
        |t| &mut t.unresolved,
    ];
    for field in fields {
        let of = |counts: Option<&Totals>| counts.map_or(0, |counts| *field(&mut counts.clone()));
        let place = field(total);
        *place = place.saturating_sub(of(old)).saturating_add(of(new));
    }
}
