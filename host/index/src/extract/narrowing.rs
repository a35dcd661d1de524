//! Parts of a file in which more is known of a local value than where it is bound: `if isinstance(x, A):`.

use std::collections::HashMap;

use super::places::{MOST_HOPS, Manner, Place};
use super::sketch::{Base, Hint, ScopeRef, Sketch, Use};

/// How many parts of a file are remembered for one name: looking one up goes through all of them.
const MOST_PARTS: usize = 1000;

/// What is known of a name in a part of the file.
#[derive(Clone, Debug)]
struct Narrowing<'s> {
    scope: ScopeRef,
    start: u32,
    end: u32,
    hint: Hint<'s>,
}

/// The parts of a file in which more is known of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrowings<'s> {
    parts: HashMap<&'s str, Vec<Narrowing<'s>>>,
}

impl<'s> Narrowings<'s> {
    /// From one byte to another, a name as seen from a scope is this.
    pub(crate) fn add(&mut self, name: &'s str, scope: ScopeRef, part: (usize, usize), hint: Hint<'s>) {
        let (Ok(start), Ok(end)) = (u32::try_from(part.0), u32::try_from(part.1)) else { return };
        let parts = self.parts.entry(name).or_default();
        if parts.len() < MOST_PARTS && start < end {
            parts.push(Narrowing { scope, start, end, hint });
        }
    }

    /// From this byte on the name is something else. To be told in source order, while the parts around are open.
    pub(crate) fn end(&mut self, name: &str, at: usize) {
        let Some(parts) = self.parts.get_mut(name) else { return };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        for part in parts.iter_mut().filter(|part| part.start <= at && at < part.end) {
            part.end = at;
        }
    }
}

impl<'s> Sketch<'s> {
    /// What a use means by what is known of its first name in this part of the file; none if that is nothing more than
    /// elsewhere.
    pub(super) fn narrowed(&self, used: &Use<'s>, members: &[&'s str], manner: Manner) -> Option<Place<'s>> {
        let Base::Name(name) = used.base else { return None };
        let parts = self.narrowings.parts.get(name).filter(|_| !members.is_empty())?;
        let at = used.span.start_byte;
        let (scope, binding) = self.look_up(used.scope, name)?;
        let is_local = binding.local && binding.receiver.is_none() && binding.definition.is_none();
        let here = parts.iter().filter(|part| part.start <= at && at < part.end);
        // The last one is the innermost.
        let narrowing = here
            .filter(|part| is_local && self.look_up(part.scope, name).is_some_and(|(seen, _)| seen == scope))
            .max_by_key(|part| part.start)?;
        Some(self.through_hint(&narrowing.hint, members, manner, MOST_HOPS))
    }
}
