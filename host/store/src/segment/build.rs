//! From facts to a segment: checked, sorted, interned, encoded.

use std::collections::HashMap;

use codestrata_core::limits::MAX_VALUE_BYTES;
use codestrata_core::{Bytes, Error, ErrorKind, Result};

use super::columns::{
    AttributeColumns, Columns, EdgeColumns, ExportColumns, ImportColumns, ModuleColumns, NodeColumns,
    ReferenceColumns, ValueColumns, shape,
};
use super::read::Segment;
use super::spans::Spans;
use super::strings::{Interner, to_u32};
use crate::codec::{Column, ContentName, RecordKind, content_name, encode};
use crate::limits::MAX_TEXT_BYTES;
use crate::model::{
    Attributes, Edge, ExportTarget, FileFacts, ImportedName, Reference, Root, Target, ValueFact, edge_kind,
};

/// A file's facts, checked and in their stored form: small, immutable, and ready to be committed.
///
/// Preparing is the costly part of an update and needs no store, so indexers do it in their workers.
///
/// ```
/// use codestrata::{FileFacts, Node, PreparedFile, Span};
///
/// let mut facts = FileFacts { path: "a.py".into(), hash: "1".into(), ..FileFacts::default() };
/// facts.nodes.push(Node::new("a.py::f", "f", "function", "a.py", Span::default()));
/// let prepared = PreparedFile::new(&facts)?;
/// assert_eq!(prepared.path(), "a.py");
/// # Ok::<(), codestrata::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreparedFile {
    path: String,
    hash: String,
    name: ContentName,
    // Shared, so that handing a file on copies nothing.
    bytes: Bytes,
}

impl PreparedFile {
    /// Checks and encodes facts.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty path, an id that is empty or stands twice, a node of another file, an edge
    /// whose source is not one of the nodes, a position that points nowhere; `TooLarge` for a text over
    /// [`MAX_TEXT_BYTES`] or a file that does not fit one value of the seam.
    pub fn new(facts: &FileFacts) -> Result<Self> {
        let columns = Builder::new(facts)?.build()?;
        let bytes = encode(RecordKind::Segment, &columns)?;
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(too_large(facts, &format!("{} bytes once encoded", bytes.len()), MAX_VALUE_BYTES));
        }
        Ok(Self {
            path: facts.path.clone(),
            hash: facts.hash.clone(),
            name: content_name(&bytes),
            bytes: bytes.into(),
        })
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The hash of the file's content, as the indexer gave it.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The bytes that will be stored for it.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The facts again.
    pub(crate) fn to_facts(&self) -> Result<FileFacts> {
        Ok(Segment::decode(&self.bytes)?.to_facts(&self.hash))
    }

    pub(crate) fn name(&self) -> ContentName {
        self.name
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

fn invalid(facts: &FileFacts, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the facts of `{}` are wrong: {what}", facts.path))
}

fn too_large(facts: &FileFacts, what: &str, most: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("`{}` has {what}; the limit is {most}", facts.path))
}

struct Builder<'a> {
    facts: &'a FileFacts,
    strings: Interner,
    /// The row of each node of the facts: its place once sorted by id.
    rows: Vec<u32>,
    /// The node of each row.
    order: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(facts: &'a FileFacts) -> Result<Self> {
        if facts.path.is_empty() {
            return Err(invalid(facts, "the path is empty"));
        }
        let mut order: Vec<usize> = (0..facts.nodes.len()).collect();
        order.sort_by_key(|index| facts.nodes.get(*index).map(|node| node.id.as_str()));
        let mut rows = vec![0; order.len()];
        let mut last = None;
        for (row, index) in order.iter().enumerate() {
            let Some(node) = facts.nodes.get(*index) else { continue };
            if node.id.is_empty() {
                return Err(invalid(facts, format!("a node named `{}` has an empty id", node.name)));
            }
            if node.file != facts.path {
                return Err(invalid(facts, format!("the node `{}` is of the file `{}`", node.id, node.file)));
            }
            if last == Some(node.id.as_str()) {
                return Err(invalid(facts, format!("the id `{}` stands twice", node.id))
                    .with_help("make ids unique, with `#2` for the second"));
            }
            last = Some(&node.id);
            if let Some(place) = rows.get_mut(*index) {
                *place = to_u32(row)?;
            }
        }
        Ok(Self { facts, strings: Interner::default(), rows, order })
    }

