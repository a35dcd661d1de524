//! `codestrata config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use codestrata_core::Registry;
use serde::Serialize;

use crate::arguments::Settings;
use crate::engines;
use crate::failure::{Code, Failure};
use crate::location::Location;
use crate::output::{FAINT, answer};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata config check
  codestrata config check other.toml
  codestrata config show";

/// Check or show the configuration.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether the configuration is right; opens no store.
    #[command(
        after_help = "Examples:\n  codestrata config check\n  codestrata config check other.toml --json"
    )]
    Check(File),
    /// Show the configuration in full, defaults included; secrets are left out.
    #[command(after_help = "Examples:\n  codestrata config show\n  codestrata config show other.toml")]
    Show(File),
}

#[derive(Args, Debug)]
struct File {
    /// The file [default: the one that other commands would use].
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Checked {
    /// None for the built-in default.
    file: Option<String>,
    valid: bool,
    backend: String,
}

#[derive(Serialize)]
struct ShownConfig {
    file: Option<String>,
    /// What relative paths are relative to.
    base_dir: String,
    toml: String,
}

impl Config {
    pub(crate) fn run(self, settings: &Settings) -> Result<(), Failure> {
        let (Action::Check(File { file }) | Action::Show(File { file })) = &self.action;
        let location = match file {
            Some(path) => Location::named(path)?,
            None => Location::find(settings)?,
        };
        let registry = Registry::linked()?;
        location.config.check(&registry).map_err(|error| {
            Failure::configuration(Code::Configuration, engines::explain(&location.config, error))
        })?;
        let file = location.file().map(|file| file.display().to_string());
        let name = file.clone().unwrap_or_else(|| "the built-in default".to_owned());
        if let Action::Check(_) = self.action {
            let backend = location.config.storage().backend().to_owned();
            let checked = Checked { file, valid: true, backend };
            return answer(settings, &checked, |out| {
                writeln!(out, "{} is right; the backend is {}", Shown(&name), Shown(&checked.backend))
            });
        }
        let base_dir = location.config.storage().base_dir().display().to_string();
        let shown = ShownConfig { file, base_dir, toml: location.config.to_toml(Some(&registry)) };
        answer(settings, &shown, |out| {
            let base_dir = if shown.base_dir.is_empty() { "." } else { &shown.base_dir };
            writeln!(out, "{FAINT}# {}; relative paths are in {}{FAINT:#}", Shown(&name), Shown(base_dir))?;
            out.write_all(shown.toml.as_bytes())
        })
    }
}
