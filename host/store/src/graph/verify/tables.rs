//! Reading every record of a repository, and what must be so among them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use codestrata_core::{Key, Result, ScanRequest};

use super::is_damage;
use super::report::{Findings, Subject, Verification, VerifyWatch};
use crate::codec::{ContentName, RecordKind, content_name, decode};
use crate::graph::engine::decode_ordinal;
use crate::graph::history::{Change, Listing, Sums, add_listed};
use crate::graph::notes::read_note;
use crate::graph::view::View;
use crate::graph::write::count_links;
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::link::LinkRecord;
use crate::model::Totals;
use crate::records::{FileEntry, Head, recount};
use crate::segment::Segment;

/// Files whose records are read together.
const FILES_PER_READ: usize = 256;

/// A file whose records are as they should be by themselves.
pub(super) struct WholeFile {
    pub(super) ordinal: FileOrd,
    pub(super) entry: FileEntry,
    pub(super) segment: Arc<Segment>,
    pub(super) links: Arc<LinkRecord>,
}

/// The files of a repository, as far as they can be read.
pub(super) struct Files {
    /// Sorted by path.
    pub(super) stored: Vec<WholeFile>,
    /// Every ordinal that has an entry, readable or not, with the segment that a readable one names.
    ordinals: HashMap<FileOrd, Option<ContentName>>,
    /// Whether nothing of the facts is missing, so that links can be derived from them.
    pub(super) are_whole: bool,
}

/// Reads the entries, paths, segments and link records; none if the watcher stopped it.
pub(super) async fn read(
    view: &View<'_>,
    report: &mut Verification,
    watch: &dyn VerifyWatch,
) -> Result<Option<Files>> {
    let mut entries: Vec<(FileOrd, FileEntry)> = Vec::new();
    let mut ordinals = HashMap::new();
    let mut are_whole = true;
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::File));
    let findings = &mut report.findings;
    view.engine
        .for_each(view.reader(), request, |key, value| {
            let Some(file) = keyspace::last_ordinal(key) else { return Ok(()) };
            match FileEntry::decode(value) {
                Ok(entry) => {
                    ordinals.insert(file, Some(entry.segment));
                    entries.push((file, entry));
                }
                Err(error) => {
                    are_whole = false;
                    ordinals.insert(file, None);
                    findings.add(None, Subject::Entry, format!("file {file}: {error}"));
                }
            }
            Ok(())
        })
        .await?;
    watch.began(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    paths(view, &entries, &mut report.findings).await?;
    let mut stored = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        if watch.is_stopped() {
            return Ok(None);
        }
        let chunk: Vec<(FileOrd, FileEntry)> = entries.by_ref().take(FILES_PER_READ).collect();
        let segments: Result<Vec<Key>> =
            chunk.iter().map(|(_, entry)| keyspace::segment(view.repo, entry.segment)).collect();
        let links: Result<Vec<Key>> =
            chunk.iter().map(|(file, _)| keyspace::links(view.head.space, *file)).collect();
        let segments = view.get_all(&segments?).await?;
        let links = view.get_all(&links?).await?;
        for (((ordinal, entry), segment), links) in chunk.into_iter().zip(segments).zip(links) {
            watch.stepped();
            report.files += 1;
            let segment = whole_segment(&entry, segment.as_deref(), &mut report.findings);
            let links = whole_links(&entry, links.as_deref(), &mut report.findings);
            let (Some(segment), Some(links)) = (segment, links) else {
                are_whole = false;
                continue;
            };
            report.nodes += u64::from(segment.node_count());
            report.edges += u64::try_from(links.len()).unwrap_or(u64::MAX);
            are_whole &= slots(&entry, &segment, &links, &mut report.findings);
            if entry.counts != count_links(ordinal, &segment, &links) {
                let message = "the counts of its entry are not those of its segment and links";
                report.findings.add(Some(&entry.path), Subject::Count, message);
            }
            stored.push(WholeFile { ordinal, entry, segment, links });
        }
    }
    stored.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
    Ok(Some(Files { stored, ordinals, are_whole }))
}

fn whole_segment(entry: &FileEntry, bytes: Option<&[u8]>, findings: &mut Findings) -> Option<Arc<Segment>> {
    let mut wrong = |message: String| findings.add(Some(&entry.path), Subject::Segment, message);
    let Some(bytes) = bytes else {
        wrong("its segment is missing".to_owned());
        return None;
    };
    if content_name(bytes) != entry.segment {
        wrong("its segment does not have the content that it is named by".to_owned());
        return None;
    }
    match Segment::decode(bytes) {
        Err(error) => {
            wrong(error.to_string());
            None
        }
        Ok(segment) if segment.path() != entry.path => {
            wrong(format!("its segment is that of `{}`", segment.path()));
            None
        }
        Ok(segment) => Some(Arc::new(segment)),
    }
}

