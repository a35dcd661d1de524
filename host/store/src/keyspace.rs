//! Where everything lies in the store: the only place that makes keys.
//!
//! | key | value |
//! |---|---|
//! | `01` | the store: the next ordinals of repositories and spaces |
//! | `02` repository id | ordinal of the repository |
//! | `03` repository | head |
//! | `04` repository, space | marker: a generation that is being written |
//! | `05` repository, space | marker: a generation that is being deleted |
//! | `06` repository, version | what the version changed, in figures |
//! | `07` repository, inverted version | the nodes and edges that it added and removed |
//! | `08` repository id | a copy from another store that is under way |
//! | `10` repository, segment name | segment |
//! | `20` space, `p`, path | ordinal of the file |
//! | `20` space, `f`, file | file entry |
//! | `20` space, `l`, file | link record |
//! | `20` space, `b`, bucket | postings of one bucket of the inverted index, as of the last full store |
//! | `20` space, `d`, term, file | one posting added since |
//! | `20` space, `n`, file, slot, analyser | note |
//! | `30` repository id | analysis head, which names the scope of the repository's results |
//! | `31` result id | result of an analysis, without its data |
//! | `32` scope, inverted time, result id | nothing: the results of a repository, newest first |
//! | `33` scope, type name, inverted time, result id | nothing: those of one type, newest first |
//! | `34` data name, number | one part of the data of a result |
//! | `35` scope | analysis head of a deleted repository whose results are still to be removed |
//!
//! Ordinals are 32 bits, big-endian, so that ranges follow their order. A *space* is one generation of one
//! repository's tables. A full store fills a new space, and one last batch points the head at it; segments are
//! named by their path and content and stay where they are. What a commit writes lies together where that costs nothing:
//! the new segment of a file beside its old one, and what is listed of the last version, the first of its table, beside the
//! figures of that version, the last of theirs.
//!
//! The keys from `30` on may lie in a store of their own, which has no ordinals. So a *scope*, the results of one
//! repository, is named by 128 random bits, as is the data of a result.

pub(crate) mod analysis;

use std::cmp::Ordering;

use codestrata_core::{Key, KeyRange, Result};

use crate::codec::{ContentName, content_name};

const STORE: u8 = 0x01;
const REPOSITORY_ID: u8 = 0x02;
const HEAD: u8 = 0x03;
const WRITING: u8 = 0x04;
const DELETING: u8 = 0x05;
const CHANGE: u8 = 0x06;
const LISTED: u8 = 0x07;
const COPYING: u8 = 0x08;
const SEGMENT: u8 = 0x10;
const SPACE: u8 = 0x20;

/// Texts longer than this are cut and completed with their hash, so that every key fits the seam's limit.
const MAX_TEXT_BYTES: usize = 900;

/// The ordinal of a repository.
pub(crate) type RepoOrd = u32;
/// One generation of a repository's tables.
pub(crate) type Space = u32;
/// The ordinal of a file in a space.
pub(crate) type FileOrd = u32;
/// The number of a node in its file, kept while the node's id persists.
pub(crate) type Slot = u32;

/// The tables of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Table {
    Path = b'p',
    File = b'f',
    Links = b'l',
    Bucket = b'b',
    Delta = b'd',
    Note = b'n',
}

fn key(parts: &[&[u8]]) -> Result<Key> {
    Key::new(parts.concat())
}

/// A text as it stands in a key: as it is, or cut and completed with its hash.
fn text_part(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    match bytes.split_at_checked(MAX_TEXT_BYTES) {
        None | Some((_, [])) => bytes.to_vec(),
        Some((beginning, _)) => [beginning, &[0], &content_name(bytes).to_be_bytes()].concat(),
    }
}

pub(crate) fn store() -> Result<Key> {
    key(&[&[STORE]])
}

pub(crate) fn repository_id(id: &str) -> Result<Key> {
    key(&[&[REPOSITORY_ID], &text_part(id)])
}

pub(crate) fn repository_ids() -> KeyRange {
    KeyRange::prefix(vec![REPOSITORY_ID])
}

pub(crate) fn head(repo: RepoOrd) -> Result<Key> {
    key(&[&[HEAD], &repo.to_be_bytes()])
}

