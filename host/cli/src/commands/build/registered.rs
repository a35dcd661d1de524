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

#[cfg(test)]
mod tests {
    use super::{Backend, check};
    use crate::commands::build::crates::Crate;

    fn backend(name: &str, crate_name: &str) -> Backend {
        Backend { name: name.to_owned(), crate_name: crate_name.to_owned(), version: "1".to_owned() }
    }

    fn lmdb() -> [Crate; 1] {
        [Crate { name: "codestrata-backend-lmdb".to_owned(), dependency: String::new() }]
    }

    /// The failure, for people.
    fn said(outcome: Result<(), crate::failure::Failure>) -> String {
        format!("{:?}", outcome.unwrap_err())
    }

    #[test]
    fn a_program_with_all_that_was_asked_for_is_right() {
        let backends =
            [backend("lmdb", "codestrata-backend-lmdb"), backend("redb", "codestrata-backend-redb")];
        assert!(check(&backends, &lmdb(), &["redb"], &["lmdb".to_owned()]).is_ok());
    }

    #[test]
    fn a_backend_that_does_not_say_its_crate_may_be_the_one_that_is_missing() {
        let text = said(check(&[backend("lmdb", "")], &lmdb(), &[], &[]));
        assert!(text.contains("if `lmdb` is its backend") && text.contains(".crate_name("), "{text}");
    }

    #[test]
    fn a_configured_backend_that_is_in_no_crate_is_missing() {
        let backends = [backend("lmdb2", "codestrata-backend-lmdb")];
        let text = said(check(&backends, &lmdb(), &[], &["lmdb".to_owned()]));
        assert!(
            text.contains("the backend `lmdb`, which no crate") && text.contains("would have: lmdb2"),
            "{text}"
        );
    }

    #[test]
    fn a_shipped_backend_that_is_not_there_is_a_fault() {
        let text = said(check(&[], &[], &["redb"], &[]));
        assert!(text.contains("internal") && text.contains("`redb`"), "{text}");
    }
}
