//! Guesses by the name of a member alone: which members may be meant behind a value of which nothing is known, and which
//! not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and its cases are one table"
)]

mod small_tree;

use codestrata::query::{DeadFilter, Doubt, Verdict};
use codestrata::{GraphStorage, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};
use small_tree::{REPOSITORY, indexed};

/// A tree of files, a function in it, and what its calls of members come to, as `target resolution`, sorted.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);

async fn calls_from(storage: &StorageManager, source: &str) -> Vec<String> {
    let graph = storage.graph().load_graph(REPOSITORY).await.unwrap().unwrap();
    let calls = graph.edges.into_iter().filter(|edge| edge.kind == "calls" && edge.source == source);
    let mut calls: Vec<String> = calls
        .map(|edge| format!("{} {}", edge.target, edge.attributes["resolution"].as_str().unwrap()))
        .collect();
    calls.sort();
    calls
}

async fn assert_calls(cases: &[Case<'_>]) {
    for (why, files, source, expected) in cases {
        assert_eq!(calls_from(&indexed(files).await, source).await, *expected, "{why}");
    }
}

#[tokio::test]
async fn a_function_that_needs_no_value_is_not_meant_behind_one() {
    assert_calls(&[
        (
            "Rust: no self",
            &[
                ("src/a.rs", "pub struct A;\nimpl A { pub fn plan(it: u8) {} }"),
                ("src/b.rs", "pub fn f() { g()[0].plan() }"),
            ],
            "src/b.rs::f",
            &["unresolved:*.plan unresolved", "unresolved:g unresolved"],
        ),
        (
            "Rust: one of two has a self, in whichever way",
            &[
                ("src/a.rs", "pub struct A;\nimpl A { pub fn plan() {} }"),
                ("src/c.rs", "pub struct C;\nimpl C { pub fn plan(self: Box<Self>) {} }"),
                ("src/b.rs", "pub fn f(x: &dyn Fn()) { (x.y)[0].plan() }"),
            ],
            "src/b.rs::f",
            &["src/c.rs::C.plan unique-name"],
        ),
        (
            "Java: static",
            &[
                ("A.java", "class A { public static void plan() {} }"),
                ("B.java", "class B { void f(Object[] o) { g().plan(); A.plan(); } }"),
            ],
            "B.java::B.f",
            &["A.java::A.plan import", "unresolved:*.plan unresolved", "unresolved:g unresolved"],
        ),
        (
            "C#: static",
            &[
                ("A.cs", "class A { public static void Plan() {} }"),
                ("B.cs", "class B { void F() { G()[0].Plan(); A.Plan(); } }"),
            ],
            "B.cs::B.F",
            &["A.cs::A.Plan import", "unresolved:*.Plan unresolved", "unresolved:G unresolved"],
        ),
        (
            "C++: static",
            &[
                ("a.hpp", "class A { public: static void plan() {} };"),
                ("b.cpp", "#include \"a.hpp\"\nvoid f() { g()->plan(); A::plan(); }"),
            ],
            "b.cpp::f",
            &["a.hpp::A.plan import", "unresolved:*.plan unresolved", "unresolved:g unresolved"],
        ),
        (
            "Go: a function is no method, and a method no function",
            &[
                ("p/a.go", "package p\ntype T struct{}\nfunc Plan() {}\nfunc (t *T) Draw() {}"),
                ("q/b.go", "package q\nfunc f() { g()[0].Plan(); Draw(); h()[0].Draw() }"),
            ],
            "q/b.go::f",
            &[
                "p/a.go::T.Draw unique-name",
                "unresolved:*.Plan unresolved",
                "unresolved:Draw unresolved",
                "unresolved:g unresolved",
                "unresolved:h unresolved",
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_cannot_be_seen_is_not_meant() {
    let rust: &[(&str, &str)] = &[
        ("a/src/lib.rs", "mod store;\nmod web;"),
        (
            "a/src/store.rs",
            "pub struct S;\nimpl S { fn hide(&self) {}\npub(crate) fn share(&self) {}\npub fn show(&self) {} }",
        ),
        ("a/src/store/deep.rs", "pub fn f() { g()[0].hide(); g()[0].share(); g()[0].show() }"),
        ("a/src/web.rs", "pub fn f() { g()[0].hide(); g()[0].share(); g()[0].show() }"),
        ("b/src/lib.rs", "pub fn f() { g()[0].hide(); g()[0].share(); g()[0].show() }"),
    ];
    let (hide, share, show) = (
        "a/src/store.rs::S.hide unique-name",
        "a/src/store.rs::S.share unique-name",
        "a/src/store.rs::S.show unique-name",
    );
    let (no_hide, no_share) = ("unresolved:*.hide unresolved", "unresolved:*.share unresolved");
    let g = "unresolved:g unresolved";
    let go: &[(&str, &str)] = &[
        ("p/a.go", "package p\ntype T struct{}\nfunc (t *T) hide() {}\nfunc (t *T) Show() {}"),
        ("p/b.go", "package p\nfunc f() { g()[0].hide(); g()[0].Show() }"),
        ("p/q/c.go", "package q\nfunc f() { g()[0].hide(); g()[0].Show() }"),
    ];
    let java: &[(&str, &str)] = &[
        (
            "p/A.java",
            "package p; class A { private void own() {} void near() {} protected void far() {}\nvoid f() { g()[0].own(); } }",
        ),
        ("p/B.java", "package p; class B { void f() { g()[0].own(); g()[0].near(); g()[0].far(); } }"),
        ("p/q/C.java", "package p.q; class C { void f() { g()[0].near(); g()[0].far(); } }"),
        ("p/I.java", "package p; interface I { void promise(); }"),
        ("p/q/D.java", "package p.q; class D { void f() { g()[0].promise(); } }"),
    ];
    let csharp: &[(&str, &str)] = &[
        (
            "A.cs",
            "partial class A { void Own() {} private void Told() {} internal void Far() {}\nvoid F() { G()[0].Own(); } }",
        ),
        ("A2.cs", "partial class A { void F2() { G()[0].Own(); G()[0].Told(); } }"),
        ("B.cs", "class B { void F() { G()[0].Own(); G()[0].Told(); G()[0].Far(); } }"),
        ("I.cs", "interface I { void Promise(); }\nclass D { void F() { G()[0].Promise(); } }"),
    ];
    let cpp: &[(&str, &str)] = &[
        (
            "a.hpp",
            "class A { void own() {}\npublic: void show() {}\nprotected: void kept() {}\nprivate: void told() {}\n\
             void f() { g()->own(); g()->told(); } };\nstruct S { void vault() {} };",
        ),
        ("b.cpp", "void f() { g()->own(); g()->show(); g()->told(); g()->vault(); }"),
    ];
    assert_calls(&[
        ("Rust: below its module", rust, "a/src/store/deep.rs::f", &[hide, share, show, g, g, g]),
        ("Rust: in its crate", rust, "a/src/web.rs::f", &[share, show, no_hide, g, g, g]),
        ("Rust: in another crate", rust, "b/src/lib.rs::f", &[show, no_hide, no_share, g, g, g]),
        (
            "Go: in its package",
            go,
            "p/b.go::f",
            &["p/a.go::T.Show unique-name", "p/a.go::T.hide unique-name", g, g],
        ),
        (
            "Go: below its package",
            go,
            "p/q/c.go::f",
            &["p/a.go::T.Show unique-name", "unresolved:*.hide unresolved", g, g],
        ),
        ("Java: in its file", java, "p/A.java::A.f", &["p/A.java::A.own unique-name", g]),
        (
            "Java: in its package",
            java,
            "p/B.java::B.f",
            &[
                "p/A.java::A.far unique-name",
                "p/A.java::A.near unique-name",
                "unresolved:*.own unresolved",
                g,
                g,
                g,
            ],
        ),
        (
            "Java: in another package",
            java,
            "p/q/C.java::C.f",
            &["p/A.java::A.far unique-name", "unresolved:*.near unresolved", g, g],
        ),
        (
            "Java: what an interface promises",
            java,
            "p/q/D.java::D.f",
            &["p/I.java::I.promise unique-name", g],
        ),
        ("C#: in its class", csharp, "A.cs::A.F", &["A.cs::A.Own unique-name", "unresolved:G unresolved"]),
        (
            "C#: in another part of its class",
            csharp,
            "A2.cs::A.F2",
            &[
                "A.cs::A.Own unique-name",
                "A.cs::A.Told unique-name",
                "unresolved:G unresolved",
                "unresolved:G unresolved",
            ],
        ),
        (
            "C#: in another class",
            csharp,
            "B.cs::B.F",
            &[
                "A.cs::A.Far unique-name",
                "unresolved:*.Own unresolved",
                "unresolved:*.Told unresolved",
                "unresolved:G unresolved",
                "unresolved:G unresolved",
                "unresolved:G unresolved",
            ],
        ),
        (
            "C#: what an interface promises",
            csharp,
            "I.cs::D.F",
            &["I.cs::I.Promise unique-name", "unresolved:G unresolved"],
        ),
        (
            "C++: in its class",
            cpp,
            "a.hpp::A.f",
            &["a.hpp::A.own unique-name", "a.hpp::A.told unique-name", g, g],
        ),
        (
            "C++: elsewhere",
            cpp,
            "b.cpp::f",
            &[
                "a.hpp::A.show unique-name",
                "a.hpp::S.vault unique-name",
                "unresolved:*.own unresolved",
                "unresolved:*.told unresolved",
                g,
                g,
                g,
                g,
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn names_that_values_of_the_language_have_are_not_guessed() {
    assert_calls(&[
        (
            "Rust",
            &[
                ("src/q.rs", "pub struct Q;\nimpl Q { pub fn unwrap(self) {} pub fn solve(&self) {} }"),
                ("src/b.rs", "use crate::q::Q;\npub fn f(q: Q) { g()[0].unwrap(); g()[0].solve(); q.unwrap() }"),
            ],
            "src/b.rs::f",
            &[
                "ambiguous:unwrap ambiguous",
                "src/q.rs::Q.solve unique-name",
                "src/q.rs::Q.unwrap import",
                "unresolved:g unresolved",
                "unresolved:g unresolved",
            ],
        ),
        (
            "Go",
            &[
                ("p/a.go", "package p\ntype E struct{}\nfunc (e *E) Error() string { return \"\" }"),
                ("p/b.go", "package p\nfunc f(e *E) { err := g(); err.Error(); e.Error() }"),
            ],
            "p/b.go::f",
            &["ambiguous:Error ambiguous", "p/a.go::E.Error import", "unresolved:g unresolved"],
        ),
        (
            "Java",
            &[("A.java", "class A { public int size() { return 1; }\nvoid f(A a) { g().size(); a.size(); } }")],
            "A.java::A.f",
            &["A.java::A.size exact", "ambiguous:size ambiguous", "unresolved:g unresolved"],
        ),
        (
            "C#",
            &[("A.cs", "class A { public bool StartsWith(int x) { return true; }\nvoid F(A a) { G()[0].StartsWith(1); a.StartsWith(1); } }")],
            "A.cs::A.F",
            &["A.cs::A.StartsWith exact", "ambiguous:StartsWith ambiguous", "unresolved:G unresolved"],
        ),
        (
            "C++",
            &[("a.cpp", "class A { public: const char* c_str() { return 0; } };\nvoid f(A a) { g()->c_str(); a.c_str(); }")],
            "a.cpp::f",
            &["a.cpp::A.c_str exact", "ambiguous:c_str ambiguous", "unresolved:g unresolved"],
        ),
        (
            "PHP",
            &[("a.php", "<?php class A { function getMessage() {} function solve() {} }\nfunction f($x) { $x->getMessage(); $x->solve(); }")],
            "a.php::f",
            &["a.php::A.solve unique-name", "ambiguous:getMessage ambiguous"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_extension_gives_way_to_what_the_type_has_itself() {
    let files: &[(&str, &str)] = &[
        (
            "E.cs",
            "namespace N {\n\
             static class Ext { public static bool StartsWith(this string s, char c) { return true; }\n\
             public static string Cut(this string s) { return s; }\n\
             public static int Go(this Own o, int c) { return 1; }\n\
             public static int Late(this Base o) { return 1; }\n\
             public static int Reach(this Outer o) { return 1; } }\n}",
        ),
        (
            "K.cs",
            "namespace N {\n\
             class Base { public int Up() { return 1; } }\n\
             class Own : Base { public int Go(string x) { return 1; } }\n\
             class K { private string d;\n\
             void Text(string p) { d.StartsWith(\"a\"); p.StartsWith('a'); }\n\
             void Cut(string p) { p.Cut(); }\n\
             void Instance(Own o) { o.Go(1); }\n\
             void Inherited(Own o) { o.Late(); }\n\
             void Library(Outer o) { o.Reach(); }\n\
             void Unknown() { G()[0].StartsWith(\"a\"); G()[0].Reach(); } }\n}",
        ),
    ];
    assert_calls(&[
        (
            "what a text has",
            files,
            "K.cs::K.Text",
            &["E.cs::Ext.StartsWith ambiguous", "E.cs::Ext.StartsWith ambiguous"],
        ),
        ("what a text has not", files, "K.cs::K.Cut", &["E.cs::Ext.Cut import"]),
        ("the type's own", files, "K.cs::K.Instance", &["K.cs::Own.Go exact"]),
        ("for a base", files, "K.cs::K.Inherited", &["E.cs::Ext.Late import"]),
        ("for a type of a library", files, "K.cs::K.Library", &["E.cs::Ext.Reach ambiguous"]),
        (
            "behind an unknown value",
            files,
            "K.cs::K.Unknown",
            &[
                "E.cs::Ext.Reach unique-name",
                "ambiguous:StartsWith ambiguous",
                "unresolved:G unresolved",
                "unresolved:G unresolved",
            ],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_longer_guessed_is_not_dead() {
    let storage = indexed(&[
        ("src/main.rs", "mod a;\nmod b;\nfn main() { let _ = a::Q; b::f() }"),
        (
            "src/a.rs",
            "pub(crate) struct Q;\nimpl Q { pub(crate) fn unwrap(&self) {}\nfn hide(&self) {}\nfn plan(it: u8) {}\n\
             fn unused(&self) {} }",
        ),
        ("src/b.rs", "pub(crate) fn f() { g()[0].unwrap(); g()[0].hide(); g()[0].plan() }"),
    ])
    .await;
    let filter = DeadFilter { verdicts: Verdict::ALL.into(), ..DeadFilter::default() };
    let (answer, _) = storage.query(REPOSITORY).dead(&filter, 100).await.unwrap();
    let doubts: Vec<_> = answer
        .results
        .into_iter()
        .map(|hit| (hit.node.id().to_string(), hit.doubt))
        .filter(|(id, _)| id.contains("Q."))
        .collect();
    let used = Some(Doubt::NameIsUsed);
    assert_eq!(
        doubts,
        [
            ("src/a.rs::Q.hide".to_owned(), used),
            ("src/a.rs::Q.plan".to_owned(), used),
            ("src/a.rs::Q.unused".to_owned(), None),
            ("src/a.rs::Q.unwrap".to_owned(), used),
        ]
    );
}

#[tokio::test]
async fn a_change_of_what_is_said_of_a_member_moves_the_guess() {
    let folder = tempfile::tempdir().unwrap();
    let storage = StorageManager::in_memory().unwrap();
    let options = IndexOptions::new(REPOSITORY, folder.path());
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/b.rs"), "pub fn f(x: u8) { [x][0].plan() }").unwrap();
    for (member, expected) in [
        ("pub fn plan(&self) {}", "src/a.rs::A.plan unique-name"),
        ("fn plan(&self) {}", "unresolved:*.plan unresolved"),
        ("pub(crate) fn plan(&self) {}", "src/a.rs::A.plan unique-name"),
        ("pub fn plan() {}", "unresolved:*.plan unresolved"),
        ("pub fn plan(&self) {} }\npub struct B;\nimpl B { pub fn plan() {}", "src/a.rs::A.plan unique-name"),
        ("fn plan(&self) {} }\npub struct B;\nimpl B { pub fn plan(&self) {}", "ambiguous:plan ambiguous"),
    ] {
        let text = format!("pub struct A;\nimpl A {{ {member} }}");
        std::fs::write(folder.path().join("src/a.rs"), text).unwrap();
        index_repository(storage.graph(), &options, &Unobserved).await.unwrap();
        assert_eq!(calls_from(&storage, "src/b.rs::f").await, [expected], "{member}");
    }
}
