//! Names in Python that stand for one thing or another, or for something else than they look like: branches, decorators
//! and bases of the same name, `import *`.

mod small_tree;

use codestrata::GraphStorage as _;
use codestrata::query::OrderEnd;
use small_tree::{REPOSITORY, edges_to, import, indexed};

fn found(source: &str, how: &str) -> Vec<(String, String)> {
    vec![(source.to_owned(), how.to_owned())]
}

/// How the calls of `f` in `user.py::main` are labelled that lead to a node of this id.
async fn calls(files: &[(&str, &str)], target: &str) -> Vec<(String, String)> {
    edges_to(&indexed(files).await, "calls", target).await
}

#[tokio::test]
async fn a_function_that_may_be_imported_instead_is_ambiguous() {
    let user = "from shared import f\ndef main(): f()\n";
    for shared in [
        "try:\n from outside import f\nexcept ImportError:\n def f(): pass\n",
        "try:\n from fast import f\nexcept ImportError:\n def f(): pass\n",
        "if x:\n def f(): pass\nelse:\n from outside import f\n",
        "def f(): pass\ntry:\n from outside import f\nexcept ImportError: pass\n",
        "if x:\n def f(): pass\nelif y:\n def f(): pass\n",
        "def f(): pass\nif x:\n def f(): pass\n",
    ] {
        let own = format!("{shared}def own(): f()\n");
        let storage =
            indexed(&[("fast.py", "def f(): pass\n"), ("shared.py", &own), ("user.py", user)]).await;
        let graph = storage.graph().load_graph(REPOSITORY).await.unwrap().unwrap();
        let of_f = graph.edges.iter().filter(|edge| edge.kind == "calls");
        let labels: Vec<_> = of_f.map(|edge| edge.attributes["resolution"].as_str().unwrap()).collect();
        assert_eq!(labels, ["ambiguous", "ambiguous"], "{shared}");
    }
}

#[tokio::test]
async fn a_definition_that_takes_the_place_of_another_is_certain() {
    let user = "from shared import f\ndef main(): f()\n";
    for (shared, target) in [
        ("def f(): pass\n", "shared.py::f"),
        ("f = None\ndef f(): pass\n", "shared.py::f#2"),
        ("try:\n def f(): pass\nexcept E:\n f = None\n", "shared.py::f"),
        ("if x:\n def f(): pass\n", "shared.py::f"),
        ("def f(): pass\ndef f(): pass\n", "shared.py::f#2"),
        ("if x:\n def f(): pass\n def f(): pass\n", "shared.py::f#2"),
        ("if x:\n def f(): pass\ndef f(): pass\n", "shared.py::f#2"),
        ("try:\n from fast import f\nexcept ImportError:\n f = None\n", "fast.py::f"),
        ("try:\n from fast import f\nexcept ImportError:\n from fast import f\n", "fast.py::f"),
        // What type checkers see is not another thing than what is run.
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from fast import f\nelse:\n f = late('f')\n",
            "fast.py::f",
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from fast import f\nelse:\n from slow import f\n",
            "fast.py::f",
        ),
        (
            "import typing as t\nif t.TYPE_CHECKING:\n def f(): pass\nelse:\n def f(): pass\n",
            "shared.py::f#2",
        ),
        (
            "import typing as t\nif t.TYPE_CHECKING:\n def f(): pass\nif not t.TYPE_CHECKING:\n def f(): pass\n",
            "shared.py::f#2",
        ),
    ] {
        let slow = ("slow.py", "def f(): pass\n");
        let files = [("fast.py", "def f(): pass\n"), slow, ("shared.py", shared), ("user.py", user)];
        assert_eq!(calls(&files, target).await, [import("user.py::main")], "{shared}");
    }
}

