//! Which packages of others are read, that imports lead into them, and that an update gives what a clean index gives.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use codestrata::{GraphStorage, StorageManager, jsonl};
use codestrata_index::{Dependencies, IndexOptions, IndexReport, Unobserved, index_repository};

const SITE: &str = ".venv/lib/python3.12/site-packages";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A project with an environment and `node_modules`, both ignored, and more installed than it imports.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, ".gitignore", "node_modules/\n.venv/\n");
    write(
        root,
        "app/main.py",
        "import requests\nfrom app.util import helper\ndef go(): requests.get(helper())\n",
    );
    write(root, "app/util.py", "def helper(): pass\n");
    write(
        root,
        "web/page.js",
        "import { render } from 'view';\nimport chart from 'chart.js';\nexport function show() { render(); chart(); }\n",
    );
    let site = |path: &str, text: &str| write(root, &format!("{SITE}/{path}"), text);
    site("requests/__init__.py", "from .api import get\n");
    site("requests/api.py", "import idna\ndef get(url): idna.encode(url)\n");
    site("requests/tests/test_api.py", "def test_get(): pass\n");
    site("idna/__init__.py", "def encode(text): pass\n");
    site("unused.py", "def nobody(): pass\n");
    site("app/util.py", "def helper(): pass\n");
    site("google/cloud/storage/__init__.py", "class Client: pass\n");
    site("google/cloud/other/__init__.py", "class Other: pass\n");
    let npm = |path: &str, text: &str| write(root, &format!("node_modules/{path}"), text);
    npm("view/index.js", "export { render } from './lib/render';\n");
    npm("view/lib/render.js", "export function render() { }\n");
    npm("view/lib/render.test.js", "export function testing() { }\n");
    npm("view/dist/view.min.js", "export function minified() { }\n");
    npm("view/node_modules/nested/index.js", "export function nested() { }\n");
    npm("chart.js/package.json", "{\"main\": \"./dist/chart\"}");
    npm("chart.js/dist/chart.js", "export default function chart() { }\n");
    npm("chart.js/dist/packed.js", &format!("var a = '{}';\n", "x".repeat(5_001)));
    npm("@scope/tool/index.js", "export function tool() { }\n");
    npm("unused/index.js", "export function nobody() { }\n");
    folder
}

async fn index(storage: &StorageManager, root: &Path, choice: Option<Dependencies>) -> IndexReport {
    let options = IndexOptions { dependencies: choice, ..IndexOptions::new("r", root) };
    index_repository(storage.graph(), &options, &Unobserved).await.unwrap().unwrap()
}

async fn files(storage: &StorageManager) -> Vec<String> {
    storage.graph().list_files("r").await.unwrap().into_iter().map(|file| file.path).collect()
}

async fn export(storage: &StorageManager) -> String {
    let mut bytes = Vec::new();
    jsonl::export_graph(storage.graph(), "r", &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn callers(storage: &StorageManager, id: &str) -> Vec<String> {
    let answer = storage.query("r").callers(id, 10).await.unwrap();
    answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect()
}

fn installed(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| path.replace("SITE", SITE)).collect()
}

const OWN: [&str; 3] = ["app/main.py", "app/util.py", "web/page.js"];

#[tokio::test]
async fn nothing_of_others_is_read_unless_it_is_asked_for() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    let report = index(&storage, folder.path(), None).await;
    assert_eq!((report.dependencies, report.found, report.packages), (Dependencies::Exclude, 3, Vec::new()));
    assert_eq!(files(&storage).await, OWN);
}

#[tokio::test]
async fn smart_reads_what_is_imported_directly_and_of_that_what_somebody_wrote() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    let report = index(&storage, folder.path(), Some(Dependencies::Smart)).await;
    assert_eq!(report.packages, installed(&["SITE/requests", "node_modules/chart.js", "node_modules/view"]));
    let mut expected = installed(&[
        "SITE/requests/__init__.py",
        "SITE/requests/api.py",
        "app/main.py",
        "app/util.py",
        "node_modules/chart.js/dist/chart.js",
        "node_modules/view/index.js",
        "node_modules/view/lib/render.js",
        "web/page.js",
    ]);
    expected.sort();
    assert_eq!(files(&storage).await, expected);
}

