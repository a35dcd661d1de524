//! Members by their names alone: what is guessed where nothing is known of the value before a name.
//!
//! A guess is made of one candidate only, and only where it [can be meant](Reach): how far each member reaches is said by
//! who knows the language, so that here all are alike.

use super::builtin;
use super::namespace::first_of_repeats;
use super::python_values;
use super::rule::{FactsView, Linker, Missing, Place};
use super::symbol::qualified;
use super::term;
use crate::keyspace::FileOrd;
use crate::model::{Reach, Resolution, edge_kind, node_kind};
use crate::segment::Segment;

/// The family of Python.
const PYTHON: &str = "python";

/// None, one, or more than one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Few {
    #[default]
    None,
    One(FileOrd, u32),
    Many,
}

impl Few {
    pub(crate) fn add(&mut self, file: FileOrd, row: u32) {
        *self = match self {
            Self::None => Self::One(file, row),
            _ => Self::Many,
        };
    }
}

/// A name of members in one family of languages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MemberName {
    pub(crate) family: String,
    pub(crate) name: String,
}

impl MemberName {
    pub(crate) fn new(family: &str, name: &str) -> Self {
        Self { family: family.to_owned(), name: name.to_owned() }
    }
}

/// Which members of classes have a name, in all files of a family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members {
    /// Methods only: what a call may mean.
    pub(crate) methods: Few,
    /// Every member: what reading an attribute may mean.
    pub(crate) all: Few,
}

impl Members {
    /// Adds those of one file.
    pub(crate) fn add(&mut self, file: FileOrd, segment: &Segment, wanted: &MemberName) {
        for row in segment.rows_named(&wanted.name) {
            if segment.family() == wanted.family && is_candidate(segment, row) {
                self.add_row(file, segment, row);
            }
        }
    }

    /// Adds one that is known to be a [candidate](is_candidate).
    pub(crate) fn add_row(&mut self, file: FileOrd, segment: &Segment, row: u32) {
        self.all.add(file, row);
        if segment.kind(row) == node_kind::METHOD {
            self.methods.add(file, row);
        }
    }

    /// Whether no further file can change the answer.
    pub(crate) fn is_settled(&self) -> bool {
        self.methods == Few::Many && self.all == Few::Many
    }
}

/// Whether a node is a member that may be meant by its name behind a value.
pub(crate) fn is_candidate(segment: &Segment, row: u32) -> bool {
    segment.is_member(row) && segment.reach(row) != Reach::Nowhere
}

impl<V: FactsView> Linker<'_, V> {
    /// The one member that has a name, if it is the only one and can be meant where the reference stands.
    pub(super) fn by_name(&mut self, kind: &str, name: &str) -> Result<(Place, Resolution), Missing> {
        self.asked.push(term::asks_name(self.segment.family(), name));
        let members = self.view.members(self.segment.family(), name)?;
        let family = self.segment.family();
        let is_call = edge_kind::is_call(kind);
        let calls_all = is_call && builtin::calls_properties(family);
        let is_any = !is_call || calls_all && members.methods == Few::None;
        let others_have_it = builtin::has_method(family, name) || calls_all && members.all == Few::Many;
        let (file, row) = match if is_any { members.all } else { members.methods } {
            Few::None => return Ok((Place::Outside, Resolution::Unresolved)),
            // So does everything else.
            Few::One(..) if family == PYTHON && python_values::all_have(name) => {
                return Ok((Place::Outside, Resolution::Ambiguous));
            }
            // A list has a method of the name as well.
            Few::One(..) if is_call && family == PYTHON && python_values::have_method(name) => {
                return Ok((Place::Outside, Resolution::Ambiguous));
            }
            Few::One(..) if others_have_it => return Ok((Place::Outside, Resolution::Ambiguous)),
            Few::One(file, row) => (file, row),
            Few::Many => return Ok((Place::Outside, Resolution::Ambiguous)),
        };
        let segment = self.facts(file)?;
        let refused = match segment.reach(row) {
            Reach::Everywhere => None,
            Reach::Doubtful => Some(Resolution::Ambiguous),
            reach => (!self.is_within(reach, file, segment, row)).then_some(Resolution::Unresolved),
        };
        Ok(match refused {
            None => (Place::Node(file, row), Resolution::UniqueName),
            Some(how) => {
                // What is said of the member may change, and it be meant.
                self.asked.push(term::asks_id(&segment.id(row)));
                (Place::Outside, how)
            }
        })
    }

    /// Whether the reference stands where the bare name of a member may mean it.
    fn is_within(&self, reach: Reach<'_>, file: FileOrd, segment: &Segment, row: u32) -> bool {
        let own = self.segment;
        match reach {
            Reach::Everywhere | Reach::Doubtful => true,
            Reach::Nowhere => false,
            Reach::File => file == self.own,
            Reach::Namespace => own.namespace() == segment.namespace(),
            Reach::Below(stem) => is_below(own.namespace().unwrap_or_default(), stem),
            Reach::Holder => {
                let (member, source) = (segment.id(row), own.id(self.source()));
                let member = qualified(segment, &member);
                let holder = member.rsplit_once('.').map_or("", |(holder, _)| first_of_repeats(holder));
                qualified(own, &source)
                    .strip_prefix(holder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#']))
            }
        }
    }
}

/// Whether a namespace is one of this path, or below it.
fn is_below(namespace: &str, stem: &str) -> bool {
    let path = namespace.split_once(':').map_or(namespace, |(_, path)| path);
    stem.is_empty() || path.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
