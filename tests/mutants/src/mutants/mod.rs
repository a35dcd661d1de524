//! The lists of mutants, group by group, each with the twists that make them.

mod batches;
mod capabilities;
mod closing;
mod deletes;
mod durability;
mod errors;
mod executors;
mod gets;
mod isolation;
mod opening;
mod paging;
mod preconditions;
mod revisions;
mod scans;
mod snapshots;
mod time;
mod values;

use crate::mutant::Mutant;
use crate::twist::MakeTwist;

/// Those that read wrongly: each is tried on a store, and once more on its snapshots.
pub(crate) const READS: &[&[Mutant]] = &[gets::MUTANTS, paging::MUTANTS, scans::MUTANTS];

/// All of them.
pub(crate) const GROUPS: &[&[Mutant]] = &[
    values::MUTANTS,
    gets::MUTANTS,
    scans::MUTANTS,
    paging::MUTANTS,
    batches::MUTANTS,
    deletes::MUTANTS,
    preconditions::MUTANTS,
    isolation::MUTANTS,
    snapshots::MUTANTS,
    durability::MUTANTS,
    opening::MUTANTS,
    closing::MUTANTS,
    executors::MUTANTS,
    capabilities::MUTANTS,
    errors::MUTANTS,
    revisions::MUTANTS,
    time::MUTANTS,
];

/// A twist that is right as long as its fault is none that it knows.
pub(crate) const TWIST: MakeTwist = scans::twist;
