//! The second step: a sketch to facts.

use std::collections::{HashMap, HashSet};

use codestrata::model::{
    Attributes, Export, ExportTarget, FileFacts, ModuleFacts, Reference, Root, Target, edge_kind, node_kind,
};

use super::places::{Manner, Place, Sense, Start};
use super::sketch::{Apart, Base, Hint, NodeRef, Purpose, ScopeRef, Sketch, TypePath, Use};

pub(super) fn lower(
    mut sketch: Sketch<'_>,
    path: &str,
    hash: String,
    mut module: ModuleFacts,
    family: &str,
) -> FileFacts {
    if let Some(stem) = sketch.stem.take() {
        module.stem = stem;
    }
    settle_assignments(&mut sketch);
    sketch.mark_alternatives();
    sketch.settle_imports();
    let mut references = std::mem::take(&mut sketch.references);
    lower_uses(&sketch, &mut references);
    references.sort_by_key(|reference| (reference.source, reference.span.start_byte));
    let values = if sketch.tells_values { sketch.value_facts() } else { Vec::new() };
    let exports = exports(&mut sketch);
    FileFacts {
        family: family.to_owned(),
        path: path.to_owned(),
        hash,
        module: Some(module),
        nodes: sketch.nodes,
        edges: Vec::new(),
        references,
        imports: sketch.imports,
        exports,
        values,
    }
}

/// Gives classes the attributes that their methods assign, and outer variables what inner functions assign to them.
fn settle_assignments(sketch: &mut Sketch<'_>) {
    let mut assigned = HashSet::new();
    for assignment in std::mem::take(&mut sketch.assignments) {
        let Some((scope, binding)) = sketch.look_up(assignment.scope, assignment.name) else { continue };
        let receiver = binding.receiver;
        let hint = canonical(sketch, assignment.hint);
        let Some(attribute) = assignment.attribute else {
            let is_declared = binding.declared;
            if let Some(variable) = binding.variable.filter(|_| !is_declared) {
                assigned.insert(variable);
            }
            let known = canonical(sketch, binding.hint.clone());
            if let Some(binding) = sketch.bindings.get_mut(&(scope, assignment.name)) {
                binding.hint = known;
                binding.assign(hint);
            }
            continue;
        };
        let Some(class) = receiver else { continue };
        let known = sketch.members.get(&(class, attribute)).cloned().unwrap_or_default();
        let node = known.node.unwrap_or_else(|| {
            let attributes = Attributes::from([("instance", true.into())]);
            sketch.define(class, attribute, node_kind::VARIABLE, assignment.span, attributes)
        });
        let known_hint = canonical(sketch, known.hint);
        if let Some(member) = sketch.members.get_mut(&(class, attribute)) {
            member.hint = known_hint;
        }
        if assignment.declared {
            sketch.declare_member(class, attribute, hint.clone());
        }
        sketch.add_member(class, attribute, Some(node), hint);
    }
    sketch.mark_replaced(&assigned);
}

/// The hint as seen from the scope that binds its first name, so that equal ones are equal from wherever they come.
fn canonical<'s>(sketch: &Sketch<'s>, hint: Hint<'s>) -> Hint<'s> {
    let from = |path: TypePath<'s>| {
        let found = path.names.first().and_then(|name| sketch.look_up(path.scope, name));
        TypePath { scope: found.map_or(0, |(scope, _)| scope), names: path.names }
    };
    match hint {
        Hint::Instance(path) => Hint::Instance(from(path)),
        Hint::SameAs(path) => Hint::SameAs(from(path)),
        Hint::Items(held, own) => Hint::Items(from(held), from(own)),
        Hint::Entries(held, own) => Hint::Entries(from(held), from(own)),
        Hint::Unset | Hint::Unknown | Hint::Plain | Hint::Container => hint,
    }
}

