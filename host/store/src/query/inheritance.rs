//! What a class inherits from, what inherits from it, and in which order it is asked for a member.

use std::collections::{BTreeMap, HashMap, HashSet};

use codestrata_core::Result;
use serde::Serialize;

use super::answer::{Answer, NodeHit, Site};
use super::hierarchy::{BaseReader, Hierarchy, KnownClass, Naming, Place, count_unbound_bases, key};
use super::linearisation::{Bases, Class, NoOrder, OrderRule, linearise};
use super::python_classes::{OBJECT, add_builtins, is_known};
use super::queries::no_node;
use crate::graph::{NodePlace, View};
use crate::limits::{MAX_HIERARCHY, MAX_ORDER_STEPS};
use crate::model::{Resolution, node_kind};

/// A class above or below another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InheritanceHit {
    /// The class.
    #[serde(flatten)]
    pub node: NodeHit,
    /// The fewest steps to it.
    pub depth: u32,
    /// Of a base, the class that names it; of a subclass, the base that it names.
    pub via: String,
    /// Where the base is named.
    pub site: Site,
}

/// A base that is not in the repository, or that could not be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutsideBase {
    /// What it says: `unresolved:<text>`, `ambiguous:<name>`, or an id that no node has.
    pub target: String,
    /// The fewest steps to it.
    pub depth: u32,
    /// The class that names it.
    pub via: String,
    /// Where it is named.
    pub site: Site,
}

/// How sure the order is in which members are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderEnd {
    /// It is the order.
    Complete,
    /// It is the order as far as can be known: something in it is not in the repository, is no class, was bound by its
    /// name alone, is one of several bases of which the graph does not say the order, or has a base that is computed.
    Incomplete,
    /// There is none: the bases contradict each other, and the language refuses the class.
    Inconsistent,
    /// There is none: a class inherits from itself.
    Cyclic,
    /// It was not found within the limits.
    Limit,
}

/// A class in the order in which members are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderedClass {
    /// The class, if it is in the repository.
    #[serde(flatten)]
    pub node: Option<NodeHit>,
    /// Else what it is called where it is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside: Option<String>,
}

/// In which order a class and its bases are asked for a member: the method resolution order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberOrder {
    /// By which rule.
    pub rule: OrderRule,
    /// How sure it is.
    pub end: OrderEnd,
    /// Why there is none, or why it is not sure.
    pub reason: Option<String>,
    /// The classes, the one that was asked about first. In Python `object`, which ends every order, is left out.
    pub classes: Vec<OrderedClass>,
}

/// What a class inherits from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ancestry {
    /// The bases in the repository, nearest first and then as they are named.
    #[serde(flatten)]
    pub bases: Answer<InheritanceHit>,
    /// Those that are not.
    pub outside: Vec<OutsideBase>,
    /// In which order they are asked for a member.
    pub order: MemberOrder,
}

pub(super) async fn bases(view: &View<'_>, id: &str, limit: usize) -> Result<Ancestry> {
    let class = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let rule = rule_of(&class);
    let hierarchy = Hierarchy::above(view, class).await?;
    let mut answer = Answer::of(view);
    answer.truncated = hierarchy.is_cut;
    let mut outside = Vec::new();
    for (number, (via, site)) in first_names(&hierarchy) {
        let Some(base) = hierarchy.classes.get(number as usize) else { continue };
        let via = hierarchy.classes.get(via as usize).map(name_of).unwrap_or_default();
        match &base.node {
            Some(node) => {
                answer.results.push(InheritanceHit { node: NodeHit::of(node), depth: base.depth, via, site });
            }
            None => {
                match site.resolution {
                    Some(Resolution::Ambiguous) => answer.ambiguous += 1,
                    _ => answer.unresolved += 1,
                }
                outside.push(OutsideBase { target: base.text.clone(), depth: base.depth, via, site });
            }
        }
    }
    let mut order = member_order(rule, &hierarchy);
    let is_longer = [answer.results.len(), outside.len(), order.classes.len().saturating_sub(1)];
    answer.truncated |= is_longer.into_iter().any(|length| length > limit);
    answer.results.truncate(limit);
    outside.truncate(limit);
    order.classes.truncate(limit.saturating_add(1));
    Ok(Ancestry { bases: answer, outside, order })
}

