//! How definitions are written in their sources, for who clicks on a box.
//!
//! The graph does not keep it. It is read from the folder that was indexed, and only from files that are still what they
//! were then: of others the lines would be those of something else.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use codestrata::Queries;
use codestrata::query::NodeHit;
use codestrata_index::{Basis, freshness};

use crate::failure::Failure;

/// A signature has no more lines, and no more characters.
const MAX_LINES: usize = 12;
const MAX_CHARACTERS: usize = 400;

/// Files of the folder that was indexed.
#[derive(Default)]
pub(super) struct Sources {
    root: Option<PathBuf>,
    usable: HashSet<String>,
    read: HashMap<String, Option<String>>,
}

impl Sources {
    /// Looks which of some files are what was indexed. None are where that cannot be said of all of them.
    pub(super) async fn of(queries: &Queries, paths: &[&str]) -> Result<Self, Failure> {
        let found = freshness(queries, paths).await?;
        let Basis::Folder(root) = &found.basis else { return Ok(Self::default()) };
        if found.unchecked > 0 {
            return Ok(Self::default());
        }
        let stale: HashSet<&str> = found.stale.iter().map(|file| file.path.as_str()).collect();
        let usable = paths.iter().filter(|path| !stale.contains(*path)).map(|path| (*path).to_owned());
        Ok(Self { root: Some(root.clone()), usable: usable.collect(), read: HashMap::new() })
    }

    /// How a definition begins, if its file can be used.
    pub(super) fn signature(&mut self, node: &NodeHit) -> Option<String> {
        let root = self.root.as_ref()?;
        if node.line() == 0 || node.kind() == "module" || !self.usable.contains(node.file()) {
            return None;
        }
        let read = || std::fs::read_to_string(root.join(node.file())).ok();
        let text = self.read.entry(node.file().to_string()).or_insert_with(read);
        let lines: Vec<&str> =
            text.as_deref()?.lines().skip(node.line() as usize - 1).take(MAX_LINES).collect();
        Some(beginning(&lines)).filter(|signature| !signature.is_empty())
    }
}

/// The lines up to the one where the brackets are closed again, without decorators before them and what opens a body.
fn beginning(lines: &[&str]) -> String {
    let is_decorator = |line: &&&str| line.trim_start().starts_with(['@', '#']);
    let decorators = lines.iter().take_while(is_decorator).count();
    let mut taken: Vec<&str> = Vec::new();
    let mut open = 0_usize;
    for line in lines.iter().skip(decorators) {
        taken.push(line.trim());
        for letter in line.chars() {
            match letter {
                '(' | '[' => open += 1,
                ')' | ']' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        if open == 0 {
            break;
        }
    }
    // A list of parameters on lines of their own is one line again.
    let joined = taken.join(" ").replace("( ", "(").replace(", )", ")").replace(" )", ")");
    let cut = joined.trim_end_matches([' ', '{', ':', ';']);
    match cut.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", cut.get(..end).unwrap_or(cut)),
        None => cut.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_ends_where_its_brackets_do() {
        assert_eq!(beginning(&["def f(a, b):", "    return a"]), "def f(a, b)");
        assert_eq!(
            beginning(&["@cached", "def f(", "    a,", "    b=(1, 2),", ") -> int:", "x"]),
            "def f(a, b=(1, 2)) -> int"
        );
        assert_eq!(
            beginning(&["public static int Run(string[] args) {", "}"]),
            "public static int Run(string[] args)"
        );
        assert_eq!(beginning(&["fn f() -> u8 { 1 }"]), "fn f() -> u8 { 1 }");
        assert_eq!(beginning(&[]), "");
        let endless = vec!["f(((((((((("; 5_000];
        assert!(beginning(&endless).chars().count() <= MAX_CHARACTERS + 1);
    }
}