fn lower_uses(sketch: &Sketch<'_>, references: &mut Vec<Reference>) {
    let mut told = HashSet::new();
    for used in &sketch.uses {
        let members = sketch.members_of_use(used);
        let is_access = matches!(used.purpose, Purpose::Access | Purpose::Receiver);
        let text = (used.source, used.base, members);
        if is_access && told.contains(&text) {
            continue;
        }
        let sense = match used.purpose {
            Purpose::Type(_) | Purpose::Inherit => Sense::Type,
            Purpose::Instantiate if sketch.apart != Apart::Nothing => Sense::Type,
            _ => Sense::Value,
        };
        let is_called = matches!(used.purpose, Purpose::Call | Purpose::Instantiate);
        let manner = Manner { sense, is_called };
        let place = sketch.bound_before(used, members, manner);
        let place = place.or_else(|| sketch.narrowed(used, members, manner));
        let place = place.unwrap_or_else(|| sketch.place(used.scope, used.base, members, manner));
        if let Some(reference) = reference(sketch, used, members, place) {
            references.push(reference);
            if is_access {
                told.insert(text);
            }
        }
    }
}

/// The reference that a use makes, if it makes one.
fn reference(sketch: &Sketch<'_>, used: &Use<'_>, members: &[&str], place: Place<'_>) -> Option<Reference> {
    let plain = members.is_empty();
    let (kind, role) = match used.purpose {
        Purpose::Call => (edge_kind::CALLS, None),
        Purpose::Instantiate => (edge_kind::INSTANTIATES, None),
        Purpose::Inherit => (edge_kind::INHERITS, None),
        Purpose::Type(role) => (edge_kind::USES_TYPE, Some(role)),
        Purpose::Access | Purpose::Receiver => (edge_kind::ACCESSES, None),
    };
    let target = match (&place, used.base) {
        (Place::Local, base) if matches!(used.purpose, Purpose::Call | Purpose::Instantiate) => {
            let name = if let Base::Name(name) = base { Some(name) } else { None };
            Target::Local(members.last().copied().or(name)?.to_owned())
        }
        // A class that is known to its function only.
        (Place::Local, Base::Name(name)) if kind == edge_kind::INHERITS && sketch.habits.binds_in_order => {
            Target::Local(members.last().copied().unwrap_or(name).to_owned())
        }
        (Place::Local, _) => return None,
        // A class before its member is known by the member.
        (Place::Known(Start::Node(node), rest), _)
            if used.purpose == Purpose::Receiver && rest.is_empty() && !is_value(sketch, *node) =>
        {
            return None;
        }
        // `Color` may be a property here, or the type of that name.
        (_, Base::Name(name))
            if used.purpose == Purpose::Receiver
                && plain
                && is_named_as_its_type(sketch, used.scope, name) =>
        {
            return None;
        }
        // A bare name in a class may be an inherited field, where names of types are told apart from it.
        (Place::Known(Start::Within(_), _), _)
            if used.purpose == Purpose::Access && sketch.apart != Apart::Nothing =>
        {
            target(sketch, place)?
        }
        (Place::Known(Start::Free(name), rest), _)
            if kind == edge_kind::ACCESSES
                && rest.is_empty()
                && sketch.is_builtin.is_some_and(|is| is(name)) =>
        {
            return None;
        }
        (Place::Known(Start::Free(_) | Start::Within(_), _), _) | (_, Base::Name("cls"))
            if kind == edge_kind::ACCESSES && plain && !sketch.tells_free_values =>
        {
            return None;
        }
        // The names before the last one of a path from a free name are in the path; what an import brings is used by it.
        (Place::Known(Start::Free(_) | Start::Within(_), _), _) if used.purpose == Purpose::Receiver => {
            return None;
        }
        (Place::Known(Start::Import(import), rest), _)
            if used.purpose == Purpose::Receiver && (rest.is_empty() || is_outside(sketch, *import)) =>
        {
            return None;
        }
        // The initializer of a variable that names the variable says nothing.
        (Place::Known(Start::Node(node), rest), _)
            if kind == edge_kind::ACCESSES && *node == used.source && rest.is_empty() =>
        {
            return None;
        }
        _ => target(sketch, place)?,
    };
    let attributes = match role {
        Some(role) => Attributes::from([("role", role.as_str().into())]),
        None => Attributes::new(),
    };
    Some(Reference { source: used.source, kind: kind.into(), span: used.span, target, attributes })
}