fn whole_links(entry: &FileEntry, bytes: Option<&[u8]>, findings: &mut Findings) -> Option<Arc<LinkRecord>> {
    let mut wrong = |message: String| findings.add(Some(&entry.path), Subject::Links, message);
    let Some(bytes) = bytes else {
        wrong("its link record is missing".to_owned());
        return None;
    };
    if content_name(bytes) != entry.links {
        wrong("its link record does not have the content that its entry names".to_owned());
        return None;
    }
    LinkRecord::decode(bytes).map(Arc::new).map_err(|error| wrong(error.to_string())).ok()
}

/// Every node of a file goes by a slot of its own.
fn slots(entry: &FileEntry, segment: &Segment, links: &LinkRecord, findings: &mut Findings) -> bool {
    let mut seen = HashSet::new();
    let is_right = (0..segment.node_count()).all(|row| {
        let slot = links.slots().slot(row);
        slot < links.slots().end() && seen.insert(slot)
    });
    if !is_right {
        findings.add(Some(&entry.path), Subject::Links, "two nodes go by one slot, or one by none");
    }
    is_right
}

/// Every path leads to its file, and to nothing else.
async fn paths(view: &View<'_>, entries: &[(FileOrd, FileEntry)], findings: &mut Findings) -> Result<()> {
    let mut expected = BTreeMap::new();
    for (file, entry) in entries {
        if expected.insert(keyspace::path(view.head.space, &entry.path)?.as_slice().to_vec(), *file).is_some()
        {
            findings.add(Some(&entry.path), Subject::Entry, "two files have this path");
        }
    }
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Path));
    view.engine
        .for_each(view.reader(), request, |key, value| {
            let file = expected.remove(key);
            match decode_ordinal(value) {
                Err(error) => findings.add(None, Subject::Path, error.to_string()),
                Ok(found) if file != Some(found) => {
                    let message = format!("a path leads to file {found}, which is another or none");
                    findings.add(None, Subject::Path, message);
                }
                Ok(_) => {}
            }
            Ok(())
        })
        .await?;
    for (file, entry) in entries {
        if expected.contains_key(keyspace::path(view.head.space, &entry.path)?.as_slice()) {
            let message = format!("its path leads nowhere; it is file {file}");
            findings.add(Some(&entry.path), Subject::Path, message);
        }
    }
    Ok(())
}

/// The head's totals are the sums over the files, and new files get ordinals of their own.
pub(super) fn totals(view: &View<'_>, files: &Files, report: &mut Verification) {
    let mut totals = Totals::default();
    for file in &files.stored {
        recount(&mut totals, None, Some(&file.entry.counts));
    }
    if files.are_whole && totals != view.head.totals {
        let message = format!("the totals are {:?}, and counted again {totals:?}", view.head.totals);
        report.findings.add(None, Subject::Count, message);
    }
    if let Some(file) = files.ordinals.keys().find(|file| **file >= view.head.next_file) {
        let message =
            format!("file {file} has an ordinal that is still to be given, from {}", view.head.next_file);
        report.findings.add(None, Subject::Head, message);
    }
}

/// Every note belongs to a node.
pub(super) async fn notes(view: &View<'_>, files: &Files, report: &mut Verification) -> Result<()> {
    let slots: HashMap<FileOrd, &WholeFile> = files.stored.iter().map(|file| (file.ordinal, file)).collect();
    let has = |file: FileOrd, slot: Slot| match slots.get(&file) {
        Some(file) => file.links.slots().row(slot, file.segment.node_count()).is_some(),
        // Of a damaged file nothing can be said.
        None => files.ordinals.contains_key(&file),
    };
    let mut wrong = Vec::new();
    let mut count = 0_u64;
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Note));
    view.engine
        .for_each(view.reader(), request, |key, value| {
            count += 1;
            match (keyspace::note_place_of(key), read_note(value)) {
                (_, Err(error)) => wrong.push(error.to_string()),
                (Some((file, slot)), Ok((analyser, _))) if !has(file, slot) => {
                    wrong.push(format!(
                        "a note of `{analyser}` is on slot {slot} of file {file}, where no node is"
                    ));
                }
                (None, Ok(_)) => wrong.push("the key of a note is too short".to_owned()),
                _ => {}
            }
            Ok(())
        })
        .await?;
    report.notes = count;
    if count != view.head.notes {
        wrong.push(format!("there are {count} notes, and the head counts {}", view.head.notes));
    }
    for message in wrong {
        report.findings.add(None, Subject::Note, message);
    }
    Ok(())
}

