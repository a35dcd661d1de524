//! Reading the records of every file of a repository, and what must be so among them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use codestrata_core::{Key, Result};

use super::reading::{Lost, Reading, Stored, ordinals};
use super::report::{Findings, Subject, Verification, VerifyWatch};
use crate::codec::{ContentName, content_name, segment_name};
use crate::graph::engine::decode_ordinal;
use crate::graph::view::View;
use crate::graph::write::count_links;
use crate::keyspace::{self, FileOrd, Table};
use crate::link::LinkRecord;
use crate::model::Totals;
use crate::records::{FileEntry, recount};
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
    pub(super) ordinals: HashMap<FileOrd, Option<ContentName>>,
    /// The ordinals of which it cannot be told whether they have one.
    lost: Vec<RangeInclusive<FileOrd>>,
    /// Whether nothing of the facts is missing, so that links can be derived from them.
    pub(super) are_whole: bool,
}

impl Files {
    /// Whether there may be a file of this ordinal.
    pub(super) fn may_have(&self, file: FileOrd) -> bool {
        self.ordinals.contains_key(&file) || self.has_lost(file)
    }

    /// Whether the entry of this ordinal is where nothing can be read.
    fn has_lost(&self, file: FileOrd) -> bool {
        self.lost.iter().any(|lost| lost.contains(&file))
    }

    /// Whether every entry that there is can be read.
    pub(super) fn has_all_entries(&self) -> bool {
        self.lost.is_empty() && self.ordinals.values().all(Option::is_some)
    }
}

/// Reads the entries, paths, segments and link records; none if the watcher stopped it.
pub(super) async fn read(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
    watch: &dyn VerifyWatch,
) -> Result<Option<Files>> {
    let (mut files, entries) = entries(view, reading, report).await?;
    watch.began(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    paths(view, reading, (&files, &entries), &mut report.findings).await?;
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
        let segments = reading.values(&segments?).await?;
        let links = reading.values(&links?).await?;
        for (((ordinal, entry), segment), links) in chunk.into_iter().zip(segments).zip(links) {
            watch.stepped();
            report.files += 1;
            let segment = whole_segment(&entry, &segment, &mut report.findings);
            let links = whole_links(&entry, &links, &mut report.findings);
            let (Some(segment), Some(links)) = (segment, links) else {
                files.are_whole = false;
                continue;
            };
            report.nodes += u64::from(segment.node_count());
            report.edges += u64::try_from(links.len()).unwrap_or(u64::MAX);
            files.are_whole &= slots(&entry, &segment, &links, &mut report.findings);
            if entry.counts != count_links(ordinal, &segment, &links) {
                let message = "the counts of its entry are not those of its segment and links";
                report.findings.add(Some(&entry.path), Subject::Count, message);
            }
            files.stored.push(WholeFile { ordinal, entry, segment, links });
        }
    }
    files.stored.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
    Ok(Some(files))
}

/// The entries, as far as they can be read.
async fn entries(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
) -> Result<(Files, Vec<(FileOrd, FileEntry)>)> {
    let mut files = Files { stored: Vec::new(), ordinals: HashMap::new(), lost: Vec::new(), are_whole: true };
    let mut entries: Vec<(FileOrd, FileEntry)> = Vec::new();
    let findings = &mut report.findings;
    let table = keyspace::table(view.head.space, Table::File);
    let lost = reading
        .each(table, false, |key, value| {
            let Some(file) = keyspace::last_ordinal(key) else { return };
            match FileEntry::decode(value) {
                Ok(entry) => {
                    files.ordinals.insert(file, Some(entry.segment));
                    entries.push((file, entry));
                }
                Err(error) => {
                    files.are_whole = false;
                    files.ordinals.insert(file, None);
                    findings.add(None, Subject::Entry, format!("file {file}: {error}"));
                }
            }
        })
        .await?;
    for lost in lost {
        let numbers = lost.numbers(0, view.head.next_file.saturating_sub(1));
        let Some(numbers) = numbers else { continue };
        findings.add(None, Subject::Entry, lost.says(&format!("the entries of {}", ordinals(&numbers))));
        files.are_whole = false;
        files.lost.push(numbers);
    }
    Ok((files, entries))
}

fn whole_segment(entry: &FileEntry, stored: &Stored, findings: &mut Findings) -> Option<Arc<Segment>> {
    let mut wrong = |message: String| findings.add(Some(&entry.path), Subject::Segment, message);
    let bytes = stored.bytes("its segment").map_err(&mut wrong).ok()?;
    if segment_name(&entry.path, bytes) != entry.segment {
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

fn whole_links(entry: &FileEntry, stored: &Stored, findings: &mut Findings) -> Option<Arc<LinkRecord>> {
    let mut wrong = |message: String| findings.add(Some(&entry.path), Subject::Links, message);
    let bytes = stored.bytes("its link record").map_err(&mut wrong).ok()?;
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
async fn paths(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    (files, entries): (&Files, &[(FileOrd, FileEntry)]),
    findings: &mut Findings,
) -> Result<()> {
    let key_of = |entry: &FileEntry| keyspace::path(view.head.space, &entry.path);
    let mut expected = BTreeMap::new();
    for (file, entry) in entries {
        if expected.insert(key_of(entry)?.as_slice().to_vec(), *file).is_some() {
            findings.add(Some(&entry.path), Subject::Entry, "two files have this path");
        }
    }
    let table = keyspace::table(view.head.space, Table::Path);
    let lost = reading
        .each(table, false, |key, value| {
            let file = expected.remove(key);
            match decode_ordinal(value) {
                Err(error) => findings.add(None, Subject::Path, error.to_string()),
                Ok(found) if file == Some(found) => {}
                Ok(found) if file.is_none() && files.has_lost(found) => {
                    findings.add(keyspace::path_of(key), Subject::Entry, "its entry cannot be read");
                }
                Ok(found) => {
                    let message = format!("a path leads to file {found}, which is another or none");
                    findings.add(None, Subject::Path, message);
                }
            }
        })
        .await?;
    // What lies where something is lost is asked for by itself.
    for (file, entry) in entries {
        let key = key_of(entry)?;
        if !expected.contains_key(key.as_slice()) {
            continue;
        }
        let is_in = |lost: &Lost| lost.range.contains(key.as_slice());
        let stored = if lost.iter().any(is_in) {
            reading.values(std::slice::from_ref(&key)).await?.pop().unwrap_or(Stored::Absent)
        } else {
            Stored::Absent
        };
        let message = match &stored {
            Stored::Value(bytes) if decode_ordinal(bytes).is_ok_and(|found| found == *file) => continue,
            Stored::Value(_) => "its path leads to another file, or to none".to_owned(),
            Stored::Absent => format!("its path leads nowhere; it is file {file}"),
            Stored::Unreadable(why) => format!("what its path leads to cannot be read: {why}"),
        };
        findings.add(Some(&entry.path), Subject::Path, message);
    }
    // Where no path is known that lies there, there may have been others.
    if !files.has_all_entries() {
        for lost in &lost {
            findings.add(None, Subject::Path, lost.says("paths"));
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
