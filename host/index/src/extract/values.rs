//! What variables hold and functions return: hints to value facts.
//!
//! Inside of the file hints are followed at once (`places`). A value fact is for who comes from another file, or along a
//! member that another file defines.

use std::collections::BTreeMap;

use codestrata::model::{Root, Target, ValueFact, node_kind};

use super::lower::root_of;
use super::places::{Manner, Place, Sense};
use super::sketch::{Base, Hint, NodeRef, Sketch, Sort, TypePath};
use super::{EACH, ITEM};

/// The longest path that a value fact says: who writes a longer one has a name for its parts elsewhere.
const MOST_STEPS: usize = 24;

/// The members that stand for the types of which something is one.
const ALTERNATIVES: [&str; 8] = ["|0", "|1", "|2", "|3", "|4", "|5", "|6", "|7"];

/// What stands for the value itself at the end of a path while the path is looked up.
const VALUE: &str = "=";

/// What a call of a function gives, or whatever else its language says of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionResult<'s> {
    /// The path from the function to the value: a call; nothing for a property.
    path: &'static [&'static str],
    hint: Hint<'s>,
    /// Whether the hint is an annotation: then what is returned does not change it.
    declared: bool,
    /// What the annotations of several signatures say.
    alternatives: Vec<Hint<'s>>,
}

