//! Classes and what they inherit from, read as far as a question needs them.
//!
//! A class may have parts in several places: a partial class of C#, a class of Ruby that is opened again, a declaration and
//! a definition in C++. Its bases are those of all its parts, and whoever names one of them inherits from all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::{Answer, Site};
use super::callers::{span_of, text_of};
use super::linearisation::{Class, Role};
use crate::graph::{NodePlace, StoredFile, View};
use crate::keyspace::{FileOrd, Slot};
use crate::limits::{MAX_HIERARCHY, MAX_LOOSE_FILES};
use crate::link::{LinkTarget, final_name, loose_name_of_target, path_of_node, term};
use crate::model::{Resolution, Target, edge_kind, node_kind};

/// Files read together.
const FILES_PER_READ: usize = 512;

/// Files kept at hand; more are fetched again.
const FILES_AT_HAND: usize = 4_096;

/// A node, as links name it.
pub(super) type Place = (FileOrd, Slot);

/// The edges of one file from classes to their bases.
struct FileBases {
    file: StoredFile,
    /// By class: the position of the edge and what it leads to, in the order in which the bases are named.
    by_class: HashMap<Slot, Vec<(u32, LinkTarget)>>,
    /// By base: the class and the position of the edge.
    by_base: HashMap<Place, Vec<(Slot, u32)>>,
    rows: HashMap<Slot, u32>,
}

impl FileBases {
    fn of(file: StoredFile) -> Self {
        let mut by_class: HashMap<Slot, Vec<(u32, LinkTarget)>> = HashMap::new();
        let mut by_base: HashMap<Place, Vec<(Slot, u32)>> = HashMap::new();
        for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
            if file.links.kind(&link) != edge_kind::INHERITS {
                continue;
            }
            by_class.entry(link.source).or_default().push((position, link.target));
            if let LinkTarget::Bound(other, slot, _) = link.target {
                by_base.entry((other, slot)).or_default().push((link.source, position));
            }
        }
        for named in by_class.values_mut() {
            // References come in the order of the source; edges that were stated by others do not.
            named.sort_by_key(|(position, _)| (span_of(&file, *position), *position));
        }
        let rows = (0..file.segment.node_count()).map(|row| (file.links.slots().slot(row), row)).collect();
        Self { file, by_class, by_base, rows }
    }

    /// Whether a class names several bases, and nothing says which of them comes first: edges that were stated without a
    /// place of their own, as those from SCIP are.
    fn is_unordered(&self, class: Slot) -> bool {
        let named = self.by_class.get(&class).map(Vec::as_slice).unwrap_or_default();
        let span = |(position, _): &(u32, LinkTarget)| span_of(&self.file, *position);
        let is_stated = |position: u32| position >= self.file.segment.reference_count();
        named.windows(2).any(|pair| match pair {
            [first, second] => {
                is_stated(first.0)
                    && is_stated(second.0)
                    && first.1 != second.1
                    && span(first) == span(second)
            }
            _ => false,
        })
    }

    fn place(&self, slot: Slot) -> Option<NodePlace> {
        self.rows.get(&slot).map(|row| NodePlace { file: self.file.clone(), row: *row })
    }

    fn site(&self, position: u32, how: Option<Resolution>) -> Site {
        Site::new(&self.file.entry.path, span_of(&self.file, position), edge_kind::INHERITS, how)
    }
}

/// A class that names a base.
pub(super) struct Naming {
    pub(super) class: NodePlace,
    pub(super) base: Place,
    pub(super) position: u32,
    pub(super) site: Site,
}

/// Reads which class names which bases.
pub(super) struct BaseReader<'v, 'e> {
    view: &'v View<'e>,
    files: HashMap<FileOrd, Arc<FileBases>>,
}

impl<'v, 'e> BaseReader<'v, 'e> {
    pub(super) fn new(view: &'v View<'e>) -> Self {
        Self { view, files: HashMap::new() }
    }

