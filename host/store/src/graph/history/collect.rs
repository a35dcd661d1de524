//! The differences of files put together: figures of all, and what is listed while it is not too much.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use codestrata_core::Result;

use super::Compared;
use super::change::{
    Amounts, Change, ChangedEdge, ChangedNode, Difference, FileAmounts, KindAmounts, Listing, Sums,
};
use super::compare::{RawChange, RawEdge, State};
use super::generation::{FILES_PER_READ, NewFiles};
use super::tally::FileTally;
use crate::graph::view::{StoredFile, View};
use crate::keyspace::{FileOrd, Slot};
use crate::limits::{MAX_CHANGED_FILES, MAX_CHANGED_KINDS, MAX_LISTED_CHANGES};
use crate::link::{LinkTarget, target_text};
use crate::model::Resolution;
use crate::segment::Segment;

/// The state of a file as it is stored.
pub(super) fn state_of(file: &StoredFile) -> State<'_> {
    State { file: file.ordinal, segment: &file.segment, links: &file.links }
}

/// The new state of a file, held or borrowed.
pub(super) trait NewState {
    fn state(&self) -> State<'_>;
}

impl NewState for State<'_> {
    fn state(&self) -> State<'_> {
        *self
    }
}

/// Where the new states of files are that others point to.
pub(super) enum NewStates<'n> {
    /// Of those that changed; the others are as they are stored.
    Changed(&'n HashMap<FileOrd, State<'n>>),
    /// Of all files of a new generation.
    Generation(&'n NewFiles<'n>),
}

/// A file that differs, to be put into words.
struct Kept<N> {
    old: Option<StoredFile>,
    new: Option<N>,
    raw: RawChange,
}

/// Collects the differences of one version.
pub(super) struct Collector<N> {
    change: Change,
    kinds: BTreeMap<(bool, String), (u64, u64)>,
    /// The first of them by path, and no more than twice as many as are kept.
    files: Vec<FileAmounts>,
    more_files: usize,
    kept: Vec<Kept<N>>,
    elements: usize,
}

impl<N: NewState> Collector<N> {
    /// Of a version about whose files this is known.
    pub(super) fn new(change: Change) -> Self {
        Self {
            change,
            kinds: BTreeMap::new(),
            files: Vec::new(),
            more_files: 0,
            kept: Vec::new(),
            elements: 0,
        }
    }

    /// Adds what differs in a file.
    pub(super) fn add(&mut self, path: &str, old: Option<&StoredFile>, new: Option<N>, raw: RawChange) {
        let mut file = FileAmounts { path: path.to_owned(), amounts: Amounts::default() };
        let new_state = new.as_ref().map(N::state);
        for (rows, state, is_added) in
            [(&raw.nodes_added, new_state, true), (&raw.nodes_removed, old.map(state_of), false)]
        {
            let Some(state) = state else { continue };
            for row in rows {
                self.count((false, state.segment.kind(*row)), is_added, 1);
            }
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if is_added {
                file.amounts.nodes_added += count;
            } else {
                file.amounts.nodes_removed += count;
            }
        }
        for edge in &raw.edges {
            let Some(state) = (if edge.is_added { new_state } else { old.map(state_of) }) else { continue };
            self.count((true, state.links.kind(&edge.link)), edge.is_added, edge.count);
            if edge.is_added {
                file.amounts.edges_added += edge.count;
            } else {
                file.amounts.edges_removed += edge.count;
            }
        }
        if file.amounts.is_nothing() {
            return;
        }
        let amounts = &mut self.change.amounts;
        amounts.nodes_added += file.amounts.nodes_added;
        amounts.nodes_removed += file.amounts.nodes_removed;
        amounts.edges_added += file.amounts.edges_added;
        amounts.edges_removed += file.amounts.edges_removed;
        self.file(file);
        self.elements += raw.nodes_added.len() + raw.nodes_removed.len() + raw.edges.len();
        if self.elements > MAX_LISTED_CHANGES {
            self.kept.clear();
        } else {
            self.kept.push(Kept { old: old.cloned(), new, raw });
        }
    }

