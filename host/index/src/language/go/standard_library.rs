//! The packages of Go's standard library.

/// The first parts of their paths, sorted, and `C`, which is cgo's. `internal` and `cmd` are left out: no other
/// module can import them, and many have folders of these names.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "C", "archive", "arena", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database",
    "debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index",
    "io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime",
    "slices", "sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time",
    "unicode", "unique", "unsafe", "weak",
];

/// Whether a path that begins so is one of the standard library's: a path of another module begins with a host, or
/// with a name that the standard library does not have.
pub(super) fn contains(first: &str) -> bool {
    NAMES.binary_search(&first).is_ok()
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.is_sorted());
    }
}
