//! What languages and their tools use without a reference that says so: tests, entry points, special methods, names that
//! are private by how they are spelled.

use crate::model::Attributes;

/// Decorators and annotations that change a definition, and hand it to nobody who would call it.
const PASSIVE: [&str; 61] = [
    "abstractmethod",
    "abstractproperty",
    "allow",
    "async_trait",
    "asynccontextmanager",
    "automatically_derived",
    "cache",
    "cached_property",
    "cfg",
    "cfg_attr",
    "classmethod",
    "cold",
    "contextmanager",
    "coroutine",
    "dataclass",
    "default",
    "deny",
    "deprecate",
    "Deprecated",
    "deprecated",
    "derive",
    "doc",
    "EditorBrowsable",
    "expect",
    "final",
    "Flags",
    "forbid",
    "FunctionalInterface",
    "ignore",
    "inline",
    "instrument",
    "lru_cache",
    "MethodImpl",
    "must_use",
    "no_type_check",
    "non_exhaustive",
    "NonNull",
    "Nullable",
    "Obsolete",
    "overload",
    "Override",
    "override",
    "property",
    "repr",
    "runtime_checkable",
    "rustfmt",
    "rustversion",
    "SafeVarargs",
    "should_panic",
    "skip",
    "stable",
    "staticmethod",
    "SuppressMessage",
    "SuppressWarnings",
    "target_feature",
    "total_ordering",
    "track_caller",
    "unique",
    "unstable",
    "warn",
    "wraps",
];

/// Calls by which a program reads or calls things by a name that it makes at run time.
const BY_NAME: [&str; 20] = [
    "__send__",
    "attrgetter",
    "call_user_func",
    "call_user_func_array",
    "eval",
    "exec",
    "getDeclaredMethod",
    "getDeclaredMethods",
    "getMethod",
    "GetMethod",
    "GetMethods",
    "getMethods",
    "getattr",
    "getmembers",
    "globals",
    "instance_method",
    "locals",
    "methodcaller",
    "public_send",
    "send",
];

/// Methods of Go by which its standard library, and everything that takes its interfaces, uses an object.
const OF_GO: [&str; 36] = [
    "As",
    "Close",
    "Error",
    "Format",
    "GoString",
    "GobDecode",
    "GobEncode",
    "Header",
    "Is",
    "Len",
    "Less",
    "MarshalBinary",
    "MarshalJSON",
    "MarshalText",
    "MarshalXML",
    "MarshalYAML",
    "Pop",
    "Push",
    "Read",
    "ReadAt",
    "ReadFrom",
    "RoundTrip",
    "Scan",
    "Seek",
    "ServeHTTP",
    "String",
    "Swap",
    "UnmarshalBinary",
    "UnmarshalJSON",
    "UnmarshalText",
    "UnmarshalXML",
    "UnmarshalYAML",
    "Unwrap",
    "Write",
    "WriteAt",
    "WriteTo",
];

/// Folders that hold tests.
const TEST_FOLDERS: [&str; 6] = ["test", "tests", "__tests__", "spec", "specs", "testing"];

/// Whether a file holds tests, by how its path is spelled.
pub(super) fn is_test_file(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or(path);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let by_name = match ending {
        "py" => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest" || stem == "tests",
        "go" | "rb" | "rs" | "c" | "cc" | "cpp" => {
            stem.ends_with("_test") || stem.ends_with("_spec") || stem.starts_with("test_")
        }
        "java" | "cs" | "php" => stem.ends_with("Test") || stem.ends_with("Tests"),
        _ => stem.rsplit_once('.').is_some_and(|(_, word)| matches!(word, "test" | "spec")),
    };
    by_name || parts.any(|folder| TEST_FOLDERS.contains(&folder))
}

/// Whether a decorator among a node's may hand it to somebody who calls it: a route, a command, a fixture, a registry.
pub(super) fn is_registered(family: &str, attributes: &Attributes) -> bool {
    decorators(attributes).any(|name| {
        // `@value.setter` belongs to the property.
        let last = last_name(name);
        let is_test = family == "rust" && is_rust_test(last);
        !PASSIVE.contains(&last) && !matches!(last, "setter" | "getter" | "deleter") && !is_test
    })
}

/// Whether a definition is a test by what is written before it, as in Rust.
pub(super) fn is_test(family: &str, attributes: &Attributes) -> bool {
    family == "rust" && decorators(attributes).any(|name| is_rust_test(last_name(name)))
}

fn is_rust_test(attribute: &str) -> bool {
    matches!(attribute, "test" | "bench" | "rstest" | "test_case" | "proptest" | "quickcheck")
}

fn decorators(attributes: &Attributes) -> impl Iterator<Item = &str> {
    let names = attributes.get("decorators").and_then(|names| names.as_array());
    names.into_iter().flatten().filter_map(|name| name.as_str())
}

fn last_name(path: &str) -> &str {
    path.rsplit(['.', ':', '\\']).next().unwrap_or(path)
}

/// The family of languages of a file. Where whoever made the graph does not say it, the ending of the path does.
pub(super) fn family_of<'a>(family: &'a str, path: &str) -> &'a str {
    if !family.is_empty() {
        return family;
    }
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "py" | "pyi" => "python",
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx" => "javascript",
        "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => "c",
        "cs" => "csharp",
        "go" => "go",
        "java" => "java",
        "php" => "php",
        "rb" => "ruby",
        "rs" => "rust",
        _ => "",
    }
}