    /// Adds a file that comes as a whole, of which nothing is listed.
    pub(super) fn add_tally(&mut self, file: &FileTally) {
        for (kind, count) in &file.nodes_by_kind {
            self.count((false, kind), true, *count);
        }
        for (kind, count) in &file.edges_by_kind {
            self.count((true, kind), true, *count);
        }
        let amounts = Amounts { nodes_added: file.nodes, edges_added: file.edges, ..Amounts::default() };
        if !amounts.is_nothing() {
            self.change.amounts.nodes_added += file.nodes;
            self.change.amounts.edges_added += file.edges;
            self.file(FileAmounts { path: file.path.clone(), amounts });
        }
    }

    fn file(&mut self, file: FileAmounts) {
        self.files.push(file);
        if self.files.len() >= 2 * MAX_CHANGED_FILES {
            self.cut_files();
        }
    }

    fn cut_files(&mut self) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.more_files += self.files.len().saturating_sub(MAX_CHANGED_FILES);
        self.files.truncate(MAX_CHANGED_FILES);
    }

    fn count(&mut self, (is_edge, kind): (bool, &str), is_added: bool, count: u64) {
        let key = (is_edge, kind.to_owned());
        // Kinds are open: a graph may have as many as it has nodes.
        if self.kinds.len() >= MAX_CHANGED_KINDS && !self.kinds.contains_key(&key) {
            return;
        }
        let (added, removed) = self.kinds.entry(key).or_default();
        *(if is_added { added } else { removed }) += count;
    }

    /// The figures, and the differences in words if they are not too much.
    pub(super) async fn finish(mut self, view: &View<'_>, new_states: NewStates<'_>) -> Result<Compared>
    where
        N: Send + Sync,
    {
        let is_listed = self.elements <= MAX_LISTED_CHANGES;
        let mut difference = None;
        if is_listed {
            let kept = std::mem::take(&mut self.kept);
            difference = Some(in_words(view, &kept, new_states).await?);
        }
        let mut change = self.figures();
        match &difference {
            // A node that moved with its id is the same target: only the words tell.
            Some(difference) => change.amounts = difference.amounts(),
            None => change.listing = Listing::Counted,
        }
        Ok((change, difference))
    }

    /// The figures alone.
    pub(super) fn figures(mut self) -> Change {
        self.cut_files();
        let kinds = self.kinds.into_iter();
        Change {
            by_kind: kinds
                .map(|((is_edge, kind), (added, removed))| KindAmounts { kind, is_edge, added, removed })
                .collect(),
            by_file: self.files,
            more_files: u64::try_from(self.more_files).unwrap_or(u64::MAX),
            ..self.change
        }
    }
}

/// Ids by place.
type Ids = HashMap<(FileOrd, Slot), String>;
/// Slots by file.
type Wanted = BTreeMap<FileOrd, HashSet<Slot>>;

fn add_ids(
    ids: &mut Ids,
    (file, segment): (FileOrd, &Segment),
    slot_of: impl Fn(u32) -> Slot,
    wanted: &HashSet<Slot>,
) {
    for row in 0..segment.node_count() {
        let slot = slot_of(row);
        if wanted.contains(&slot) {
            ids.insert((file, slot), segment.id(row));
        }
    }
}

fn add_ids_of(ids: &mut Ids, state: &State<'_>, wanted: &HashSet<Slot>) {
    add_ids(ids, (state.file, state.segment), |row| state.links.slots().slot(row), wanted);
}

fn want(wanted: &mut Wanted, file: FileOrd, edge: &RawEdge) {
    wanted.entry(file).or_default().insert(edge.link.source);
    if let LinkTarget::Bound(other, slot, _) = edge.link.target {
        wanted.entry(other).or_default().insert(slot);
    }
}

