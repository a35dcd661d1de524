//! Files that are no index, or no whole one: refused with a reason, with nothing stored.

use codestrata::{ErrorKind, GraphStorage};
use codestrata_index::Unobserved;
use codestrata_index::scip::{ScipIndex, ScipLimits};
use protobuf::Message;
use scip::types::{Document, Occurrence};

use crate::index::{Bench, DEFINITION, described, document, index, seen, shop, user, views};

/// The error of an import, after looking that it left everything as it was.
async fn refused(bench: &Bench, bytes: &[u8]) -> codestrata::Error {
    let before = bench.storage.graph().graph_metadata("shop").await.unwrap();
    let error = bench.import_bytes(bytes).await.unwrap_err();
    assert_eq!(bench.storage.graph().graph_metadata("shop").await.unwrap(), before);
    assert!(error.help().is_some(), "{error}");
    error
}

async fn message_for(documents: Vec<Document>) -> String {
    let bytes = index(documents).write_to_bytes().unwrap();
    refused(&Bench::new(), &bytes).await.message().to_owned()
}

fn at(range: &[i32]) -> Occurrence {
    seen("a/f().", range, DEFINITION)
}

fn one(path: &str, occurrence: Occurrence) -> Vec<Document> {
    vec![document(path, vec![occurrence], vec![])]
}

/// Where the fields of an index end: cut there, it is a shorter index.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut rest = protobuf::CodedInputStream::from_bytes(bytes);
    let mut ends = Vec::new();
    while let Some(tag) = rest.read_raw_tag_or_eof().unwrap() {
        assert_eq!(tag & 7, 2);
        let _ = rest.read_bytes().unwrap();
        ends.push(usize::try_from(rest.pos()).unwrap());
    }
    ends
}

#[tokio::test]
async fn an_index_that_was_cut_off_is_refused_wherever_that_was() {
    let bytes = shop().write_to_bytes().unwrap();
    let ends = ends(&bytes);
    let bench = Bench::new();
    bench.import(&shop()).await;
    for length in 0..bytes.len() {
        let cut = &bytes[..length];
        if ends[1..].contains(&length) {
            // What an index holds is told by nothing but its end.
            continue;
        }
        let error = refused(&bench, cut).await;
        let expected = if length == ends[0] { "no document" } else { "byte " };
        assert!(error.message().contains(expected), "{length}: {error}");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{length}: {error}");
    }
}

#[tokio::test]
async fn random_damage_is_refused_or_read_and_never_worse() {
    let rounds: u64 = std::env::var("CODESTRATA_DAMAGE_ROUNDS").map_or(400, |rounds| rounds.parse().unwrap());
    let whole = shop().write_to_bytes().unwrap();
    let bench = Bench::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let mut refused = 0;
    for round in 0..rounds {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let place = random(bytes.len());
            match random(3) {
                0 => bytes[place] ^= 1 << random(8),
                1 => bytes[place] = u8::try_from(random(256)).unwrap(),
                _ => drop(bytes.drain(place..(place + random(8)).min(whole.len() - 1).max(place))),
            }
        }
        match bench.import_bytes(&bytes).await {
            Ok(_) => drop(bench.export().await),
            Err(error) => {
                refused += 1;
                let expected = [ErrorKind::InvalidArgument, ErrorKind::TooLarge, ErrorKind::Unsupported];
                assert!(expected.contains(&error.kind()), "round {round}: {error}");
            }
        }
    }
    assert!(refused > rounds / 4, "{refused} of {rounds}");
}

#[tokio::test]
async fn what_is_no_index_is_called_that() {
    let json = b"{\"metadata\":{\"repo_id\":\"shop\"}}\n";
    let zip = b"PK\x03\x04\x14\x00\x00\x00\x08\x00";
    for bytes in [&b""[..], json, zip, b"\x0a", b"\x00\x00\x00", &[0xff; 64], b"\n\n\n\n"] {
        let error = refused(&Bench::new(), bytes).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bytes:?}: {error}");
        assert!(error.message().starts_with("byte ") || error.message().contains("no document"), "{error}");
    }
}

