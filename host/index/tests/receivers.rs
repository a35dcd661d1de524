//! What a member is looked for in: only as much as the source says.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use codestrata_index::{Language, extract};

fn last(source: &str, language: Language, node: &str) -> String {
    let facts = extract("a/file", source.as_bytes(), language).expect("sound").facts;
    rendering::references(&facts, node).pop().expect("a reference")
}

fn python(body: &str) -> String {
    let source = format!("from m import A\nimport n.o\nclass C:\n def own(self): pass\n{body}");
    last(&source, Language::Python, "t")
}

#[test]
fn python_variables_are_followed_to_their_class() {
    for (body, expected) in [
        ("def t(x: A): x.go()", "calls <m>:A.go"),
        ("def t(x: 'A'): x.go()", "calls <m>:A.go"),
        ("def t(x: Optional[A]): x.go()", "calls <m>:A.go"),
        ("def t(x: A | None = None): x.go()", "calls <m>:A.go"),
        ("def t(x: 'A | None'): x.go()", "calls <m>:A.go"),
        ("def t(x: C): x.own()", "calls C.own"),
        ("def t(x: C): x.inherited()", "calls [C].inherited"),
        ("def t(x: n.o.D): x.go()", "calls <n.o>.D.go"),
        ("def t(x: Union[A, None]): x.go()", "calls <m>:A.go"),
        ("def t(x: type[A]): x.go()", "calls <m>:A.go"),
        ("def t():\n x = A()\n x.go()", "calls <m>:A().go"),
        ("def t():\n x = None\n x = A()\n x.go()", "calls <m>:A().go"),
        ("def t():\n x = A() if A else None\n x.go()", "calls <m>:A().go"),
        ("def t(x):\n y = None or A()\n y.go()", "calls <m>:A().go"),
        ("def t():\n y = A()\n x = y\n x.go()", "calls <m>:A().go"),
        ("def t():\n x = C()\n x.own()", "calls C.own"),
        ("def t():\n if (x := A()): x.go()", "calls <m>:A().go"),
        ("def t(): A().go()", "calls <m>:A().go"),
        ("def t(x: list[A]): x[0].go()", "calls <m>:A.go"),
        ("def t(x: list[A]): x[1:][0].go()", "calls <m>:A.go"),
        ("def t(x: List['A']):\n for y in x: y.go()", "calls <m>:A.go"),
        ("def t(x: Iterator[A | None]): x.go()", "calls free Iterator.go"),
        ("def t(x: dict[str, A]): x['a'].go()", "calls <m>:A.go"),
        ("def t(x: dict[str, A]):\n for y in x.values(): y.go()", "calls <m>:A.go"),
        ("def t(x: Mapping[str, A]): x.get('a').go()", "calls <m>:A.go"),
        ("def t(x: tuple[A, ...]):\n for y in sorted(x): y.go()", "calls <m>:A.go"),
        ("def t(x: tuple[A, C]): x.go()", "calls free tuple.go"),
        ("def t(x: list[A]): x.pop()", "calls free list.pop"),
        ("def t(x: A): x[0].go()", "calls <m>:A.[].go"),
        ("def t():\n for x in A(): x.go()", "calls <m>:A().[*].go"),
        ("async def t(): (await A()).go()", "calls <m>:A().go"),
        ("def f(): pass\ndef t(): f().go()", "calls [f]().go"),
        ("def t(): make().go().stop()", "calls free make().go().stop"),
        ("def t():\n with A() as x: x.go()", "calls <m>:A().__enter__().go"),
        ("async def t():\n async with A() as x: x.go()", "calls <m>:A().__aenter__().go"),
        ("def t(): C.own()", "calls C.own"),
        ("def t(): n.o.f()", "calls <n.o>.f"),
        ("def t(): n.f()", "calls <n>.f"),
        ("type L = A[C]\ndef t(x: L): x.go()", "calls <m>:A.go"),
        // What is told of the thing without a name leads to each of the two.
        ("def t():\n x = A() or C()\n x.go()", "calls [t].{0}.go"),
    ] {
        assert_eq!(python(body), expected, "{body}");
    }
}

#[test]
fn python_variables_that_may_be_two_things_are_unknown() {
    for body in [
        "def t(x): x.go()",
        "def t(x: A | C): x.go()",
        "def t():\n x = A()\n x = C()\n x.go()",
        "def t():\n x = A()\n x = make()\n x.go()",
        "def t(x: A):\n x = make()\n x.go()",
        "def t():\n with A() as (x, y): x.go()",
        "def t(x): x[0].go()",
    ] {
        assert_eq!(python(body), "calls ?.go", "{body}");
    }
}

