//! An index on the medium, read twice: once for what there is, once for what it says.
//!
//! Which document defines a symbol is known only at the end, and it decides whose node has the symbol for its id. So the
//! first pass keeps a place and a hash of each document and a hash of each symbol, and the second one reads the
//! documents again that have changed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use codestrata::{Error, ErrorKind, Result};
use protobuf::Message;
use scip::types::Metadata;
use xxhash_rust::xxh3::xxh3_128;

use super::document::{Outline, outline, symbol_hash, too_large};
use super::limits::ScipLimits;
use super::wire::{Head, bad, cut, head};

/// The numbers of the fields of `Index`.
mod field {
    pub(super) const METADATA: u64 = 1;
    pub(super) const DOCUMENT: u64 = 2;
    pub(super) const EXTERNAL_SYMBOL: u64 = 3;
}

/// A document of the file.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: String,
    /// Where it begins.
    pub(super) at: u64,
    length: u64,
    /// Of its bytes.
    pub(super) hash: u128,
}

/// The document in which a symbol is defined.
#[derive(Debug)]
struct Owner {
    document: u32,
    is_declaration: bool,
    is_shared: bool,
}

/// What is in an index.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) metadata: Metadata,
    pub(super) documents: Vec<Place>,
    /// The described symbols of other packages.
    pub(super) external: u64,
    owners: HashMap<u128, Owner>,
}

/// An open index.
#[derive(Debug)]
pub(super) struct IndexFile {
    input: BufReader<File>,
    /// How long it was when it was opened.
    length: u64,
    position: u64,
    limits: ScipLimits,
    buffer: Vec<u8>,
}

impl IndexFile {
    /// Opens a file.
    ///
    /// # Errors
    /// `NotFound` or `Unavailable` when it cannot be read, `InvalidArgument` for what is no file and cannot be read
    /// twice.
    pub(super) fn open(path: &Path, limits: ScipLimits) -> Result<Self> {
        let failed = |error: std::io::Error| {
            let kind = match error.kind() {
                std::io::ErrorKind::NotFound => ErrorKind::NotFound,
                _ => ErrorKind::Unavailable,
            };
            Error::new(kind, format!("{} cannot be read: {error}", path.display())).with_source(error)
        };
        // Looked at first: to open a pipe would wait for whoever writes to it.
        let about = std::fs::metadata(path).map_err(failed)?;
        if !about.is_file() {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("{} is not a file", path.display()))
                .with_help("a SCIP index is read twice, so name the file that it is in"));
        }
        let input = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
        Ok(Self { input, length: about.len(), position: 0, limits, buffer: Vec::new() })
    }

    /// The metadata at the beginning of the file.
    ///
    /// # Errors
    /// `InvalidArgument` if it does not begin with them.
    pub(super) fn metadata(&mut self) -> Result<Metadata> {
        match self.head()? {
            Some((field::METADATA, Head::Bytes(length))) => {
                if length > self.length - self.position {
                    return Err(cut(0));
                }
                let begins = self.position;
                let most = u64::try_from(self.limits.message_bytes).unwrap_or(u64::MAX);
                let bytes = self.read(length, most, "metadata")?;
                Metadata::parse_from_bytes(bytes).map_err(|error| {
                    let what = "the metadata cannot be read: it is no SCIP index, or it is damaged";
                    bad(begins, format_args!("{what} ({error})")).with_source(error)
                })
            }
            _ => Err(no_index()),
        }
    }

    /// Reads through the whole file. `watch` is told of each document, and says whether to go on.
    ///
    /// # Errors
    /// `InvalidArgument` with the place of what is wrong, `TooLarge` for what is over a limit.
    pub(super) fn contents(&mut self, mut watch: impl FnMut() -> bool) -> Result<Option<Contents>> {
        let mut contents = Contents::default();
        let mut paths = HashMap::new();
        contents.metadata = self.metadata()?;
        while self.position < self.length {
            let at = self.position;
            let Some((number, head)) = self.head()? else { break };
            let length = match head {
                Head::Varint(_) => 0,
                Head::Fixed(length) | Head::Bytes(length) => length,
            };
            if length > self.length - self.position {
                return Err(cut(at));
            }
            match (number, head) {
                (field::DOCUMENT, Head::Bytes(_)) => {
                    if !watch() {
                        return Ok(None);
                    }
                    let (begins, limits) = (self.position, self.limits);
                    let bytes = self.read(length, limits.document_bytes, "a document")?;
                    let outline = outline(bytes, begins, &limits)?;
                    let hash = xxh3_128(bytes);
                    if let Some(first) = paths.insert(symbol_hash(outline.path), begins) {
                        let path = outline.path;
                        return Err(bad(
                            begins,
                            format_args!("the document `{path}` stands at byte {first} already"),
                        ));
                    }
                    contents.add(&outline, begins, length, hash, &limits)?;
                }
                (number, _) => {
                    contents.external += u64::from(number == field::EXTERNAL_SYMBOL);
                    self.skip(length)?;
                }
            }
        }
        Ok(Some(contents))
    }

    /// The bytes of a document.
    ///
    /// # Errors
    /// `Conflict` when they are not those of the first pass.
    pub(super) fn document(&mut self, place: &Place) -> Result<&[u8]> {
        self.input.seek(SeekFrom::Start(place.at)).map_err(|error| unreadable(place.at, error))?;
        self.position = place.at;
        let bytes = self.read(place.length, u64::MAX, "a document")?;
        if xxh3_128(bytes) != place.hash {
            return Err(Error::new(ErrorKind::Conflict, "the index was changed while it was read")
                .with_help("import it again when its tool is done"));
        }
        Ok(bytes)
    }

    fn head(&mut self) -> Result<Option<(u64, Head)>> {
        let (input, position) = (&mut self.input, &mut self.position);
        head(*position, || {
            let mut byte = [0];
            match input.read(&mut byte) {
                Ok(0) => Ok(None),
                Ok(_) => {
                    *position += 1;
                    Ok(Some(u8::from_be_bytes(byte)))
                }
                Err(error) => Err(unreadable(*position, error)),
            }
        })
    }

    fn read(&mut self, length: u64, most: u64, what: &str) -> Result<&[u8]> {
        let at = self.position;
        if length > most {
            return Err(too_large(at, &format!("{what} of {length} bytes"), most));
        }
        self.buffer.clear();
        let read = (&mut self.input).take(length).read_to_end(&mut self.buffer);
        let read = read.map_err(|error| unreadable(at, error))?;
        if u64::try_from(read).ok() != Some(length) {
            return Err(cut(at));
        }
        self.position += length;
        Ok(&self.buffer)
    }

    fn skip(&mut self, length: u64) -> Result<()> {
        let at = self.position;
        let step = i64::try_from(length).map_err(|_| cut(at))?;
        self.input.seek_relative(step).map_err(|error| unreadable(at, error))?;
        self.position += length;
        Ok(())
    }
}

