//! The one rule by which a reference is bound to its target.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::alternatives::{Alternatives, Doubts, alternatives};
use super::inheritance::Ancestors;
use super::kinds::{is_decided_when_run, kind_for};
use super::lookup::stars;
use super::members::Members;
use super::namespace::{self, NamespaceRef, Symbol, first_and_rest};
use super::part::{PartKey, PartRef};
use super::record::{LinkBuilder, LinkRecord, LinkTarget, LooseCounts};
use super::side::Side;
use super::slots::SlotTable;
use super::term::{self, Term};
use super::text::{final_name, loose_name_of_target};
use super::value::ValueKey;
use crate::keyspace::{FileOrd, Slot};
use crate::model::{Resolution, edge_kind, node_kind};
use crate::segment::{Segment, TargetView, members};

/// The facts that an answer needs are not at hand yet; the view knows which.
#[derive(Debug)]
pub(crate) struct Missing;

/// The facts of all files, as far as they are at hand.
pub(crate) trait FactsView {
    /// What a file says.
    fn segment(&self, file: FileOrd) -> Result<&Segment, Missing>;
    /// The number that a node of a file goes by.
    fn slot(&self, file: FileOrd, row: u32) -> Result<Slot, Missing>;
    /// The file that is imported as this module.
    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing>;
    /// The node with this id.
    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing>;
    /// What the files of a family define under this symbol.
    fn symbol(&self, symbol: &str) -> Result<Option<Symbol>, Missing>;
    /// The nodes under this symbol in the files of the lowest rank, in the order of their paths; at most
    /// [`MAX_LINK_PARTS`](crate::limits::MAX_LINK_PARTS).
    fn parts(&self, symbol: &str) -> Result<Vec<(FileOrd, u32)>, Missing>;
    /// The members with this name in one family of languages.
    fn members(&self, family: &str, name: &str) -> Result<Members, Missing>;
}

/// Where a walk has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Module(FileOrd),
    /// What any number of files contribute to.
    Namespace(NamespaceRef),
    Node(FileOrd, u32),
    /// An object of a class.
    Object(FileOrd, u32),
    /// Something without a node, known by what is said of paths from one.
    Part(PartRef),
    /// Certainly not in the repository.
    Outside,
    /// A list or the like: its own members are outside of the repository, those of what it holds are not known.
    Container,
    /// Something whose members are not known: the result of a call, a value.
    Opaque,
}

/// The links of a file for which facts are missing, by their positions: those of the references, then those of the stated
/// edges. All that this needs has been noted by the view.
#[derive(Debug, Default)]
pub(crate) struct Lacking {
    references: Vec<u32>,
    edges: Vec<u32>,
}

impl Lacking {
    /// Whether nothing is missing.
    pub(crate) fn is_empty(&self) -> bool {
        self.references.is_empty() && self.edges.is_empty()
    }
}

/// Derives the links of a file.
///
/// # Errors
/// What could not be linked yet, when the view lacks facts. [`still_lacking`] says how far what was fetched meanwhile goes, so
/// that the whole file is linked again only when it probably has everything.
pub(crate) fn link_file<V: FactsView>(
    view: &V,
    own: FileOrd,
    segment: &Segment,
    slots: &SlotTable,
) -> Result<LinkRecord, Lacking> {
    let mut linker = Linker::new(view, own, segment);
    let mut lacking = Lacking::default();
    let links = segment.reference_count().saturating_add(segment.edge_count());
    let mut record = LinkBuilder::new(own, slots.clone(), links);
    for reference in 0..segment.reference_count() {
        match linker.reference(reference) {
            Ok((kind, target)) => {
                record.push(slots.slot(segment.reference_source(reference)), kind, target);
            }
            Err(Missing) => lacking.references.push(reference),
        }
    }
    for edge in 0..segment.edge_count() {
        match linker.edge(edge) {
            Ok(target) => record.push(slots.slot(segment.edge_source(edge)), segment.edge_kind(edge), target),
            Err(Missing) => lacking.edges.push(edge),
        }
    }
    if !lacking.is_empty() {
        return Err(lacking);
    }
    linker.asked.sort_unstable();
    linker.asked.dedup();
    Ok(record.finish(&linker.asked, &linker.loose))
}

