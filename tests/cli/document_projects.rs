//! The projects that the documents show, as they are before a block: the one of `Sandbox` where nothing is said here.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use codestrata::{AnalysisResult, AnalysisStorage, StorageConfig, StorageManager};
use codestrata_backend_redb as _;
use serde_json::json;

use crate::sandbox::Sandbox;

const USER_2: &str = "\
class User:
    def __init__(self, name: str):
        self.name = name

    def save(self) -> None:
        if self.name and self.valid:
            validate(self)


class Group:
    def save(self) -> None:
        print(self)


def validate(user: User) -> bool:
    return bool(user.name)
";

const LONG: &str = "\
def total(rows, limit):
    total = 0
    for row in rows:
        if row.price > limit and not row.hidden:
            total += row.price * row.count
        elif row.count < 3:
            total -= row.tax(limit)
    for row in reversed(rows):
        total = max(total, row.price)
    return total
";

const SHAPES: &str = "\
import enum

class Shape: ...
class Round(Shape): ...
class Flat(Shape): ...
class Disc(Round, Flat): ...

class Colour(enum.Enum): ...
";

const REQUESTS: &str = "\
from .sessions import Session


def get(url):
    return Session().request(\"GET\", url)
";

const SESSIONS: &str = "\
class Session:
    def request(self, method, url):
        return method + url
";

/// The sandbox of a page whose blocks are one session.
pub(crate) fn session_of(page: &str) -> Option<Sandbox> {
    match page {
        "README.md" => Some(with_example()),
        "docs/analyses.md" => Some(measured_twice()),
        _ => None,
    }
}

/// What is there before a block, where that is not what the other blocks of its page begin with.
pub(crate) fn project_of(page: &str, heading: &str, command: &str) -> Option<Sandbox> {
    Some(match (page, heading) {
        ("README.md", "Swapping engines") => exported_and_configured(),
        ("docs/copying.md", _) | ("docs/cli.md", "copy") => two_stores(),
        ("docs/cli.md", "The program `codestrata`" | "Logs") => Sandbox::new(),
        ("docs/cli.md", "Packages of others") => with_packages(),
        ("docs/cli.md", "cycles") => with_circle(),
        ("docs/cli.md", "bases" | "subclasses") => with_shapes(),
        ("docs/cli.md", "remove") => with_copy(),
        ("docs/cli.md", "import") => exported(),
        ("docs/cli.md", "patterns") => with_two_files(),
        ("docs/cli.md", "analysis") if command.contains("gc") => with_old_results(),
        ("docs/cli.md", "analysis") => with_result(),
        ("docs/cli.md", "changes" | "diff" | "verify") => changed_twice(),
        ("docs/cli.md", "config") => wrongly_configured(),
        ("docs/cli.md", "completions") => with_completions(),
        _ => return None,
    })
}

/// The example of the README, in a folder as in a clone.
fn with_example() -> Sandbox {
    let sandbox = Sandbox::empty();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    for folder in ["service", "web"] {
        for entry in fs::read_dir(example.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            sandbox.write(format!("examples/shop/{folder}/{name}"), fs::read(&path).unwrap());
        }
    }
    sandbox
}

fn exported_and_configured() -> Sandbox {
    let sandbox = with_example();
    sandbox.run(&["index", "examples/shop"]).success();
    sandbox.run(&["export", "--output", "redb.jsonl"]).success();
    sandbox.write("codestrata.toml", configuration("file", ".codestrata/graph"));
    sandbox
}

fn configuration(backend: &str, path: &str) -> String {
    format!("[storage]\nbackend = \"{backend}\"\n[storage.options]\npath = \"{path}\"\n")
}

fn two_stores() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("old.toml", configuration("redb", "old.redb"));
    sandbox.write("new.toml", configuration("file", "new"));
    sandbox.run(&["--config", "old.toml", "index", "."]).success();
    sandbox
}

fn with_packages() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app/fetch.py", "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n");
    sandbox.run(&["index", "."]).success();
    let package = ".venv/lib/python3.12/site-packages/requests";
    sandbox.write(format!("{package}/__init__.py"), REQUESTS);
    sandbox.write(format!("{package}/sessions.py"), SESSIONS);
    sandbox
}

fn with_circle() -> Sandbox {
    let sandbox = Sandbox::new();
    let user = fs::read_to_string(sandbox.root().join("app/user.py")).unwrap();
    sandbox.write("app/user.py", format!("from app.views import update\n{user}"));
    sandbox.run(&["index", "."]).success();
    sandbox
}

fn with_shapes() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("shapes.py", SHAPES);
    sandbox.run(&["index", "."]).success();
    sandbox
}

fn exported() -> Sandbox {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "graph.jsonl"]).success();
    sandbox
}

fn with_copy() -> Sandbox {
    let sandbox = exported();
    sandbox.run(&["import", "graph.jsonl", "--repo", "copy"]).success();
    sandbox
}

fn with_two_files() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("app/a.py", "class A:\n    pass\n");
    sandbox.write("app/b.py", "\n\ndef again():\n    a()\n    b()\n    c()\n    d()\n    e()\n    f()\n");
    sandbox.run(&["index", "."]).success();
    sandbox
}

/// A shop whose functions were measured, changed and measured again.
fn measured_twice() -> Sandbox {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/user.py", USER_2);
    sandbox.write("app/long.py", LONG);
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["metrics"]).success();
    sandbox
}

/// Three versions: a function gets another name, and then its old name back and a neighbour.
fn changed_twice() -> Sandbox {
    let sandbox = Sandbox::indexed();
    let user = fs::read_to_string(sandbox.root().join("app/user.py")).unwrap();
    sandbox.write("app/user.py", user.replace("validate(", "check("));
    sandbox.run(&["index", "."]).success();
    sandbox.write(
        "app/user.py",
        format!("{user}\n\ndef more(user: User) -> bool:\n    return validate(user)\n"),
    );
    sandbox.run(&["index", "."]).success();
    sandbox
}

fn wrongly_configured() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "codestrata.toml",
        "[storage]\nbackend = \"redb\"\n\n[storage.options]\npaht = \"graph.redb\"\n",
    );
    sandbox
}

fn with_completions() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.outside().join(".local/share/bash-completion/completions")).unwrap();
    sandbox
}

/// A result of another program, of yesterday.
fn with_result() -> Sandbox {
    with_results(&[("complexity", 1)])
}

/// A hundred and two results of one type, and one that is old, where thirty days and a hundred results are kept.
fn with_old_results() -> Sandbox {
    let mut results = vec![("complexity", 1); 102];
    results.push(("dead code", 40));
    let sandbox = with_results(&results);
    let store = configuration("redb", ".codestrata/graph.redb");
    sandbox.write("codestrata.toml", format!("{store}[analysis]\nretention = \"30d\"\nmax_results = 100\n"));
    sandbox
}

/// Results with their types and ages in days.
fn with_results(results: &[(&str, u64)]) -> Sandbox {
    let sandbox = Sandbox::indexed();
    let path = sandbox.root().join(".codestrata/graph.redb").display().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let storage = StorageManager::open(StorageConfig::new("redb").option("path", path)).await.unwrap();
        for (name, days) in results {
            let made = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
            let result = AnalysisResult::new("shop", *name, json!({ "app/user.py::User.save": 1 }))
                .with_timestamp(made)
                .with_metadata("tool", "measure 1.2");
            storage.analysis().store_analysis(result).await.unwrap();
        }
        storage.close().await.unwrap();
    });
    sandbox
}
