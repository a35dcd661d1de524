//! Notes: attributes that other analysers add to nodes, kept apart from the facts of files.

use std::collections::{BTreeMap, HashMap, HashSet};

use codestrata_core::{Batch, Error, ErrorKind, KeyRange, Op, Result, ScanRequest};

use super::view::{StoredFile, View};
use crate::codec::{RecordKind, decode, encode};
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::model::Attributes;
use crate::records::Head;
use crate::segment::Segment;

/// A note as stored: the analyser, and the attributes as JSON text.
type NoteRecord = (String, String);

/// The attributes of notes, as seen on their nodes: named `analyser.key`.
pub(crate) type NodeNotes = BTreeMap<Slot, Attributes>;

pub(super) fn read_note(bytes: &[u8]) -> Result<(String, Attributes)> {
    let (analyser, json): NoteRecord = decode(RecordKind::Note, bytes)?;
    let attributes = serde_json::from_str(&json).map_err(|error| {
        Error::new(ErrorKind::Corruption, format!("a note of `{analyser}` is not JSON")).with_source(error)
    })?;
    Ok((analyser, attributes))
}

async fn read_range(view: &View<'_>, range: KeyRange) -> Result<HashMap<FileOrd, NodeNotes>> {
    let mut notes: HashMap<FileOrd, NodeNotes> = HashMap::new();
    if view.head.notes == 0 {
        return Ok(notes);
    }
    view.engine
        .for_each(view.reader().await?, ScanRequest::new(range), |key, value| {
            let (file, slot) = keyspace::note_place_of(key)
                .ok_or_else(|| Error::new(ErrorKind::Corruption, "the key of a note is too short"))?;
            let (analyser, attributes) = read_note(value)?;
            let seen = notes.entry(file).or_default().entry(slot).or_default();
            seen.extend(attributes.into_iter().map(|(name, value)| (format!("{analyser}.{name}"), value)));
            Ok(())
        })
        .await?;
    Ok(notes)
}

/// The notes on the nodes of a file. Costs nothing in a repository without notes.
pub(crate) async fn of_file(view: &View<'_>, file: FileOrd) -> Result<NodeNotes> {
    if view.head.notes == 0 {
        return Ok(NodeNotes::new());
    }
    let mut notes = read_range(view, keyspace::notes_of_file(view.head.space, file)).await?;
    Ok(notes.remove(&file).unwrap_or_default())
}

/// The notes on the nodes of all files.
pub(super) async fn of_all(view: &View<'_>) -> Result<HashMap<FileOrd, NodeNotes>> {
    read_range(view, keyspace::table(view.head.space, Table::Note)).await
}

/// The files with nodes that have notes. Costs nothing in a repository without notes.
pub(crate) async fn files_with_notes(view: &View<'_>) -> Result<HashSet<FileOrd>> {
    let mut files = HashSet::new();
    if view.head.notes == 0 {
        return Ok(files);
    }
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Note)).keys_only();
    view.engine
        .for_each(view.reader().await?, request, |key, _| {
            files.extend(keyspace::note_place_of(key).map(|(file, _)| file));
            Ok(())
        })
        .await?;
    Ok(files)
}

/// Adds a note to a batch that changes a node's attributes by an analyser.
pub(super) async fn put(
    view: &View<'_>,
    head: &mut Head,
    batch: &mut Batch,
    (file, slot): (FileOrd, Slot),
    analyser: &str,
    changes: &Attributes,
) -> Result<()> {
    let key = keyspace::note(view.head.space, file, slot, analyser)?;
    let stored = view.reader().await?.get(&key).await?;
    let mut attributes = match &stored {
        None => Attributes::new(),
        Some(bytes) => read_note(bytes)?.1,
    };
    attributes.extend(changes.clone());
    attributes.retain(|_, value| !value.is_null());
    if attributes.is_empty() {
        head.notes = head.notes.saturating_sub(u64::from(stored.is_some()));
        batch.add(Op::Delete(key));
        return Ok(());
    }
    head.notes += u64::from(stored.is_none());
    let json = serde_json::to_string(&attributes).map_err(|error| {
        Error::new(ErrorKind::InvalidArgument, "attributes are not JSON").with_source(error)
    })?;
    let record: NoteRecord = (analyser.to_owned(), json);
    batch.add(Op::Put(key, encode(RecordKind::Note, &record)?.into()));
    Ok(())
}

/// Drops the notes on nodes of a file that its new state does not have.
pub(super) async fn drop_vanished(
    view: &View<'_>,
    head: &mut Head,
    batch: &mut Batch,
    old: &StoredFile,
    new: Option<&Segment>,
) -> Result<()> {
    if view.head.notes == 0 {
        return Ok(());
    }
    let rows = 0..old.segment.node_count();
    let vanished = rows.filter(|row| new.is_none_or(|new| new.row_of(&old.segment.id(*row)).is_none()));
    for row in vanished.collect::<Vec<_>>() {
        let range = keyspace::notes_of_node(view.head.space, old.ordinal, old.links.slots().slot(row));
        let mut dropped = Vec::new();
        let request = ScanRequest::new(range).keys_only();
        view.engine
            .for_each(view.reader().await?, request, |key, _| {
                dropped.push(codestrata_core::Key::new(key.to_vec())?);
                Ok(())
            })
            .await?;
        for key in dropped {
            head.notes = head.notes.saturating_sub(1);
            batch.add(Op::Delete(key));
        }
    }
    Ok(())
}

/// The notes of a whole repository, raw, with the ids of their nodes: what a new generation carries over.
pub(super) async fn all_by_id(view: &View<'_>) -> Result<Vec<(String, Vec<u8>, String)>> {
    let mut raw: Vec<(FileOrd, Slot, Vec<u8>)> = Vec::new();
    if view.head.notes == 0 {
        return Ok(Vec::new());
    }
    let range = keyspace::table(view.head.space, Table::Note);
    view.engine
        .for_each(view.reader().await?, ScanRequest::new(range), |key, value| {
            let (file, slot) = keyspace::note_place_of(key)
                .ok_or_else(|| Error::new(ErrorKind::Corruption, "the key of a note is too short"))?;
            raw.push((file, slot, value.to_vec()));
            Ok(())
        })
        .await?;
    let mut ordinals: Vec<FileOrd> = raw.iter().map(|(file, ..)| *file).collect();
    ordinals.dedup();
    let files: HashMap<FileOrd, StoredFile> =
        view.files(&ordinals).await?.into_iter().map(|file| (file.ordinal, file)).collect();
    let mut notes = Vec::with_capacity(raw.len());
    for (file, slot, value) in raw {
        let Some(file) = files.get(&file) else { continue };
        let Some(row) = file.links.slots().row(slot, file.segment.node_count()) else { continue };
        let (analyser, _) = read_note(&value)?;
        notes.push((file.segment.id(row), value, analyser));
    }
    Ok(notes)
}
