//! One repository at one version: everything that is read goes through here.

use std::collections::HashMap;
use std::sync::Arc;

use codestrata_core::{Bytes, Error, ErrorKind, Key, ReadView, Result, ScanRequest};

use super::current::{Epoch, Seen};
use super::engine::{Engine, decode_ordinal, no_repository};
use crate::cache::{Answered, CachedRecord};
use crate::codec::{ContentName, content_name};
use crate::keyspace::{self, FileOrd, RepoOrd, Slot, Table};
use crate::limits::MAX_LOOSE_FILES;
use crate::link::term::{self, Term};
use crate::link::{LinkRecord, LooseCounts};
use crate::postings::{bucket_of, files_in};
use crate::records::{FileEntry, Head};
use crate::segment::{Listing, Segment};

/// How many records are asked for in one call: few round trips, and answers of a bounded size.
const RECORDS_PER_READ: usize = 1_024;

/// Of one question so many answers are kept.
const MAX_KEPT_AT_ONCE: usize = 4_096;

/// A repository as it is at one commit.
pub(crate) struct View<'e> {
    pub(crate) engine: &'e Engine,
    reader: Box<dyn ReadView>,
    pub(crate) repo: RepoOrd,
    pub(crate) head: Arc<Head>,
    pub(crate) head_bytes: Bytes,
    /// Under which number answers of this commit are kept.
    epoch: Option<Epoch>,
}

/// A file with its facts and links.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) ordinal: FileOrd,
    pub(crate) entry: Arc<FileEntry>,
    pub(crate) segment: Arc<Segment>,
    pub(crate) links: Arc<LinkRecord>,
}

/// Where a node is.
#[derive(Clone, Debug)]
pub(crate) struct NodePlace {
    pub(crate) file: StoredFile,
    pub(crate) row: u32,
}

impl NodePlace {
    pub(crate) fn slot(&self) -> Slot {
        self.file.links.slots().slot(self.row)
    }
}

impl<'e> View<'e> {
    /// The repository as it is now, or none if it is not stored.
    pub(crate) async fn open(engine: &'e Engine, repo_id: &str) -> Result<Option<Self>> {
        let reader = engine.reader().await?;
        let found = engine.state(reader.as_ref(), repo_id).await?;
        Ok(found.map(|(Seen { repo, head, head_bytes, .. }, epoch)| Self {
            engine,
            reader,
            repo,
            head,
            head_bytes,
            epoch,
        }))
    }

    /// The repository as it is now.
    pub(crate) async fn existing(engine: &'e Engine, repo_id: &str) -> Result<Self> {
        Self::open(engine, repo_id).await?.ok_or_else(|| no_repository(repo_id))
    }

    /// Whether everything read so far was of one commit: always for a snapshot, else while the head stands.
    pub(crate) async fn is_consistent(&self) -> Result<bool> {
        if self.engine.backend.capabilities().snapshots() {
            return Ok(true);
        }
        let now = self.engine.backend.get(&keyspace::head(self.repo)?).await?;
        Ok(now.as_ref() == Some(&self.head_bytes))
    }

