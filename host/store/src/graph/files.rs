//! The files of a view: entry, facts and links as one record of the cache, so that a question looks once for each file.
//!
//! What one file consists of is kept together under its ordinal and nowhere else. Passes over one kind of record alone,
//! such as walks over links, keep that kind by itself.

use std::sync::{Arc, OnceLock};

use codestrata_core::Result;

use super::view::{FileParts, StoredFile, View};
use crate::cache::{Answered, CachedRecord};
use crate::codec::ContentName;
use crate::keyspace::FileOrd;
use crate::link::LinkRecord;
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// What of a file is wanted beside its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Its facts: enough to show its nodes.
    Facts,
    /// Its facts and its links.
    All,
}

impl View<'_> {
    /// The file of a number; none if it is gone.
    pub(super) async fn one_file(&self, file: FileOrd, wanted: Wanted) -> Result<Option<StoredFile>> {
        match self.at_hand(file, wanted) {
            Some(found) => Ok(Some(found)),
            None => Ok(self.files_by_ordinal(&[file], wanted).await?.pop()),
        }
    }

    /// These files with their facts and links; one that is gone is left out.
    pub(crate) async fn files(&self, files: &[FileOrd]) -> Result<Vec<StoredFile>> {
        self.files_by_ordinal(files, Wanted::All).await
    }

    /// These files with their facts and no links; one that is gone is left out.
    pub(crate) async fn facts_of(&self, files: &[FileOrd]) -> Result<Vec<StoredFile>> {
        self.files_by_ordinal(files, Wanted::Facts).await
    }

    /// The files of these entries.
    pub(crate) async fn files_of(
        &self,
        entries: Vec<(FileOrd, impl Into<Arc<FileEntry>>)>,
    ) -> Result<Vec<StoredFile>> {
        self.files_by_entry(entries, Wanted::All).await
    }

    /// The files of these entries with their facts and no links: for a pass over names.
    pub(crate) async fn segments_only(
        &self,
        entries: Vec<(FileOrd, impl Into<Arc<FileEntry>>)>,
    ) -> Result<Vec<StoredFile>> {
        self.files_by_entry(entries, Wanted::Facts).await
    }

    /// The link records alone of these files: enough to count and to walk.
    pub(crate) async fn links_of(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<LinkRecord>)>> {
        let keep = |name, links: &Arc<LinkRecord>| {
            self.engine.cache.keep(name, CachedRecord::Links(Arc::clone(links)));
        };
        self.links_and(files, keep).await
    }

    /// The same, and what is done with each record that was read.
    pub(super) async fn links_and(
        &self,
        files: &[FileOrd],
        read: impl Fn(ContentName, &Arc<LinkRecord>),
    ) -> Result<Vec<(FileOrd, Arc<LinkRecord>)>> {
        let known = |file: &FileOrd| Some(Arc::clone(&self.at_hand(*file, Wanted::All)?.links));
        let mut found: Vec<Option<Arc<LinkRecord>>> = files.iter().map(known).collect();
        let unknown = files.iter().zip(&found).filter(|(_, links)| links.is_none());
        let unknown: Vec<FileOrd> = unknown.map(|(file, _)| *file).collect();
        let entries = self.entries(&unknown).await?;
        let mut links = entries.iter().zip(self.link_records(&entries, read).await?).peekable();
        for (file, place) in files.iter().zip(&mut found).filter(|(_, links)| links.is_none()) {
            *place = links.next_if(|((of, _), _)| of == file).map(|(_, links)| links);
        }
        Ok(files.iter().zip(found).filter_map(|(file, links)| Some((*file, links?))).collect())
    }

    /// The file with this path.
    pub(crate) async fn file_at(&self, path: &str) -> Result<Option<StoredFile>> {
        let Some(file) = self.ordinals(&[path]).await?.into_iter().next().flatten() else { return Ok(None) };
        match self.one_file(file, Wanted::All).await? {
            Some(file) if file.entry.path == path => Ok(Some(file)),
            _ => Err(self.damaged(&format!("the path `{path}` leads to another file"))),
        }
    }

    /// The file of a number with its facts and links, if the cache has it.
    pub(super) fn file_at_hand(&self, file: FileOrd) -> Option<StoredFile> {
        self.at_hand(file, Wanted::All)
    }

    /// What lists show of the nodes of a file that is at hand.
    ///
    /// Cost: at the first time a pass over the nodes, unless a walk has made it.
    pub(crate) fn listing_of<'f>(&self, file: &'f StoredFile) -> &'f Arc<Listing> {
        file.listing.get_or_init(|| match self.kept(Answered::Listing(file.ordinal)) {
            Some(CachedRecord::Listing(listing)) => listing,
            _ => Arc::new(Listing::of(&file.segment)),
        })
    }

    /// What lists show of the nodes of a file, if the cache has it by itself or the file.
    pub(super) fn listing_at_hand(&self, file: FileOrd) -> Option<Arc<Listing>> {
        match self.kept(Answered::Listing(file)) {
            Some(CachedRecord::Listing(listing)) => Some(listing),
            _ => self.at_hand(file, Wanted::Facts).map(|file| Arc::clone(self.listing_of(&file))),
        }
    }

    /// A file if the cache has all of it that is wanted.
    fn at_hand(&self, file: FileOrd, wanted: Wanted) -> Option<StoredFile> {
        match self.kept(Answered::File(file)) {
            Some(CachedRecord::File(kept)) if kept.has_links || wanted == Wanted::Facts => Some(kept),
            _ => None,
        }
    }

    async fn files_by_ordinal(&self, files: &[FileOrd], wanted: Wanted) -> Result<Vec<StoredFile>> {
        let mut found = Vec::with_capacity(files.len());
        let mut unknown = Vec::new();
        for file in files {
            match self.at_hand(*file, wanted) {
                Some(known) => found.push(known),
                None => unknown.push(*file),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        // Not kept by themselves, because the files are.
        let entries = self.entries_and(&unknown, drop).await?;
        let mut read = self.read_files(entries, wanted).await?.into_iter().peekable();
        let mut known = found.into_iter().peekable();
        let next = |file: &FileOrd| {
            let is_it = |kept: &StoredFile| kept.ordinal == *file;
            known.next_if(is_it).or_else(|| read.next_if(is_it))
        };
        Ok(files.iter().filter_map(next).collect())
    }

    async fn files_by_entry(
        &self,
        entries: Vec<(FileOrd, impl Into<Arc<FileEntry>>)>,
        wanted: Wanted,
    ) -> Result<Vec<StoredFile>> {
        let (mut found, mut unknown) = (Vec::with_capacity(entries.len()), Vec::new());
        for (file, entry) in entries {
            let known = self.at_hand(file, wanted);
            if known.is_none() {
                unknown.push((file, entry.into()));
            }
            found.push(known);
        }
        // Every entry has its file, or the reading fails.
        let mut read = self.read_files(unknown, wanted).await?.into_iter();
        Ok(found.into_iter().filter_map(|known| known.or_else(|| read.next())).collect())
    }

    /// Reads the files of these entries, and keeps each of them as one.
    async fn read_files(
        &self,
        entries: Vec<(FileOrd, Arc<FileEntry>)>,
        wanted: Wanted,
    ) -> Result<Vec<StoredFile>> {
        let segments = self.segments_of(&entries).await?;
        let has_links = wanted == Wanted::All;
        let links = match wanted {
            Wanted::Facts => vec![Arc::clone(&self.engine.no_links); entries.len()],
            Wanted::All => self.link_records(&entries, |_, _| ()).await?,
        };
        let files: Vec<StoredFile> = entries
            .into_iter()
            .zip(segments)
            .zip(links)
            .map(|(((ordinal, entry), segment), links)| {
                StoredFile::from(FileParts {
                    ordinal,
                    entry,
                    segment,
                    links,
                    has_links,
                    listing: OnceLock::new(),
                })
            })
            .collect();
        let kept = |file: &StoredFile| (Answered::File(file.ordinal), CachedRecord::File(file.clone()));
        self.keep(files.iter().map(kept).collect());
        Ok(files)
    }

    /// The segments of these files: of those that are kept without links, or from the store.
    async fn segments_of(&self, entries: &[(FileOrd, Arc<FileEntry>)]) -> Result<Vec<Arc<Segment>>> {
        let known = |(file, entry): &(FileOrd, Arc<FileEntry>)| {
            let kept = self.at_hand(*file, Wanted::Facts)?;
            (kept.entry.segment == entry.segment).then(|| Arc::clone(&kept.segment))
        };
        let known: Vec<Option<Arc<Segment>>> = entries.iter().map(known).collect();
        let unknown = entries.iter().zip(&known).filter(|(_, known)| known.is_none());
        let unknown: Vec<ContentName> = unknown.map(|((_, entry), _)| entry.segment).collect();
        let mut read = self.segments(&unknown).await?.into_iter();
        Ok(known.into_iter().filter_map(|known| known.or_else(|| read.next())).collect())
    }
}
