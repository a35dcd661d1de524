//! What Python variables hold and functions return: what is said of them, and that calls through them are found in other
//! files.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;
mod small_tree;

use codestrata_index::{Language, extract};
use small_tree::{edges_to, import, indexed};

fn values(source: &str) -> Vec<String> {
    let source = format!("from m import A, B\n{source}");
    let facts = extract("a.py", source.as_bytes(), Language::Python).expect("sound").facts;
    rendering::values(&facts)
}

#[test]
fn annotations_and_assignments_say_what_variables_hold() {
    for (source, expected) in [
        ("X = A()", "X = <m>:A()"),
        ("X: A = make()", "X = <m>:A()"),
        ("X: 'A | None' = None", "X = <m>:A()"),
        ("X = A", "X = <m>:A"),
        ("class C: pass\nX = C()", "X = [C]()"),
        ("def f(): pass\nX = f().y", "X = [f]().y"),
        ("class C:\n x: A", "C.x = <m>:A()"),
        ("class C:\n def f(self): self.x = A()", "C.x = <m>:A()"),
        ("class C:\n def f(self, a: A): self.x = a", "C.x = <m>:A()"),
        ("X = f(A)[0].y", "X = free f().[].y"),
        ("class C:\n def f(self, a: A): self.x: B = a", "C.x = <m>:B()"),
        ("class C:\n x = None\n def f(self): self.x = A()", "C.x = <m>:A()"),
        ("class C:\n def g(self): pass\n def f(self): self.x = self.g()", "C.x = receiver[C].g()"),
    ] {
        assert_eq!(values(source), [expected], "{source}");
    }
}

#[test]
fn annotations_and_returns_say_what_functions_give() {
    for (source, expected) in [
        ("def f() -> A: pass", "f() = <m>:A()"),
        ("async def f() -> 'A': pass", "f() = <m>:A()"),
        ("def f() -> A: return B()", "f() = <m>:A()"),
        ("def f(): return A()", "f() = <m>:A()"),
        ("def f(x):\n if x: return None\n y = A()\n return y", "f() = <m>:A()"),
        ("def f(x: A): return x", "f() = <m>:A()"),
        ("def f(x=A()): return x", "f() = <m>:A()"),
        ("def f(x=None): return x or A()", "f() = <m>:A()"),
        ("def f():\n x = A()\n x = x.more()\n return x", "f() = <m>:A()"),
        ("def f(x: A): return copy.copy(x)", "f() = <m>:A()"),
        ("class C:\n def f(self): return super().f()", "C.f() = super[C].f()"),
        ("class C:\n def f(self): return self.__class__()", "C.f() = receiver[C]"),
        ("class C:\n @property\n def f(self) -> A: pass", "C.f = <m>:A()"),
        ("class C:\n @functools.cached_property\n def f(self): return A()", "C.f = <m>:A()"),
        ("class C:\n def f(self): return self", "C.f() = receiver[C]"),
        ("class C:\n def f(self) -> Self: pass", "C.f() = receiver[C]"),
        ("class C:\n def f(self: T) -> T: pass", "C.f() = receiver[C]"),
        ("class C:\n @classmethod\n def f(cls): return cls()", "C.f() = receiver[C]"),
        ("class C:\n @classmethod\n def f(cls) -> 'Self': pass", "C.f() = receiver[C]"),
        ("class C:\n @classmethod\n def f(cls: type[T]) -> T: pass", "C.f() = receiver[C]"),
        ("class C:\n @staticmethod\n def f(self): return C()", "C.f() = [C]()"),
        ("@contextmanager\ndef f() -> Iterator[A]: yield make()", "f().__enter__() = <m>:A()"),
        ("@contextlib.contextmanager\ndef f(): yield A()", "f().__enter__() = <m>:A()"),
        ("@asynccontextmanager\nasync def f() -> AsyncIterator[A]: yield", "f().__aenter__() = <m>:A()"),
    ] {
        assert_eq!(values(source), [expected], "{source}");
    }
}

