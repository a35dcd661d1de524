//! That there is one `codestrata-core` in the program.
//!
//! A backend registers itself in a list of that crate. With two of the crate there would be two lists, and the program
//! would see one of them. Cargo refuses most of such programs itself, because of the crate's `links` name, and says why
//! in words of linkers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::cargo::Cargo;
use super::metadata::{CORE, Core, Metadata};
use super::project::{PROGRAM, Project};
use crate::failure::{Code, Failure};
use crate::sources::Sources;

/// What cargo says when two crates have the `links` name of the seam.
const REFUSED: &str = "links to the native library `codestrata_core`";

/// Resolves what the program is built of.
///
/// # Errors
/// When that cannot be, or when there would be two of the seam.
pub(super) fn resolve(cargo: &Cargo, project: &Project) -> Result<Metadata, Failure> {
    match cargo.metadata(&project.manifest())? {
        Ok(metadata) => {
            let users =
                metadata.direct().map(|(_, package)| (package.name.clone(), metadata.cores_of(&package.id)));
            refuse_two(&users.collect::<Vec<_>>())?;
            Ok(metadata)
        }
        Err(said) => {
            if said.contains(REFUSED) {
                refuse_two(&apart(cargo, project)?)?;
            }
            let failure = cargo.failed("cargo cannot find what the program is built of", said);
            if project.has_checkout() {
                return Err(failure);
            }
            Err(failure.with_help(
                "codestrata itself is taken from the registry here: if that is what cargo cannot find, name a checkout \
                 of it with --source",
            ))
        }
    }
}

/// What each dependency needs by itself.
fn apart(cargo: &Cargo, project: &Project) -> Result<Vec<(String, BTreeSet<Core>)>, Failure> {
    let mut users = Vec::new();
    for (name, manifest) in project.apart()? {
        // What cannot be resolved by itself either says nothing about the seam.
        let Ok(metadata) = cargo.metadata(&manifest)? else { continue };
        let direct = metadata.direct().find(|(_, package)| package.name == name);
        users.extend(direct.map(|(_, package)| (name.to_owned(), metadata.cores_of(&package.id))));
    }
    Ok(users)
}

fn refuse_two(users: &[(String, BTreeSet<Core>)]) -> Result<(), Failure> {
    let cores: BTreeSet<&Core> = users.iter().flat_map(|(_, cores)| cores).collect();
    if cores.len() < 2 {
        return Ok(());
    }
    let needs = |(user, cores): &(String, BTreeSet<Core>)| {
        let cores: Vec<String> = cores.iter().map(Core::in_words).collect();
        format!("{user} needs {}", cores.join(" and "))
    };
    let needs: Vec<String> = users.iter().filter(|(_, cores)| !cores.is_empty()).map(needs).collect();
    let message = format!(
        "there would be {} of {CORE} in the program, and the backends of one are unknown to the other: {}",
        cores.len(),
        needs.join(", ")
    );
    let details = users.iter().flat_map(|(user, cores)| {
        cores.iter().map(move |core| json!({ "crate": user, "version": core.version, "origin": core.origin }))
    });
    let checkout = users
        .iter()
        .filter(|(user, _)| user != PROGRAM)
        .flat_map(|(_, cores)| cores)
        .find_map(Core::checkout);
    let source = match checkout {
        Some(checkout) => {
            format!("take codestrata from the same checkout with `--source {}`", checkout.display())
        }
        None => "take codestrata from another checkout with --source".to_owned(),
    };
    Err(Failure::new(Code::Input, "conflict", message)
        .with_help(format!(
            "make them need the same: {source}, choose another version of the crate with --with CRATE@VERSION, or \
             change what its Cargo.toml says of {CORE}"
        ))
        .with_detail("cores", details.collect::<Vec<_>>()))
}

impl Core {
    fn in_words(&self) -> String {
        let origin = match self.origin.strip_prefix("registry+") {
            Some(registry) if registry.ends_with("crates.io-index") => "crates.io",
            Some(registry) => registry,
            None => &self.origin,
        };
        format!("version {} of {origin}", self.version)
    }

    /// The checkout that it lies in, where that is one.
    fn checkout(&self) -> Option<PathBuf> {
        let folder = Path::new(&self.origin).parent()?;
        let sources = Sources::find(Some(folder)).ok()?;
        sources.folder().map(Path::to_owned)
    }
}
