//! `codestrata verify` on a store whose engine finds its own files damaged: what can be read is verified beside it, and
//! what cannot is listed with what it touches.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::Sandbox;

const BLOCK: usize = 4096;
const FILES: usize = 120;

/// Two repositories in one store, of so many files that each table takes several blocks.
fn two_repositories() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::empty();
    for number in 0..FILES {
        let text = format!(
            "def needle_{number:03}(x):\n    return x\n\n\ndef other_{number:03}():\n    return needle_{number:03}(1)\n"
        );
        sandbox.write(format!("app/f{number:03}.py"), text);
    }
    sandbox.run(&["index", "."]).success();
    fs::create_dir(sandbox.outside().join("second")).unwrap();
    fs::write(sandbox.outside().join("second/solitary.py"), "def hidden_treasure():\n    return 1\n")
        .unwrap();
    sandbox.run(&["index", "../second", "--repo", "second"]).success();
    let store = sandbox.root().join(".codestrata/graph.redb");
    (sandbox, store)
}

/// What it answers, with its exit code.
fn verified(sandbox: &Sandbox, arguments: &[&str]) -> (i32, Value) {
    let output = sandbox.program().args(["--json", "verify"]).args(arguments).output().unwrap();
    let code = output.status.code().unwrap();
    let text = if code == 4 { output.stderr } else { output.stdout };
    (code, serde_json::from_slice(&text).unwrap())
}

fn findings(answer: &Value) -> Vec<(String, String, String)> {
    let list = answer["store"]["findings"]["list"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter().map(|one| (text(&one["file"]), text(&one["subject"]), text(&one["message"]))).collect()
}

/// Flips a bit of the last place in the file that has these bytes.
fn flip_at(store: &PathBuf, needle: &[u8]) {
    let mut bytes = fs::read(store).unwrap();
    let at = bytes.windows(needle.len()).rposition(|part| part == needle).unwrap();
    bytes[at] ^= 1;
    fs::write(store, bytes).unwrap();
}

#[test]
fn a_segment_that_cannot_be_read_is_listed_with_its_file_and_everything_else_is_verified() {
    let (sandbox, store) = two_repositories();
    flip_at(&store, b"needle_017");
    let (code, answer) = verified(&sandbox, &["--repo", "shop"]);
    assert_eq!((code, &answer["right"]), (1, &false.into()), "{answer}");
    let found = findings(&answer);
    assert_eq!(found[0].1, "engine", "{found:?}");
    let lost: Vec<&str> = found
        .iter()
        .filter(|(_, subject, message)| subject == "segment" && message.contains("cannot be read"))
        .map(|(file, ..)| file.as_str())
        .collect();
    assert!(lost.contains(&"app/f017.py") && lost.len() < FILES / 2, "{lost:?}");
    let read = answer["store"]["files"].as_u64().unwrap();
    assert_eq!(read, FILES as u64);
    let text = sandbox.run(&["verify", "--repo", "shop"]).code(1).get_output().clone();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("app/f017.py") && text.contains("do not write to this store"), "{text}");
    // Nothing was repaired, or made worse.
    assert_eq!(verified(&sandbox, &["--repo", "shop"]).1["store"]["findings"], answer["store"]["findings"]);
}

#[test]
fn damage_that_another_repository_has_is_said_with_its_name() {
    let (sandbox, store) = two_repositories();
    flip_at(&store, b"hidden_treasure");
    let (code, answer) = verified(&sandbox, &["--repo", "shop"]);
    assert_eq!(code, 1, "{answer}");
    let others: Vec<_> = findings(&answer).into_iter().filter(|one| one.2.contains("`second`")).collect();
    assert_eq!(others.len(), 1, "{answer}");
    assert!(others[0].2.contains("segments"), "{others:?}");
}

#[test]
fn whichever_block_is_damaged_verify_goes_on_or_says_that_the_store_cannot_be_opened() {
    let (sandbox, store) = two_repositories();
    let whole = fs::read(&store).unwrap();
    let used: Vec<usize> = (1..whole.len() / BLOCK)
        .filter(|block| whole[block * BLOCK..][..BLOCK].iter().any(|b| *b != 0))
        .collect();
    let step = (used.len() / 24).max(1);
    let (mut codes, mut named) = ([0; 5], 0);
    for block in used.iter().step_by(step) {
        let mut damaged = whole.clone();
        let place = damaged[block * BLOCK..][..BLOCK].iter().position(|byte| *byte != 0).unwrap();
        damaged[block * BLOCK + place] ^= 4;
        fs::write(&store, damaged).unwrap();
        let (code, answer) = verified(&sandbox, &["--repo", "shop"]);
        codes[usize::try_from(code).unwrap()] += 1;
        match code {
            // A block that nothing refers to any more.
            0 => {}
            1 => {
                let found = findings(&answer);
                assert!(found.iter().any(|one| one.1 == "engine"), "block {block}: {found:?}");
                named += usize::from(found.len() > 1);
            }
            4 => assert_eq!(answer["error"]["kind"], "corruption", "block {block}"),
            other => panic!("block {block}: {other}"),
        }
    }
    assert!(codes[1] > 0 && named * 2 > codes[1], "{codes:?}, {named} with what is lost");
}

#[test]
fn a_store_that_cannot_be_opened_is_an_error() {
    for (backend, file) in [("file", "log"), ("sled", "db")] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "codestrata.toml",
            format!("[storage]\nbackend = \"{backend}\"\n[storage.options]\npath = \"../store\"\n"),
        );
        sandbox.run(&["index", "."]).success();
        let store = sandbox.outside().join("store");
        let damaged = fs::read_dir(&store)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.file_name().unwrap().to_str().unwrap().contains(file))
            .unwrap();
        let mut bytes = fs::read(&damaged).unwrap();
        let at = bytes.iter().rposition(|byte| *byte != 0).unwrap() / 2;
        bytes[at] ^= 1;
        fs::write(&damaged, bytes).unwrap();
        let (code, answer) = verified(&sandbox, &[]);
        assert_eq!((code, &answer["error"]["kind"]), (4, &"corruption".into()), "{backend}: {answer}");
        let help = answer["error"]["help"].as_str().unwrap();
        assert!(help.starts_with("`codestrata verify` says what is damaged"), "{backend}: {answer}");
        assert!(help.contains("\nrestore it") || help.contains("\nrestore the store"), "{backend}: {answer}");
    }
}
