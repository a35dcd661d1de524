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
/// How many arrows for each box can be told apart where nearly everything refers to everything.
const ARROWS_PER_BOX: usize = 2;

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
        picture.remark(format!("{left_out} with the fewest references left out: more than --max-nodes"));
    }
    let mut numbers = BTreeMap::new();
    for name in &kept {
        let count = groups.get(name.as_str()).copied().unwrap_or_default();
        numbers.insert(name.as_str(), picture.add(shape(name, count)));
    }
    let mut drawn: Vec<(usize, usize, &Relation)> = relations
        .iter()
        .filter_map(|((from, to), relation)| {
            Some((*numbers.get(from.as_str())?, *numbers.get(to.as_str())?, relation))
        })
        .collect();
    let all = drawn.len();
    keep_strongest(&mut drawn, kept.len());
    if drawn.len() < all {
        picture
            .remark(format!("the strongest {} of {all} arrows: more could not be told apart", drawn.len()));
    }
    for (from, to, relation) in &drawn {
        let arrow = Arrow::new(*from, *to, DEPENDS, certainty(relation.resolution));
        picture.connect(arrow.times(relation.count));
    }
    let (arrows, left_out) = (drawn.len() as u64, left_out + all - drawn.len());
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

/// Leaves out the weakest arrows where there are more than [`ARROWS_PER_BOX`] for each box; the strongest from each box and
/// the strongest to each stay, so that none loses all of them.
fn keep_strongest(arrows: &mut Vec<(usize, usize, &Relation)>, boxes: usize) {
    let most = boxes.saturating_mul(ARROWS_PER_BOX);
    arrows.sort_by_key(|(from, to, relation)| (std::cmp::Reverse(relation.count), *from, *to));
    let (mut from_seen, mut to_seen) = (BTreeSet::new(), BTreeSet::new());
    let mut position = 0;
    arrows.retain(|(from, to, _)| {
        position += 1;
        let is_strongest = from_seen.insert(*from) | to_seen.insert(*to);
        position <= most || is_strongest
    });
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
    fn the_strongest_arrows_stay_and_no_box_loses_all_of_its_own() {
        let relations: Vec<Relation> = (0..30).map(|count| Relation { resolution: None, count }).collect();
        let mut arrows: Vec<(usize, usize, &Relation)> = Vec::new();
        for from in 0..6 {
            for to in (0..6).filter(|to| *to != from) {
                arrows.push((from, to, &relations[arrows.len()]));
            }
        }
        keep_strongest(&mut arrows, 6);
        let counts: BTreeSet<u64> = arrows.iter().map(|(_, _, relation)| relation.count).collect();
        assert!((18..30).all(|count| counts.contains(&count)), "the strongest twelve: {counts:?}");
        assert!((0..6).all(|one| arrows.iter().any(|(from, ..)| *from == one)), "{counts:?}");
        assert!(arrows.len() < 18, "{counts:?}");
    }

    #[test]
    fn folders_are_told_apart_as_deep_as_fits() {
        let paths: Vec<String> = (0..60).map(|n| format!("src/{}/{}/f{n}.py", n % 3, n % 12)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!([60, 59, 12, 11, 2, 1].map(|most| deepest_that_fits(&paths, most)), [0, 3, 3, 2, 1, 1]);
    }
}
