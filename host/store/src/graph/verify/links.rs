//! Every file linked anew from the facts of all, and compared with what is stored.
//!
//! The facts are asked as for a new generation, in the order of paths; the answers have the ordinals and slots that are
//! stored. So a record that comes out is the stored one, to the last term that it asked, or one of the two is wrong.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::report::VerifyWatch;
use super::tables::WholeFile;
use crate::graph::all_facts::AllFacts;
use crate::keyspace::{FileOrd, Slot};
use crate::link::{
    FactsView, Few, Link, LinkRecord, LinkTarget, Members, Missing, Symbol, link_file, target_text,
};
use crate::model::Resolution;
use crate::segment::Segment;

/// How many differing edges of one file are shown.
const SHOWN_EDGES: usize = 3;

/// What is wrong: a file, if it is one, and words.
pub(super) type Wrong = (Option<String>, String);

/// Links everything anew; none if the watcher stopped it.
pub(super) fn compare(files: &[WholeFile], watch: &dyn VerifyWatch) -> Option<Vec<Wrong>> {
    watch.began(u64::try_from(files.len()).unwrap_or(u64::MAX));
    let segments: Vec<Arc<Segment>> = files.iter().map(|file| Arc::clone(&file.segment)).collect();
    let facts = match AllFacts::new(&segments) {
        Ok(facts) => facts,
        Err(error) => return Some(vec![(None, error.to_string())]),
    };
    let positions = (0..).zip(files).map(|(position, file)| (file.ordinal, position)).collect();
    let view = StoredNumbers { facts: &facts, files, positions };
    let wrong: Vec<Option<Wrong>> = files
        .par_iter()
        .map(|file| {
            if watch.is_stopped() {
                return None;
            }
            let wrong = view.compare(file);
            watch.stepped();
            wrong.map(|message| (Some(file.entry.path.to_string()), message))
        })
        .collect();
    (!watch.is_stopped()).then(|| wrong.into_iter().flatten().collect())
}

/// The facts of all files, by the ordinals and slots that are stored.
struct StoredNumbers<'a> {
    facts: &'a AllFacts,
    /// Sorted by path, as the facts are.
    files: &'a [WholeFile],
    /// By ordinal, the place among the files.
    positions: HashMap<FileOrd, u32>,
}

impl StoredNumbers<'_> {
    fn file(&self, ordinal: FileOrd) -> Result<&WholeFile, Missing> {
        let position = self.positions.get(&ordinal).ok_or(Missing)?;
        self.files.get(*position as usize).ok_or(Missing)
    }

    fn ordinal(&self, position: u32) -> FileOrd {
        self.files.get(position as usize).map_or(FileOrd::MAX, |file| file.ordinal)
    }

    fn few(&self, few: Few) -> Few {
        match few {
            Few::One(position, row) => Few::One(self.ordinal(position), row),
            other => other,
        }
    }

    /// What is wrong with the links of a file, if something is.
    fn compare(&self, file: &WholeFile) -> Option<String> {
        let Ok(expected) = link_file(self, file.ordinal, &file.segment, file.links.slots()) else {
            return Some("it cannot be linked".to_owned());
        };
        if expected == *file.links {
            return None;
        }
        let stored: Vec<Link> = file.links.links(file.ordinal).collect();
        let derived: Vec<Link> = expected.links(file.ordinal).collect();
        if stored.len() != derived.len() {
            return Some(format!("it has {} links, and linked anew {}", stored.len(), derived.len()));
        }
        let differing: Vec<String> = (0..)
            .zip(stored.iter().zip(&derived))
            .filter(|(_, (stored, derived))| {
                (stored.source, file.links.kind(stored), stored.target)
                    != (derived.source, expected.kind(derived), derived.target)
            })
            .map(|(position, (stored, derived))| {
                format!(
                    "{} and not {}",
                    self.text(file, &file.links, position, stored),
                    self.text(file, &expected, position, derived)
                )
            })
            .collect();
        if differing.is_empty() {
            return Some(
                "what its links depend on, or its counts of unbound names, differ from linking anew"
                    .to_owned(),
            );
        }
        let shown: Vec<&str> = differing.iter().take(SHOWN_EDGES).map(String::as_str).collect();
        Some(format!("{} links differ from linking anew: {}", differing.len(), shown.join("; ")))
    }

    fn text(&self, file: &WholeFile, record: &LinkRecord, position: u32, link: &Link) -> String {
        let source = self.id(file.ordinal, link.source);
        let kind = record.kind(link);
        let references = file.segment.reference_count();
        let (target, how) = match link.target {
            LinkTarget::Bound(other, slot, how) => (self.id(other, slot), how.map(Resolution::as_str)),
            LinkTarget::Loose(how) if position < references => {
                let target = file.segment.reference_target(position);
                (target_text(&file.segment, target, how), Some(how.as_str()))
            }
            LinkTarget::Loose(how) => (String::new(), Some(how.as_str())),
            LinkTarget::Dangling => ("nothing".to_owned(), None),
        };
        let how = how.map(|how| format!(" ({how})")).unwrap_or_default();
        format!("`{source}` -{kind}-> `{target}`{how}")
    }

    fn id(&self, ordinal: FileOrd, slot: Slot) -> String {
        let Ok(file) = self.file(ordinal) else { return format!("no file {ordinal}") };
        match file.links.slots().row(slot, file.segment.node_count()) {
            Some(row) => file.segment.id(row),
            None => format!("no node {slot} of {}", file.entry.path),
        }
    }
}

impl FactsView for StoredNumbers<'_> {
    fn segment(&self, file: FileOrd) -> Result<&Segment, Missing> {
        Ok(&self.file(file)?.segment)
    }

    fn slot(&self, file: FileOrd, row: u32) -> Result<Slot, Missing> {
        Ok(self.file(file)?.links.slots().slot(row))
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        Ok(self.facts.module(stem)?.map(|position| self.ordinal(position)))
    }

    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        Ok(self.facts.node(id)?.map(|(position, row)| (self.ordinal(position), row)))
    }

    fn symbol(&self, symbol: &str) -> Result<Option<Symbol>, Missing> {
        let found = self.facts.symbol(symbol)?;
        Ok(found.map(|symbol| Symbol { file: self.ordinal(symbol.file), ..symbol }))
    }

    fn parts(&self, symbol: &str) -> Result<Vec<(FileOrd, u32)>, Missing> {
        let parts = self.facts.parts(symbol)?;
        Ok(parts.into_iter().map(|(position, row)| (self.ordinal(position), row)).collect())
    }

    fn members(&self, family: &str, name: &str) -> Result<Members, Missing> {
        let members = self.facts.members(family, name)?;
        Ok(Members { methods: self.few(members.methods), all: self.few(members.all) })
    }
}
