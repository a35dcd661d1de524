//! Random small sources in every family of languages, over a small vocabulary, so that names collide, imports form
//! chains and cycles, and definitions move between files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod dynamic;
mod native;
mod shapes;

use std::fmt::Write as _;

/// A small generator of pseudo-random numbers (splitmix64), so that a seed is a whole test.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PYTHON: &[&str] = &[
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/a.py",
    "pkg/b.py",
    "pkg/sub/__init__.py",
    "pkg/sub/c.py",
    "pkg.py",
];
const SCRIPTS: &[&str] = &["a.ts", "b.ts", "lib/index.ts", "lib/a.ts", "lib/a.js", "lib/c.tsx"];
const GO: &[&str] =
    &["a.go", "b.go", "pkg/a.go", "pkg/b.go", "pkg/b_test.go", "pkg/sub/c.go", "lib/a.go", "lib/gen.go"];
const RUST: &[&str] = &[
    "src/lib.rs",
    "src/main.rs",
    "src/a.rs",
    "src/a/b.rs",
    "src/b/mod.rs",
    "src/b/a.rs",
    "tests/a.rs",
    "other/src/lib.rs",
];
const FOLDERS: &[&str] = &["example.com/x/pkg", "github.com/o/r/pkg/sub", "lib", "github.com/o/b", "os"];
const PLACES: &[&str] =
    &["crate", "crate::a", "crate::b", "super", "self::a", "super::a::b", "other", "a", "std::io"];
const JAVA: &[&str] = &["A.java", "p/A.java", "p/B.java", "p/q/C.java", "test/A.java"];
const CSHARP: &[&str] = &["A.cs", "A.Part.cs", "B.cs", "P/C.cs", "P/Q.cs"];
const RUBY: &[&str] = &["a.rb", "b.rb", "lib/a.rb", "lib/a/b.rb", "lib/c.rake"];
const PHP: &[&str] = &["a.php", "b.php", "src/a.php", "src/p/b.php", "src/p/c.php"];
const C: &[&str] = &["a.c", "b.c", "a.h", "lib/b.h", "lib/c.cpp", "lib/c.hpp"];
const NAMESPACES: &[&str] = &["p", "q", "p.q", "p.A"];
const MODULES: &[&str] = &["a", "b", "pkg", "pkg.a", "pkg.b", "pkg.sub", "pkg.sub.c", "os"];
const PATHS: &[&str] = &["./a", "./b", "./lib", "./lib/a", "../a", "./c", "react"];
const FUNCTIONS: &[&str] = &["f", "g", "h", "run"];
const CLASSES: &[&str] = &["A", "B", "C"];
const METHODS: &[&str] = &["go", "run", "stop"];

