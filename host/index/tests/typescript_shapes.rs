//! What types of TypeScript say that are more than a name, and what object literals and callbacks are: what is said of them,
//! and that calls through them are found, in other files and in their own.

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
fn types_without_a_name_say_what_leads_to_a_class() {
    for (source, expected) in [
        ("let x: A[]", "x.[*] = <m>:A()"),
        ("let x: ReadonlyArray<A> | undefined", "x.[*] = <m>:A()"),
        ("let x: Map<string, A>", "x.get() = <m>:A()"),
        ("const x = new Set<A>()", "x.[*] = <m>:A()"),
        ("let x: Record<string, A>", "x.[] = <m>:A()"),
        ("let x: { [key: string]: A }", "x.[] = <m>:A()"),
        ("let x: Readonly<Partial<A>>", "x = <m>:A()"),
        ("let x: A | B", "x.|0 = <m>:A()"),
        ("let x: A | string", "x = <m>:A()"),
        ("let x: A & B", "x.&1 = <m>:B()"),
        ("let x: (y: A) => B", "x.(0) = <m>:A()"),
        ("let x: (y: A) => B", "x() = <m>:B()"),
        ("let x: Promise<A>", "x.await = <m>:A()"),
        ("let x: ReturnType<typeof A.make>", "x = <m>:A.make()"),
        ("let x: Awaited<ReturnType<typeof A.make>>", "x = <m>:A.make().await"),
        ("let x: A['client']", "x = <m>:A.client"),
        ("type T = Partial<A>", "T = <m>:A"),
        ("type T = A | B", "T.|0 = <m>:A()"),
        ("type T = { x: A }", "T.x = <m>:A()"),
        ("function f(x: { y: A }) {}", "f.(0).y = <m>:A()"),
        ("function f(...x: A[]) {}", "f.(7) = <m>:A()"),
        ("function f(): { y: A } {}", "f().y = <m>:A()"),
        ("interface I { (x: A): B }", "I.(0) = <m>:A()"),
        ("interface I { (x: A): B }", "I() = <m>:B()"),
        ("function f(): A; function f(x: string): B; function f(x?: any): any {}", "f().|1 = <m>:B()"),
    ] {
        assert!(values(source).contains(&expected.to_owned()), "{source} says {:?}", values(source));
    }
}

#[test]
fn a_file_s_own_type_of_a_well_known_name_is_that_type() {
    assert_eq!(values("interface Map<K, V> {}\nlet x: Map<string, A>"), ["x = [Map]()"]);
}

#[test]
fn types_are_read_so_deep_and_no_deeper() {
    let nested = |depth: usize| format!("let x: {}A{}", "Promise<".repeat(depth), ">".repeat(depth));
    let leads = |depth| values(&nested(depth)).iter().any(|value| value.ends_with("= <m>:A()"));
    assert!(leads(8));
    assert!(!leads(9));
}

const MODELS: &str = "
export class Client { fetch() {} static make(): Client { return new Client() } }
export class Other { store() {} fetch() {} }
export type Api = Readonly<{ launch(): void; client: Client; nested: { dig(): void } }>
export type Both = Client & { extra(): void }
export type Handler = (client: Client) => void
export type Middleware = (client: Client, after: () => void) => Promise<void>
export type Any = Handler | Middleware | undefined
export interface Route { (handler: Any): Route; (path: string, handler: Any): Route; last(): void }
export class App { route!: Route; use(...handlers: Handler[]) {} }
export const api: Api = null as any
export const both: Both = null as any
export const frozen = Object.freeze({ thaw() {} })
export const constant = { step() {}, inner: { deep() {} } } as const
export const table = { client: new Client() } satisfies object
export const wide = { ...constant, own() {} }
export function opening() { return { shut() {}, client: new Client() } }
export async function opened() { return { shut() {} } }
export const making = () => ({ mend() {} })
export const clients: Client[] = []
export const named = new Map<string, Client>()
export const optional = { api } as { api?: Api }
export function all(): Promise<ReadonlyArray<Client>> { return null as any }
export function listen(options: { onClient: (client: Client) => void }) {}
function sign() {}
export const Jwt = { sign, verify: sign }
export type Same = ReturnType<typeof Client.make>
export const same: Same = null as any
export let either: Client | Client[]
export type Node = { kind(): void }
export const Node = { of(): Node { return null as any } }
";

