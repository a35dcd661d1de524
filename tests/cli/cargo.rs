//! Cargo, run on crates that a test has made: with what the workspace has built already, and nothing from elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The checkout that is tested.
pub(crate) fn checkout() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

/// The target folder of the workspace: dependencies that are built there are not built again.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// An empty folder for a test, which is the same in every run: what is built in it takes the place of what was built in
/// it before.
pub(crate) fn workshop(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workshop").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Gives a crate the versions of the workspace, all of which were fetched to build it.
pub(crate) fn lock(folder: &Path) {
    fs::copy(checkout().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Runs cargo in a folder, compiling dependencies as the workspace does.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).env("CARGO_TARGET_DIR", target()).env("CARGO_NET_OFFLINE", "true");
    for profile in [
        "profile.dev.debug=\"line-tables-only\"",
        "profile.dev.package.\"*\".opt-level=2",
        "profile.dev.package.\"*\".debug=false",
    ] {
        command.args(["--config", profile]);
    }
    command.args(arguments).output().unwrap()
}

/// Its output, after it succeeded.
pub(crate) fn succeed(folder: &Path, arguments: &[&str]) -> String {
    let output = cargo(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "cargo {arguments:?}:\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}
