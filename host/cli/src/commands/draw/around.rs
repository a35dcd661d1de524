//! The picture around a symbol, or of a file.

use std::collections::HashMap;

use codestrata::limits::MAX_RESULTS;
use codestrata::query::{NodeHit, Traversal};
use codestrata::{GraphStorage, Queries};
use codestrata_draw::{Arrow, Picture, Shape};

use super::{Draw, Drawing, certainty};
use crate::failure::Failure;
use crate::freshness;
use crate::store::Store;
use crate::symbols::{MAX_DEFINITIONS, Symbol};
use crate::walking::edge_kinds;
use crate::words::{counted, length};

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
    let ids: Vec<String> = starts.iter().take(command.max_nodes).map(|node| node.id.clone()).collect();
    let how = Traversal::along(edge_kinds(&command.kinds))
        .direction(command.direction.into())
        .depth(depth)
        .visited(command.max_nodes);
    let (nodes, edges) = queries.subgraph_of(&ids, &how).await?;
    let mut picture = Picture::new(title);
    picture.remark(format!("{}, version {}", queries.repository(), nodes.version));
    let left_out = starts.len().saturating_sub(ids.len());
    let truncated = nodes.truncated || left_out > 0;
    if left_out > 0 {
        picture.remark(format!(
            "{} of the file left out: more than --max-nodes",
            counted(left_out as u64, "definition")
        ));
    } else if nodes.truncated {
        picture.remark("cut: there is more around it than --max-nodes");
    }
    let loose = nodes.ambiguous + nodes.unresolved;
    if loose > 0 {
        picture.remark(format!("{} to nothing in the repository not drawn", counted(loose, "reference")));
    }
    let is_symbol = command.symbol.is_some();
    let mut numbers = HashMap::new();
    for found in &nodes.results {
        let shape = shape(&found.node);
        let shape = if is_symbol && found.depth == 0 { shape.as_centre() } else { shape };
        numbers.insert(found.node.id.as_str(), picture.add(shape));
    }
    for edge in &edges {
        if let (Some(source), Some(target)) =
            (numbers.get(edge.source.as_str()), numbers.get(edge.target.as_str()))
        {
            let arrow = Arrow::new(*source, *target, &edge.kind, certainty(edge.resolution));
            picture.connect(arrow.times(edge.count));
        }
    }
    Ok(Drawing { picture, version: nodes.version, arrows: length(&edges), truncated })
}

async fn definitions(command: &Draw, symbol: &str, queries: &Queries) -> Result<Vec<NodeHit>, Failure> {
    let symbol = Symbol::of(symbol, command.kind.clone(), command.file.clone());
    let found = symbol.definitions(queries).await?.results;
    if found.len() > MAX_DEFINITIONS {
        let message = format!("`{}` has {}", symbol.text, counted(length(&found), "definition"));
        return Err(Failure::input(message)
            .with_help("name one by its id or as `Class.method`, or use --file and --kind"));
    }
    Ok(found.into_iter().map(|found| found.node).collect())
}

/// A box for a definition: its dotted name, and its place below.
fn shape(node: &NodeHit) -> Shape {
    // The id ends in the dotted name, where it has such a form.
    let dotted = node.id.rsplit_once("::").map(|(_, dotted)| dotted);
    let label = dotted.filter(|dotted| dotted.ends_with(&node.name)).unwrap_or(&node.name);
    let place = if node.line == 0 { node.file.clone() } else { format!("{}:{}", node.file, node.line) };
    Shape::new(&node.id, label, &node.kind).at(place)
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
            Err(Failure::input(format!("several files are called `{text}`"))
                .with_help(format!("name one of {}{more}", named.join(", "))))
        }
    }
}
