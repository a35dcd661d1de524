//! Which node an ordinal is.

use std::cell::Cell;
use std::sync::Arc;

use super::Ordinal;
use super::handles::{Handle, Handles};
use crate::keyspace::{FileOrd, Slot};
use crate::link::{KNOWN_KINDS, SlotTable};

/// The nodes of a repository in the order of paths, and in a file in the order of ids.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    /// The files in the order of their paths, each with the ordinal of its first node.
    files: Vec<(FileOrd, Ordinal)>,
    /// Of each [`ORDINALS_PER_MARK`]th ordinal where its file stands among these.
    marks: Vec<u32>,
    by_file: Vec<Numbered>,
    /// The files whose slots are not their rows.
    moved: Vec<Arc<Moved>>,
    /// The kinds of edges that have no number everywhere, sorted; they are numbered after those that have.
    kinds: Arc<[String]>,
    nodes: Ordinal,
    handles: Handles,
    /// Whether the handle of each node is its ordinal.
    is_plain: bool,
}

/// The files and rows of nodes, with the file that was asked for last.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    numbering: &'a Numbering,
    last: Cell<(FileOrd, Ordinal, Ordinal)>,
}

impl Rows<'_> {
    /// The file and row of an ordinal.
    #[inline]
    pub(crate) fn row(&self, node: Ordinal) -> Option<(FileOrd, u32)> {
        let (mut file, mut first, end) = self.last.get();
        if node < first || node >= end {
            let (other, nodes) = self.numbering.file_at(self.numbering.file_position(node)?)?;
            (file, first) = (other, nodes.start);
            self.last.set((file, first, nodes.end));
        }
        Some((file, node - first))
    }
}

/// So many ordinals go by one mark: about as many as a file has.
const ORDINALS_PER_MARK: usize = 16;

/// What is known of a file by its number. Numbers of files begin at one here, and 0 says that there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Numbered {
    position: u32,
    first: Ordinal,
    rows: u32,
    moved: u32,
}

/// Which slots the rows of a file have.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// How many ordinals the file takes: rows that were the last ones and are gone still have one each, which nothing
    /// leads to.
    rows: u32,
    moved: Option<Arc<Moved>>,
}

/// The slots of a file in which they are not the rows.
#[derive(Debug)]
struct Moved {
    slots: Vec<Slot>,
    /// By slot the row plus one, 0 for a slot that no node goes by.
    rows: Vec<u32>,
}

impl Slots {
    pub(super) fn of(table: &SlotTable) -> Self {
        let Some(slots) = table.moved() else { return Self { rows: table.end(), moved: None } };
        let mut rows = vec![0; table.end() as usize];
        for (row, slot) in (1..).zip(slots) {
            if let Some(place) = rows.get_mut(*slot as usize) {
                *place = row;
            }
        }
        let count = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        Self { rows: count, moved: Some(Arc::new(Moved { slots: slots.to_vec(), rows })) }
    }
}

impl Moved {
    /// The memory it takes, in bytes.
    fn weight(&self) -> usize {
        (self.slots.len() + self.rows.len()) * 4 + 80
    }
}

impl Numbering {
    /// Numbers the nodes of files, given in the order of their paths.
    pub(super) fn new(
        files: impl Iterator<Item = (FileOrd, Slots)>,
        kinds: Arc<[String]>,
        handles: Handles,
    ) -> Self {
        let mut this = Self { kinds, is_plain: true, ..Self::default() };
        for (file, slots) in files {
            let is_here = |(first, count)| count == slots.rows && (count == 0 || first == this.nodes);
            this.is_plain &= slots.moved.is_none() && handles.run_of(file).is_some_and(is_here);
            let place = file as usize;
            if this.by_file.len() <= place {
                this.by_file.resize(place + 1, Numbered::default());
            }
            this.files.push((file, this.nodes));
            let moved = slots.moved.map_or(0, |moved| {
                this.moved.push(moved);
                u32::try_from(this.moved.len()).unwrap_or(0)
            });
            if let Some(numbered) = this.by_file.get_mut(place) {
                let position = u32::try_from(this.files.len()).unwrap_or(0);
                *numbered = Numbered { position, first: this.nodes, rows: slots.rows, moved };
            }
            this.nodes = this.nodes.saturating_add(slots.rows);
            let position = u32::try_from(this.files.len() - 1).unwrap_or(u32::MAX);
            this.marks.resize((this.nodes as usize).div_ceil(ORDINALS_PER_MARK), position);
        }
        this.is_plain &= handles.len() == this.nodes;
        this.handles = handles;
        this
    }

    /// Which slots the rows of a file have.
    pub(super) fn slots(&self, file: FileOrd) -> Option<Slots> {
        let numbered = self.numbered(file)?;
        let moved = numbered.moved.checked_sub(1).and_then(|place| self.moved.get(place as usize));
        Some(Slots { rows: numbered.rows, moved: moved.map(Arc::clone) })
    }

