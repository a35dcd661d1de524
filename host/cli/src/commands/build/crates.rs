//! Which crates are meant, before anything is resolved.

use std::fs;
use std::path::{Path, PathBuf};

use super::asked::With;
use super::cargo::Cargo;
use super::metadata::{CORE, Package};
use super::project::PROGRAM;
use crate::commands::new_backend::PREFIX;
use crate::failure::{Code, Failure};
use crate::sources::{quoted, quoted_path};

/// A crate that is to be in the program.
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) name: String,
    /// What stands after the name in a manifest.
    pub(super) dependency: String,
}

/// The crate of the current folder, where that is a backend.
///
/// # Errors
/// When there is a manifest that cannot be read.
pub(super) fn of_this_folder(cargo: &Cargo) -> Result<Option<Crate>, Failure> {
    let here = Path::new(".");
    if !here.join("Cargo.toml").is_file() {
        return Ok(None);
    }
    let Some((package, folder)) = read(cargo, here)? else { return Ok(None) };
    if !package.needs_core() || package.name == PROGRAM {
        return Ok(None);
    }
    in_folder(&package, &folder).map(Some)
}

/// The crates that were asked for.
///
/// # Errors
/// For a folder that is no backend, a name that is not the crate's, and a crate that is named twice.
pub(super) fn of_command_line(cargo: &Cargo, asked: &[With]) -> Result<Vec<Crate>, Failure> {
    let mut crates: Vec<Crate> = Vec::with_capacity(asked.len());
    for with in asked {
        let one = match with {
            With::Registry { name, requirement } => {
                Crate { name: name.clone(), dependency: quoted(requirement) }
            }
            With::Folder { name, path } => named(cargo, name.as_deref(), path)?,
        };
        if crates.iter().any(|other| other.name == one.name) {
            let message = format!("{} is named twice with --with", one.name);
            return Err(Failure::new(Code::Usage, "invalid-argument", message).with_help("name it once"));
        }
        if one.name == PROGRAM {
            let message = format!("{PROGRAM} is the program itself, and in every build");
            return Err(Failure::new(Code::Usage, "invalid-argument", message)
                .with_help("say with --source which checkout it comes from"));
        }
        crates.push(one);
    }
    Ok(crates)
}

fn named(cargo: &Cargo, name: Option<&str>, path: &Path) -> Result<Crate, Failure> {
    let shown = path.display();
    if !path.join("Cargo.toml").is_file() {
        return Err(Failure::input(format!("there is no crate in {shown}: it has no Cargo.toml"))
            .with_help("give the folder that has the Cargo.toml of the backend"));
    }
    let Some((package, folder)) = read(cargo, path)? else {
        return Err(Failure::input(format!("{shown} is a workspace, and no crate"))
            .with_help("give the folder of one of its crates"));
    };
    let is_meant = |name: &str| package.name == name || package.name.strip_prefix(PREFIX) == Some(name);
    if let Some(name) = name.filter(|name| !is_meant(name)) {
        return Err(Failure::input(format!("the crate in {shown} is {}, and not {name}", package.name))
            .with_help(format!("write --with {}={shown}", package.name)));
    }
    if !package.needs_core() {
        return Err(Failure::input(format!("{} is no backend: it does not depend on {CORE}", package.name))
            .with_help("give the folder of a crate that implements `codestrata_core::Backend`"));
    }
    in_folder(&package, &folder)
}

/// The package in a folder, and the folder without links and `..`; nothing for a workspace that is no package.
fn read(cargo: &Cargo, folder: &Path) -> Result<Option<(Package, PathBuf)>, Failure> {
    let unreadable =
        |error| Failure::input(format!("the folder {} cannot be read: {error}", folder.display()));
    let folder = fs::canonicalize(folder).map_err(unreadable)?;
    let manifest = folder.join("Cargo.toml");
    let metadata = cargo.manifest(&manifest)?;
    let metadata =
        metadata.map_err(|said| cargo.failed(&format!("cargo cannot read {}", manifest.display()), said))?;
    Ok(metadata.into_package_of(&manifest).map(|package| (package, folder)))
}

fn in_folder(package: &Package, folder: &Path) -> Result<Crate, Failure> {
    let dependency = format!("{{ path = {} }}", quoted_path(folder)?);
    Ok(Crate { name: package.name.clone(), dependency })
}
