//! A small tree, and a SCIP index of it that is written by hand.

use std::path::PathBuf;

use codestrata_link_quality::{Faults, Figures, Project, measure};
use protobuf::Message;
use scip::types::{Document, Index, Occurrence, SymbolRole};
use tempfile::TempDir;

pub(crate) struct SmallProject {
    folder: TempDir,
    index: Index,
    texts: Vec<String>,
}

impl SmallProject {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tree")).unwrap();
        Self { folder, index: Index::new(), texts: Vec::new() }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.path().join("index.scip")
    }

    /// Adds a file; what follows is about it. A symbol stands where the text has `‹symbol›` before a word, and is defined
    /// where it has `«symbol»`. The marks are no part of the file.
    pub(crate) fn file(mut self, path: &str, marked: &str) -> Self {
        let mut document = Document::new();
        path.clone_into(&mut document.relative_path);
        let mut text = String::new();
        let mut rest = marked;
        while let Some(at) = rest.find(['‹', '«']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let is_definition = from.starts_with('«');
            let (symbol, after) = from[from.chars().next().unwrap().len_utf8()..]
                .split_once(if is_definition { '»' } else { '›' })
                .expect("a mark ends");
            let word = after.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap();
            let line = text.matches('\n').count();
            let column = text.rsplit('\n').next().unwrap().encode_utf16().count();
            let mut occurrence = Occurrence::new();
            symbol.clone_into(&mut occurrence.symbol);
            occurrence.range = [line, column, column + word.encode_utf16().count()]
                .map(|number| i32::try_from(number).unwrap())
                .to_vec();
            if is_definition {
                occurrence.symbol_roles = SymbolRole::Definition as i32;
            }
            document.occurrences.push(occurrence);
            rest = after;
        }
        text.push_str(rest);
        let file = self.root().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &text).unwrap();
        self.index.documents.push(document);
        self.texts.push(text);
        self
    }

    pub(crate) fn write_index(&self) {
        std::fs::write(self.index_path(), self.index.write_to_bytes().unwrap()).unwrap();
    }

    pub(crate) fn try_measure(&self) -> Result<(Figures, Faults), String> {
        let (root, index) = (self.root(), self.index_path());
        measure(Project { root: &root, index: &index }, &|_| true).map_err(|problem| problem.to_string())
    }

    pub(crate) fn measure(&self) -> Figures {
        self.write_index();
        self.try_measure().unwrap().0
    }
}