#[tokio::test]
async fn imports_lead_into_the_packages() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    for choice in [Dependencies::Smart, Dependencies::All] {
        index(&storage, folder.path(), Some(choice)).await;
        assert_eq!(callers(&storage, &format!("{SITE}/requests/api.py::get")).await, ["app/main.py::go"]);
        assert_eq!(callers(&storage, "node_modules/view/lib/render.js::render").await, ["web/page.js::show"]);
        assert_eq!(
            callers(&storage, "node_modules/chart.js/dist/chart.js::chart").await,
            ["web/page.js::show"]
        );
        // What the project has itself wins over a copy of it that is installed.
        assert_eq!(callers(&storage, "app/util.py::helper").await, ["app/main.py::go"]);
    }
    assert_eq!(
        callers(&storage, &format!("{SITE}/idna/__init__.py::encode")).await,
        installed(&["SITE/requests/api.py::get"])
    );
}

#[tokio::test]
async fn all_reads_everything_that_is_installed() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    let report = index(&storage, folder.path(), Some(Dependencies::All)).await;
    assert_eq!(report.packages, installed(&["SITE", "node_modules"]));
    let files = files(&storage).await;
    for path in installed(&[
        "SITE/unused.py",
        "SITE/requests/tests/test_api.py",
        "node_modules/view/node_modules/nested/index.js",
        "node_modules/view/dist/view.min.js",
        "node_modules/chart.js/dist/packed.js",
    ]) {
        assert!(files.contains(&path), "{path}");
    }
}

#[tokio::test]
async fn of_a_namespace_only_the_imported_part_is_read() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    let of_namespace = |report: IndexReport| {
        report.packages.into_iter().filter(|path| path.contains("google")).collect::<Vec<_>>()
    };
    for text in [
        "import google.cloud.storage\n",
        "from google.cloud import storage\n",
        "from google.cloud.storage import Client\n",
    ] {
        write(folder.path(), "app/main.py", text);
        let report = index(&storage, folder.path(), Some(Dependencies::Smart)).await;
        assert_eq!(of_namespace(report), installed(&["SITE/google/cloud/storage"]), "{text}");
    }
    write(folder.path(), "app/main.py", "import google\n");
    assert!(of_namespace(index(&storage, folder.path(), None).await).is_empty());
}

#[tokio::test]
async fn of_several_folders_the_one_that_node_would_take_is_read() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    write(folder.path(), "web/node_modules/view/index.js", "export function render() { }\n");
    write(folder.path(), "other/page.js", "import '@scope/tool';\nimport 'node:fs';\nimport '../..';\n");
    let report = index(&storage, folder.path(), Some(Dependencies::Smart)).await;
    let npm: Vec<_> = report.packages.iter().filter(|path| path.contains("node_modules")).collect();
    assert_eq!(npm, ["node_modules/@scope/tool", "node_modules/chart.js", "web/node_modules/view"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_followed_only_to_a_package_inside_the_tree() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "node_modules/secret/index.js", "export function secret() { }\n");
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    let root = folder.path();
    write(root, "node_modules/.pnpm/linked@1/node_modules/linked/index.js", "export function linked() { }\n");
    write(root, "packages/mine/index.js", "export function mine() { }\n");
    write(
        root,
        "web/page.js",
        "import { linked } from 'linked';\nimport 'mine';\nimport 'secret';\nlinked();\n",
    );
    symlink(".pnpm/linked@1/node_modules/linked", root.join("node_modules/linked")).unwrap();
    symlink("../packages/mine", root.join("node_modules/mine")).unwrap();
    symlink(outside.path().join("node_modules/secret"), root.join("node_modules/secret")).unwrap();
    let report = index(&storage, root, Some(Dependencies::Smart)).await;
    let npm: Vec<_> = report.packages.iter().filter(|path| path.contains("node_modules")).collect();
    assert_eq!(npm, ["node_modules/.pnpm/linked@1/node_modules/linked"]);
    let id = "node_modules/.pnpm/linked@1/node_modules/linked/index.js::linked";
    assert_eq!(callers(&storage, id).await, ["web/page.js::<module>"]);
}

