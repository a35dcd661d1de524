//! Lists after changes say what lists say that are made anew, whatever came and went.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Builder, Built};
use super::lists::{self, Label, Lists, NOWHERE, Scratch, Width};
use super::patch::patched;
use super::*;
use crate::link::{KNOWN_KINDS, LinkBuilder, LinkEdges, LinkTarget, SlotTable};

/// A generator of numbers that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).unwrap()
    }
}

/// What a file has: the slots of its rows, and the next one; and its links.
#[derive(Clone, Debug, Default)]
struct File {
    slots: Vec<Slot>,
    next: Slot,
    links: Vec<(Slot, usize, LinkTarget)>,
}

const KINDS: [&str; 4] = ["calls", "contains", "imports", "accesses"];

const RESOLUTIONS: [Option<Resolution>; 3] =
    [None, Some(Resolution::UniqueName), Some(Resolution::Ambiguous)];

impl File {
    fn edges(&self, own: FileOrd, kinds: &[&str]) -> LinkEdges {
        let is_plain = (0..).zip(&self.slots).all(|(row, slot)| row == *slot);
        let moved: &[Slot] = if is_plain { &[] } else { &self.slots };
        let bytes = bincode::encode_to_vec((moved, self.next), bincode::config::standard()).unwrap();
        let (table, _): (SlotTable, _) =
            bincode::borrow_decode_from_slice(&bytes, bincode::config::standard()).unwrap();
        let mut builder = LinkBuilder::new(own, table, 0);
        for (source, kind, target) in &self.links {
            builder.push(*source, kinds[*kind], *target);
        }
        builder.finish(&[], &BTreeMap::new()).edges
    }

    /// Other nodes than before: some go, some come, and rows move.
    fn edit(&mut self, random: &mut Random) {
        let keep = random.below(5) > 0;
        self.slots.retain(|_| keep && random.below(6) > 0);
        for _ in 0..random.below(4) {
            let place = random.below(u32::try_from(self.slots.len()).unwrap() + 1) as usize;
            self.slots.insert(place, self.next);
            self.next += 1;
        }
    }
}

type Files = BTreeMap<FileOrd, File>;

/// Files whose paths are in another order than their numbers.
fn order(files: &Files) -> Vec<FileOrd> {
    let mut order: Vec<FileOrd> = files.keys().copied().collect();
    order.sort_by_key(|file| (file * 7) % 16);
    order
}

fn link(files: &mut Files, random: &mut Random) {
    let nodes: Vec<(FileOrd, Slot)> =
        files.iter().flat_map(|(file, of)| of.slots.iter().map(|slot| (*file, *slot))).collect();
    let exists: BTreeSet<_> = nodes.iter().copied().collect();
    for of in files.values_mut() {
        let own = of.slots.clone();
        // What leads to a node that is gone is linked anew, as the store does it.
        of.links.retain(|(source, _, target)| {
            let is_there = match target {
                LinkTarget::Bound(other, slot, _) => exists.contains(&(*other, *slot)),
                _ => true,
            };
            own.contains(source) && is_there
        });
        for _ in 0..random.below(6) {
            let (Some(last), false) =
                (u32::try_from(own.len()).ok().filter(|len| *len > 0), nodes.is_empty())
            else {
                continue;
            };
            let source = own[random.below(last) as usize];
            let (other, slot) = nodes[random.below(u32::try_from(nodes.len()).unwrap()) as usize];
            let target = match random.below(5) {
                0 => LinkTarget::Dangling,
                1 => LinkTarget::Loose(Resolution::Ambiguous),
                _ => LinkTarget::Bound(other, slot, RESOLUTIONS[random.below(3) as usize]),
            };
            let kind = random.below(4) as usize;
            (0..=random.below(2)).for_each(|_| of.links.push((source, kind, target)));
        }
    }
}

fn made(files: &Files, kinds: &[&str]) -> Adjacency {
    let mut wanted = BTreeSet::new();
    loop {
        let mut builder = Builder::new(wanted);
        for (file, of) in files {
            builder.add_links(*file, &of.edges(*file, kinds));
        }
        match builder.finish(&order(files)).unwrap() {
            Built::Lists(lists) => return lists,
            Built::Lacks(all) => wanted = all,
        }
    }
}

