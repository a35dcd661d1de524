//! Into which boxes a tree of files is divided, so that a picture of all of it says something.
//!
//! Folders are not told apart to one depth everywhere: of a tree whose code lies in one folder that would be that folder
//! and some small ones beside it. The largest box is divided first, as long as there is room. Where the parts of a folder
//! are too many for the room, those with most references get boxes, and the others share one.

use std::collections::{BTreeMap, HashMap};

/// A folder with more parts may be divided into some of them and the others; one with fewer is divided as a whole or not.
const MANY_PARTS: usize = 8;

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// One file.
    File,
    /// A folder with everything in it.
    Folder,
    /// The files of a folder, whose folders have boxes of their own.
    OwnFiles,
    /// What of a folder has no box of its own.
    Others,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its path; that of a folder ends in `/`, and that of the root is `./`.
    pub(super) path: String,
    pub(super) extent: Extent,
    /// How many files are in it.
    pub(super) files: u64,
}

/// A file or folder.
#[derive(Debug, Default)]
struct Entry {
    path: String,
    above: Option<usize>,
    /// What is in it, in the order of names; nothing in files.
    inside: Vec<usize>,
    files: u64,
    /// References between it and what is outside of it.
    weight: u64,
    is_file: bool,
    /// It has a box of its own; that of a folder is for what is in it and has none.
    is_part: bool,
}

/// The tree.
struct Tree(Vec<Entry>);

/// Divides files into at most so many boxes. References are given as source, target and how many, as numbers of files.
/// Answers the boxes in the order of their paths, and the box of each file.
pub(super) fn split(
    paths: &[&str],
    references: &[(usize, usize, u64)],
    most: usize,
) -> (Vec<Part>, Vec<usize>) {
    let (mut tree, leaves) = Tree::of(paths);
    tree.weigh(&leaves, references);
    tree.divide(most.max(1));
    let mut parts: BTreeMap<(String, Extent), usize> = BTreeMap::new();
    let of_files: Vec<usize> = leaves.iter().map(|leaf| tree.part_of(*leaf)).collect();
    let mut sizes: HashMap<usize, u64> = HashMap::new();
    for part in &of_files {
        *sizes.entry(*part).or_default() += 1;
    }
    for part in sizes.keys() {
        parts.insert((tree.entry(*part).path.clone(), tree.extent(*part)), *part);
    }
    let numbers: HashMap<usize, usize> =
        parts.values().zip(0..).map(|(part, number)| (*part, number)).collect();
    let number = |part: &usize| numbers.get(part).copied().unwrap_or_default();
    let shown = |((path, extent), part): (&(String, Extent), &usize)| Part {
        path: path.clone(),
        extent: *extent,
        files: sizes.get(part).copied().unwrap_or_default(),
    };
    (parts.iter().map(shown).collect(), of_files.iter().map(number).collect())
}

impl Tree {
    /// The tree, and which of its entries each file is.
    fn of(paths: &[&str]) -> (Self, Vec<usize>) {
        let root = Entry { path: "./".to_owned(), is_part: true, ..Entry::default() };
        let mut tree = Self(vec![root]);
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut leaves = Vec::with_capacity(paths.len());
        for path in paths {
            let mut above = 0;
            let ends = path.match_indices('/').map(|(at, _)| at + 1).chain([path.len()]);
            for end in ends {
                let part = path.get(..end).unwrap_or(path);
                above = known.get(part).copied().unwrap_or_else(|| {
                    let (new, is_file) = (tree.0.len(), end == path.len());
                    tree.0.push(Entry {
                        path: part.to_owned(),
                        above: Some(above),
                        is_file,
                        ..Entry::default()
                    });
                    tree.change(above, |entry| entry.inside.push(new));
                    known.insert(part.to_owned(), new);
                    new
                });
            }
            leaves.push(above);
            tree.rise(above, |entry| entry.files += 1);
        }
        (tree, leaves)
    }