/// Nothing lies in the repository's tables that nothing leads to, but segments, which maintenance collects.
pub(super) async fn strays(view: &View<'_>, files: &Files, report: &mut Verification) -> Result<()> {
    let used: HashSet<ContentName> = files.ordinals.values().flatten().copied().collect();
    let has_unreadable = files.ordinals.values().any(Option::is_none);
    let mut left_over = 0;
    let request = ScanRequest::new(keyspace::segments(view.repo)).keys_only();
    view.engine
        .for_each(view.reader(), request, |key, _| {
            let is_used = keyspace::segment_name_of(key).is_some_and(|name| used.contains(&name));
            left_over += u64::from(!is_used && !has_unreadable);
            Ok(())
        })
        .await?;
    report.left_over = left_over;
    let mut strays = Vec::new();
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Links)).keys_only();
    view.engine
        .for_each(view.reader(), request, |key, _| {
            if let Some(file) = keyspace::last_ordinal(key).filter(|file| !files.ordinals.contains_key(file))
            {
                strays.push(format!("there is a link record of file {file}, and no such file"));
            }
            Ok(())
        })
        .await?;
    for message in strays {
        report.findings.add(None, Subject::Stray, message);
    }
    Ok(())
}

/// Every record of the history can be read, is of a version that there was, and has its list.
pub(super) async fn history(view: &View<'_>, report: &mut Verification) -> Result<()> {
    let [changes, listed] = keyspace::history(view.repo, 0..=u64::MAX);
    let mut wrong = Vec::new();
    let mut expecting = HashSet::new();
    let mut count = 0;
    let mut last = None;
    view.engine
        .for_each(view.reader(), ScanRequest::new(changes), |key, value| {
            count += 1;
            let version = keyspace::version_of(key).unwrap_or_default();
            if last.is_some_and(|last: u64| last.saturating_add(1) != version) {
                wrong.push(format!("the record of a version before {version} is missing"));
            }
            last = Some(version);
            match decode::<Change>(RecordKind::Change, value) {
                Err(error) => wrong.push(format!("version {version}: {error}")),
                Ok(change) if change.version != version || version > view.head.version => {
                    wrong.push(format!("the record of version {version} is that of another"));
                }
                Ok(change) => {
                    if change.listing == Listing::Listed && !change.amounts.is_nothing() {
                        expecting.insert(version);
                    }
                }
            }
            Ok(())
        })
        .await?;
    // A commit that keeps none forgets all.
    if last.is_some_and(|last| last != view.head.version) {
        wrong.push(format!("the record of version {} is missing", view.head.version));
    }
    view.engine
        .for_each(view.reader(), ScanRequest::new(listed), |key, value| {
            let version = keyspace::version_of(key).unwrap_or_default();
            if !expecting.remove(&version) {
                wrong.push(format!("there is a list of version {version}, and its record has none"));
            }
            if let Err(error) = add_listed(value, &mut Sums::default()) {
                wrong.push(format!("version {version}: {error}"));
            }
            Ok(())
        })
        .await?;
    wrong.extend(expecting.iter().map(|version| format!("the list of version {version} is missing")));
    report.recorded_versions = count;
    for message in wrong {
        report.findings.add(None, Subject::History, message);
    }
    Ok(())
}

/// The store will not give the repository's numbers to another one.
pub(super) async fn numbers(view: &View<'_>, report: &mut Verification) -> Result<()> {
    match view.engine.store_record().await {
        Ok((record, _)) if record.next_repo > view.repo && record.next_space > view.head.space => {}
        Ok((record, _)) => {
            let message = format!(
                "the store would give repository {} and generation {} anew, and {} and {} are taken",
                record.next_repo, record.next_space, view.repo, view.head.space
            );
            report.findings.add(None, Subject::Head, message);
        }
        Err(error) if is_damage(&error) => report.findings.add(None, Subject::Head, error.to_string()),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Every generation in the store is the graph of a repository, or marked as being written or deleted.
pub(super) async fn spaces(view: &View<'_>, report: &mut Verification) -> Result<()> {
    let mut known = HashSet::from([view.head.space]);
    for range in [keyspace::all_writing(), keyspace::all_deleting()] {
        view.engine
            .for_each(view.reader(), ScanRequest::new(range).keys_only(), |key, _| {
                known.extend(keyspace::marker_of(key).map(|(_, space)| space));
                Ok(())
            })
            .await?;
    }
    let mut are_known = true;
    view.engine
        .for_each(view.reader(), ScanRequest::new(keyspace::all_heads()), |_, head| {
            match Head::decode(head) {
                Ok(head) => {
                    known.insert(head.space);
                }
                // That of another repository, and its to verify; which generation it has cannot be told.
                Err(_) => are_known = false,
            }
            Ok(())
        })
        .await?;
    if !are_known {
        return Ok(());
    }
    // From one generation to the next, without reading what is in them.
    let mut rest = Some(keyspace::spaces_from(0));
    while let Some(range) = rest.take() {
        let page = view.reader().scan(&ScanRequest::new(range).keys_only().max_items(1)).await?;
        let Some(space) = page.iter().next().and_then(|(key, _)| keyspace::space_of(key)) else { break };
        if !known.contains(&space) {
            report.findings.add(None, Subject::Stray, format!("generation {space} belongs to no repository"));
        }
        rest = space.checked_add(1).map(keyspace::spaces_from);
    }
    Ok(())
}
