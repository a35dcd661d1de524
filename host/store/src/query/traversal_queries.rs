//! The questions that walk the graph, one method each.

use codestrata_core::Result;

use super::answer::{Answer, CallHit, NodeHit};
use super::dead::{DeadFilter, DeadHit, DeadTotals};
use super::files::{self, FileDependency};
use super::neighbourhood::{self, Neighbourhood};
use super::queries::{Queries, ask};
use super::traversal::{
    BaseCalls, EdgeKinds, ImpactHit, PathEnd, PathStep, SubgraphEdge, SubgraphNode, Traversal,
};
use super::whole_graph::{CycleFilter, FileCycle, FileHotspot, Hotspot, HotspotFilter};
use super::{callers, cycles, dead, hotspots, impact, overridden, path, subgraph};
use crate::adjacency::Adjacency;
use crate::graph::{View, read};
use crate::limits::{MAX_READ_ATTEMPTS, MAX_RESULTS};

impl Queries {
    /// Everything that refers to the node by edges of some kinds, sorted by file and line, with every place.
    ///
    /// `ambiguous` counts references of these kinds that may mean it by name, `unresolved` those that end in its name and
    /// were not found to mean anything in the repository.
    ///
    /// Cost: the files that refer to it, up to the limit, and the link records of those that use its name.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for an id that is not stored, and what the engine answers.
    pub async fn references(&self, id: &str, kinds: &EdgeKinds, limit: usize) -> Result<Answer<CallHit>> {
        ask!(self, |view| callers::references(&view, id, kinds, limit.min(MAX_RESULTS)).await)
    }

    /// The methods of bases that this method overrides, nearest first, with how many calls are bound to each: such a call
    /// may mean this one.
    ///
    /// Cost: the files of the bases, of which at most [`MAX_LINK_BASES`](crate::limits::MAX_LINK_BASES) are visited, and
    /// those that call their methods.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for an id that is not stored, and what the engine answers.
    pub async fn calls_through_bases(&self, id: &str) -> Result<Answer<BaseCalls>> {
        ask!(self, |view| overridden::calls_through_bases(&view, id).await)
    }

    /// A way from one node to another with the fewest edges, both ends included; one node alone when both are the
    /// same. Of several shortest ways it is the one whose ids come first, compared step by step from the start. How
    /// the search ended tells that there is none from that a limit was hit.
    ///
    /// `ambiguous` and `unresolved` count the references met on the search that could not be bound: a way over one
    /// of them would not be found.
    ///
    /// Cost: along edges the link records of the files that are visited, one round trip a step; in other directions the
    /// neighbour lists, and the edges of what is visited. Then the files of the nodes on shortest ways.
    ///
    /// # Errors
    /// Those of the type, `NotFound` naming an end that is not stored, and what the engine answers.
    pub async fn path(&self, from: &str, to: &str, how: &Traversal) -> Result<(Answer<PathStep>, PathEnd)> {
        ask!(self, |view| path::path(&view, from, to, &how.bounded()).await)
    }

    /// What a change of the node, or of what is in it, may reach: everything from which a chain of edges leads to it.
    /// Each node once, nearest first and then by file and id, with its least depth, the node before it, and how sure the
    /// least sure edge of that way is. Of several shortest ways it is one of the surest.
    ///
    /// The usual traversal is `Traversal::along(EdgeKinds::dependencies()).direction(Direction::Incoming)`. Only bound
    /// references are followed; `ambiguous` and `unresolved` count the calls by the node's own name that are not.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then the edges of the nodes reached, and
    /// the files of those that are answered.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for an id that is not stored, and what the engine answers.
    pub async fn impact(&self, id: &str, how: &Traversal, limit: usize) -> Result<Answer<ImpactHit>> {
        ask!(self, |view| impact::impact(&view, id, &how.bounded(), limit.min(MAX_RESULTS)).await)
    }

    /// What can be reached from some nodes, without them: each node once, nearest first and then by file and id, with its
    /// least depth. [`subgraph`](Self::subgraph) answers the edges too.
    ///
    /// `ambiguous` and `unresolved` are not counted and are 0.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then the edges of the nodes reached, and
    /// the files of those that are answered.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for an id that is not stored, and what the engine answers.
    pub async fn reachable(
        &self,
        ids: &[String],
        how: &Traversal,
        limit: usize,
    ) -> Result<Answer<SubgraphNode>> {
        ask!(self, |view| subgraph::reachable(&view, ids, &how.bounded(), limit.min(MAX_RESULTS)).await)
    }

