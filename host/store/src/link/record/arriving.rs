//! Links by where they lead: for each target the links to it, side by side, so that whoever asks what leads to one node
//! looks at those links alone. This is not stored, but made of what is when a whole record is read.

use super::columns::EdgeColumns;
use super::count;
use crate::codec::{Cell, MadeRows, Placed, Sheet, Table, first_not};
use crate::keyspace::Slot;

/// The bound links of a file, by target, and those of one target by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arriving {
    /// The targets as they are stored, each with where its links begin; and a row with where those of the last one end.
    targets: Table,
    file: Cell,
    slot: Cell,
    begin: Cell,
    links: Table,
    position: Cell,
    source: Cell,
    sort: Cell,
}

impl Arriving {
    /// Puts the links of these columns into this order, at the end of their sheet.
    pub(super) fn add(sheet: &mut Sheet, columns: &EdgeColumns<Placed>) -> Self {
        let target = sheet.column(columns.target);
        let mut ends = vec![0_u32; columns.file.len() + 1];
        // The numbers of targets are one more, so each count stands where the links of the next target begin.
        for number in target.range(0..target.len()).filter(|number| *number > 0) {
            if let Some(count) = ends.get_mut(number as usize) {
                *count += 1;
            }
        }
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        let (file, slot) = (sheet.column(columns.file), sheet.column(columns.slot));
        let mut targets = MadeRows::new([file.bound(), slot.bound(), end], ends.len());
        for (target, begin) in ends.iter().enumerate() {
            targets.push([file.get(target), slot.get(target), *begin]);
        }
        let mut positions = vec![0; end as usize];
        for position in 0..target.len() {
            let place = target.get(position).checked_sub(1).and_then(|number| ends.get_mut(number as usize));
            let Some(place) = place else { continue };
            if let Some(to) = positions.get_mut(*place as usize) {
                *to = count(position);
            }
            *place += 1;
        }
        let (source, sort) = (sheet.column(columns.source), sheet.column(columns.sort));
        let largest = [count(target.len()), source.bound(), sort.bound()];
        let mut links = MadeRows::new(largest, positions.len());
        for position in positions {
            links.push([position, source.get(position as usize), sort.get(position as usize)]);
        }
        let (targets, [file, slot, begin]) = sheet.add_rows(&targets);
        let (links, [position, source, sort]) = sheet.add_rows(&links);
        Self { targets, file, slot, begin, links, position, source, sort }
    }

    /// The position, the source and the sort of each link to a target, which is a file as [`as_target`](super::as_target)
    /// has it, and a slot.
    ///
    /// Cost: a search of the targets.
    pub(super) fn links<'a>(
        &self,
        sheet: &'a Sheet,
        wanted: (u32, Slot),
    ) -> impl Iterator<Item = (u32, u32, u32)> + 'a {
        let (targets, table) = (sheet.table(self.targets), sheet.table(self.links));
        let Self { file, slot, begin, position, source, sort, .. } = *self;
        let count = targets.len().saturating_sub(1);
        let at = |target: u32| {
            let row = targets.row(target);
            (row.get(file), row.get(slot))
        };
        let target = first_not(count, |target| at(target) < wanted);
        let is_there = target < count && at(target) == wanted;
        let (from, to) = if is_there { targets.get_two(target, begin) } else { (0, 0) };
        (from..to).map(move |link| {
            let row = table.row(link);
            (row.get(position), row.get(source), row.get(sort))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::link::{Link, LinkBuilder, LinkEdges, LinkRecord, LinkTarget, SlotTable};
    use crate::model::{Resolution, edge_kind};

    const OWN: u32 = 7;

    fn targets() -> Vec<LinkTarget> {
        let how = [Resolution::Exact, Resolution::Import, Resolution::UniqueName, Resolution::Ambiguous];
        let mut all = vec![LinkTarget::Dangling, LinkTarget::Loose(Resolution::Ambiguous)];
        all.push(LinkTarget::Loose(Resolution::Unresolved));
        for file in [0, OWN, OWN + 1, 300, 70_000] {
            for slot in [0, 1, 255, 256, 70_000] {
                all.push(LinkTarget::Bound(file, slot, None));
                all.extend(how.map(|how| LinkTarget::Bound(file, slot, Some(how))));
            }
        }
        all
    }

    fn record(links: u32) -> LinkRecord {
        let (targets, kinds) = (targets(), [edge_kind::CALLS, edge_kind::ACCESSES, "one of its own"]);
        let mut builder = LinkBuilder::new(OWN, SlotTable::fresh(300), links);
        for n in 0..links {
            let mixed = n.wrapping_mul(2_654_435_761) >> 8;
            let target = targets[mixed as usize % targets.len()];
            builder.push(mixed % 300, kinds[n as usize % kinds.len()], target);
        }
        builder.finish(&[3, 9], &BTreeMap::new())
    }

    #[test]
    fn what_leads_to_a_node_is_found_by_it_and_nothing_else() {
        for links in [0, 1, 5, 700] {
            let record = record(links);
            let all: Vec<(u32, Link)> = (0..).zip(record.links(OWN)).collect();
            assert_eq!(all.len(), links as usize);
            for file in [0, 1, OWN, OWN + 1, 299, 300, 70_000, u32::MAX - 1] {
                for slot in [0, 1, 2, 255, 256, 70_000, u32::MAX] {
                    let leads = |link: &Link| matches!(link.target, LinkTarget::Bound(f, s, _) if (f, s) == (file, slot));
                    let wanted: Vec<_> = all.iter().filter(|(_, link)| leads(link)).copied().collect();
                    assert_eq!(record.links_to(OWN, (file, slot)).collect::<Vec<_>>(), wanted);
                }
            }
            for source in 0..300 {
                let wanted: Vec<_> = all.iter().filter(|(_, link)| link.source == source).copied().collect();
                assert_eq!(record.links_from(OWN, source).collect::<Vec<_>>(), wanted);
            }
        }
    }

    #[test]
    fn each_link_comes_back_as_it_was_and_a_record_is_the_same_before_and_after() {
        let targets = targets();
        let mut builder = LinkBuilder::new(OWN, SlotTable::fresh(1), 0);
        for target in &targets {
            builder.push(0, edge_kind::CALLS, *target);
        }
        for record in [builder.finish(&[], &BTreeMap::new()), record(0), record(1), record(700)] {
            let (_, bytes) = record.encode().unwrap();
            assert_eq!(LinkRecord::decode(&bytes).unwrap(), record);
            let edges = LinkEdges::decode(&bytes).unwrap();
            assert!(edges.links(OWN).eq(record.links(OWN)));
            if record.len() == targets.len() {
                assert!(record.links(OWN).map(|link| link.target).eq(targets.iter().copied()));
            }
        }
    }
}