/// The error of a file that is something else.
fn no_index() -> Error {
    bad(0, "an index begins with its metadata, and this file does not: it is no SCIP index")
}

fn unreadable(at: u64, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, format!("byte {at}: the index cannot be read: {error}"))
        .with_source(error)
}

impl Contents {
    fn add(
        &mut self,
        outline: &Outline<'_>,
        at: u64,
        length: u64,
        hash: u128,
        limits: &ScipLimits,
    ) -> Result<()> {
        if self.documents.len() >= limits.documents {
            return Err(too_large(at, "there are more documents than are taken", limits.documents));
        }
        let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(Place { path: outline.path.to_owned(), at, length, hash });
        for (symbol, is_declaration) in &outline.defined {
            let own = Owner { document: number, is_declaration: *is_declaration, is_shared: false };
            let Some(known) = self.owners.get(symbol) else {
                if self.owners.len() >= limits.symbols {
                    return Err(too_large(at, "there are more symbols than are taken", limits.symbols));
                }
                self.owners.insert(*symbol, own);
                continue;
            };
            // A definition before declarations, and of several the one whose file comes first: whatever the order of
            // the documents.
            let rank = |owner: &Owner| (owner.is_declaration, self.path(owner.document));
            let is_before = rank(&own) < rank(known);
            let is_shared = known.is_shared || known.document != number;
            if let Some(known) = self.owners.get_mut(symbol) {
                if is_before {
                    *known = own;
                }
                known.is_shared = is_shared;
            }
        }
        Ok(())
    }

    fn path(&self, document: u32) -> &str {
        self.documents.get(document as usize).map_or("", |place| place.path.as_str())
    }

    /// Whether the node of a symbol in this document has it for its id.
    pub(super) fn owns(&self, document: usize, symbol: u128) -> bool {
        self.owners.get(&symbol).is_some_and(|owner| owner.document as usize == document)
    }

    /// How many symbols several documents define.
    pub(super) fn shared_symbols(&self) -> u64 {
        u64::try_from(self.owners.values().filter(|owner| owner.is_shared).count()).unwrap_or(u64::MAX)
    }
}