/// The rule of the language that a class is in. A graph that came without facts has only the ending of the file.
fn rule_of(class: &NodePlace) -> OrderRule {
    let segment = &class.file.segment;
    let is_python = [".py", ".pyi"].iter().any(|ending| segment.path().ends_with(ending));
    match segment.family() {
        "" if is_python => OrderRule::C3,
        family => OrderRule::of_family(family),
    }
}

/// For each class above the first: who names it with the fewest steps, and where. In the order of the numbers, which
/// are given out nearest first and as bases are named.
fn first_names(hierarchy: &Hierarchy) -> BTreeMap<Class, (Class, Site)> {
    let mut first = BTreeMap::new();
    for (number, class) in (0..).zip(&hierarchy.classes) {
        for (base, site) in &class.bases {
            if *base != 0 {
                first.entry(*base).or_insert_with(|| (number, site.clone()));
            }
        }
    }
    first
}

/// The id of a class, or what it is called.
fn name_of(class: &KnownClass) -> String {
    class.node.as_ref().map_or_else(|| class.text.clone(), |node| node.file.segment.id(node.row))
}

fn member_order(rule: OrderRule, hierarchy: &Hierarchy) -> MemberOrder {
    let mut texts: Vec<Option<&str>> = Vec::with_capacity(hierarchy.classes.len());
    let mut classes: Vec<Bases> = Vec::with_capacity(hierarchy.classes.len());
    for class in &hierarchy.classes {
        let role_of = |base: Class| hierarchy.classes.get(base as usize).and_then(KnownClass::role);
        classes.push(Bases { named: class.bases.iter().map(|(base, _)| (*base, role_of(*base))).collect() });
        texts.push(class.node.is_none().then_some(class.text.as_str()));
    }
    let object = (rule == OrderRule::C3).then(|| add_builtins(&mut classes, &mut texts));
    let (end, reason, found) = match linearise(rule, &classes, 0, MAX_ORDER_STEPS) {
        // Bases that contradict each other in one order need not do so in another.
        Err(NoOrder::Conflict(..)) if unordered(hierarchy).is_some() => {
            (OrderEnd::Incomplete, unordered(hierarchy), Vec::new())
        }
        Err(why) => {
            let (end, reason) = describe(&why, hierarchy);
            (end, Some(reason), Vec::new())
        }
        Ok(_) if hierarchy.is_cut => {
            (OrderEnd::Limit, Some(format!("there are more than {MAX_HIERARCHY} classes")), Vec::new())
        }
        Ok(found) => match unsure(rule, hierarchy) {
            Some(reason) => (OrderEnd::Incomplete, Some(reason), found),
            None => (OrderEnd::Complete, None, found),
        },
    };
    let found = found.into_iter().filter(|class| Some(*class) != object);
    let ordered =
        |class: Class| match hierarchy.classes.get(class as usize).and_then(|class| class.node.as_ref()) {
            Some(node) => OrderedClass { node: Some(NodeHit::of(node)), outside: None },
            None => {
                let text = texts.get(class as usize).copied().flatten();
                OrderedClass { node: None, outside: text.map(str::to_owned) }
            }
        };
    MemberOrder { rule, end, reason, classes: found.map(ordered).collect() }
}

fn describe(why: &NoOrder, hierarchy: &Hierarchy) -> (OrderEnd, String) {
    let name = |class: &Class| match hierarchy.classes.get(*class as usize) {
        Some(class) => format!("`{}`", name_of(class)),
        None => format!("`{OBJECT}`"),
    };
    match why {
        NoOrder::Cycle(class) => (OrderEnd::Cyclic, format!("{} inherits from itself", name(class))),
        NoOrder::Conflict(class, between) => {
            let between: Vec<String> = between.iter().map(name).collect();
            let reason =
                format!("the bases of {} contradict each other over {}", name(class), between.join(", "));
            (OrderEnd::Inconsistent, reason)
        }
        NoOrder::Limit => {
            (OrderEnd::Limit, format!("it takes more than {MAX_ORDER_STEPS} steps over lists of classes"))
        }
    }
}

