//! `codestrata completions`.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::{Arguments, with_notes};
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  codestrata completions bash > ~/.local/share/bash-completion/completions/codestrata
  codestrata completions zsh > ~/.zfunc/_codestrata
  codestrata completions fish > ~/.config/fish/completions/codestrata.fish";

const NOTES: &str = "\
For zsh the folder must be in `fpath` before `compinit` runs.";

/// Print a script that completes command lines in a shell.
///
/// Nothing but the script is printed; no store and no configuration is needed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // Made whole first: clap_complete panics where it cannot write, and a closed pipe is no fault.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "codestrata", &mut script);
        io::stdout().lock().write_all(&script)?;
        Ok(())
    }
}
