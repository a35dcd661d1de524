//! Members in Python: of values of the language itself none is guessed; annotations that say nothing take nothing away;
//! what `typing` and conditions say of a value is used.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;
mod small_tree;

use codestrata_index::{Language, extract};
use small_tree::{edges_to, import, indexed};

const HEAD: &str = "from typing import Annotated, Any, ClassVar, Final, NewType, Optional, TypeAlias, TypeVar, Union, cast\n\
    import typing as t\nfrom m import A, B\n";

/// What the last reference of the function `f` to something called `go` says.
fn last(body: &str) -> String {
    let source = format!("{HEAD}{body}");
    let facts = extract("a.py", source.as_bytes(), Language::Python).expect("sound").facts;
    let found = rendering::references(&facts, "f");
    found.into_iter().rfind(|reference| reference.ends_with("go")).expect("a reference")
}

fn check(expected: &str, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(last(body), expected, "{body}");
    }
}

#[test]
fn no_method_of_a_literal_is_looked_for_by_its_name() {
    let bodies = [
        "def f(): ', '.go()",
        "def f(x): f'{x}'.go()",
        "def f(): b''.go()",
        "def f(): ('a' 'b').go()",
        "def f(x): ('%s' % x).go()",
        "def f(x): ('a' + x).go()",
        "def f(): ''.strip().go()",
        "def f(): [].go()",
        "def f(): (1, 2).go()",
        "def f(): {}.go()",
        "def f(): {1, 2}.go()",
        "def f(): (1).go()",
        "def f(x): [y for y in x].go()",
        "def f(x): {y: y for y in x}.go()",
        "def f(x): (y for y in x).go()",
    ];
    check("calls local go", &bodies);
}

#[test]
fn no_method_of_a_variable_that_holds_only_such_values_is_looked_for_by_its_name() {
    let bodies = [
        "def f():\n x = ''\n x.go()",
        "def f(y):\n x = f'{y}'\n x.go()",
        "def f():\n x = []\n x.go()",
        "def f(y):\n x = [] if y else {}\n x.go()",
        "def f(y):\n x = ''\n x = str(y)\n x.go()",
        "def f(y):\n x = dict(y)\n x = {}\n x.go()",
        "def f(y):\n x = ''\n x += y\n x.go()",
        "def f(x=''): x.go()",
        "def f(x=None):\n x = x or []\n x.go()",
        "def f(*x): x.go()",
        "def f(**x): x.go()",
        "def f(x: str | bytes): x.go()",
        "def f(x: Union[list[A], tuple[A]]): x.go()",
        "L = Union[str, bytes]\ndef f(x: L): x.go()",
        "L = dict[str, A]\ndef f(x: L): x.go()",
        "X = ''\ndef f(): X.go()",
        "def f():\n for x in ['a', 'b']: x.go()",
    ];
    check("calls local go", &bodies);
}

#[test]
fn what_a_container_holds_may_be_anything() {
    let bodies = [
        "def f(): [A()][0].go()",
        "def f():\n x = []\n x.pop().go()",
        "def f():\n x = {}\n x['a'].go()",
        "def f(*x): x[0].go()",
        "def f(x: list[Any]): x[0].go()",
        "def f(x: dict[str, Any]): x['a'].go()",
        "def f(x: dict[str, Any]):\n for y in x.values(): y.go()",
        "def f(x: list[A | B]): x[0].go()",
        "def f(x=0): x.go()",
        "def f(x=False): x.go()",
        "def f():\n x = []\n x = A()\n x.go()",
    ];
    check("calls ?.go", &bodies);
    check("calls free list.go", &["def f(x: list[Any]): x.go()", "def f(x: list[A | B]): x.go()"]);
    check("calls <m>:A.go", &["def f(*x: A): x[0].go()", "def f(**x: A): x['a'].go()"]);
}

#[test]
fn a_name_of_the_file_is_not_taken_for_a_builtin() {
    assert_eq!(last("class list: pass\ndef f():\n x = list()\n x.go()"), "calls [list].go");
}

