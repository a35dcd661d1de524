//! What values of Python itself have, and what every class, function and module has.

/// Whether a text, number, list, dictionary, set, iterator, exception or file of Python has a method of this name: then no
/// method of the repository is the only one that has it.
pub(super) fn have_method(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

/// Sorted. What `dir` gives of `str`, `bytes`, `bytearray`, `int`, `float`, `list`, `tuple`, `dict`, `set`, a generator,
/// `BaseException`, and of what `open` returns, without names that begin with an underscore.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "add", "add_note", "append", "as_integer_ratio", "bit_count", "bit_length", "capitalize", "casefold",
    "center", "clear", "close", "conjugate", "copy", "count", "decode", "detach", "difference",
    "difference_update", "discard", "encode", "endswith", "expandtabs", "extend", "fileno", "find", "flush",
    "format", "format_map", "from_bytes", "fromhex", "fromkeys", "get", "hex", "index", "insert",
    "intersection", "intersection_update", "is_integer", "isalnum", "isalpha", "isascii", "isatty",
    "isdecimal", "isdigit", "isdisjoint", "isidentifier", "islower", "isnumeric", "isprintable", "isspace",
    "issubset", "issuperset", "istitle", "isupper", "items", "join", "keys", "ljust", "lower", "lstrip",
    "maketrans", "partition", "peek", "pop", "popitem", "read", "read1", "readable", "readall", "readinto",
    "readinto1", "readline", "readlines", "reconfigure", "remove", "removeprefix", "removesuffix",
    "replace", "reverse", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "seek", "seekable",
    "send", "setdefault", "sort", "split", "splitlines", "startswith", "strip", "swapcase",
    "symmetric_difference", "symmetric_difference_update", "tell", "throw", "title", "to_bytes",
    "translate", "truncate", "union", "update", "upper", "values", "with_traceback", "writable", "write",
    "writelines", "zfill",
];

/// Whether every object, class, function or module of Python has a member of this name, whatever its source says.
pub(super) fn all_have(name: &str) -> bool {
    name.starts_with("__") && OF_ALL.binary_search(&name).is_ok()
}

/// Sorted. What `dir` gives of an object, a class, a function, a method and a module without any code of their own.
#[rustfmt::skip]
const OF_ALL: &[&str] = &[
    "__annotations__", "__base__", "__bases__", "__basicsize__", "__builtins__", "__cached__", "__call__",
    "__class__", "__closure__", "__code__", "__defaults__", "__delattr__", "__dict__", "__dictoffset__",
    "__dir__", "__doc__", "__eq__", "__file__", "__flags__", "__format__", "__func__", "__ge__", "__get__",
    "__getattribute__", "__getstate__", "__globals__", "__gt__", "__hash__", "__init__",
    "__init_subclass__", "__instancecheck__", "__itemsize__", "__kwdefaults__", "__le__", "__loader__",
    "__lt__", "__module__", "__mro__", "__name__", "__ne__", "__new__", "__or__", "__package__", "__path__",
    "__prepare__", "__qualname__", "__reduce__", "__reduce_ex__", "__repr__", "__ror__", "__self__",
    "__setattr__", "__sizeof__", "__spec__", "__str__", "__subclasscheck__", "__subclasses__",
    "__subclasshook__", "__text_signature__", "__type_params__", "__weakref__", "__weakrefoffset__",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_so_that_each_is_found() {
        assert!(NAMES.is_sorted() && OF_ALL.is_sorted());
        assert!(OF_ALL.iter().all(|name| all_have(name)) && NAMES.iter().all(|name| have_method(name)));
        assert!(!all_have("__own__") && !have_method("own"));
    }
}