    async fn fetch(&mut self, files: &[FileOrd]) -> Result<()> {
        let mut wanted: Vec<FileOrd> =
            files.iter().filter(|file| !self.files.contains_key(file)).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        if self.files.len() + wanted.len() > FILES_AT_HAND {
            self.files.retain(|file, _| files.contains(file));
        }
        for wanted in wanted.chunks(FILES_PER_READ) {
            for file in self.view.files(wanted).await? {
                self.files.insert(file.ordinal, Arc::new(FileBases::of(file)));
            }
        }
        Ok(())
    }

    /// The parts of each class, itself the first of them.
    pub(super) async fn parts(&mut self, classes: &[NodePlace]) -> Result<Vec<Vec<NodePlace>>> {
        let symbols: Vec<Option<String>> = classes.iter().map(symbol_of_class).collect();
        let terms: Vec<_> = symbols.iter().flatten().map(|symbol| term::exports_symbol(symbol)).collect();
        let mut found = self.view.lookup(&terms).await?.into_iter();
        let mut parts = Vec::with_capacity(classes.len());
        for (class, symbol) in classes.iter().zip(symbols) {
            let mut all = vec![class.clone()];
            if let Some(symbol) = symbol {
                let files = found.next().unwrap_or_default();
                self.fetch(&files).await?;
                let files = files.iter().filter_map(|file| self.files.get(file));
                let others = files.flat_map(|file| parts_in(&file.file, class, &symbol));
                all.extend(others.filter(|part| key(part) != key(class)));
            }
            parts.push(all);
        }
        Ok(parts)
    }

    /// Where one part of a class names its bases, in their order: what each leads to, how it is written, and where.
    async fn bases_of(&mut self, part: &NodePlace) -> Result<Vec<(LinkTarget, String, Site)>> {
        self.fetch(&[part.file.ordinal]).await?;
        let Some(bases) = self.files.get(&part.file.ordinal) else { return Ok(Vec::new()) };
        let named = bases.by_class.get(&part.slot()).map(Vec::as_slice).unwrap_or_default();
        let described = named.iter().map(|(position, target)| {
            let (how, text) = match target {
                LinkTarget::Bound(_, _, how) => (*how, String::new()),
                LinkTarget::Loose(how) => (Some(*how), text_of(&bases.file, *position, *how)),
                LinkTarget::Dangling => (None, text_of(&bases.file, *position, Resolution::Unresolved)),
            };
            (*target, text, bases.site(*position, how))
        });
        Ok(described.collect())
    }

    /// Whether it is not known in which order a part of a class, whose file is at hand, names its bases.
    fn is_unordered(&self, part: &NodePlace) -> bool {
        self.files.get(&part.file.ordinal).is_some_and(|file| file.is_unordered(part.slot()))
    }

    /// A node of a file that is at hand.
    fn node(&self, place: Place) -> Option<NodePlace> {
        self.files.get(&place.0)?.place(place.1)
    }

    /// Every class that names one of some bases, given with the files that they are in.
    pub(super) async fn named_by(&mut self, bases: &[NodePlace]) -> Result<Vec<Naming>> {
        let ids: Vec<String> = bases.iter().map(|base| base.file.segment.id(base.row)).collect();
        let terms: Vec<_> = ids.iter().map(|id| term::asks_id(id)).collect();
        let mut files: Vec<FileOrd> = self.view.lookup(&terms).await?.concat();
        files.extend(bases.iter().map(|base| base.file.ordinal));
        files.sort_unstable();
        files.dedup();
        let wanted: HashSet<Place> = bases.iter().map(key).collect();
        let mut found = Vec::new();
        for files in files.chunks(FILES_PER_READ) {
            self.fetch(files).await?;
            for file in files.iter().filter_map(|file| self.files.get(file)) {
                let known: Vec<&Place> = if wanted.len() < file.by_base.len() {
                    wanted.iter().filter(|base| file.by_base.contains_key(base)).collect()
                } else {
                    file.by_base.keys().filter(|base| wanted.contains(base)).collect()
                };
                for base in known {
                    for (slot, position) in file.by_base.get(base).into_iter().flatten() {
                        let Some(class) = file.place(*slot) else { continue };
                        let links = file.by_class.get(slot).into_iter().flatten();
                        let how =
                            links.filter(|(other, _)| other == position).find_map(
                                |(_, target)| match target {
                                    LinkTarget::Bound(_, _, how) => *how,
                                    _ => None,
                                },
                            );
                        let site = file.site(*position, how);
                        found.push(Naming { class, base: *base, position: *position, site });
                    }
                }
            }
        }
        Ok(found)
    }
}

