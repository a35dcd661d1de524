//! The names that every Go file knows without declaring them.

/// Types, sorted. A use of one says nothing about a repository.
const TYPES: &[&str] = &[
    "any",
    "bool",
    "byte",
    "comparable",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

/// Whether a name is a predeclared type.
pub(super) fn is_type(name: &str) -> bool {
    TYPES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::TYPES;

    #[test]
    fn the_names_are_sorted() {
        assert!(TYPES.is_sorted());
    }
}