    /// The part of the graph around a node: what can be reached from it, nearest first and then by file and id, the node
    /// itself included, and every edge of the wanted kinds between two of these nodes.
    ///
    /// `ambiguous` and `unresolved` count the references of the nodes that were followed and lead nowhere; against the
    /// edges, the calls by the node's own name.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then the edges and files of the nodes
    /// reached.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for an id that is not stored, and what the engine answers.
    pub async fn subgraph(
        &self,
        id: &str,
        how: &Traversal,
    ) -> Result<(Answer<SubgraphNode>, Vec<SubgraphEdge>)> {
        self.subgraph_of(&[id.to_owned()], how).await
    }

    /// The same around several nodes, which count to those that may be reached.
    ///
    /// # Errors
    /// As [`subgraph`](Self::subgraph).
    pub async fn subgraph_of(
        &self,
        ids: &[String],
        how: &Traversal,
    ) -> Result<(Answer<SubgraphNode>, Vec<SubgraphEdge>)> {
        ask!(self, |view| subgraph::subgraph(&view, ids, &how.bounded()).await)
    }

    /// As much of what is around some nodes as fits into `how.visited`: the nearest nodes, and of one distance those with
    /// edges to most of what was chosen before, then those that are reached most surely, then those with most edges. Where
    /// the nodes themselves do not fit, those with edges to most others of them. A node further off that has more than
    /// `hub` neighbours is answered, and not followed.
    ///
    /// `ambiguous` and `unresolved` count as those of [`subgraph`](Self::subgraph) do.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then the edges of everything next to what
    /// is answered, and the files of that.
    ///
    /// # Errors
    /// Those of the type, `NotFound` naming an id that is not stored, and what the engine answers.
    pub async fn neighbourhood(&self, ids: &[String], how: &Traversal, hub: usize) -> Result<Neighbourhood> {
        ask!(self, |view| neighbourhood::neighbourhood(&view, ids, &how.bounded(), hub).await)
    }

    /// The nodes of a file, in the order of their places.
    ///
    /// Cost: the file.
    ///
    /// # Errors
    /// Those of the type, `NotFound` for a path that is not stored, and what the engine answers.
    pub async fn nodes_of_file(&self, path: &str, limit: usize) -> Result<Answer<NodeHit>> {
        ask!(self, |view| files::nodes_of_file(&view, path, limit.min(MAX_RESULTS)).await)
    }

    /// Which files refer to which others by edges of some kinds, and how often, sorted by both paths and the kind.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then all edges, and one record a file.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn file_dependencies(&self, kinds: &EdgeKinds, limit: usize) -> Result<Answer<FileDependency>> {
        ask!(self, |view| files::file_dependencies(&view, kinds, limit.min(MAX_RESULTS)).await)
    }

    /// The nodes with the most edges of some kinds: by default those that are called most. Most edges first, then most
    /// nodes at their other ends, then by file and id. Edges from a node to itself do not count.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; one pass over the lists.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn hotspots(&self, filter: &HotspotFilter, limit: usize) -> Result<Answer<Hotspot>> {
        ask!(self, |view| hotspots::by_node(&view, filter, limit.min(MAX_RESULTS)).await)
    }

    /// The same for files: edges between a file and others.
    ///
    /// Cost: that of [`hotspots`](Self::hotspots).
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn file_hotspots(&self, filter: &HotspotFilter, limit: usize) -> Result<Answer<FileHotspot>> {
        ask!(self, |view| hotspots::by_file(&view, filter, limit.min(MAX_RESULTS)).await)
    }

    /// Files that depend on each other in a circle: the strongly connected components of more than one file, the largest
    /// first, then by path. Each has a shortest circle through the first of its files as a witness; of several the one
    /// that is found first when files are tried in the order of their paths. Beside them stands how many dependencies were
    /// left out because they are late imports.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; one pass over the lists.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn cycles(&self, filter: &CycleFilter, limit: usize) -> Result<(Answer<FileCycle>, u64)> {
        ask!(self, |view| cycles::cycles(&view, filter, limit.min(MAX_RESULTS)).await)
    }

    /// Definitions that nothing uses for certain, by file and id, with what is known of each, and how many there are.
    /// `docs/queries.md` has the rules. `ambiguous` and `unresolved` are those of the whole repository.
    ///
    /// Cost: the segments and link records of all files, and a few dozen bytes of memory for each node.
    ///
    /// # Errors
    /// Those of the type, `InvalidArgument` for more than [`MAX_ROOT_PATTERNS`](crate::limits::MAX_ROOT_PATTERNS) patterns
    /// or an empty one, and what the engine answers.
    pub async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<(Answer<DeadHit>, DeadTotals)> {
        ask!(self, |view| dead::dead(&view, filter, limit.min(MAX_RESULTS)).await)
    }

    /// Reads what traversals such as [`impact`](Self::impact) need of the whole graph into the cache, if it fits.
    ///
    /// Cost: one scan of the link records.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn warm(&self) -> Result<()> {
        ask!(self, |view| Adjacency::of(&view).await.map(|_| ()))
    }
}