#[test]
fn what_is_not_one_thing_is_not_said() {
    for source in [
        "X = A()\nX = B()",
        "X: A | B = A()",
        "def f(x): return x",
        "def f(x):\n if x: return A()\n return B()",
        "def f(): yield A()",
        "def f():\n  yield\n  return A()",
        "class C:\n def f(self): self.x = A()\n def g(self): self.x = B()",
    ] {
        assert!(values(source).is_empty(), "{source} says {:?}", values(source));
    }
}

#[test]
fn values_of_the_language_itself_are_said_to_be_such() {
    assert_eq!(values("X = ''"), ["X = local plain"]);
    assert_eq!(values("X = [A()]"), ["X = local []"]);
    assert_eq!(values("def f(): return f'{x}'"), ["f() = local plain"]);
    assert_eq!(values("class C:\n def f(self): self.x = {}"), ["C.x = local []"]);
}

#[test]
fn annotations_say_what_containers_hold() {
    assert_eq!(values("X: list[A] = []"), ["X.[] = <m>:A()", "X.[*] = <m>:A()"]);
    assert_eq!(values("def f() -> Iterator[A]: yield"), ["f().[] = <m>:A()", "f().[*] = <m>:A()"]);
    assert_eq!(
        values("X: dict[str, A] = {}"),
        ["X.[] = <m>:A()", "X.values().[*] = <m>:A()", "X.get() = <m>:A()"]
    );
}

const MODELS: &str = "class Client:\n def get(self): pass\n\nclass Other:\n def get(self): pass\n";

/// Which calls lead to `Client.get`, from a function `main` with this body that imports these names from `shared.py`.
async fn callers(shared: &str, names: &str, body: &str) -> Vec<(String, String)> {
    let shared = format!("from models import Client, Other\n{shared}");
    let user = format!("from shared import {names}\ndef main(x):\n {body}\n");
    let storage = indexed(&[("models.py", MODELS), ("shared.py", &shared), ("user.py", &user)]).await;
    edges_to(&storage, "calls", "models.py::Client.get").await
}

#[tokio::test]
async fn members_of_values_are_found_across_files() {
    for (shared, names, body) in [
        ("CLIENT = Client()", "CLIENT", "CLIENT.get()"),
        ("def connect() -> Client: ...", "connect", "connect().get()"),
        ("def connect(): return Client()", "connect", "client = connect()\n client.get()"),
        ("class View:\n client: Client", "View", "View().client.get()"),
        (
            "class Base:\n def __init__(self): self.client = Client()\nclass View(Base): pass",
            "View",
            "View().client.get()",
        ),
        ("class View:\n @property\n def client(self) -> Client: ...", "View", "View().client.get()"),
        (
            "class View:\n def client(self) -> Client: ...\n def same(self): return self",
            "View",
            "View().same().client().get()",
        ),
        (
            "@contextmanager\ndef opened() -> Iterator[Client]: ...",
            "opened",
            "with opened() as client: client.get()",
        ),
        ("class View:\n def __enter__(self): return Client()", "View", "with View() as client: client.get()"),
        ("CLIENTS: list[Client] = []", "CLIENTS", "for client in CLIENTS: client.get()"),
        (
            "class View:\n def clients(self) -> dict[str, Client]: ...",
            "View",
            "[client.get() for client in View().clients().values()]",
        ),
        ("async def connect() -> Client: ...", "connect", "(await connect()).get()"),
    ] {
        assert_eq!(callers(shared, names, body).await, [import("user.py::main")], "{shared}\n{body}");
    }
}

#[tokio::test]
async fn a_derived_class_is_what_its_inherited_method_returns() {
    let models = "class Base:\n def same(self): return self\n def get(self): pass\nclass Derived(Base):\n def get(self): pass\n";
    let user = "from models import Derived\ndef main():\n Derived().same().get()\n";
    let storage = indexed(&[("models.py", models), ("user.py", user)]).await;
    assert_eq!(edges_to(&storage, "calls", "models.py::Derived.get").await, [import("user.py::main")]);
}

