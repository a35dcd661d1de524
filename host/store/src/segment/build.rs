//! From facts to the columns of a segment: checked, sorted, interned.
//!
//! Of a whole graph this is the larger part of storing it, so what is said stays where it is: nodes and edges are
//! borrowed, texts are copied once, into the string table, and edges are compared by numbers first.

use std::collections::HashMap;

use codestrata_core::{Error, ErrorKind, Result};
use foldhash::fast::RandomState;
use serde_json::Value;

use super::columns::{
    AttributeColumns, Columns, EdgeColumns, ExportColumns, ImportColumns, ModuleColumns, NodeColumns,
    ReferenceColumns, ValueColumns, shape,
};
use super::spans::Spans;
use super::strings::{Interner, to_u32};
use crate::codec::Column;
use crate::limits::MAX_TEXT_BYTES;
use crate::model::{
    Attributes, Edge, Export, ExportTarget, FileFacts, Import, ImportedName, ModuleFacts, Node, Reference,
    Root, Target, ValueFact, edge_kind,
};

/// What a file says, borrowed.
#[derive(Default)]
pub(super) struct Said<'a> {
    pub(super) path: &'a str,
    family: &'a str,
    module: Option<&'a ModuleFacts>,
    nodes: Vec<&'a Node>,
    edges: Vec<&'a Edge>,
    references: &'a [Reference],
    imports: &'a [Import],
    exports: &'a [Export],
    values: &'a [ValueFact],
}

impl<'a> Said<'a> {
    /// The facts of an indexer.
    pub(super) fn of(facts: &'a FileFacts) -> Self {
        Self {
            path: &facts.path,
            family: &facts.family,
            module: facts.module.as_ref(),
            nodes: facts.nodes.iter().collect(),
            edges: facts.edges.iter().collect(),
            references: &facts.references,
            imports: &facts.imports,
            exports: &facts.exports,
            values: &facts.values,
        }
    }

    /// Nodes, and edges with stated targets.
    pub(super) fn stated(path: &'a str, nodes: Vec<&'a Node>, edges: Vec<&'a Edge>) -> Self {
        Self { path, nodes, edges, ..Self::default() }
    }
}

/// The columns of what a file says.
///
/// # Errors
/// As [`PreparedFile::new`](super::PreparedFile::new).
pub(super) fn columns_of(said: &Said<'_>) -> Result<Columns> {
    Builder::new(said)?.build()
}

fn invalid(facts: &Said<'_>, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the facts of `{}` are wrong: {what}", facts.path))
}

pub(super) fn too_large(facts: &Said<'_>, what: &str, most: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("`{}` has {what}; the limit is {most}", facts.path))
}

struct Builder<'s, 'a> {
    facts: &'s Said<'a>,
    strings: Interner,
    /// The row of each node of the facts: its place once sorted by id.
    rows: Vec<u32>,
    /// The node of each row.
    order: Vec<usize>,
    /// Rows by id; left empty where no edge is stated.
    by_id: HashMap<&'a str, u32, RandomState>,
    /// The JSON of the value that is interned.
    json: Vec<u8>,
}

impl<'s, 'a> Builder<'s, 'a> {
    fn new(facts: &'s Said<'a>) -> Result<Self> {
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
        let mut by_id = HashMap::default();
        if !facts.edges.is_empty() {
            by_id.extend(facts.nodes.iter().zip(&rows).map(|(node, row)| (node.id.as_str(), *row)));
        }
        let strings = Interner::of_names(facts.nodes.iter().map(|node| node.name.as_str()))?;
        Ok(Self { facts, strings, rows, order, by_id, json: Vec::new() })
    }

