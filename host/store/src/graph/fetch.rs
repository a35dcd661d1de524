//! The records of a view, kind by kind: at hand in the cache, or read from the store and kept.

use std::sync::Arc;

use codestrata_core::{Bytes, Error, ErrorKind, Key, Result, ScanRequest};

use super::engine::decode_ordinal;
use super::view::View;
use crate::cache::{Answered, CachedRecord, FileList};
use crate::codec::{ContentName, content_name, is_segment_name};
use crate::keyspace::{self, FileOrd, Table};
use crate::limits::MAX_LOOSE_FILES;
use crate::link::term::Term;
use crate::link::{LinkRecord, LooseCounts};
use crate::postings::{bucket_of, files_in};
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// How many records are asked for in one call: few round trips, and answers of a bounded size.
const RECORDS_PER_READ: usize = 1_024;

/// How many segments are read at once to make listings of them. They are let go then, so few have to be there together.
const LISTINGS_PER_READ: usize = 64;

/// Of one question so many answers are kept.
const MAX_KEPT_AT_ONCE: usize = 4_096;

impl View<'_> {
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let reader = self.reader().await?;
        let mut values = Vec::with_capacity(keys.len());
        for keys in keys.chunks(RECORDS_PER_READ) {
            values.extend(reader.get_many(keys).await?);
        }
        Ok(values)
    }

    /// The ordinals of these paths.
    pub(crate) async fn ordinals(&self, paths: &[&str]) -> Result<Vec<Option<FileOrd>>> {
        let keys: Result<Vec<Key>> = paths.iter().map(|path| keyspace::path(self.head.space, path)).collect();
        let values = self.get_all(&keys?).await?;
        values.iter().map(|value| value.as_ref().map(|bytes| decode_ordinal(bytes)).transpose()).collect()
    }

    /// The entries of these files; one that is gone is left out.
    pub(crate) async fn entries(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<FileEntry>)>> {
        self.entries_and(files, |read| self.keep(read)).await
    }

    /// The same, and what is done with those that were read.
    pub(super) async fn entries_and(
        &self,
        files: &[FileOrd],
        read: impl FnOnce(Vec<(Answered, CachedRecord)>),
    ) -> Result<Vec<(FileOrd, Arc<FileEntry>)>> {
        let known = files.iter().map(|file| self.entry_at_hand(*file));
        let mut entries: Vec<Option<Arc<FileEntry>>> = known.collect();
        let unknown = || files.iter().zip(&entries).filter(|(_, entry)| entry.is_none());
        let keys: Result<Vec<Key>> =
            unknown().map(|(file, _)| keyspace::file(self.head.space, *file)).collect();
        let keys = keys?;
        if !keys.is_empty() {
            let values = self.get_all(&keys).await?;
            let mut found = Vec::with_capacity(values.len());
            let places = files.iter().zip(&mut entries).filter(|(_, entry)| entry.is_none());
            for ((file, place), value) in places.zip(values) {
                let Some(value) = value else { continue };
                let entry = Arc::new(FileEntry::decode(&value)?);
                found.push((Answered::Entry(*file), CachedRecord::Entry(Arc::clone(&entry))));
                *place = Some(entry);
            }
            read(found);
        }
        Ok(files.iter().zip(entries).filter_map(|(file, entry)| Some((*file, entry?))).collect())
    }

    fn entry_at_hand(&self, file: FileOrd) -> Option<Arc<FileEntry>> {
        match self.kept(Answered::Entry(file)).or_else(|| self.kept(Answered::File(file))) {
            Some(CachedRecord::Entry(entry)) => Some(entry),
            Some(CachedRecord::File(kept)) => Some(Arc::clone(&kept.entry)),
            _ => None,
        }
    }

    /// What is kept of an answer to this view.
    pub(super) fn kept(&self, answered: Answered) -> Option<CachedRecord> {
        self.engine.cache.answer(self.epoch()?, answered)
    }

    /// Keeps what was read, unless it was so much that it would only push out what is asked for again.
    pub(super) fn keep(&self, answers: Vec<(Answered, CachedRecord)>) {
        if self.epoch().is_some() && (1..=MAX_KEPT_AT_ONCE).contains(&answers.len()) {
            self.engine.current.keep(&self.engine.cache, &self.head, answers);
        }
    }

    /// Every file's entry, in the order of their ordinals.
    pub(crate) async fn all_entries(&self) -> Result<Vec<(FileOrd, FileEntry)>> {
        let mut entries =
            Vec::with_capacity(usize::try_from(self.head.totals.files).unwrap_or(0).min(1 << 20));
        let request = ScanRequest::new(keyspace::table(self.head.space, Table::File));
        self.engine
            .for_each(self.reader().await?, request, |key, value| {
                let file = keyspace::last_ordinal(key)
                    .ok_or_else(|| Error::new(ErrorKind::Corruption, "a file entry has no ordinal"))?;
                entries.push((file, FileEntry::decode(value)?));
                Ok(())
            })
            .await?;
        Ok(entries)
    }

    /// The segments of these names from the store.
    pub(crate) async fn segments(&self, names: &[ContentName]) -> Result<Vec<Arc<Segment>>> {
        self.segments_as(names, Arc::new).await
    }

    /// The same, each made something else of before the next is decoded, so that not all of them are in memory together.
    async fn segments_as<T>(&self, names: &[ContentName], make: impl Fn(Segment) -> T) -> Result<Vec<T>> {
        let keys: Result<Vec<Key>> = names.iter().map(|name| keyspace::segment(self.repo, *name)).collect();
        let mut all = Vec::with_capacity(names.len());
        for (name, value) in names.iter().zip(self.get_all(&keys?).await?) {
            let bytes = value.ok_or_else(|| self.damaged("a segment is missing"))?;
            if !is_segment_name(*name, &bytes) {
                return Err(self.damaged("a segment does not have the content that it is named by"));
            }
            all.push(make(Segment::decode(&bytes)?));
        }
        Ok(all)
    }

    /// What lists show of the nodes of these files, which are sorted; one that is gone is left out.
    pub(crate) async fn listings(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<Listing>)>> {
        let mut listings = Vec::with_capacity(files.len());
        let mut unknown = Vec::new();
        for file in files {
            match self.listing_at_hand(*file) {
                Some(listing) => listings.push((*file, listing)),
                None => unknown.push(*file),
            }
        }
        for unknown in unknown.chunks(LISTINGS_PER_READ) {
            let entries = self.entries(unknown).await?;
            let names: Vec<ContentName> = entries.iter().map(|(_, entry)| entry.segment).collect();
            let mut read = Vec::with_capacity(names.len());
            // Not kept: a walk needs no more of them than this, and they would push out what others need.
            let made = self.segments_as(&names, |segment| Arc::new(Listing::of(&segment))).await?;
            for ((file, _), listing) in entries.iter().zip(made) {
                read.push((Answered::Listing(*file), CachedRecord::Listing(Arc::clone(&listing))));
                listings.push((*file, listing));
            }
            self.keep(read);
        }
        if !unknown.is_empty() {
            listings.sort_unstable_by_key(|(file, _)| *file);
        }
        Ok(listings)
    }

    /// How often references that end in the name of a term are unbound, in at most so many files, and whether there are
    /// more.
    pub(crate) async fn loose(&self, term: Term) -> Result<(LooseCounts, bool)> {
        if let Some(CachedRecord::Loose(counts, is_cut)) = self.kept(Answered::Loose(term)) {
            return Ok((counts, is_cut));
        }
        let files = self.files_with(term).await?;
        let is_cut = files.len() > MAX_LOOSE_FILES;
        let mut counts = LooseCounts::default();
        for files in files.get(..MAX_LOOSE_FILES).unwrap_or(&files).chunks(RECORDS_PER_READ) {
            // Not kept, because the sum is.
            for (_, links) in self.links_and(files, |_, _| ()).await? {
                counts.add(links.loose(term));
            }
        }
        self.keep(vec![(Answered::Loose(term), CachedRecord::Loose(counts, is_cut))]);
        Ok((counts, is_cut))
    }

    /// The link records of these files, from the cache or the store, and what is done with each that was read.
    pub(super) async fn link_records(
        &self,
        files: &[(FileOrd, Arc<FileEntry>)],
        read: impl Fn(ContentName, &Arc<LinkRecord>),
    ) -> Result<Vec<Arc<LinkRecord>>> {
        let cache = &self.engine.cache;
        let mut found: Vec<Option<Arc<LinkRecord>>> = files
            .iter()
            .map(|(_, entry)| match cache.record(entry.links) {
                Some(CachedRecord::Links(links)) => Some(links),
                _ => None,
            })
            .collect();
        let mut places = Vec::new();
        let mut keys = Vec::new();
        for (place, ((file, entry), links)) in files.iter().zip(&found).enumerate() {
            if links.is_none() {
                places.push((place, entry));
                keys.push(keyspace::links(self.head.space, *file)?);
            }
        }
        for ((place, entry), value) in places.into_iter().zip(self.get_all(&keys).await?) {
            let bytes =
                value.ok_or_else(|| self.damaged(&format!("the links of `{}` are missing", entry.path)))?;
            if content_name(&bytes) != entry.links {
                return Err(
                    self.damaged(&format!("the links of `{}` are not those of its entry", entry.path))
                );
            }
            let links = Arc::new(LinkRecord::decode(&bytes)?);
            read(entry.links, &links);
            if let Some(slot) = found.get_mut(place) {
                *slot = Some(links);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// For each term the files that may have it, in order. Some may not: ask the file.
    pub(crate) async fn lookup(&self, terms: &[Term]) -> Result<Vec<FileList>> {
        let known = terms.iter().map(|term| match self.kept(Answered::Files(*term)) {
            Some(CachedRecord::Files(files)) => Some(files),
            _ => None,
        });
        let mut answers: Vec<Option<FileList>> = known.collect();
        let unknown: Vec<Term> = terms
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_none())
            .map(|(term, _)| *term)
            .collect();
        if !unknown.is_empty() {
            let found = self.look_up(&unknown).await?;
            let mut read = Vec::with_capacity(found.len());
            let places = terms.iter().zip(&mut answers).filter(|(_, answer)| answer.is_none());
            for ((term, place), files) in places.zip(found) {
                let files = FileList::from(files);
                read.push((Answered::Files(*term), CachedRecord::Files(files.clone())));
                *place = Some(files);
            }
            self.keep(read);
        }
        Ok(answers.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// The same from the store.
    pub(crate) async fn look_up(&self, terms: &[Term]) -> Result<Vec<Vec<FileOrd>>> {
        let (space, bits) = (self.head.space, self.head.bucket_bits);
        let keys: Result<Vec<Key>> =
            terms.iter().map(|term| keyspace::bucket(space, bucket_of(*term, bits))).collect();
        let mut answers = Vec::with_capacity(terms.len());
        for (term, bucket) in terms.iter().zip(self.get_all(&keys?).await?) {
            answers.push(bucket.map_or_else(|| Ok(Vec::new()), |bytes| files_in(&bytes, *term))?);
        }
        if self.head.has_deltas {
            for (answers, terms) in answers.chunks_mut(RECORDS_PER_READ).zip(terms.chunks(RECORDS_PER_READ)) {
                let requests: Vec<ScanRequest> = terms
                    .iter()
                    .map(|term| ScanRequest::new(keyspace::deltas_of(space, *term)).keys_only())
                    .collect();
                for ((answer, request), page) in
                    answers.iter_mut().zip(&requests).zip(self.reader().await?.scan_many(&requests).await?)
                {
                    answer.extend(page.iter().filter_map(|(key, _)| keyspace::last_ordinal(key)));
                    if let Some(rest) = page.next() {
                        self.engine
                            .for_each(self.reader().await?, request.over(rest.clone()), |key, _| {
                                answer.extend(keyspace::last_ordinal(key));
                                Ok(())
                            })
                            .await?;
                    }
                    answer.sort_unstable();
                    answer.dedup();
                }
            }
        }
        Ok(answers)
    }

    /// The files that may have one term.
    pub(crate) async fn files_with(&self, term: Term) -> Result<FileList> {
        match self.files_with_at_hand(term) {
            Some(files) => Ok(files),
            None => Ok(self.lookup(&[term]).await?.pop().unwrap_or_default()),
        }
    }

    /// The same if the answer is in the cache.
    pub(super) fn files_with_at_hand(&self, term: Term) -> Option<FileList> {
        match self.kept(Answered::Files(term)) {
            Some(CachedRecord::Files(files)) => Some(files),
            _ => None,
        }
    }
}
