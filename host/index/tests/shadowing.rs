//! A local name never means the global or imported thing of the same name.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use codestrata_index::{Language, extract};

fn calls(source: &str, language: Language, node: &str) -> Vec<String> {
    let facts = extract("a/file", source.as_bytes(), language).expect("sound").facts;
    let mut found = rendering::references(&facts, node);
    found.retain(|it| it.starts_with("calls"));
    found
}

fn python(body: &str) -> Vec<String> {
    let source = format!("from m import f\ndef g(): pass\n{body}");
    calls(&source, Language::Python, "t")
}

fn javascript(body: &str) -> Vec<String> {
    let source = format!("import {{ f }} from './m';\nfunction g() {{}}\n{body}");
    calls(&source, Language::JavaScript, "t")
}

#[test]
fn unshadowed_names_mean_what_the_file_binds() {
    assert_eq!(python("def t(): f(); g(); h()"), ["calls <m>:f", "calls g", "calls free h"]);
    assert_eq!(javascript("function t() { f(); g(); h() }"), ["calls <./m>:f", "calls g", "calls free h"]);
}

#[test]
fn python_binds_for_the_whole_function() {
    for body in [
        "def t(f): f()",
        "def t(*f): f()",
        "def t(**f): f()",
        "def t(f=1): f()",
        "def t():\n f()\n f = 1",
        "def t():\n for f in x: f()",
        "def t():\n for (a, [f, *b]) in x: f()",
        "def t():\n with x as f: f()",
        "def t():\n with x as (a, f): f()",
        "def t():\n try: pass\n except E as f: f()",
        "def t():\n if (f := 1): f()",
        "def t():\n f += 1\n f()",
        "def t(x):\n match x:\n  case [f]: f()",
        "def t(x):\n match x:\n  case C(a=f): f()",
        "def t(): return [f() for f in x]",
        "def t(): return {f(): 1 for k, f in x}",
        "def t(): return lambda f: f()",
        "def t():\n a, f = 1, 2\n f()",
    ] {
        assert_eq!(python(body), ["calls local f"], "{body}");
    }
}

#[test]
fn python_scopes_end_where_the_language_says() {
    assert_eq!(python("def t():\n [f for f in x]\n f()"), ["calls <m>:f"]);
    assert_eq!(python("def t():\n [f for a in f()]"), ["calls <m>:f"]);
    assert_eq!(python("def t():\n global f\n f = 1\n f()"), ["calls <m>:f"]);
    assert_eq!(python("def t(g):\n f(a=g)\n"), ["calls <m>:f"]);
    // A method does not see the names of its class.
    assert_eq!(
        calls("def g(): pass\nclass C:\n def g(self): pass\n def t(self): g()", Language::Python, "C.t"),
        ["calls g"]
    );
    // A nested function sees those of the function around it.
    assert_eq!(calls("def t(g):\n def u(): g()\n", Language::Python, "t.u"), ["calls local g"]);
    // `nonlocal` assigns to them.
    let nonlocal = "def g(): pass\ndef t():\n g = 1\n def u():\n  nonlocal g\n  g = 2\n  g()";
    assert_eq!(calls(nonlocal, Language::Python, "t.u"), ["calls local g"]);
}

#[test]
fn javascript_binds_by_its_own_rules() {
    for body in [
        "function t(f) { f() }",
        "function t({ a: [f] }) { f() }",
        "function t(...f) { f() }",
        "function t(f = 1) { f() }",
        "function t() { f(); var f }",
        "function t() { f(); if (a) { var f } }",
        "function t() { const f = 1; f() }",
        "function t() { let { f } = a; f() }",
        "function t() { for (const f of a) f() }",
        "function t() { for (let f = 0;;) f() }",
        "function t() { try {} catch (f) { f() } }",
        "function t() { return a.b = f => f() }",
        "function t() { a.b = function f() { f() } }",
    ] {
        assert_eq!(javascript(body), ["calls local f"], "{body}");
    }
    assert_eq!(javascript("function t() { { let f } f() }"), ["calls <./m>:f"]);
    assert_eq!(javascript("function t() { { let g = 1 } g() }"), ["calls g"]);
    assert_eq!(javascript("function t() { f(); function f() {} }"), ["calls t.f"]);
}
