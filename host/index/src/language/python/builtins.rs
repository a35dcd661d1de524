//! Values of the language itself: texts, numbers, lists. No source defines their members.

use tree_sitter::Node;

use super::{Kind, Python};
use crate::extract::{Hint, Reading, ScopeRef};

/// How many operators deep the first operand of an expression is looked for: `"a" "%s" % x + y`.
const MOST_OPERATORS: usize = 8;

impl Python {
    /// What a literal, a comprehension or an expression that begins with one is; nothing of other expressions.
    pub(super) fn plain_value<'s>(&self, value: Node<'_>) -> Option<Hint<'s>> {
        let mut here = value;
        let mut is_operand = false;
        for _ in 0..MOST_OPERATORS {
            match self.kind(here) {
                Kind::String | Kind::JoinedStrings => return Some(Hint::Plain),
                // What adds a number to something of its own gives that.
                Kind::Number | Kind::Not if !is_operand => return Some(Hint::Plain),
                Kind::Sequence | Kind::Collection | Kind::Comprehension => return Some(Hint::Container),
                Kind::BinaryOperator if is_of_text_or_list(here) => {
                    is_operand = true;
                    here = self.field.left.of(here)?;
                }
                Kind::Parenthesized if here.named_child_count() == 1 => here = here.named_child(0)?,
                _ => return None,
            }
        }
        None
    }

    /// What a call of a builtin class or function gives: `list(x)`, where the file gives the name to nothing else.
    pub(super) fn builtin_result<'s>(
        &self,
        called: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Option<Hint<'s>> {
        let name = reading.text(called);
        let hint = match name {
            "len" | "repr" | "ascii" | "format" | "hash" | "id" | "ord" | "chr" | "bin" | "hex" | "oct"
            | "input" | "isinstance" | "issubclass" | "callable" | "hasattr" | "all" | "any" => Hint::Plain,
            "sorted" => Hint::Container,
            _ => builtin_class(name)?,
        };
        is_unbound(name, scope, reading).then_some(hint)
    }

    /// What an object of a builtin class is that an annotation names: `str`, `list[int]`.
    pub(super) fn builtin_object<'s>(
        &self,
        annotation: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Option<Hint<'s>> {
        let mut here = annotation;
        while matches!(
            self.kind(here),
            Kind::Type | Kind::Parenthesized | Kind::GenericType | Kind::Subscript
        ) {
            here = here.named_child(0)?;
        }
        let name = reading.text(here);
        builtin_class(name)
            .filter(|_| self.kind(here) == Kind::Identifier && is_unbound(name, scope, reading))
    }

    /// What all of these annotations agree on, if all of them name builtin classes.
    pub(super) fn builtin_objects<'s>(
        &self,
        annotations: &[Node<'_>],
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let mut hint = Hint::Unset;
        for annotation in annotations {
            hint.merge(self.builtin_object(*annotation, scope, reading).unwrap_or(Hint::Unknown));
        }
        if hint == Hint::Unset { Hint::Unknown } else { hint }
    }
}

fn builtin_class<'s>(name: &str) -> Option<Hint<'s>> {
    match name {
        "str" | "bytes" | "int" | "float" | "bool" | "complex" => Some(Hint::Plain),
        "list" | "dict" | "set" | "frozenset" | "tuple" | "bytearray" => Some(Hint::Container),
        _ => None,
    }
}

fn is_of_text_or_list(operator: Node<'_>) -> bool {
    operator.child(1).is_some_and(|token| matches!(token.kind(), "%" | "+" | "*"))
}

/// Whether a file gives a name to nothing, as far as it has been read.
pub(super) fn is_unbound<'s>(name: &'s str, scope: ScopeRef, reading: &Reading<'s, '_>) -> bool {
    reading.sketch.look_up(scope, name).is_none()
}

/// The names that every file knows, sorted.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup",
    "BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError",
    "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "DeprecationWarning", "EOFError", "Ellipsis", "EncodingWarning", "EnvironmentError", "Exception",
    "ExceptionGroup", "False", "FileExistsError", "FileNotFoundError", "FloatingPointError",
    "FutureWarning", "GeneratorExit", "IOError", "ImportError", "ImportWarning", "IndentationError",
    "IndexError", "InterruptedError", "IsADirectoryError", "KeyError", "KeyboardInterrupt", "LookupError",
    "MemoryError", "ModuleNotFoundError", "NameError", "None", "NotADirectoryError", "NotImplemented",
    "NotImplementedError", "OSError", "OverflowError", "PendingDeprecationWarning", "PermissionError",
    "ProcessLookupError", "PythonFinalizationError", "RecursionError", "ReferenceError", "ResourceWarning",
    "RuntimeError", "RuntimeWarning", "StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning",
    "SystemError", "SystemExit", "TabError", "TimeoutError", "True", "TypeError", "UnboundLocalError",
    "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError", "UnicodeWarning",
    "UserWarning", "ValueError", "Warning", "ZeroDivisionError", "__doc__", "__file__", "__import__",
    "__name__", "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray",
    "bytes", "callable", "chr", "classmethod", "compile", "complex", "delattr", "dict", "dir", "divmod",
    "enumerate", "eval", "exec", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr",
    "hash", "help", "hex", "id", "input", "int", "isinstance", "issubclass", "iter", "len", "list",
    "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord", "pow", "print",
    "property", "range", "repr", "reveal_type", "reversed", "round", "set", "setattr", "slice", "sorted",
    "staticmethod", "str", "sum", "super", "tuple", "type", "vars", "zip",
];

/// Whether every file knows a name.
pub(super) fn is_builtin(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}