/// The heads of all repositories.
pub(crate) fn all_heads() -> KeyRange {
    KeyRange::prefix(vec![HEAD])
}

pub(crate) fn writing(repo: RepoOrd, space: Space) -> Result<Key> {
    key(&[&[WRITING], &repo.to_be_bytes(), &space.to_be_bytes()])
}

pub(crate) fn deleting(repo: RepoOrd, space: Space) -> Result<Key> {
    key(&[&[DELETING], &repo.to_be_bytes(), &space.to_be_bytes()])
}

/// The generations of one repository that are being deleted.
pub(crate) fn deletions_of(repo: RepoOrd) -> KeyRange {
    KeyRange::prefix([[DELETING].as_slice(), &repo.to_be_bytes()].concat())
}

pub(crate) fn all_writing() -> KeyRange {
    KeyRange::prefix(vec![WRITING])
}

pub(crate) fn all_deleting() -> KeyRange {
    KeyRange::prefix(vec![DELETING])
}

/// The repository and space of the key of a marker.
pub(crate) fn marker_of(key: &[u8]) -> Option<(RepoOrd, Space)> {
    let (repo, rest) = key.get(1..)?.split_first_chunk::<4>()?;
    let (space, _) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*repo), u32::from_be_bytes(*space)))
}

/// A copy that is under way to a repository of this id.
pub(crate) fn copying(id: &str) -> Result<Key> {
    key(&[&[COPYING], &text_part(id)])
}

pub(crate) fn all_copying() -> KeyRange {
    KeyRange::prefix(vec![COPYING])
}

/// Everything of a graph but its head, by the beginnings of keys: what comes after these is the same in every store. In
/// the order in which they are written.
pub(crate) fn tables_of_graph(repo: RepoOrd, space: Space) -> [KeyRange; 4] {
    let [changes, listed] =
        [CHANGE, LISTED].map(|table| KeyRange::prefix([[table].as_slice(), &repo.to_be_bytes()].concat()));
    [changes, listed, segments(repo), whole_space(space)]
}

pub(crate) fn change(repo: RepoOrd, version: u64) -> Result<Key> {
    key(&[&[CHANGE], &repo.to_be_bytes(), &version.to_be_bytes()])
}

pub(crate) fn listed_change(repo: RepoOrd, version: u64) -> Result<Key> {
    key(&[&[LISTED], &repo.to_be_bytes(), &(!version).to_be_bytes()])
}

/// What is kept of these versions of a repository, and after it what is listed of them.
pub(crate) fn history(repo: RepoOrd, versions: std::ops::RangeInclusive<u64>) -> [KeyRange; 2] {
    let range = |table: u8, first: u64, last: u64| {
        let prefix = [[table].as_slice(), &repo.to_be_bytes()].concat();
        let start = [prefix.as_slice(), &first.to_be_bytes()].concat();
        let end = match last.checked_add(1) {
            Some(end) => Some([prefix.as_slice(), &end.to_be_bytes()].concat().into()),
            None => KeyRange::prefix(prefix).end().cloned(),
        };
        KeyRange::new(start, end)
    };
    let (first, last) = versions.into_inner();
    [range(CHANGE, first, last), range(LISTED, !last, !first)]
}

/// The version in the key of what is kept of one.
pub(crate) fn version_of(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*key.last_chunk::<8>()?))
}

/// The version in the key of what is listed of one.
pub(crate) fn listed_version_of(key: &[u8]) -> Option<u64> {
    version_of(key).map(|inverted| !inverted)
}

pub(crate) fn segment(repo: RepoOrd, name: ContentName) -> Result<Key> {
    key(&[&[SEGMENT], &repo.to_be_bytes(), &name.to_be_bytes()])
}

pub(crate) fn segments(repo: RepoOrd) -> KeyRange {
    KeyRange::prefix([[SEGMENT].as_slice(), &repo.to_be_bytes()].concat())
}

/// The name in the key of a segment.
pub(crate) fn segment_name_of(key: &[u8]) -> Option<ContentName> {
    Some(ContentName::from_be_bytes(*key.last_chunk::<16>()?))
}

fn space_prefix(space: Space) -> Vec<u8> {
    [[SPACE].as_slice(), &space.to_be_bytes()].concat()
}

