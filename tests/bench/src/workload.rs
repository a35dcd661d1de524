//! What is asked of a graph: chosen by the graph and a seed, the same for every contender.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use codestrata::model::edge_kind;
use codestrata::{Graph, Node};
use codestrata_measure::Question;

/// The seed of every choice.
const SEED: u64 = 20_260_223;

/// How many nodes are hot, and how many are hubs.
pub(crate) const HOTTEST: usize = 20;

/// Names of more nodes than this are not asked for: one of them would outweigh all others.
const MOST_OF_A_NAME: usize = 5;

/// Questions of each kind, with the name of their measurement.
#[derive(Debug, Default)]
pub struct Workload {
    /// Nodes by id.
    pub nodes: Vec<Question>,
    /// Callers of nodes that have some.
    pub callers: Vec<Question>,
    /// Callees of nodes that have some.
    pub callees: Vec<Question>,
    /// Callers in three steps of the nodes that are called by most others.
    pub hottest: Vec<Question>,
    /// What is reached in three steps from the nodes with the most edges.
    pub hubs: Vec<Question>,
    /// Nodes by name.
    pub names: Vec<Question>,
}

impl Workload {
    /// Chooses `count` questions of each cheap kind, and 20 of each dear one.
    ///
    /// The hottest are nodes that contain no other: what reaches a class reaches it through its methods too, and
    /// contenders would have to agree on that first.
    #[must_use]
    pub fn of(graph: &Graph, count: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(SEED);
        let place: HashMap<&str, &Node> = graph.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut callers: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        let mut calling: BTreeSet<&str> = BTreeSet::new();
        let mut degree: BTreeMap<&str, usize> = BTreeMap::new();
        let mut holders: HashSet<&str> = HashSet::new();
        for edge in &graph.edges {
            let (source, target) = (edge.source.as_str(), edge.target.as_str());
            if edge_kind::is_call(&edge.kind) {
                calling.insert(source);
            }
            if !place.contains_key(target) {
                continue;
            }
            *degree.entry(source).or_default() += 1;
            if edge.kind == edge_kind::CONTAINS {
                holders.insert(source);
            } else if edge_kind::is_call(&edge.kind) && source != target {
                callers.entry(target).or_default().insert(source);
            }
        }
        let mut hottest: Vec<(usize, &str)> = callers
            .iter()
            .filter(|(id, _)| !holders.contains(*id))
            .map(|(id, callers)| (callers.len(), *id))
            .collect();
        let mut hubs: Vec<(usize, &str)> = degree.into_iter().map(|(id, edges)| (edges, id)).collect();
        let called: Vec<&str> = callers.keys().copied().collect();
        let calling: Vec<&str> = calling.into_iter().collect();
        Self {
            nodes: pick(&mut random, &sorted(place.keys().copied()), count, Question::Node),
            callers: pick(&mut random, &called, count, Question::Callers),
            callees: pick(&mut random, &calling, count, Question::Callees),
            hottest: first(&mut hottest, Question::CallersInThree),
            hubs: first(&mut hubs, Question::AllInThree),
            names: pick(&mut random, &names(graph), count, Question::Name),
        }
    }

    /// Each kind with the name of its measurement.
    #[must_use]
    pub fn kinds(&self) -> [(&'static str, &[Question]); 6] {
        [
            ("get node by id, owned", &self.nodes),
            ("callers", &self.callers),
            ("callees", &self.callees),
            ("3-hop callers of the 20 hottest", &self.hottest),
            ("3-hop all kinds from 20 hubs", &self.hubs),
            ("by name", &self.names),
        ]
    }

    /// All questions.
    #[must_use]
    pub fn all(&self) -> Vec<Question> {
        self.kinds().into_iter().flat_map(|(_, questions)| questions.to_vec()).collect()
    }
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut texts: Vec<&str> = texts.collect();
    texts.sort_unstable();
    texts
}

/// Names of few nodes, none of them also an id, and none of them only declared somewhere.
fn names(graph: &Graph) -> Vec<&str> {
    let mut nodes: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in &graph.nodes {
        nodes.entry(&node.name).or_default().push(node);
    }
    nodes.retain(|name, nodes| {
        nodes.len() <= MOST_OF_A_NAME
            && !name.is_empty()
            && nodes.iter().all(|node| node.id != *name && !node.attributes.contains_key(Node::DECLARATION))
    });
    nodes.into_keys().collect()
}

fn pick(
    random: &mut fastrand::Rng,
    from: &[&str],
    count: usize,
    question: fn(String) -> Question,
) -> Vec<Question> {
    let chosen = (0..count).filter_map(|_| from.get(random.usize(0..from.len().max(1))));
    chosen.map(|text| question((*text).to_owned())).collect()
}

/// Those with the highest figures, ties broken by id.
fn first(from: &mut [(usize, &str)], question: fn(String) -> Question) -> Vec<Question> {
    from.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    from.iter().take(HOTTEST).map(|(_, id)| question((*id).to_owned())).collect()
}