/// What there is to see, in an order of its own.
fn seen(
    lists: &Adjacency,
) -> (Vec<(FileOrd, Slot)>, Vec<(Ordinal, Vec<Neighbour>, Vec<Neighbour>, Vec<u32>)>) {
    let places = (0..lists.numbering().len()).map(|node| lists.place(node).unwrap()).collect();
    let rows = (0..lists.numbering().len()).map(|node| {
        let sorted = |mut all: Vec<Neighbour>| {
            all.sort_unstable();
            all
        };
        let mut loose: Vec<u32> =
            lists.loose(node).map(|(kind, how)| kind * 10 + how.unwrap() as u32).collect();
        loose.sort_unstable();
        (node, sorted(lists.outgoing(node).collect()), sorted(lists.incoming(node).collect()), loose)
    });
    (places, rows.collect())
}

#[test]
fn lists_after_changes_are_those_that_are_made_anew() {
    let (mut patches, mut anew) = (0, 0);
    for seed in 0..60 {
        let random = &mut Random(seed);
        let mut files: Files = (0..6).map(|file| (file, File::default())).collect();
        files.values_mut().for_each(|file| (0..3).for_each(|_| file.edit(random)));
        link(&mut files, random);
        let mut lists = made(&files, &KINDS);
        for step in 0..20 {
            let before = files.clone();
            match random.below(6) {
                0 => drop(files.remove(&random.below(8))),
                1 => drop(files.entry(random.below(8)).or_default()),
                _ => {}
            }
            let some = random.below(8);
            files
                .iter_mut()
                .filter(|(file, _)| *file % 4 == some % 4)
                .for_each(|(_, file)| file.edit(random));
            link(&mut files, random);
            let mut change = LinkChange::default();
            for file in before.keys().chain(files.keys()) {
                let edges = |files: &Files| files.get(file).map(|of| of.edges(*file, &KINDS));
                if edges(&before) != edges(&files) {
                    change.files.insert(*file, edges(&files));
                }
            }
            let fresh = made(&files, &KINDS);
            lists = match patched(&lists, &change, order(&files).into_iter()) {
                Some(lists) => {
                    patches += 1;
                    lists
                }
                None => {
                    anew += 1;
                    made(&files, &KINDS)
                }
            };
            assert_eq!(seen(&lists), seen(&fresh), "seed {seed}, step {step}");
        }
    }
    assert_eq!((patches, anew), (1_200, 0));
}

#[test]
fn lists_are_made_anew_when_most_of_their_nodes_are_gone() {
    let file = |from: Slot, count: Slot| File {
        slots: (from..from + count).collect(),
        next: from + count,
        links: Vec::new(),
    };
    let mut files: Files = [(0, file(0, 100)), (1, file(0, 10))].into();
    let mut lists = made(&files, &KINDS);
    let mut patches = 0;
    for edit in 1.. {
        files.insert(0, file(edit * 100, 100));
        let change = LinkChange { files: [(0, Some(files[&0].edges(0, &KINDS)))].into(), moves_files: false };
        let Some(after) = patched(&lists, &change, order(&files).into_iter()) else { break };
        lists = after;
        patches += 1;
    }
    assert_eq!((patches, seen(&lists).0.len()), (10, 110));
}

#[test]
fn handles_are_ordinals_until_something_changes() {
    let mut files: Files =
        (0..4).map(|file| (file, File { slots: vec![0, 1], next: 2, links: Vec::new() })).collect();
    files.insert(9, File::default());
    let lists = made(&files, &KINDS);
    let numbering = lists.numbering();
    assert!((0..8).all(|node| (numbering.handle(node), numbering.node(node)) == (Some(node), Some(node))));
    assert_eq!((numbering.handle(8), numbering.node(8)), (None, None));
    files.get_mut(&2).unwrap().edit(&mut Random(3));
    let lists = made(&files, &KINDS);
    let back = |node| lists.numbering().node(lists.numbering().handle(node).unwrap());
    assert!((0..lists.numbering().len()).all(|node| back(node) == Some(node)));
}