#[tokio::test]
async fn the_choice_is_remembered_and_changing_it_removes_what_no_longer_belongs() {
    let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
    index(&storage, folder.path(), Some(Dependencies::Smart)).await;
    let smart = export(&storage).await;
    let again = index(&storage, folder.path(), None).await;
    assert_eq!((again.dependencies, again.parsed, again.summary.version), (Dependencies::Smart, 0, 1));
    index(&storage, folder.path(), Some(Dependencies::All)).await;
    assert_eq!(index(&storage, folder.path(), None).await.dependencies, Dependencies::All);
    index(&storage, folder.path(), Some(Dependencies::Smart)).await;
    assert_eq!(export(&storage).await, smart);
    let report = index(&storage, folder.path(), Some(Dependencies::Exclude)).await;
    assert_eq!((report.parsed, report.summary.removed), (0, 5));
    assert_eq!(files(&storage).await, OWN);
    assert_eq!(index(&storage, folder.path(), None).await.dependencies, Dependencies::Exclude);
}

/// What a new store has after indexing the folder once.
async fn clean(root: &Path, choice: Dependencies) -> String {
    let storage = StorageManager::in_memory().unwrap();
    index(&storage, root, Some(choice)).await;
    export(&storage).await
}

#[tokio::test]
async fn every_update_gives_the_graph_of_a_clean_index() {
    type Edit = (&'static str, &'static str, Option<&'static str>);
    let edits: [Edit; 16] = [
        ("an import appears", "app/more.py", Some("import idna\ndef more(): idna.encode('x')\n")),
        ("an import disappears", "app/main.py", Some("def go(): pass\n")),
        (
            "it comes back in another file",
            "app/util.py",
            Some("from requests import get\ndef helper(): get('x')\n"),
        ),
        ("a file with an import goes", "app/more.py", None),
        (
            "an import of a script disappears",
            "web/page.js",
            Some("import chart from 'chart.js';\nchart();\n"),
        ),
        ("and another appears", "web/more.ts", Some("import { tool } from '@scope/tool';\ntool();\n")),
        (
            "a package changes",
            ".venv/lib/python3.12/site-packages/requests/api.py",
            Some("def get(url): pass\n"),
        ),
        (
            "another file becomes the entry",
            "node_modules/chart.js/package.json",
            Some("{\"main\": \"dist/packed.js\"}"),
        ),
        (
            "which was bundled",
            "node_modules/chart.js/dist/packed.js",
            Some("export default function chart() { }\n"),
        ),
        (
            "and is again",
            "node_modules/chart.js/dist/packed.js",
            Some(Box::leak(format!("var a = '{}';\n", "x".repeat(6_000)).into_boxed_str())),
        ),
        (
            "the entry is named by exports",
            "node_modules/chart.js/package.json",
            Some("{\"exports\": {\".\": {\"import\": {\"default\": \"./dist/chart.js\"}}}}"),
        ),
        (
            "an environment of another name comes",
            "env/lib/python3.13/site-packages/requests.py",
            Some("def get(url): pass\n"),
        ),
        ("a module of the project takes the name", "requests.py", Some("def get(url): pass\n")),
        ("and goes", "requests.py", None),
        (
            "a nearer package comes",
            "web/node_modules/chart.js/index.js",
            Some("export default function chart() { }\n"),
        ),
        ("and goes", "web/node_modules/chart.js/index.js", None),
    ];
    for choice in [Dependencies::Smart, Dependencies::All] {
        let (folder, storage) = (project(), StorageManager::in_memory().unwrap());
        index(&storage, folder.path(), Some(choice)).await;
        for (what, path, text) in &edits {
            match text {
                Some(text) => write(folder.path(), path, text),
                None => {
                    let mut path = folder.path().join(path);
                    fs::remove_file(&path).unwrap();
                    // A package whose files are gone is gone.
                    while path.pop() && fs::remove_dir(&path).is_ok() {}
                }
            }
            index(&storage, folder.path(), None).await;
            let (stored, expected) = (export(&storage).await, clean(folder.path(), choice).await);
            assert_eq!(stored, expected, "{choice:?}: {what}");
        }
    }
}