    pub(super) fn handles(&self) -> &Handles {
        &self.handles
    }

    /// How many handles there are.
    pub(crate) fn handle_count(&self) -> Handle {
        self.handles.len()
    }

    /// The handle of a node.
    #[inline]
    pub(crate) fn handle(&self, node: Ordinal) -> Option<Handle> {
        if self.is_plain {
            return (node < self.nodes).then_some(node);
        }
        let (file, slot) = self.place(node)?;
        self.handles.handle(file, slot)
    }

    /// The node of a handle, if it is there.
    #[inline]
    pub(crate) fn node(&self, handle: Handle) -> Option<Ordinal> {
        if self.is_plain {
            return (handle < self.nodes).then_some(handle);
        }
        let (file, slot) = self.handles.place(handle)?;
        self.ordinal(file, slot)
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> Ordinal {
        self.nodes
    }

    /// How many files there are.
    pub(crate) fn file_count(&self) -> usize {
        self.files.len()
    }

    /// The files in the order of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = FileOrd> + '_ {
        self.files.iter().map(|(file, _)| *file)
    }

    fn numbered(&self, file: FileOrd) -> Option<&Numbered> {
        self.by_file.get(file as usize).filter(|numbered| numbered.position > 0)
    }

    fn moved(&self, numbered: &Numbered) -> Option<&Moved> {
        self.moved.get(numbered.moved.checked_sub(1)? as usize).map(Arc::as_ref)
    }

    /// The ordinal of a node.
    pub(crate) fn ordinal(&self, file: FileOrd, slot: Slot) -> Option<Ordinal> {
        let numbered = self.numbered(file)?;
        let row = match self.moved(numbered) {
            None => slot,
            Some(moved) => moved.rows.get(slot as usize)?.checked_sub(1)?,
        };
        numbered.first.checked_add(row)
    }

    /// The ordinal of a row of a file.
    pub(crate) fn ordinal_of_row(&self, file: FileOrd, row: u32) -> Option<Ordinal> {
        self.numbered(file)?.first.checked_add(row)
    }

    /// The file and slot of an ordinal.
    pub(crate) fn place(&self, node: Ordinal) -> Option<(FileOrd, Slot)> {
        let (file, first) = *self.files.get(self.file_position(node)?)?;
        let row = node - first;
        let slot = match self.moved(self.numbered(file)?) {
            None => row,
            Some(moved) => *moved.slots.get(row as usize)?,
        };
        Some((file, slot))
    }

    /// The files and rows of nodes that are asked for file by file.
    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows { numbering: self, last: Cell::new((0, 0, 0)) }
    }

    /// Where the file of a node stands in the order of paths.
    pub(crate) fn file_position(&self, node: Ordinal) -> Option<usize> {
        if node >= self.nodes {
            return None;
        }
        let mark = node as usize / ORDINALS_PER_MARK;
        let begin = self.marks.get(mark).map_or(0, |position| *position as usize);
        let end = self.marks.get(mark + 1).map_or(self.files.len(), |position| *position as usize + 1);
        let among = self.files.get(begin..end)?;
        (begin + among.partition_point(|(_, first)| *first <= node)).checked_sub(1)
    }

    /// The file at a place in the order of paths, and the ordinals of its nodes.
    pub(crate) fn file_at(&self, position: usize) -> Option<(FileOrd, std::ops::Range<Ordinal>)> {
        let (file, first) = self.files.get(position)?;
        let end = self.files.get(position + 1).map_or(self.nodes, |(_, first)| *first);
        Some((*file, *first..end))
    }

    /// The kinds of edges that have no number everywhere.
    pub(super) fn other_kinds(&self) -> &Arc<[String]> {
        &self.kinds
    }

    /// The name of a kind.
    pub(crate) fn kind(&self, number: u32) -> &str {
        let number = number as usize;
        KNOWN_KINDS.get(number).copied().unwrap_or_else(|| {
            let other = number.checked_sub(KNOWN_KINDS.len()).and_then(|place| self.kinds.get(place));
            other.map_or("", String::as_str)
        })
    }

    /// For each kind by its number whether it is wanted.
    pub(crate) fn kinds_wanted(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<bool> {
        KNOWN_KINDS.iter().copied().chain(self.kinds.iter().map(String::as_str)).map(is_wanted).collect()
    }

    /// The memory it takes, in bytes, roughly.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.handles.weight()
            + self.files.capacity() * size_of::<(FileOrd, Ordinal)>()
            + self.marks.capacity() * size_of::<u32>()
            + self.by_file.capacity() * size_of::<Numbered>()
            + self.moved.capacity() * size_of::<Arc<Moved>>()
            + self.moved.iter().map(|moved| moved.weight()).sum::<usize>()
            + self.kinds.iter().map(|kind| kind.len() + 24).sum::<usize>()
    }
}