impl<'s> Sketch<'s> {
    /// A function has results, along this path.
    pub(crate) fn has_results(&mut self, function: NodeRef, path: &'static [&'static str]) {
        let result = FunctionResult { path, ..FunctionResult::default() };
        self.results.entry(function).or_insert(result);
    }

    /// The path along which a function has results, if it has any.
    pub(crate) fn result_path(&self, function: NodeRef) -> Option<&'static [&'static str]> {
        self.results.get(&function).map(|result| result.path)
    }

    /// An annotation says what they are.
    pub(crate) fn declare_result(&mut self, function: NodeRef, hint: Hint<'s>) {
        if let Some(result) = self.results.get_mut(&function) {
            result.hint = hint;
            result.declared = true;
        }
    }

    /// An annotation of one of several signatures says what they are.
    pub(crate) fn declare_another_result(&mut self, function: NodeRef, hint: Hint<'s>) {
        if let Some(result) = self.results.get_mut(&function) {
            if !result.alternatives.contains(&hint) {
                result.alternatives.push(hint.clone());
            }
            if result.declared {
                result.hint.merge(hint);
            } else {
                result.hint = hint;
                result.declared = true;
            }
        }
    }

    /// Says what the value at the end of a path from a node is.
    pub(crate) fn tell(&mut self, node: NodeRef, path: Vec<&'s str>, hint: Hint<'s>) {
        self.told.push((node, path, hint));
    }

    /// One thing that a function returns.
    pub(crate) fn returns(&mut self, function: NodeRef, hint: Hint<'s>) {
        if let Some(result) = self.results.get_mut(&function)
            && !result.declared
        {
            result.hint.merge(hint);
        }
    }

    /// The value facts of the file.
    pub(super) fn value_facts(&self) -> Vec<ValueFact> {
        let mut known: BTreeMap<NodeRef, (&[&str], &Hint<'s>)> = BTreeMap::new();
        for binding in self.bindings.values() {
            if let Some(variable) = binding.variable.filter(|_| binding.sort != Sort::TypeVariable) {
                known.insert(variable, (&[], &binding.hint));
            }
        }
        for member in self.members.values() {
            if let Some(variable) = member.node.filter(|node| self.is_variable(*node)) {
                known.insert(variable, (&[], &member.hint));
            }
        }
        for (function, result) in &self.results {
            known.insert(*function, (result.path, &result.hint));
        }
        let known = known.into_iter().map(|(node, (path, hint))| (node, path, hint));
        let told = self.told.iter().map(|(node, path, hint)| (*node, path.as_slice(), hint));
        let mut facts = Vec::new();
        for (node, path, hint) in known.chain(told) {
            let Some(target) = self.value(hint).filter(|target| !is_node(target, node)) else { continue };
            let owned = |member: &&str| (*member).to_owned();
            // Of what a container holds that is of no known class, nothing is said.
            let is_said = !matches!(target, Target::Local(_));
            let held = if is_said { hint.paths_to_held() } else { &[] };
            let paths = if held.is_empty() { &[&[][..]][..] } else { held };
            facts.extend(paths.iter().map(|held| ValueFact {
                node,
                path: path.iter().chain(*held).map(owned).collect(),
                target: target.clone(),
            }));
        }
        facts.extend(self.alias_facts());
        facts.extend(self.choice_facts());
        facts.extend(self.alternative_facts());
        facts
    }

    /// What functions give whose signatures say different things: one of those, if each can be followed or is a value
    /// without members.
    fn alternative_facts(&self) -> Vec<ValueFact> {
        let mut facts = Vec::new();
        for (node, result) in &self.results {
            let known: Vec<_> = result
                .alternatives
                .iter()
                .filter(|hint| **hint != Hint::Plain)
                .map(|hint| self.value(hint))
                .collect();
            let is_other = result.hint == Hint::Unknown && known.len() <= ALTERNATIVES.len();
            if !is_other || known.iter().any(Option::is_none) {
                continue;
            }
            for (target, sign) in known.into_iter().flatten().zip(ALTERNATIVES) {
                let path = result.path.iter().chain([&sign]).map(|member| (*member).to_owned()).collect();
                facts.push(ValueFact { node: *node, path, target });
            }
        }
        facts.sort_by(|one, other| (one.node, &one.path).cmp(&(other.node, &other.path)));
        facts
    }

    /// What is one of several things, if each of them can be followed.
    fn choice_facts(&self) -> Vec<ValueFact> {
        let mut facts = Vec::new();
        for (node, name, hints) in &self.choices {
            let Some(targets) = hints.iter().map(|hint| self.value(hint)).collect::<Option<Vec<_>>>() else {
                continue;
            };
            facts.extend(targets.into_iter().zip(ALTERNATIVES).map(|(target, sign)| ValueFact {
                node: *node,
                path: vec![(*name).to_owned(), sign.to_owned()],
                target,
            }));
        }
        facts
    }

    /// What types are other names of: of the classes themselves, and not of their objects.
    fn alias_facts(&self) -> Vec<ValueFact> {
        let mut facts = Vec::new();
        for binding in self.bindings.values() {
            let (Some(node), Hint::Instance(path)) = (binding.type_definition, &binding.alias) else {
                continue;
            };
            let Some((base, members)) = path.names.split_first() else { continue };
            let manner = Manner { sense: Sense::Type, is_called: false };
            let all: Vec<&str> = members.iter().copied().chain([VALUE]).collect();
            let Place::Known(start, mut members) = self.place(path.scope, Base::Name(base), &all, manner)
            else {
                continue;
            };
            members.pop();
            if members.last() == Some(&Target::CALL) {
                members.pop();
            }
            let target = Target::Path(root_of(start), members.into_iter().map(str::to_owned).collect());
            if !is_node(&target, node) {
                facts.push(ValueFact { node, path: Vec::new(), target });
            }
        }
        facts.sort_by_key(|fact| fact.node);
        facts
    }

    fn is_type_variable(&self, path: &TypePath<'s>) -> bool {
        let [name] = path.names.as_slice() else { return false };
        self.look_up(path.scope, name).is_some_and(|(_, binding)| binding.sort == Sort::TypeVariable)
    }

    pub(super) fn is_variable(&self, node: NodeRef) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.kind == node_kind::VARIABLE)
    }

    /// What a hint says of a value, if other files can follow it.
    fn value(&self, hint: &Hint<'s>) -> Option<Target> {
        let (path, sense, is_object) = match hint {
            Hint::Items(path, _) | Hint::Entries(path, _) if path.names.is_empty() => {
                return self.value(&Hint::Container);
            }
            Hint::Instance(path) | Hint::Items(path, _) | Hint::Entries(path, _) => (path, Sense::Type, true),
            Hint::SameAs(path) => (path, Sense::Value, false),
            Hint::Plain => {
                return self.habits.tells_plain_values.then(|| Target::Local(Target::PLAIN.to_owned()));
            }
            Hint::Container => {
                return self.habits.tells_plain_values.then(|| Target::Local(Target::CONTAINER.to_owned()));
            }
            Hint::Unset | Hint::Unknown => return None,
        };
        let (base, members) = path.names.split_first()?;
        if members.len() >= MOST_STEPS || self.is_type_variable(path) {
            return None;
        }
        if let Some((class, rest)) = self.receiver(path.scope, base, members) {
            let rest = rest.iter().map(|member| (*member).to_owned()).collect();
            return Some(Target::Path(Root::Receiver(class), rest));
        }
        let call = is_object.then_some(Target::CALL);
        let all: Vec<&str> = members.iter().copied().chain(call).chain([VALUE]).collect();
        let manner = Manner { sense, is_called: false };
        let Place::Known(start, mut members) = self.place(path.scope, Base::Name(base), &all, manner) else {
            return None;
        };
        members.pop();
        Some(Target::Path(root_of(start), members.into_iter().map(str::to_owned).collect()))
    }

    /// The class of `self` or `cls`, and what is left to walk from an object of it.
    fn receiver<'p>(
        &self,
        scope: u32,
        base: &'s str,
        members: &'p [&'s str],
    ) -> Option<(NodeRef, &'p [&'s str])> {
        let (_, binding) = self.look_up(scope, base)?;
        let class = binding.receiver?;
        match (binding.is_class, members.split_first()) {
            (false, _) => Some((class, members)),
            (true, Some((first, rest))) if *first == Target::CALL => Some((class, rest)),
            (true, _) => None,
        }
    }
}

impl Hint<'_> {
    /// The paths from what holds objects to one of them.
    pub(super) fn paths_to_held(&self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Items(..) => &[&[ITEM], &[EACH]],
            Self::Entries(..) => &[&[ITEM], &["values", Target::CALL, EACH], &["get", Target::CALL]],
            _ => &[],
        }
    }
}

fn is_node(target: &Target, node: NodeRef) -> bool {
    *target == Target::Path(Root::Node(node), Vec::new())
}

/// Whether a member is what stands for the value at the end of a path.
pub(super) fn ends_here(member: &str) -> bool {
    member == VALUE
}
