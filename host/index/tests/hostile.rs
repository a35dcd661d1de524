//! No source makes the extraction panic, overflow the stack or run for long.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use codestrata_index::{Language, Problem, extract};

const DEPTH: usize = 100_000;

/// A guard against hanging and against quadratic time, not a figure: an unoptimised build on a busy machine takes some
/// seconds for the longest of these, an optimised one well under one.
const LIMIT: Duration = Duration::from_secs(300);

fn survive(name: &str, source: &str, language: Language) {
    let started = Instant::now();
    let outcome = extract(name, source.as_bytes(), language);
    if std::env::var_os("TIMES").is_some() {
        eprintln!("{name} {:?} {} {:?}", &source.get(..20), source.len(), started.elapsed());
    }
    assert!(started.elapsed() < LIMIT, "{name} took {:?}", started.elapsed());
    match outcome {
        Ok(extraction) => assert!(!extraction.facts.nodes.is_empty(), "{name}"),
        Err(problem) => assert_eq!(problem, Problem::TooComplex, "{name}"),
    }
}

#[test]
fn nesting_without_end_is_survived_in_every_language() {
    for language in Language::ALL {
        let name = format!("nested.{}", language.endings()[0]);
        for (open, middle, close) in
            [("(", "x", ")"), ("[", "x", "]"), ("f(", "x", ")"), ("{", "", "}"), ("a[", "0", "]")]
        {
            let closed = format!("{}{middle}{}", open.repeat(DEPTH), close.repeat(DEPTH));
            survive(&name, &closed, language);
            survive(&name, &open.repeat(DEPTH), language);
        }
    }
}

#[test]
fn long_chains_are_survived() {
    let chain = format!("x = a{}", ".b()".repeat(DEPTH));
    let sum = format!("x = 1{}", " + a.b".repeat(DEPTH));
    let members = format!("x = a{}", ".b".repeat(DEPTH));
    for language in Language::ALL {
        let name = format!("long.{}", language.endings()[0]);
        for source in [&chain, &sum, &members] {
            survive(&name, source, language);
        }
    }
}

#[test]
fn nested_definitions_types_and_patterns_are_survived() {
    let depth = 2_000;
    let functions: Vec<String> = (0..150).map(|it| format!("{}def f{it}(self):\n", " ".repeat(it))).collect();
    let functions = functions.concat();
    survive("functions.py", &format!("{functions}{}pass", " ".repeat(150)), Language::Python);
    let blocks = format!("{}{}", "function f(){".repeat(depth), "}".repeat(depth));
    survive("functions.js", &blocks, Language::JavaScript);
    let annotation = format!("x: {}int{} = 1", "list[".repeat(depth), "]".repeat(depth));
    survive("types.py", &annotation, Language::Python);
    let generic = format!("let x: {}T{};", "A<".repeat(depth), ">".repeat(depth));
    survive("types.ts", &generic, Language::TypeScript);
    let deep = format!("{}{}", "class A{static{function a(){x;".repeat(DEPTH / 20), "}}}".repeat(DEPTH / 20));
    survive("deep.js", &deep, Language::JavaScript);
    let pattern = format!("const {}x{} = y;", "[".repeat(depth), "]".repeat(depth));
    survive("pattern.js", &pattern, Language::JavaScript);
    let alias: Vec<String> = (0..depth).map(|it| format!("a{it} = a{}\n", it + 1)).collect();
    let alias = alias.concat();
    survive("alias.py", &format!("{alias}a0.x()"), Language::Python);
    survive("cycle.py", "a = b\nb = a\na.x()\nclass C(C): pass\nC.y()", Language::Python);
}

#[test]
fn imports_without_end_are_survived() {
    let nested = format!("use {}x{};", "a::{".repeat(DEPTH / 5), "}".repeat(DEPTH / 5));
    survive("nested.rs", &nested, Language::Rust);
    let wide = format!("use super::*;\nuse a::{{{}}};", "b::{c, d},".repeat(DEPTH / 10));
    survive("wide.rs", &wide, Language::Rust);
    let shadows = "let x = x.a(assert!(x.b(c::d())));".repeat(DEPTH / 10);
    survive("shadows.rs", &format!("fn f() {{ {shadows} }}"), Language::Rust);
    let shadows = "x := x.a(x.b());\n".repeat(DEPTH / 10);
    survive("shadows.go", &format!("package p\nfunc f() {{ {shadows} }}"), Language::Go);
    let methods = "func (x *T) m() { x.m() }\n".repeat(DEPTH / 10);
    survive("methods.go", &format!("package p\n{methods}"), Language::Go);
}

#[test]
fn what_c_and_cpp_nest_is_survived() {
    let depth = DEPTH / 4;
    for (open, middle, close) in [
        ("A<", "int", "> x;"),
        ("namespace a{", "int f(){g();}", "}"),
        ("struct A{", "int x;", "}x;"),
        ("template<class T>", "void f(T x){x.y();}", ""),
        ("*", "x", ";"),
        ("a::", "b", "();"),
        ("int (*", "x", ")(int);"),
        ("[]{", "f();", "}();"),
        ("#if A\n(\n", "", "#else\n)\n#endif\n"),
        ("LIB_API ", "int f(void)", "{"),
        ("#define A(x) f(", "\n", ")"),
        ("\"a\" X ", "", "/*"),
        ("void a::B::f(){f();}", "", ""),
        ("int a,*b;int f(a)int a;{return b->c;}", "", ""),
    ] {
        let source = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
        for name in ["nested.c", "nested.h", "nested.cpp"] {
            survive(name, &source, Language::of_path(name).expect("a known ending"));
        }
    }
}

#[test]
fn minified_files_are_survived() {
    let unit = "function a(b,c){var d=b.e(c),f=function(){return this.g(d)};return b?f():new h.I(c).j}k.l=a;";
    let minified = unit.repeat(3 * 1024 * 1024 / unit.len());
    survive("bundle.min.js", &minified, Language::JavaScript);
}

#[test]
fn garbage_is_survived_and_said_to_be_no_syntax() {
    let mut state = 0x9e37_79b9_u32;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let letters = b"(){}[]<>=:;,.'\"`\n\t #@*+-/\\ abcdefclassfunctionimport\xc3\xa9";
        letters[state as usize % (letters.len() - 2)] as char
    };
    let garbage: String = (0..200_000).map(|_| letter()).collect();
    for language in Language::ALL {
        survive(&format!("garbage.{}", language.endings()[0]), &garbage, language);
        // What stands before `<?php` is text to PHP.
        let opening = if language == Language::Php { "<?php " } else { "" };
        let broken = format!("{opening}def class ((( => }}{{");
        let extraction = extract("broken", broken.as_bytes(), language).expect("survived");
        assert!(extraction.had_syntax_errors);
    }
}

#[test]
fn text_that_is_not_utf8_is_a_problem_with_its_place() {
    let problem = extract("latin.py", b"x = '\xe9'", Language::Python).expect_err("not UTF-8");
    assert_eq!(problem, Problem::NotUtf8 { valid_bytes: 5 });
    assert!(problem.to_string().contains("byte 5"));
}

#[test]
fn empty_files_have_their_module() {
    for language in Language::ALL {
        let facts = extract("a/empty", b"", language).expect("an empty file is fine").facts;
        assert_eq!(facts.nodes.len(), 1);
        assert!(facts.references.is_empty());
    }
}