#[test]
fn annotations_that_say_nothing_take_nothing_away() {
    check("calls <m>:A().go", &["def f():\n x: Any = A()\n x.go()", "def f():\n x: Final = A()\n x.go()"]);
    check("calls <m>:A().go", &["def f(x: Any = A()): x.go()", "def f(x: t.Any = A()): x.go()"]);
    let guesses = [
        "def f(x: Any): x.go()",
        "def f(x: 'Any'): x.go()",
        "def f(x: t.Any): x.go()",
        "def f(x: object): x.go()",
        "def f(x: Optional[Any]): x.go()",
        "def f(x: Final[Any]): x.go()",
    ];
    check("calls ?.go", &guesses);
    let facts = |source: &str| {
        let source = format!("{HEAD}{source}");
        rendering::values(&extract("a.py", source.as_bytes(), Language::Python).expect("sound").facts)
    };
    assert_eq!(facts("def f() -> Any: return A()"), ["f() = <m>:A()"]);
    assert_eq!(facts("class C:\n def __init__(self): self.x: Any = A()"), ["C.x = <m>:A()"]);
    assert_eq!(facts("class C:\n x: ClassVar = A()"), ["C.x = <m>:A()"]);
    assert_eq!(facts("class C:\n x: dict[str, Any]"), ["C.x = local []"]);
}

#[test]
fn aliases_are_what_they_stand_for() {
    let guesses = [
        "L = Union[A, B]\ndef f(x: L): x.go()",
        "L = A | B\ndef f(x: L): x.go()",
        "L: TypeAlias = 'Union[A, B]'\ndef f(x: L): x.go()",
        "T = TypeVar('T')\ndef f(x: T): x.go()",
        "T = TypeVar('T', A, B)\ndef f(x: T): x.go()",
        "def f[T](x: T): x.go()",
        "L = Union[A, B]\ndef f(x):\n y = cast(L, x)\n y.go()",
    ];
    check("calls ?.go", &guesses);
    let known = [
        "L = Optional[A]\ndef f(x: L): x.go()",
        "L = Union[A, None]\ndef f(x: L): x.go()",
        "L = A | None\ndef f(x: L): x.go()",
        "L: TypeAlias = A\ndef f(x: L): x.go()",
        "L: TypeAlias = 'A | None'\ndef f(x: L): x.go()",
        "L: t.TypeAlias = 'Optional[A]'\ndef f(x: L): x.go()",
        "L = Annotated[A, 1]\ndef f(x: L): x.go()",
        "T = TypeVar('T', bound=A)\ndef f(x: T): x.go()",
        "T = TypeVar('T', bound='A')\ndef f(x: T): x.go()",
        "def f[T: A](x: T): x.go()",
        "N = NewType('N', A)\ndef f(x: N): x.go()",
        "def f(x: type['A']): x.go()",
        "def f(x: Final[A]): x.go()",
    ];
    check("calls <m>:A.go", &known);
}

#[test]
fn a_cast_says_what_its_value_is() {
    let known = [
        "def f(x): cast(A, x).go()",
        "def f(x): cast('A', x).go()",
        "def f(x): t.cast('A', x).go()",
        "def f(x):\n y = cast(A, x).more\n y.go()",
    ];
    for body in known {
        assert!(
            matches!(last(body).as_str(), "calls <m>:A().go" | "calls <m>:A().more.go"),
            "{body}: {}",
            last(body)
        );
    }
    check(
        "calls <m>:A.go",
        &["def f(x):\n y = cast(A, x)\n y.go()", "def f(x):\n y = cast('A | None', x)\n y.go()"],
    );
    // A `cast` of somebody else is a function like any other.
    let facts = extract("a.py", b"from q import cast\ndef f(x): cast(A, x).go()", Language::Python)
        .expect("sound")
        .facts;
    assert!(rendering::references(&facts, "f").contains(&"calls <q>:cast().go".to_owned()));
}

#[test]
fn what_new_makes_is_an_object_of_the_class() {
    let source =
        format!("{HEAD}class C:\n def f(cls):\n  self = cls.__new__(cls)\n  self.go()\n def go(self): pass");
    let facts = extract("a.py", source.as_bytes(), Language::Python).expect("sound").facts;
    assert_eq!(rendering::references(&facts, "C.f").pop().expect("a call"), "calls C.go");
    check("calls <m>:A().go", &["def f():\n x = object.__new__(A)\n x.go()"]);
}

#[test]
fn a_parameter_that_is_a_class_makes_objects_of_it() {
    check("calls <m>:A().go", &["def f(x: type[A]): x().go()", "def f(x: type[A]):\n y = x()\n y.go()"]);
}

