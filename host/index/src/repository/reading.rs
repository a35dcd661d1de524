//! Reading the files of a folder: comparing them with what is stored, and parsing those that changed.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::path::Path;
use std::time::Instant;

use codestrata::model::FileFacts;
use codestrata::{
    FileChanges, FileUpdate, GraphStorage, Import, ImportedModule, ImportedName, ModuleFacts, PreparedFile,
    Result, UpdateSummary,
};
use rayon::prelude::*;

use super::{IndexReport, Observer, Phase, count};
use crate::dependencies::{
    Dependencies, Entries, Imports, Own, Packages, entries, is_bundled, last_folder, rank_at_depth,
};
use crate::extract::extract;
use crate::hash::content_hash;
use crate::language::Language;
use crate::walk::{MAX_SOURCE_BYTES, Skipped, SourceFile, Sources, sources};

/// The most files that are read together, and then handed on.
const FILES_PER_PORTION: usize = 512;

/// The most bytes of sources that are read together, unless one file has more.
const BYTES_PER_PORTION: u64 = 4 * 1024 * 1024;

/// One file, read.
enum ReadFile {
    Unchanged,
    /// With what it imports.
    Parsed {
        file: Box<PreparedFile>,
        had_syntax_errors: bool,
        imports: Vec<ImportedModule>,
    },
    Skipped(Skipped),
    /// Made by a bundler.
    Bundled,
    Stopped,
}

/// Where prepared files go.
pub(super) enum Prepared<'s> {
    /// To a list.
    Listed(Vec<PreparedFile>),
    /// To an update of what is stored.
    Update(Box<dyn FileUpdate + 's>),
}

impl Prepared<'_> {
    async fn add(&mut self, files: Vec<PreparedFile>) -> Result<()> {
        match self {
            Self::Listed(list) => list.extend(files),
            Self::Update(_) if files.is_empty() => {}
            Self::Update(update) => update.add(files).await?,
        }
        Ok(())
    }

    /// Makes the update, with what else changes.
    pub(super) async fn commit(
        self,
        storage: &dyn GraphStorage,
        repo_id: &str,
        changes: FileChanges,
    ) -> Result<UpdateSummary> {
        match self {
            Self::Listed(replaced) => {
                storage.update_files(repo_id, FileChanges { replaced, ..changes }).await
            }
            Self::Update(update) => update.commit(changes).await,
        }
    }

    /// Removes what an update may have written that comes to nothing.
    pub(super) async fn abandon(self) -> Result<()> {
        match self {
            Self::Listed(_) => Ok(()),
            Self::Update(update) => update.abandon().await,
        }
    }
}

/// What came of reading.
pub(super) struct Outcome<'s> {
    /// The project's own files and what they import, where somebody asks for it.
    own: Option<OwnFiles>,
    /// The paths of stored files that were not found.
    gone: BTreeSet<String>,
    pub(super) prepared: Prepared<'s>,
    report: IndexReport,
}

#[derive(Default)]
struct OwnFiles {
    files: Vec<SourceFile>,
    /// Those that have not changed, by their places.
    unchanged: Vec<usize>,
    imports: Imports,
}

impl<'s> Outcome<'s> {
    /// Nothing, where these files are stored.
    pub(super) fn new(choice: Dependencies, prepared: Prepared<'s>, stored: BTreeSet<String>) -> Self {
        Self {
            own: (choice == Dependencies::Smart).then(OwnFiles::default),
            gone: stored,
            prepared,
            report: IndexReport::default(),
        }
    }

    /// Whether there is any file that could be read.
    pub(super) fn has_files(&self) -> bool {
        self.report.parsed + self.report.unchanged > 0
    }

    /// Adds some files.
    async fn add(&mut self, read: Vec<(SourceFile, ReadFile)>, is_own: bool) -> Result<()> {
        let mut prepared = Vec::with_capacity(read.len());
        let report = &mut self.report;
        for (source, file) in read {
            let mut imported = None;
            match file {
                ReadFile::Stopped | ReadFile::Bundled => continue,
                ReadFile::Skipped(skipped) => {
                    report.found += 1;
                    report.skipped.push(skipped);
                    continue;
                }
                ReadFile::Unchanged => report.unchanged += 1,
                ReadFile::Parsed { file, had_syntax_errors, imports } => {
                    report.parsed += 1;
                    if had_syntax_errors {
                        report.with_syntax_errors.push(source.path.clone());
                    }
                    prepared.push(*file);
                    imported = Some(imports);
                }
            }
            report.found += 1;
            self.gone.remove(&source.path);
            let Some(own) = self.own.as_mut().filter(|_| is_own) else { continue };
            match imported {
                Some(imports) => own.imports.add(&source.path, source.language, imports),
                None => own.unchanged.push(own.files.len()),
            }
            own.files.push(source);
        }
        self.prepared.add(prepared).await
    }

