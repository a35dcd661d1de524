//! `require` and the like: which files of the repository they may mean.

use codestrata::model::{ImportedName, Reference};
use tree_sitter::Node;

use super::{Kind, Ruby};
use crate::extract::{Context, Reading, span};

/// The most candidates of one import.
const MOST_CANDIDATES: usize = 6;

/// The folder of a project that is on the load path.
const LIBRARY: &str = "lib";

impl Ruby {
    /// Reads `require "name"`; whether it is that.
    pub(super) fn requires<'t>(
        &self,
        word: &str,
        arguments: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> bool {
        let position = match word {
            "require" | "require_relative" | "load" => 0,
            "autoload" => 1,
            _ => return false,
        };
        let named = arguments.and_then(|arguments| arguments.named_child(position));
        let Some(named) = named.filter(|named| self.kind(*named) == Kind::String) else { return false };
        let Some(name) = text_of(named, reading) else { return false };
        let path = reading.sketch.path;
        let candidates = match word {
            "require_relative" => relative(path, name).into_iter().collect(),
            _ => on_load_path(path, name),
        };
        reading.sketch.import(candidates, name, ImportedName::Module, Some(span(named)));
        // A file that is named for `autoload` is read when its constant is first asked for.
        let in_function = reading.sketch.lateness(context.scope);
        let late = if word == "autoload" { Some(Reference::IN_FUNCTION) } else { in_function };
        reading.sketch.mark_late(late);
        true
    }
}

/// The name of a file with the ending that may be left out.
fn with_ending(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, "rb" | "rake")) => name.to_owned(),
        _ => format!("{name}.rb"),
    }
}

/// The file that `require_relative` names; none if it is outside of the repository.
fn relative(path: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(with_ending(&parts.join("/")))
}

/// The files that `require` may name, the likeliest first: in the `lib` around the file, in that of the project, at its
/// root.
fn on_load_path(path: &str, name: &str) -> Vec<String> {
    if name.starts_with('.') {
        return relative("", name).into_iter().collect();
    }
    let name = with_ending(name);
    let folders: Vec<&str> = path.split('/').collect();
    let mut candidates = Vec::new();
    let mut add = |folder: &[&str], inner: Option<&str>| {
        let parts = folder.iter().copied().chain(inner).chain([name.as_str()]);
        let candidate = parts.collect::<Vec<_>>().join("/");
        if candidates.len() < MOST_CANDIDATES && !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    };
    for (depth, folder) in folders.iter().enumerate().rev().skip(1) {
        if *folder == LIBRARY {
            add(folders.get(..=depth).unwrap_or_default(), None);
        }
    }
    // The project of a test has its `lib` beside the folder of the test.
    for depth in (0..folders.len()).rev().take(3) {
        add(folders.get(..depth).unwrap_or_default(), Some(LIBRARY));
    }
    add(&[], Some(LIBRARY));
    add(&[], None);
    candidates
}

/// The text of a string without interpolation.
fn text_of<'s>(string: Node<'_>, reading: &Reading<'s, '_>) -> Option<&'s str> {
    let text = reading.text(string);
    let name = text.get(1..text.len().checked_sub(1)?)?;
    (!name.is_empty() && !name.contains(['#', '\\', '\n'])).then_some(name)
}
