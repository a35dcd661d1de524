//! What is known of the objects that a language brings along itself, which no file of a repository defines.
//!
//! Their methods are why a name is no proof: `x.join()` may be that of the one class with a `join`, and is far more
//! often that of an array. And what their containers hold is reached through their methods.

/// The family that this is about. In the others a class is seldom taken for one of the language.
const FAMILY: &str = "javascript";

/// Names of methods that the language's own objects have, and those that every host of it brings: strings, numbers, arrays,
/// maps, promises, functions, dates, patterns, iterators, streams, headers, requests, events, elements. Sorted.
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "abort", "add", "addEventListener", "append", "appendChild", "apply", "arrayBuffer", "at", "bind", "blob",
    "call", "cancel", "catch", "charAt", "charCodeAt", "clear", "click", "clone", "close", "closest",
    "codePointAt", "concat", "copyWithin", "createElement", "delete", "dispatchEvent", "emit", "end",
    "endsWith", "enqueue", "entries", "every", "exec", "fill", "filter", "finally", "find", "findIndex",
    "findLast", "findLastIndex", "flat", "flatMap", "focus", "forEach", "formData", "get", "getAttribute",
    "getDate", "getDay", "getElementById", "getFullYear", "getHours", "getItem", "getMinutes", "getMonth",
    "getReader", "getSeconds", "getTime", "getWriter", "has", "hasOwnProperty", "includes", "indexOf",
    "insertBefore", "isPrototypeOf", "join", "json", "keys", "lastIndexOf", "localeCompare", "map", "match",
    "matchAll", "matches", "next", "normalize", "off", "on", "once", "open", "padEnd", "padStart", "pipe",
    "pipeTo", "pop", "postMessage", "preventDefault", "propertyIsEnumerable", "push", "querySelector",
    "querySelectorAll", "read", "reduce", "reduceRight", "remove", "removeAttribute", "removeChild",
    "removeEventListener", "removeItem", "repeat", "replace", "replaceAll", "return", "reverse", "send",
    "set", "setAttribute", "setItem", "shift", "slice", "some", "sort", "splice", "split", "startsWith",
    "stopPropagation", "subarray", "substr", "substring", "tee", "test", "text", "then", "throw", "toFixed",
    "toISOString", "toJSON", "toLocaleString", "toLowerCase", "toReversed", "toSorted", "toSpliced",
    "toString", "toUpperCase", "trim", "trimEnd", "trimStart", "unshift", "valueOf", "values", "write",
];

/// Methods of containers that give one of the things held.
const GIVES_ITEM: &[&str] = &["at", "find", "findLast", "pop", "shift"];

/// Methods of containers that call what is passed to them with one of the things held.
const PASSES_ITEM: &[&str] = &[
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "some",
];

/// Methods of containers that give a container of the same things.
const GIVES_SAME: &[&str] = &[
    "concat",
    "filter",
    "reverse",
    "slice",
    "sort",
    "splice",
    "toReversed",
    "toSorted",
    "toSpliced",
    "values",
];

/// The member that stands for each thing that a container holds.
pub(super) const EACH: &str = "[*]";

/// The member that stands for one thing of a container, by its number or key.
const ITEM: &str = "[]";

/// The member that stands for what a promise brings.
pub(super) const AWAITED: &str = "await";

/// What a way through a container leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    /// What the container holds.
    Held,
    /// A container of the same.
    Container,
}

/// Whether objects of the language itself have a method of this name.
pub(super) fn has_method(family: &str, name: &str) -> bool {
    family == FAMILY && METHODS.binary_search(&name).is_ok()
}

/// Whether a call may as well mean a property that holds a function.
pub(super) fn calls_properties(family: &str) -> bool {
    family == FAMILY
}

/// Whether facts tell members of a class itself from those of its objects, and paths which of the two are meant.
pub(super) fn tells_statics(family: &str) -> bool {
    family == FAMILY
}

/// What the beginning of a path leads to from a container, which is known by `member`, the one that stands for what it
/// holds; and the rest of the path.
pub(super) fn through<'p>(family: &str, member: &str, path: &'p str) -> Option<(Through, &'p str)> {
    if family != FAMILY {
        return None;
    }
    let mut steps = path.splitn(4, '\0');
    let (first, second, third) = (steps.next()?, steps.next(), steps.next());
    let behind = |count: usize| path.splitn(count + 1, '\0').nth(count).unwrap_or_default();
    let passed = |holder: &str, argument: &str| second == Some(holder) && third == Some(argument);
    if member == AWAITED {
        return (first == "then" && passed("(0)", "(0)")).then(|| (Through::Held, behind(3)));
    }
    let is_called = second == Some("()");
    if first == ITEM {
        return Some((Through::Held, behind(1)));
    }
    if is_called && GIVES_ITEM.contains(&first) {
        return Some((Through::Held, behind(2)));
    }
    if is_called && GIVES_SAME.contains(&first) {
        return Some((Through::Container, behind(2)));
    }
    let is_passed = PASSES_ITEM.contains(&first) && passed("(0)", "(0)")
        || matches!(first, "reduce" | "reduceRight") && passed("(0)", "(1)")
        || matches!(first, "sort" | "toSorted") && (passed("(0)", "(0)") || passed("(0)", "(1)"));
    is_passed.then(|| (Through::Held, behind(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_so_that_each_is_found() {
        assert!(METHODS.is_sorted());
        assert!(METHODS.iter().all(|name| has_method(FAMILY, name)));
        assert!(!has_method("python", "join"));
    }

    #[test]
    fn ways_through_containers_end_where_the_things_are() {
        for (path, expected) in [
            ("[]\0save", Some((Through::Held, "save"))),
            ("find\0()\0save", Some((Through::Held, "save"))),
            ("map\0(0)\0(0)\0save", Some((Through::Held, "save"))),
            ("reduce\0(0)\0(1)", Some((Through::Held, ""))),
            ("filter\0()\0[*]", Some((Through::Container, "[*]"))),
            ("find", None),
            ("map\0(0)\0(1)", None),
            ("save\0()", None),
        ] {
            assert_eq!(through(FAMILY, EACH, path), expected, "{path:?}");
        }
        assert_eq!(through(FAMILY, AWAITED, "then\0(0)\0(0)\0save"), Some((Through::Held, "save")));
        assert_eq!(through(FAMILY, AWAITED, "find\0()"), None);
        assert_eq!(through("python", EACH, "[]\0save"), None);
    }
}
