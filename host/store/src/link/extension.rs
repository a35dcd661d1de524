//! Members that are written for a type elsewhere and give way to those that the type has itself: extension methods.

use super::namespace::{first_and_rest, first_of_repeats};
use super::rule::{FactsView, Linker, Missing, Place};
use super::symbol::qualified;
use crate::keyspace::FileOrd;
use crate::model::Export;

/// The families that have such members. In the others nothing is asked for them.
const FAMILIES: [&str; 1] = ["csharp"];

impl<V: FactsView> Linker<'_, V> {
    /// A member that is written for a type, or for one of its bases, in the namespace of that.
    pub(super) fn extension(&mut self, file: FileOrd, row: u32, name: &str) -> Result<Place, Missing> {
        if !FAMILIES.contains(&self.segment.family()) {
            return Ok(Place::Outside);
        }
        let ancestors = self.ancestors(file, row)?;
        for (file, row) in std::iter::once((file, row)).chain(ancestors.iter().copied()) {
            let segment = self.facts(file)?;
            let Some(namespace) = segment.namespace() else { continue };
            let id = segment.id(row);
            let place =
                self.in_namespace(namespace, &of_type(first_of_repeats(qualified(segment, &id)), name), 0)?;
            if place != Place::Outside {
                return Ok(place);
            }
        }
        Ok(Place::Outside)
    }

    /// A member that one of these namespaces has for a type of the outside. The type may have one of the same name, so
    /// this is doubtful.
    pub(super) fn extension_of_outside<'p>(
        &mut self,
        namespaces: &[&str],
        type_: &str,
        path: &'p str,
    ) -> Result<(Place, &'p str), Missing> {
        let (name, rest) = first_and_rest(path);
        if name.is_empty() || !FAMILIES.contains(&self.segment.family()) {
            return Ok((Place::Outside, rest));
        }
        for namespace in namespaces {
            let place = self.in_namespace(namespace, &of_type(type_, name), 0)?;
            if place != Place::Outside {
                self.doubts.is_here = true;
                return Ok((place, rest));
            }
        }
        Ok((Place::Outside, rest))
    }
}

fn of_type(type_: &str, name: &str) -> String {
    format!("{type_}{}.{name}", Export::EXTENSION)
}
