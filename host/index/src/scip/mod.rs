//! Reads the indexes of other tools: [SCIP](https://github.com/scip-code/scip), which scip-python, scip-typescript,
//! scip-java, scip-clang, rust-analyzer and others write.
//!
//! Documents become files, definitions nodes, and mentions edges; symbols are the ids. What a mention means was decided
//! by the tool, with its compiler's knowledge. What SCIP does not say, that a mention is a call and where the function
//! ends that makes it, is concluded from symbols and enclosing ranges, and the edges say so (`derived`).
//!
//! - `wire` takes the file apart, `file` reads it twice, `document` decodes one document.
//! - `symbol`, `place` and `regions` read symbols, ranges, and which definition is around; `kinds` has the names.
//! - `facts` puts these together.
//!
//! ```no_run
//! use codestrata::StorageManager;
//! use codestrata_index::Unobserved;
//! use codestrata_index::scip::{ScipIndex, ScipLimits, ScipOptions};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let storage = StorageManager::in_memory()?;
//! if let Some(index) = ScipIndex::open("index.scip".as_ref(), ScipLimits::default(), &Unobserved)? {
//!     index.import(storage.graph(), &ScipOptions::new("django"), &Unobserved).await?;
//! }
//! # Ok(()) }
//! ```

mod document;
mod facts;
mod file;
mod kinds;
mod limits;
mod place;
mod regions;
mod symbol;
mod wire;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use codestrata::{
    Error, ErrorKind, FileChanges, GraphStorage, MetadataUpdate, PreparedFile, Result, UpdateSummary,
};
use xxhash_rust::xxh3::xxh3_128;

use crate::hash::content_hash;
use crate::repository::{Observer, Phase};
use document::{Document, decode, outline, symbol_hash};
use file::{Contents, IndexFile};
use limits::Budget;
use place::Text;
use symbol::{Suffix, Symbol};

pub use limits::ScipLimits;

/// What made the facts. When it is another than the one stored, every document is read again.
const READER: &str = concat!("SCIP 1, read by codestrata-index ", env!("CARGO_PKG_VERSION"));

/// What is to be done with an index.
#[derive(Clone, Debug)]
pub struct ScipOptions {
    /// The repository under which it is stored.
    pub repo_id: String,
    /// The folder with the sources from which it was made, for documents that come without their text. Nothing is read
    /// of the folder that the index itself names: it may be anybody's.
    pub sources: Option<PathBuf>,
}

impl ScipOptions {
    /// An index without sources.
    #[must_use]
    pub fn new(repo_id: impl Into<String>) -> Self {
        Self { repo_id: repo_id.into(), sources: None }
    }
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct ScipReport {
    /// What the store changed.
    pub summary: UpdateSummary,
    /// The tool that made the index, with its version.
    pub tool: String,
    /// Documents of the index.
    pub documents: u64,
    /// Those that have not changed and were not read again.
    pub unchanged: u64,
    /// Those that were read with their text, so that spans have bytes and calls are told by their parentheses.
    pub with_text: u64,
    /// Paths of those whose text is not the one that the index was made from: it was left aside.
    pub other_text: Vec<String>,
    /// Paths of those that come without their text, and that the folder with the sources does not have as a readable
    /// text either; empty where no such folder was given.
    pub missing_text: Vec<String>,
    /// Symbols that several documents define. The first by path has the symbol for its id, or the first that does not
    /// merely declare it; in the others it is an attribute.
    pub shared_symbols: u64,
    /// Symbols of other packages that the index describes. They have no nodes; edges to them are dangling.
    pub external_symbols: u64,
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// An index that was read through once: what it has is known, and not yet what it says.
#[derive(Debug)]
pub struct ScipIndex {
    file: IndexFile,
    contents: Contents,
    limits: ScipLimits,
}

impl ScipIndex {
    /// Opens an index and reads through it. Returns none if the observer stopped it.
    ///
    /// Cost: one pass over the file. Memory: one document at a time, and what [`ScipLimits`] names.
    ///
    /// # Errors
    /// `NotFound` or `Unavailable` when it cannot be read, `InvalidArgument` with the byte for what is no index, was cut
    /// off or cannot be meant; also for an index without documents, because it would empty a graph. `TooLarge` for what
    /// is over a limit.
    pub fn open(path: &Path, limits: ScipLimits, observer: &dyn Observer) -> Result<Option<Self>> {
        let mut file = IndexFile::open(path, limits)?;
        observer.began(Phase::Walking, 0);
        let Some(contents) = file.contents(|| !observer.is_stopped())? else { return Ok(None) };
        if contents.documents.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the index has no document")
                .with_help("see whether its tool found the sources; an empty index takes no graph's place"));
        }
        Ok(Some(Self { file, contents, limits }))
    }

