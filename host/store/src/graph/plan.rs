//! What a change changes: the files given, compared with those stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Result};

use super::storage::{FileChanges, UpdateSummary};
use super::view::{StoredFile, View};
use crate::keyspace::FileOrd;
use crate::limits::MAX_FILES_PER_BATCH;
use crate::link::SlotTable;
use crate::records::FileEntry;
use crate::segment::{PreparedFile, Segment};

/// One file that changes.
pub(super) struct ChangedFile<'c> {
    pub(super) ordinal: FileOrd,
    pub(super) old: Option<StoredFile>,
    pub(super) new: Option<(&'c PreparedFile, Arc<Segment>, SlotTable)>,
}

/// The changes that are to be made.
pub(super) struct Plan<'c> {
    pub(super) files: Vec<ChangedFile<'c>>,
    /// Files whose content changed and whose facts did not.
    pub(super) rehashed: Vec<(StoredFile, String)>,
    pub(super) summary: UpdateSummary,
    pub(super) next_file: FileOrd,
}

/// Compares the changes with what is stored; none if they are too many for one batch.
pub(super) async fn plan<'c>(view: &View<'_>, changes: &'c FileChanges) -> Result<Option<Plan<'c>>> {
    let replaced = by_path(&changes.replaced)?;
    let mut removed: BTreeSet<String> = changes.removed.iter().cloned().collect();
    if changes.replace_all {
        removed.extend(view.all_entries().await?.into_iter().map(|(_, entry)| entry.path.into()));
    }
    removed.retain(|path| !replaced.contains_key(path.as_str()));
    let paths: Vec<&str> = replaced.keys().copied().chain(removed.iter().map(String::as_str)).collect();
    let ordinals = view.ordinals(&paths).await?;
    let known: Vec<FileOrd> = ordinals.iter().flatten().copied().collect();
    let stored: HashMap<FileOrd, Arc<FileEntry>> = view.entries(&known).await?.into_iter().collect();
    for (path, ordinal) in paths.iter().zip(&ordinals) {
        if let Some(entry) = ordinal.and_then(|file| stored.get(&file))
            && entry.path != *path
        {
            return Err(view.damaged(&format!("the path `{path}` leads to `{}`", entry.path)));
        }
    }
    let is_same = |path: &str, ordinal: &Option<FileOrd>| {
        let (Some(new), Some(entry)) = (replaced.get(path), ordinal.and_then(|file| stored.get(&file)))
        else {
            return false;
        };
        new.name() == entry.segment && new.hash() == entry.hash
    };
    let changing: Vec<(&str, Option<FileOrd>)> = paths
        .iter()
        .zip(&ordinals)
        .filter(|(path, ordinal)| {
            !is_same(path, ordinal) && (ordinal.is_some() || replaced.contains_key(*path))
        })
        .map(|(path, ordinal)| (*path, *ordinal))
        .collect();
    // Linked one by one, files fetch what they need; linked together, they have it at hand. A rough bound between them.
    let files = usize::try_from(view.head.totals.files).unwrap_or(usize::MAX);
    if changing.len() > MAX_FILES_PER_BATCH || (changing.len() > 64 && changing.len() > files / 4) {
        return Ok(None);
    }
    let old: Vec<FileOrd> = changing.iter().filter_map(|(_, ordinal)| *ordinal).collect();
    let mut old: HashMap<FileOrd, StoredFile> =
        view.files(&old).await?.into_iter().map(|file| (file.ordinal, file)).collect();
    let mut plan = Plan {
        files: Vec::new(),
        rehashed: Vec::new(),
        summary: UpdateSummary { unchanged: count(replaced.len()), ..UpdateSummary::default() },
        next_file: view.head.next_file,
    };
    for (path, ordinal) in changing {
        let old = ordinal.and_then(|file| old.remove(&file));
        plan.add(old, replaced.get(path).copied());
    }
    Ok(Some(plan))
}

impl<'c> Plan<'c> {
    fn add(&mut self, old: Option<StoredFile>, new: Option<&'c PreparedFile>) {
        let counter = match (&old, new) {
            (None, Some(_)) => &mut self.summary.added,
            (Some(_), Some(_)) => &mut self.summary.replaced,
            _ => &mut self.summary.removed,
        };
        *counter += 1;
        if new.is_some() {
            self.summary.unchanged -= 1;
        }
        if let (Some(old), Some(new)) = (&old, new)
            && new.name() == old.entry.segment
        {
            self.rehashed.push((old.clone(), new.hash().to_owned()));
            return;
        }
        let ordinal = old.as_ref().map_or(self.next_file, |file| file.ordinal);
        if old.is_none() {
            self.next_file += 1;
        }
        let new = new.map(|file| {
            let segment = Arc::clone(file.segment());
            let slots = match &old {
                None => SlotTable::fresh(segment.node_count()),
                Some(old) => SlotTable::carried_over(&old.segment, old.links.slots(), &segment),
            };
            (file, segment, slots)
        });
        self.files.push(ChangedFile { ordinal, old, new });
    }
}

/// The files by their paths.
///
/// # Errors
/// `InvalidArgument` if a path stands twice.
pub(super) fn by_path(files: &[PreparedFile]) -> Result<BTreeMap<&str, &PreparedFile>> {
    let mut by_path = BTreeMap::new();
    for file in files {
        if by_path.insert(file.path(), file).is_some() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the file `{}` stands twice in one update", file.path()),
            ));
        }
    }
    Ok(by_path)
}

fn count(figure: usize) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}