#[tokio::test]
async fn what_a_package_outside_returns_is_not_guessed_by_name() {
    let user = "import requests\ndef main():\n requests.get('x').get()\n";
    let only = "class Client:\n def get(self): pass\n";
    let storage = indexed(&[("models.py", only), ("user.py", user)]).await;
    assert!(edges_to(&storage, "calls", "models.py::Client.get").await.is_empty());
}

#[tokio::test]
async fn a_package_of_the_name_of_another_one_is_not_that_one() {
    let files = [
        ("app/__init__.py", ""),
        ("app/json/__init__.py", "import json\ndef loads(x): return json.loads(x)\n"),
        ("app/zeroconf/__init__.py", "def start(): pass\n"),
        ("app/zeroconf/models.py", "import zeroconf\ndef main(): zeroconf.start()\n"),
        ("x/tool/__init__.py", "def start(): pass\n"),
        ("x/tool/models.py", "import tool\ndef main(): tool.start()\n"),
    ];
    let storage = indexed(&files).await;
    assert!(edges_to(&storage, "calls", "app/json/__init__.py::loads").await.is_empty());
    assert!(edges_to(&storage, "calls", "app/zeroconf/__init__.py::start").await.is_empty());
    // `x` is no package, so what it holds can be imported by its name.
    let tool = edges_to(&storage, "calls", "x/tool/__init__.py::start").await;
    assert_eq!(tool, [import("x/tool/models.py::main")]);
}

#[tokio::test]
async fn a_class_may_be_derived_from_an_imported_one_of_its_name() {
    let models = "class Form:\n def get(self): pass\n";
    let user =
        "from models import Form\nclass View(Form): pass\nclass Form(Form):\n def get(self): super().get()\n";
    let storage = indexed(&[("models.py", models), ("user.py", user)]).await;
    let bases = edges_to(&storage, "inherits", "models.py::Form").await;
    assert_eq!(bases, [import("user.py::Form"), import("user.py::View")]);
    let found = edges_to(&storage, "calls", "models.py::Form.get").await;
    assert_eq!(found, [import("user.py::Form.get")]);
}

#[tokio::test]
async fn super_of_a_class_starts_at_its_bases() {
    let models = "class A:\n def get(self): pass\nclass B(A):\n def get(self): pass\nclass C(B):\n \
        def get(self): super(B, self).get()\n def other(self): super(C, self).get()\n";
    let storage = indexed(&[("models.py", models)]).await;
    let exact = |source: &str| (source.to_owned(), "exact".to_owned());
    assert_eq!(edges_to(&storage, "calls", "models.py::A.get").await, [exact("models.py::C.get")]);
    assert_eq!(edges_to(&storage, "calls", "models.py::B.get").await, [exact("models.py::C.other")]);
}

#[tokio::test]
async fn a_name_that_every_object_has_is_not_guessed_to_be_that_of_one_class() {
    let files = [
        (
            "a.py",
            "class Named:\n def __init__(self, name):\n  self.__name__ = name\n  self.__own__ = name\n def __call__(self): pass\n",
        ),
        ("b.py", "def f(x): return x.__name__, x.__own__, x.__call__()\n"),
    ];
    let storage = indexed(&files).await;
    let set = ("a.py::Named.__init__".to_owned(), "exact".to_owned());
    assert_eq!(edges_to(&storage, "accesses", "a.py::Named.__name__").await, std::slice::from_ref(&set));
    assert_eq!(edges_to(&storage, "calls", "a.py::Named.__call__").await, []);
    let guessed = [set, ("b.py::f".to_owned(), "unique-name".to_owned())];
    assert_eq!(edges_to(&storage, "accesses", "a.py::Named.__own__").await, guessed);
}
