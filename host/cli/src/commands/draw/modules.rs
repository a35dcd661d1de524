//! The picture of files or folders, and which refer to which.

use std::collections::{BTreeMap, BTreeSet};

use codestrata::limits::MAX_RESULTS;
use codestrata::query::FileDependency;
use codestrata::{GraphStorage, Queries, Resolution};
use codestrata_draw::{Arrow, Picture, Shape};

use super::{Draw, Drawing, certainty};
use crate::failure::Failure;
use crate::store::Store;
use crate::walking::edge_kinds;
use crate::words::counted;

/// The kind of an arrow that stands for references of several kinds.
const DEPENDS: &str = "refers to";

pub(super) async fn draw(command: &Draw, store: &Store, queries: &Queries) -> Result<Drawing, Failure> {
    let files = store.storage.graph().list_files(queries.repository()).await?;
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let found = queries.file_dependencies(&edge_kinds(&command.kinds), MAX_RESULTS).await?;
    let depth =
        command.depth.map_or_else(|| deepest_that_fits(&paths, command.max_nodes), |depth| depth as usize);
    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
    for path in &paths {
        *groups.entry(group(path, depth)).or_default() += 1;
    }
    let relations = between(&found.results, depth);
    let kept = most_related(&groups, &relations, command.max_nodes);
    let mut picture = Picture::new(format!(
        "which {} refer to which",
        if depth == 0 { "files" } else { "files and folders" }
    ));
    picture.remark(format!("{}, version {}", queries.repository(), found.version));
    let left_out = groups.len() - kept.len();
    if left_out > 0 {
        picture.remark(format!("{} with the fewest references left out: more than --max-nodes", left_out));
    }
    let mut numbers = BTreeMap::new();
    for name in &kept {
        let count = groups.get(name.as_str()).copied().unwrap_or_default();
        numbers.insert(name.as_str(), picture.add(shape(name, count)));
    }
    let mut arrows = 0;
    for ((source, target), relation) in &relations {
        if let (Some(from), Some(to)) = (numbers.get(source.as_str()), numbers.get(target.as_str())) {
            let arrow = Arrow::new(*from, *to, DEPENDS, certainty(relation.resolution));
            picture.connect(arrow.times(relation.count));
            arrows += 1;
        }
    }
    Ok(Drawing { picture, version: found.version, arrows, truncated: found.truncated || left_out > 0 })
}

/// All references from one box to another.
struct Relation {
    resolution: Option<Resolution>,
    count: u64,
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

/// 0 where the files fit themselves, else the most levels of folders that do.
fn deepest_that_fits(paths: &[&str], most: usize) -> usize {
    if paths.len() <= most {
        return 0;
    }
    let deepest = paths.iter().map(|path| path.matches('/').count()).max().unwrap_or(0);
    let fits =
        |depth: &usize| paths.iter().map(|path| group(path, *depth)).collect::<BTreeSet<_>>().len() <= most;
    (1..=deepest).rev().find(fits).unwrap_or(1)
}

fn between(dependencies: &[FileDependency], depth: usize) -> BTreeMap<(String, String), Relation> {
    let mut relations: BTreeMap<(String, String), Relation> = BTreeMap::new();
    for one in dependencies {
        let (source, target) = (group(&one.source, depth), group(&one.target, depth));
        if source != target {
            let new = Relation { resolution: one.resolution, count: 0 };
            let relation = relations.entry((source, target)).or_insert(new);
            relation.resolution = relation.resolution.min(one.resolution);
            relation.count += one.count;
        }
    }
    relations
}

/// The boxes that are drawn, in the order of their names: where they are too many, those with the most references.
fn most_related(
    groups: &BTreeMap<String, u64>,
    relations: &BTreeMap<(String, String), Relation>,
    most: usize,
) -> Vec<String> {
    let mut weights: BTreeMap<&str, u64> = groups.keys().map(|name| (name.as_str(), 0)).collect();
    for ((source, target), relation) in relations {
        for end in [source, target] {
            *weights.entry(end).or_default() += relation.count;
        }
    }
    let mut ranked: Vec<(&str, u64)> = weights.into_iter().collect();
    ranked.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let mut kept: Vec<String> = ranked.into_iter().take(most).map(|(name, _)| name.to_owned()).collect();
    kept.sort_unstable();
    kept
}

fn shape(name: &str, files: u64) -> Shape {
    let is_folder = name.ends_with('/');
    let path = name.trim_end_matches('/');
    let (around, last) = path.rsplit_once('/').map_or(("", path), |(around, last)| (around, last));
    if is_folder {
        let place = if around.is_empty() { String::new() } else { format!("{around}/, ") };
        Shape::new(name, format!("{last}/"), "folder").at(format!("{place}{}", counted(files, "file")))
    } else {
        Shape::new(name, last, "file").at(if around.is_empty() {
            String::new()
        } else {
            format!("{around}/")
        })
    }
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
    fn folders_are_told_apart_as_deep_as_fits() {
        let paths: Vec<String> = (0..60).map(|n| format!("src/{}/{}/f{n}.py", n % 3, n % 12)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!([60, 59, 12, 11, 2, 1].map(|most| deepest_that_fits(&paths, most)), [0, 3, 3, 2, 1, 1]);
    }
}
