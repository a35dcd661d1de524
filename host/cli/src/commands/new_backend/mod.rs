//! `codestrata new-backend`.

mod name;
mod template;

pub(crate) use name::PREFIX;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::output::{FAINT, STRONG, answer};
use crate::sources::Sources;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata new-backend demo
  codestrata new-backend my-engine --path ~/src/codestrata-backend-my-engine";

const NOTES: &str = "\
The crate is a whole backend over an ordered map in memory: it passes `cargo fmt --check`, `cargo clippy` and, with \
    `cargo test`, the conformance suite. Its comments say what to replace. `codestrata build` in its folder makes a \
    program with it.

Codestrata's own crates come from the checkout that this program was built from, while it is there, else from the \
    registry.";

/// Write the crate of a new backend, which passes the conformance suite, to be made one of your engine.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct NewBackend {
    /// The name by which configurations will select it; the crate is codestrata-backend-NAME.
    #[arg(value_name = "NAME")]
    name: String,

    /// The folder of the crate, which is not there yet or is empty [default: NAME].
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,

    /// A checkout of codestrata to take its crates from.
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document {
    name: String,
    #[serde(rename = "crate")]
    crate_name: String,
    folder: String,
    files: Vec<&'static str>,
    codestrata: Sources,
}

impl NewBackend {
    pub(crate) fn run(self, settings: &Settings) -> Result<(), Failure> {
        name::check(&self.name)?;
        let sources = Sources::find(self.source.as_deref())?;
        let folder = self.path.unwrap_or_else(|| PathBuf::from(&self.name));
        let files = template::render(&self.name, &sources)?;
        refuse_used(&folder)?;
        for (path, text) in &files {
            write(&folder.join(path), text)?;
        }
        let document = Document {
            crate_name: name::of_crate(&self.name),
            folder: folder.display().to_string(),
            files: files.iter().map(|(path, _)| *path).collect(),
            codestrata: sources,
            name: self.name,
        };
        answer(settings, &document, |out| {
            let Document { name, crate_name, folder, .. } = &document;
            writeln!(
                out,
                "{STRONG}{crate_name}{STRONG:#}: a backend that passes the suite, in {}",
                Shown(folder)
            )?;
            writeln!(out, "  cd {}", Shown(folder))?;
            writeln!(
                out,
                "  cargo test          {FAINT}the suite; src/lib.rs says what to replace{FAINT:#}"
            )?;
            writeln!(out, "  codestrata build    {FAINT}a program with it, ./codestrata-{name}{FAINT:#}")
        })
    }
}

/// Refuses a folder with something in it. What git keeps of its own is no such thing.
fn refuse_used(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    let used = match fs::read_dir(folder) {
        Ok(mut entries) => entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != ".git")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(Failure::input(format!("{shown} is there, and is not a folder"))
                .with_help("name another folder with --path"));
        }
        Err(error) => return Err(Failure::input(format!("the folder {shown} cannot be read: {error}"))),
    };
    if used {
        return Err(Failure::input(format!("the folder {shown} is not empty"))
            .with_help("name another folder with --path; nothing is ever overwritten"));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = match path.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(path, text)),
        None => fs::write(path, text),
    };
    written.map_err(|error| {
        Failure::new(Code::Store, "unavailable", format!("{} cannot be written: {error}", path.display()))
            .with_help("name a folder that you may write to with --path")
    })
}
