//! A file that ends in the middle of anything gives facts that a store takes, in every language.

use std::path::Path;

use codestrata::PreparedFile;
use codestrata_index::{Language, extract};

/// How far apart the cuts are: odd, so that they fall into all kinds of places.
const STEP: usize = 61;

#[test]
fn files_that_end_anywhere_are_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut languages = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
        let path = entry.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let Some(language) = Language::of_path(name) else { continue };
        let source = std::fs::read_to_string(&path).expect("a fixture is text");
        for end in (0..source.len()).step_by(STEP).filter(|end| source.is_char_boundary(*end)) {
            let (part, _) = source.split_at(end);
            let facts = extract(name, part.as_bytes(), language).expect("survived").facts;
            let prepared = PreparedFile::new(&facts);
            assert!(prepared.is_ok(), "{name} up to byte {end}: {:?}", prepared.err());
        }
        languages.push(language);
    }
    assert!(languages.contains(&Language::Java) && languages.contains(&Language::CSharp));
}

#[test]
fn definitions_and_types_that_nest_deep_or_stand_in_one_line_are_survived() {
    let depth = 2_000;
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(depth), close.repeat(depth));
    let members = "int a(B b) { return b.c(new D<E>(1), x -> x.f()); } ".repeat(20_000);
    let calls = format!("class A {{ void m() {{ {}; }} }}", nested("f(", ")"));
    let sums = format!("class A {{ int m() {{ return {}1; }} }}", "a.b() + ".repeat(50_000));
    for (language, lambda) in [(Language::Java, "->"), (Language::CSharp, "=>")] {
        let line = format!("class A {{ {} }}", members.replace("->", lambda));
        let generic = format!("class A {{ {} x; }}", nested("B<", ">").replace("<>", "<C>"));
        let lambdas =
            format!("class A {{ void m() {{ var x = {}1; }} }}", format!("a {lambda} ").repeat(depth));
        for source in [nested("class A { ", "}"), calls.clone(), sums.clone(), line, generic, lambdas] {
            let name = format!("deep.{}", language.endings().first().expect("an ending"));
            let start: String = source.chars().take(60).collect();
            let facts = extract(&name, source.as_bytes(), language).expect(&start).facts;
            assert!(PreparedFile::new(&facts).is_ok(), "{start}");
        }
    }
}
