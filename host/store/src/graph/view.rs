//! One repository at one version: everything that is read goes through here.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use codestrata_core::{Error, ErrorKind, ReadView, Result};
use tokio::sync::OnceCell;

use super::current::Seen;
use super::engine::{Engine, no_repository};
use super::files::Wanted;
use super::store::moving;
use crate::cache::{Answered, CachedRecord, FileList};
use crate::keyspace::{self, FileOrd, Slot};
use crate::link::LinkRecord;
use crate::link::term::{self, Term};
use crate::records::FileEntry;
use crate::segment::{Listing, Segment};

/// A repository as it is at one commit.
pub(crate) struct View<'e> {
    pub(crate) engine: &'e Engine,
    /// Made when the first record is read that is not at hand.
    reader: OnceCell<Box<dyn ReadView>>,
    seen: Arc<Seen>,
    /// Whether the reader turned out to be of another commit.
    has_moved: AtomicBool,
}

impl Deref for View<'_> {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

/// A file with its facts and links. Copies share it.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile(Arc<FileParts>);

/// What a file consists of.
#[derive(Clone, Debug)]
pub(crate) struct FileParts {
    pub(crate) ordinal: FileOrd,
    pub(crate) entry: Arc<FileEntry>,
    pub(crate) segment: Arc<Segment>,
    /// Of no links where they were not asked for.
    pub(crate) links: Arc<LinkRecord>,
    pub(crate) has_links: bool,
    /// What lists show of its nodes, once somebody has asked for it.
    pub(super) listing: OnceLock<Arc<Listing>>,
}

impl Deref for StoredFile {
    type Target = FileParts;

    fn deref(&self) -> &FileParts {
        &self.0
    }
}

impl From<FileParts> for StoredFile {
    fn from(parts: FileParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl StoredFile {
    /// The same with another hash of its source.
    pub(crate) fn rehashed(&self, hash: &str) -> Self {
        let entry = FileEntry { hash: hash.to_owned(), ..FileEntry::clone(&self.entry) };
        Self::from(FileParts { entry: Arc::new(entry), ..FileParts::clone(self) })
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        let links = if self.has_links { self.links.weight() } else { 0 };
        // The listing may come later, and what is kept must not grow.
        let listing = self.segment.listing_weight();
        size_of::<FileParts>() + self.entry.weight() + self.segment.weight() + links + listing
    }
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
        let revision = engine.backend.revision();
        let reader = engine.reader().await?;
        let seen = engine.state(reader.as_ref(), repo_id, revision).await?;
        Ok(seen.map(|seen| Self::of(engine, OnceCell::new_with(Some(reader)), seen)))
    }

    /// The same, for a question that can be asked again if this turns out to be another state than was thought: where the
    /// engine says that nothing has changed, nothing is read.
    pub(crate) async fn open_at_hand(engine: &'e Engine, repo_id: &str) -> Result<Option<Self>> {
        let revision = engine.backend.revision();
        match engine.current.seen(repo_id) {
            Some(seen) if seen.is_of(revision) => Ok(Some(Self::of(engine, OnceCell::new(), seen))),
            _ => Self::open(engine, repo_id).await,
        }
    }

    /// The same without anything that is kept beside the store, for a question that others have got in the way of.
    pub(crate) async fn open_apart(engine: &'e Engine, repo_id: &str) -> Result<Option<Self>> {
        let view = Self::open(engine, repo_id).await?;
        Ok(view.map(|view| Self { seen: Arc::new(view.seen.apart()), ..view }))
    }

    fn of(engine: &'e Engine, reader: OnceCell<Box<dyn ReadView>>, seen: Arc<Seen>) -> Self {
        Self { engine, reader, seen, has_moved: AtomicBool::new(false) }
    }

    /// The repository as it is now.
    pub(crate) async fn existing(engine: &'e Engine, repo_id: &str) -> Result<Self> {
        Self::open(engine, repo_id).await?.ok_or_else(|| no_repository(repo_id))
    }

    /// Whether everything that was used so far was of one commit.
    pub(crate) async fn is_consistent(&self) -> Result<bool> {
        if self.has_moved.load(Ordering::SeqCst) || !self.seen.is_of_its_epoch() {
            return Ok(false);
        }
        // A snapshot stays as it is, and without one the head tells, if nothing tells it faster.
        if self.engine.backend.capabilities().snapshots() || self.seen.is_of(self.engine.backend.revision()) {
            return Ok(true);
        }
        let now = self.engine.backend.get(&keyspace::head(self.repo)?).await?;
        Ok(now.as_ref() == Some(&self.head_bytes))
    }

    /// What records are read from.
    ///
    /// # Errors
    /// What the engine answers, and `Conflict` where it shows another commit than this view is of.
    pub(crate) async fn reader(&self) -> Result<&dyn ReadView> {
        let made = self.reader.get_or_try_init(|| async {
            let reader = self.engine.reader().await?;
            let head = reader.get(&keyspace::head(self.repo)?).await?;
            if head.as_ref() != Some(&self.head_bytes) {
                self.has_moved.store(true, Ordering::SeqCst);
                return Err(moving(&self.head.repo_id));
            }
            Ok(reader)
        });
        made.await.map(AsRef::as_ref)
    }

    /// The error of a store that contradicts itself.
    pub(crate) fn damaged(&self, what: &str) -> Error {
        damaged(&self.head.repo_id, what)
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
        self.place_of(id, Wanted::All).await
    }

    /// The same, of a file without its links: a node that is only to be shown has no need of them.
    pub(crate) async fn facts_of_node(&self, id: &str) -> Result<Option<NodePlace>> {
        self.place_of(id, Wanted::Facts).await
    }

    async fn place_of(&self, id: &str, wanted: Wanted) -> Result<Option<NodePlace>> {
        let term = term::defines(id);
        let files = self.files_with(term).await?;
        let guess = match files {
            FileList::One(_, row) => row,
            FileList::Several(_) => u32::MAX,
        };
        for ordinal in files.iter() {
            if let Some(file) = self.one_file(*ordinal, wanted).await?
                && let Some(row) = file.segment.row_of_near(id, guess)
            {
                if row != guess && matches!(files, FileList::One(..)) {
                    let found = CachedRecord::Files(FileList::One(*ordinal, row));
                    self.keep(vec![(Answered::Files(term), found)]);
                }
                return Ok(Some(NodePlace { file, row }));
            }
        }
        Ok(None)
    }
}

/// The error of a repository whose records contradict each other.
pub(super) fn damaged(repo_id: &str, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("repository `{repo_id}`: {what}"))
        .with_help("store it anew (`codestrata index --rebuild`), or restore the store from a copy")
}
