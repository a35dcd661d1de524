//! The picture of files or folders, and which refer to which.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use codestrata::limits::MAX_RESULTS;
use codestrata::query::FileDependency;
use codestrata::{GraphStorage, Queries, Resolution};
use codestrata_draw::{Arrow, Picture, Shape};

use super::split::{Extent, Part, split};
use super::strength::strongest;
use super::{Draw, Drawing, certainty};
use crate::failure::Failure;
use crate::store::Store;
use crate::walking::edge_kinds;
use crate::words::{counted, length};

/// How many boxes a picture of everything has, unless it is asked for more: so many can be taken in at once.
const TELLING: usize = 60;
/// The kind of an arrow that stands for references of several kinds.
const DEPENDS: &str = "refers to";
/// How many arrows there are for each two boxes: more cannot be told apart where nearly everything refers to everything.
const ARROWS_FOR_TWO_BOXES: usize = 3;
/// Of so many boxes one arrow has its count written at it, and not more arrows than this.
const BOXES_FOR_A_LABEL: usize = 4;
const MAX_LABELS: usize = 15;

pub(super) async fn draw(command: &Draw, store: &Store, queries: &Queries) -> Result<Drawing, Failure> {
    let files = store.storage.graph().list_files(queries.repository()).await?;
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let found = queries.file_dependencies(&edge_kinds(&command.kinds), MAX_RESULTS).await?;
    let most = command.max_nodes.unwrap_or(TELLING);
    let (parts, of_files) = match command.depth {
        Some(depth) => by_depth(&paths, depth as usize),
        None => split(&paths, &references(&paths, &found.results), most),
    };
    let relations = between(&paths, &of_files, &found.results);
    let kept = most_related(&parts, &relations, most);
    let has_folders = parts.iter().any(|part| part.extent != Extent::File);
    let title = if has_folders { "files and folders" } else { "files" };
    let mut picture = Picture::new(format!("which {title} refer to which"));
    picture.remark(format!("{}, version {}", queries.repository(), found.version));
    picture.remark(format!("{} in all", counted(length(&files), "file")));
    let mut notes = Vec::new();
    let left_out = parts.len() - kept.len();
    if left_out > 0 {
        notes.push(format!("{left_out} with the fewest references left out: more than --max-nodes ({most})"));
    }
    let mut numbers = HashMap::new();
    for number in &kept {
        if let Some(part) = parts.get(*number) {
            numbers.insert(*number, picture.add(shape(part, distinct_name(&parts, &kept, *number))));
        }
    }
    let mut arrows: Vec<(usize, usize, &Relation)> = relations
        .iter()
        .filter_map(|((from, to), relation)| Some((*numbers.get(from)?, *numbers.get(to)?, relation)))
        .collect();
    arrows.sort_by_key(|(from, to, relation)| (Reverse(relation.count), *from, *to));
    let ends: Vec<(usize, usize)> = arrows.iter().map(|(from, to, _)| (*from, *to)).collect();
    let is_drawn = strongest(&ends, kept.len().saturating_mul(ARROWS_FOR_TWO_BOXES) / 2);
    let (all, drawn) = (arrows.len(), is_drawn.iter().filter(|is_drawn| **is_drawn).count());
    if drawn < all {
        notes.push(format!("the strongest {drawn} of {all} arrows: more could not be told apart"));
    }
    for note in &notes {
        picture.remark(note);
    }
    let labels = (kept.len() / BOXES_FOR_A_LABEL).clamp(1, MAX_LABELS);
    for (place, ((from, to, relation), is_drawn)) in arrows.into_iter().zip(is_drawn).enumerate() {
        let arrow = Arrow::new(from, to, DEPENDS, certainty(relation.resolution)).times(relation.count);
        let arrow = if place < labels { arrow.labelled() } else { arrow };
        picture.connect(if is_drawn { arrow } else { arrow.only_listed() });
    }
    Ok(Drawing {
        picture,
        version: found.version,
        arrows: drawn as u64,
        truncated: found.truncated || left_out > 0 || drawn < all,
        left_out: left_out as u64,
        notes,
    })
}

/// All references from one box to another.
struct Relation {
    resolution: Option<Resolution>,
    count: u64,
}

/// References between files, as numbers of these.
fn references(paths: &[&str], dependencies: &[FileDependency]) -> Vec<(usize, usize, u64)> {
    let numbers: HashMap<&str, usize> = paths.iter().copied().zip(0..).collect();
    let number = |path: &str| numbers.get(path).copied();
    let reference = |one: &FileDependency| Some((number(&one.source)?, number(&one.target)?, one.count));
    dependencies.iter().filter_map(reference).collect()
}

/// Every file in its folder of this depth, or itself at depth 0.
fn by_depth(paths: &[&str], depth: usize) -> (Vec<Part>, Vec<usize>) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for path in paths {
        *counts.entry(group(path, depth)).or_default() += 1;
    }
    let numbers: HashMap<&str, usize> = counts.keys().map(String::as_str).zip(0..).collect();
    let of_files = paths.iter().map(|path| numbers.get(group(path, depth).as_str()).copied().unwrap_or(0));
    let of_files = of_files.collect();
    let extent = if depth == 0 { Extent::File } else { Extent::Folder };
    let part = |(path, files): (&String, &u64)| Part { path: path.clone(), extent, files: *files };
    (counts.iter().map(part).collect(), of_files)
}

