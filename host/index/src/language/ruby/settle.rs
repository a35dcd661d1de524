//! What can be said of names only when the file has been read: whether its class defines a method, and whether a
//! module around a constant does.

use std::collections::{HashMap, HashSet};

use codestrata::model::{ImportedName, Node, node_kind};

use super::core_methods;
use super::declarations::ACCESSOR;
use crate::extract::{Base, Hint, NodeRef, Reading, ScopeRef, TypePath, Use};

/// An object of an unknown class, as the base of a name. No name of the source is written so.
const SOMETHING: &str = "*";

/// The most modules around a constant that are looked through for it.
const MOST_NESTED: usize = 16;

pub(super) fn settle(reading: &mut Reading<'_, '_>) {
    let assigned = assigned(reading);
    type_accessors(&assigned, reading);
    settle_members(&assigned, reading);
    withhold_core_methods(&assigned, reading);
    import_constants(reading);
}

/// The variables of objects that the file assigns, and whether it says of which class their values are.
type Assigned<'s> = HashMap<(NodeRef, &'s str), bool>;

fn assigned<'s>(reading: &Reading<'s, '_>) -> Assigned<'s> {
    let mut assigned = Assigned::new();
    for assignment in &reading.sketch.assignments {
        let class = super::class_of_self(assignment.scope, reading);
        let Some(key) = class.zip(assignment.attribute) else { continue };
        *assigned.entry(key).or_default() |= is_typed(&assignment.hint);
    }
    assigned
}

fn is_typed(hint: &Hint<'_>) -> bool {
    matches!(hint, Hint::Instance(_) | Hint::SameAs(_))
}

/// What `attr_reader :name` gives is what is assigned to `@name`.
fn type_accessors<'s>(assigned: &Assigned<'s>, reading: &mut Reading<'s, '_>) {
    for (class, variable) in assigned.keys() {
        let Some(name) = variable.strip_prefix('@') else { continue };
        let Some(scope) = reading.sketch.scope_of(*class) else { continue };
        let nodes = &reading.sketch.nodes;
        let Some(member) = reading.sketch.members.get_mut(&(*class, name)) else { continue };
        let node = member.node.and_then(|node| nodes.get(node as usize));
        if node.is_some_and(|node| node.attributes.contains_key(ACCESSOR)) {
            member.hint = Hint::SameAs(TypePath { scope, names: vec!["self", variable] });
        }
    }
}

/// A call on `self` of a method that its class does not define in this file may mean an inherited one or a function of
/// the top level. What such a method returns is not known.
fn settle_members<'s>(assigned: &Assigned<'s>, reading: &mut Reading<'s, '_>) {
    let mut uses = std::mem::take(&mut reading.sketch.uses);
    for used in &mut uses {
        let Base::Name("self") = used.base else { continue };
        let members = reading.sketch.members_of_use(used);
        let Some((first, rest)) = members.split_first() else { continue };
        let Some(class) = super::class_of_self(used.scope, reading) else { continue };
        let key = (class, *first);
        if reading.sketch.members.contains_key(&key) || assigned.contains_key(&key) {
            continue;
        }
        let is_mixed_in =
            rest.is_empty() && !first.starts_with('@') && is_in_mixin(class, used.source, reading);
        if !rest.is_empty() || is_mixed_in {
            used.base = Base::Unknown;
            used.members.0 = used.members.1 - 1;
        } else if !first.starts_with('@') && !super::is_local(first, used.scope, reading) {
            used.base = Base::Name(first);
            used.members.0 = used.members.1;
        }
    }
    reading.sketch.uses = uses;
}

/// Whether `self` is an object of whatever class the module is mixed into, of which nothing is known here.
fn is_in_mixin(class: NodeRef, source: NodeRef, reading: &Reading<'_, '_>) -> bool {
    let node = |node: NodeRef| reading.sketch.nodes.get(node as usize);
    let is_module = node(class).is_some_and(|class| class.kind == node_kind::TRAIT);
    let is_of_object =
        |method: &Node| method.kind == node_kind::METHOD && !method.attributes.contains_key("static");
    is_module && node(source).is_some_and(is_of_object)
}