/// Which class names several bases without an order, in words.
fn unordered(hierarchy: &Hierarchy) -> Option<String> {
    let class = hierarchy.classes.iter().find(|class| class.is_unordered)?;
    Some(format!("`{}` has several bases, and the graph does not say in which order", name_of(class)))
}

/// Why an order that was found may not be the right one.
fn unsure(rule: OrderRule, hierarchy: &Hierarchy) -> Option<String> {
    if let Some(reason) = unordered(hierarchy) {
        return Some(reason);
    }
    if let Some(class) = hierarchy.classes.iter().find(|class| class.has_computed) {
        return Some(format!(
            "`{}` has a base that is computed, and which one that is is not known",
            name_of(class)
        ));
    }
    for (base, site) in hierarchy.classes.iter().flat_map(|class| &class.bases) {
        let base = hierarchy.classes.get(*base as usize)?;
        let Some(node) = &base.node else {
            if rule == OrderRule::C3 && is_known(&base.text) {
                continue;
            }
            let text = base.text.strip_prefix("unresolved:").unwrap_or(&base.text);
            return Some(match site.resolution {
                Some(Resolution::Ambiguous) => format!("`{text}` may be one of several classes"),
                _ => format!("`{text}` is not in the repository, and what it inherits from is not known"),
            });
        };
        let kind = node.file.segment.kind(node.row);
        if matches!(site.resolution, Some(Resolution::UniqueName | Resolution::Ambiguous)) {
            return Some(format!("`{}` is only likely to be the base that is meant", name_of(base)));
        }
        if !(node_kind::has_members(kind) || kind == node_kind::TYPE) {
            return Some(format!("`{}` is a {kind}, and what it stands for is not known", name_of(base)));
        }
    }
    None
}

/// A class below the one that was asked about, before its own subclasses are looked for.
struct Below {
    node: NodePlace,
    id: String,
    via: usize,
    position: u32,
    site: Site,
}

pub(super) async fn subclasses(
    view: &View<'_>,
    id: &str,
    depth: u32,
    limit: usize,
) -> Result<Answer<InheritanceHit>> {
    let class = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let mut answer = Answer::of(view);
    count_unbound_bases(view, &class, &mut answer).await?;
    let mut reader = BaseReader::new(view);
    let mut seen: HashSet<Place> = HashSet::new();
    let mut frontier = vec![(id.to_owned(), class)];
    for distance in 1..=depth {
        let nodes: Vec<NodePlace> = frontier.iter().map(|(_, node)| node.clone()).collect();
        let mut of_part: HashMap<Place, usize> = HashMap::new();
        let mut parts = Vec::new();
        for (number, of_class) in reader.parts(&nodes).await?.into_iter().enumerate() {
            for part in of_class {
                seen.insert(key(&part));
                of_part.insert(key(&part), number);
                parts.push(part);
            }
        }
        let mut found: HashMap<Place, Below> = HashMap::new();
        for Naming { class, base, position, site } in reader.named_by(&parts).await? {
            let (Some(via), false) = (of_part.get(&base).copied(), seen.contains(&key(&class))) else {
                continue;
            };
            let below = Below { id: class.file.segment.id(class.row), via, position, site, node: class };
            match found.entry(key(&below.node)) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(below);
                }
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let known = entry.get();
                    if (below.via, below.position) < (known.via, known.position) {
                        entry.insert(below);
                    }
                }
            }
        }
        let mut found: Vec<Below> = found.into_values().collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        if found.is_empty() {
            break;
        }
        for below in &found {
            let via = frontier.get(below.via).map(|(id, _)| id.clone()).unwrap_or_default();
            let (node, site) = (NodeHit::of(&below.node), below.site.clone());
            answer.results.push(InheritanceHit { node, depth: distance, via, site });
        }
        if answer.results.len() > limit || seen.len() + found.len() > MAX_HIERARCHY {
            answer.truncated = true;
            break;
        }
        frontier = found.into_iter().map(|below| (below.id, below.node)).collect();
    }
    answer.results.truncate(limit);
    Ok(answer)
}