/// The box of a file: itself at depth 0, else its folder, of which so many levels are told apart.
fn group(path: &str, depth: usize) -> String {
    if depth == 0 {
        return path.to_owned();
    }
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let kept: Vec<&str> = folders.split('/').take(depth).collect();
    if folders.is_empty() { "./".to_owned() } else { kept.join("/") + "/" }
}

/// What refers to what, from box to box.
fn between(
    paths: &[&str],
    of_files: &[usize],
    dependencies: &[FileDependency],
) -> BTreeMap<(usize, usize), Relation> {
    let boxes: HashMap<&str, usize> = paths.iter().copied().zip(of_files.iter().copied()).collect();
    let mut relations: BTreeMap<(usize, usize), Relation> = BTreeMap::new();
    for one in dependencies {
        let (source, target) = (boxes.get(one.source.as_str()), boxes.get(one.target.as_str()));
        if let (Some(source), Some(target)) = (source, target)
            && source != target
        {
            let new = Relation { resolution: one.resolution, count: 0 };
            let relation = relations.entry((*source, *target)).or_insert(new);
            relation.resolution = relation.resolution.min(one.resolution);
            relation.count += one.count;
        }
    }
    relations
}

/// The boxes that are drawn, in the order of their paths: where they are too many, those with the most references.
fn most_related(parts: &[Part], relations: &BTreeMap<(usize, usize), Relation>, most: usize) -> Vec<usize> {
    let mut weights: BTreeMap<usize, u64> = (0..parts.len()).map(|part| (part, 0)).collect();
    for ((source, target), relation) in relations {
        for end in [source, target] {
            *weights.entry(*end).or_default() += relation.count;
        }
    }
    let mut ranked: Vec<(usize, u64)> = weights.into_iter().collect();
    ranked.sort_by_key(|(_, weight)| Reverse(*weight));
    let mut kept: Vec<usize> = ranked.into_iter().take(most).map(|(part, _)| part).collect();
    kept.sort_unstable();
    kept
}

/// The last part of a path, with `/` behind that of a folder. Where others of the boxes have the same it has the part before
/// it too, as `mqtt/light/` does; and where that is not enough, the one at which their paths part, as in `main/…/text/`.
fn distinct_name(parts: &[Part], kept: &[usize], number: usize) -> String {
    let split =
        |part: &Part| part.path.trim_end_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let Some(part) = parts.get(number) else { return String::new() };
    let own = split(part);
    let end = if part.extent == Extent::File { "" } else { "/" };
    let last = own.last().cloned().unwrap_or_default() + end;
    let others = kept.iter().filter_map(|other| parts.get(*other)).filter(|other| other.path != part.path);
    let alike: Vec<Vec<String>> = others.map(split).filter(|other| other.last() == own.last()).collect();
    let folder = |path: &[String]| path.iter().rev().nth(1).cloned();
    let parting = (0..own.len()).find(|level| alike.iter().any(|other| other.get(*level) != own.get(*level)));
    match (folder(&own), parting.and_then(|level| Some((level, own.get(level)?)))) {
        (Some(before), Some(_)) if !alike.iter().any(|other| folder(other).as_ref() == Some(&before)) => {
            format!("{before}/{last}")
        }
        (_, Some((level, before))) if level + 2 < own.len() => format!("{before}/…/{last}"),
        _ => last,
    }
}

fn shape(part: &Part, name: String) -> Shape {
    let path = part.path.trim_end_matches('/');
    let around = path.rsplit_once('/').map_or(String::new(), |(around, _)| format!("{around}/"));
    let (name, rest) = match part.extent {
        Extent::File => return Shape::new(&part.path, name, "file").at(around),
        Extent::Folder => (name, ""),
        Extent::OwnFiles => (format!("{name} (own files)"), "*"),
        Extent::Others => (format!("{name} (others)"), "..."),
    };
    let files = counted(part.files, "file");
    let place = if around.is_empty() { files } else { format!("{around}, {files}") };
    Shape::new(format!("{}{rest}", part.path), name, "folder").at(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_themselves_or_in_their_folder_of_a_depth() {
        let paths = ["a/b/c.py", "a/d.py", "e.py"];
        assert_eq!(paths.map(|path| group(path, 0)), ["a/b/c.py", "a/d.py", "e.py"]);
        assert_eq!(paths.map(|path| group(path, 1)), ["a/", "a/", "./"]);
        assert_eq!(paths.map(|path| group(path, 2)), ["a/b/", "a/", "./"]);
    }

    #[test]
    fn boxes_of_one_name_are_told_apart_by_the_folders_where_they_part() {
        let paths =
            ["app/light/", "app/mqtt/light/", "src/main/java/a/text/", "src/test/java/a/text/", "doc/"];
        let parts = paths.map(|path| Part { path: path.to_owned(), extent: Extent::Folder, files: 1 });
        let kept: Vec<usize> = (0..parts.len()).collect();
        let names: Vec<String> = kept.iter().map(|part| distinct_name(&parts, &kept, *part)).collect();
        assert_eq!(names, ["app/light/", "mqtt/light/", "main/…/text/", "test/…/text/", "doc/"]);
    }
}
