//! What the cache holds: the store's decoded records and the users' entries.

use std::borrow::Borrow;
use std::ops::Deref;
use std::sync::Arc;

use super::expiry::Deadline;
use super::user::{Ending, Lasting, Short};
use crate::graph::StoredFile;
use crate::keyspace::FileOrd;
use crate::link::{LinkRecord, LooseCounts};
use crate::records::FileEntry;
use crate::segment::Listing;

/// Values of users up to so many bytes are decoded where they lie.
const DECODED_IN_PLACE_BYTES: usize = 1_024;

/// A decoded record of the store.
#[derive(Clone, Debug)]
pub(crate) enum CachedRecord {
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
    /// The file, and the row at which the node with the id of the term was found last: a guess, because files change.
    One(FileOrd, u32),
    Several(Arc<[FileOrd]>),
}

impl Deref for FileList {
    type Target = [FileOrd];

    fn deref(&self) -> &[FileOrd] {
        match self {
            Self::One(file, _) => std::slice::from_ref(file),
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
            [file] => Self::One(file, u32::MAX),
            _ => Self::Several(files.into()),
        }
    }
}

/// An entry as the map has it: a pointer and its kind, in 16 bytes. What would take more is behind a pointer, but for the
/// answer that a term leads to one file, of which there are as many as nodes.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Links(Arc<LinkRecord>),
    FileMeta(Arc<FileEntry>),
    File(StoredFile),
    OneFile(FileOrd, u32),
    Files(Arc<Arc<[FileOrd]>>),
    Listing(Arc<Listing>),
    Loose(Arc<(LooseCounts, bool)>),
    /// Values of users, with the numbers of their types.
    Short(u8, Short),
    Lasting(u8, Lasting),
    Ending(u8, Ending),
}

impl Entry {
    pub(super) fn of(record: CachedRecord) -> Self {
        match record {
            CachedRecord::Links(links) => Self::Links(links),
            CachedRecord::Entry(entry) => Self::FileMeta(entry),
            CachedRecord::File(file) => Self::File(file),
            CachedRecord::Listing(listing) => Self::Listing(listing),
            CachedRecord::Loose(counts, is_cut) => Self::Loose(Arc::new((counts, is_cut))),
            CachedRecord::Files(FileList::One(file, row)) => Self::OneFile(file, row),
            CachedRecord::Files(FileList::Several(files)) => Self::Files(Arc::new(files)),
        }
    }

    /// A user's value, of the type with this number.
    pub(super) fn of_value(type_number: u8, value: &[u8], deadline: Option<Deadline>) -> Self {
        match (deadline, Short::new(value)) {
            (None, Some(short)) => Self::Short(type_number, short),
            (None, None) => Self::Lasting(type_number, Lasting::from_header_and_slice((), value)),
            (Some(deadline), _) => Self::Ending(type_number, Ending::from_header_and_slice(deadline, value)),
        }
    }

    /// Whether it is decoded where it lies: what is larger would let writers wait.
    #[inline]
    pub(super) fn is_quick_to_decode(&self) -> bool {
        match self {
            Self::Lasting(_, value) => value.slice.len() <= DECODED_IN_PLACE_BYTES,
            Self::Ending(_, value) => value.slice.len() <= DECODED_IN_PLACE_BYTES,
            _ => true,
        }
    }

    /// When it ends, if it does.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        match self {
            Self::Ending(_, value) => Some(value.header.header),
            _ => None,
        }
    }

    /// The record; none of a user's entry.
    pub(super) fn record(&self) -> Option<CachedRecord> {
        Some(match self {
            Self::Links(links) => CachedRecord::Links(Arc::clone(links)),
            Self::FileMeta(entry) => CachedRecord::Entry(Arc::clone(entry)),
            Self::File(file) => CachedRecord::File(file.clone()),
            Self::OneFile(file, row) => CachedRecord::Files(FileList::One(*file, *row)),
            Self::Files(files) => CachedRecord::Files(FileList::Several(Arc::clone(files))),
            Self::Listing(listing) => CachedRecord::Listing(Arc::clone(listing)),
            Self::Loose(loose) => CachedRecord::Loose(loose.0, loose.1),
            Self::Short(..) | Self::Lasting(..) | Self::Ending(..) => return None,
        })
    }

    /// What it takes in bytes, beside its place in the map.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Links(links) => links.weight(),
            Self::FileMeta(entry) => entry.weight(),
            Self::File(file) => file.weight(),
            Self::OneFile(..) | Self::Short(..) => 0,
            Self::Files(files) => size_of_val::<[FileOrd]>(files) + size_of::<Arc<[FileOrd]>>(),
            Self::Listing(listing) => listing.weight(),
            Self::Loose(loose) => size_of_val(&**loose),
            Self::Lasting(_, value) => value.slice.len(),
            Self::Ending(_, value) => value.slice.len() + size_of::<Deadline>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CachedRecord, Entry, FileList};
    use crate::cache::expiry::Deadline;

    #[test]
    fn files_come_back_however_many_they_are() {
        for files in [vec![], vec![7], vec![7, 9], (0..100).collect::<Vec<_>>()] {
            let kept = Entry::of(CachedRecord::Files(FileList::from(files.clone())));
            let Some(CachedRecord::Files(found)) = kept.record() else { panic!("{kept:?}") };
            assert_eq!(&*found, files);
        }
    }

    #[test]
    fn only_what_has_a_deadline_ends() {
        let ends = Deadline { nanoseconds: 1_500, number: 7 };
        for length in [0, 13, 14, 300] {
            for deadline in [None, Some(ends)] {
                let kept = Entry::of_value(3, &vec![0x5a; length], deadline);
                assert_eq!(kept.deadline(), deadline);
                assert!(kept.record().is_none());
            }
        }
    }

    #[test]
    fn a_large_value_is_not_decoded_where_it_lies() {
        let ends = Some(Deadline { nanoseconds: 1, number: 1 });
        for deadline in [None, ends] {
            assert!(Entry::of_value(0, &[0; 1_024], deadline).is_quick_to_decode());
            assert!(!Entry::of_value(0, &[0; 1_025], deadline).is_quick_to_decode());
        }
    }

    #[test]
    fn a_value_weighs_what_it_has_beside_the_map() {
        let ends = Some(Deadline { nanoseconds: 1, number: 1 });
        assert_eq!(size_of::<Entry>(), 16);
        assert_eq!(Entry::of_value(0, &[0; 13], None).weight(), 0);
        assert_eq!(Entry::of_value(0, &[0; 14], None).weight(), 14);
        assert_eq!(Entry::of_value(0, &[0; 13], ends).weight(), 29);
    }
}
