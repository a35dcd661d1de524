//! What paths and specifiers say by themselves about packages.

/// The last folder of some names in a path.
pub(crate) struct LastFolder<'a> {
    /// The path from the folder on.
    pub(crate) from: &'a str,
    /// The path after the folder.
    pub(crate) inside: &'a str,
    /// How many folders it lies below the root.
    pub(crate) depth: u8,
}

/// Finds the last folder that has one of these names.
pub(crate) fn last_folder<'a>(path: &'a str, names: &[&str]) -> Option<LastFolder<'a>> {
    let mut start = path.len();
    // From the end, without the file itself.
    let mut parts = path.rsplit('/');
    start -= parts.next()?.len();
    for name in parts {
        let end = start;
        start = start.saturating_sub(name.len() + 1);
        if names.contains(&name) {
            let depth = path.get(..start)?.matches('/').count();
            let (from, inside) = (path.get(start..)?, path.get(end..)?);
            return Some(LastFolder { from, inside, depth: u8::try_from(depth).unwrap_or(u8::MAX) });
        }
    }
    None
}

/// How much later a package comes for lying so deep: more than all ranks of its files, so that of two packages with
/// one name the one nearer to the root wins.
pub(crate) const fn rank_at_depth(depth: u8) -> u8 {
    const EACH: u8 = 31;
    const MOST: u8 = 6;
    EACH * if depth < MOST { depth } else { MOST }
}

/// The name of the npm package that a specifier begins with: `react`, `@scope/name`. None for what is no package:
/// `./x`, `node:fs`, `https://...`, `#internal`, `~/x`, `@/x`.
pub(crate) fn package_name(specifier: &str) -> Option<&str> {
    let mut parts = specifier.split('/');
    let first = parts.next()?;
    let Some(scope) = first.strip_prefix('@') else { return is_name(first).then_some(first) };
    let second = parts.next()?;
    let is_scoped = is_name(scope) && is_name(second);
    is_scoped.then(|| specifier.get(..first.len() + 1 + second.len()))?
}

fn is_name(part: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    part.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') && part.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_folder_of_packages_counts() {
        let parts =
            |path| last_folder(path, &["node_modules"]).map(|found| (found.from, found.inside, found.depth));
        assert_eq!(parts("node_modules/a/b.js"), Some(("node_modules/a/b.js", "a/b.js", 0)));
        let nested = "web/node_modules/a/node_modules/b/c.js";
        assert_eq!(parts(nested), Some(("node_modules/b/c.js", "b/c.js", 3)));
        assert_eq!(parts("my_node_modules/a.js"), None);
        assert_eq!(parts("a/node_modules"), None);
        assert_eq!(parts(""), None);
    }

    #[test]
    fn a_package_is_told_from_what_only_looks_like_one() {
        for (specifier, name) in [
            ("react", "react"),
            ("react/jsx", "react"),
            ("@a/b", "@a/b"),
            ("@a/b/c.js", "@a/b"),
            ("chart.js", "chart.js"),
        ] {
            assert_eq!(package_name(specifier), Some(name));
        }
        for specifier in [
            "./a",
            "../a",
            "/a",
            "node:fs",
            "https://x/y",
            "#a",
            "~/a",
            "@/a",
            "@a",
            "@a/..",
            "..",
            "",
            "a b",
        ] {
            assert_eq!(package_name(specifier), None, "{specifier}");
        }
    }
}
