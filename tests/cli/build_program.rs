//! `build` makes a program with backends from elsewhere, or says why it cannot.
//!
//! A build costs a link. So those that get that far have no shipped backend in them, and share everything else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::cargo;
use crate::sandbox::Sandbox;

/// A folder in which programs are built, and everything that they are built of.
struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    fn new(name: &str) -> Self {
        Self { folder: cargo::workshop(name) }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A crate with this source that depends on the seam of the checkout, and a configuration that names it.
    fn crate_with(&self, name: &str, source: &str) {
        self.crate_that_needs(name, source, &cargo::checkout().join("core"));
    }

    fn crate_that_needs(&self, name: &str, source: &str, core: &Path) {
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.3.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ncodestrata-core = {{ path = \"{}\" }}\n\n[workspace]\n",
            core.display()
        );
        self.write(&format!("{name}/Cargo.toml"), &manifest);
        self.write(&format!("{name}/src/lib.rs"), source);
        self.configure(name);
    }

    fn configure(&self, backend: &str) {
        self.write(&format!("{backend}.toml"), &format!("[storage]\nbackend = {backend:?}\n"));
    }

    /// A crate that has the name of the seam.
    fn other_core(&self, folder: &str, links: &str) {
        let manifest = format!(
            "[package]\nname = \"codestrata-core\"\nversion = \"0.2.0\"\nedition = \"2024\"\n{links}\n[workspace]\n"
        );
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
        self.write(&format!("{folder}/build.rs"), "fn main() {}\n");
        self.write(&format!("{folder}/src/lib.rs"), "");
    }

    /// The program, to be run in a folder of the workshop with what this machine has already.
    fn program(&self, folder: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
        command
            .current_dir(self.path(folder))
            .env("CARGO", env!("CARGO"))
            .env("CARGO_TARGET_DIR", cargo::target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    fn build(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        self.program("").arg("build").arg("--debug").args(arguments).assert()
    }
}

#[test]
fn in_the_folder_of_a_backend_it_takes_no_more_than_that() {
    let shop = Workshop::new("build-here");
    shop.program("").args(["new-backend", "demo"]).assert().success();
    shop.configure("demo");
    let built = shop
        .program("demo")
        .args(["--json", "build", "--debug", "--config", "../demo.toml"])
        .assert()
        .success()
        .stderr("");
    let answer: Value = serde_json::from_slice(&built.get_output().stdout).unwrap();
    let program = shop.path("demo/codestrata-demo");
    assert_eq!(answer["program"], program.to_str().unwrap());
    assert_eq!(answer["profile"], "dev");
    let crate_name = "codestrata-backend-demo";
    assert_eq!(answer["with"][0]["crate"], crate_name);
    assert_eq!(answer["with"][0]["path"], shop.path("demo").to_str().unwrap());
    // The configuration names no shipped one.
    let backends = serde_json::json!([{ "name": "demo", "crate": crate_name, "version": "0.1.0" }]);
    assert_eq!(answer["backends"], backends);
    assert!(answer["project"].as_str().unwrap().starts_with(shop.path("cache").to_str().unwrap()));

    // It is a whole codestrata.
    let sandbox = Sandbox::new();
    let config = shop.path("demo.toml");
    Command::new(&program)
        .current_dir(sandbox.root())
        .args(["index", ".", "--config", config.to_str().unwrap()])
        .assert()
        .success()
        .stdout(contains("2 found"));
    Command::new(&program).arg("--version").assert().success().stdout(contains("codestrata "));
}

#[test]
fn a_crate_that_registers_nothing_is_refused_and_what_was_there_stays() {
    let shop = Workshop::new("build-silent");
    shop.crate_with("silent", "//! Nothing.\n");
    shop.write("codestrata", "the old one");
    shop.build(&["--with", "silent=silent", "--config", "silent.toml"])
        .code(5)
        .stderr(contains("silent registers no backend"))
        .stderr(contains("register_backend!"));
    assert_eq!(fs::read_to_string(shop.path("codestrata")).unwrap(), "the old one");
}

#[test]
fn what_cargo_says_of_a_crate_that_does_not_compile_is_shown_in_full() {
    let shop = Workshop::new("build-broken");
    shop.crate_with("broken", "//! Broken.\n\nfn answer() -> u8 {\n    \"not a number\"\n}\n");
    let arguments = ["--with", "./broken", "--config", "broken.toml"];
    shop.build(&arguments)
        .code(5)
        .stderr(contains("error[E0308]: mismatched types"))
        .stderr(contains("\"not a number\""))
        .stderr(contains("error: cargo could not build the program"));
    let failed = shop.build(&[&arguments[..], &["--json"]].concat()).code(5).stdout("");
    let document: Value = serde_json::from_slice(&failed.get_output().stderr).unwrap();
    assert!(document["error"]["cargo"].as_str().unwrap().contains("E0308"), "{document}");
    assert!(!shop.path("codestrata").exists());
}

#[test]
fn two_versions_of_the_seam_are_refused_with_who_needs_which() {
    let shop = Workshop::new("build-two-cores");
    // Cargo refuses the first kind itself, in words of linkers, and lets the second pass.
    for (folder, links) in [("core-with-links", "links = \"codestrata_core\"\n"), ("core-without", "")] {
        shop.other_core(folder, links);
        shop.crate_that_needs("other", "", &shop.path(folder));
        let arguments = ["--with", "other=other", "--config", "other.toml"];
        shop.build(&arguments)
            .code(5)
            .stderr(contains("there would be 2 of codestrata-core in the program"))
            .stderr(contains(format!("other needs version 0.2.0 of {}", shop.path(folder).display())))
            .stderr(contains(format!("codestrata-cli needs version {}", env!("CARGO_PKG_VERSION"))))
            .stderr(contains("--source"));
        let refused = shop.build(&[&arguments[..], &["--json"]].concat()).code(5).stdout("");
        let document: Value = serde_json::from_slice(&refused.get_output().stderr).unwrap();
        assert_eq!(document["error"]["kind"], "conflict");
        assert_eq!(document["error"]["cores"].as_array().unwrap().len(), 2, "{document}");
    }
}

#[test]
fn a_folder_that_is_not_the_backend_that_was_named_is_refused() {
    let shop = Workshop::new("build-folders");
    shop.crate_with("codestrata-backend-real", "");
    shop.write("plain/Cargo.toml", "[package]\nname = \"plain\"\nversion = \"0.1.0\"\n\n[workspace]\n");
    shop.write("plain/src/lib.rs", "");
    shop.write("many/Cargo.toml", "[workspace]\nmembers = []\n");
    shop.write("wrong/Cargo.toml", "[package\n");
    for (with, words) in [
        ("x=nowhere", "there is no crate in nowhere"),
        ("./nowhere", "there is no crate in ./nowhere"),
        ("x=codestrata-backend-real", "is codestrata-backend-real, and not x"),
        ("plain=plain", "plain is no backend: it does not depend on codestrata-core"),
        ("x=many", "many is a workspace, and no crate"),
        ("x=wrong", "cargo cannot read "),
    ] {
        shop.build(&["--with", with]).code(5).stderr(contains(words));
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_before_anything_is_built() {
    let shop = Workshop::new("build-usage");
    shop.crate_with("codestrata-backend-one", "");
    shop.write("folder/kept", "");
    let one = "one=codestrata-backend-one";
    for (arguments, code, words) in [
        (&[][..], 2, "this folder is not that of a backend"),
        (&["--with", "no crate"], 2, "write CRATE, CRATE@VERSION or NAME=PATH"),
        (&["--with", one, "--with", "./codestrata-backend-one"], 2, "is named twice"),
        (&["--with", "codestrata-cli@1"], 2, "is the program itself"),
        (&["--with", one, "--output", "folder"], 4, "in place of the folder folder"),
        (&["--with", one, "--output", "no/where"], 4, "there is no folder no"),
        (&["--with", one, "--source", "folder"], 5, "is no checkout of codestrata"),
    ] {
        shop.build(arguments).code(code).stderr(contains(words)).stdout("");
    }
    assert!(!shop.path("cache").exists());
}

#[test]
fn a_configured_backend_that_no_crate_has_is_refused() {
    let shop = Workshop::new("build-configured");
    shop.configure("elsewhere");
    shop.build(&["--config", "elsewhere.toml"])
        .code(3)
        .stderr(contains("the backend `elsewhere`, which does not come with codestrata"))
        .stderr(contains("--with codestrata-backend-elsewhere"));
}

#[test]
fn a_crate_that_no_registry_has_is_an_error_of_cargo() {
    let shop = Workshop::new("build-unknown");
    shop.build(&["--with", "codestrata-backend-that-nobody-wrote@0.1"])
        .code(5)
        .stderr(contains("no matching package named `codestrata-backend-that-nobody-wrote` found"))
        .stderr(contains("error: cargo cannot find what the program is built of"));
}

#[test]
fn without_cargo_it_says_where_to_get_it() {
    let shop = Workshop::new("build-no-cargo");
    shop.program("")
        .env("CARGO", "/no/such/cargo")
        .args(["build", "--with", "some-crate"])
        .assert()
        .code(4)
        .stderr(contains("cargo cannot be run (/no/such/cargo)").and(contains("https://rustup.rs")));
}

#[test]
fn ctrl_c_ends_cargo_and_what_was_there_stays() {
    let shop = Workshop::new("build-interrupted");
    shop.crate_with("slow", "");
    shop.write("codestrata", "the old one");
    // Does everything that cargo does, but for building, which it never ends.
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = build ]; then echo $$ > pid.new; mv pid.new pid; exec sleep 600; fi\nexec {:?} \"$@\"\n",
        env!("CARGO")
    );
    shop.write("cargo", &script);
    fs::set_permissions(shop.path("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_codestrata"))
        .current_dir(&shop.folder)
        .args(["build", "--with", "slow=slow", "--config", "slow.toml"])
        .env("CARGO", shop.path("cargo"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("XDG_CACHE_HOME", shop.path("cache"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = loop {
        match fs::read_to_string(shop.path("pid")) {
            Ok(pid) => break pid.trim().to_owned(),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    };
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(
        crate::sandbox::stderr(&output).contains("stopped; what was built before is unchanged"),
        "{output:?}"
    );
    let alive = std::process::Command::new("kill").args(["-0", &pid]).stderr(Stdio::null()).status().unwrap();
    assert!(!alive.success(), "cargo goes on");
    assert_eq!(fs::read_to_string(shop.path("codestrata")).unwrap(), "the old one");
}