/// Which of these links still lack facts. What else they are is thrown away: a link may depend on what those before it have
/// found out.
pub(crate) fn still_lacking<V: FactsView>(
    view: &V,
    own: FileOrd,
    segment: &Segment,
    lacking: &Lacking,
) -> Lacking {
    let mut linker = Linker::new(view, own, segment);
    let references = lacking.references.iter().copied();
    let edges = lacking.edges.iter().copied();
    Lacking {
        references: references.filter(|reference| linker.reference(*reference).is_err()).collect(),
        edges: edges.filter(|edge| linker.edge(*edge).is_err()).collect(),
    }
}

/// What one linker has found out. The hashing is seeded, and nothing depends on the order of a map.
pub(super) type Found<K, T> = HashMap<K, T, RandomState>;

pub(super) struct Linker<'a, V> {
    pub(super) view: &'a V,
    pub(super) own: FileOrd,
    pub(super) segment: &'a Segment,
    /// The node in which the reference stands that is being linked.
    place: SourcePlace,
    /// The imports of this file that bring everything.
    pub(super) stars: Vec<u32>,
    /// The namespaces that this file opens: asked for every name that it does not bind.
    pub(super) opened: Vec<&'a str>,
    /// What the imports of this file share their names with.
    pub(super) alternatives: Alternatives,
    pub(super) doubts: Doubts,
    pub(super) asked: Vec<Term>,
    loose: BTreeMap<Term, LooseCounts>,
    // What this file's links have found out already. A look-up that is under way stands here as `Outside`, which
    // ends cycles; references are linked in their stored order, so the outcome is the same every time.
    pub(super) imports: Found<u32, Place>,
    pub(super) exports: Found<(FileOrd, String), Place>,
    pub(super) inherited: Found<(FileOrd, u32, String, Side), Place>,
    pub(super) bases: Found<(FileOrd, u32), Vec<(FileOrd, u32)>>,
    pub(super) repeats: Found<(FileOrd, u32), Rc<[u32]>>,
    pub(super) ancestors: Found<(FileOrd, u32), Ancestors>,
    pub(super) values: Found<ValueKey, Place>,
    /// How many values are being looked for, each for the one before.
    pub(super) following: usize,
    pub(super) symbols: Found<String, Place>,
    pub(super) namespaces: Vec<String>,
    pub(super) namespace_numbers: Found<String, u32>,
    pub(super) parts: Vec<PartKey>,
    pub(super) part_numbers: Found<PartKey, u32>,
    /// The targets of stated edges that were looked up, by their texts: where the node is.
    stated: Found<u32, Option<(FileOrd, Slot)>>,
    /// What references say of their targets that were bound, and to what.
    bound: Found<Said, Bound<'a>>,
}

/// The node in which a reference stands, and whether anybody asked for it.
#[derive(Debug, Default)]
struct SourcePlace {
    row: u32,
    matters: Cell<bool>,
}

/// What a reference says, in numbers of its segment: its kind, and its target.
type Said = (u32, (u32, u32, u32));

/// What came of a reference. Another one of its file that says the same is bound as it was, but where that depends on the
/// node in which it stands.
struct Bound<'a> {
    kind: &'a str,
    target: LinkTarget,
    /// The name that it is counted under if it is loose.
    loose: Option<Term>,
    /// The node in which it stands, if that matters.
    source: Option<u32>,
}

impl<'a, V: FactsView> Linker<'a, V> {
    fn new(view: &'a V, own: FileOrd, segment: &'a Segment) -> Self {
        Self {
            view,
            own,
            segment,
            place: SourcePlace::default(),
            stars: stars(segment),
            opened: namespace::opened(segment),
            alternatives: alternatives(segment),
            doubts: Doubts::default(),
            asked: Vec::new(),
            loose: BTreeMap::new(),
            imports: Found::default(),
            exports: Found::default(),
            inherited: Found::default(),
            bases: Found::default(),
            repeats: Found::default(),
            ancestors: Found::default(),
            values: Found::default(),
            following: 0,
            symbols: Found::default(),
            namespaces: Vec::new(),
            namespace_numbers: Found::default(),
            parts: Vec::new(),
            part_numbers: Found::default(),
            stated: Found::default(),
            bound: Found::default(),
        }
    }