const CALLS: &[(&str, &str)] = &[
    ("m.api.launch()", "Api.launch"),
    ("m.api.client.fetch()", "Client.fetch"),
    ("m.api.nested.dig()", "Api.nested.dig"),
    ("function f(api: m.Api) { api.launch() }", "Api.launch"),
    ("function f({ nested: { dig } }: m.Api, { client }: m.Api) { client.fetch() }", "Client.fetch"),
    ("m.both.fetch()", "Client.fetch"),
    ("m.both.extra()", "Both.extra"),
    ("function f(x: m.Client & { a: string }) { x.fetch() }", "Client.fetch"),
    ("m.frozen.thaw()", "frozen.thaw"),
    ("m.constant.step()", "constant.step"),
    ("m.constant.inner.deep()", "constant.inner.deep"),
    ("m.table.client.fetch()", "Client.fetch"),
    ("m.wide.own()", "wide.own"),
    ("m.wide.step()", "constant.step"),
    ("m.opening().shut()", "opening.shut"),
    ("const o = m.opening()\no.client.fetch()", "Client.fetch"),
    ("async function f() { (await m.opened()).shut() }", "opened.shut"),
    ("const { mend } = m.making()\nm.making().mend()", "making.mend"),
    ("m.Jwt.verify()", "Jwt.verify"),
    ("m.same.fetch()", "Client.fetch"),
    ("m.clients[0].fetch()", "Client.fetch"),
    ("for (const c of m.clients) { c.fetch() }", "Client.fetch"),
    ("const [c] = m.clients\nc.fetch()", "Client.fetch"),
    ("const [, ...rest] = m.clients\nrest[0].fetch()", "Client.fetch"),
    ("m.clients.forEach((c) => c.fetch())", "Client.fetch"),
    ("m.clients.filter((c) => true).map((c) => c.fetch())", "Client.fetch"),
    ("const c = m.clients.find((c) => true)\nc?.fetch()", "Client.fetch"),
    ("m.clients.reduce((sum, c) => { c.fetch(); return sum }, 0)", "Client.fetch"),
    ("m.named.get('a')!.fetch()", "Client.fetch"),
    ("for (const c of m.named.values()) { c.fetch() }", "Client.fetch"),
    ("m.named.forEach((c) => c.fetch())", "Client.fetch"),
    ("async function f() { for (const c of await m.all()) { c.fetch() } }", "Client.fetch"),
    ("m.all().then((cs) => cs[0].fetch())", "Client.fetch"),
    ("const app = new m.App()\napp.route((c) => c.fetch())", "Client.fetch"),
    ("const app = new m.App()\napp.route('/', (c) => { c.fetch() })", "Client.fetch"),
    ("const app = new m.App()\napp.route('/', (c) => {}).last()", "Route.last"),
    ("new m.App().use(async (c) => c.fetch())", "Client.fetch"),
    ("m.listen({ onClient: (c) => c.fetch() })", "Client.fetch"),
    ("m.listen({ onClient(c) { c.fetch() } })", "Client.fetch"),
    ("const h: m.Handler = (c) => c.fetch()", "Client.fetch"),
    ("const f = (): m.Handler => (c) => c.fetch()", "Client.fetch"),
    ("function f(): m.Handler { return (c) => c.fetch() }", "Client.fetch"),
    ("class K { on: m.Handler = (c) => c.fetch() }", "Client.fetch"),
    ("class K { held = new Map<string, m.Client>(); f() { this.held.get('a')!.fetch() } }", "Client.fetch"),
    ("class K { constructor(private held: m.Client[]) {} f() { this.held[0].fetch() } }", "Client.fetch"),
    ("function f(x: Omit<m.Client, 'a'>) { x.fetch() }", "Client.fetch"),
    ("function f(x: m.Api['client']) { x.fetch() }", "Client.fetch"),
    ("function f(x: { clients: m.Client[] }) { x.clients[0].fetch() }", "Client.fetch"),
    (
        "(m.optional.api as m.Api).launch; <m.Api>m.api\nconst a = <m.Api>JSON.parse('')\na.launch()",
        "Api.launch",
    ),
    ("function f(n: m.Node) { n.kind() }", "Node.kind"),
];

