//! One document of an index, decoded.
//!
//! The messages in it are decoded one by one with the crate `scip`, and only what the graph needs of each is kept: what
//! a hostile document blows up in decoding is one message of it.

use std::collections::HashMap;

use codestrata::{Error, ErrorKind, Result};
use protobuf::Message;
use scip::types::symbol_information::Kind;
use scip::types::{Occurrence, PositionEncoding, SymbolInformation, SymbolRole};
use xxhash_rust::xxh3::xxh3_128;

use super::limits::{Budget, ScipLimits};
use super::place::{Range, Units};
use super::symbol::is_local;
use super::wire::{Field, Fields, Value, bad, text, without};

/// The numbers of the fields of `Document`, and of those of `Occurrence` that the first pass reads.
mod field {
    pub(super) const PATH: u64 = 1;
    pub(super) const OCCURRENCE: u64 = 2;
    pub(super) const SYMBOL: u64 = 3;
    pub(super) const LANGUAGE: u64 = 4;
    pub(super) const TEXT: u64 = 5;
    pub(super) const ENCODING: u64 = 6;
    pub(super) const OCCURRENCE_SYMBOL: u64 = 2;
    pub(super) const OCCURRENCE_ROLES: u64 = 3;
    /// Documentation and diagnostics of an occurrence, which are not kept.
    pub(super) const OCCURRENCE_WORDS: [u64; 2] = [4, 6];
    pub(super) const SYMBOL_SYMBOL: u64 = 1;
    pub(super) const SYMBOL_DOCUMENTATION: u64 = 3;
    pub(super) const SYMBOL_SIGNATURE: u64 = 7;
    /// Of these only a line is kept, whatever bytes it has.
    pub(super) const SYMBOL_WORDS: [u64; 2] = [SYMBOL_DOCUMENTATION, SYMBOL_SIGNATURE];
    pub(super) const SIGNATURE_TEXT: u64 = 5;
}

/// A bit of the roles of an occurrence.
fn bit(role: SymbolRole) -> i32 {
    role as i32
}

/// What an occurrence does with its symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Roles(pub(super) i32);

impl Roles {
    pub(super) fn has(self, role: SymbolRole) -> bool {
        self.0 & bit(role) != 0
    }

    pub(super) fn is_definition(self) -> bool {
        self.has(SymbolRole::Definition) || self.has(SymbolRole::ForwardDefinition)
    }

    /// Whether it only declares what is defined in another place.
    pub(super) fn is_declaration(self) -> bool {
        self.is_definition() && !self.has(SymbolRole::Definition)
    }
}

/// What the first pass needs of a document.
pub(super) struct Outline<'a> {
    pub(super) path: &'a str,
    /// The hash of each symbol that is defined in it and that others can name, and whether it is only declared.
    pub(super) defined: Vec<(u128, bool)>,
}

/// The hash that stands for a symbol.
pub(super) fn symbol_hash(symbol: &str) -> u128 {
    xxh3_128(symbol.as_bytes())
}

/// Reads the path and the defined symbols of a document that begins at a place of the file.
pub(super) fn outline<'a>(bytes: &'a [u8], at: u64, limits: &ScipLimits) -> Result<Outline<'a>> {
    let mut path = "";
    let mut defined = Vec::new();
    for field in Fields::new(bytes, at) {
        let field = field?;
        match (field.number, field.value) {
            (field::PATH, Value::Bytes(bytes)) => path = text(bytes, field.at, "the path of a document")?,
            (field::OCCURRENCE, Value::Bytes(bytes)) => {
                let (mut symbol, mut roles) = ("", Roles(0));
                for part in Fields::new(bytes, field.at) {
                    let part = part?;
                    match (part.number, part.value) {
                        (field::OCCURRENCE_SYMBOL, Value::Bytes(bytes)) => {
                            symbol = text(bytes, part.at, "a symbol")?;
                        }
                        // The bits that have a meaning are among the lower ones.
                        (field::OCCURRENCE_ROLES, Value::Varint(number)) => {
                            roles = Roles(i32::try_from(number & 0xffff).unwrap_or_default());
                        }
                        _ => {}
                    }
                }
                if roles.is_definition() && !symbol.is_empty() && !is_local(symbol) {
                    defined.push((symbol_hash(symbol), roles.is_declaration()));
                }
            }
            _ => {}
        }
    }
    check_path(path, at, limits)?;
    Ok(Outline { path, defined })
}

/// Refuses a path that does not lead to a file below the root of the repository, by one way of writing it only.
fn check_path(path: &str, at: u64, limits: &ScipLimits) -> Result<()> {
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    let is_plain = !is_drive
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if path.is_empty() {
        return Err(bad(at, "a document has no path"));
    }
    if path.len() > limits.symbol_bytes {
        return Err(bad(
            at,
            format_args!(
                "the path of a document has {} bytes; the limit is {}",
                path.len(),
                limits.symbol_bytes
            ),
        ));
    }
    if !is_plain {
        return Err(bad(
            at,
            format_args!("the path `{path}` is not one from the project's root, with `/` between its parts"),
        ));
    }
    Ok(())
}

