//! The packages that a project's own files import.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use codestrata::ImportedModule;

use super::folders;
use super::names::{last_folder, package_name};
use crate::language::Language;
use crate::walk::{SourceFile, slashed};

/// What the project's own files import, each once: files import the same over and over.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    python: BTreeSet<ImportedModule>,
    /// Packages of Node, with the folders of the files that import them.
    scripts: BTreeSet<(String, String)>,
}

impl Imports {
    /// Adds what a file imports, as it writes it.
    pub(crate) fn add(&mut self, path: &str, language: Language, imports: Vec<ImportedModule>) {
        match language.family() {
            "python" => self.python.extend(imports),
            "javascript" => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let packages = imports.iter().filter_map(|import| package_name(&import.module));
                self.scripts.extend(packages.map(|package| (folder.to_owned(), package.to_owned())));
            }
            _ => {}
        }
    }
}

/// The project's own files, and what they import.
pub(crate) struct Own<'a> {
    pub(crate) files: &'a [SourceFile],
    pub(crate) imports: &'a Imports,
    /// The name under which the root is a Python package itself.
    pub(crate) package: Option<&'a str>,
}

/// Folders in which a Python project keeps what it imports by its first name.
const SOURCE_FOLDERS: [&str; 2] = ["src/", "lib/"];

/// The packages that are imported directly, sorted, none inside another.
pub(super) fn packages(root: &Path, own: &Own<'_>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (folder, name) in &own.imports.scripts {
        found.extend(npm_package(root, folder, name));
    }
    let own_names = own_names(own);
    let sites = sites(root);
    for import in &own.imports.python {
        let Some(parts) = parts_of(import) else { continue };
        if parts.first().is_some_and(|top| !own_names.contains(top)) {
            found.extend(sites.iter().find_map(|site| python_package(root, site, &parts)));
        }
    }
    let mut packages: Vec<String> = Vec::with_capacity(found.len());
    for path in found {
        // Sorted, a folder comes before what is in it, but `a-b` comes between `a` and `a/b`.
        if !packages
            .iter()
            .any(|outer| path.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/')))
        {
            packages.push(path);
        }
    }
    packages
}

/// The nearest `node_modules/<name>`, as Node looks for it: in the folder of the file and in each one above.
fn npm_package(root: &Path, folder: &str, name: &str) -> Option<String> {
    let mut folder = Some(folder).filter(|folder| !folder.is_empty());
    loop {
        let path = match folder {
            Some(folder) => format!("{folder}/node_modules/{name}"),
            None => format!("node_modules/{name}"),
        };
        let kind = std::fs::symlink_metadata(root.join(&path)).map(|about| about.file_type());
        match kind {
            Ok(kind) if kind.is_dir() => return Some(path),
            Ok(kind) if kind.is_symlink() => return linked(root, &path),
            _ => {}
        }
        folder = match folder {
            None => return None,
            Some(folder) => folder.rsplit_once('/').map(|(above, _)| above),
        };
    }
}

/// Where a link leads, if that is a package inside the tree: pnpm has links to `.pnpm`. One to a package of the
/// project's own is none.
fn linked(root: &Path, path: &str) -> Option<String> {
    let target = std::fs::canonicalize(root.join(path)).ok().filter(|target| target.is_dir())?;
    let target = slashed(target.strip_prefix(root).ok()?.to_str()?);
    last_folder(&target, &["node_modules"]).is_some().then_some(target)
}

/// The folders of installed Python packages, the nearest to the root first.
fn sites(root: &Path) -> Vec<String> {
    let is_site = |path: &String| path.ends_with("site-packages") || path.ends_with("dist-packages");
    let mut sites: Vec<String> = folders::find(root).into_iter().filter(is_site).collect();
    sites.sort_by_key(|path| path.matches('/').count());
    sites
}

/// The parts of an absolute import, with what is imported last: that may be a module too.
fn parts_of(import: &ImportedModule) -> Option<Vec<&str>> {
    let parts: Vec<&str> = import.module.split('.').map(str::trim).chain(import.name.as_deref()).collect();
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    parts.iter().all(|part| !part.is_empty() && part.chars().all(is_letter)).then_some(parts)
}

/// The names by which the project's own modules are imported: what is installed under one of them is a copy.
fn own_names<'a>(own: &Own<'a>) -> HashSet<&'a str> {
    let python = own.files.iter().filter(|file| file.language == Language::Python);
    let tops = python.map(|file| {
        let path =
            SOURCE_FOLDERS.iter().find_map(|folder| file.path.strip_prefix(folder)).unwrap_or(&file.path);
        let top = path.split('/').next().unwrap_or(path);
        top.split('.').next().unwrap_or(top)
    });
    tops.chain(own.package).collect()
}

/// The package or module file that an import means in a folder of installed ones. A folder that is no package but a
/// namespace has nothing by itself: what counts is the part of it that is imported.
fn python_package(root: &Path, site: &str, parts: &[&str]) -> Option<String> {
    let mut path = site.to_owned();
    for part in parts {
        path = format!("{path}/{part}");
        let folder = root.join(&path);
        if !std::fs::symlink_metadata(&folder).is_ok_and(|about| about.is_dir()) {
            let mut files = [".py", ".pyi"].iter().map(|ending| format!("{path}{ending}"));
            return files.find(|file| root.join(file).is_file());
        }
        if ["__init__.py", "__init__.pyi"].iter().any(|file| folder.join(file).is_file()) {
            return Some(path);
        }
    }
    None
}
