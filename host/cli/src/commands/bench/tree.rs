//! The sources that are measured with: their facts as stores take them, edits of some files, and what to ask about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codestrata::model::edge_kind;
use codestrata::query::CallCount;
use codestrata::{FileFacts, PreparedFile};
use codestrata_index::{SourceFile, extract, sources};
use codestrata_measure::{Edit, Question};
use rayon::prelude::*;

use crate::failure::Failure;

/// Questions of each cheap kind.
const QUESTIONS: usize = 200;

/// Walks: from the functions with the most callers.
const WALKS: usize = 20;

/// Names of more nodes than this are not asked for: one of them would outweigh all others.
const MOST_OF_A_NAME: usize = 5;

/// Files that are edited.
const EDITED: usize = 20;

/// A source tree, read once for everything that is measured.
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: Vec<PreparedFile>,
    /// Of middling size, so that an edit is neither the cheapest nor the dearest.
    to_edit: Vec<FileFacts>,
    ids: Vec<String>,
    /// Those that call something.
    calling: Vec<String>,
    /// Those of few nodes.
    names: Vec<String>,
}

/// Questions of one kind.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) questions: Vec<Question>,
}

/// What one file gives.
struct OfFile {
    file: PreparedFile,
    ids: Vec<String>,
    calling: Vec<String>,
    names: Vec<String>,
    elements: usize,
}

impl Tree {
    /// Reads the sources as `codestrata index` does, on all cores; none if it is to stop.
    ///
    /// # Errors
    /// When there is no source, or facts cannot be stored.
    pub(super) fn read(root: &Path, is_stopped: impl Fn() -> bool + Sync) -> Result<Option<Self>, Failure> {
        let found = sources(root).files;
        let wanted = found.par_iter().filter(|_| !is_stopped());
        let read = wanted.filter_map(|source| {
            let facts = facts_of(root, source)?;
            Some(OfFile::new(&facts).map(|of_file| (source, of_file)))
        });
        let read: Vec<(&SourceFile, OfFile)> = read.collect::<Result<_, _>>()?;
        if is_stopped() {
            return Ok(None);
        }
        if read.is_empty() {
            return Err(Failure::input(format!("{} has no sources that could be read", root.display()))
                .with_help("name a folder with sources; `codestrata index --help` lists the languages"));
        }
        let to_edit = middling(&read).filter_map(|source| facts_of(root, source)).collect();
        Ok(Some(Self::of(root, to_edit, read)))
    }

    fn of(root: &Path, to_edit: Vec<FileFacts>, read: Vec<(&SourceFile, OfFile)>) -> Self {
        let mut tree = Self {
            root: root.to_owned(),
            files: Vec::with_capacity(read.len()),
            to_edit,
            ids: Vec::new(),
            calling: Vec::new(),
            names: Vec::new(),
        };
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for (_, of_file) in read {
            tree.files.push(of_file.file);
            tree.ids.extend(of_file.ids);
            tree.calling.extend(of_file.calling);
            for name in of_file.names {
                *names.entry(name).or_default() += 1;
            }
        }
        names.retain(|_, nodes| *nodes <= MOST_OF_A_NAME);
        tree.names = names.into_keys().collect();
        tree
    }

    /// The file after the edit of this number.
    ///
    /// # Errors
    /// When its facts cannot be stored.
    pub(super) fn edited(&self, number: usize) -> Result<Option<PreparedFile>, Failure> {
        let Some(facts) = self.to_edit.get(number % self.to_edit.len().max(1)) else { return Ok(None) };
        Ok(Some(PreparedFile::new(&Edit::new(number).of_facts(facts))?))
    }

    /// What to ask, which the sources alone decide; kinds for which they have nothing are left out. The counts are those
    /// of the whole tree.
    pub(super) fn questions(&self, calls: &[CallCount]) -> Vec<Kind> {
        let called: Vec<&CallCount> = calls.iter().filter(|count| count.callers > 0).collect();
        let ids: Vec<&String> = called.iter().map(|count| &count.id).collect();
        let mut most: Vec<&&CallCount> = called.iter().collect();
        most.sort_by(|a, b| b.callers.cmp(&a.callers).then_with(|| a.id.cmp(&b.id)));
        most.truncate(WALKS);
        let walks = most.into_iter().map(|count| Question::CallersInThree(count.id.clone())).collect();
        let kinds = [
            ("node by id", spread(self.ids.iter(), Question::Node)),
            ("callers", spread(ids.into_iter(), Question::Callers)),
            ("callees", spread(self.calling.iter(), Question::Callees)),
            ("callers over 3 calls", walks),
            ("find by name", spread(self.names.iter(), Question::Name)),
        ];
        let kinds = kinds.into_iter().filter(|(_, questions)| !questions.is_empty());
        kinds.map(|(name, questions)| Kind { name, questions }).collect()
    }
}

impl OfFile {
    fn new(facts: &FileFacts) -> Result<Self, codestrata::Error> {
        let calls = facts.references.iter().filter(|reference| edge_kind::is_call(&reference.kind));
        let mut calling: Vec<u32> = calls.map(|reference| reference.source).collect();
        calling.sort_unstable();
        calling.dedup();
        let id =
            |row: u32| facts.nodes.get(usize::try_from(row).ok()?).map(|node| node.id.as_str().to_owned());
        let names = facts.nodes.iter().filter(|node| !node.name.is_empty());
        Ok(Self {
            file: PreparedFile::new(facts)?,
            ids: facts.nodes.iter().map(|node| node.id.as_str().to_owned()).collect(),
            calling: calling.into_iter().filter_map(id).collect(),
            names: names.map(|node| node.name.as_str().to_owned()).collect(),
            elements: facts.nodes.len() + facts.references.len(),
        })
    }
}

/// What a file says; nothing of one that cannot be read or understood, which `codestrata index` leaves out too.
fn facts_of(root: &Path, source: &SourceFile) -> Option<FileFacts> {
    let bytes = std::fs::read(root.join(&source.path)).ok()?;
    extract(&source.path, &bytes, source.language).ok().map(|extraction| extraction.facts)
}

/// The files around the one in the middle, by size.
fn middling<'a>(read: &[(&'a SourceFile, OfFile)]) -> impl Iterator<Item = &'a SourceFile> {
    let mut by_size: Vec<(usize, &'a SourceFile)> =
        read.iter().map(|(source, of_file)| (of_file.elements, *source)).collect();
    by_size.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
    let before = (by_size.len() / 2).saturating_sub(EDITED / 2);
    by_size.into_iter().skip(before).take(EDITED).map(|(_, source)| source)
}

/// Questions spread evenly over what there is.
fn spread<'a>(
    from: impl ExactSizeIterator<Item = &'a String>,
    question: fn(String) -> Question,
) -> Vec<Question> {
    let step = from.len().div_ceil(QUESTIONS).max(1);
    from.step_by(step).map(|text| question(text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use codestrata_measure::Question;

    use super::{QUESTIONS, spread};

    #[test]
    fn questions_are_bounded_and_spread_over_everything() {
        let ids: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
        let questions = spread(ids.iter(), Question::Node);
        assert!(questions.len() <= QUESTIONS && questions.len() > QUESTIONS / 2);
        assert_eq!(questions.last(), Some(&Question::Node("996".to_owned())));
        assert_eq!(spread(ids[..3].iter(), Question::Node).len(), 3);
    }
}
