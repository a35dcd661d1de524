//! A document as facts of a file.
//!
//! What a document defines becomes nodes, and what it mentions edges with their targets stated as ids: the tool that made
//! the index has resolved every name, so nothing is left to link but to find the ids. An edge begins at the innermost
//! definition around the mention, or at the file where there is none, and says which of the two it was. That the mention
//! is a call is concluded and not said by SCIP, so these edges say `derived`.

use std::collections::HashMap;

use codestrata::model::{self, Attributes, edge_kind, node_kind};
use codestrata::{Edge, FileFacts, Node, Result, Span};
use scip::types::SymbolRole;

use super::document::{Document, Relation, Roles, Seen};
use super::kinds::{self, Manner};
use super::limits::Budget;
use super::place::{Range, Text};
use super::regions::{Region, Walk, sort};
use super::symbol::{Suffix, Symbol, is_local};
use crate::language::Language;

/// The attribute of an edge that says from what it was concluded.
pub(super) const DERIVED: &str = "derived";
/// It starts at the definition in whose range the mention stands.
pub(super) const ENCLOSING_RANGE: &str = "enclosing-range";
/// It starts at the file, because no definition says that it covers the mention.
pub(super) const DOCUMENT: &str = "document";
/// The symbol states it.
pub(super) const RELATIONSHIP: &str = "relationship";
/// The attribute of a node whose symbol another file has for its id.
pub(super) const SYMBOL: &str = "symbol";

/// About what a node or an edge takes in memory beside its texts; most of it is the map of its attributes.
const ITEM_BYTES: usize = 1_024;
/// Parents are followed so far to see that nothing contains itself.
const MAX_NESTING: usize = 64;

/// One symbol that the document defines.
struct Definition {
    symbol: u32,
    /// Its name as it stands first.
    name: Range,
    /// What it covers, at its longest.
    extent: Range,
    roles: Roles,
    node: usize,
}

/// A document on its way to facts.
struct Draft<'d, 'a> {
    document: &'d Document<'a>,
    /// In small letters.
    language: String,
    text: Option<&'d Text<'d>>,
    budget: &'d mut Budget,
    definitions: Vec<Definition>,
    /// The definition of each symbol that has one.
    of_symbol: HashMap<&'a str, usize>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// The node that stands for the file.
    file: usize,
}

/// Turns a document into facts. `owns` says whether this file is the one whose node has a symbol for its id; the text
/// is one in which every range has its place.
pub(super) fn facts(
    document: &Document<'_>,
    hash: String,
    text: Option<&Text<'_>>,
    owns: &dyn Fn(&str) -> bool,
    budget: &mut Budget,
) -> Result<FileFacts> {
    let of_path = Language::of_path(document.path);
    let language = match document.language {
        "" => of_path.map_or("", Language::as_str).to_owned(),
        said => said.to_ascii_lowercase(),
    };
    let mut draft = Draft {
        document,
        language,
        text,
        budget,
        definitions: Vec::new(),
        of_symbol: HashMap::new(),
        nodes: Vec::new(),
        edges: Vec::new(),
        file: 0,
    };
    draft.define(owns)?;
    draft.stand_for_the_file()?;
    let mut regions = draft.regions();
    sort(&mut regions);
    draft.contain(&regions)?;
    draft.relate()?;
    draft.refer(&regions)?;
    let family = of_path.map(|language| language.family().to_owned());
    Ok(FileFacts {
        path: document.path.to_owned(),
        hash,
        family: family.unwrap_or(draft.language),
        nodes: draft.nodes,
        edges: draft.edges,
        ..FileFacts::default()
    })
}

