//! Names that stand for one thing or another, by branches of code that are run or not: `try: from fast import f` with
//! `except ImportError: def f()`.

use std::collections::HashSet;

use codestrata::model::{Export, ExportTarget, Node};

use super::sketch::{NodeRef, ScopeRef, Sketch, position};

/// How many things one name is remembered to stand for.
const MOST_ALTERNATIVES: usize = 16;

/// What a name stands for, so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alternatives {
    /// Definitions and imports, each with the branch that it stands in; none for what is run in any case.
    bound: Vec<(ExportTarget, Option<(usize, usize)>)>,
    /// Whether there may be one besides that has no node: a parameter.
    has_other: bool,
}

impl Alternatives {
    fn bind(&mut self, target: ExportTarget, branch: Option<(usize, usize)>, has_other: bool) {
        let is_replaced = |other: Option<(usize, usize)>| match (branch, other) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((start, end)), Some((inner, last))) => start <= inner && last <= end,
        };
        let had_any = !self.bound.is_empty();
        self.bound.retain(|(known, other)| *known != target && !is_replaced(*other));
        self.has_other = branch.is_some() && (self.has_other || has_other && !had_any);
        if self.bound.len() < MOST_ALTERNATIVES {
            self.bound.push((target, branch));
        }
    }

    /// Whether it is not known which of them is meant.
    fn are_several(&self) -> bool {
        self.has_other || self.bound.len() > 1
    }

    /// The imports that the name can stand for, in their order.
    fn imports(&self) -> Vec<u32> {
        let imports = self.bound.iter().filter_map(|(target, _)| match target {
            ExportTarget::Import(import) => Some(*import),
            ExportTarget::Node(_) => None,
        });
        imports.collect()
    }

    /// Whether the name can still stand for an import; all can where nothing was noted.
    pub(super) fn include(&self, import: u32) -> bool {
        self.bound.is_empty() || self.bound.iter().any(|(target, _)| *target == ExportTarget::Import(import))
    }
}

impl<'s> Sketch<'s> {
    /// Notes that the code at a byte binds a name to a definition or an import. What was bound in the same branch, or in
    /// one inside of it, is replaced; what was bound elsewhere is another thing that the name may stand for.
    ///
    /// `function` is where the function around begins: of what is in its branches only, a parameter may stay what it is.
    pub(crate) fn note_alternative(
        &mut self,
        scope: ScopeRef,
        name: &'s str,
        target: ExportTarget,
        (at, function): (usize, usize),
    ) {
        if self.known_branches.around(at).is_some() {
            return;
        }
        let branch = self.branches.around(at);
        let is_inside = branch.is_some_and(|(start, _)| function < start);
        if let Some(binding) = self.binding(scope, name) {
            let has_other = binding.local && is_inside;
            binding.alternatives.bind(target, branch, has_other);
        }
    }

    /// Marks the members of object literals whose variables are assigned something else: who calls one of them may call a
    /// member of that.
    pub(super) fn mark_replaced(&mut self, assigned: &HashSet<NodeRef>) {
        let is_object = |node: &&NodeRef| self.node_names.contains_key(*node);
        let mut replaced: HashSet<NodeRef> = assigned.iter().filter(is_object).copied().collect();
        if replaced.is_empty() {
            return;
        }
        // What stands in another node comes behind it.
        for node in 1..position(self.nodes.len()) {
            if replaced.contains(&self.parent(node)) {
                replaced.insert(node);
                if let Some(node) = self.nodes.get_mut(node as usize) {
                    node.attributes.insert(Node::ALTERNATIVE, true.into());
                }
            }
        }
    }

    /// Lets names stand for the import that is left to them, and states what else they may stand for where the store does
    /// not see it from the exports: in functions.
    pub(super) fn settle_imports(&mut self) {
        let mut doubtful = Vec::new();
        let mut groups = Vec::new();
        for ((scope, _), binding) in &mut self.bindings {
            let imports = binding.alternatives.imports();
            let (Some(first), None) = (imports.first(), binding.definition) else { continue };
            if binding.import.is_none_or(|import| !imports.contains(&import)) {
                binding.import = Some(*first);
            }
            if *scope == 0 {
                continue;
            }
            if binding.alternatives.has_other {
                doubtful.extend(imports.iter().copied());
            }
            if imports.len() > 1 {
                groups.push(imports);
            }
        }
        doubtful.sort_unstable();
        groups.sort_unstable();
        let doubtful = doubtful.into_iter().map(|import| (Export::DOUBTFUL.to_owned(), import));
        let named = groups.into_iter().enumerate().flat_map(|(number, imports)| {
            let name = format!("{}{number}", Export::DOUBTFUL);
            imports.into_iter().map(move |import| (name.clone(), import))
        });
        let stated = doubtful.chain(named);
        self.exports
            .extend(stated.map(|(name, import)| Export { name, target: ExportTarget::Import(import) }));
    }

    /// Marks the definitions of which it is not known whether their names stand for them.
    pub(super) fn mark_alternatives(&mut self) {
        let several = self.bindings.values().filter(|binding| binding.alternatives.are_several());
        for (target, _) in several.flat_map(|binding| &binding.alternatives.bound) {
            if let ExportTarget::Node(node) = target
                && let Some(node) = self.nodes.get_mut(*node as usize)
            {
                node.attributes.insert(Node::ALTERNATIVE, true.into());
            }
        }
    }
}
