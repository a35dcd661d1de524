//! The methods that values of Python itself have.

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
