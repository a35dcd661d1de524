//! What TypeScript variables hold, functions return and callbacks are given: what is said of them, and that calls through
//! them are found in other files.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;
mod small_tree;

use codestrata_index::{Language, extract};
use small_tree::{edges_to, indexed};

fn values(source: &str) -> Vec<String> {
    let source = format!("import {{ A, B }} from 'm'\n{source}");
    let facts = extract("a.ts", source.as_bytes(), Language::TypeScript).expect("sound").facts;
    rendering::values(&facts)
}

#[test]
fn annotations_and_assignments_say_what_variables_hold() {
    for (source, expected) in [
        ("const x: A = make()", "x = <m>:A()"),
        ("const x: A | undefined = make()", "x = <m>:A()"),
        ("const x = new A()", "x = <m>:A()"),
        ("const x = make() as A", "x = <m>:A()"),
        ("const x = A.make()", "x = <m>:A.make()"),
        ("const x = await A.make()", "x = <m>:A.make().await"),
        ("const x = null ?? new A()", "x = <m>:A()"),
        ("class C { x: A }", "C.x = <m>:A()"),
        ("class C { constructor(private x: A) {} }", "C.x = <m>:A()"),
        ("type T = A", "T = <m>:A"),
    ] {
        assert!(values(source).contains(&expected.to_owned()), "{source} says {:?}", values(source));
    }
}

#[test]
fn annotations_and_returns_say_what_functions_give() {
    for (source, expected) in [
        ("function f(): A {}", "f() = <m>:A()"),
        ("function f() { return new A() }", "f() = <m>:A()"),
        ("const f = () => new A()", "f() = <m>:A()"),
        ("async function f(): Promise<A> {}", "f().await = <m>:A()"),
        ("async function f() { return new A() }", "f().await = <m>:A()"),
        ("class C { f(): this {} }", "C.f() = receiver[C]"),
        ("class C { f() { return this } }", "C.f() = receiver[C]"),
        ("interface C { f(): this }", "C.f() = receiver[C]"),
        ("class C { get f(): A {} }", "C.f = <m>:A()"),
        ("let f: () => A", "f() = <m>:A()"),
    ] {
        assert_eq!(values(source), [expected], "{source}");
    }
}

#[test]
fn what_is_of_a_type_parameter_is_of_its_bound() {
    assert_eq!(values("function f<T extends A>(x: T): T {}"), ["f() = <m>:A()", "f.(0) = <m>:A()"]);
}

#[test]
fn functions_say_what_they_call_their_parameters_with() {
    for (source, expected) in [
        ("function f(go: (x: A) => void) {}", "f(0)(0) = <m>:A()"),
        ("function f(n: number, go?: (s: string, x: A) => void) {}", "f(1)(1) = <m>:A()"),
        ("function f(this: B, go: (this: B, x: A) => void) {}", "f(0)(0) = <m>:A()"),
        ("class C { constructor(go: (x: A) => void) {} }", "C.constructor(0)(0) = <m>:A()"),
    ] {
        let values: Vec<_> = values(source).iter().map(|value| value.replace(".(", "(")).collect();
        assert!(values.contains(&expected.to_owned()), "{source} says {values:?}");
    }
}

#[test]
fn what_is_not_one_thing_is_not_said() {
    for source in [
        "const x = [new A()]",
        "function f(x) { return x }",
        "function f(x) { if (x) return new A(); return new B() }",
        "function* f() { return new A() }",
        "function f(xs) { xs.map(() => { return new A() }) }",
    ] {
        assert!(values(source).is_empty(), "{source} says {:?}", values(source));
    }
}

const MODELS: &str = "
export class Client { get() {} }
export class Other { get() {} }
export const connect = (): Client => new Client()
export async function open(): Promise<Client> { return connect() }
export function each(go: (client: Client) => void) {}
export interface Shape { client: Client }
export namespace util { export function check() {} }
export interface Kind { get(): void }
export const Kind = (): Kind => null as any
export namespace Kind { export interface Base { all(): void } }
";

#[tokio::test]
async fn calls_through_values_are_found_in_other_files() {
    for (body, target) in [
        ("m.connect().get()", "Client.get"),
        ("const c = m.connect()\nc.get()", "Client.get"),
        ("async function f() { (await m.open()).get() }", "Client.get"),
        ("async function f() { const c = await m.open(); c.get() }", "Client.get"),
        ("m.each((c) => c.get())", "Client.get"),
        ("m.each(c => { c.get() })", "Client.get"),
        ("function f({ client }: m.Shape) { client.get() }", "Client.get"),
        ("function f(s: m.Shape) { const { client: c } = s; c.get() }", "Client.get"),
        ("function f(this: m.Client) { this.get() }", "Client.get"),
        ("function f<T extends m.Client>(c: T) { c.get() }", "Client.get"),
        ("m.util.check()", "util.check"),
        ("m.Kind().get()", "Kind.get"),
        ("function f(b: m.Kind.Base) { b.all() }", "Kind#3.Base.all"),
    ] {
        let app = format!("import * as m from './models'\n{body}\n");
        let storage = indexed(&[("models.ts", MODELS), ("app.ts", &app)]).await;
        let found = edges_to(&storage, "calls", &format!("models.ts::{target}")).await;
        let from_app: Vec<_> = found.iter().filter(|(source, _)| source.starts_with("app.ts")).collect();
        assert!(matches!(from_app.as_slice(), [(_, label)] if label == "import"), "{body}: {found:?}");
    }
}