/// A method that objects of Ruby's own classes have is not looked for by its name alone: `text.sub` is none of ours
/// because we happen to have one class with a `sub`. Such a call stays without a target.
fn withhold_core_methods(assigned: &Assigned<'_>, reading: &mut Reading<'_, '_>) {
    let mut uses = std::mem::take(&mut reading.sketch.uses);
    let mut withheld = false;
    for used in &mut uses {
        let is_core = reading.sketch.members_of_use(used).last().is_some_and(|it| core_methods::contains(it));
        if is_core && is_called_on_something(used, assigned, reading) {
            used.base = Base::Name(SOMETHING);
            used.members.0 = used.members.1 - 1;
            withheld = true;
        }
    }
    if withheld {
        let import = reading.sketch.import(Vec::new(), SOMETHING, ImportedName::Module, None);
        reading.sketch.bind_import(0, SOMETHING, import);
    }
    reading.sketch.uses = uses;
}

/// Whether nothing is known of the object whose member is used.
fn is_called_on_something<'s>(used: &Use<'s>, assigned: &Assigned<'s>, reading: &Reading<'s, '_>) -> bool {
    match (used.base, reading.sketch.members_of_use(used)) {
        (Base::Unknown, _) => true,
        (Base::Name("self"), [first, _]) => {
            let Some(class) = super::class_of_self(used.scope, reading) else { return true };
            let member = reading.sketch.members.get(&(class, *first));
            let is_known = member.is_some_and(|member| is_typed(&member.hint));
            !is_known && !assigned.get(&(class, *first)).copied().unwrap_or(false)
        }
        (Base::Name(name), [_]) => {
            let bound = reading.sketch.look_up(used.scope, name).map(|(_, binding)| binding);
            bound.is_some_and(|it| it.local && it.receiver.is_none() && !is_typed(&it.hint))
        }
        _ => false,
    }
}

/// Binds the constants that the file uses in modules and does not define: they are looked for in each module around,
/// inner to outer, and then at the top level.
fn import_constants(reading: &mut Reading<'_, '_>) {
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    for used in &reading.sketch.uses {
        let Base::Name(name) = used.base else { continue };
        let absolute = name.strip_prefix("::");
        if !absolute.unwrap_or(name).starts_with(char::is_uppercase) {
            continue;
        }
        let scope = reading.sketch.holding_scope(used.scope);
        let scope = if absolute.is_some() { 0 } else { scope };
        if seen.insert((scope, name)) && reading.sketch.look_up(scope, name).is_none() {
            wanted.push((scope, name));
        }
    }
    for (scope, name) in wanted {
        let is_absolute = name.starts_with("::");
        let candidates = if is_absolute { vec![String::new()] } else { namespaces_around(scope, reading) };
        if scope == 0 && !is_absolute {
            continue;
        }
        let imported = ImportedName::Name(name.trim_start_matches(':').to_owned());
        let import = reading.sketch.import(candidates, "", imported, None);
        reading.sketch.bind_import(scope, name, import);
    }
}

/// The namespaces in which a constant is looked for, inner to outer.
fn namespaces_around(scope: ScopeRef, reading: &Reading<'_, '_>) -> Vec<String> {
    let mut namespaces = Vec::new();
    let mut next = Some(scope);
    while let Some(here) = next.filter(|_| namespaces.len() < MOST_NESTED) {
        let facts = reading.sketch.scope(here);
        next = facts.parent;
        let Some(node) = facts.members_of.and_then(|holder| reading.sketch.nodes.get(holder as usize)) else {
            continue;
        };
        let name = node.id.strip_prefix(reading.sketch.path).and_then(|id| id.strip_prefix("::"));
        namespaces.extend(name.map(|name| name.replace('.', "/")));
    }
    namespaces.push(String::new());
    namespaces
}
