//! A folder with sources, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder of one test, with a project named `shop` in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

const USER: &str = "\
class User:
    def __init__(self, name: str):
        self.name = name

    def save(self) -> None:
        validate(self)


class Group:
    def save(self) -> None:
        print(self)


def validate(user: User) -> bool:
    return bool(user.name)
";

const VIEWS: &str = "\
from app.user import User, validate


def update(name):
    user = User(name)
    user.save()
    validate(user)


def handle(request, store):
    update(request.name)
    store.find(request).save()
";

impl Sandbox {
    /// A project of two files.
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.write("app/user.py", USER);
        sandbox.write("app/views.py", VIEWS);
        sandbox
    }

    /// The same, indexed.
    pub(crate) fn indexed() -> Self {
        let sandbox = Self::new();
        sandbox.run(&["index", "."]).success();
        sandbox
    }

    /// A project of no files.
    pub(crate) fn empty() -> Self {
        let sandbox = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(sandbox.root()).unwrap();
        sandbox
    }

    /// The folder of the project.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    /// The folder around it.
    pub(crate) fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The program, to be run in the folder of the project.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
        command.current_dir(self.root()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs it.
    pub(crate) fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        self.program().args(arguments).assert()
    }

    /// What it answers.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).success().get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it answers with `--json`: one document and nothing else.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[&["--json"], arguments].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The error that it answers with `--json`, after checking the exit code.
    pub(crate) fn json_error(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(&[&["--json"], arguments].concat()).code(code).stdout("").get_output().clone();
        let document: Value = serde_json::from_slice(&output.stderr).unwrap();
        document["error"].clone()
    }

    /// The whole graph as text: the same for the same graph.
    pub(crate) fn export(&self) -> String {
        self.text(&["export"])
    }
}

/// What a program said on stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The ids of the results of an answer.
pub(crate) fn ids(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|result| result["id"].as_str().unwrap()).collect()
}