/// About what an occurrence takes while its document is read, with the symbol that it may be the first of.
const OCCURRENCE_BYTES: usize = 128;
/// About what the description of a symbol takes, beside its texts.
const SYMBOL_BYTES: usize = 256;

/// A symbol where it occurs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Its place among the symbols of the document.
    pub(super) symbol: u32,
    pub(super) range: Range,
    pub(super) enclosing: Option<Range>,
    pub(super) roles: Roles,
}

/// What the relationship to another symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Implements,
    HasType,
}

/// What is said about a symbol.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) kind: Kind,
    /// What it is shown as; empty if that is not said.
    pub(super) name: String,
    /// The symbol that it stands in; empty if that is not said.
    pub(super) enclosing: String,
    pub(super) relations: Vec<(String, Relation)>,
    /// The first line of its signature; empty if there is none.
    pub(super) signature: String,
}

/// A document.
pub(super) struct Document<'a> {
    pub(super) path: &'a str,
    pub(super) language: &'a str,
    pub(super) units: Units,
    /// Its text, if the index has it.
    pub(super) text: Option<&'a str>,
    /// The symbols that occur in it.
    pub(super) symbols: Vec<&'a str>,
    /// Where, in the order of their places.
    pub(super) occurrences: Vec<Seen>,
    pub(super) described: HashMap<&'a str, Described>,
}

/// Decodes a document that begins at a place of the file.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    at: u64,
    limits: &ScipLimits,
    budget: &mut Budget,
) -> Result<Document<'a>> {
    let mut document = Document {
        path: "",
        language: "",
        units: Units::of(PositionEncoding::UnspecifiedPositionEncoding),
        text: None,
        symbols: Vec::new(),
        occurrences: Vec::new(),
        described: HashMap::new(),
    };
    let mut numbers: HashMap<&'a str, u32> = HashMap::new();
    for field in Fields::new(bytes, at) {
        let field = field?;
        match (field.number, field.value) {
            (field::PATH, Value::Bytes(bytes)) => {
                document.path = text(bytes, field.at, "the path of a document")?;
            }
            (field::LANGUAGE, Value::Bytes(bytes)) => {
                document.language = text(bytes, field.at, "a language")?;
            }
            (field::TEXT, Value::Bytes(bytes)) => {
                document.text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty());
            }
            (field::ENCODING, Value::Varint(number)) => document.units = units(number, field.at)?,
            (field::OCCURRENCE, Value::Bytes(bytes)) => {
                budget.take(OCCURRENCE_BYTES, document.path)?;
                document.add_occurrence(bytes, field.at, limits, &mut numbers)?;
            }
            (field::SYMBOL, Value::Bytes(bytes)) => {
                budget.take(SYMBOL_BYTES + bytes.len(), document.path)?;
                document.add_symbol(bytes, field.at, limits)?;
            }
            _ => {}
        }
    }
    check_path(document.path, at, limits)?;
    let symbols = &document.symbols;
    let name = |seen: &Seen| symbols.get(seen.symbol as usize).copied();
    document.occurrences.sort_by(|a, b| (a.range, name(a), a.roles.0).cmp(&(b.range, name(b), b.roles.0)));
    Ok(document)
}

fn units(number: u64, at: u64) -> Result<Units> {
    let encoding = i32::try_from(number).ok().and_then(<PositionEncoding as protobuf::Enum>::from_i32);
    encoding.map(Units::of).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("byte {at}: columns are counted in an unknown encoding, {number}"),
        )
        .with_help("import it with a newer version of codestrata")
    })
}

impl<'a> Document<'a> {
    fn add_occurrence(
        &mut self,
        bytes: &'a [u8],
        at: u64,
        limits: &ScipLimits,
        numbers: &mut HashMap<&'a str, u32>,
    ) -> Result<()> {
        let occurrence: Occurrence =
            message(&without(bytes, at, &field::OCCURRENCE_WORDS)?, at, limits, "an occurrence")?;
        if occurrence.symbol.is_empty() {
            // It says how something is to be coloured.
            return Ok(());
        }
        let wrong = |what: String| {
            bad(at, format_args!("`{}` at an occurrence of `{}`: {what}", self.path, occurrence.symbol))
        };
        let range = Range::of(&occurrence).map_err(wrong)?;
        let range = range.ok_or_else(|| wrong("it has no range".to_owned()))?;
        let enclosing = Range::enclosing(&occurrence).map_err(wrong)?;
        let symbol = last_bytes(bytes, at, field::OCCURRENCE_SYMBOL)?;
        let symbol = symbol.map_or(Ok(""), |(bytes, at)| text(bytes, at, "a symbol"))?;
        check_length(symbol, at, limits)?;
        let next = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        let symbol = *numbers.entry(symbol).or_insert_with(|| {
            self.symbols.push(symbol);
            next
        });
        let roles = Roles(occurrence.symbol_roles);
        self.occurrences.push(Seen { symbol, range, enclosing, roles });
        Ok(())
    }

