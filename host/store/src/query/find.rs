//! Finding nodes by what is known of them: a part of the name, the kind, the file, attributes.
//!
//! It is a pass over the segments. A table of names beside them would make a prefix cheaper and every commit dearer;
//! in a process that goes on, the segments are in the cache after the first pass.

use std::collections::{BTreeSet, HashSet};

use codestrata_core::Result;

use super::answer::{Answer, NodeHit};
use crate::graph::{NodeNotes, NodePlace, StoredFile, View, files_with_notes, notes_of_file};
use crate::keyspace::FileOrd;
use crate::model::Attributes;

/// Files read together in a pass over the segments.
const FILES_PER_READ: usize = 512;

/// A name is near to another from here on: Jaro-Winkler likeness, from 0 to 1.
const NEAR: f64 = 0.8;

/// Which nodes are looked for: those that have all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindFilter {
    /// Only nodes of this kind.
    pub kind: Option<String>,
    /// Only nodes of files whose path contains this.
    pub file: Option<String>,
    /// Names must begin with the text, not only contain it.
    pub prefix: bool,
    /// Only nodes with all these attributes, those of other analysers included.
    pub attributes: Vec<AttributeFilter>,
}

/// An attribute that a node must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeFilter {
    /// The name of the attribute; of one that another analyser added `analyser.key`.
    pub name: String,
    /// What it must be; none for anything. Text is compared as it is and everything else as JSON. A list has the value
    /// if one of its items is it.
    pub value: Option<String>,
}

impl AttributeFilter {
    /// Reads `name` or `name=value`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { name: name.to_owned(), value: Some(value.to_owned()) },
            None => Self { name: text.to_owned(), value: None },
        }
    }

    /// Whether a note can be meant: their names have a dot behind that of the analyser.
    fn may_be_a_note(&self) -> bool {
        self.name.contains('.')
    }

    fn accepts(&self, attributes: &Attributes) -> bool {
        match (attributes.get(&self.name), &self.value) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(serde_json::Value::Array(items)), Some(wanted)) => {
                items.iter().any(|item| is_value(item, wanted))
                    || attributes.get(&self.name).is_some_and(|list| is_value(list, wanted))
            }
            (Some(value), Some(wanted)) => is_value(value, wanted),
        }
    }
}

fn is_value(value: &serde_json::Value, wanted: &str) -> bool {
    match value {
        serde_json::Value::String(text) => text == wanted,
        other => serde_json::from_str(wanted).is_ok_and(|wanted: serde_json::Value| wanted == *other),
    }
}

/// How well a name fits: 0 exactly, 1 as a beginning, 2 somewhere inside.
fn fit(name: &str, text: &str, fold: bool) -> Option<u8> {
    let folded;
    let name = if fold {
        folded = name.to_lowercase();
        &folded
    } else {
        name
    };
    match name.find(text)? {
        0 if name.len() == text.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}

/// A pass that keeps the best.
struct Search<'a> {
    text: &'a str,
    /// Whether case does not count.
    fold: bool,
    filter: &'a FindFilter,
    limit: usize,
    best: BTreeSet<(u8, String, NodeHit)>,
    truncated: bool,
}

impl Search<'_> {
    fn visit(&mut self, file: &StoredFile, notes: Option<&NodeNotes>) {
        let segment = &file.segment;
        for row in 0..segment.node_count() {
            let Some(fit) = fit(segment.name(row), self.text, self.fold) else { continue };
            let is_kind = self.filter.kind.as_ref().is_none_or(|kind| segment.kind(row) == kind);
            if !is_kind || (self.filter.prefix && fit == 2) {
                continue;
            }
            let place = NodePlace { file: file.clone(), row };
            if !self.has_attributes(&place, notes) {
                continue;
            }
            let hit = NodeHit::of(&place);
            self.best.insert((fit, hit.name().to_string(), hit));
            if self.best.len() > self.limit {
                self.best.pop_last();
                self.truncated = true;
            }
        }
    }

    fn has_attributes(&self, place: &NodePlace, notes: Option<&NodeNotes>) -> bool {
        if self.filter.attributes.is_empty() {
            return true;
        }
        let mut attributes = place.file.segment.node_attributes(place.row);
        if let Some(noted) = notes.and_then(|notes| notes.get(&place.slot())) {
            attributes.extend(noted.clone());
        }
        self.filter.attributes.iter().all(|wanted| wanted.accepts(&attributes))
    }
}

pub(super) async fn find(
    view: &View<'_>,
    text: &str,
    filter: &FindFilter,
    limit: usize,
) -> Result<Answer<NodeHit>> {
    let fold = !text.chars().any(char::is_uppercase);
    let mut search = Search { text, fold, filter, limit, best: BTreeSet::new(), truncated: false };
    let noted_files: HashSet<FileOrd> = if filter.attributes.iter().any(AttributeFilter::may_be_a_note) {
        files_with_notes(view).await?
    } else {
        HashSet::new()
    };
    let mut entries = view.all_entries().await?;
    if let Some(part) = &filter.file {
        entries.retain(|(_, entry)| entry.path.contains(part.as_str()));
    }
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        let (with_notes, without): (Vec<_>, Vec<_>) =
            entries.split_off(rest).into_iter().partition(|(file, _)| noted_files.contains(file));
        for file in view.segments_only(without).await? {
            search.visit(&file, None);
        }
        // Notes are kept by slot, which only the link record knows.
        for file in view.files_of(with_notes).await? {
            let notes = notes_of_file(view, file.ordinal).await?;
            search.visit(&file, Some(&notes));
        }
    }
    let mut answer = Answer::of(view);
    answer.results = search.best.into_iter().map(|(_, _, hit)| hit).collect();
    answer.truncated = search.truncated;
    Ok(answer)
}

pub(super) async fn similar(view: &View<'_>, name: &str, limit: usize) -> Result<Vec<String>> {
    let wanted = name.rsplit(['.', ':']).next().unwrap_or(name).to_lowercase();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut entries = view.all_entries().await?;
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        for file in view.segments_only(entries.split_off(rest)).await? {
            for row in 0..file.segment.node_count() {
                let candidate = file.segment.name(row);
                if !names.contains(candidate) && likeness(&wanted, candidate) >= NEAR {
                    names.insert(candidate.to_owned());
                }
            }
        }
    }
    let mut names: Vec<(f64, String)> =
        names.into_iter().map(|candidate| (likeness(&wanted, &candidate), candidate)).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(names.into_iter().take(limit).map(|(_, name)| name).collect())
}

fn likeness(wanted: &str, candidate: &str) -> f64 {
    strsim::jaro_winkler(wanted, &candidate.to_lowercase())
}