    /// The name of the project: the last part of its root; none if the index does not say.
    #[must_use]
    pub fn project(&self) -> Option<String> {
        let root = self.contents.metadata.project_root.trim_end_matches('/');
        let name = percent_decoded(root.rsplit('/').next().unwrap_or_default());
        (!name.is_empty() && !name.ends_with(':')).then_some(name)
    }

    /// Brings the stored graph of a repository to what the index says, as one commit. Files that are not in it are
    /// removed. Returns none if the observer stopped it, with nothing changed.
    ///
    /// Cost: the decoding of the documents that changed. Memory: one document at a time, and the encoded facts of those
    /// that changed until they are stored.
    ///
    /// # Errors
    /// As [`open`](Self::open), with the document where there is one; `Unsupported` for an encoding of columns that is
    /// not known, `Conflict` when the file is another by now, and what the store answers. Nothing is stored then.
    pub async fn import(
        mut self,
        storage: &dyn GraphStorage,
        options: &ScipOptions,
        observer: &(dyn Observer + 'static),
    ) -> Result<Option<ScipReport>> {
        let stored = storage.graph_metadata(&options.repo_id).await?.unwrap_or_default();
        let tool = tool(&self.contents);
        let extractor = format!("{READER}, made by {tool}");
        let is_current = stored.extractor.as_deref() == Some(extractor.as_str());
        let none = BTreeMap::new();
        let known = if is_current { &stored.file_hashes } else { &none };
        let mut report = ScipReport { tool, ..ScipReport::default() };
        let Some(replaced) = self.read(options, known, &mut report, observer)? else { return Ok(None) };
        observer.began(Phase::Storing, 0);
        let documents = &self.contents.documents;
        let present: HashSet<&str> = documents.iter().map(|place| place.path.as_str()).collect();
        let removed =
            stored.file_hashes.keys().filter(|path| !present.contains(path.as_str())).cloned().collect();
        let metadata = MetadataUpdate { extractor: Some(extractor), ..MetadataUpdate::default() };
        let changes = FileChanges { replaced, removed, metadata, ..FileChanges::default() };
        report.summary = storage.update_files(&options.repo_id, changes).await?;
        report.documents = count(documents.len());
        report.shared_symbols = self.contents.shared_symbols();
        report.external_symbols = self.contents.external;
        Ok(Some(report))
    }

    /// Reads the documents that changed; none if the observer stopped it.
    fn read(
        &mut self,
        options: &ScipOptions,
        known: &BTreeMap<String, String>,
        report: &mut ScipReport,
        observer: &dyn Observer,
    ) -> Result<Option<Vec<PreparedFile>>> {
        let Self { file, contents, limits } = self;
        let mut import = Import { options, contents, limits, known, report };
        observer.began(Phase::Reading, count(contents.documents.len()));
        let mut replaced = Vec::new();
        let mut bytes = 0_u64;
        for number in 0..contents.documents.len() {
            if observer.is_stopped() {
                return Ok(None);
            }
            if let Some(prepared) = import.document(file, number)? {
                bytes += count(prepared.stored_bytes());
                replaced.push(prepared);
            }
            if bytes > limits.stored_bytes {
                let what = format!("the facts of the index take more than {} bytes", limits.stored_bytes);
                return Err(Error::new(ErrorKind::TooLarge, what).with_help(
                    "nothing of the index was stored; index and import the parts of the project one by one",
                ));
            }
            observer.stepped();
        }
        Ok((!observer.is_stopped()).then_some(replaced))
    }
}

/// The tool and its version, as one line.
fn tool(contents: &Contents) -> String {
    const MAX_CHARACTERS: usize = 200;
    let Some(tool) = contents.metadata.tool_info.as_ref() else { return "an unnamed tool".to_owned() };
    let text = format!("{} {}", tool.name, tool.version);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARACTERS).collect();
    if text.is_empty() { "an unnamed tool".to_owned() } else { text }
}

