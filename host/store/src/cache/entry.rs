//! What the cache holds: the store's decoded records and the users' entries.

use std::sync::Arc;

use super::user::UserEntry;
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
    Files(Arc<[FileOrd]>),
    Listing(Arc<Listing>),
    /// The counts, and whether there are more files than were counted.
    Loose(LooseCounts, bool),
}

/// An entry as the map has it: a pointer and its kind, in 16 bytes. What would take more is behind a pointer, but for the
/// answer that a term leads to one file, of which there are as many as nodes.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Segment(Arc<Segment>),
    Links(Arc<LinkRecord>),
    File(Arc<FileEntry>),
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
            CachedRecord::Entry(entry) => Self::File(entry),
            CachedRecord::Listing(listing) => Self::Listing(listing),
            CachedRecord::Loose(counts, is_cut) => Self::Loose(Arc::new((counts, is_cut))),
            CachedRecord::Files(files) => match *files {
                [file] => Self::OneFile(file),
                _ => Self::Files(Arc::new(files)),
            },
        }
    }

    /// The record; none of a user's entry.
    pub(super) fn record(&self) -> Option<CachedRecord> {
        Some(match self {
            Self::Segment(segment) => CachedRecord::Segment(Arc::clone(segment)),
            Self::Links(links) => CachedRecord::Links(Arc::clone(links)),
            Self::File(entry) => CachedRecord::Entry(Arc::clone(entry)),
            Self::OneFile(file) => CachedRecord::Files(Arc::from([*file])),
            Self::Files(files) => CachedRecord::Files(Arc::clone(files)),
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
            Self::File(entry) => size_of::<FileEntry>() + entry.path.len() + entry.hash.len(),
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
    use std::sync::Arc;

    use super::{CachedRecord, Entry};

    #[test]
    fn files_come_back_however_many_they_are() {
        for files in [vec![], vec![7], vec![7, 9], (0..100).collect::<Vec<_>>()] {
            let kept = Entry::of(CachedRecord::Files(Arc::from(files.as_slice())));
            let Some(CachedRecord::Files(found)) = kept.record() else { panic!("{kept:?}") };
            assert_eq!(&*found, files);
        }
    }
}