    /// Adds what the unchanged ones of the project's own files import, if somebody asks for it.
    pub(super) async fn add_stored_imports(
        &mut self,
        storage: &dyn GraphStorage,
        repo_id: &str,
    ) -> Result<()> {
        let Some(own) = &mut self.own else { return Ok(()) };
        for unchanged in own.unchanged.chunks(FILES_PER_PORTION) {
            let files: Vec<&SourceFile> =
                unchanged.iter().filter_map(|place| own.files.get(*place)).collect();
            let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
            let mut stored = storage.imported_modules(repo_id, &paths).await?;
            for file in files {
                own.imports.add(&file.path, file.language, stored.remove(&file.path).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Where the files are that are to be stored, the paths of those that are gone, and what is to be reported.
    pub(super) fn into_parts(self) -> (Prepared<'s>, BTreeSet<String>, IndexReport) {
        (self.prepared, self.gone, self.report)
    }
}

/// A folder that is read.
pub(super) struct Folder<'a> {
    pub(super) root: &'a Path,
    /// The name under which it is a Python package itself.
    pub(super) package: Option<&'a str>,
    /// The hashes of files that need not be read again.
    pub(super) known: &'a BTreeMap<String, String>,
    pub(super) observer: &'a dyn Observer,
}

/// What is special about the files of packages.
struct Installed<'a> {
    entries: &'a Entries,
    /// Whether what a bundler made is left out.
    no_bundles: bool,
}

impl Folder<'_> {
    /// Reads the project's own files, and says whether that was done, or else stopped.
    pub(super) async fn own(&self, outcome: &mut Outcome<'_>) -> Result<bool> {
        self.observer.began(Phase::Walking, 0);
        let begun = Instant::now();
        let found = sources(self.root);
        tracing::info!(
            files = found.files.len(),
            skipped = found.skipped.len(),
            milliseconds = begun.elapsed().as_millis(),
            "found sources"
        );
        self.read(found, None, outcome).await
    }

    /// The packages that are to be read too.
    pub(super) fn packages(&self, choice: Dependencies, outcome: &Outcome<'_>) -> Packages {
        let begun = Instant::now();
        let none = OwnFiles::default();
        let OwnFiles { files, imports, .. } = outcome.own.as_ref().unwrap_or(&none);
        let own = Own { files, imports, package: self.package };
        let packages = Packages::find(self.root, choice, &own);
        if choice != Dependencies::Exclude {
            tracing::info!(
                dependencies = choice.as_str(),
                packages = packages.paths.len(),
                files = packages.sources.files.len(),
                milliseconds = begun.elapsed().as_millis(),
                "found packages"
            );
        }
        packages
    }

    /// Reads their files, and says whether that was done, or else stopped.
    pub(super) async fn of_packages(
        &self,
        found: Sources,
        choice: Dependencies,
        outcome: &mut Outcome<'_>,
    ) -> Result<bool> {
        let entries = entries(self.root, &found.files);
        let installed = Installed { entries: &entries, no_bundles: choice == Dependencies::Smart };
        self.read(found, Some(&installed), outcome).await
    }

    async fn read(
        &self,
        found: Sources,
        installed: Option<&Installed<'_>>,
        outcome: &mut Outcome<'_>,
    ) -> Result<bool> {
        let Sources { files, skipped } = found;
        let is_own = installed.is_none();
        outcome.report.skipped.extend(skipped);
        if !is_own && files.is_empty() {
            return Ok(true);
        }
        self.observer.began(Phase::Reading, count(files.len()));
        let begun = Instant::now();
        let before = (outcome.report.parsed, outcome.report.unchanged);
        let mut files = files.into_iter().peekable();
        while files.peek().is_some() {
            let read = self.portion(portion(&mut files), installed)?;
            if read.iter().any(|(_, file)| matches!(file, ReadFile::Stopped)) {
                return Ok(false);
            }
            outcome.add(read, is_own).await?;
        }
        tracing::info!(
            parsed = outcome.report.parsed - before.0,
            unchanged = outcome.report.unchanged - before.1,
            is_own,
            milliseconds = begun.elapsed().as_millis(),
            "read sources"
        );
        Ok(true)
    }

    /// Reads some files on all cores.
    fn portion(
        &self,
        files: Vec<SourceFile>,
        installed: Option<&Installed<'_>>,
    ) -> Result<Vec<(SourceFile, ReadFile)>> {
        let read = files.into_par_iter().map(|source| {
            if self.observer.is_stopped() {
                return Ok((source, ReadFile::Stopped));
            }
            let read = self.file(&source, installed)?;
            self.observer.stepped();
            Ok((source, read))
        });
        read.collect()
    }

    fn file(&self, source: &SourceFile, installed: Option<&Installed<'_>>) -> Result<ReadFile> {
        let skip = |reason: String| Ok(ReadFile::Skipped(Skipped { path: source.path.clone(), reason }));
        let content = match std::fs::read(self.root.join(&source.path)) {
            Ok(content) => content,
            Err(error) => return skip(format!("it cannot be read: {error}")),
        };
        // It may have grown since it was listed.
        if count(content.len()) > MAX_SOURCE_BYTES {
            return skip(format!("it is larger than {MAX_SOURCE_BYTES} bytes"));
        }
        if installed.is_some_and(|installed| installed.no_bundles) && is_bundled(&content, source.language) {
            return Ok(ReadFile::Bundled);
        }
        let entry = installed.and_then(|installed| installed.entries.get(&source.path));
        let hash = match entry {
            None => content_hash(&content),
            // Not of the file alone: see `dependencies::entry`.
            Some(stem) => format!("{} {stem}", content_hash(&content)),
        };
        if self.known.get(&source.path) == Some(&hash) {
            return Ok(ReadFile::Unchanged);
        }
        let mut extraction = match extract(&source.path, &content, source.language) {
            Ok(extraction) => extraction,
            Err(problem) => return skip(problem.to_string()),
        };
        let facts = &mut extraction.facts;
        if let Some(package) = self.package {
            enter_package(facts, package);
        }
        if let Some(stem) = entry {
            facts.hash = hash;
            facts.module = Some(entry_module(&source.path, stem));
        }
        let imports: BTreeSet<ImportedModule> = facts.imports.iter().map(imported_module).collect();
        Ok(ReadFile::Parsed {
            file: Box::new(PreparedFile::new(facts)?),
            had_syntax_errors: extraction.had_syntax_errors,
            imports: imports.into_iter().collect(),
        })
    }
}

/// The next files that are read together: as many as a portion may have, and at least one.
fn portion(files: &mut Peekable<impl Iterator<Item = SourceFile>>) -> Vec<SourceFile> {
    let (mut portion, mut bytes) = (Vec::new(), 0);
    while let Some(file) = files.next_if(|file| {
        portion.is_empty() || portion.len() < FILES_PER_PORTION && bytes + file.bytes <= BYTES_PER_PORTION
    }) {
        bytes += file.bytes;
        portion.push(file);
    }
    portion
}

fn imported_module(import: &Import) -> ImportedModule {
    let name = match &import.name {
        ImportedName::Name(name) => Some(name.clone()),
        ImportedName::Module | ImportedName::Star => None,
    };
    ImportedModule { module: import.module.clone(), name }
}

/// The module of a file as which a package is imported.
fn entry_module(path: &str, stem: &str) -> ModuleFacts {
    let depth = last_folder(path, &["node_modules"]).map_or(0, |packages| packages.depth);
    ModuleFacts { stem: stem.to_owned(), rank: rank_at_depth(depth), ..ModuleFacts::default() }
}

/// Lets imports that begin with the package's own name lead into the folder.
fn enter_package(facts: &mut FileFacts, package: &str) {
    if facts.family != Language::Python.family() {
        return;
    }
    for import in &mut facts.imports {
        let inside = match import.module.strip_prefix(package) {
            Some("") => "",
            Some(rest) => match rest.strip_prefix('.') {
                Some(inside) => inside,
                None => continue,
            },
            None => continue,
        };
        import.candidates.insert(0, inside.replace('.', "/"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_all_files_and_none_is_too_large() {
        let file = |bytes| SourceFile { path: String::new(), language: Language::Python, bytes };
        let lengths = |files: Vec<SourceFile>| {
            let mut files = files.into_iter().peekable();
            let mut lengths = Vec::new();
            while files.peek().is_some() {
                lengths.push(portion(&mut files).len());
            }
            lengths
        };
        let most = BYTES_PER_PORTION;
        assert!(lengths(Vec::new()).is_empty());
        assert_eq!(lengths(vec![file(0); FILES_PER_PORTION]), [FILES_PER_PORTION]);
        assert_eq!(lengths(vec![file(0); FILES_PER_PORTION + 1]), [FILES_PER_PORTION, 1]);
        assert_eq!(lengths(vec![file(most / 2), file(most / 2), file(1)]), [2, 1]);
        assert_eq!(lengths(vec![file(9 * most), file(most), file(1), file(0)]), [1, 1, 2]);
    }
}
