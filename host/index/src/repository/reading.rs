//! Reading the files of a folder: comparing them with what is stored, and parsing those that changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::time::Instant;

use codestrata::model::FileFacts;
use codestrata::{GraphStorage, Import, ImportedModule, ImportedName, ModuleFacts, PreparedFile, Result};
use rayon::prelude::*;

use super::{IndexReport, Observer, Phase, count};
use crate::dependencies::{
    Dependencies, Entries, Own, Packages, entries, is_bundled, last_folder, rank_at_depth,
};
use crate::extract::extract;
use crate::hash::content_hash;
use crate::language::Language;
use crate::walk::{MAX_SOURCE_BYTES, Skipped, SourceFile, Sources, sources};

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

/// Files that were read.
pub(super) struct Read {
    files: Vec<(SourceFile, ReadFile)>,
    skipped: Vec<Skipped>,
    is_own: bool,
}

/// What came of reading.
#[derive(Default)]
pub(super) struct Outcome {
    /// The project's own files that are there.
    own: Vec<SourceFile>,
    /// What these import, as they write it.
    imports: BTreeMap<String, Vec<ImportedModule>>,
    /// The paths of all files that belong to the graph.
    pub(super) present: HashSet<String>,
    /// Files to store.
    pub(super) replaced: Vec<PreparedFile>,
    report: IndexReport,
}

impl Outcome {
    /// Adds files.
    pub(super) fn add(&mut self, read: Read) {
        let report = &mut self.report;
        report.skipped.extend(read.skipped);
        for (source, file) in read.files {
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
                    self.replaced.push(*file);
                    if read.is_own {
                        self.imports.insert(source.path.clone(), imports);
                    }
                }
            }
            report.found += 1;
            self.present.insert(source.path.clone());
            if read.is_own {
                self.own.push(source);
            }
        }
    }

    /// Adds what the unchanged ones of the project's own files import.
    pub(super) async fn add_stored_imports(
        &mut self,
        storage: &dyn GraphStorage,
        repo_id: &str,
    ) -> Result<()> {
        let unchanged = self.own.iter().filter(|file| !self.imports.contains_key(&file.path));
        let unchanged: Vec<String> = unchanged.map(|file| file.path.clone()).collect();
        if !unchanged.is_empty() {
            self.imports.extend(storage.imported_modules(repo_id, &unchanged).await?);
        }
        Ok(())
    }

    /// Files that could not be read.
    pub(super) fn skipped(self) -> Vec<Skipped> {
        self.report.skipped
    }

    /// Completes a report.
    pub(super) fn into_report(self, report: IndexReport) -> IndexReport {
        let IndexReport { summary, dependencies, packages, .. } = report;
        IndexReport { summary, dependencies, packages, ..self.report }
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
    /// Reads the project's own files; none if that was stopped.
    pub(super) fn own(&self) -> Result<Option<Read>> {
        self.observer.began(Phase::Walking, 0);
        let begun = Instant::now();
        let found = sources(self.root);
        tracing::info!(
            files = found.files.len(),
            skipped = found.skipped.len(),
            milliseconds = begun.elapsed().as_millis(),
            "found sources"
        );
        self.read(found, None)
    }

    /// The packages that are to be read too.
    pub(super) fn packages(&self, choice: Dependencies, outcome: &Outcome) -> Packages {
        let begun = Instant::now();
        let own = Own { files: &outcome.own, imports: &outcome.imports, package: self.package };
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

    /// Reads their files; none if that was stopped.
    pub(super) fn of_packages(&self, found: Sources, choice: Dependencies) -> Result<Option<Read>> {
        let entries = entries(self.root, &found.files);
        self.read(found, Some(&Installed { entries: &entries, no_bundles: choice == Dependencies::Smart }))
    }

    fn read(&self, found: Sources, installed: Option<&Installed<'_>>) -> Result<Option<Read>> {
        let Sources { files, skipped } = found;
        let is_own = installed.is_none();
        if !is_own && files.is_empty() {
            return Ok(Some(Read { files: Vec::new(), skipped, is_own }));
        }
        self.observer.began(Phase::Reading, count(files.len()));
        let begun = Instant::now();
        let read: Result<Vec<(SourceFile, ReadFile)>> = files
            .into_par_iter()
            .map(|source| {
                if self.observer.is_stopped() {
                    return Ok((source, ReadFile::Stopped));
                }
                let read = self.file(&source, installed)?;
                self.observer.stepped();
                Ok((source, read))
            })
            .collect();
        let files = read?;
        if files.iter().any(|(_, file)| matches!(file, ReadFile::Stopped)) {
            return Ok(None);
        }
        let count_of = |wanted: fn(&ReadFile) -> bool| files.iter().filter(|(_, file)| wanted(file)).count();
        tracing::info!(
            parsed = count_of(|file| matches!(file, ReadFile::Parsed { .. })),
            unchanged = count_of(|file| matches!(file, ReadFile::Unchanged)),
            is_own,
            milliseconds = begun.elapsed().as_millis(),
            "read sources"
        );
        Ok(Some(Read { files, skipped, is_own }))
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
