//! That everything that was asked for is in the program: it is asked itself.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::crates::Crate;
use crate::failure::{Code, Failure};

/// A backend of the program that was built.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Backend {
    pub(super) name: String,
    #[serde(rename = "crate")]
    pub(super) crate_name: String,
    pub(super) version: String,
}

#[derive(Deserialize)]
struct Answer {
    backends: Vec<Backend>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Words,
}

#[derive(Deserialize)]
struct Words {
    message: String,
}

/// The backends of a program.
///
/// # Errors
/// When it does not run, or has two backends of one name.
pub(super) fn read(program: &Path) -> Result<Vec<Backend>, Failure> {
    let does_not_run = |why: &str| {
        Failure::input(format!("the program was built, and does not run: {why}"))
            .with_help("mend the crates that it is built of; nothing was put in its place")
    };
    // What is asked to be logged here would be in the way there.
    let output = Command::new(program).args(["--json", "backends"]).env_remove("CODESTRATA_LOG").output();
    let output = output.map_err(|error| does_not_run(&error.to_string()))?;
    if let Ok(answer) = serde_json::from_slice::<Answer>(&output.stdout) {
        return Ok(answer.backends);
    }
    let refusal = serde_json::from_slice::<Refusal>(&output.stderr);
    let said = refusal.map_or_else(
        |_| format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()),
        |refusal| refusal.error.message,
    );
    Err(does_not_run(&said))
}

/// Refuses a program without a backend of each crate, each shipped one, and each that a configuration names.
///
/// # Errors
/// What is missing.
pub(super) fn check(
    backends: &[Backend],
    crates: &[Crate],
    shipped: &[&str],
    configured: &[String],
) -> Result<(), Failure> {
    let has = |name: &str| backends.iter().any(|backend| backend.name == name);
    let silent = crates.iter().find(|one| backends.iter().all(|backend| backend.crate_name != one.name));
    if let Some(silent) = silent {
        let is_nameless = |backend: &Backend| backend.crate_name.is_empty();
        let help = match backends.iter().find(|backend| is_nameless(backend)) {
            Some(backend) => format!(
                "if `{}` is its backend, let the descriptor say \
                 `.crate_name(env!(\"CARGO_PKG_NAME\"), env!(\"CARGO_PKG_VERSION\"))`",
                backend.name
            ),
            None => "it has no `codestrata_core::register_backend!(DESCRIPTOR);`, or that is compiled only with a feature \
                     of the crate"
                .to_owned(),
        };
        let message = format!("the program was built, and {} registers no backend", silent.name);
        return Err(Failure::input(message).with_help(help));
    }
    if let Some(missing) = configured.iter().find(|name| !has(name)) {
        let names: Vec<&str> = backends.iter().map(|backend| backend.name.as_str()).collect();
        let message =
            format!("the configuration names the backend `{missing}`, which no crate of the program has");
        return Err(Failure::new(Code::Configuration, "invalid-configuration", message).with_help(format!(
            "name the crate that has it with --with; the program would have: {}",
            names.join(", ")
        )));
    }
    match shipped.iter().find(|name| !has(name)) {
        None => Ok(()),
        Some(missing) => Err(Failure::new(
            Code::Store,
            "internal",
            format!("the program was built, and the shipped backend `{missing}` is not in it"),
        )),
    }
}
