//! What Python does with the bases of a class before it puts them into order.

use std::collections::HashSet;

use super::linearisation::{Bases, Class};

/// What every class of Python inherits from.
pub(super) const OBJECT: &str = "unresolved:object";

/// `typing.Generic`, which gives way to a base that is generic itself.
const GENERIC: [&str; 2] = ["unresolved:typing.Generic", "unresolved:typing_extensions.Generic"];

/// `typing.Protocol`, which inherits from `Generic`.
const PROTOCOL: [&str; 2] = ["unresolved:typing.Protocol", "unresolved:typing_extensions.Protocol"];

/// Whether it is known what a class inherits from that is not in the repository.
pub(super) fn is_known(text: &str) -> bool {
    text == OBJECT || text == "unresolved:abc.ABC" || GENERIC.contains(&text) || PROTOCOL.contains(&text)
}

/// Adds what every class inherits from to those without bases, and lets `Generic` give way. Classes that are not in the
/// repository have a text; what they inherit from is taken to be nothing else. Returns the number of `object`.
pub(super) fn add_builtins(classes: &mut Vec<Bases>, texts: &mut Vec<Option<&str>>) -> Class {
    let object = add(classes, texts, &[OBJECT]);
    let has_protocol = texts.iter().flatten().any(|text| PROTOCOL.contains(text));
    if has_protocol {
        add(classes, texts, &GENERIC);
    }
    let generics: HashSet<Class> = numbers(texts, &GENERIC);
    let protocols: HashSet<Class> = numbers(texts, &PROTOCOL);
    let is_generic = generic_classes(classes, texts, &generics, &protocols);
    for (class, bases) in (0..).zip(classes.iter_mut()) {
        drop_generic(bases, &generics, &protocols, &is_generic);
        if bases.named.is_empty() && class != object {
            let generic = generics.iter().min().filter(|_| protocols.contains(&class));
            bases.named.push((generic.copied().unwrap_or(object), None));
        }
    }
    object
}

/// The number of the first class that is called so; a new one if none is.
fn add<'a>(classes: &mut Vec<Bases>, texts: &mut Vec<Option<&'a str>>, names: &[&'a str]) -> Class {
    let mut known = texts.iter();
    let position =
        known.position(|text| text.is_some_and(|text| names.contains(&text))).unwrap_or_else(|| {
            texts.push(names.first().copied());
            classes.push(Bases::default());
            texts.len() - 1
        });
    Class::try_from(position).unwrap_or(Class::MAX)
}

fn numbers(texts: &[Option<&str>], names: &[&str]) -> HashSet<Class> {
    let numbered = (0..).zip(texts);
    numbered
        .filter(|(_, text)| text.is_some_and(|text| names.contains(&text)))
        .map(|(class, _)| class)
        .collect()
}

/// The classes that inherit from `Generic`, and those that may because they are not in the repository.
fn generic_classes(
    classes: &[Bases],
    texts: &[Option<&str>],
    generics: &HashSet<Class>,
    protocols: &HashSet<Class>,
) -> HashSet<Class> {
    let mut below: Vec<Vec<Class>> = vec![Vec::new(); classes.len()];
    for (class, bases) in (0..).zip(classes) {
        for (base, _) in &bases.named {
            if let Some(below) = below.get_mut(*base as usize) {
                below.push(class);
            }
        }
    }
    let mut waiting: Vec<Class> = generics.union(protocols).copied().collect();
    let mut found: HashSet<Class> = waiting.iter().copied().collect();
    while let Some(class) = waiting.pop() {
        for class in below.get(class as usize).into_iter().flatten() {
            if found.insert(*class) {
                waiting.push(*class);
            }
        }
    }
    let outside = (0..).zip(texts).filter(|(_, text)| text.is_some_and(|text| text != OBJECT));
    found.extend(outside.map(|(class, _)| class));
    found
}

/// `Generic[T]` is left out beside `Protocol`, and before another generic base.
fn drop_generic(
    bases: &mut Bases,
    generics: &HashSet<Class>,
    protocols: &HashSet<Class>,
    is_generic: &HashSet<Class>,
) {
    if !bases.named.iter().any(|(base, _)| generics.contains(base)) {
        return;
    }
    let has_protocol = bases.named.iter().any(|(base, _)| protocols.contains(base));
    let last_generic = bases.named.iter().rposition(|(base, _)| is_generic.contains(base));
    let mut position = 0;
    bases.named.retain(|(base, _)| {
        let gives_way = has_protocol || last_generic.is_some_and(|last| position < last);
        position += 1;
        !(generics.contains(base) && gives_way)
    });
}
