//! What a case is given: a place to open stores in, and shorthands for what all cases do.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codestrata_core::{
    Backend, BackendDescriptor, Batch, Bytes, Capabilities, Direction, Error, ErrorKind, Key, KeyRange,
    OpenMode, ReadView, Result, ScanRequest,
};
use tempfile::TempDir;

pub use crate::factory::Factory;
pub use crate::place::Place;
use crate::violation::{Outcome, Violation};

/// A folder that is removed after the case, and the stores in it.
pub struct Lab {
    factory: Factory,
    folder: TempDir,
    places: AtomicU32,
    ruled_out: Mutex<Option<String>>,
}

impl Lab {
    /// An empty one.
    ///
    /// # Errors
    /// If the temporary folder cannot be made.
    pub fn new(factory: Factory) -> Result<Self> {
        let folder = TempDir::with_prefix("conformance-").map_err(|error| {
            Error::new(ErrorKind::Internal, "the suite cannot make a temporary folder").with_source(error)
        })?;
        Ok(Self { factory, folder, places: AtomicU32::new(0), ruled_out: Mutex::default() })
    }

    /// The backend.
    #[must_use]
    pub fn descriptor(&self) -> &BackendDescriptor {
        self.factory.descriptor()
    }

    /// What the backend claims.
    #[must_use]
    pub fn claims(&self) -> &Capabilities {
        self.descriptor().declared_capabilities()
    }

    /// A place where no store is yet.
    #[must_use]
    pub fn place(&self) -> Place {
        let number = self.places.fetch_add(1, Ordering::Relaxed);
        Place::new(self.factory.clone(), self.folder.path().join(format!("place-{number}")))
    }

    /// Says that the case has nothing to check on this backend or machine, and why; it then ends well.
    ///
    /// # Errors
    /// None: it is what the case answers with.
    pub fn not_applicable(&self, why: impl Into<String>) -> Outcome {
        *self.ruled_out.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.into());
        Ok(())
    }

    /// What [`not_applicable`](Self::not_applicable) was told.
    pub(crate) fn ruled_out(&self) -> Option<String> {
        self.ruled_out.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How its stores are made.
    #[must_use]
    pub fn factory(&self) -> &Factory {
        &self.factory
    }

    /// A new, empty store.
    ///
    /// # Errors
    /// As the backend answers.
    pub async fn store(&self) -> Result<Arc<dyn Backend>> {
        self.place().open(OpenMode::Create).await
    }

    /// A new store with these keys and values.
    ///
    /// # Errors
    /// As the backend answers.
    pub async fn store_with(&self, entries: &[(&[u8], &[u8])]) -> Result<Arc<dyn Backend>> {
        let store = self.store().await?;
        store.apply(puts(entries)?).await?;
        Ok(store)
    }
}

/// A key of these bytes.
///
/// # Errors
/// As [`Key::new`].
pub fn key(bytes: impl AsRef<[u8]>) -> Result<Key> {
    Key::new(Bytes::copy_from_slice(bytes.as_ref()))
}

/// A batch that puts these.
///
/// # Errors
/// As [`Key::new`].
pub fn puts<K: AsRef<[u8]>, V: AsRef<[u8]>>(entries: &[(K, V)]) -> Result<Batch> {
    entries.iter().try_fold(Batch::new(), |batch, (name, value)| {
        Ok(batch.put(key(name)?, Bytes::copy_from_slice(value.as_ref())))
    })
}

/// Applies a batch, again where the engine gave way to another, which it may do to any of several writers.
///
/// # Errors
/// As the backend answers, but never `Conflict`.
pub async fn apply(store: &dyn Backend, batch: &Batch) -> Result<()> {
    loop {
        match store.apply(batch.clone()).await {
            Err(again) if again.kind() == ErrorKind::Conflict => tokio::task::yield_now().await,
            done => return done,
        }
    }
}

/// Keys and values as they came out.
pub type Entries = Vec<(Bytes, Bytes)>;

/// Keys and values to compare with.
#[must_use]
pub fn entries<K: AsRef<[u8]>, V: AsRef<[u8]>>(from: &[(K, V)]) -> Entries {
    from.iter()
        .map(|(name, value)| (Bytes::copy_from_slice(name.as_ref()), Bytes::copy_from_slice(value.as_ref())))
        .collect()
}

/// Everything that a view has.
///
/// # Errors
/// As [`walk`].
pub async fn everything(view: &dyn ReadView) -> Outcome<Entries> {
    walk(view, &ScanRequest::new(KeyRange::all())).await
}

/// All pages of a scan, one after the other, each held to its limits.
///
/// # Errors
/// If a call fails, a page is over its limits, or an item does not come behind the one before it, on whichever page:
/// so a scan that makes no progress ends here.
pub async fn walk(view: &dyn ReadView, request: &ScanRequest) -> Outcome<Entries> {
    let mut found = Entries::new();
    let mut request = request.clone();
    loop {
        let page = view.scan(&request).await?;
        let bytes: usize = page.iter().map(|(name, value)| name.len() + value.len()).sum();
        if page.len() > request.item_limit() {
            let seen = format!("{} items in a page of at most {}", page.len(), request.item_limit());
            return Err(Violation::new("a page has no more items than asked for", seen));
        }
        if page.len() > 1 && bytes > request.byte_limit() {
            let seen = format!("{bytes} bytes in a page of at most {}", request.byte_limit());
            return Err(Violation::new("a page of several items has no more bytes than asked for", seen));
        }
        for item in page.iter_shared() {
            let goes_on = found.last().is_none_or(|(last, _)| match request.direction() {
                Direction::Forward => item.0 > *last,
                Direction::Reverse => item.0 < *last,
            });
            if !goes_on {
                let seen = format!("{:?} after {:?}", item.0, found.last().map(|(last, _)| last));
                return Err(Violation::new("each item of a scan comes behind the one before it", seen));
            }
            found.push(item);
        }
        let Some(next) = page.next() else { return Ok(found) };
        let Some((last, _)) = found.last().filter(|_| !page.is_empty()) else {
            return Err(Violation::new("a page without items is the last one", format!("{page:?}")));
        };
        if next.contains(last) {
            let seen = format!("{next:?} after a page that ends on {}", codestrata_core::escape(last));
            return Err(Violation::new("the next page begins strictly after the last key", seen));
        }
        request = request.over(next.clone());
    }
}
