//! What a segment says as owned values, many rows at once: each text, and each set of attributes, is made once and shared by
//! all that have it.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::read::Segment;
use super::rows::AttributeRows;
use crate::model::{Attributes, Edge, Node, Resolution, Span, Text};

/// What follows the path in the ids of a file.
const BETWEEN: &str = "::";

impl Segment {
    /// Writes the nodes, by row.
    pub(crate) fn write_nodes(&self, nodes: &mut [Node], sets: &mut AttributeSets) {
        let file = Text::new(self.path());
        let mut id = String::from(self.path());
        id.push_str(BETWEEN);
        let shared = id.len();
        let mut kinds: Vec<(u32, Text)> = Vec::new();
        let mut attributes = AttributesOfRows::of_nodes(self);
        for (row, node) in (0..).zip(nodes) {
            let [path, _, rest] = self.id_parts(row);
            node.id = if path.is_empty() {
                Text::new(rest)
            } else {
                id.truncate(shared);
                id.push_str(rest);
                Text::new(&id)
            };
            node.name = Text::new(self.name(row));
            node.kind = self.shared_kind(row, &mut kinds);
            node.file = file.clone();
            node.span = self.span(row);
            node.attributes = attributes.of(row, None, sets);
        }
    }

    /// The kind of a row, of which there are few.
    fn shared_kind(&self, row: u32, kinds: &mut Vec<(u32, Text)>) -> Text {
        let number = self.kind_number(row);
        match kinds.iter().find(|(known, _)| *known == number) {
            Some((_, kind)) => kind.clone(),
            None => {
                let kind = Text::new(self.kind(row));
                kinds.push((number, kind.clone()));
                kind
            }
        }
    }

    /// The spans of the references, and after them those of the stated edges.
    pub(crate) fn link_spans(&self) -> impl Iterator<Item = Option<Span>> + '_ {
        let of_references = (0..self.reference_count()).map(|reference| Some(self.reference_span(reference)));
        of_references.chain((0..self.edge_count()).map(|edge| self.edge_span(edge)))
    }
}

/// The attributes of rows that are asked for in their order.
pub(crate) struct AttributesOfRows<'s> {
    segment: &'s Segment,
    all: AttributeRows,
    /// The first attribute of the rows that are yet to come.
    next: u32,
    /// Those of one attribute that were asked for last.
    last: Option<(Single, Attributes)>,
}

impl<'s> AttributesOfRows<'s> {
    fn new(segment: &'s Segment, all: AttributeRows) -> Self {
        Self { segment, all, next: 0, last: None }
    }

    pub(crate) fn of_nodes(segment: &'s Segment) -> Self {
        Self::new(segment, segment.node_attribute_rows())
    }

    pub(crate) fn of_references(segment: &'s Segment) -> Self {
        Self::new(segment, segment.reference_attribute_rows())
    }

    pub(crate) fn of_edges(segment: &'s Segment) -> Self {
        Self::new(segment, segment.edge_attribute_rows())
    }

    /// Those of a row, with the resolution of its link where that is not among them; equal ones are shared as far as the sets
    /// know them.
    pub(crate) fn of(
        &mut self,
        row: u32,
        resolution: Option<Resolution>,
        sets: &mut AttributeSets,
    ) -> Attributes {
        let first = self.next;
        let table = self.segment.table(self.all.table);
        while self.next < table.len() && table.get(self.next, self.all.owner) <= row {
            self.next += 1;
        }
        match self.next - first {
            0 => sets.plain(resolution),
            1 => {
                let stated = table.row(first);
                let key = (stated.get(self.all.name), stated.get(self.all.json), resolution);
                if let Some((last, known)) = &self.last
                    && *last == key
                {
                    return known.clone();
                }
                let found = self.shared(first..self.next, row, resolution, sets);
                self.last = Some((key, found.clone()));
                found
            }
            _ => self.shared(first..self.next, row, resolution, sets),
        }
    }

    fn shared(
        &self,
        rows: Range<u32>,
        row: u32,
        resolution: Option<Resolution>,
        sets: &mut AttributeSets,
    ) -> Attributes {
        let table = self.segment.table(self.all.table);
        let texts = rows.flat_map(|stated| {
            let stated = table.row(stated);
            [stated.get(self.all.name), stated.get(self.all.json)].map(|number| self.segment.text(number))
        });
        sets.shared(texts, resolution, || {
            let mut attributes = self.segment.attributes(&self.all, row);
            add(&mut attributes, resolution);
            attributes
        })
    }
}