fn python(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(50) {
        writeln!(text, "from {} import A, B, f, v", random.pick(&["a", "b", "pkg.a", "pkg"])).unwrap();
    }
    for _ in 0..random.below(4) {
        let module = random.pick(MODULES);
        let name = if random.chance(50) { random.pick(FUNCTIONS) } else { random.pick(CLASSES) };
        let line = match random.below(6) {
            0 => format!("import {module}"),
            1 => format!("import {module} as {name}"),
            2 => format!("from {module} import *"),
            3 => format!("from . import {}", random.pick(&["a", "b", "c", "sub"])),
            4 => format!("from {module} import {name} as {}", random.pick(FUNCTIONS)),
            _ => format!("from {module} import {name}"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let base = if random.chance(60) { random.pick(CLASSES) } else { random.pick(&["pkg.A", "A.of(B)"]) };
        writeln!(text, "class {}({base}):", random.pick(CLASSES)).unwrap();
        for _ in 0..=random.below(2) {
            let (method, other) = (random.pick(METHODS), random.pick(METHODS));
            writeln!(text, "    def {method}(self, x: {}):", random.pick(CLASSES)).unwrap();
            let call = match random.below(9) {
                0 => format!("self.{other}()"),
                1 => format!("super().{other}()"),
                2 => format!("x.{other}()"),
                3 => format!("self.v.{other}()"),
                4 => format!("self.v = {}(); x.v.{other}().{method}()", random.pick(CLASSES)),
                5 => format!("return self.{other}().v"),
                6 => format!("return {}()", random.pick(CLASSES)),
                7 => format!("x.{other}().{method}(); return self"),
                _ => format!("y.{other}()"),
            };
            writeln!(text, "        {call}").unwrap();
        }
        if random.chance(40) {
            writeln!(text, "    v: {}", random.pick(CLASSES)).unwrap();
        }
    }
    if random.chance(40) {
        text.push_str(&python_branches(random));
    }
    if random.chance(40) {
        let value = random.pick(&[
            "A()",
            "B",
            "C().go()",
            "pkg.v",
            "a.v.run()",
            "f()",
            "g",
            "pkg.a.f().stop()",
            "[]",
            "'v'",
            "B | None",
        ]);
        writeln!(text, "v = {value}").unwrap();
    }
    for _ in 0..random.below(4) {
        let returned = random.pick(&["", "", " -> A", " -> B", " -> C"]);
        writeln!(text, "def {}(x: {}){returned}:", random.pick(FUNCTIONS), random.pick(CLASSES)).unwrap();
        if random.chance(70) {
            let (value, method) =
                (random.pick(&["f()", "v", "x.v", "A().v", "f().go()"]), random.pick(METHODS));
            writeln!(text, "    {value}.{method}()").unwrap();
        }
        let call = match random.below(12) {
            0 => format!("{}(x)", random.pick(FUNCTIONS)),
            1 => format!("{}().{}()", random.pick(CLASSES), random.pick(METHODS)),
            2 => format!("{}.{}(x)", random.pick(MODULES), random.pick(FUNCTIONS)),
            3 => format!("x.{}()", random.pick(METHODS)),
            4 => format!("v = {}(); v.{}()", random.pick(CLASSES), random.pick(METHODS)),
            5 => {
                format!("{}(x).{}().{}()", random.pick(FUNCTIONS), random.pick(METHODS), random.pick(METHODS))
            }
            6 => format!("{}.v.{}()", random.pick(MODULES), random.pick(METHODS)),
            7 => {
                format!("{}.{}().v.{}()", random.pick(MODULES), random.pick(FUNCTIONS), random.pick(METHODS))
            }
            8 => format!("v.{}(); return v", random.pick(METHODS)),
            9 => format!("return {}().{}()", random.pick(FUNCTIONS), random.pick(METHODS)),
            10 => format!("return {}()", random.pick(CLASSES)),
            _ => format!("return {}", random.pick(FUNCTIONS)),
        };
        writeln!(text, "    {call}").unwrap();
    }
    text
}

/// Names that stand for one thing or another, and what is said of those that `import *` brings.
fn python_branches(random: &mut Random) -> String {
    let (name, other) = (random.pick(FUNCTIONS), random.pick(FUNCTIONS));
    let (module, class) = (random.pick(MODULES), random.pick(CLASSES));
    match random.below(10) {
        0 => format!("try:\n    from {module} import {name}\nexcept E:\n    def {name}(x): {other}(x)\n"),
        1 => format!("try:\n    from {module} import {class}\nexcept E:\n    from pkg import {class}\n"),
        2 => format!("if x:\n    def {name}(x): pass\nelse:\n    def {name}(x): x.go()\n"),
        3 => format!("__all__ = ['{name}', '{class}']\n"),
        4 => format!("__all__ = []\n__all__ += ['{name}', 'v', '_h']\ndef _h(): pass\n"),
        5 => format!(
            "def {name}(x, {other}=None):\n    if x:\n        from {module} import {other}\n    {other}().go()\n"
        ),
        6 => format!(
            "def {name}(x):\n    try:\n        from {module} import {class}\n    except E:\n        from a import {class}\n    \
             y = {class}(); y.go(); {class}.run()\n"
        ),
        7 => format!(
            "def {name}(x):\n    y = {class}() if x else {}()\n    y.go(); y.v.run()\n",
            random.pick(CLASSES)
        ),
        8 => format!("({class} if x else {other})().go()\nv = {other}() or {module}.v\nv.run()\n"),
        _ => format!(
            "def {name}(x=''):\n    if isinstance(x, {class}): x.go()\n    x.run(); _h(); keep({other})\n"
        ),
    }
}

fn script(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(4) {
        let path = random.pick(PATHS);
        let name = if random.chance(50) { random.pick(FUNCTIONS) } else { random.pick(CLASSES) };
        let line = match random.below(6) {
            0 => format!("import * as {name} from '{path}';"),
            1 => format!("export * from '{path}';"),
            2 => format!("export {{ {name} }} from '{path}';"),
            3 => format!("import {name} from '{path}';"),
            _ => format!("import {{ {name} }} from '{path}';"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let call = match random.below(3) {
            0 => format!("this.{}();", random.pick(METHODS)),
            1 => format!("super.{}();", random.pick(METHODS)),
            _ => format!("new {}().{}();", random.pick(CLASSES), random.pick(METHODS)),
        };
        writeln!(
            text,
            "export class {} extends {} {{ {}() {{ {call} }} }}",
            random.pick(CLASSES),
            random.pick(CLASSES),
            random.pick(METHODS)
        )
        .unwrap();
    }
    for _ in 0..random.below(3) {
        let exported = if random.chance(70) { "export " } else { "" };
        let call = match random.below(3) {
            0 => format!("{}();", random.pick(FUNCTIONS)),
            1 => format!("x.{}();", random.pick(METHODS)),
            _ => format!("{}.{}();", random.pick(CLASSES), random.pick(FUNCTIONS)),
        };
        writeln!(
            text,
            "{exported}function {}(x: {}) {{ {call} }}",
            random.pick(FUNCTIONS),
            random.pick(CLASSES)
        )
        .unwrap();
    }
    for _ in 0..random.below(4) {
        writeln!(text, "{}", shapes::shape(random)).unwrap();
    }
    text
}

fn go(random: &mut Random) -> String {
    let package = random.pick(&["a", "b", "b_test", "main"]);
    let mut text = format!("package {package}\n");
    for _ in 0..random.below(3) {
        let alias = random.pick(&["", ". ", "_ ", "pkg ", "f "]);
        writeln!(text, "import {alias}\"{}\"", random.pick(FOLDERS)).unwrap();
    }
    for _ in 0..random.below(3) {
        let (name, base) = (random.pick(CLASSES), random.pick(&["A", "*B", "pkg.C", "sub.A"]));
        let kind = random.pick(&["struct", "interface"]);
        let base = if kind == "interface" { base.trim_start_matches('*') } else { base };
        writeln!(text, "type {name} {kind} {{ {base} }}").unwrap();
    }
    for _ in 0..random.below(5) {
        let receiver = format!("(x *{}) ", random.pick(CLASSES));
        let is_method = random.chance(50);
        let receiver = if is_method { receiver.as_str() } else { "" };
        let name = random.pick(if is_method { METHODS } else { FUNCTIONS });
        let call = match random.below(6) {
            0 => format!("{}()", random.pick(FUNCTIONS)),
            1 => format!("x.{}()", random.pick(METHODS)),
            2 => format!("pkg.{}()", random.pick(FUNCTIONS)),
            3 => format!("v := {}{{}}; v.{}()", random.pick(CLASSES), random.pick(METHODS)),
            4 => format!("v := &pkg.{}{{}}; v.{}()", random.pick(CLASSES), random.pick(METHODS)),
            _ => format!("y.{}()", random.pick(METHODS)),
        };
        writeln!(text, "func {receiver}{name}() {{ {call} }}").unwrap();
    }
    text
}

fn rust(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(4) {
        let place = random.pick(PLACES);
        let name = if random.chance(50) { random.pick(FUNCTIONS) } else { random.pick(CLASSES) };
        let public = if random.chance(50) { "pub " } else { "" };
        let line = match random.below(5) {
            0 => format!("{public}use {place}::*;"),
            1 => format!("mod {};", random.pick(&["a", "b"])),
            2 => format!("{public}use {place}::{name} as {};", random.pick(FUNCTIONS)),
            3 => format!("use {place}::{{self, {name}}};"),
            _ => format!("{public}use {place}::{name};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..random.below(3) {
        let kind =
            random.pick(&["struct A;", "struct B { x: crate::A }", "trait C: super::B {}", "enum A { B }"]);
        writeln!(text, "{kind}").unwrap();
    }
    for _ in 0..random.below(3) {
        let held = format!(
            "impl {} {{",
            random.pick(&["A", "B", "C for A", "super::A", "crate::a::B", "a::C for B"])
        );
        let opening = if random.chance(20) { "mod m { use super::*;" } else { "" };
        let (method, other) = (random.pick(METHODS), random.pick(METHODS));
        let closing = if opening.is_empty() { "" } else { "}" };
        writeln!(
            text,
            "{opening} {held} fn {method}(&self) {{ self.{other}(); Self::{other}(); }} }} {closing}"
        )
        .unwrap();
    }
    for _ in 0..random.below(4) {
        let call = match random.below(6) {
            0 => format!("{}()", random.pick(FUNCTIONS)),
            1 => format!("{}::new().{}()", random.pick(CLASSES), random.pick(METHODS)),
            2 => format!("{}::{}()", random.pick(PLACES), random.pick(FUNCTIONS)),
            3 => format!("x.{}()", random.pick(METHODS)),
            4 => format!("{}!({}())", random.pick(FUNCTIONS), random.pick(FUNCTIONS)),
            _ => format!("let v = crate::{} {{}}; v.{}()", random.pick(CLASSES), random.pick(METHODS)),
        };
        let parameter = random.pick(CLASSES);
        writeln!(text, "pub fn {}(x: &{parameter}) {{ {call} }}", random.pick(FUNCTIONS)).unwrap();
    }
    if random.chance(20) {
        writeln!(text, "#[macro_export] macro_rules! {} {{ () => {{}} }}", random.pick(FUNCTIONS)).unwrap();
    }
    text
}

/// What stands in a method of Java and of C#.
fn curly_body(random: &mut Random) -> String {
    let (class, method) = (random.pick(CLASSES), random.pick(METHODS));
    match random.below(8) {
        0 => format!("{method}();"),
        1 => format!("this.{method}();"),
        2 => format!("x.{method}();"),
        3 => format!("y.{method}();"),
        4 => format!("new {class}().{method}();"),
        5 => format!("{}.{class}.{method}();", random.pick(NAMESPACES)),
        6 => format!("var z = new {class}(); z.x.{method}();"),
        _ => format!("{class}.{method}();"),
    }
}

fn java(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(80) {
        writeln!(text, "package {};", random.pick(NAMESPACES)).unwrap();
    }
    for _ in 0..random.below(3) {
        let (namespace, class, method) =
            (random.pick(NAMESPACES), random.pick(CLASSES), random.pick(METHODS));
        let line = match random.below(4) {
            0 => format!("import {namespace}.*;"),
            1 => format!("import static {namespace}.{class}.{method};"),
            2 => format!("import static {namespace}.{class}.*;"),
            _ => format!("import {namespace}.{class};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..=random.below(2) {
        let (class, base) = (random.pick(CLASSES), random.pick(CLASSES));
        writeln!(text, "class {class} extends {base} {{ {} x;", random.pick(CLASSES)).unwrap();
        for _ in 0..=random.below(2) {
            let body = curly_body(random);
            writeln!(text, "void {}({} y) {{ {body} }}", random.pick(METHODS), random.pick(CLASSES)).unwrap();
        }
        if random.chance(30) {
            let body = curly_body(random);
            writeln!(text, "class {} {{ void go() {{ {body} }} }}", random.pick(CLASSES)).unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    text
}

fn csharp(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(3) {
        let (namespace, class) = (random.pick(NAMESPACES), random.pick(CLASSES));
        let line = match random.below(3) {
            0 => format!("using {namespace};"),
            1 => format!("using static {namespace}.{class};"),
            _ => format!("using {} = {namespace}.{class};", random.pick(CLASSES)),
        };
        writeln!(text, "{line}").unwrap();
    }
    for _ in 0..=random.below(2) {
        writeln!(text, "namespace {} {{", random.pick(NAMESPACES)).unwrap();
        for _ in 0..=random.below(2) {
            let (class, base) = (random.pick(CLASSES), random.pick(CLASSES));
            writeln!(text, "partial class {class} : {base} {{ {} x;", random.pick(CLASSES)).unwrap();
            let (body, this) = (curly_body(random), if random.chance(30) { "this " } else { "" });
            let (method, class) = (random.pick(METHODS), random.pick(CLASSES));
            writeln!(text, "void {method}({this}{class} y) {{ {body} }} }}").unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    text
}

/// The files of one family of languages, and how their text is made.
pub(crate) struct Family {
    pub(crate) paths: &'static [&'static str],
    pub(crate) text: fn(&mut Random) -> String,
    pub(crate) comment: &'static str,
    /// How many of a hundred edits concern it.
    pub(crate) share: usize,
}

pub(crate) const FAMILIES: &[Family] = &[
    Family { paths: PYTHON, text: python, comment: "# moved down\n", share: 30 },
    Family { paths: SCRIPTS, text: script, comment: "// moved down\n", share: 20 },
    Family { paths: GO, text: go, comment: "// moved down\n", share: 25 },
    Family { paths: JAVA, text: java, comment: "// moved down\n", share: 20 },
    Family { paths: CSHARP, text: csharp, comment: "// moved down\n", share: 20 },
    Family { paths: RUBY, text: dynamic::ruby, comment: "# moved down\n", share: 20 },
    Family { paths: PHP, text: dynamic::php, comment: "// moved down\n", share: 20 },
    Family { paths: C, text: native::c, comment: "// moved down\n", share: 25 },
    Family { paths: RUST, text: rust, comment: "// moved down\n", share: 25 },
];

pub(crate) fn family(random: &mut Random) -> &'static Family {
    let mut left = random.below(FAMILIES.iter().map(|family| family.share).sum());
    for family in FAMILIES {
        match left.checked_sub(family.share) {
            Some(rest) => left = rest,
            None => return family,
        }
    }
    &FAMILIES[0]
}