    pub(crate) fn reader(&self) -> &dyn ReadView {
        self.reader.as_ref()
    }

    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut values = Vec::with_capacity(keys.len());
        for keys in keys.chunks(RECORDS_PER_READ) {
            values.extend(self.reader.get_many(keys).await?);
        }
        Ok(values)
    }

    /// The error of a store that contradicts itself.
    pub(crate) fn damaged(&self, what: &str) -> Error {
        Error::new(ErrorKind::Corruption, format!("repository `{}`: {what}", self.head.repo_id))
            .with_help("store it anew (`codestrata index --rebuild`), or restore the store from a copy")
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
        self.engine.cache.answer(self.epoch?, answered)
    }

    /// Keeps what was read, unless it was so much that it would only push out what is asked for again.
    fn keep(&self, answers: Vec<(Answered, CachedRecord)>) {
        if self.epoch.is_some() && answers.len() <= MAX_KEPT_AT_ONCE {
            self.engine.current.keep(&self.engine.cache, &self.head, answers);
        }
    }

    /// Every file's entry, in the order of their ordinals.
    pub(crate) async fn all_entries(&self) -> Result<Vec<(FileOrd, FileEntry)>> {
        let mut entries =
            Vec::with_capacity(usize::try_from(self.head.totals.files).unwrap_or(0).min(1 << 20));
        let request = ScanRequest::new(keyspace::table(self.head.space, Table::File));
        self.engine
            .for_each(self.reader(), request, |key, value| {
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
            cache.keep(name, CachedRecord::Segment(Arc::clone(&segment)));
            if let Some(slot) = found.get_mut(place) {
                *slot = Some(segment);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// What lists show of the nodes of these files, from the cache or the store; one that is gone is left out.
    pub(crate) async fn listings(&self, files: &[FileOrd]) -> Result<Vec<(FileOrd, Arc<Listing>)>> {
        let cache = &self.engine.cache;
        let entries = self.entries(files).await?;
        let mut listings = Vec::with_capacity(entries.len());
        let mut unknown = Vec::new();
        for (file, entry) in entries {
            match cache.listing(entry.segment) {
                Some(listing) => listings.push((file, listing)),
                None => unknown.push((file, entry.segment)),
            }
        }
        for unknown in unknown.chunks(RECORDS_PER_READ) {
            let names: Vec<ContentName> = unknown.iter().map(|(_, name)| *name).collect();
            for ((file, name), segment) in unknown.iter().zip(self.segments(&names).await?) {
                let listing = Arc::new(Listing::of(&segment));
                cache.keep_listing(*name, Arc::clone(&listing));
                listings.push((*file, listing));
            }
        }
        listings.sort_unstable_by_key(|(file, _)| *file);
        Ok(listings)
    }

    /// How often references that end in the name of a term are unbound, in at most so many files, and whether there are
    /// more.
    pub(crate) async fn loose(&self, term: Term) -> Result<(LooseCounts, bool)> {
        let files = self.files_with(term).await?;
        let is_cut = files.len() > MAX_LOOSE_FILES;
        if let Some(CachedRecord::Loose(counts)) = self.kept(Answered::Loose(term)) {
            return Ok((counts, is_cut));
        }
        let mut counts = LooseCounts::default();
        let files = files.get(..MAX_LOOSE_FILES).unwrap_or(&files);
        for files in files.chunks(RECORDS_PER_READ) {
            for (_, links) in self.links_of(files).await? {
                counts.add(links.loose(term));
            }
        }
        self.keep(vec![(Answered::Loose(term), CachedRecord::Loose(counts))]);
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
        let links = Arc::new(LinkRecord::default());
        Ok(entries
            .into_iter()
            .zip(segments)
            .map(|((ordinal, entry), segment)| StoredFile {
                ordinal,
                entry,
                segment,
                links: Arc::clone(&links),
            })
            .collect())
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
                    answers.iter_mut().zip(&requests).zip(self.reader.scan_many(&requests).await?)
                {
                    answer.extend(page.iter().filter_map(|(key, _)| keyspace::last_ordinal(key)));
                    if let Some(rest) = page.next() {
                        self.engine
                            .for_each(self.reader(), request.over(rest.clone()), |key, _| {
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
    pub(crate) async fn files_with(&self, term: Term) -> Result<Vec<FileOrd>> {
        Ok(self.lookup(&[term]).await?.first().map(|files| files.to_vec()).unwrap_or_default())
    }

    /// The nodes with these ids, by id; one that is not stored is left out.
    pub(crate) async fn nodes(&self, ids: &[&str]) -> Result<HashMap<String, NodePlace>> {
        let terms: Vec<Term> = ids.iter().map(|id| term::defines(id)).collect();
        let candidates = self.lookup(&terms).await?;
        let mut wanted: Vec<FileOrd> = candidates.iter().flat_map(|files| files.iter()).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let files: HashMap<FileOrd, StoredFile> =
            self.files(&wanted).await?.into_iter().map(|file| (file.ordinal, file)).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for (id, candidates) in ids.iter().zip(&candidates) {
            let place = candidates.iter().find_map(|file| {
                let file = files.get(file)?;
                Some(NodePlace { row: file.segment.row_of(id)?, file: file.clone() })
            });
            if let Some(place) = place {
                found.insert((*id).to_owned(), place);
            }
        }
        Ok(found)
    }

    /// The node with this id.
    pub(crate) async fn node(&self, id: &str) -> Result<Option<NodePlace>> {
        Ok(self.nodes(&[id]).await?.remove(id))
    }
}
