//! A segment as the facts that it was made of, for edits that change some of them.

use super::read::{ImportView, ImportedView, Segment, TargetView, members};
use crate::model::{
    Export, FileFacts, Import, ImportedName, ModuleFacts, Reference, Root, Target, ValueFact,
};

impl Segment {
    /// The facts again, for edits that change some of them.
    pub(crate) fn to_facts(&self, hash: &str) -> FileFacts {
        let imports: Vec<ImportView<'_>> =
            (0..self.import_count()).map(|import| self.import(import)).collect();
        let path = self.path().into();
        let own_stem = self.module().map(|module| module.stem);
        let first_stem =
            own_stem.or_else(|| imports.iter().find_map(|import| import.candidates.first().copied()));
        FileFacts {
            path: self.path().to_owned(),
            hash: hash.to_owned(),
            family: first_stem
                .and_then(|stem| stem.split_once(':'))
                .map_or("", |(family, _)| family)
                .to_owned(),
            module: self.module().map(|module| ModuleFacts {
                stem: without_family(module.stem).to_owned(),
                rank: module.rank,
                is_package: module.is_package,
                is_shared: module.is_shared,
            }),
            nodes: (0..self.node_count()).map(|row| self.node(row, &path)).collect(),
            edges: (0..self.edge_count()).map(|edge| self.edge(edge)).collect(),
            references: (0..self.reference_count()).map(|reference| self.reference(reference)).collect(),
            imports: imports.iter().map(owned_import).collect(),
            exports: self.exports().map(|(name, target)| Export { name: name.to_owned(), target }).collect(),
            values: (0..self.value_count()).map(|value| self.value_fact(value)).collect(),
        }
    }

    fn reference(&self, reference: u32) -> Reference {
        Reference {
            source: self.reference_source(reference),
            kind: self.reference_kind(reference).into(),
            span: self.reference_span(reference),
            attributes: self.reference_attributes(reference),
            target: owned_target(self.reference_target(reference)),
        }
    }

    fn value_fact(&self, value: usize) -> ValueFact {
        let (path, target) = self.value(value);
        let node = self.row_of_value(value);
        ValueFact { node, path: owned_members(path), target: owned_target(target) }
    }
}

fn owned_members(joined: &str) -> Vec<String> {
    members(joined).map(str::to_owned).collect()
}

fn owned_target(target: TargetView<'_>) -> Target {
    let (root, path) = match target {
        TargetView::Node(row) => return Target::Node(row),
        TargetView::Member(name) => return Target::Member(name.to_owned()),
        TargetView::Local(name) => return Target::Local(name.to_owned()),
        TargetView::Import(import, path) => (Root::Import(import), path),
        TargetView::NodePath(row, path) => (Root::Node(row), path),
        TargetView::Super(row, path) => (Root::Super(row), path),
        TargetView::Within(row, path) => (Root::Within(row), path),
        TargetView::Receiver(row, path) => (Root::Receiver(row), path),
        TargetView::Free(name, path) => (Root::Free(name.to_owned()), path),
    };
    Target::Path(root, owned_members(path))
}

/// A stem as its file states it.
fn without_family(stem: &str) -> &str {
    stem.split_once(':').map_or(stem, |(_, stem)| stem)
}

fn owned_import(import: &ImportView<'_>) -> Import {
    Import {
        candidates: import.candidates.iter().map(|stem| without_family(stem).to_owned()).collect(),
        module: import.module.to_owned(),
        name: match import.name {
            ImportedView::Module => ImportedName::Module,
            ImportedView::Name(name) => ImportedName::Name(name.to_owned()),
            ImportedView::Star => ImportedName::Star,
        },
    }
}
