//! What the cache holds: the store's decoded records and the users' entries.

use std::borrow::Borrow;
use std::ops::Deref;
use std::sync::Arc;

use super::user::UserEntry;
use crate::graph::StoredFile;
use crate::keyspace::FileOrd;
use crate::link::{LinkRecord, LooseCounts};
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// A decoded record of the store.
#[derive(Clone, Debug)]
pub(crate) enum CachedRecord {
    Segment(Arc<Segment>),
    Links(Arc<LinkRecord>),
    Entry(Arc<FileEntry>),
    File(StoredFile),
    Files(FileList),
    Listing(Arc<Listing>),
    /// The counts, and whether there are more files than were counted.
    Loose(LooseCounts, bool),
}

/// The files that a term leads to, in order. For most terms it is one.
#[derive(Clone, Debug)]
pub(crate) enum FileList {
    One(FileOrd),
    Several(Arc<[FileOrd]>),
}

impl Deref for FileList {
    type Target = [FileOrd];

    fn deref(&self) -> &[FileOrd] {
        match self {
            Self::One(file) => std::slice::from_ref(file),
            Self::Several(files) => files,
        }
    }
}

impl Borrow<[FileOrd]> for FileList {
    fn borrow(&self) -> &[FileOrd] {
        self
    }
}

impl Default for FileList {
    fn default() -> Self {
        Self::Several(Arc::default())
    }
}

impl From<Vec<FileOrd>> for FileList {
    fn from(files: Vec<FileOrd>) -> Self {
        match *files {
            [file] => Self::One(file),
            _ => Self::Several(files.into()),
        }
    }
}

/// An entry as the map has it: a pointer and its kind, in 16 bytes. What would take more is behind a pointer, but for the
/// answer that a term leads to one file, of which there are as many as nodes.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Segment(Arc<Segment>),
    Links(Arc<LinkRecord>),
    FileEntry(Arc<FileEntry>),
    File(StoredFile),
    OneFile(FileOrd),
    Files(Arc<Arc<[FileOrd]>>),
    Listing(Arc<Listing>),
    Loose(Arc<(LooseCounts, bool)>),
    User(UserEntry),
}

impl Entry {
    pub(super) fn of(record: CachedRecord) -> Self {
        match record {
            CachedRecord::Segment(segment) => Self::Segment(segment),
            CachedRecord::Links(links) => Self::Links(links),
            CachedRecord::Entry(entry) => Self::FileEntry(entry),
            CachedRecord::File(file) => Self::File(file),
            CachedRecord::Listing(listing) => Self::Listing(listing),
            CachedRecord::Loose(counts, is_cut) => Self::Loose(Arc::new((counts, is_cut))),
            CachedRecord::Files(FileList::One(file)) => Self::OneFile(file),
            CachedRecord::Files(FileList::Several(files)) => Self::Files(Arc::new(files)),
        }
    }

    /// The record; none of a user's entry.
    pub(super) fn record(&self) -> Option<CachedRecord> {
        Some(match self {
            Self::Segment(segment) => CachedRecord::Segment(Arc::clone(segment)),
            Self::Links(links) => CachedRecord::Links(Arc::clone(links)),
            Self::FileEntry(entry) => CachedRecord::Entry(Arc::clone(entry)),
            Self::File(file) => CachedRecord::File(file.clone()),
            Self::OneFile(file) => CachedRecord::Files(FileList::One(*file)),
            Self::Files(files) => CachedRecord::Files(FileList::Several(Arc::clone(files))),
            Self::Listing(listing) => CachedRecord::Listing(Arc::clone(listing)),
            Self::Loose(loose) => CachedRecord::Loose(loose.0, loose.1),
            Self::User(_) => return None,
        })
    }

    /// What it takes in bytes, beside its place in the map.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Segment(segment) => segment.weight(),
            Self::Links(links) => links.weight(),
            Self::FileEntry(entry) => entry.weight(),
            Self::File(file) => file.weight(),
            Self::OneFile(_) => 0,
            Self::Files(files) => size_of_val::<[FileOrd]>(files) + size_of::<Arc<[FileOrd]>>(),
            Self::Listing(listing) => listing.weight(),
            Self::Loose(loose) => size_of_val(&**loose),
            Self::User(entry) => entry.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CachedRecord, Entry, FileList};

    #[test]
    fn files_come_back_however_many_they_are() {
        for files in [vec![], vec![7], vec![7, 9], (0..100).collect::<Vec<_>>()] {
            let kept = Entry::of(CachedRecord::Files(FileList::from(files.clone())));
            let Some(CachedRecord::Files(found)) = kept.record() else { panic!("{kept:?}") };
            assert_eq!(&*found, files);
        }
    }
}
