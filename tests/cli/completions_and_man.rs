//! What packagers ask for comes without a store, without a configuration, and without a word more.

use std::fs;

use predicates::str::{contains, starts_with};

use crate::sandbox::Sandbox;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let sandbox = Sandbox::new();
    // Not even a wrong configuration is looked at.
    sandbox.write("codestrata.toml", "nonsense");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        sandbox.run(&["completions", shell]).success().stdout(contains("callers")).stderr("");
    }
    sandbox.run(&["completions", "tcsh"]).code(2).stderr(contains("bash"));
    assert!(!sandbox.root().join(".codestrata").exists());
}

#[test]
fn the_script_for_bash_is_valid() {
    let sandbox = Sandbox::new();
    let Ok(bash) = std::process::Command::new("bash").arg("--version").output() else { return };
    assert!(bash.status.success());
    sandbox.write("script", sandbox.text(&["completions", "bash"]));
    let checked =
        std::process::Command::new("bash").args(["-n", "script"]).current_dir(sandbox.root()).status();
    assert!(checked.unwrap().success());
}

#[test]
fn the_page_of_the_program_goes_to_stdout() {
    let sandbox = Sandbox::new();
    sandbox.write("codestrata.toml", "nonsense");
    sandbox
        .run(&["man"])
        .success()
        .stdout(starts_with(".ie"))
        .stdout(contains(".TH codestrata 1"))
        .stdout(contains("codestrata\\-callers(1)"))
        .stderr("");
}

#[test]
fn all_pages_go_into_a_folder_and_nothing_is_said() {
    let sandbox = Sandbox::new();
    sandbox.run(&["man", "--dir", "share/man1"]).success().stdout("").stderr("");
    let page = |name: &str| fs::read_to_string(sandbox.root().join("share/man1").join(name)).unwrap();
    assert!(page("codestrata.1").contains("codestrata\\-path(1)"));
    for name in ["codestrata-path.1", "codestrata-cache-stats.1", "codestrata-remove.1"] {
        assert!(page(name).contains("Examples:"), "{name}");
    }
    sandbox.write("file", "");
    sandbox.run(&["man", "--dir", "file"]).code(4).stderr(contains("cannot be written to file"));
}
