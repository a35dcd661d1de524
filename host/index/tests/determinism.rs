//! The same path and bytes always give the same facts, on any thread, after any other file.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use codestrata_index::{Language, content_hash, extract};

const SOURCES: [(&str, &str); 2] =
    [("a.py", include_str!("fixtures/everything.py")), ("a.tsx", include_str!("fixtures/everything.tsx"))];

#[test]
fn facts_are_a_function_of_path_and_bytes() {
    for (path, source) in SOURCES {
        let language = Language::of_path(path).expect("a known ending");
        let first = extract(path, source.as_bytes(), language).expect("sound");
        let other = std::thread::spawn(move || {
            let _ = extract("other", b"def (((", Language::Python);
            extract(path, source.as_bytes(), language).expect("sound")
        });
        assert_eq!(first, other.join().expect("no panic"));
        assert_eq!(first.facts.hash, content_hash(source.as_bytes()));
    }
}

#[test]
fn ids_are_unique_and_positions_are_valid() {
    for (path, source) in SOURCES {
        let language = Language::of_path(path).expect("a known ending");
        let facts = extract(path, source.as_bytes(), language).expect("sound").facts;
        let ids: std::collections::HashSet<_> = facts.nodes.iter().map(|node| &node.id).collect();
        assert_eq!(ids.len(), facts.nodes.len());
        assert!(facts.references.iter().all(|it| (it.source as usize) < facts.nodes.len()));
        assert!(facts.references.iter().all(|it| it.span.start_byte < it.span.end_byte));
    }
}

#[test]
fn the_hash_is_xxh3_of_128_bits() {
    assert_eq!(content_hash(b""), "99aa06d3014798d86001c324468d497f");
}
