//! The picture around a symbol, or of a file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use codestrata::limits::MAX_RESULTS;
use codestrata::model::edge_kind;
use codestrata::query::{Neighbourhood, NeighbourhoodNode, NodeHit, Traversal};
use codestrata::{GraphStorage, Queries};
use codestrata_draw::{Arrow, Certainty, Picture, Shape};

use super::signature::Sources;
use super::strength::strongest;
use super::{Draw, Drawing, Format, certainty};
use crate::failure::{Code, Failure};
use crate::freshness;
use crate::store::Store;
use crate::symbols::{MAX_DEFINITIONS, Symbol};
use crate::walking::edge_kinds;
use crate::words::{counted, length};

/// How many boxes there are, unless it is asked for others.
const BOXES: usize = 150;
/// What has more neighbours is drawn and not followed: one step further would be half of the program.
const HUB: usize = 40;
/// So many arrows can always be told apart, and with more boxes so many for each two of them.
const MANY_ARROWS: usize = 80;
const ARROWS_FOR_TWO_BOXES: usize = 2;
/// How many files are named where several may be meant.
const MAX_NAMED: usize = 5;

pub(super) async fn draw(command: &Draw, store: &Store, queries: &Queries) -> Result<Drawing, Failure> {
    let (title, starts, depth) = match (&command.symbol, &command.file) {
        (Some(symbol), _) => {
            let starts = definitions(command, symbol, queries).await?;
            (format!("around {symbol}"), starts, command.depth.unwrap_or(1))
        }
        (None, file) => {
            let meant = file_meant(file.as_deref().unwrap_or_default(), store, queries).await;
            let path = match meant {
                Ok(path) => path,
                Err(failure) => return Err(freshness::doubted(queries, failure).await),
            };
            let found = queries.nodes_of_file(&path, MAX_RESULTS).await?;
            (format!("what {path} defines"), found.results, command.depth.unwrap_or(0))
        }
    };
    let most = command.max_nodes.unwrap_or(BOXES);
    let ids: Vec<String> = starts.into_iter().map(|node| node.id().to_string()).collect();
    let how = Traversal::along(edge_kinds(&command.kinds))
        .direction(command.direction.into())
        .depth(depth)
        .visited(most);
    let found = queries.neighbourhood(&ids, &how, HUB).await?;
    let mut picture = Picture::new(title);
    picture.remark(format!("{}, version {}", queries.repository(), found.nodes.version));
    let mut notes = left_out(&found, most);
    let is_symbol = command.symbol.is_some();
    let mut numbers = HashMap::new();
    let mut sources = sources(command, queries, &found).await?;
    for node in &found.nodes.results {
        let shape = shape(node, depth);
        let details = match &mut sources {
            Some(sources) => details(sources, queries, &node.node).await?,
            None => Vec::new(),
        };
        let shape = details.into_iter().fold(shape, |shape, (name, value)| shape.with_detail(name, value));
        let shape = if is_symbol && node.depth == 0 { shape.as_centre() } else { shape };
        numbers.insert(node.node.id(), picture.add(shape));
    }
    let arrows = arrows(&found, &numbers);
    let ends: Vec<(usize, usize)> = arrows.iter().map(|(ends, _)| *ends).collect();
    let drawn = strongest(&ends, MANY_ARROWS.max(numbers.len().saturating_mul(ARROWS_FOR_TWO_BOXES) / 2));
    let (all, count) = (arrows.len(), drawn.iter().filter(|is_drawn| **is_drawn).count());
    if count < all {
        notes.push(format!("the nearest and surest {count} of {all} arrows: more could not be told apart"));
    }
    for note in &notes {
        picture.remark(note);
    }
    let hubs = found.nodes.results.iter().filter(|node| node.is_hub).count() as u64;
    if hubs > 0 {
        let has = if hubs == 1 { "has" } else { "have" };
        picture.remark(format!("{hubs} that {has} more than {HUB} neighbours not followed"));
    }
    let loose = found.nodes.ambiguous + found.nodes.unresolved;
    if loose > 0 {
        picture.remark(format!("{} to nothing in the repository not drawn", counted(loose, "reference")));
    }
    for ((_, arrow), is_drawn) in arrows.into_iter().zip(drawn) {
        picture.connect(if is_drawn { arrow } else { arrow.only_listed() });
    }
    Ok(Drawing {
        picture,
        version: found.nodes.version,
        arrows: count as u64,
        truncated: found.nodes.truncated || count < all,
        left_out: found.starts_left_out + found.left_out,
        notes,
    })
}

/// What had no room.
fn left_out(found: &Neighbourhood, most: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if found.starts_left_out > 0 {
        notes.push(format!(
            "{} with the fewest edges to the others left out: more than --max-nodes ({most})",
            counted(found.starts_left_out, "definition")
        ));
    }
    if found.left_out > 0 {
        notes.push(format!(
            "{} at {} with the fewest edges to what is drawn left out, and what is beyond: more than --max-nodes ({most})",
            counted(found.left_out, "definition"),
            counted(found.left_out_depth.into(), "step"),
        ));
    }
    notes
}

/// The ends of an arrow, and it.
type Drawn = ((usize, usize), Arrow);

