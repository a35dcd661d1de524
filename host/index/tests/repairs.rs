//! Syntax that the TypeScript grammar does not know costs no facts.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use codestrata_index::{Language, extract};

#[test]
fn overloads_without_semicolons_are_read() {
    let source = "
export const at: {
  <A>(index: number): (self: List<A>) => A
  /** The same, the other way round. */
  <A>(self: List<A>, index: number): A
  (self: string): string
} = dual(2, <A>(self: List<A>, index: number) => find(self, index))
export interface Box<in out A> extends List<A> {}
";
    let extraction = extract("a.ts", source.as_bytes(), Language::TypeScript).expect("read");
    assert!(!extraction.had_syntax_errors);
    let found = rendering::references(&extraction.facts, "at");
    assert_eq!(
        found,
        [
            "uses_type free List (variable)",
            "uses_type free List (variable)",
            "calls free dual",
            "uses_type free List (parameter)",
            "calls free find"
        ]
    );
    assert_eq!(rendering::references(&extraction.facts, "Box"), ["inherits free List"]);
}

#[test]
fn quoted_backticks_in_types_are_read() {
    let source = "type Missing = `write \\`class C\\``\nexport const run = () => go()\n";
    let extraction = extract("a.ts", source.as_bytes(), Language::TypeScript).expect("read");
    assert!(!extraction.had_syntax_errors);
    assert_eq!(rendering::references(&extraction.facts, "run"), ["calls free go"]);
}

#[test]
fn what_surrounds_an_error_is_still_found() {
    let source = b"def a(): b()\n\ndef ((:\n\nclass C:\n    def m(self): self.n()\n";
    let extraction = extract("a.py", source, Language::Python).expect("read");
    assert!(extraction.had_syntax_errors);
    assert_eq!(rendering::references(&extraction.facts, "a"), ["calls free b"]);
    assert_eq!(rendering::references(&extraction.facts, "C.m"), ["calls [C].n"]);
}
