//! The questions about inheritance, and those about everything that a graph has, one method each.

use codestrata_core::Result;

use super::answer::Answer;
use super::inheritance::{self, Ancestry, InheritanceHit};
use super::queries::{Queries, ask};
use super::statistics::{self, FolderOptions, Statistics};
use super::unbound::{self, UnboundGroup, UnboundOptions};
use crate::graph::{View, read};
use crate::limits::{MAX_READ_ATTEMPTS, MAX_RESULTS};

impl Queries {
    /// What a class inherits from, nearest first, and the order in which it and its bases are asked for a member.
    /// A class that has parts in several places has the bases of all of them.
    ///
    /// `ambiguous` and `unresolved` count the bases that are not in the repository or could not be told from others.
    ///
    /// Cost: the files of the classes above, one round trip a step.
    ///
    /// # Errors
    /// Those of the type, `NotFound` naming an id that is not stored, and what the engine answers.
    pub async fn bases(&self, id: &str, limit: usize) -> Result<Ancestry> {
        ask!(self, |view| inheritance::bases(&view, id, limit.min(MAX_RESULTS)).await)
    }

    /// What inherits from a class, nearest first and then by id: each once, with the fewest steps to it.
    ///
    /// `ambiguous` and `unresolved` count the classes that name a base of its name which could not be bound.
    ///
    /// Cost: the files that refer to the class and to those below it, one round trip a step.
    ///
    /// # Errors
    /// Those of the type, `NotFound` naming an id that is not stored, and what the engine answers.
    pub async fn subclasses(&self, id: &str, depth: u32, limit: usize) -> Result<Answer<InheritanceHit>> {
        ask!(self, |view| inheritance::subclasses(&view, id, depth, limit.min(MAX_RESULTS)).await)
    }

    /// The references that lead to no node, put together by what they say, by file or by kind, the largest groups first
    /// and then by name. The figure beside them is how many references there are in all groups.
    ///
    /// Cost: one pass over the files that have any.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn unbound(
        &self,
        options: &UnboundOptions,
        limit: usize,
    ) -> Result<(Answer<UnboundGroup>, u64)> {
        ask!(self, |view| unbound::unbound(&view, options, limit.min(MAX_RESULTS)).await)
    }

    /// What the graph is made of, counted by kind, by language and by folder. The function says in which language a
    /// file is, by its path.
    ///
    /// Cost: one pass over all files with their links.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn statistics(
        &self,
        folders: FolderOptions,
        language_of: impl Fn(&str) -> String + Sync,
    ) -> Result<Statistics> {
        ask!(self, |view| statistics::statistics(&view, folders, &language_of).await)
    }
}
