//! Random sources of C and C++, and headers of both.

use std::fmt::Write as _;

use super::{CLASSES, FUNCTIONS, METHODS, Random};

pub(super) fn c(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(3) {
        let header = random.pick(&["a.h", "lib/b.h", "b.h", "c.hpp", "stdio.h"]);
        writeln!(text, "#include \"{header}\"").unwrap();
    }
    let is_cpp = random.chance(50);
    if is_cpp {
        for _ in 0..random.below(3) {
            classes(&mut text, random);
        }
    }
    for _ in 0..random.below(3) {
        let name = random.pick(FUNCTIONS);
        let line = match random.below(4) {
            0 => format!("int {name}(void);"),
            1 => format!("#define {name}(x) run(x)"),
            2 => format!("struct {} {{ int {name}; }};", random.pick(CLASSES)),
            _ => format!("static int {name};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(4) {
        let fixed = if random.chance(30) { "static " } else { "" };
        let call = random.pick(FUNCTIONS);
        writeln!(text, "{fixed}int {}(struct A *x) {{ return {call}(x->g, x); }}", random.pick(FUNCTIONS))
            .unwrap();
    }
    text
}

fn classes(text: &mut String, random: &mut Random) {
    let (class, base, method) = (random.pick(CLASSES), random.pick(CLASSES), random.pick(METHODS));
    let space = random.pick(&["", "p", "p::q"]);
    if !space.is_empty() {
        writeln!(text, "namespace {space} {{").unwrap();
    }
    let other = random.pick(METHODS);
    let line = match random.below(7) {
        0 => format!(
            "class {class} : public {base} {{ public: void {method}(); int {other}() {{ {method}(); return f(); }} }};"
        ),
        1 => format!("void {class}::{method}() {{ this->{other}(); {base} b; b.{method}(); }}"),
        2 => format!("using namespace p; void f() {{ p::{class} x; x.{method}(); }}"),
        3 => format!("struct {class} {{ {base} held; void {method}() {{ held.{other}(); }} }};"),
        4 => format!(
            "class {class} : public {base} {{ {class}(); {class}(int x); static int {method}; {base}* held; }};"
        ),
        5 => format!("{class}::{class}() {{ {base} b(1); held->{other}(); new {class}(); {method}; }}"),
        _ => format!("template <class T> struct {class} {{ T x; }}; using {base} = {class}<int>;"),
    };
    writeln!(text, "{line}").unwrap();
    if !space.is_empty() {
        writeln!(text, "}}").unwrap();
    }
}
