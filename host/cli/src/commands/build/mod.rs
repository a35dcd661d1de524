//! `codestrata build`.
//!
//! Backends are linked into a program, and not loaded by it. So a program with a backend from elsewhere is a program of
//! its own, of three lines: this command writes them and has cargo build them.

mod asked;
mod cargo;
mod crates;
mod metadata;
mod one_core;
mod project;
mod registered;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use self::asked::With;
use self::cargo::Cargo;
use self::crates::Crate;
use self::metadata::Metadata;
use self::project::Project;
use self::registered::Backend;
use crate::arguments::{Settings, with_notes};
use crate::commands::new_backend::PREFIX;
use crate::engines;
use crate::failure::{Code, Failure};
use crate::location::Location;
use crate::output::{FAINT, STRONG, answer, note};
use crate::replacement::Replacement;
use crate::sources::Sources;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata build
  codestrata build --with codestrata-backend-lmdb --with mine=../mine --output codestrata-mine
  codestrata build --with codestrata-backend-lmdb@0.2 --config codestrata.toml";

const NOTES: &str = "\
Cargo builds it, so Rust must be installed. In the folder of a backend nothing needs to be said: its crate is built in, \
    and the program is ./codestrata-NAME. With --config, only the backends that the configuration names are built in, of \
    those that come with codestrata; without it all of them.

A crate is taken from the registry, in the newest version that fits VERSION, which is as in a Cargo.toml: 0.2 may be \
    0.2.5, and =0.2.0 may not. Or it is taken from a folder, as NAME=PATH. Its package is named NAME or \
    codestrata-backend-NAME.

The program is generated and built in codestrata/build in the folder of your caches ($XDG_CACHE_HOME, else ~/.cache), \
    where what was built before is found again; CARGO_TARGET_DIR is honoured. The folder may be deleted at any time.";

/// Build a codestrata with backends from elsewhere in it.
///
/// What is there under the name of the program is replaced once the new one is built, and has every backend that was
/// asked for.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Build {
    /// A crate with a backend: CRATE, CRATE@VERSION or NAME=PATH; may be repeated [default: that of this folder].
    #[arg(long, value_name = "CRATE", value_parser = asked::parse)]
    with: Vec<With>,

    /// The program [default: codestrata, or codestrata-NAME for the backend of this folder].
    #[arg(short, long, value_name = "BIN")]
    output: Option<PathBuf>,

    /// Build faster, and a slower program.
    #[arg(long)]
    debug: bool,

    /// A checkout of codestrata to take its crates from [default: the one that this program was built from, while it is
    /// there, else the registry].
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document {
    program: String,
    /// Where it was generated.
    project: String,
    profile: &'static str,
    codestrata: Sources,
    with: Vec<Built>,
    backends: Vec<Backend>,
    seconds: f64,
}

/// A crate that was asked for, as it was found.
#[derive(Serialize)]
struct Built {
    #[serde(rename = "crate")]
    name: String,
    version: String,
    /// None for one of a registry.
    path: Option<String>,
}

impl Build {
    pub(crate) fn run(self, settings: &Settings) -> Result<(), Failure> {
        let begun = Instant::now();
        let sources = Sources::find(self.source.as_deref())?;
        let configured = configured(settings)?;
        let cargo = Cargo::find(settings)?;
        let (crates, output) = self.crates(settings, &cargo)?;
        check_place(&output)?;
        let shipped = shipped(configured.as_deref(), &crates)?;

        let project = Project::begin(settings, sources.clone(), &shipped, &crates)?;
        if !settings.json {
            note(settings, &format!("the program is built in {}", project.folder().display()));
        }
        let metadata = one_core::resolve(&cargo, &project)?;
        let with = link(&project, &metadata, &crates)?;
        let program = cargo.build(&project.manifest(), project.target().as_deref(), self.debug)?;
        let backends = registered::read(&program)?;
        registered::check(&backends, &crates, &shipped, configured.as_deref().unwrap_or_default())?;
        put(&program, &output)?;

        let document = Document {
            program: fs::canonicalize(&output).unwrap_or(output).display().to_string(),
            project: project.folder().display().to_string(),
            profile: if self.debug { "dev" } else { "release" },
            codestrata: sources,
            with,
            backends,
            seconds: begun.elapsed().as_secs_f64(),
        };
        answer(settings, &document, |out| document.write(out))
    }

    /// What is to be in the program, and what it is to be named.
    fn crates(&self, settings: &Settings, cargo: &Cargo) -> Result<(Vec<Crate>, PathBuf), Failure> {
        let named = |name: &str| self.output.clone().unwrap_or_else(|| PathBuf::from(name));
        if !self.with.is_empty() {
            return Ok((crates::of_command_line(cargo, &self.with)?, named("codestrata")));
        }
        match crates::of_this_folder(cargo)? {
            Some(one) => {
                let short = one.name.strip_prefix(PREFIX).map(|name| format!("codestrata-{name}"));
                let output = named(short.as_deref().unwrap_or("codestrata"));
                Ok((vec![one], output))
            }
            // The backends that the configuration names, and nothing else.
            None if settings.config.is_some() => Ok((Vec::new(), named("codestrata"))),
            None => {
                let message = "nothing says what to build in, and this folder is not that of a backend";
                Err(Failure::new(Code::Usage, "invalid-argument", message).with_help(format!(
                    "name a crate with --with or a configuration with --config, or work in the folder of a crate that \
                     depends on {}",
                    metadata::CORE
                )))
            }
        }
    }
}