#[test]
fn kinds_that_have_no_number_are_told_apart_however_many_there_are() {
    // 35 kinds beside those that are known have room in a word.
    for count in [35, 36] {
        let names: Vec<String> = (0..count).map(|kind| format!("kind {kind:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let links = (0..count).map(|kind| (0, kind, LinkTarget::Bound(0, 1, Some(Resolution::Unresolved))));
        let loose = (0..count).map(|kind| (1, kind, LinkTarget::Dangling));
        let links = links.chain(loose).collect();
        let files: Files = [(0, File { slots: vec![0, 1], next: 2, links })].into();
        let lists = made(&files, &names);
        assert_eq!(lists.outgoing.width() == Width::Narrow, count == 35);
        let found: BTreeSet<&str> = lists.outgoing(0).map(|edge| lists.numbering().kind(edge.kind)).collect();
        assert_eq!(found, names.iter().copied().collect());
        assert_eq!((lists.incoming(1).count(), lists.loose(1).count()), (count, count));
        // A change that brings one more kind makes them anew.
        let new = File { slots: vec![0], next: 1, links: vec![(0, 0, LinkTarget::Dangling)] };
        let change = LinkChange { files: [(1, Some(new.edges(1, &["new"])))].into(), moves_files: true };
        assert!(patched(&lists, &change, [0, 1].into_iter()).is_none());
    }
}

#[test]
fn both_widths_keep_ends_labels_and_counts() {
    let edges: Vec<(Handle, (Handle, Label))> = (0..3_000_u32)
        .map(|edge| (edge * 31 % 700, (if edge % 3 == 0 { NOWHERE } else { edge % 700 }, edge % 42)))
        .collect();
    for width in [Width::Narrow, Width::Wide] {
        let lists = Lists::of(700, width, edges.iter().copied(), &mut Scratch::default());
        for row in 0..701 {
            let of = |is_loose: bool| {
                let of = edges.iter().filter(|(own, (end, _))| *own == row && (*end == NOWHERE) == is_loose);
                let mut of: Vec<_> = of.map(|(_, entry)| *entry).collect();
                of.sort_unstable();
                of
            };
            assert_eq!(lists.row(row).bound().collect::<Vec<_>>(), of(false));
            let labels: Vec<Label> = of(true).into_iter().map(|(_, label)| label).collect();
            assert_eq!(lists.row(row).loose().collect::<Vec<_>>(), labels);
        }
        let changed = BTreeMap::from([(3, vec![(9, 1)]), (699, vec![]), (900, vec![(3, 2), (NOWHERE, 1)])]);
        let after = lists.with(1_300, changed);
        assert_eq!(after.row(3).bound().collect::<Vec<_>>(), [(9, 1)]);
        assert_eq!((after.row(699).count(), after.row(1_299).count(), after.row(1_300).count()), (0, 0, 0));
        assert_eq!((after.row(900).bound().count(), after.row(900).loose().count()), (1, 1));
        assert!((4..699).all(|row| after.row(row).eq(lists.row(row))));
    }
}

#[test]
fn labels_have_kind_and_resolution() {
    for how in [None, Some(Resolution::Exact), Some(Resolution::Ambiguous), Some(Resolution::Unresolved)] {
        let label = lists::label(9, how);
        assert_eq!((lists::kind(label), resolution(label)), (9, how));
        let of_nine: Vec<bool> = labels_of(&(0..11).map(|kind| kind == 9).collect::<Vec<_>>());
        assert_eq!(
            (of_nine[label as usize], of_nine.iter().filter(|is_wanted| **is_wanted).count()),
            (true, 6)
        );
    }
}

#[test]
fn widths_are_chosen_by_what_has_room() {
    let handles = 1 << 23;
    assert_eq!((Width::of(handles, 42), Width::of(handles + 1, 42)), (Width::Narrow, Width::Wide));
    assert_eq!((Width::of(9, KNOWN_KINDS.len()), Width::of(9, 43)), (Width::Narrow, Width::Wide));
}

#[test]
fn an_edge_takes_a_word_in_each_direction() {
    let links = (0..10_000).map(|edge| (edge % 500, 0, LinkTarget::Bound(0, edge % 499, None)));
    let file = File { slots: (0..500).collect(), next: 500, links: links.collect() };
    let lists = made(&[(0, file)].into(), &KINDS);
    let weight = lists.outgoing.weight() + lists.incoming.weight();
    assert!(weight < 10_000 * 8 + 2 * 513 * 4 + 4 * 48, "{weight} bytes");
    assert_eq!(lists.edge_count(), 10_000);
}