impl<'a> Draft<'_, 'a> {
    fn symbol(&self, number: u32) -> &'a str {
        self.document.symbols.get(number as usize).copied().unwrap_or_default()
    }

    fn span(&self, range: &Range) -> Span {
        self.text.and_then(|text| text.span(range)).unwrap_or_else(|| range.without_bytes())
    }

    /// The id of a symbol of this document: those of locals are theirs alone.
    fn id(&self, symbol: &str) -> String {
        if is_local(symbol) { format!("{}::{symbol}", self.document.path) } else { symbol.to_owned() }
    }

    /// Makes a node of each symbol that is defined here.
    fn define(&mut self, owns: &dyn Fn(&str) -> bool) -> Result<()> {
        let document = self.document;
        for seen in document.occurrences.iter().filter(|seen| seen.roles.is_definition()) {
            let symbol = self.symbol(seen.symbol);
            match self.of_symbol.get(symbol).and_then(|place| self.definitions.get_mut(*place)) {
                Some(known) => known.add(seen),
                None => {
                    self.of_symbol.insert(symbol, self.definitions.len());
                    self.definitions.push(Definition::new(seen, self.definitions.len()));
                }
            }
        }
        for place in 0..self.definitions.len() {
            let Some(node) = self.definitions.get(place).map(|definition| self.node(definition, owns)) else {
                continue;
            };
            self.budget.take(ITEM_BYTES + node.id.len() * 2 + node.name.len(), document.path)?;
            self.nodes.push(node);
        }
        Ok(())
    }

    fn node(&self, definition: &Definition, owns: &dyn Fn(&str) -> bool) -> Node {
        let symbol = self.symbol(definition.symbol);
        let described = self.document.described.get(symbol);
        let read = Symbol::read(symbol);
        let is_owner = is_local(symbol) || owns(symbol);
        let id = if is_owner { self.id(symbol) } else { format!("{}::{symbol}", self.document.path) };
        let mut name = described.map(|described| described.name.clone()).unwrap_or_default();
        if name.is_empty() && read.suffix == Suffix::Local {
            let stands = self.text.and_then(|text| text.at(&text.span(&definition.name)?));
            stands.unwrap_or_default().clone_into(&mut name);
        }
        if name.is_empty() {
            name = read.name.clone().into_owned();
        }
        let kind = kinds::of_node(&read, described, &self.language);
        let mut node = Node::new(id, name, kind, self.document.path, self.span(&definition.extent));
        if !is_owner {
            node = node.with_attribute(SYMBOL, symbol);
        }
        for (role, attribute) in [(SymbolRole::Test, "test"), (SymbolRole::Generated, "generated")] {
            if definition.roles.has(role) {
                node = node.with_attribute(attribute, true);
            }
        }
        if definition.roles.is_declaration() {
            node = node.with_attribute(Node::DECLARATION, true);
        }
        node
    }

    /// Finds the node of the file: the module that is defined at its very beginning, or the only one that is defined
    /// without saying what it covers. Where there is none it is made.
    fn stand_for_the_file(&mut self) -> Result<()> {
        let module = |definition: &&Definition| {
            self.nodes.get(definition.node).is_some_and(|node| node.kind == node_kind::MODULE)
        };
        let first =
            self.definitions.iter().find(|definition| definition.name.start == (0, 0) && module(definition));
        let mut open =
            self.definitions.iter().filter(|definition| definition.extent == definition.name).filter(module);
        let found = first.or_else(|| open.next().filter(|_| open.next().is_none()));
        if let Some(definition) = found {
            self.file = definition.node;
            return Ok(());
        }
        let path = self.document.path;
        let name = path.rsplit('/').next().unwrap_or(path);
        self.budget.take(ITEM_BYTES + path.len() * 3, path)?;
        self.file = self.nodes.len();
        let id = format!("{path}::<module>");
        self.nodes.push(Node::new(id, name, node_kind::MODULE, path, Span::default()));
        Ok(())
    }

    /// What the definitions cover in which something may stand: not parameters and variables of a function.
    fn regions(&self) -> Vec<Region> {
        let mut regions = Vec::new();
        for seen in self.document.occurrences.iter().filter(|seen| seen.roles.is_definition()) {
            let Some(range) = seen.enclosing else { continue };
            let symbol = self.symbol(seen.symbol);
            let Some(node) = self.of_symbol.get(symbol).copied() else { continue };
            let is_called = || self.nodes.get(node).is_some_and(|node| kinds::is_callable(&node.kind));
            let is_wide = match Symbol::read(symbol).suffix {
                Suffix::Parameter | Suffix::TypeParameter => false,
                Suffix::Local => is_called(),
                _ => true,
            };
            if is_wide {
                regions.push(Region { range, name: seen.range, node });
            }
        }
        regions
    }

    /// States what each definition stands in.
    fn contain(&mut self, regions: &[Region]) -> Result<()> {
        let mut walk = Walk::new(regions);
        let mut parents: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut order: Vec<&Definition> = self.definitions.iter().collect();
        order.sort_by_key(|definition| (definition.name, definition.node));
        for definition in order {
            let around = walk.around(definition.name.start, Some(definition.node));
            let node = definition.node;
            if node == self.file {
                continue;
            }
            let symbol = self.symbol(definition.symbol);
            let said = self.document.described.get(symbol).map(|described| described.enclosing.as_str());
            let named = Symbol::read(symbol).parent.or(said.filter(|symbol| !symbol.is_empty()));
            let parent = named
                .and_then(|symbol| self.of_symbol.get(symbol).copied())
                .or(around)
                .filter(|parent| !leads_to(&parents, *parent, node))
                .unwrap_or(self.file);
            if let Some(place) = parents.get_mut(node) {
                *place = Some(parent);
            }
        }
        for (node, parent) in parents.iter().enumerate() {
            let Some(parent) = parent else { continue };
            let Some(target) = self.nodes.get(node).map(|node| node.id.clone()) else { continue };
            self.add(*parent, target, edge_kind::CONTAINS, None, Attributes::new())?;
        }
        Ok(())
    }

    /// States what the symbols that are defined here say of others.
    fn relate(&mut self) -> Result<()> {
        let document = self.document;
        for place in 0..self.definitions.len() {
            let Some((symbol, node)) = self
                .definitions
                .get(place)
                .map(|definition| (self.symbol(definition.symbol), definition.node))
            else {
                continue;
            };
            let Some(described) = document.described.get(symbol) else { continue };
            let mut relations: Vec<_> = described.relations.iter().collect();
            relations.sort_by(|a, b| (&a.0, a.1 as u8).cmp(&(&b.0, b.1 as u8)));
            relations.dedup();
            let has_members = self
                .nodes
                .get(node)
                .is_some_and(|node| node_kind::has_members(&node.kind) || node.kind == node_kind::TYPE);
            for (other, relation) in relations {
                let kind = match relation {
                    Relation::HasType => edge_kind::USES_TYPE,
                    Relation::Implements if has_members => edge_kind::INHERITS,
                    Relation::Implements => kinds::IMPLEMENTS,
                };
                let derived = Attributes::from([(DERIVED, RELATIONSHIP.into())]);
                self.add(node, self.id(other), kind, None, derived)?;
            }
        }
        Ok(())
    }

    /// Makes an edge of each mention.
    fn refer(&mut self, regions: &[Region]) -> Result<()> {
        let document = self.document;
        let mut walk = Walk::new(regions);
        let has_parentheses = kinds::calls_have_parentheses(&self.language);
        for seen in document.occurrences.iter().filter(|seen| !seen.roles.is_definition()) {
            let symbol = self.symbol(seen.symbol);
            let around = walk.around(seen.range.start, None);
            let source = around.unwrap_or(self.file);
            let node = self.of_symbol.get(symbol).copied();
            let span = self.span(&seen.range);
            let text = self.text.filter(|_| has_parentheses);
            let manner = Manner {
                import: seen.roles.has(SymbolRole::Import),
                in_document: source == self.file,
                called: text.map(|text| kinds::is_called(text.before(&span), text.after(&span))),
            };
            let kind_of_node = node.and_then(|node| self.nodes.get(node)).map(|node| node.kind.as_str());
            let kind = kinds::of_reference(Symbol::read(symbol).suffix, kind_of_node, manner);
            if node == Some(source) && kind != edge_kind::CALLS {
                // What mentions itself says nothing, unless it calls itself.
                continue;
            }
            let derived = if around.is_some() { ENCLOSING_RANGE } else { DOCUMENT };
            let mut attributes = Attributes::from([(DERIVED, derived.into())]);
            if kind == edge_kind::ACCESSES && seen.roles.has(SymbolRole::WriteAccess) {
                let both = seen.roles.has(SymbolRole::ReadAccess);
                attributes.insert("access", if both { "read-write" } else { "write" }.into());
            }
            self.add(source, self.id(symbol), kind, Some(span), attributes)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        source: usize,
        target: impl Into<model::Text>,
        kind: &'static str,
        span: Option<Span>,
        attributes: Attributes,
    ) -> Result<()> {
        let Some(source) = self.nodes.get(source).map(|node| node.id.clone()) else { return Ok(()) };
        let target = target.into();
        self.budget.take(ITEM_BYTES + source.len() + target.len(), self.document.path)?;
        self.edges.push(Edge { source, target, kind: kind.into(), attributes, span });
        Ok(())
    }
}

impl Definition {
    fn new(seen: &Seen, node: usize) -> Self {
        let extent = seen.enclosing.unwrap_or(seen.range);
        Self { symbol: seen.symbol, name: seen.range, extent, roles: seen.roles, node }
    }

    /// Adds another place where the symbol is defined. A definition is meant before its declarations, and of several the
    /// longest is shown.
    fn add(&mut self, seen: &Seen) {
        let other = Self::new(seen, self.node);
        let length = |range: &Range| (range.end.0 - range.start.0, range.end.1);
        let is_better = match (self.roles.is_declaration(), other.roles.is_declaration()) {
            (true, false) => true,
            (false, true) => false,
            _ => length(&other.extent) > length(&self.extent),
        };
        if is_better {
            self.extent = other.extent;
            self.roles = other.roles;
        }
    }
}

/// Whether the parents of a node lead to another one, or so far that it is not worth knowing.
fn leads_to(parents: &[Option<usize>], from: usize, node: usize) -> bool {
    let mut current = Some(from);
    for _ in 0..MAX_NESTING {
        match current {
            None => return false,
            Some(place) if place == node => return true,
            Some(place) => current = parents.get(place).copied().flatten(),
        }
    }
    true
}