/// One attribute: the numbers of its name and its value, and the resolution beside it.
type Single = (u32, u32, Option<Resolution>);

/// So many sets of attributes are shared; those that come after them are not.
const MOST_SETS: usize = 1 << 14;

/// Sets of attributes are shared that are said in so many bytes.
const LONGEST_SHARED: usize = 256;

/// Sets of attributes of many files, equal ones once. A graph has thousands of them, and a dozen for its million edges.
#[derive(Default)]
pub(crate) struct AttributeSets {
    /// Those of nothing but a resolution, by its number.
    plain: [Attributes; Resolution::ALL.len()],
    /// By what they say.
    others: HashMap<Box<[u8]>, Attributes, RandomState>,
    /// What is looked for: each text after its length, and the number of the resolution.
    key: Vec<u8>,
}

impl AttributeSets {
    fn plain(&mut self, resolution: Option<Resolution>) -> Attributes {
        let Some(resolution) = resolution else { return Attributes::new() };
        let Some(known) = self.plain.get_mut(resolution as usize) else { return Attributes::new() };
        if known.is_empty() {
            add(known, Some(resolution));
        }
        known.clone()
    }

    fn shared<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t str>,
        resolution: Option<Resolution>,
        otherwise: impl FnOnce() -> Attributes,
    ) -> Attributes {
        self.key.clear();
        for text in texts {
            self.key.extend_from_slice(&text.len().to_le_bytes());
            self.key.extend_from_slice(text.as_bytes());
        }
        self.key.extend(resolution.map(|resolution| resolution as u8));
        if let Some(known) = self.others.get(self.key.as_slice()) {
            return known.clone();
        }
        let made = otherwise();
        if self.others.len() < MOST_SETS && self.key.len() <= LONGEST_SHARED {
            self.others.insert(self.key.as_slice().into(), made.clone());
        }
        made
    }
}

fn add(attributes: &mut Attributes, resolution: Option<Resolution>) {
    if let Some(resolution) = resolution {
        attributes.insert(Edge::RESOLUTION, resolution.as_str().into());
    }
}

#[cfg(test)]
mod tests {
    use super::{AttributeSets, LONGEST_SHARED, MOST_SETS, add};
    use crate::model::{Attributes, Resolution};

    fn shared(sets: &mut AttributeSets, value: &str, resolution: Option<Resolution>) -> Attributes {
        sets.shared(["name", value].into_iter(), resolution, || {
            let mut made = Attributes::from([("name", value.into())]);
            add(&mut made, resolution);
            made
        })
    }

    fn is_same(one: &Attributes, other: &Attributes) -> bool {
        let first = |attributes: &Attributes| {
            attributes.iter().next().map(|(name, _)| std::ptr::from_ref(name)).unwrap()
        };
        std::ptr::eq(first(one), first(other))
    }

    #[test]
    fn equal_sets_are_one_and_others_are_told_apart() {
        let mut sets = AttributeSets::default();
        let (exact, import) = (Some(Resolution::Exact), Some(Resolution::Import));
        let one = shared(&mut sets, "a", exact);
        assert!(is_same(&one, &shared(&mut sets, "a", exact)));
        for (value, resolution) in [("a", import), ("a", None), ("b", exact)] {
            let other = shared(&mut sets, value, resolution);
            assert!(
                other != one
                    && other["name"] == value
                    && other.get("resolution").is_some() == resolution.is_some()
            );
        }
        let plain = sets.plain(import);
        assert_eq!(plain, Attributes::from([("resolution", "import".into())]));
        assert!(is_same(&plain, &sets.plain(import)));
        assert!(sets.plain(None).is_empty());
    }

    #[test]
    fn no_more_is_kept_than_its_bounds() {
        let mut sets = AttributeSets::default();
        let long = "x".repeat(LONGEST_SHARED);
        assert_eq!(shared(&mut sets, &long, None)["name"], long.as_str());
        assert!(sets.others.is_empty());
        for number in 0..MOST_SETS + 9 {
            let value = number.to_string();
            assert_eq!(shared(&mut sets, &value, None)["name"], value.as_str());
        }
        assert_eq!(sets.others.len(), MOST_SETS);
    }
}