/// Whether what a file of C defines as `static` is seen in others, because they include the file: headers are made for it.
pub(super) fn is_for_including(family: &str, path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    family == "c" && matches!(ending, "h" | "hh" | "hpp" | "hxx" | "h++" | "inl" | "ipp" | "inc" | "def")
}

/// Whether others may name it, as far as its own declaration says.
///
/// `is_included` says that the text of the file is a part of other files, as that of a header is.
pub(super) fn is_visible(
    family: &str,
    name: &str,
    attributes: &Attributes,
    is_member: bool,
    is_included: bool,
) -> bool {
    let visibility = attributes.get("visibility").and_then(|text| text.as_str()).unwrap_or_default();
    if visibility.split(' ').any(|word| word == "private") {
        return false;
    }
    match family {
        "go" => name.chars().next().is_some_and(char::is_uppercase),
        // A function of C that is static belongs to its file; a static member to its class, as others do.
        "c" => !attributes.contains_key("static") || is_member || is_included,
        // `pub(crate)` and `pub(super)` are seen from nowhere else than the repository.
        "rust" => !visibility.starts_with("pub("),
        "javascript" => !name.starts_with(['_', '#']),
        _ => !name.starts_with('_') || is_special(family, name, ""),
    }
}

/// Whether the language itself, or what every object is used by, calls a member or function of this name.
pub(super) fn is_special(family: &str, name: &str, class: &str) -> bool {
    let is_word =
        name.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '$' | '#' | '@'));
    if !is_word || name == class {
        return true;
    }
    match family {
        _ if is_blank(family, name) => true,
        "python" => name.len() > 4 && name.starts_with("__") && name.ends_with("__"),
        "php" => name.starts_with("__"),
        "javascript" => matches!(name, "constructor" | "toString" | "toJSON" | "valueOf" | "then"),
        "java" => matches!(
            name,
            "toString"
                | "equals"
                | "hashCode"
                | "compareTo"
                | "finalize"
                | "clone"
                | "main"
                | "readObject"
                | "writeObject"
                | "readResolve"
                | "writeReplace"
                | "values"
                | "valueOf"
        ),
        "csharp" => {
            matches!(
                name,
                "ToString" | "Equals" | "GetHashCode" | "Finalize" | "Dispose" | "CompareTo" | "Main"
            ) || name.starts_with("operator")
        }
        "ruby" => matches!(
            name,
            "initialize"
                | "initialize_copy"
                | "to_s"
                | "to_str"
                | "to_a"
                | "to_h"
                | "to_proc"
                | "inspect"
                | "hash"
                | "method_missing"
                | "respond_to_missing?"
                | "included"
                | "extended"
                | "inherited"
                | "prepended"
                | "each"
                | "call"
                | "coerce"
                | "eql?"
        ),
        "c" => name.starts_with("operator"),
        "go" => OF_GO.contains(&name),
        _ => false,
    }
}

/// Whether it has no name: nothing can use what is called `_` in such languages, and who writes it wants it compiled.
pub(super) fn is_blank(family: &str, name: &str) -> bool {
    matches!(family, "go" | "rust") && name == "_"
}

/// Whether a function of this name is where a program begins.
pub(super) fn is_entry(name: &str) -> bool {
    matches!(name, "main" | "Main" | "init" | "WinMain" | "wWinMain" | "DllMain" | "_start")
}

/// Whether a call of something of this name reads or calls by a name that is made at run time.
pub(super) fn reads_by_name(name: &str) -> bool {
    BY_NAME.contains(&name)
}

/// Whether a class of the family fits an interface by its members alone, and does not name it.
pub(super) fn is_structural(family: &str) -> bool {
    matches!(family, "go" | "javascript")
}

/// Whether a text fits a pattern, in which `*` stands for any characters and nothing else is special.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_is_special() {
        for (pattern, text) in [
            ("a.py::main", "a.py::main"),
            ("*::main", "x/a.py::main"),
            ("app/*", "app/x/y.py::f"),
            ("*.handle", "a.py::Command.handle"),
            ("a*b*c", "a1b2b3c"),
            ("*", ""),
            ("[id].tsx", "[id].tsx"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("main", "a.py::main"),
            ("a*a", "a"),
            ("*.handle", "handled"),
            ("[id]", "i"),
            ("a*b*c", "acb"),
            ("", "x"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn tests_are_known_by_their_paths() {
        for path in [
            "tests/a.py",
            "x/test_a.py",
            "a_test.go",
            "src/a.test.ts",
            "src/__tests__/a.js",
            "FooTest.java",
            "conftest.py",
            "user_spec.rb",
        ] {
            assert!(is_test_file(path), "{path}");
        }
        for path in ["contest.py", "src/latest.ts", "attest/a.py", "Testing.java", "testing.py"] {
            assert!(!is_test_file(path), "{path}");
        }
    }

    #[test]
    fn decorators_that_only_change_a_definition_hand_it_to_nobody() {
        let with = |names: &[&str]| Attributes::from([("decorators", names.into())]);
        assert!(!is_registered("python", &with(&["property", "functools.lru_cache", "value.setter"])));
        assert!(is_registered("python", &with(&["property", "app.route"])));
        assert!(!is_registered("python", &Attributes::new()));
        assert!(is_registered("rust", &with(&["inline", "no_mangle"])));
        assert!(!is_registered("rust", &with(&["inline", "tokio::test"])));
        assert!(is_test("rust", &with(&["tokio::test"])) && !is_test("python", &with(&["test"])));
    }
}