    fn entry(&self, number: usize) -> &Entry {
        static NOTHING: Entry = Entry {
            path: String::new(),
            above: None,
            inside: Vec::new(),
            files: 0,
            weight: 0,
            is_file: true,
            is_part: true,
        };
        self.0.get(number).unwrap_or(&NOTHING)
    }

    fn change(&mut self, number: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.0.get_mut(number) {
            change(entry);
        }
    }

    /// Changes an entry and everything above it.
    fn rise(&mut self, number: usize, change: impl Fn(&mut Entry)) {
        let mut next = Some(number);
        while let Some(number) = next {
            self.change(number, &change);
            next = self.entry(number).above;
        }
    }

    /// A reference counts for both its ends and the folders around them, as far as the other end is not in these too.
    fn weigh(&mut self, leaves: &[usize], references: &[(usize, usize, u64)]) {
        for (source, target, count) in references {
            let (Some(source), Some(target)) = (leaves.get(*source), leaves.get(*target)) else { continue };
            let (source, target) = (self.around(*source), self.around(*target));
            let common = source.iter().rev().zip(target.iter().rev()).take_while(|(a, b)| a == b).count();
            for entries in [source, target] {
                for entry in entries.iter().take(entries.len().saturating_sub(common)) {
                    self.change(*entry, |entry| entry.weight += count);
                }
            }
        }
    }

    /// An entry and everything above it, the root last.
    fn around(&self, number: usize) -> Vec<usize> {
        std::iter::successors(Some(number), |number| self.entry(*number).above).collect()
    }

    /// The box that an entry is in.
    fn part_of(&self, number: usize) -> usize {
        self.around(number).into_iter().find(|number| self.entry(*number).is_part).unwrap_or(0)
    }

    fn extent(&self, number: usize) -> Extent {
        let entry = self.entry(number);
        let (own, others): (Vec<usize>, Vec<usize>) =
            entry.inside.iter().copied().partition(|inside| self.entry(*inside).is_part);
        let is_file = |number: &usize| self.entry(*number).is_file;
        match () {
            () if entry.is_file => Extent::File,
            () if own.is_empty() => Extent::Folder,
            () if others.iter().all(is_file) && !own.iter().any(is_file) => Extent::OwnFiles,
            () => Extent::Others,
        }
    }

    /// What of a box could have boxes of its own, and how many files it has.
    fn rest(&self, number: usize) -> (Vec<usize>, u64) {
        let inside = self.entry(number).inside.iter().copied();
        let rest: Vec<usize> = inside.filter(|inside| !self.entry(*inside).is_part).collect();
        let files = rest.iter().map(|inside| self.entry(*inside).files).sum();
        (rest, files)
    }

    fn divide(&mut self, most: usize) {
        let mut count = 1_usize;
        // Boxes that can still be divided, and those that gave some of their parts boxes of their own.
        let mut open = vec![0];
        let mut shared = Vec::new();
        while let Some(largest) = self.largest(&open) {
            open.retain(|number| *number != largest);
            let (rest, _) = self.rest(largest);
            let (files, folders): (Vec<usize>, Vec<usize>) =
                rest.iter().copied().partition(|inside| self.entry(*inside).is_file);
            let room = most.saturating_sub(count);
            // Folders first; the files beside them share a box until it is the largest.
            let parts = if folders.is_empty() { files } else { folders };
            let leaves_box = parts.len() < rest.len();
            let cost = parts.len().saturating_sub(usize::from(!leaves_box));
            if cost == 0 || cost <= room / 2 || (cost <= room && cost < MANY_PARTS) {
                count = self.give_boxes(largest, &parts, count);
                open.extend(parts.iter().copied().filter(|part| !self.entry(*part).is_file));
                open.extend(Some(largest).filter(|_| leaves_box && !parts.is_empty()));
            } else if rest.len() > MANY_PARTS {
                let strongest = self.strongest(rest, room.div_ceil(2));
                count = self.give_boxes(largest, &strongest, count);
                open.extend(strongest.into_iter().filter(|part| !self.entry(*part).is_file));
                shared.push(largest);
            }
        }
        // The room that nobody else needed.
        for number in shared {
            let strongest = self.strongest(self.rest(number).0, most.saturating_sub(count));
            count = self.give_boxes(number, &strongest, count);
        }
    }