#[tokio::test]
async fn one_of_several_imports_is_ambiguous_and_the_first_that_is_found() {
    let modules = [("fast.py", "def f(): pass\n"), ("slow.py", "def f(): pass\n")];
    for (shared, target) in [
        ("try:\n from fast import f\nexcept ImportError:\n from slow import f\n", "fast.py::f"),
        ("try:\n from outside import f\nexcept ImportError:\n from slow import f\n", "slow.py::f"),
        ("if x:\n from slow import f\nelse:\n from fast import f\n", "slow.py::f"),
    ] {
        let own = format!("{shared}def own(): f()\n");
        let again = "from shared import f\n";
        let user = "from again import f\ndef main():\n f()\n f()\n";
        let files = [&modules[..], &[("shared.py", &own), ("again.py", again), ("user.py", user)]].concat();
        let all = calls(&files, target).await;
        assert_eq!(
            all,
            [
                found("shared.py::own", "ambiguous"),
                found("user.py::main", "ambiguous"),
                found("user.py::main", "ambiguous")
            ]
            .concat(),
            "{shared}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_a_branch_defines_anew_is_ambiguous() {
    let source = "def main(f=None):\n if f is None:\n  def f(): pass\n f()\n";
    assert_eq!(calls(&[("a.py", source)], "a.py::main.f").await, found("a.py::main", "ambiguous"));
    let certain = "def main(f=None):\n def f(): pass\n f()\n";
    assert_eq!(calls(&[("a.py", certain)], "a.py::main.f").await, found("a.py::main", "exact"));
}

#[tokio::test]
async fn a_parameter_that_a_branch_imports_anew_is_ambiguous() {
    let lib = ("lib.py", "def f(): pass\nclass A:\n def run(self): pass\n");
    for source in [
        "def main(f=None):\n if f is None:\n  from lib import f\n f()\n",
        "def main(f=None):\n try:\n  from lib import f\n except ImportError: pass\n f()\n",
        "def main(f=None):\n if f is None:\n  from lib import f as g, f\n return f()\n",
    ] {
        assert_eq!(
            calls(&[lib, ("a.py", source)], "lib.py::f").await,
            found("a.py::main", "ambiguous"),
            "{source}"
        );
    }
    let source = "def main(A=None):\n if A is None:\n  from lib import A\n a = A()\n a.run()\n";
    let storage = indexed(&[lib, ("a.py", source)]).await;
    assert_eq!(edges_to(&storage, "instantiates", "lib.py::A").await, found("a.py::main", "ambiguous"));
    assert_eq!(edges_to(&storage, "calls", "lib.py::A.run").await, found("a.py::main", "ambiguous"));
    for certain in [
        "def main(f=None):\n from lib import f\n f()\n",
        "def main(f=None):\n if f is None:\n  pass\n from lib import f\n f()\n",
        "def main():\n if x:\n  from lib import f\n f()\n",
        "def main(g=None):\n if g is None:\n  from lib import f\n f()\n",
    ] {
        assert_eq!(calls(&[lib, ("a.py", certain)], "lib.py::f").await, [import("a.py::main")], "{certain}");
    }
}

#[tokio::test]
async fn one_of_several_imports_in_a_function_is_ambiguous_too() {
    let modules = [("fast.py", "def f(): pass\n"), ("slow.py", "def f(): pass\n")];
    for (source, target, label) in [
        (
            "try:\n  from fast import f\n except ImportError:\n  from slow import f\n",
            "fast.py::f",
            "ambiguous",
        ),
        (
            "try:\n  from outside import f\n except ImportError:\n  from slow import f\n",
            "slow.py::f",
            "ambiguous",
        ),
        ("if x:\n  from slow import f\n else:\n  from slow import f\n", "slow.py::f", "import"),
        ("from fast import f\n from slow import f\n", "slow.py::f", "import"),
    ] {
        let source = format!("def main():\n {source} f()\n");
        let files = [&modules[..], &[("a.py", source.as_str())]].concat();
        assert_eq!(calls(&files, target).await, found("a.py::main", label), "{source}");
    }
}

#[tokio::test]
async fn a_name_is_not_the_definition_that_it_decorates_or_that_it_is_a_base_of() {
    let source = "class C:\n @property\n def property(self): pass\n def list(self, x=list()) -> set: pass\n \
        def set(self) -> set: pass\n def user(self): self.list()\n";
    let storage = indexed(&[("a.py", source)]).await;
    assert!(edges_to(&storage, "calls", "a.py::C.property").await.is_empty());
    assert_eq!(edges_to(&storage, "calls", "a.py::C.list").await, found("a.py::C.user", "exact"));
    assert!(edges_to(&storage, "uses_type", "a.py::C.set").await.is_empty());
    let source = "class A: pass\nclass A(A): pass\nclass B:\n class A(A): pass\n";
    let storage = indexed(&[("a.py", source)]).await;
    assert_eq!(edges_to(&storage, "inherits", "a.py::A").await, found("a.py::A#2", "exact"));
    assert_eq!(edges_to(&storage, "inherits", "a.py::A#2").await, found("a.py::B.A", "exact"));
}

#[tokio::test]
async fn a_star_brings_what_the_module_says() {
    let files = |all: &str| {
        let models = format!("{all}def f(): pass\ndef _g(): pass\n");
        [
            ("models.py", models),
            ("user.py", "from models import *\ndef main():\n f()\n _g()\n keep(f)\n".to_owned()),
        ]
    };
    for (all, has_f, has_g) in [
        ("", true, false),
        ("__all__ = ['f']\n", true, false),
        ("__all__ = ('_g',)\n", false, true),
        ("__all__ = ['_g']\n__all__ += ['f']\n", true, true),
        ("__all__ = []\n__all__.append('f')\n__all__.extend(['_g'])\n", true, true),
        // What is computed says nothing.
        ("__all__ = names()\n", true, false),
        ("__all__ = ['_g'] + names()\n", true, false),
        ("__all__ = ['_g']\n__all__.remove('_g')\n", true, false),
    ] {
        let files = files(all);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let storage = indexed(&files).await;
        let expected = |is: bool| if is { vec![import("user.py::main")] } else { Vec::new() };
        assert_eq!(edges_to(&storage, "calls", "models.py::f").await, expected(has_f), "{all}");
        assert_eq!(edges_to(&storage, "calls", "models.py::_g").await, expected(has_g), "{all}");
        assert_eq!(edges_to(&storage, "accesses", "models.py::f").await, expected(has_f), "{all}");
    }
}

#[tokio::test]
async fn a_star_of_a_star_brings_what_both_say() {
    let inner = "__all__ = ['f', 'g']\ndef f(): pass\ndef g(): pass\ndef h(): pass\n";
    let outer = "from inner import *\n__all__ = ['f', 'h']\n";
    let user = "from outer import *\ndef main():\n f()\n g()\n h()\n";
    let storage = indexed(&[("inner.py", inner), ("outer.py", outer), ("user.py", user)]).await;
    assert_eq!(edges_to(&storage, "calls", "inner.py::f").await, [import("user.py::main")]);
    assert!(edges_to(&storage, "calls", "inner.py::g").await.is_empty());
    assert!(edges_to(&storage, "calls", "inner.py::h").await.is_empty());
}

#[tokio::test]
async fn names_that_every_file_knows_are_no_values_of_a_star() {
    let user = "from outside import *\ndef main(): keep(len, other)\n";
    let storage = indexed(&[("user.py", user)]).await;
    assert!(edges_to(&storage, "accesses", "unresolved:len").await.is_empty());
    assert_eq!(
        edges_to(&storage, "accesses", "unresolved:other").await,
        found("user.py::main", "unresolved")
    );
}

#[tokio::test]
async fn a_method_that_lists_have_too_is_not_guessed() {
    let source = "class C:\n def append(self): pass\n def attach(self): pass\ndef main(x):\n x.append()\n x.attach()\n";
    let storage = indexed(&[("a.py", source)]).await;
    assert!(edges_to(&storage, "calls", "a.py::C.append").await.is_empty());
    assert_eq!(edges_to(&storage, "calls", "ambiguous:append").await, found("a.py::main", "ambiguous"));
    assert_eq!(edges_to(&storage, "calls", "a.py::C.attach").await, found("a.py::main", "unique-name"));
}

#[tokio::test]
async fn a_class_with_a_computed_base_has_no_certain_order() {
    for head in [
        "class M(Base.of(X)): pass",
        "class M(Base, make()): pass",
        "class M(Base, *rest): pass",
        "class M(Base, x if y else z): pass",
    ] {
        let source = format!(
            "class X: pass\nclass Base:\n @classmethod\n def of(cls, x): return type('C', (cls,), {{}})\n{head}\n"
        );
        let storage = indexed(&[("a.py", &source)]).await;
        let ancestry = storage.query(REPOSITORY).bases("a.py::M", 100).await.unwrap();
        assert_eq!(ancestry.order.end, OrderEnd::Incomplete, "{head}");
        assert!(ancestry.outside.is_empty(), "{head}");
    }
    let source = "def make(base):\n class M(base): pass\n return M\n";
    let storage = indexed(&[("a.py", source)]).await;
    let ancestry = storage.query(REPOSITORY).bases("a.py::make.M", 100).await.unwrap();
    assert_eq!(ancestry.order.end, OrderEnd::Incomplete);
    let certain = "class Base: pass\nclass M(Base, metaclass=make(), **options): pass\n";
    let storage = indexed(&[("a.py", certain)]).await;
    let ancestry = storage.query(REPOSITORY).bases("a.py::M", 100).await.unwrap();
    assert_eq!(ancestry.order.end, OrderEnd::Complete);
}
