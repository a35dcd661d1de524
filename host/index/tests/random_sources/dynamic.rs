//! Random sources of Ruby and PHP.

use std::fmt::Write as _;

use super::{CLASSES, FUNCTIONS, METHODS, NAMESPACES, Random};

pub(super) fn ruby(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(40) {
        writeln!(text, "require{} '{}'", random.pick(&["", "_relative"]), random.pick(&["a", "b", "a/b"]))
            .unwrap();
    }
    for _ in 0..random.below(3) {
        let (module, class, base) = (random.pick(CLASSES), random.pick(CLASSES), random.pick(CLASSES));
        let (head, end) = match random.below(4) {
            0 => (format!("class {class} < {base}"), "end"),
            1 => (format!("module {module}; class {class} < {base}"), "end end"),
            2 => (format!("class {module}::{class} < ::{base}"), "end"),
            _ => (format!("module {class}"), "end"),
        };
        writeln!(text, "{head}").unwrap();
        if random.chance(40) {
            writeln!(text, "  include {}", random.pick(CLASSES)).unwrap();
        }
        for _ in 0..=random.below(2) {
            let own = if random.chance(25) { "self." } else { "" };
            writeln!(text, "  def {own}{}(x); {} end", random.pick(METHODS), ruby_body(random)).unwrap();
        }
        if random.chance(30) {
            writeln!(text, "  LIMIT = {}; attr_accessor :{}", random.pick(CLASSES), random.pick(METHODS))
                .unwrap();
        }
        writeln!(text, "{end}").unwrap();
    }
    for _ in 0..random.below(3) {
        writeln!(text, "def {}(x); {} end", random.pick(FUNCTIONS), ruby_body(random)).unwrap();
    }
    text
}

fn ruby_body(random: &mut Random) -> String {
    let (class, other, method) = (random.pick(CLASSES), random.pick(CLASSES), random.pick(METHODS));
    match random.below(8) {
        0 => format!("{class}.new.{method}"),
        1 => format!("{class}::{other}.{method}"),
        2 => format!("@y = {class}.new; @y.{method}"),
        3 => format!("x.{method}; LIMIT; {class}::LIMIT"),
        4 => format!("self.{method} = {method}"),
        5 => "super".to_owned(),
        6 => format!("y = ::{class}.new; y.{method}"),
        _ => random.pick(FUNCTIONS).to_owned(),
    }
}

pub(super) fn php(random: &mut Random) -> String {
    let mut text = "<?php\n".to_owned();
    if random.chance(70) {
        writeln!(text, "namespace {};", random.pick(NAMESPACES).replace('.', "\\")).unwrap();
    }
    for _ in 0..random.below(3) {
        let (namespace, class) = (random.pick(NAMESPACES).replace('.', "\\"), random.pick(CLASSES));
        let line = match random.below(4) {
            0 => format!("use function {namespace}\\{};", random.pick(FUNCTIONS)),
            1 => format!("use {namespace}\\{{{class}, {} as D}};", random.pick(CLASSES)),
            2 => format!("require __DIR__ . '/{}.php';", random.pick(&["a", "b", "p/b", "../a"])),
            _ => format!("use {namespace}\\{class};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let kind = random.pick(&["class", "class", "trait", "enum"]);
        let extends =
            if kind == "class" { format!("extends {} ", random.pick(CLASSES)) } else { String::new() };
        writeln!(text, "{kind} {} {extends}{{ const LIMIT = 1;", random.pick(CLASSES)).unwrap();
        if kind == "class" {
            writeln!(text, "use {}; private {} $y;", random.pick(CLASSES), random.pick(CLASSES)).unwrap();
        }
        for _ in 0..=random.below(2) {
            let (method, class, body) = (random.pick(METHODS), random.pick(CLASSES), php_body(random));
            writeln!(text, "function {method}({class} $x) {{ {body} }}").unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    for _ in 0..random.below(3) {
        let (function, body) = (random.pick(FUNCTIONS), php_body(random));
        writeln!(text, "function {function}(\\p\\{} $x) {{ {body} }}", random.pick(CLASSES)).unwrap();
    }
    text
}

fn php_body(random: &mut Random) -> String {
    let (class, method, function) = (random.pick(CLASSES), random.pick(METHODS), random.pick(FUNCTIONS));
    match random.below(8) {
        0 => format!("(new {class})->{method}();"),
        1 => format!("$this->y->{method}(); $this->{method}();"),
        2 => format!("$x->{method}(); $z->{method}();"),
        3 => format!("parent::{method}(); self::{method}();"),
        4 => format!("\\p\\{class}::{method}(); q\\{function}();"),
        5 => format!("{class}::LIMIT; LIMIT;"),
        _ => format!("{function}();"),
    }
}