/// The backends that the configuration names, where one is given.
fn configured(settings: &Settings) -> Result<Option<Vec<String>>, Failure> {
    let Some(path) = &settings.config else { return Ok(None) };
    let config = Location::named(path)?.config;
    let stores = [Some(config.storage()), config.analysis().store()];
    let mut names: Vec<String> =
        stores.into_iter().flatten().map(|store| store.backend().to_owned()).collect();
    names.dedup();
    Ok(Some(names))
}

/// The backends that come with codestrata and belong in the program: all, or those that a configuration names. One that
/// is asked for as a crate is not put in a second time.
fn shipped(configured: Option<&[String]>, crates: &[Crate]) -> Result<Vec<&'static str>, Failure> {
    let is_crate = |name: &str| crates.iter().any(|one| one.name.strip_prefix(PREFIX) == Some(name));
    let is_shipped = |name: &&String| engines::FEATURES.contains(&name.as_str());
    let elsewhere = configured.unwrap_or_default().iter().find(|name| !is_shipped(name));
    if let (Some(name), []) = (elsewhere, crates) {
        let message =
            format!("the configuration names the backend `{name}`, which does not come with codestrata");
        return Err(Failure::new(Code::Configuration, "invalid-configuration", message).with_help(format!(
            "name its crate: --with {PREFIX}{name}, or --with {name}=PATH for one in a folder; with codestrata come: {}",
            engines::FEATURES.join(", ")
        )));
    }
    let is_wanted = |name: &&&str| configured.is_none_or(|names| names.iter().any(|one| one == **name));
    Ok(engines::FEATURES.iter().filter(is_wanted).filter(|name| !is_crate(name)).copied().collect())
}

/// Refuses a place that the program cannot be put in, before it is built.
fn check_place(output: &Path) -> Result<(), Failure> {
    let shown = output.display();
    let refused = |message: String| {
        Err(Failure::new(Code::Store, "unavailable", message).with_help("name another file with --output"))
    };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    if output.is_dir() {
        return refused(format!("the program cannot be put in place of the folder {shown}"));
    }
    match folder {
        Some(folder) if !folder.is_dir() => refused(format!("there is no folder {}", folder.display())),
        _ => Ok(()),
    }
}

/// Names the crates in the program, and says what they are.
fn link(project: &Project, metadata: &Metadata, crates: &[Crate]) -> Result<Vec<Built>, Failure> {
    let mut names = Vec::with_capacity(crates.len());
    let mut with = Vec::with_capacity(crates.len());
    for one in crates {
        let Some((name, package)) = metadata.direct().find(|(_, package)| package.name == one.name) else {
            return Err(Failure::input(format!("{} has no library, so it is no backend", one.name))
                .with_help("give a crate that implements `codestrata_core::Backend`"));
        };
        if !package.is_library() || metadata.cores_of(&package.id).is_empty() {
            return Err(Failure::input(format!(
                "{} is no backend: it does not depend on {}",
                one.name,
                metadata::CORE
            ))
            .with_help("give a crate that implements `codestrata_core::Backend`"));
        }
        names.push(name);
        let path = package.folder().map(|folder| folder.display().to_string());
        with.push(Built { name: one.name.clone(), version: package.version.clone(), path });
    }
    project.write_main(&names)?;
    Ok(with)
}

/// Puts the program in its place, as one step.
fn put(program: &Path, output: &Path) -> Result<(), Failure> {
    let copied = || -> io::Result<()> {
        let mut built = File::open(program)?;
        let mut replacement = Replacement::begin(output)?;
        io::copy(&mut built, replacement.file())?;
        replacement.file().set_permissions(built.metadata()?.permissions())?;
        replacement.finish()
    };
    copied().map_err(|error| {
        let message = format!("the program cannot be written to {}: {error}", output.display());
        Failure::new(Code::Store, "unavailable", message).with_help("name another file with --output")
    })
}

impl Document {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { program, seconds, .. } = self;
        writeln!(out, "{STRONG}{}{STRONG:#}: built in {seconds:.1} s", Shown(program))?;
        let width = self.backends.iter().map(|backend| backend.name.len()).max().unwrap_or(0);
        for Backend { name, crate_name, version } in &self.backends {
            writeln!(
                out,
                "  {:<width$}  {FAINT}{} {}{FAINT:#}",
                Shown(name).to_string(),
                Shown(crate_name),
                Shown(version)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Crate, shipped};
    use crate::engines;

    fn crates(names: &[&str]) -> Vec<Crate> {
        names.iter().map(|name| Crate { name: (*name).to_owned(), dependency: "\"*\"".to_owned() }).collect()
    }

    fn configured(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn all_that_come_with_codestrata_are_built_in_unless_a_configuration_says_which() {
        assert_eq!(shipped(None, &[]).unwrap(), engines::FEATURES);
        assert_eq!(shipped(Some(&configured(&["redb", "memory"])), &[]).unwrap(), ["memory", "redb"]);
        assert!(shipped(Some(&configured(&["lmdb"])), &crates(&["some-crate"])).unwrap().is_empty());
    }

    #[test]
    fn a_crate_takes_the_place_of_the_one_that_comes_with_codestrata() {
        let fork = crates(&["codestrata-backend-redb"]);
        assert_eq!(shipped(None, &fork).unwrap(), ["file", "memory", "sled"]);
    }

    #[test]
    fn a_backend_that_nothing_can_have_is_refused_before_anything_is_built() {
        assert!(shipped(Some(&configured(&["memory", "lmdb"])), &[]).is_err());
    }
}
