//! C and C++ as they are found: headers of both under one ending, and macros that no grammar can know.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use codestrata_index::{Language, extract};

fn nodes(path: &str, source: &str) -> Vec<String> {
    let language = Language::of_path(path).expect("a known ending");
    let extraction = extract(path, source.as_bytes(), language).expect("sound");
    assert!(!extraction.had_syntax_errors, "{source}");
    rendering::ids(&extraction.facts).split_off(1)
}

#[test]
fn a_header_is_cpp_when_its_lines_begin_as_only_those_of_cpp_do() {
    for (source, expected) in [
        ("class A { void f(); };", &["class A", "method A.f"][..]),
        ("namespace n {\nint f();\n}", &["namespace n", "function n.f"]),
        ("template <class T>\nstruct A { T x; };", &["struct A", "variable A.x"]),
        ("struct A {\n public:\n  void f();\n};", &["struct A", "method A.f"]),
        ("void f(std::string x);", &["function f"]),
        ("using A = int;", &["type A"]),
        ("/* class A */ struct A { void (*f)(void); };", &["struct A", "variable A.f"]),
        ("/*\n class A {\n*/\nint f(int class, int new);", &["function f"]),
        ("// namespace n\nint template;", &["variable template"]),
    ] {
        assert_eq!(nodes("a.h", source), expected, "{source}");
    }
}

#[test]
fn macros_that_only_a_compiler_needs_are_passed_over() {
    for (path, source, expected) in [
        ("a.h", "LIB_API int f(void);\nLIB_API const char *g(int x);", &["function f", "function g"][..]),
        ("a.h", "extern int LIB_CALL f(int x);\nint g(struct a FAR *x);", &["function f", "function g"]),
        ("a.h", "int f OF((int a, char *b));", &["function f"]),
        (
            "a.c",
            "local int f(int a) { return a; }\nlocal size g(int a) { return a; }",
            &["function f", "function g"],
        ),
        ("a.hpp", "class LIB_API A {\n public:\n  int f();\n};", &["class A", "method A.f"]),
        ("a.hpp", "struct LIB_ALIGN(8) A final { int x; };", &["struct A", "variable A.x"]),
        ("a.hpp", "LIB_BEGIN\nLIB_API void f();\nLIB_END", &["function f"]),
        (
            "a.hpp",
            "class A {\n  int f() REQUIRES(m);\n  Lock l GUARDED_BY(m);\n};",
            &["class A", "method A.f", "variable A.l"],
        ),
        // A function whose name is in capitals is none.
        ("a.hpp", "class LIB_API A {\n  static A OK() { return A(); }\n};", &["class A", "method A.OK"]),
        (
            "a.h",
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void);\n#ifdef __cplusplus\n}\n#endif",
            &["function f"],
        ),
        ("a.c", "#ifdef A\nint f(int a) {\n#else\nint f(long a) {\n#endif\n  return a;\n}", &["function f"]),
        (
            "a.c",
            "#define F(a) \\\n  (g(a), /* why */ \\\n   h(a))\nint f(void) { return F(1); }",
            &["function F", "function f"],
        ),
        ("a.hpp", "LIB_COMPARE(less, <)\nLIB_COMPARE(more, >)\nvoid f();", &["function f"]),
        ("a.cc", "const char* f() { return PREFIX \"a\"; }", &["function f"]),
    ] {
        assert_eq!(nodes(path, source), expected, "{source}");
    }
}

#[test]
fn a_function_for_each_condition_is_one_function_in_c_and_an_overload_is_another_in_cpp() {
    let source = "#ifdef A\nint f(int a) { return g(); }\n#else\nint f(long a) { return h(); }\n#endif";
    assert_eq!(nodes("a.c", source), ["function f"]);
    assert_eq!(nodes("a.cc", source), ["function f", "function f#2"]);
    let same = source.replace("long", "int");
    assert_eq!(nodes("a.cc", &same), ["function f"]);
}

#[test]
fn an_include_has_a_bounded_number_of_meanings() {
    let path = format!("{}a.c", "folder/".repeat(50));
    let facts = extract(&path, b"#include \"x.h\"", Language::C).expect("sound").facts;
    assert_eq!(facts.imports[0].candidates.len(), 24);
    assert_eq!(facts.imports[0].candidates[0], path.replace("a.c", "x.h"));
    let facts = extract("a.c", b"#include \"../x.h\"\n#include <stdio.h>", Language::C).expect("sound").facts;
    assert!(facts.imports.iter().all(|import| !import.candidates.contains(&"stdio.h".to_owned())));
}

#[test]
fn a_file_opens_a_bounded_number_of_namespaces() {
    let source = (0..200).map(|number| format!("using namespace n{number};\n"));
    let source = source.collect::<Vec<_>>().concat();
    let facts = extract("a.cc", source.as_bytes(), Language::Cpp).expect("sound").facts;
    assert_eq!(facts.imports.len(), 100);
}