/// How links name a node.
pub(super) fn key(place: &NodePlace) -> Place {
    (place.file.ordinal, place.slot())
}

/// The symbol by which other parts of a class are found; none where a class has one part.
fn symbol_of_class(class: &NodePlace) -> Option<String> {
    let segment = &class.file.segment;
    segment.namespace().filter(|_| node_kind::has_members(segment.kind(class.row)))?;
    path_of_node(segment, class.row)
}

fn parts_in(file: &StoredFile, class: &NodePlace, symbol: &str) -> Vec<NodePlace> {
    let name = class.file.segment.name(class.row);
    let is_part = |row: &u32| {
        let segment = &file.segment;
        segment.name(*row) == name
            && node_kind::has_members(segment.kind(*row))
            && path_of_node(segment, *row).as_deref() == Some(symbol)
    };
    let rows = (0..file.segment.node_count()).filter(is_part);
    rows.map(|row| NodePlace { file: file.clone(), row }).collect()
}

/// A class above another one, or the class itself.
pub(super) struct KnownClass {
    /// None for one that is not in the repository.
    pub(super) node: Option<NodePlace>,
    /// What a base that is not in the repository is called where it is named.
    pub(super) text: String,
    /// The bases in the order in which they are named.
    pub(super) bases: Vec<(Class, Site)>,
    /// Whether it is not known in which order they are named.
    pub(super) is_unordered: bool,
    /// Whether there are further bases, which are computed: of these nothing is known, so that they have no number.
    pub(super) has_computed: bool,
    /// The fewest steps to it.
    pub(super) depth: u32,
}

impl KnownClass {
    /// What it is to a class that inherits from it.
    pub(super) fn role(&self) -> Option<Role> {
        let node = self.node.as_ref()?;
        Some(match node.file.segment.kind(node.row) {
            node_kind::INTERFACE => Role::Interface,
            node_kind::TRAIT => Role::Trait,
            _ => Role::Class,
        })
    }
}

/// A class and everything above it; the class itself has the number 0.
#[derive(Default)]
pub(super) struct Hierarchy {
    pub(super) classes: Vec<KnownClass>,
    /// Whether there are more classes than may be looked at.
    pub(super) is_cut: bool,
    by_place: HashMap<Place, Class>,
    by_text: HashMap<String, Class>,
}

impl Hierarchy {
    /// Reads what is above a class, a step at a time.
    pub(super) async fn above(view: &View<'_>, class: NodePlace) -> Result<Self> {
        let mut reader = BaseReader::new(view);
        let mut this = Self::default();
        this.by_place.insert(key(&class), 0);
        this.classes.push(KnownClass::new(Some(class), String::new(), 0));
        let mut done = 0;
        while done < this.classes.len() {
            let first = done;
            done = this.classes.len();
            this.step(&mut reader, first).await?;
        }
        Ok(this)
    }

    /// Reads the bases of all classes from this one on.
    async fn step(&mut self, reader: &mut BaseReader<'_, '_>, first: usize) -> Result<()> {
        let numbered = (0..).zip(&self.classes).skip(first);
        let (numbers, nodes): (Vec<Class>, Vec<NodePlace>) =
            numbered.filter_map(|(number, class)| Some((number, class.node.clone()?))).unzip();
        let parts = reader.parts(&nodes).await?;
        for (number, parts) in numbers.iter().zip(&parts) {
            for part in parts {
                self.by_place.entry(key(part)).or_insert(*number);
            }
        }
        let mut named = Vec::new();
        for (number, parts) in numbers.into_iter().zip(parts) {
            for (position, part) in parts.iter().enumerate() {
                let bases = reader.bases_of(part).await?.into_iter();
                if let Some(class) = self.classes.get_mut(number as usize) {
                    class.is_unordered |= reader.is_unordered(part);
                }
                named.extend(bases.map(|base| (number, position == 0, base)));
            }
        }
        let files = named.iter().filter_map(|(_, _, (target, ..))| match target {
            LinkTarget::Bound(file, ..) => Some(*file),
            _ => None,
        });
        reader.fetch(&files.collect::<Vec<_>>()).await?;
        for (number, is_first_part, (target, text, site)) in named {
            if is_computed(&text) {
                if let Some(class) = self.classes.get_mut(number as usize) {
                    class.has_computed = true;
                }
                continue;
            }
            let Some(base) = self.number(reader, number, target, text) else { continue };
            let Some(class) = self.classes.get_mut(number as usize) else { continue };
            // What another part names again is one base; what one part names twice is a mistake to be seen.
            if is_first_part || class.bases.iter().all(|(known, _)| *known != base) {
                class.bases.push((base, site));
            }
        }
        Ok(())
    }