async fn in_words<N: NewState>(
    view: &View<'_>,
    kept: &[Kept<N>],
    new_states: NewStates<'_>,
) -> Result<Difference> {
    let (mut went, mut came) = (Wanted::new(), Wanted::new());
    for file in kept {
        for edge in &file.raw.edges {
            match (edge.is_added, &file.old, &file.new) {
                (false, Some(old), _) => want(&mut went, old.ordinal, edge),
                (true, _, Some(new)) => want(&mut came, new.state().file, edge),
                _ => {}
            }
        }
    }
    let is_stored = |file: &FileOrd| match new_states {
        NewStates::Changed(states) => !states.contains_key(file),
        NewStates::Generation(_) => false,
    };
    let unchanged = came.keys().copied().filter(is_stored);
    let stored: BTreeSet<FileOrd> = went.keys().copied().chain(unchanged).collect();
    let stored: Vec<FileOrd> = stored.into_iter().collect();
    let (mut old_ids, mut new_ids) = (Ids::new(), Ids::new());
    for stored in stored.chunks(FILES_PER_READ) {
        for file in view.files(stored).await? {
            if let Some(wanted) = went.get(&file.ordinal) {
                add_ids_of(&mut old_ids, &state_of(&file), wanted);
            }
            if let Some(wanted) = came.get(&file.ordinal).filter(|_| is_stored(&file.ordinal)) {
                add_ids_of(&mut new_ids, &state_of(&file), wanted);
            }
        }
    }
    match new_states {
        NewStates::Changed(states) => {
            for (file, wanted) in &came {
                if let Some(state) = states.get(file) {
                    add_ids_of(&mut new_ids, state, wanted);
                }
            }
        }
        NewStates::Generation(new) => {
            let files: Vec<FileOrd> = came.keys().copied().collect();
            for files in files.chunks(FILES_PER_READ) {
                for (file, segment) in files.iter().zip(new.segments(files).await?) {
                    if let Some(wanted) = came.get(file) {
                        // Where everything is new slots are rows.
                        add_ids(&mut new_ids, (*file, &segment), |row| row, wanted);
                    }
                }
            }
        }
    }
    let mut sums = Sums::default();
    for file in kept {
        let (old, new) = (file.old.as_ref().map(state_of), file.new.as_ref().map(N::state));
        for (rows, state, count) in [(&file.raw.nodes_added, new, 1), (&file.raw.nodes_removed, old, -1)] {
            let Some(state) = state else { continue };
            for row in rows {
                sums.node(node(&state, *row), count);
            }
        }
        for edge in &file.raw.edges {
            let (state, ids) = if edge.is_added { (new, &new_ids) } else { (old, &old_ids) };
            let Some(state) = state else { continue };
            let count = i64::try_from(edge.count).unwrap_or(i64::MAX);
            sums.edge(edge_in_words(&state, edge, ids), if edge.is_added { count } else { -count });
        }
    }
    Ok(sums.difference())
}

fn node(state: &State<'_>, row: u32) -> ChangedNode {
    ChangedNode {
        id: state.segment.id(row),
        name: state.segment.name(row).to_owned(),
        kind: state.segment.kind(row).to_owned(),
        file: state.segment.path().to_owned(),
    }
}

fn edge_in_words(state: &State<'_>, edge: &RawEdge, ids: &Ids) -> ChangedEdge {
    let id = |file: FileOrd, slot: Slot| ids.get(&(file, slot)).cloned().unwrap_or_default();
    let (target, resolution) = match edge.position.checked_sub(state.segment.reference_count()) {
        Some(stated) => (state.segment.edge_target(stated).to_owned(), state.segment.edge_resolution(stated)),
        None => match edge.link.target {
            LinkTarget::Bound(file, slot, how) => (id(file, slot), Some(how.unwrap_or(Resolution::Exact))),
            LinkTarget::Loose(how) => {
                let target = state.segment.reference_target(edge.position);
                (target_text(state.segment, target, how), Some(how))
            }
            LinkTarget::Dangling => (String::new(), Some(Resolution::Unresolved)),
        },
    };
    ChangedEdge {
        source: id(state.file, edge.link.source),
        kind: state.links.kind(&edge.link).to_owned(),
        target,
        resolution,
    }
}
