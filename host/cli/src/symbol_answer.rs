//! The answer to a question about a symbol, which may have several definitions.

use std::collections::BTreeSet;
use std::io::{self, Write};

use codestrata::Queries;
use codestrata::model::node_kind;
use codestrata::query::{Answer, Cut, NodeHit};
use serde::Serialize;

use crate::failure::{Code, Failure};
use crate::freshness::{Files, RestsOn};
use crate::output::{FAINT, NOTE, definition, write_cut};
use crate::symbols::{MAX_DEFINITIONS, Summary, Symbol};
use crate::walking::write_cuts;
use crate::words::{Shown, counted};

/// The answer for every definition of a symbol: results in one list, each with the definition that it is for.
#[derive(Debug, Serialize)]
pub(crate) struct SymbolAnswer<R> {
    repository: String,
    version: u64,
    /// The symbol as it was given.
    symbol: String,
    /// Whether the definitions are answered for; else they are too many, and there is a summary of them.
    answered: bool,
    /// What it means; of too many the first.
    pub(crate) definitions: Vec<Definition>,
    /// Stands in for definitions that are too many.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    /// The results for each definition, in the order of these.
    pub(crate) results: Vec<ResultOf<R>>,
    pub(crate) truncated: bool,
    /// Why traversals were cut.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    cut: BTreeSet<Cut>,
    pub(crate) ambiguous: u64,
    pub(crate) unresolved: u64,
}

impl<R: RestsOn> RestsOn for SymbolAnswer<R> {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(self.definitions.iter().map(|definition| &definition.node));
        files.add_all(self.results.iter().map(|result| &result.hit));
    }
}

/// One definition of a symbol.
#[derive(Debug, Serialize)]
pub(crate) struct Definition {
    #[serde(flatten)]
    pub(crate) node: NodeHit,
    pub(crate) truncated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<Cut>,
    pub(crate) ambiguous: u64,
    pub(crate) unresolved: u64,
}

/// One result, with the definition that it is for.
#[derive(Debug, Serialize)]
pub(crate) struct ResultOf<R> {
    #[serde(flatten)]
    pub(crate) hit: R,
    /// The id of the definition.
    pub(crate) definition: String,
}

impl<R> SymbolAnswer<R> {
    /// An answer that knows the definitions, and no results yet.
    ///
    /// # Errors
    /// `not-found` with near names if the symbol has no definition.
    pub(crate) async fn begin(queries: &Queries, symbol: &Symbol) -> Result<Self, Failure> {
        let found = symbol.definitions(queries).await?;
        let is_many = found.results.len() > MAX_DEFINITIONS;
        let definition =
            |node| Definition { node, truncated: is_many, cut: Vec::new(), ambiguous: 0, unresolved: 0 };
        Ok(Self {
            repository: found.repository.into(),
            version: found.version,
            symbol: symbol.text.clone(),
            answered: !is_many,
            summary: is_many.then(|| Summary::of(&found.results)),
            definitions: found
                .results
                .into_iter()
                .take(MAX_DEFINITIONS)
                .map(|found| definition(found.node))
                .collect(),
            results: Vec::new(),
            truncated: is_many,
            cut: BTreeSet::new(),
            ambiguous: 0,
            unresolved: 0,
        })
    }

    /// Refuses what is no class, of which a question about classes says nothing: an empty answer would look like one.
    /// Kinds of other tools are asked about.
    ///
    /// # Errors
    /// A wrong usage, if no definition is anything else.
    pub(crate) fn refuse_other_than_classes(&self, has: &str) -> Result<(), Failure> {
        let is_other = |kind: &str| {
            use node_kind::{FUNCTION, METHOD, MODULE, VARIABLE};
            matches!(kind, FUNCTION | METHOD | MODULE | VARIABLE)
        };
        let Some(first) = self.definitions.first() else { return Ok(()) };
        if !self.definitions.iter().all(|definition| is_other(definition.node.kind())) {
            return Ok(());
        }
        let message =
            format!("`{}` is a {}; only classes and the like {has}", self.symbol, first.node.kind());
        Err(Failure::new(Code::Usage, "usage", message)
            .with_help("name a class; `codestrata show` shows what this leads to"))
    }

