//! Links: what the references of a file mean, derived from the facts of all files by one rule.
//!
//! A file's links are a pure function of its own facts and of the answers to the questions that the rule asked
//! about other files: which file is this module, what does it export under this name, what do namespaces define under
//! a symbol, is there a node with this id and what is its value, which members have this name. Every question is recorded as a *term*. When files change, the terms whose
//! answers may have changed are known, the inverted index says which files asked them, and exactly those are
//! linked again. So the result of any sequence of updates is that of linking everything from nothing.

mod alternatives;
mod builtin;
mod change;
mod extension;
mod inheritance;
mod kinds;
mod lookup;
mod members;
mod namespace;
mod part;
mod python_values;
mod record;
mod rule;
mod side;
mod slots;
mod symbol;
pub(crate) mod term;
mod text;
mod value;

pub(crate) use change::{ChangedTerms, changed_terms};
pub(crate) use members::{Few, MemberName, Members, is_candidate};
#[cfg(test)]
pub(crate) use record::LinkBuilder;
pub(crate) use record::{KNOWN_KINDS, Link, LinkEdges, LinkRecord, LinkTarget, LooseCounts};
pub(crate) use rule::{FactsView, Lacking, Missing, link_file, still_lacking};
pub(crate) use slots::SlotTable;
pub(crate) use symbol::{
    Precedence, Symbol, first_of_repeats_row, part, path_of_node, symbol_in, symbols_of,
};
pub(crate) use text::{final_name, is_same_text, loose_name_of_target, target_text, write_target_text};