#[tokio::test]
async fn calls_through_types_and_literals_are_found_in_other_files() {
    for (body, target) in CALLS {
        let app = format!("import * as m from './models'\n{body}\n");
        let storage = indexed(&[("models.ts", MODELS), ("app.ts", &app)]).await;
        let found = edges_to(&storage, "calls", &format!("models.ts::{target}")).await;
        let from_app: Vec<_> = found.iter().filter(|(source, _)| source.starts_with("app.ts")).collect();
        assert!(matches!(from_app.as_slice(), [(_, label)] if label == "import"), "{body}: {found:?}");
    }
}

#[tokio::test]
async fn they_are_found_in_their_own_file_just_as_well() {
    for (body, target) in CALLS {
        let app = format!("{MODELS}\nfunction last() {{\n{}\n}}\n", body.replace("m.", ""));
        let storage = indexed(&[("app.ts", &app)]).await;
        let found = edges_to(&storage, "calls", &format!("app.ts::{target}")).await;
        let is_certain = |(_, label): &(String, String)| label == "exact" || label == "import";
        assert!(found.len() == 1 && found.iter().all(is_certain), "{body}: {found:?}");
    }
}

#[tokio::test]
async fn a_member_that_the_types_have_apart_is_not_passed_off_as_one_of_them() {
    for body in [
        "function f(x: m.Client | m.Other) { x.fetch() }",
        "function f(x: m.Client | Response) { x.fetch() }",
        "function f(x: any[]) { x[0].fetch() }",
        "m.clients.map((c) => 1)[0].fetch()",
    ] {
        let app = format!("import * as m from './models'\n{body}\n");
        let storage = indexed(&[("models.ts", MODELS), ("app.ts", &app)]).await;
        for target in ["Client.fetch", "Other.fetch"] {
            let found = edges_to(&storage, "calls", &format!("models.ts::{target}")).await;
            assert!(!found.iter().any(|(source, _)| source.starts_with("app.ts")), "{body}: {found:?}");
        }
    }
}

#[tokio::test]
async fn a_member_that_one_of_two_types_alone_has_is_meant() {
    let app = "import * as m from './models'\nfunction f(x: m.Client | m.Other) { x.store() }\n";
    let storage = indexed(&[("models.ts", MODELS), ("app.ts", app)]).await;
    let found = edges_to(&storage, "calls", "models.ts::Other.store").await;
    assert_eq!(found, [("app.ts::f".to_owned(), "import".to_owned())]);
}

#[tokio::test]
async fn types_that_are_made_of_each_other_end() {
    let source = "
export type T = T | U
export type U = T & V
export type V = Partial<V> | U[]
export const t: T = null as any
t.fetch(); t[0].fetch(); t((x) => x.fetch())
";
    let storage = indexed(&[("models.ts", MODELS), ("cycle.ts", source)]).await;
    let found = edges_to(&storage, "calls", "models.ts::Client.fetch").await;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_default_export_may_be_an_object() {
    let models = "export default { start() {}, inner: { stop() {} } }\n";
    let app = "import d from './models'\nd.start()\nd.inner.stop()\n";
    let storage = indexed(&[("models.ts", models), ("app.ts", app)]).await;
    for target in ["default.start", "default.inner.stop"] {
        let found = edges_to(&storage, "calls", &format!("models.ts::{target}")).await;
        assert_eq!(found, [("app.ts::<module>".to_owned(), "import".to_owned())], "{target}");
    }
}

#[tokio::test]
async fn a_name_alone_is_no_guess_where_the_language_or_a_property_has_it_too() {
    let models = "
export class Store { launch() {} toString() {} pick() {} }
export interface Options { pick: () => void }
";
    let app = "export function f(x) { x.launch(); x.toString(); x.pick(); ''.launch(); [x].launch(); `${x}`.launch() }\n";
    let storage = indexed(&[("models.ts", models), ("app.ts", app)]).await;
    for (member, expected) in [("launch", &["unique-name"][..]), ("toString", &[]), ("pick", &[])] {
        let found = edges_to(&storage, "calls", &format!("models.ts::Store.{member}")).await;
        let labels: Vec<_> = found.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, expected, "{member}");
    }
}
