//! Each fixture gives exactly the facts that stand beside it, which were read against the source by hand.
//!
//! With `CODESTRATA_BLESS=1` the expected files are written anew; the difference is then to be read.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use std::path::Path;

use codestrata_index::{Language, extract};

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let source = std::fs::read(folder.join(name)).expect("the fixture is there");
    let language = Language::of_path(name).expect("a known ending");
    let extraction = extract(name, &source, language).expect("the fixture is sound");
    assert!(!extraction.had_syntax_errors, "{name} has errors of syntax");
    let found = rendering::render(&extraction.facts);
    let expected = folder.join(format!("{name}.expected"));
    if std::env::var_os("CODESTRATA_BLESS").is_some() {
        std::fs::write(&expected, &found).expect("the expected file can be written");
    }
    let expected = std::fs::read_to_string(expected).expect("the expected file is there");
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}.expected, line {}", line + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{name}: more or fewer facts");
}

#[test]
fn python_gives_the_expected_facts() {
    check("everything.py");
}

#[test]
fn javascript_gives_the_expected_facts() {
    check("common.js");
}

#[test]
fn typescript_gives_the_expected_facts() {
    check("types.ts");
}

#[test]
fn tsx_gives_the_expected_facts() {
    check("everything.tsx");
}

#[test]
fn go_gives_the_expected_facts() {
    check("everything.go");
}

#[test]
fn rust_gives_the_expected_facts() {
    check("everything.rs");
}

#[test]
fn java_gives_the_expected_facts() {
    check("everything.java");
}

#[test]
fn csharp_gives_the_expected_facts() {
    check("everything.cs");
}

#[test]
fn csharp_with_several_namespaces_gives_the_expected_facts() {
    check("several.cs");
}

#[test]
fn c_gives_the_expected_facts() {
    check("everything.c");
}

#[test]
fn a_header_of_c_gives_the_expected_facts() {
    check("everything.h");
}

#[test]
fn cpp_gives_the_expected_facts() {
    check("everything.cpp");
}

#[test]
fn a_header_of_cpp_gives_the_expected_facts() {
    check("everything.hpp");
}

#[test]
fn ruby_gives_the_expected_facts() {
    check("everything.rb");
}

#[test]
fn php_gives_the_expected_facts() {
    check("everything.php");
}

#[test]
fn php_with_several_namespaces_gives_the_expected_facts() {
    check("namespaces.php");
}
