//! The records of a view: at hand in the cache, or read from the store and kept.

use std::sync::Arc;

use codestrata_core::{Bytes, Error, ErrorKind, Key, Result, ScanRequest};

use super::engine::decode_ordinal;
use super::view::{StoredFile, View};
use crate::cache::{Answered, CachedRecord};
use crate::codec::{ContentName, content_name};
use crate::keyspace::{self, FileOrd, Table};
use crate::limits::MAX_LOOSE_FILES;
use crate::link::term::Term;
use crate::link::{LinkRecord, LooseCounts};
use crate::postings::{bucket_of, files_in};
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// How many records are asked for in one call: few round trips, and answers of a bounded size.
const RECORDS_PER_READ: usize = 1_024;

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

    /// The file of a number with its facts and links; none if it is gone.
    pub(crate) async fn file(&self, file: FileOrd) -> Result<Option<StoredFile>> {
        match self.file_at_hand(file) {
            Some(found) => Ok(Some(found)),
            None => Ok(self.files(&[file]).await?.pop()),
        }
    }

    /// The same if all of it is in the cache.
    pub(super) fn file_at_hand(&self, file: FileOrd) -> Option<StoredFile> {
        let cache = &self.engine.cache;
        let Some(CachedRecord::Entry(entry)) = self.kept(Answered::Entry(file)) else { return None };
        let Some(CachedRecord::Segment(segment)) = cache.record(entry.segment) else { return None };
        let Some(CachedRecord::Links(links)) = cache.record(entry.links) else { return None };
        Some(StoredFile { ordinal: file, entry, segment, links })
    }

    /// The ordinals of these paths.
    pub(crate) async fn ordinals(&self, paths: &[&str]) -> Result<Vec<Option<FileOrd>>> {
        let keys: Result<Vec<Key>> = paths.iter().map(|path| keyspace::path(self.head.space, path)).collect();
        let values = self.get_all(&keys?).await?;
        values.iter().map(|value| value.as_ref().map(|bytes| decode_ordinal(bytes)).transpose()).collect()
    }

    /// The entries of these files; one that is gone is left out.
    pub(crate) async fn entries(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<FileEntry>)>> {
        let known = files.iter().map(|file| match self.kept(Answered::Entry(*file)) {
            Some(CachedRecord::Entry(entry)) => Some(entry),
            _ => None,
        });
        let mut entries: Vec<Option<Arc<FileEntry>>> = known.collect();
        let unknown = || files.iter().zip(&entries).filter(|(_, entry)| entry.is_none());
        let keys: Result<Vec<Key>> =
            unknown().map(|(file, _)| keyspace::file(self.head.space, *file)).collect();
        let keys = keys?;
        if !keys.is_empty() {
            let values = self.get_all(&keys).await?;
            let mut read = Vec::with_capacity(values.len());
            let places = files.iter().zip(&mut entries).filter(|(_, entry)| entry.is_none());
            for ((file, place), value) in places.zip(values) {
                let Some(value) = value else { continue };
                let entry = Arc::new(FileEntry::decode(&value)?);
                read.push((Answered::Entry(*file), CachedRecord::Entry(Arc::clone(&entry))));
                *place = Some(entry);
            }
            self.keep(read);
        }
        Ok(files.iter().zip(entries).filter_map(|(file, entry)| Some((*file, entry?))).collect())
    }

    /// What is kept of an answer to this view.
    fn kept(&self, answered: Answered) -> Option<CachedRecord> {
        self.engine.cache.answer(self.epoch()?, answered)
    }

    /// Keeps what was read, unless it was so much that it would only push out what is asked for again.
    fn keep(&self, answers: Vec<(Answered, CachedRecord)>) {
        if self.epoch().is_some() && answers.len() <= MAX_KEPT_AT_ONCE {
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

    /// The segments of these names, from the cache or the store.
    pub(crate) async fn segments(&self, names: &[ContentName]) -> Result<Vec<Arc<Segment>>> {
        let read = |name, segment: &Arc<Segment>| {
            self.engine.cache.keep(name, CachedRecord::Segment(Arc::clone(segment)));
        };
        self.segments_and(names, read).await
    }

    /// The segments of these names, from the cache or the store, and what is done with each that was read.
    async fn segments_and(
        &self,
        names: &[ContentName],
        read: impl Fn(ContentName, &Arc<Segment>),
    ) -> Result<Vec<Arc<Segment>>> {
        let cache = &self.engine.cache;
        let mut found: Vec<Option<Arc<Segment>>> = names
            .iter()
            .map(|name| match cache.record(*name) {
                Some(CachedRecord::Segment(segment)) => Some(segment),
                _ => None,
            })
            .collect();
        let mut places = Vec::new();
        let mut keys = Vec::new();
        for (place, (name, segment)) in names.iter().zip(&found).enumerate() {
            if segment.is_none() {
                places.push((place, *name));
                keys.push(keyspace::segment(self.repo, *name)?);
            }
        }
        for ((place, name), value) in places.into_iter().zip(self.get_all(&keys).await?) {
            let bytes = value.ok_or_else(|| self.damaged("a segment is missing"))?;
            if content_name(&bytes) != name {
                return Err(self.damaged("a segment does not have the content that it is named by"));
            }
            let segment = Arc::new(Segment::decode(&bytes)?);
            read(name, &segment);
            if let Some(slot) = found.get_mut(place) {
                *slot = Some(segment);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// What lists show of the nodes of these files, which are sorted; one that is gone is left out.
    pub(crate) async fn listings(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<Listing>)>> {
        let mut listings = Vec::with_capacity(files.len());
        let mut unknown = Vec::new();
        for file in files {
            match self.kept(Answered::Listing(*file)) {
                Some(CachedRecord::Listing(listing)) => listings.push((*file, listing)),
                _ => unknown.push(*file),
            }
        }
        for unknown in unknown.chunks(RECORDS_PER_READ) {
            let entries = self.entries(unknown).await?;
            let names: Vec<ContentName> = entries.iter().map(|(_, entry)| entry.segment).collect();
            let mut read = Vec::with_capacity(names.len());
            // Not kept: a walk needs no more of them than this, and they would push out what others need.
            for ((file, _), segment) in entries.iter().zip(self.segments_and(&names, |_, _| ()).await?) {
                let listing = Arc::new(Listing::of(&segment));
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
            for (_, links) in self.links_of(files).await? {
                counts.add(links.loose(term));
            }
        }
        self.keep(vec![(Answered::Loose(term), CachedRecord::Loose(counts, is_cut))]);
        Ok((counts, is_cut))
    }

    /// The link records of these files, from the cache or the store.
    async fn link_records(&self, files: &[(FileOrd, Arc<FileEntry>)]) -> Result<Vec<Arc<LinkRecord>>> {
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
            cache.keep(entry.links, CachedRecord::Links(Arc::clone(&links)));
            if let Some(slot) = found.get_mut(place) {
                *slot = Some(links);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// These files with their facts and links; one that is gone is left out.
    pub(crate) async fn files(&self, files: &[FileOrd]) -> Result<Vec<StoredFile>> {
        let entries = self.entries(files).await?;
        self.files_of(entries).await
    }

    /// The files of these entries.
    pub(crate) async fn files_of(
        &self,
        entries: Vec<(FileOrd, impl Into<Arc<FileEntry>>)>,
    ) -> Result<Vec<StoredFile>> {
        let entries: Vec<_> = entries.into_iter().map(|(file, entry)| (file, entry.into())).collect();
        let names: Vec<ContentName> = entries.iter().map(|(_, entry)| entry.segment).collect();
        let segments = self.segments(&names).await?;
        let links = self.link_records(&entries).await?;
        Ok(entries
            .into_iter()
            .zip(segments)
            .zip(links)
            .map(|(((ordinal, entry), segment), links)| StoredFile { ordinal, entry, segment, links })
            .collect())
    }

    /// The files of these entries with their facts and no links: for a pass over names.
    pub(crate) async fn segments_only(
        &self,
        entries: Vec<(FileOrd, impl Into<Arc<FileEntry>>)>,
    ) -> Result<Vec<StoredFile>> {
        let entries: Vec<(_, Arc<FileEntry>)> =
            entries.into_iter().map(|(file, entry)| (file, entry.into())).collect();
        let names: Vec<ContentName> = entries.iter().map(|(_, entry)| entry.segment).collect();
        let segments = self.segments(&names).await?;
        let file = |((ordinal, entry), segment)| self.without_links(ordinal, entry, segment);
        Ok(entries.into_iter().zip(segments).map(file).collect())
    }

    fn without_links(&self, ordinal: FileOrd, entry: Arc<FileEntry>, segment: Arc<Segment>) -> StoredFile {
        StoredFile { ordinal, entry, segment, links: Arc::clone(&self.engine.no_links) }
    }

    /// These files with their facts and no links; one that is gone is left out.
    pub(crate) async fn facts_of(&self, files: &[FileOrd]) -> Result<Vec<StoredFile>> {
        if let [file] = files
            && let Some(CachedRecord::Entry(entry)) = self.kept(Answered::Entry(*file))
            && let Some(CachedRecord::Segment(segment)) = self.engine.cache.record(entry.segment)
        {
            return Ok(vec![self.without_links(*file, entry, segment)]);
        }
        self.segments_only(self.entries(files).await?).await
    }

    /// The link records alone of these files: enough to count and to walk.
    pub(crate) async fn links_of(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<LinkRecord>)>> {
        let entries = self.entries(files).await?;
        let links = self.link_records(&entries).await?;
        Ok(entries.into_iter().map(|(file, _)| file).zip(links).collect())
    }

    /// The file with this path.
    pub(crate) async fn file_at(&self, path: &str) -> Result<Option<StoredFile>> {
        let Some(file) = self.ordinals(&[path]).await?.into_iter().next().flatten() else { return Ok(None) };
        let file = self.files(&[file]).await?.into_iter().next();
        match file {
            Some(file) if file.entry.path == path => Ok(Some(file)),
            _ => Err(self.damaged(&format!("the path `{path}` leads to another file"))),
        }
    }

    /// For each term the files that may have it, in order. Some may not: ask the file.
    pub(crate) async fn lookup(&self, terms: &[Term]) -> Result<Vec<Arc<[FileOrd]>>> {
        let known = terms.iter().map(|term| match self.kept(Answered::Files(*term)) {
            Some(CachedRecord::Files(files)) => Some(files),
            _ => None,
        });
        let mut answers: Vec<Option<Arc<[FileOrd]>>> = known.collect();
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
                let files: Arc<[FileOrd]> = files.into();
                read.push((Answered::Files(*term), CachedRecord::Files(Arc::clone(&files))));
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
    pub(crate) async fn files_with(&self, term: Term) -> Result<Arc<[FileOrd]>> {
        match self.files_with_at_hand(term) {
            Some(files) => Ok(files),
            None => Ok(self.lookup(&[term]).await?.pop().unwrap_or_default()),
        }
    }

    /// The same if the answer is in the cache.
    pub(super) fn files_with_at_hand(&self, term: Term) -> Option<Arc<[FileOrd]>> {
        match self.kept(Answered::Files(term)) {
            Some(CachedRecord::Files(files)) => Some(files),
            _ => None,
        }
    }
}