#[test]
fn conditions_say_of_which_class_a_value_is() {
    let known = [
        "def f(x):\n if isinstance(x, A): x.go()",
        "def f(x: B):\n if isinstance(x, A): x.go()",
        "def f(x):\n if x.y and isinstance(x, A): x.go()",
        "def f(x):\n if not x: pass\n elif isinstance(x, A): x.go()",
        "def f(x): return isinstance(x, A) and x.go()",
        "def f(x): return x.go() if isinstance(x, A) else None",
        "def f(x):\n assert isinstance(x, A)\n x.go()",
        "def f(x):\n if not isinstance(x, A):\n  return\n x.go()",
        "def f(y):\n for x in y:\n  if isinstance(x, A): x.go()",
    ];
    check("calls <m>:A.go", &known);
    let guesses = [
        "def f(x: str):\n if isinstance(x, (A, B)): x.go()",
        "def f(x):\n if isinstance(x, A): pass\n else: x.go()",
        "def f(x):\n if isinstance(x, A): pass\n x.go()",
        "def f(x, y):\n if isinstance(x, A):\n  x = y\n  x.go()",
        "def f(x, y):\n if y:\n  assert isinstance(x, A)\n else:\n  x.go()",
        "def f(x):\n if isinstance(x, A) or x.y: x.go()",
        "def f(x):\n if not isinstance(x, A):\n  print(x)\n x.go()",
        "def f(x):\n if isinstance(x, A):\n  for x in x.y: x.go()",
    ];
    for body in guesses {
        assert_ne!(last(body), "calls <m>:A.go", "{body}");
    }
    check("calls ?.go", &guesses[..6]);
}

#[tokio::test]
async fn values_of_the_language_itself_are_known_across_files() {
    let models = "class Client:\n def go(self): pass\n";
    let base = "NAMES = []\nTITLE = ''\nclass Base:\n def __init__(self, any):\n  self.names = []\n  self.title = ''\n  self.any = any\n";
    for (body, is_guessed) in [
        ("NAMES.go()", false),
        ("TITLE.go()", false),
        ("TITLE.strip().go()", false),
        ("NAMES.pop().go()", true),
        ("NAMES[0].go()", true),
        ("self.names.go()", false),
        ("self.title.go()", false),
        ("self.names.pop().go()", true),
        ("self.any.go()", true),
    ] {
        let user = format!(
            "from base import NAMES, TITLE, Base\nclass Derived(Base):\n def main(self):\n  {body}\n"
        );
        let storage = indexed(&[("models.py", models), ("base.py", base), ("user.py", &user)]).await;
        let found = edges_to(&storage, "calls", "models.py::Client.go").await;
        let guess = [("user.py::Derived.main".to_owned(), "unique-name".to_owned())];
        assert_eq!(found, if is_guessed { &guess[..] } else { &[] }, "{body}");
    }
}

#[tokio::test]
async fn who_calls_a_generic_function_knows_more_than_its_type_variable_says() {
    let models = "from typing import TypeVar\nclass Base:\n def go(self): pass\nclass Derived(Base):\n def go(self): pass\n\
        T = TypeVar('T', bound=Base)\ndef same(x: T) -> T:\n x.go()\n return x\n";
    let user = "from models import Derived, same\ndef main():\n same(Derived()).go()\n";
    let storage = indexed(&[("models.py", models), ("user.py", user)]).await;
    let exact = ("models.py::same".to_owned(), "exact".to_owned());
    assert_eq!(edges_to(&storage, "calls", "models.py::Base.go").await, [exact]);
}

#[tokio::test]
async fn an_alias_of_a_class_is_followed_across_files() {
    let models = "from typing import Optional, Union\nclass A:\n def go(self): pass\nclass B:\n def go(self): pass\nMaybe = Optional[A]\n\
        Either = Union[A, B]\n";
    let user = "from models import Maybe, Either\ndef main(x: Maybe): x.go()\ndef other(x: Either): x.go()\n";
    let storage = indexed(&[("models.py", models), ("user.py", user)]).await;
    assert_eq!(edges_to(&storage, "calls", "models.py::A.go").await, [import("user.py::main")]);
    let ambiguous = edges_to(&storage, "calls", "ambiguous:go").await;
    assert_eq!(ambiguous, [("user.py::other".to_owned(), "ambiguous".to_owned())]);
}
