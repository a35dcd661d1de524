//! The members that values of C++'s own types have.

use crate::language::StandardMembers;

/// What is never guessed by its name.
pub(in crate::language) const STANDARD: StandardMembers =
    StandardMembers { methods: METHODS, fields: FIELDS };

/// Methods of what programs hold of the standard library: texts, containers, iterators, smart pointers, `optional`, `variant`,
/// functions, streams, paths, threads, locks, futures, atomics, times, random numbers, patterns, exceptions. Sorted.
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "a", "acquire", "address", "all", "allocate", "and_then", "any", "append", "append_range", "arrive",
    "arrive_and_wait", "assign", "at", "b", "back", "bad", "base", "before", "begin", "bucket",
    "bucket_count", "bucket_size", "c_str", "c_type", "capacity", "category", "cbegin", "cend", "clear",
    "close", "code", "compare", "compare_exchange_strong", "compare_exchange_weak", "construct", "contains",
    "copy", "copyfmt", "count", "count_down", "crbegin", "crend", "data", "deallocate",
    "default_error_condition", "default_error_handler", "destroy", "detach", "dimension", "discard",
    "do_compare", "do_get", "emplace", "emplace_back", "emplace_front", "emplace_hint", "empty", "end",
    "ends_with", "eof", "equal", "equal_range", "erase", "erase_after", "exceptions", "exchange", "exists",
    "expired", "extension", "extract", "fail", "fetch_add", "fetch_and", "fetch_or", "fetch_sub",
    "fetch_xor", "file_size", "filename", "fill", "find", "find_first_not_of", "find_first_of",
    "find_last_not_of", "find_last_of", "first", "flags", "flip", "flush", "front", "gcount",
    "generic_string", "get", "get_allocator", "get_deleter", "get_future", "get_id", "get_stop_token",
    "getline", "getloc", "good", "hardware_concurrency", "has_extension", "has_filename", "has_parent_path",
    "has_root_path", "has_stem", "has_value", "hash", "hash_code", "hash_function", "ignore", "imag",
    "imbue", "index", "insert", "insert_after", "insert_or_assign", "is_absolute", "is_directory",
    "is_lock_free", "is_open", "is_regular_file", "is_relative", "is_symlink", "join", "joinable",
    "key_comp", "key_eq", "last_write_time", "length", "lexically_normal", "lexically_relative", "load",
    "load_factor", "lock", "lock_shared", "lower_bound", "make_preferred", "mark_count", "matched", "max",
    "max_load_factor", "max_size", "mean", "merge", "message", "min", "mutex", "name", "native",
    "native_handle", "none", "notify_all", "notify_one", "ok", "open", "operator_bool", "or_else",
    "owner_before", "owns_lock", "param", "parent_path", "path", "peek", "pop", "pop_back", "pop_front",
    "position", "precision", "prefix", "push", "push_back", "push_front", "push_range", "put", "putback",
    "quot", "rank", "rbegin", "rdbuf", "rdstate", "read", "ready", "real", "refresh", "rehash",
    "relative_path", "release", "rem", "remove", "remove_filename", "remove_if", "rend", "replace",
    "replace_extension", "replace_filename", "request_stop", "reserve", "reset", "resize", "reverse",
    "rfind", "root_directory", "root_name", "root_path", "second", "seed", "seekg", "seekp", "set",
    "set_exception", "set_value", "setf", "setstate", "share", "shrink_to_fit", "size", "sort", "splice",
    "starts_with", "status", "stddev", "stem", "store", "str", "string", "substr", "suffix", "swap", "sync",
    "target", "target_type", "tellg", "tellp", "test", "test_and_set", "tie", "time_since_epoch",
    "to_string", "to_time_t", "to_ullong", "to_ulong", "top", "transform", "try_acquire", "try_emplace",
    "try_lock", "try_lock_for", "try_lock_shared", "try_lock_until", "type", "u8string", "unget", "unique",
    "unlock", "unlock_shared", "unsetf", "upper_bound", "use_count", "valid", "value", "value_comp",
    "value_or", "valueless_by_exception", "view", "wait", "wait_for", "wait_until", "what", "width", "write",
    "wstring", "zero",
];

/// Fields and properties of them. Sorted.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "first", "quot", "rem", "second",
];
