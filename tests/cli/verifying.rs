//! `codestrata verify`: a whole store is said to be whole, a damaged one is not, and a changed file is no damage.

use std::fs;

use codestrata::StorageConfig;
use codestrata_core::{Batch, Key, KeyRange, ScanRequest};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// What it answers, with its exit code.
fn verified(sandbox: &Sandbox, arguments: &[&str], code: i32) -> Value {
    let all = [&["--json", "verify"], arguments].concat();
    let output = sandbox.run(&all).code(code).stderr("").get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Removes the first key that begins so from the store.
fn lose(sandbox: &Sandbox, beginning: &[u8], letter: Option<u8>) {
    let path = sandbox.root().join(".codestrata/graph.redb");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = StorageConfig::new("redb").option("path", path.to_str().unwrap());
        let storage = codestrata::StorageManager::open(config).await.unwrap();
        let request = ScanRequest::new(KeyRange::prefix(beginning.to_vec())).keys_only();
        let page = storage.backend().scan(&request).await.unwrap();
        let is_wanted = |key: &[u8]| letter.is_none_or(|letter| key.get(5) == Some(&letter));
        let (key, _) = page.iter().find(|(key, _)| is_wanted(key)).unwrap();
        let batch = Batch::new().delete(Key::new(key.to_vec()).unwrap());
        storage.backend().apply(batch).await.unwrap();
        storage.close().await.unwrap();
    });
}

#[test]
fn a_graph_that_followed_edits_is_that_of_a_clean_index() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/more.py", "from app.user import User\n\nclass Admin(User):\n    pass\n");
    sandbox.run(&["index", "."]).success();
    sandbox.write("app/user.py", "class User:\n    def save(self):\n        pass\n");
    sandbox.run(&["index", "."]).success();
    let answer = verified(&sandbox, &[], 0);
    assert_eq!((&answer["right"], &answer["folder"]["fresh"]), (&true.into(), &true.into()), "{answer}");
    assert_eq!((&answer["folder"]["files"], &answer["store"]["files"]), (&3.into(), &3.into()));
    assert_eq!(answer["store"]["links_compared"], true);
    sandbox.run(&["verify", "."]).success().stdout(contains("nothing is wrong in version 3"));
}

#[test]
fn a_file_that_changed_since_is_stale_and_no_fault() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/views.py", "def other():\n    pass\n");
    sandbox.write("app/more.py", "def more():\n    pass\n");
    fs::remove_file(sandbox.root().join("app/user.py")).unwrap();
    let answer = verified(&sandbox, &[], 0);
    let folder = &answer["folder"];
    assert_eq!(answer["right"], true);
    assert_eq!((&folder["changed"][0], &folder["added"][0]), (&"app/views.py".into(), &"app/more.py".into()));
    assert_eq!((&folder["gone"][0], &folder["fresh"]), (&"app/user.py".into(), &false.into()));
    verified(&sandbox, &["--fresh"], 1);
    sandbox.run(&["verify"]).success().stdout(contains("codestrata index"));
}

#[test]
fn a_lost_posting_and_a_lost_segment_are_faults_with_a_name_and_exit_code_1() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/more.py", "def more():\n    pass\n");
    sandbox.run(&["index", "."]).success();
    lose(&sandbox, &[0x20], Some(b'd'));
    let answer = verified(&sandbox, &[], 1);
    let finding = &answer["store"]["findings"]["list"][0];
    assert_eq!((&finding["subject"], &finding["file"]), (&"index".into(), &"app/more.py".into()), "{answer}");
    lose(&sandbox, &[0x10], None);
    sandbox.run(&["verify"]).code(1).stdout(contains("its segment is missing").and(contains("--rebuild")));
    sandbox.run(&["index", ".", "--rebuild"]).success();
    verified(&sandbox, &[], 0);
}

#[test]
fn a_graph_without_a_folder_is_verified_by_itself() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "g.jsonl"]).success();
    sandbox.run(&["import", "g.jsonl", "--repo", "copy"]).success();
    let answer = verified(&sandbox, &["--repo", "copy"], 0);
    assert_eq!((&answer["right"], &answer["folder"]["compared"]), (&true.into(), &false.into()));
}

#[test]
fn a_repository_that_is_not_stored_is_not_found() {
    let sandbox = Sandbox::indexed();
    assert_eq!(sandbox.json_error(&["verify", "--repo", "nope"], 1)["kind"], "not-found");
}

#[test]
fn another_state_of_the_tree_is_compared_with_the_only_repository() {
    let sandbox = Sandbox::indexed();
    let other = sandbox.outside().join("elsewhere");
    fs::create_dir_all(other.join("app")).unwrap();
    for file in ["app/user.py", "app/views.py"] {
        fs::copy(sandbox.root().join(file), other.join(file)).unwrap();
    }
    fs::write(other.join("app/user.py"), "def validate(user): ...\n").unwrap();
    let answer = verified(&sandbox, &["../elsewhere"], 0);
    assert_eq!((&answer["repository"], &answer["folder"]["compared"]), (&"shop".into(), &true.into()));
    assert_eq!(answer["folder"]["changed"], serde_json::json!(["app/user.py"]));
    verified(&sandbox, &["../elsewhere", "--fresh"], 1);
}

#[test]
fn what_could_not_be_compared_is_not_fresh() {
    let sandbox = Sandbox::indexed();
    let away = sandbox.outside().join("away");
    fs::create_dir(&away).unwrap();
    fs::rename(sandbox.root().join(".codestrata"), away.join(".codestrata")).unwrap();
    fs::remove_dir_all(sandbox.root()).unwrap();
    let run = |arguments: &[&str], code: i32| {
        let mut program = assert_cmd::Command::new(env!("CARGO_BIN_EXE_codestrata"));
        program.current_dir(&away).args(arguments).assert().code(code);
    };
    run(&["verify"], 0);
    run(&["verify", "--fresh"], 1);
}

#[test]
fn a_folder_that_has_no_file_of_the_graph_is_refused() {
    let sandbox = Sandbox::indexed();
    let other = sandbox.outside().join("elsewhere");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("other.py"), "x = 1\n").unwrap();
    sandbox
        .run(&["verify", "../elsewhere"])
        .code(5)
        .stdout("")
        .stderr(contains("has no file in common with the graph of `shop`"))
        .stderr(contains(format!("help: name the folder that was indexed, {}", sandbox.root().display())));
}

#[test]
fn what_is_no_folder_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["verify", "../nosuch"])
        .code(5)
        .stdout("")
        .stderr(contains("there is no folder ../nosuch").and(contains("help: name one that is there")));
    sandbox.run(&["verify", "app/user.py"]).code(5).stderr(contains("is not a folder"));
}