    fn add_symbol(&mut self, bytes: &'a [u8], at: u64, limits: &ScipLimits) -> Result<()> {
        let what = "the description of a symbol";
        let information: SymbolInformation =
            message(&without(bytes, at, &field::SYMBOL_WORDS)?, at, limits, what)?;
        let symbol = last_bytes(bytes, at, field::SYMBOL_SYMBOL)?;
        let symbol = symbol.map_or(Ok(""), |(bytes, at)| text(bytes, at, "a symbol"))?;
        check_length(symbol, at, limits)?;
        check_length(&information.display_name, at, limits)?;
        check_length(&information.enclosing_symbol, at, limits)?;
        let mut described = Described {
            // A kind that is not known yet is one that is not said.
            kind: information.kind.enum_value_or_default(),
            signature: signature(bytes, at)?,
            name: information.display_name,
            enclosing: information.enclosing_symbol,
            relations: Vec::new(),
        };
        for relationship in information.relationships {
            check_length(&relationship.symbol, at, limits)?;
            if relationship.symbol.is_empty() {
                continue;
            }
            if relationship.is_type_definition {
                described.relations.push((relationship.symbol.clone(), Relation::HasType));
            }
            if relationship.is_implementation {
                described.relations.push((relationship.symbol, Relation::Implements));
            }
        }
        // A symbol that is defined several times, by overloads, is described as often: the first description that
        // says a thing counts.
        let known = self.described.entry(symbol).or_default();
        if known.kind == Kind::UnspecifiedKind {
            known.kind = described.kind;
        }
        for (known, said) in [
            (&mut known.name, described.name),
            (&mut known.enclosing, described.enclosing),
            (&mut known.signature, described.signature),
        ] {
            if known.is_empty() {
                *known = said;
            }
        }
        known.relations.extend(described.relations);
        Ok(())
    }
}

/// The bytes of a field and where they begin: of several the last counts.
fn last_bytes(message: &[u8], at: u64, number: u64) -> Result<Option<(&[u8], u64)>> {
    let mut last = None;
    for field in Fields::new(message, at) {
        let field = field?;
        if let Value::Bytes(bytes) = field.value
            && field.number == number
        {
            last = Some((bytes, field.at));
        }
    }
    Ok(last)
}

/// The first line of what declares a symbol: of its signature, or of the block of code that its documentation begins with.
fn signature(message: &[u8], at: u64) -> Result<String> {
    if let Some((signature, at)) = last_bytes(message, at, field::SYMBOL_SIGNATURE)?
        && let Some((text, _)) = last_bytes(signature, at, field::SIGNATURE_TEXT)?
        && !text.is_empty()
    {
        return Ok(first_line(text));
    }
    for field in Fields::new(message, at) {
        if let Field { number: field::SYMBOL_DOCUMENTATION, value: Value::Bytes(text), .. } = field? {
            let code = text.trim_ascii_start().strip_prefix(b"```");
            let line = code.and_then(|code| code.iter().position(|byte| *byte == b'\n'));
            let code = code.zip(line).and_then(|(code, line)| code.get(line..));
            return Ok(code.map(first_line).unwrap_or_default());
        }
    }
    Ok(String::new())
}

fn check_length(symbol: &str, at: u64, limits: &ScipLimits) -> Result<()> {
    if symbol.len() > limits.symbol_bytes {
        return Err(too_large(
            at,
            &format!("a symbol or name of {} bytes", symbol.len()),
            limits.symbol_bytes,
        ));
    }
    Ok(())
}

/// The error of something that is larger than it may be.
pub(super) fn too_large(at: u64, what: &str, most: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::TooLarge, format!("byte {at}: {what}; the limit is {most}")).with_help(
        "nothing of the index was stored; see whether the file is damaged, or index a part of the project",
    )
}

fn message<M: Message>(bytes: &[u8], at: u64, limits: &ScipLimits, what: &str) -> Result<M> {
    if bytes.len() > limits.message_bytes {
        return Err(too_large(at, &format!("{what} of {} bytes", bytes.len()), limits.message_bytes));
    }
    M::parse_from_bytes(bytes)
        .map_err(|error| bad(at, format_args!("{what} cannot be read: {error}")).with_source(error))
}

/// How much of a signature is kept: enough to see what it declares.
const SIGNATURE_BYTES: usize = 120;

fn first_line(text: &[u8]) -> String {
    let text = text.trim_ascii_start();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line.get(..SIGNATURE_BYTES).unwrap_or(line)).into_owned()
}
