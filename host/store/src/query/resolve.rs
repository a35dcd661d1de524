//! What a symbol means: an id, a name, the end of a qualified name, or a place in a source file.

use std::collections::BTreeSet;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit, SymbolMatch};
use crate::graph::{EdgeReader, NodePlace, StoredFile, View, edge_order, node_with_notes};
use crate::link::{path_of_node, term};
use crate::model::{Edge, Node, Span, node_kind};
use crate::segment::Segment;

/// Files read together.
const FILES_PER_READ: usize = 512;

/// Kinds of what only a function or type knows that it stands in, in graphs that have nodes for such.
const LOCAL_KINDS: [&str; 2] = ["parameter", "type_parameter"];

/// A place in a source file, as editors, compilers and stack traces write it: `app/user.py:12` or `app/user.py:12:5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePlace {
    /// The file, or the end of its path.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in bytes, from 1, if it is given.
    pub column: Option<u32>,
}

impl SourcePlace {
    /// Reads a place; none if the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, last) = figure_at_end(text)?;
        let (file, line, column) = match figure_at_end(rest) {
            Some((file, line)) => (file, line, Some(last)),
            None => (rest, last, None),
        };
        let file = file.strip_prefix("./").unwrap_or(file);
        (!file.is_empty()).then(|| Self { file: file.to_owned(), line, column })
    }
}

/// `a:12` as `a` and 12; none if it does not end in a colon and a figure from 1.
fn figure_at_end(text: &str) -> Option<(&str, u32)> {
    let (rest, figure) = text.rsplit_once(':')?;
    if !figure.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some((rest, figure.parse().ok().filter(|figure| *figure > 0)?))
}

/// The nodes that a symbol may mean, sorted by id: the one with that id, else those with that name, else those whose
/// qualified name ends so, else the innermost at that place.
pub(super) async fn places_of(view: &View<'_>, symbol: &str) -> Result<Vec<NodePlace>> {
    if let Some(place) = view.facts_of_node(symbol).await? {
        return Ok(vec![place]);
    }
    let mut found = named(view, symbol, |_, _| true).await?;
    let last = symbol.rsplit_once('.').map_or(symbol, |(_, last)| last);
    // The id of a second definition of a name ends in `#2`, which is no part of the name.
    let name = last.split_once('#').map_or(last, |(name, _)| name);
    if found.is_empty() && name != symbol {
        let end = format!(".{symbol}");
        found = named(view, name, |segment, row| {
            let id = segment.id(row);
            let qualified = id.rsplit_once("::").map_or(id.as_str(), |(_, qualified)| qualified);
            qualified == symbol || qualified.ends_with(&end) || is_within(segment, row, symbol)
        })
        .await?;
    }
    pass_over_declarations(&mut found);
    if found.is_empty()
        && let Some(place) = SourcePlace::parse(symbol)
    {
        found = at(view, &place).await?;
    }
    found.sort_by_cached_key(|place| place.file.segment.id(place.row));
    Ok(found)
}

/// Leaves out what only declares a thing that is among the others.
fn pass_over_declarations(found: &mut Vec<NodePlace>) {
    let symbol = |place: &NodePlace| path_of_node(&place.file.segment, place.row);
    let is_declaration = |place: &NodePlace| place.file.segment.is_declaration(place.row);
    if !found.iter().any(is_declaration) {
        return;
    }
    let defined: BTreeSet<String> =
        found.iter().filter(|place| !is_declaration(place)).filter_map(symbol).collect();
    found.retain(|place| !is_declaration(place) || symbol(place).is_none_or(|path| !defined.contains(&path)));
}

/// Whether a node has this name when those of what contains it are put before its own: ids that other tools made do not
/// end in a qualified name.
fn is_within(segment: &Segment, row: u32, qualified: &str) -> bool {
    let (mut row, mut rest) = (row, qualified);
    // Each step takes a name off, so a cycle ends.
    loop {
        rest = match rest.strip_suffix(segment.name(row)) {
            None => return false,
            Some("") => return true,
            Some(rest) => rest,
        };
        match (rest.strip_suffix('.'), segment.parent(row)) {
            (Some(before), Some(parent)) if !before.is_empty() => (row, rest) = (parent, before),
            _ => return false,
        }
    }
}

async fn named(
    view: &View<'_>,
    name: &str,
    is_wanted: impl Fn(&Segment, u32) -> bool,
) -> Result<Vec<NodePlace>> {
    let files = view.files_with(term::names(name)).await?;
    let mut found = Vec::new();
    for files in files.chunks(FILES_PER_READ) {
        for file in view.facts_of(files).await? {
            for row in file.segment.rows_named(name) {
                if is_wanted(&file.segment, row) {
                    found.push(NodePlace { file: file.clone(), row });
                }
            }
        }
    }
    Ok(found)
}

/// The innermost nodes at a place: in the file with that path, else in every file whose path ends so.
async fn at(view: &View<'_>, place: &SourcePlace) -> Result<Vec<NodePlace>> {
    if let Some(file) = view.file_at(&place.file).await? {
        return Ok(innermost(&file, place));
    }
    let end = format!("/{}", place.file);
    let mut entries = view.all_entries().await?;
    entries.retain(|(_, entry)| entry.path.ends_with(&end));
    let mut found = Vec::new();
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        for file in view.files_of(entries.split_off(rest)).await? {
            found.extend(innermost(&file, place));
        }
    }
    Ok(found)
}

