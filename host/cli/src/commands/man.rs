//! `codestrata man`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::arguments::Arguments;
use crate::failure::{Code, Failure};

const EXAMPLES: &str = "\
Examples:
  codestrata man | man -l -
  codestrata man --dir ~/.local/share/man/man1";

/// Print the manual page, or write the pages of all commands into a folder.
///
/// Nothing but the page is printed, and nothing at all with --dir; no store and no configuration is needed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Write codestrata.1, codestrata-index.1 and so on into this folder; it is made when it is not there.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Some(dir) = self.dir else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command().disable_help_subcommand(true)).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
            return Ok(());
        };
        let written = std::fs::create_dir_all(&dir).and_then(|()| {
            clap_mangen::generate_to(Arguments::command().disable_help_subcommand(true), &dir)
        });
        written.map_err(|error| {
            let message = format!("the pages cannot be written to {}: {error}", dir.display());
            Failure::new(Code::Store, "unavailable", message).with_help("name another folder with --dir")
        })
    }
}