fn count(figure: usize) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}

/// An import between its two passes.
struct Import<'i> {
    options: &'i ScipOptions,
    contents: &'i Contents,
    limits: &'i ScipLimits,
    /// The hashes of the stored documents that may be passed over.
    known: &'i BTreeMap<String, String>,
    report: &'i mut ScipReport,
}

impl Import<'_> {
    /// Reads a document, unless it is stored as it is.
    fn document(&mut self, file: &mut IndexFile, number: usize) -> Result<Option<PreparedFile>> {
        let Some(place) = self.contents.documents.get(number) else { return Ok(None) };
        let source = self.source(&place.path);
        let bytes = file.document(place)?;
        let limits = self.limits;
        let owns = |symbol: u128| self.contents.owns(number, symbol);
        // The facts depend on the document, on its source, and on which of its symbols belong to other files.
        let mut parts = place.hash.to_be_bytes().to_vec();
        for (symbol, _) in outline(bytes, place.at, limits)?.defined {
            if !owns(symbol) {
                parts.extend_from_slice(&symbol.to_be_bytes());
            }
        }
        if let Some(source) = &source {
            parts.extend_from_slice(b"source");
            parts.extend_from_slice(&xxh3_128(source.as_bytes()).to_be_bytes());
        }
        let hash = content_hash(&parts);
        if self.known.get(&place.path) == Some(&hash) {
            self.report.unchanged += 1;
            return Ok(None);
        }
        let mut budget = Budget::new(limits);
        let document = decode(bytes, place.at, limits, &mut budget)?;
        let given = document.text.or(source.as_deref());
        let text =
            given.and_then(|text| Text::new(text, document.units)).filter(|text| fits(text, &document));
        match (&text, given) {
            (Some(_), _) => self.report.with_text += 1,
            (None, Some(_)) => self.report.other_text.push(place.path.clone()),
            (None, None) if self.options.sources.is_some() => {
                self.report.missing_text.push(place.path.clone());
            }
            (None, None) => {}
        }
        let owns = |symbol: &str| owns(symbol_hash(symbol));
        let facts = facts::facts(&document, hash, text.as_ref(), &owns, &mut budget)?;
        PreparedFile::new(&facts).map(Some)
    }

    /// The text of a source, if it is there and of a size to be read.
    fn source(&self, path: &str) -> Option<String> {
        let path = self.options.sources.as_ref()?.join(path);
        let about = fs::metadata(&path).ok()?;
        if !about.is_file() || about.len() > self.limits.document_bytes {
            return None;
        }
        fs::read_to_string(path).ok()
    }
}

/// Whether a text is the one that the document is about: every range has its place in it, and at least half of the
/// definitions have their names there.
fn fits(text: &Text<'_>, document: &Document<'_>) -> bool {
    let (mut named, mut wrong) = (0_usize, 0_usize);
    for seen in &document.occurrences {
        let Some(span) = text.span(&seen.range) else { return false };
        if seen.enclosing.is_some_and(|range| text.span(&range).is_none()) {
            return false;
        }
        if !seen.roles.is_definition() || seen.range.start == seen.range.end {
            continue;
        }
        let symbol = document.symbols.get(seen.symbol as usize).copied().unwrap_or_default();
        let read = Symbol::read(symbol);
        let is_word = read.name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let is_written =
            matches!(read.suffix, Suffix::Type | Suffix::Method | Suffix::Term | Suffix::Parameter);
        if is_word && is_written {
            named += 1;
            wrong += usize::from(text.at(&span) != Some(read.name.as_ref()));
        }
    }
    wrong * 2 <= named
}