/// Everything of a generation.
pub(crate) fn whole_space(space: Space) -> KeyRange {
    KeyRange::prefix(space_prefix(space))
}

/// Everything of this generation and of those after it.
pub(crate) fn spaces_from(space: Space) -> KeyRange {
    let all = KeyRange::prefix(vec![SPACE]);
    KeyRange::new(space_prefix(space), all.end().cloned())
}

/// The generation that a key of its tables belongs to.
pub(crate) fn space_of(key: &[u8]) -> Option<Space> {
    let (space, _) = key.get(1..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*space))
}

/// Everything of one table.
pub(crate) fn table(space: Space, table: Table) -> KeyRange {
    let mut prefix = space_prefix(space);
    prefix.push(table as u8);
    KeyRange::prefix(prefix)
}

fn row(space: Space, table: Table, rest: &[&[u8]]) -> Result<Key> {
    let mut bytes = space_prefix(space);
    bytes.push(table as u8);
    for part in rest {
        bytes.extend_from_slice(part);
    }
    Key::new(bytes)
}

pub(crate) fn path(space: Space, path: &str) -> Result<Key> {
    row(space, Table::Path, &[&text_part(path)])
}

/// The order of the keys of two paths.
pub(crate) fn in_order_of_paths(one: &str, other: &str) -> Ordering {
    if one.len() <= MAX_TEXT_BYTES && other.len() <= MAX_TEXT_BYTES {
        return one.cmp(other);
    }
    text_part(one).cmp(&text_part(other))
}

/// The path in the key of one; none where it is cut, or no text.
pub(crate) fn path_of(key: &[u8]) -> Option<&str> {
    let text = key.get(6..)?;
    if text.len() > MAX_TEXT_BYTES { None } else { std::str::from_utf8(text).ok() }
}

pub(crate) fn file(space: Space, file: FileOrd) -> Result<Key> {
    row(space, Table::File, &[&file.to_be_bytes()])
}

pub(crate) fn links(space: Space, file: FileOrd) -> Result<Key> {
    row(space, Table::Links, &[&file.to_be_bytes()])
}

/// The file in which a key of the tables `f` and `l`, or a posting, ends.
pub(crate) fn last_ordinal(key: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*key.last_chunk::<4>()?))
}

pub(crate) fn bucket(space: Space, bucket: u32) -> Result<Key> {
    row(space, Table::Bucket, &[&bucket.to_be_bytes()])
}

pub(crate) fn delta(space: Space, term: u32, file: FileOrd) -> Result<Key> {
    row(space, Table::Delta, &[&term.to_be_bytes(), &file.to_be_bytes()])
}

/// The number in the key of a bucket, and the term in that of a delta.
pub(crate) fn first_number(key: &[u8]) -> Option<u32> {
    let (number, _) = key.get(6..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*number))
}

pub(crate) fn deltas_of(space: Space, term: u32) -> KeyRange {
    let mut prefix = space_prefix(space);
    prefix.push(Table::Delta as u8);
    prefix.extend_from_slice(&term.to_be_bytes());
    KeyRange::prefix(prefix)
}

pub(crate) fn note(space: Space, file: FileOrd, slot: Slot, analyser: &str) -> Result<Key> {
    row(space, Table::Note, &[&file.to_be_bytes(), &slot.to_be_bytes(), &text_part(analyser)])
}

pub(crate) fn notes_of_file(space: Space, file: FileOrd) -> KeyRange {
    let mut prefix = space_prefix(space);
    prefix.push(Table::Note as u8);
    prefix.extend_from_slice(&file.to_be_bytes());
    KeyRange::prefix(prefix)
}

pub(crate) fn notes_of_node(space: Space, file: FileOrd, slot: Slot) -> KeyRange {
    let mut prefix = space_prefix(space);
    prefix.push(Table::Note as u8);
    prefix.extend_from_slice(&file.to_be_bytes());
    prefix.extend_from_slice(&slot.to_be_bytes());
    KeyRange::prefix(prefix)
}

/// The file and slot of the key of a note.
pub(crate) fn note_place_of(key: &[u8]) -> Option<(FileOrd, Slot)> {
    let (file, rest) = key.get(6..)?.split_first_chunk::<4>()?;
    let (slot, _) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*file), u32::from_be_bytes(*slot)))
}
