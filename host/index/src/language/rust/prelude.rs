//! Names that every Rust file knows without a `use`.

/// Crates that are never in a repository but their own.
const CRATES: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// Types and variants so common that a use of one says nothing about a repository, sorted.
const NAMES: &[&str] = &["Box", "Err", "None", "Ok", "Option", "Some", "String", "Vec"];

/// Macros whose arguments are expressions of the place where they stand, sorted: those of the standard library, and
/// of the usual crates for logging and errors.
#[rustfmt::skip]
const EXPRESSION_MACROS: &[&str] = &[
    "anyhow", "assert", "assert_eq", "assert_ne", "bail", "dbg", "debug", "debug_assert", "debug_assert_eq",
    "debug_assert_ne", "ensure", "eprint", "eprintln", "error", "format", "format_args", "info", "matches",
    "panic", "print", "println", "todo", "trace", "unimplemented", "unreachable", "vec", "warn", "write",
    "writeln",
];

/// Macros of the standard library, sorted: a call of one says nothing about a repository.
#[rustfmt::skip]
const MACROS: &[&str] = &[
    "addr_of", "addr_of_mut", "assert", "assert_eq", "assert_ne", "cfg", "column", "compile_error", "concat", "dbg",
    "debug_assert", "debug_assert_eq", "debug_assert_ne", "env", "eprint", "eprintln", "file", "format",
    "format_args", "include", "include_bytes", "include_str", "line", "matches", "module_path", "option_env",
    "panic", "print", "println", "stringify", "thread_local", "todo", "unimplemented", "unreachable", "vec",
    "write", "writeln",
];

/// Generic types whose value has the members of what it holds, by `Deref`.
const POINTERS: &[&str] = &["Arc", "Box", "Rc"];

pub(super) fn is_standard_crate(name: &str) -> bool {
    CRATES.contains(&name)
}

pub(super) fn is_common(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

pub(super) fn has_expressions(macro_name: &str) -> bool {
    EXPRESSION_MACROS.binary_search(&macro_name).is_ok()
}

pub(super) fn is_standard_macro(name: &str) -> bool {
    MACROS.binary_search(&name).is_ok()
}

pub(super) fn is_pointer(name: &str) -> bool {
    POINTERS.contains(&name)
}

pub(super) fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "char"
            | "f32"
            | "f64"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "str"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
    )
}

/// `Shape` and `URL`, but not `area` nor `MAX_SIZE`: by the convention that the compiler warns about.
pub(super) fn names_type(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    let is_constant = name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    name.starts_with(char::is_uppercase) && !is_constant
}

#[cfg(test)]
mod tests {
    use super::{EXPRESSION_MACROS, MACROS, NAMES};

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.is_sorted() && EXPRESSION_MACROS.is_sorted() && MACROS.is_sorted());
    }
}
