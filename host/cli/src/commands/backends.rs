//! `codestrata backends`.

use std::io::{self, Write};

use clap::Args;
use codestrata_core::{BackendDescriptor, OptionSpec, Registry};
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;
use crate::output::{FAINT, STRONG, answer};

const EXAMPLES: &str = "\
Examples:
  codestrata backends
  codestrata backends --json";

const NOTES: &str = "\
A configuration selects one by its name:
  [storage]
  backend = \"redb\"
  [storage.options]
  path = \"graph.redb\"";

/// List the backends of this program with what they can do and the options they take.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Backends {}

#[derive(Serialize)]
struct Document {
    backends: Vec<Backend>,
}

#[derive(Serialize)]
struct Backend {
    name: &'static str,
    summary: &'static str,
    #[serde(rename = "crate")]
    crate_name: &'static str,
    version: &'static str,
    capabilities: Capabilities,
    options: Vec<BackendOption>,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent yes or no")]
struct Capabilities {
    persistent: bool,
    synced: bool,
    snapshots: bool,
    snapshot_max_age_seconds: Option<u64>,
    consistent_pages: bool,
    readers_beside_writer: bool,
    several_writers: bool,
    read_only_media: bool,
    damage_detection: &'static str,
    max_value_bytes: usize,
    max_batch_bytes: usize,
}

#[derive(Serialize)]
struct BackendOption {
    name: &'static str,
    kind: &'static str,
    summary: &'static str,
    default: Option<&'static str>,
    required: bool,
    secret: bool,
}

impl Backends {
    #[expect(clippy::unused_self, reason = "as the other commands")]
    pub(crate) fn run(self, settings: &Settings) -> Result<(), Failure> {
        let registry = Registry::linked()?;
        let document = Document { backends: registry.iter().map(Backend::from).collect() };
        answer(settings, &document, |out| {
            for (position, backend) in document.backends.iter().enumerate() {
                if position > 0 {
                    writeln!(out)?;
                }
                backend.write(out)?;
            }
            Ok(())
        })
    }
}

impl From<&BackendDescriptor> for Backend {
    fn from(descriptor: &BackendDescriptor) -> Self {
        let (crate_name, version) = descriptor.origin();
        let can = descriptor.declared_capabilities();
        Self {
            name: descriptor.name(),
            summary: descriptor.summary_text(),
            crate_name,
            version,
            capabilities: Capabilities {
                persistent: can.persistent(),
                synced: can.synced(),
                snapshots: can.snapshots(),
                snapshot_max_age_seconds: can.snapshot_max_age().map(|age| age.as_secs()),
                consistent_pages: can.consistent_pages(),
                readers_beside_writer: can.readers_beside_writer(),
                several_writers: can.several_writers(),
                read_only_media: can.read_only_media(),
                damage_detection: can.damage_detection().as_str(),
                max_value_bytes: can.max_value_bytes(),
                max_batch_bytes: can.max_batch_bytes(),
            },
            options: descriptor.option_specs().iter().map(BackendOption::from).collect(),
        }
    }
}

impl From<&OptionSpec> for BackendOption {
    fn from(spec: &OptionSpec) -> Self {
        Self {
            name: spec.name(),
            kind: spec.kind().as_str(),
            summary: spec.summary(),
            default: spec.default(),
            required: spec.is_required(),
            secret: spec.is_secret(),
        }
    }
}

impl Backend {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, summary, crate_name, version, .. } = self;
        writeln!(out, "{STRONG}{name}{STRONG:#}  {summary}  {FAINT}{crate_name} {version}{FAINT:#}")?;
        writeln!(out, "  {FAINT}can{FAINT:#}  {}", self.capabilities.in_words())?;
        if self.options.is_empty() {
            writeln!(out, "  {FAINT}takes no options{FAINT:#}")?;
        }
        let width = self.options.iter().map(|option| option.name.len()).max().unwrap_or(0);
        for option in &self.options {
            let BackendOption { name, kind, summary, .. } = option;
            writeln!(
                out,
                "  {name:<width$}  {kind:<8}  {summary} {FAINT}{}{FAINT:#}",
                option.when_left_out()
            )?;
        }
        Ok(())
    }
}

impl Capabilities {
    fn in_words(&self) -> String {
        let words = [
            (self.persistent, "keep what is stored"),
            (self.synced, "sync every commit"),
            (self.snapshots, "take snapshots"),
            (self.readers_beside_writer, "be read while another process writes"),
            (self.several_writers, "be written by several processes"),
            (self.read_only_media, "be read from read-only media"),
            (self.damage_detection == "on read", "find damage when it is read"),
            (self.damage_detection == "on verify", "find damage when it is verified"),
        ];
        let can: Vec<&str> = words.iter().filter(|(can, _)| *can).map(|(_, words)| *words).collect();
        can.join(", ")
    }
}

impl BackendOption {
    fn when_left_out(&self) -> String {
        match (self.required, self.default) {
            (true, _) => "[required]".to_owned(),
            (false, Some(default)) => format!("[default: {default}]"),
            (false, None) => "[optional]".to_owned(),
        }
    }
}