#[tokio::test]
async fn a_length_is_not_believed_before_it_is_there() {
    let metadata = index(vec![]).write_to_bytes().unwrap();
    let varint = |number: u64| {
        let mut bytes = Vec::new();
        let mut rest = number;
        while rest >= 0x80 {
            bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        bytes.push(u8::try_from(rest).unwrap());
        bytes
    };
    for length in [1, 1 << 20, 1 << 40, 1 << 60, u64::MAX] {
        for field in [0x12_u8, 0x1a, 0x7a] {
            let bytes = [metadata.as_slice(), &[field], &varint(length)].concat();
            let error = refused(&Bench::new(), &bytes).await;
            assert!(error.message().contains("ends in the middle"), "{length}: {error}");
        }
    }
    // The same inside of a document: its occurrence is longer than it.
    let inner = [&[0x0a, 1, b'a', 0x12][..], &varint(1 << 60)].concat();
    let bytes = [metadata.as_slice(), &[0x12, u8::try_from(inner.len()).unwrap()], &inner].concat();
    assert!(refused(&Bench::new(), &bytes).await.message().contains("ends in the middle"));
    // A number that does not end.
    let bytes = [metadata.as_slice(), &[0x10], &[0xff; 11]].concat();
    assert!(refused(&Bench::new(), &bytes).await.message().contains("64 bits"));
}

#[tokio::test]
async fn groups_however_deep_are_refused() {
    let metadata = index(vec![]).write_to_bytes().unwrap();
    let deep = vec![0x23; 1_000_000];
    assert!(
        refused(&Bench::new(), &[metadata.as_slice(), &deep].concat()).await.message().contains("type 3")
    );
    // In a message that the library decodes.
    let occurrence = vec![0x4b; 100_000];
    let mut bytes = metadata;
    let mut document = vec![0x0a, 1, b'a', 0x12];
    let length = |length: usize| {
        [
            0x80 | u8::try_from(length & 0x7f).unwrap(),
            0x80 | u8::try_from(length >> 7 & 0x7f).unwrap(),
            u8::try_from(length >> 14).unwrap(),
        ]
    };
    document.extend(length(occurrence.len()));
    document.extend(occurrence);
    bytes.push(0x12);
    bytes.extend(length(document.len()));
    bytes.extend(document);
    assert_eq!(refused(&Bench::new(), &bytes).await.kind(), ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn a_path_must_lead_to_one_file_of_the_project() {
    for path in
        ["/etc/passwd", "../a.py", "a/../b.py", "./a.py", "a//b.py", "a/", "a\\b.py", "C:/a.py", "a\0b", ".."]
    {
        let message = message_for(one(path, at(&[0, 0, 1]))).await;
        assert!(message.contains("project's root"), "{path:?}: {message}");
    }
    assert!(message_for(one("", at(&[0, 0, 1]))).await.contains("no path"));
    let twice = message_for(vec![user(), views(), user()]).await;
    assert!(twice.contains("`user.py` stands at byte"), "{twice}");
}

#[tokio::test]
async fn a_range_must_be_one() {
    let wrong = [
        (&[][..], "no range"),
        (&[1], "1 numbers"),
        (&[1, 2, 3, 4, 5], "5 numbers"),
        (&[-1, 0, 1], "negative"),
        (&[0, i32::MIN, 1], "negative"),
        (&[4, 9, 8], "ends before"),
        (&[4, 0, 3, 0], "ends before"),
    ];
    for (range, expected) in wrong {
        let message = message_for(one("a.py", at(range))).await;
        assert!(message.contains(expected) && message.contains("a.py"), "{range:?}: {message}");
    }
    let mut enclosing = at(&[4, 0, 3]);
    enclosing.enclosing_range = vec![9, 5, 3];
    assert!(message_for(one("a.py", enclosing)).await.contains("ends before"));
    // As far as numbers go.
    let bench = Bench::new();
    bench.import(&index(one("a.py", at(&[i32::MAX, i32::MAX, i32::MAX, i32::MAX])))).await;
    bench.export().await;
}

#[tokio::test]
async fn what_is_not_utf_8_is_refused_where_it_counts_and_passed_over_elsewhere() {
    let whole = index(one("aaaa.py", at(&[0, 0, 1]))).write_to_bytes().unwrap();
    let damaged = |text: &[u8]| {
        let place = whole.windows(text.len()).position(|window| window == text).unwrap();
        let mut bytes = whole.clone();
        bytes[place] = 0xff;
        bytes
    };
    assert!(refused(&Bench::new(), &damaged(b"aaaa")).await.message().contains("the path of a document"));
    assert!(refused(&Bench::new(), &damaged(b"a/f")).await.message().contains("a symbol is not UTF-8"));
    // Words for people come in any bytes: scip-typescript cuts them in the middle of characters.
    let mut file = user();
    file.symbols[0].documentation = vec!["words words".to_owned()];
    file.occurrences[0].override_documentation = vec!["words words".to_owned()];
    let mut bytes = index(vec![file]).write_to_bytes().unwrap();
    for place in 0..bytes.len() {
        if bytes[place..].starts_with(b"words words") {
            bytes[place] = 0xff;
        }
    }
    Bench::new().import_bytes(&bytes).await.unwrap();
}

#[tokio::test]
async fn every_limit_is_kept_just_over_it() {
    type Set = fn(&mut ScipLimits, usize);
    let long = "x".repeat(200);
    let shop = shop();
    let largest = |sizes: &mut dyn Iterator<Item = usize>| sizes.max().unwrap();
    let size = |message: u64| usize::try_from(message).unwrap();
    let occurrences = || shop.documents.iter().flat_map(|document| &document.occurrences);
    let symbols = || shop.documents.iter().flat_map(|document| &document.symbols);
    let messages = occurrences().map(Message::compute_size).chain(symbols().map(Message::compute_size));
    let document = largest(&mut shop.documents.iter().map(|document| size(document.compute_size())));
    let message = largest(&mut messages.map(size));
    let symbol = largest(&mut occurrences().map(|occurrence| occurrence.symbol.len()));
    let cases: [(&str, usize, Set); 5] = [
        ("a document of", document, |limits, most| limits.document_bytes = u64::try_from(most).unwrap()),
        ("more documents", shop.documents.len(), |limits, most| limits.documents = most),
        // Those that are not local.
        ("more symbols", 8, |limits, most| limits.symbols = most),
        ("a symbol or name of", symbol, |limits, most| limits.symbol_bytes = most),
        ("the description of a symbol of", message, |limits, most| limits.message_bytes = most),
    ];
    for (expected, most, set) in cases {
        let mut bench = Bench::new();
        set(&mut bench.limits, most - 1);
        let error = refused(&bench, &shop.write_to_bytes().unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        assert!(error.message().contains(expected), "{expected}: {error}");
        set(&mut bench.limits, most);
        bench.import(&shop).await;
    }
    let mut bench = Bench::new();
    bench.limits.stored_bytes = 100;
    let error = refused(&bench, &shop.write_to_bytes().unwrap()).await;
    assert!(error.message().contains("facts of the index"), "{error}");
    let mut bench = Bench::new();
    bench.limits.symbol_bytes = 199;
    let error = refused(&bench, &index(one(&long, at(&[0, 0, 1]))).write_to_bytes().unwrap()).await;
    assert!(error.message().contains("200 bytes"), "{error}");
}

#[tokio::test]
async fn a_short_document_cannot_make_much_of_long_symbols() {
    let mut bench = Bench::new();
    bench.limits.facts_bytes = 1 << 20;
    // Two symbols, each of which is mentioned often in the other: the edges would repeat them.
    let name = format!("a/{}().", "x".repeat(10_000));
    let mut occurrences = vec![crate::index::defined(&name, &[0, 0, 1], &[0, 0, 9_999, 0])];
    occurrences.extend((1..500).map(|line| seen("a/g().", &[line, 0, 1], 0)));
    let bytes = index(vec![document("a.py", occurrences, vec![])]).write_to_bytes().unwrap();
    assert!(bytes.len() < 40_000);
    assert_eq!(refused(&bench, &bytes).await.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn an_id_that_another_file_has_is_refused() {
    let local = document("a.py", vec![seen("local 1", &[0, 0, 1], DEFINITION)], vec![]);
    let forged = document("b.py", vec![seen("a.py::local 1", &[0, 0, 1], DEFINITION)], vec![]);
    let message = message_for(vec![local, forged]).await;
    assert!(message.contains("a.py::local 1"), "{message}");
}

#[tokio::test]
async fn a_file_that_is_another_by_the_second_pass_is_noticed() {
    let bench = Bench::new();
    std::fs::write(bench.file(), shop().write_to_bytes().unwrap()).unwrap();
    let opened = ScipIndex::open(&bench.file(), ScipLimits::default(), &Unobserved).unwrap().unwrap();
    let mut bytes = shop().write_to_bytes().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    // In place, as a tool would that writes over it.
    std::io::Write::write_all(
        &mut std::fs::OpenOptions::new().write(true).open(bench.file()).unwrap(),
        &bytes,
    )
    .unwrap();
    let options = codestrata_index::scip::ScipOptions::new("shop");
    let error = opened.import(bench.storage.graph(), &options, &Unobserved).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}

#[tokio::test]
async fn a_pipe_is_not_waited_for() {
    let bench = Bench::new();
    let error = bench.import_file(bench.folder.path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let missing = bench.import_file(&bench.folder.path().join("nothing")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let _ = described;
}