    /// The ids of the definitions to answer for: none where they are too many.
    pub(crate) fn ids(&self) -> Vec<String> {
        if !self.answered {
            return Vec::new();
        }
        self.definitions.iter().map(|definition| definition.node.id().to_string()).collect()
    }

    /// Adds what was found for one of the definitions.
    pub(crate) fn add(&mut self, id: &str, found: Answer<R>) {
        self.cut.extend(&found.cut);
        if let Some(definition) = self.definitions.iter_mut().find(|definition| definition.node.id() == id) {
            definition.truncated = found.truncated;
            definition.cut = found.cut;
            definition.ambiguous = found.ambiguous;
            definition.unresolved = found.unresolved;
        }
        // A commit may come between two questions; the newest is what the answer is of.
        self.version = self.version.max(found.version);
        self.truncated |= found.truncated;
        let results = found.results.into_iter();
        self.results.extend(results.map(|hit| ResultOf { hit, definition: id.to_owned() }));
    }

    /// Adds the one result for one of the definitions.
    pub(crate) fn add_one(&mut self, id: &str, hit: R, truncated: bool) {
        if let Some(definition) = self.definitions.iter_mut().find(|definition| definition.node.id() == id) {
            definition.truncated = truncated;
        }
        self.truncated |= truncated;
        self.results.push(ResultOf { hit, definition: id.to_owned() });
    }

    /// Says how many references may belong to the answer, where they are counted by the name of the definitions:
    /// that is one name, and so the same references for each.
    pub(crate) fn count_by_name(&mut self) {
        self.ambiguous = self.definitions.iter().map(|one| one.ambiguous).max().unwrap_or(0);
        self.unresolved = self.definitions.iter().map(|one| one.unresolved).max().unwrap_or(0);
    }

    /// The same where each definition has references of its own.
    pub(crate) fn count_by_definition(&mut self) {
        self.ambiguous = self.definitions.iter().map(|one| one.ambiguous).sum();
        self.unresolved = self.definitions.iter().map(|one| one.unresolved).sum();
    }

    /// Writes a group for each definition, or the summary.
    pub(crate) fn write_groups(
        &self,
        out: &mut dyn Write,
        limit: usize,
        nothing: &str,
        mut write_hit: impl FnMut(&mut dyn Write, &R, &Definition) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(summary) = &self.summary {
            return summary.write(out, &self.symbol);
        }
        for (position, group) in self.definitions.iter().enumerate() {
            if position > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{}", definition(&group.node))?;
            let mut results =
                self.results.iter().filter(|result| result.definition == group.node.id()).peekable();
            if results.peek().is_none() && !group.truncated && !nothing.is_empty() {
                writeln!(out, "  {FAINT}{nothing}{FAINT:#}")?;
            }
            for result in results {
                write_hit(out, &result.hit, group)?;
            }
            if group.truncated && group.cut.iter().all(|why| *why == Cut::Depth) {
                write!(out, "  ")?;
                write_cut(out, limit)?;
            }
            write_cuts(out, "  ", &group.cut, limit)?;
        }
        Ok(())
    }

    /// The name of the definitions.
    pub(crate) fn name(&self) -> &str {
        self.definitions.first().map_or(self.symbol.as_str(), |definition| definition.node.name())
    }

    /// Says in words how many calls, or references, may belong to the answer and are not in it.
    pub(crate) fn write_unbound(&self, out: &mut dyn Write, one: &str) -> io::Result<()> {
        let (more, verb) = (format!("more {one}"), if one == "call" { "called" } else { "meant" });
        let name = Shown(self.name());
        if self.ambiguous > 0 || self.unresolved > 0 {
            writeln!(out)?;
        }
        if self.ambiguous > 0 {
            writeln!(
                out,
                "{NOTE}ambiguous:{NOTE:#} {} of `{name}` may mean this or another `{name}`: the code does not say \
                 on which class, or which of several definitions is {verb}",
                counted(self.ambiguous, &more),
            )?;
        }
        if self.unresolved > 0 {
            writeln!(
                out,
                "{NOTE}unresolved:{NOTE:#} {} of something named `{name}` that was not found in this repository: in a \
                 library, a builtin, or made at run time",
                counted(self.unresolved, &more),
            )?;
        }
        Ok(())
    }
}