    /// The number of a base, which may be new and is at hand; none once there are too many.
    fn number(
        &mut self,
        reader: &BaseReader<'_, '_>,
        below: Class,
        target: LinkTarget,
        text: String,
    ) -> Option<Class> {
        let known = match target {
            LinkTarget::Bound(file, slot, _) => self.by_place.get(&(file, slot)),
            _ => self.by_text.get(&text),
        };
        if let Some(known) = known {
            return Some(*known);
        }
        let number = Class::try_from(self.classes.len()).ok()?;
        if self.classes.len() >= MAX_HIERARCHY {
            self.is_cut = true;
            return None;
        }
        let depth = self.classes.get(below as usize).map_or(0, |class| class.depth) + 1;
        if let LinkTarget::Bound(file, slot, _) = target {
            let node = reader.node((file, slot))?;
            self.by_place.insert((file, slot), number);
            self.classes.push(KnownClass::new(Some(node), String::new(), depth));
        } else {
            self.by_text.insert(text.clone(), number);
            self.classes.push(KnownClass::new(None, text, depth));
        }
        Some(number)
    }
}

impl KnownClass {
    fn new(node: Option<NodePlace>, text: String, depth: u32) -> Self {
        Self { node, text, bases: Vec::new(), is_unordered: false, has_computed: false, depth }
    }
}

/// Whether what a base is called where it could not be bound is a call, or a member of what one returns. Told by the text,
/// because a graph that was imported has nothing else.
fn is_computed(text: &str) -> bool {
    text.ends_with(Target::CALL)
        || text.split_once(Target::CALL).is_some_and(|(_, rest)| rest.starts_with('.'))
}

/// Counts the classes that name a base of this name which could not be bound. Where too many files use the name the
/// answer says so.
pub(super) async fn count_unbound_bases<T>(
    view: &View<'_>,
    base: &NodePlace,
    answer: &mut Answer<T>,
) -> Result<()> {
    let name = base.file.segment.name(base.row);
    let term = term::asks_name(base.file.segment.family(), name);
    let files = view.files_with(term).await?;
    answer.truncated |= files.len() > MAX_LOOSE_FILES;
    let files = files.get(..MAX_LOOSE_FILES).unwrap_or(&files);
    for files in files.chunks(FILES_PER_READ) {
        let links = view.links_of(files).await?.into_iter();
        let has_others = links.filter(|(_, links)| {
            let counts = links.loose(term);
            counts.ambiguous_others + counts.unresolved_others > 0
        });
        let files: Vec<FileOrd> = has_others.map(|(file, _)| file).collect();
        for file in view.files(&files).await? {
            for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
                let LinkTarget::Loose(how) = link.target else { continue };
                if file.links.kind(&link) != edge_kind::INHERITS || !ends_in(&file, position, how, name) {
                    continue;
                }
                match how {
                    Resolution::Ambiguous => answer.ambiguous += 1,
                    _ => answer.unresolved += 1,
                }
            }
        }
    }
    Ok(())
}

/// Whether an unbound reference ends in a name.
fn ends_in(file: &StoredFile, position: u32, how: Resolution, name: &str) -> bool {
    let segment = &file.segment;
    match position.checked_sub(segment.reference_count()) {
        None => final_name(segment, segment.reference_target(position)).as_deref() == Some(name),
        Some(edge) => loose_name_of_target(segment.edge_target(edge), how) == Some(name),
    }
}