/// Whether what an import brings is certainly not in the repository.
fn is_outside(sketch: &Sketch<'_>, import: u32) -> bool {
    sketch.imports.get(import as usize).is_none_or(|import| import.candidates.is_empty())
}

/// Whether a name is that of a variable and of its type, where that is possible.
fn is_named_as_its_type<'s>(sketch: &Sketch<'s>, scope: ScopeRef, name: &'s str) -> bool {
    let bound = || sketch.look_up(scope, name).map(|(_, binding)| &binding.hint);
    sketch.apart != Apart::Nothing
        && matches!(bound(), Some(Hint::Instance(path)) if *path.names.as_slice() == [name])
}

/// Whether a node is read like a value: a variable, or a property, which is a method by its looks.
fn is_value(sketch: &Sketch<'_>, node: NodeRef) -> bool {
    let kind = sketch.nodes.get(node as usize).map_or("", |node| node.kind.as_str());
    matches!(kind, node_kind::VARIABLE | node_kind::METHOD)
}

fn target(sketch: &Sketch<'_>, place: Place<'_>) -> Option<Target> {
    let (start, members) = match place {
        Place::Known(Start::Node(node), members)
            if members.is_empty() && sketch.elsewhere.contains(&node) =>
        {
            return Some(declared(sketch, node));
        }
        Place::Known(Start::Node(node), members) if members.is_empty() => return Some(Target::Node(node)),
        Place::Known(start, members) => (start, members),
        Place::Member(name) => return Some(Target::Member(name.to_owned())),
        Place::Local => return None,
    };
    Some(Target::Path(root_of(start), members.into_iter().map(str::to_owned).collect()))
}

pub(super) fn root_of(start: Start<'_>) -> Root {
    match start {
        Start::Node(node) => Root::Node(node),
        Start::Import(import) => Root::Import(import),
        Start::Super(class) => Root::Super(class),
        Start::Within(class) => Root::Within(class),
        Start::Free(name) => Root::Free(name.to_owned()),
    }
}

/// A declared thing by its name, so that its definition is found wherever it stands.
fn declared(sketch: &Sketch<'_>, node: NodeRef) -> Target {
    let name = sketch.nodes.get(node as usize).map_or_else(String::new, |node| node.name.to_string());
    match sketch.parent(node) {
        0 => Target::Path(Root::Free(name), Vec::new()),
        holder => Target::Path(Root::Node(holder), vec![name]),
    }
}

/// The exports: for each name what it stands for, definitions before imports before plain variables, so that
/// `try: from fast import f` wins over the `f = None` of its `except`.
fn exports(sketch: &mut Sketch<'_>) -> Vec<Export> {
    let mut exports = std::mem::take(&mut sketch.exports);
    let mut seen = HashSet::new();
    let mut imports: HashMap<&str, Vec<u32>> = HashMap::new();
    for (name, import) in &sketch.imported {
        imports.entry(name).or_default().push(*import);
    }
    for (name, local) in &sketch.exported {
        let Some(binding) = sketch.bindings.get(&(0, *local)) else { continue };
        let node = |node: Option<NodeRef>| node.map(ExportTarget::Node);
        if !seen.insert((*name, *local)) {
            continue;
        }
        let imported = imports.get(local).into_iter().flatten();
        let imported = imported.filter(|import| binding.alternatives.include(**import));
        let targets = node(binding.definition)
            .into_iter()
            .chain(imported.map(|import| ExportTarget::Import(*import)))
            .chain(node(binding.variable))
            .chain(node(binding.type_definition.filter(|part| binding.definition != Some(*part))))
            .chain(node(binding.namespace));
        exports.extend(targets.map(|target| Export { name: (*name).to_owned(), target }));
    }
    exports
}
