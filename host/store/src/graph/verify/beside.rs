//! What lies beside the records of files: notes, the history, the store's numbers, and what nothing leads to.

use std::collections::{HashMap, HashSet};

use codestrata_core::{Result, ScanRequest};

use super::is_damage;
use super::reading::{Reading, Stored, ordinals};
use super::report::{Subject, Verification};
use super::tables::{Files, WholeFile};
use crate::codec::{ContentName, RecordKind, decode};
use crate::graph::history::{Change, Listing, Sums, add_listed};
use crate::graph::notes::read_note;
use crate::graph::view::View;
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::records::{Head, StoreRecord};

/// Every note belongs to a node.
pub(super) async fn notes(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    files: &Files,
    report: &mut Verification,
) -> Result<()> {
    let slots: HashMap<FileOrd, &WholeFile> = files.stored.iter().map(|file| (file.ordinal, file)).collect();
    let has = |file: FileOrd, slot: Slot| match slots.get(&file) {
        Some(file) => file.links.slots().row(slot, file.segment.node_count()).is_some(),
        // Of a damaged file nothing can be said.
        None => files.may_have(file),
    };
    let mut wrong = Vec::new();
    let mut count = 0_u64;
    let table = keyspace::table(view.head.space, Table::Note);
    let lost = reading
        .each(table, false, |key, value| {
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
        })
        .await?;
    report.notes = count;
    if count != view.head.notes {
        wrong.push(format!("there are {count} notes, and the head counts {}", view.head.notes));
    }
    // Where there are no notes nothing of them is lost.
    wrong.extend(lost.iter().filter(|_| count != view.head.notes).filter_map(|lost| {
        let numbers = lost.numbers(0, FileOrd::MAX)?;
        Some(lost.says(&format!("notes of {}", ordinals(&numbers))))
    }));
    for message in wrong {
        report.findings.add(None, Subject::Note, message);
    }
    Ok(())
}

/// Nothing lies in the repository's tables that nothing leads to, but segments, which maintenance collects.
pub(super) async fn strays(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    files: &Files,
    report: &mut Verification,
) -> Result<()> {
    let used: HashSet<ContentName> = files.ordinals.values().flatten().copied().collect();
    let has_all = files.has_all_entries();
    let mut left_over = 0;
    // What cannot be read of these two has been said with the files that need it.
    reading
        .each(keyspace::segments(view.repo), true, |key, _| {
            let is_used = keyspace::segment_name_of(key).is_some_and(|name| used.contains(&name));
            left_over += u64::from(!is_used && has_all);
        })
        .await?;
    report.left_over = left_over;
    let mut strays = Vec::new();
    reading
        .each(keyspace::table(view.head.space, Table::Links), true, |key, _| {
            if let Some(file) = keyspace::last_ordinal(key).filter(|file| !files.may_have(*file)) {
                strays.push(format!("there is a link record of file {file}, and no such file"));
            }
        })
        .await?;
    for message in strays {
        report.findings.add(None, Subject::Stray, message);
    }
    Ok(())
}

/// Every record of the history can be read, is of a version that there was, and has its list.
pub(super) async fn history(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
) -> Result<()> {
    let [changes, listed] = keyspace::history(view.repo, 0..=u64::MAX);
    let mut wrong = Vec::new();
    let mut expecting = HashSet::new();
    let mut count = 0;
    let mut last = None;
    let mut unread = reading
        .each(changes, false, |key, value| {
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
        })
        .await?;
    // A commit that keeps none forgets all.
    if last.is_some_and(|last| last != view.head.version) {
        wrong.push(format!("the record of version {} is missing", view.head.version));
    }
    let unread_lists = reading
        .each(listed, false, |key, value| {
            let version = keyspace::listed_version_of(key).unwrap_or_default();
            if !expecting.remove(&version) {
                wrong.push(format!("there is a list of version {version}, and its record has none"));
            }
            if let Err(error) = add_listed(value, &mut Sums::default()) {
                wrong.push(format!("version {version}: {error}"));
            }
        })
        .await?;
    unread.extend(unread_lists);
    wrong.extend(expecting.iter().map(|version| format!("the list of version {version} is missing")));
    // Where nothing is missed nothing was.
    let is_missed = !wrong.is_empty() || (count == 0 && view.engine.history > 0);
    wrong.extend(unread.iter().filter(|_| is_missed).map(|part| part.says("a part of it")));
    report.recorded_versions = count;
    for message in wrong {
        report.findings.add(None, Subject::History, message);
    }
    Ok(())
}

/// The store will not give the repository's numbers to another one.
pub(super) async fn numbers(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
) -> Result<()> {
    let stored = reading.values(&[keyspace::store()?]).await?.pop().unwrap_or(Stored::Absent);
    let record = match &stored {
        Stored::Absent => StoreRecord::default(),
        Stored::Value(bytes) => match decode::<StoreRecord>(RecordKind::Store, bytes) {
            Ok(record) => record,
            Err(error) => {
                report.findings.add(None, Subject::Head, error.to_string());
                return Ok(());
            }
        },
        Stored::Unreadable(why) => {
            report.findings.add(None, Subject::Head, format!("the store's own record cannot be read: {why}"));
            return Ok(());
        }
    };
    if record.next_repo <= view.repo || record.next_space <= view.head.space {
        let message = format!(
            "the store would give repository {} and generation {} anew, and {} and {} are taken",
            record.next_repo, record.next_space, view.repo, view.head.space
        );
        report.findings.add(None, Subject::Head, message);
    }
    Ok(())
}

/// Every generation in the store is the graph of a repository, or marked as being written or deleted.
pub(super) async fn spaces(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
) -> Result<()> {
    let mut known = HashSet::from([view.head.space]);
    let mut lost = Vec::new();
    for range in [keyspace::all_writing(), keyspace::all_deleting()] {
        let unread = reading
            .each(range, true, |key, _| known.extend(keyspace::marker_of(key).map(|(_, space)| space)))
            .await?;
        lost.extend(unread);
    }
    let mut are_known = true;
    let unread = reading
        .each(keyspace::all_heads(), false, |_, head| {
            match Head::decode(head) {
                Ok(head) => {
                    known.insert(head.space);
                }
                // That of another repository, and its to verify; which generation it has cannot be told.
                Err(_) => are_known = false,
            }
        })
        .await?;
    if !are_known || !lost.is_empty() || !unread.is_empty() {
        return Ok(());
    }
    // From one generation to the next, without reading what is in them.
    let mut rest = Some(keyspace::spaces_from(0));
    while let Some(range) = rest.take() {
        let request = ScanRequest::new(range).keys_only().max_items(1);
        let page = match view.reader().await?.scan(&request).await {
            // What lies there is said where it is looked for.
            Err(error) if is_damage(&error) => return Ok(()),
            page => page?,
        };
        let Some(space) = page.iter().next().and_then(|(key, _)| keyspace::space_of(key)) else { break };
        if !known.contains(&space) {
            report.findings.add(None, Subject::Stray, format!("generation {space} belongs to no repository"));
        }
        rest = space.checked_add(1).map(keyspace::spaces_from);
    }
    Ok(())
}