#[test]
fn python_self_means_the_class() {
    let class = |body: &str| {
        let source = format!(
            "from m import A, B\nclass C(B):\n def __init__(self, a: A):\n  self.a = a\n  self.n = make()\n def own(self): pass\n{body}"
        );
        last(&source, Language::Python, "C.t")
    };
    assert_eq!(class(" def t(self): self.own()"), "calls C.own");
    assert_eq!(class(" def t(this): this.own()"), "calls C.own");
    assert_eq!(class(" def t(self): self.other()"), "calls [C].other");
    assert_eq!(class(" def t(self): self.a.go()"), "calls <m>:A.go");
    assert_eq!(class(" def t(self): self.n.go()"), "calls free make().go");
    assert_eq!(class(" def t(self): self.own().go()"), "calls [C].own().go");
    assert_eq!(class(" def t(self): type(self).own()"), "calls C.own");
    assert_eq!(class(" @classmethod\n def t(cls): cls().own()"), "calls C.own");
    // A declared attribute is what it was declared, whatever is assigned to it.
    assert_eq!(class(" k: A\n def t(self):\n  self.k = make()\n  self.k.go()"), "calls <m>:A.go");
    assert_eq!(class(" def t(self):\n  self.k: A = make()\n  self.k.go()"), "calls <m>:A.go");
    assert_eq!(
        class(" def u(self): self.k = A()\n def t(self):\n  self.k = A()\n  self.k.go()"),
        "calls <m>:A().go"
    );
    assert_eq!(
        class(" def u(self): self.k = B()\n def t(self):\n  self.k = A()\n  self.k.go()"),
        "calls ?.go"
    );
    assert_eq!(class(" def t(self): super().t()"), "calls super[C].t");
    assert_eq!(class(" @classmethod\n def t(cls): cls.own()"), "calls C.own");
    assert_eq!(class(" @staticmethod\n def t(self): self.own()"), "calls ?.own");
    assert_eq!(class(" def t(self):\n  def u(): pass\n  [self.own() for x in y]"), "calls C.own");
}

#[test]
fn typescript_variables_are_followed_to_their_class() {
    let script = |body: &str| {
        let source =
            format!("import {{ A }} from './m'; import * as n from './n';\nclass C {{ own() {{}} }}\n{body}");
        last(&source, Language::TypeScript, "t")
    };
    assert_eq!(script("function t(x: A) { x.go() }"), "calls <./m>:A.go");
    assert_eq!(script("function t(x: A | undefined) { x?.go() }"), "calls <./m>:A.go");
    assert_eq!(script("function t(x: n.D<A>) { x!.go() }"), "calls <./n>.D.go");
    assert_eq!(script("function t() { const x = new C(); x.own() }"), "calls C.own");
    assert_eq!(script("function t() { new A().go() }"), "calls <./m>:A.go");
    assert_eq!(script("function t() { let x = new C(); x = make(); x.own() }"), "calls ?.own");
    assert_eq!(script("function t() { this.own() }"), "calls ?.own");
    assert_eq!(script("type L = A; function t(x: L) { x.go() }"), "calls <./m>:A.go");
    assert_eq!(script("function t<A>(x: A) { x.go() }"), "calls ?.go");
}

#[test]
fn what_a_pattern_takes_apart_is_read_as_a_member_of_the_whole() {
    let read = |body: &str| {
        let source = format!("import {{ A }} from './m';\nclass C {{ p = 1 }}\n{body}");
        let facts = extract("a.ts", source.as_bytes(), Language::TypeScript).expect("sound").facts;
        let accesses = facts.references.iter().filter(|reference| reference.kind == "accesses");
        accesses.map(|reference| rendering::render_target(&facts, &reference.target)).collect::<Vec<_>>()
    };
    for (body, expected) in [
        ("function t({ p: x }: C) {}", vec!["C.p"]),
        ("function t({ p = 1, ...x }: A) {}", vec!["<./m>:A.p"]),
        ("function t({ p: { q } }: A) {}", vec!["<./m>:A.p", "<./m>:A.p.q"]),
        ("function t([{ p }]) {}", vec!["?.p"]),
        ("function t(x: A) { let y; ({ 'p': y } = x) }", vec!["<./m>:A.p"]),
        ("const t = ({ p }) => 1", vec!["?.p"]),
        ("function t({ [A.k]: x, 0: y }) {}", vec!["<./m>:A.k"]),
    ] {
        assert_eq!(read(body), expected, "{body}");
    }
}