    fn build(mut self) -> Result<Columns> {
        let path = self.text(self.facts.path)?;
        let module = match self.facts.module {
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
        let sorted: Vec<&Node> =
            self.order.iter().filter_map(|index| facts.nodes.get(*index)).copied().collect();
        let mut columns = NodeColumns {
            parent: self.parents()?,
            spans: Spans::of(sorted.iter().map(|node| node.span)),
            attributes: self.attributes(sorted.iter().map(|node| &node.attributes))?,
            ..NodeColumns::default()
        };
        let mut texts = with_room::<3>(sorted.len());
        for node in sorted {
            let id = match node.id.strip_prefix(&own) {
                Some(rest) => self.text(rest)? << 1 | 1,
                None => self.text(&node.id)? << 1,
            };
            push(&mut texts, [id, self.text(&node.name)?, self.text(&node.kind)?]);
        }
        [columns.id, columns.name, columns.kind] = texts.map(|numbers| numbers.as_slice().into());
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
        for edge in self.facts.edges.iter().filter(|edge| edge.kind == edge_kind::CONTAINS) {
            if let (Some(parent), Some(child)) =
                (self.by_id.get(edge.source.as_str()), self.by_id.get(edge.target.as_str()))
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
        let sorted = self.sorted_edges()?;
        let mut columns = EdgeColumns {
            source: sorted.iter().map(|(row, _)| *row).collect(),
            has_span: sorted.iter().map(|(_, edge)| edge.span.is_some()).collect(),
            spans: Spans::of(sorted.iter().map(|(_, edge)| edge.span.unwrap_or_default())),
            attributes: self.attributes(sorted.iter().map(|(_, edge)| &edge.attributes))?,
            ..EdgeColumns::default()
        };
        let mut texts = with_room::<2>(sorted.len());
        for (_, edge) in sorted {
            if edge.target.is_empty() {
                let message = format!("an edge of `{}` has an empty target", edge.source);
                return Err(invalid(self.facts, message));
            }
            push(&mut texts, [self.text(&edge.kind)?, self.text(&edge.target)?]);
        }
        [columns.kind, columns.target] = texts.map(|numbers| numbers.as_slice().into());
        Ok(columns)
    }

    /// The edges with the rows of their sources, by source, kind, target, span and attributes. Rows are in the order of
    /// ids, and edges mostly come in order, source by source: so few texts are compared, and fewer looked up.
    fn sorted_edges(&self) -> Result<Vec<(u32, &'a Edge)>> {
        let mut sorted: Vec<(u32, &Edge)> = Vec::with_capacity(self.facts.edges.len());
        for edge in &self.facts.edges {
            let row = match sorted.last() {
                Some((row, last)) if last.source == edge.source => Some(*row),
                _ => self.by_id.get(edge.source.as_str()).copied(),
            };
            sorted.push((row.ok_or_else(|| self.without_source(edge))?, edge));
        }
        sorted.sort_by(|(row, edge), (other_row, other)| {
            row.cmp(other_row)
                .then_with(|| edge.kind.cmp(&other.kind))
                .then_with(|| edge.target.cmp(&other.target))
                .then_with(|| edge.span.cmp(&other.span))
                .then_with(|| json(&edge.attributes).cmp(&json(&other.attributes)))
        });
        Ok(sorted)
    }

    fn without_source(&self, edge: &Edge) -> Error {
        let Edge { source, kind, target, .. } = edge;
        let message = format!("the edge `{source}` -{kind}-> `{target}` starts at a node that is not there");
        invalid(self.facts, message)
            .with_help("an edge belongs to the file of its source; store the source first")
    }

    fn references(&mut self) -> Result<ReferenceColumns> {
        let mut sorted: Vec<(u32, &Reference)> = Vec::with_capacity(self.facts.references.len());
        for reference in self.facts.references {
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
        let mut numbers = with_room::<5>(sorted.len());
        for (source, reference) in sorted {
            let (shape, root, members) = self.target(&reference.target)?;
            push(&mut numbers, [source, self.text(&reference.kind)?, shape, root, members]);
        }
        [columns.source, columns.kind, columns.shape, columns.root, columns.members] =
            numbers.map(|numbers| numbers.as_slice().into());
        Ok(columns)
    }

    fn target(&mut self, target: &Target) -> Result<(u32, u32, u32)> {
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
        for import in self.facts.imports {
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
        for value in self.facts.values {
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
        let mut numbers = [const { Vec::new() }; 3];
        for (owner, attributes) in owners.enumerate() {
            for (name, value) in attributes {
                let name = self.text(name)?;
                let mut json = std::mem::take(&mut self.json);
                write_json(&mut json, value)?;
                let text = self.text(std::str::from_utf8(&json).unwrap_or_default())?;
                self.json = json;
                push(&mut numbers, [to_u32(owner)?, name, text]);
            }
        }
        let [owner, name, json] = numbers.map(|numbers| numbers.as_slice().into());
        Ok(AttributeColumns { owner, name, json })
    }
}

/// Columns that are filled together, with room for so many rows.
fn with_room<const N: usize>(rows: usize) -> [Vec<u32>; N] {
    std::array::from_fn(|_| Vec::with_capacity(rows))
}

/// Adds a row to columns that are being filled.
fn push<const N: usize>(columns: &mut [Vec<u32>; N], row: [u32; N]) {
    columns.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
}

/// Attributes as text, to compare them by.
fn json(attributes: &Attributes) -> String {
    serde_json::to_string(attributes).unwrap_or_default()
}

/// A value as JSON, in place of what the buffer had.
fn write_json(buffer: &mut Vec<u8>, value: &Value) -> Result<()> {
    buffer.clear();
    match value {
        // Most are plain words, which stand for themselves.
        Value::String(text) if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') => {
            buffer.push(b'"');
            buffer.extend_from_slice(text.as_bytes());
            buffer.push(b'"');
            Ok(())
        }
        value => serde_json::to_writer(buffer, value).map_err(|error| {
            Error::new(ErrorKind::Internal, "an attribute cannot be written as JSON").with_source(error)
        }),
    }
}