/// The nodes at a place that have no other one inside them there.
fn innermost(file: &StoredFile, place: &SourcePlace) -> Vec<NodePlace> {
    let segment = &file.segment;
    let mut rows: Vec<(Extent, u32)> = (0..segment.node_count())
        .map(|row| (Extent::of(segment.span(row)), row))
        .filter(|(extent, _)| extent.contains(place))
        .collect();
    if place.column.is_none() {
        pass_over_local_names(segment, &mut rows);
    }
    rows.sort_unstable();
    // Outer ones come first. So one has another inside exactly if a later one, of another extent, ends no later.
    let mut kept = Vec::new();
    let mut least_end = None;
    let groups: Vec<&[(Extent, u32)]> = rows.chunk_by(|a, b| a.0 == b.0).collect();
    for group in groups.into_iter().rev() {
        let Some((extent, _)) = group.first() else { continue };
        if least_end.is_none_or(|least| extent.end() < least) {
            kept.extend(group.iter().map(|(_, row)| *row));
            least_end = Some(extent.end());
        }
    }
    kept.into_iter().map(|row| NodePlace { file: file.clone(), row }).collect()
}

/// A line of a function means the function, and neither a parameter that stands there nor the attribute that it sets. Where
/// nothing but the file is there besides, as in graphs that know of a function no more than where its name stands, these
/// are what is left.
fn pass_over_local_names(segment: &Segment, rows: &mut Vec<(Extent, u32)>) {
    let is_function = |kind: &str| matches!(kind, node_kind::FUNCTION | node_kind::METHOD);
    let functions: Vec<Extent> =
        rows.iter().filter(|(_, row)| is_function(segment.kind(*row))).map(|(extent, _)| *extent).collect();
    let is_local = |(extent, row): &(Extent, u32)| match segment.kind(*row) {
        kind if LOCAL_KINDS.contains(&kind) => true,
        node_kind::VARIABLE => {
            segment.parent(*row).is_some_and(|parent| is_function(segment.kind(parent)))
                || functions.iter().any(|outer| outer.holds(extent))
        }
        _ => false,
    };
    let is_more = |row: u32| segment.kind(row) != node_kind::MODULE;
    if rows.iter().any(|place| is_more(place.1) && !is_local(place)) {
        rows.retain(|place| !is_local(place));
    }
}

/// From where to where something stands, as (line, column); the outer of two that begin together comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Extent {
    start: (u32, u32),
    end: std::cmp::Reverse<(u32, u32)>,
}

impl Extent {
    fn of(span: Span) -> Self {
        Self {
            start: (span.start_line, span.start_column),
            end: std::cmp::Reverse((span.end_line, span.end_column)),
        }
    }

    fn end(&self) -> (u32, u32) {
        self.end.0
    }

    fn contains(&self, place: &SourcePlace) -> bool {
        match place.column {
            None => (self.start.0..=self.end().0).contains(&place.line),
            Some(column) => (self.start..self.end()).contains(&(place.line, column.saturating_sub(1))),
        }
    }

    fn holds(&self, inner: &Self) -> bool {
        self != inner && self.start <= inner.start && inner.end() <= self.end()
    }
}

pub(super) async fn resolve(view: &View<'_>, symbol: &str) -> Result<Answer<SymbolMatch>> {
    Ok(matches(view, &places_of(view, symbol).await?))
}

pub(super) async fn definitions_at(view: &View<'_>, place: &SourcePlace) -> Result<Answer<SymbolMatch>> {
    let mut found = at(view, place).await?;
    found.sort_by_cached_key(|place| place.file.segment.id(place.row));
    Ok(matches(view, &found))
}

fn matches(view: &View<'_>, places: &[NodePlace]) -> Answer<SymbolMatch> {
    let mut answer = Answer::of(view);
    answer.results = places
        .iter()
        .map(|place| SymbolMatch {
            node: NodeHit::of(place),
            span: place.file.segment.span(place.row),
            attributes: place.file.segment.node_attributes(place.row),
        })
        .collect();
    answer
}

pub(super) async fn node(view: &View<'_>, id: &str) -> Result<Option<Node>> {
    if view.head.notes == 0 {
        let place = view.facts_of_node(id).await?;
        return Ok(place.map(|place| place.file.segment.node(place.row, &place.file.entry.path)));
    }
    match view.node(id).await? {
        Some(place) => Ok(Some(node_with_notes(view, &place).await?)),
        None => Ok(None),
    }
}

pub(super) async fn show(view: &View<'_>, id: &str) -> Result<Option<(Node, Vec<Edge>)>> {
    let Some(place) = view.node(id).await? else { return Ok(None) };
    let slot = place.slot();
    let mut edges = EdgeReader::new(view).edges(&place.file, |link, _| link.source == slot).await?;
    edges.sort_by(edge_order);
    Ok(Some((node_with_notes(view, &place).await?, edges)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_line_and_perhaps_a_column() {
        let place = |file: &str, line, column| Some(SourcePlace { file: file.to_owned(), line, column });
        assert_eq!(SourcePlace::parse("a/b.py:12"), place("a/b.py", 12, None));
        assert_eq!(SourcePlace::parse("./b.py:12:5"), place("b.py", 12, Some(5)));
        assert_eq!(SourcePlace::parse("odd:name.py:3"), place("odd:name.py", 3, None));
        for text in ["a.py", "a.py:", "a.py:x", "a.py:0", ":3", "a.py:+3", "a.py:99999999999", "User.save"] {
            assert_eq!(SourcePlace::parse(text), None, "{text}");
        }
    }
}