    /// The kind and target of a reference.
    fn reference(&mut self, reference: u32) -> Result<(&'a str, LinkTarget), Missing> {
        let (number, numbers) =
            (self.segment.reference_kind_number(reference), self.segment.reference_target_numbers(reference));
        let row = self.segment.reference_source(reference);
        if let Some(known) = self.bound.get(&(number, numbers))
            && known.source.is_none_or(|source| source == row)
        {
            let (kind, target) = (known.kind, known.target);
            if let (LinkTarget::Loose(how), Some(term)) = (target, known.loose) {
                self.count_loose(term, kind, how);
            }
            return Ok((kind, target));
        }
        self.place = SourcePlace { row, matters: Cell::new(false) };
        let target = self.segment.reference_target(reference);
        let (kind, link) = self.link(self.segment.reference_kind(reference), target)?;
        let mut loose = None;
        if let LinkTarget::Loose(how) = link
            && let Some(name) = final_name(self.segment, target)
        {
            loose = Some(self.note_loose(&name, kind, how));
        }
        let source = self.place.matters.get().then_some(row);
        self.bound.insert((number, numbers), Bound { kind, target: link, loose, source });
        Ok((kind, link))
    }

    /// The node in which the reference stands that is being linked.
    pub(super) fn source(&self) -> u32 {
        self.place.matters.set(true);
        self.place.row
    }

    fn link(&mut self, kind: &'a str, target: TargetView<'_>) -> Result<(&'a str, LinkTarget), Missing> {
        self.doubts.is_here = false;
        let (place, how) = self.bind(kind, target)?;
        let Place::Node(file, row) = place else { return Ok((kind, LinkTarget::Loose(how))) };
        let segment = self.facts(file)?;
        let (row, how) = self.which_of_several(kind, file, segment, row, how)?;
        let is_doubtful = is_decided_when_run(kind) && (self.doubts.is_here || segment.is_alternative(row));
        let is_certain = matches!(how, Resolution::Exact | Resolution::Import);
        let how = if is_doubtful && is_certain { Resolution::Ambiguous } else { how };
        let leads_on = kind == edge_kind::ACCESSES && self.is_name_of(self.source(), segment, (file, row))?;
        let kind = if leads_on { edge_kind::CALLS } else { kind_for(kind, segment.kind(row)) };
        if file != self.own {
            // The index must lead from the target to this file.
            let id = segment.id_parts(row);
            self.asked.push(term::asks_parts(&id));
            if edge_kind::is_call(kind) {
                self.asked.push(term::calls_parts(&id));
            }
        }
        Ok((kind, LinkTarget::Bound(file, self.view.slot(file, row)?, Some(how))))
    }

    /// Where a name can have several definitions: the one that is meant, and whether that is certain.
    fn which_of_several(
        &mut self,
        kind: &str,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        how: Resolution,
    ) -> Result<(u32, Resolution), Missing> {
        let is_call = edge_kind::is_call(kind);
        if segment.namespace().is_none() || !(is_call || kind == edge_kind::ACCESSES) {
            return Ok((row, how));
        }
        let (row, is_repeated) = self.fitting(segment, row, is_call);
        let is_type = node_kind::has_members(segment.kind(row));
        let is_doubtful = !is_type
            && (is_repeated || how == Resolution::Import && self.is_contested(file, segment, row)?);
        Ok((row, if is_doubtful { Resolution::Ambiguous } else { how }))
    }