/// What there is between the boxes, the most important first: the nearest to what was asked for, then the surest; then what
/// is no import, because what is imported is used somewhere; then what happens most often.
fn arrows(found: &Neighbourhood, numbers: &HashMap<&str, usize>) -> Vec<Drawn> {
    let depths: HashMap<&str, u32> =
        found.nodes.results.iter().map(|node| (node.node.id(), node.depth)).collect();
    let depth = |id: &str| depths.get(id).copied().unwrap_or_default();
    let mut arrows: BTreeMap<(usize, usize, &str), (u32, Certainty, u64)> = BTreeMap::new();
    for edge in &found.edges {
        let ends = (numbers.get(edge.source.as_str()), numbers.get(edge.target.as_str()));
        if let (Some(source), Some(target)) = ends {
            let distance = depth(&edge.source) + depth(&edge.target);
            let new = (distance, certainty(edge.resolution), 0);
            let (_, surest, count) = arrows.entry((*source, *target, &edge.kind)).or_insert(new);
            *surest = (*surest).min(certainty(edge.resolution));
            *count += edge.count;
        }
    }
    let mut arrows: Vec<_> = arrows.into_iter().collect();
    arrows.sort_by_key(|((source, target, kind), (distance, certainty, count))| {
        (*distance, *certainty, *kind == edge_kind::IMPORTS, Reverse(*count), *source, *target)
    });
    let arrow = |((source, target, kind), (_, certainty, count))| {
        ((source, target), Arrow::new(source, target, kind, certainty).times(count))
    };
    arrows.into_iter().map(arrow).collect()
}

async fn definitions(command: &Draw, symbol: &str, queries: &Queries) -> Result<Vec<NodeHit>, Failure> {
    let symbol = Symbol::of(symbol, command.kind.clone(), command.file.clone());
    let found = symbol.definitions(queries).await?.results;
    if found.len() > MAX_DEFINITIONS {
        let message = format!("`{}` has {}", symbol.text, counted(length(&found), "definition"));
        return Err(Failure::new(Code::Usage, "usage", message)
            .with_help("name one by its id or as `Class.method`, or use --file and --kind"));
    }
    Ok(found.into_iter().map(|found| found.node).collect())
}

/// A box for a definition: its dotted name, its place below, and how many neighbours it has that are not drawn, where
/// that tells something.
fn shape(found: &NeighbourhoodNode, depth: u32) -> Shape {
    let node = &found.node;
    // The id ends in the dotted name, where it has such a form.
    let dotted = node.id().rsplit_once("::").map(|(_, dotted)| dotted);
    let label = dotted.filter(|dotted| dotted.ends_with(node.name())).unwrap_or(node.name());
    let place =
        if node.line() == 0 { node.file().to_string() } else { format!("{}:{}", node.file(), node.line()) };
    let shape = Shape::new(node.id(), label, node.kind()).at(place);
    let is_cut = found.depth == 0 && depth > 0 && found.hidden > 0;
    if is_cut || found.hidden > HUB as u64 {
        shape.noting(format!("{} not drawn", counted(found.hidden, "neighbour")))
    } else {
        shape
    }
}

/// Where signatures are read, for a page. Nothing else shows them.
async fn sources(
    command: &Draw,
    queries: &Queries,
    found: &Neighbourhood,
) -> Result<Option<Sources>, Failure> {
    if command.written_as() != Format::Html {
        return Ok(None);
    }
    let files: BTreeSet<&str> = found.nodes.results.iter().map(|node| node.node.file()).collect();
    let files: Vec<&str> = files.into_iter().collect();
    Ok(Some(Sources::of(queries, &files).await?))
}

/// What a page shows of a definition that is clicked: how it is written, its lines, and what analysers keep beside it.
async fn details(
    sources: &mut Sources,
    queries: &Queries,
    hit: &NodeHit,
) -> Result<Vec<(String, String)>, Failure> {
    let Some((node, _)) = queries.show(hit.id()).await? else { return Ok(Vec::new()) };
    let mut details = Vec::new();
    details.extend(sources.signature(hit).map(|signature| ("signature".to_owned(), signature)));
    if node.span.end_line > node.span.start_line {
        details.push(("lines".to_owned(), format!("{} to {}", node.span.start_line, node.span.end_line)));
    }
    for (name, value) in &node.attributes {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        details.push((name.to_string(), value));
    }
    Ok(details)
}

/// The file that was named: by its path, else by its end, else by a part of it that no other has.
async fn file_meant(text: &str, store: &Store, queries: &Queries) -> Result<String, Failure> {
    let files = store.storage.graph().list_files(queries.repository()).await?;
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let text = text.trim_start_matches("./");
    let ending = format!("/{text}");
    let by_end: Vec<&str> = paths.iter().copied().filter(|path| path.ends_with(&ending)).collect();
    let by_part: Vec<&str> = paths.iter().copied().filter(|path| path.contains(text)).collect();
    let exact = paths.iter().copied().find(|path| *path == text);
    if let Some(path) = exact {
        return Ok(path.to_owned());
    }
    match (by_end.as_slice(), by_part.as_slice()) {
        ([path], _) | ([], [path]) => Ok((*path).to_owned()),
        ([], []) => Err(Failure::not_found(format!("no file has `{text}` in its path"))
            .with_help("`codestrata find TEXT` shows where something is defined")),
        ([], several) | (several, _) => {
            let named: Vec<String> = several.iter().take(MAX_NAMED).map(|path| format!("`{path}`")).collect();
            let more = several.len().saturating_sub(named.len());
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            Err(Failure::new(Code::Usage, "usage", format!("several files are called `{text}`"))
                .with_help(format!("name one of {}{more}", named.join(", "))))
        }
    }
}