    /// Gives parts of a box boxes of their own. Answers how many boxes there are then: the divided one is none any more
    /// where nothing is left in it.
    fn give_boxes(&mut self, from: usize, parts: &[usize], count: usize) -> usize {
        for part in parts {
            self.change(*part, |entry| entry.is_part = true);
        }
        let is_empty = !parts.is_empty() && self.rest(from).0.is_empty();
        count + parts.len() - usize::from(is_empty)
    }

    /// The box with the most files, the first of several.
    fn largest(&self, open: &[usize]) -> Option<usize> {
        let size = |number: usize| self.rest(number).1;
        let path = |number: usize| &self.entry(number).path;
        open.iter().copied().max_by(|a, b| size(*a).cmp(&size(*b)).then_with(|| path(*b).cmp(path(*a))))
    }

    /// As many of some entries as there is room for, those with the most references.
    fn strongest(&self, mut entries: Vec<usize>, most: usize) -> Vec<usize> {
        entries.retain(|number| self.entry(*number).weight > 0);
        let key = |number: &usize| {
            let entry = self.entry(*number);
            (std::cmp::Reverse((entry.weight, entry.files)), &entry.path)
        };
        entries.sort_by(|a, b| key(a).cmp(&key(b)));
        entries.truncate(most);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(paths: &[String], references: &[(usize, usize, u64)], most: usize) -> Vec<String> {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (parts, of_files) = split(&paths, references, most);
        assert_eq!(of_files.len(), paths.len());
        assert!(parts.len() <= most, "{parts:?}");
        assert_eq!(parts.iter().map(|part| part.files).sum::<u64>(), paths.len() as u64, "{parts:?}");
        parts.iter().map(|part| format!("{} {:?} {}", part.path, part.extent, part.files)).collect()
    }

    #[test]
    fn few_files_are_themselves() {
        let paths = ["a/b/c.py", "a/d.py", "e.py"].map(str::to_owned);
        assert_eq!(shown(&paths, &[], 9), ["a/b/c.py File 1", "a/d.py File 1", "e.py File 1"]);
        assert_eq!(shown(&paths, &[], 1), ["./ Folder 3"]);
    }

    #[test]
    fn the_largest_folder_is_divided_first_and_small_ones_stay_whole() {
        let mut paths: Vec<String> = (0..60).map(|n| format!("src/part{}/f{n}.py", n % 6)).collect();
        paths.extend((0..5).map(|n| format!("doc/d{n}.py")));
        let parts = shown(&paths, &[], 9);
        assert_eq!(parts.iter().filter(|part| part.starts_with("src/part")).count(), 6, "{parts:?}");
        assert!(parts.contains(&"doc/ Folder 5".to_owned()), "{parts:?}");
    }

    #[test]
    fn of_too_many_parts_those_with_most_references_have_boxes() {
        let mut paths: Vec<String> = (0..1_000).map(|n| format!("app/components/c{n:03}/f.py")).collect();
        paths.push("app/core.py".to_owned());
        let references: Vec<(usize, usize, u64)> = (0..1_000).map(|n| (n, 1_000, (n % 100) as u64)).collect();
        let parts = shown(&paths, &references, 40);
        assert_eq!(parts.len(), 40, "{parts:?}");
        assert!(parts.contains(&"app/core.py File 1".to_owned()), "{parts:?}");
        assert!(parts.iter().any(|part| part.starts_with("app/components/c099/")), "{parts:?}");
        assert!(!parts.iter().any(|part| part.starts_with("app/components/c001/")), "{parts:?}");
        assert!(parts.iter().any(|part| part.starts_with("app/components/ Others 9")), "{parts:?}");
    }
}