    /// A stated edge: its target is a node or is not.
    fn edge(&mut self, edge: u32) -> Result<LinkTarget, Missing> {
        let target = self.segment.edge_target(edge);
        if edge_kind::is_call(self.segment.edge_kind(edge)) {
            self.asked.push(term::calls_id(target));
        }
        let found = self.stated_target(self.segment.edge_target_number(edge), target)?;
        if let Some((file, slot)) = found {
            // An edge that was exported with its resolution keeps it.
            return Ok(LinkTarget::Bound(file, slot, self.stated_resolution(edge)));
        }
        Ok(match self.stated_resolution(edge) {
            Some(how @ (Resolution::Ambiguous | Resolution::Unresolved)) => {
                if let Some(name) = loose_name_of_target(target, how) {
                    self.note_loose(name, self.segment.edge_kind(edge), how);
                }
                LinkTarget::Loose(how)
            }
            _ => LinkTarget::Dangling,
        })
    }

    /// Where the node with a stated id is. Most files state many edges to one node.
    fn stated_target(&mut self, number: u32, id: &str) -> Result<Option<(FileOrd, Slot)>, Missing> {
        if let Some(found) = self.stated.get(&number) {
            return Ok(*found);
        }
        self.asked.push(term::asks_id(id));
        let found = match self.view.node(id)? {
            Some((file, row)) => Some((file, self.view.slot(file, row)?)),
            None => None,
        };
        self.stated.insert(number, found);
        Ok(found)
    }

    fn stated_resolution(&self, edge: u32) -> Option<Resolution> {
        self.segment.edge_resolution(edge)
    }

    /// Notes a reference that was left unbound under the name that it ends in, and says as which term.
    fn note_loose(&mut self, name: &str, kind: &str, how: Resolution) -> Term {
        let term = term::asks_name(self.segment.family(), name);
        self.asked.push(term);
        self.count_loose(term, kind, how);
        term
    }

    fn count_loose(&mut self, term: Term, kind: &str, how: Resolution) {
        let counts = self.loose.entry(term).or_default();
        let is_call = edge_kind::is_call(kind);
        let count = match (how, is_call) {
            (Resolution::Ambiguous, true) => &mut counts.ambiguous_calls,
            (Resolution::Ambiguous, false) => &mut counts.ambiguous_others,
            (_, true) => &mut counts.unresolved_calls,
            (_, false) => &mut counts.unresolved_others,
        };
        *count += 1;
    }

    /// What a file says: this one, which is at hand, or another.
    pub(super) fn facts(&self, file: FileOrd) -> Result<&'a Segment, Missing> {
        if file == self.own { Ok(self.segment) } else { self.view.segment(file) }
    }

    fn bind(&mut self, kind: &str, target: TargetView<'_>) -> Result<(Place, Resolution), Missing> {
        let own = self.own;
        let mut holder = None;
        let (place, path) = match target {
            TargetView::Node(row) => return Ok((Place::Node(own, row), Resolution::Exact)),
            TargetView::Local(_) => return Ok((Place::Outside, Resolution::Unresolved)),
            TargetView::Member(name) => return self.by_name(kind, name),
            TargetView::Import(import, path) => (self.own_import(import)?, path),
            TargetView::NodePath(row, path) => (Place::Node(own, row), path),
            TargetView::Free(name, path) => self.free(own, name, path)?,
            TargetView::Within(row, path) => {
                let (first, rest) = first_and_rest(path);
                match self.within(row, first, kind)? {
                    Place::Outside | Place::Opaque => self.free(own, first, rest)?,
                    found => (self.not_constructor(found, first)?, rest),
                }
            }
            TargetView::Super(row, path) => {
                let (first, rest) = first_and_rest(path);
                holder = Some((own, row));
                (self.inherited_by(row, first)?, rest)
            }
            TargetView::Receiver(row, path) => (Place::Object(own, row), path),
        };
        let place = self.walk_through(place, holder, path)?;
        if place == Place::Opaque {
            return match members(path).last() {
                Some(name) => self.by_name(kind, name),
                None => Ok((Place::Outside, Resolution::Unresolved)),
            };
        }
        let stays =
            matches!(target, TargetView::NodePath(..) | TargetView::Super(..) | TargetView::Within(..));
        Ok(match self.as_node(place)? {
            Some((file, row)) if file == own && stays => (Place::Node(file, row), Resolution::Exact),
            Some((file, row)) => (Place::Node(file, row), Resolution::Import),
            None => (Place::Outside, Resolution::Unresolved),
        })
    }
}
