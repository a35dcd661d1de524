//! What is a call and what is a base is decided by the syntax.

use codestrata_index::Language;
use codestrata_link_quality::Sites;

/// The names that are called, each with how it is written.
fn calls(text: &str, language: Language) -> Vec<String> {
    let sites = Sites::of(text, language).unwrap();
    let show = |site: &codestrata_link_quality::Site| {
        format!("{} {}", &text[site.place.start as usize..site.place.end as usize], site.spoken.as_str())
    };
    sites.calls.iter().map(show).collect()
}

fn bases(text: &str, language: Language) -> Vec<&str> {
    let sites = Sites::of(text, language).unwrap();
    sites.bases.iter().map(|site| &text[site.place.start as usize..site.place.end as usize]).collect()
}

#[test]
fn calls_of_python_stand_at_the_name_that_is_called() {
    let text = "@decorated\n@made()\ndef f():\n    self.a.b()\n    super().c()\n    (d)()\n    e[0]()\n    g()()\n    h().i()\n    j.k.l()\n    cls.m()\n";
    assert_eq!(
        calls(text, Language::Python),
        [
            "made f()",
            "b self.a.f()",
            "c super.f()",
            "super f()",
            "d f()",
            "g f()",
            "i g().f()",
            "h f()",
            "l a.b.f()",
            "m self.f()",
        ]
    );
}

#[test]
fn calls_of_typescript_stand_at_the_name_that_is_called() {
    let text = "class A extends B { constructor() { super(); super.x(); this.y(); this.z.w!() } }\n\
                new C<D>(); new e.F(); g?.h?.(); (i as any)(); t`x`; j<K>(); l()(); m[0]();\n";
    assert_eq!(
        calls(text, Language::TypeScript),
        [
            "super super()",
            "x super.f()",
            "y self.f()",
            "w self.a.f()",
            "C new F()",
            "F a.f()",
            "h a.f()",
            "i f()",
            "t f()",
            "j f()",
            "l f()",
        ]
    );
}

#[test]
fn elements_of_jsx_are_no_calls() {
    assert_eq!(calls("const a = <App run={go()} />\n", Language::Tsx), ["go f()"]);
}

#[test]
fn bases_are_names_and_not_their_arguments_or_calls() {
    let text = "class A(B, c.D, Generic[T], metaclass=M, *E): ...\nclass F(make(G)): ...\n";
    assert_eq!(bases(text, Language::Python), ["B", "D", "Generic"]);
    let text = "class A extends b.B<T> implements C, d.D {}\ninterface E extends F, G<H> {}\nclass I extends mixin(J) {}\n";
    assert_eq!(bases(text, Language::TypeScript), ["B", "C", "D", "F", "G"]);
    assert_eq!(bases("class A extends B {}\n", Language::JavaScript), ["B"]);
}

#[test]
fn deep_sources_are_read_without_recursion() {
    let text = format!("x = {}1{}\nf()\n", "(".repeat(20_000), ")".repeat(20_000));
    assert_eq!(calls(&text, Language::Python).last().map(String::as_str), Some("f f()"));
}
