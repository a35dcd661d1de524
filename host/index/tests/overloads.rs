//! Several signatures of one function are one node, which callers find.

use codestrata::model::{Target, edge_kind};
use codestrata_index::{Language, extract};

#[test]
fn python_overloads_are_one_function() {
    let source = b"\
import typing as t
from typing import overload

@overload
def parse(x: int) -> int: ...
@t.overload
def parse(x: str) -> str: ...
@cached
def parse(x):
    return x

class Reader:
    @overload
    def read(self, n: int) -> bytes: ...
    @overload
    def read(self) -> str: ...
    def read(self, n=0): return n

def other(): parse(1)
def parse(x): 'a second definition is another one'
";
    let facts = extract("a.py", source, Language::Python).expect("it is Python").facts;
    let ids: Vec<&str> = facts.nodes.iter().map(|node| node.id.as_str()).collect();
    let expected = [
        "a.py::<module>",
        "a.py::parse",
        "a.py::Reader",
        "a.py::Reader.read",
        "a.py::other",
        "a.py::parse#2",
    ];
    assert_eq!(ids, expected);
    let parse = &facts.nodes[1];
    assert_eq!((parse.span.start_line, parse.span.end_line), (4, 10));
    assert_eq!(parse.attributes["decorators"], serde_json::json!(["cached"]));
    let call =
        facts.references.iter().find(|r| r.kind == edge_kind::CALLS && r.source == 4).expect("the call");
    assert_eq!(call.target, Target::Node(5), "the last definition of a name is the one that is called");
}
