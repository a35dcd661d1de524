//! The names in SCIP's symbols.
//!
//! A symbol is a scheme, three words of a package, and descriptors: names with a mark each that says what they name,
//! `shop/User#save().`. A symbol that does not follow the grammar is kept as a name of which nothing is known.

use std::borrow::Cow;

/// What a descriptor says that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    /// `name/`
    Namespace,
    /// `name#`
    Type,
    /// `name.`
    Term,
    /// `name().`
    Method,
    /// `[name]`
    TypeParameter,
    /// `(name)`
    Parameter,
    /// `name!`
    Macro,
    /// `name:`
    Meta,
    /// `local 1`
    Local,
    /// Not said.
    Unknown,
}

/// A symbol, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Symbol<'a> {
    /// The last name.
    pub(super) name: Cow<'a, str>,
    /// What it names.
    pub(super) suffix: Suffix,
    /// The symbol of what it stands in, if it says so.
    pub(super) parent: Option<&'a str>,
}

/// Whether a symbol is one of its document only.
pub(super) fn is_local(symbol: &str) -> bool {
    symbol.starts_with("local ")
}

impl<'a> Symbol<'a> {
    /// Reads a symbol.
    pub(super) fn read(symbol: &'a str) -> Self {
        if is_local(symbol) {
            return Self { name: symbol.into(), suffix: Suffix::Local, parent: None };
        }
        let unknown = || Self { name: symbol.into(), suffix: Suffix::Unknown, parent: None };
        let Some(descriptors) = descriptors(symbol) else { return unknown() };
        let mut rest = descriptors;
        let mut last: Option<(Cow<'a, str>, Suffix)> = None;
        let mut parent = None;
        while !rest.is_empty() {
            let Some((name, suffix, after)) = descriptor(rest) else { return unknown() };
            if last.is_some() {
                parent = symbol.get(..symbol.len() - rest.len());
            }
            last = Some((name, suffix));
            rest = after;
        }
        let Some((name, suffix)) = last else { return unknown() };
        // `shop/__init__:` is how some name a module: the name is that of the namespace.
        if suffix == Suffix::Meta
            && let Some(of) = parent.map(Symbol::read)
            && of.suffix == Suffix::Namespace
        {
            return Self { name: of.name, suffix, parent };
        }
        Self { name, suffix, parent }
    }
}

/// What comes after the scheme and the three words of the package. A space in one of these is written twice.
fn descriptors(symbol: &str) -> Option<&str> {
    let mut rest = symbol;
    for _ in 0..4 {
        let mut from = 0;
        loop {
            let space = from + rest.get(from..)?.find(' ')?;
            if rest.get(space + 1..)?.starts_with(' ') {
                from = space + 2;
            } else {
                rest = rest.get(space + 1..)?;
                break;
            }
        }
    }
    Some(rest)
}

/// The first descriptor, and what comes after it.
fn descriptor(text: &str) -> Option<(Cow<'_, str>, Suffix, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (name, rest) = name(rest)?;
        return Some((name, Suffix::TypeParameter, rest.strip_prefix(']')?));
    }
    if let Some(rest) = text.strip_prefix('(') {
        let (name, rest) = name(rest)?;
        return Some((name, Suffix::Parameter, rest.strip_prefix(')')?));
    }
    let (name, rest) = name(text)?;
    let mark = rest.chars().next()?;
    let after = rest.get(mark.len_utf8()..)?;
    let suffix = match mark {
        '/' => Suffix::Namespace,
        '#' => Suffix::Type,
        '.' => Suffix::Term,
        ':' => Suffix::Meta,
        '!' => Suffix::Macro,
        '(' => {
            let (_, rest) = after.split_once(')')?;
            return Some((name, Suffix::Method, rest.strip_prefix('.')?));
        }
        _ => return None,
    };
    Some((name, suffix, after))
}

/// A name, plain or between backticks, in which a backtick is written twice.
fn name(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('`') else {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '$');
        let end = text.find(|c| !is_plain(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return (!name.is_empty()).then_some((name.into(), rest));
    };
    let mut from = 0;
    loop {
        let end = from + quoted.get(from..)?.find('`')?;
        let rest = quoted.get(end + 1..)?;
        if rest.starts_with('`') {
            from = end + 2;
            continue;
        }
        let name = quoted.get(..end)?;
        let name = if name.contains('`') { name.replace("``", "`").into() } else { Cow::Borrowed(name) };
        return Some((name, rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(symbol: &str) -> (String, Suffix, Option<&str>) {
        let read = Symbol::read(symbol);
        (read.name.into_owned(), read.suffix, read.parent)
    }

    #[test]
    fn the_last_descriptor_names_and_the_others_hold() {
        let user = "scip-python python shop 1.0 `shop.user`/User#";
        assert_eq!(
            read(user),
            ("User".into(), Suffix::Type, Some("scip-python python shop 1.0 `shop.user`/"))
        );
        let save = format!("{user}save().");
        assert_eq!(read(&save), ("save".into(), Suffix::Method, Some(user)));
        let parameter = format!("{save}(force)");
        assert_eq!(read(&parameter), ("force".into(), Suffix::Parameter, Some(save.as_str())));
        let overload = format!("{user}save(+1).");
        assert_eq!(read(&overload).1, Suffix::Method);
    }

    #[test]
    fn a_module_that_is_named_by_a_mark_has_the_name_of_its_namespace() {
        let module = read("scip-python python shop 1.0 `shop.user`/__init__:");
        assert_eq!(
            module,
            ("shop.user".into(), Suffix::Meta, Some("scip-python python shop 1.0 `shop.user`/"))
        );
    }

    #[test]
    fn spaces_and_backticks_are_written_twice() {
        let odd = "a  b . . 1 `x``y`#`impl  z`().";
        let parent = "a  b . . 1 `x``y`#";
        assert_eq!(read(odd), ("impl  z".into(), Suffix::Method, Some(parent)));
        assert_eq!(read(parent), ("x`y".into(), Suffix::Type, None));
    }

    #[test]
    fn what_does_not_follow_the_grammar_is_a_name_and_no_more() {
        for odd in [
            "",
            " ",
            "a b c d ",
            "a b c d x",
            "a b c d `x",
            "a b c d x(",
            "a b c d x()",
            "a b c d [x",
            "word",
        ] {
            assert_eq!(read(odd), (odd.to_owned(), Suffix::Unknown, None), "{odd:?}");
        }
        assert_eq!(read("local 7"), ("local 7".into(), Suffix::Local, None));
    }
}