    fn build(mut self) -> Result<Columns> {
        let path = self.text(&self.facts.path)?;
        let module = match &self.facts.module {
            None => None,
            Some(module) => Some(ModuleColumns {
                stem: self.stem(&module.stem)?,
                rank: module.rank,
                is_package: module.is_package,
                is_shared: module.is_shared,
            }),
        };
        let nodes = self.nodes()?;
        let edges = self.edges()?;
        let references = self.references()?;
        let imports = self.imports()?;
        let exports = self.exports()?;
        let values = self.values()?;
        Ok(Columns {
            path,
            module,
            nodes,
            edges,
            references,
            imports,
            exports,
            values,
            strings: self.strings.finish(),
        })
    }

    fn text(&mut self, text: &str) -> Result<u32> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(too_large(self.facts, &format!("a text of {} bytes", text.len()), MAX_TEXT_BYTES));
        }
        self.strings.intern(text)
    }

    /// A stem, told from those of other families of languages.
    fn stem(&mut self, stem: &str) -> Result<u32> {
        self.text(&format!("{}:{stem}", self.facts.family))
    }

    fn row(&self, position: u32) -> Result<u32> {
        self.rows
            .get(position as usize)
            .copied()
            .ok_or_else(|| invalid(self.facts, format!("there is no node at position {position}")))
    }

    fn import(&self, position: u32) -> Result<u32> {
        if (position as usize) < self.facts.imports.len() {
            return Ok(position);
        }
        Err(invalid(self.facts, format!("there is no import at position {position}")))
    }

    fn nodes(&mut self) -> Result<NodeColumns> {
        let facts = self.facts;
        let own = format!("{}::", facts.path);
        let sorted: Vec<_> = self.order.iter().filter_map(|index| facts.nodes.get(*index)).collect();
        let mut columns = NodeColumns {
            parent: self.parents()?,
            spans: Spans::of(sorted.iter().map(|node| node.span)),
            attributes: self.attributes(sorted.iter().map(|node| &node.attributes))?,
            ..NodeColumns::default()
        };
        for node in sorted {
            let id = match node.id.strip_prefix(&own) {
                Some(rest) => self.text(rest)? << 1 | 1,
                None => self.text(&node.id)? << 1,
            };
            columns.id.push(id);
            columns.name.push(self.text(&node.name)?);
            columns.kind.push(self.text(&node.kind)?);
        }
        Ok(columns)
    }

    /// The row that contains each row, plus one: from the `contains` edges and references within the file.
    fn parents(&self) -> Result<Column> {
        let mut parents = vec![0_u32; self.rows.len()];
        let mut set = |child: u32, parent: u32| {
            if let Some(place) = parents.get_mut(child as usize) {
                *place = parent + 1;
            }
        };
        let by_id: HashMap<&str, u32> =
            self.facts.nodes.iter().zip(&self.rows).map(|(node, row)| (node.id.as_str(), *row)).collect();
        for edge in self.facts.edges.iter().filter(|edge| edge.kind == edge_kind::CONTAINS) {
            if let (Some(parent), Some(child)) =
                (by_id.get(edge.source.as_str()), by_id.get(edge.target.as_str()))
            {
                set(*child, *parent);
            }
        }
        for reference in self.facts.references.iter().filter(|r| r.kind == edge_kind::CONTAINS) {
            if let Target::Node(child) = reference.target {
                set(self.row(child)?, self.row(reference.source)?);
            }
        }
        Ok(parents.into_iter().collect())
    }

    fn edges(&mut self) -> Result<EdgeColumns> {
        let facts = self.facts;
        let by_id: HashMap<&str, u32> =
            facts.nodes.iter().zip(&self.rows).map(|(node, row)| (node.id.as_str(), *row)).collect();
        let mut sorted: Vec<&Edge> = facts.edges.iter().collect();
        sorted.sort_by_cached_key(|edge| {
            let attributes = serde_json::to_string(&edge.attributes).unwrap_or_default();
            (edge.source.as_str(), edge.kind.as_str(), edge.target.as_str(), edge.span, attributes)
        });
        let mut columns = EdgeColumns {
            spans: Spans::of(sorted.iter().map(|edge| edge.span.unwrap_or_default())),
            attributes: self.attributes(sorted.iter().map(|edge| &edge.attributes))?,
            ..EdgeColumns::default()
        };
        for edge in sorted {
            let source = by_id.get(edge.source.as_str()).ok_or_else(|| {
                invalid(
                    facts,
                    format!(
                        "the edge `{}` -{}-> `{}` starts at a node that is not there",
                        edge.source, edge.kind, edge.target
                    ),
                )
                .with_help("an edge belongs to the file of its source; store the source first")
            })?;
            if edge.target.is_empty() {
                return Err(invalid(facts, format!("an edge of `{}` has an empty target", edge.source)));
            }
            columns.source.push(*source);
            columns.kind.push(self.text(&edge.kind)?);
            columns.target.push(self.text(&edge.target)?);
            columns.has_span.push(edge.span.is_some());
        }
        Ok(columns)
    }

    fn references(&mut self) -> Result<ReferenceColumns> {
        let mut sorted: Vec<(u32, &Reference)> = Vec::with_capacity(self.facts.references.len());
        for reference in &self.facts.references {
            sorted.push((self.row(reference.source)?, reference));
        }
        // A stable sort: references at one place keep the order in which the indexer, which is deterministic,
        // stated them.
        sorted.sort_by_key(|(source, reference)| (reference.span, *source));
        let mut columns = ReferenceColumns {
            spans: Spans::of(sorted.iter().map(|(_, reference)| reference.span)),
            attributes: self.attributes(sorted.iter().map(|(_, reference)| &reference.attributes))?,
            ..ReferenceColumns::default()
        };
        for (source, reference) in sorted {
            let (shape, root, members) = self.target(&reference.target)?;
            columns.source.push(source);
            columns.kind.push(self.text(&reference.kind)?);
            columns.shape.push(shape);
            columns.root.push(root);
            columns.members.push(members);
        }
        Ok(columns)
    }

    fn target(&mut self, target: &Target) -> Result<(u8, u32, u32)> {
        Ok(match target {
            Target::Node(position) => (shape::NODE, self.row(*position)?, 0),
            Target::Member(name) => (shape::MEMBER, self.text(name)?, 0),
            Target::Local(name) => (shape::LOCAL, self.text(name)?, 0),
            Target::Path(root, members) => {
                let (shape, root) = match root {
                    Root::Import(position) => (shape::IMPORT, self.import(*position)?),
                    Root::Node(position) => (shape::NODE_PATH, self.row(*position)?),
                    Root::Super(position) => (shape::SUPER, self.row(*position)?),
                    Root::Within(position) => (shape::WITHIN, self.row(*position)?),
                    Root::Receiver(position) => (shape::RECEIVER, self.row(*position)?),
                    Root::Free(name) => (shape::FREE, self.text(name)?),
                };
                (shape, root, self.members(members)?)
            }
        })
    }

    fn members(&mut self, members: &[String]) -> Result<u32> {
        if members.is_empty() { Ok(0) } else { Ok(self.text(&members.join("\0"))? + 1) }
    }

    fn imports(&mut self) -> Result<ImportColumns> {
        let mut columns: ImportColumns = ImportColumns::default();
        for import in &self.facts.imports {
            for candidate in &import.candidates {
                columns.candidates.push(self.stem(candidate)?);
            }
            columns.candidate_ends.push(to_u32(columns.candidates.len())?);
            columns.module.push(self.text(&import.module)?);
            columns.name.push(match &import.name {
                ImportedName::Module => 0,
                ImportedName::Star => 1,
                ImportedName::Name(name) => self.text(name)? + 2,
            });
        }
        Ok(columns)
    }

    fn exports(&mut self) -> Result<ExportColumns> {
        let mut sorted: Vec<_> = self.facts.exports.iter().collect();
        sorted.sort_by_key(|export| export.name.as_str());
        let mut columns: ExportColumns = ExportColumns::default();
        for export in sorted {
            columns.name.push(self.text(&export.name)?);
            columns.target.push(match export.target {
                ExportTarget::Node(position) => self.row(position)? << 1,
                ExportTarget::Import(position) => self.import(position)? << 1 | 1,
            });
        }
        Ok(columns)
    }

    fn values(&mut self) -> Result<ValueColumns> {
        let mut sorted: Vec<(u32, &ValueFact)> = Vec::with_capacity(self.facts.values.len());
        for value in &self.facts.values {
            sorted.push((self.row(value.node)?, value));
        }
        sorted.sort_by_key(|(row, value)| (*row, &value.path));
        let mut columns: ValueColumns = ValueColumns::default();
        for same in sorted.chunk_by(|(row, value), (other, next)| (row, &value.path) == (other, &next.path)) {
            let Some(((row, value), rest)) = same.split_first() else { continue };
            if rest.iter().any(|(_, other)| other.target != value.target) {
                continue;
            }
            let (shape, root, members) = self.target(&value.target)?;
            columns.row.push(*row);
            columns.path.push(self.members(&value.path)?);
            columns.shape.push(shape);
            columns.root.push(root);
            columns.members.push(members);
        }
        Ok(columns)
    }

    fn attributes<'b>(&mut self, owners: impl Iterator<Item = &'b Attributes>) -> Result<AttributeColumns> {
        let mut columns: AttributeColumns = AttributeColumns::default();
        for (owner, attributes) in owners.enumerate() {
            for (name, value) in attributes {
                columns.owner.push(to_u32(owner)?);
                columns.name.push(self.text(name)?);
                columns.json.push(self.text(&value.to_string())?);
            }
        }
        Ok(columns)
    }
}
